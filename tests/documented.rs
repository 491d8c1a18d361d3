//! The documented requests and replies of `fixtures/documented`, replayed: status and whole body, key order included.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::{House, demo, minified, start, without_request_id};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// One page's file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    /// The documentation page.
    page: String,
    /// The day on which it was read.
    read: String,
    /// `demo`, or a state document.
    world: Value,
    /// In this order, in one world.
    exchanges: Vec<Documented>,
}

/// A request and what it is answered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Documented {
    operation: String,
    request: Asked,
    reply: Answered,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    method: String,
    target: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// Raw, so that repeated keys and the order of keys survive; absent: no body.
    #[serde(default)]
    body: Option<Box<RawValue>>,
    /// A body that is no JSON, in Base64.
    #[serde(default)]
    base64: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answered {
    status: u16,
    /// Those that are documented; others may come with them.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Option<Box<RawValue>>,
    /// What a body that is no JSON starts with; empty: no body.
    #[serde(default)]
    text: Option<String>,
}

impl Asked {
    fn bytes(&self) -> Vec<u8> {
        match (&self.base64, &self.body) {
            (Some(text), _) => STANDARD.decode(text).expect("the body is Base64"),
            (None, Some(body)) => body.get().as_bytes().to_vec(),
            (None, None) => Vec::new(),
        }
    }
}

/// Every file below a directory, sorted.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap_or_else(|fault| panic!("{}: {fault}", directory.display()));
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.expect("an entry of a directory is readable").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn pages() -> Vec<(String, Page)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/documented");
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&root).expect("it is below the root").display().to_string();
        let text = fs::read_to_string(&path).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let page = serde_json::from_str(&text).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        (name, page)
    };
    files(&root).into_iter().map(read).collect()
}

/// What differs between a documented exchange and the emulator's answer; nothing, if all is well.
async fn differences(house: &House, exchange: &Documented) -> Vec<String> {
    let asked = &exchange.request;
    let headers: Vec<(&str, &str)> = asked.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    let answer = house.call(&asked.method, &asked.target, &headers, asked.bytes()).await;
    let mut found = Vec::new();
    let mut compare = |what: &str, wanted: String, got: String| {
        if wanted != got {
            found.push(format!("{what}\n    documented: {wanted}\n    answered:   {got}"));
        }
    };
    compare("operation", exchange.operation.clone(), answer.header("imulator-operation").to_owned());
    compare("status", exchange.reply.status.to_string(), answer.status.as_u16().to_string());
    for (name, value) in &exchange.reply.headers {
        compare(name, value.clone(), answer.header(name).to_owned());
    }
    match (&exchange.reply.body, exchange.reply.text.as_deref()) {
        (Some(body), None) => compare("body", minified(body.get()), without_request_id(&answer.text)),
        (None, Some("")) => compare("body", String::new(), answer.text.clone()),
        (None, Some(text)) => compare("body", text.into(), answer.text.chars().take(text.chars().count()).collect()),
        _ => compare("body", "either as JSON or as text".into(), String::new()),
    }
    if !found.is_empty() && !answer.why().is_empty() {
        found.push(format!("why: {}", answer.why()));
    }
    found
}

#[tokio::test]
async fn every_documented_request_is_answered_as_documented() {
    let mut found = Vec::new();
    for (name, page) in pages() {
        let world = if page.world == "demo" { demo() } else { page.world.clone() };
        let house = start(world).await;
        for (number, exchange) in page.exchanges.iter().enumerate() {
            for difference in differences(&house, exchange).await {
                found.push(format!("{name} exchanges[{number}] {difference}"));
            }
        }
    }
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}

#[test]
fn every_page_says_where_and_when_it_was_read() {
    for (name, page) in pages() {
        assert!(page.page.starts_with("https://"), "{name}: {}", page.page);
        let form: Vec<usize> = page.read.split('-').map(str::len).collect();
        assert_eq!(form, [4, 2, 2], "{name}: {}", page.read);
        assert!(!page.exchanges.is_empty(), "{name} has no exchange");
    }
}
