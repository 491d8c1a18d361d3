//! Who goes out of a group, and whom that tells: removed by an administrator, or quitting by itself.

use crate::domain::client::Client;
use crate::domain::groups::error::GroupError;
use crate::domain::groups::group::Group;
use crate::domain::groups::member::seconds_of;
use crate::domain::settings::{SilentKick, TencentOptions};
use crate::kernel::fact::{Audience, Fact, Field, Fields, Leaver};
use crate::kernel::names::UserId;
use crate::kernel::turn::Turn;

impl Group {
    /// Removes members; who is not one, or is named twice, does not matter.
    // Assumed: accounts that were never imported are as harmless in a removal as those that are not members.
    ///
    /// # Errors
    /// The type lets nobody be removed.
    pub fn kick(
        &mut self,
        turn: &mut Turn<'_>,
        listed: &[UserId],
        silent: bool,
        reason: &str,
        options: &TencentOptions,
    ) -> Result<(), GroupError> {
        if !self.kind().kick {
            return Err(GroupError::CannotKick(self.info.group_type));
        }
        self.remove_members(turn, listed, silent, reason, options);
        Ok(())
    }

    /// Removes those of the list who are members.
    pub(super) fn remove_members(
        &mut self,
        turn: &mut Turn<'_>,
        listed: &[UserId],
        silent: bool,
        reason: &str,
        options: &TencentOptions,
    ) {
        self.members.fetch(listed);
        let removed = |id: &UserId| Some(Leaver { joined: self.members.remove(id)?.0, id: id.clone() });
        let leavers: Vec<Leaver> = listed.iter().filter_map(removed).collect();
        if leavers.is_empty() {
            return;
        }
        let told = self.told_of_kick(&leavers, silent, options);
        let mut fields = self.fields_of_leaving(reason);
        if !matches!(&told, Audience::Accounts(accounts) if accounts.is_empty()) {
            fields.push(("Notice", Field::Number(4)));
        }
        if !silent {
            self.tell_tip(3, &mut fields, options);
        }
        self.after_leaving(turn, leavers, "kicked", fields, told);
    }

    fn fields_of_leaving(&self, reason: &str) -> Fields {
        vec![
            ("reason", reason.into()),
            ("Type", self.info.group_type.word().into()),
            ("MemberNum", self.number_of_members().into()),
        ]
    }

    /// Who learns that these were removed, after their removal.
    // Assumed: a silent removal tells nobody, unless the option silent_kick has it tell those who were removed.
    // Assumed: in a ChatRoom, whose members see no tips, only the removed accounts are told.
    fn told_of_kick(&self, leavers: &[Leaver], silent: bool, options: &TencentOptions) -> Audience {
        let removed = || Audience::Accounts(leavers.iter().map(|leaver| leaver.id.clone()).collect());
        match (silent, self.tells()) {
            _ if self.asleep() => Audience::nobody(),
            (true, _) if options.silent_kick == SilentKick::TellsNobody => Audience::nobody(),
            (false, true) => Audience::members(&self.members, leavers, None),
            (true, _) | (false, false) => removed(),
        }
    }

    /// What every way out has in common: an owner who went leaves the group without one.
    // Assumed: an administrator may remove the owner too, and the group goes on without one, also without members.
    fn after_leaving(
        &mut self,
        turn: &mut Turn<'_>,
        leavers: Vec<Leaver>,
        how: &'static str,
        fields: Fields,
        told: Audience,
    ) {
        for leaver in &leavers {
            self.extras.forget(&leaver.id);
        }
        let owner = self.info.owner.take_if(|owner| leavers.iter().any(|leaver| leaver.id == *owner));
        turn.record(Fact::Left { members: leavers, how, fields }, told.clone());
        self.record_ownerless(turn, owner, told);
    }

    fn record_ownerless(&mut self, turn: &mut Turn<'_>, owner: Option<UserId>, told: Audience) {
        if owner.is_some() {
            // Assumed: losing the owner is a change of the profile, as the tip for such changes counts the owner in.
            self.info.info_seq = self.info.info_seq.saturating_add(1);
            self.info.last_info_time = seconds_of(turn.now);
            let fields = vec![("Type", self.info.group_type.word().into())];
            turn.record(Fact::OwnerChanged { from: owner, to: None, fields }, told);
        }
    }

    /// Whether the account owns a group whose owner need not be a member, or helps there.
    pub fn is_led_from_outside(&self, user: &UserId) -> bool {
        self.info.owner.as_ref() == Some(user) || self.extras.live_admins.contains(user)
    }

    /// An account that is gone leads no group any more, member or not.
    pub fn resign(&mut self, turn: &mut Turn<'_>, user: &UserId) {
        self.extras.live_admins.retain(|admin| admin != user);
        let owner = self.info.owner.take_if(|owner| owner == user);
        let told = self.everybody();
        self.record_ownerless(turn, owner, told);
    }

    /// A client quits.
    ///
    /// # Errors
    /// Not in, or the owner of a group that cannot be without one.
    pub fn quit(
        &mut self,
        turn: &mut Turn<'_>,
        user: &UserId,
        client: &Client,
        options: &TencentOptions,
    ) -> Result<(), GroupError> {
        if !self.members.contains(user) {
            return Err(GroupError::NotMember { field: "Member_Account", user: user.clone() });
        }
        if self.info.owner.as_ref() == Some(user) && !self.kind().quit {
            return Err(GroupError::OwnerCannotQuit(user.clone()));
        }
        self.go(turn, user, options, "quit", client.fields());
        Ok(())
    }

    /// A member goes, whoever it is.
    // Assumed: an account that is deleted leaves its groups as one who quits, and a group that it owned is without owner.
    pub fn depart(&mut self, turn: &mut Turn<'_>, user: &UserId, options: &TencentOptions, how: &'static str) {
        self.go(turn, user, options, how, Fields::new());
    }

    fn go(&mut self, turn: &mut Turn<'_>, user: &UserId, options: &TencentOptions, how: &'static str, more: Fields) {
        let left = self.members.remove(user).map(|(joined, _)| Leaver { id: user.clone(), joined });
        let leavers: Vec<Leaver> = left.into_iter().collect();
        if leavers.is_empty() {
            return;
        }
        let mut fields = self.fields_of_leaving("");
        fields.push(("Notice", Field::Number(8)));
        fields.extend(more);
        let tells = self.tell_tip(2, &mut fields, options).is_some();
        let told = if tells {
            Audience::members(&self.members, &leavers, None)
        } else {
            Audience::Accounts(vec![user.clone()])
        };
        self.after_leaving(turn, leavers, how, fields, told);
    }
}
