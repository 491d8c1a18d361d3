//! Registry: entities by id, a lock each. `change` is the only place where an entity is locked for writing.
//!
//! Look up, clone the `Arc`, drop the map guard, lock, find the entity alive, run, append the facts, unlock. Never two
//! entities at once. Lock order: map shard (released) → one entity → membership index → journal.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use dashmap::mapref::entry::Entry;
use parking_lot::RwLock;

use crate::kernel::fact::{Audience, Event, Fact, FormerMembers, Scope};
use crate::kernel::memberships::Memberships;
use crate::kernel::names::{EntityId, UserId};
use crate::kernel::table::{Table, table};
use crate::kernel::tenancy::Tenancy;
use crate::kernel::turn::{Origin, Turn};

/// Counts the lives of entities; across all registries, since a tenant that is dropped and opened again has new ones.
static LIVES: AtomicU64 = AtomicU64::new(0);

/// There is no such entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing;

/// The id is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken;

/// Something that lives in a registry.
pub trait Entity {
    /// The vendor's word for it, as in event scopes.
    const KIND: &'static str;
    /// Calls with each member, in join order.
    fn each_member(&self, visit: &mut dyn FnMut(&UserId));
    /// The join number of a member's present membership.
    fn joined(&self, user: &str) -> Option<u64>;
}

/// Where an entity lives; empty once it is gone.
#[derive(Debug)]
struct Place<S> {
    /// Tells apart entities that had the same id one after the other.
    life: u64,
    /// Whether a fact told its audience by rule: then the members are still asked for when the entity is gone.
    by_rule: AtomicBool,
    state: RwLock<Option<Box<S>>>,
}

impl<S: Entity + fmt::Debug + Send + Sync> FormerMembers for Place<S> {
    fn joined(&self, user: &str) -> Option<u64> {
        self.state.read().as_deref()?.joined(user)
    }

    fn each(&self, visit: &mut dyn FnMut(&UserId)) {
        self.state.read().iter().for_each(|entity| entity.each_member(visit));
    }

    fn count(&self) -> usize {
        let mut count = 0;
        self.each(&mut |_| count += 1);
        count
    }
}

type Slot<S> = Arc<Place<S>>;

/// Entities by id.
#[derive(Debug)]
pub struct Registry<S> {
    tenancy: Arc<Tenancy>,
    entities: Table<EntityId, Slot<S>>,
    /// Which entities an account is a member of, where the system asks for that.
    memberships: Option<Memberships>,
}

