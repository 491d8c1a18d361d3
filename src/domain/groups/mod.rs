//! Groups: the Chat groups of one app.

pub mod check;
pub mod error;
pub mod extras;
pub mod group;
pub mod id;
pub mod importing;
pub mod joining;
pub mod kind;
mod leaving;
pub mod live;
pub mod log;
pub mod member;
pub mod member_state;
pub mod parts;
pub mod permits;
pub mod profile;
pub mod reading;
pub mod roll;
pub mod sending;
pub mod standing;
pub mod state;
pub mod thread;

use std::collections::HashSet;
use std::sync::Arc;

use parking_lot::Mutex;
use serde::Serialize;

use crate::domain::client::Client;
use crate::domain::groups::error::GroupError;
use crate::domain::groups::group::{Group, GroupInfo};
use crate::domain::groups::joining::Adding;
use crate::domain::groups::kind::GroupType;
use crate::domain::groups::member::{Added, Newcomer};
use crate::domain::groups::roll::{Roll, RollPage};
use crate::domain::groups::state::GroupState;
use crate::domain::settings::{Profile, TencentOptions};
use crate::domain::tencent::Holder;
use crate::domain::written::{Each, List, Wording};
use crate::kernel::names::{EntityId, Names, Reserved, UserId};
use crate::kernel::registry::Registry;
use crate::kernel::tenancy::Tenancy;
use crate::kernel::turn::{Origin, Turn};

/// Most groups of type BChatRoom in one app.
pub const BROADCASTS_MAX: usize = 5;

/// The groups of one app; they share their ids with its rooms.
#[derive(Debug)]
pub struct Groups {
    groups: Registry<Group>,
    names: Arc<Names<Holder>>,
    /// All groups in the order in which they came; never locked together with a group.
    roll: Mutex<Roll>,
    messages_max: usize,
}

impl Groups {
    /// No groups.
    pub fn new(tenancy: Arc<Tenancy>, names: Arc<Names<Holder>>, messages_max: usize) -> Self {
        Self { groups: Registry::new(tenancy, true), names, roll: Mutex::default(), messages_max }
    }

    /// The registry, for looking.
    pub fn registry(&self) -> &Registry<Group> {
        &self.groups
    }

    /// Most messages that are kept of each group.
    pub fn messages_max(&self) -> usize {
        self.messages_max
    }

    /// Looks at a group under its read lock.
    ///
    /// # Errors
    /// There is no such group.
    pub fn read<R>(&self, id: &str, look: impl FnOnce(&Group) -> R) -> Result<R, GroupError> {
        self.groups.read(id, look).ok_or_else(|| GroupError::Missing(id.to_owned()))
    }

    /// Makes a group and gives its id: the caller's, or one that the server makes where that is empty.
    ///
    /// # Errors
    /// The type takes no first members, an account is unknown, too many members or groups, or the id is in use.
    pub fn create(
        &self,
        origin: &Origin,
        founding: Founding,
        exists: &dyn Fn(&str) -> bool,
    ) -> Result<EntityId, GroupError> {
        self.may_create(&founding, exists)?;
        let Founding { mut info, newcomers, imported, .. } = founding;
        let name = if info.group_id.is_empty() {
            self.reserve_made(info.group_type)
        } else {
            self.names.reserve(&info.group_id, Holder::Group).map_err(|holder| self.taken(&info, holder))?
        };
        let id = name.id().clone();
        info.group_id = id.clone();
        let place = self.enrol(&info)?;
        self.groups.create(origin, &id, |turn| Ok::<_, GroupError>(Group::create(turn, info, newcomers, imported)))?;
        place.keep();
        name.keep();
        Ok(id)
    }

    /// Whether a group could be made so at this moment.
    ///
    /// # Errors
    /// The type takes no first members, an account is unknown, too many members or groups, or the id is in use.
    pub fn may_create(&self, founding: &Founding, exists: &dyn Fn(&str) -> bool) -> Result<(), GroupError> {
        founding.check(exists)?;
        match self.names.holder(&founding.info.group_id) {
            Some(holder) => Err(self.taken(&founding.info, holder)),
            None => Ok(()),
        }
    }

