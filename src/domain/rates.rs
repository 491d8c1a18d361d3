//! Rates: how often something was called within the second, or the minute, of the moment.

use std::hash::Hash;

use crate::kernel::table::{Table, table};

/// Counts of calls in the window of the moment, by what is counted: a tenant's operations, say.
#[derive(Debug)]
pub struct Rates<K: Eq + Hash> {
    windows: Table<K, (i64, u64)>,
}

impl<K: Eq + Hash> Default for Rates<K> {
    fn default() -> Self {
        Self { windows: table() }
    }
}

impl<K: Eq + Hash> Rates<K> {
    /// Counts one call; whether it is within `most` of this window: the number of the second or of the minute.
    pub fn take(&self, what: K, window: i64, most: u64) -> bool {
        let mut counted = self.windows.entry(what).or_insert((window, 0));
        if counted.0 != window {
            *counted = (window, 0);
        }
        counted.1 = counted.1.saturating_add(1);
        counted.1 <= most
    }
}
