//! The files of `fixtures/documented`: requests and replies as the vendors' pages have them.

#![allow(dead_code, reason = "each family uses its part")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::common::demo;

/// One page's file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// The documentation page.
    pub page: String,
    /// The day on which it was read.
    pub read: String,
    /// `demo`, or a state document.
    pub world: Value,
    /// In this order, in one world.
    pub exchanges: Vec<Documented>,
}

/// A request and what it is answered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Documented {
    pub operation: String,
    pub request: Asked,
    pub reply: Answered,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    pub method: String,
    pub target: String,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Raw, so that repeated keys and the order of keys survive; absent: no body.
    #[serde(default)]
    pub body: Option<Box<RawValue>>,
    /// A body that is no JSON, in Base64.
    #[serde(default)]
    pub base64: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    pub status: u16,
    /// Those that are documented; others may come with them.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    pub body: Option<Box<RawValue>>,
    /// What a body that is no JSON starts with; empty: no body.
    #[serde(default)]
    pub text: Option<String>,
}

impl Page {
    /// The world that its first exchange starts from.
    pub fn world(&self) -> Value {
        if self.world == "demo" { demo() } else { self.world.clone() }
    }
}

impl Asked {
    pub fn headers(&self) -> Vec<(&str, &str)> {
        self.headers.iter().map(|(name, value)| (&**name, &**value)).collect()
    }

    pub fn bytes(&self) -> Vec<u8> {
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

/// All pages, each under its file's name.
pub fn pages() -> Vec<(String, Page)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/documented");
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&root).expect("it is below the root").display().to_string();
        let text = fs::read_to_string(&path).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let page = serde_json::from_str(&text).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        (name, page)
    };
    files(&root).into_iter().map(read).collect()
}
