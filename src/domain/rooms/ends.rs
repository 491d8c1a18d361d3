//! When the rooms of an app end by themselves, in order: to find those that are due costs nothing for the others.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};

use parking_lot::Mutex;

use crate::kernel::clock::Timestamp;
use crate::kernel::names::EntityId;

/// The moments at which rooms end, the earliest first. A room notes its own while it is locked, and remembers it.
#[derive(Debug)]
pub struct Ends {
    by_time: Mutex<BTreeSet<(Timestamp, EntityId)>>,
    /// The earliest of them, in milliseconds; to be read without a lock.
    first_ms: AtomicI64,
}

impl Default for Ends {
    fn default() -> Self {
        Self { by_time: Mutex::default(), first_ms: AtomicI64::new(i64::MAX) }
    }
}

impl Ends {
    /// Whether some room may be due; costs no lock.
    pub fn are_due(&self, now: Timestamp) -> bool {
        now.millis() >= self.first_ms.load(Ordering::SeqCst)
    }

    /// The room that is due first.
    pub fn due(&self, now: Timestamp) -> Option<(Timestamp, EntityId)> {
        self.by_time.lock().first().filter(|(at, _)| *at <= now).cloned()
    }

    /// Notes when a room ends, in place of what was noted of it before.
    pub fn note(&self, id: &EntityId, before: Option<Timestamp>, end: Option<Timestamp>) {
        if before == end {
            return;
        }
        let mut by_time = self.by_time.lock();
        if let Some(at) = before {
            by_time.remove(&(at, id.clone()));
        }
        by_time.extend(end.map(|at| (at, id.clone())));
        self.tell_first(&by_time);
    }

    /// Forgets a moment if it is still no room's, looked at while nothing can be noted.
    pub fn forget_unless(&self, end: &(Timestamp, EntityId), is_there: impl FnOnce() -> bool) {
        let mut by_time = self.by_time.lock();
        if !is_there() {
            by_time.remove(end);
            self.tell_first(&by_time);
        }
    }

    fn tell_first(&self, by_time: &BTreeSet<(Timestamp, EntityId)>) {
        let first = by_time.first().map_or(i64::MAX, |(at, _)| at.millis());
        self.first_ms.store(first, Ordering::SeqCst);
    }
}
