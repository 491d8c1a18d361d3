//! Parcel: what is to be sent to a receiver outside, ready but for its signature; and who sends it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::kernel::delivery::Outcome;
use crate::kernel::tenancy::Tenancy;

/// Looks at what became of a parcel, does what the answer asks for, and says what there is to say of it.
pub type Reader = Box<dyn FnOnce(&Outcome) -> Option<String> + Send>;

/// Something to be sent.
pub struct Parcel {
    /// Whose news it is; once that tenancy has ended it is not sent any more.
    pub tenancy: Arc<Tenancy>,
    /// The receiver as it is configured: parcels for one receiver are delivered one after the other.
    pub receiver: Arc<str>,
    /// Where it goes, with everything of the query that is known before it is sent.
    pub target: String,
    /// What `Sign` is made with, when it is sent.
    pub token: Option<String>,
    /// The vendor's name of it.
    pub command: &'static str,
    /// The body: JSON.
    pub body: Bytes,
    /// The number of the event that it tells of.
    pub cause: Option<u64>,
    /// The call that asks, where nothing has happened yet.
    pub call: Option<u64>,
    /// How long the receiver may take, real time.
    pub timeout: Duration,
    /// Whether it is sent once more after a time-out.
    pub repeats: bool,
    /// Reads the answer, where it is not ignored.
    pub reader: Option<Reader>,
}

impl fmt::Debug for Parcel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parcel")
            .field("command", &self.command)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Parcel {
    /// Roughly what it holds in memory.
    pub fn weight(&self) -> usize {
        self.body.len() + self.target.len()
    }
}

/// A question that is being asked.
pub type Asking = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// Whoever can reach receivers.
pub trait Ask: fmt::Debug + Send + Sync {
    /// Sends it at once and waits for what becomes of it; the answer was read by the parcel's reader already.
    fn ask(&self, parcel: Parcel) -> Asking;
    /// Sends it in its receiver's turn, behind the events that have happened so far; waits for nothing.
    fn tell(&self, parcel: Parcel);
}
