//! IMKIT's envelope: `RC`, `RM`, `result`; on failure `error` and an HTTP status equal to `RC`.

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_REQUEST_HEADERS, CONTENT_TYPE, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use schemars::Schema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::api::imkit::codes::ImkitRefusal;
use crate::api::reply::{Reply, body};

/// A success.
pub fn succeed(result: &impl Serialize) -> Reply {
    succeed_with(headers(), result)
}

/// A success with these headers.
pub fn succeed_with(headers: HeaderMap, result: &impl Serialize) -> Reply {
    let body = body(|body| {
        body.extend_from_slice(br#"{"RC":0,"RM":"OK","result":"#);
        serde_json::to_writer(&mut *body, result).expect("a reply is JSON");
        body.push(b'}');
    });
    Reply { headers, ..Reply::new(StatusCode::OK, body) }
}

/// A success that the documentation shows without an envelope.
pub fn bare(result: &impl Serialize) -> Reply {
    let body = body(|body| serde_json::to_writer(body, result).expect("a reply is JSON"));
    Reply { headers: headers(), ..Reply::new(StatusCode::OK, body) }
}

/// An answer without a body.
pub fn empty(status: StatusCode) -> Reply {
    let mut headers = headers();
    headers.remove(CONTENT_TYPE);
    Reply { headers, ..Reply::new(status, Bytes::new()) }
}

/// A failure.
pub fn refuse(refusal: &ImkitRefusal) -> Reply {
    let text = |text: &str| serde_json::to_string(text).expect("a string is JSON");
    // Assumed: retryAfter stands beside the code and the message, in whole seconds.
    let again = refusal.retry_after.map(|seconds| format!(r#","retryAfter":{seconds}"#)).unwrap_or_default();
    let body = format!(
        r#"{{"RC":{},"RM":{},"error":{{"code":{},"message":{}{again}}}}}"#,
        refusal.status.as_u16(),
        text(&refusal.rm),
        text(&refusal.code),
        text(&refusal.message)
    );
    Reply { headers: headers(), why: Some(refusal.why.clone()), ..Reply::new(refusal.status, body) }
}

/// The answer to a browser that asks whether it may call: any origin, every method, the headers it asked for.
pub fn preflight(asked: &HeaderMap) -> Reply {
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(HeaderName::from_static("x-powered-by"), HeaderValue::from_static("Express"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    let methods = HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE");
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
    headers.insert(VARY, HeaderValue::from_static("Access-Control-Request-Headers"));
    if let Some(wanted) = asked.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
    }
    Reply { headers, ..Reply::new(StatusCode::NO_CONTENT, Bytes::new()) }
}

/// The headers of every answer.
pub fn headers() -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(12);
    headers.insert(HeaderName::from_static("x-powered-by"), HeaderValue::from_static("Express"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers
}

/// The schema of a success around its result's.
pub fn schema(result: &Schema) -> Value {
    json!({"type": "object", "required": ["RC", "RM", "result"], "additionalProperties": false,
        "properties": {"RC": {"const": 0}, "RM": {"const": "OK"}, "result": result}})
}

/// The schema of a failure.
pub fn failure_schema() -> Value {
    json!({"type": "object", "required": ["RC", "RM", "error"], "additionalProperties": false, "properties": {
        "RC": {"type": "integer", "minimum": 400, "maximum": 499}, "RM": {"type": "string"},
        "error": {"type": "object", "required": ["code", "message"], "additionalProperties": false, "properties": {
            "code": {"type": "string"}, "message": {"type": "string"}, "retryAfter": {"type": "integer"}}}}})
}
