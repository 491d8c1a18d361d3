//! Member: what a group knows of one who is in it. Small, because a group may have a million of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::clock::Timestamp;
use crate::kernel::names::UserId;

/// What a member may do, the owner aside: that one follows from the group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Helps the owner.
    Admin,
    /// Everybody else; also the owner.
    #[default]
    Member,
}

/// A role as the service words it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RoleWord {
    /// The owner.
    Owner,
    /// Helps the owner.
    Admin,
    /// Everybody else.
    Member,
}

/// What a member gets of messages while away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum MsgFlag {
    /// Messages, and a push.
    #[default]
    AcceptAndNotify,
    /// Messages without a push.
    AcceptNotNotify,
    /// Nothing.
    Discard,
}

/// A custom field with its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct KeyValue {
    /// The field's name.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// One who is in a group; times are Unix seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Since when.
    pub join_time: u32,
    /// The last message read.
    pub msg_seq: u32,
    /// When the last message was sent; 0 for never.
    pub last_sent: u32,
    /// What the member may do.
    pub role: Role,
    /// What the member gets while away.
    pub msg_flag: MsgFlag,
    /// Absent until something is set.
    pub details: Option<Box<Details>>,
}

/// What is rarely set on a member.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Details {
    /// The name in the group; `None` if never set.
    pub name_card: Option<String>,
    /// Custom fields that have a value.
    pub custom: Vec<KeyValue>,
}

impl Details {
    /// In its box, unless there is nothing to keep.
    pub fn boxed(self) -> Option<Box<Self>> {
        (self != Self::default()).then(|| Box::new(self))
    }
}

impl Member {
    /// The name in the group, if it was set.
    pub fn name_card(&self) -> Option<&str> {
        self.details.as_ref()?.name_card.as_deref()
    }

    /// The custom fields that have a value.
    pub fn custom(&self) -> &[KeyValue] {
        self.details.as_ref().map_or(&[], |details| &details.custom)
    }
}

/// One who is to become a member of a new group.
#[derive(Clone, Debug)]
pub struct Newcomer {
    /// Who.
    pub account: UserId,
    /// What the member may do.
    pub role: Role,
    /// Custom fields that have a value.
    pub custom: Vec<KeyValue>,
}

/// What became of one account that was to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// Not added: unknown, banned, or there was no room left.
    Failed,
    /// Added.
    Joined,
    /// Was in already.
    Already,
}

/// The moment in Unix seconds, as groups keep times.
pub fn seconds_of(now: Timestamp) -> u32 {
    u32::try_from(now.seconds().max(0)).unwrap_or(u32::MAX)
}
