//! Facts: what happened, in words that all systems share, and who would have been told.
//!
//! A fact is recorded under the lock of the entity it is about. Details travel as fields named by the vendor's words;
//! the kernel does not look into them.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::kernel::clock::Timestamp;
use crate::kernel::names::{EntityId, UserId};
use crate::kernel::roster::Roster;

/// Above this many people an audience is told by rule instead of by name.
pub const NAMED_AUDIENCE_MAX: usize = 100;

/// The names of all events.
// table
pub const EVENTS: [&str; 21] = [
    "created",
    "destroyed",
    "joined",
    "member_left",
    "invited",
    "invitation_ended",
    "owner_changed",
    "member_changed",
    "role_changed",
    "muted",
    "banned",
    "seat_changed",
    "info_changed",
    "posted",
    "recalled",
    "pushed",
    "account_changed",
    "tenant_opened",
    "tenant_dropped",
    "seeded",
    "reset",
];

/// A detail of a fact that only its vendor's encoder understands.
pub trait Detail: Any + erased_serde::Serialize + fmt::Debug + Send + Sync {}
impl<T: Any + serde::Serialize + fmt::Debug + Send + Sync> Detail for T {}

/// The value of a field.
#[derive(Clone, Debug)]
pub enum Field {
    /// A text.
    Text(Box<str>),
    /// A number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// A value of its vendor's, written out only when the journal is read.
    Object(Arc<dyn Detail>),
}

impl From<&str> for Field {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<i64> for Field {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Field {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl Field {
    /// A value of its vendor's.
    pub fn object(value: impl Detail + 'static) -> Self {
        Self::Object(Arc::new(value))
    }

