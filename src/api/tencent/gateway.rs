//! Tencent's gateway: who may come in, in the documented order of checks.
//!
//! Shape of the URL (the router's) → sdkappid → identifier → usersig → administrator → body. Every reply is HTTP 200.

use std::borrow::Cow;
use std::sync::Arc;

use form_urlencoded::parse;
use http::Method;
use http::request::Parts;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::api::call::{Arrival, Call};
use crate::api::decode::{self, Undecodable};
use crate::api::house::House;
use crate::api::limit::Limit;
use crate::api::operation::{Access, Gateway};
use crate::api::reply::Reply;
use crate::api::tencent::codes::TencentRefusal;
use crate::api::tencent::envelope::{self, Dialect};
use crate::api::tencent::operations;
use crate::api::tencent::usersig::{self, UserSigError};
use crate::api::why::{cut, quote_text};
use crate::domain::accounts::Account;
use crate::domain::invalid::Invalid;
use crate::domain::settings::Profile;
use crate::domain::tencent::{FAMILY, TencentApp, TencentSettings};
use crate::domain::world::{Found, World};
use crate::kernel::clock::Timestamp;
use crate::kernel::names::{EntityId, UserId};
use crate::kernel::tenancy::{Tenancy, TenantKey};
use crate::kernel::turn::Origin;

/// The door of Tencent's services.
#[derive(Debug)]
pub struct Tencent;

/// The administrator who calls, with the settings that were in force when the call was admitted.
#[derive(Debug)]
pub struct Administrator {
    /// The account that calls.
    pub identifier: UserId,
    /// The app's settings.
    pub settings: Arc<TencentSettings>,
}

/// The query parameters that matter; of a repeated one the first counts.
#[derive(Debug, Default)]
struct Query<'q> {
    sdkappid: Option<Cow<'q, str>>,
    identifier: Option<Cow<'q, str>>,
    usersig: Option<Cow<'q, str>>,
    contenttype: Option<Cow<'q, str>>,
}

impl<'q> Query<'q> {
    fn read(query: &'q str) -> Self {
        let mut read = Self::default();
        for (name, value) in pairs(query) {
            let place = match &*name {
                "sdkappid" => &mut read.sdkappid,
                "identifier" => &mut read.identifier,
                "usersig" => &mut read.usersig,
                "contenttype" => &mut read.contenttype,
                _ => continue,
            };
            // Assumed: of a parameter that is sent twice the first counts.
            place.get_or_insert(value);
        }
        read
    }
}

/// The parameters of a query, decoded where anything in them is encoded: mostly nothing is.
fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    let mut rest = Some(query);
    let each = std::iter::from_fn(move || {
        let pair = rest.take()?;
        let end = pair.bytes().position(|byte| byte == b'&').unwrap_or(pair.len());
        rest = pair.get(end + 1..);
        Some(&pair[..end])
    });
    each.filter(|pair| !pair.is_empty()).map(|pair| {
        let equals = pair.bytes().position(|byte| byte == b'=').unwrap_or(pair.len());
        let (name, value) = (&pair[..equals], pair.get(equals + 1..).unwrap_or(""));
        if pair.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
            return parse(pair.as_bytes()).next().unwrap_or_default();
        }
        (Cow::Borrowed(name), Cow::Borrowed(value))
    })
}

impl Gateway for Tencent {
    type App = TencentApp;
    type Caller = Administrator;
    type Refusal = TencentRefusal;

    const ACCESS: Access = Access::Administrator;

