//! News: what sockets are told of messages that were read or deleted, each with its documented payload.

use compact_str::CompactString;
use serde::Serialize;

use crate::domain::imkit::told::for_sockets;
use crate::kernel::fact::Fields;
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
        for_sockets("lastRead", self)
    }
}

impl MessageDeleted {
    /// The details of the fact.
    pub fn fields(self) -> Fields {
        // Assumed: messageDeleted carries both the id asked for, as its page has it, and the list of messages that are gone.
        for_sockets("messageDeleted", self)
    }
}

impl UserDeleteMessages {
    /// The details of the fact.
    pub fn fields(self) -> Fields {
        for_sockets("userDeleteMessages", self)
    }
}
