//! What a room is, its members aside, and the forms in which facts show it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::names::{EntityId, UserId};

/// The kind of a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RoomType {
    /// A meeting.
    #[default]
    Conference,
    /// A live room; made by the live service.
    Live,
}

impl RoomType {
    /// The service's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Conference => "Conference",
            Self::Live => "Live",
        }
    }
}

/// How people get on a seat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TakeSeatMode {
    /// There are no seats.
    #[default]
    None,
    /// Whoever comes first.
    FreeToTake,
    /// By asking.
    ApplyToTake,
}

/// What a room is, its members aside.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomInfo {
    /// The id: 1 to 48 bytes.
    pub room_id: EntityId,
    /// The name shown: up to 100 bytes.
    pub room_name: String,
    /// The kind.
    pub room_type: RoomType,
    /// The host.
    pub owner: UserId,
    /// Most members.
    pub max_member_count: u64,
    /// Number of seats; 0 where they are off.
    pub max_seat_count: u64,
    /// Nobody may open the camera.
    pub is_video_disabled: bool,
    /// Nobody may open the microphone.
    pub is_audio_disabled: bool,
    /// Nobody may send text.
    pub is_message_disabled: bool,
    /// Nobody may share the screen.
    pub is_screen_sharing_disabled: bool,
    /// Nobody may record in the cloud.
    pub is_cloud_recording_disabled: bool,
    /// Free text of the app: up to 500 bytes.
    pub custom_info: String,
    /// Planned start, Unix seconds.
    pub schedule_start_time: i64,
    /// Planned end, Unix seconds.
    pub schedule_end_time: i64,
    /// Whether there are seats.
    pub is_seat_enabled: bool,
    /// How they are taken.
    pub take_seat_mode: TakeSeatMode,
    /// When it was made, Unix seconds.
    pub create_time: i64,
    /// Whether entering wants a password.
    pub is_password_enabled: bool,
    /// The password.
    pub password: String,
    /// What only live rooms have.
    pub live: LiveInfo,
}

/// What only live rooms have; empty in a meeting.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct LiveInfo {
    /// The picture's address.
    #[serde(rename = "CoverURL", skip_serializing_if = "String::is_empty")]
    pub cover_url: String,
    /// Tags of the kind of show, up to three.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub category: Vec<u32>,
    /// The app's own status.
    #[serde(skip_serializing_if = "is_zero")]
    pub activity_status: i64,
    /// Whether the list of live rooms shows it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_public_visible: bool,
    /// A notice to the audience.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub notice: String,
    /// Whether the audience is unbounded.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_unlimited_room_enabled: bool,
}

fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// A room as its creation is told of, in the documented order of fields.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreatedRoom {
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
    room_status: &'static str,
    is_seat_enabled: bool,
    take_seat_mode: TakeSeatMode,
    create_time: i64,
}

impl CreatedRoom {
    /// The room as it is now; its status is the service's word.
    pub fn of(info: &RoomInfo, room_status: &'static str) -> Self {
        let info = info.clone();
        Self {
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
            room_status,
            is_seat_enabled: info.is_seat_enabled,
            take_seat_mode: info.take_seat_mode,
            create_time: info.create_time,
        }
    }
}

/// A room as a change of it is told of: its present state, in the documented order of fields.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdatedRoom {
    room_id: EntityId,
    room_name: String,
    #[serde(rename = "Owner_Account")]
    owner: UserId,
    take_seat_mode: TakeSeatMode,
    max_member_count: u64,
    is_video_disabled: bool,
    is_audio_disabled: bool,
    is_message_disabled: bool,
    is_screen_sharing_disabled: bool,
    is_cloud_recording_disabled: bool,
    custom_info: String,
}

impl UpdatedRoom {
    /// The room as it is now.
    pub fn of(info: &RoomInfo) -> Self {
        let info = info.clone();
        Self {
            room_id: info.room_id,
            room_name: info.room_name,
            owner: info.owner,
            take_seat_mode: info.take_seat_mode,
            max_member_count: info.max_member_count,
            is_video_disabled: info.is_video_disabled,
            is_audio_disabled: info.is_audio_disabled,
            is_message_disabled: info.is_message_disabled,
            is_screen_sharing_disabled: info.is_screen_sharing_disabled,
            is_cloud_recording_disabled: info.is_cloud_recording_disabled,
            custom_info: info.custom_info,
        }
    }
}
