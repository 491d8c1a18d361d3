//! Room: one IMKIT room — what it is, who may do what with it, and how it is looked at.

use std::collections::BTreeMap;
use std::sync::Arc;

use compact_str::CompactString;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::domain::imkit::blocks::Block;
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::invitations::Invitations;
use crate::domain::imkit::json::Json;
use crate::domain::imkit::message::{Message, Messages};
use crate::domain::imkit::properties::{Properties, PropertyLine};
use crate::domain::imkit::user_groups::UserGroups;
use crate::domain::settings::ImkitOptions;
use crate::kernel::clock::Timestamp;
use crate::kernel::fact::{Field, Fields};
use crate::kernel::names::{EntityId, UserId};
use crate::kernel::registry::Entity;
use crate::kernel::roster::Roster;
use crate::kernel::turn::Turn;

/// The kind of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RoomType {
    /// For a pair.
    Direct,
    /// For many.
    Group,
    /// Known to the schema only.
    Custom,
}

impl RoomType {
    /// The vendor's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Group => "group",
            Self::Custom => "custom",
        }
    }

    /// The kind of this word.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Direct, Self::Group, Self::Custom].into_iter().find(|kind| kind.word() == word)
    }
}

/// What a room is, its people and messages aside; `None` where it was never set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoomInfo {
    /// The name.
    pub name: Option<String>,
    /// The picture's address.
    pub cover: Option<String>,
    /// A text.
    pub description: Option<String>,
    /// The kind; absent counts as group.
    pub room_type: Option<RoomType>,
    /// The owner.
    pub owner: Option<UserId>,
    /// Who else runs the room.
    pub managers: Option<Vec<UserId>>,
    /// Where the room's events go: a URL or a key.
    pub webhook: Option<String>,
    /// The robot's state.
    pub bot_state: String,
    /// Whether a robot answers.
    pub bot_mode: bool,
    /// Whether messages are encrypted between clients.
    pub encrypted: bool,
    /// The state of customer service.
    pub service_status: i64,
    /// Shared tags.
    pub room_tags: Vec<String>,
    /// 0 inactive, 1 active.
    pub status: u8,
    /// 0 closed, 1 open for joining and inviting.
    pub opening: Option<u8>,
    /// The application's own parameters.
    pub ext_params: Option<String>,
    /// A free object of the old shape.
    pub data: Option<Json>,
}

impl RoomInfo {
    /// An active room of which nothing else is known.
    pub fn plain() -> Self {
        Self { status: 1, ..Self::default() }
    }
}

/// What one client prefers in one room.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Preference {
    /// Personal tags.
    pub tags: Vec<String>,
    /// Colours of tags.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag_colors: Option<Json>,
    /// Not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<bool>,
    /// On top.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sticky: Option<bool>,
    /// Stored only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub muted: Option<bool>,
    /// A folder's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// Translate messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub translation: Option<bool>,
    /// When the client left or was removed.
    #[serde(with = "crate::domain::imkit::iso::optional", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub quitted_at: Option<Timestamp>,
}

/// Who acts on a room.
#[derive(Clone, Debug, Default)]
pub struct Actor {
    /// The client; empty for the platform administrator who names none.
    pub client: UserId,
    /// Whether it is the platform administrator.
    pub admin: bool,
}

impl Actor {
    /// The acting client, if there is one.
    pub fn client(&self) -> Option<&UserId> {
        Some(&self.client).filter(|client| !client.is_empty())
    }
}

/// A room's receiver as facts carry it: a URL or a key. Shown without its query, in which secrets may stand.
#[derive(Clone, Debug)]
pub struct Webhook(pub String);

impl Serialize for Webhook {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.split('?').next().unwrap_or(""))
    }
}

