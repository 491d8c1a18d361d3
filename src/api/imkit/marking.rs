//! Pins, hiding and reactions.

use compact_str::CompactString;
use form_urlencoded::parse;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::decode::optional;
use crate::api::imkit::fields::Nothing;
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::message_view::{MessageView, Place};
use crate::api::imkit::rooms::acting;
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::room::{Room, Shown};
use crate::domain::invalid::Invalid;
use crate::kernel::names::{EntityId, UserId};
use crate::kernel::turn::Turn;

/// Changes the message that the path names, in the room that has it.
fn mark(
    call: &Call<Imkit>,
    act: impl FnOnce(&mut Room, &mut Turn<'_>, &str) -> Result<Shown, ImkitError>,
) -> Result<MessageView, ImkitError> {
    let id = call.arrival.param("id");
    let room = call.app.rooms.of_message(id, call.actor().client());
    let room = room.ok_or_else(|| ImkitError::MessageUnknown(id.to_owned()))?;
    let shown = call.app.rooms.change(&call.origin(), &room, |room, turn| act(room, turn, id))?;
    Ok(MessageView { app: call.app.clone(), shown, place: Place::List })
}

/// `POST /messages/:id/pin`.
///
/// # Errors
/// 403 for others than superusers of the room, 404 no such message.
pub async fn pin_message(call: Call<Imkit>, _: Nothing) -> Result<MessageView, ImkitError> {
    mark(&call, |room, turn, id| room.pin(turn, call.actor(), id, true))
}

/// `DELETE /messages/:id/pin`.
///
/// # Errors
/// As for pinning.
pub async fn unpin_message(call: Call<Imkit>, _: Nothing) -> Result<MessageView, ImkitError> {
    mark(&call, |room, turn, id| room.pin(turn, call.actor(), id, false))
}

/// `POST /messages/:id/hidden`.
///
/// # Errors
/// 403 for others than superusers of the room, 404 no such message.
pub async fn hide_message(call: Call<Imkit>, _: Nothing) -> Result<MessageView, ImkitError> {
    mark(&call, |room, turn, id| room.hide(turn, call.actor(), id, true))
}

/// `DELETE /messages/:id/hidden`.
///
/// # Errors
/// As for hiding.
pub async fn unhide_message(call: Call<Imkit>, _: Nothing) -> Result<MessageView, ImkitError> {
    mark(&call, |room, turn, id| room.hide(turn, call.actor(), id, false))
}

/// Names a sender in a room.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct HideBySender {
    room: EntityId,
    sender: UserId,
}

/// MongoDB's word for what an update did.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Updated {
    n: usize,
    #[serde(rename = "nModified")]
    modified: usize,
    ok: u32,
}

/// `POST /messages/hide-by-sender-in-room`.
///
/// # Errors
/// 400 for a field, 403 for others than superusers of the room, 404 no such room.
pub async fn hide_by_sender(call: Call<Imkit>, request: HideBySender) -> Result<Updated, ImkitError> {
    set_hidden(&call, &request, true)
}

/// `POST /messages/unhide-by-sender-in-room`.
///
/// # Errors
/// As for hiding.
pub async fn unhide_by_sender(call: Call<Imkit>, request: HideBySender) -> Result<Updated, ImkitError> {
    set_hidden(&call, &request, false)
}

fn set_hidden(call: &Call<Imkit>, request: &HideBySender, hidden: bool) -> Result<Updated, ImkitError> {
    for (field, id) in [("room", request.room.as_str()), ("sender", &request.sender)] {
        if id.is_empty() {
            return Err(Invalid::required(field).into());
        }
    }
    let act = |room: &mut Room, turn: &mut Turn<'_>| room.hide_all_of(turn, call.actor(), &request.sender, hidden);
    let marked = call.app.rooms.change(&call.origin(), &request.room, act)?;
    Ok(Updated { n: marked.matched, modified: marked.changed, ok: 1 })
}

/// Names a reaction.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AReaction {
    /// Any word: `like`. Taking one back names it in the query: `?reaction=like`.
    #[serde(deserialize_with = "optional")]
    #[schemars(with = "Option<String>")]
    reaction: Option<CompactString>,
}

/// `POST /messages/:id/reaction`: the same again is no change.
///
/// # Errors
/// 400 for a field, 403 for others than members, 404 no such message.
pub async fn add_reaction(call: Call<Imkit>, request: AReaction) -> Result<MessageView, ImkitError> {
    let reaction = request.reaction.ok_or_else(|| Invalid::required("reaction"))?;
    let actor = acting(&call)?;
    mark(&call, |room, turn, id| room.react(turn, actor, id, reaction))
}

/// `DELETE /messages/:id/reaction?reaction=like`: what is not there is no change.
///
/// # Errors
/// 400 without a reaction, 403 for others than members, 404 no such message.
pub async fn remove_reaction(call: Call<Imkit>, request: AReaction) -> Result<MessageView, ImkitError> {
    let mut query =
        parse(call.arrival.query().as_bytes()).filter(|(name, value)| name == "reaction" && !value.is_empty());
    let asked = query.next().map(|(_, value)| CompactString::new(value));
    // Assumed: the reaction to take back may also stand in a body, where the query has none.
    let reaction = asked.or(request.reaction).ok_or_else(|| Invalid::required("reaction"))?;
    let actor = acting(&call)?;
    mark(&call, |room, turn, id| room.unreact(turn, actor, id, reaction))
}
