//! IMKIT's gateway: who may come in. JSON syntax → keys → token → body; an API key wins over a client's credentials.
//!
//! A key that nobody knows opens its application only once the call is admitted.

use std::cmp::Ordering;
use std::sync::Arc;

use form_urlencoded::parse;
use http::Method;
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::api::call::{Arrival, Call};
use crate::api::decode::{self, Undecodable};
pub use crate::api::imkit::codes::ImkitRefusal;
use crate::api::imkit::codes::{INVALID_QUERY, MISSING_PARAMETER};
pub use crate::api::imkit::envelope::preflight;
use crate::api::imkit::jwt::Claims;
use crate::api::imkit::{envelope, jwt, operations};
use crate::api::operation::{Access, Gateway};
use crate::api::reply::Reply;
use crate::api::why::{quote_secret, quote_text};
use crate::domain::imkit::json::Json;
use crate::domain::imkit::room::Actor;
use crate::domain::imkit::state::ImkitState;
use crate::domain::imkit::user::{Given, Token};
use crate::domain::imkit::{ImkitApp, ImkitSettings, secret_of};
use crate::domain::invalid::Invalid;
use crate::domain::world::Found;
use crate::kernel::clock::Timestamp;
use crate::kernel::names::{AN_ACCOUNT, UserId};
use crate::kernel::tenancy::TenantKey;
use crate::kernel::turn::Origin;

/// Where an API key stands; the older name has underscores.
const API_KEY_HEADERS: [&str; 2] = ["im-api-key", "api_key"];
/// Where a client key stands; the older name has underscores.
const CLIENT_KEY_HEADERS: [&str; 2] = ["im-client-key", "client_key"];

