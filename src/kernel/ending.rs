//! Ending: something that ends once, for good, and can be waited for.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Whether something has ended.
#[derive(Debug, Default)]
pub struct Ending {
    over: AtomicBool,
    told: Notify,
}

impl Ending {
    /// Ends it; ending it again is no change.
    pub fn end(&self) {
        self.over.store(true, Ordering::Release);
        self.told.notify_waiters();
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// Waits until it has ended.
    pub async fn wait(&self) {
        let told = self.told.notified();
        tokio::pin!(told);
        // Before the look, so that an end between the two is not missed.
        told.as_mut().enable();
        if !self.is_over() {
            told.await;
        }
    }
}
