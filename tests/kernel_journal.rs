//! The journal itself: bounds, gaps, forgetting, waiting.

use std::sync::Arc;

use imulator::kernel::clock::{Clock, Timestamp};
use imulator::kernel::exchange::{PARTS, Packing};
use imulator::kernel::fact::{Audience, Event, Fact, Scope};
use imulator::kernel::follower::{FOLLOWED_MAX, Followed};
use imulator::kernel::ids::Ids;
use imulator::kernel::journal::{Bounds, Entry, Journal, Record};
use imulator::kernel::names::{EntityId, UserId};
use imulator::kernel::tenancy::{Tenancy, TenantKey};
use proptest::prelude::{Strategy, any, proptest};

fn entry(tenant: &str, bytes: usize) -> Entry {
    let body = vec![b'x'; bytes];
    let mut packing = Packing::new();
    for part in 0..PARTS {
        packing.part(if part == 3 { &body } else { b"" });
    }
    Entry {
        at: Timestamp::from_millis(0),
        call: None,
        epoch: 1,
        tenant: Some(Arc::new(TenantKey { family: "tencent", id: EntityId::new(tenant) })),
        record: Record::Exchange(packing.done("op", 200, 0)),
    }
}

fn journal(entries: usize, bytes: usize) -> Journal {
    Journal::new(Bounds { entries, bytes })
}

fn append(journal: &Journal, tenant: &str, bytes: usize) {
    journal.append_one(entry(tenant, bytes), || true);
}

fn seqs(journal: &Journal, after: u64) -> Vec<u64> {
    journal.since(after).entries.iter().map(|(seq, _)| *seq).collect()
}

fn is_of(entry: &Entry, tenant: &str) -> bool {
    entry.tenant.as_ref().is_some_and(|key| key.id.as_str() == tenant)
}

#[test]
fn it_keeps_so_many_entries_and_tells_the_gap() {
    let journal = journal(3, usize::MAX);
    (0..5).for_each(|_| append(&journal, "a", 0));
    assert_eq!(seqs(&journal, 0), [3, 4, 5]);
    let gaps: Vec<u64> = (0..7).map(|after| journal.since(after).dropped).collect();
    assert_eq!(gaps, [2, 1, 0, 0, 0, 0, 0]);
}

#[test]
fn it_keeps_so_many_bytes_but_always_the_newest_entry() {
    let journal = journal(100, 4000);
    (0..3).for_each(|_| append(&journal, "a", 1000));
    assert_eq!(seqs(&journal, 0), [1, 2, 3]);
    append(&journal, "a", 1000);
    assert_eq!(seqs(&journal, 0), [2, 3, 4]);
    append(&journal, "a", 100_000);
    assert_eq!((seqs(&journal, 0), journal.since(0).dropped), (vec![5], 4));
    append(&journal, "a", 0);
    assert_eq!(seqs(&journal, 0), [6]);
}

#[test]
fn a_refused_entry_takes_no_number() {
    let journal = journal(3, usize::MAX);
    journal.append_one(entry("a", 0), || false);
    assert_eq!(journal.last(), 0);
}

#[test]
fn a_page_of_one_tenant_passes_over_the_others_and_loses_nothing() {
    let journal = journal(6, usize::MAX);
    for tenant in ["a", "b", "a", "b", "b", "a", "b"] {
        append(&journal, tenant, 0);
    }
    let key = TenantKey { family: "tencent", id: EntityId::new("b") };
    let page = |after: u64, most: usize| {
        let page = journal.page(after, most, Some(&key));
        let seqs: Vec<u64> = page.entries.iter().map(|(seq, _)| *seq).collect();
        (seqs, page.last, page.dropped)
    };
    assert_eq!(page(0, 10), (vec![2, 4, 5, 7], 7, 1));
    assert_eq!(page(0, 3), (vec![2, 4, 5], 5, 1), "a page that was cut ends with its last entry");
    assert_eq!(page(5, 1), (vec![7], 7, 0), "nothing was cut off");
    assert_eq!(page(7, 3), (vec![], 7, 0));
    append(&journal, "a", 0);
    assert_eq!(page(7, 3), (vec![], 8, 0), "what others did is behind the reader");
}

#[test]
fn cleared_it_has_lost_nothing_and_counts_on() {
    let journal = journal(2, usize::MAX);
    (0..5).for_each(|_| append(&journal, "a", 0));
    journal.clear();
    let page = journal.since(0);
    assert_eq!((page.entries.len(), page.last, page.dropped), (0, 5, 0));
    append(&journal, "a", 0);
    assert_eq!(seqs(&journal, 0), [6]);
}

#[test]
fn forgetting_makes_room_in_bytes_too() {
    let journal = journal(100, 4000);
    (0..3).for_each(|at| append(&journal, if at == 1 { "b" } else { "a" }, 1000));
    journal.forget(|entry| is_of(entry, "a"));
    (0..2).for_each(|_| append(&journal, "a", 1000));
    assert_eq!((seqs(&journal, 0), journal.since(0).dropped), (vec![2, 4, 5], 0));
}

