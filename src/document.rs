//! Documents: state documents out of files and values, refused whole with file, line and JSON path.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path;

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use serde_path_to_error::{Path, Segment};

use crate::api::checked;
use crate::domain::state::{State, StateFault};
use crate::domain::world::{World, Written};
use crate::domain::written::Wording;
use crate::strict::{Strict, without_place};
use crate::trail::Trail;

/// How much of a document is read at once, in bytes.
const READ_BYTES: usize = 32 * 1024;

/// Entities in JSON.
#[derive(Clone, Copy, Debug)]
pub struct InJson;

impl Wording for InJson {
    fn word(&self, entity: &impl Serialize) -> Box<RawValue> {
        serde_json::value::to_raw_value(entity).expect("an entity is JSON")
    }
}

/// A world as a document that is written entity by entity, or a part of one.
pub type Snapshot = Written<InJson>;

/// Writes a world, entity by entity: what is in memory meanwhile is the largest of them.
///
/// # Errors
/// What it is written to fails.
pub fn write(world: &Snapshot, to: &mut dyn Write) -> io::Result<()> {
    Ok(serde_json::to_writer(to, world)?)
}

/// A world as a document in memory.
pub fn of_world(world: &World) -> State {
    let mut text = Vec::new();
    write(&world.written(InJson), &mut text).expect("memory takes it");
    read(&mut text.as_slice()).expect("what is written can be read")
}

/// The first fault of syntax or type in a document.
#[derive(Debug)]
pub struct Misread {
    /// Where: a JSON path, as far as it is known.
    pub path: String,
    /// What, with line and column.
    pub fault: serde_json::Error,
}

/// Reads a document of any size as it comes. The one way in: reading these types takes much code, and another kind of
/// reader would double it.
///
/// # Errors
/// Its first fault of syntax or type; the rules are asked by [`check`].
pub fn read(from: &mut dyn Read) -> Result<State, Misread> {
    let mut reader = serde_json::Deserializer::from_reader(BufReader::with_capacity(READ_BYTES, from));
    let no_text_to_follow_it_in = Trail::default();
    let state = serde_path_to_error::deserialize(Strict::new(&mut reader, &no_text_to_follow_it_in))
        .map_err(|fault| Misread { path: path_of(fault.path()), fault: fault.into_inner() })?;
    reader.end().map_err(|fault| Misread { path: String::new(), fault })?;
    Ok(state)
}

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
    let mut file = File::open(path).map_err(|fault| unread(fault.to_string()))?;
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err(unread("is a directory".into()));
    }
    checked(read(&mut file), &source, true)
}

/// Reads and checks a text.
///
/// # Errors
/// As for a file.
pub fn from_text(text: &str, source: &str) -> Result<State, DocumentError> {
    checked(read(&mut text.as_bytes()), source, true)
}

/// What was read, checked; with the place of a fault in the text, if there is one that somebody wrote.
fn checked(read: Result<State, Misread>, source: &str, text: bool) -> Result<State, DocumentError> {
    let state = read.map_err(|Misread { path, fault }| DocumentError {
        source: source.to_owned(),
        place: text.then(|| (fault.line(), fault.column())),
        faults: vec![StateFault { path, message: without_place(&fault) }],
    })?;
    check(&state, source)?;
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

/// Reads a value and checks it.
///
/// # Errors
/// A type is wrong, or a rule is broken.
pub fn from_value(value: &Value) -> Result<State, DocumentError> {
    checked(read(&mut value.to_string().as_bytes()), "the given document", false)
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
