//! Forms as clients send files in them.

#![allow(dead_code, reason = "each family uses its part")]

use http::Request;
use imulator::Emulator;

use crate::common::{Answer, House};

pub const KIND: &str = "multipart/form-data; boundary=xyz";

/// A part of a form: name, file name and its media type if it is a file, content.
pub type Part<'p> = (&'p str, Option<(&'p str, &'p str)>, &'p [u8]);

/// A form of these parts.
pub fn form(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        body.extend(format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"").bytes());
        if let Some((filename, kind)) = file {
            body.extend(format!("; filename=\"{filename}\"\r\nContent-Type: {kind}").bytes());
        }
        body.extend(b"\r\n\r\n");
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(b"--xyz--\r\n");
    body
}

/// A form with one file.
pub fn file(name: &str, kind: &str, content: &[u8]) -> Vec<u8> {
    form(&[("file", Some((name, kind)), content)])
}

/// A form with one file and what is said about it.
pub fn file_about(name: &str, content: &[u8], extra: &str) -> Vec<u8> {
    form(&[("extra", None, extra.as_bytes()), ("file", Some((name, "text/plain")), content)])
}

pub const MIRA: [(&str, &str); 2] = [("IM-CLIENT-KEY", "ck"), ("IM-Authorization", "t-mira")];
pub const JONAS: [(&str, &str); 2] = [("IM-CLIENT-KEY", "ck"), ("IM-Authorization", "t-jonas")];
pub const ADMIN: [(&str, &str); 1] = [("IM-API-KEY", "ak")];

/// Sends a form.
pub async fn send(house: &House, path: &str, who: &[(&str, &str)], body: Vec<u8>) -> Answer {
    let headers = [who, &[("content-type", KIND), ("host", "localhost:3100")]].concat();
    house.imkit("POST", path, &headers, body).await
}

/// A download: its bytes, which need not be text.
pub async fn bytes(emulator: &Emulator, target: &str) -> Vec<u8> {
    let request = Request::get(target).body(bytes::Bytes::new()).expect("the test's request is HTTP");
    let answer = emulator.call(request).await.expect("an answer");
    assert_eq!(answer.status(), 200, "{target}");
    answer.into_body().to_vec()
}

/// The path and query of an address on this emulator.
pub fn target(url: &str) -> &str {
    url.strip_prefix("http://localhost:3100").unwrap_or_else(|| panic!("{url} leads elsewhere"))
}
