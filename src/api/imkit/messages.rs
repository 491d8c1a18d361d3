//! Messages of a room: sent, changed, taken back, listed.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use compact_str::CompactString;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;

use crate::api::call::Call;
use crate::api::imkit::codes::INVALID_QUERY;
use crate::api::imkit::fields::{ClientIds, Maybe, number, time};
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::list::Inspect;
use crate::api::imkit::message_view::{MessageView, Place};
use crate::api::why::quote_text;
use crate::domain::imkit::ImkitApp;
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::json::{get, set};
use crate::domain::imkit::message::{CONTENT, Message};
use crate::domain::imkit::posting::{Draft, RECALL};
use crate::domain::imkit::room::{Actor, Room, Shown};
use crate::domain::invalid::Invalid;
use crate::kernel::clock::Timestamp;
use crate::kernel::names::{EntityId, UserId};

/// Messages on a page where nobody says otherwise.
pub const PAGE: usize = 20;
/// The name under which a message of a batch has the batch's id.
pub const BATCH_ID: &str = "batchID";

/// Sends a message, or changes the one that `_id` names.
#[derive(Debug, Default)]
pub struct SendMessage {
    /// The message to change; `None` for a new one.
    pub id: Option<CompactString>,
    /// Who it comes from, as the platform administrator says.
    pub sender: Option<UserId>,
    /// What it says.
    pub draft: Draft,
}

/// What a request says besides the message itself.
pub trait Besides: Default {
    /// Reads one value; whether it is one of these.
    ///
    /// # Errors
    /// It is, and has a wrong form.
    fn read<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error>;
}

impl Besides for () {
    fn read<'de, A: MapAccess<'de>>(&mut self, _: &str, _: &mut A) -> Result<bool, A::Error> {
        Ok(false)
    }
}

impl<'de> Deserialize<'de> for SendMessage {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read_message::<(), D>(from).map(|(message, ())| message)
    }
}

/// Reads a message to send, and what else the request says.
///
/// # Errors
/// A field has a wrong form.
pub fn read_message<'de, B: Besides, D: Deserializer<'de>>(from: D) -> Result<(SendMessage, B), D::Error> {
    from.deserialize_map(AMessage(PhantomData))
}

struct AMessage<B>(PhantomData<B>);

impl<'de, B: Besides> Visitor<'de> for AMessage<B> {
    type Value = (SendMessage, B);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a message: an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(SendMessage, B), A::Error> {
        let (mut request, mut besides) = (SendMessage::default(), B::default());
        while let Some(name) = map.next_key::<CompactString>()? {
            if besides.read(&name, &mut map)? {
                continue;
            }
            match name.as_str() {
                "_id" => request.id = map.next_value::<Maybe<_>>()?.0,
                "sender" => request.sender = map.next_value::<Maybe<_>>()?.0,
                "messageType" => request.draft.kind = map.next_value::<Maybe<_>>()?.0,
                "mentions" => request.draft.mentions = map.next_value::<Maybe<ClientIds>>()?.0.map(|ids| ids.0),
                "reply" => request.draft.reply = map.next_value::<Maybe<_>>()?.0,
                // The server's own: only a batch gives it.
                BATCH_ID => drop(map.next_value::<IgnoredAny>()?),
                content if CONTENT.contains(&content) => set(&mut request.draft.content, &name, map.next_value()?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        request.draft.content.retain(|(_, value)| !value.is_null());
        Ok((request, besides))
    }
}

impl JsonSchema for SendMessage {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SendMessage".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "object", "properties": {
            "_id": {"type": "string"}, "message": true, "messageType": {"type": "string"},
            "mentions": {"type": "array", "items": {"type": "string"}}, "reply": {"type": "string"},
            "sender": {"type": "string"}, "extra": true, "originalUrl": {"type": "string"},
            "thumbnailUrl": {"type": "string"}, "url": {"type": "string"}, "width": {"type": "number"},
            "height": {"type": "number"}, "images": {"type": "array"}, "duration": {"type": "number"},
            "latitude": {"type": "number"}, "longitude": {"type": "number"}, "sticker": {"type": "string"},
            "template": {"type": "object"}, "contents": {"type": "object"}}})
    }
}