    /// How many groups an account that is a member of them owns.
    pub fn owned_by(&self, user: &UserId) -> usize {
        let owns = |id: &EntityId| self.groups.read(id, |group| group.info.owner.as_ref() == Some(user));
        self.groups.of_member(user).iter().filter(|id| owns(id) == Some(true)).count()
    }

    fn reserve_made(&self, group_type: GroupType) -> Reserved<'_, Holder> {
        loop {
            let id = id::made(group_type, &self.groups.tenancy().ids);
            if let Ok(name) = self.names.reserve(&id, Holder::Group) {
                return name;
            }
        }
    }

    // Assumed: an id in use is the caller's own, 10025, if Owner_Account of the request owns that group; a group without
    // owner is always another's, 10021.
    fn taken(&self, info: &GroupInfo, holder: Holder) -> GroupError {
        let id = info.group_id.to_string();
        let owner = || self.groups.read(&id, |group| group.info.owner.clone()).flatten();
        match holder {
            Holder::Room => GroupError::TakenByRoom(id),
            Holder::Group if info.owner.is_some() && owner() == info.owner => GroupError::OwnGroupExists(id),
            Holder::Group => GroupError::Exists(id),
        }
    }

    fn enrol(&self, info: &GroupInfo) -> Result<Enrolled<'_>, GroupError> {
        let mut roll = self.roll.lock();
        let broadcasts = roll.count(GroupType::BChatRoom);
        if info.group_type == GroupType::BChatRoom && broadcasts >= BROADCASTS_MAX {
            return Err(GroupError::TooManyBroadcasts(broadcasts));
        }
        roll.enter(&info.group_id, info.group_type);
        Ok(Enrolled { roll: &self.roll, id: info.group_id.clone(), kept: false })
    }

    /// A page of all groups, or of those of a type, in the order in which they came.
    pub fn page(&self, after: u64, most: usize, of: Option<GroupType>) -> RollPage {
        self.roll.lock().page(after, most, of)
    }

    /// All groups of a type.
    pub fn all_of(&self, of: GroupType) -> Vec<EntityId> {
        self.roll.lock().all_of(of)
    }

    /// Ends a group; its id is free at once.
    ///
    /// # Errors
    /// There is no such group.
    pub fn destroy(&self, origin: &Origin, id: &str) -> Result<(), GroupError> {
        let ended = self.groups.destroy(origin, id, |_| Ok::<(), GroupError>(()), Group::destroy);
        ended.map_err(|error| error.about(id))?;
        self.roll.lock().strike(id);
        self.names.release(id);
        Ok(())
    }

    /// Adds members; says of each entry what became of it.
    ///
    /// # Errors
    /// No such group, the type permits it not, an account is unknown, or there is no room for all.
    pub fn add(&self, origin: &Origin, id: &str, adding: Adding<'_>) -> Result<Vec<Added>, GroupError> {
        self.change(origin, id, |group, turn| group.add(turn, adding))
    }

    /// Removes members; who is not one does not matter.
    ///
    /// # Errors
    /// No such group, or the type lets nobody be removed.
    pub fn kick(
        &self,
        origin: &Origin,
        id: &str,
        listed: &[UserId],
        silent: bool,
        reason: &str,
        options: &TencentOptions,
    ) -> Result<(), GroupError> {
        self.change(origin, id, |group, turn| group.kick(turn, listed, silent, reason, options))
    }

    /// A client joins.
    ///
    /// # Errors
    /// What a client meets: no such group, already in, banned, closed to applicants, full.
    pub fn join(
        &self,
        origin: &Origin,
        id: &str,
        user: &UserId,
        client: &Client,
        options: &TencentOptions,
    ) -> Result<(), GroupError> {
        self.change(origin, id, |group, turn| group.join(turn, user, client, options))
    }

    /// A client quits.
    ///
    /// # Errors
    /// No such group, not in it, or its owner.
    pub fn quit(
        &self,
        origin: &Origin,
        id: &str,
        user: &UserId,
        client: &Client,
        options: &TencentOptions,
    ) -> Result<(), GroupError> {
        self.change(origin, id, |group, turn| group.quit(turn, user, client, options))
    }

    /// Takes an account that is gone out of its groups, and from the lead of live and broadcast rooms, in which nobody
    /// has to be a member: a series of turns, one a group.
    pub fn forget(&self, origin: &Origin, user: &UserId, options: &TencentOptions) {
        for id in self.groups.of_member(user) {
            // A group that was dissolved since the list was made has no members any more.
            let _ = self.change(origin, &id, |group, turn| {
                group.depart(turn, user, options, "account_deleted");
                Ok(())
            });
        }
        for id in [GroupType::AVChatRoom, GroupType::BChatRoom].into_iter().flat_map(|of| self.all_of(of)) {
            if self.groups.read(&id, |group| group.is_led_from_outside(user)) == Some(true) {
                let _ = self.change(origin, &id, |group, turn| {
                    group.resign(turn, user);
                    Ok(())
                });
            }
        }
    }

    /// Changes a group in one turn.
    ///
    /// # Errors
    /// There is no such group, or what the rules refuse with; then nothing changed.
    pub fn change<R>(
        &self,
        origin: &Origin,
        id: &str,
        act: impl FnOnce(&mut Group, &mut Turn<'_>) -> Result<R, GroupError>,
    ) -> Result<R, GroupError> {
        self.groups.change(origin, id, act).map_err(|error| error.about(id))
    }

    /// Puts a group in place as a state document describes it; absent limits are those of the profile.
    pub fn put(&self, state: &GroupState, profile: Profile) {
        if let Ok(name) = self.names.reserve(&state.group_id, Holder::Group) {
            name.keep();
        }
        self.roll.lock().enter(&state.group_id, state.group_type);
        self.groups.put(&state.group_id, state.to_group(self.groups.tenancy().now(), profile));
    }

    /// All groups as a state document has them, sorted by id.
    pub fn written(&self, wording: impl Wording) -> impl List + Serialize {
        let look = move |id: &EntityId| self.groups.read(id, |group| wording.word(&GroupState::of(group)));
        Each::new(self.groups.ids(), look)
    }
}

