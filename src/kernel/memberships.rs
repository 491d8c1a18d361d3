//! Memberships: which entities an account is a member of, in the order in which it joined them; small, for millions.
//!
//! An account is 32 bits of its id's hash here, an entity a number. So an answer may name entities of another account
//! too: who is given one looks into them. What it never does is leave one out.

use std::hash::BuildHasher;
use std::hint::black_box;

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use parking_lot::RwLock;
use smallvec::SmallVec;

use crate::kernel::names::{EntityId, UserId};

/// Parts that are locked on their own, each of some 80 bytes in every tenant: two threads that meet in one, as they did one
/// time in four when there were four, do less together than one alone.
const SHARDS: usize = 16;
/// Stands for more than one entity; no entity has this number.
const MANY: u32 = u32::MAX;

/// Members whose places are read before anything is done with them.
const FETCHED: usize = 512;
/// Below this many accounts in a shard, the index is likely to be in a cache of the processor.
const FETCH_FROM: usize = 64 * 1024 / SHARDS;

/// Calls with each of several members.
pub type Each<'a> = &'a mut dyn FnMut(&UserId);

/// Which entities accounts are members of.
#[derive(Debug, Default)]
pub struct Memberships {
    hasher: DefaultHashBuilder,
    shards: [RwLock<Shard>; SHARDS],
    numbers: RwLock<Numbers>,
}

#[derive(Debug, Default)]
struct Shard {
    accounts: HashTable<Account>,
    /// The entities of accounts that are in more than one, in the order of joining.
    many: HashMap<u32, Vec<u32>>,
}

#[derive(Debug)]
struct Account {
    mark: u32,
    /// The one entity, or [`MANY`].
    entity: u32,
}

/// The entities by number.
#[derive(Debug, Default)]
struct Numbers {
    numbers: HashMap<EntityId, u32>,
    ids: Vec<Option<EntityId>>,
    free: Vec<u32>,
}

