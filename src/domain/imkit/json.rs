//! Json: a value that is kept and given back as it came; the house's rules never look inside.
//!
//! Kept without insignificant white space, so that equal values are equal texts. Few places build one: system messages.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::Arc;

use compact_str::CompactString;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// A JSON value as text; clones share it.
#[derive(Clone)]
pub struct Json(Arc<RawValue>);

/// Named values in the order in which they were first given, as the vendor's database keeps them.
pub type Members = Vec<(CompactString, Json)>;

impl Json {
    /// A value from its text, which has to be JSON already.
    fn from_text(text: String) -> Self {
        let raw = RawValue::from_string(text).expect("built from JSON values and escaped texts");
        Self(Arc::from(raw))
    }

    /// A string.
    pub fn string(text: &str) -> Self {
        Self::from_text(format!("\"{}\"", escape(text)))
    }

    /// A string from what stands between its quotes, escapes included.
    pub fn string_of_inner(inner: &str) -> Self {
        Self::from_text(format!("\"{inner}\""))
    }

    /// An object.
    pub fn object<'m>(members: impl IntoIterator<Item = (&'m str, Json)>) -> Self {
        let members: Vec<String> =
            members.into_iter().map(|(name, value)| format!("\"{}\":{}", escape(name), value.text())).collect();
        Self::from_text(format!("{{{}}}", members.join(",")))
    }

    /// An array.
    pub fn array(values: impl IntoIterator<Item = Json>) -> Self {
        let values: Vec<String> = values.into_iter().map(|value| value.text().to_owned()).collect();
        Self::from_text(format!("[{}]", values.join(",")))
    }

    /// The value's text.
    pub fn text(&self) -> &str {
        self.0.get()
    }

    /// What stands between the quotes, escapes included; `None` if it is no string.
    pub fn inner(&self) -> Option<&str> {
        self.text().strip_prefix('"')?.strip_suffix('"')
    }

    /// The value read as a type; `None` if it has another form.
    pub fn read<T: DeserializeOwned>(&self) -> Option<T> {
        T::deserialize(&*self.0).ok()
    }

    /// Whether it is an object.
    pub fn is_object(&self) -> bool {
        self.text().starts_with('{')
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        self.text() == "null"
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(from)?;
        Ok(match minified(raw.get()) {
            Cow::Borrowed(_) => Self(Arc::from(raw)),
            Cow::Owned(text) => Self::from_text(text),
        })
    }
}

impl JsonSchema for Json {
    fn schema_name() -> Cow<'static, str> {
        "AnyValue".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!(true)
    }
}

/// Sets a named value; a new one goes to the end.
pub fn set(members: &mut Members, name: &str, value: Json) {
    match members.iter_mut().find(|(present, _)| present == name) {
        Some((_, place)) => *place = value,
        None => members.push((name.into(), value)),
    }
}

/// Sets many named values; of a repeated name the last value counts, and new names go to the end.
pub fn set_all(members: &mut Members, more: impl IntoIterator<Item = (CompactString, Json)>) {
    let named = members.iter().enumerate().map(|(place, (name, _))| (name.clone(), place));
    let mut places: HashMap<CompactString, usize> = named.collect();
    for (name, value) in more {
        match places.entry(name) {
            Entry::Occupied(place) => members[*place.get()].1 = value,
            Entry::Vacant(free) => {
                members.push((free.key().clone(), value));
                free.insert(members.len() - 1);
            }
        }
    }
}

/// A named value.
pub fn get<'m>(members: &'m Members, name: &str) -> Option<&'m Json> {
    members.iter().find(|(present, _)| present == name).map(|(_, value)| value)
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' | '\\' => escaped.extend(['\\', character]),
            '\u{0}'..='\u{1f}' => escaped.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// The text without white space between its tokens.
fn minified(text: &str) -> Cow<'_, str> {
    let white = |character: char| matches!(character, ' ' | '\n' | '\r' | '\t');
    if !text.contains(white) {
        return Cow::Borrowed(text);
    }
    let (mut kept, mut in_string, mut escaped) = (String::with_capacity(text.len()), false, false);
    for character in text.chars() {
        if in_string || !white(character) {
            kept.push(character);
        }
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = in_string,
            '"' => in_string = !in_string,
            _ => {}
        }
    }
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_goes_between_tokens_and_stays_in_strings() {
        assert_eq!(minified("{ \"a b\" : [1, \"c \\\" d\"] }"), "{\"a b\":[1,\"c \\\" d\"]}");
    }

    #[test]
    fn built_values_are_json() {
        let value = Json::object([("a\"b", Json::string("x\n\\")), ("c", Json::array([Json::string_of_inner("d")]))]);
        assert_eq!(value.text(), r#"{"a\"b":"x\u000a\\","c":["d"]}"#);
    }
}
