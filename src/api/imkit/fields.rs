//! Fields as IMKIT's requests have them: flags, lists of ids, times.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::api::decode::optional;
use crate::api::why::quote_text;
use crate::domain::invalid::Invalid;
use crate::kernel::clock::Timestamp;
use crate::kernel::names::UserId;

/// A request without fields.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Nothing {}

/// A flag: only JSON `true` is true, anything else is false.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flag(pub bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        // Assumed: only JSON true is true; any other value of a flag is false.
        Value::deserialize(from).map(|value| Self(value == Value::Bool(true)))
    }
}

impl JsonSchema for Flag {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Flag".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "boolean"})
    }
}

/// A field whose `null`, `""` and 0 count as absent, for requests that are read by hand.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent, bound(deserialize = "T: Deserialize<'de>"))]
pub struct Maybe<T>(#[serde(deserialize_with = "optional")] pub Option<T>);

/// Client ids: an array of non-empty strings, or one string alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientIds(pub Vec<UserId>);

impl<'de> Deserialize<'de> for ClientIds {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(SomeIds)
    }
}

struct SomeIds;

impl SomeIds {
    fn id<E: Error>(&self, text: &str) -> Result<UserId, E> {
        if text.is_empty() {
            return Err(E::invalid_value(Unexpected::Str(text), self));
        }
        Ok(UserId::new(text))
    }
}

impl<'de> Visitor<'de> for SomeIds {
    type Value = ClientIds;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of client ids: strings that are not empty")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<ClientIds, E> {
        // Assumed: one string stands for a list of one id.
        Ok(ClientIds(vec![self.id(text)?]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<ClientIds, A::Error> {
        let mut ids = Vec::new();
        while let Some(id) = list.next_element::<UserId>()? {
            ids.push(self.id(&id)?);
        }
        Ok(ClientIds(ids))
    }
}

impl JsonSchema for ClientIds {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ClientIds".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let id = json_schema!({"type": "string", "minLength": 1});
        json_schema!({"anyOf": [{"type": "array", "items": id}, id]})
    }
}

/// A number of which 0 is a value: only `null` and `""` count as absent.
///
/// # Errors
/// What the number itself refuses.
pub fn zero_or_more<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u8>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(None),
        value => u8::deserialize(value).map(Some).map_err(D::Error::custom),
    }
}

/// A time: ISO 8601, where a date alone is its midnight; or milliseconds since 1970.
///
/// # Errors
/// It is neither.
pub fn time(field: &str, text: &str) -> Result<Timestamp, Invalid> {
    // A moment beyond the dates that ISO 8601 can write could not be read again from a snapshot.
    let iso = text.parse().map(|millis| Timestamp::from_millis(millis).to_string());
    // Assumed: a date alone is its midnight in UTC.
    let iso = iso.unwrap_or_else(|_| if is_date(text) { format!("{text}T00:00:00Z") } else { text.to_owned() });
    iso.parse().map_err(|_| {
        let why = format!("is {}, and has to be an ISO 8601 time or milliseconds since 1970", quote_text(text));
        Invalid::new(field, why)
    })
}

fn is_date(text: &str) -> bool {
    let digit_or_dash =
        |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    text.len() == 10 && text.bytes().enumerate().all(digit_or_dash)
}

/// A whole number in a query, zero or more; empty counts as absent.
///
/// # Errors
/// It is no such number.
pub fn number(field: &str, text: Option<&str>) -> Result<Option<usize>, Invalid> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let wrong = |_| Invalid::new(field, format!("is {}, and has to be a whole number, 0 or more", quote_text(text)));
    text.parse().map(Some).map_err(wrong)
}
