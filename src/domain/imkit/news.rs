//! News: what facts about messages carry under the name of the socket event that tells of them, payload as documented.

use compact_str::CompactString;
use serde::Serialize;

use crate::kernel::fact::{Field, Fields};
use crate::kernel::names::{EntityId, UserId};

/// `lastRead`: a member has read up to a message.
#[derive(Debug, Serialize)]
pub struct LastRead {
    /// The room.
    #[serde(rename = "roomID")]
    pub room: EntityId,
    /// The last message read.
    #[serde(rename = "messageID")]
    pub message: CompactString,
    /// Who has read it.
    #[serde(rename = "memberID")]
    pub member: UserId,
}

/// `messageDeleted`: messages are gone for everybody.
#[derive(Debug, Serialize)]
pub struct MessageDeleted {
    /// The room.
    pub room: EntityId,
    /// What was asked to be deleted: a message's id, or `_all`.
    #[serde(rename = "messageID")]
    pub message: CompactString,
    /// The messages that are gone.
    pub messages: Vec<CompactString>,
}

/// `userDeleteMessages`: a client has deleted messages for itself.
#[derive(Debug, Serialize)]
pub struct UserDeleteMessages {
    /// The room.
    pub room: EntityId,
    /// The messages.
    pub messages: Vec<CompactString>,
    /// Whether they are all of the room.
    #[serde(rename = "isUserDeleteAllMessagesInRoom")]
    pub all: bool,
}

impl LastRead {
    /// The details of the fact.
    pub fn fields(self) -> Fields {
        vec![("lastRead", Field::object(self))]
    }
}

impl MessageDeleted {
    /// The details of the fact.
    pub fn fields(self) -> Fields {
        // Assumed: messageDeleted carries both the id asked for, as its page has it, and the list of messages that are gone.
        vec![("messageDeleted", Field::object(self))]
    }
}

impl UserDeleteMessages {
    /// The details of the fact.
    pub fn fields(self) -> Fields {
        vec![("userDeleteMessages", Field::object(self))]
    }
}
