//! Seats: read, given, freed, locked and exchanged by a server; the service `room_engine_http_mic`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::decode::optional;
use crate::api::limit::Limit;
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::rooms::info::{NAMED_ROOM_ID, NamedRoom, check_room_id};
use crate::api::tencent::rooms::members::check_account;
use crate::domain::invalid::Invalid;
use crate::domain::rooms::error::RoomError;
use crate::domain::rooms::seats::{MovePolicy, SeatLock};
use crate::kernel::names::{EntityId, UserId};

/// The text that goes with taking somebody off a seat.
pub const DATA: Limit = Limit::bytes("Data", 0..=1000);

/// All seats of a room.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SeatList {
    /// In the order of their numbers; empty where seats are off.
    seat_list: Vec<SeatView>,
}

/// A seat.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SeatView {
    /// Counted from 0.
    index: usize,
    /// Who sits there; absent for nobody.
    #[serde(rename = "Member_Account", skip_serializing_if = "Option::is_none")]
    account: Option<UserId>,
    is_taken_disabled: bool,
    is_video_disabled: bool,
    is_audio_disabled: bool,
}

/// `get_seat_list`.
///
/// # Errors
/// 100002 for a field, 100004 no such room.
pub async fn get_seat_list(call: Call<Tencent>, request: NamedRoom) -> Result<SeatList, RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    // Assumed: all seats are listed by number, and a room without seats has an empty list.
    let seat_list = call.app.rooms.look(&request.room_id, |room| {
        let seats = room.seats.iter().enumerate().map(|(index, seat)| SeatView {
            index,
            account: seat.member.clone(),
            is_taken_disabled: seat.is_taken_disabled,
            is_video_disabled: seat.is_video_disabled,
            is_audio_disabled: seat.is_audio_disabled,
        });
        seats.collect()
    })?;
    Ok(SeatList { seat_list })
}

/// Puts a member on a seat.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PickUserOnSeat {
    /// The room.
    room_id: EntityId,
    /// Who; has to be inside.
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// The seat, from 0.
    index: i64,
}

/// `pick_user_on_seat`: nobody is asked, and the mode does not matter.
///
/// # Errors
/// 100002, 100004, 100211 no seats, 100005 not inside, 100203 seated, 100202 waiting, 100205 all taken, 100200 locked,
/// 100210 taken by another.
pub async fn pick_user_on_seat(call: Call<Tencent>, request: PickUserOnSeat) -> Result<(), RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    check_account("Member_Account", &request.account)?;
    call.app
        .rooms
        .change(&call.origin(), &request.room_id, |room, turn| room.pick(turn, &request.account, request.index))
}

/// Takes a member off a seat.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct KickUserOffSeat {
    /// The room.
    room_id: EntityId,
    /// Who.
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// A text for them, up to 1000 bytes; may be empty, but not absent.
    data: String,
}

/// `kick_user_off_seat`: the member stays in the room.
///
/// # Errors
/// 100002 for a field, 100004 no such room, 100206 not on a seat.
pub async fn kick_user_off_seat(call: Call<Tencent>, request: KickUserOffSeat) -> Result<(), RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    check_account("Member_Account", &request.account)?;
    // Assumed: the text may have 1000 bytes, as the reason of a kick may, and may be empty.
    call.within(&DATA, request.data.len())?;
    let absent = call.settings().options.seat_kick_absent;
    call.app.rooms.change(&call.origin(), &request.room_id, |room, turn| {
        let more = vec![("Data", request.data.as_str().into())];
        // Assumed: one who is not on a seat is refused with 100206, unless the option seat_kick_absent is on.
        match room.take_off(turn, &request.account, "kicked_off", more) {
            Err(RoomError::NotSeated(_)) if absent => Ok(()),
            other => other,
        }
    })
}

/// Locks a seat, or parts of it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct LockSeat {
    /// The room.
    room_id: EntityId,
    /// The seat, from 0.
    index: i64,
    /// Nobody may sit there; who does is taken off.
    #[serde(default, deserialize_with = "optional")]
    forbid_taken: Option<bool>,
    /// No video from it.
    #[serde(default, deserialize_with = "optional")]
    forbid_video: Option<bool>,
    /// No audio from it.
    #[serde(default, deserialize_with = "optional")]
    forbid_audio: Option<bool>,
}

/// `lock_seat`: absent parts stay.
///
/// # Errors
/// 100002 for a field or no such seat, 100004 no such room, 100211 no seats.
pub async fn lock_seat(call: Call<Tencent>, request: LockSeat) -> Result<(), RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    let lock = SeatLock { taken: request.forbid_taken, video: request.forbid_video, audio: request.forbid_audio };
    call.app.rooms.change(&call.origin(), &request.room_id, |room, turn| room.lock_seat(turn, request.index, lock))
}

/// Moves one who sits to another seat.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct MoveUserToSeat {
    /// The room.
    room_id: EntityId,
    /// The seat, from 0; a lock on it is opened.
    seat_index: i64,
    /// Who; has to be on a seat.
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// If the seat is taken: 0 gives up, 1 takes the other off, 2 swaps. Absent: 0.
    #[serde(default, deserialize_with = "optional")]
    policy: Option<i64>,
}

/// `move_user_to_seat`.
///
/// # Errors
/// 100002 for a field or no such seat, 100004 no such room, 100206 not on a seat, 100210 taken, 100211 no seats.
pub async fn move_user_to_seat(call: Call<Tencent>, request: MoveUserToSeat) -> Result<(), RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    check_account("Member_Account", &request.account)?;
    // Assumed: a move without a policy gives up where the seat is taken.
    let policy = match request.policy.unwrap_or(0) {
        0 => MovePolicy::GiveUp,
        1 => MovePolicy::Force,
        2 => MovePolicy::Swap,
        other => return Err(Invalid::new("Policy", format!("is {other}, and has to be 0, 1 or 2")).into()),
    };
    call.app.rooms.change(&call.origin(), &request.room_id, |room, turn| {
        room.move_to_seat(turn, &request.account, "SeatIndex", request.seat_index, policy)
    })
}

/// Moves one who sits to an empty seat; the older form.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SwitchSeat {
    /// The room.
    room_id: EntityId,
    /// The seat, from 0; has to be empty.
    to_index: i64,
    /// Who; has to be on a seat.
    #[serde(rename = "Member_Account")]
    account: UserId,
}

/// `switch_seat`.
///
/// # Errors
/// 100002 for a field or no such seat, 100004 no such room, 100200 locked, 100206 not on a seat, 100210 taken, 100211 no
/// seats.
pub async fn switch_seat(call: Call<Tencent>, request: SwitchSeat) -> Result<(), RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    check_account("Member_Account", &request.account)?;
    // Assumed: the older move opens no lock; a locked seat answers 100200.
    call.app.rooms.change(&call.origin(), &request.room_id, |room, turn| {
        room.move_to_seat(turn, &request.account, "ToIndex", request.to_index, MovePolicy::EmptyOnly)
    })
}
