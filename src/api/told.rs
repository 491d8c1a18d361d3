//! Told: whether one account would have been told of an event, exactly, also where the audience is a rule.
//!
//! An audience by rule holds the join number that came next. The account was there if its present membership is older
//! than that, or if it left later with an older join number. So one pass from the newest entry back is enough.

use std::collections::{HashMap, HashSet};

use crate::api::house::House;
use crate::domain::world::World;
use crate::kernel::fact::{Audience, Event, Fact};
use crate::kernel::journal::{Entry, Numbered, Page, Record};
use crate::kernel::names::UserId;
use crate::kernel::tenancy::TenantKey;

/// An entity in one of its lives, of one tenant, in one epoch.
type Place = (u64, TenantKey, &'static str, String, u64);

/// The events that one account would have been told of, among those of a page.
#[derive(Debug)]
pub struct Told {
    user: String,
    by_rule: HashSet<u64>,
}

impl Told {
    /// Looks the account up in all events of the page that name their audience by rule.
    pub fn new(house: &House, user: &str, page: &Page) -> Self {
        let world = house.world();
        let mut memberships: HashMap<Place, Vec<u64>> = HashMap::new();
        let mut by_rule = HashSet::new();
        for (at, (seq, entry)) in page.entries.iter().enumerate().rev() {
            let Record::Event(event) = &entry.record else { continue };
            let Some(place) = place_of(entry, event) else { continue };
            let AudienceRule { mark, out } = AudienceRule::of(event, user);
            let ended = ended_by(event, user);
            if mark.is_none() && ended.is_none() {
                continue;
            }
            let known = memberships.entry(place).or_insert_with(|| present(house, &world, entry, event, user, page));
            known.extend(ended);
            let just_left = || mark.is_some() && left_in_the_same_turn(house, page, at, user);
            if !out && (mark.is_some_and(|mark| known.iter().any(|joined| *joined < mark)) || just_left()) {
                by_rule.insert(*seq);
            }
        }
        Self { user: user.to_owned(), by_rule }
    }

    /// Whether the account would have been told of this entry.
    pub fn of(&self, seq: u64, entry: &Entry) -> bool {
        match &entry.record {
            Record::Event(event) => match &event.audience {
                Audience::Accounts(accounts) => accounts.iter().any(|id| id.as_str() == self.user),
                Audience::AllOf { and, .. } => {
                    self.by_rule.contains(&seq) || and.iter().any(|id| id.as_str() == self.user)
                }
            },
            Record::Exchange(_) | Record::Delivery(_) => false,
        }
    }
}

/// Which of these accounts an event tells that names its audience by rule, for those who follow it as it happens.
pub fn told_by_rule(house: &House, seq: u64, entry: &Entry, event: &Event, among: Vec<UserId>) -> Vec<UserId> {
    let Audience::AllOf { mark, but, .. } = &event.audience else { return Vec::new() };
    let (world, scope) = (house.world(), &event.scope);
    let Some(tenant) = entry.tenant.as_deref().filter(|_| entry.epoch == world.epoch) else { return Vec::new() };
    let joined = |user: &UserId| world.with_joined(tenant, scope.kind, &scope.id, scope.life, user, |joined| joined);
    let meant = among.into_iter().filter(|user| !but.contains(user));
    let (mut told, rest): (Vec<_>, Vec<_>) =
        meant.partition(|user| joined(user).flatten().is_some_and(|joined| joined < *mark));
    if rest.is_empty() {
        return told;
    }
    // Read after the memberships, so that nobody who leaves slips between the two.
    let later = house.journal.since(seq).entries;
    let later: Vec<&Event> =
        later.iter().filter(|later| same_place(entry, event, later)).filter_map(event_of).collect();
    let former = house.journal.former(scope.life);
    told.extend(rest.into_iter().filter(|user| {
        let left = later.iter().filter_map(|later| ended_by(later, user));
        let was_there = former.as_ref().and_then(|members| members.joined(user));
        left.chain(was_there).any(|joined| joined < *mark)
    }));
    told
}

fn event_of((_, entry): &Numbered) -> Option<&Event> {
    match &entry.record {
        Record::Event(event) => Some(event),
        Record::Exchange(_) | Record::Delivery(_) => None,
    }
}

/// What an event's audience says of an account, where it is a rule.
struct AudienceRule {
    mark: Option<u64>,
    out: bool,
}

impl AudienceRule {
    fn of(event: &Event, user: &str) -> Self {
        match &event.audience {
            Audience::AllOf { mark, but, .. } => {
                Self { mark: Some(*mark), out: but.iter().any(|id| id.as_str() == user) }
            }
            Audience::Accounts(_) => Self { mark: None, out: false },
        }
    }
}

fn place_of(entry: &Entry, event: &Event) -> Option<Place> {
    let key = entry.tenant.as_deref()?.clone();
    Some((entry.epoch, key, event.scope.kind, event.scope.id.to_string(), event.scope.life))
}

/// The join number of a membership that this event ended.
fn ended_by(event: &Event, user: &str) -> Option<u64> {
    match &event.fact {
        Fact::Left { members, .. } => members.iter().find(|gone| gone.id.as_str() == user).map(|gone| gone.joined),
        Fact::Destroyed { members, .. } => members.joined(user),
        _ => None,
    }
}

/// Whether the entry right before this one is of the same turn, with the same audience, and is how the account left.
fn left_in_the_same_turn(house: &House, page: &Page, at: usize, user: &str) -> bool {
    let (seq, entry) = &page.entries[at];
    let fetched;
    let before = match at.checked_sub(1) {
        Some(before) => page.entries.get(before),
        None => {
            fetched = house.journal.since(seq.saturating_sub(2)).entries.into_iter().next();
            fetched.as_ref()
        }
    };
    let Some(before) = before.filter(|before| before.0 + 1 == *seq && before.1.call == entry.call) else {
        return false;
    };
    let (Record::Event(event), Record::Event(left)) = (&entry.record, &before.1.record) else { return false };
    // The count tells: in a later turn those who left are no longer counted.
    let same = match (&event.audience, &left.audience) {
        (Audience::AllOf { mark, count, .. }, Audience::AllOf { mark: mark_left, count: count_left, .. }) => {
            (mark, count) == (mark_left, count_left)
        }
        _ => false,
    };
    same && same_place(entry, event, before) && matches!(left.fact, Fact::Left { .. }) && ended_by(left, user).is_some()
}

/// The account's present membership, and those that ended after the page was cut: read under the entity's lock, so
/// that none slips between the two.
fn present(house: &House, world: &World, entry: &Entry, event: &Event, user: &str, page: &Page) -> Vec<u64> {
    let look = |joined: Option<u64>| {
        let later = house.journal.since(page.last).entries;
        let ended =
            later.iter().filter(|later| same_place(entry, event, later)).filter_map(|(_, later)| match &later.record {
                Record::Event(later) => ended_by(later, user),
                Record::Exchange(_) | Record::Delivery(_) => None,
            });
        joined.into_iter().chain(ended).collect::<Vec<u64>>()
    };
    let former = || house.journal.former(event.scope.life).and_then(|members| members.joined(user));
    let Some(tenant) = entry.tenant.as_deref().filter(|_| entry.epoch == world.epoch) else { return look(former()) };
    let joined = world.with_joined(tenant, event.scope.kind, &event.scope.id, event.scope.life, user, look);
    joined.unwrap_or_else(|| look(former()))
}

fn same_place(entry: &Entry, event: &Event, (_, later): &Numbered) -> bool {
    let Record::Event(other) = &later.record else { return false };
    later.epoch == entry.epoch && later.tenant == entry.tenant && other.scope == event.scope
}
