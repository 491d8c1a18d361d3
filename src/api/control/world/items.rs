//! Items: the forms in which the world is shown. Times are RFC 3339; what a system has not is `null`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::groups::member::KeyValue;
use crate::domain::imkit::json::Json;
use crate::kernel::clock::Timestamp;

/// Most characters of a text in a list; the thing by itself shows it whole.
const SHOWN_CHARS_MAX: usize = 2000;

/// A text as lists show it: cut where it is long, and then with an ellipsis at its end.
pub fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// How much of a text is shown.
#[derive(Clone, Copy, Debug)]
pub struct Look(fn(&str) -> String);

impl Look {
    /// As lists show it.
    pub const CUT: Self = Self(cut);
    /// All of it.
    pub const WHOLE: Self = Self(str::to_owned);

    /// The text; `None` if it is empty.
    pub fn some(self, text: &str) -> Option<String> {
        (!text.is_empty()).then(|| self.0(text))
    }
}

/// A moment of Unix seconds; 0 is none.
pub fn moment(seconds: u32) -> Option<String> {
    (seconds > 0).then(|| Timestamp::from_seconds(seconds.into()).to_string())
}

/// One thing in a list.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Item {
    /// A Chat group.
    Group(GroupItem),
    /// A Room Engine room.
    Room(RoomItem),
    /// A Tencent account.
    Account(AccountItem),
    /// A room of IMKIT.
    ImkitRoom(ImkitRoomItem),
    /// A client of IMKIT.
    Client(ClientItem),
}

/// A Chat group.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "each field is the group's of the same name")]
pub struct GroupItem {
    pub id: String,
    pub name: Option<String>,
    #[serde(rename = "type")]
    pub group_type: &'static str,
    pub owner: Option<String>,
    /// How many.
    pub members: usize,
    /// `null` is without limit.
    pub max_members: Option<u64>,
    pub muted_all: bool,
    pub created: Option<String>,
}

/// Seats of a room.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SeatCount {
    /// On which somebody sits.
    pub taken: usize,
    /// All.
    pub of: usize,
}

/// A Room Engine room.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "each field is the room's of the same name")]
pub struct RoomItem {
    pub id: String,
    pub name: Option<String>,
    #[serde(rename = "type")]
    pub room_type: &'static str,
    pub owner: Option<String>,
    /// How many.
    pub members: usize,
    /// `null` is without limit.
    pub max_members: Option<u64>,
    /// `null` where seats are off.
    pub seats: Option<SeatCount>,
    pub created: Option<String>,
    pub muted_all: bool,
}

/// A Tencent account.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "each field is the account's of the same name")]
pub struct AccountItem {
    pub id: String,
    pub name: Option<String>,
    pub avatar: Option<String>,
    /// The internal number; in quotes, since browsers' numbers end at 2^53.
    pub tiny_id: String,
}

/// A room of IMKIT.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "each field is the room's of the same name")]
pub struct ImkitRoomItem {
    pub id: String,
    pub name: Option<String>,
    #[serde(rename = "type")]
    pub room_type: Option<&'static str>,
    pub owner: Option<String>,
    /// How many.
    pub members: usize,
    /// Rooms of IMKIT have no limit.
    pub members_max: Option<u64>,
    pub created: Option<String>,
}

/// A client of IMKIT.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "each field is the client's of the same name")]
pub struct ClientItem {
    pub id: String,
    pub name: Option<String>,
    pub avatar: Option<String>,
}

/// One thing with all that an inspector wants to see.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Whole {
    /// As lists show it, its texts whole.
    #[serde(flatten)]
    pub item: Item,
    /// What lists leave out.
    #[serde(flatten)]
    pub more: More,
}

/// What lists leave out.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum More {
    /// Of a Chat group.
    Group(Box<MoreOfGroup>),
    /// Of a Room Engine room.
    Room(Box<MoreOfRoom>),
    /// Of a Tencent account.
    Account(MoreOfAccount),
    /// Of a room of IMKIT.
    ImkitRoom(Box<MoreOfImkitRoom>),
    /// Of a client of IMKIT.
    Client(Box<MoreOfClient>),
}

