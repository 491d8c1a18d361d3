//! What a client SDK would do in a room: come and go, sit and ask, help and end, with the codes that a client meets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::control::clients::{app_of, origin_of};
use crate::api::control::gateway::{Control, ControlRefusal};
use crate::api::control::state::Nothing;
use crate::domain::rooms::error::RoomError;
use crate::domain::rooms::members::Role;
use crate::domain::rooms::room::Room;
use crate::domain::rooms::way::{Client, Way};
use crate::domain::settings::KickPartial;
use crate::kernel::names::UserId;
use crate::kernel::turn::Turn;

/// Who acts, as a client in a room.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct InRoom {
    /// The account.
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// The room's password, where it wants one.
    #[serde(default)]
    password: String,
    /// The client's platform, as in `Web`; events show it.
    #[serde(default)]
    platform: Option<String>,
    /// The client's address; events show it.
    #[serde(default, rename = "ClientIP")]
    client_ip: Option<String>,
}

/// Changes the path's room as this account.
fn act<R>(
    call: &Call<Control>,
    by: &UserId,
    rule: impl FnOnce(&mut Room, &mut Turn<'_>) -> Result<R, RoomError>,
) -> Result<R, ControlRefusal> {
    let app = app_of(call)?;
    let origin = origin_of(call, &app, by)?;
    Ok(app.rooms.change(&origin, call.arrival.param("RoomId"), rule)?)
}

/// `POST …/rooms/{RoomId}/enter`.
///
/// # Errors
/// 409 with the room service's code: 100004, 100008, 100016, 100018, 100019.
pub async fn enter(call: Call<Control>, request: InRoom) -> Result<Nothing, ControlRefusal> {
    let client = Client { platform: request.platform, ip: request.client_ip };
    act(&call, &request.account, |room, turn| room.enter(turn, &request.account, &request.password, &client))?;
    // Assumed: whoever enters without having been imported is imported by that.
    app_of(&call)?.accounts.import_silently(&request.account);
    Ok(Nothing {})
}

/// `POST …/rooms/{RoomId}/leave`.
///
/// # Errors
/// 409 with the room service's code: 100004, 100005.
pub async fn leave(call: Call<Control>, request: InRoom) -> Result<Nothing, ControlRefusal> {
    let client = Client { platform: request.platform, ip: request.client_ip };
    act(&call, &request.account, |room, turn| room.leave(turn, &request.account, "left", &client))?;
    Ok(Nothing {})
}

/// `POST …/rooms/{RoomId}/expire`: the heartbeat of a client is lost.
///
/// # Errors
/// 409 with the room service's code: 100004, 100005.
pub async fn expire(call: Call<Control>, request: InRoom) -> Result<Nothing, ControlRefusal> {
    let client = Client { platform: request.platform, ip: request.client_ip };
    act(&call, &request.account, |room, turn| room.leave(turn, &request.account, "expired", &client))?;
    Ok(Nothing {})
}

/// What a client does about a seat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeatAction {
    /// Sits down.
    #[default]
    Take,
    /// Gets up.
    Leave,
    /// Asks for a seat.
    Request,
    /// Asks no longer.
    Cancel,
    /// Lets the one who asked sit down.
    Accept,
    /// Refuses the one who asked.
    Reject,
}

/// A client and a seat.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct AtSeat {
    /// Who sits, gets up or asks.
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// `take` if absent.
    #[serde(default)]
    action: SeatAction,
    /// The seat, from 0; absent: the first free one.
    #[serde(default)]
    index: Option<i64>,
    /// Who accepts or rejects; absent: the owner.
    #[serde(default, rename = "Operator_Account")]
    operator: Option<UserId>,
    /// The client's platform.
    #[serde(default)]
    platform: Option<String>,
    /// The client's address.
    #[serde(default, rename = "ClientIP")]
    client_ip: Option<String>,
}

