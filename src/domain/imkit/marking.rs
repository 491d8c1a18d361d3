//! What is put on a message without changing what it says: pins, hiding, reactions.

use std::sync::Arc;

use compact_str::CompactString;

use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::message::{Message, Reaction};
use crate::domain::imkit::posting::fields_of;
use crate::domain::imkit::room::{Actor, Room, Shown};
use crate::kernel::fact::{Audience, Fact};
use crate::kernel::turn::Turn;

/// How many messages a call was about, and how many of them changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marked {
    /// It was about so many.
    pub matched: usize,
    /// So many changed.
    pub changed: usize,
}

impl Room {
    /// Pins a message, or takes the pin off.
    ///
    /// # Errors
    /// There is no such message, or the caller is no superuser.
    pub fn pin(&mut self, turn: &mut Turn<'_>, actor: &Actor, id: &str, pinned: bool) -> Result<Shown, ImkitError> {
        let message = self.message_to_run(actor, id, "pin messages")?;
        if message.pinned.unwrap_or(false) != pinned {
            self.mark(turn, &message, |message| message.pinned = Some(pinned));
        }
        self.shown_by_id(actor, id)
    }

    /// Hides a message from the room, or shows it again.
    ///
    /// # Errors
    /// There is no such message, or the caller is no superuser.
    pub fn hide(&mut self, turn: &mut Turn<'_>, actor: &Actor, id: &str, hidden: bool) -> Result<Shown, ImkitError> {
        let message = self.message_to_run(actor, id, "hide messages")?;
        self.set_hidden(turn, &[message], hidden);
        self.shown_by_id(actor, id)
    }

    /// Hides all messages of a sender, or shows them again.
    ///
    /// # Errors
    /// The caller is no superuser.
    pub fn hide_all_of(
        &mut self,
        turn: &mut Turn<'_>,
        actor: &Actor,
        sender: &str,
        hidden: bool,
    ) -> Result<Marked, ImkitError> {
        self.check_member(actor)?;
        self.check_superuser(actor, "hide messages")?;
        let said: Vec<Arc<Message>> = self.messages.iter().filter(|message| message.is_from(sender)).cloned().collect();
        Ok(Marked { matched: said.len(), changed: self.set_hidden(turn, &said, hidden) })
    }

    /// Notes what the actor's client thinks of a message; the same again is no change.
    ///
    /// # Errors
    /// It is no member, or there is no such message.
    pub fn react(
        &mut self,
        turn: &mut Turn<'_>,
        actor: &Actor,
        id: &str,
        reaction: CompactString,
    ) -> Result<Shown, ImkitError> {
        let client = self.check_inside(actor)?.clone();
        let message = self.message(id)?;
        let new = Reaction { client, reaction };
        // Assumed: a client may have several reactions to a message, each once.
        if !message.reactions.contains(&new) {
            self.mark(turn, &message, |message| message.reactions.push(new));
        }
        self.shown_by_id(actor, id)
    }

    /// Takes back what the actor's client thought of a message; what is not there is no change.
    ///
    /// # Errors
    /// It is no member, or there is no such message.
    pub fn unreact(
        &mut self,
        turn: &mut Turn<'_>,
        actor: &Actor,
        id: &str,
        reaction: CompactString,
    ) -> Result<Shown, ImkitError> {
        let client = self.check_inside(actor)?.clone();
        let message = self.message(id)?;
        let old = Reaction { client, reaction };
        if message.reactions.contains(&old) {
            self.mark(turn, &message, |message| message.reactions.retain(|present| *present != old));
        }
        self.shown_by_id(actor, id)
    }

    /// A message of the room.
    ///
    /// # Errors
    /// There is no such message.
    pub fn message(&self, id: &str) -> Result<Arc<Message>, ImkitError> {
        self.messages.get(id).cloned().ok_or_else(|| ImkitError::MessageUnknown(id.to_owned()))
    }

    fn message_to_run(&self, actor: &Actor, id: &str, what: &'static str) -> Result<Arc<Message>, ImkitError> {
        self.check_member(actor)?;
        let message = self.message(id)?;
        self.check_superuser(actor, what)?;
        Ok(message)
    }

    fn shown_by_id(&self, actor: &Actor, id: &str) -> Result<Shown, ImkitError> {
        Ok(self.shown(&self.message(id)?, actor))
    }

    /// Hides messages of one sender, oldest first, or shows them again; how many that changes.
    fn set_hidden(&mut self, turn: &mut Turn<'_>, said: &[Arc<Message>], hidden: bool) -> usize {
        let changed: Vec<&Arc<Message>> = said.iter().filter(|message| message.is_hidden() != hidden).collect();
        for message in &changed {
            self.mark(turn, message, |message| message.hidden = Some(hidden));
        }
        let places = changed.iter().filter_map(|message| self.messages.kept(&message.id));
        let numbers: Vec<i64> = places.map(|kept| kept.number).collect();
        let sender = said.first().and_then(|message| message.sender.as_ref());
        // Assumed: a message that is hidden counts as unread for nobody as long as it is hidden.
        self.properties.recount(&numbers, sender, if hidden { -1 } else { 1 });
        if hidden {
            changed.iter().for_each(|message| self.forget_mentions(message));
        }
        changed.len()
    }

    fn mark(&mut self, turn: &mut Turn<'_>, message: &Message, change: impl FnOnce(&mut Message)) {
        let mut changed = message.clone();
        change(&mut changed);
        // Assumed: a pin, a hiding or a reaction is an update of the message: its time of update is new, and all members are told.
        changed.updated = turn.now;
        let changed = Arc::new(changed);
        self.messages.replace(changed.clone());
        turn.record(Fact::Posted { fields: fields_of(&changed) }, Audience::members(&self.members, &[], None));
    }
}
