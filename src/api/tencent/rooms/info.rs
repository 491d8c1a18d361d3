//! A room as a whole: made, ended, read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::decode::optional;
use crate::api::limit::Limit;
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::rooms::members::check_accounts;
use crate::api::why::{cut, quote_text};
use crate::domain::accounts::fault_of_user_id;
use crate::domain::invalid::Invalid;
use crate::domain::rooms::Making;
use crate::domain::rooms::check::{SEATS_MAX, fault_of_room_id};
use crate::domain::rooms::error::RoomError;
use crate::domain::rooms::info::{LiveInfo, RoomInfo, RoomType, TakeSeatMode};
use crate::domain::rooms::room::Room;
use crate::domain::rooms::state::{MAX_MEMBERS, MEETING_SECONDS, SEATS as SEATS_DEFAULT};
use crate::domain::rooms::way::Way;
use crate::kernel::clock::Timestamp;
use crate::kernel::names::{EntityId, UserId};

/// The id of a new room.
pub const ROOM_ID: Limit = Limit::bytes("RoomInfo.RoomId", 1..=48);
/// The id of a room that is named.
pub const NAMED_ROOM_ID: Limit = Limit::bytes("RoomId", 1..=48);
/// The name shown.
pub const ROOM_NAME: Limit = Limit::bytes("RoomInfo.RoomName", 0..=100);
/// The app's free text.
pub const CUSTOM_INFO: Limit = Limit::bytes("RoomInfo.CustomInfo", 0..=500);
/// Members that the package allows; unbounded unless the app's limits say otherwise.
pub const CAPACITY: Limit = Limit::value("RoomInfo.MaxMemberCount", 1..=u32::MAX as u64);
/// Seats that the package allows.
pub const SEATS: Limit = Limit::value("RoomInfo.MaxSeatCount", 1..=50);
/// The shortest meeting, in seconds.
const MEETING_SECONDS_MIN: i64 = 300;

/// Checks a room id.
///
/// # Errors
/// Its length or its characters are wrong.
pub fn check_room_id(call: &Call<Tencent>, limit: &Limit, id: &str) -> Result<(), Invalid> {
    if id.is_empty() {
        return Err(Invalid::required(limit.field));
    }
    call.within(limit, id.len())?;
    match fault_of_room_id(id) {
        Some(fault) => Err(Invalid::new(limit.field, fault)),
        None => Ok(()),
    }
}

/// Creates a room.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateRoom {
    /// The room.
    room_info: NewRoom,
    /// Who is invited to a scheduled meeting; duplicates are kept.
    #[serde(rename = "ScheduleInviteeList_Account", default, deserialize_with = "optional")]
    invitees: Option<Vec<UserId>>,
}

/// A room to be made.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct NewRoom {
    /// Unique in the app, shared with Chat groups: 1 to 48 bytes of printable ASCII.
    pub(super) room_id: EntityId,
    /// Up to 100 bytes; absent: the id.
    #[serde(default, deserialize_with = "optional")]
    pub(super) room_name: Option<String>,
    /// `Conference`.
    pub(super) room_type: String,
    /// An imported account; absent: the caller.
    #[serde(rename = "Owner_Account", default, deserialize_with = "optional")]
    pub(super) owner: Option<UserId>,
    /// Most members; absent: 300.
    #[serde(default, deserialize_with = "optional")]
    pub(super) max_member_count: Option<i64>,
    /// Planned start, Unix seconds; absent: now.
    #[serde(default, deserialize_with = "optional")]
    pub(super) schedule_start_time: Option<i64>,
    /// Planned end, Unix seconds; absent: an hour later. At least five minutes after the start.
    #[serde(default, deserialize_with = "optional")]
    pub(super) schedule_end_time: Option<i64>,
    /// Nobody may open the camera.
    #[serde(default, deserialize_with = "optional")]
    pub(super) is_video_disabled: Option<bool>,
    /// Nobody may open the microphone.
    #[serde(default, deserialize_with = "optional")]
    pub(super) is_audio_disabled: Option<bool>,
    /// Nobody may send text.
    #[serde(default, deserialize_with = "optional")]
    pub(super) is_message_disabled: Option<bool>,
    /// Nobody may share the screen.
    #[serde(default, deserialize_with = "optional")]
    pub(super) is_screen_sharing_disabled: Option<bool>,
    /// Nobody may record in the cloud.
    #[serde(default, deserialize_with = "optional")]
    pub(super) is_cloud_recording_disabled: Option<bool>,
    /// Up to 500 bytes.
    #[serde(default, deserialize_with = "optional")]
    pub(super) custom_info: Option<String>,
    /// Whether there are seats.
    #[serde(default, deserialize_with = "optional")]
    pub(super) is_seat_enabled: Option<bool>,
    /// Number of seats, at most 50; absent: 16 where seats are on.
    #[serde(default, deserialize_with = "optional")]
    pub(super) max_seat_count: Option<i64>,
    /// `None`, `FreeToTake` or `ApplyToTake`.
    #[serde(default, deserialize_with = "optional")]
    pub(super) take_seat_mode: Option<TakeSeatMode>,
    /// Whether entering wants a password.
    #[serde(default, deserialize_with = "optional")]
    pub(super) is_password_enabled: Option<bool>,
    /// The password; not empty where it is wanted.
    #[serde(default, deserialize_with = "optional")]
    pub(super) password: Option<String>,
}

