//! Rates: how often a tenant called each operation within the second of the moment.

use dashmap::DashMap;

use crate::kernel::clock::Timestamp;

/// The calls of a tenant in the second of the moment, by operation.
#[derive(Debug)]
pub struct Rates {
    seconds: DashMap<&'static str, (i64, u64)>,
}

impl Default for Rates {
    fn default() -> Self {
        Self { seconds: DashMap::with_shard_amount(2) }
    }
}

impl Rates {
    /// Counts one call; whether it is within `most` of this second.
    pub fn take(&self, operation: &'static str, now: Timestamp, most: u64) -> bool {
        let mut counted = self.seconds.entry(operation).or_insert((now.seconds(), 0));
        if counted.0 != now.seconds() {
            *counted = (now.seconds(), 0);
        }
        counted.1 = counted.1.saturating_add(1);
        counted.1 <= most
    }
}
