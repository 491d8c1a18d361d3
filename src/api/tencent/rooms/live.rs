//! Live rooms as a whole: made, ended, changed, read, listed; the rules are those of all rooms.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::decode::optional;
use crate::api::limit::Limit;
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::rooms::info::{NAMED_ROOM_ID, NamedRoom, NewRoom, check_room_id, info_of, make};
use crate::api::tencent::rooms::update::{ChangedRoom, SeatMode, change_of};
use crate::api::why::quote_text;
use crate::domain::invalid::Invalid;
use crate::domain::rooms::error::RoomError;
use crate::domain::rooms::info::{LiveInfo, RoomType, TakeSeatMode};
use crate::domain::rooms::room::Room;
use crate::domain::rooms::way::Way;
use crate::kernel::names::{EntityId, UserId};

/// Rooms on a page of the list.
pub const ROOMS: Limit = Limit::value("Count", 1..=20);
/// Tags of the kind of show.
const CATEGORIES_MAX: usize = 3;

/// Whether the room is the live service's.
///
/// # Errors
/// It is a meeting.
pub fn check_live(room: &Room) -> Result<(), RoomError> {
    // Assumed: a command of the live service on a meeting answers 100006, as its robots' page says.
    if room.is_live() { Ok(()) } else { Err(RoomError::OtherKind(RoomType::Conference.word())) }
}

/// Creates a live room.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateLiveRoom {
    /// The room.
    room_info: NewLiveRoom,
}

/// A live room to be made.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct NewLiveRoom {
    /// 1 to 48 bytes of printable ASCII.
    room_id: EntityId,
    /// Up to 100 bytes; absent: the id.
    #[serde(default, deserialize_with = "optional")]
    room_name: Option<String>,
    /// `Live`.
    room_type: String,
    /// An imported account; absent: the caller.
    #[serde(rename = "Owner_Account", default, deserialize_with = "optional")]
    owner: Option<UserId>,
    /// Most members; absent: 300.
    #[serde(default, deserialize_with = "optional")]
    max_member_count: Option<i64>,
    /// Nobody may send text.
    #[serde(default, deserialize_with = "optional")]
    is_message_disabled: Option<bool>,
    /// Whether there are seats.
    #[serde(default, deserialize_with = "optional")]
    is_seat_enabled: Option<bool>,
    /// Number of seats; absent: 16 where seats are on.
    #[serde(default, deserialize_with = "optional")]
    max_seat_count: Option<i64>,
    /// `FreeToTake` or `ApplyToTake`.
    #[serde(default, deserialize_with = "optional")]
    take_seat_mode: Option<TakeSeatMode>,
    /// The picture's address.
    #[serde(rename = "CoverURL", default, deserialize_with = "optional")]
    cover_url: Option<String>,
    /// Up to three tags.
    #[serde(default, deserialize_with = "optional")]
    category: Option<Vec<u32>>,
    /// The app's own status.
    #[serde(default, deserialize_with = "optional")]
    activity_status: Option<i64>,
    /// Whether the list of rooms shows it.
    #[serde(default, deserialize_with = "optional")]
    is_public_visible: Option<bool>,
    /// A notice to the audience.
    #[serde(default, deserialize_with = "optional")]
    notice: Option<String>,
    /// Whether the audience is unbounded.
    #[serde(default, deserialize_with = "optional")]
    is_unlimited_room_enabled: Option<bool>,
}

/// `create_room` of the live service.
///
/// # Errors
/// As for a meeting; the type has to be `Live`.
pub async fn create_room(call: Call<Tencent>, request: CreateLiveRoom) -> Result<(), RoomError> {
    let new = request.room_info;
    check_category(new.category.as_deref())?;
    let live = LiveInfo {
        cover_url: new.cover_url.unwrap_or_default(),
        category: new.category.unwrap_or_default(),
        activity_status: new.activity_status.unwrap_or(0),
        is_public_visible: new.is_public_visible.unwrap_or(false),
        notice: new.notice.unwrap_or_default(),
        is_unlimited_room_enabled: new.is_unlimited_room_enabled.unwrap_or(false),
    };
    let room = NewRoom {
        room_id: new.room_id,
        room_name: new.room_name,
        room_type: new.room_type,
        owner: new.owner,
        max_member_count: new.max_member_count,
        is_message_disabled: new.is_message_disabled,
        is_seat_enabled: new.is_seat_enabled,
        max_seat_count: new.max_seat_count,
        take_seat_mode: new.take_seat_mode,
        ..NewRoom::default()
    };
    let mut info = info_of(&call, room, RoomType::Live)?;
    info.live = live;
    make(&call, info, Vec::new())
}