impl SendMessage {
    /// What is missing, if anything is.
    ///
    /// # Errors
    /// A field.
    pub fn check(&self) -> Result<(), Invalid> {
        let text = self.draft.kind.as_deref().unwrap_or("text") == "text";
        if self.id.is_none() && text && get(&self.draft.content, "message").is_none() {
            return Err(Invalid::required("message"));
        }
        if self.id.is_none() && self.draft.kind.as_deref() == Some(RECALL) {
            return Err(Invalid::required("_id"));
        }
        Ok(())
    }

    /// A new message, checked as one that a client sends; who it comes from is for the caller to say.
    ///
    /// # Errors
    /// A field that is missing.
    pub fn into_draft(mut self) -> Result<Draft, Invalid> {
        self.id = None;
        self.check()?;
        Ok(self.draft)
    }

    /// Who it comes from: the caller; the platform administrator may name any client.
    ///
    /// # Errors
    /// There is no such client.
    pub fn sender(&self, call: &Call<Imkit>) -> Result<Option<UserId>, ImkitError> {
        let actor = call.actor();
        match self.sender.clone().filter(|_| actor.admin) {
            Some(client) if call.app.users.get(&client).is_none() => {
                Err(ImkitError::ClientMissing { field: "sender", client })
            }
            Some(client) => Ok(Some(client)),
            None => Ok(actor.client().cloned()),
        }
    }
}

/// `POST /rooms/:id/message`.
///
/// # Errors
/// 400 for a field; 403 for others than members and where there is no such room (404 by option); 404 no such message.
pub async fn send_message(call: Call<Imkit>, request: SendMessage) -> Result<MessageView, ImkitError> {
    request.check()?;
    let sender = request.sender(&call);
    let SendMessage { id, mut draft, .. } = request;
    call.app.config.censor(&mut draft.content);
    let said = call.app.rooms.change(&call.origin(), call.room(), |room, turn| {
        room.check_member(call.actor())?;
        draft.sender = sender?;
        match &id {
            Some(id) => room.change_message(turn, call.actor(), id, draft),
            None => room.send(turn, call.actor(), draft),
        }
    });
    let shown = said.map_err(|error| hidden(&call, error))?;
    Ok(MessageView { app: call.app.clone(), shown, place: Place::List })
}

/// Sending does not tell a room that is not there from one that the caller is not in.
fn hidden(call: &Call<Imkit>, error: ImkitError) -> ImkitError {
    match error {
        // Assumed: sending to a room that does not exist answers 403 as to one that the caller is not in.
        ImkitError::RoomMissing(room) if !call.settings().options.missing_room_is_404 => {
            ImkitError::RoomHidden { by: call.actor().client.clone(), room }
        }
        other => other,
    }
}

/// Lists messages.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ListMessages {
    /// How many at most; absent: 20, 0: all.
    limit: Option<String>,
    /// Older than this message.
    before_message: Option<String>,
    /// Newer than this message.
    after_message: Option<String>,
    /// Later than this: ISO 8601 or milliseconds.
    after_time: Option<String>,
    /// What is compared: `updatedAt`, `createdAt` or `messageTime`.
    time_range_field: Option<String>,
    /// `asc` or `desc`; with it the message named above comes first.
    sort_order: Option<String>,
}

/// A page of messages.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MessagePage {
    /// All messages of the room.
    #[serde(rename = "totalCount")]
    total_count: usize,
    inspect: Inspect,
    data: Vec<MessageView>,
    /// Those of the page that the caller deleted for itself.
    #[serde(rename = "userDeletedIDs")]
    #[schemars(with = "Vec<String>")]
    user_deleted_ids: Vec<CompactString>,
}

/// Messages as lists show them.
pub fn listed(app: &Arc<ImkitApp>, page: Vec<Shown>) -> Vec<MessageView> {
    page.into_iter().map(|shown| MessageView { app: app.clone(), shown, place: Place::List }).collect()
}

/// A checked request.
struct Range<'a> {
    limit: usize,
    before: Option<&'a str>,
    after: Option<&'a str>,
    after_time: Option<Timestamp>,
    time_of: fn(&Message) -> Timestamp,
    ascending: bool,
    /// Whether the message named belongs to the page.
    with_anchor: bool,
}

