//! Signing in: a socket's `auth2` and `auth`, through the same door as every call.

use std::sync::{Arc, OnceLock};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::house::House;
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::holder::token_of;
use crate::api::imkit::jwt;
use crate::api::operation::Operation;
use crate::domain::imkit::ImkitApp;
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::json::Json;
use crate::kernel::names::UserId;
use crate::operation;

/// The row of signing in. No path leads to it: sockets ask for it, and no HTTP call does.
pub static SIGN_IN: Operation = operation!(Imkit, "imkit.sockets.auth2", "POST" "/socket.io/auth2", sign_in,
    "Signs a socket in.",
    doc: "https://docs.imkit.io/en/realtime/socket-connection/", limits: [], per_second: (0, 0));

/// Who signed in, where, and by what.
#[derive(Clone, Debug)]
pub struct Entered {
    /// The application.
    pub app: Arc<ImkitApp>,
    /// The client.
    pub client: UserId,
    token: String,
}

impl Entered {
    /// Whether the client is still there and its token was not taken back.
    pub fn is_valid(&self) -> bool {
        let users = &self.app.users;
        let Some(client) = users.get(&self.client) else { return false };
        match users.holder(&self.token) {
            Some((holder, record)) => holder.id == self.client && !record.revoked,
            // Assumed: a token that expires while a socket is signed in with it does not end the socket.
            None => jwt::read(&self.app.settings().jwt_secret, &self.token, i64::MIN)
                .is_ok_and(|claims| !client.voids(claims.iat)),
        }
    }
}

/// Where the one who asks learns, besides the reply, who signed in; it travels with the request.
#[derive(Clone, Debug, Default)]
pub struct Doormat(Arc<OnceLock<Entered>>);

impl Doormat {
    /// Who signed in, if anybody did.
    pub fn entered(&self) -> Option<&Entered> {
        self.0.get()
    }
}

/// Signs in.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignIn {
    /// Where the socket comes from.
    address: Option<Json>,
    /// What the client's program calls itself.
    user_agent: Option<Json>,
}

/// What the one who signs in gets to know.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SignedIn {
    client: UserId,
}

/// `auth2` and `auth`.
///
/// # Errors
/// None of its own; the door turns away who has no valid token.
pub async fn sign_in(call: Call<Imkit>, request: SignIn) -> Result<SignedIn, ImkitError> {
    let client = call.actor().client.clone();
    let from = [("address", request.address), ("userAgent", request.user_agent)];
    // Assumed: signing in by a socket sets the client's last login, address and userAgent.
    let from = from.into_iter().filter_map(|(name, value)| Some((name.into(), value?))).collect();
    call.app.users.sign_in(&call.origin(), &client, from);
    if let (Some(doormat), Some(token)) = (call.arrival.head.extensions.get::<Doormat>(), token_of(&call.arrival)) {
        let entered = Entered { app: call.app.clone(), client: client.clone(), token: token.to_owned() };
        // Each request has a mat of its own.
        let _ = doormat.0.set(entered);
    }
    Ok(SignedIn { client })
}

/// A client key of the application that knows this token, for sockets that name none.
pub fn key_of(house: &House, token: &str) -> Option<String> {
    let apps = house.world().imkit_apps();
    let held = apps.iter().find(|app| app.users.holder(token).is_some());
    // Assumed: a socket that names no client key belongs to the application that knows its token.
    let app = held.or_else(|| {
        apps.iter().find(|app| jwt::read(&app.settings().jwt_secret, token, app.tenancy.now().seconds()).is_ok())
    })?;
    Some(app.settings().client_keys.first().cloned().unwrap_or_else(|| app.id.to_string()))
}
