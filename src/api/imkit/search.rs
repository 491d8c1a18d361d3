//! Messages and rooms found by words, by queries and by time, among the caller's rooms.

use std::fmt;

use compact_str::CompactString;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::api::call::Call;
use crate::api::decode::optional;
use crate::api::imkit::batch::CountedMessages;
use crate::api::imkit::codes::{INVALID_SEARCH_TYPE, MISSING_PARAMETER};
use crate::api::imkit::fields::time;
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::history::MessageList;
use crate::api::imkit::message_query::{MessageDocument, gather, own_rooms};
use crate::api::imkit::message_view::MessageView;
use crate::api::imkit::messages::{PAGE, limit, listed};
use crate::api::imkit::query::Query;
use crate::api::imkit::room_view::{RoomView, Shape};
use crate::api::imkit::rooms::seen;
use crate::api::why::quote;
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::json::{Json, get};
use crate::domain::imkit::message::{Kept, Message};
use crate::domain::imkit::room::{Room, Shown};
use crate::domain::invalid::Invalid;
use crate::kernel::names::EntityId;

/// Messages of all rooms on a page where nobody says otherwise.
const ADMIN_PAGE: usize = 100;
/// The types of messages that carry files.
const FILES: [&str; 4] = ["image", "video", "audio", "file"];

/// Lists the newest messages.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListRecentMessages {
    /// How many at most; absent: 20, 0: all.
    limit: Option<String>,
}

/// `GET /messages/recent`: newest first, of the caller's active rooms.
///
/// # Errors
/// 400 for a limit that is no number.
pub async fn list_recent_messages(
    call: Call<Imkit>,
    request: ListRecentMessages,
) -> Result<CountedMessages, ImkitError> {
    let limit = limit(request.limit.as_deref(), PAGE)?;
    let (_, page) = gather(&call, &own_rooms(&call), limit, |_, _| true);
    Ok(CountedMessages { count: page.len(), data: listed(&call.app, page) })
}

/// Asks for messages.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct FindMessages {
    /// A query over messages, MongoDB's syntax.
    q: Option<String>,
    /// How many at most; absent: 20, 0: all.
    limit: Option<String>,
}

/// `GET /messages` (deprecated): newest first, of the caller's active rooms.
///
/// # Errors
/// 400 for a query that cannot be read.
pub async fn find_messages(call: Call<Imkit>, request: FindMessages) -> Result<MessageList, ImkitError> {
    let limit = limit(request.limit.as_deref(), PAGE)?;
    let q = request.q.filter(|q| !q.is_empty()).map(|q| Query::read("q", &q)).transpose()?;
    let fits = |_: &Room, kept: &Kept| {
        q.as_ref().is_none_or(|q| q.holds(&MessageDocument { message: &kept.message, app: &call.app.id }))
    };
    let (total_count, page) = gather(&call, &own_rooms(&call), limit, fits);
    Ok(MessageList { total_count, data: listed(&call.app, page) })
}

/// Names what messages have to say.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SearchMessages {
    /// A part of the text, in upper or lower case.
    #[serde(deserialize_with = "optional")]
    message: Option<String>,
}

/// Messages that were found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FoundMessages {
    data: Vec<MessageView>,
}

/// `POST /messages/search`: newest first, of the caller's active rooms.
///
/// # Errors
/// 400 without a text.
pub async fn search_messages(call: Call<Imkit>, request: SearchMessages) -> Result<FoundMessages, ImkitError> {
    let keyword = request.message.ok_or_else(|| Invalid::required("message"))?.to_lowercase();
    let fits = |_: &Room, kept: &Kept| is_shown(&call, kept) && says(&kept.message, &keyword);
    let (_, page) = gather(&call, &own_rooms(&call), usize::MAX, fits);
    Ok(FoundMessages { data: listed(&call.app, page) })
}

/// Lists messages of all rooms.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ListAllMessages {
    /// Sent then or later: ISO 8601 or milliseconds.
    start_date: Option<String>,
    /// Sent before: ISO 8601 or milliseconds.
    end_date: Option<String>,
    /// How many at most; absent: 100, 0: all.
    limit: Option<String>,
}

/// `GET /admin/messages`: newest first.
///
/// # Errors
/// 400 for a time that cannot be read.
pub async fn list_all_messages(call: Call<Imkit>, request: ListAllMessages) -> Result<MessageList, ImkitError> {
    let limit = limit(request.limit.as_deref(), ADMIN_PAGE)?;
    let moment = |field: &str, text: Option<String>| {
        text.filter(|text| !text.is_empty()).map(|text| time(field, &text)).transpose()
    };
    let (start, end) = (moment("startDate", request.start_date)?, moment("endDate", request.end_date)?);
    let rooms = call.app.rooms.registry().ids();
    let (total_count, page) = gather(&call, &rooms, limit, |_, kept| {
        let sent = kept.message.sent;
        start.is_none_or(|start| sent >= start) && end.is_none_or(|end| sent < end)
    });
    Ok(MessageList { total_count, data: listed(&call.app, page) })
}

