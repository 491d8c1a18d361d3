//! Documents: state documents out of files and values, refused whole with file, line and JSON path.

use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::path;

use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use crate::api::checked;
use crate::domain::state::{State, StateFault};
use crate::strict::Strict;

/// A state document that is not taken.
#[derive(Debug, PartialEq, Eq)]
pub struct DocumentError {
    /// The file, or what else it came from.
    pub source: String,
    /// Line and column of a syntax or type fault.
    pub place: Option<(usize, usize)>,
    /// All faults that were found, each with its JSON path; the first one alone for syntax and types.
    pub faults: Vec<StateFault>,
}

impl fmt::Display for DocumentError {
    /// One line: where and what first, and how many more.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.source)?;
        if let Some((line, column)) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        match self.faults.first() {
            Some(StateFault { path, message }) if path.is_empty() => write!(f, ": {message}")?,
            Some(fault) => write!(f, ": {fault}")?,
            None => {}
        }
        match self.faults.len() {
            0 | 1 => Ok(()),
            many => write!(f, " (and {} more faults; `imulator check` lists them)", many - 1),
        }
    }
}

impl std::error::Error for DocumentError {}

/// Reads and checks a file.
///
/// # Errors
/// It cannot be read, its syntax or a type is wrong, or a rule is broken.
pub fn from_file(path: &path::Path) -> Result<State, DocumentError> {
    let source = path.display().to_string();
    let unread = |message: String| DocumentError {
        source: source.clone(),
        place: None,
        faults: vec![StateFault { path: String::new(), message }],
    };
    let file = File::open(path).map_err(|fault| unread(fault.to_string()))?;
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err(unread("is a directory".into()));
    }
    let mut reader = serde_json::Deserializer::from_reader(BufReader::new(file));
    let state = read(&mut reader, &source)?;
    check(&state, &source)?;
    Ok(state)
}

/// Reads and checks a text.
///
/// # Errors
/// As for a file.
pub fn from_text(text: &str, source: &str) -> Result<State, DocumentError> {
    let state = read(&mut serde_json::Deserializer::from_str(text), source)?;
    check(&state, source)?;
    Ok(state)
}

fn read<'de, R: serde_json::de::Read<'de>>(
    reader: &mut serde_json::Deserializer<R>,
    source: &str,
) -> Result<State, DocumentError> {
    let wrong = |path: String, fault: &serde_json::Error| DocumentError {
        source: source.to_owned(),
        place: Some((fault.line(), fault.column())),
        faults: vec![StateFault { path, message: without_place(fault) }],
    };
    let state = serde_path_to_error::deserialize(Strict(&mut *reader))
        .map_err(|fault| wrong(path_of(fault.path()), fault.inner()))?;
    reader.end().map_err(|fault| wrong(String::new(), &fault))?;
    Ok(state)
}

/// The JSON path, as far as it is known; empty for the document as a whole.
pub fn path_of(path: &Path) -> String {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => text.push_str(&format!("[{index}]")),
            Segment::Map { key: name } | Segment::Enum { variant: name } => {
                text.push_str(if text.is_empty() { "" } else { "." });
                text.push_str(name);
            }
            Segment::Unknown => {}
        }
    }
    text
}

/// The message of a fault without the line and column that stand in front of it anyway.
fn without_place(fault: &serde_json::Error) -> String {
    let text = fault.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(message, _)| message.to_owned())
}

/// Reads a value and checks it.
///
/// # Errors
/// A type is wrong, or a rule is broken.
pub fn from_value(value: Value) -> Result<State, DocumentError> {
    let source = "the given document";
    let state = serde_path_to_error::deserialize(Strict(value)).map_err(|fault| DocumentError {
        source: source.into(),
        place: None,
        faults: vec![StateFault { path: path_of(fault.path()), message: fault.inner().to_string() }],
    })?;
    check(&state, source)?;
    Ok(state)
}

/// Checks what the types cannot say.
///
/// # Errors
/// All faults.
pub fn check(state: &State, source: &str) -> Result<(), DocumentError> {
    let faults = checked::faults(state);
    if faults.is_empty() {
        return Ok(());
    }
    Err(DocumentError { source: source.to_owned(), place: None, faults })
}
