//! Who comes into a group, and whom that tells: added by an administrator, or joining by itself.

use std::collections::HashSet;

use crate::domain::client::Client;
use crate::domain::groups::error::GroupError;
use crate::domain::groups::group::Group;
use crate::domain::groups::kind::ApplyJoinOption;
use crate::domain::groups::member::{Added, Role, seconds_of};
use crate::domain::settings::TencentOptions;
use crate::kernel::fact::{Audience, Fact, Field};
use crate::kernel::names::UserId;
use crate::kernel::turn::Turn;

/// By which way somebody comes in.
#[derive(Clone, Copy)]
enum How<'a> {
    /// An administrator of the app does it.
    Added,
    /// A client does it by itself.
    Joined(&'a Client),
}

/// Whom a call adds, and how.
#[derive(Clone, Copy)]
pub struct Adding<'a> {
    /// The accounts, in the order of the call.
    pub listed: &'a [UserId],
    /// Those among them whom the app itself does not let in.
    pub struck: &'a [UserId],
    /// Nobody is told.
    pub silent: bool,
    /// The app's switches.
    pub options: &'a TencentOptions,
    /// Whether an account was imported.
    pub exists: &'a (dyn Fn(&str) -> bool + Sync),
}

impl Group {
    /// Adds members; says of each entry of the list what became of it, in its order.
    ///
    /// # Errors
    /// The type permits nobody to be added, an account is unknown, or there is no room for all.
    pub fn add(&mut self, turn: &mut Turn<'_>, adding: Adding<'_>) -> Result<Vec<Added>, GroupError> {
        let outcomes = self.may_add(seconds_of(turn.now), adding)?;
        let entries = adding.listed.iter().zip(&outcomes);
        let coming: Vec<UserId> =
            entries.filter(|(_, outcome)| **outcome == Added::Joined).map(|(id, _)| id.clone()).collect();
        self.let_in(turn, coming, adding.silent, adding.options, How::Added);
        Ok(outcomes)
    }

    /// What would become of each entry.
    // Assumed: one unknown account, or one too many, fails the whole addition; the options unknown_members and fill_up
    // give it Result 0 instead.
    // Assumed: a banned account gets Result 0, and the second mention of an account Result 2.
    ///
    /// # Errors
    /// The type permits nobody to be added, an account is unknown, or there is no room for all.
    pub fn may_add(&self, now: u32, adding: Adding<'_>) -> Result<Vec<Added>, GroupError> {
        let Adding { listed, struck, options, exists, .. } = adding;
        self.permit(self.kind().add, "GroupId", "adding members")?;
        if !options.unknown_members
            && let Some((at, user)) = listed.iter().enumerate().find(|(_, id)| !exists(id))
        {
            let field = format!("MemberList[{at}].Member_Account");
            return Err(GroupError::UnknownAccount { field, user: user.clone() });
        }
        self.members.fetch(listed);
        let places = self.places_left().unwrap_or(usize::MAX);
        let mut coming = HashSet::with_capacity(listed.len());
        let mut turned_away = 0;
        let outcome = |id: &UserId| {
            if self.members.contains(id) || coming.contains(id.as_str()) {
                return Added::Already;
            }
            if !exists(id) || struck.contains(id) || self.is_banned(id, now) {
                return Added::Failed;
            }
            if coming.len() >= places {
                turned_away += 1;
                return Added::Failed;
            }
            coming.insert(id.to_string());
            Added::Joined
        };
        let outcomes: Vec<Added> = listed.iter().map(outcome).collect();
        if turned_away > 0 && !options.fill_up {
            let (present, max) = (self.members.len(), self.info.max_member_num);
            return Err(GroupError::Full { coming: coming.len() + turned_away, present, max });
        }
        Ok(outcomes)
    }

    /// Puts accounts in that may come and are not in yet.
    // Assumed: new members have read everything, the tip of their own coming included.
    fn let_in(
        &mut self,
        turn: &mut Turn<'_>,
        coming: Vec<UserId>,
        silent: bool,
        options: &TencentOptions,
        how: How<'_>,
    ) {
        if coming.is_empty() {
            return;
        }
        let mut fields = vec![("Type", self.info.group_type.word().into())];
        let places = self.members.len() + coming.len();
        fields.push(("MemberNum", i64::try_from(places).unwrap_or(i64::MAX).into()));
        let tells = !silent && self.tell_tip(1, &mut fields, options).is_some();
        let read = self.info.next_msg_seq.saturating_sub(1);
        let member = self.fresh_member(seconds_of(turn.now), read, Role::Member);
        for id in &coming {
            self.members.join(id.clone(), member.clone());
        }
        if tells && matches!(how, How::Added) {
            fields.push(("Notice", Field::Number(7)));
        }
        if self.places_left() == Some(0) {
            fields.push(("Full", true.into()));
        }
        let how = match how {
            How::Added => "added",
            How::Joined(client) => {
                fields.extend(client.fields());
                "joined"
            }
        };
        let told = if tells { Audience::members(&self.members, &[], None) } else { Audience::nobody() };
        turn.record(Fact::Joined { members: coming, how, fields }, told);
    }

    /// A client joins by itself.
    ///
    /// # Errors
    /// Already in, banned, the group takes no applications, or it is full.
    pub fn join(
        &mut self,
        turn: &mut Turn<'_>,
        user: &UserId,
        client: &Client,
        options: &TencentOptions,
    ) -> Result<(), GroupError> {
        self.may_join(user, seconds_of(turn.now))?;
        self.let_in(turn, vec![user.clone()], false, options, How::Joined(client));
        Ok(())
    }

    /// Whether a client may join by itself.
    ///
    /// # Errors
    /// Already in, banned, the group takes no applications, or it is full.
    pub fn may_join(&self, user: &UserId, now: u32) -> Result<(), GroupError> {
        if self.members.contains(user) {
            return Err(GroupError::AlreadyMember(user.clone()));
        }
        if !self.kind().join || self.info.apply_join_option == ApplyJoinOption::DisableApply {
            return Err(GroupError::ClosedToApplicants);
        }
        if self.is_banned(user, now) {
            return Err(GroupError::Banned(user.clone()));
        }
        if self.places_left() == Some(0) {
            let (present, max) = (self.members.len(), self.info.max_member_num);
            return Err(GroupError::Full { coming: 1, present, max });
        }
        Ok(())
    }

    /// How many more may join; `None` is without limit.
    pub(super) fn places_left(&self) -> Option<usize> {
        self.kind().most[0]?;
        let max = usize::try_from(self.info.max_member_num).unwrap_or(usize::MAX);
        Some(max.saturating_sub(self.members.len()))
    }
}
