//! What is set about one member, and about a room's robot.

use schemars::JsonSchema;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::api::call::Call;
use crate::api::imkit::codes::MISSING_PARAMETER;
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::room_view::RoomView;
use crate::api::why::quote_text;
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::json::Json;
use crate::domain::imkit::member_property::{ADMIN, ROLE};
use crate::domain::imkit::properties::PropertyLine;
use crate::domain::invalid::Invalid;
use crate::domain::settings::PropertyReply;
use crate::kernel::names::UserId;

/// What the server alone keeps of a member.
const KEPT: [&str; 3] = ["client", "badge", "lastRead"];

/// Sets one property of a member.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct SetMemberProperty {
    /// The name; `role` gives or takes the rights of an admin.
    #[serde(default)]
    property: Option<String>,
    /// Any value; for `role` `admin` or `member`.
    #[serde(default, deserialize_with = "present")]
    value: Option<Json>,
}

/// A value that may be `null`.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(from).map(Some)
}

impl SetMemberProperty {
    fn check(self) -> Result<(String, Json), Invalid> {
        let required = |field: &str| Invalid::required(field).with_info(MISSING_PARAMETER);
        let name = self.property.filter(|name| !name.is_empty()).ok_or_else(|| required("property"))?;
        let value = self.value.ok_or_else(|| required("value"))?;
        // Assumed: client, badge and lastRead are the server's own and cannot be set.
        if KEPT.contains(&name.as_str()) {
            let why = format!("is {}, which the server keeps itself; use another name", quote_text(&name));
            return Err(Invalid::new("property", why));
        }
        if name == ROLE && !matches!(value.inner(), Some(ADMIN | "member")) {
            let why = format!("is {}, and has to be admin or member for a role", crate::api::why::cut(value.text()));
            return Err(Invalid::new("value", why));
        }
        Ok((name, value))
    }
}

/// The room, or by option the entry alone.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum PropertyAnswer {
    /// The room.
    Room(Box<RoomView>),
    /// What the room knows of the member.
    Entry(EntryView),
}

/// An entry of memberProperties in the order of the oldest pages.
#[derive(Debug)]
pub struct EntryView(PropertyLine);

impl Serialize for EntryView {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let line = &self.0;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("client", &line.client)?;
        line.last_read.iter().try_for_each(|read| map.serialize_entry("lastRead", read))?;
        map.serialize_entry("badge", &line.badge)?;
        line.role.iter().try_for_each(|role| map.serialize_entry("role", role))?;
        line.custom.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
        map.end()
    }
}

impl JsonSchema for EntryView {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ImkitMemberProperty".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "object", "required": ["client", "badge"], "properties": {
            "client": {"type": "string"}, "lastRead": {"type": "string"}, "badge": {"type": "integer"},
            "role": {"enum": ["admin", "member"]}}})
    }
}

/// `PUT /rooms/:id/member/:client`.
///
/// # Errors
/// 400 for a field, 403 for those who may not, 404 no such room, or the client is not inside.
pub async fn set_member_property(call: Call<Imkit>, request: SetMemberProperty) -> Result<PropertyAnswer, ImkitError> {
    let (name, value) = request.check()?;
    let person = call.app.people(&[UserId::new(call.arrival.param("client"))]).remove(0);
    let (room, line) = call.app.rooms.change(&call.origin(), call.room(), |room, turn| {
        room.set_property(turn, call.actor(), &person, &name, value)?;
        let snapshot = room.snapshot();
        let line = snapshot.properties.iter().find(|line| line.client == person.id).cloned();
        Ok((snapshot, line))
    })?;
    // Assumed: setting a member's property answers the room.
    match line.filter(|_| call.settings().options.property_reply == PropertyReply::Property) {
        Some(line) => Ok(PropertyAnswer::Entry(EntryView(line))),
        None => Ok(PropertyAnswer::Room(Box::new(RoomView::full(&call.app, room)))),
    }
}

/// Sets the state of a room's robot.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SetBotState {
    /// Any word; empty is the start.
    bot_state: String,
}

/// `PUT /rooms/:id/bot`.
///
/// # Errors
/// 400 for a field, 403 for those who may not, 404 no such room.
pub async fn set_bot_state(call: Call<Imkit>, request: SetBotState) -> Result<RoomView, ImkitError> {
    let room = call.app.rooms.change(&call.origin(), call.room(), |room, turn| {
        // Assumed: whoever may change a room may set its botState.
        room.check_may_run(call.actor(), "set botState", &call.settings().options)?;
        room.set_bot_state(turn, request.bot_state);
        Ok(room.snapshot())
    })?;
    Ok(RoomView::full(&call.app, room))
}
