//! MessageView: a message as replies show it, its people filled in.

use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::api::imkit::client_view::{ClientView, Form};
use crate::domain::imkit::ImkitApp;
use crate::domain::imkit::message::Message;
use crate::domain::imkit::room::Shown;
use crate::kernel::names::UserId;

/// Where a message is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In lists and as the answer to sending.
    List,
    /// The same with the sender's bare id.
    Sent,
    /// As a room's last message.
    Last,
    /// The same with `messageTime`, as the old shape has it.
    OldLast,
}

/// A message.
#[derive(Clone, Debug)]
pub struct MessageView {
    /// The application, for looking people up.
    pub app: Arc<ImkitApp>,
    /// The message.
    pub shown: Shown,
    /// Where it is shown.
    pub place: Place,
}

impl MessageView {
    fn person(&self, id: &UserId, form: Form) -> Option<ClientView> {
        Some(ClientView { client: self.app.users.get(id)?, form, now: self.app.tenancy.now() })
    }

    fn write_people<M: SerializeMap>(&self, map: &mut M, message: &Message) -> Result<(), M::Error> {
        if self.place == Place::Sent {
            return map.serialize_entry("sender", &message.sender);
        }
        // Assumed: the sender in lists and in the answer to sending is shown with its description and its real last login.
        let form = if self.place == Place::List { Form::Sender } else { Form::Reduced };
        let sender = message.sender.as_ref().and_then(|id| self.person(id, form));
        map.serialize_entry("sender", &sender)?;
        let member = message.member.as_ref().and_then(|id| self.person(id, Form::Reduced));
        member.iter().try_for_each(|member| map.serialize_entry("member", member))
    }

    fn write_reply<M: SerializeMap>(&self, map: &mut M, message: &Message) -> Result<(), M::Error> {
        let Some(id) = &message.reply else { return Ok(()) };
        match &self.shown.reply {
            Some(reply) => {
                let shown = Shown { message: reply.clone(), reply: None, is_deleted: false };
                map.serialize_entry("reply", &Self { app: self.app.clone(), shown, place: Place::Last })
            }
            None => map.serialize_entry("reply", id),
        }
    }
}

impl Serialize for MessageView {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let message = &self.shown.message;
        let list = matches!(self.place, Place::List | Place::Sent);
        let mut map = to.serialize_map(None)?;
        // Assumed: a last message has no reactions, a message in a list has them.
        if list {
            map.serialize_entry("reactions", &message.reactions)?;
        }
        map.serialize_entry("_id", &message.id)?;
        map.serialize_entry("room", &message.room)?;
        map.serialize_entry("messageType", &message.kind)?;
        self.write_people(&mut map, message)?;
        message.content.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
        if !message.mentions.is_empty() {
            map.serialize_entry("mentions", &message.mentions)?;
        }
        self.write_reply(&mut map, message)?;
        map.serialize_entry("appID", &self.app.id)?;
        message.edited.iter().try_for_each(|edited| map.serialize_entry("editedAt", &edited.to_string()))?;
        // Assumed: a message has its pin, under both names, and its hiding once they were set, isDeleted at the end where it holds.
        message.pinned.iter().try_for_each(|pinned| {
            map.serialize_entry("isPined", pinned)?;
            map.serialize_entry("pinned", pinned)
        })?;
        message.hidden.iter().try_for_each(|hidden| map.serialize_entry("isHidden", hidden))?;
        if self.place == Place::OldLast {
            map.serialize_entry("messageTime", &message.sent.to_string())?;
        }
        map.serialize_entry("id", &message.id)?;
        map.serialize_entry("messageTimeMS", &message.sent)?;
        map.serialize_entry("updatedAtMS", &message.updated)?;
        map.serialize_entry("createdAtMS", &message.created)?;
        if list {
            map.serialize_entry("reactionCount", &message.reactions.len())?;
            if self.shown.is_deleted {
                map.serialize_entry("isDeleted", &true)?;
            }
        }
        map.end()
    }
}

impl JsonSchema for MessageView {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ImkitMessage".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let client = generator.subschema_for::<ClientView>();
        let sender =
            json_schema!({"anyOf": [client, {"type": ["string", "null"], "description": "A bare id: `send_as`."}]});
        json_schema!({"type": "object", "required": ["_id", "id", "room", "messageType", "messageTimeMS"],
            "properties": {
                "_id": {"type": "string"}, "id": {"type": "string"}, "room": {"type": "string"},
                "messageType": {"type": "string"}, "sender": sender, "member": client,
                "message": true, "extra": true, "reactions": {"type": "array"}, "reactionCount": {"type": "integer"},
                "isPined": {"type": "boolean"}, "pinned": {"type": "boolean"}, "isHidden": {"type": "boolean"},
                "isDeleted": {"type": "boolean"}, "messageTimeMS": {"type": "integer"},
                "updatedAtMS": {"type": "integer"}, "createdAtMS": {"type": "integer"}}})
    }
}
