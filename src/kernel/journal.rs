//! Journal: the bounded, numbered log of what was asked, what happened and what was sent out.
//!
//! One sequence for all kinds of entries. Built before the lock, parsed only when read; what falls out is freed after
//! the lock. Readers hold cursors and are never waited for. Knows no HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::kernel::clock::Timestamp;
use crate::kernel::delivery::Delivery;
use crate::kernel::exchange::Exchange;
use crate::kernel::fact::{Event, FormerMembers};
use crate::kernel::follower::Followers;
use crate::kernel::ring::Ring;
use crate::kernel::tenancy::{Tenancy, TenantKey};

/// What an entry is taken to weigh besides its bytes.
const ENTRY_BYTES: usize = 256;

/// What an entry tells.
#[derive(Debug)]
pub enum Record {
    /// Something happened.
    Event(Event),
    /// A call was answered.
    Exchange(Exchange),
    /// A receiver was told or asked.
    Delivery(Delivery),
}

/// One line of the journal.
#[derive(Debug)]
pub struct Entry {
    /// When, on the emulator's clock.
    pub at: Timestamp,
    /// The call it belongs to.
    pub call: Option<u64>,
    /// The epoch of its world.
    pub epoch: u64,
    /// Its tenant, if it was known.
    pub tenant: Option<Arc<TenantKey>>,
    /// What it tells.
    pub record: Record,
}

impl Entry {
    /// Roughly what it holds in memory, in bytes.
    pub fn weight(&self) -> usize {
        ENTRY_BYTES
            + match &self.record {
                Record::Exchange(exchange) => exchange.weight(),
                Record::Event(event) => event_weight(event),
                Record::Delivery(delivery) => delivery.weight(),
            }
    }
}

/// Roughly what an event's lists hold, so that the bound in bytes means something.
fn event_weight(event: &Event) -> usize {
    use crate::kernel::fact::{Audience, Fact};
    const NAME: usize = 32;
    let told = match &event.audience {
        Audience::Accounts(accounts) => accounts.len(),
        Audience::AllOf { but, and, .. } => but.len() + and.len(),
    };
    let touched = match &event.fact {
        Fact::Created { members, .. }
        | Fact::Joined { members, .. }
        | Fact::Invited { members, .. }
        | Fact::InvitationEnded { members, .. }
        | Fact::MemberChanged { members, .. }
        | Fact::RoleChanged { members, .. }
        | Fact::Muted { members, .. }
        | Fact::Banned { members, .. }
        | Fact::AccountChanged { members, .. } => members.len(),
        Fact::Left { members, .. } => members.len(),
        Fact::Destroyed { members, .. } => members.count() * 2,
        _ => 0,
    };
    (told + touched) * NAME
}

/// A numbered entry.
pub type Numbered = (u64, Arc<Entry>);

/// How much a journal keeps.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Most entries.
    pub entries: usize,
    /// Most bytes, roughly.
    pub bytes: usize,
}

/// The log.
#[derive(Debug)]
pub struct Journal {
    bounds: Bounds,
    ring: Mutex<Ring>,
    /// The last number given, readable without the lock.
    last: AtomicU64,
    news: Notify,
    /// Who gets events from now on, whatever is kept.
    pub followers: Followers,
    /// Who gets those from now on that a receiver outside may have to be told of: of tenants that named one, and what
    /// happens to tenants as a whole.
    pub couriers: Followers,
}

/// What a reader gets.
#[derive(Debug)]
pub struct Page {
    /// Entries, oldest first.
    pub entries: Vec<Numbered>,
    /// The number up to which it tells: the last one given, or the last entry's where the page was cut.
    pub last: u64,
    /// How many entries after the reader's cursor had already fallen out.
    pub dropped: u64,
}

