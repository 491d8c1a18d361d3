//! What a client SDK would do: enter and leave rooms, join and quit groups, with the checks and codes that a client meets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use crate::api::call::Call;
use crate::api::control::gateway::{Control, ControlRefusal};
use crate::api::control::state::Nothing;
use crate::domain::accounts::fault_of_user_id;
use crate::domain::tencent::TencentApp;
use crate::kernel::names::UserId;
use crate::kernel::turn::Origin;

/// Who acts, as a client.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct ByClient {
    /// The account.
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// The room's password, where it wants one.
    #[serde(default)]
    password: String,
    /// The client's platform, as in `Web`; shown in callbacks.
    #[serde(default)]
    #[allow(dead_code, reason = "taken now, shown once callbacks are sent")]
    platform: Option<String>,
    /// The client's address; shown in callbacks.
    #[serde(default, rename = "ClientIP")]
    #[allow(dead_code, reason = "taken now, shown once callbacks are sent")]
    client_ip: Option<String>,
}

fn app_of(call: &Call<Control>) -> Result<Arc<TencentApp>, ControlRefusal> {
    let id = call.arrival.param("sdkappid");
    call.arrival
        .house
        .world()
        .tencent_app(id)
        .ok_or_else(|| ControlRefusal::missing(format!("no tenant tencent/{id} is open")))
}

fn actor_of(call: &Call<Control>, app: &TencentApp, request: &ByClient) -> Result<Origin, ControlRefusal> {
    if let Some(fault) = fault_of_user_id(&request.account) {
        return Err(ControlRefusal::invalid("Member_Account", fault));
    }
    if app.settings().options.strict_accounts && !app.accounts.contains(&request.account) {
        let why = "is not an imported account (option strict_accounts)";
        return Err(ControlRefusal::invalid("Member_Account", why));
    }
    Ok(Origin { by: request.account.clone(), call: Some(call.arrival.number) })
}

/// `POST …/rooms/{RoomId}/enter`.
///
/// # Errors
/// 409 with the room service's code: 100004, 100008, 100016, 100018, 100019.
pub async fn enter(call: Call<Control>, request: ByClient) -> Result<Nothing, ControlRefusal> {
    let app = app_of(&call)?;
    let origin = actor_of(&call, &app, &request)?;
    app.rooms.enter(&origin, call.arrival.param("RoomId"), &request.account, &request.password)?;
    // Assumed: whoever enters without having been imported is imported by that.
    app.accounts.import_silently(&request.account);
    Ok(Nothing {})
}

/// `POST …/rooms/{RoomId}/leave`.
///
/// # Errors
/// 409 with the room service's code: 100004, 100005.
pub async fn leave(call: Call<Control>, request: ByClient) -> Result<Nothing, ControlRefusal> {
    let app = app_of(&call)?;
    let origin = actor_of(&call, &app, &request)?;
    app.rooms.leave(&origin, call.arrival.param("RoomId"), &request.account)?;
    Ok(Nothing {})
}

/// `POST …/groups/{GroupId}/join`.
///
/// # Errors
/// 409 with the group service's code: 10007, 10010, 10013, 10014.
pub async fn join(call: Call<Control>, request: ByClient) -> Result<Nothing, ControlRefusal> {
    let app = app_of(&call)?;
    let origin = actor_of(&call, &app, &request)?;
    app.groups.join(&origin, call.arrival.param("GroupId"), &request.account, &app.settings().options)?;
    Ok(Nothing {})
}

/// `POST …/groups/{GroupId}/quit`.
///
/// # Errors
/// 409 with the group service's code: 10007, 10009, 10010.
pub async fn quit(call: Call<Control>, request: ByClient) -> Result<Nothing, ControlRefusal> {
    let app = app_of(&call)?;
    let origin = actor_of(&call, &app, &request)?;
    app.groups.quit(&origin, call.arrival.param("GroupId"), &request.account, &app.settings().options)?;
    Ok(Nothing {})
}

/// An account with its internal number.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AccountView {
    #[serde(rename = "UserID")]
    user_id: String,
    nick: String,
    face_url: String,
    /// Above 2^53: read it as a 64-bit integer.
    tiny_id: u64,
}

/// `GET …/accounts/{UserID}`.
///
/// # Errors
/// No such tenant or account.
pub async fn account(call: Call<Control>, _: Nothing) -> Result<AccountView, ControlRefusal> {
    let app = app_of(&call)?;
    let id = call.arrival.param("UserID");
    let account = app.accounts.get(id).ok_or_else(|| ControlRefusal::missing(format!("there is no account {id:?}")))?;
    let profile = account.profile.as_deref().cloned().unwrap_or_default();
    Ok(AccountView { user_id: id.to_owned(), nick: profile.nick, face_url: profile.face_url, tiny_id: account.tiny_id })
}
