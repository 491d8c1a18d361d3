//! Rooms: the Room Engine rooms of one app.

pub mod check;
pub mod error;
pub mod room;
pub mod state;

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::domain::rooms::error::RoomError;
use crate::domain::rooms::room::Room;
use crate::domain::rooms::state::{RoomInfo, RoomState};
use crate::domain::settings::KickPartial;
use crate::domain::tencent::Holder;
use crate::kernel::clock::Timestamp;
use crate::kernel::names::{EntityId, Names, UserId};
use crate::kernel::registry::Registry;
use crate::kernel::tenancy::Tenancy;
use crate::kernel::turn::Origin;

/// How long an id that was created cannot be created again, where the option `create_interval` asks for that.
const CREATE_INTERVAL_MS: i64 = 1000;
/// Most ids remembered for that; past it the oldest are forgotten.
const CREATED_MAX: usize = 10_000;

/// How a room is made, the app's options considered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Making {
    /// The owner is inside at once.
    pub owner_enters: bool,
    /// An id that was created within the last second is refused.
    pub interval: bool,
}

/// The rooms of one app; they share their ids with its groups.
#[derive(Debug)]
pub struct Rooms {
    rooms: Registry<Room>,
    names: Arc<Names<Holder>>,
    /// Ids that were created within the last second, oldest first; kept only while `create_interval` is on.
    created: Mutex<VecDeque<(Timestamp, EntityId)>>,
}

impl Rooms {
    /// No rooms.
    pub fn new(tenancy: Arc<Tenancy>, names: Arc<Names<Holder>>) -> Self {
        Self { rooms: Registry::new(tenancy, false), names, created: Mutex::default() }
    }

    /// The registry, for looking.
    pub fn registry(&self) -> &Registry<Room> {
        &self.rooms
    }

    /// Looks at a room that has not ended by itself.
    pub fn read<R>(&self, id: &str, look: impl FnOnce(&Room) -> R) -> Option<R> {
        self.expire(id);
        self.rooms.read(id, look)
    }

    /// Ends a room whose time has come; found out when somebody asks for it.
    fn expire(&self, id: &str) {
        let now = self.rooms.tenancy().now();
        let is_due = |room: &Room| room.ends_at().is_some_and(|end| end <= now);
        let Some(owner) = self.rooms.read(id, |room| is_due(room).then(|| room.info.owner.clone())).flatten() else {
            return;
        };
        // Assumed: a room that ends by itself is ended by its owner.
        let origin = Origin { by: owner, call: None };
        let may = |room: &Room| if is_due(room) { Ok(()) } else { Err(RoomError::Exists) };
        if self.rooms.destroy(&origin, id, may, Room::destroy).is_ok() {
            self.names.release(id);
        }
    }

    /// Makes a room.
    ///
    /// # Errors
    /// The id is in use: by a room, by the caller's own room, by a group; or it was created a moment ago.
    pub fn create(
        &self,
        origin: &Origin,
        info: RoomInfo,
        invitees: Vec<UserId>,
        making: Making,
    ) -> Result<(), RoomError> {
        let id = info.room_id.clone();
        self.expire(&id);
        let now = self.rooms.tenancy().now();
        if making.interval && self.is_fresh(now, &id) {
            return Err(RoomError::CreatedTooFast);
        }
        self.names.reserve(&id, Holder::Room).map_err(|holder| self.taken(origin, &id, holder))?;
        let made = self.rooms.create(origin, &id, |turn| Ok(Room::create(turn, info, invitees, making.owner_enters)));
        made.inspect_err(|_: &RoomError| self.names.release(&id))?;
        if making.interval {
            self.note_created(now, id);
        }
        Ok(())
    }

    /// Whether this id was created within the last second, destroyed since or not.
    fn is_fresh(&self, now: Timestamp, id: &EntityId) -> bool {
        let mut created = self.created.lock();
        while created.front().is_some_and(|(at, _)| now.millis() - at.millis() >= CREATE_INTERVAL_MS) {
            created.pop_front();
        }
        created.iter().any(|(_, known)| known == id)
    }

    fn note_created(&self, now: Timestamp, id: EntityId) {
        let mut created = self.created.lock();
        if created.len() >= CREATED_MAX {
            created.pop_front();
        }
        created.push_back((now, id));
    }

    fn taken(&self, origin: &Origin, id: &EntityId, holder: Holder) -> RoomError {
        match holder {
            Holder::Group => RoomError::TakenByGroup,
            // Assumed: the kinder code for an id in use is for the calling administrator's own rooms alone.
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
        self.expire(id);
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
        self.expire(id);
        self.rooms.change(origin, id, |room, turn| room.kick(turn, members, reason, rule))
    }

    /// A client enters a room.
    ///
    /// # Errors
    /// What a client meets: no such room, banned, password, full.
    pub fn enter(&self, origin: &Origin, id: &str, user: &UserId, password: &str) -> Result<(), RoomError> {
        self.expire(id);
        self.rooms.change(origin, id, |room, turn| room.enter(turn, user, password))
    }

    /// A client leaves a room.
    ///
    /// # Errors
    /// No such room, or not inside.
    pub fn leave(&self, origin: &Origin, id: &str, user: &UserId) -> Result<(), RoomError> {
        self.expire(id);
        self.rooms.change(origin, id, |room, turn| room.leave(turn, user))
    }

    /// Puts a room in place as a state document describes it.
    pub fn put(&self, state: &RoomState) {
        let _ = self.names.reserve(&state.room_id, Holder::Room);
        self.rooms.put(&state.room_id, state.to_room(self.rooms.tenancy().now()));
    }

    /// All rooms as a state document has them, sorted by id.
    pub fn states(&self) -> Vec<RoomState> {
        self.rooms.ids().iter().filter_map(|id| self.read(id, RoomState::of)).collect()
    }
}