    /// The value itself, for the encoder that knows its type.
    pub fn downcast<T: Any>(&self) -> Option<&T> {
        let Self::Object(object) = self else { return None };
        let any: &dyn Any = &**object;
        any.downcast_ref()
    }
}

/// Named details, in the order in which they are shown.
pub type Fields = Vec<(&'static str, Field)>;

/// The detail of this name.
pub fn field<'f>(fields: &'f [(&'static str, Field)], name: &str) -> Option<&'f Field> {
    fields.iter().find(|(known, _)| *known == name).map(|(_, field)| field)
}

/// One who left, with the join number that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaver {
    /// Who.
    pub id: UserId,
    /// The join number of the membership that ended.
    pub joined: u64,
}

/// The members of an entity that is gone: its roster, or what else kept them, moved and not copied.
pub trait FormerMembers: fmt::Debug + Send + Sync {
    /// The join number, if the account was a member at the end.
    fn joined(&self, user: &str) -> Option<u64>;
    /// Calls with each former member, in join order.
    fn each(&self, visit: &mut dyn FnMut(&UserId));
    /// How many there were.
    fn count(&self) -> usize;
}

impl<M: fmt::Debug + Send + Sync> FormerMembers for Roster<M> {
    fn joined(&self, user: &str) -> Option<u64> {
        Roster::joined(self, user)
    }

    fn each(&self, visit: &mut dyn FnMut(&UserId)) {
        self.ids().for_each(visit);
    }

    fn count(&self) -> usize {
        self.len()
    }
}

/// What happened.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "members, fields, how, from and to are the words of the journal's data")]
pub enum Fact {
    /// An entity came to be, with these members.
    Created { members: Vec<UserId>, fields: Fields },
    /// An entity ended; these were its members.
    Destroyed { members: Arc<dyn FormerMembers>, fields: Fields },
    /// Members came.
    Joined { members: Vec<UserId>, how: &'static str, fields: Fields },
    /// Members went.
    Left { members: Vec<Leaver>, how: &'static str, fields: Fields },
    /// Accounts were asked to join.
    Invited { members: Vec<UserId>, fields: Fields },
    /// Invitations ended: accepted, declined or cancelled.
    InvitationEnded { members: Vec<UserId>, how: &'static str },
    /// The owner is another, or nobody.
    OwnerChanged { from: Option<UserId>, to: Option<UserId>, fields: Fields },
    /// Something about a member changed.
    MemberChanged { members: Vec<UserId>, fields: Fields },
    /// What members may do changed.
    RoleChanged { members: Vec<UserId>, fields: Fields },
    /// Accounts were forbidden to speak, or allowed again.
    Muted { members: Vec<UserId>, fields: Fields },
    /// Accounts were kept out, or may come back.
    Banned { members: Vec<UserId>, fields: Fields },
    /// Seats were taken, freed or locked; the changed ones.
    SeatChanged { seats: Arc<dyn Detail>, how: &'static str, fields: Fields },
    /// Something about the entity changed.
    InfoChanged { fields: Fields },
    /// A message was posted, or changed in place.
    Posted { fields: Fields },
    /// A message was taken back.
    Recalled { fields: Fields },
    /// Something would have gone to the push services.
    Pushed { members: Vec<UserId>, fields: Fields },
    /// An account came to be or changed.
    AccountChanged { members: Vec<UserId>, fields: Fields },
    /// A tenant was opened from the template.
    TenantOpened,
    /// A tenant was dropped.
    TenantDropped { how: &'static str },
    /// A state document was added to the world.
    Seeded,
    /// The world, or this tenant, went back to its start.
    Reset,
}

impl Fact {
    /// Its named details; none where it has no such list.
    pub fn fields(&self) -> &[(&'static str, Field)] {
        match self {
            Self::Created { fields, .. }
            | Self::Destroyed { fields, .. }
            | Self::Joined { fields, .. }
            | Self::Left { fields, .. }
            | Self::Invited { fields, .. }
            | Self::OwnerChanged { fields, .. }
            | Self::MemberChanged { fields, .. }
            | Self::RoleChanged { fields, .. }
            | Self::Muted { fields, .. }
            | Self::Banned { fields, .. }
            | Self::SeatChanged { fields, .. }
            | Self::InfoChanged { fields }
            | Self::Posted { fields }
            | Self::Recalled { fields }
            | Self::Pushed { fields, .. }
            | Self::AccountChanged { fields, .. } => fields,
            Self::InvitationEnded { .. }
            | Self::TenantOpened
            | Self::TenantDropped { .. }
            | Self::Seeded
            | Self::Reset => &[],
        }
    }

    /// The name of the event, as in the journal.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Created { .. } => "created",
            Self::Destroyed { .. } => "destroyed",
            Self::Joined { .. } => "joined",
            Self::Left { .. } => "member_left",
            Self::Invited { .. } => "invited",
            Self::InvitationEnded { .. } => "invitation_ended",
            Self::OwnerChanged { .. } => "owner_changed",
            Self::MemberChanged { .. } => "member_changed",
            Self::RoleChanged { .. } => "role_changed",
            Self::Muted { .. } => "muted",
            Self::Banned { .. } => "banned",
            Self::SeatChanged { .. } => "seat_changed",
            Self::InfoChanged { .. } => "info_changed",
            Self::Posted { .. } => "posted",
            Self::Recalled { .. } => "recalled",
            Self::Pushed { .. } => "pushed",
            Self::AccountChanged { .. } => "account_changed",
            Self::TenantOpened => "tenant_opened",
            Self::TenantDropped { .. } => "tenant_dropped",
            Self::Seeded => "seeded",
            Self::Reset => "reset",
        }
    }
}

/// Who would have been told.
#[derive(Clone, Debug)]
pub enum Audience {
    /// These accounts; none when the call was silent.
    Accounts(Vec<UserId>),
    /// All members of the entity at that moment, those who left by this very fact among them, but some.
    AllOf {
        /// The join number that the next member would have got.
        mark: u64,
        /// Who was left out.
        but: Vec<UserId>,
        /// Who else was told, without being a member under its own name.
        and: Vec<UserId>,
        /// How many were told.
        count: usize,
    },
}

impl Audience {
    /// Nobody.
    pub const fn nobody() -> Self {
        Self::Accounts(Vec::new())
    }

    /// All members of this roster and these who have just left it, but one: the one who acted, say.
    pub fn members<M>(roster: &Roster<M>, left: &[Leaver], but: Option<&UserId>) -> Self {
        let out = but.filter(|id| roster.contains(id) || left.iter().any(|gone| gone.id == **id));
        let count = roster.len() + left.len() - usize::from(out.is_some());
        if count > NAMED_AUDIENCE_MAX {
            let but = out.into_iter().cloned().collect();
            return Self::AllOf { mark: roster.next_join(), but, and: Vec::new(), count };
        }
        let gone = left.iter().map(|leaver| &leaver.id);
        Self::Accounts(roster.ids().chain(gone).filter(|id| Some(*id) != out).cloned().collect())
    }
}

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The vendor's word for the kind: `group`, `room`, `account`, `tenant`.
    pub kind: &'static str,
    /// Which one.
    pub id: EntityId,
    /// Tells apart entities that had the same id one after the other.
    pub life: u64,
}

/// A fact with its circumstances.
#[derive(Clone, Debug)]
pub struct Event {
    /// When, on the emulator's clock.
    pub at: Timestamp,
    /// What it is about.
    pub scope: Scope,
    /// Who acted; the caller's account, or empty for the emulator itself.
    pub by: UserId,
    /// Who would have been told.
    pub audience: Audience,
    /// What happened.
    pub fact: Fact,
}

#[cfg(test)]
mod tests {
    use super::EVENTS;

    #[test]
    fn every_name_of_a_fact_is_listed() {
        let source = include_str!("fact.rs");
        let names = source
            .lines()
            .filter_map(|line| line.trim().strip_prefix("Self::")?.split_once("=> \"")?.1.strip_suffix("\","));
        assert_eq!(names.collect::<Vec<_>>(), EVENTS);
    }
}
