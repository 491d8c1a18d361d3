//! What is said in a room: messages of clients, system messages, changes and recalls.

use std::sync::Arc;

use compact_str::CompactString;

use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::json::{Json, Members, set};
use crate::domain::imkit::membership::Person;
use crate::domain::imkit::message::Message;
use crate::domain::imkit::room::{Actor, Room, Shown};
use crate::domain::imkit::user::{Client, bare_name};
use crate::kernel::fact::{Fact, Field, Fields, Leaver};
use crate::kernel::names::UserId;
use crate::kernel::turn::Turn;

/// The type of a message that was taken back.
pub const RECALL: &str = "recall";

/// What a client wants to say.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The type; `None` keeps the one a message has, and is `text` for a new one.
    pub kind: Option<CompactString>,
    /// The content, by its names.
    pub content: Members,
    /// Who is mentioned; `None` where nothing was said of it.
    pub mentions: Option<Vec<UserId>>,
    /// The message that this one answers.
    pub reply: Option<CompactString>,
    /// Who it comes from; `None` for the platform administrator alone.
    pub sender: Option<UserId>,
}

/// A message that the server itself makes.
#[derive(Debug)]
pub struct System {
    kind: &'static str,
    member: Option<UserId>,
    content: Members,
}

impl System {
    /// Somebody joined.
    pub fn joined() -> Self {
        Self { kind: "joinRoom", member: None, content: Members::new() }
    }

    /// Somebody left.
    pub fn left() -> Self {
        Self { kind: "leaveRoom", member: None, content: Members::new() }
    }

    /// People were added.
    pub fn added(people: &[&Person]) -> Self {
        Self { kind: "addMembers", member: None, content: about(people, "invitees") }
    }

    /// People were removed.
    pub fn removed(people: &[&Person]) -> Self {
        let member = people.first().map(|person| person.id.clone());
        // Assumed: the message about a removal has the type deleteMember with both member and extra.members.
        Self { kind: "deleteMember", member, content: about(people, "members") }
    }

    /// Somebody became an admin.
    pub fn promoted(person: &Person) -> Self {
        let member = Some(person.id.clone());
        // Assumed: the message about a new admin has its sender, the member, and the member's name as its text.
        let content = about(&[person], "members").into_iter().filter(|(name, _)| name == "message").collect();
        Self { kind: "assignAdmin", member, content }
    }

    /// Invitations were taken back.
    pub fn cancelled(people: &[&Person]) -> Self {
        Self { kind: "cancelInvitations", member: None, content: about(people, "invitees") }
    }
}

/// The names in words and, under `extra`, the people themselves.
fn about(people: &[&Person], list: &str) -> Members {
    let names = people.iter().map(|person| match &person.client {
        Some(client) => client.shown_name(),
        None => bare_name(&person.id),
    });
    let named = people.iter().map(|person| match &person.client {
        Some(client) => client.named(),
        None => Client { id: person.id.clone(), ..Client::default() }.named(),
    });
    let message = Json::string_of_inner(&names.collect::<Vec<_>>().join(", "));
    vec![("message".into(), message), ("extra".into(), Json::object([(list, Json::array(named))]))]
}

impl Room {
    /// Sends a message.
    ///
    /// # Errors
    /// The caller is no member, or the room is frozen.
    pub fn send(&mut self, turn: &mut Turn<'_>, actor: &Actor, draft: Draft) -> Result<Shown, ImkitError> {
        let receiver = self.receiver(turn);
        self.say(turn, actor, draft, receiver)
    }

    /// Sets the robot's state; the same again is no change.
    pub fn set_bot_state(&mut self, turn: &mut Turn<'_>, bot_state: String) {
        if bot_state != self.info.bot_state {
            let fields = vec![("botState", bot_state.as_str().into())];
            Arc::make_mut(&mut self.info).bot_state = bot_state;
            turn.record(Fact::InfoChanged { fields }, self.audience(&[]));
        }
    }

    /// Sends what the room's own receiver answered, which is not told of it again.
    ///
    /// # Errors
    /// The room is frozen.
    pub fn answer(&mut self, turn: &mut Turn<'_>, draft: Draft) -> Result<(), ImkitError> {
        let actor = Actor { client: draft.sender.clone().unwrap_or_default(), admin: true };
        self.say(turn, &actor, draft, Fields::new()).map(drop)
    }

