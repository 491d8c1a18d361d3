//! The written form of groups: what state documents say of them, in the service's own words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::groups::group::Group;
use crate::domain::state::Faults;
use crate::kernel::clock::Timestamp;
use crate::kernel::names::{EntityId, UserId};

/// A group in a state document; absent fields have the service's defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct GroupState {
    /// The id.
    pub group_id: EntityId,
}

impl GroupState {
    /// The group that the document describes.
    pub fn to_group(&self, _now: Timestamp) -> Group {
        Group { members: crate::kernel::roster::Roster::new() }
    }

    /// The document's form of a group, everything said.
    pub fn of(_group: &Group) -> Self {
        Self { group_id: EntityId::default() }
    }

    /// Every account that the group names.
    pub fn named(&self) -> impl Iterator<Item = &UserId> {
        std::iter::empty()
    }

    /// Notes every fault of this group.
    pub fn check(&self, _path: &str, _faults: &mut Faults) {}
}
