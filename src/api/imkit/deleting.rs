//! Messages that go: for everybody, or for the caller alone.

use compact_str::CompactString;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::imkit::codes::MISSING_PARAMETER;
use crate::api::imkit::fields::Nothing;
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::rooms::acting;
use crate::domain::imkit::error::ImkitError;
use crate::domain::invalid::Invalid;
use crate::kernel::names::{EntityId, UserId};

/// What was deleted for everybody.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeletedMessages {
    deleted_count: usize,
    #[serde(rename = "roomID")]
    room: EntityId,
    /// A message, or `_all`.
    #[serde(rename = "messageID")]
    message: String,
    /// Who deleted; `null` for the platform administrator.
    deleted_by: Option<UserId>,
    /// ISO 8601.
    deleted_at: String,
}

/// `DELETE /rooms/:roomID/messages/:messageID`; `_all` deletes all of them.
///
/// # Errors
/// 403 for others than superusers of the room, 404 no such room or message.
pub async fn delete_message(call: Call<Imkit>, _: Nothing) -> Result<DeletedMessages, ImkitError> {
    let id = call.arrival.param("message");
    let (room, deleted_count, at) = call.app.rooms.change(&call.origin(), call.room(), |room, turn| {
        Ok::<_, ImkitError>((room.id.clone(), room.delete_message(turn, call.actor(), id)?, turn.now))
    })?;
    // Assumed: deletedBy is null where the platform administrator names no client.
    let deleted_by = call.actor().client().cloned();
    Ok(DeletedMessages { deleted_count, room, message: id.to_owned(), deleted_by, deleted_at: at.to_string() })
}

/// Names messages that the caller does not want to see.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct UserDelete {
    room: EntityId,
    #[schemars(with = "Vec<String>")]
    messages: Vec<CompactString>,
}

/// Names a room.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct UserDeleteAll {
    room: EntityId,
}

/// What the caller deleted for itself.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UserDeleted {
    n: usize,
    #[serde(rename = "nModified")]
    modified: usize,
    ok: u32,
    room: EntityId,
    #[serde(rename = "totalCount")]
    total_count: usize,
    #[schemars(with = "Vec<String>")]
    messages: Vec<CompactString>,
}

/// `POST /messages/user-delete`.
///
/// # Errors
/// 400 for a field, 403 for others than members, 404 no such room.
pub async fn user_delete(call: Call<Imkit>, request: UserDelete) -> Result<UserDeleted, ImkitError> {
    delete_for_caller(&call, &request.room, Some(&request.messages))
}

/// `POST /messages/user-delete/all-in-room`: what is sent later is not meant.
///
/// # Errors
/// 400 for a field, 403 for others than members, 404 no such room.
pub async fn user_delete_all(call: Call<Imkit>, request: UserDeleteAll) -> Result<UserDeleted, ImkitError> {
    delete_for_caller(&call, &request.room, None)
}

fn delete_for_caller(
    call: &Call<Imkit>,
    room: &EntityId,
    named: Option<&[CompactString]>,
) -> Result<UserDeleted, ImkitError> {
    if room.is_empty() {
        return Err(Invalid::required("room").into());
    }
    let actor = acting(call)?;
    let (marked, messages) = call.app.rooms.change(&call.origin(), room, |room, turn| {
        let all: Vec<CompactString>;
        let ids = match named {
            // Assumed: ids of messages that the room does not have are passed over.
            Some(ids) => ids,
            None => {
                all = room.messages.iter().map(|message| message.id.clone()).collect();
                &all
            }
        };
        room.user_delete(turn, actor, ids, named.is_none())
    })?;
    // Assumed: deleting some messages for oneself is answered like deleting all of them.
    let (n, modified) = (marked.matched, marked.changed);
    Ok(UserDeleted { n, modified, ok: 1, room: room.clone(), total_count: n, messages })
}

/// Names a room in a query.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListUserDeleted {
    /// The room; required.
    room: Option<String>,
}

/// A message that the caller deleted for itself.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserDeletedLine {
    #[schemars(with = "String")]
    message: CompactString,
    created_at: String,
    updated_at: String,
}

/// The messages that the caller deleted for itself.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserDeletedPage {
    total_count: usize,
    data: Vec<UserDeletedLine>,
}

/// `GET /messages/user-delete?room=…`.
///
/// # Errors
/// 400 without a room, 403 for others than members, 404 no such room.
pub async fn list_user_deleted(call: Call<Imkit>, request: ListUserDeleted) -> Result<UserDeletedPage, ImkitError> {
    let named = request.room.filter(|room| !room.is_empty());
    let room = named.ok_or_else(|| Invalid::required("room").with_info(MISSING_PARAMETER))?;
    let actor = acting(&call)?;
    // Assumed: lists of messages stand newest first where nothing is said of their order.
    let deleted = call.app.rooms.read(&room, |room| Ok(room.deleted_by(room.check_inside(actor)?)))?;
    let line = |(message, deletion): (CompactString, crate::domain::imkit::message::Deletion)| UserDeletedLine {
        message,
        created_at: deletion.created.to_string(),
        updated_at: deletion.updated.to_string(),
    };
    Ok(UserDeletedPage { total_count: deleted.len(), data: deleted.into_iter().map(line).collect() })
}