/// `POST …/rooms/{RoomId}/seat`.
///
/// # Errors
/// 409 with the room service's code: 100002, 100004, 100005, 100006, 100200 to 100206, 100211.
pub async fn seat(call: Call<Control>, request: AtSeat) -> Result<Nothing, ControlRefusal> {
    let AtSeat { account, action, index, operator, platform, client_ip } = request;
    let client = Client { platform, ip: client_ip };
    let by = match action {
        SeatAction::Accept | SeatAction::Reject => operator_of(&call, operator)?,
        _ => account.clone(),
    };
    act(&call, &by, |room, turn| match action {
        SeatAction::Take => room.take_seat(turn, &account, index, &client),
        SeatAction::Leave if room.seats.is_empty() => Err(RoomError::NoSeats),
        SeatAction::Leave => room.take_off(turn, &account, "left", client.fields()),
        SeatAction::Request => room.request_seat(turn, &account, index, &client),
        SeatAction::Cancel => room.cancel_request(turn, &account, &client),
        SeatAction::Accept => room.answer_request(turn, &account, true, &client),
        SeatAction::Reject => room.answer_request(turn, &account, false, &client),
    })?;
    Ok(Nothing {})
}

/// Who acts where nobody is named: the owner of the path's room.
fn operator_of(call: &Call<Control>, named: Option<UserId>) -> Result<UserId, ControlRefusal> {
    if let Some(named) = named {
        return Ok(named);
    }
    Ok(app_of(call)?.rooms.look(call.arrival.param("RoomId"), |room| room.info.owner.clone())?)
}

/// A member's role, as the owner sets it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct AsAdmin {
    /// Who becomes an administrator.
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// False: becomes an ordinary member again.
    #[serde(default = "yes")]
    admin: bool,
    /// Who does it; absent: the owner.
    #[serde(default, rename = "Operator_Account")]
    operator: Option<UserId>,
}

fn yes() -> bool {
    true
}

/// `POST …/rooms/{RoomId}/admin`.
///
/// # Errors
/// 409 with the room service's code: 100004, 100005, 100006, 100020.
pub async fn admin(call: Call<Control>, request: AsAdmin) -> Result<Nothing, ControlRefusal> {
    let by = operator_of(&call, request.operator)?;
    let most = app_of(&call)?.settings().options.room_admins_max;
    let role = if request.admin { Role::Admin } else { Role::Member };
    act(&call, &by, |room, turn| room.set_admin(turn, &request.account, role, most))?;
    Ok(Nothing {})
}

/// Members whom a client removes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct KickedByClient {
    /// Who is removed.
    #[serde(rename = "MemberList_Account")]
    members: Vec<UserId>,
    /// Who does it; absent: the owner.
    #[serde(default, rename = "Operator_Account")]
    operator: Option<UserId>,
    /// The client's platform.
    #[serde(default)]
    platform: Option<String>,
    /// The client's address.
    #[serde(default, rename = "ClientIP")]
    client_ip: Option<String>,
}

/// `POST …/rooms/{RoomId}/kick`: without a text, as the SDK's call has none.
///
/// # Errors
/// 409 with the room service's code: 100004, 100005, 100006; 400 for an empty list.
pub async fn kick(call: Call<Control>, request: KickedByClient) -> Result<Nothing, ControlRefusal> {
    if request.members.is_empty() {
        return Err(ControlRefusal::invalid("MemberList_Account", "is empty"));
    }
    let by = operator_of(&call, request.operator)?;
    let way = Way::Client(Client { platform: request.platform, ip: request.client_ip });
    act(&call, &by, |room, turn| room.kick(turn, &way, &request.members, "", KickPartial::Refuse))?;
    Ok(Nothing {})
}

/// `POST …/rooms/{RoomId}/destroy`.
///
/// # Errors
/// 409 with the room service's code: 100004, 100006.
pub async fn destroy(call: Call<Control>, request: InRoom) -> Result<Nothing, ControlRefusal> {
    let app = app_of(&call)?;
    let origin = origin_of(&call, &app, &request.account)?;
    let way = Way::Client(Client { platform: request.platform, ip: request.client_ip });
    app.rooms.destroy(&origin, call.arrival.param("RoomId"), &way)?;
    Ok(Nothing {})
}

/// A text that a client sends.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Message {
    /// Who sends it.
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// The text.
    text: String,
    /// The client's platform.
    #[serde(default)]
    platform: Option<String>,
    /// The client's address.
    #[serde(default, rename = "ClientIP")]
    client_ip: Option<String>,
}

/// `POST …/rooms/{RoomId}/message`.
///
/// # Errors
/// 409 with the room service's code: 100004, 100005, 100017.
pub async fn message(call: Call<Control>, request: Message) -> Result<Nothing, ControlRefusal> {
    let client = Client { platform: request.platform, ip: request.client_ip };
    act(&call, &request.account, |room, turn| room.say(turn, &request.account, &request.text, &client))?;
    Ok(Nothing {})
}