    fn admit(arrival: &Arrival) -> Result<(Arc<TencentApp>, Administrator), TencentRefusal> {
        // Assumed: a request without any query is answered like the documented one of a browser.
        if arrival.query().is_empty() {
            return Err(TencentRefusal::new(
                60002,
                "query: there is none; sdkappid, identifier and usersig are required",
            ));
        }
        let query = Query::read(arrival.query());
        let sdkappid = sdkappid_of(&query)?;
        let found = arrival.world.tencent(sdkappid);
        let (settings, now) = match &found {
            Found::Open(app) => (app.settings(), app.tenancy.now()),
            Found::Template(template) => {
                let settings = TencentSettings::default().with(template);
                (Arc::new(settings), arrival.house.clock.now().shifted(template.clock_offset_ms.unwrap_or(0)))
            }
            Found::Unknown => return Err(unknown_app(arrival, sdkappid)),
        };
        let identifier = check_caller(&query, sdkappid, &settings, now)?;
        let app = match found {
            Found::Open(app) => app,
            Found::Template(template) => arrival.world.open_tencent(sdkappid, template),
            Found::Unknown => return Err(unknown_app(arrival, sdkappid)),
        };
        app.usage.touch(arrival.number);
        check_revoked(&app, &query, identifier, &settings)?;
        check_rate(arrival, &app, &settings)?;
        app.rooms.sweep();
        Ok((app, Administrator { identifier: UserId::new(identifier), settings }))
    }

    fn identify(arrival: &Arrival) -> Option<Arc<TencentApp>> {
        match arrival.world.tencent(named_in(arrival.query())?) {
            Found::Open(app) => Some(app),
            Found::Template(_) | Found::Unknown => None,
        }
    }

    fn tenant(app: &TencentApp) -> Option<Arc<Tenancy>> {
        Some(app.tenancy.clone())
    }

    fn decode<Q: DeserializeOwned>(call: &Call<Self>) -> Result<Result<Q, Invalid>, TencentRefusal> {
        match decode::object(&call.arrival.body) {
            Ok(request) => Ok(Ok(request)),
            Err(Undecodable::Wrong(invalid)) => Ok(Err(invalid)),
            Err(Undecodable::NotAnObject(why)) => Err(TencentRefusal::new(60003, why)),
        }
    }

    fn seal<R: Serialize>(arrival: &Arrival, app: Option<&TencentApp>, outcome: Result<R, TencentRefusal>) -> Reply {
        let dialect = Dialect::of_service(arrival.operation.service);
        let headers = arrival.operation.headers(envelope::headers);
        ordered(envelope::seal(&arrival.house, arrival.number, dialect, headers, outcome), dialect, app)
    }
}

/// The application that a query names.
fn named_in(query: &str) -> Option<u64> {
    sdkappid_of(&Query::read(query)).ok()
}

/// The tenant that a request names: open, or one that it would open if it were admitted.
pub fn tenant_named(world: &World, head: &Parts) -> Option<TenantKey> {
    let sdkappid = named_in(head.uri.query().unwrap_or(""))?;
    let known = !matches!(world.tencent(sdkappid), Found::Unknown);
    known.then(|| TenantKey { family: FAMILY, id: EntityId::new(sdkappid.to_string()) })
}

/// The answer where something else than a rule of the operation refuses, worded as the tenant would see it.
pub fn refuse(house: &House, world: &World, number: u64, head: &Parts, refusal: TencentRefusal) -> Reply {
    let app = tenant_named(world, head).and_then(|key| world.tencent_app(&key.id));
    let dialect = Dialect::of_path(head.uri.path());
    let reply = envelope::seal::<()>(house, number, dialect, envelope::headers(), Err(refusal));
    Reply { tenant: app.as_ref().map(|app| app.tenancy.clone()), ..ordered(reply, dialect, app.as_deref()) }
}

/// The reply with its keys in the order that the application wants.
fn ordered(mut reply: Reply, dialect: Dialect, app: Option<&TencentApp>) -> Reply {
    if dialect == Dialect::Chat && app.is_some_and(|app| app.settings().options.alphabetical) {
        reply.body = envelope::alphabetical(&reply.body);
    }
    reply
}

/// Checks that a kick did not make the signature void, where that counts for administrators.
// Assumed: a kick ends the signatures of clients; those of administrators go on, unless the option kick_administrators
// says otherwise.
fn check_revoked(
    app: &TencentApp,
    query: &Query<'_>,
    identifier: &str,
    settings: &TencentSettings,
) -> Result<(), TencentRefusal> {
    let signature = query.usersig.as_deref().filter(|_| settings.secret_key.is_some());
    let Some(signature) = signature.filter(|_| settings.options.kick_administrators) else { return Ok(()) };
    let void_before = app.accounts.look(identifier, Account::void_before).unwrap_or(0);
    match usersig::time_of(signature) {
        Some(time) if time < i64::from(void_before) => {
            let why = format!("usersig: was made at {time}, and those before {void_before} are void since the kick");
            Err(TencentRefusal::new(70052, why))
        }
        _ => Ok(()),
    }
}

