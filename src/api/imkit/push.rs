//! Push: devices that subscribe, and pushes to them. Nothing is sent; the journal has an event for each push.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::decode::optional;
use crate::api::imkit::codes::INVALID_REQUEST;
use crate::api::imkit::config::Empty;
use crate::api::imkit::fields::ClientIds;
use crate::api::imkit::gateway::Imkit;
use crate::api::why::cut;
use crate::domain::imkit::devices::{Device, PushType};
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::json::Json;
use crate::domain::invalid::Invalid;
use crate::kernel::names::UserId;

/// Subscribes or unsubscribes a device.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Subscription {
    /// The kind of push token.
    #[serde(rename = "type", deserialize_with = "optional")]
    kind: Option<PushType>,
    /// The push service's token.
    #[serde(deserialize_with = "optional")]
    token: Option<String>,
    /// The device; absent: the one that `IM-Device-ID` names.
    #[serde(deserialize_with = "optional")]
    device_id: Option<String>,
    /// Whose device it is; from the platform administrator alone.
    #[serde(deserialize_with = "optional")]
    #[schemars(with = "Option<String>")]
    client_id: Option<UserId>,
}

impl Subscription {
    fn kind(&self) -> Result<PushType, Invalid> {
        self.kind.ok_or_else(|| Invalid::required("type"))
    }

    fn device(&self, call: &Call<Imkit>) -> Result<String, Invalid> {
        // Assumed: the device of a subscription that names none is the one of IM-Device-ID.
        let header = || call.arrival.header("im-device-id").filter(|device| !device.is_empty()).map(str::to_owned);
        self.device_id.clone().or_else(header).ok_or_else(|| Invalid::required("deviceId"))
    }

    /// Whose device it is: the caller's; the platform administrator names anybody.
    fn whose(&self, call: &Call<Imkit>) -> Result<UserId, ImkitError> {
        let actor = call.actor();
        let named = self.client_id.as_ref().filter(|_| actor.admin);
        Ok(named.or(actor.client()).ok_or_else(|| Invalid::required("clientId"))?.clone())
    }
}

/// `POST /me/subscribe`: the same kind and device again replace its token.
///
/// # Errors
/// 400 for a field, 404 no such client.
pub async fn subscribe(call: Call<Imkit>, request: Subscription) -> Result<Empty, ImkitError> {
    let token = request.token.clone().ok_or_else(|| Invalid::required("token"))?;
    let device = Device { kind: request.kind()?, token, device_id: request.device(&call)? };
    let client = request.whose(&call)?;
    if call.app.users.subscribe(&call.origin(), &client, device) {
        return Ok(Empty {});
    }
    Err(ImkitError::ClientMissing { field: "clientId", client })
}

/// How many subscriptions ended.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Unsubscribed {
    n: usize,
    ok: u8,
}

/// `POST /me/unsubscribe`: by kind and device; one that is not there is no error.
///
/// # Errors
/// 400 for a field, 404 no such client.
pub async fn unsubscribe(call: Call<Imkit>, request: Subscription) -> Result<Unsubscribed, ImkitError> {
    let (kind, device) = (request.kind()?, request.device(&call)?);
    let client = request.whose(&call)?;
    match call.app.users.unsubscribe(&call.origin(), &client, kind, &device) {
        Some(n) => Ok(Unsubscribed { n, ok: 1 }),
        None => Err(ImkitError::ClientMissing { field: "clientId", client }),
    }
}

/// A push to clients.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct PushToClients {
    /// To whom; ids that are no clients are passed over.
    clients: ClientIds,
    /// What: an object.
    payload: Json,
}

fn check_payload(payload: &Json) -> Result<(), Invalid> {
    if payload.is_null() {
        return Err(Invalid::required("payload"));
    }
    if payload.is_object() {
        return Ok(());
    }
    let why = format!("is {}, and has to be an object", cut(payload.text()));
    Err(Invalid::new("payload", why).with_info(INVALID_REQUEST))
}

/// `POST /push/push2clients`: to all devices of those who want notifications.
///
/// # Errors
/// 400 for a field.
pub async fn push_to_clients(call: Call<Imkit>, request: PushToClients) -> Result<Empty, ImkitError> {
    check_payload(&request.payload)?;
    // Assumed: a push passes over ids that are no clients.
    call.app.users.push_to_clients(&call.origin(), &request.clients.0, &request.payload);
    Ok(Empty {})
}

/// A push to devices.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct PushToTokens {
    /// The kind of the tokens.
    #[serde(rename = "type")]
    kind: PushType,
    /// To which.
    tokens: Vec<String>,
    /// What: an object.
    payload: Json,
}

/// `POST /push/push2tokens`: to these tokens, whoever subscribed them.
///
/// # Errors
/// 400 for a field.
pub async fn push_to_tokens(call: Call<Imkit>, request: PushToTokens) -> Result<(), ImkitError> {
    check_payload(&request.payload)?;
    // Assumed: a push to tokens answers null, as its client expects, and one to clients an object without members.
    call.app.users.push_to_tokens(&call.origin(), request.kind, request.tokens, &request.payload);
    Ok(())
}
