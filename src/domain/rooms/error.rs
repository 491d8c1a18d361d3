//! RoomError: the rules of Room Engine rooms said no — meaning without numbers.

use crate::domain::invalid::Invalid;
use crate::kernel::names::UserId;
use crate::kernel::registry::{Missing, Taken};

/// Why a room operation was refused; nothing changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the message of each variant says what its fields are")]
pub enum RoomError {
    /// A field is wrong.
    #[error("{}", .0.sentence())]
    Invalid(Invalid),
    /// The room was never created, or is destroyed.
    #[error("RoomId: there is no such room; it was never created, or it is destroyed")]
    Missing,
    /// The room id is in use.
    #[error("RoomId: a room with this id exists already; choose another, or destroy it first")]
    Exists,
    /// The room id is in use, and the caller owns that room.
    #[error("RoomId: a room with this id exists already and the caller is its owner; it can be used as it is")]
    OwnRoomExists,
    /// The room id is the id of a Chat group.
    #[error("RoomId: a Chat group has this id; rooms and groups share their ids")]
    TakenByGroup,
    /// An id was created twice within a second.
    #[error("RoomId: this id was created less than a second ago; the same id may be created once a second")]
    CreatedTooFast,
    /// An account is not in the room.
    #[error("{field}: {user} is not in the room")]
    NotMember { field: &'static str, user: UserId },
    /// The room's owner is protected.
    #[error("{field}: {user} is the owner of the room; change the owner or destroy the room instead")]
    OwnerProtected { field: &'static str, user: UserId },
    /// The room is full.
    #[error("MaxMemberCount: the room is full with {0} members")]
    Full(usize),
    /// The account is banned.
    #[error("Member_Account: {0} is banned from the room for now")]
    Banned(UserId),
    /// The room wants a password.
    #[error("Password: the room wants one")]
    PasswordRequired,
    /// The password is another.
    #[error("Password: it is another one")]
    PasswordWrong,
    /// The room type is not one that can be created here.
    #[error("RoomInfo.RoomType: {0:?} is no room type of this service; it takes Conference")]
    WrongType(String),
    /// More than the package allows.
    #[error("{field}: {amount} is more than the package allows, {max}")]
    OverPackage { field: &'static str, amount: u64, max: u64 },
}

impl From<Invalid> for RoomError {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl From<Missing> for RoomError {
    fn from(_: Missing) -> Self {
        Self::Missing
    }
}

impl From<Taken> for RoomError {
    fn from(_: Taken) -> Self {
        Self::Exists
    }
}
