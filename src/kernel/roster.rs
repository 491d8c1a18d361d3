//! The members of a conversation, in the order they joined.
//! Answers membership, a page at any position, and a page after a cursor,
//! each at a cost that hardly depends on how many members there are.
//! It knows user ids and an opaque member value, and nothing else:
//! no vendor, no HTTP, no JSON, no clock; those belong to its callers.

use std::{fmt, hash::BuildHasher, hint::black_box};

use hashbrown::{DefaultHashBuilder, HashTable, hash_table::Entry};

use crate::kernel::names::UserId;

/// Slots counted together, so that finding a position skips whole blocks.
const BLOCK: usize = 512;

/// Below this many slots, holes cost too little to be worth compacting.
const COMPACT_FROM: usize = 64;

/// Below this many slots, all of a roster is likely to be in a cache of the processor.
const FETCH_FROM: usize = 8 * 1024;

/// The invariant behind every access to a slot through the index.
const LIVE: &str = "the index leads only to slots that hold a member";

/// One place in the join order; a hole (`None`) keeps its join number, so the
/// slots stay sorted by it and a cursor is found by binary search.
#[derive(Clone)]
struct Slot<M> {
    joined: u64,
    held: Option<(UserId, M)>,
}

impl<M> Slot<M> {
    fn id(&self) -> &str {
        self.held.as_ref().expect(LIVE).0.as_str()
    }
}

/// Members in join order, each under a join number that is never given twice.
///
/// Join numbers start at 1, and survive removals as the order does. A roster
/// has at most 2^32 slots, holes included: room for 2^31 members at least.
#[derive(Clone)]
pub struct Roster<M> {
    slots: Vec<Slot<M>>,
    /// Positions in `slots`, hashed by the id found there; holes are absent.
    index: HashTable<u32>,
    /// How many members each block of `BLOCK` slots holds.
    live: Vec<u16>,
    hasher: DefaultHashBuilder,
    next_join: u64,
}

impl<M> Roster<M> {
    /// An empty roster, which holds no memory yet.
    pub fn new() -> Self {
        Self::with_capacity(0)
    }

    /// An empty roster with room for `members`; removals may give up the room.
    pub fn with_capacity(members: usize) -> Self {
        Self {
            slots: Vec::with_capacity(members),
            index: HashTable::with_capacity(members),
            live: Vec::with_capacity(members.div_ceil(BLOCK)),
            hasher: DefaultHashBuilder::default(),
            next_join: 1,
        }
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Whether the user is a member.
    pub fn contains(&self, id: &str) -> bool {
        self.position(id).is_some()
    }

    /// The member of that id; `None` if not a member.
    pub fn get(&self, id: &str) -> Option<&M> {
        let slot = &self.slots[self.position(id)?];
        slot.held.as_ref().map(|(_, member)| member)
    }

    /// The member of that id, to change; `None` if not a member.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut M> {
        let position = self.position(id)?;
        let slot = &mut self.slots[position];
        slot.held.as_mut().map(|(_, member)| member)
    }

    /// The join number of that user; `None` if not a member.
    pub fn joined(&self, id: &str) -> Option<u64> {
        Some(self.slots[self.position(id)?].joined)
    }

    /// The join number the next one to join will get.
    pub fn next_join(&self) -> u64 {
        self.next_join
    }

    /// Adds a member at the end; `false`, and no change, if already in.
    ///
    /// Panics when the roster already has 2^32 slots.
    pub fn join(&mut self, id: UserId, member: M) -> bool {
        let (slots, hasher) = (&self.slots, &self.hasher);
        let entry = self.index.entry(
            hasher.hash_one(id.as_str()),
            |&position| slots[position as usize].id() == id.as_str(),
            |&position| hasher.hash_one(slots[position as usize].id()),
        );
        let Entry::Vacant(vacant) = entry else {
            return false;
        };
        vacant.insert(slot_position(slots.len()));
        self.push(id, member);
        true
    }

    /// Removes a member and gives its join number; `None` if not a member.
    pub fn remove(&mut self, id: &str) -> Option<(u64, M)> {
        let slots = &mut self.slots;
        let hash = self.hasher.hash_one(id);
        let is_it = |&position: &u32| slots[position as usize].id() == id;
        let (position, _) = self.index.find_entry(hash, is_it).ok()?.remove();
        let slot = &mut slots[position as usize];
        let (_, member) = slot.held.take().expect(LIVE);
        let joined = slot.joined;
        self.live[position as usize / BLOCK] -= 1;
        self.compact_if_sparse();
        Some((joined, member))
    }

