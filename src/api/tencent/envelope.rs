//! The envelopes of Tencent's services: field order, `RequestId`, and where the payload stands.

use std::fmt;
use std::io::Write;

use bytes::Bytes;
use http::header::{ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};

use crate::api::house::House;
use crate::api::reply::{Reply, body};
use crate::api::tencent::codes::TencentRefusal;

/// The two families of envelopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `ActionStatus`, `ErrorInfo`, `ErrorCode`, then the payload at top level.
    Chat,
    /// `ErrorCode`, `ErrorInfo`, `ActionStatus`, `RequestId`, then the payload in `Response`.
    Room,
}

impl Dialect {
    /// The dialect of the service that a path names.
    pub fn of_path(path: &str) -> Self {
        Self::of_service(path.strip_prefix("/v4/").unwrap_or("").split('/').next().unwrap_or(""))
    }

    /// The dialect of a service.
    pub fn of_service(service: &str) -> Self {
        let room = service.starts_with("room_") || service.starts_with("live_");
        if room { Self::Room } else { Self::Chat }
    }
}

/// A reply in the envelope of its service; the HTTP status is always 200.
pub fn seal<R: Serialize>(
    house: &House,
    call: u64,
    dialect: Dialect,
    headers: HeaderMap,
    outcome: Result<R, TencentRefusal>,
) -> Reply {
    let body = body(|body| {
        open(body, house, call, dialect, outcome.as_ref().err());
        match (&outcome, dialect) {
            (Ok(payload), Dialect::Chat) => splice(body, payload),
            (Ok(payload), Dialect::Room) => enclose(body, payload),
            (Err(_), _) => {}
        }
        body.push(b'}');
    });
    let why = outcome.err().map(|refusal| refusal.why);
    Reply { why, headers, ..Reply::new(StatusCode::OK, body) }
}

/// Writes the envelope up to where its payload stands.
fn open(body: &mut Vec<u8>, house: &House, call: u64, dialect: Dialect, refusal: Option<&TencentRefusal>) {
    let (code, info) = refusal.map_or((0, ""), |refusal| (refusal.code, &*refusal.info));
    let status = if code == 0 { "OK" } else { "FAIL" };
    let written = match dialect {
        Dialect::Chat if refusal.is_none() => body.write_all(br#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0"#),
        Dialect::Chat => {
            let info = json!(info);
            write!(body, r#"{{"ActionStatus":"{status}","ErrorInfo":{info},"ErrorCode":{code}"#)
        }
        Dialect::Room => {
            // Assumed: every room command has the order of keys of the pages on kicking and creating.
            let (info, id) = (json!(info), request_id(house, call));
            write!(body, r#"{{"ErrorCode":{code},"ErrorInfo":{info},"ActionStatus":"{status}","RequestId":"{id}""#)
        }
    };
    written.expect("memory takes it");
}

/// Adds a payload's members at top level.
fn splice(body: &mut Vec<u8>, payload: &impl Serialize) {
    let start = body.len();
    serde_json::to_writer(&mut *body, payload).expect("a reply is JSON");
    match &body[start..] {
        b"null" | b"{}" => body.truncate(start),
        _ => {
            // The payload's own braces go: the opening one becomes the comma.
            body[start] = b',';
            body.pop();
        }
    }
}

/// Adds a payload as the member `Response`.
fn enclose(body: &mut Vec<u8>, payload: &impl Serialize) {
    let start = body.len();
    body.extend_from_slice(br#","Response":"#);
    let data = body.len();
    serde_json::to_writer(&mut *body, payload).expect("a reply is JSON");
    if &body[data..] == b"null" {
        body.truncate(start);
    }
}

/// `Id-`, 32 lower-case hex digits, `-O-Seq-`, a number that grows with the calls.
fn request_id(house: &House, call: u64) -> impl fmt::Display {
    let (high, low) = (house.ids.at(2 * call), house.ids.at(2 * call + 1));
    fmt::from_fn(move |f| write!(f, "Id-{high:016x}{low:016x}-O-Seq-{call}"))
}

/// The headers of the documentation's sample.
pub fn headers() -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(12);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("X-Requested-With"));
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    headers
}

/// A body with its keys in alphabetical order at every level, as the live server prints them.
pub fn alphabetical(body: &[u8]) -> Bytes {
    let mut tree: serde_json::Value = serde_json::from_slice(body).expect("a reply is JSON");
    tree.sort_all_objects();
    Bytes::from(tree.to_string())
}

/// The schema of a reply of the service that a path names, around its payload's: a refusal has no payload.
pub fn schema(path: &str, payload: &schemars::Schema) -> serde_json::Value {
    let chat = Dialect::of_path(path) == Dialect::Chat;
    let mut required = vec!["ActionStatus", "ErrorInfo", "ErrorCode"];
    let envelope = |required: &[&str], status: &str, code: Value| {
        let mut properties =
            json!({"ActionStatus": {"const": status}, "ErrorInfo": {"type": "string"}, "ErrorCode": code});
        if !chat {
            properties["RequestId"] = json!({"type": "string", "pattern": "^Id-[0-9a-f]{32}-O-Seq-[0-9]+$"});
        }
        json!({"type": "object", "properties": properties, "required": required})
    };
    if !chat {
        required.push("RequestId");
    }
    let mut refused = envelope(&required, "FAIL", json!({"type": "integer", "minimum": 1}));
    refused["additionalProperties"] = json!(false);
    let mut done = envelope(&required, "OK", json!({"const": 0}));
    if payload.as_value() == &json!({"type": "null"}) {
        done["additionalProperties"] = json!(false);
    } else if chat {
        done = json!({"allOf": [done, payload]});
    } else {
        done["properties"]["Response"] = payload.as_value().clone();
        done["required"] = json!([&required[..], &["Response"]].concat());
    }
    json!({"oneOf": [done, refused]})
}
