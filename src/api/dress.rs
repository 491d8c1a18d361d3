//! Dress: the headers that are ours on every reply of a vendor's surface. The body is the vendor's alone.

use std::sync::LazyLock;

use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, DATE};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::api::entry::write_headers;
use crate::api::imkit::file_view::OWN_HEADERS;
use crate::api::operation::Operation;

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

/// The headers that an operation's replies begin with, made once.
#[derive(Debug)]
pub struct Dress {
    /// The vendor's and ours. The call's number and the date have their places and no values yet.
    pub headers: HeaderMap,
    /// The same as the journal records them.
    lines: String,
}

impl Dress {
    /// The vendor's headers and ours.
    pub fn new(operation: &Operation, vendors: HeaderMap) -> Self {
        let mut headers = vendors;
        put_on(&mut headers, operation.name, operation.doc, operation.vendor() == "imkit");
        let mut lines = Vec::new();
        write_headers(&mut lines, &headers);
        Self { headers, lines: String::from_utf8_lossy(&lines).into_owned() }
    }

    /// Writes the headers of a reply as they are recorded, without those that need no second copy; gives the lines that
    /// are to be read before these.
    pub fn write_rest(&self, to: &mut Vec<u8>, headers: &HeaderMap) -> &str {
        let shared = Some(self).filter(|dress| dress.is_worn(headers));
        let mut known = shared.iter().flat_map(|dress| dress.headers.values());
        write_headers(to, headers.iter().filter(|(_, value)| known.next() != Some(*value)));
        shared.map_or("", |dress| &dress.lines)
    }

    /// Whether a reply still has these headers in their order, each once, whatever their values are.
    fn is_worn(&self, headers: &HeaderMap) -> bool {
        headers.len() == headers.keys_len()
            && headers.len() >= self.headers.len()
            && headers.keys().zip(self.headers.keys()).all(|(name, known)| name == known)
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    /// What is recorded of a reply's headers: the lines before, and its own.
    fn recorded(change: impl FnOnce(&mut HeaderMap)) -> (bool, String) {
        let operation = crate::api::router::operations().next().expect("there are operations");
        let dress = Dress::new(operation, HeaderMap::new());
        let mut headers = dress.headers.clone();
        change(&mut headers);
        let mut own = Vec::new();
        let shared = dress.write_rest(&mut own, &headers) == dress.lines;
        (shared, String::from_utf8(own).expect("headers are texts"))
    }

    #[test]
    fn what_a_reply_shares_is_not_recorded_again() {
        let (shared, own) = recorded(|headers| {
            headers.insert(CALL, HeaderValue::from_static("7"));
            headers.insert(WHY, HeaderValue::from_static("because"));
        });
        assert_eq!((shared, own.as_str()), (true, "imulator-call: 7\nimulator-why: because\n"));
    }

    #[test]
    fn headers_that_are_repeated_or_missing_are_recorded_whole() {
        let (shared, own) = recorded(|headers| {
            headers.append(CALL, HeaderValue::from_static("7"));
        });
        assert_eq!((shared, own.matches("imulator-call: ").count()), (false, 2));
        let (shared, own) = recorded(|headers| {
            headers.remove(DOC);
        });
        assert_eq!((shared, own.lines().count()), (false, 5));
    }
}
