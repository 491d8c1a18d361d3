//! Signed addresses: a file's address on this emulator that for its time needs no key and no token.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use form_urlencoded::parse;
use hmac::{Hmac, KeyInit, Mac};
use http::uri::Authority;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Sha256;

use crate::api::call::{Arrival, Call, Encrypted};
use crate::api::imkit::codes::ImkitRefusal;
use crate::api::imkit::gateway::Imkit;
use crate::api::why::{quote_secret, quote_text};
use crate::domain::imkit::ImkitApp;
use crate::domain::imkit::files::File;
use crate::kernel::clock::Timestamp;

/// How long a signed address is good for, in seconds; that of the documented sample.
const VALID_SECONDS: i64 = 15 * 60;
/// What may stand in a segment of a path as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// The query's names, as the documented sample has them.
const APP: &str = "AWSAccessKeyId";
const EXPIRES: &str = "Expires";
const SIGNATURE: &str = "Signature";

/// Where the caller reached this emulator: `http://127.0.0.1:3100`.
pub fn base(arrival: &Arrival) -> String {
    let host = arrival.header("host").and_then(|host| host.parse::<Authority>().ok());
    let host = host.or_else(|| arrival.head.uri.authority().cloned());
    let reached = if arrival.head.extensions.get::<Encrypted>().is_some() { "https" } else { "http" };
    let scheme = arrival.head.uri.scheme_str().unwrap_or(reached);
    format!("{scheme}://{}", host.as_ref().map_or("localhost", Authority::as_str))
}

/// A file's path, escaped.
pub fn path(file: &File) -> String {
    let escaped = |text| utf8_percent_encode(text, SEGMENT);
    format!("/files/{}/{}", escaped(&file.bucket), escaped(&file.id))
}

/// A file's address with a signature.
pub fn sign(call: &Call<Imkit>, file: &File) -> String {
    let expires = call.now().seconds() + VALID_SECONDS;
    let path = path(file);
    let signature = URL_SAFE_NO_PAD.encode(mac(&call.settings().jwt_secret, &path, expires).finalize().into_bytes());
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair(APP, &call.app.id)
        .append_pair(EXPIRES, &expires.to_string())
        .append_pair(SIGNATURE, &signature)
        .finish();
    format!("{}{path}?{query}", base(&call.arrival))
}

/// The application that a signed address lets look into; nothing if the address has no signature.
pub fn admit(arrival: &Arrival) -> Option<Result<Arc<ImkitApp>, ImkitRefusal>> {
    if !matches!(arrival.operation.method, "GET" | "HEAD") {
        return None;
    }
    let value = |wanted: &str| {
        parse(arrival.query().as_bytes()).find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
    };
    let signature = value(SIGNATURE)?;
    let (app, expires) = (value(APP).unwrap_or_default(), value(EXPIRES).unwrap_or_default());
    Some(check(arrival, &app, &expires, &signature))
}

fn check(arrival: &Arrival, id: &str, expires: &str, signature: &str) -> Result<Arc<ImkitApp>, ImkitRefusal> {
    // Assumed: a signed address that is wrong or over answers 403 PERMISSION_DENIED.
    let refuse = |why: String| Err(ImkitRefusal::forbidden("PERMISSION_DENIED", why));
    let Some(app) = arrival.world.imkit_app(id) else {
        return refuse(format!("{APP}: there is no application {}", quote_text(id)));
    };
    let Ok(end) = expires.parse() else {
        return refuse(format!("{EXPIRES}: is {}, and has to be a number of seconds", quote_text(expires)));
    };
    let sent = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
    if mac(&app.settings().jwt_secret, arrival.head.uri.path(), end).verify_slice(&sent).is_err() {
        return refuse(format!("{SIGNATURE}: {} is not this address's", quote_secret(signature)));
    }
    let now = app.tenancy.now();
    if now.seconds() >= end {
        return refuse(format!("{EXPIRES}: this address was good until {}; it is {now}", Timestamp::from_seconds(end)));
    }
    Ok(app)
}

/// The signature of a path until a moment; the line break keeps it apart from tokens, which have none.
fn mac(secret: &str, path: &str, expires: i64) -> Hmac<Sha256> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.chain_update(format!("{path}\n{expires}"))
}
