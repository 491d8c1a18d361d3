//! Queries in MongoDB's syntax, as far as IMKIT's clients use it: equality, comparison, lists, `$regex`, `$or`, `$and`.

use std::cmp::Ordering;

use regex::{Regex, RegexBuilder};
use serde_json::{Map, Value};

use crate::api::imkit::codes::INVALID_QUERY;
use crate::api::why::{quote, quote_text};
use crate::domain::invalid::Invalid;

/// The most levels that a query may have.
const DEPTH_MAX: usize = 16;
/// The most bytes that a compiled pattern may take.
const PATTERN_BYTES_MAX: usize = 2 * 1024 * 1024;
/// The most patterns that a query may have.
const PATTERNS_MAX: usize = 16;

/// Something with named values that a query looks at.
pub trait Document {
    /// The value of a field; `None` if it has none.
    fn value(&self, name: &str) -> Option<Value>;
}

/// A checked query.
#[derive(Debug)]
pub enum Query {
    /// All of these hold.
    All(Vec<Query>),
    /// One of these holds.
    Any(Vec<Query>),
    /// A field's value passes the test; the path's first part is the field.
    Field(Vec<String>, Test),
}

/// What is asked of a value.
#[derive(Debug)]
pub enum Test {
    /// Equal, or an array that contains it.
    Equals(Value),
    /// Not so.
    Not(Box<Test>),
    /// Ordered so, compared with this.
    Ordered(fn(Ordering) -> bool, Value),
    /// Equal to one of these.
    In(Vec<Value>),
    /// An array with all of these.
    Contains(Vec<Value>),
    /// There, or not.
    Exists(bool),
    /// A string that matches.
    Matches(Regex),
}

impl Query {
    /// Reads a query from its JSON text.
    ///
    /// # Errors
    /// It is not JSON, or no object, or uses operators that are not known.
    pub fn read(field: &str, text: &str) -> Result<Self, Invalid> {
        let wrong = || Invalid::new(field, format!("is {}, which is no query: queries are objects", quote_text(text)));
        Self::read_object(field, text)?.ok_or_else(|| wrong().with_info(INVALID_QUERY))
    }

    /// The same, but JSON that is no object asks for nothing.
    ///
    /// # Errors
    /// It is not JSON, or uses operators that are not known.
    pub fn read_object(field: &str, text: &str) -> Result<Option<Self>, Invalid> {
        let wrong = |why: String| Invalid::new(field, why).with_info(INVALID_QUERY);
        let tree: Value = serde_json::from_str(text)
            .map_err(|fault| wrong(format!("is {}, which is not JSON: {fault}", quote_text(text))))?;
        if patterns(&tree) > PATTERNS_MAX {
            return Err(wrong(format!("has more than {PATTERNS_MAX} patterns ($regex)")));
        }
        match &tree {
            Value::Object(conditions) => Self::of(conditions, 0).map(Some).map_err(wrong),
            _ => Ok(None),
        }
    }

    fn of(conditions: &Map<String, Value>, depth: usize) -> Result<Self, String> {
        if depth > DEPTH_MAX {
            return Err(format!("is nested deeper than {DEPTH_MAX} levels"));
        }
        let branches = |list: &Value| -> Result<Vec<Self>, String> {
            let wrong = || format!("{} has to be an array of conditions, at least one", quote(list));
            let list = list.as_array().filter(|list| !list.is_empty()).ok_or_else(wrong)?;
            let branch = |value: &Value| match value {
                Value::Object(conditions) => Self::of(conditions, depth + 1),
                other => Err(format!("{} is no condition: conditions are objects", quote(other))),
            };
            list.iter().map(branch).collect()
        };
        let mut all = Vec::new();
        for (name, asked) in conditions {
            match name.as_str() {
                "$or" => all.push(Self::Any(branches(asked)?)),
                "$and" => all.push(Self::All(branches(asked)?)),
                name if name.starts_with('$') => return Err(format!("{name} is no operator known here")),
                path => {
                    let path: Vec<String> = path.split('.').map(str::to_owned).collect();
                    all.extend(tests(asked)?.into_iter().map(|test| Self::Field(path.clone(), test)));
                }
            }
        }
        Ok(Self::All(all))
    }

    /// Whether it holds for a document.
    pub fn holds(&self, document: &dyn Document) -> bool {
        match self {
            Self::All(all) => all.iter().all(|part| part.holds(document)),
            Self::Any(any) => any.iter().any(|part| part.holds(document)),
            Self::Field(path, test) => {
                let found = document.value(&path[0]);
                let found = path[1..].iter().fold(found, |value, name| value?.get_mut(name).map(Value::take));
                test.holds(found.as_ref())
            }
        }
    }
}