/// Whether somebody would be shown the message: it is not hidden, and the caller did not delete it.
fn is_shown(call: &Call<Imkit>, kept: &Kept) -> bool {
    // Assumed: messages that are hidden, or that the caller deleted for itself, are not found by words.
    !kept.message.is_hidden() && !kept.deletions.contains_key(&call.actor().client)
}

/// Whether the text of a message has the keyword in it, which is in lower case.
fn says(message: &Message, keyword: &str) -> bool {
    has(get(&message.content, "message"), keyword)
}

fn has(value: Option<&Json>, keyword: &str) -> bool {
    let Some(value) = value else { return false };
    // Assumed: a keyword is found as a part of a text, in upper or lower case.
    match serde_json::from_str::<String>(value.text()) {
        Ok(text) => text.to_lowercase().contains(keyword),
        Err(_) => value.text().to_lowercase().contains(keyword),
    }
}

/// What can be searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Messages,
    RoomName,
    RoomMember,
    RoomTags,
    RoomPrefTags,
    RoomPrefFolder,
    Files,
}

const KINDS: [(Kind, &str); 7] = [
    (Kind::Messages, "messages"),
    (Kind::RoomName, "roomName"),
    (Kind::RoomMember, "roomMember"),
    (Kind::RoomTags, "roomTags"),
    (Kind::RoomPrefTags, "roomPrefTags"),
    (Kind::RoomPrefFolder, "roomPrefFolder"),
    (Kind::Files, "files"),
];

/// Searches messages and rooms.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Search {
    /// `messages`, `roomName`, `roomMember`, `roomTags`, `roomPrefTags`, `roomPrefFolder`, `files`.
    #[serde(rename = "type")]
    #[schemars(with = "Vec<String>")]
    kinds: Value,
    /// A part of what is looked for, in upper or lower case.
    #[serde(deserialize_with = "optional")]
    keyword: Option<String>,
    /// Only in this room.
    #[serde(deserialize_with = "optional")]
    room: Option<EntityId>,
    /// Only in rooms with all of these tags.
    #[serde(deserialize_with = "optional")]
    room_tags: Option<Vec<String>>,
    /// How many of each at most; 0 or absent: all.
    #[serde(deserialize_with = "optional")]
    limit: Option<usize>,
}

impl Search {
    fn kinds(&self) -> Result<Vec<Kind>, Invalid> {
        let words: Vec<&str> = KINDS.iter().map(|(_, word)| *word).collect();
        let rule = format!("has to be an array of {}", words.join(", "));
        let wrong = |why: String| Invalid::new("type", why).with_info(INVALID_SEARCH_TYPE);
        let mut kinds = Vec::new();
        let Some(asked) = self.kinds.as_array() else {
            return Err(wrong(format!("is {}, and {rule}", quote(&self.kinds))));
        };
        for asked in asked {
            let known = KINDS.iter().find(|(_, word)| asked == word);
            let (kind, _) = known.ok_or_else(|| wrong(format!("names {}, and {rule}", quote(asked))))?;
            if !kinds.contains(kind) {
                kinds.push(*kind);
            }
        }
        if kinds.is_empty() { Err(wrong(format!("is empty, and {rule}"))) } else { Ok(kinds) }
    }
}

/// Messages of one room.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    room: RoomView,
    messages: Vec<CompactString>,
    #[serde(rename = "messageID", skip_serializing_if = "Option::is_none")]
    message: Option<CompactString>,
}

/// What was found of one kind.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Found {
    Messages(Vec<Group>),
    Rooms(Vec<RoomView>),
}

/// What was found, under the name of each kind that was asked for.
pub struct FoundAll(Vec<(Kind, Found)>);

impl fmt::Debug for FoundAll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for FoundAll {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        self.0.iter().try_for_each(|(kind, found)| map.serialize_entry(kind, found))?;
        map.end()
    }
}

impl JsonSchema for FoundAll {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ImkitFound".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let room = generator.subschema_for::<RoomView>();
        let rooms = json_schema!({"type": "array", "items": room});
        let ids = json_schema!({"type": "array", "items": {"type": "string"}});
        let groups = json_schema!({"type": "array", "items": {"type": "object", "required": ["room", "messages"],
            "properties": {"room": room, "messages": ids, "messageID": {"type": "string"}}}});
        json_schema!({"type": "object", "properties": {
            "messages": groups, "files": groups, "roomName": rooms, "roomMember": rooms, "roomTags": rooms,
            "roomPrefTags": rooms, "roomPrefFolder": rooms}})
    }
}

