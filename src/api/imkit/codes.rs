//! Refusals of IMKIT: errors become statuses and codes here, and only here.

use std::borrow::Cow;

use http::StatusCode;

use crate::api::imkit::envelope;
use crate::api::reply::Reply;
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::files::FileError;
use crate::domain::invalid::Invalid;

/// A refusal in IMKIT's words; `RC` is the HTTP status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImkitRefusal {
    /// The HTTP status, also `RC`.
    pub status: StatusCode,
    /// `RM`: the cause in a few words.
    pub rm: Cow<'static, str>,
    /// `error.code`.
    pub code: Cow<'static, str>,
    /// `error.message`.
    pub message: String,
    /// The line for a person.
    pub why: String,
    /// `error.retryAfter`: after how many seconds the call may be repeated.
    pub retry_after: Option<u32>,
}

impl ImkitRefusal {
    /// A refusal whose message is its line.
    pub fn new(status: StatusCode, rm: &'static str, code: &'static str, why: impl Into<String>) -> Self {
        let why = why.into();
        Self { status, rm: rm.into(), code: code.into(), message: why.clone(), why, retry_after: None }
    }

    /// 400 for the request as a whole.
    pub fn bad(code: &'static str, why: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Bad Request", code, why)
    }

    /// 429, to be repeated after so many seconds.
    pub fn too_many(code: &'static str, why: impl Into<String>, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests", code, why) }
    }

    /// 401.
    pub fn unauthorized(code: &'static str, why: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Unauthorized", code, why)
    }

    /// 403.
    pub fn forbidden(code: &'static str, why: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden", code, why)
    }

    /// 404.
    pub fn missing(rm: &'static str, code: &'static str, why: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, rm, code, why)
    }

    /// What the edge itself refuses, before or instead of the door: too large, broken, lost.
    pub fn edge(status: StatusCode, why: String) -> Self {
        let (rm, code) = match status {
            StatusCode::PAYLOAD_TOO_LARGE => ("Payload Too Large", "PAYLOAD_TOO_LARGE"),
            StatusCode::SERVICE_UNAVAILABLE => ("Service Unavailable", "SERVICE_UNAVAILABLE"),
            StatusCode::INTERNAL_SERVER_ERROR => ("Internal Server Error", "INTERNAL_ERROR"),
            _ => ("Bad Request", "BAD_REQUEST"),
        };
        Self::new(status, rm, code, why)
    }

    /// The answer.
    pub fn reply(&self) -> Reply {
        envelope::refuse(self)
    }
}

/// The code of a wrong query.
pub const INVALID_QUERY: &str = "INVALID_QUERY";
/// The code of a search for something that is not searched for.
pub const INVALID_SEARCH_TYPE: &str = "INVALID_SEARCH_TYPE";
/// The code of a parameter that is required and absent, or of a wrong form.
pub const MISSING_PARAMETER: &str = "MISSING_PARAMETER";
/// Fields that their operations cannot do without: a wrong form answers as absence does.
const NEEDED: [&str; 5] = ["invitees", "members", "_id", "id", "message"];

/// The code of a field of a wrong form on the pages about tokens, and of optional ones everywhere.
pub const INVALID_REQUEST: &str = "INVALID_REQUEST";
/// The code of a body of a wrong form.
pub const INVALID_BODY: &str = "INVALID_BODY";
/// The code of tags that are no array of strings.
pub const INVALID_TAGS: &str = "INVALID_TAGS";
/// The code of tags in a query that are no texts.
pub const INVALID_ROOM_TAGS: &str = "INVALID_ROOM_TAGS";
/// The code of a configuration that cannot have the effect it asks for.
pub const INVALID_CONFIG_FORMAT: &str = "INVALID_CONFIG_FORMAT";

/// `RM` of a wrong parameter, where its page has words of its own.
fn rm_of(code: &str) -> &'static str {
    match code {
        INVALID_TAGS | INVALID_ROOM_TAGS => "Invalid parameters",
        INVALID_CONFIG_FORMAT => "Invalid request format",
        _ => "Bad Request",
    }
}

impl From<Invalid> for ImkitRefusal {
    fn from(invalid: Invalid) -> Self {
        let root = invalid.field.split(['.', '[']).next().unwrap_or("");
        let needed = invalid.why == Invalid::required("").why || NEEDED.contains(&root);
        match invalid.info {
            Some(INVALID_QUERY) => {
                Self::new(StatusCode::BAD_REQUEST, "Invalid query syntax", INVALID_QUERY, invalid.sentence())
            }
            Some(INVALID_SEARCH_TYPE) => {
                let why = invalid.sentence();
                Self::new(StatusCode::BAD_REQUEST, "Invalid search parameters", INVALID_SEARCH_TYPE, why)
            }
            Some(code) => Self::new(StatusCode::BAD_REQUEST, rm_of(code), code, invalid.sentence()),
            None if needed => Self::bad(MISSING_PARAMETER, invalid.sentence()),
            // Assumed: an optional field of a wrong form answers INVALID_REQUEST, as the token pages do.
            None => Self::bad(INVALID_REQUEST, invalid.sentence()),
        }
    }
}