/// `create_room`: the room exists at once; its owner enters it by client.
///
/// # Errors
/// 100002 for a field, 100003, 100010 and 100011 for an id in use, 100013 above the package, 100015 for the type.
pub async fn create_room(call: Call<Tencent>, request: CreateRoom) -> Result<(), RoomError> {
    let invitees = request.invitees.unwrap_or_default();
    check_accounts("ScheduleInviteeList_Account", &invitees)?;
    let info = info_of(&call, request.room_info, RoomType::Conference)?;
    make(&call, info, invitees)
}

/// Makes a room of either kind, once its fields are sound.
///
/// # Errors
/// 100002 for the owner, 100003, 100010, 100011 and 100012 for the id, 100007 and 100013 for the package.
pub fn make(call: &Call<Tencent>, info: RoomInfo, invitees: Vec<UserId>) -> Result<(), RoomError> {
    let options = &call.settings().options;
    // Assumed: an owner who was never imported is a wrong parameter.
    if !options.import_owner && !call.app.accounts.contains(&info.owner) {
        let why = format!("{} is not an imported account", quote_text(&info.owner));
        return Err(Invalid::new("RoomInfo.Owner_Account", why).into());
    }
    if let Some(fault) = fault_of_user_id(&info.owner) {
        return Err(Invalid::new("RoomInfo.Owner_Account", fault).into());
    }
    check_package(call, info.max_member_count, info.max_seat_count)?;
    let owner = info.owner.clone();
    let making = Making { owner_enters: options.owner_enters, interval: options.create_interval };
    call.app.rooms.create(&call.origin(), info, invitees, making)?;
    call.app.accounts.import_silently(&owner);
    Ok(())
}

/// Checks what the package allows, after every field has been found sound.
///
/// # Errors
/// 100007 without a package, 100013 above it.
pub fn check_package(call: &Call<Tencent>, members: u64, seats: u64) -> Result<(), RoomError> {
    if call.settings().options.no_package {
        return Err(RoomError::NoPackage);
    }
    // Assumed: the package allows 50 seats and any number of members; both can be lowered for an app.
    for (limit, amount, most) in [(&CAPACITY, members, u64::MAX), (&SEATS, seats, SEATS_MAX)] {
        let max = call.max_of(limit).min(most);
        if amount > max {
            return Err(RoomError::OverPackage { field: limit.field, amount, max });
        }
    }
    Ok(())
}

/// Checks a new room of this kind and fills in the defaults.
///
/// # Errors
/// 100002 for a field, 100015 for the type.
pub fn info_of(call: &Call<Tencent>, new: NewRoom, kind: RoomType) -> Result<RoomInfo, RoomError> {
    check_room_id(call, &ROOM_ID, &new.room_id)?;
    if new.room_type != kind.word() {
        return Err(if new.room_type.is_empty() {
            Invalid::required("RoomInfo.RoomType").into()
        } else {
            RoomError::WrongType(cut(&new.room_type), kind.word())
        });
    }
    let room_name = new.room_name.unwrap_or_else(|| new.room_id.to_string());
    call.within(&ROOM_NAME, room_name.len())?;
    let custom_info = new.custom_info.unwrap_or_default();
    call.within(&CUSTOM_INFO, custom_info.len())?;
    let owner = new.owner.unwrap_or_else(|| call.caller.identifier.clone());
    check_accounts("RoomInfo.Owner_Account", std::slice::from_ref(&owner))?;
    let now = call.app.tenancy.now();
    let (start, end) = schedule(now, new.schedule_start_time, new.schedule_end_time)?;
    let is_seat_enabled = new.is_seat_enabled.unwrap_or(false);
    let password = new.password.unwrap_or_default();
    let is_password_enabled = new.is_password_enabled.unwrap_or(false);
    if is_password_enabled && password.is_empty() {
        return Err(Invalid::new("RoomInfo.Password", "is empty, and IsPasswordEnabled is true").into());
    }
    // Assumed: a room with seats lets whoever comes first take them, and one without has 0 seats and the mode None.
    let seat_mode = if is_seat_enabled { TakeSeatMode::FreeToTake } else { TakeSeatMode::None };
    Ok(RoomInfo {
        room_name,
        room_type: kind,
        owner,
        max_member_count: positive(CAPACITY.field, new.max_member_count)?
            .unwrap_or_else(|| MAX_MEMBERS.min(call.max_of(&CAPACITY))),
        max_seat_count: seats_of(call, is_seat_enabled, new.max_seat_count)?,
        is_video_disabled: new.is_video_disabled.unwrap_or(false),
        is_audio_disabled: new.is_audio_disabled.unwrap_or(false),
        is_message_disabled: new.is_message_disabled.unwrap_or(false),
        is_screen_sharing_disabled: new.is_screen_sharing_disabled.unwrap_or(false),
        is_cloud_recording_disabled: new.is_cloud_recording_disabled.unwrap_or(false),
        custom_info,
        schedule_start_time: start,
        schedule_end_time: end,
        is_seat_enabled,
        take_seat_mode: new.take_seat_mode.unwrap_or(seat_mode),
        create_time: now.seconds(),
        is_password_enabled,
        password,
        live: LiveInfo::default(),
        room_id: new.room_id,
    })
}

