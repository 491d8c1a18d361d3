//! Router: all tables in one lookup. A conflict between rows stops the start.

use compact_str::CompactString;
use hashbrown::HashMap;
use http::Method;
use percent_encoding::percent_decode_str;

use crate::api::call::PathParams;
use crate::api::operation::Operation;
use crate::api::{control, imkit, tencent};

/// Whose surface a path is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// `/v4` and all below.
    Tencent,
    /// `/_imulator` and all below.
    Control,
    /// Everything else.
    Imkit,
}

impl Surface {
    /// The surface of a path.
    pub fn of(path: &str) -> Self {
        let below = |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if below("/v4") {
            Self::Tencent
        } else if below("/_imulator") {
            Self::Control
        } else {
            Self::Imkit
        }
    }
}

/// The rows of one path pattern, by method.
type Rows = Vec<&'static Operation>;

/// Finds the row that answers a request.
pub struct Router {
    /// Tencent's paths have no parameters.
    tencent: HashMap<&'static str, &'static Operation>,
    patterns: matchit::Router<Rows>,
}

impl std::fmt::Debug for Router {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Router").field("tencent", &self.tencent.len()).finish_non_exhaustive()
    }
}

/// All operations of all doors, in the order of their tables.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    tencent::operations().chain(imkit::operations()).chain(control::operations())
}

impl Router {
    /// A router over all tables.
    ///
    /// # Panics
    /// If two rows answer the same method and path: a fault of this program, found at its first start.
    pub fn new() -> Self {
        let tencent = tencent::operations().map(|row| (row.path, row)).collect();
        let mut by_path: Vec<(&'static str, Rows)> = Vec::new();
        for row in imkit::operations().chain(control::operations()) {
            match by_path.iter_mut().find(|(path, _)| *path == row.path) {
                Some((_, rows)) => rows.push(row),
                None => by_path.push((row.path, vec![row])),
            }
        }
        let mut patterns = matchit::Router::new();
        for (path, rows) in by_path {
            patterns.insert(path, rows).unwrap_or_else(|fault| panic!("the tables conflict at {path}: {fault}"));
        }
        Self { tencent, patterns }
    }

    /// The row for this request, with the parameters of its path. A trailing slash makes no difference outside `/v4`;
    /// HEAD is answered as GET where it has no row of its own.
    pub fn find(&self, surface: Surface, method: &Method, path: &str) -> Option<(&'static Operation, PathParams)> {
        if surface == Surface::Tencent {
            let row = self.tencent.get(path).filter(|row| row.method == method.as_str())?;
            return Some((row, PathParams::new()));
        }
        let trimmed = path.trim_end_matches('/');
        let found = self
            .patterns
            .at(if surface == Surface::Control && trimmed == "/_imulator" { "/_imulator/" } else { trimmed })
            .ok()?;
        let of = |wanted: &str| found.value.iter().find(|row| row.method == wanted);
        let row = of(method.as_str()).or_else(|| of("GET").filter(|_| method == Method::HEAD))?;
        let decode = |text: &str| CompactString::new(percent_decode_str(text).decode_utf8_lossy());
        let params = found.params.iter().map(|(name, value)| (CompactString::new(name), decode(value)));
        Some((row, params.collect()))
    }

    /// The methods that a path has rows for.
    pub fn methods(&self, path: &str) -> Vec<&'static str> {
        let found = self.patterns.at(path.trim_end_matches('/'));
        found.map(|found| found.value.iter().map(|row| row.method).collect()).unwrap_or_default()
    }
}

impl Default for Router {
    fn default() -> Self {
        Self::new()
    }
}
