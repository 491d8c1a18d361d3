//! Clock: the only reader of time and the only sleeper of the house.
//!
//! System or manual. What a vendor's clients could see follows this clock; time-outs of sockets follow real time,
//! which is also asked for here.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// A moment: milliseconds since 1970-01-01 UTC.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment this many milliseconds after 1970.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// The moment this many seconds after 1970.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Milliseconds since 1970.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// The moment this many milliseconds later, or earlier; nearest to it, if no clock can tell that one.
    pub fn shifted(self, by_ms: i64) -> Self {
        Self(self.0.saturating_add(by_ms).clamp(CLOCK_FIRST.0, CLOCK_LAST.0))
    }

    /// Whole seconds since 1970.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This moment as the standard library's, for headers.
    pub fn system_time(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(u64::try_from(self.0).unwrap_or(0))
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with milliseconds, as in `2026-01-05T09:00:00.123Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(moment) => write!(f, "{moment:.3}"),
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

impl std::str::FromStr for Timestamp {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<jiff::Timestamp>().map(|moment| Self(moment.as_millisecond()))
    }
}

/// The first moment that a clock can be set to: 1970-01-01T00:00:00Z.
pub const CLOCK_FIRST: Timestamp = Timestamp(0);
/// The last one: 2106-02-07T06:28:14Z. Tencent's times have 32 bits, and the second after it means "for ever" there.
pub const CLOCK_LAST: Timestamp = Timestamp::from_seconds(4_294_967_294);
/// Stands for the time of a clock that does not stand still.
const FOLLOWS: i64 = i64::MIN;

/// A time that a clock cannot show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("would be outside of what this clock can show: {CLOCK_FIRST} to {CLOCK_LAST}")]
pub struct OutOfRange;

/// The emulator's clock; clones share it.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Manual: the time. System: [`FOLLOWS`].
    stands_at: AtomicI64,
    /// The latest reading of the machine's time that was given out, so that it never runs backwards.
    latest: AtomicI64,
}

impl Clock {
    /// A clock that follows the machine's, never backwards.
    pub fn system() -> Self {
        Self::new(FOLLOWS)
    }

    /// A clock that stands still at 2026-01-05T09:00:00Z until it is advanced.
    pub fn manual() -> Self {
        Self::manual_at(Timestamp::from_seconds(1_767_603_600))
    }

    /// A clock that stands still at this moment until it is advanced.
    pub fn manual_at(start: Timestamp) -> Self {
        Self::new(start.millis())
    }

    fn new(stands_at: i64) -> Self {
        Self(Arc::new(Inner { stands_at: AtomicI64::new(stands_at), latest: AtomicI64::new(0) }))
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        match self.0.stands_at.load(Ordering::SeqCst) {
            FOLLOWS => self.machine(),
            millis => Timestamp(millis),
        }
    }

    /// The machine's time, never earlier than it was read before.
    fn machine(&self) -> Timestamp {
        let read = machine_millis();
        Timestamp(self.0.latest.fetch_max(read, Ordering::SeqCst).max(read))
    }

    /// Moves the clock forward, at most to its last moment; it stands still there until it is told again.
    pub fn advance(&self, by: Duration) -> Timestamp {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.advance_ms(by).unwrap_or_else(|OutOfRange| {
            self.0.stands_at.store(CLOCK_LAST.0, Ordering::SeqCst);
            CLOCK_LAST
        })
    }

    /// Moves the clock by milliseconds; it stands still there until it is told again.
    ///
    /// # Errors
    /// It cannot show that moment; nothing changed then.
    pub fn advance_ms(&self, by: i64) -> Result<Timestamp, OutOfRange> {
        let next = |stands_at| {
            let now = if stands_at == FOLLOWS { self.machine().0 } else { stands_at };
            in_range(now.checked_add(by)?)
        };
        let before = self.0.stands_at.fetch_update(Ordering::SeqCst, Ordering::SeqCst, next);
        // What was stored is read again: the clock may have been told something else meanwhile.
        before.map(|_| self.now()).map_err(|_| OutOfRange)
    }

    /// Sets the clock to a moment, earlier or later; it stands still there until it is told again.
    ///
    /// # Errors
    /// It cannot show that moment; nothing changed then.
    pub fn set(&self, to: Timestamp) -> Result<(), OutOfRange> {
        let to = in_range(to.0).ok_or(OutOfRange)?;
        self.0.stands_at.store(to, Ordering::SeqCst);
        Ok(())
    }

    /// Lets the clock stand still where it is.
    pub fn stop(&self) {
        let now = self.now().0;
        // One that stands already stays where it is.
        let _ = self.0.stands_at.compare_exchange(FOLLOWS, now, Ordering::SeqCst, Ordering::SeqCst);
    }

    /// Lets the clock follow the machine's again.
    pub fn follow_system(&self) {
        self.0.stands_at.store(FOLLOWS, Ordering::SeqCst);
    }

    /// Whether it follows the machine's clock.
    pub fn is_system(&self) -> bool {
        self.0.stands_at.load(Ordering::SeqCst) == FOLLOWS
    }

    /// `manual` or `system`.
    pub fn mode(&self) -> &'static str {
        if self.is_system() { "system" } else { "manual" }
    }
}

fn in_range(millis: i64) -> Option<i64> {
    (CLOCK_FIRST.0..=CLOCK_LAST.0).contains(&millis).then_some(millis)
}

#[allow(clippy::disallowed_methods, reason = "the one place where the machine's time is read")]
fn machine_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Sleeps in real time, whatever the emulator's clock says.
#[allow(clippy::disallowed_methods, reason = "the one place that sleeps")]
pub async fn sleep_real(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// Measures how long something takes, in real time.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts one.
    #[allow(clippy::disallowed_methods, reason = "the one place where durations are measured")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Real time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_stands_until_it_is_advanced() {
        let clock = Clock::manual_at(Timestamp::from_seconds(1_700_000_000));
        assert_eq!(clock.now().seconds(), 1_700_000_000);
        clock.advance(Duration::from_millis(1500));
        assert_eq!(clock.now().millis(), 1_700_000_001_500);
    }

    #[test]
    fn a_clock_that_is_told_stands_still_and_follows_the_machine_again_when_asked() {
        let clock = Clock::system();
        let earlier = Timestamp::from_seconds(1_000_000_000);
        assert!(clock.is_system() && clock.now() > earlier);
        clock.set(earlier).expect("any moment since 1970 will do");
        assert_eq!((clock.mode(), clock.now()), ("manual", earlier));
        clock.follow_system();
        assert!(clock.is_system() && clock.now() > earlier);
        clock.stop();
        assert_eq!((clock.mode(), clock.now()), ("manual", clock.now()));
    }

    #[test]
    fn a_moment_that_it_cannot_show_changes_nothing() {
        let clock = Clock::manual_at(CLOCK_LAST);
        assert_eq!(clock.advance_ms(1), Err(OutOfRange));
        assert_eq!(clock.advance_ms(i64::MAX), Err(OutOfRange));
        assert_eq!(clock.set(Timestamp::from_millis(-1)), Err(OutOfRange));
        assert_eq!(clock.now(), CLOCK_LAST);
        assert_eq!(clock.advance_ms(-CLOCK_LAST.millis()), Ok(CLOCK_FIRST));
        assert_eq!(clock.advance(Duration::MAX), CLOCK_LAST);
    }

    #[test]
    fn a_moment_is_written_in_rfc3339_with_milliseconds() {
        let moment: Timestamp = "2026-01-05T09:00:00.123Z".parse().expect("a valid time");
        assert_eq!(moment.to_string(), "2026-01-05T09:00:00.123Z");
        assert_eq!(Timestamp::from_seconds(0).to_string(), "1970-01-01T00:00:00.000Z");
    }
}
