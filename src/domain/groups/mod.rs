//! Groups: the Chat groups of one app.

pub mod error;
pub mod group;
pub mod kind;
pub mod state;

use std::sync::Arc;

use crate::domain::groups::group::Group;
use crate::domain::groups::state::GroupState;
use crate::domain::tencent::Holder;
use crate::kernel::names::Names;
use crate::kernel::registry::Registry;
use crate::kernel::tenancy::Tenancy;

/// The groups of one app; they share their ids with its rooms.
#[derive(Debug)]
pub struct Groups {
    groups: Registry<Group>,
    names: Arc<Names<Holder>>,
    messages_max: usize,
}

impl Groups {
    /// No groups.
    pub fn new(tenancy: Arc<Tenancy>, names: Arc<Names<Holder>>, messages_max: usize) -> Self {
        Self { groups: Registry::new(tenancy, true), names, messages_max }
    }

    /// The registry, for looking.
    pub fn registry(&self) -> &Registry<Group> {
        &self.groups
    }

    /// Puts a group in place as a state document describes it.
    pub fn put(&self, state: &GroupState) {
        let _ = self.names.reserve(&state.group_id, Holder::Group);
        self.groups.put(&state.group_id, state.to_group(self.groups.tenancy().now()));
    }

    /// All groups as a state document has them, sorted by id.
    pub fn states(&self) -> Vec<GroupState> {
        self.groups.ids().iter().filter_map(|id| self.groups.read(id, GroupState::of)).collect()
    }
}