    /// Reads the memory in which many members are about to be looked up, and changes nothing.
    ///
    /// No turn of these loops needs the outcome of another, so that the processor waits for many places of memory at
    /// once; a loop that does something with each member waits for one after the other.
    pub fn fetch<'i>(&self, ids: impl IntoIterator<Item = &'i UserId>) {
        if self.slots.len() < FETCH_FROM {
            return;
        }
        let hashes: Vec<u64> = ids.into_iter().map(|id| self.hasher.hash_one(id.as_str())).collect();
        // Whoever is found by the hash is as good as always the one, and none other does any harm.
        let positions: Vec<u32> = hashes.iter().filter_map(|hash| self.index.find(*hash, |_| true).copied()).collect();
        for position in positions {
            let slot = &self.slots[position as usize];
            black_box((slot.joined, slot.held.as_ref().and_then(|(id, _)| id.as_bytes().first())));
        }
    }

    /// All members with their ids, in join order; reversible.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&UserId, &M)> {
        self.live_from(0).map(|(_, id, member)| (id, member))
    }

    /// All ids, in join order; reversible.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = &UserId> {
        self.iter().map(|(id, _)| id)
    }

    /// All members with their ids, in join order, to change; reversible.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = (&UserId, &mut M)> {
        let held = self.slots.iter_mut().filter_map(|slot| slot.held.as_mut());
        held.map(|(id, member)| (&*id, member))
    }

    /// The members from position `offset` on; none when it is past the end.
    pub fn page(&self, offset: usize) -> impl Iterator<Item = (&UserId, &M)> {
        let (mut left, mut block) = (offset, 0);
        while let Some(&live) = self.live.get(block)
            && left >= usize::from(live)
        {
            left -= usize::from(live);
            block += 1;
        }
        let members = self.live_from(block).skip(left);
        members.map(|(_, id, member)| (id, member))
    }

    /// The members who joined after `last_seen`, with their join numbers.
    ///
    /// `last_seen` need not be a member any more, and 0 comes before everyone.
    pub fn after(&self, last_seen: u64) -> impl Iterator<Item = (u64, &UserId, &M)> {
        // No member is ever numbered `u64::MAX`, so saturating excludes no one.
        self.from(last_seen.saturating_add(1))
    }

    /// The members whose join number is `join_number` or greater, with theirs.
    pub fn from(&self, join_number: u64) -> impl Iterator<Item = (u64, &UserId, &M)> {
        let position = self.slots.partition_point(|s| s.joined < join_number);
        self.live_from(position / BLOCK).skip_while(move |&(joined, ..)| joined < join_number)
    }

    /// The bytes this roster occupies, holes and unused room included, but not
    /// what its members, or ids of more than 24 bytes, keep elsewhere.
    pub fn memory_bytes(&self) -> usize {
        size_of::<Self>()
            + self.slots.capacity() * size_of::<Slot<M>>()
            + self.live.capacity() * size_of::<u16>()
            + self.index.allocation_size()
    }

    fn position(&self, id: &str) -> Option<usize> {
        let is_it = |&position: &u32| self.slots[position as usize].id() == id;
        let found = self.index.find(self.hasher.hash_one(id), is_it)?;
        Some(*found as usize)
    }

    /// Every member from the start of a block on. Empty blocks are skipped
    /// unread, so a long run of holes does not slow a page down.
    fn live_from(&self, block: usize) -> impl DoubleEndedIterator<Item = (u64, &UserId, &M)> {
        let slots = self.slots.get(block * BLOCK..).unwrap_or_default();
        let live = self.live.get(block..).unwrap_or_default();
        let blocks = slots.chunks(BLOCK).zip(live);
        let occupied = blocks.filter(|&(_, &live)| live > 0);
        occupied.flat_map(|(slots, _)| slots).filter_map(|slot| {
            let (id, member) = slot.held.as_ref()?;
            Some((slot.joined, id, member))
        })
    }

    fn push(&mut self, id: UserId, member: M) {
        let count = self.slots.len();
        if count == self.slots.capacity() {
            // Growing by half, not double, bounds the unused room per member.
            self.slots.reserve_exact((count / 2).max(4));
        }
        if count.is_multiple_of(BLOCK) {
            self.live.push(0);
        }
        self.live[count / BLOCK] += 1;
        let (joined, held) = (self.next_join, Some((id, member)));
        self.slots.push(Slot { joined, held });
        self.next_join += 1;
    }

    /// Closes the holes once they outnumber the members, so that a removal
    /// costs O(1) amortised; order and join numbers stay as they are.
    fn compact_if_sparse(&mut self) {
        if self.slots.len() < COMPACT_FROM || self.slots.len() <= 2 * self.len() {
            return;
        }
        self.slots.retain(|slot| slot.held.is_some());
        let room = self.slots.len() + self.slots.len() / 2;
        self.slots.shrink_to(room);
        self.live.clear();
        let counts = self.slots.chunks(BLOCK).map(|block| block.len() as u16);
        self.live.extend(counts);
        self.rebuild_index(room);
    }

    fn rebuild_index(&mut self, room: usize) {
        let (slots, hasher) = (&self.slots, &self.hasher);
        let hash = |&position: &u32| hasher.hash_one(slots[position as usize].id());
        self.index.clear();
        self.index.shrink_to(room, hash);
        for position in (0..slots.len()).map(slot_position) {
            self.index.insert_unique(hash(&position), position, hash);
        }
    }
}

fn slot_position(position: usize) -> u32 {
    u32::try_from(position).expect("a roster has at most 2^32 slots")
}

impl<M> Default for Roster<M> {
    fn default() -> Self {
        Self::new()
    }
}

impl<M: fmt::Debug> fmt::Debug for Roster<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Equal when ids and members are, in order, whatever their join numbers.
impl<M: PartialEq> PartialEq for Roster<M> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

/// The first of several members of one id wins.
impl<M> FromIterator<(UserId, M)> for Roster<M> {
    fn from_iter<I: IntoIterator<Item = (UserId, M)>>(members: I) -> Self {
        let members = members.into_iter();
        let mut roster = Self::with_capacity(members.size_hint().0);
        for (id, member) in members {
            roster.join(id, member);
        }
        roster
    }
}

#[cfg(test)]
mod tests;
