//! Queues: what waits for each receiver, bounded in number, bytes and receivers; where there is no room the oldest goes.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::api::parcel::Parcel;

/// Receivers that may have something waiting at once, each with a connection.
pub const RECEIVERS_MAX: usize = 512;
/// Parcels that may wait for one receiver.
pub const WAITING_MAX: usize = 1024;
/// Bytes that may wait for one receiver.
pub const WAITING_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes that may wait for all receivers together.
pub const ALL_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What waits, by receiver. A receiver has a queue as long as somebody works on it.
#[derive(Debug, Default)]
pub struct Queues {
    lanes: HashMap<Arc<str>, Lane>,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Lane {
    waiting: VecDeque<Parcel>,
    bytes: usize,
}

/// What putting a parcel in line led to.
#[derive(Debug, Default)]
pub struct Put {
    /// The receiver had no queue: somebody has to begin to work on it.
    pub begun: bool,
    /// What found no room, oldest first.
    pub dropped: Vec<Parcel>,
}

impl Queues {
    /// Puts a parcel at the end of its receiver's queue; what is too much goes, the oldest of this queue first.
    pub fn put(&mut self, parcel: Parcel) -> Put {
        let receiver = parcel.receiver.clone();
        let begun = !self.lanes.contains_key(&receiver);
        if begun && self.lanes.len() >= RECEIVERS_MAX {
            return Put { begun: false, dropped: vec![parcel] };
        }
        let lane = self.lanes.entry(receiver).or_default();
        lane.bytes += parcel.weight();
        self.bytes += parcel.weight();
        lane.waiting.push_back(parcel);
        let mut dropped = Vec::new();
        while lane.waiting.len() > WAITING_MAX || lane.bytes > WAITING_BYTES_MAX || self.bytes > ALL_BYTES_MAX {
            let Some(oldest) = lane.waiting.pop_front() else { break };
            lane.bytes -= oldest.weight();
            self.bytes -= oldest.weight();
            dropped.push(oldest);
        }
        Put { begun, dropped }
    }

    /// The next parcel for a receiver; without one its queue ends, and with it the work on it.
    pub fn next(&mut self, receiver: &str) -> Option<Parcel> {
        let lane = self.lanes.get_mut(receiver)?;
        let Some(parcel) = lane.waiting.pop_front() else {
            self.lanes.remove(receiver);
            return None;
        };
        lane.bytes -= parcel.weight();
        self.bytes -= parcel.weight();
        Some(parcel)
    }

    /// Drops everything; gives how many were waiting.
    pub fn clear(&mut self) -> usize {
        self.bytes = 0;
        self.lanes.drain().map(|(_, lane)| lane.waiting.len()).sum()
    }

    /// Drops what waits of tenancies that have ended.
    pub fn forget_ended(&mut self) {
        for lane in self.lanes.values_mut() {
            lane.waiting.retain(|parcel| parcel.tenancy.is_live());
            lane.bytes = lane.waiting.iter().map(Parcel::weight).sum();
        }
        self.bytes = self.lanes.values().map(|lane| lane.bytes).sum();
    }

    /// How many parcels wait.
    pub fn waiting(&self) -> usize {
        self.lanes.values().map(|lane| lane.waiting.len()).sum()
    }

    /// How many bytes wait.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }
}
