//! Invitations: mine, a room's, declined, cancelled.

use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use crate::api::call::Call;
use crate::api::imkit::client_view::Form;
use crate::api::imkit::fields::{ClientIds, Nothing};
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::room_view::{RoomView, Shape, person};
use crate::domain::imkit::ImkitApp;
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::invitations::{Invitation, Sent};
use crate::domain::imkit::room::{Room, RoomSnapshot};
use crate::kernel::names::UserId;

/// A pending invitation; which of its sides are shown depends on who asks.
#[derive(Clone, Debug)]
pub struct InvitationView {
    app: Arc<ImkitApp>,
    invitee: Option<UserId>,
    sent: Sent,
    room: Option<Arc<RawValue>>,
}

impl InvitationView {
    /// With both sides and the room, as sockets get it.
    pub fn whole(app: &Arc<ImkitApp>, invitee: &UserId, sent: Sent, room: RoomSnapshot) -> Self {
        Self { app: app.clone(), invitee: Some(invitee.clone()), sent, room: Some(written(app, room)) }
    }
}

impl Serialize for InvitationView {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        let reduced = |id| person(&self.app, id, Form::Reduced);
        if let Some(invitee) = &self.invitee {
            map.serialize_entry("invitee", &reduced(invitee))?;
        }
        map.serialize_entry("inviter", &reduced(&self.sent.inviter))?;
        self.room.iter().try_for_each(|room| map.serialize_entry("room", room.as_ref()))?;
        map.serialize_entry("createdAt", &self.sent.created.to_string())?;
        map.serialize_entry("updatedAt", &self.sent.updated.to_string())?;
        map.serialize_entry("createdTimeMS", &self.sent.created)?;
        map.serialize_entry("updatedTimeMS", &self.sent.updated)?;
        map.end()
    }
}

impl JsonSchema for InvitationView {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ImkitInvitation".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let room = generator.subschema_for::<RoomView>();
        let client = generator.subschema_for::<crate::api::imkit::client_view::ClientView>();
        json_schema!({"type": "object", "required": ["inviter", "createdAt", "updatedAt"], "properties": {
            "invitee": client, "inviter": {"anyOf": [client, {"type": "null"}]}, "room": room,
            "createdAt": {"type": "string"}, "updatedAt": {"type": "string"}}})
    }
}

/// A list of invitations.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InvitationList {
    total_count: usize,
    data: Vec<InvitationView>,
}

impl InvitationList {
    fn new(data: Vec<InvitationView>) -> Self {
        Self { total_count: data.len(), data }
    }
}

/// The pending invitations of the calling client, room by room.
fn mine(call: &Call<Imkit>) -> InvitationList {
    let client = &call.actor().client;
    let rooms = &call.app.rooms;
    let of_room = |room: &Room| (room.invitations.of(client), room.snapshot());
    let ids = rooms.ties().invited(client);
    let found = ids.iter().filter_map(|id| rooms.registry().read(id, of_room));
    let views = found.flat_map(|(all, snapshot)| {
        let room = written(&call.app, snapshot);
        all.into_iter().map(move |sent| InvitationView {
            app: call.app.clone(),
            invitee: None,
            sent,
            room: Some(room.clone()),
        })
    });
    InvitationList::new(views.collect())
}

/// A room as invitations show it, written once for all of them.
fn written(app: &Arc<ImkitApp>, room: RoomSnapshot) -> Arc<RawValue> {
    let view = RoomView { app: app.clone(), room, shape: Shape::Invitation, seen: None };
    to_raw_value(&view).expect("a room is JSON").into()
}

/// `GET /rooms/invitations`.
///
/// # Errors
/// None.
pub async fn list_my_invitations(call: Call<Imkit>, _: Nothing) -> Result<InvitationList, ImkitError> {
    Ok(mine(&call))
}

/// `GET /rooms/:id/invitations`.
///
/// # Errors
/// 403 for others than members, 404 no such room.
pub async fn list_room_invitations(call: Call<Imkit>, _: Nothing) -> Result<InvitationList, ImkitError> {
    let all = call.app.rooms.read(call.room(), |room| {
        room.check_member(call.actor())?;
        Ok(room.invitations.all())
    })?;
    let view = |Invitation { invitee, sent }: Invitation| InvitationView {
        app: call.app.clone(),
        invitee: Some(invitee),
        sent,
        room: None,
    };
    Ok(InvitationList::new(all.into_iter().map(view).collect()))
}

/// `DELETE /rooms/:id/invitations`: the caller declines; its other invitations are the answer.
///
/// # Errors
/// 404 no such room.
pub async fn decline_invitations(call: Call<Imkit>, _: Nothing) -> Result<InvitationList, ImkitError> {
    let client = &call.actor().client;
    call.app.rooms.change(&call.origin(), call.room(), |room, turn| {
        room.decline(turn, client);
        Ok(())
    })?;
    Ok(mine(&call))
}

/// Takes invitations back.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct CancelInvitations {
    /// Whose, whoever sent them.
    invitees: ClientIds,
}

/// `POST /rooms/:id/delete/invitations`: the room's other invitations are the answer.
///
/// # Errors
/// 400 for a field, 403 for others than members, 404 no such room.
pub async fn cancel_invitations(call: Call<Imkit>, request: CancelInvitations) -> Result<InvitationList, ImkitError> {
    cancel(&call, &request.invitees.0)
}

/// `DELETE /rooms/:id/invitations/:invitee`: the same for one.
///
/// # Errors
/// 403 for others than members, 404 no such room.
pub async fn cancel_invitation(call: Call<Imkit>, _: Nothing) -> Result<InvitationList, ImkitError> {
    cancel(&call, &[UserId::new(call.arrival.param("client"))])
}

fn cancel(call: &Call<Imkit>, ids: &[UserId]) -> Result<InvitationList, ImkitError> {
    let people = call.app.people(ids);
    let (rest, snapshot) = call.app.rooms.change(&call.origin(), call.room(), |room, turn| {
        room.cancel_invitations(turn, call.actor(), &people)?;
        Ok((room.invitations.all(), room.snapshot()))
    })?;
    let room = written(&call.app, snapshot);
    let view = |Invitation { invitee, sent }: Invitation| InvitationView {
        app: call.app.clone(),
        invitee: Some(invitee),
        sent,
        room: Some(room.clone()),
    };
    Ok(InvitationList::new(rest.into_iter().map(view).collect()))
}
