//! IMKIT's gateway: who may come in. JSON syntax → keys → token → body; an API key wins over a client's credentials.
//!
//! A key that nobody knows opens its application only once the call is admitted.

use std::sync::Arc;

use form_urlencoded::parse;
use http::request::Parts;
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::api::call::{Arrival, Call};
use crate::api::decode::{self, Undecodable};
pub use crate::api::imkit::codes::ImkitRefusal;
use crate::api::imkit::codes::{INVALID_QUERY, MISSING_PARAMETER};
pub use crate::api::imkit::envelope::preflight;
use crate::api::imkit::form::is_form;
use crate::api::imkit::holder::{Holder, enter, holder_of_token};
use crate::api::imkit::{envelope, signed_url};
use crate::api::operation::{Access, Gateway, Operation};
use crate::api::reply::Reply;
use crate::api::why::{quote_secret, quote_text};
use crate::domain::imkit::room::Actor;
use crate::domain::imkit::{FAMILY, ImkitApp, ImkitSettings, secret_of};
use crate::domain::invalid::Invalid;
use crate::domain::world::{Found, World};
use crate::kernel::clock::Timestamp;
use crate::kernel::names::{AN_ACCOUNT, EntityId, UserId};
use crate::kernel::tenancy::{Tenancy, TenantKey};
use crate::kernel::turn::Origin;

/// Where an API key stands; the older name has underscores.
const API_KEY_HEADERS: [&str; 2] = ["im-api-key", "api_key"];
/// Where a client key stands; the older name has underscores.
const CLIENT_KEY_HEADERS: [&str; 2] = ["im-client-key", "client_key"];

/// Calls a minute that one API key may make.
const API_KEY_PER_MINUTE: u64 = 1000;
/// After how many seconds a refused call may be repeated.
pub const RETRY_AFTER: u32 = 60;

/// The door of IMKIT.
#[derive(Debug)]
pub struct Imkit;

/// Who calls, with the settings that were in force when the call was admitted.
#[derive(Debug)]
pub struct Caller {
    /// The acting client and whether an API key lets it in.
    pub actor: Actor,
    /// The app's settings.
    pub settings: Arc<ImkitSettings>,
}

impl Gateway for Imkit {
    type App = ImkitApp;
    type Caller = Caller;
    type Refusal = ImkitRefusal;

    const ACCESS: Access = Access::Client;

    fn admit(arrival: &Arrival) -> Result<(Arc<ImkitApp>, Caller), ImkitRefusal> {
        check_syntax(arrival)?;
        let (app, actor) = match header(arrival, API_KEY_HEADERS) {
            Some(key) => admit_admin(arrival, key)?,
            None => match signed_url::admit(arrival) {
                Some(admitted) => (admitted?, Actor::default()),
                None => admit_client(arrival)?,
            },
        };
        app.usage.touch(arrival.number);
        let settings = app.settings();
        Ok((app, Caller { actor, settings }))
    }

    fn identify(arrival: &Arrival) -> Option<Arc<ImkitApp>> {
        let (key, is_api_key) = key_in(&arrival.head)?;
        match arrival.world.imkit(key, is_api_key) {
            Found::Open(app) => Some(app),
            Found::Template(_) | Found::Unknown => None,
        }
    }

    fn tenant(app: &ImkitApp) -> Option<Arc<Tenancy>> {
        Some(app.tenancy.clone())
    }

    fn decode<Q: DeserializeOwned>(call: &Call<Self>) -> Result<Result<Q, Invalid>, ImkitRefusal> {
        if is_asked_by_query(call.arrival.operation) {
            return Ok(from_query(call.arrival.query()));
        }
        let body: &[u8] = if has_json(&call.arrival) { &call.arrival.body } else { b"{}" };
        match decode::object(body) {
            Ok(request) => Ok(Ok(request)),
            Err(Undecodable::Wrong(invalid)) => Ok(Err(in_own_words(invalid))),
            Err(Undecodable::NotAnObject(why)) => {
                decode::any(body).map(Ok).ok_or_else(|| ImkitRefusal::bad("INVALID_BODY", why))
            }
        }
    }

    fn seal<R: Serialize>(arrival: &Arrival, _: Option<&ImkitApp>, outcome: Result<R, ImkitRefusal>) -> Reply {
        match outcome {
            Ok(result) => envelope::succeed_with(arrival.operation.headers(envelope::headers), &result),
            Err(refusal) => refusal.reply(),
        }
    }
}

/// What is an account to others is a client here.
fn in_own_words(invalid: Invalid) -> Invalid {
    Invalid { why: invalid.why.replace(AN_ACCOUNT, "a client id: a string"), ..invalid }
}

