//! Messages from anybody to anywhere: one as any client, or many at once.

use compact_str::CompactString;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::MapAccess;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::api::call::Call;
use crate::api::imkit::codes::MISSING_PARAMETER;
use crate::api::imkit::fields::Maybe;
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::message_query::gather;
use crate::api::imkit::message_view::{MessageView, Place};
use crate::api::imkit::messages::{BATCH_ID, Besides, SendMessage, listed, read_message};
use crate::api::imkit::rooms::pair_id;
use crate::api::why::quote;
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::json::{Json, get, set};
use crate::domain::imkit::membership::Manner;
use crate::domain::imkit::posting::Draft;
use crate::domain::imkit::room::{RoomInfo, RoomType};
use crate::domain::imkit::rooms::Making;
use crate::domain::invalid::Invalid;
use crate::kernel::names::{EntityId, UserId};

/// Sends a message as any client. `push` and `skipTotalBadge` are taken and have no effect: nothing is pushed.
#[derive(Debug)]
pub struct SendAs {
    message: SendMessage,
    room: Option<EntityId>,
}

/// Where a single message goes.
#[derive(Debug, Default)]
struct Where(Option<EntityId>);

impl Besides for Where {
    fn read<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        if name == "room" {
            self.0 = map.next_value::<Maybe<_>>()?.0;
        }
        Ok(name == "room")
    }
}

impl<'de> Deserialize<'de> for SendAs {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read_message::<Where, D>(from).map(|(message, Where(room))| Self { message, room })
    }
}

/// The schema of a message to send with more properties.
fn message_schema(generator: &mut SchemaGenerator, required: &[&str], more: [(&str, Schema); 1]) -> Schema {
    let mut schema = SendMessage::json_schema(generator);
    let flag = || json_schema!({"type": "boolean"});
    let more = more.into_iter().chain([("push", flag()), ("skipTotalBadge", flag())]);
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.extend(more.map(|(name, schema)| (name.to_owned(), schema.to_value())));
    }
    schema.insert("required".into(), required.into());
    schema
}

impl JsonSchema for SendAs {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SendAs".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let room = json_schema!({"type": "string"});
        message_schema(generator, &["room", "sender", "messageType"], [("room", room)])
    }
}

/// `POST /messages`: also changes the message that `_id` names.
///
/// # Errors
/// 400 for a field, 404 no such room, sender or message.
pub async fn send_as(call: Call<Imkit>, request: SendAs) -> Result<MessageView, ImkitError> {
    let room = request.room.ok_or_else(|| Invalid::required("room"))?;
    if request.message.sender.is_none() {
        return Err(Invalid::required("sender").into());
    }
    if request.message.draft.kind.is_none() {
        return Err(Invalid::required("messageType").into());
    }
    request.message.check()?;
    let sender = request.message.sender(&call);
    let SendMessage { id, mut draft, .. } = request.message;
    call.app.config.censor(&mut draft.content);
    let shown = call.app.rooms.change(&call.origin(), &room, |room, turn| {
        // Assumed: who is named as the sender of a message by the platform administrator need not be in the room.
        draft.sender = sender?;
        match &id {
            Some(id) => room.change_message(turn, call.actor(), id, draft),
            None => room.send(turn, call.actor(), draft),
        }
    })?;
    Ok(MessageView { app: call.app.clone(), shown, place: Place::Sent })
}

/// Sends a message to many. `push` and `skipTotalBadge` are taken and have no effect: nothing is pushed.
#[derive(Debug)]
pub struct SendBatch {
    message: SendMessage,
    paras: Option<Vec<Map<String, Value>>>,
}

/// Where the messages of a batch go, and what is different in each.
#[derive(Debug, Default)]
struct Paras(Option<Vec<Map<String, Value>>>);

impl Besides for Paras {
    fn read<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        if name == "paras" {
            self.0 = map.next_value()?;
        }
        Ok(name == "paras")
    }
}

impl<'de> Deserialize<'de> for SendBatch {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read_message::<Paras, D>(from).map(|(message, Paras(paras))| Self { message, paras })
    }
}

impl JsonSchema for SendBatch {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SendBatch".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let paras = json_schema!({"type": "array", "items": {"type": "object",
            "properties": {"receiver": {"type": "string"}, "room": {"type": "string"}},
            "patternProperties": {"^\\$.*\\$$": {"type": ["string", "number"]}}}});
        message_schema(generator, &["paras"], [("paras", paras)])
    }
}

/// One message of a batch, checked.
#[derive(Debug)]
struct Letter {
    room: EntityId,
    /// Who is brought together, where the room is a direct one.
    pair: Option<[UserId; 2]>,
    words: Vec<(String, String)>,
}

/// A batch that was sent.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BatchView {
    #[serde(rename = "batchID")]
    batch_id: String,
    /// How many messages were asked for.
    count: usize,
}

