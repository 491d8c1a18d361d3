//! Mutes: the rooms whose messages a client wants no push for.

use std::sync::Arc;

use crate::domain::imkit::user::{Client, Users};
use crate::kernel::fact::{Audience, Event, Fact, Scope};
use crate::kernel::names::{EntityId, UserId};
use crate::kernel::turn::Origin;

impl Users {
    /// Mutes a room for a client, or ends that; whether it changed anything, with the client's record.
    pub fn mute(&self, origin: &Origin, id: &UserId, room: &EntityId, muted: bool) -> (Arc<Client>, bool) {
        let now = self.now();
        let mut changed = false;
        let client = self.change(id, |client| {
            changed = client.mute.contains(room) != muted;
            if changed {
                client.mute.retain(|present| present != room);
                client.mute.extend(Some(room.clone()).filter(|_| muted));
                client.updated = Some(now);
            }
        });
        if changed {
            let scope = Scope { kind: "room", id: room.clone(), life: 0 };
            let fact = Fact::Muted { members: vec![id.clone()], fields: vec![("muted", muted.into())] };
            let told = Audience::Accounts(vec![id.clone()]);
            self.record(origin, Event { scope, ..self.event(origin, id, told, fact) });
        }
        (client, changed)
    }
}
