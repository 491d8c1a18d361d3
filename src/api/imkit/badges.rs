//! Badges: unread messages of a client over its rooms, by tags of rooms, and for a list of tokens.

use std::collections::HashSet;

use form_urlencoded::parse;
use schemars::JsonSchema;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::api::call::Call;
use crate::api::imkit::codes::{INVALID_ROOM_TAGS, INVALID_TAGS};
use crate::api::imkit::fields::time;
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::rooms::acting;
use crate::api::imkit::tokens::holder;
use crate::api::why::quote;
use crate::domain::imkit::badges::Unread;
use crate::domain::imkit::error::ImkitError;
use crate::domain::invalid::Invalid;
use crate::kernel::clock::Timestamp;
use crate::kernel::names::UserId;

/// Unread messages.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Badge {
    badge: i64,
}

impl Unread {
    fn has_any(&self, tags: &[String]) -> bool {
        self.info.room_tags.iter().any(|tag| tags.contains(tag))
    }
}

fn sum<'u>(rooms: impl IntoIterator<Item = &'u Unread>) -> i64 {
    rooms.into_iter().map(|room| room.badge).sum()
}

/// The tags that a query repeats.
fn tags_of(query: &str) -> Result<Vec<String>, Invalid> {
    let mut tags = Vec::new();
    for (name, value) in parse(query.as_bytes()) {
        match name.strip_prefix("roomTags") {
            // Assumed: roomTags[] is roomTags, as the vendor's framework reads it; other brackets make no text.
            Some("" | "[]") if value.is_empty() => {}
            Some("" | "[]") => tags.push(value.into_owned()),
            Some(rest) if rest.starts_with('[') => {
                let why = "has to be texts: roomTags=one&roomTags=two";
                return Err(Invalid::new(name.into_owned(), why).with_info(INVALID_ROOM_TAGS));
            }
            _ => {}
        }
    }
    Ok(tags)
}

/// Asks for unread messages.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct GetBadge {
    /// Only in rooms with any of these tags; the name is repeated for each, so that the query itself is read.
    #[schemars(with = "Option<Vec<String>>")]
    room_tags: Option<IgnoredAny>,
}

/// `GET /me/badge`: over all active rooms of the caller, or over those that have any of the tags, each room once.
///
/// # Errors
/// 400 for tags that are no texts, or without a client.
pub async fn get_badge(call: Call<Imkit>, _: GetBadge) -> Result<Badge, ImkitError> {
    let tags = tags_of(call.arrival.query())?;
    let rooms = call.app.rooms.unread_of(&acting(&call)?.client, None);
    // Assumed: several roomTags ask for the rooms that have any of them, each room once.
    Ok(Badge { badge: sum(rooms.iter().filter(|room| tags.is_empty() || room.has_any(&tags))) })
}

/// Asks for unread messages by tags.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct BadgesByTags {
    /// The tags; empty or absent: all of the caller's rooms.
    #[schemars(with = "Option<Vec<String>>")]
    tags: Value,
}

/// The same up to a moment.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct BadgesByTagsAndTime {
    /// The tags; empty or absent: all of the caller's rooms.
    #[schemars(with = "Option<Vec<String>>")]
    tags: Value,
    /// Only messages sent before this: ISO 8601 or milliseconds; absent: all.
    #[schemars(with = "Option<String>")]
    before_time: Value,
}

/// Unread messages by tags.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TagBadges {
    /// Each room counted once.
    total_badge: i64,
    data: Map<String, Value>,
}

fn texts(tags: &Value) -> Result<Vec<String>, Invalid> {
    let wrong = || {
        let why = format!("is {}, and has to be an array of strings", quote(tags));
        Invalid::new("tags", why).with_info(INVALID_TAGS)
    };
    // Assumed: tags that are not an array are refused, the empty text among them; only null counts as absent.
    let list = match tags {
        Value::Null => return Ok(Vec::new()),
        other => other.as_array().ok_or_else(wrong)?,
    };
    list.iter().map(|tag| tag.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
}

fn by_tags(call: &Call<Imkit>, mut tags: Vec<String>, before: Option<Timestamp>) -> TagBadges {
    // Assumed: by tags an API key that names no client has nothing unread.
    let rooms = call.app.rooms.unread_of(&call.actor().client, before);
    if tags.is_empty() {
        tags.extend(rooms.iter().flat_map(|room| room.info.room_tags.iter().cloned()));
    }
    let mut seen = HashSet::new();
    tags.retain(|tag| seen.insert(tag.clone()));
    let of = |tag: &String| sum(rooms.iter().filter(|room| room.info.room_tags.contains(tag)));
    // Assumed: a room with two tags counts under both, and once in the total.
    TagBadges {
        total_badge: sum(rooms.iter().filter(|room| room.has_any(&tags))),
        data: tags.iter().map(|tag| (tag.clone(), of(tag).into())).collect(),
    }
}

/// `POST /badges/byRoomTags`.
///
/// # Errors
/// 400 for tags that are no texts.
pub async fn get_badges_by_tags(call: Call<Imkit>, request: BadgesByTags) -> Result<TagBadges, ImkitError> {
    Ok(by_tags(&call, texts(&request.tags)?, None))
}

/// `POST /badges/byRoomTagsAndTime`.
///
/// # Errors
/// 400 for tags that are no texts, and for a time that is none.
pub async fn get_badges_by_tags_and_time(
    call: Call<Imkit>,
    request: BadgesByTagsAndTime,
) -> Result<TagBadges, ImkitError> {
    let tags = texts(&request.tags)?;
    let before = match &request.before_time {
        // Assumed: without beforeTime all unread messages count.
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(time("beforeTime", text)?),
        other => Some(time("beforeTime", &other.to_string())?),
    };
    Ok(by_tags(&call, tags, before))
}

/// Asks for the badges of many.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct BadgesOfTokens {
    /// Clients' tokens.
    tokens: Vec<String>,
}

/// One client's unread messages.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClientBadge {
    client: UserId,
    badge: i64,
}

/// The badges of many.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientBadges {
    data: Vec<ClientBadge>,
    total_badge: i64,
}

/// `POST /badges`: for the clients of these tokens, in their order.
///
/// # Errors
/// 400 for a field.
pub async fn get_badges_of_tokens(call: Call<Imkit>, request: BadgesOfTokens) -> Result<ClientBadges, ImkitError> {
    let mut seen = HashSet::new();
    // Assumed: a token that lets nobody in is passed over, and a client of two tokens is told once.
    let clients = request.tokens.iter().filter_map(|token| holder(&call, token));
    let clients = clients.filter(|client| seen.insert(client.clone()));
    let badge_of = |client: UserId| ClientBadge { badge: sum(&call.app.rooms.unread_of(&client, None)), client };
    let data: Vec<ClientBadge> = clients.map(badge_of).collect();
    Ok(ClientBadges { total_badge: data.iter().map(|line| line.badge).sum(), data })
}
