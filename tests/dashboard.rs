//! The dashboard's files without a browser: all of them are served, nothing they name is missing, none of them writes
//! markup, and every error that the page offers for a fault rule is one that a rule takes.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::{fs, path::Path};

use common::{demo, start};
use serde_json::{Value, json};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/api/control/dashboard");
/// Most lines of one of the page's files.
const LINES_MAX: usize = 400;
/// What would make markup or code of a text, or lead a browser elsewhere.
const NEVER: &[&str] = &[
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "DOMParser",
    "createContextualFragment",
    "srcdoc",
    "eval(",
    "new Function",
    "javascript:",
    " style=",
    "<style",
    "@import",
    " url(",
    "//cdn",
];

/// Name and content of every file of the page.
fn files() -> BTreeMap<String, String> {
    let entries = fs::read_dir(Path::new(FOLDER)).expect("the page has a folder");
    let paths = entries.map(|entry| entry.expect("an entry is readable").path());
    let read = |path: std::path::PathBuf| {
        let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
        (name, fs::read_to_string(path).expect("the page's files are UTF-8"))
    };
    paths.map(read).collect()
}

/// Every text between these two in a text.
fn between<'t>(text: &'t str, start: &str, end: char) -> Vec<&'t str> {
    text.split(start).skip(1).filter_map(|rest| rest.split(end).next()).collect()
}

#[tokio::test]
async fn every_file_of_the_page_is_served_and_names_only_files_that_are() {
    let house = start(demo()).await;
    let files = files();
    for (name, content) in &files {
        let answer = house.call("GET", &format!("/_imulator/page/{name}"), &[("host", "localhost")], "").await;
        assert_eq!((answer.status.as_u16(), &answer.text), (200, content), "{name}");
        let named = between(content, "from './", '\'').into_iter().chain(between(content, "=\"page/", '"'));
        for other in named {
            assert!(files.contains_key(other), "{name} names {other}, which is not there");
        }
    }
}

#[test]
fn no_file_of_the_page_is_long_or_writes_markup_or_leads_elsewhere() {
    let mut breaches = Vec::new();
    for (name, content) in files() {
        let lines = content.lines().count();
        if lines > LINES_MAX {
            breaches.push(format!("{name}: {lines} lines; a file has at most {LINES_MAX}"));
        }
        breaches.extend(NEVER.iter().filter(|word| content.contains(**word)).map(|word| format!("{name}: {word}")));
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn every_text_that_the_page_asks_for_is_there_in_english_and_chinese() {
    let files = files();
    let table = files["texts.js"].split_once("const TEXTS = {").expect("the table of texts").1;
    let mut known = BTreeSet::new();
    for line in table.lines().filter(|line| line.contains(": ['")) {
        let (key, texts) = line.trim().split_once(": [").expect("a key and its texts");
        let texts: Vec<&str> = texts.split("', '").collect();
        assert!(texts.len() == 2 && texts.iter().all(|text| text.len() > 2), "{line}");
        assert!(known.insert(key.trim_matches('\'')), "{key} is there twice");
    }
    for (name, content) in &files {
        let asked = [between(content, " t('", '\''), between(content, "(t('", '\''), between(content, "[t('", '\'')];
        let written = [between(content, "data-text=\"", '"'), between(content, "data-label=\"", '"')];
        for key in asked.into_iter().chain(written).flatten() {
            assert!(known.contains(key), "{name} asks for the text {key:?}");
        }
    }
}

#[tokio::test]
async fn every_error_that_is_listed_for_a_system_is_one_that_a_fault_rule_takes() {
    let house = start(demo()).await;
    let table = house.control("GET", "operations", "").await;
    let errors = table["errors"].as_object().expect("errors by system");
    for row in table["operations"].as_array().expect("rows") {
        let name = row["name"].as_str().expect("a name");
        let system = name.rsplit_once('.').expect("vendor, system and command").0;
        let vendor = name.split('.').next().unwrap_or(name);
        let listed = errors.get(system).or_else(|| errors.get(vendor)).and_then(Value::as_array);
        assert!(listed.is_some_and(|listed| listed.len() > 40), "{name} has no documented errors");
    }
    for (system, listed) in errors {
        for error in listed.as_array().expect("a list") {
            let then = match error.get("name") {
                Some(name) => json!({"error": error["code"], "code": name}),
                None => json!({"error": error["code"]}),
            };
            let rule = json!({"match": {"operation": format!("{system}.*")}, "then": then});
            let answer =
                house.call("PUT", "/_imulator/faults", &[("host", "localhost")], rule.to_string().as_str()).await;
            assert_eq!(answer.status.as_u16(), 200, "{system} {error}: {}", answer.text);
            assert!(!error["text"].as_str().unwrap_or_default().is_empty(), "{error}");
        }
    }
    let codes = |system: &str| errors[system][0]["code"].as_u64();
    assert_eq!(
        [codes("tencent.groups"), codes("tencent.rooms"), codes("imkit")],
        [Some(10001), Some(100_001), Some(400)]
    );
}