impl ListMessages {
    fn check(&self) -> Result<Range<'_>, Invalid> {
        fn given(text: &Option<String>) -> Option<&str> {
            text.as_deref().filter(|text| !text.is_empty())
        }
        let wrong = |field: &str, text: &str, rule: &str| {
            Invalid::new(field, format!("is {}, and has to be {rule}", quote_text(text))).with_info(INVALID_QUERY)
        };
        let time_of: fn(&Message) -> Timestamp = match given(&self.time_range_field) {
            None | Some("updatedAt") => |message| message.updated,
            Some("createdAt") => |message| message.created,
            Some("messageTime") => |message| message.sent,
            Some(other) => return Err(wrong("timeRangeField", other, "updatedAt, createdAt or messageTime")),
        };
        let ascending = match given(&self.sort_order) {
            None | Some("desc") => false,
            Some("asc") => true,
            Some(other) => return Err(wrong("sortOrder", other, "asc or desc")),
        };
        Ok(Range {
            limit: limit(self.limit.as_deref(), PAGE)?,
            before: given(&self.before_message),
            after: given(&self.after_message),
            after_time: given(&self.after_time).map(|text| time("afterTime", text)).transpose()?,
            time_of,
            ascending,
            // Assumed: the message that a page starts from is left out without sortOrder, and first with it.
            with_anchor: given(&self.sort_order).is_some(),
        })
    }
}

impl Range<'_> {
    fn page(&self, room: &Room, actor: &Actor) -> Vec<Shown> {
        let key = |message: &Message| ((self.time_of)(message), message.id.clone());
        // Assumed: a message id that the room does not know is taken for the moment it names.
        let anchor = |id: &str| match room.messages.get(id) {
            Some(message) => key(message),
            None => (moment_of(id), id.into()),
        };
        let (before, after) = (self.before.map(anchor), self.after.map(anchor));
        let fits = |message: &Arc<Message>| {
            let key = key(message);
            let at = |anchor: &(Timestamp, CompactString)| self.with_anchor && key == *anchor;
            before.as_ref().is_none_or(|anchor| key < *anchor || at(anchor))
                && after.as_ref().is_none_or(|anchor| key > *anchor || at(anchor))
                && self.after_time.is_none_or(|time| key.0 > time)
        };
        let mut found: Vec<&Arc<Message>> = room.messages.iter().filter(|message| fits(message)).collect();
        found.sort_by_cached_key(|message| key(message));
        if !self.ascending {
            found.reverse();
        }
        found.into_iter().take(self.limit).map(|message| room.shown(message, actor)).collect()
    }
}

/// The most messages that a request asks for.
///
/// # Errors
/// It is no number.
pub fn limit(text: Option<&str>, by_default: usize) -> Result<usize, Invalid> {
    Ok(match number("limit", text)? {
        None => by_default,
        // Assumed: a limit of 0 is all messages.
        Some(0) => usize::MAX,
        Some(limit) => limit,
    })
}

/// The moment that an ObjectId names with its first eight digits.
fn moment_of(id: &str) -> Timestamp {
    let seconds = id.get(..8).and_then(|digits| i64::from_str_radix(digits, 16).ok());
    Timestamp::from_seconds(seconds.unwrap_or(0))
}

/// `GET /rooms/:id/messages/v3`: newest first unless asked otherwise.
///
/// # Errors
/// 400 for a query that cannot be read, 403 for others than members, 404 no such room.
pub async fn list_messages(call: Call<Imkit>, request: ListMessages) -> Result<MessagePage, ImkitError> {
    let range = request.check()?;
    let actor: &Actor = call.actor();
    let (id, total_count, page) = call.app.rooms.read(call.room(), |room| {
        room.check_member(actor)?;
        Ok::<(EntityId, usize, Vec<Shown>), ImkitError>((room.id.clone(), room.messages.len(), range.page(room, actor)))
    })?;
    let deleted = page.iter().filter(|shown| shown.is_deleted).map(|shown| shown.message.id.clone());
    Ok(MessagePage {
        total_count,
        inspect: Inspect { query: json!({"appID": call.app.id, "room": id}), took_ms: 0 },
        user_deleted_ids: deleted.collect(),
        data: listed(&call.app, page),
    })
}
