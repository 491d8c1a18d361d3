//! Search: a page of members, by its place or by what is looked for.

use crate::api::control::world::items::MemberItem;
use crate::kernel::names::UserId;
use crate::kernel::roster::Roster;

/// Members that are gone through before the read lock is given back.
const AT_ONCE: usize = 10_000;

/// What is looked for in ids and names, in capitals or not.
#[derive(Debug)]
pub struct Needle(String);

impl Needle {
    /// What a query asks for; nothing is everything.
    pub fn of(q: &str) -> Option<Self> {
        (!q.is_empty()).then(|| Self(q.to_lowercase()))
    }

    /// Whether it is in this text.
    pub fn is_in(&self, text: &str) -> bool {
        text.to_lowercase().contains(&self.0)
    }
}

/// A page of members on its way.
#[derive(Debug)]
pub struct Search<'n> {
    needle: Option<&'n Needle>,
    limit: usize,
    /// The join number of the last one who was looked at.
    after: u64,
    /// How many members there are.
    pub total: usize,
    /// How many of them match, as far as they were looked at.
    pub matched: usize,
    /// How many of those stand before the page.
    pub offset: usize,
    /// The page.
    pub items: Vec<MemberItem>,
}

impl<'n> Search<'n> {
    /// Nothing looked at so far.
    pub fn new(needle: Option<&'n Needle>, offset: usize, limit: usize) -> Self {
        Self { needle, limit, after: 0, total: 0, matched: 0, offset, items: Vec::new() }
    }

    /// Goes on through a roster, called with its lock held; whether there is more. `matches` looks at
    /// names besides the id, `show` copies one who is on the page.
    pub fn go_on<M>(
        &mut self,
        members: &Roster<M>,
        matches: impl Fn(&Needle, &UserId, &M) -> bool,
        show: impl Fn(&UserId, &M) -> MemberItem,
    ) -> bool {
        self.total = members.len();
        let Some(needle) = self.needle else {
            self.matched = self.total;
            self.items = members.page(self.offset).take(self.limit).map(|(id, member)| show(id, member)).collect();
            return false;
        };
        let mut looked = 0;
        for (joined, id, member) in members.after(self.after).take(AT_ONCE) {
            (self.after, looked) = (joined, looked + 1);
            if needle.is_in(id) || matches(needle, id, member) {
                if self.matched >= self.offset && self.items.len() < self.limit {
                    self.items.push(show(id, member));
                }
                self.matched += 1;
            }
        }
        looked == AT_ONCE
    }
}
