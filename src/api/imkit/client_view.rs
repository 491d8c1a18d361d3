//! ClientView: a client as replies show it, more or less of it by place.

use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::domain::imkit::user::Client;
use crate::kernel::clock::Timestamp;

/// How much of a client is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Under `members` of a room.
    Member,
    /// The same with `lastLoginTime`, as the old shape has it.
    OldMember,
    /// Under `sender` in lists of messages.
    Sender,
    /// Under `sender` and `member` of a last message, and in invitations.
    Reduced,
    /// Under `blockee` and `blocker`: as reduced, with the real last login.
    Blocked,
}

/// A client as others see it.
#[derive(Clone, Debug)]
pub struct ClientView {
    /// The client.
    pub client: Arc<Client>,
    /// How much of it.
    pub form: Form,
    /// Now; shown as the last login of those who never logged in.
    pub now: Timestamp,
}

/// What of a client's own fields is shown in each form.
const REDUCED: [&str; 2] = ["nickname", "avatarUrl"];
const SENDER: [&str; 3] = ["nickname", "avatarUrl", "description"];
const MEMBER: [&str; 8] =
    ["nickname", "avatarUrl", "description", "userAgent", "publicKey", "city", "country", "chatStatus"];

impl Serialize for ClientView {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { client, form, now } = self;
        ClientLook { client, form: *form, now: *now, group: None }.serialize(to)
    }
}

/// A client as others see it, while it is looked at; or the user group whose record it is.
#[derive(Clone, Copy, Debug)]
pub struct ClientLook<'a> {
    /// The client.
    pub client: &'a Client,
    /// How much of it.
    pub form: Form,
    /// Now.
    pub now: Timestamp,
    /// The clients in it, where it is a user group.
    pub group: Option<&'a [ClientView]>,
}

impl Serialize for ClientLook<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { client, form, now, group } = self;
        let shown: &[&str] = match form {
            Form::Member | Form::OldMember => &MEMBER,
            Form::Sender => &SENDER,
            Form::Reduced | Form::Blocked => &REDUCED,
        };
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("_id", &client.id)?;
        let mut fields = client.fields.iter().filter(|(name, _)| shown.contains(&name.as_str()));
        fields.try_for_each(|(name, value)| map.serialize_entry(name, value))?;
        if matches!(form, Form::Member | Form::OldMember) {
            map.serialize_entry("isRobot", &client.is_robot)?;
            // Assumed: a member's client type is always sent.
            map.serialize_entry("clientType", if group.is_some() { "group" } else { "user" })?;
            group.iter().try_for_each(|members| map.serialize_entry("members", members))?;
        }
        if let Some(login) = client.last_login.filter(|_| *form == Form::OldMember) {
            map.serialize_entry("lastLoginTime", &login.to_string())?;
        }
        map.serialize_entry("id", &client.id)?;
        // Assumed: a member who never logged in shows the present as its last login.
        // Computed from a field that the reduced form does not select, hence 0 there.
        let login = if *form == Form::Reduced { Timestamp::default() } else { client.last_login.unwrap_or(*now) };
        map.serialize_entry("lastLoginTimeMS", &login)?;
        map.end()
    }
}

/// A client's own record, as the client itself and the platform administrator see it.
#[derive(Clone, Debug)]
pub struct RecordView {
    /// The client.
    pub client: Arc<Client>,
    /// The application.
    pub app: String,
    /// A token that this call issued or bound, with the end of its validity.
    pub token: Option<(String, Option<Timestamp>)>,
}

impl Serialize for RecordView {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let client = &self.client;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("_id", &client.id)?;
        map.serialize_entry("__v", &0)?;
        map.serialize_entry("appID", &self.app)?;
        client.fields.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
        let moments = [("lastJoinOrCreateRoomTime", client.last_join), ("updatedAt", client.updated)];
        for (name, moment) in moments.into_iter().filter_map(|(name, moment)| Some((name, moment?))) {
            map.serialize_entry(name, &moment.to_string())?;
        }
        map.serialize_entry("isRobot", &client.is_robot)?;
        map.serialize_entry("mute", &client.mute)?;
        client.notification.iter().try_for_each(|wanted| map.serialize_entry("notificationEnabled", wanted))?;
        map.serialize_entry("id", &client.id)?;
        client.last_login.iter().try_for_each(|login| map.serialize_entry("lastLoginTimeMS", login))?;
        if let Some((token, end)) = &self.token {
            map.serialize_entry("token", token)?;
            end.iter().try_for_each(|end| map.serialize_entry("expirationDate", &end.to_string()))?;
        }
        map.end()
    }
}

impl JsonSchema for ClientView {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ImkitClient".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "object", "required": ["_id", "id", "lastLoginTimeMS"], "properties": {
            "_id": {"type": "string"}, "nickname": {"type": "string"}, "avatarUrl": {"type": "string"},
            "description": {"type": "string"}, "isRobot": {"type": "boolean"}, "clientType": {"enum": ["user", "group"]},
            "id": {"type": "string"}, "lastLoginTimeMS": {"type": "integer"}}})
    }
}

impl JsonSchema for RecordView {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ImkitClientRecord".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "object", "required": ["_id", "id", "appID", "isRobot", "mute"], "properties": {
            "_id": {"type": "string"}, "id": {"type": "string"}, "appID": {"type": "string"},
            "nickname": {"type": "string"}, "avatarUrl": {"type": "string"}, "isRobot": {"type": "boolean"},
            "mute": {"type": "array", "items": {"type": "string"}}, "notificationEnabled": {"type": "boolean"}, "token": {"type": "string"},
            "expirationDate": {"type": "string"}}})
    }
}