fn check_category(category: Option<&[u32]>) -> Result<(), Invalid> {
    let count = category.map_or(0, <[u32]>::len);
    if count <= CATEGORIES_MAX {
        return Ok(());
    }
    Err(Invalid::new("RoomInfo.Category", format!("has {count} tags; a room has at most {CATEGORIES_MAX}")))
}

/// `destroy_room` of the live service.
///
/// # Errors
/// 100002 for a field, 100004 no such room, 100006 the room is a meeting.
pub async fn destroy_room(call: Call<Tencent>, request: NamedRoom) -> Result<(), RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    call.app.rooms.look(&request.room_id, check_live)??;
    // Assumed: the end of a live room is answered without a statistic, because nothing of it is counted.
    call.app.rooms.destroy(&call.origin(), &request.room_id, &Way::Server)
}

/// Changes a live room.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateLiveRoom {
    /// The room, and what changes.
    room_info: ChangedLiveRoom,
}

/// What changes; absent fields stay.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ChangedLiveRoom {
    /// The room.
    room_id: EntityId,
    /// Up to 100 bytes; empty: the id.
    #[serde(default)]
    room_name: Option<String>,
    /// Most members.
    #[serde(default, deserialize_with = "optional")]
    max_member_count: Option<i64>,
    /// Nobody may send text.
    #[serde(default, deserialize_with = "optional")]
    is_message_disabled: Option<bool>,
    /// `FreeToTake` or `ApplyToTake`.
    #[serde(default, deserialize_with = "optional")]
    take_seat_mode: Option<SeatMode>,
    /// The picture's address.
    #[serde(rename = "CoverURL", default)]
    cover_url: Option<String>,
    /// Up to three tags.
    #[serde(default, deserialize_with = "optional")]
    category: Option<Vec<u32>>,
    /// The app's own status.
    #[serde(default, deserialize_with = "optional")]
    activity_status: Option<i64>,
    /// Whether the list of rooms shows it.
    #[serde(default, deserialize_with = "optional")]
    is_public_visible: Option<bool>,
    /// A notice to the audience.
    #[serde(default)]
    notice: Option<String>,
}

/// `update_room_info` of the live service.
///
/// # Errors
/// As for a meeting; 100006 the room is one.
pub async fn update_room_info(call: Call<Tencent>, request: UpdateLiveRoom) -> Result<(), RoomError> {
    let new = request.room_info;
    check_category(new.category.as_deref())?;
    let id = new.room_id.clone();
    let room = ChangedRoom {
        room_id: new.room_id,
        room_name: new.room_name,
        max_member_count: new.max_member_count,
        is_message_disabled: new.is_message_disabled,
        take_seat_mode: new.take_seat_mode,
        ..ChangedRoom::default()
    };
    let mut change = change_of(&call, room)?;
    change.cover_url = call.given(new.cover_url);
    change.category = new.category;
    change.activity_status = new.activity_status;
    change.is_public_visible = new.is_public_visible;
    change.notice = call.given(new.notice);
    call.app.rooms.change(&call.origin(), &id, |room, turn| {
        check_live(room)?;
        room.update(turn, change)
    })
}

/// What `get_room_info` of the live service answers.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct LiveRoomReply {
    room_info: LiveRoomView,
}

/// A live room, in the documented order of fields.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct LiveRoomView {
    room_id: EntityId,
    room_name: String,
    room_type: RoomType,
    #[serde(rename = "Owner_Account")]
    owner: UserId,
    create_time: i64,
    is_seat_enabled: bool,
    take_seat_mode: TakeSeatMode,
    max_seat_count: u64,
    max_member_count: u64,
    is_message_disabled: bool,
    #[serde(rename = "CoverURL")]
    cover_url: String,
    category: Vec<u32>,
    activity_status: i64,
    view_count: usize,
    is_public_visible: bool,
    notice: String,
    is_unlimited_room_enabled: bool,
}