impl<S: Entity + fmt::Debug + Send + Sync + 'static> Registry<S> {
    /// An empty registry; `indexed` ones can tell which entities an account is in.
    pub fn new(tenancy: Arc<Tenancy>, indexed: bool) -> Self {
        Self { tenancy, entities: table(), memberships: indexed.then(Memberships::default) }
    }

    /// What the registry shares with its tenant.
    pub fn tenancy(&self) -> &Tenancy {
        &self.tenancy
    }

    /// How many entities there are.
    pub fn len(&self) -> usize {
        self.entities.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }

    /// Whether there is one with this id.
    pub fn contains(&self, id: &str) -> bool {
        self.entities.contains_key(id)
    }

    /// All ids, sorted.
    pub fn ids(&self) -> Vec<EntityId> {
        let mut ids: Vec<EntityId> = self.entities.iter().map(|entry| entry.key().clone()).collect();
        ids.sort_unstable();
        ids
    }

    /// The entities that an account is a member of, in the order in which it joined them; needs an indexed registry.
    /// Looks into them: not to be asked while one is locked.
    pub fn of_member(&self, user: &str) -> Vec<EntityId> {
        let mut ids = self.memberships.as_ref().expect("asked only of an indexed registry").of(user);
        ids.retain(|id| self.read(id, |entity| entity.joined(user).is_some()) == Some(true));
        ids
    }

    /// Makes an entity; nothing stays behind if `build` refuses.
    ///
    /// # Errors
    /// [`Taken`] as `E`, or what `build` refuses with.
    pub fn create<E: From<Taken>>(
        &self,
        origin: &Origin,
        id: &EntityId,
        build: impl FnOnce(&mut Turn<'_>) -> Result<S, E>,
    ) -> Result<(), E> {
        let slot = Self::place(None);
        let mut locked = slot.state.write();
        match self.entities.entry(id.clone()) {
            Entry::Occupied(_) => return Err(Taken.into()),
            // Others who find the slot wait for its lock; if the build fails they find it empty.
            Entry::Vacant(free) => free.insert(slot.clone()),
        };
        let mut cleanup = Cleanup { registry: self, id, slot: &slot, indexed: false };
        let mut turn = Turn::new(&self.tenancy, origin, Self::scope(id, &slot));
        *locked = Some(Box::new(build(&mut turn)?));
        cleanup.indexed = true;
        self.commit(origin, &slot, turn);
        std::mem::forget(cleanup);
        Ok(())
    }

    /// Puts an entity in place as a state document describes it, replacing one with the same id; records nothing.
    pub fn put(&self, id: &EntityId, entity: S) {
        let slot = Self::place(None);
        // Whoever finds the new slot waits until the old one is empty and the index is right.
        let mut locked = slot.state.write();
        let old = self.entities.insert(id.clone(), slot.clone());
        let gone = old.and_then(|old| {
            let entity = old.state.write().take()?;
            Some(Place {
                life: old.life,
                by_rule: AtomicBool::new(old.tells_by_rule()),
                state: RwLock::new(Some(entity)),
            })
        });
        if let Some(index) = &self.memberships {
            gone.iter().for_each(|old| index.leave(id, |visit| old.each(visit)));
            index.enter(id, |visit| entity.each_member(visit));
        }
        if let Some(gone) = gone.filter(Place::tells_by_rule) {
            self.tenancy.journal.keep_former(gone.life, Arc::new(gone));
        }
        *locked = Some(Box::new(entity));
    }

    /// Ends the registry with its tenant: whoever was in an entity can still be told from the journal's events.
    pub fn end(&self) {
        for entry in self.entities.iter().filter(|entry| entry.tells_by_rule()) {
            self.tenancy.journal.keep_former(entry.life, entry.value().clone());
        }
    }

    /// Looks at an entity under its read lock.
    pub fn read<R>(&self, id: &str, look: impl FnOnce(&S) -> R) -> Option<R> {
        let slot = self.slot(id)?;
        let locked = slot.state.read();
        locked.as_deref().map(look)
    }

    /// Looks at an entity if it is still the one that had this life.
    pub fn read_life<R>(&self, id: &str, life: u64, look: impl FnOnce(&S) -> R) -> Option<R> {
        let slot = self.slot(id).filter(|slot| slot.life == life)?;
        let locked = slot.state.read();
        locked.as_deref().map(look)
    }

    /// Changes an entity in one turn: all checks, then all changes, then its facts go to the journal.
    ///
    /// # Errors
    /// [`Missing`] as `E`, or what the rules refuse with; then nothing changed and nothing was recorded.
    pub fn change<R, E: From<Missing>>(
        &self,
        origin: &Origin,
        id: &str,
        act: impl FnOnce(&mut S, &mut Turn<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let slot = self.slot(id).ok_or(Missing)?;
        let mut locked = slot.state.write();
        // Taken out while it changes: should the turn panic, the entity is gone rather than half changed.
        let mut entity = locked.take().ok_or(Missing)?;
        let cleanup = Cleanup { registry: self, id, slot: &slot, indexed: true };
        let mut turn = Turn::new(&self.tenancy, origin, Self::scope(id, &slot));
        let result = act(&mut entity, &mut turn);
        *locked = Some(entity);
        std::mem::forget(cleanup);
        if result.is_ok() {
            self.commit(origin, &slot, turn);
        }
        result
    }

    /// Ends an entity in one turn: `may` says whether, `end` gets it whole and may move its parts into facts.
    ///
    /// # Errors
    /// [`Missing`] as `E`, or what `may` refuses with.
    pub fn destroy<R, E: From<Missing>>(
        &self,
        origin: &Origin,
        id: &str,
        may: impl FnOnce(&S) -> Result<(), E>,
        end: impl FnOnce(S, &mut Turn<'_>) -> R,
    ) -> Result<R, E> {
        let slot = self.slot(id).ok_or(Missing)?;
        let mut locked = slot.state.write();
        may(locked.as_deref().ok_or(Missing)?)?;
        let entity = locked.take().ok_or(Missing)?;
        let mut cleanup = Cleanup { registry: self, id, slot: &slot, indexed: true };
        let mut turn = Turn::new(&self.tenancy, origin, Self::scope(id, &slot));
        let result = end(*entity, &mut turn);
        self.commit(origin, &slot, turn);
        cleanup.indexed = false;
        Ok(result)
    }

    fn place(entity: Option<Box<S>>) -> Slot<S> {
        let life = LIVES.fetch_add(1, Ordering::Relaxed);
        Arc::new(Place { life, by_rule: AtomicBool::new(false), state: RwLock::new(entity) })
    }

    fn scope(id: &str, slot: &Slot<S>) -> Scope {
        Scope { kind: S::KIND, id: EntityId::new(id), life: slot.life }
    }

    fn slot(&self, id: &str) -> Option<Slot<S>> {
        self.entities.get(id).map(|found| found.value().clone())
    }

    /// Called with the entity's lock held, so that facts stand in the order in which they happened.
    fn commit(&self, origin: &Origin, slot: &Place<S>, turn: Turn<'_>) {
        if turn.facts().iter().any(|event| matches!(event.audience, Audience::AllOf { .. })) {
            slot.by_rule.store(true, Ordering::Release);
        }
        if let Some(index) = &self.memberships {
            turn.facts().iter().for_each(|event| follow(index, event));
        }
        self.tenancy.journal.append_facts(&self.tenancy, origin.call, turn.into_facts());
    }
}

impl<S> Place<S> {
    fn tells_by_rule(&self) -> bool {
        self.by_rule.load(Ordering::Acquire)
    }
}

/// Takes an entity's key away if its turn did not come to an end.
struct Cleanup<'a, S> {
    registry: &'a Registry<S>,
    id: &'a str,
    slot: &'a Slot<S>,
    /// Whether the index may still name the entity, as after a panic: nobody knows its members any more.
    indexed: bool,
}

impl<S> Drop for Cleanup<'_, S> {
    fn drop(&mut self) {
        // While the key is still taken, so that no entity of the same id can come to be meanwhile.
        if let Some(index) = &self.registry.memberships {
            index.forget(self.id, self.indexed);
        }
        self.registry.entities.remove_if(self.id, |_, present| Arc::ptr_eq(present, self.slot));
    }
}

/// Keeps the index of memberships from the facts it sees: it cannot drift.
fn follow(index: &Memberships, event: &Event) {
    let entity = &event.scope.id;
    match &event.fact {
        Fact::Created { members, .. } | Fact::Joined { members, .. } => {
            index.enter(entity, |visit| members.iter().for_each(visit));
        }
        Fact::Left { members, .. } => {
            index.leave(entity, |visit| members.iter().for_each(|leaver| visit(&leaver.id)));
        }
        Fact::Destroyed { members, .. } => index.leave(entity, |visit| members.each(visit)),
        _ => {}
    }
}
