//! Rooms: the Room Engine rooms of one app.

pub mod bans;
pub mod check;
pub mod error;
pub mod info;
pub mod marks;
pub mod members;
pub mod requests;
pub mod room;
pub mod schedule;
pub mod seats;
pub mod state;
pub mod way;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use parking_lot::Mutex;

use crate::domain::rooms::error::RoomError;
use crate::domain::rooms::info::RoomInfo;
use crate::domain::rooms::room::Room;
use crate::domain::rooms::state::RoomState;
use crate::domain::rooms::way::Way;
use crate::domain::tencent::Holder;
use crate::kernel::clock::Timestamp;
use crate::kernel::names::{EntityId, Names, UserId};
use crate::kernel::registry::Registry;
use crate::kernel::tenancy::Tenancy;
use crate::kernel::turn::{Origin, Turn};

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
    /// No room ends by itself before this moment, in milliseconds.
    next_end_ms: AtomicI64,
    /// Held while rooms whose time is over are ended.
    ending: Mutex<()>,
}

impl Rooms {
    /// No rooms.
    pub fn new(tenancy: Arc<Tenancy>, names: Arc<Names<Holder>>) -> Self {
        Self {
            rooms: Registry::new(tenancy, false),
            names,
            created: Mutex::default(),
            next_end_ms: AtomicI64::new(i64::MAX),
            ending: Mutex::default(),
        }
    }

    /// The registry, for looking.
    pub fn registry(&self) -> &Registry<Room> {
        &self.rooms
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
        let now = self.rooms.tenancy().now();
        if making.interval && self.is_fresh(now, &id) {
            return Err(RoomError::CreatedTooFast);
        }
        let name = self.names.reserve(&id, Holder::Room).map_err(|holder| self.taken(origin, &id, holder))?;
        self.rooms.create(origin, &id, |turn| {
            let room = Room::create(turn, info, invitees, making.owner_enters);
            self.note_end(&room);
            Ok::<_, RoomError>(room)
        })?;
        name.keep();
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
    /// There is no such room, or a client is not its owner.
    pub fn destroy(&self, origin: &Origin, id: &str, way: &Way) -> Result<(), RoomError> {
        self.rooms.destroy(
            origin,
            id,
            |room| room.may_destroy(&origin.by, way),
            |room, turn| room.destroy(turn, way, None),
        )?;
        self.names.release(id);
        Ok(())
    }

    /// Changes a room in one turn.
    ///
    /// # Errors
    /// No such room, or what the rule refuses with; then nothing changed.
    pub fn change<R>(
        &self,
        origin: &Origin,
        id: &str,
        rule: impl FnOnce(&mut Room, &mut Turn<'_>) -> Result<R, RoomError>,
    ) -> Result<R, RoomError> {
        self.rooms.change(origin, id, |room, turn| {
            let done = rule(room, turn)?;
            self.note_end(room);
            Ok(done)
        })
    }

    /// Looks at a room.
    ///
    /// # Errors
    /// No such room.
    pub fn look<R>(&self, id: &str, look: impl FnOnce(&Room) -> R) -> Result<R, RoomError> {
        self.rooms.read(id, look).ok_or(RoomError::Missing)
    }

    fn note_end(&self, room: &Room) {
        if let Some((at, _)) = room.ends_at() {
            self.next_end_ms.fetch_min(at.millis(), Ordering::SeqCst);
        }
    }

    /// Ends the rooms whose time is over, each at its moment and by its owner. Called before each call is answered:
    /// whoever looks finds them gone.
    // Assumed: a room that ends by itself is ended by its owner, at the moment at which its time was over.
    pub fn sweep(&self) {
        if !self.is_sweep_due() {
            return;
        }
        let _alone = self.ending.lock();
        if !self.is_sweep_due() {
            return;
        }
        let now = self.rooms.tenancy().now();
        self.rooms.ids().iter().for_each(|id| self.end_if_over(id, now));
        // Whoever changes a room from here on notes its end; the others are asked.
        self.next_end_ms.store(i64::MAX, Ordering::SeqCst);
        for id in self.rooms.ids() {
            self.rooms.read(&id, |room| self.note_end(room));
        }
    }

    /// Whether the time of some room may be over; costs no lock.
    pub fn is_sweep_due(&self) -> bool {
        self.rooms.tenancy().now().millis() >= self.next_end_ms.load(Ordering::SeqCst)
    }

    fn end_if_over(&self, id: &EntityId, now: Timestamp) {
        let over = |room: &Room| room.ends_at().filter(|(at, _)| *at <= now);
        let due = self.rooms.read(id, |room| over(room).map(|end| (end, room.info.owner.clone()))).flatten();
        let Some(((at, timer), owner)) = due else { return };
        let origin = Origin { by: owner, call: None };
        let still = |room: &Room| match over(room) {
            Some(_) if room.info.owner == origin.by => Ok(()),
            _ => Err(RoomError::Missing),
        };
        let ended = self.rooms.destroy(&origin, id, still, |room, turn| {
            turn.now = at;
            room.destroy(turn, &Way::Server, Some(timer));
        });
        if ended.is_ok() {
            self.names.release(id);
        }
    }

    /// Puts a room in place as a state document describes it.
    pub fn put(&self, state: &RoomState) {
        if let Ok(name) = self.names.reserve(&state.room_id, Holder::Room) {
            name.keep();
        }
        let room = state.to_room(self.rooms.tenancy().now());
        self.note_end(&room);
        self.rooms.put(&state.room_id, room);
    }

    /// All rooms as a state document has them, sorted by id.
    pub fn states(&self) -> Vec<RoomState> {
        let now = self.rooms.tenancy().now();
        self.rooms.ids().iter().filter_map(|id| self.rooms.read(id, |room| RoomState::of(room, now))).collect()
    }
}