/// `get_room_info` of the live service.
///
/// # Errors
/// 100002 for a field, 100004 no such room, 100006 the room is a meeting.
pub async fn get_room_info(call: Call<Tencent>, request: NamedRoom) -> Result<LiveRoomReply, RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    let room_info = call.app.rooms.look(&request.room_id, |room| check_live(room).map(|()| view_of(room)))??;
    Ok(LiveRoomReply { room_info })
}

fn view_of(room: &Room) -> LiveRoomView {
    let info = room.info.clone();
    LiveRoomView {
        room_id: info.room_id,
        room_name: info.room_name,
        room_type: info.room_type,
        // Assumed: the owner is answered as a UserID, as in meetings, and not as the sample's TinyId.
        owner: info.owner,
        create_time: info.create_time,
        is_seat_enabled: info.is_seat_enabled,
        take_seat_mode: info.take_seat_mode,
        max_seat_count: info.max_seat_count,
        max_member_count: info.max_member_count,
        is_message_disabled: info.is_message_disabled,
        cover_url: info.live.cover_url,
        category: info.live.category,
        activity_status: info.live.activity_status,
        // Assumed: the views of a live room are the accounts that are inside.
        view_count: room.members.len(),
        is_public_visible: info.live.is_public_visible,
        notice: info.live.notice,
        is_unlimited_room_enabled: info.live.is_unlimited_room_enabled,
    }
}

/// Pages through the public live rooms.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetRoomList {
    /// Rooms on the page: 1 to 20; absent: 20.
    #[serde(default, deserialize_with = "optional")]
    count: Option<i64>,
    /// The cursor of the previous answer; empty for the first page.
    #[serde(default, deserialize_with = "optional")]
    next: Option<String>,
}

/// One page of live rooms.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct RoomPage {
    /// The cursor of the next page; empty when there is no more.
    next: String,
    room_list: Vec<ListedRoom>,
}

/// A live room in the list.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListedRoom {
    room_name: String,
    room_id: EntityId,
    #[serde(rename = "Owner_Account")]
    owner: UserId,
    #[serde(rename = "CoverURL")]
    cover_url: String,
    category: Vec<u32>,
    create_time: i64,
    activity_status: i64,
    view_count: usize,
}

/// `get_room_list`: the most viewed first.
///
/// # Errors
/// 100002 for a field.
pub async fn get_room_list(call: Call<Tencent>, request: GetRoomList) -> Result<RoomPage, RoomError> {
    let count = request.count.unwrap_or(20);
    let count = u64::try_from(count).map_err(|_| Invalid::new(ROOMS.field, format!("is {count}")))?;
    call.within(&ROOMS, usize::try_from(count).unwrap_or(usize::MAX))?;
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    // Assumed: the list's cursor is a position, because the order follows the audience from call to call.
    let from: usize = match &request.next {
        None => 0,
        Some(text) => text.parse().map_err(|_| Invalid::new("Next", format!("{} is no cursor", quote_text(text))))?,
    };
    let registry = call.app.rooms.registry();
    let shown = |room: &Room| (room.is_live() && room.info.live.is_public_visible).then(|| listed(room));
    let mut rooms: Vec<ListedRoom> =
        registry.ids().iter().filter_map(|id| registry.read(id, shown).flatten()).collect();
    rooms.sort_by_key(|room| std::cmp::Reverse(room.view_count));
    let end = rooms.len().min(from.saturating_add(count));
    let next = if end < rooms.len() { end.to_string() } else { String::new() };
    Ok(RoomPage { next, room_list: rooms.drain(from.min(end)..end).collect() })
}

fn listed(room: &Room) -> ListedRoom {
    let info = room.info.clone();
    ListedRoom {
        room_name: info.room_name,
        room_id: info.room_id,
        owner: info.owner,
        cover_url: info.live.cover_url,
        category: info.live.category,
        create_time: info.create_time,
        activity_status: info.live.activity_status,
        view_count: room.members.len(),
    }
}

/// A request of which nothing is read.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Unread {}

/// A command that exists and is not emulated.
///
/// # Errors
/// Always 100002.
pub async fn not_emulated(call: Call<Tencent>, _: Unread) -> Result<(), RoomError> {
    Err(RoomError::NotEmulated(call.arrival.operation.name))
}
