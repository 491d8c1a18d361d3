//! Messages of one room, other than by the newest list: by id, around one, counted, pinned.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::api::call::Call;
use crate::api::imkit::fields::{Nothing, number, time};
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::list::Inspect;
use crate::api::imkit::message_query::MessageDocument;
use crate::api::imkit::message_view::MessageView;
use crate::api::imkit::messages::{PAGE, limit, listed};
use crate::api::imkit::query::Query;
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::message::Message;
use crate::domain::imkit::room::{Room, Shown};
use crate::kernel::clock::Timestamp;

/// A list of messages.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageList {
    /// How many match, before the list is cut.
    pub total_count: usize,
    /// The messages.
    pub data: Vec<MessageView>,
}

/// Lists messages by id.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ListMessagesById {
    /// Older than this message.
    before_message: Option<String>,
    /// How many at most; absent: 20, 0: all.
    limit: Option<String>,
    /// A query over messages, MongoDB's syntax.
    q: Option<String>,
}

/// `GET /rooms/:id/messages` (deprecated): newest first by id.
///
/// # Errors
/// 400 for a query that cannot be read, 403 for others than members, 404 no such room.
pub async fn list_messages_by_id(call: Call<Imkit>, request: ListMessagesById) -> Result<MessageList, ImkitError> {
    let limit = limit(request.limit.as_deref(), PAGE)?;
    let q = request.q.filter(|q| !q.is_empty()).map(|q| Query::read("q", &q)).transpose()?;
    let before = request.before_message.filter(|id| !id.is_empty());
    let (total_count, page) = call.app.rooms.read(call.room(), |room| {
        room.check_member(call.actor())?;
        let fits = |message: &&Arc<Message>| {
            q.as_ref().is_none_or(|q| q.holds(&MessageDocument { message, app: &call.app.id }))
        };
        let mut found: Vec<&Arc<Message>> = room.messages.iter().filter(fits).collect();
        let total_count = found.len();
        found.retain(|message| before.as_ref().is_none_or(|before| *message.id < **before));
        found.sort_by(|one, other| other.id.cmp(&one.id));
        let page = found.into_iter().take(limit).map(|message| room.shown(message, call.actor())).collect();
        Ok::<(usize, Vec<Shown>), ImkitError>((total_count, page))
    })?;
    Ok(MessageList { total_count, data: listed(&call.app, page) })
}

/// Lists messages around one.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListMessagesAround {
    /// How many older ones; absent: none.
    before: Option<String>,
    /// How many newer ones; absent: none.
    after: Option<String>,
}

/// `GET /rooms/:id/messages/:messageID`: newest first.
///
/// # Errors
/// 400 for a query that cannot be read, 403 for others than members, 404 no such room or message.
pub async fn list_messages_around(call: Call<Imkit>, request: ListMessagesAround) -> Result<MessageList, ImkitError> {
    let before = number("before", request.before.as_deref())?.unwrap_or(0);
    let after = number("after", request.after.as_deref())?.unwrap_or(0);
    let id = call.arrival.param("message");
    let page = call.app.rooms.read(call.room(), |room| {
        room.check_member(call.actor())?;
        let kept = room.messages.kept(id).ok_or_else(|| ImkitError::MessageUnknown(id.to_owned()))?;
        let newer = room.messages.newer_than(kept.number).take(after);
        let older = room.messages.not_newer_than(kept.number).rev().skip(1).take(before);
        let mut page: Vec<&Arc<Message>> = newer.collect();
        page.reverse();
        page.push(&kept.message);
        page.extend(older);
        Ok::<Vec<Shown>, ImkitError>(page.into_iter().map(|message| room.shown(message, call.actor())).collect())
    })?;
    Ok(MessageList { total_count: page.len(), data: listed(&call.app, page) })
}

/// Counts messages.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CountMessages {
    /// Created or updated later than this, milliseconds since 1970; absent: any time.
    #[serde(rename = "timeInMS")]
    time_in_ms: Option<String>,
}

/// How many there are.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Counted {
    count: usize,
}

/// `GET /rooms/:id/count?timeInMS=…`.
///
/// # Errors
/// 400 for a time that cannot be read, 403 for others than members, 404 no such room.
pub async fn count_messages(call: Call<Imkit>, request: CountMessages) -> Result<Counted, ImkitError> {
    let given = request.time_in_ms.filter(|text| !text.is_empty());
    // Assumed: all messages are counted where no time is given.
    let after: Option<Timestamp> = given.map(|text| time("timeInMS", &text)).transpose()?;
    let later = |message: &&Arc<Message>| after.is_none_or(|after| message.created > after || message.updated > after);
    let count = call.app.rooms.read(call.room(), |room| {
        room.check_member(call.actor())?;
        Ok::<usize, ImkitError>(room.messages.iter().filter(later).count())
    })?;
    Ok(Counted { count })
}

/// The pinned messages of a room.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PinnedMessages {
    total_count: usize,
    inspect: Inspect,
    data: Vec<MessageView>,
}

/// `GET /rooms/:id/pined-messages`: newest first.
///
/// # Errors
/// 403 for others than members, 404 no such room.
pub async fn list_pinned_messages(call: Call<Imkit>, _: Nothing) -> Result<PinnedMessages, ImkitError> {
    let look = |room: &Room| {
        room.check_member(call.actor())?;
        let pinned = room.messages.iter().rev().filter(|message| message.pinned == Some(true));
        Ok::<Vec<Shown>, ImkitError>(pinned.map(|message| room.shown(message, call.actor())).collect())
    };
    let page = call.app.rooms.read(call.room(), look)?;
    let query = json!({"appID": call.app.id, "room": call.room(), "isPined": true});
    let inspect = Inspect { query, took_ms: 0 };
    Ok(PinnedMessages { total_count: page.len(), inspect, data: listed(&call.app, page) })
}
