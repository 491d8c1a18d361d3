//! Group: one Chat group and its rules. Each function checks all, then changes all.

use crate::kernel::names::UserId;
use crate::kernel::registry::Entity;
use crate::kernel::roster::Roster;

/// A group.
#[derive(Clone, Debug)]
pub struct Group {
    /// Who is in it.
    pub members: Roster<()>,
}

impl Entity for Group {
    const KIND: &'static str = "group";

    fn each_member(&self, visit: &mut dyn FnMut(&UserId)) {
        self.members.ids().for_each(visit);
    }

    fn joined(&self, user: &str) -> Option<u64> {
        self.members.joined(user)
    }
}
