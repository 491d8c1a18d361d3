//! News: what a fact says to sockets — the event's name and its payload, in the vendor's words. Whom it reaches is
//! the fact's own audience; nothing here knows a socket.

use std::sync::Arc;

use serde_json::json;

use crate::api::details::Details;
use crate::api::imkit::invitations::InvitationView;
use crate::api::imkit::message_view::{MessageView, Place};
use crate::api::imkit::room_view::RoomView;
use crate::api::imkit::sockets::payload::Payload;
use crate::domain::imkit::ImkitApp;
use crate::domain::imkit::invitations::Sent;
use crate::domain::imkit::message::Message;
use crate::domain::imkit::room::{Room, Shown};
use crate::domain::imkit::told;
use crate::kernel::fact::{Event, Fact};
use crate::kernel::names::UserId;
use crate::kernel::registry::Entity;

/// The event that carries a room.
pub const ROOM: &str = "room";

/// What sockets are told.
#[derive(Debug)]
pub struct News {
    /// The event's name.
    pub event: String,
    /// What it carries.
    pub payload: Payload,
    /// Whether it is for this one client alone, and another's has other words.
    pub personal: bool,
}

impl News {
    fn new(event: &str, payload: Payload) -> Self {
        Self { event: event.to_owned(), payload, personal: false }
    }
}

/// What an event of the application says to a client that it concerns; `None` where sockets are not told.
pub fn of(app: &Arc<ImkitApp>, event: &Event, to: &UserId) -> Option<News> {
    if let Some((name, payload)) = told::of_fact(&event.fact) {
        return Some(News::new(name, Payload::of_detail(payload)));
    }
    if event.scope.kind != Room::KIND {
        return None;
    }
    match &event.fact {
        Fact::Posted { .. } | Fact::Recalled { .. } => message(app, event),
        // Assumed: a new room, and any other change of a room that its members are told of, goes out as the event room.
        Fact::Created { .. }
        | Fact::Joined { .. }
        | Fact::Left { .. }
        | Fact::MemberChanged { .. }
        | Fact::RoleChanged { .. }
        | Fact::OwnerChanged { .. }
        | Fact::InfoChanged { .. } => room(app, event),
        Fact::Invited { .. } => invitation(app, event, to),
        Fact::InvitationEnded { .. } => {
            Some(News::new("cancelInvitation", Payload::new(&json!({"room": event.scope.id}))))
        }
        Fact::Destroyed { .. }
        | Fact::Muted { .. }
        | Fact::Banned { .. }
        | Fact::SeatChanged { .. }
        | Fact::AccountChanged { .. }
        | Fact::Pushed { .. }
        | Fact::TenantOpened
        | Fact::TenantDropped { .. }
        | Fact::Seeded
        | Fact::Reset => None,
    }
}

/// Looks at the event's room, if it is still there.
fn look<R>(app: &ImkitApp, event: &Event, look: impl FnOnce(&Room) -> R) -> Option<R> {
    app.rooms.registry().read_life(&event.scope.id, event.scope.life, look)
}

fn message(app: &Arc<ImkitApp>, event: &Event) -> Option<News> {
    let message = Details(event.fact.fields()).get("message")?.downcast::<Message>()?;
    let message = Arc::new(message.clone());
    let answered = message.reply.as_deref();
    let reply = answered.and_then(|id| look(app, event, |room| room.messages.get(id).cloned()).flatten());
    let view = MessageView { app: app.clone(), shown: Shown { message, reply, is_deleted: false }, place: Place::List };
    Some(News::new("chat message", Payload::new(&view)))
}

fn room(app: &Arc<ImkitApp>, event: &Event) -> Option<News> {
    // Assumed: the event room shows the room as it is when the event goes out, without what is particular to a caller.
    let snapshot = look(app, event, Room::snapshot)?;
    Some(News::new(ROOM, Payload::new(&RoomView::full(app, snapshot))))
}

fn invitation(app: &Arc<ImkitApp>, event: &Event, to: &UserId) -> Option<News> {
    let (sent, snapshot) = look(app, event, |room| (room.invitations.of(to), room.snapshot()))?;
    let own = sent.into_iter().find(|sent| sent.inviter == event.by);
    // It may have ended meanwhile; it was sent all the same.
    let sent = own.unwrap_or_else(|| Sent { inviter: event.by.clone(), created: event.at, updated: event.at });
    // Assumed: the event invitation carries invitee, inviter, room, createdAt and updatedAt.
    let payload = Payload::new(&InvitationView::whole(app, to, sent, snapshot));
    Some(News { personal: true, ..News::new("invitation", payload) })
}