/// Whether the query is the request, and not the body.
pub fn is_asked_by_query(operation: &Operation) -> bool {
    matches!(operation.method, "GET" | "HEAD")
}

/// Whether there is a body to read as JSON: a form is its handler's to read.
fn has_json(arrival: &Arrival) -> bool {
    !is_form(&arrival.head.headers) && !arrival.body.iter().all(u8::is_ascii_whitespace)
}

/// Bad syntax is told before credentials are looked at.
fn check_syntax(arrival: &Arrival) -> Result<(), ImkitRefusal> {
    if is_asked_by_query(arrival.operation) || !has_json(arrival) {
        return Ok(());
    }
    match serde_json::from_slice::<IgnoredAny>(&arrival.body) {
        Ok(_) => Ok(()),
        Err(fault) => Err(ImkitRefusal::bad("INVALID_BODY", format!("the body is not valid JSON: {fault}"))),
    }
}

/// The key that a request brings, and whether it is an API key.
fn key_in(head: &Parts) -> Option<(&str, bool)> {
    let key = |names| first(head, names);
    key(API_KEY_HEADERS).map(|key| (key, true)).or_else(|| Some((key(CLIENT_KEY_HEADERS)?, false)))
}

/// The tenant that a request names: open, or one that it would open if it were admitted.
pub fn tenant_named(world: &World, head: &Parts) -> Option<TenantKey> {
    let (key, is_api_key) = key_in(head)?;
    let id = match world.imkit(key, is_api_key) {
        Found::Open(app) => app.id.clone(),
        Found::Template(_) => EntityId::new(key),
        Found::Unknown => return None,
    };
    Some(TenantKey { family: FAMILY, id })
}

/// The first of these headers that says something.
pub fn header<'a>(arrival: &'a Arrival, names: [&str; 2]) -> Option<&'a str> {
    first(&arrival.head, names)
}

fn first<'h>(head: &'h Parts, names: [&str; 2]) -> Option<&'h str> {
    let text = |name| head.headers.get(name)?.to_str().ok();
    names.into_iter().find_map(text).map(str::trim).filter(|value| !value.is_empty())
}

fn admit_admin(arrival: &Arrival, key: &str) -> Result<(Arc<ImkitApp>, Actor), ImkitRefusal> {
    let app = match arrival.world.imkit(key, true) {
        Found::Open(app) => app,
        Found::Template(template) => arrival.world.open_imkit(key, template),
        Found::Unknown => {
            let why = format!("IM-API-KEY: {} leads to no application", quote_secret(key));
            return Err(ImkitRefusal::unauthorized("INVALID_API_KEY", why));
        }
    };
    check_rate(arrival, &app, key)?;
    // Assumed: with an API key IM-CLIENT-ID names the acting client if that client exists, and counts for nothing otherwise.
    let acting = arrival.header("im-client-id").filter(|id| app.users.get(id).is_some());
    let actor = Actor { client: acting.map(UserId::new).unwrap_or_default(), admin: true };
    Ok((app, actor))
}

/// Checks the documented calls a minute of an API key, where rates are enforced.
fn check_rate(arrival: &Arrival, app: &ImkitApp, key: &str) -> Result<(), ImkitRefusal> {
    let minute = app.tenancy.now().seconds().div_euclid(60);
    // Assumed: calls with an API key are counted by the minute of the emulator's clock, and refused ones count too.
    if !arrival.house.config.enforce_rate_limits || app.rates.take(key.into(), minute, API_KEY_PER_MINUTE) {
        return Ok(());
    }
    let why = format!("rate: {} may make {API_KEY_PER_MINUTE} calls a minute", quote_secret(key));
    Err(ImkitRefusal::too_many("RATE_LIMIT_EXCEEDED", why, RETRY_AFTER))
}