#[test]
fn what_was_forgotten_is_not_counted_as_lost() {
    let journal = journal(2, usize::MAX);
    for tenant in ["a", "b"] {
        append(&journal, tenant, 0);
    }
    journal.forget(|entry| is_of(entry, "b"));
    (0..3).for_each(|_| append(&journal, "a", 0));
    assert_eq!(seqs(&journal, 0), [4, 5]);
    let gaps: Vec<u64> = (0..5).map(|after| journal.since(after).dropped).collect();
    assert_eq!(gaps, [2, 1, 1, 0, 0], "1 and 3 fell out, 2 was forgotten");
}

#[test]
fn without_room_it_counts_and_keeps_nothing() {
    let journal = journal(0, 0);
    append(&journal, "a", 0);
    assert_eq!((journal.last(), journal.since(0).entries.len()), (1, 0));
}

#[tokio::test]
async fn news_wake_whoever_waits_and_pass_whoever_is_behind() {
    let journal = journal(10, usize::MAX);
    let waiting = journal.news_after(0);
    let ((), ()) = tokio::join!(waiting, async { append(&journal, "a", 0) });
    journal.news_after(0).await;
}

/// A step: append for one of two tenants, or forget one of them.
fn steps() -> impl Strategy<Value = Vec<(bool, bool)>> {
    proptest::collection::vec((any::<bool>(), proptest::bool::weighted(0.15)), 0..80)
}

proptest! {
    /// Against a naive list: what is kept, and how many fell out after every cursor.
    #[test]
    fn it_agrees_with_a_naive_list(steps in steps(), room in 1usize..6) {
        let journal = journal(room, usize::MAX);
        let (mut kept, mut lost, mut last) = (Vec::<(u64, bool)>::new(), Vec::<u64>::new(), 0);
        for (tenant, forgets) in steps {
            let name = if tenant { "a" } else { "b" };
            if forgets {
                journal.forget(|entry| is_of(entry, name));
                kept.retain(|(_, of)| *of != tenant);
                continue;
            }
            append(&journal, name, 0);
            last += 1;
            kept.push((last, tenant));
            if kept.len() > room {
                lost.push(kept.remove(0).0);
            }
        }
        for after in 0..=last {
            let page = journal.since(after);
            let expected: Vec<u64> = kept.iter().map(|(seq, _)| *seq).filter(|seq| *seq > after).collect();
            assert_eq!(page.entries.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), expected);
            let gone = lost.iter().filter(|seq| **seq > after).count();
            // Inside a run of lost numbers that forgotten ones interrupt, the runs are told apart.
            assert_eq!(page.dropped, u64::try_from(gone).expect("small"));
        }
    }
}

fn happen(journal: &Journal) {
    let scope = Scope { kind: "room", id: EntityId::new("r"), life: 1 };
    let audience = Audience::nobody();
    let event = Event { at: Timestamp::from_millis(0), scope, by: UserId::default(), audience, fact: Fact::Seeded };
    let entry = Entry { record: Record::Event(event), ..entry("1", 0) };
    journal.append_one(entry, || true);
}

#[tokio::test]
async fn a_follower_gets_every_event_in_order_also_of_a_journal_that_keeps_nothing() {
    for entries in [0, 1, 100] {
        let journal = journal(entries, 1 << 20);
        happen(&journal);
        let mut follower = journal.followers.join();
        append(&journal, "1", 0);
        happen(&journal);
        happen(&journal);
        for expected in [3, 4] {
            let Some(Followed::Event(seq, _)) = follower.next().await else { panic!("an event was to come") };
            assert_eq!(seq, expected, "of a journal of {entries}");
        }
        assert!(journal.since(0).entries.len() <= entries);
    }
}

#[tokio::test]
async fn a_follower_that_is_too_slow_is_told_how_much_it_lost() {
    let journal = journal(10, 1 << 20);
    let mut follower = journal.followers.join();
    for _ in 0..FOLLOWED_MAX + 5 {
        happen(&journal);
    }
    assert!(matches!(follower.next().await, Some(Followed::Lost(5))));
    assert!(matches!(follower.next().await, Some(Followed::Event(6, _))));
}

#[test]
fn couriers_get_the_facts_of_tenants_that_named_a_receiver_and_no_other() {
    let journal = Arc::new(journal(0, 0));
    let key = TenantKey { family: "tencent", id: EntityId::new("a") };
    let tenancy = Tenancy::new(key, 1, Clock::manual(), Ids::new(1, "t", 0), journal.clone());
    let mut courier = journal.couriers.join();
    let event = || {
        let scope = Scope { kind: "room", id: EntityId::new("r"), life: 1 };
        let fact = Fact::InfoChanged { fields: Vec::new() };
        Event { at: Timestamp::from_millis(0), scope, by: UserId::default(), audience: Audience::nobody(), fact }
    };
    let told = |courier: &mut imulator::kernel::follower::Follower| match courier.next_now() {
        Some(Followed::Event(seq, _)) => Some(seq),
        _ => None,
    };
    journal.append_facts(&tenancy, None, [event()]);
    assert_eq!((told(&mut courier), journal.last()), (None, 1));
    journal.append_of_tenant(&tenancy, event());
    assert_eq!(told(&mut courier), Some(2), "what happens to a tenant as a whole");
    tenancy.tell_outside();
    journal.append_facts(&tenancy, None, [event()]);
    assert_eq!((told(&mut courier), told(&mut courier)), (Some(3), None));
}
