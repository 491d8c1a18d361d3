//! Roll: the groups of an app in the order in which they came, so that a list of all can be paged while groups go.

use std::collections::{BTreeMap, HashMap};

use crate::domain::groups::kind::GroupType;
use crate::kernel::names::EntityId;

/// All groups, numbered as they came; a number is never given twice.
#[derive(Debug, Default)]
pub struct Roll {
    by_number: BTreeMap<u64, (EntityId, GroupType)>,
    numbers: HashMap<EntityId, u64>,
    /// Groups of each type.
    of_type: [usize; 6],
    last: u64,
}

/// One page of the list.
#[derive(Debug, PartialEq, Eq)]
pub struct RollPage {
    /// All groups, or all of the type asked for.
    pub total: usize,
    /// Those on the page.
    pub ids: Vec<EntityId>,
    /// Where the next page begins; 0 if there is none.
    pub next: u64,
}

impl Roll {
    /// Enters a group; one of the same id keeps its place.
    pub fn enter(&mut self, id: &EntityId, of: GroupType) {
        let number = match self.numbers.get(id) {
            Some(number) => *number,
            None => {
                self.last += 1;
                self.last
            }
        };
        self.numbers.insert(id.clone(), number);
        if let Some((_, before)) = self.by_number.insert(number, (id.clone(), of)) {
            self.of_type[before as usize] -= 1;
        }
        self.of_type[of as usize] += 1;
    }

    /// Strikes a group out.
    pub fn strike(&mut self, id: &str) {
        let Some(number) = self.numbers.remove(id) else { return };
        if let Some((_, of)) = self.by_number.remove(&number) {
            self.of_type[of as usize] -= 1;
        }
    }

    /// How many groups of this type there are.
    pub const fn count(&self, of: GroupType) -> usize {
        self.of_type[of as usize]
    }

    /// All groups of this type.
    pub fn all_of(&self, of: GroupType) -> Vec<EntityId> {
        self.by_number.values().filter(|(_, its)| *its == of).map(|(id, _)| id.clone()).collect()
    }

    /// The page after this number.
    pub fn page(&self, after: u64, most: usize, of: Option<GroupType>) -> RollPage {
        let total = of.map_or(self.by_number.len(), |of| self.count(of));
        let rest = self.by_number.range(after.saturating_add(1)..);
        let mut rest = rest.filter(|(_, (_, its))| of.is_none_or(|of| *its == of));
        let mut next = 0;
        let page = rest.by_ref().take(most).inspect(|(number, _)| next = **number);
        let ids = page.map(|(_, (id, _))| id.clone()).collect();
        let next = if rest.next().is_some() { next } else { 0 };
        RollPage { total, ids, next }
    }
}
