//! What members have read, and that they are typing.

use compact_str::CompactString;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::decode::optional;
use crate::api::imkit::client_view::{ClientView, Form};
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::room_view::person;
use crate::api::imkit::rooms::acting;
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::reading::ReadMark;
use crate::domain::invalid::Invalid;
use crate::kernel::names::{EntityId, UserId};

/// Says how far the caller has read.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct UpdateLastRead {
    /// The last message read; may be absent where the room has no messages.
    #[serde(deserialize_with = "optional")]
    #[schemars(with = "Option<String>")]
    message: Option<CompactString>,
}

/// How far the caller has read.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LastReadView {
    client: UserId,
    /// The last message read; never an older one than before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    last_read: Option<CompactString>,
    /// The caller's unread messages of this room.
    badge: i64,
}

impl From<ReadMark> for LastReadView {
    fn from(mark: ReadMark) -> Self {
        // Assumed: the badge in the answer to lastRead is the room's.
        Self { client: mark.client, last_read: mark.last_read, badge: mark.badge }
    }
}

/// `PUT /rooms/:id/lastRead`.
///
/// # Errors
/// 400 without a message, 403 for others than members, 404 no such room.
pub async fn update_last_read(call: Call<Imkit>, request: UpdateLastRead) -> Result<LastReadView, ImkitError> {
    let actor = acting(&call)?;
    let mark = call.app.rooms.change(&call.origin(), call.room(), |room, turn| {
        let client = room.check_inside(actor)?;
        match &request.message {
            Some(message) => room.read(turn, actor, message),
            // Assumed: without a message nothing changes in a room that has none, and is refused in any other.
            None if room.messages.is_empty() => Ok(room.read_mark(client)),
            None => Err(Invalid::required("message").into()),
        }
    })?;
    Ok(mark.into())
}

/// Says that the caller is typing.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SendTyping {
    /// What stands there so far.
    #[serde(deserialize_with = "optional")]
    message: Option<String>,
}

/// Who is typing what.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Typing {
    message: String,
    room: EntityId,
    sender: UserId,
}

/// The same as the others are told.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TypingNews {
    room: EntityId,
    message: String,
    sender: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_info: Option<ClientView>,
}

/// `POST /rooms/:id/typing`: nothing is kept, the other members are told.
///
/// # Errors
/// 400 for a field, 403 for others than members, 404 no such room.
pub async fn send_typing(call: Call<Imkit>, request: SendTyping) -> Result<Typing, ImkitError> {
    let actor = acting(&call)?;
    // Assumed: typing without a text is typing of an empty one.
    let message = request.message.unwrap_or_default();
    let (room, sender) = (EntityId::new(call.room()), actor.client.clone());
    let sender_info = person(&call.app, &sender, Form::Sender);
    let news = TypingNews { room: room.clone(), message: message.clone(), sender: sender.clone(), sender_info };
    call.app.rooms.change(&call.origin(), call.room(), |room, turn| room.type_in(turn, actor, news))?;
    Ok(Typing { message, room, sender })
}
