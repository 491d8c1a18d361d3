//! What the targets start from: the fixtures, as inputs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs, iter};

use imulator::api::router;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::targets::END;

/// A page of `fixtures/documented`, as far as it is asked.
#[derive(Deserialize)]
struct Page {
    world: Box<RawValue>,
    exchanges: Vec<Exchange>,
}

#[derive(Deserialize)]
struct Exchange {
    operation: String,
    request: Asked,
}

#[derive(Deserialize)]
struct Asked {
    method: String,
    target: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Option<Box<RawValue>>,
}

/// Rules of every kind, each with what a call may have in it.
const RULES: [&str; 9] = [
    r#"{"match":{}}"#,
    r#"{"id":"slow-kick","match":{"operation":"tencent.*","tenant":{"tencent":"88888888"},"body":{"UserID":"mira"}},"skip":1,"times":1,"chance":0.5,"delay_ms":1,"then":{"error":60008,"info":"no"}}"#,
    r#"[{"match":{"operation":"imkit.*"},"then":{"error":404,"code":"ROOM_NOT_FOUND"}},{"match":{"path":"/v4/*"},"then":{"status":502,"body":"{}"}}]"#,
    r#"{"match":{"tenant":{"imkit":"SampleApp"}},"then":{"lost":"before"}}"#,
    r#"{"match":{"path":"/rooms*"},"then":{"lost":"after"}}"#,
    r#"{"match":{"body":[{"a":null},1]},"then":{"truncate":7}}"#,
    r#"{"match":{},"then":{"hang":true}}"#,
    r#"{"match":{"operation":"control.*"},"then":{"status":99}}"#,
    r#"[{"match":{},"times":0},{"match":{},"chance":2}]"#,
];

/// Requests that no fixture has: pipelined, chunked, HTTP/1.0, for a socket, and half of one.
const WIRE: [&str; 9] = [
    "GET /_imulator/health HTTP/1.1\r\nhost: localhost\r\n\r\nHEAD / HTTP/1.1\r\nhost: a\r\n\r\n",
    "POST /v4/im_open_login_svc/account_import?sdkappid=88888888&identifier=admin&usersig=x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"Use\r\n8;a=b\r\nrID\":\"a\"\r\n1\r\n}\r\n0\r\nx: y\r\n\r\n",
    "POST /rooms HTTP/1.0\r\nim-api-key: demo-api-key\r\ncontent-length: 2\r\n\r\n{}",
    "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nhost: a\r\nconnection: keep-alive\r\n\r\n",
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\u{1}\u{2}40",
    "OPTIONS /rooms HTTP/1.1\r\nhost: a\r\norigin: http://b\r\naccess-control-request-headers: im-api-key\r\n\r\n",
    "POST /files HTTP/1.1\r\nhost: a\r\nim-api-key: demo-api-key\r\ncontent-type: multipart/form-data; boundary=B\r\ncontent-length: 88\r\n\r\n--B\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhello\r\n--B--\r\n",
    "PUT /_imulator/state HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-length: 14\r\n\r\n{\"imulator\":1}",
    "POST /v4/x/y HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n{",
];

/// Writes what a target starts from into the folder `FUZZ_SEEDS`, if that is set.
#[allow(
    dead_code,
    clippy::disallowed_methods,
    reason = "for libFuzzer's own processes; the tests take them as they are"
)]
pub fn write(target: &str) {
    let Some(folder) = env::var_os("FUZZ_SEEDS").map(PathBuf::from) else { return };
    for (at, seed) in of(target).iter().enumerate() {
        fs::write(folder.join(format!("seed-{at:03}")), seed).expect("a seed can be written");
    }
}

/// What a target starts from.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    match target {
        "http" => WIRE.iter().map(|text| text.as_bytes().to_vec()).chain(pages().iter().map(raw)).collect(),
        "operations" => pages().iter().map(calls).collect(),
        "usersig" => signed(),
        "document" => documents(),
        "faults" => {
            RULES.iter().zip(pages()).map(|(rule, page)| join([rule.as_bytes().to_vec(), calls(&page)])).collect()
        }
        other => panic!("there is no target {other}"),
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .find(|above| above.join("fixtures").is_dir())
        .expect("the repository")
        .join("fixtures")
}

