//! Asker: the house's way to receivers outside — asks before something happens, and passes on what is no event.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::api::parcel::{Ask, Asking, Parcel};
use crate::kernel::journal::Journal;
use crate::webhooks::post::Post;

/// News that are no events and wait for the courier at most.
pub const TOLD_MAX: usize = 1024;

/// A parcel, and the number of the last event before it.
pub type Told = (u64, Parcel);

/// Asks and tells.
#[derive(Debug)]
pub struct Asker {
    post: Arc<Post>,
    journal: Arc<Journal>,
    courier: mpsc::Sender<Told>,
}

impl Asker {
    /// One that asks through this post, and the end at which the courier gets what is told.
    pub fn new(post: Arc<Post>, journal: Arc<Journal>) -> (Self, mpsc::Receiver<Told>) {
        let (courier, told) = mpsc::channel(TOLD_MAX);
        (Self { post, journal, courier }, told)
    }
}

impl Ask for Asker {
    fn ask(&self, parcel: Parcel) -> Asking {
        let post = self.post.clone();
        Box::pin(async move { post.deliver(parcel).await })
    }

    fn tell(&self, parcel: Parcel) {
        if let Err(full) = self.courier.try_send((self.journal.last(), parcel)) {
            let (_, parcel) = full.into_inner();
            self.post.drop_one(&parcel, "too much was waiting for the courier");
        }
    }
}
