//! A room's data changed: only what a request names.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::api::call::Call;
use crate::api::decode::optional;
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::rooms::info::{
    CAPACITY, CUSTOM_INFO, ROOM_ID, ROOM_NAME, check_package, check_room_id, positive,
};
use crate::domain::rooms::error::RoomError;
use crate::domain::rooms::info::TakeSeatMode;
use crate::domain::rooms::room::InfoChange;
use crate::kernel::names::EntityId;

/// Changes a room.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateRoomInfo {
    /// The room, and what changes.
    room_info: ChangedRoom,
}

/// What changes; absent fields stay, and fields that cannot be changed are passed over.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ChangedRoom {
    /// The room.
    pub(super) room_id: EntityId,
    /// Up to 100 bytes; empty: the id.
    #[serde(default)]
    pub(super) room_name: Option<String>,
    /// Most members; lowering it puts nobody out.
    #[serde(default, deserialize_with = "optional")]
    pub(super) max_member_count: Option<i64>,
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
    #[serde(default)]
    pub(super) custom_info: Option<String>,
    /// `FreeToTake` or `ApplyToTake`.
    #[serde(default, deserialize_with = "optional")]
    pub(super) take_seat_mode: Option<SeatMode>,
    /// Whether entering wants a password.
    #[serde(default, deserialize_with = "optional")]
    pub(super) is_password_enabled: Option<bool>,
    /// The password.
    #[serde(default)]
    pub(super) password: Option<String>,
}

/// A mode that a room can be changed to.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub enum SeatMode {
    /// Whoever comes first.
    FreeToTake,
    /// By asking.
    ApplyToTake,
}

/// `update_room_info`.
///
/// # Errors
/// 100002 for a field, 100004 no such room, 100007 and 100013 for the package.
pub async fn update_room_info(call: Call<Tencent>, request: UpdateRoomInfo) -> Result<(), RoomError> {
    let id = request.room_info.room_id.clone();
    let change = change_of(&call, request.room_info)?;
    call.app.rooms.change(&call.origin(), &id, |room, turn| room.update(turn, change))
}

/// Checks an update and gives what it changes.
///
/// # Errors
/// 100002 for a field, 100007 and 100013 for the package.
pub fn change_of(call: &Call<Tencent>, new: ChangedRoom) -> Result<InfoChange, RoomError> {
    check_room_id(call, &ROOM_ID, &new.room_id)?;
    call.within(&ROOM_NAME, new.room_name.as_ref().map_or(0, String::len))?;
    call.within(&CUSTOM_INFO, new.custom_info.as_ref().map_or(0, String::len))?;
    let max_member_count = positive(CAPACITY.field, new.max_member_count)?;
    check_package(call, max_member_count.unwrap_or(0), 0)?;
    Ok(InfoChange {
        // An empty name means something of its own: the id.
        room_name: new.room_name,
        max_member_count,
        is_video_disabled: new.is_video_disabled,
        is_audio_disabled: new.is_audio_disabled,
        is_message_disabled: new.is_message_disabled,
        is_screen_sharing_disabled: new.is_screen_sharing_disabled,
        is_cloud_recording_disabled: new.is_cloud_recording_disabled,
        // Assumed: an empty text in an update leaves the text as it is, unless the option empty_clears is on.
        custom_info: call.given(new.custom_info),
        take_seat_mode: new.take_seat_mode.map(|mode| match mode {
            SeatMode::FreeToTake => TakeSeatMode::FreeToTake,
            SeatMode::ApplyToTake => TakeSeatMode::ApplyToTake,
        }),
        is_password_enabled: new.is_password_enabled,
        password: call.given(new.password),
        ..InfoChange::default()
    })
}