fn pages() -> Vec<Page> {
    let mut found = Vec::new();
    let mut waiting = vec![fixtures().join("documented")];
    while let Some(directory) = waiting.pop() {
        let entries = fs::read_dir(&directory).expect("fixtures are readable");
        for path in entries.map(|entry| entry.expect("an entry is readable").path()) {
            if path.is_dir() { waiting.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    let read = |path: PathBuf| serde_json::from_slice(&fs::read(path).expect("readable")).expect("a fixture is JSON");
    found.into_iter().map(read).collect()
}

fn join(parts: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    parts.into_iter().collect::<Vec<_>>().join(&END)
}

/// A page's exchanges as calls, its world first.
fn calls(page: &Page) -> Vec<u8> {
    let demo = page.world.get() == "\"demo\"";
    let world =
        (!demo).then(|| call("control.state.put", "/_imulator/state", "host:localhost".into(), page.world.get()));
    let each = page.exchanges.iter().filter(|exchange| exchange.operation.contains('.')).filter_map(|exchange| {
        let Asked { target, headers, body, .. } = &exchange.request;
        router::operations().any(|row| row.name == exchange.operation).then(|| {
            let headers: Vec<String> = headers.iter().map(|(name, value)| format!("{name}:{value}")).collect();
            call(&exchange.operation, target, headers.join("\t"), body.as_ref().map_or("", |body| body.get()))
        })
    });
    join(world.into_iter().chain(each))
}

fn call(operation: &str, target: &str, headers: String, body: &str) -> Vec<u8> {
    let (at, row) = router::operations().enumerate().find(|(_, row)| row.name == operation).expect("a known operation");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let values: Vec<&str> = iter::zip(row.path.split('/'), path.split('/'))
        .filter(|(part, _)| part.starts_with('{'))
        .map(|(_, value)| value)
        .collect();
    let number = u16::try_from(at).expect("there are not so many").to_be_bytes();
    let text = format!("{}?{query}\n{headers}\n{body}", values.join(" "));
    [&number[..], &[6], text.as_bytes()].concat()
}

/// A page's exchanges as they go over a connection.
fn raw(page: &Page) -> Vec<u8> {
    let mut wire = String::new();
    for Exchange { request: Asked { method, target, headers, body }, .. } in &page.exchanges {
        let body = body.as_ref().map_or("", |body| body.get());
        wire += &format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n", body.len());
        headers.iter().for_each(|(name, value)| wire += &format!("{name}: {value}\r\n"));
        wire += &format!("\r\n{body}");
    }
    wire.into_bytes()
}

/// The vectors of both kinds of signatures.
fn signed() -> Vec<Vec<u8>> {
    let mut found = vec![b"\x03user".to_vec()];
    for (file, kind) in [("usersig.json", 0_u8), ("jwt.json", 2)] {
        let text = fs::read_to_string(fixtures().join(file)).expect("readable");
        let vectors: Value = serde_json::from_str(&text).expect("a fixture is JSON");
        let lists = vectors.as_object().into_iter().flat_map(|members| members.values()).filter_map(Value::as_array);
        let texts = lists.flatten().filter_map(|vector| vector["text"].as_str().or(vector["token"].as_str()));
        found.extend(texts.map(|text| [&[kind], text.as_bytes()].concat()));
    }
    let members = r#"{"TLS.ver":"2.0","TLS.identifier":"administrator","TLS.sdkappid":1400000000,"TLS.time":1700000000,"TLS.expire":86400,"TLS.sig":"AAAA","TLS.userbuf":"YWJj"}"#;
    found.push([&[1], members.as_bytes()].concat());
    found
}

/// The worlds of the fixtures, and what became of them.
fn documents() -> Vec<Vec<u8>> {
    let demo = fs::read(fixtures().join("worlds/demo.json")).expect("readable");
    let bench = crate::targets::Bench::default();
    let pages = pages();
    let worlds =
        pages.iter().filter(|page| page.world.get() != "\"demo\"").map(|page| page.world.get().as_bytes().to_vec());
    let became = pages.iter().map(|page| bench.world_after(&calls(page)).into_bytes());
    iter::once(demo).chain(worlds).chain(became).collect()
}
