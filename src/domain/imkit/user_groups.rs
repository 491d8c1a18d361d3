//! UserGroups: who is in which user group. A group is a client that nobody is: its name and picture are a client's
//! record, and its id may stand among the members of rooms. Read under a room's lock, so nothing is locked after it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::RwLock;
use smallvec::SmallVec;

use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::json::{Json, Members};
use crate::domain::imkit::user::{Client, Given, Users};
use crate::kernel::clock::Timestamp;
use crate::kernel::fact::Field;
use crate::kernel::names::UserId;
use crate::kernel::turn::Origin;

/// One user group, its record as a client aside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserGroup {
    /// Who is in it, each once.
    pub members: Arc<[UserId]>,
    /// When it was made.
    pub created: Timestamp,
}

/// The groups of an application, looked up from both sides.
#[derive(Debug, Default)]
struct Index {
    groups: BTreeMap<UserId, UserGroup>,
    of_client: HashMap<UserId, SmallVec<[UserId; 1]>>,
}

/// The user groups of one application.
#[derive(Debug, Default)]
pub struct UserGroups {
    /// Set by the first group: applications without groups never take the lock.
    any: AtomicBool,
    index: RwLock<Index>,
}

impl UserGroups {
    /// Whether there has never been one.
    pub fn is_empty(&self) -> bool {
        !self.any.load(Ordering::Acquire)
    }

    /// Whether this is a group's id.
    pub fn contains(&self, id: &str) -> bool {
        !self.is_empty() && self.index.read().groups.contains_key(id)
    }

    /// A group.
    pub fn get(&self, id: &str) -> Option<UserGroup> {
        if self.is_empty() {
            return None;
        }
        self.index.read().groups.get(id).cloned()
    }

    /// The groups that a client is in, in the order in which it came into them.
    pub fn of(&self, client: &str) -> SmallVec<[UserId; 1]> {
        if self.is_empty() {
            return SmallVec::new();
        }
        self.index.read().of_client.get(client).cloned().unwrap_or_default()
    }

    /// The ids of all groups, sorted.
    pub fn ids(&self) -> Vec<UserId> {
        self.index.read().groups.keys().cloned().collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.index.read().groups.len()
    }

    /// Puts a group in place, or replaces the one with this id.
    fn put(&self, id: &UserId, group: UserGroup) {
        let mut index = self.index.write();
        index.loosen(id);
        for member in group.members.iter() {
            index.of_client.entry(member.clone()).or_default().push(id.clone());
        }
        index.groups.insert(id.clone(), group);
        self.any.store(true, Ordering::Release);
    }

    /// Forgets a group: its id becomes a client's.
    pub(super) fn forget(&self, id: &str) {
        if self.contains(id) {
            self.index.write().loosen(id);
        }
    }
}

impl Index {
    fn loosen(&mut self, id: &str) {
        let Some(old) = self.groups.remove(id) else { return };
        for member in old.members.iter() {
            let left = self.of_client.get_mut(member).map(|groups| {
                groups.retain(|present| present.as_str() != id);
                groups.is_empty()
            });
            if left == Some(true) {
                self.of_client.remove(member);
            }
        }
    }
}

impl Users {
    /// The user groups.
    pub fn groups(&self) -> &Arc<UserGroups> {
        &self.groups
    }

    /// Whether a user group of this id (`None`: a new one) may have these members.
    ///
    /// # Errors
    /// The id is a client's; somebody is no client, or is a group.
    pub fn check_group(
        &self,
        id: Option<&UserId>,
        members: &[UserId],
        unknown_members: bool,
    ) -> Result<(), ImkitError> {
        // Assumed: a user group cannot take the id of a client: 409 USER_EXISTS.
        if let Some(id) = id.filter(|id| !self.groups.contains(id) && self.get(id).is_some()) {
            return Err(ImkitError::GroupIsClient(id.clone()));
        }
        for client in members {
            // Assumed: user groups consist of clients; a group in a group is refused.
            if self.groups.contains(client) || Some(client) == id {
                return Err(ImkitError::GroupInGroup(client.clone()));
            }
            if self.get(client).is_none() && !unknown_members {
                return Err(ImkitError::ClientMissing { field: "members", client: client.clone() });
            }
        }
        Ok(())
    }

    /// Makes a checked user group, or sets what is given; `None` leaves the members as they are.
    pub fn put_group(
        &self,
        origin: &Origin,
        id: &UserId,
        fields: Members,
        members: Option<Vec<UserId>>,
    ) -> (Arc<Client>, UserGroup) {
        let fresh = || UserGroup { members: Arc::default(), created: self.now() };
        let before = self.groups.get(id).unwrap_or_else(fresh);
        let group = UserGroup { members: members.map_or(before.members, distinct), ..before };
        self.groups.put(id, group.clone());
        // Assumed: nobody is told that a user group changed.
        let more = vec![("clientType", "group".into()), ("groupMembers", Field::object(group.members.to_vec()))];
        (self.upsert_with(origin, id, Given { fields, is_robot: None }, more), group)
    }

    /// Puts a group in place as a state document describes it; a client with its id is replaced.
    pub fn restore_group(&self, client: Client, group: UserGroup) {
        let id = client.id.clone();
        self.put(client);
        self.groups.put(&id, group);
    }

    /// All groups, sorted by id, with their records.
    pub fn all_groups(&self) -> Vec<(Arc<Client>, UserGroup)> {
        let ids = self.groups.ids().into_iter();
        ids.filter_map(|id| Some((self.get(&id)?, self.groups.get(&id)?))).collect()
    }
}

/// The ids, each once, in the order in which they were first named.
fn distinct(ids: Vec<UserId>) -> Arc<[UserId]> {
    let mut seen = std::collections::HashSet::with_capacity(ids.len());
    ids.into_iter().filter(|id| seen.insert(id.clone())).collect()
}

/// A group's record as a client: only what documents say of it.
pub fn record(id: UserId, texts: [(&str, Option<&Json>); 2], updated: Option<Timestamp>) -> Client {
    let given = texts.into_iter().filter_map(|(name, text)| Some((name.into(), text?.clone())));
    Client { id, fields: given.collect(), updated, ..Client::default() }
}