/// Checks the documented calls per second, the tenant's own before its profile's, where they are enforced.
// Assumed: calls are counted by the second of the emulator's clock, and refused ones count too.
fn check_rate(arrival: &Arrival, app: &TencentApp, settings: &TencentSettings) -> Result<(), TencentRefusal> {
    let operation = arrival.operation;
    let own = settings.limits.of(operation.service, operation.command, "per_second");
    let documented = match settings.options.profile {
        Profile::Seed => operation.per_second.0,
        Profile::Current => operation.per_second.1,
    };
    let most = own.unwrap_or(documented.into());
    if !arrival.house.config.enforce_rate_limits || most == 0 {
        return Ok(());
    }
    if app.rates.take(operation.name, app.tenancy.now().seconds(), most) {
        return Ok(());
    }
    Err(TencentRefusal::new(60007, format!("rate: this app may call {} {most} times a second", operation.command)))
}

fn sdkappid_of(query: &Query<'_>) -> Result<u64, TencentRefusal> {
    let text = query.sdkappid.as_deref().unwrap_or("");
    if text.is_empty() {
        return Err(TencentRefusal::new(
            60012,
            "sdkappid: this query parameter is required; it is the application's number",
        ));
    }
    // Assumed: an sdkappid that is no number counts as missing.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits);
    number.ok_or_else(|| TencentRefusal::new(60012, format!("sdkappid: {} is not a decimal number", quote_text(text))))
}

/// An app that is not known has no profile of its own; the template's decides which code its age gives.
fn unknown_app(arrival: &Arrival, sdkappid: u64) -> TencentRefusal {
    let options = arrival.world.tencent_template().and_then(|template| template.options.as_ref());
    let code = match options.map_or(Profile::Seed, |options| options.profile) {
        Profile::Seed => 60006,
        Profile::Current => 60026,
    };
    let why = match sdkappid {
        0 => "sdkappid: 0 is no application".to_owned(),
        _ => format!("sdkappid: {sdkappid} is in no fixture, and this emulator is closed to others (--closed)"),
    };
    TencentRefusal::new(code, why)
}

/// Checks identifier, signature and role; gives the identifier.
fn check_caller<'q>(
    query: &'q Query<'_>,
    sdkappid: u64,
    settings: &TencentSettings,
    now: Timestamp,
) -> Result<&'q str, TencentRefusal> {
    let refuse = |code, why: String| Err(TencentRefusal::new(code, why));
    // Assumed: a contenttype that is missing or another is refused only on demand, and then before the identifier.
    if settings.options.strict_contenttype && query.contenttype.as_deref() != Some("json") {
        return refuse(60025, "contenttype: this app wants it to be json (option strict_contenttype)".into());
    }
    let identifier = query.identifier.as_deref().unwrap_or("");
    // Assumed: a missing identifier is the older tables' 60004.
    if identifier.is_empty() {
        return refuse(
            60004,
            "identifier: this query parameter is required; it names an administrator of the app".into(),
        );
    }
    let signature = query.usersig.as_deref().unwrap_or("");
    if signature.is_empty() {
        return refuse(
            70002,
            "usersig: this query parameter is required; where the app has no secret_key, any text will do".into(),
        );
    }
    if let Some(key) = &settings.secret_key {
        usersig::verify(key, signature, sdkappid, identifier, now.seconds()).map_err(|error| word_usersig(&error))?;
    }
    if !settings.administers(identifier) {
        let all = settings.administrators.iter().map(UserId::as_str).collect::<Vec<_>>().join(", ");
        let why = format!(
            "identifier: {} is no administrator of the app {sdkappid}; its administrators are {all}",
            quote_text(identifier)
        );
        return refuse(60010, why);
    }
    Ok(identifier)
}

