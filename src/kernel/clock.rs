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

/// The emulator's clock; clones share it.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    manual: bool,
    /// Manual: the time. System: the latest time given out, so that it never runs backwards.
    millis: AtomicI64,
}

impl Clock {
    /// A clock that follows the machine's, never backwards.
    pub fn system() -> Self {
        Self(Arc::new(Inner { manual: false, millis: AtomicI64::new(0) }))
    }

    /// A clock that stands still at 2026-01-05T09:00:00Z until it is advanced.
    pub fn manual() -> Self {
        Self::manual_at(Timestamp::from_seconds(1_767_603_600))
    }

    /// A clock that stands still at this moment until it is advanced.
    pub fn manual_at(start: Timestamp) -> Self {
        Self(Arc::new(Inner { manual: true, millis: AtomicI64::new(start.millis()) }))
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        if self.0.manual {
            return Timestamp(self.0.millis.load(Ordering::SeqCst));
        }
        let read = machine_millis();
        Timestamp(self.0.millis.fetch_max(read, Ordering::SeqCst).max(read))
    }

    /// Moves a manual clock forward; does nothing to a system clock.
    pub fn advance(&self, by: Duration) {
        if self.0.manual {
            let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX / 2);
            self.0.millis.fetch_add(by, Ordering::SeqCst);
        }
    }

    /// `manual` or `system`.
    pub fn mode(&self) -> &'static str {
        if self.0.manual { "manual" } else { "system" }
    }
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
    fn a_moment_is_written_in_rfc3339_with_milliseconds() {
        let moment: Timestamp = "2026-01-05T09:00:00.123Z".parse().expect("a valid time");
        assert_eq!(moment.to_string(), "2026-01-05T09:00:00.123Z");
        assert_eq!(Timestamp::from_seconds(0).to_string(), "1970-01-01T00:00:00.000Z");
    }
}
