//! Control's gateway: host, origin and token are what it checks; a refusal is HTTP 4xx with an `error` object.

use std::net::IpAddr;
use std::sync::Arc;

use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::api::call::{Arrival, Call};
use crate::api::operation::{Access, Gateway, Operation};
use crate::api::reply::Reply;
use crate::api::tencent::codes::TencentRefusal;
use crate::config::{Config, covers};
use crate::document::path_of;
use crate::domain::groups::error::GroupError;
use crate::domain::invalid::Invalid;
use crate::domain::rooms::error::RoomError;
use crate::kernel::tenancy::Tenancy;
use crate::strict::from_text;
use crate::trail::Trail;

/// The door of the control API.
#[derive(Debug)]
pub struct Control;

/// The code of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ControlCode {
    /// A word of ours.
    Word(&'static str),
    /// The number of the vendor whose rule refused.
    Vendor(u32),
}

/// A refusal of the control API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlRefusal {
    /// The HTTP status.
    pub status: StatusCode,
    /// What refused.
    pub code: ControlCode,
    /// What is wrong, for a person.
    pub message: String,
    /// Where in the request, as a JSON path.
    pub path: Option<String>,
}

impl ControlRefusal {
    /// This status, code word and message.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code: ControlCode::Word(code), message: message.into(), path: None }
    }

    /// A field of the request is wrong.
    pub fn invalid(path: impl Into<String>, message: impl Into<String>) -> Self {
        let path = Some(path.into()).filter(|path| !path.is_empty());
        Self { path, ..Self::new(StatusCode::BAD_REQUEST, "invalid", message) }
    }

    /// Something that the path names is not there.
    pub fn missing(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// The reply.
    pub fn reply(&self) -> Reply {
        let error = json!({"error": {"code": self.code, "message": self.message, "path": self.path}});
        let mut reply = Reply::new(self.status, error.to_string());
        reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        reply
    }
}

impl From<Invalid> for ControlRefusal {
    fn from(invalid: Invalid) -> Self {
        Self::invalid(invalid.field, invalid.why)
    }
}

impl From<TencentRefusal> for ControlRefusal {
    /// What a client would have met: 409 with the service's own code.
    fn from(refusal: TencentRefusal) -> Self {
        Self { code: ControlCode::Vendor(refusal.code), ..Self::new(StatusCode::CONFLICT, "", refusal.why) }
    }
}

impl From<GroupError> for ControlRefusal {
    fn from(error: GroupError) -> Self {
        TencentRefusal::from(error).into()
    }
}

impl From<RoomError> for ControlRefusal {
    fn from(error: RoomError) -> Self {
        TencentRefusal::from(error).into()
    }
}

/// Whether a request may come in: token, host and origin. Asked before its body is taken, and also where no row is.
/// The dashboard's files want no token: a browser that goes to a page cannot send one.
///
/// # Errors
/// 401 for the token, 403 for the others.
pub fn check(config: &Config, row: Option<&Operation>, headers: &HeaderMap) -> Result<(), ControlRefusal> {
    let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or("\u{fffd}"));
    let wanted = config.control_token.as_deref();
    let token = text(AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
    let is_for_all = row.is_some_and(|row| row.access == Access::Anybody);
    if wanted.is_some() && token != wanted && !is_for_all {
        let message = "this emulator wants Authorization: Bearer TOKEN, with the token of --control-token";
        return Err(ControlRefusal::new(StatusCode::UNAUTHORIZED, "unauthorized", message));
    }
    let host = text(HOST);
    check_host(host, &config.names, wanted.is_some() && token == wanted)?;
    check_origin(host, text(ORIGIN))
}

impl Gateway for Control {
    type App = ();
    type Caller = ();
    type Refusal = ControlRefusal;

    const ACCESS: Access = Access::ControlToken;

    /// The edge has asked [`check`] before it took the body.
    fn admit(arrival: &Arrival) -> Result<(Arc<()>, ()), ControlRefusal> {
        arrival.world.settle();
        Ok((Arc::new(()), ()))
    }

    fn identify(_: &Arrival) -> Option<Arc<()>> {
        None
    }

    fn tenant((): &()) -> Option<Arc<Tenancy>> {
        None
    }

    fn decode<Q: DeserializeOwned>(call: &Call<Self>) -> Result<Result<Q, Invalid>, ControlRefusal> {
        let arrival = &call.arrival;
        let from_query = arrival.head.method == Method::GET || arrival.head.method == Method::DELETE;
        if from_query || arrival.head.method == Method::HEAD {
            return Ok(query(call));
        }
        let body: &[u8] = if arrival.body.is_empty() { b"{}" } else { &arrival.body };
        Ok(std::str::from_utf8(body).map_err(|fault| word("", &fault)).and_then(|text| {
            let trail = Trail::default();
            from_text(text, &trail).map_err(|fault| word(&trail.follow(text).0, &fault))
        }))
    }

    fn seal<R: Serialize>(_: &Arrival, _: Option<&()>, outcome: Result<R, ControlRefusal>) -> Reply {
        match outcome {
            Ok(payload) => {
                let body = serde_json::to_vec(&payload).expect("a reply is JSON");
                let mut reply = Reply::new(StatusCode::OK, body);
                reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                reply
            }
            Err(refusal) => refusal.reply(),
        }
    }
}

/// Reads the query of a call, also of one that has a body.
///
/// # Errors
/// A parameter that is not known, or not of its form.
pub fn query<Q: DeserializeOwned>(call: &Call<Control>) -> Result<Q, Invalid> {
    let pairs = form_urlencoded::parse(call.arrival.query().as_bytes());
    let read = serde_path_to_error::deserialize(serde_html_form::Deserializer::new(pairs));
    read.map_err(|fault| word(&path_of(fault.path()), fault.inner()))
}

fn word(path: &str, fault: &dyn std::fmt::Display) -> Invalid {
    Invalid::new(path, fault.to_string())
}

/// Only addresses, localhost and named hosts: a web page cannot reach us through a name of its own.
fn check_host(host: Option<&str>, names: &[String], token: bool) -> Result<(), ControlRefusal> {
    let Some(host) = host.filter(|_| !token) else { return Ok(()) };
    let name = without_port(host);
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok();
    if address || name.eq_ignore_ascii_case("localhost") || names.iter().any(|known| covers(known, name)) {
        return Ok(());
    }
    let message = format!(
        "the control API does not answer under the host name {name:?}; use an address, localhost or a --tls-name"
    );
    Err(ControlRefusal::new(StatusCode::FORBIDDEN, "forbidden_host", message))
}

/// A page of another origin cannot drive the control API.
fn check_origin(host: Option<&str>, origin: Option<&str>) -> Result<(), ControlRefusal> {
    let Some(origin) = origin else { return Ok(()) };
    let authority = origin.split_once("://").map_or("", |(_, authority)| authority);
    if !authority.is_empty() && Some(authority) == host {
        return Ok(());
    }
    let message = format!("the origin {origin:?} is not this host; the control API takes no requests from other pages");
    Err(ControlRefusal::new(StatusCode::FORBIDDEN, "forbidden_origin", message))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port))
            if port.bytes().all(|byte| byte.is_ascii_digit()) && (!name.contains(':') || name.starts_with('[')) =>
        {
            name
        }
        _ => host,
    }
}
