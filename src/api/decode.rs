//! Decode: bytes into a typed request, with an error that names field, value and rule.
//!
//! The fast way reads the bytes straight into the type. What it refuses goes the slow way over a tree of values, where
//! a repeated key counts as its last value, and is read a second time, so that the cause can be told exactly. Both ways
//! read the same kind of text: each kind of reader would come once more for each of hundreds of types.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde_json::Value;

use crate::api::why;
use crate::domain::invalid::Invalid;
use crate::kernel::names::AN_ACCOUNT;
use crate::strict::{Strict, from_text, without_place};
use crate::trail::Trail;

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
    if text.trim_start().starts_with('{')
        && let Ok(request) = from_text(text, &Trail::default())
    {
        return Ok(request);
    }
    from_tree(&object_tree(text)?).map_err(Undecodable::Wrong)
}

/// Reads a body that may be any JSON value, for requests that take one; `None` if this one does not.
pub fn any<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    from_text(std::str::from_utf8(body).ok()?, &Trail::default()).ok()
}

/// Reads a value that stands at this place in a request.
///
/// # Errors
/// Which field of it is wrong.
pub fn at<T: DeserializeOwned>(place: &str, tree: &Value) -> Result<T, Invalid> {
    from_tree(tree).map_err(|Invalid { field, why, info, .. }| {
        let field = if field.is_empty() { place.to_owned() } else { format!("{place}.{field}") };
        Invalid { field, why, account: false, info }
    })
}

/// The slow way.
fn from_tree<T: DeserializeOwned>(tree: &Value) -> Result<T, Invalid> {
    let (text, trail) = (tree.to_string(), Trail::default());
    from_text(&text, &trail).map_err(|fault| explain(&text, &trail, &without_place(&fault)))
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
fn explain(text: &str, trail: &Trail, message: &str) -> Invalid {
    let (mut field, value) = trail.follow(text);
    if let Some(missing) = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        field = if field.is_empty() { missing.to_owned() } else { format!("{field}.{missing}") };
        return Invalid::required(field);
    }
    let rule = plain(message.rsplit_once("expected ").map_or(message, |(_, expected)| expected));
    let Some(value) = value else { return Invalid::new(field, message) };
    if value.is_null() {
        return Invalid::required(field);
    }
    let account = !trail.is_in_array() && rule.contains(AN_ACCOUNT) && !value.is_string();
    let why = format!("is {}, and has to be {rule}", why::quote(&value));
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
        // As serde_json says it of a name among several.
        "value" => "a string",
        other => other,
    }
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
        let known_to_the_list = Trail::default();
        T::deserialize(Strict::new(SeqAccessDeserializer::new(list), &known_to_the_list)).map(Some)
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Some)
    }
}
