//! Turn: one change of one entity while its lock is held — now, who, fresh ids, and the facts recorded meanwhile.

use smallvec::SmallVec;

use crate::kernel::clock::Timestamp;
use crate::kernel::fact::{Audience, Event, Fact, Scope};
use crate::kernel::ids::Ids;
use crate::kernel::names::{EntityId, UserId};
use crate::kernel::tenancy::Tenancy;

/// Who asks for a change, and by which call.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The acting account: the calling administrator or client; empty for the emulator itself.
    pub by: UserId,
    /// The call's number, if a call caused it.
    pub call: Option<u64>,
}

/// One change of one entity.
#[derive(Debug)]
pub struct Turn<'a> {
    /// The moment of the change; the same for all of it.
    pub now: Timestamp,
    /// Who acts.
    pub by: &'a UserId,
    /// The tenant's ids.
    pub ids: &'a Ids,
    tenancy: &'a Tenancy,
    scope: Scope,
    facts: SmallVec<[Event; 2]>,
}

impl<'a> Turn<'a> {
    /// A turn on this entity, now.
    pub fn new(tenancy: &'a Tenancy, origin: &'a Origin, scope: Scope) -> Self {
        Self { now: tenancy.now(), by: &origin.by, ids: &tenancy.ids, tenancy, scope, facts: SmallVec::new() }
    }

    /// The entity's own id.
    pub fn entity(&self) -> &EntityId {
        &self.scope.id
    }

    /// Notes what happened and who would have been told; it reaches the journal if the turn succeeds.
    pub fn record(&mut self, fact: Fact, audience: Audience) {
        let event = Event { at: self.now, scope: self.scope.clone(), by: self.by.clone(), audience, fact };
        self.facts.push(event);
    }

    /// Notes that a receiver outside is to be told of what happens in this turn.
    pub fn tell_outside(&self) {
        self.tenancy.tell_outside();
    }

    /// The facts noted so far.
    pub fn facts(&self) -> &[Event] {
        &self.facts
    }

    /// Ends the turn and hands its facts over.
    pub fn into_facts(self) -> SmallVec<[Event; 2]> {
        self.facts
    }
}
