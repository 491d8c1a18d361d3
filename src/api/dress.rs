//! Dress: the headers that are ours on every reply of a vendor's surface. The body is the vendor's alone.

use std::sync::LazyLock;

use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, DATE};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::api::imkit::file_view::OWN_HEADERS;

/// The operation's name.
pub const OPERATION: HeaderName = HeaderName::from_static("imulator-operation");
/// The call's number.
pub const CALL: HeaderName = HeaderName::from_static("imulator-call");
/// The line for a person.
pub const WHY: HeaderName = HeaderName::from_static("imulator-why");
/// The documentation page.
pub const DOC: HeaderName = HeaderName::from_static("imulator-doc");
/// The same, for browsers.
const OURS: &str = "imulator-operation, imulator-call, imulator-why, imulator-doc";
static EXPOSED: HeaderValue = HeaderValue::from_static(OURS);
/// The same with those of IMKIT's files.
static EXPOSED_IMKIT: LazyLock<HeaderValue> =
    LazyLock::new(|| HeaderValue::from_str(&format!("{OURS}, {OWN_HEADERS}")).expect("names are ASCII"));

/// Adds those that are the same for each call of an operation, and makes room for the call's number and the date.
pub fn put_on(headers: &mut HeaderMap, operation: &'static str, doc: &'static str, imkit: bool) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    let exposed = if imkit { &*EXPOSED_IMKIT } else { &EXPOSED };
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed.clone());
    headers.insert(OPERATION, HeaderValue::from_static(operation));
    headers.insert(DOC, HeaderValue::from_static(doc));
    headers.insert(CALL, HeaderValue::from_static(""));
    headers.insert(DATE, HeaderValue::from_static(""));
}