fn word_usersig(error: &UserSigError) -> TencentRefusal {
    let code = match error {
        UserSigError::Illegal { .. } => 70003,
        UserSigError::OtherApp { .. } => 70014,
        UserSigError::OtherUser { .. } => 70013,
        UserSigError::Expired { .. } => 70001,
        UserSigError::WrongKey => 70009,
    };
    TencentRefusal::new(code, format!("usersig: {}", shortened(error)))
}

/// The error's own words, with the identifiers in them cut: they come from outside.
fn shortened(error: &UserSigError) -> String {
    match error {
        UserSigError::OtherUser { signed, requested } => {
            UserSigError::OtherUser { signed: cut(signed), requested: cut(requested) }.to_string()
        }
        UserSigError::Illegal { why } => UserSigError::Illegal { why: cut_line(why) }.to_string(),
        other => other.to_string(),
    }
}

impl Call<Tencent> {
    /// Who asks, and by which call.
    pub fn origin(&self) -> Origin {
        Origin { by: self.caller.identifier.clone(), call: Some(self.arrival.number) }
    }

    /// The app's settings, as they were when the call was admitted.
    pub fn settings(&self) -> &TencentSettings {
        &self.caller.settings
    }

    /// The service that the call names: the second segment of its path.
    pub fn service(&self) -> &'static str {
        self.arrival.operation.service
    }

    /// The maximum of a limit in force for this app: its own, or its profile's.
    pub fn max_of(&self, limit: &Limit) -> u64 {
        let settings = self.settings();
        let own = settings.limits.of(self.service(), self.arrival.operation.command, limit.field);
        own.unwrap_or(match settings.options.profile {
            Profile::Seed => limit.max,
            Profile::Current => limit.current_max,
        })
    }

    /// The maximum of a rate, where rates are enforced.
    pub fn enforced(&self, rate: &Limit) -> Option<u64> {
        self.arrival.house.config.enforce_rate_limits.then(|| self.max_of(rate))
    }

    /// Checks a documented limit.
    ///
    /// # Errors
    /// What is wrong, with field, amount and limit.
    pub fn within(&self, limit: &Limit, amount: usize) -> Result<(), Invalid> {
        limit.check(u64::try_from(amount).unwrap_or(u64::MAX), self.max_of(limit))
    }
}

/// The answer where no operation is: by the shape of the path, before anything else is looked at.
pub fn nowhere(method: &Method, path: &str) -> TencentRefusal {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    // Assumed: a path of another shape is no HTTP to the service, and one of the right shape is a wrong resource.
    let [_, service, command] = segments.as_slice() else {
        return TencentRefusal::new(60002, format!("path: {} is not /v4/SERVICE/COMMAND", quote_text(path)));
    };
    if service.is_empty() || command.is_empty() {
        return TencentRefusal::new(60002, format!("path: {} is not /v4/SERVICE/COMMAND", quote_text(path)));
    }
    // Assumed: a method other than POST is answered as HTTP that cannot be parsed.
    if method != Method::POST {
        return TencentRefusal::new(60002, format!("method: {method}; this API is POST only"));
    }
    let known = operations().any(|operation| operation.path.split('/').nth(2) == Some(service));
    let nearest = nearest(path);
    let why = if known {
        format!(
            "path: the service {service} has no command {}; the nearest known one is {nearest}",
            quote_text(command)
        )
    } else {
        format!("path: there is no service {}; the nearest known operation is {nearest}", quote_text(service))
    };
    // Ruled: the group services have a code of their own for an unknown command.
    let code = if known && service.starts_with("group_") { 10003 } else { 60009 };
    TencentRefusal::new(code, cut_line(&why))
}

fn nearest(path: &str) -> &'static str {
    let known = operations().map(|operation| operation.path);
    known.max_by(|a, b| strsim::jaro_winkler(a, path).total_cmp(&strsim::jaro_winkler(b, path))).unwrap_or("none")
}

fn cut_line(why: &str) -> String {
    if why.len() > 1000 { cut(why) } else { why.to_owned() }
}
