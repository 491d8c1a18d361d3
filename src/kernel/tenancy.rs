//! Tenancy: what all registries of one tenant share — its key, time, ids and way into the journal.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use crate::kernel::clock::{CLOCK_FIRST, CLOCK_LAST, Clock, OutOfRange, Timestamp};
use crate::kernel::ending::Ending;
use crate::kernel::ids::Ids;
use crate::kernel::journal::Journal;
use crate::kernel::names::EntityId;

/// Which tenant: a family (a vendor's word) and the id inside it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TenantKey {
    /// The family's name, as in `tencent`.
    pub family: &'static str,
    /// The tenant's id in its family.
    pub id: EntityId,
}

impl fmt::Display for TenantKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.family, self.id)
    }
}

/// The common ground of one tenant's registries.
#[derive(Debug)]
pub struct Tenancy {
    /// Which tenant.
    pub key: Arc<TenantKey>,
    /// The epoch of the world it lives in.
    pub epoch: u64,
    /// The emulator's clock.
    pub clock: Clock,
    /// The tenant's ids.
    pub ids: Ids,
    /// Where its facts go.
    pub journal: Arc<Journal>,
    ending: Ending,
    /// How far the tenant's time is ahead of the emulator's clock, in milliseconds.
    offset_ms: AtomicI64,
    /// Whether a receiver outside was named.
    told_outside: AtomicBool,
}

impl Tenancy {
    /// A live tenancy.
    pub fn new(key: TenantKey, epoch: u64, clock: Clock, ids: Ids, journal: Arc<Journal>) -> Self {
        Self {
            key: Arc::new(key),
            epoch,
            clock,
            ids,
            journal,
            ending: Ending::default(),
            offset_ms: AtomicI64::new(0),
            told_outside: AtomicBool::new(false),
        }
    }

    /// Now, for this tenant.
    pub fn now(&self) -> Timestamp {
        self.clock.now().shifted(self.offset_ms())
    }

    /// How far the tenant's time is ahead of the emulator's clock, in milliseconds.
    pub fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::SeqCst)
    }

    /// Sets how far the tenant's time is ahead of the emulator's clock, in milliseconds; where the sum is no moment that
    /// a clock can show, the tenant's time is the nearest one.
    pub fn set_offset_ms(&self, offset_ms: i64) {
        self.offset_ms.store(offset_ms, Ordering::SeqCst);
    }

    /// Changes the offset by what the present one and the emulator's time say.
    ///
    /// # Errors
    /// The tenant's time would be outside of what a clock can show; nothing changed then.
    pub fn shift(&self, next: impl Fn(i64, Timestamp) -> Option<i64>) -> Result<(), OutOfRange> {
        let house = self.clock.now();
        let checked = |offset| {
            let next = next(offset, house)?;
            let now = house.millis().checked_add(next)?;
            (CLOCK_FIRST.millis()..=CLOCK_LAST.millis()).contains(&now).then_some(next)
        };
        let before = self.offset_ms.fetch_update(Ordering::SeqCst, Ordering::SeqCst, checked);
        before.map(drop).map_err(|_| OutOfRange)
    }

    /// Notes that a receiver outside is named: whoever tells such receivers gets the tenant's facts from here on.
    pub fn tell_outside(&self) {
        self.told_outside.store(true, Ordering::Release);
    }

    /// Whether a receiver outside was ever named.
    pub fn is_told_outside(&self) -> bool {
        self.told_outside.load(Ordering::Acquire)
    }

    /// Whether its facts still count.
    pub fn is_live(&self) -> bool {
        !self.ending.is_over()
    }

    /// Ends it: facts of requests that still run are discarded from here on.
    pub fn end(&self) {
        self.ending.end();
    }

    /// Waits until it has ended.
    pub async fn ended(&self) {
        self.ending.wait().await;
    }
}
