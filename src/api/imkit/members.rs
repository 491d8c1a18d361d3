//! Members of a room: added, removed, joining.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::api::call::Call;
use crate::api::imkit::fields::{ClientIds, Flag, Nothing};
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::room_view::{RoomView, Shape};
use crate::api::imkit::rooms::acting;
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::membership::Manner;
use crate::domain::settings::RemovalShape;
use crate::kernel::names::UserId;

/// Adds members.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddMembers {
    /// Who.
    invitees: ClientIds,
    /// Whether a message tells of it.
    #[serde(default)]
    system_message: Flag,
    /// Whether they have to accept first; groups only. Absent: as the application decides.
    #[serde(default)]
    invitation_required: Option<Flag>,
}

/// `POST /rooms/:id/members`: those inside already are left as they are.
///
/// # Errors
/// 400 for a field, 403 for others than members or where the room is closed, 404 no such room or client.
pub async fn add_members(call: Call<Imkit>, request: AddMembers) -> Result<RoomView, ImkitError> {
    let manner = Manner {
        field: "invitees",
        system_message: request.system_message.0,
        invitation_required: request.invitation_required.map(|flag| flag.0),
        options: &call.settings().options,
    };
    add(&call, &request.invitees.0, manner)
}

/// Adds one member.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[derive(Default)]
pub struct AddMember {
    /// Whether a message tells of it.
    system_message: Flag,
    /// Whether the client has to accept first; groups only. Absent: as the application decides.
    invitation_required: Option<Flag>,
}

/// `POST /rooms/:id/members/:invitee`: the same for one.
///
/// # Errors
/// As for many.
pub async fn add_member(call: Call<Imkit>, request: AddMember) -> Result<RoomView, ImkitError> {
    let manner = Manner {
        field: "invitee",
        system_message: request.system_message.0,
        invitation_required: request.invitation_required.map(|flag| flag.0),
        options: &call.settings().options,
    };
    add(&call, &[UserId::new(call.arrival.param("client"))], manner)
}

fn add(call: &Call<Imkit>, ids: &[UserId], manner: Manner<'_>) -> Result<RoomView, ImkitError> {
    let people = call.app.people(ids);
    let room = call.app.rooms.change(&call.origin(), call.room(), |room, turn| {
        room.add_members(turn, call.actor(), &people, manner)?;
        Ok(room.snapshot())
    })?;
    Ok(RoomView::full(&call.app, room))
}

/// Removes members, or leaves.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeleteMembers {
    /// Who; the caller's own id means leaving.
    members: ClientIds,
    /// Whether messages tell of it.
    #[serde(default)]
    system_message: Flag,
}

/// `POST /rooms/:id/delete/members`: all or nothing.
///
/// # Errors
/// 400 for a field, 403 for others than members, 404 no such room, or somebody is not inside.
pub async fn delete_members(call: Call<Imkit>, request: DeleteMembers) -> Result<RoomView, ImkitError> {
    remove(&call, &request.members.0, request.system_message.0)
}

/// `DELETE /rooms/:id/members/:member`: the same for one, without a message.
///
/// # Errors
/// As for many.
pub async fn delete_member(call: Call<Imkit>, _: Nothing) -> Result<RoomView, ImkitError> {
    remove(&call, &[UserId::new(call.arrival.param("client"))], false)
}

fn remove(call: &Call<Imkit>, ids: &[UserId], system_message: bool) -> Result<RoomView, ImkitError> {
    let options = &call.settings().options;
    let people = call.app.people(ids);
    let manner = Manner { field: "members", system_message, invitation_required: None, options };
    let room = call.app.rooms.change(&call.origin(), call.room(), |room, turn| {
        room.remove_members(turn, call.actor(), &people, manner)?;
        Ok(room.snapshot())
    })?;
    // Assumed: the answer to removing members is the new shape with the marks of the old one.
    let shape = if options.removal_shape == RemovalShape::Both { Shape::Removal } else { Shape::Full };
    Ok(RoomView { app: call.app.clone(), room, shape, seen: None })
}

/// Joins.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct JoinRoom {
    /// Whether a message tells of it.
    system_message: Flag,
}

/// `POST /rooms/:id/join`: also accepts an invitation.
///
/// # Errors
/// 403 where the room is closed, wants an invitation or is another pair's, 404 no such room.
pub async fn join_room(call: Call<Imkit>, request: JoinRoom) -> Result<RoomView, ImkitError> {
    let actor = acting(&call)?;
    let options = &call.settings().options;
    let system_message = request.system_message.0;
    let manner = Manner { field: "IM-CLIENT-ID", system_message, invitation_required: None, options };
    let (room, came) = call.app.rooms.change(&call.origin(), call.room(), |room, turn| {
        let came = !room.is_member(&actor.client);
        room.join(turn, actor, manner)?;
        Ok((room.snapshot(), came))
    })?;
    if came {
        call.app.users.note_join(&actor.client);
    }
    Ok(RoomView::full(&call.app, room))
}
