//! What a client SDK would do: enter and leave rooms, join and quit groups, with the checks and codes that a client meets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

use crate::api::call::Call;
use crate::api::control::gateway::{Control, ControlRefusal};
use crate::api::control::state::Nothing;
use crate::api::tencent::callbacks::before::{self, Asker};
use crate::domain::accounts::fault_of_user_id;
use crate::domain::client::Client;
use crate::domain::groups::error::GroupError;
use crate::domain::groups::group::Group;
use crate::domain::groups::member::seconds_of;
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
    /// The room's password, where it wants one; groups want none.
    #[serde(default)]
    #[allow(dead_code, reason = "taken for all doors alike, needed by rooms alone")]
    password: String,
    /// The client's platform, as in `Web`; events and callbacks show it.
    #[serde(default)]
    platform: Option<String>,
    /// The client's address; events and callbacks show it.
    #[serde(default, rename = "ClientIP")]
    client_ip: Option<String>,
}

/// The application that the path names.
///
/// # Errors
/// It is not open.
pub fn app_of(call: &Call<Control>) -> Result<Arc<TencentApp>, ControlRefusal> {
    let id = call.arrival.param("sdkappid");
    call.arrival
        .house
        .world()
        .tencent_app(id)
        .ok_or_else(|| ControlRefusal::missing(format!("no tenant tencent/{id} is open")))
}

fn actor_of(call: &Call<Control>, app: &TencentApp, request: &ByClient) -> Result<Origin, ControlRefusal> {
    origin_of(call, app, &request.account)
}

/// The account that acts, if it can be one of this application.
///
/// # Errors
/// It can be no account, or was never imported where the app wants that.
pub fn origin_of(call: &Call<Control>, app: &TencentApp, account: &UserId) -> Result<Origin, ControlRefusal> {
    if let Some(fault) = fault_of_user_id(account) {
        return Err(ControlRefusal::invalid("Member_Account", fault));
    }
    if app.settings().options.strict_accounts && !app.accounts.contains(account) {
        let why = "is not an imported account (option strict_accounts)";
        return Err(ControlRefusal::invalid("Member_Account", why));
    }
    Ok(Origin { by: account.clone(), call: Some(call.arrival.number) })
}

impl ByClient {
    fn client(&self) -> Client {
        Client { platform: self.platform.clone(), ip: self.client_ip.clone() }
    }
}

/// `POST …/groups/{GroupId}/join`, once the app's receiver lets the client in.
///
/// # Errors
/// 409 with the group service's code: 10007, 10010, 10013, 10014, 10016 or the receiver's own.
pub async fn join(call: Call<Control>, request: ByClient) -> Result<Nothing, ControlRefusal> {
    let app = app_of(&call)?;
    let origin = actor_of(&call, &app, &request)?;
    let (id, settings, client) = (call.arrival.param("GroupId"), app.settings(), request.client());
    let asker = Asker::of_client(&call.arrival, &app, &settings, &client);
    if asker.asks(before::APPLY_JOIN) {
        let now = seconds_of(app.tenancy.now());
        let may = |group: &Group| group.may_join(&request.account, now).map(|()| group.info.group_type);
        let of = app.groups.read(id, may)??;
        let question = json!({"GroupId": id, "Type": of.word(), "Requestor_Account": request.account});
        asker.ask(before::APPLY_JOIN, question).await?;
    }
    let joined = app.groups.join(&origin, id, &request.account, &client, &settings.options);
    if let Err(GroupError::Full { .. }) = &joined {
        asker.tell(before::GROUP_FULL, || json!({"GroupId": id}));
    }
    joined?;
    app.accounts.import_silently(&request.account);
    Ok(Nothing {})
}

/// `POST …/groups/{GroupId}/quit`.
///
/// # Errors
/// 409 with the group service's code: 10007, 10009, 10010.
pub async fn quit(call: Call<Control>, request: ByClient) -> Result<Nothing, ControlRefusal> {
    let app = app_of(&call)?;
    let origin = actor_of(&call, &app, &request)?;
    let (id, settings, client) = (call.arrival.param("GroupId"), app.settings(), request.client());
    app.groups.quit(&origin, id, &request.account, &client, &settings.options)?;
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
    let profile = account.profile().cloned().unwrap_or_default();
    Ok(AccountView { user_id: id.to_owned(), nick: profile.nick, face_url: profile.face_url, tiny_id: account.tiny_id })
}