/// Calls a minute that one API key may make.
const API_KEY_PER_MINUTE: u64 = 1000;
/// After how many seconds a refused call may be repeated.
const RETRY_AFTER: u32 = 60;

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
            None => admit_client(arrival)?,
        };
        app.usage.touch(arrival.number);
        let settings = app.settings();
        Ok((app, Caller { actor, settings }))
    }

    fn identify(arrival: &Arrival) -> Option<Arc<ImkitApp>> {
        let found = match header(arrival, API_KEY_HEADERS) {
            Some(key) => arrival.world.imkit(key, true),
            None => arrival.world.imkit(header(arrival, CLIENT_KEY_HEADERS)?, false),
        };
        match found {
            Found::Open(app) => Some(app),
            Found::Template(_) | Found::Unknown => None,
        }
    }

    fn tenant(app: &ImkitApp) -> Option<Arc<TenantKey>> {
        Some(app.tenancy.key.clone())
    }

    fn decode<Q: DeserializeOwned>(call: &Call<Self>) -> Result<Result<Q, Invalid>, ImkitRefusal> {
        if call.arrival.operation.method == "GET" {
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

    fn seal<R: Serialize>(_: &Arrival, _: Option<&ImkitApp>, outcome: Result<R, ImkitRefusal>) -> Reply {
        match outcome {
            Ok(result) => envelope::succeed(&result),
            Err(refusal) => refusal.reply(),
        }
    }
}

/// What is an account to others is a client here.
fn in_own_words(invalid: Invalid) -> Invalid {
    Invalid { why: invalid.why.replace(AN_ACCOUNT, "a client id: a string"), ..invalid }
}

/// Whether there is a body to read as JSON: a form is its handler's to read.
fn has_json(arrival: &Arrival) -> bool {
    let form = arrival.header("content-type").is_some_and(|kind| kind.trim_start().starts_with("multipart/form-data"));
    !form && !arrival.body.iter().all(u8::is_ascii_whitespace)
}

/// Bad syntax is told before credentials are looked at.
fn check_syntax(arrival: &Arrival) -> Result<(), ImkitRefusal> {
    if arrival.operation.method == "GET" || !has_json(arrival) {
        return Ok(());
    }
    match serde_json::from_slice::<IgnoredAny>(&arrival.body) {
        Ok(_) => Ok(()),
        Err(fault) => Err(ImkitRefusal::bad("INVALID_BODY", format!("the body is not valid JSON: {fault}"))),
    }
}

/// The first of these headers that says something.
fn header<'a>(arrival: &'a Arrival, names: [&str; 2]) -> Option<&'a str> {
    names.into_iter().find_map(|name| arrival.header(name)).map(str::trim).filter(|value| !value.is_empty())
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
    let Some(key) = header(arrival, CLIENT_KEY_HEADERS) else {
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

/// Whom a token stands for, and what a signed one says of its client.
struct Holder {
    id: UserId,
    given: Option<Given>,
}

fn holder_of_token(
    arrival: &Arrival,
    found: &Found<'_, ImkitApp, ImkitState>,
    settings: &ImkitSettings,
) -> Result<Holder, ImkitRefusal> {
    // The page about the configuration has a code of its own.
    let code = if arrival.operation.path == "/config" { "INVALID_AUTH" } else { "INVALID_TOKEN" };
    let refuse = |why: String| Err(ImkitRefusal::unauthorized(code, why));
    let Some(token) = token_of(arrival) else {
        return refuse(
            "IM-Authorization (or Authorization): this header is required; it carries a client's token".into(),
        );
    };
    let now = arrival.house.clock.now();
    let stored = match found {
        Found::Open(app) => app.users.holder(token).map(|(client, record)| (client.id.clone(), record)),
        Found::Template(template) => stored_in(template, token),
        Found::Unknown => None,
    };
    if let Some((id, record)) = stored {
        if record.is_valid(now) {
            return Ok(Holder { id, given: None });
        }
        return refuse(format!("IM-Authorization: the token of {id} {}", end_of(&record, now)));
    }
    match jwt::read(&settings.jwt_secret, token, now.seconds()) {
        Ok(claims) if claims.id.is_empty() => refuse("IM-Authorization: the token's claim id is empty".into()),
        Ok(claims) if is_void(found, &claims) => {
            refuse(format!("IM-Authorization: all tokens of {} made until then were revoked", claims.id))
        }
        Ok(claims) => {
            let texts = [("nickname", claims.nickname), ("avatarUrl", claims.avatar_url)];
            let fields = texts.into_iter().filter_map(|(name, text)| Some((name.into(), Json::string(&text?))));
            let given = Given { fields: fields.collect(), is_robot: None };
            Ok(Holder { id: UserId::new(claims.id), given: Some(given) })
        }
        Err(error) => {
            let hint = match found {
                Found::Template(_) => {
                    "; IM-CLIENT-KEY opened nothing known: this key would open a fresh application; is it mistyped?"
                }
                _ => "",
            };
            refuse(format!("IM-Authorization: no client holds {}, and {error}{hint}", quote_secret(token)))
        }
    }
}

/// Whether a signed token without a record was taken back with all others of its client.
fn is_void(found: &Found<'_, ImkitApp, ImkitState>, claims: &Claims) -> bool {
    let Found::Open(app) = found else { return false };
    app.users.get(&claims.id).is_some_and(|client| client.voids(claims.iat))
}

/// The client's token that a call carries.
pub fn token_of(arrival: &Arrival) -> Option<&str> {
    let sent = header(arrival, ["im-authorization", "authorization"]).map(without_scheme);
    sent.filter(|token| !token.is_empty())
}

fn stored_in(template: &ImkitState, token: &str) -> Option<(UserId, Token)> {
    template.clients.iter().find_map(|state| {
        let record = state.0.tokens.iter().find(|record| record.text == token)?;
        Some((state.0.id.clone(), record.clone()))
    })
}

fn end_of(record: &Token, now: Timestamp) -> String {
    match record.expires.filter(|end| *end <= now) {
        Some(end) => format!("expired at {end}; it is {now} now"),
        None => "was revoked".to_owned(),
    }
}

fn without_scheme(value: &str) -> &str {
    // Assumed: a scheme word in front of a token is taken off.
    match value.split_at_checked(7) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer ") => token.trim_start(),
        _ => value,
    }
}

/// The first use of a signed token makes its client's record.
fn enter(arrival: &Arrival, app: &ImkitApp, holder: Holder) -> UserId {
    if let Some(given) = holder.given {
        let origin = Origin { by: holder.id.clone(), call: Some(arrival.number) };
        app.users.ensure(&origin, &holder.id, given);
    }
    holder.id
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

/// The answer where no operation is.
pub fn nowhere(method: &Method, path: &str) -> ImkitRefusal {
    let wanted = format!("{method} {path}");
    let known = operations().map(|row| (format!("{} {}", row.method, row.path), filled(row.path, path)));
    let near = |(row, filled): &(String, String)| {
        let likeness = strsim::normalized_damerau_levenshtein(filled, path);
        (likeness, row.starts_with(method.as_str()))
    };
    let nearest = known.max_by(|a, b| near(a).partial_cmp(&near(b)).unwrap_or(Ordering::Equal));
    let nearest = nearest.map(|(row, _)| row).unwrap_or_default();
    let why = format!("path: there is no {}; the nearest known operation is {nearest}", quote_text(&wanted));
    ImkitRefusal::missing("Not Found", "NOT_FOUND", why)
}

/// A row's path with its parameters taken from a path of the same shape, so that only the fixed words are compared.
fn filled(row: &str, path: &str) -> String {
    let mut given = path.trim_end_matches('/').split('/');
    let words = row.split('/').map(|word| {
        let given = given.next().filter(|_| word.starts_with('{'));
        given.unwrap_or(word)
    });
    words.collect::<Vec<_>>().join("/")
}
