//! Connections: how many sockets of an application are open, and the most that were open at once.

use std::sync::Arc;

use parking_lot::Mutex;

/// Counts open sockets.
#[derive(Debug, Default)]
pub struct Connections {
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    open: usize,
    peak: usize,
}

/// An open socket; dropped, it counts no more.
#[derive(Debug)]
pub struct Connected(Arc<Connections>);

impl Connections {
    /// Counts one more, for as long as what is given back is kept.
    pub fn enter(self: &Arc<Self>) -> Connected {
        let mut counts = self.counts.lock();
        counts.open += 1;
        counts.peak = counts.peak.max(counts.open);
        Connected(self.clone())
    }

    /// How many are open.
    pub fn open(&self) -> usize {
        self.counts.lock().open
    }

    /// The most that were open at once since the application was opened.
    pub fn peak(&self) -> usize {
        self.counts.lock().peak
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.counts.lock().open -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_stays_when_sockets_close() {
        let connections = Arc::new(Connections::default());
        let (one, two) = (connections.enter(), connections.enter());
        drop(one);
        let three = connections.enter();
        drop(three);
        assert_eq!((connections.open(), connections.peak()), (1, 2));
        drop(two);
        assert_eq!((connections.open(), connections.peak()), (0, 2));
    }
}