/// A room.
#[derive(Clone, Debug)]
pub struct Room {
    /// The id.
    pub id: EntityId,
    /// When it was made.
    pub created: Timestamp,
    /// What it is.
    pub info: Arc<RoomInfo>,
    /// Who is in it.
    pub members: Roster<()>,
    /// What it knows of those who are or were in it.
    pub properties: Properties,
    /// Who is asked to join.
    pub invitations: Invitations,
    /// What clients prefer.
    pub preferences: BTreeMap<UserId, Preference>,
    /// What was said.
    pub messages: Messages,
    /// Who blocked whom.
    pub blocks: Vec<Block>,
    /// The first two of a direct room, in the order of coming; nobody elsewhere.
    pub pair: SmallVec<[UserId; 2]>,
    /// The application's user groups, some of which may be members.
    pub groups: Arc<UserGroups>,
}

impl Entity for Room {
    const KIND: &'static str = "room";

    fn each_member(&self, visit: &mut dyn FnMut(&UserId)) {
        self.members.ids().for_each(visit);
    }

    fn joined(&self, user: &str) -> Option<u64> {
        self.members.joined(user)
    }
}

/// A room at one moment, for writing it down after its lock is given back.
#[derive(Clone, Debug)]
pub struct RoomSnapshot {
    /// The id.
    pub id: EntityId,
    /// When it was made.
    pub created: Timestamp,
    /// What it is.
    pub info: Arc<RoomInfo>,
    /// The last message, with the one it answers.
    pub last: Option<Shown>,
    /// What it knows of people.
    pub properties: Vec<PropertyLine>,
    /// Who is in it, in the order of joining.
    pub members: Vec<UserId>,
}

/// A message with the one it answers, if that is still kept.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The message.
    pub message: Arc<Message>,
    /// The message it answers.
    pub reply: Option<Arc<Message>>,
    /// Whether the one who looks deleted it for itself.
    pub is_deleted: bool,
}

/// How one client sees a room.
#[derive(Clone, Debug)]
pub struct Sight {
    /// Unread messages.
    pub unread: i64,
    /// Whether one of them mentions the client.
    pub is_mentioned: bool,
    /// What the client prefers.
    pub preference: Option<Preference>,
    /// Whether the client runs the room.
    pub is_superuser: bool,
    /// When the client blocked the other of a direct room.
    pub did_block: Option<Timestamp>,
    /// When the client was blocked or banned.
    pub was_blocked: Option<Timestamp>,
}

impl Room {
    /// A room without people, of an application with these user groups.
    pub fn new(id: EntityId, info: RoomInfo, now: Timestamp, messages_max: usize, groups: &Arc<UserGroups>) -> Self {
        Self {
            id,
            created: now,
            info: Arc::new(info),
            members: Roster::new(),
            properties: Properties::default(),
            invitations: Invitations::default(),
            preferences: BTreeMap::new(),
            messages: Messages::new(messages_max),
            blocks: Vec::new(),
            pair: SmallVec::new(),
            groups: groups.clone(),
        }
    }

    /// The room as it is now.
    pub fn snapshot(&self) -> RoomSnapshot {
        RoomSnapshot {
            id: self.id.clone(),
            created: self.created,
            info: self.info.clone(),
            last: self.messages.last().map(|message| self.bare(message)),
            properties: self.properties.lines(),
            members: self.members.ids().cloned().collect(),
        }
    }

    /// A message with the one it answers, as the actor sees it.
    pub fn shown(&self, message: &Arc<Message>, actor: &Actor) -> Shown {
        let kept = self.messages.kept(&message.id);
        let is_deleted = kept.is_some_and(|kept| kept.deletions.contains_key(&actor.client));
        Shown { is_deleted, ..self.bare(message) }
    }

    /// A message with the one it answers, as nobody in particular sees it.
    fn bare(&self, message: &Arc<Message>) -> Shown {
        let reply = message.reply.as_deref().and_then(|id| self.messages.get(id)).cloned();
        Shown { message: message.clone(), reply, is_deleted: false }
    }

