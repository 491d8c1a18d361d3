//! Ties: which rooms a client is invited to, which it left, where it prefers something and where it blocked somebody;
//! kept from the facts, under the room's lock.

use smallvec::SmallVec;

use crate::domain::imkit::room::Room;
use crate::kernel::fact::{Event, Fact, Field};
use crate::kernel::names::{EntityId, UserId};
use crate::kernel::table::{Table, table};

/// Rooms by client, in the order in which the tie came to be.
#[derive(Debug)]
struct Index(Table<UserId, SmallVec<[EntityId; 1]>>);

impl Index {
    fn new() -> Self {
        Self(table())
    }

    fn rooms(&self, client: &str) -> Vec<EntityId> {
        self.0.get(client).map(|rooms| rooms.to_vec()).unwrap_or_default()
    }

    fn tie(&self, client: &UserId, room: &EntityId) {
        let mut rooms = self.0.entry(client.clone()).or_default();
        if !rooms.contains(room) {
            rooms.push(room.clone());
        }
    }

    fn loosen(&self, client: &str, room: &EntityId) {
        if let Some(mut rooms) = self.0.get_mut(client) {
            rooms.retain(|present| present != room);
        }
        self.0.remove_if(client, |_, rooms| rooms.is_empty());
    }
}

/// What ties clients to rooms besides membership.
#[derive(Debug)]
pub struct Ties {
    invited: Index,
    quitted: Index,
    preferring: Index,
    blocking: Index,
}

impl Default for Ties {
    fn default() -> Self {
        let new = Index::new;
        Self { invited: new(), quitted: new(), preferring: new(), blocking: new() }
    }
}

impl Ties {
    /// The rooms that somebody is invited to.
    pub fn invited(&self, client: &str) -> Vec<EntityId> {
        self.invited.rooms(client)
    }

    /// The rooms that somebody left or was removed from.
    pub fn quitted(&self, client: &str) -> Vec<EntityId> {
        self.quitted.rooms(client)
    }

    /// The rooms in which a client or a user group has preferences, sorted.
    pub fn preferring(&self, client: &str) -> Vec<EntityId> {
        sorted(self.preferring.rooms(client))
    }

    /// The rooms in which somebody blocks others, sorted.
    pub fn blocking(&self, client: &str) -> Vec<EntityId> {
        sorted(self.blocking.rooms(client))
    }

    /// Follows what happened in a room.
    pub fn follow(&self, looked_at: &Room, events: &[Event]) {
        let room = &looked_at.id;
        for event in events {
            match &event.fact {
                Fact::Invited { members, .. } => members.iter().for_each(|id| self.invited.tie(id, room)),
                Fact::InvitationEnded { members, .. } => members.iter().for_each(|id| self.invited.loosen(id, room)),
                Fact::Joined { members, .. } => members.iter().for_each(|id| self.quitted.loosen(id, room)),
                Fact::Left { members, .. } => members.iter().for_each(|gone| {
                    self.quitted.tie(&gone.id, room);
                    self.preferring.tie(&gone.id, room);
                }),
                Fact::MemberChanged { members, .. } => {
                    let preferring = members.iter().filter(|id| looked_at.preferences.contains_key(*id));
                    preferring.for_each(|id| self.preferring.tie(id, room));
                }
                Fact::Banned { .. } => {
                    let blockers = event.fact.fields().iter().filter_map(|(name, value)| match value {
                        Field::Text(blocker) if *name == "blocker" => Some(blocker),
                        _ => None,
                    });
                    blockers.for_each(|blocker| self.follow_block(looked_at, blocker));
                }
                _ => {}
            }
        }
    }

    fn follow_block(&self, room: &Room, blocker: &str) {
        if room.blocks.iter().any(|block| *block.blocker == *blocker) {
            self.blocking.tie(&UserId::new(blocker), &room.id);
        } else {
            self.blocking.loosen(blocker, &room.id);
        }
    }

    /// Takes up all ties of a room that a document put in place.
    pub fn take_up(&self, room: &Room) {
        room.invitations.invitees().for_each(|id| self.invited.tie(id, &room.id));
        quitters(room).for_each(|id| self.quitted.tie(id, &room.id));
        room.preferences.keys().for_each(|id| self.preferring.tie(id, &room.id));
        room.blocks.iter().for_each(|block| self.blocking.tie(&block.blocker, &room.id));
    }

    /// Gives up all ties of a room that ends.
    pub fn give_up(&self, room: &Room) {
        room.invitations.invitees().for_each(|id| self.invited.loosen(id, &room.id));
        quitters(room).for_each(|id| self.quitted.loosen(id, &room.id));
        room.preferences.keys().for_each(|id| self.preferring.loosen(id, &room.id));
        room.blocks.iter().for_each(|block| self.blocking.loosen(&block.blocker, &room.id));
    }
}

fn sorted(mut rooms: Vec<EntityId>) -> Vec<EntityId> {
    rooms.sort_unstable();
    rooms
}

fn quitters(room: &Room) -> impl Iterator<Item = &UserId> {
    let quitted = room.preferences.iter().filter(|(_, preference)| preference.quitted_at.is_some());
    quitted.map(|(id, _)| id)
}