impl Memberships {
    /// Notes that those whom `each` visits are in the entity now; none of them was before.
    pub fn enter(&self, entity: &EntityId, each: impl FnOnce(Each<'_>)) {
        let mut number = None;
        self.each_place(each, |shard, mark| {
            // Before the shard is locked: who forgets an entity holds the numbers and waits for shards.
            let number = *number.get_or_insert_with(|| self.number(entity));
            shard.write().enter(mark, number);
        });
    }

    /// Notes that those whom `each` visits are no longer in the entity.
    pub fn leave(&self, entity: &EntityId, each: impl FnOnce(Each<'_>)) {
        let Some(number) = self.numbers.read().numbers.get(entity).copied() else { return };
        self.each_place(each, |shard, mark| shard.write().leave(mark, number));
    }

    /// Calls with the shard and the mark of each member, whose memory has been read by then.
    fn each_place(&self, each: impl FnOnce(Each<'_>), mut act: impl FnMut(&RwLock<Shard>, u32)) {
        let mut places = SmallVec::<[(usize, u32); 4]>::new();
        let mut come = |places: &mut SmallVec<[(usize, u32); 4]>| {
            self.fetch(places);
            places.drain(..).for_each(|(shard, mark)| act(&self.shards[shard], mark));
        };
        each(&mut |member| {
            places.push(self.place(member));
            if places.len() == FETCHED {
                come(&mut places);
            }
        });
        come(&mut places);
    }

    /// Reads the memory in which many are about to be looked up, so that the processor waits for it side by side: as
    /// [`Roster::fetch`](crate::kernel::roster::Roster::fetch).
    fn fetch(&self, places: &[(usize, u32)]) {
        if places.len() < 2 || self.shards[0].read().accounts.len() < FETCH_FROM {
            return;
        }
        // Nobody who holds a shard waits for another but here, where the order is always the same.
        let shards = self.shards.each_ref().map(RwLock::read);
        for (shard, mark) in places {
            black_box(shards[*shard].accounts.find(spread(mark), |_| true).map(|account| account.mark));
        }
    }

    /// The entities that the account may be in, in the order in which it joined them.
    pub fn of(&self, user: &str) -> Vec<EntityId> {
        let (shard, mark) = self.place(user);
        let found = self.shards[shard].read().of(mark);
        let numbers = self.numbers.read();
        found.into_iter().filter_map(|number| numbers.ids.get(number as usize)?.clone()).collect()
    }

    /// Forgets an entity that is gone; with `members` also who was in it, where nobody could say that any more.
    pub fn forget(&self, entity: &str, members: bool) {
        let mut numbers = self.numbers.write();
        let Some(number) = numbers.numbers.remove(entity) else { return };
        if members {
            self.shards.iter().for_each(|shard| shard.write().forget(number));
        }
        numbers.ids[number as usize] = None;
        numbers.free.push(number);
    }

    fn number(&self, entity: &EntityId) -> u32 {
        let mut numbers = self.numbers.write();
        if let Some(number) = numbers.numbers.get(entity) {
            return *number;
        }
        let number = numbers.free.pop().unwrap_or_else(|| {
            numbers.ids.push(None);
            let number = u32::try_from(numbers.ids.len() - 1).ok().filter(|number| *number != MANY);
            number.expect("there are fewer than 2^32 entities")
        });
        numbers.ids[number as usize] = Some(entity.clone());
        numbers.numbers.insert(entity.clone(), number);
        number
    }

    /// The shard and the mark of an account.
    fn place(&self, user: &str) -> (usize, u32) {
        let hash = self.hasher.hash_one(user);
        ((hash >> 32) as usize % SHARDS, hash as u32)
    }
}

/// The hash of a mark, from the mark alone, so that the table can grow.
fn spread(mark: &u32) -> u64 {
    u64::from(*mark).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

impl Shard {
    fn of(&self, mark: u32) -> Vec<u32> {
        match self.accounts.find(spread(&mark), |account| account.mark == mark) {
            None => Vec::new(),
            Some(Account { entity: MANY, .. }) => self.many.get(&mark).cloned().unwrap_or_default(),
            Some(Account { entity, .. }) => vec![*entity],
        }
    }

    fn enter(&mut self, mark: u32, number: u32) {
        match self.accounts.entry(spread(&mark), |account| account.mark == mark, |account| spread(&account.mark)) {
            Entry::Vacant(free) => drop(free.insert(Account { mark, entity: number })),
            Entry::Occupied(mut present) => {
                let before = std::mem::replace(&mut present.get_mut().entity, MANY);
                let list = self.many.entry(mark).or_insert_with(|| vec![before]);
                list.push(number);
            }
        }
    }

    fn leave(&mut self, mark: u32, number: u32) {
        let Ok(mut present) = self.accounts.find_entry(spread(&mark), |account| account.mark == mark) else { return };
        let entity = &mut present.get_mut().entity;
        if *entity == number {
            present.remove();
        } else if *entity == MANY
            && let Some(list) = self.many.get_mut(&mark)
        {
            if let Some(at) = list.iter().position(|one| *one == number) {
                list.remove(at);
            }
            if let [last] = list[..] {
                *entity = last;
                self.many.remove(&mark);
            }
        }
    }

    fn forget(&mut self, number: u32) {
        let many = &mut self.many;
        self.accounts.retain(|account| {
            if account.entity == MANY
                && let Some(list) = many.get_mut(&account.mark)
            {
                list.retain(|one| *one != number);
                account.entity = match list[..] {
                    [] => number,
                    [last] => last,
                    _ => return true,
                };
                many.remove(&account.mark);
            }
            account.entity != number
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn one(user: &UserId) -> impl FnOnce(Each<'_>) + '_ {
        |visit| visit(user)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Two of these accounts share a mark: they are told of each other's entities, and of all their own.
        #[test]
        fn tells_all_entities_of_an_account_in_the_order_of_joining(steps in vec((0..3_usize, 0..4_usize, 0..20), 1..80)) {
            let (mut shard, mut model) = (Shard::default(), vec![Vec::new(); 2]);
            for (user, entity, dice) in steps {
                let (mark, number) = (user as u32 / 2, entity as u32);
                let list: &mut Vec<(usize, u32)> = &mut model[user / 2];
                if dice == 0 {
                    shard.forget(number);
                    model.iter_mut().for_each(|list| list.retain(|(_, one)| *one != number));
                } else if let Some(at) = list.iter().position(|one| *one == (user, number)) {
                    // Whose of two equal ones goes is the same to whoever reads them.
                    let first = list.iter().position(|(_, one)| *one == number).expect("it is there");
                    let left = list[at].0;
                    let kept = list.remove(first).0;
                    if kept != left {
                        list.iter_mut().find(|one| **one == (left, number)).expect("it stays").0 = kept;
                    }
                    shard.leave(mark, number);
                } else {
                    list.push((user, number));
                    shard.enter(mark, number);
                }
                for (mark, list) in model.iter().enumerate() {
                    let numbers: Vec<u32> = list.iter().map(|(_, number)| *number).collect();
                    prop_assert_eq!(shard.of(mark as u32), numbers);
                }
                prop_assert_eq!(shard.accounts.len(), model.iter().filter(|list| !list.is_empty()).count());
            }
        }
    }

    #[test]
    fn a_number_is_given_again_once_its_entity_is_forgotten() {
        let (index, mira) = (Memberships::default(), UserId::from("mira"));
        for round in 0..3 {
            let id = EntityId::new(format!("room-{round}"));
            index.enter(&id, one(&mira));
            assert_eq!(index.of("mira"), std::slice::from_ref(&id));
            index.leave(&id, one(&mira));
            index.forget(&id, false);
        }
        assert_eq!(index.numbers.read().ids.len(), 1);
        assert!(index.of("mira").is_empty());
    }

    #[test]
    fn one_in_a_single_entity_takes_less_than_twenty_bytes() {
        let (index, id) = (Memberships::default(), EntityId::from("g"));
        index.enter(&id, |visit| (0..100_000).for_each(|n| visit(&UserId::new(format!("u{n:011}")))));
        let bytes: usize = index.shards.iter().map(|shard| shard.read().accounts.allocation_size()).sum();
        assert!(bytes < 20 * 100_000, "{bytes}");
    }
}