/// How many patterns a query has, counted before any is built.
fn patterns(tree: &Value) -> usize {
    match tree {
        Value::Object(members) => {
            members.iter().map(|(name, value)| usize::from(name == "$regex") + patterns(value)).sum()
        }
        Value::Array(list) => list.iter().map(patterns).sum(),
        _ => 0,
    }
}

fn tests(asked: &Value) -> Result<Vec<Test>, String> {
    let Some(operators) = asked.as_object().filter(|object| object.keys().any(|name| name.starts_with('$'))) else {
        return Ok(vec![Test::Equals(asked.clone())]);
    };
    let options = operators.get("$options").and_then(Value::as_str).unwrap_or("");
    let list = |value: &Value| value.as_array().cloned().ok_or_else(|| format!("{} has to be an array", quote(value)));
    let mut tests = Vec::new();
    for (name, value) in operators {
        tests.push(match name.as_str() {
            "$eq" => Test::Equals(value.clone()),
            "$ne" => Test::Not(Box::new(Test::Equals(value.clone()))),
            "$gt" => Test::Ordered(Ordering::is_gt, value.clone()),
            "$gte" => Test::Ordered(Ordering::is_ge, value.clone()),
            "$lt" => Test::Ordered(Ordering::is_lt, value.clone()),
            "$lte" => Test::Ordered(Ordering::is_le, value.clone()),
            "$in" => Test::In(list(value)?),
            "$nin" => Test::Not(Box::new(Test::In(list(value)?))),
            "$all" => Test::Contains(list(value)?),
            "$exists" => Test::Exists(!matches!(value, Value::Bool(false) | Value::Null) && value != 0),
            "$regex" => Test::Matches(pattern(value, options)?),
            "$options" => continue,
            unknown => return Err(format!("{unknown} is no operator known here")),
        });
    }
    Ok(tests)
}

fn pattern(value: &Value, options: &str) -> Result<Regex, String> {
    let text = value.as_str().ok_or_else(|| format!("$regex: {} has to be a string", quote(value)))?;
    let flag = |letter| options.contains(letter);
    let mut builder = RegexBuilder::new(text);
    builder.case_insensitive(flag('i')).multi_line(flag('m')).dot_matches_new_line(flag('s'));
    builder.ignore_whitespace(flag('x')).size_limit(PATTERN_BYTES_MAX);
    builder.build().map_err(|fault| format!("$regex: {} is no pattern: {fault}", quote_text(text)))
}

impl Test {
    fn holds(&self, found: Option<&Value>) -> bool {
        // Like MongoDB: a test of an array holds if it holds for the array or for one of its elements.
        let any = |test: &dyn Fn(&Value) -> bool| match found {
            Some(Value::Array(elements)) => elements.iter().any(test),
            Some(value) => test(value),
            None => false,
        };
        let equals = |wanted: &Value| same(found.unwrap_or(&Value::Null), wanted) || any(&|value| same(value, wanted));
        match self {
            Self::Equals(wanted) => equals(wanted),
            Self::Not(test) => !test.holds(found),
            Self::Ordered(is, wanted) => any(&|value| same_kind(value, wanted) && is(compare(value, wanted))),
            Self::In(list) => list.iter().any(equals),
            Self::Contains(list) => !list.is_empty() && list.iter().all(|wanted| any(&|value| same(value, wanted))),
            Self::Exists(wanted) => found.is_some() == *wanted,
            Self::Matches(pattern) => any(&|value| value.as_str().is_some_and(|text| pattern.is_match(text))),
        }
    }
}

/// Equal; numbers by their value, whichever way they are written.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(_), Value::Number(_)) => compare(one, other).is_eq(),
        _ => one == other,
    }
}

fn same_kind(one: &Value, other: &Value) -> bool {
    rank(one) == rank(other)
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Number(_) => 1,
        Value::String(_) => 2,
        Value::Object(_) => 3,
        Value::Array(_) => 4,
        Value::Bool(_) => 5,
    }
}

/// MongoDB's order of values: by kind, then by value; what is absent is `null` and comes first.
pub fn compare(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one.as_f64().unwrap_or(0.0).total_cmp(&other.as_f64().unwrap_or(0.0))
        }
        (Value::String(one), Value::String(other)) => one.cmp(other),
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        _ => rank(one).cmp(&rank(other)),
    }
}
