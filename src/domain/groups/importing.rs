//! Members that come from another system: with their own times, and without a word to anybody.

use crate::domain::groups::error::GroupError;
use crate::domain::groups::group::Group;
use crate::domain::groups::member::{Added, Role, seconds_of};
use crate::domain::groups::permits;
use crate::kernel::fact::{Audience, Fact};
use crate::kernel::names::UserId;
use crate::kernel::turn::Turn;

/// One who is to be imported.
#[derive(Clone, Debug)]
pub struct OldMember {
    /// Who.
    pub account: UserId,
    /// What the member may do.
    pub role: Role,
    /// Since when, Unix seconds; `None` for now.
    pub join_time: Option<u32>,
    /// Messages not read; more than there are count as all.
    pub unread: u32,
}

impl Group {
    /// Imports members; says of each what became of it, in order.
    // Assumed: an imported member whose JoinTime is before the group or after now, who is unknown or banned, or for whom
    // there is no room, gets Result 0.
    ///
    /// # Errors
    /// The type takes none.
    pub fn import_members(
        &mut self,
        turn: &mut Turn<'_>,
        list: Vec<OldMember>,
        exists: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<Added>, GroupError> {
        self.may(&permits::IMPORT)?;
        let now = seconds_of(turn.now);
        let (mut outcomes, mut members) = (Vec::with_capacity(list.len()), Vec::new());
        for old in list {
            if self.members.contains(&old.account) {
                outcomes.push(Added::Already);
                continue;
            }
            let since = old.join_time.unwrap_or(now);
            let fits = self.places_left() != Some(0) && exists(&old.account) && !self.is_banned(&old.account, now);
            if !fits || since < self.info.create_time || since > now {
                outcomes.push(Added::Failed);
                continue;
            }
            let role = if permits::ROLES.to(self.info.group_type) { old.role } else { Role::Member };
            let member = self.fresh_member(since, self.read_with(old.unread), role);
            self.members.join(old.account.clone(), member);
            members.push(old.account);
            outcomes.push(Added::Joined);
        }
        if !members.is_empty() {
            let fields = vec![
                ("Type", self.info.group_type.word().into()),
                ("MemberNum", self.number_of_members().into()),
                ("Imported", true.into()),
            ];
            turn.record(Fact::Joined { members, how: "imported", fields }, Audience::nobody());
        }
        Ok(outcomes)
    }
}
