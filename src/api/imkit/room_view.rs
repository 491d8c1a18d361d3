//! RoomView: a room as replies show it, in the key order of the documented samples; absent values are left out.

use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::api::imkit::client_view::{ClientView, Form};
use crate::api::imkit::member_view::Members;
use crate::api::imkit::message_view::{MessageView, Place};
use crate::domain::imkit::ImkitApp;
use crate::domain::imkit::properties::PropertyLine;
use crate::domain::imkit::room::{Preference, RoomSnapshot, Sight};
use crate::kernel::names::UserId;

/// Which of a room's shapes a reply has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// After a change.
    Full,
    /// After removing members: with `lastRead`, `lastLoginTime` and `messageTime` of the old shape.
    Removal,
    /// With `appID`, without the last message: in an invitation.
    Invitation,
    /// With `appID`: the room asked for by its id.
    Details,
}

/// A room.
#[derive(Clone, Debug)]
pub struct RoomView {
    /// The application, for looking people up.
    pub app: Arc<ImkitApp>,
    /// The room.
    pub room: RoomSnapshot,
    /// Its shape.
    pub shape: Shape,
    /// How the caller sees it, where that is shown.
    pub seen: Option<Seen>,
}

/// How the caller sees a room.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What the room knows of the caller.
    pub sight: Sight,
    /// Whether the caller muted it.
    pub muted: bool,
}

impl RoomView {
    /// The room after a change.
    pub fn full(app: &Arc<ImkitApp>, room: RoomSnapshot) -> Self {
        Self { app: app.clone(), room, shape: Shape::Full, seen: None }
    }

    fn old(&self) -> bool {
        self.shape == Shape::Removal
    }

    fn write_info<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let info = &self.room.info;
        for (name, text) in [("name", &info.name), ("cover", &info.cover), ("description", &info.description)] {
            text.iter().try_for_each(|text| map.serialize_entry(name, text))?;
        }
        info.data.iter().try_for_each(|data| map.serialize_entry("data", data))?;
        if let Some(shown) = self.room.last.clone().filter(|_| self.shape != Shape::Invitation) {
            let place = if self.old() { Place::OldLast } else { Place::Last };
            map.serialize_entry("lastMessage", &MessageView { app: self.app.clone(), shown, place })?;
        }
        info.room_type.iter().try_for_each(|kind| map.serialize_entry("roomType", kind))?;
        info.webhook.iter().try_for_each(|webhook| map.serialize_entry("webhook", webhook))?;
        map.serialize_entry("botState", &info.bot_state)?;
        map.serialize_entry("botMode", &info.bot_mode)?;
        map.serialize_entry("encrypted", &info.encrypted)?;
        map.serialize_entry("serviceStatus", &info.service_status)?;
        map.serialize_entry("roomTags", &info.room_tags)?;
        map.serialize_entry("status", &info.status)?;
        // Assumed: opening is shown once it was set.
        info.opening.iter().try_for_each(|opening| map.serialize_entry("opening", opening))?;
        info.ext_params.iter().try_for_each(|text| map.serialize_entry("extParams", text))?;
        // Assumed: an owner without a client is left out, and a sender without one is null.
        let owner = info.owner.as_ref().and_then(|owner| person(&self.app, owner, Form::Reduced));
        owner.iter().try_for_each(|owner| map.serialize_entry("owner", owner))?;
        info.managers.iter().try_for_each(|managers| map.serialize_entry("managers", managers))
    }

    fn write_people<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let properties = &self.room.properties;
        if self.old() {
            let read = properties.iter().filter_map(|line| Some((line.last_read.as_deref()?, &line.client)));
            let read: Vec<ReadLine<'_>> = read.map(|(message, client)| ReadLine { message, client }).collect();
            map.serialize_entry("lastRead", &read)?;
        }
        map.serialize_entry("memberProperties", &PropertyLines(properties))?;
        let form = if self.old() { Form::OldMember } else { Form::Member };
        map.serialize_entry("members", &Members { app: &self.app, ids: &self.room.members, form })
    }
}

impl Serialize for RoomView {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("_id", &self.room.id)?;
        self.write_info(&mut map)?;
        self.write_people(&mut map)?;
        if let Some(Seen { sight, muted }) = &self.seen {
            map.serialize_entry("unread", &sight.unread)?;
            map.serialize_entry("muted", muted)?;
            map.serialize_entry("isMentioned", &sight.is_mentioned)?;
            map.serialize_entry("isSuperuser", &sight.is_superuser)?;
            let times = [
                ("didBlockAt", "didBlockAtMS", sight.did_block),
                ("wasBlockedAt", "wasBlockedAtMS", sight.was_blocked),
            ];
            for (iso, ms, time) in times.into_iter().filter_map(|(iso, ms, time)| Some((iso, ms, time?))) {
                map.serialize_entry(iso, &time.to_string())?;
                map.serialize_entry(ms, &time)?;
            }
            sight.preference.iter().try_for_each(|preference| map.serialize_entry("pref", preference))?;
        }
        if matches!(self.shape, Shape::Details | Shape::Invitation) {
            map.serialize_entry("appID", &self.app.id)?;
        }
        map.serialize_entry("id", &self.room.id)?;
        map.serialize_entry("createdTimeMS", &self.room.created)?;
        map.end()
    }
}

