//! Follower: gets the events of a journal from now on, at its own pace and whatever the journal keeps.
//!
//! For what reacts to events, such as sockets and callbacks; what looks back reads the journal itself.

use std::sync::Arc;

use tokio::sync::broadcast::{self, error::RecvError, error::TryRecvError};

use crate::kernel::journal::{Entry, Numbered, Record};

/// Events that wait for a follower at most; beyond it the oldest are lost to it, and it is told how many.
pub const FOLLOWED_MAX: usize = 4096;

/// All followers of one journal.
#[derive(Debug)]
pub struct Followers(broadcast::Sender<Numbered>);

impl Followers {
    /// Nobody yet.
    pub fn new() -> Self {
        Self(broadcast::Sender::new(FOLLOWED_MAX))
    }

    /// One more, from now on.
    pub fn join(&self) -> Follower {
        Follower(self.0.subscribe())
    }

    /// Whether nobody follows.
    pub fn is_empty(&self) -> bool {
        self.0.receiver_count() == 0
    }

    /// Gives everybody an event; other entries are nobody's.
    pub fn tell(&self, seq: u64, entry: &Arc<Entry>) {
        if matches!(entry.record, Record::Event(_)) && !self.is_empty() {
            // The last one may have gone just now; then nobody misses it.
            drop(self.0.send((seq, entry.clone())));
        }
    }
}

impl Default for Followers {
    fn default() -> Self {
        Self::new()
    }
}

/// One who follows.
#[derive(Debug)]
pub struct Follower(broadcast::Receiver<Numbered>);

/// What a follower gets.
#[derive(Debug)]
pub enum Followed {
    /// The next event, with its number.
    Event(u64, Arc<Entry>),
    /// It was too slow: this many events are lost to it.
    Lost(u64),
}

impl Follower {
    /// The next event; `None` once the journal is gone.
    pub async fn next(&mut self) -> Option<Followed> {
        match self.0.recv().await {
            Ok((seq, entry)) => Some(Followed::Event(seq, entry)),
            Err(RecvError::Lagged(count)) => Some(Followed::Lost(count)),
            Err(RecvError::Closed) => None,
        }
    }

    /// The next event, if it is there already.
    pub fn next_now(&mut self) -> Option<Followed> {
        match self.0.try_recv() {
            Ok((seq, entry)) => Some(Followed::Event(seq, entry)),
            Err(TryRecvError::Lagged(count)) => Some(Followed::Lost(count)),
            Err(TryRecvError::Empty | TryRecvError::Closed) => None,
        }
    }
}
