//! Rooms: the Room Engine rooms of one app.

pub mod check;
pub mod error;
pub mod room;
pub mod state;

use std::sync::Arc;

use crate::domain::rooms::error::RoomError;
use crate::domain::rooms::room::Room;
use crate::domain::rooms::state::{RoomInfo, RoomState};
use crate::domain::settings::KickPartial;
use crate::domain::tencent::Holder;
use crate::kernel::names::{EntityId, Names, UserId};
use crate::kernel::registry::Registry;
use crate::kernel::tenancy::Tenancy;
use crate::kernel::turn::Origin;

/// The rooms of one app; they share their ids with its groups.
#[derive(Debug)]
pub struct Rooms {
    rooms: Registry<Room>,
    names: Arc<Names<Holder>>,
}

impl Rooms {
    /// No rooms.
    pub fn new(tenancy: Arc<Tenancy>, names: Arc<Names<Holder>>) -> Self {
        Self { rooms: Registry::new(tenancy, false), names }
    }

    /// The registry, for looking.
    pub fn registry(&self) -> &Registry<Room> {
        &self.rooms
    }

    /// Makes a room.
    ///
    /// # Errors
    /// The id is in use: by a room, by the caller's own room, by a group.
    pub fn create(
        &self,
        origin: &Origin,
        info: RoomInfo,
        invitees: Vec<UserId>,
        owner_enters: bool,
    ) -> Result<(), RoomError> {
        let id = info.room_id.clone();
        self.names.reserve(&id, Holder::Room).map_err(|holder| self.taken(origin, &id, holder))?;
        let made = self.rooms.create(origin, &id, |turn| Ok(Room::create(turn, info, invitees, owner_enters)));
        made.inspect_err(|_: &RoomError| self.names.release(&id))
    }

    fn taken(&self, origin: &Origin, id: &EntityId, holder: Holder) -> RoomError {
        match holder {
            Holder::Group => RoomError::TakenByGroup,
            Holder::Room if self.rooms.read(id, |room| room.info.owner == origin.by) == Some(true) => {
                RoomError::OwnRoomExists
            }
            Holder::Room => RoomError::Exists,
        }
    }

    /// Ends a room; its id is free at once.
    ///
    /// # Errors
    /// There is no such room.
    pub fn destroy(&self, origin: &Origin, id: &str) -> Result<(), RoomError> {
        self.rooms.destroy(origin, id, |_| Ok::<(), RoomError>(()), Room::destroy)?;
        self.names.release(id);
        Ok(())
    }

    /// Removes members from a room.
    ///
    /// # Errors
    /// No such room, the owner among them, or somebody not inside.
    pub fn kick(
        &self,
        origin: &Origin,
        id: &str,
        members: &[UserId],
        reason: &str,
        rule: KickPartial,
    ) -> Result<(), RoomError> {
        self.rooms.change(origin, id, |room, turn| room.kick(turn, members, reason, rule))
    }

    /// A client enters a room.
    ///
    /// # Errors
    /// What a client meets: no such room, banned, password, full.
    pub fn enter(&self, origin: &Origin, id: &str, user: &UserId, password: &str) -> Result<(), RoomError> {
        self.rooms.change(origin, id, |room, turn| room.enter(turn, user, password))
    }

    /// A client leaves a room.
    ///
    /// # Errors
    /// No such room, or not inside.
    pub fn leave(&self, origin: &Origin, id: &str, user: &UserId) -> Result<(), RoomError> {
        self.rooms.change(origin, id, |room, turn| room.leave(turn, user))
    }

    /// Puts a room in place as a state document describes it.
    pub fn put(&self, state: &RoomState) {
        let _ = self.names.reserve(&state.room_id, Holder::Room);
        self.rooms.put(&state.room_id, state.to_room(self.rooms.tenancy().now()));
    }

    /// All rooms as a state document has them, sorted by id.
    pub fn states(&self) -> Vec<RoomState> {
        self.rooms.ids().iter().filter_map(|id| self.rooms.read(id, RoomState::of)).collect()
    }
}
