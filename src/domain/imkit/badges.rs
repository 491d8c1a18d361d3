//! Badges over rooms: the unread messages of one client in each of its active rooms.

use std::sync::Arc;

use crate::domain::imkit::room::{Room, RoomInfo};
use crate::domain::imkit::rooms::ImkitRooms;
use crate::kernel::clock::Timestamp;

/// What one client has not read of one room.
#[derive(Clone, Debug)]
pub struct Unread {
    /// How many messages.
    pub badge: i64,
    /// The room, for its tags.
    pub info: Arc<RoomInfo>,
}

impl ImkitRooms {
    /// The unread messages of a client in its active rooms, in the order of joining; with a moment only those sent
    /// before it.
    pub fn unread_of(&self, client: &str, before: Option<Timestamp>) -> Vec<Unread> {
        let look = |room: &Room| {
            // Assumed: a room that is not active counts in no total of unread messages.
            (room.info.status == 1).then(|| Unread { badge: unread(room, client, before), info: room.info.clone() })
        };
        let ids = self.registry().of_member(client);
        ids.iter().filter_map(|id| self.registry().read(id, look).flatten()).collect()
    }
}

/// Messages that are no longer kept were sent before all that are, so it is the later ones that are counted off.
fn unread(room: &Room, client: &str, before: Option<Timestamp>) -> i64 {
    let badge = room.properties.badge(client);
    let Some(before) = before else { return badge };
    let others = room.messages.iter().rev().filter(|message| message.sender.as_deref() != Some(client));
    let unread = others.take(usize::try_from(badge).unwrap_or(0));
    let later = unread.filter(|message| message.sent >= before).count();
    badge - i64::try_from(later).unwrap_or(i64::MAX)
}
