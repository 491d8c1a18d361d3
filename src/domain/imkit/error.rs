//! ImkitError: the rules of IMKIT said no — meaning without numbers.

use crate::domain::invalid::Invalid;
use crate::kernel::names::{EntityId, UserId};
use crate::kernel::registry::{Missing, Taken};

/// Why an operation was refused; nothing changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the message of each variant says what its fields are")]
pub enum ImkitError {
    /// A field is wrong.
    #[error("{}", .0.sentence())]
    Invalid(Invalid),
    /// There is no such room.
    #[error("No room with id {0}")]
    RoomMissing(EntityId),
    /// The id was taken while the room was being made.
    #[error("A room with this id was made by another call at the same moment; repeat the call")]
    RoomTaken,
    /// The caller is not a member.
    #[error("{by} is not a member of the room {room}; members and the platform administrator (API key) may do this")]
    NotRoomMember { by: UserId, room: EntityId },
    /// There is no such room, and the caller is told what somebody outside an existing one is told.
    #[error("No room with id {room}; sending to it is refused as sending from outside is (option missing_room_is_404)")]
    RoomHidden { by: UserId, room: EntityId },
    /// The room is closed for joining and inviting.
    #[error("The room has opening 0: it is closed for joining and inviting, the platform administrator aside")]
    Closed,
    /// The room is frozen.
    #[error("The room has status 0: it is inactive, and nobody can be added, join or send")]
    Inactive,
    /// Joining wants an invitation.
    #[error("{0} has no pending invitation, and this application wants one (option invitation_required)")]
    NotInvited(UserId),
    /// A direct room is for its pair.
    #[error("The room is direct, and {0} is not one of its pair")]
    NotOfPair(UserId),
    /// Only a superuser of the room may do this.
    #[error("{by} may not {what}: only the owner, managers, admins and the platform administrator may")]
    NotSuperuser { by: UserId, what: &'static str },
    /// Only the sender or a superuser may change a message.
    #[error("{by} may not change the message {message}: only its sender and superusers of the room may")]
    NotSender { by: UserId, message: String },
    /// There is no such client.
    #[error("No client with id {client} ({field}); nothing was changed")]
    ClientMissing { field: &'static str, client: UserId },
    /// Somebody is not in the room.
    #[error("{client} ({field}) is not a member of the room; nothing was changed")]
    MemberMissing { field: &'static str, client: UserId },
    /// There is no such message.
    #[error("No message with id {0} in this room; new messages carry no _id")]
    MessageMissing(String),
    /// There is no such message, in the room or in any.
    #[error("No message with id {0}")]
    MessageUnknown(String),
    /// Only a superuser of the room may delete messages for everybody.
    #[error(
        "{by} may not delete messages of the room: only the owner, managers, admins and the platform administrator may"
    )]
    NotDeleter { by: UserId },
    /// The client holds no such token.
    #[error("token: {0} holds no such token")]
    TokenMissing(UserId),
    /// There is no such key.
    #[error("No configuration with key {0}")]
    ConfigMissing(String),
    /// The token is another client's.
    #[error("token: it is bound to another client already")]
    TokenTaken,
}

impl ImkitError {
    /// The same, where the room is not there, with the id that was asked for.
    pub fn of_room(self, id: &str) -> Self {
        match self {
            Self::RoomMissing(_) => Self::RoomMissing(EntityId::new(id)),
            other => other,
        }
    }
}

impl From<Invalid> for ImkitError {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl From<Missing> for ImkitError {
    fn from(_: Missing) -> Self {
        Self::RoomMissing(EntityId::default())
    }
}

impl From<Taken> for ImkitError {
    fn from(_: Taken) -> Self {
        Self::RoomTaken
    }
}
