//! Messages as queries look at them, and gathered from many rooms.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::api::call::Call;
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::query::Document;
use crate::domain::imkit::json::get;
use crate::domain::imkit::message::{Kept, Message};
use crate::domain::imkit::room::{Room, Shown};
use crate::kernel::names::EntityId;

/// A message, as queries look at it.
#[derive(Debug)]
pub struct MessageDocument<'a> {
    /// The message.
    pub message: &'a Message,
    /// The application's id.
    pub app: &'a str,
}

impl Document for MessageDocument<'_> {
    // table
    fn value(&self, name: &str) -> Option<Value> {
        let message = self.message;
        Some(match name {
            "_id" | "id" => json!(message.id),
            "appID" => json!(self.app),
            "room" => json!(message.room),
            "messageType" => json!(message.kind),
            "sender" => json!(message.sender),
            "member" => json!(message.member.as_ref()?),
            "mentions" => json!(message.mentions),
            "reply" => json!(message.reply.as_ref()?),
            "reactions" => json!(message.reactions),
            "isPined" | "pinned" => json!(message.pinned?),
            "isHidden" => json!(message.hidden?),
            "messageTime" => json!(message.sent.to_string()),
            "createdAt" => json!(message.created.to_string()),
            "updatedAt" => json!(message.updated.to_string()),
            "messageTimeMS" => json!(message.sent),
            "createdAtMS" => json!(message.created),
            "updatedAtMS" => json!(message.updated),
            content => serde_json::from_str(get(&message.content, content)?.text()).ok()?,
        })
    }
}

/// The active rooms that the caller is in; of the platform administrator all.
pub fn own_rooms(call: &Call<Imkit>) -> Vec<EntityId> {
    let registry = call.app.rooms.registry();
    let mut ids = match call.actor().client() {
        Some(client) => registry.of_member(client),
        None => registry.ids(),
    };
    ids.retain(|id| registry.read(id, |room| room.info.status == 1) == Some(true));
    ids
}

/// The messages of these rooms that fit, newest first: how many there are, and the first so many.
pub fn gather(
    call: &Call<Imkit>,
    rooms: &[EntityId],
    limit: usize,
    fits: impl Fn(&Room, &Kept) -> bool,
) -> (usize, Vec<Shown>) {
    let (mut total, mut found) = (0, Vec::new());
    for id in rooms {
        call.app.rooms.registry().read(id, |room| {
            let mut here: Vec<&Arc<Message>> =
                room.messages.places().filter(|kept| fits(room, kept)).map(|kept| &kept.message).collect();
            total += here.len();
            here.sort_by(|one, other| newer(one, other));
            found.extend(here.into_iter().take(limit).map(|message| room.shown(message, call.actor())));
        });
    }
    found.sort_by(|one, other| newer(&one.message, &other.message));
    found.truncate(limit);
    (total, found)
}

fn newer(one: &Message, other: &Message) -> std::cmp::Ordering {
    (other.sent, &other.id).cmp(&(one.sent, &one.id))
}
