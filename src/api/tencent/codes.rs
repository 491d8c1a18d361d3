//! The numbers of Tencent's errors; the short texts that go with them stand in `code_table.rs`.
//!
//! Exhaustive matches: a new way to refuse does not compile until it has its number here.

use std::borrow::Cow;

use crate::api::tencent::code_table::text_of;
use crate::domain::accounts::AccountError;
use crate::domain::invalid::Invalid;
use crate::domain::rooms::error::RoomError;

/// A refusal in Tencent's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TencentRefusal {
    /// `ErrorCode`.
    pub code: u32,
    /// `ErrorInfo`: short, English, not part of the contract.
    pub info: Cow<'static, str>,
    /// The line for a person.
    pub why: String,
}

impl TencentRefusal {
    /// This code with its usual text.
    pub fn new(code: u32, why: impl Into<String>) -> Self {
        Self { code, info: Cow::Borrowed(text_of(code)), why: why.into() }
    }

    /// Another text for `ErrorInfo`.
    pub fn with_info(mut self, info: impl Into<Cow<'static, str>>) -> Self {
        self.info = info.into();
        self
    }

    /// A field that is wrong, under the service's own code for that.
    pub fn invalid(code: u32, invalid: &Invalid) -> Self {
        // The common codes have a number of their own for a scalar account that is not a string.
        if invalid.account {
            return Self::new(60015, invalid.sentence());
        }
        let required = invalid.why == Invalid::required("").why;
        let info = match invalid.info {
            Some(info) => Cow::Borrowed(info),
            None if required => Cow::Owned(format!("{} is required", invalid.field)),
            None => Cow::Owned(format!("{} is invalid", invalid.field)),
        };
        Self::new(code, invalid.sentence()).with_info(info)
    }
}

impl From<RoomError> for TencentRefusal {
    fn from(error: RoomError) -> Self {
        let code = match &error {
            RoomError::Invalid(invalid) => return Self::invalid(100002, invalid),
            RoomError::Missing(_) => 100004,
            RoomError::Exists => 100003,
            RoomError::OwnRoomExists => 100010,
            RoomError::TakenByGroup => 100011,
            RoomError::CreatedTooFast => 100012,
            RoomError::NotMember { .. } => 100005,
            RoomError::OwnerProtected { .. } => 100006,
            RoomError::Full(_) => 100008,
            RoomError::Banned(_) => 100016,
            RoomError::PasswordRequired => 100018,
            RoomError::PasswordWrong => 100019,
            RoomError::WrongType(..) => 100015,
            RoomError::NoPackage => 100007,
            RoomError::NotPermitted { .. } | RoomError::OtherKind(_) => 100006,
            RoomError::TooManyMarks(_) => 100009,
            RoomError::Muted(_) => 100017,
            RoomError::TooManyAdmins(_) => 100020,
            RoomError::SeatLocked(_) => 100200,
            RoomError::SeatOccupied { .. } => 100201,
            RoomError::SeatQueued(_) => 100202,
            RoomError::SeatHeld { .. } => 100203,
            RoomError::NotQueued(_) => 100204,
            RoomError::SeatsFull => 100205,
            RoomError::NotSeated(_) => 100206,
            RoomError::SeatTaken { .. } => 100210,
            RoomError::NoSeats => 100211,
            RoomError::NoCallbacks => 100301,
            RoomError::TooManyRobots(_) => 100700,
            RoomError::NotEmulated(_) => 100002,
            RoomError::OverPackage { .. } => 100013,
        };
        Self::new(code, error.to_string())
    }
}

impl From<AccountError> for TencentRefusal {
    fn from(error: AccountError) -> Self {
        match &error {
            AccountError::Invalid(invalid) => Self::invalid(70402, invalid),
            AccountError::Unknown { .. } => Self::new(70107, error.to_string()),
            AccountError::NoneAsked(_) => Self::new(90001, error.to_string()),
            AccountError::NotAccounts(_) => Self::new(90003, error.to_string()),
            AccountError::TooManyAsked(_) => Self::new(90011, error.to_string()),
            AccountError::ProfileTooLong(_) => Self::new(40601, error.to_string()),
        }
    }
}
