//! Credentials: what a program sends to be let in by a vendor's API, so that the dashboard makes the same calls.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::control::gateway::{Control, ControlRefusal};
use crate::api::control::state::{Tenant, TenantName};
use crate::api::imkit::jwt;
use crate::api::tencent::usersig::{self, Ticket};
use crate::domain::imkit::ImkitApp;
use crate::domain::imkit::user::TOKEN_SECONDS;
use crate::domain::tencent::TencentApp;

/// How long a UserSig that is made here is valid, in seconds.
const USERSIG_SECONDS: i64 = 24 * 3600;
/// Stands for a UserSig where none is verified.
const UNVERIFIED: &str = "unverified";

/// Whose credentials.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Wanted {
    /// A sdkappid.
    tencent: Option<String>,
    /// An account; absent: the first administrator.
    identifier: Option<String>,
    /// An IMKIT application's id.
    imkit: Option<String>,
    /// A client; absent: the platform administrator.
    client: Option<String>,
}

/// The query of a call to Tencent.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Query {
    sdkappid: u64,
    identifier: String,
    usersig: String,
    /// Another one with each call.
    random: u32,
    contenttype: &'static str,
}

/// The headers of a call to IMKIT.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub struct Headers {
    im_client_key: String,
    /// Of the platform administrator alone: it wins over a client's token.
    #[serde(skip_serializing_if = "Option::is_none")]
    im_api_key: Option<String>,
    #[serde(rename = "IM-Authorization", skip_serializing_if = "Option::is_none")]
    im_authorization: Option<String>,
    /// Where the application wants it.
    #[serde(skip_serializing_if = "Option::is_none")]
    im_client_id: Option<String>,
}

/// What a program sends to be let in.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Credentials {
    /// In the query.
    Query(Query),
    /// In headers.
    Headers(Headers),
}

/// `GET /_imulator/credentials`: changes nothing.
///
/// # Errors
/// No tenant is named, two are, one that is not open, or somebody of the other family.
pub async fn get(call: Call<Control>, wanted: Wanted) -> Result<Credentials, ControlRefusal> {
    let Wanted { tencent, identifier, imkit, client } = wanted;
    match (TenantName { tencent, imkit }).find(&call.arrival.world)? {
        Some(Tenant::Tencent(_)) if client.is_some() => Err(ControlRefusal::invalid("client", "goes with imkit=")),
        Some(Tenant::Tencent(app)) => Ok(Credentials::Query(query_of(&app, identifier, call.arrival.number))),
        Some(Tenant::Imkit(_)) if identifier.is_some() => {
            Err(ControlRefusal::invalid("identifier", "goes with tencent="))
        }
        Some(Tenant::Imkit(app)) => Ok(Credentials::Headers(headers_of(&app, client))),
        None => Err(ControlRefusal::invalid("tencent", "name a tenant, tencent= or imkit=")),
    }
}

fn query_of(app: &TencentApp, identifier: Option<String>, number: u64) -> Query {
    let settings = app.settings();
    let first = || settings.administrators.first().map(ToString::to_string).unwrap_or_default();
    let identifier = identifier.unwrap_or_else(first);
    let usersig = settings.secret_key.as_deref().map_or_else(
        || UNVERIFIED.to_owned(),
        |key| {
            let (sdkappid, time) = (app.sdkappid, app.tenancy.now().seconds());
            let identifier = identifier.clone();
            usersig::generate(key, &Ticket { identifier, sdkappid, time, expire: USERSIG_SECONDS, userbuf: None })
        },
    );
    // Not of the application's own numbers, of which a snapshot knows how many were drawn.
    let random = u32::try_from(number % u64::from(u32::MAX)).unwrap_or(0);
    Query { sdkappid: app.sdkappid, identifier, usersig, random, contenttype: "json" }
}

fn headers_of(app: &ImkitApp, client: Option<String>) -> Headers {
    let settings = app.settings();
    // An application without keys of a kind has its id as the only one.
    let key = |keys: &[String]| keys.first().cloned().unwrap_or_else(|| app.id.to_string());
    let im_client_key = key(&settings.client_keys);
    let Some(client) = client else {
        let im_api_key = Some(key(&settings.api_keys));
        return Headers { im_client_key, im_api_key, im_authorization: None, im_client_id: None };
    };
    let now = app.tenancy.now();
    let record = app.users.get(&client);
    let valid = record.iter().flat_map(|record| &record.tokens).find(|token| token.is_valid(now));
    let token = valid.map(|token| token.text.to_string()).unwrap_or_else(|| {
        // Tokens of before a recall of all are void, those of that very second too.
        let void = record.as_ref().is_some_and(|record| record.voids(now.seconds()));
        let iat = now.seconds() + i64::from(void);
        let exp = now.seconds() + TOKEN_SECONDS;
        jwt::issue(
            &settings.jwt_secret,
            &jwt::Claims { id: client.clone(), iat, exp, nickname: None, avatar_url: None },
        )
    });
    let im_client_id = settings.options.client_id_required.then_some(client);
    Headers { im_client_key, im_api_key: None, im_authorization: Some(token), im_client_id }
}