    /// The room as this actor sees it.
    pub fn sight(&self, actor: &Actor) -> Sight {
        let (did_block, was_blocked) = self.block_times(&actor.client);
        Sight {
            unread: self.unread(actor),
            is_mentioned: self.properties.is_mentioned(&actor.client),
            preference: self.preferences.get(&actor.client).cloned(),
            is_superuser: self.is_superuser(actor),
            did_block,
            was_blocked,
        }
    }

    /// The actor's unread messages.
    pub fn unread(&self, actor: &Actor) -> i64 {
        self.properties.badge(&actor.client)
    }

    /// Whether invitations count here: only in groups.
    pub fn takes_invitations(&self) -> bool {
        // Assumed: a room without a type counts as a group.
        matches!(self.info.room_type, None | Some(RoomType::Group))
    }

    /// Whether the actor runs the room: owner, manager, admin by role, platform administrator.
    pub fn is_superuser(&self, actor: &Actor) -> bool {
        let Some(client) = actor.client().filter(|_| !actor.admin) else { return actor.admin };
        self.info.owner.as_ref() == Some(client)
            || self.info.managers.as_ref().is_some_and(|managers| managers.contains(client))
            || (self.members.contains(client) && self.properties.is_admin(client))
    }

    /// Lets members and the platform administrator pass.
    ///
    /// # Errors
    /// Anybody else.
    pub fn check_member(&self, actor: &Actor) -> Result<(), ImkitError> {
        if actor.admin || self.is_member(&actor.client) {
            return Ok(());
        }
        Err(ImkitError::NotRoomMember { by: actor.client.clone(), room: self.id.clone() })
    }

    /// Lets superusers pass.
    ///
    /// # Errors
    /// Anybody else.
    pub fn check_superuser(&self, actor: &Actor, what: &'static str) -> Result<(), ImkitError> {
        if self.is_superuser(actor) {
            return Ok(());
        }
        Err(ImkitError::NotSuperuser { by: actor.client.clone(), what })
    }

    /// Lets those pass who may change or end the room as a whole.
    ///
    /// # Errors
    /// No member; not a superuser, where the room has any or the application wants one.
    pub fn check_may_run(&self, actor: &Actor, what: &'static str, options: &ImkitOptions) -> Result<(), ImkitError> {
        self.check_member(actor)?;
        let managed = self.info.managers.as_ref().is_some_and(|managers| !managers.is_empty());
        // Assumed: a room without owner and managers is changed and deleted by any member.
        if self.info.owner.is_some() || managed || options.superusers_update {
            return self.check_superuser(actor, what);
        }
        Ok(())
    }

    /// Whether people can come in now.
    ///
    /// # Errors
    /// Frozen; closed, unless the platform administrator asks.
    pub fn check_open(&self, actor: &Actor) -> Result<(), ImkitError> {
        self.check_active()?;
        if self.info.opening == Some(0) && !actor.admin {
            return Err(ImkitError::Closed);
        }
        Ok(())
    }

    /// Whether the room is active.
    ///
    /// # Errors
    /// Frozen.
    pub fn check_active(&self) -> Result<(), ImkitError> {
        // Assumed: the platform administrator meets a frozen room as everybody does, only a closed one opens to it.
        if self.info.status == 0 { Err(ImkitError::Inactive) } else { Ok(()) }
    }

    /// What the room's receiver is told beside the fact itself of this turn; nothing where there is none.
    pub(super) fn receiver(&self, turn: &Turn<'_>) -> Fields {
        let Some(webhook) = self.info.webhook.as_deref().filter(|webhook| !webhook.is_empty()) else {
            return Fields::new();
        };
        turn.tell_outside();
        let webhook = Field::object(Webhook(webhook.to_owned()));
        vec![("webhook", webhook), ("botState", self.info.bot_state.as_str().into())]
    }

    /// The last message's id, for comparing rooms by time.
    pub fn last_message(&self) -> Option<CompactString> {
        self.messages.last().map(|message| message.id.clone())
    }
}