impl Journal {
    /// An empty journal.
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            ring: Mutex::default(),
            last: AtomicU64::new(0),
            news: Notify::new(),
            followers: Followers::new(),
            couriers: Followers::new(),
        }
    }

    /// Appends the facts of a turn, unless the tenancy has ended.
    pub fn append_facts(&self, tenancy: &Tenancy, call: Option<u64>, facts: impl IntoIterator<Item = Event>) {
        self.append_told(tenancy, call, facts, tenancy.is_told_outside());
    }

    /// The same for what happens to a tenant as a whole, which concerns everybody.
    pub fn append_of_tenant(&self, tenancy: &Tenancy, event: Event) {
        self.append_told(tenancy, None, [event], true);
    }

    fn append_told(&self, tenancy: &Tenancy, call: Option<u64>, facts: impl IntoIterator<Item = Event>, outside: bool) {
        let entries: smallvec::SmallVec<[Entry; 2]> = facts
            .into_iter()
            .map(|event| Entry {
                at: event.at,
                call,
                epoch: tenancy.epoch,
                tenant: Some(tenancy.key.clone()),
                record: Record::Event(event),
            })
            .collect();
        if !entries.is_empty() {
            self.append(entries, outside, || tenancy.is_live());
        }
    }

    /// Appends one entry, if `still` says so: it is asked when nothing can come between.
    pub fn append_one(&self, entry: Entry, still: impl FnOnce() -> bool) {
        self.append([entry], false, still);
    }

    /// Gives a number without an entry: for a journal that keeps nothing, and yet tells that something happened.
    pub fn count_one(&self) {
        let mut ring = self.ring.lock();
        ring.count();
        self.last.store(ring.last, Ordering::Release);
        drop(ring);
        self.news.notify_waiters();
    }

    fn append(&self, entries: impl IntoIterator<Item = Entry>, outside: bool, still: impl FnOnce() -> bool) {
        let kept = self.bounds.entries > 0;
        let outside = outside && !self.couriers.is_empty();
        if !kept && !outside && self.followers.is_empty() {
            return self.count_one();
        }
        let entries: smallvec::SmallVec<[Arc<Entry>; 2]> = entries.into_iter().map(Arc::new).collect();
        let (fallen, former);
        {
            let mut ring = self.ring.lock();
            if !still() {
                return;
            }
            for entry in entries {
                ring.count();
                // Under the lock, so that followers see the order of the numbers.
                self.followers.tell(ring.last, &entry);
                if outside {
                    self.couriers.tell(ring.last, &entry);
                }
                if kept {
                    ring.push(entry);
                }
            }
            fallen = ring.shed(self.bounds);
            former = ring.shed_former();
            self.last.store(ring.last, Ordering::Release);
        }
        drop((fallen, former));
        self.news.notify_waiters();
    }

    /// The last number given.
    pub fn last(&self) -> u64 {
        self.last.load(Ordering::Acquire)
    }

    /// All kept entries after this number.
    pub fn since(&self, after: u64) -> Page {
        self.page(after, usize::MAX, None)
    }

    /// The next kept entries after this number, at most so many; a page that was cut ends with its last entry. With a
    /// tenant, most entries of others are passed over.
    pub fn page(&self, after: u64, most: usize, tenant: Option<&TenantKey>) -> Page {
        self.ring.lock().page(after, most, tenant)
    }

    /// Whether it keeps anything.
    pub fn keeps(&self) -> bool {
        self.bounds.entries > 0
    }

    /// Keeps the members of an entity that ends without a fact, for as long as events of its life are kept.
    pub fn keep_former(&self, life: u64, members: Arc<dyn FormerMembers>) {
        self.ring.lock().keep_former(life, members);
    }

    /// The members at the end of a life that ended without a fact.
    pub fn former(&self, life: u64) -> Option<Arc<dyn FormerMembers>> {
        self.ring.lock().former(life)
    }

    /// Forgets everything, also that anything was lost; numbers go on.
    pub fn clear(&self) {
        let fallen = self.ring.lock().clear();
        drop(fallen);
    }

    /// Forgets what a predicate names; numbers go on, and what was lost before stays lost.
    pub fn forget(&self, which: impl FnMut(&Entry) -> bool) {
        let fallen = self.ring.lock().forget(which);
        drop(fallen);
    }

    /// Waits until something is appended after this number.
    pub async fn news_after(&self, seq: u64) {
        loop {
            let news = self.news.notified();
            tokio::pin!(news);
            news.as_mut().enable();
            if self.last() > seq {
                return;
            }
            news.await;
        }
    }
}
