//! Decode: bytes into a typed request, with an error that names field, value and rule.
//!
//! The fast way reads the bytes straight into the type. What it refuses goes the slow way over a tree of values, where
//! a repeated key counts as its last value and where the cause can be told exactly.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use crate::api::why;
use crate::domain::invalid::Invalid;
use crate::kernel::names::AN_ACCOUNT;
use crate::strict::Strict;

/// What the slow way says.
type Fault = serde_path_to_error::Error<serde_json::Error>;

/// Why a body did not become a request.
#[derive(Debug)]
pub enum Undecodable {
    /// Not JSON, or not a JSON object.
    NotAnObject(String),
    /// A field is missing or of a wrong form.
    Wrong(Invalid),
}

/// Reads a body that has to be a JSON object.
///
/// # Errors
/// Whether it is no object at all, or which field is wrong.
pub fn object<T: DeserializeOwned>(body: &[u8]) -> Result<T, Undecodable> {
    let text = std::str::from_utf8(body)
        .map_err(|fault| Undecodable::NotAnObject(format!("the body is not UTF-8: {fault}")))?;
    let mut reader = serde_json::Deserializer::from_str(text);
    if text.trim_start().starts_with('{')
        && let Ok(request) = T::deserialize(Strict(&mut reader))
        && reader.end().is_ok()
    {
        return Ok(request);
    }
    let tree = object_tree(text)?;
    serde_path_to_error::deserialize(Strict(&tree)).map_err(|fault| Undecodable::Wrong(explain(&tree, &fault)))
}

/// Reads a body that may be any JSON value, for requests that take one; `None` if this one does not.
pub fn any<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    T::deserialize(Strict(&mut reader)).ok().filter(|_| reader.end().is_ok())
}

/// Reads a value that stands at this place in a request.
///
/// # Errors
/// Which field of it is wrong.
pub fn at<T: DeserializeOwned>(place: &str, tree: &Value) -> Result<T, Invalid> {
    serde_path_to_error::deserialize(Strict(tree)).map_err(|fault| {
        let Invalid { field, why, info, .. } = explain(tree, &fault);
        let field = if field.is_empty() { place.to_owned() } else { format!("{place}.{field}") };
        Invalid { field, why, account: false, info }
    })
}

/// Reads a body as a tree, if it is a JSON object.
fn object_tree(text: &str) -> Result<Value, Undecodable> {
    if text.trim().is_empty() {
        return Err(Undecodable::NotAnObject("the body is empty; it has to be a JSON object, at least {}".into()));
    }
    let tree: Value = serde_json::from_str(text)
        .map_err(|fault| Undecodable::NotAnObject(format!("the body is not valid JSON: {fault}")))?;
    if tree.is_object() {
        return Ok(tree);
    }
    Err(Undecodable::NotAnObject(format!("the body is {}; it has to be a JSON object", why::quote(&tree))))
}

/// Words an error of the slow way: field, value, rule.
fn explain(tree: &Value, fault: &Fault) -> Invalid {
    let message = fault.inner().to_string();
    let (mut field, value) = locate(tree, fault.path());
    if let Some(missing) = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        field = if field.is_empty() { missing.to_owned() } else { format!("{field}.{missing}") };
        return Invalid::required(field);
    }
    let rule = plain(message.rsplit_once("expected ").map_or(message.as_str(), |(_, expected)| expected));
    let Some(value) = value else { return Invalid::new(field, message) };
    if value.is_null() {
        return Invalid::required(field);
    }
    let scalar = !fault.path().iter().any(|segment| matches!(segment, Segment::Seq { .. }));
    let account = scalar && rule.contains(AN_ACCOUNT) && !value.is_string();
    let why = format!("is {}, and has to be {rule}", why::quote(value));
    Invalid { account, ..Invalid::new(field, why) }
}

/// A type's name in the words of JSON.
// table
fn plain(rule: &str) -> &str {
    match rule {
        "i8" | "i16" | "i32" | "i64" => "an integer",
        "u8" | "u16" | "u32" | "u64" => "an integer, 0 or more",
        "f32" | "f64" => "a number",
        "a sequence" => "an array",
        "a map" => "an object",
        other => other,
    }
}

/// The path in the words of a person, and the value it leads to.
fn locate<'t>(tree: &'t Value, path: &Path) -> (String, Option<&'t Value>) {
    let mut words = String::new();
    let mut value = Some(tree);
    for segment in path {
        match segment {
            Segment::Seq { index } => {
                words.push_str(&format!("[{index}]"));
                value = value.and_then(|value| value.get(*index));
            }
            Segment::Map { key } => {
                if !words.is_empty() {
                    words.push('.');
                }
                words.push_str(key);
                value = value.and_then(|value| value.get(key));
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    (words, value)
}

/// For `#[serde(default, deserialize_with = "optional")]`: `null`, `""` and 0 count as absent.
///
/// # Errors
/// What the type itself refuses.
pub fn optional<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    from.deserialize_any(Optional(PhantomData))
}

/// For `#[serde(default, deserialize_with = "number")]`: a number of which 0 is one like others; `null` and `""` count as
/// absent.
///
/// # Errors
/// It is no integer.
pub fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(None),
        other => other.as_i64().map(Some).ok_or_else(|| de::Error::custom("expected an integer")),
    }
}

struct Optional<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Optional<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(Some)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
        if value == 0 {
            return Ok(None);
        }
        T::deserialize(value.into_deserializer()).map(Some)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(Some)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(Some)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Self::Value, E> {
        if value.is_empty() {
            return Ok(None);
        }
        T::deserialize(value.into_deserializer()).map(Some)
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        T::deserialize(Strict(SeqAccessDeserializer::new(list))).map(Some)
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Some)
    }
}