    fn say(&mut self, turn: &mut Turn<'_>, actor: &Actor, draft: Draft, receiver: Fields) -> Result<Shown, ImkitError> {
        self.check_member(actor)?;
        self.check_active()?;
        self.check_may_speak(actor)?;
        let message = Message {
            id: turn.ids.object_id(turn.now.seconds()).into(),
            room: self.id.clone(),
            kind: draft.kind.unwrap_or_else(|| "text".into()),
            sender: draft.sender,
            member: None,
            content: draft.content,
            mentions: draft.mentions.unwrap_or_default(),
            reply: draft.reply,
            sent: turn.now,
            created: turn.now,
            updated: turn.now,
            ..Message::default()
        };
        Ok(self.post(turn, actor, message, &[], receiver))
    }

    /// Changes a message in place; the type `recall` takes it back. Neither counts as unread.
    ///
    /// # Errors
    /// The caller is no member, there is no such message, or it is somebody else's.
    pub fn change_message(
        &mut self,
        turn: &mut Turn<'_>,
        actor: &Actor,
        id: &str,
        draft: Draft,
    ) -> Result<Shown, ImkitError> {
        self.check_member(actor)?;
        let present = self.messages.get(id).ok_or_else(|| ImkitError::MessageMissing(id.to_owned()))?;
        let own = actor.client().is_some() && present.sender.as_ref() == actor.client();
        if !own && !self.is_superuser(actor) {
            return Err(ImkitError::NotSender { by: actor.client.clone(), message: id.to_owned() });
        }
        self.check_active()?;
        self.check_may_speak(actor)?;
        let mut message = Message::clone(present);
        message.updated = turn.now;
        let recalled = draft.kind.as_deref() == Some(RECALL);
        if recalled {
            message.kind = RECALL.into();
            message.content = vec![("message".into(), Json::string(""))];
            (message.mentions, message.reply) = (Vec::new(), None);
        } else {
            message.kind = draft.kind.unwrap_or(message.kind);
            draft.content.into_iter().for_each(|(name, value)| set(&mut message.content, &name, value));
            message.mentions = draft.mentions.unwrap_or(message.mentions);
            message.reply = draft.reply.or(message.reply);
            // Assumed: a changed message tells when it was edited, as an ISO time.
            message.edited = Some(turn.now);
        }
        let before = present.clone();
        let message = Arc::new(message);
        self.messages.replace(message.clone());
        self.forget_mentions(&before);
        let fields = fields_of(&message);
        let fact = if recalled { Fact::Recalled { fields } } else { Fact::Posted { fields } };
        turn.record(fact, self.audience(&[]));
        Ok(self.shown(&message, actor))
    }

    /// Posts a system message; those who have just left are told too.
    pub fn post_system(&mut self, turn: &mut Turn<'_>, actor: &Actor, system: System, left: &[Leaver]) {
        let message = Message {
            id: turn.ids.object_id(turn.now.seconds()).into(),
            room: self.id.clone(),
            kind: system.kind.into(),
            sender: actor.client().cloned(),
            member: system.member,
            content: system.content,
            mentions: Vec::new(),
            reply: None,
            sent: turn.now,
            created: turn.now,
            updated: turn.now,
            ..Message::default()
        };
        self.post(turn, actor, message, left, Fields::new());
    }

    fn post(&mut self, turn: &mut Turn<'_>, actor: &Actor, message: Message, left: &[Leaver], more: Fields) -> Shown {
        let message = Arc::new(message);
        self.properties.post(&self.members, message.sender.as_deref(), &message.id, &message.mentions);
        self.messages.push(message.clone());
        let mut fields = fields_of(&message);
        fields.extend(more);
        turn.record(Fact::Posted { fields }, self.audience(left));
        self.shown(&message, actor)
    }
}

/// A message, as facts carry it.
pub fn fields_of(message: &Arc<Message>) -> Fields {
    vec![("messageType", message.kind.as_str().into()), ("message", Field::Object(message.clone()))]
}
