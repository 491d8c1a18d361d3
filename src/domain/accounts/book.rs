//! Book: accounts by id and by number. Small, because an app may have a million of them that were only ever named.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::domain::accounts::{Account, Rest};

/// Accounts by id and by number.
#[derive(Debug, Default)]
pub struct Book {
    accounts: Vec<Account>,
    /// Places in `accounts`, by the hash of the id there.
    by_id: HashTable<u32>,
    /// Places in `accounts`, by the hash of the number there.
    by_number: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Book {
    /// All accounts, in no order.
    pub fn all(&self) -> &[Account] {
        &self.accounts
    }

    /// The account of this id.
    pub fn get(&self, id: &str) -> Option<&Account> {
        self.place(id).map(|place| &self.accounts[place])
    }

    /// The account of this id, for changing what is set on it.
    pub fn rest(&mut self, id: &str) -> Option<&mut Option<Box<Rest>>> {
        let place = self.place(id)?;
        Some(&mut self.accounts[place].rest)
    }

    /// The account of this number.
    pub fn of_number(&self, number: u64) -> Option<&Account> {
        let is_it = |&place: &u32| self.accounts[place as usize].tiny_id == number;
        let place = self.by_number.find(self.hasher.hash_one(number), is_it)?;
        Some(&self.accounts[*place as usize])
    }

    /// Puts an account in place, whether or not there is one of this id.
    pub fn put(&mut self, account: Account) {
        let known = self.place(&account.id);
        let place = known.unwrap_or(self.accounts.len());
        match known {
            Some(place) => {
                self.point(place, None);
                self.accounts[place] = account;
            }
            None => self.accounts.push(account),
        }
        let (accounts, hasher) = (&self.accounts, &self.hasher);
        let number = u32::try_from(place).expect("an app has fewer than 2^32 accounts");
        let hash = |&place: &u32| hasher.hash_one(accounts[place as usize].id.as_str());
        self.by_id.insert_unique(hash(&number), number, hash);
        let hash = |&place: &u32| hasher.hash_one(accounts[place as usize].tiny_id);
        self.by_number.insert_unique(hash(&number), number, hash);
    }

    /// Takes an account out.
    pub fn remove(&mut self, id: &str) -> Option<Account> {
        let (place, last) = (self.place(id)?, self.accounts.len() - 1);
        self.point(place, None);
        // The last one fills the gap.
        if place != last {
            self.point(last, Some(place));
        }
        Some(self.accounts.swap_remove(place))
    }

    /// Lets the account at a place be found at another one, or not at all.
    fn point(&mut self, place: usize, to: Option<usize>) {
        let number = |place: usize| u32::try_from(place).expect("places are 32 bits");
        let (id, tiny_id) = (self.accounts[place].id.as_str(), self.accounts[place].tiny_id);
        let indexes =
            [(&mut self.by_id, self.hasher.hash_one(id)), (&mut self.by_number, self.hasher.hash_one(tiny_id))];
        for (index, hash) in indexes {
            let found = index.find_entry(hash, |&other| other == number(place));
            let Ok(mut found) = found else { continue };
            match to {
                Some(to) => *found.get_mut() = number(to),
                None => drop(found.remove()),
            }
        }
    }

    fn place(&self, id: &str) -> Option<usize> {
        let is_it = |&place: &u32| self.accounts[place as usize].id.as_str() == id;
        self.by_id.find(self.hasher.hash_one(id), is_it).map(|place| *place as usize)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::names::UserId;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn finds_each_by_id_and_by_number(steps in vec((0..12_u64, 0..30_u64, any::<bool>()), 1..60)) {
            let (mut book, mut model) = (Book::default(), BTreeMap::new());
            let id = |n: u64| UserId::new(n.to_string());
            for (n, number, comes) in steps {
                // A number is one account's.
                if comes && model.iter().all(|(other, taken)| *other == n || *taken != number) {
                    book.put(Account { id: id(n), tiny_id: number, rest: None });
                    model.insert(n, number);
                } else if !comes {
                    prop_assert_eq!(book.remove(&id(n)).map(|account| account.tiny_id), model.remove(&n));
                }
                prop_assert_eq!(book.all().len(), model.len());
                for n in 0..12 {
                    prop_assert_eq!(book.get(&id(n)).map(|account| account.tiny_id), model.get(&n).copied());
                }
                for number in 0..30 {
                    let holder = model.iter().find(|(_, taken)| **taken == number).map(|(n, _)| id(*n));
                    prop_assert_eq!(book.of_number(number).map(|account| account.id.clone()), holder);
                }
            }
        }
    }

    #[test]
    fn an_account_that_was_only_named_takes_little() {
        let mut book = Book::default();
        (0..100_000).for_each(|n| book.put(Account { id: UserId::new(format!("u{n:011}")), tiny_id: n, rest: None }));
        let bytes = size_of_val(book.all()) + book.by_id.allocation_size() + book.by_number.allocation_size();
        assert!(bytes < 65 * 100_000, "{bytes}");
    }
}
