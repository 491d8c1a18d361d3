//! When a room ends by itself: 24 hours after the last one left, or 6 hours after a planned start that nobody met.

use crate::domain::rooms::room::Room;
use crate::kernel::clock::Timestamp;

/// How long a room stays after everybody left, or after its creation: 24 hours.
const EMPTY_MS: i64 = 24 * 3600 * 1000;
/// How long a planned room that nobody entered stays after its start: 6 hours.
const UNUSED_MS: i64 = 6 * 3600 * 1000;

impl Room {
    /// When the room ends if nothing happens before, and the timer that ends it; live rooms do not end by themselves.
    pub fn ends_at(&self) -> Option<(Timestamp, &'static str)> {
        if self.is_live() {
            return None;
        }
        let since = self.empty_since?;
        let planned = self.info.schedule_start_time > self.info.create_time;
        let start = Timestamp::from_seconds(self.info.schedule_start_time).max(since);
        let unused = start.millis().saturating_add(UNUSED_MS);
        // Assumed: the six hours are for meetings that nobody ever entered, the twenty-four for all other rooms.
        if planned && !self.entered {
            return Some((Timestamp::from_millis(unused), "unused"));
        }
        // Assumed: a room that nobody entered and that was not planned ahead ends 24 hours after its creation.
        let begun = Timestamp::from_seconds(self.info.schedule_start_time).millis().saturating_add(UNUSED_MS);
        let empty = since.millis().saturating_add(EMPTY_MS);
        // Assumed: who looks in before a planned start and leaves does not end the meeting before it began.
        let end = if planned { empty.max(begun) } else { empty };
        Some((Timestamp::from_millis(end), "empty"))
    }
}