fn admit_client(arrival: &Arrival) -> Result<(Arc<ImkitApp>, Actor), ImkitRefusal> {
    let access = arrival.operation.access;
    if access == Access::ApiKey {
        let why = "IM-API-KEY: this header is required here; a client's credentials do not do";
        return Err(ImkitRefusal::unauthorized("INVALID_API_KEY", why));
    }
    let asked = client_key_in_query(arrival);
    let Some(key) = header(arrival, CLIENT_KEY_HEADERS).or(asked.as_deref()) else {
        if access == Access::Anybody {
            return admit_stranger(arrival);
        }
        // Assumed: a client key that is absent answers 401 MISSING_CLIENT_KEY, an API key that is absent answers 401 INVALID_API_KEY.
        let why = "IM-CLIENT-KEY: this header is required, or IM-API-KEY instead";
        return Err(ImkitRefusal::unauthorized("MISSING_CLIENT_KEY", why));
    };
    let found = arrival.world.imkit(key, false);
    let settings = match &found {
        Found::Open(app) => app.settings(),
        Found::Template(template) => {
            let jwt_secret = secret_of(arrival.house.ground().seed, key);
            Arc::new(ImkitSettings { jwt_secret, ..ImkitSettings::default() }.with(template))
        }
        Found::Unknown => {
            let why = format!("IM-CLIENT-KEY: {} leads to no application", quote_secret(key));
            return Err(ImkitRefusal::forbidden("INVALID_CLIENT_KEY", why));
        }
    };
    let admitted = match access {
        // Assumed: the client key alone may sign tokens.
        Access::Sandbox if settings.options.no_sandbox => {
            let why = "IM-API-KEY: this application is no sandbox (option no_sandbox); signing wants the API key";
            return Err(ImkitRefusal::unauthorized("INVALID_API_KEY", why));
        }
        Access::Sandbox | Access::ClientKey | Access::Anybody => None,
        _ => Some(holder_of_token(arrival, &found, &settings)?),
    };
    admitted.iter().try_for_each(|holder| check_client_id(arrival, holder, &settings))?;
    let app = match found {
        Found::Open(app) => app,
        Found::Template(template) => arrival.world.open_imkit(key, template),
        Found::Unknown => return Err(ImkitRefusal::forbidden("INVALID_CLIENT_KEY", "IM-CLIENT-KEY: unknown")),
    };
    let client = admitted.map(|holder| enter(arrival, &app, holder)).unwrap_or_default();
    Ok((app, Actor { client, admin: false }))
}

/// Checks the header that names the caller, where the application wants one.
fn check_client_id(arrival: &Arrival, holder: &Holder, settings: &ImkitSettings) -> Result<(), ImkitRefusal> {
    // Assumed: a client need not send IM-CLIENT-ID, and what it sends there counts for nothing.
    if !settings.options.client_id_required {
        return Ok(());
    }
    let wanted =
        format!("this application wants the token's own client, {}, here (option client_id_required)", holder.id);
    match arrival.header("im-client-id") {
        None => Err(ImkitRefusal::bad(MISSING_PARAMETER, format!("IM-CLIENT-ID: is required; {wanted}"))),
        Some(id) if id != holder.id.as_str() => {
            let why = format!("IM-CLIENT-ID: is {}; {wanted}", quote_text(id));
            Err(ImkitRefusal::unauthorized("INVALID_TOKEN", why))
        }
        Some(_) => Ok(()),
    }
}

/// A client key where no header can be sent, as in a picture's address.
fn client_key_in_query(arrival: &Arrival) -> Option<String> {
    if arrival.operation.access != Access::Anybody {
        return None;
    }
    let mut pairs = parse(arrival.query().as_bytes());
    pairs.find(|(name, value)| name == "client_key" && !value.is_empty()).map(|(_, value)| value.into_owned())
}

/// Lets somebody in who brings no key at all; that opens nothing.
fn admit_stranger(arrival: &Arrival) -> Result<(Arc<ImkitApp>, Actor), ImkitRefusal> {
    // Assumed: a call that needs no key and brings none, in a header or as client_key in the query, is for the first
    // application, by id, that a state document named, and failing that for the first one that is open.
    let apps = arrival.world.imkit_apps();
    let named = apps.iter().find(|app| !app.usage.from_template).or(apps.first());
    named.map(|app| (app.clone(), Actor::default())).ok_or_else(|| {
        let why = "IM-CLIENT-KEY: no application is open; this header, or client_key in the query, would open one";
        ImkitRefusal::unauthorized("MISSING_CLIENT_KEY", why)
    })
}

/// Reads a query; of a repeated name the last one counts.
fn from_query<Q: DeserializeOwned>(query: &str) -> Result<Q, Invalid> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (name, value) in parse(query.as_bytes()) {
        pairs.retain(|(present, _)| *present != name);
        pairs.push((name.into_owned(), value.into_owned()));
    }
    let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
    serde_html_form::from_str(&text).map_err(|fault| Invalid::new("query", fault.to_string()).with_info(INVALID_QUERY))
}

impl Call<Imkit> {
    /// Who asks, and by which call.
    pub fn origin(&self) -> Origin {
        Origin { by: self.caller.actor.client.clone(), call: Some(self.arrival.number) }
    }

    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.caller.actor
    }

    /// The app's settings, as they were when the call was admitted.
    pub fn settings(&self) -> &ImkitSettings {
        &self.caller.settings
    }

    /// The room that the path names.
    pub fn room(&self) -> &str {
        self.arrival.param("id")
    }

    /// Now, for this app.
    pub fn now(&self) -> Timestamp {
        self.app.tenancy.now()
    }
}
