//! Tenancy: what all registries of one tenant share — its key, time, ids and way into the journal.

use std::fmt;
use std::sync::Arc;

use crate::kernel::clock::{Clock, Timestamp};
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
}

impl Tenancy {
    /// A live tenancy.
    pub fn new(key: TenantKey, epoch: u64, clock: Clock, ids: Ids, journal: Arc<Journal>) -> Self {
        Self { key: Arc::new(key), epoch, clock, ids, journal, ending: Ending::default() }
    }

    /// Now, for this tenant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
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
