//! Post: sends parcels, one receiver's after the other, and writes down what became of each.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::api::entry::BODY_BYTES_MAX;
use crate::api::parcel::Parcel;
use crate::api::tencent::callbacks::signed;
use crate::kernel::clock::Clock;
use crate::kernel::delivery::{Delivery, Outcome};
use crate::kernel::journal::{Entry, Journal, Record};
use crate::webhooks::client::{HttpClient, TIMEOUT};
use crate::webhooks::queue::{Put, Queues};

/// It was never sent: there was no room for it in its queue.
pub const DROPPED: &str = "dropped";

/// It was never worded: events came too fast.
pub const LOST: &str = "lost";

/// Sends parcels.
#[derive(Debug)]
pub struct Post {
    client: HttpClient,
    queues: Mutex<Queues>,
    journal: Arc<Journal>,
    clock: Clock,
    stop: watch::Receiver<bool>,
}

impl Post {
    /// One that sends until told to stop.
    pub fn new(journal: Arc<Journal>, clock: Clock, stop: watch::Receiver<bool>) -> Self {
        Self { client: HttpClient::default(), queues: Mutex::default(), journal, clock, stop }
    }

    /// Puts a parcel in its receiver's queue, and has somebody work on it if nobody does.
    pub fn queue(self: &Arc<Self>, parcel: Parcel) {
        let receiver = parcel.receiver.clone();
        let Put { begun, dropped } = self.queues.lock().put(parcel);
        for parcel in dropped {
            self.drop_one(&parcel, "too much was waiting for the receivers");
        }
        if begun {
            tokio::spawn(self.clone().work(receiver));
        }
    }

    /// Writes down that a parcel is not sent.
    pub fn drop_one(&self, parcel: &Parcel, why: &str) {
        tracing::debug!(command = parcel.command, why, "a callback is dropped");
        self.record(parcel, 0, &parcel.target, Outcome::Failed(DROPPED), Some(why.to_owned()));
    }

    /// Writes down that so many events came too fast for callbacks to be made of them.
    pub fn lose(&self, count: u64, epoch: u64) {
        tracing::warn!(count, "events came too fast for callbacks to be made of them");
        let why = format!("{count} events came too fast for callbacks to be made of them");
        let delivery = Delivery {
            cause: None,
            url: Box::default(),
            command: "",
            attempt: 0,
            request: Box::default(),
            request_bytes: 0,
            outcome: Outcome::Failed(LOST),
            why: Some(why.into()),
        };
        let record = Record::Delivery(delivery);
        let entry = Entry { at: self.clock.now(), call: None, epoch, tenant: None, record };
        self.journal.append_one(entry, || true);
    }

    /// Drops what waits of tenancies that have ended.
    pub fn forget_ended(&self) {
        self.queues.lock().forget_ended();
    }

    /// Drops everything that waits, and says so.
    pub fn close(&self) {
        let waiting = self.queues.lock().clear();
        if waiting > 0 {
            tracing::info!(waiting, "callbacks that were still waiting are dropped");
        }
    }

    /// Delivers what waits for a receiver until nothing does.
    async fn work(self: Arc<Self>, receiver: Arc<str>) {
        let mut stop = self.stop.clone();
        let working = async {
            loop {
                let Some(parcel) = self.queues.lock().next(&receiver) else { return };
                if AssertUnwindSafe(self.deliver(parcel)).catch_unwind().await.is_err() {
                    tracing::error!("a callback was lost to a panic");
                }
            }
        };
        tokio::select! {
            () = working => {}
            _ = stop.wait_for(|stopped| *stopped) => {}
        }
    }

    /// Sends a parcel, once more after a time-out where that is wanted, and writes down what became of it.
    pub async fn deliver(&self, mut parcel: Parcel) -> Outcome {
        let attempts = if parcel.repeats { 2 } else { 1 };
        let mut attempt = 1;
        loop {
            if !parcel.tenancy.is_live() {
                return Outcome::Failed(DROPPED);
            }
            let target = signed(&parcel.target, parcel.token.as_deref(), parcel.tenancy.now());
            let (outcome, mut why) = self.client.post(&target, parcel.body.clone(), parcel.timeout).await;
            let again = attempt < attempts && outcome == Outcome::Failed(TIMEOUT);
            if !again && parcel.tenancy.is_live() {
                let read = parcel.reader.take().and_then(|reader| reader(&outcome));
                why = why.into_iter().chain(read).reduce(|why, read| format!("{why}; {read}"));
            }
            self.record(&parcel, attempt, &target, outcome.clone(), why);
            if !again {
                return outcome;
            }
            attempt += 1;
        }
    }

    /// Writes down an attempt, unless a reset overtook it.
    fn record(&self, parcel: &Parcel, attempt: u32, target: &str, outcome: Outcome, why: Option<String>) {
        let Parcel { tenancy, command, cause, call, body, .. } = parcel;
        let delivery = Delivery {
            cause: *cause,
            url: target.into(),
            command,
            attempt,
            request: body[..body.len().min(BODY_BYTES_MAX)].into(),
            request_bytes: u32::try_from(body.len()).unwrap_or(u32::MAX),
            outcome: cut(outcome),
            why: why.map(String::into_boxed_str),
        };
        let entry = Entry {
            at: tenancy.now(),
            call: *call,
            epoch: tenancy.epoch,
            tenant: Some(tenancy.key.clone()),
            record: Record::Delivery(delivery),
        };
        self.journal.append_one(entry, || tenancy.is_live());
    }
}

/// An outcome as it is kept: an answer's body cut.
fn cut(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Answered { status, body, bytes } if body.len() > BODY_BYTES_MAX => {
            Outcome::Answered { status, body: body[..BODY_BYTES_MAX].into(), bytes }
        }
        other => other,
    }
}
