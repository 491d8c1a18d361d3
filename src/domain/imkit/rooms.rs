//! ImkitRooms: the rooms of one application.

use std::sync::Arc;

use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::membership::{Manner, Person};
use crate::domain::imkit::posting::System;
use crate::domain::imkit::room::{Actor, Room, RoomInfo, RoomSnapshot};
use crate::domain::imkit::ties::Ties;
use crate::domain::imkit::user_groups::UserGroups;
use crate::domain::settings::ImkitOptions;
use crate::kernel::fact::{Audience, Fact, Fields};
use crate::kernel::names::{EntityId, UserId};
use crate::kernel::registry::Registry;
use crate::kernel::tenancy::Tenancy;
use crate::kernel::turn::{Origin, Turn};

/// The rooms of one application.
#[derive(Debug)]
pub struct ImkitRooms {
    rooms: Registry<Room>,
    ties: Ties,
    messages_max: usize,
    groups: Arc<UserGroups>,
}

/// How a room is made, or found again.
#[derive(Clone, Copy, Debug)]
pub struct Making<'a> {
    /// The room's id.
    pub id: &'a EntityId,
    /// What a new room is; a room that exists keeps what it is.
    pub info: &'a RoomInfo,
    /// The owner of a new room, if one is named; a room that exists keeps its own.
    pub owner: &'a [Person],
    /// Who is brought in.
    pub people: &'a [Person],
    /// Whether the caller comes in too.
    pub joins: bool,
    /// How people are brought in.
    pub manner: Manner<'a>,
}

impl ImkitRooms {
    /// No rooms; each will keep at most so many messages, and may have these user groups as members.
    pub fn new(tenancy: Arc<Tenancy>, messages_max: usize, groups: Arc<UserGroups>) -> Self {
        Self { rooms: Registry::new(tenancy, true), ties: Ties::default(), messages_max, groups }
    }

    /// The rooms that a client is a member of, by its own id or by a user group, in the order of joining.
    pub fn of_client(&self, client: &str) -> Vec<EntityId> {
        let mut ids = self.rooms.of_member(client);
        for id in self.groups.of(client).iter().flat_map(|group| self.rooms.of_member(group)) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }

    /// The user groups that may be members.
    pub fn groups(&self) -> &Arc<UserGroups> {
        &self.groups
    }

    /// The registry, for looking.
    pub fn registry(&self) -> &Registry<Room> {
        &self.rooms
    }

    /// Who is invited where, and who left what.
    pub fn ties(&self) -> &Ties {
        &self.ties
    }

    /// The most messages a room keeps.
    pub fn messages_max(&self) -> usize {
        self.messages_max
    }

    /// The room that has this message; a client's own rooms are asked first.
    pub fn of_message(&self, id: &str, client: Option<&UserId>) -> Option<EntityId> {
        let has = |room: &EntityId| self.rooms.read(room, |room| room.messages.get(id).is_some()) == Some(true);
        let own = client.map(|client| self.of_client(client)).unwrap_or_default();
        own.into_iter().find(has).or_else(|| self.rooms.ids().into_iter().find(has))
    }

    /// Looks at a room.
    ///
    /// # Errors
    /// There is no such room, or what `look` refuses with.
    pub fn read<R>(&self, id: &str, look: impl FnOnce(&Room) -> Result<R, ImkitError>) -> Result<R, ImkitError> {
        self.rooms.read(id, look).unwrap_or_else(|| Err(ImkitError::RoomMissing(EntityId::new(id))))
    }