/// A Chat group in full.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "each field is the group's of the same name; those in the plural are counts")]
pub struct MoreOfGroup {
    pub introduction: Option<String>,
    pub notification: Option<String>,
    pub avatar: Option<String>,
    pub apply_join: String,
    pub invite_join: Option<String>,
    pub custom: Vec<KeyValue>,
    pub banned: usize,
    pub muted: usize,
    /// How many are kept.
    pub messages: usize,
    /// The number of the last message ever sent; 0 for none.
    pub last_seq: u32,
    pub topics: usize,
}

/// A seat.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SeatItem {
    /// Counted from 0.
    pub index: usize,
    /// Who sits there.
    pub member: Option<String>,
    /// Nobody can take it.
    pub locked: bool,
}

/// A Room Engine room in full.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "each field is the room's of the same name; those in the plural are counts")]
pub struct MoreOfRoom {
    pub notification: Option<String>,
    pub avatar: Option<String>,
    pub custom: Option<String>,
    pub status: &'static str,
    /// Whether entering wants one.
    pub password: bool,
    pub starts: Option<String>,
    pub ends: Option<String>,
    pub seat_list: Vec<SeatItem>,
    /// How many wait for a seat.
    pub waiting: usize,
    pub invited: usize,
    pub banned: usize,
    pub muted: usize,
    /// Room Engine rooms keep none.
    pub messages: usize,
}

/// A Tencent account in full.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MoreOfAccount {
    /// The groups that it is in, the first thousand of them.
    pub groups: Vec<String>,
}

/// A room of IMKIT in full.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "each field is the room's of the same name; those in the plural are counts")]
pub struct MoreOfImkitRoom {
    pub introduction: Option<String>,
    pub avatar: Option<String>,
    pub custom: Option<String>,
    pub data: Option<Json>,
    pub tags: Vec<String>,
    pub managers: Vec<String>,
    /// Frozen rooms are not.
    pub active: bool,
    /// Closed rooms are not.
    pub open: bool,
    pub invited: usize,
    pub banned: usize,
    /// How many are kept.
    pub messages: usize,
    /// The number of the last message ever sent; 0 for none.
    pub last_seq: i64,
}

/// A client of IMKIT in full.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "each field is the client's of the same name")]
pub struct MoreOfClient {
    pub introduction: Option<String>,
    pub robot: bool,
    pub last_login: Option<String>,
    /// All that it was given.
    pub fields: Json,
    /// How many tokens let it in now.
    pub tokens: usize,
    /// The rooms that it is in, the first thousand of them.
    pub rooms: Vec<String>,
}

/// A member.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MemberItem {
    /// Who.
    pub id: String,
    /// What the account is called.
    pub name: Option<String>,
    /// The vendor's word; IMKIT: `owner`, `manager`, `admin`, `member`.
    pub role: &'static str,
    /// Since when.
    pub joined: Option<String>,
    /// Until when muted.
    pub muted_until: Option<String>,
    /// On which seat, counted from 0.
    pub seat: Option<usize>,
    /// Unread messages.
    pub badge: Option<i64>,
    /// The name in the group or room.
    pub name_card: Option<String>,
}

/// One who is kept out.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BanItem {
    /// Who.
    pub id: String,
    /// Until when; `null` for ever.
    pub until: Option<String>,
    /// By whom, where that is known.
    pub by: Option<String>,
}

/// A message.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MessageItem {
    /// Its number.
    pub seq: i64,
    /// When it was sent.
    pub at: Option<String>,
    /// By whom; `null` for the platform administrator.
    pub from: Option<String>,
    /// What, in words; other than text is told by its type in brackets.
    pub text: String,
    /// `deleted`, `recalled` or `hidden`.
    pub fate: Option<&'static str>,
}
