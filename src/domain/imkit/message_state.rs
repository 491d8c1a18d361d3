//! The written form of messages: what state documents say of them, in the vendor's words.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use compact_str::CompactString;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::imkit::json::set;
use crate::domain::imkit::message::{CONTENT, Deletion, Kept, Message, Reaction};
use crate::kernel::clock::Timestamp;
use crate::kernel::names::UserId;

/// A message in a state document; it is written as the message itself, with those who deleted it for themselves.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageState {
    /// The message.
    pub message: Arc<Message>,
    /// Who deleted it for themselves.
    pub user_deleted: Vec<DeletionState>,
}

/// Who deleted a message for itself, in a state document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct DeletionState {
    /// Who.
    pub client: UserId,
    /// When first; absent: now.
    #[serde(with = "crate::domain::imkit::iso::optional", default)]
    #[schemars(with = "Option<String>")]
    pub created_at: Option<Timestamp>,
    /// When last; absent: then too.
    #[serde(with = "crate::domain::imkit::iso::optional", default)]
    #[schemars(with = "Option<String>")]
    pub updated_at: Option<Timestamp>,
}

impl MessageState {
    /// The document's form of a message.
    pub fn of(kept: &Kept) -> Self {
        let deletion = |(client, deletion): (&UserId, &Deletion)| DeletionState {
            client: client.clone(),
            created_at: Some(deletion.created),
            updated_at: Some(deletion.updated),
        };
        Self { message: kept.message.clone(), user_deleted: kept.deletions.iter().map(deletion).collect() }
    }

    /// Who deleted it for themselves.
    pub fn deletions(&self, now: Timestamp) -> BTreeMap<UserId, Deletion> {
        let deletion = |state: &DeletionState| {
            let created = state.created_at.unwrap_or(now);
            (state.client.clone(), Deletion { created, updated: state.updated_at.unwrap_or(created) })
        };
        self.user_deleted.iter().map(deletion).collect()
    }
}

impl Message {
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("_id", &self.id)?;
        map.serialize_entry("room", &self.room)?;
        map.serialize_entry("messageType", &self.kind)?;
        for (name, client) in [("sender", &self.sender), ("member", &self.member)] {
            client.iter().try_for_each(|client| map.serialize_entry(name, client))?;
        }
        self.content.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
        if !self.mentions.is_empty() {
            map.serialize_entry("mentions", &self.mentions)?;
        }
        self.reply.iter().try_for_each(|reply| map.serialize_entry("reply", reply))?;
        if !self.reactions.is_empty() {
            map.serialize_entry("reactions", &self.reactions)?;
        }
        self.pinned.iter().try_for_each(|pinned| map.serialize_entry("isPined", pinned))?;
        self.hidden.iter().try_for_each(|hidden| map.serialize_entry("isHidden", hidden))?;
        self.edited.iter().try_for_each(|edited| map.serialize_entry("editedAtMS", edited))?;
        map.serialize_entry("messageTimeMS", &self.sent)?;
        map.serialize_entry("updatedAtMS", &self.updated)?;
        map.serialize_entry("createdAtMS", &self.created)
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        self.write(&mut map)?;
        map.end()
    }
}

impl Serialize for MessageState {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        self.message.write(&mut map)?;
        if !self.user_deleted.is_empty() {
            map.serialize_entry("userDeleted", &self.user_deleted)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for MessageState {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(AMessage)
    }
}

struct AMessage;

impl<'de> Visitor<'de> for AMessage {
    type Value = MessageState;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a message: an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<MessageState, A::Error> {
        let (mut id, mut room, mut sent, mut created, mut updated) = (None, None, None, None, None);
        let mut message = Message { kind: "text".into(), ..Message::default() };
        let mut user_deleted = Vec::new();
        while let Some(name) = map.next_key::<CompactString>()? {
            match name.as_str() {
                "_id" => id = Some(map.next_value()?),
                "room" => room = Some(map.next_value()?),
                "messageType" => message.kind = map.next_value()?,
                "sender" => message.sender = map.next_value()?,
                "member" => message.member = map.next_value()?,
                "mentions" => message.mentions = map.next_value()?,
                "reply" => message.reply = map.next_value()?,
                "reactions" => message.reactions = map.next_value()?,
                "isPined" => message.pinned = map.next_value()?,
                "isHidden" => message.hidden = map.next_value()?,
                "userDeleted" => user_deleted = map.next_value()?,
                "editedAtMS" => message.edited = map.next_value()?,
                "messageTimeMS" => sent = Some(map.next_value()?),
                "createdAtMS" => created = Some(map.next_value()?),
                "updatedAtMS" => updated = Some(map.next_value()?),
                content if CONTENT.contains(&content) => set(&mut message.content, &name, map.next_value()?),
                unknown => return Err(A::Error::unknown_field(unknown, &CONTENT)),
            }
        }
        user_deleted.sort_by(|one: &DeletionState, other| one.client.cmp(&other.client));
        message.id = id.ok_or_else(|| A::Error::missing_field("_id"))?;
        message.room = room.ok_or_else(|| A::Error::missing_field("room"))?;
        message.sent = sent.ok_or_else(|| A::Error::missing_field("messageTimeMS"))?;
        message.created = created.unwrap_or(message.sent);
        message.updated = updated.unwrap_or(message.created);
        Ok(MessageState { message: Arc::new(message), user_deleted })
    }
}

impl JsonSchema for MessageState {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "MessageState".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let reaction = generator.subschema_for::<Reaction>();
        let deletion = generator.subschema_for::<DeletionState>();
        json_schema!({
            "type": "object", "required": ["_id", "room", "messageTimeMS"],
            "description": "A message; its content stands under the vendor's names: message, extra, originalUrl, ….",
            "properties": {
                "_id": {"type": "string"}, "room": {"type": "string"}, "messageType": {"type": "string"},
                "sender": {"type": "string"}, "member": {"type": "string"},
                "mentions": {"type": "array", "items": {"type": "string"}}, "reply": {"type": "string"},
                "reactions": {"type": "array", "items": reaction},
                "isPined": {"type": "boolean"}, "isHidden": {"type": "boolean"},
                "userDeleted": {"type": "array", "items": deletion},
                "messageTimeMS": {"type": "integer"}, "createdAtMS": {"type": "integer"},
                "updatedAtMS": {"type": "integer"}, "editedAtMS": {"type": "integer"},
            },
        })
    }
}