/// `POST /messages/batch`: `room` beats `receiver`, whose direct room is made if there is none.
///
/// # Errors
/// 400 for a field, 404 no such sender, receiver or room; then nothing is sent.
pub async fn send_batch(call: Call<Imkit>, request: SendBatch) -> Result<BatchView, ImkitError> {
    let paras = request.paras.ok_or_else(|| Invalid::required("paras").with_info(MISSING_PARAMETER))?;
    request.message.check()?;
    if request.message.id.is_some() {
        return Err(Invalid::new("_id", "is given, and a batch sends new messages only").into());
    }
    let sender = request.message.sender(&call)?;
    let letters = paras.iter().enumerate().map(|(at, para)| letter(&call, sender.as_ref(), at, para));
    let letters: Vec<Letter> = letters.collect::<Result<_, _>>()?;
    let batch_id = call.app.tenancy.ids.object_id(call.now().seconds());
    // Assumed: a batch is done when it is answered; a message that its room refuses is left out in silence.
    for letter in &letters {
        let mut draft = request.message.draft.clone();
        draft.sender.clone_from(&sender);
        fill_in(&mut draft, &letter.words);
        call.app.config.censor(&mut draft.content);
        set(&mut draft.content, BATCH_ID, Json::string(&batch_id));
        meet(&call, letter)
            .and_then(|()| {
                let send = call
                    .app
                    .rooms
                    .change(&call.origin(), &letter.room, |room, turn| room.send(turn, call.actor(), draft));
                send.map(drop)
            })
            .unwrap_or_else(
                |refusal| tracing::debug!(room = %letter.room, %refusal, "a message of a batch was left out"),
            );
    }
    Ok(BatchView { batch_id, count: letters.len() })
}

/// One entry of `paras`, checked.
fn letter(
    call: &Call<Imkit>,
    sender: Option<&UserId>,
    at: usize,
    para: &Map<String, Value>,
) -> Result<Letter, ImkitError> {
    let text = |name: &str| match para.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
        Some(other) => {
            Err(Invalid::new(format!("paras[{at}].{name}"), format!("is {}, and has to be a string", quote(other))))
        }
    };
    let mut words = Vec::new();
    for (name, value) in para.iter().filter(|(name, _)| name.len() > 2 && name.starts_with('$') && name.ends_with('$'))
    {
        let word = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            other => {
                let why = format!("is {}, and has to be a string", quote(other));
                return Err(Invalid::new(format!("paras[{at}].{name}"), why).into());
            }
        };
        words.push((name.clone(), word));
    }
    if let Some(room) = text("room")? {
        call.app.rooms.read(room, |room| room.check_member(call.actor()))?;
        return Ok(Letter { room: EntityId::new(room), pair: None, words });
    }
    let Some(receiver) = text("receiver")?.map(UserId::new) else {
        return Err(Invalid::required(format!("paras[{at}].receiver")).into());
    };
    let sender = sender.ok_or_else(|| Invalid::required("sender"))?;
    if call.app.users.get(&receiver).is_none() {
        return Err(ImkitError::ClientMissing { field: "receiver", client: receiver });
    }
    Ok(Letter { room: pair_id(sender, &receiver), pair: Some([sender.clone(), receiver]), words })
}

/// Makes the direct room of a letter's pair if there is none.
fn meet(call: &Call<Imkit>, letter: &Letter) -> Result<(), ImkitError> {
    let Some(pair) = letter.pair.as_ref().filter(|_| !call.app.rooms.registry().contains(&letter.room)) else {
        return Ok(());
    };
    let info = RoomInfo { room_type: Some(RoomType::Direct), ..RoomInfo::plain() };
    let people = call.app.people(pair);
    let options = &call.settings().options;
    let manner = Manner { field: "receiver", system_message: false, invitation_required: Some(false), options };
    let making = Making { id: &letter.room, info: &info, owner: &[], people: &people, joins: false, manner };
    call.app.rooms.make(&call.origin(), call.actor(), making).map(drop)
}

/// Puts words in the place of their names, in `message` and `extra`.
fn fill_in(draft: &mut Draft, words: &[(String, String)]) {
    for name in ["message", "extra"] {
        let Some(value) = get(&draft.content, name).filter(|value| !words.is_empty() && value.text().contains('$'))
        else {
            continue;
        };
        let filled = serde_json::from_str::<Value>(value.text()).map(|value| filled(value, words));
        if let Some(value) = filled.ok().and_then(|value| serde_json::from_value::<Json>(value).ok()) {
            set(&mut draft.content, name, value);
        }
    }
}

fn filled(value: Value, words: &[(String, String)]) -> Value {
    match value {
        Value::String(text) => Value::String(filled_text(&text, words)),
        Value::Array(list) => list.into_iter().map(|value| filled(value, words)).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, filled(value, words))).collect(),
        other => other,
    }
}

/// What was put in is not looked at again.
fn filled_text(text: &str, words: &[(String, String)]) -> String {
    let (mut written, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(start) = rest.find('$') {
        let (before, after) = rest.split_at(start);
        written.push_str(before);
        let word = words.iter().find(|(name, _)| after.starts_with(name.as_str()));
        let (put, taken) = word.map_or(("$", 1), |(name, word)| (word.as_str(), name.len()));
        written.push_str(put);
        rest = &after[taken..];
    }
    written + rest
}

/// Names a batch.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListBatch {
    /// The batch; required.
    #[serde(rename = "batchID")]
    batch_id: Option<String>,
}

/// Messages, and how many they are.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CountedMessages {
    /// How many.
    pub count: usize,
    /// The messages.
    pub data: Vec<MessageView>,
}

/// `GET /messages/batch?batchID=…`: newest first; none of an unknown batch.
///
/// # Errors
/// 400 without a batch.
pub async fn list_batch(call: Call<Imkit>, request: ListBatch) -> Result<CountedMessages, ImkitError> {
    let batch = request.batch_id.filter(|id| !id.is_empty());
    let batch = batch.ok_or_else(|| Invalid::required("batchID").with_info(MISSING_PARAMETER))?;
    let wanted = Json::string(&CompactString::new(batch));
    let rooms = call.app.rooms.registry().ids();
    let (count, page) =
        gather(&call, &rooms, usize::MAX, |_, kept| get(&kept.message.content, BATCH_ID) == Some(&wanted));
    Ok(CountedMessages { count, data: listed(&call.app, page) })
}