/// `POST /search`: each kind that was asked for is an array, also an empty one.
///
/// # Errors
/// 400 for a type that is not known, or without a keyword and tags.
pub async fn search(call: Call<Imkit>, request: Search) -> Result<FoundAll, ImkitError> {
    let kinds = request.kinds()?;
    let tags = request.room_tags.clone().unwrap_or_default();
    // Assumed: a search wants a keyword or tags of rooms; without a keyword all of those rooms fits.
    let keyword = match &request.keyword {
        Some(keyword) => keyword.to_lowercase(),
        None if tags.is_empty() => return Err(Invalid::required("keyword").with_info(MISSING_PARAMETER).into()),
        None => String::new(),
    };
    let mut rooms = own_rooms(&call);
    rooms.retain(|id| request.room.as_ref().is_none_or(|room| room == id));
    let tagged = |room: &Room| tags.iter().all(|tag| room.info.room_tags.contains(tag));
    rooms.retain(|id| call.app.rooms.registry().read(id, tagged) == Some(true));
    // Assumed: the limit of a search is for each kind by itself: messages, newest first, or rooms.
    let search = Searching { call: &call, rooms, keyword, limit: request.limit.unwrap_or(usize::MAX) };
    Ok(FoundAll(kinds.into_iter().map(|kind| (kind, search.find(kind))).collect()))
}

/// A checked search.
struct Searching<'a> {
    call: &'a Call<Imkit>,
    rooms: Vec<EntityId>,
    keyword: String,
    limit: usize,
}

impl Searching<'_> {
    fn find(&self, kind: Kind) -> Found {
        let says = |text: &str| text.to_lowercase().contains(&self.keyword);
        match kind {
            Kind::Messages => self.messages(),
            Kind::Files => self.files(),
            Kind::RoomName => self.rooms(|room| room.info.name.as_deref().is_some_and(says)),
            Kind::RoomTags => self.rooms(|room| room.info.room_tags.iter().any(|tag| says(tag))),
            // Assumed: a member is found by its nickname or its id.
            Kind::RoomMember => self.rooms(|room| {
                let named = |id: &str| {
                    let client = self.call.app.users.get(id);
                    client.is_some_and(|client| has(get(&client.fields, "nickname"), &self.keyword))
                };
                room.members.ids().chain(&room.only_by_groups()).any(|id| says(id) || named(id))
            }),
            Kind::RoomPrefTags => self.rooms(|room| {
                let preference = room.preferences.get(&self.call.actor().client);
                preference.is_some_and(|preference| preference.tags.iter().any(|tag| says(tag)))
            }),
            Kind::RoomPrefFolder => self.rooms(|room| {
                let preference = room.preferences.get(&self.call.actor().client);
                preference.and_then(|preference| preference.folder.as_deref()).is_some_and(says)
            }),
        }
    }

    fn rooms(&self, fits: impl Fn(&Room) -> bool) -> Found {
        let registry = self.call.app.rooms.registry();
        let view = |id: &EntityId| registry.read(id, |room| fits(room).then(|| self.view(room))).flatten();
        Found::Rooms(self.rooms.iter().filter_map(view).take(self.limit).collect())
    }

    fn view(&self, room: &Room) -> RoomView {
        RoomView {
            app: self.call.app.clone(),
            room: room.snapshot(),
            shape: Shape::Full,
            seen: Some(seen(self.call, room)),
        }
    }

    fn view_of(&self, id: &EntityId) -> Option<RoomView> {
        self.call.app.rooms.registry().read(id, |room| self.view(room))
    }

    fn messages(&self) -> Found {
        let fits = |_: &Room, kept: &Kept| is_shown(self.call, kept) && says(&kept.message, &self.keyword);
        let (_, found) = gather(self.call, &self.rooms, self.limit, fits);
        let mut groups: Vec<Group> = Vec::new();
        for Shown { message, .. } in found {
            match groups.iter_mut().find(|group| group.room.room.id == message.room) {
                Some(group) => group.messages.push(message.id.clone()),
                None => groups.extend(self.view_of(&message.room).map(|room| Group {
                    room,
                    messages: vec![message.id.clone()],
                    message: None,
                })),
            }
        }
        Found::Messages(groups)
    }

    fn files(&self) -> Found {
        // Assumed: a file is found by its message's text, addresses and extra; each has an item of its own.
        let fits = |_: &Room, kept: &Kept| {
            let content = |name: &str| has(get(&kept.message.content, name), &self.keyword);
            FILES.contains(&kept.message.kind.as_str())
                && is_shown(self.call, kept)
                && (self.keyword.is_empty() || ["message", "originalUrl", "url", "extra"].into_iter().any(content))
        };
        let (_, found) = gather(self.call, &self.rooms, self.limit, fits);
        let group = |Shown { message, .. }: Shown| {
            let room = self.view_of(&message.room)?;
            Some(Group { room, messages: vec![message.id.clone()], message: Some(message.id.clone()) })
        };
        Found::Messages(found.into_iter().filter_map(group).collect())
    }
}
