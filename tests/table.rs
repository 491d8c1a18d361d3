//! The table of operations: what routing, documents and checks read has to hold together.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::Path;

use imulator::api::operation::Operation;
use imulator::api::router::operations;
use serde_json::Value;

/// Vendor operations that have no documented exchange yet; this list may only shrink.
const GAPS: &[&str] = &[];

/// The rows of the vendors' surfaces.
fn vendor_rows() -> impl Iterator<Item = &'static Operation> {
    operations().filter(|row| row.vendor() != "control")
}

/// The operations that the files below a directory have an exchange of.
fn covered(directory: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(directory).unwrap_or_else(|fault| panic!("{}: {fault}", directory.display())) {
        let path = entry.expect("an entry of a directory is readable").path();
        if path.is_dir() {
            found.extend(covered(&path));
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
        let page: Value = serde_json::from_str(&text).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
        let exchanges = page["exchanges"].as_array().into_iter().flatten();
        found.extend(exchanges.filter_map(|exchange| exchange["operation"].as_str().map(str::to_owned)));
    }
    found
}

#[test]
fn names_are_unique() {
    let mut seen = HashSet::new();
    let twice: Vec<&str> = operations().map(|row| row.name).filter(|name| !seen.insert(*name)).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

#[test]
fn method_and_path_are_unique() {
    let mut seen = HashSet::new();
    let rows = operations().map(|row| (row.method, row.path));
    let twice: Vec<_> = rows.filter(|row| !seen.insert(*row)).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

#[test]
fn names_say_vendor_system_and_command() {
    for row in operations() {
        assert!(["tencent", "imkit", "control"].contains(&row.vendor()), "{}", row.name);
        let word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        let digits = |part: &str| part.replace(|sign: char| sign.is_ascii_digit(), "");
        assert!(row.name.split('.').all(|part| word(&digits(part))), "{}", row.name);
        assert!(row.name.split('.').count() >= 2, "{}", row.name);
    }
    for row in vendor_rows() {
        assert_eq!(row.name.split('.').count(), 3, "{}", row.name);
    }
}

#[test]
fn tencent_rows_are_posts_named_by_the_last_part_of_their_path() {
    for row in operations().filter(|row| row.vendor() == "tencent") {
        assert_eq!(row.method, "POST", "{}", row.name);
        assert_eq!(row.path.strip_prefix("/v4/").map(|rest| rest.split('/').count()), Some(2), "{}", row.path);
        assert!(row.path.ends_with(&format!("/{}", row.command)), "{} {}", row.name, row.path);
    }
}

#[test]
fn paths_are_on_the_surface_of_their_vendor() {
    for row in operations() {
        let surface = match row.path {
            path if path.starts_with("/v4/") => "tencent",
            path if path.starts_with("/_imulator/") => "control",
            _ => "imkit",
        };
        assert_eq!(row.vendor(), surface, "{} {}", row.name, row.path);
    }
}

#[test]
fn every_row_has_a_page_and_a_line_about_itself() {
    for row in operations() {
        assert!(row.doc.starts_with("https://") && row.doc.len() > 10, "{}: {}", row.name, row.doc);
        assert!(row.summary.ends_with('.') && row.summary.len() > 10, "{}: {}", row.name, row.summary);
    }
}

#[test]
fn limits_name_their_field_once_and_have_room() {
    for row in operations() {
        let mut seen = HashSet::new();
        for limit in row.limits {
            assert!(!limit.field.is_empty(), "{}", row.name);
            assert!(seen.insert((limit.field, limit.unit as u8)), "{} names {} twice", row.name, limit.field);
            assert!(limit.min <= limit.max && limit.min <= limit.current_max, "{}: {limit}", row.name);
        }
    }
}

#[test]
fn every_vendor_operation_has_a_documented_exchange() {
    let covered = covered(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/documented"));
    let rows: BTreeSet<String> = vendor_rows().map(|row| row.name.to_owned()).collect();
    let missing: Vec<&String> = rows.difference(&covered).filter(|name| !GAPS.contains(&name.as_str())).collect();
    assert!(missing.is_empty(), "without an exchange in fixtures/documented: {missing:?}");
    let filled: Vec<&&str> = GAPS.iter().filter(|name| covered.contains(**name) || !rows.contains(**name)).collect();
    assert!(filled.is_empty(), "no gap any more: {filled:?}");
}

/// IMKIT's documented pairs of method and path, with the credentials each asks for.
fn imkit_pairs() -> BTreeSet<(String, String, String)> {
    let text = include_str!("../fixtures/imkit/operations.json");
    let pairs: Vec<Value> = serde_json::from_str(text).expect("the list is JSON");
    let word = |pair: &Value, name: &str| pair[name].as_str().expect("a text").to_owned();
    pairs.iter().map(|pair| (word(pair, "method"), shape(&word(pair, "path")), word(pair, "access"))).collect()
}

/// A path with each parameter as `*`, whatever it is called.
fn shape(path: &str) -> String {
    let segments = path.split('/').map(|word| if word.starts_with([':', '{']) { "*" } else { word });
    segments.collect::<Vec<_>>().join("/")
}

#[test]
fn imkit_rows_are_the_documented_pairs() {
    let documented = imkit_pairs();
    assert_eq!(documented.len(), 116);
    let access = |row: &Operation| match serde_json::to_value(row.access).expect("a word") {
        Value::String(word) => word,
        other => panic!("{other} is no word"),
    };
    // Signing in by a socket is a row that no path leads to.
    let rows = operations().filter(|row| row.vendor() == "imkit" && row.command != "auth2");
    let built: BTreeSet<_> = rows.map(|row| (row.method.to_owned(), shape(row.path), access(row))).collect();
    let strangers: Vec<_> = built.difference(&documented).collect();
    assert!(strangers.is_empty(), "not documented so: {strangers:?}");
    let missing: Vec<_> = documented.difference(&built).collect();
    assert!(missing.is_empty(), "not emulated: {missing:?}");
}
