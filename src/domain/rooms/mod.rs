//! Rooms: the Room Engine rooms of one app.

pub mod bans;
pub mod check;
pub mod ends;
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

use parking_lot::Mutex;
use serde::Serialize;

use crate::domain::rooms::ends::Ends;
use crate::domain::rooms::error::RoomError;
use crate::domain::rooms::info::RoomInfo;
use crate::domain::rooms::room::Room;
use crate::domain::rooms::state::RoomState;
use crate::domain::rooms::way::Way;
use crate::domain::tencent::Holder;
use crate::domain::written::{Each, List, Wording};
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
    /// When they end by themselves.
    ends: Ends,
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
            ends: Ends::default(),
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
            let mut room = Room::create(turn, info, invitees, making.owner_enters);
            self.note_end(&mut room);
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
        while created.front().is_some_and(|(at, _)| !(0..CREATE_INTERVAL_MS).contains(&(now.millis() - at.millis()))) {
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
        let ended = self.rooms.destroy(
            origin,
            id,
            |room| room.may_destroy(&origin.by, way),
            |room, turn| self.end(room, turn, way, None),
        );
        ended.map_err(|error| error.about(id))?;
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
        let changed = self.rooms.change(origin, id, |room, turn| {
            let done = rule(room, turn)?;
            self.note_end(room);
            Ok(done)
        });
        changed.map_err(|error: RoomError| error.about(id))
    }

    /// Looks at a room.
    ///
    /// # Errors
    /// No such room.
    pub fn look<R>(&self, id: &str, look: impl FnOnce(&Room) -> R) -> Result<R, RoomError> {
        self.rooms.read(id, look).ok_or_else(|| RoomError::Missing(id.to_owned()))
    }

    /// Called while the room is locked.
    fn note_end(&self, room: &mut Room) {
        let end = room.ends_at().map(|(at, _)| at);
        self.ends.note(&room.info.room_id, room.noted_end, end);
        room.noted_end = end;
    }

    fn end(&self, room: Room, turn: &mut Turn<'_>, way: &Way, over: Option<&'static str>) {
        self.ends.note(&room.info.room_id, room.noted_end, None);
        room.destroy(turn, way, over);
    }

    /// Ends the rooms whose time is over, each at its moment and by its owner. Called before each call is answered:
    /// whoever looks finds them gone.
    // Assumed: a room that ends by itself is ended by its owner, at the moment at which its time was over.
    pub fn sweep(&self) {
        if !self.is_sweep_due() {
            return;
        }
        // Whoever comes meanwhile waits until they are gone.
        let _alone = self.ending.lock();
        let now = self.rooms.tenancy().now();
        while let Some(due) = self.ends.due(now) {
            self.end_if_over(&due);
        }
    }

    /// Whether the time of some room may be over; costs no lock.
    pub fn is_sweep_due(&self) -> bool {
        self.ends.are_due(self.rooms.tenancy().now())
    }

    /// Ends the room that is due, or forgets a moment that is not its end any more.
    fn end_if_over(&self, due: &(Timestamp, EntityId)) {
        let id = &due.1;
        let over = |room: &Room| room.ends_at().filter(|(at, _)| *at == due.0 && room.noted_end == Some(*at));
        let ending = self.rooms.read(id, |room| {
            let end = over(room);
            if end.is_none() {
                self.ends.note(id, Some(due.0), None);
            }
            end.map(|(at, timer)| (at, timer, room.info.owner.clone()))
        });
        let Some((at, timer, owner)) = ending.flatten() else {
            return self.ends.forget_unless(due, || self.rooms.contains(id));
        };
        let origin = Origin { by: owner, call: None };
        let still = |room: &Room| match over(room) {
            Some(_) if room.info.owner == origin.by => Ok(()),
            _ => Err(RoomError::Missing(id.to_string())),
        };
        let ended = self.rooms.destroy(&origin, id, still, |room, turn| {
            turn.now = at;
            self.end(room, turn, &Way::Server, Some(timer));
        });
        if ended.is_ok() {
            self.names.release(id);
        }
    }

    /// Puts a room in place as a state document describes it.
    pub fn put(&self, state: &RoomState) {
        let id = &state.room_id;
        if let Ok(name) = self.names.reserve(id, Holder::Room) {
            name.keep();
        }
        let mut room = state.to_room(self.rooms.tenancy().now());
        room.noted_end = room.ends_at().map(|(at, _)| at);
        self.rooms.read(id, |old| self.ends.note(id, old.noted_end, None));
        self.rooms.put(id, room);
        // Only once it can be found, so that nobody takes its end for one of a room that is gone.
        self.rooms.read(id, |room| self.ends.note(id, None, room.noted_end));
    }

    /// All rooms as a state document has them, sorted by id.
    pub fn written(&self, wording: impl Wording) -> impl List + Serialize {
        let now = self.rooms.tenancy().now();
        let look = move |id: &EntityId| self.rooms.read(id, |room| wording.word(&RoomState::of(room, now)));
        Each::new(self.rooms.ids(), look)
    }
}
