//! The dashboard's files: built in, so that the page needs nothing from elsewhere. It is a client of the control API
//! and of the vendors' own; what it may do in a browser its Content-Security-Policy says.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, StatusCode};
use sha2::{Digest, Sha256};

use crate::api::call::Call;
use crate::api::control::gateway::{Control, ControlRefusal};
use crate::api::control::state::Nothing;
use crate::api::reply::Reply;

/// What the page may load and do: its own files and this emulator, nothing inline, nothing elsewhere, in no frame.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file: its name, its type, what is in it.
type File = (&'static str, &'static str, &'static [u8]);

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! file {
    ($name:literal, $kind:expr) => {
        ($name, $kind, include_bytes!(concat!("dashboard/", $name)))
    };
}

/// The files of the page; the first is the page itself.
// table
static FILES: &[File] = &[
    file!("index.html", HTML),
    file!("style.css", STYLE),
    file!("views.css", STYLE),
    file!("act.js", SCRIPT),
    file!("actions.js", SCRIPT),
    file!("app.js", SCRIPT),
    file!("call.js", SCRIPT),
    file!("calls.js", SCRIPT),
    file!("charts.js", SCRIPT),
    file!("clock.js", SCRIPT),
    file!("control.js", SCRIPT),
    file!("describe.js", SCRIPT),
    file!("disturb.js", SCRIPT),
    file!("dom.js", SCRIPT),
    file!("entities.js", SCRIPT),
    file!("faults.js", SCRIPT),
    file!("format.js", SCRIPT),
    file!("inspector.js", SCRIPT),
    file!("journal.js", SCRIPT),
    file!("list.js", SCRIPT),
    file!("marks.js", SCRIPT),
    file!("members.js", SCRIPT),
    file!("pages.js", SCRIPT),
    file!("repeat.js", SCRIPT),
    file!("series.js", SCRIPT),
    file!("stream.js", SCRIPT),
    file!("tenants.js", SCRIPT),
    file!("texts.js", SCRIPT),
    file!("toast.js", SCRIPT),
    file!("token.js", SCRIPT),
    file!("vendor.js", SCRIPT),
    file!("world.js", SCRIPT),
    file!("worldfile.js", SCRIPT),
];

/// Tells one build's files from another's.
static TAG: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = FILES.iter().fold(Sha256::new(), |hash, (name, _, body)| hash.chain_update(name).chain_update(body));
    HeaderValue::from_str(&format!("\"{}\"", STANDARD.encode(hash.finalize()))).expect("Base64 is ASCII")
});

/// `GET /_imulator/`; without the slash, where the page's own addresses would lead elsewhere, the way to it.
///
/// # Errors
/// None.
pub async fn index(call: Call<Control>, _: Nothing) -> Result<Reply, ControlRefusal> {
    if call.arrival.head.uri.path() != "/_imulator/" {
        let mut reply = Reply::new(StatusCode::PERMANENT_REDIRECT, Bytes::new());
        reply.headers.insert(LOCATION, HeaderValue::from_static("/_imulator/"));
        return Ok(reply);
    }
    Ok(send(&call, &FILES[0]))
}

/// `GET /_imulator/page/{file}`.
///
/// # Errors
/// There is no such file.
pub async fn file(call: Call<Control>, _: Nothing) -> Result<Reply, ControlRefusal> {
    let wanted = call.arrival.param("file");
    let found = FILES.iter().find(|(name, ..)| *name == wanted);
    found
        .map(|file| send(&call, file))
        .ok_or_else(|| ControlRefusal::missing(format!("the page has no file {wanted:?}")))
}

fn send(call: &Call<Control>, (_, kind, body): &File) -> Reply {
    let known = call.arrival.header(IF_NONE_MATCH.as_str());
    let is_known = known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == *TAG));
    let mut reply = if is_known {
        Reply::new(StatusCode::NOT_MODIFIED, Bytes::new())
    } else {
        Reply::new(StatusCode::OK, Bytes::from_static(body))
    };
    let fixed = [
        (CONTENT_TYPE, *kind),
        // Asked for anew each time, so that another build's page never meets this one's scripts.
        (CACHE_CONTROL, "no-cache"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
    ];
    fixed.into_iter().for_each(|(name, value)| drop(reply.headers.insert(name, HeaderValue::from_static(value))));
    reply.headers.insert(ETAG, TAG.clone());
    reply
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_file_of_the_page_is_built_in() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/api/control/dashboard");
        let names = std::fs::read_dir(folder)
            .expect("the folder is there")
            .map(|entry| entry.expect("an entry is readable").file_name().into_string().expect("names are ASCII"));
        let there: BTreeSet<String> = names.collect();
        let listed: BTreeSet<String> = FILES.iter().map(|(name, ..)| (*name).to_owned()).collect();
        assert_eq!(there, listed);
        assert_eq!(FILES[0].0, "index.html");
        for (name, kind, _) in FILES {
            let wanted = match name.rsplit_once('.').map(|(_, end)| end) {
                Some("html") => HTML,
                Some("css") => STYLE,
                _ => SCRIPT,
            };
            assert_eq!(*kind, wanted, "{name}");
        }
    }
}