/// A number that has to be above 0.
///
/// # Errors
/// It is not.
pub fn positive(field: &str, number: Option<i64>) -> Result<Option<u64>, Invalid> {
    let Some(number) = number else { return Ok(None) };
    match u64::try_from(number) {
        Ok(number) if number > 0 => Ok(Some(number)),
        _ => Err(Invalid::new(field, format!("is {number}, and has to be above 0"))),
    }
}

/// The planned times; a meeting lasts at least five minutes.
fn schedule(now: Timestamp, start: Option<i64>, end: Option<i64>) -> Result<(i64, i64), Invalid> {
    for (field, time) in [("RoomInfo.ScheduleStartTime", start), ("RoomInfo.ScheduleEndTime", end)] {
        if let Some(time) = time.filter(|time| !(0..=u32::MAX.into()).contains(time)) {
            let why = format!("is {time}; a Unix time in seconds is 0 to 4294967295");
            return Err(Invalid::new(field, why));
        }
    }
    // Assumed: times in the past are taken as they are given.
    let start = start.unwrap_or(now.seconds());
    let end = end.unwrap_or(start + MEETING_SECONDS);
    if end - start < MEETING_SECONDS_MIN {
        let why = format!("is {} seconds after the start; a meeting lasts at least {MEETING_SECONDS_MIN}", end - start);
        return Err(Invalid::new("RoomInfo.ScheduleEndTime", why));
    }
    Ok((start, end))
}

/// The number of seats: none where they are off.
fn seats_of(call: &Call<Tencent>, enabled: bool, asked: Option<i64>) -> Result<u64, Invalid> {
    if !enabled {
        return Ok(0);
    }
    Ok(positive(SEATS.field, asked)?.unwrap_or_else(|| SEATS_DEFAULT.min(call.max_of(&SEATS))))
}

/// Names a room.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct NamedRoom {
    /// The room.
    pub(super) room_id: EntityId,
}

/// `destroy_room`: everybody is put out, the id is free at once.
///
/// # Errors
/// 100002 for a field, 100004 no such room.
pub async fn destroy_room(call: Call<Tencent>, request: NamedRoom) -> Result<(), RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    call.app.rooms.destroy(&call.origin(), &request.room_id, &Way::Server)
}

/// What `get_room_info` answers.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct RoomReply {
    room_info: RoomView,
}

/// A room, in the documented order of fields.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct RoomView {
    room_id: EntityId,
    room_name: String,
    room_type: RoomType,
    #[serde(rename = "Owner_Account")]
    owner: UserId,
    max_member_count: u64,
    max_seat_count: u64,
    is_video_disabled: bool,
    is_audio_disabled: bool,
    is_message_disabled: bool,
    is_screen_sharing_disabled: bool,
    is_cloud_recording_disabled: bool,
    custom_info: String,
    schedule_start_time: i64,
    schedule_end_time: i64,
    /// `NotStarted` or `Running`.
    room_status: &'static str,
    is_seat_enabled: bool,
    take_seat_mode: TakeSeatMode,
    create_time: i64,
    member_count: usize,
    is_password_enabled: bool,
    password: String,
}

/// `get_room_info`.
///
/// # Errors
/// 100002 for a field, 100004 no such room.
pub async fn get_room_info(call: Call<Tencent>, request: NamedRoom) -> Result<RoomReply, RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    let now = call.app.tenancy.now();
    let room_info = call.app.rooms.look(&request.room_id, |room| view_of(room, now))?;
    Ok(RoomReply { room_info })
}

fn view_of(room: &Room, now: Timestamp) -> RoomView {
    let info = room.info.clone();
    RoomView {
        room_id: info.room_id,
        room_name: info.room_name,
        room_type: info.room_type,
        owner: info.owner,
        max_member_count: info.max_member_count,
        max_seat_count: info.max_seat_count,
        is_video_disabled: info.is_video_disabled,
        is_audio_disabled: info.is_audio_disabled,
        is_message_disabled: info.is_message_disabled,
        is_screen_sharing_disabled: info.is_screen_sharing_disabled,
        is_cloud_recording_disabled: info.is_cloud_recording_disabled,
        custom_info: info.custom_info,
        schedule_start_time: info.schedule_start_time,
        schedule_end_time: info.schedule_end_time,
        room_status: room.status(now),
        is_seat_enabled: info.is_seat_enabled,
        take_seat_mode: info.take_seat_mode,
        create_time: info.create_time,
        member_count: room.members.len(),
        // Assumed: the two password fields of the newer pages are always there, at the end.
        is_password_enabled: info.is_password_enabled,
        password: info.password,
    }
}
