//! The written form of what a room knows of one client; whether `badge` or `lastRead` comes first is kept.

use std::borrow::Cow;
use std::fmt;

use compact_str::CompactString;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::imkit::json::{Json, Members, set};
use crate::domain::imkit::properties::PropertyLine;
use crate::kernel::names::UserId;

/// What a room knows of one client, in a state document.
#[derive(Clone, Debug, PartialEq)]
pub struct PropertyState(pub PropertyLine);

impl PropertyLine {
    /// Writes what is unread and what was read, in the order in which they came to be.
    ///
    /// # Errors
    /// The writer's own.
    pub fn write_marks<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        if !self.read_first {
            map.serialize_entry("badge", &self.badge)?;
        }
        self.last_read.iter().try_for_each(|read| map.serialize_entry("lastRead", read))?;
        if self.read_first {
            map.serialize_entry("badge", &self.badge)?;
        }
        self.role.iter().try_for_each(|role| map.serialize_entry("role", role))
    }
}

impl Serialize for PropertyState {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        self.0.write_marks(&mut map)?;
        if self.0.mentioned {
            map.serialize_entry("isMentioned", &true)?;
        }
        map.serialize_entry("client", &self.0.client)?;
        if !self.0.custom.is_empty() {
            // Apart from the others, so that a mistyped name is refused and not taken for the application's.
            map.serialize_entry("properties", &Named(Cow::Borrowed(&self.0.custom)))?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for PropertyState {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(AProperty)
    }
}

/// The names of an entry.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Name {
    Badge,
    LastRead,
    Role,
    IsMentioned,
    Client,
    Properties,
}

/// Named values as an object.
struct Named<'m>(Cow<'m, Members>);

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'de> Deserialize<'de> for Named<'_> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct AnObject;

        impl<'de> Visitor<'de> for AnObject {
            type Value = Named<'static>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the application's own properties: an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Members::new();
                while let Some((name, value)) = map.next_entry::<CompactString, Json>()? {
                    set(&mut members, &name, value);
                }
                Ok(Named(Cow::Owned(members)))
            }
        }

        from.deserialize_map(AnObject)
    }
}

struct AProperty;

impl<'de> Visitor<'de> for AProperty {
    type Value = PropertyState;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an entry of memberProperties: an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PropertyState, A::Error> {
        let (mut client, mut badge, mut read_first): (Option<UserId>, Option<u32>, _) = (None, None, false);
        let (mut last_read, mut role, mut mentioned, mut custom) = (None, None, false, Members::new());
        while let Some(name) = map.next_key()? {
            match name {
                Name::Badge => badge = Some(map.next_value()?),
                Name::LastRead => {
                    last_read = map.next_value()?;
                    read_first = badge.is_none() && last_read.is_some();
                }
                Name::Role => role = map.next_value()?,
                Name::IsMentioned => mentioned = map.next_value()?,
                Name::Client => client = Some(map.next_value()?),
                Name::Properties => custom = map.next_value::<Named<'_>>()?.0.into_owned(),
            }
        }
        let client = client.ok_or_else(|| A::Error::missing_field("client"))?;
        let badge = badge.unwrap_or_default().into();
        Ok(PropertyState(PropertyLine { client, badge, last_read, role, custom, mentioned, read_first }))
    }
}

impl JsonSchema for PropertyState {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PropertyState".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object", "required": ["client"], "additionalProperties": false,
            "description": "What a room knows of one client; whether badge or lastRead comes first is kept.",
            "properties": {
                "badge": {"type": "integer", "minimum": 0, "maximum": 4_294_967_295_u32, "default": 0},
                "lastRead": {"type": ["string", "null"]}, "role": {"enum": ["admin", "member", null]},
                "isMentioned": {"type": "boolean"}, "client": {"type": "string"},
                "properties": {"type": "object", "description": "What the application set by names of its own."},
            },
        })
    }
}
