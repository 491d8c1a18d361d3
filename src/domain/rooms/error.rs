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
    #[error("RoomId: there is no room {0:?}; it was never created, or it is destroyed")]
    Missing(String),
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
    /// The acting account has not the role that this wants.
    #[error("{user} is not {wanted}")]
    NotPermitted { user: UserId, wanted: &'static str },
    /// The room is of the other kind than the service's.
    #[error("RoomId: the room is a {0} room; this command wants the other kind")]
    OtherKind(&'static str),
    /// The account may not send text.
    #[error("Member_Account: {0} may not send text now")]
    Muted(UserId),
    /// Too many marks on a member or in the room.
    #[error("MemberList: {0}")]
    TooManyMarks(String),
    /// Too many administrators.
    #[error("Role: the room has {0} administrators, as many as it may have")]
    TooManyAdmins(u64),
    /// Too many robots.
    #[error("Member_Account: the room may have at most {0} robots")]
    TooManyRobots(u64),
    /// The room has no seats.
    #[error("RoomId: the room has no seats; it was made without IsSeatEnabled")]
    NoSeats,
    /// The seat is locked.
    #[error("Index: the seat {0} is locked")]
    SeatLocked(usize),
    /// A client wants a seat on which another sits.
    #[error("Index: {by} sits on the seat {index}")]
    SeatOccupied { index: usize, by: UserId },
    /// A server wants a seat on which another sits.
    #[error("Index: {by} sits on the seat {index}")]
    SeatTaken { index: usize, by: UserId },
    /// The account waits for a seat.
    #[error("Member_Account: {0} waits for a seat already")]
    SeatQueued(UserId),
    /// The account sits.
    #[error("Member_Account: {user} sits on the seat {index} already")]
    SeatHeld { user: UserId, index: usize },
    /// The account does not wait for a seat.
    #[error("Member_Account: {0} does not wait for a seat")]
    NotQueued(UserId),
    /// Every seat is taken.
    #[error("RoomId: all seats of the room are taken")]
    SeatsFull,
    /// The account does not sit.
    #[error("Member_Account: {0} is not on a seat")]
    NotSeated(UserId),
    /// There is no configuration of callbacks.
    #[error("this app has no configuration of callbacks; set_callback makes one")]
    NoCallbacks,
    /// A command that exists and is not emulated.
    #[error("{0} exists, but is not emulated; it changes nothing here")]
    NotEmulated(&'static str),
    /// The room type is not one that can be created here.
    #[error("RoomInfo.RoomType: {0:?} is no room type of this service; it takes {1}")]
    WrongType(String, &'static str),
    /// The app has no package.
    #[error("sdkappid: this app has no package (option no_package)")]
    NoPackage,
    /// More than the package allows.
    #[error("{field}: {amount} is more than the package allows, {max}")]
    OverPackage { field: &'static str, amount: u64, max: u64 },
}

impl RoomError {
    /// The same, naming the room that it is about.
    pub(super) fn about(self, id: &str) -> Self {
        match self {
            Self::Missing(_) => Self::Missing(id.to_owned()),
            other => other,
        }
    }
}

impl From<Invalid> for RoomError {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl From<Missing> for RoomError {
    fn from(_: Missing) -> Self {
        Self::Missing(String::new())
    }
}

impl From<Taken> for RoomError {
    fn from(_: Taken) -> Self {
        Self::Exists
    }
}
