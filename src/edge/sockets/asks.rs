//! What a socket asks, and the request that it is to all who answer requests.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use http_body_util::Full;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use socketioxide::extract::AckSender;

use crate::domain::invalid::Invalid;
use crate::edge::sockets::Way;

/// Arguments of an event that are looked at; further ones are passed over.
const ARGS_MAX: usize = 4;
/// What an event weighs besides its bytes.
const EVENT_BYTES: usize = 256;

/// The credentials that a socket may name in `auth2`, and the header that each is.
const CREDENTIALS: [(&str, &str); 6] = [
    ("im-client-key", "im-client-key"),
    ("client_key", "im-client-key"),
    ("im-authorization", "im-authorization"),
    ("authorization", "im-authorization"),
    ("im-device-id", "im-device-id"),
    ("deviceid", "im-device-id"),
];

/// The events that sockets send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `conf`: how payloads are encoded.
    Conf,
    /// `auth2`, or the older `auth`.
    SignIn,
    /// `chat message`.
    Message,
    /// `typing`.
    Typing,
}

/// The events that sockets send, by their names.
pub const EVENTS: [(&str, Kind); 5] = [
    ("conf", Kind::Conf),
    ("auth2", Kind::SignIn),
    ("auth", Kind::SignIn),
    ("chat message", Kind::Message),
    ("typing", Kind::Typing),
];

/// One event from a socket.
pub struct Ask {
    /// Which.
    pub kind: Kind,
    /// What it carries; nothing if it could not be read.
    pub args: Args,
    /// Answers it, if the socket wants an answer.
    pub ack: AckSender,
}

impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask").field("kind", &self.kind).field("args", &self.args).finish_non_exhaustive()
    }
}

/// The arguments of an event, without the one that takes its answer.
#[derive(Clone, Debug, Default)]
pub struct Args(Vec<Value>);

impl Args {
    /// Takes an argument; `null` if it is absent.
    pub fn take(&mut self, at: usize) -> Value {
        self.0.get_mut(at).map(Value::take).unwrap_or_default()
    }

    /// Roughly how many bytes they hold.
    pub fn weight(&self) -> usize {
        EVENT_BYTES + self.0.iter().map(|value| value.to_string().len()).sum::<usize>()
    }
}

impl<'de> Deserialize<'de> for Args {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        // As a tuple: the transport gives a tuple all arguments, and anything else only the first.
        from.deserialize_tuple(ARGS_MAX, AllArgs)
    }
}

struct AllArgs;

impl<'de> Visitor<'de> for AllArgs {
    type Value = Args;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the arguments of an event")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Args, A::Error> {
        let mut args = Vec::new();
        while args.len() < ARGS_MAX {
            let Some(value) = list.next_element()? else { return Ok(Args(args)) };
            args.push(value);
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Args(args))
    }
}

/// A call that a socket makes: its path and body.
pub type Asked = (String, Value);

/// `chat message`: the message to send, with its room.
///
/// # Errors
/// Which field is missing.
pub fn message(mut args: Args) -> Result<Asked, Invalid> {
    let message = unwrapped(args.take(0));
    let room = message.get("room").and_then(Value::as_str).filter(|room| !room.is_empty());
    let room = room.ok_or_else(|| Invalid::required("room"))?;
    Ok((path(room, "message"), message))
}

/// `typing`: the room, and the text so far.
///
/// # Errors
/// Which argument is missing.
pub fn typing(mut args: Args) -> Result<Asked, Invalid> {
    let room = args.take(0);
    let room = room.as_str().filter(|room| !room.is_empty()).ok_or_else(|| Invalid::required("roomId"))?;
    let mut body = Map::new();
    if let message @ Value::String(_) = args.take(1) {
        body.insert("message".into(), message);
    }
    Ok((path(room, "typing"), body.into()))
}

fn path(room: &str, what: &str) -> String {
    format!("/rooms/{}/{what}", utf8_percent_encode(room, NON_ALPHANUMERIC))
}

/// The object that a text holds, as JSON or as Base64 of JSON; anything else stays what it is.
fn unwrapped(value: Value) -> Value {
    // Assumed: a message over a socket may also come as its JSON text, or as Base64 of that text.
    let Value::String(text) = &value else { return value };
    let decoded = STANDARD.decode(text).unwrap_or_else(|_| text.clone().into_bytes());
    serde_json::from_slice(&decoded).ok().filter(Value::is_object).unwrap_or(value)
}

/// The credentials of `auth2`: the token, the object of headers beside it, and what the handshake's own headers say.
pub fn credentials(mut args: Args, handshake: &HeaderMap, query: &str) -> HeaderMap {
    let (token, beside) = (args.take(0), args.take(1));
    let mut headers = HeaderMap::new();
    let told = beside.as_object().into_iter().flatten().filter_map(|(name, value)| Some((&**name, value.as_str()?)));
    let asked = form_urlencoded::parse(query.as_bytes()).collect::<Vec<_>>();
    let asked = asked.iter().map(|(name, value)| (&**name, &**value));
    let shaken = handshake.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let device = beside.as_str().map(|device| ("im-device-id", device));
    let token = token.as_str().map(|token| ("im-authorization", token));
    // What is said first counts: the token itself, then what stands beside it, then the handshake.
    for (name, value) in token.into_iter().chain(device).chain(told).chain(shaken).chain(asked) {
        let known = CREDENTIALS.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name));
        let Some((_, header)) = known.filter(|_| !value.is_empty()) else { continue };
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            headers.entry(HeaderName::from_static(header)).or_insert(value);
        }
    }
    headers.extend(handshake.get(USER_AGENT).map(|agent| (USER_AGENT, agent.clone())));
    headers
}

/// Where a socket comes from, as signing in notes it.
pub fn whence(way: Option<&Way>, headers: &HeaderMap) -> Value {
    let mut whence = Map::new();
    if let Some(Way { peer, .. }) = way {
        let family = if peer.is_ipv4() { "IPv4" } else { "IPv6" };
        whence.insert("address".into(), json!({"port": peer.port(), "family": family, "address": peer.ip()}));
    }
    if let Some(agent) = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()) {
        whence.insert("userAgent".into(), agent.into());
    }
    whence.into()
}

/// A call as the stages take it.
pub fn request((path, body): Asked, headers: &HeaderMap) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(body.to_string().into()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = path.parse().expect("a path of escaped segments");
    *request.headers_mut() = headers.clone();
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    request
}