/// A group that is to be made.
#[derive(Debug)]
pub struct Founding {
    /// What it is to be; an empty id is for the server to make.
    pub info: GroupInfo,
    /// The first members, the owner aside.
    pub newcomers: Vec<Newcomer>,
    /// From another system: nobody is told.
    pub imported: bool,
    /// Most members that one of its type may have; `None` is without limit.
    pub most: Option<u64>,
}

impl Founding {
    /// Checks the group as a whole, its id aside: what its type permits, its accounts, their number.
    fn check(&self, exists: &dyn Fn(&str) -> bool) -> Result<(), GroupError> {
        let Self { info, newcomers, .. } = self;
        let of = info.group_type;
        if !of.kind().add && !newcomers.is_empty() {
            return Err(GroupError::NotPermitted { field: "MemberList", what: "first members", of });
        }
        let unknown = |field: String, user: &UserId| Err(GroupError::UnknownAccount { field, user: user.clone() });
        if let Some(owner) = info.owner.as_ref().filter(|owner| !exists(owner)) {
            return unknown("Owner_Account".into(), owner);
        }
        if let Some((at, newcomer)) = newcomers.iter().enumerate().find(|(_, newcomer)| !exists(&newcomer.account)) {
            return unknown(format!("MemberList[{at}].Member_Account"), &newcomer.account);
        }
        let Some(most) = self.most else { return Ok(()) };
        let over = |field, amount, max| Err(GroupError::OverPlan { field, amount, max, of });
        if info.max_member_num > most {
            return over("MaxMemberCount", info.max_member_num, most);
        }
        let accounts: HashSet<&str> =
            newcomers.iter().map(|newcomer| &newcomer.account).chain(&info.owner).map(UserId::as_str).collect();
        let amount = u64::try_from(accounts.len()).unwrap_or(u64::MAX);
        if amount > info.max_member_num {
            return over("MemberList", amount, info.max_member_num);
        }
        Ok(())
    }
}

/// A place in the roll, given back if the group that was to have it does not come to be.
struct Enrolled<'a> {
    roll: &'a Mutex<Roll>,
    id: EntityId,
    kept: bool,
}

impl Enrolled<'_> {
    /// The group came to be.
    fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Enrolled<'_> {
    fn drop(&mut self) {
        if !self.kept {
            self.roll.lock().strike(&self.id);
        }
    }
}

impl GroupError {
    /// The same, naming the group that it is about.
    fn about(self, id: &str) -> Self {
        match self {
            Self::Missing(_) => Self::Missing(id.to_owned()),
            other => other,
        }
    }
}
