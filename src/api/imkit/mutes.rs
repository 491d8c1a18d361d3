//! Mutes: rooms whose messages a client wants no push for, set by itself or by the platform administrator.

use crate::api::call::Call;
use crate::api::imkit::client_view::RecordView;
use crate::api::imkit::fields::Nothing;
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::rooms::acting;
use crate::domain::imkit::error::ImkitError;
use crate::kernel::names::{EntityId, UserId};

/// Whose mutes a call changes, and what it is refused.
enum Whose {
    Own(UserId),
    Clients(UserId),
}

fn set(call: &Call<Imkit>, whose: Whose, muted: bool) -> Result<RecordView, ImkitError> {
    let room = EntityId::new(call.room());
    let (id, strict) = match whose {
        Whose::Own(id) => (id, false),
        Whose::Clients(id) => (id, true),
    };
    let Some(client) = call.app.users.get(&id) else {
        return Err(ImkitError::ClientMissing { field: "path", client: id });
    };
    // What was muted can be unmuted, also where the room is gone by now.
    let ends = !muted && client.mute.contains(&room);
    // Assumed: a client may mute any room that exists, also one that it is not in.
    if !ends && !call.app.rooms.registry().contains(&room) {
        return Err(ImkitError::RoomMissing(room));
    }
    // Assumed: for oneself, muting and unmuting twice is no error; the platform administrator is told what is not muted.
    if !ends && !muted && strict {
        return Err(ImkitError::NotMuted { client: id, room });
    }
    let (client, _) = call.app.users.mute(&call.origin(), &id, &room, muted);
    Ok(RecordView { client, app: call.app.id.to_string(), token: None })
}

fn own(call: &Call<Imkit>) -> Result<Whose, ImkitError> {
    Ok(Whose::Own(acting(call)?.client.clone()))
}

fn of_client(call: &Call<Imkit>) -> Whose {
    Whose::Clients(UserId::new(call.arrival.param("client")))
}

/// `POST /me/mute/:room`.
///
/// # Errors
/// 404 no such room.
pub async fn mute_room(call: Call<Imkit>, _: Nothing) -> Result<RecordView, ImkitError> {
    set(&call, own(&call)?, true)
}

/// `DELETE /me/mute/:room`.
///
/// # Errors
/// 404 no such room.
pub async fn unmute_room(call: Call<Imkit>, _: Nothing) -> Result<RecordView, ImkitError> {
    set(&call, own(&call)?, false)
}

/// `POST /admin/clients/:uid/mute/:room`.
///
/// # Errors
/// 404 no such client or room.
pub async fn mute_room_of_client(call: Call<Imkit>, _: Nothing) -> Result<RecordView, ImkitError> {
    set(&call, of_client(&call), true)
}

/// `DELETE /admin/clients/:uid/mute/:room`.
///
/// # Errors
/// 400 the client has not muted the room, 404 no such client or room.
pub async fn unmute_room_of_client(call: Call<Imkit>, _: Nothing) -> Result<RecordView, ImkitError> {
    set(&call, of_client(&call), false)
}
