//! The written form of clients: the one place in a state document where fields that nobody knows are welcome.

use std::fmt;

use compact_str::CompactString;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::imkit::devices::Device;
use crate::domain::imkit::json::set_all;
use crate::domain::imkit::named::Named;
use crate::domain::imkit::user::{Client, Token};
use crate::kernel::clock::Timestamp;

/// A client in a state document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientState(pub Client);

/// A token in a state document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum TokenState {
    /// Never expires.
    Forever(#[schemars(with = "String")] CompactString),
    /// Has its times.
    Dated(DatedToken),
}

/// A token with its times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct DatedToken {
    /// The token itself.
    #[schemars(with = "String")]
    token: CompactString,
    /// The first moment in which it is no longer valid; absent: never.
    #[serde(with = "crate::domain::imkit::iso::optional", default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    expiration_date: Option<Timestamp>,
    /// When it was issued or bound.
    #[serde(with = "crate::domain::imkit::iso::optional", default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    created_at: Option<Timestamp>,
    /// When it was last bound; absent: when it was issued.
    #[serde(with = "crate::domain::imkit::iso::optional", default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    updated_at: Option<Timestamp>,
    /// Taken back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    revoked: bool,
}

impl From<TokenState> for Token {
    fn from(state: TokenState) -> Self {
        match state {
            TokenState::Forever(text) => Self { text, expires: None, created: None, updated: None, revoked: false },
            TokenState::Dated(DatedToken { token, expiration_date, created_at, updated_at, revoked }) => {
                let updated = updated_at.or(created_at);
                Self { text: token, expires: expiration_date, created: created_at, updated, revoked }
            }
        }
    }
}

impl From<&Token> for TokenState {
    fn from(token: &Token) -> Self {
        if token.expires.is_none() && token.created.is_none() && token.updated.is_none() && !token.revoked {
            return Self::Forever(token.text.clone());
        }
        Self::Dated(DatedToken {
            token: token.text.clone(),
            expiration_date: token.expires,
            created_at: token.created,
            updated_at: token.updated.filter(|updated| token.created != Some(*updated)),
            revoked: token.revoked,
        })
    }
}

/// A moment that may be absent, as an ISO text.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Moment(#[serde(with = "crate::domain::imkit::iso::optional")] Option<Timestamp>);

impl Serialize for ClientState {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let client = &self.0;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("_id", &client.id)?;
        client.fields.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
        if client.is_robot {
            map.serialize_entry("isRobot", &true)?;
        }
        if !client.mute.is_empty() {
            map.serialize_entry("mute", &client.mute)?;
        }
        client.last_login.iter().try_for_each(|login| map.serialize_entry("lastLoginTimeMS", login))?;
        for (name, moment) in [("lastJoinOrCreateRoomTime", client.last_join), ("updatedAt", client.updated)] {
            if moment.is_some() {
                map.serialize_entry(name, &Moment(moment))?;
            }
        }
        if !client.tokens.is_empty() {
            let tokens: Vec<TokenState> = client.tokens.iter().map(TokenState::from).collect();
            map.serialize_entry("tokens", &tokens)?;
        }
        write_settings(client, &mut map)?;
        map.end()
    }
}

fn write_settings<M: SerializeMap>(client: &Client, map: &mut M) -> Result<(), M::Error> {
    if client.void_before.is_some() {
        map.serialize_entry("tokensVoidBefore", &Moment(client.void_before))?;
    }
    if !client.devices.is_empty() {
        map.serialize_entry("pushTokens", &client.devices)?;
    }
    client.notification.iter().try_for_each(|wanted| map.serialize_entry("notificationEnabled", wanted))?;
    if client.preferences.is_empty() {
        return Ok(());
    }
    map.serialize_entry("prefs", &Named(client.preferences.clone()))
}

impl<'de> Deserialize<'de> for ClientState {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(AClient)
    }
}

struct AClient;

impl<'de> Visitor<'de> for AClient {
    type Value = ClientState;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a client: an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ClientState, A::Error> {
        let (mut id, mut client, mut fields) = (None, Client::default(), Vec::new());
        while let Some(name) = map.next_key::<CompactString>()? {
            match name.as_str() {
                "_id" => id = Some(map.next_value()?),
                "isRobot" => client.is_robot = map.next_value()?,
                "mute" => client.mute = map.next_value()?,
                "lastLoginTimeMS" => client.last_login = map.next_value()?,
                "lastJoinOrCreateRoomTime" => client.last_join = map.next_value::<Moment>()?.0,
                "updatedAt" => client.updated = map.next_value::<Moment>()?.0,
                "tokens" => {
                    let tokens: Vec<TokenState> = map.next_value()?;
                    client.tokens = tokens.into_iter().map(Token::from).collect();
                }
                "tokensVoidBefore" => client.void_before = map.next_value::<Moment>()?.0,
                "pushTokens" => client.devices = map.next_value()?,
                "notificationEnabled" => client.notification = Some(map.next_value()?),
                "prefs" => client.preferences = map.next_value::<Named>()?.0,
                // Computed ones, as a reply that was pasted into a document has them.
                "id" | "appID" | "__v" | "clientType" | "lastLoginTime" => drop(map.next_value::<IgnoredAny>()?),
                _ => fields.push((name, map.next_value()?)),
            }
        }
        set_all(&mut client.fields, fields);
        client.id = id.ok_or_else(|| A::Error::missing_field("_id"))?;
        Ok(ClientState(client))
    }
}

impl JsonSchema for ClientState {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ClientState".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let token = generator.subschema_for::<TokenState>();
        let device = generator.subschema_for::<Device>();
        json_schema!({
            "type": "object", "required": ["_id"],
            "description": "A client; fields that are not named here are kept with it.",
            "properties": {
                "_id": {"type": "string"}, "nickname": {"type": "string"}, "avatarUrl": {"type": "string"},
                "description": {"type": "string"}, "isRobot": {"type": "boolean"},
                "mute": {"type": "array", "items": {"type": "string"}},
                "lastLoginTimeMS": {"type": "integer"}, "lastJoinOrCreateRoomTime": {"type": "string"},
                "updatedAt": {"type": "string"}, "tokens": {"type": "array", "items": token},
                "tokensVoidBefore": {"type": "string"}, "pushTokens": {"type": "array", "items": device},
                "notificationEnabled": {"type": "boolean"}, "prefs": {"type": "object"},
            },
        })
    }
}
