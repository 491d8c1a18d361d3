//! The answer where no operation is: 404, with the nearest one that is known.

use std::cmp::Ordering;

use http::Method;

use crate::api::imkit::codes::ImkitRefusal;
use crate::api::imkit::operations;
use crate::api::why::quote_text;

/// The answer where no operation is.
pub fn nowhere(method: &Method, path: &str) -> ImkitRefusal {
    let wanted = format!("{method} {path}");
    let known = operations().map(|row| (format!("{} {}", row.method, row.path), filled(row.path, path)));
    let near = |(row, filled): &(String, String)| {
        let likeness = strsim::normalized_damerau_levenshtein(filled, path);
        (likeness, row.starts_with(method.as_str()))
    };
    let nearest = known.max_by(|a, b| near(a).partial_cmp(&near(b)).unwrap_or(Ordering::Equal));
    let nearest = nearest.map(|(row, _)| row).unwrap_or_default();
    let why = format!("path: there is no {}; the nearest known operation is {nearest}", quote_text(&wanted));
    ImkitRefusal::missing("Not Found", "NOT_FOUND", why)
}

/// A row's path with its parameters taken from a path of the same shape, so that only the fixed words are compared.
fn filled(row: &str, path: &str) -> String {
    let mut given = path.trim_end_matches('/').split('/');
    let words = row.split('/').map(|word| {
        let given = given.next().filter(|_| word.starts_with('{'));
        given.unwrap_or(word)
    });
    words.collect::<Vec<_>>().join("/")
}