/// A client as others see it, if there is such a client.
pub fn person(app: &ImkitApp, id: &UserId, form: Form) -> Option<ClientView> {
    Some(ClientView { client: app.users.get(id)?, form, now: app.tenancy.now() })
}

#[derive(serde::Serialize)]
struct ReadLine<'a> {
    message: &'a str,
    client: &'a UserId,
}

struct PropertyLines<'a>(&'a [PropertyLine]);

impl Serialize for PropertyLines<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut list = to.serialize_seq(Some(self.0.len()))?;
        self.0.iter().try_for_each(|line| list.serialize_element(&LineView(line)))?;
        list.end()
    }
}

/// What a room knows of one client, as rooms show it.
struct LineView<'a>(&'a PropertyLine);

impl Serialize for LineView<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        self.0.write_marks(&mut map)?;
        self.0.custom.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
        map.serialize_entry("client", &self.0.client)?;
        map.end()
    }
}

/// A room as the one who makes it gets it: its members as bare ids.
#[derive(Clone, Debug)]
pub struct RawRoomView {
    /// The application's id.
    pub app: String,
    /// The room.
    pub room: RoomSnapshot,
}

impl Serialize for RawRoomView {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let (room, info) = (&self.room, &self.room.info);
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("__v", &0)?;
        map.serialize_entry("appID", &self.app)?;
        map.serialize_entry("_id", &room.id)?;
        map.serialize_entry("members", &room.members)?;
        info.name.iter().try_for_each(|name| map.serialize_entry("name", name))?;
        info.description.iter().try_for_each(|text| map.serialize_entry("description", text))?;
        info.room_type.iter().try_for_each(|kind| map.serialize_entry("roomType", kind))?;
        info.cover.iter().try_for_each(|cover| map.serialize_entry("cover", cover))?;
        info.webhook.iter().try_for_each(|webhook| map.serialize_entry("webhook", webhook))?;
        info.owner.iter().try_for_each(|owner| map.serialize_entry("owner", owner))?;
        info.ext_params.iter().try_for_each(|text| map.serialize_entry("extParams", text))?;
        map.serialize_entry("roomTags", &info.room_tags)?;
        map.serialize_entry("status", &info.status)?;
        map.serialize_entry("createdTimeMS", &room.created)?;
        map.serialize_entry("id", &room.id)?;
        map.end()
    }
}

/// A room as those who left it may still see it.
#[derive(Clone, Debug)]
pub struct LimitedRoomView {
    /// The room.
    pub room: RoomSnapshot,
    /// What the caller prefers there, the time of leaving included.
    pub preference: Preference,
}

impl Serialize for LimitedRoomView {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let (room, info) = (&self.room, &self.room.info);
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("roomTags", &info.room_tags)?;
        map.serialize_entry("encrypted", &info.encrypted)?;
        map.serialize_entry("_id", &room.id)?;
        for (name, text) in [("name", &info.name), ("cover", &info.cover), ("description", &info.description)] {
            text.iter().try_for_each(|text| map.serialize_entry(name, text))?;
        }
        info.room_type.iter().try_for_each(|kind| map.serialize_entry("roomType", kind))?;
        map.serialize_entry("pref", &self.preference)?;
        map.serialize_entry("id", &room.id)?;
        // Computed from a field that this form does not select.
        map.serialize_entry("createdTimeMS", &0)?;
        map.end()
    }
}

macro_rules! schema {
    ($view:ty, $name:literal, $members:expr) => {
        impl JsonSchema for $view {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                let members: fn(&mut SchemaGenerator) -> Schema = $members;
                let members = members(generator);
                json_schema!({"type": "object", "required": ["_id", "id", "createdTimeMS"], "properties": {
                    "_id": {"type": "string"}, "id": {"type": "string"}, "name": {"type": "string"},
                    "cover": {"type": "string"}, "description": {"type": "string"},
                    "roomType": {"enum": ["direct", "group", "custom"]}, "members": members,
                    "roomTags": {"type": "array", "items": {"type": "string"}}, "status": {"type": "integer"},
                    "createdTimeMS": {"type": "integer"}}})
            }
        }
    };
}

schema!(RoomView, "ImkitRoom", |generator| {
    let client = generator.subschema_for::<ClientView>();
    json_schema!({"type": "array", "items": client})
});
schema!(RawRoomView, "ImkitRawRoom", |_| json_schema!({"type": "array", "items": {"type": "string"}}));
schema!(LimitedRoomView, "ImkitLimitedRoom", |_| json_schema!(false));