impl From<ImkitError> for ImkitRefusal {
    fn from(error: ImkitError) -> Self {
        let why = error.to_string();
        match error {
            ImkitError::Invalid(invalid) => invalid.into(),
            ImkitError::RoomMissing(_) => Self::missing("Room not found", "ROOM_NOT_FOUND", why),
            ImkitError::RoomTaken => Self::new(StatusCode::CONFLICT, "Conflict", "ROOM_CONFLICT", why),
            ImkitError::NotRoomMember { .. } => Self::forbidden("NOT_ROOM_MEMBER", why),
            // The body says what it says to an outsider; only the line for a person tells that there is no room.
            ImkitError::RoomHidden { by, room } if !by.is_empty() => {
                let message = ImkitError::NotRoomMember { by, room }.to_string();
                Self { message, ..Self::forbidden("NOT_ROOM_MEMBER", why) }
            }
            ImkitError::RoomHidden { .. } => Self::forbidden("NOT_ROOM_MEMBER", why),
            // Assumed: closed, frozen, uninvited and unpaired answer 403 with codes that say which.
            ImkitError::Closed => Self::forbidden("ROOM_CLOSED", why),
            ImkitError::Inactive => Self::forbidden("ROOM_INACTIVE", why),
            ImkitError::NotInvited(_) => Self::forbidden("INVITATION_REQUIRED", why),
            ImkitError::NotOfPair(_) => Self::forbidden("PERMISSION_DENIED", why),
            ImkitError::NotSuperuser { .. } | ImkitError::NotSender { .. } => {
                Self::forbidden("INSUFFICIENT_PERMISSIONS", why)
            }
            // Assumed: who is banned or blocked is refused with 403 USER_BLOCKED.
            ImkitError::Banned { .. } | ImkitError::Blocked { .. } => Self::forbidden("USER_BLOCKED", why),
            ImkitError::BlockSelf(_) => {
                Self::new(StatusCode::BAD_REQUEST, "Cannot block yourself", "SELF_BLOCK_FORBIDDEN", why)
            }
            ImkitError::BlockeeMissing(_) => Self::missing("User not found", "USER_NOT_FOUND", why),
            ImkitError::BanMissing { .. } => Self::missing("Resource not found", "ROOM_OR_USER_NOT_FOUND", why),
            ImkitError::BlockMissing { .. } => Self::missing("Block relationship not found", "BLOCK_NOT_FOUND", why),
            ImkitError::UnblockUnknown(_) => {
                Self::new(StatusCode::BAD_REQUEST, "Invalid user ID", "INVALID_USER_ID", why)
            }
            ImkitError::NotBanner(_) => {
                Self::new(StatusCode::FORBIDDEN, "Access denied", "INSUFFICIENT_PERMISSIONS", why)
            }
            ImkitError::NotMuted { .. } => {
                Self::new(StatusCode::BAD_REQUEST, "Room is not muted", "ROOM_NOT_MUTED", why)
            }
            ImkitError::NotInGroup { .. } => Self::forbidden("PERMISSION_DENIED", why),
            ImkitError::GroupIsClient(_) => Self::new(StatusCode::CONFLICT, "Conflict", "USER_EXISTS", why),
            ImkitError::GroupInGroup(_) => Self::bad("INVALID_REQUEST", why),
            ImkitError::ClientMissing { .. } => Self::missing("Client not found", "CLIENT_NOT_FOUND", why),
            // Assumed: removing somebody who is not inside answers 404 MEMBER_NOT_FOUND.
            ImkitError::MemberMissing { .. } => Self::missing("Member not found", "MEMBER_NOT_FOUND", why),
            ImkitError::NotDeleter { .. } => {
                Self::new(StatusCode::FORBIDDEN, "Permission denied", "INSUFFICIENT_PERMISSION", why)
            }
            ImkitError::MessageMissing(_) | ImkitError::MessageUnknown(_) => {
                Self::missing("Message not found", "MESSAGE_NOT_FOUND", why)
            }
            ImkitError::TokenMissing(_) => Self::missing("Token not found", "TOKEN_NOT_FOUND", why),
            ImkitError::ConfigMissing(_) => Self::missing("Config not found", "CONFIG_NOT_FOUND", why),
            ImkitError::TokenTaken => Self::new(StatusCode::CONFLICT, "Conflict", "TOKEN_CONFLICT", why),
        }
    }
}

impl From<FileError> for ImkitRefusal {
    fn from(error: FileError) -> Self {
        let why = error.to_string();
        match error {
            FileError::Invalid(invalid) => invalid.into(),
            FileError::NoForm(_) => Self::bad("INVALID_BODY", why),
            // Assumed: a file, a sticker set or a sticker that is not there answers 404 FILE_NOT_FOUND, STICKER_NOT_FOUND.
            FileError::Missing { .. } => Self::missing("File not found", "FILE_NOT_FOUND", why),
            FileError::SetMissing(_) | FileError::ResourceMissing(_) => {
                Self::missing("Sticker not found", "STICKER_NOT_FOUND", why)
            }
            FileError::NotOwner { .. } => Self::forbidden("INSUFFICIENT_PERMISSIONS", why),
            FileError::TooLarge { .. } | FileError::Full { .. } => Self::edge(StatusCode::PAYLOAD_TOO_LARGE, why),
        }
    }
}