    /// Changes a room in one turn.
    ///
    /// # Errors
    /// There is no such room, or what `act` refuses with.
    pub fn change<R>(
        &self,
        origin: &Origin,
        id: &str,
        act: impl FnOnce(&mut Room, &mut Turn<'_>) -> Result<R, ImkitError>,
    ) -> Result<R, ImkitError> {
        let changed = self.rooms.change(origin, id, |room, turn| {
            let result = act(room, turn)?;
            self.ties.follow(room, turn.facts());
            Ok(result)
        });
        changed.map_err(|error: ImkitError| error.of_room(id))
    }

    /// Makes a room; one that exists gets the people who are missing and stays what it is otherwise.
    ///
    /// # Errors
    /// Somebody is no client; the caller may not bring people into the room that exists.
    pub fn make(&self, origin: &Origin, actor: &Actor, making: Making<'_>) -> Result<RoomSnapshot, ImkitError> {
        loop {
            // Assumed: creating a room whose id exists answers that room with the new people in it and changes nothing else.
            let found = self.change(origin, making.id, |room, turn| {
                room.find_again(turn, actor, making)?;
                Ok(room.snapshot())
            });
            if !matches!(found, Err(ImkitError::RoomMissing(_))) {
                return found;
            }
            let mut snapshot = None;
            let made = self.rooms.create(origin, making.id, |turn| {
                let room = Room::new(making.id.clone(), making.info.clone(), turn.now, self.messages_max, &self.groups);
                let room = room.peopled(turn, actor, making)?;
                self.ties.follow(&room, turn.facts());
                snapshot = Some(room.snapshot());
                Ok(room)
            });
            match (made, snapshot) {
                (Ok(()), Some(snapshot)) => return Ok(snapshot),
                // Somebody else made it in between; it is found the next time.
                (Err(ImkitError::RoomTaken), _) | (Ok(()), None) => {}
                (Err(error), _) => return Err(error),
            }
        }
    }

    /// Ends a room with its messages, invitations, preferences and blocks.
    ///
    /// # Errors
    /// There is no such room, or the caller may not.
    pub fn destroy(&self, origin: &Origin, id: &str, actor: &Actor, options: &ImkitOptions) -> Result<(), ImkitError> {
        let may = |room: &Room| room.check_may_run(actor, "delete the room", options);
        let ended = self.rooms.destroy(origin, id, may, |room, turn| {
            self.ties.give_up(&room);
            // Assumed: no event of the vendor's sockets tells that a room was deleted.
            let told = Audience::nobody();
            turn.record(Fact::Destroyed { members: Arc::new(room.members), fields: Fields::new() }, told);
        });
        ended.map_err(|error: ImkitError| error.of_room(id))
    }

    /// Puts a room in place as a state document describes it.
    pub fn put(&self, room: Room) {
        self.rooms.read(&room.id, |old| self.ties.give_up(old));
        self.ties.take_up(&room);
        self.rooms.put(&room.id.clone(), room);
    }
}

impl Room {
    fn peopled(mut self, turn: &mut Turn<'_>, actor: &Actor, making: Making<'_>) -> Result<Self, ImkitError> {
        let unknown = making.owner.iter().find(|person| person.client.is_none());
        if let Some(person) = unknown.filter(|_| !making.manner.options.unknown_members) {
            return Err(ImkitError::ClientMissing { field: "owner", client: person.id.clone() });
        }
        let room = &mut self;
        let caller = actor.client().filter(|_| making.joins).cloned();
        room.seat(caller.as_slice());
        let new = room.newcomers(making.people, making.manner)?;
        let ids: Vec<UserId> = new.iter().map(|person| person.id.clone()).collect();
        let invites = making.manner.invites(room);
        if !invites {
            room.seat(&ids);
        }
        let fields = room.told_of_new(turn);
        let members = room.members.ids().cloned().collect();
        let told = room.audience(&[]);
        turn.record(Fact::Created { members, fields }, told);
        if invites {
            room.admit(turn, actor, &new, making.manner);
        } else if making.manner.system_message && !new.is_empty() {
            room.post_system(turn, actor, System::added(&new), &[]);
        }
        Ok(self)
    }

    fn told_of_new(&self, turn: &Turn<'_>) -> Fields {
        let mut fields = Fields::new();
        fields.extend(self.info.name.as_deref().map(|name| ("name", name.into())));
        fields.extend(self.info.room_type.map(|kind| ("roomType", kind.word().into())));
        fields.extend(self.info.owner.as_deref().map(|owner| ("owner", owner.into())));
        fields.extend(self.receiver(turn));
        fields
    }

    fn find_again(&mut self, turn: &mut Turn<'_>, actor: &Actor, making: Making<'_>) -> Result<(), ImkitError> {
        let comes = making.joins && actor.client().is_some_and(|client| !self.is_member(client));
        if comes {
            self.check_may_join(actor, making.manner.options)?;
        }
        let mut new = self.newcomers(making.people, making.manner)?;
        new.retain(|person| !comes || person.id != actor.client);
        if !new.is_empty() {
            // Assumed: who is not in an existing room cannot merge members into it by creating it again.
            if !comes {
                self.check_member(actor)?;
            }
            self.check_open(actor)?;
        }
        if comes {
            let silent = Manner { system_message: false, ..making.manner };
            self.join(turn, actor, silent)?;
        }
        self.admit(turn, actor, &new, making.manner);
        Ok(())
    }
}
