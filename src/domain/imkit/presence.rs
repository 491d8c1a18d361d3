//! Presence: how many sockets of an application are signed in, now and at most so far.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The count of an application's live sockets.
#[derive(Debug, Default)]
pub struct Presence {
    connected: AtomicUsize,
    peak: AtomicUsize,
}

impl Presence {
    /// One more socket is signed in.
    pub fn arrived(&self) {
        let now = self.connected.fetch_add(1, Ordering::AcqRel) + 1;
        self.peak.fetch_max(now, Ordering::AcqRel);
    }

    /// One socket less.
    pub fn left(&self) {
        self.connected.fetch_sub(1, Ordering::AcqRel);
    }

    /// Sockets that are signed in now.
    pub fn connected(&self) -> usize {
        self.connected.load(Ordering::Acquire)
    }

    /// The most that were signed in at once since the application was opened.
    pub fn peak(&self) -> usize {
        self.peak.load(Ordering::Acquire)
    }
}
