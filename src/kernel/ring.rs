//! Ring: what a journal keeps, oldest first, and what it has lost.

use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::sync::Arc;

use hashbrown::DefaultHashBuilder;
use smallvec::SmallVec;

use crate::kernel::fact::FormerMembers;
use crate::kernel::journal::{Bounds, Entry, Page};
use crate::kernel::tenancy::TenantKey;

/// Most runs of lost numbers that are told apart; beyond it the two oldest become one.
const LOST_MAX: usize = 64;

/// The kept entries.
#[derive(Debug, Default)]
pub struct Ring {
    /// The last number given.
    pub last: u64,
    entries: VecDeque<Kept>,
    bytes: usize,
    /// What fell out for lack of room, oldest first.
    lost: VecDeque<Lost>,
    /// Entities that ended without a fact, while events told their audience by rule.
    former: VecDeque<Former>,
    tenants: DefaultHashBuilder,
}

/// An entry, and what is asked of it without a look at it: it may be far away in memory.
#[derive(Debug)]
struct Kept {
    seq: u64,
    weight: usize,
    /// The hash of its tenant; 0 without one.
    tenant: u64,
    entry: Arc<Entry>,
}

/// An entity's life that ended without a fact, and the last number before.
#[derive(Debug)]
pub struct Former {
    ended_after: u64,
    life: u64,
    members: Arc<dyn FormerMembers>,
}

/// Entries that fell out one after the other.
#[derive(Clone, Copy, Debug)]
struct Lost {
    first: u64,
    last: u64,
    /// How many of the numbers between these are lost; the others were forgotten.
    count: u64,
}

/// Entries that fell out: one for each that came, as a rule.
pub type Fallen = SmallVec<[Arc<Entry>; 4]>;

impl Ring {
    /// Gives the next number.
    pub fn count(&mut self) {
        self.last += 1;
    }

    /// Keeps an entry under the last number given.
    pub fn push(&mut self, entry: Arc<Entry>) {
        let (seq, weight) = (self.last, entry.weight());
        let tenant = entry.tenant.as_deref().map_or(0, |tenant| self.tenants.hash_one(tenant));
        self.bytes += weight;
        self.entries.push_back(Kept { seq, weight, tenant, entry });
    }

    /// What is beyond the bounds falls out, to be freed outside the lock. At once and not many together: what comes next
    /// takes the same memory.
    pub fn shed(&mut self, bounds: Bounds) -> Fallen {
        let mut fallen = Fallen::new();
        while self.entries.len() > bounds.entries || (self.bytes > bounds.bytes && self.entries.len() > 1) {
            let Some(Kept { seq, weight, entry, .. }) = self.entries.pop_front() else { break };
            self.bytes -= weight;
            self.lose(seq);
            fallen.push(entry);
        }
        fallen
    }

    fn lose(&mut self, seq: u64) {
        match self.lost.back_mut() {
            Some(run) if run.last + 1 == seq => (run.last, run.count) = (seq, run.count + 1),
            _ => self.lost.push_back(Lost { first: seq, last: seq, count: 1 }),
        }
        if self.lost.len() > LOST_MAX
            && let (Some(oldest), Some(next)) = (self.lost.pop_front(), self.lost.front_mut())
        {
            *next = Lost { first: oldest.first, last: next.last, count: oldest.count + next.count };
        }
    }

    /// How many entries after this number fell out.
    fn lost_after(&self, after: u64) -> u64 {
        let runs = self.lost.iter().rev().take_while(|run| run.last > after);
        runs.map(|run| if run.first > after { run.count } else { run.count.min(run.last - after) }).sum()
    }

    /// The next entries after this number, at most so many; with a tenant, most of others are passed over.
    pub fn page(&self, after: u64, most: usize, tenant: Option<&TenantKey>) -> Page {
        let tenant = tenant.map(|tenant| self.tenants.hash_one(tenant));
        let start = self.entries.partition_point(|kept| kept.seq <= after);
        let mut meant =
            self.entries.range(start..).filter(|kept| tenant.is_none_or(|tenant| kept.tenant == tenant)).peekable();
        let mut entries = Vec::new();
        while let Some(kept) = meant.next_if(|_| entries.len() < most) {
            entries.push((kept.seq, kept.entry.clone()));
        }
        let cut = meant.peek().and_then(|_| entries.last());
        let last = cut.map_or(self.last, |(seq, _)| *seq);
        Page { entries, last, dropped: self.lost_after(after) }
    }

    /// Keeps the members of an entity that ends without a fact, for as long as events of its life are kept.
    pub fn keep_former(&mut self, life: u64, members: Arc<dyn FormerMembers>) {
        if !self.entries.is_empty() {
            self.former.push_back(Former { ended_after: self.last, life, members });
        }
    }

    /// The members at the end of a life that ended without a fact.
    pub fn former(&self, life: u64) -> Option<Arc<dyn FormerMembers>> {
        self.former.iter().find(|former| former.life == life).map(|former| former.members.clone())
    }

    /// Members of lives that no kept entry can be of.
    pub fn shed_former(&mut self) -> Option<Former> {
        let oldest = self.entries.front().map_or(self.last + 1, |kept| kept.seq);
        // One at a time is enough: each append drops at most a few entries, and nobody waits for the memory.
        let over = self.former.front().is_some_and(|former| former.ended_after < oldest);
        if over { self.former.pop_front() } else { None }
    }

    /// Takes everything out, also that anything was lost; numbers go on.
    pub fn clear(&mut self) -> Self {
        let empty = Self { last: self.last, ..Self::default() };
        std::mem::replace(self, empty)
    }

    /// Takes out what a predicate names; what was lost before stays lost.
    pub fn forget(&mut self, mut which: impl FnMut(&Entry) -> bool) -> Vec<Arc<Entry>> {
        let mut gone = Vec::new();
        self.entries.retain(|kept| {
            let forgotten = which(&kept.entry);
            if forgotten {
                gone.push(kept.entry.clone());
                self.bytes -= kept.weight;
            }
            !forgotten
        });
        gone
    }
}
