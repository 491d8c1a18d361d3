//! How members stand: role, name card, push, mutes and bans.

use crate::domain::groups::error::GroupError;
use crate::domain::groups::group::Group;
use crate::domain::groups::kind::GroupType;
use crate::domain::groups::member::{Details, KeyValue, MsgFlag, Role, seconds_of};
use crate::domain::groups::permits;
use crate::domain::settings::TencentOptions;
use crate::kernel::fact::{Audience, Fact, Field, Fields};
use crate::kernel::names::UserId;
use crate::kernel::turn::Turn;

/// What is to change about a member; absent is as it was.
#[derive(Clone, Debug, Default)]
pub struct MemberChange {
    /// What the member may do.
    pub role: Option<Role>,
    /// What the member gets while away.
    pub msg_flag: Option<MsgFlag>,
    /// The name in the group.
    pub name_card: Option<String>,
    /// Custom fields; an empty value clears one.
    pub custom: Vec<KeyValue>,
    /// Seconds of a mute from now on; 0 ends it.
    pub mute: Option<u32>,
}

impl Group {
    /// Changes a member.
    // Assumed: the owner and the admins of a live room can be changed without being inside; then only a mute is kept.
    ///
    /// # Errors
    /// The type has it not, the account is no member, or the owner's role is to change.
    pub fn modify_member(
        &mut self,
        turn: &mut Turn<'_>,
        user: &UserId,
        change: MemberChange,
        options: &TencentOptions,
    ) -> Result<(), GroupError> {
        self.may_modify(user, &change)?;
        let now = seconds_of(turn.now);
        if let Some(role) = change.role {
            self.give_role(turn, user, role, options);
        }
        let fields = self.give_details(user, &change);
        if !fields.is_empty() {
            let tip = change.name_card.is_some() && self.tells();
            self.record_member(turn, user, fields, tip, options);
        }
        if let Some(seconds) = change.mute {
            let until = self.mute_one(user, seconds, now);
            self.record_mute(turn, vec![user.clone()], until, None, options);
        }
        Ok(())
    }

    fn may_modify(&self, user: &UserId, change: &MemberChange) -> Result<(), GroupError> {
        let of = self.info.group_type;
        self.may(&permits::MEMBER_INFO)?;
        if change.role.is_some() {
            self.permit(permits::ROLES.to(of), "Role", permits::ROLES.what)?;
        }
        if change.mute.is_some() {
            self.permit(permits::MUTE.to(of), "MuteTime", permits::MUTE.what)?;
        }
        let live = of == GroupType::AVChatRoom;
        if live && !self.leads(user) {
            return Err(GroupError::NotPermitted { field: "Member_Account", what: "changing ordinary members", of });
        }
        if !live && !self.members.contains(user) {
            return Err(GroupError::NotMember { field: "Member_Account", user: user.clone() });
        }
        if change.role.is_some() && self.info.owner.as_ref() == Some(user) {
            return Err(GroupError::OwnersRole { field: "Member_Account", user: user.clone() });
        }
        Ok(())
    }

    fn give_role(&mut self, turn: &mut Turn<'_>, user: &UserId, role: Role, options: &TencentOptions) {
        let Some(member) = self.members.get_mut(user).filter(|member| member.role != role) else { return };
        member.role = role;
        let (word, tip, notice) = match role {
            Role::Admin => ("Admin", 4, 9),
            Role::Member => ("Member", 5, 10),
        };
        let mut fields: Fields = vec![("Type", self.info.group_type.word().into()), ("Role", word.into())];
        fields.push(("Notice", Field::Number(notice)));
        let told = self.tell_tip(tip, &mut fields, options);
        let told = told.unwrap_or_else(|| Audience::Accounts(vec![user.clone()]));
        turn.record(Fact::RoleChanged { members: vec![user.clone()], fields }, told);
    }

    /// Sets what a member has of its own; gives what changed.
    fn give_details(&mut self, user: &UserId, change: &MemberChange) -> Fields {
        let mut fields: Fields = Vec::new();
        let Some(member) = self.members.get_mut(user) else { return fields };
        if let Some(flag) = change.msg_flag {
            member.msg_flag = flag;
            fields.push(("MsgFlag", Field::object(flag)));
        }
        if change.name_card.is_none() && change.custom.is_empty() {
            return fields;
        }
        let mut details: Details = member.details.as_deref().cloned().unwrap_or_default();
        if let Some(card) = &change.name_card {
            details.name_card = Some(card.clone());
            fields.push(("NameCard", card.as_str().into()));
        }
        if !change.custom.is_empty() {
            merge(&mut details.custom, &change.custom);
            fields.push(("AppMemberDefinedData", Field::object(change.custom.clone())));
        }
        member.details = details.boxed();
        fields
    }

    fn record_member(
        &mut self,
        turn: &mut Turn<'_>,
        user: &UserId,
        mut fields: Fields,
        tip: bool,
        options: &TencentOptions,
    ) {
        fields.insert(0, ("Type", self.info.group_type.word().into()));
        let told = if tip { self.tell_tip(7, &mut fields, options) } else { None };
        let told = told.unwrap_or_else(|| Audience::Accounts(vec![user.clone()]));
        turn.record(Fact::MemberChanged { members: vec![user.clone()], fields }, told);
    }

    fn mute_one(&mut self, user: &UserId, seconds: u32, now: u32) -> u32 {
        let until = if seconds == 0 { 0 } else { now.saturating_add(seconds) };
        if until == 0 {
            self.mutes.remove(user.as_str());
        } else {
            self.mutes.insert(user.clone(), until);
        }
        until
    }

    // Assumed: without tips nobody but the muted accounts is told of a mute.
    fn record_mute(
        &mut self,
        turn: &mut Turn<'_>,
        users: Vec<UserId>,
        until: u32,
        topic: Option<&str>,
        options: &TencentOptions,
    ) {
        let mut fields: Fields =
            vec![("Type", self.info.group_type.word().into()), ("MuteUntil", i64::from(until).into())];
        fields.extend(topic.map(|topic| ("TopicId", topic.into())));
        let told = self.tell_tip(7, &mut fields, options);
        let told = told.unwrap_or_else(|| {
            Audience::Accounts(users.iter().filter(|id| self.members.contains(id)).cloned().collect())
        });
        turn.record(Fact::Muted { members: users, fields }, told);
    }

    /// Mutes accounts, members or not, from now on; 0 seconds end it.
    ///
    /// # Errors
    /// The type mutes nobody, or the topic is unknown.
    pub fn mute(
        &mut self,
        turn: &mut Turn<'_>,
        users: &[UserId],
        seconds: u32,
        topic: Option<&str>,
        options: &TencentOptions,
    ) -> Result<(), GroupError> {
        self.may(&permits::MUTE)?;
        let now = seconds_of(turn.now);
        let mut until = 0;
        if let Some(id) = topic {
            let mutes = &mut self.topic_mut(id)?.mutes;
            mutes.retain(|_, until| *until > now);
            until = if seconds == 0 { 0 } else { now.saturating_add(seconds) };
            for user in users {
                mutes.remove(user.as_str());
                if until > 0 {
                    mutes.insert(user.clone(), until);
                }
            }
        } else {
            self.mutes.retain(|_, until| *until > now);
            for user in users {
                until = self.mute_one(user, seconds, now);
            }
        }
        self.record_mute(turn, once(users), until, topic, options);
        Ok(())
    }

    /// Who is muted at `now`, and until when, Unix seconds; by account.
    ///
    /// # Errors
    /// The type knows no mutes, or the topic is unknown.
    pub fn muted(&self, topic: Option<&str>, now: u32) -> Result<Vec<(UserId, u32)>, GroupError> {
        self.may(&permits::MUTED)?;
        let mutes = match topic {
            Some(id) => &self.topic(id)?.mutes,
            None => &self.mutes,
        };
        let lasting = mutes.iter().filter(|(_, until)| **until > now);
        Ok(lasting.map(|(user, until)| (user.clone(), *until)).collect())
    }

    /// Removes accounts and keeps them out for so many seconds.
    // Assumed: the removal that comes with a ban is a kick with the description as its reason.
    ///
    /// # Errors
    /// The type bans nobody.
    pub fn ban(
        &mut self,
        turn: &mut Turn<'_>,
        users: &[UserId],
        seconds: u32,
        description: &str,
        options: &TencentOptions,
    ) -> Result<(), GroupError> {
        self.may(&permits::BAN)?;
        let now = seconds_of(turn.now);
        let until = now.saturating_add(seconds);
        self.bans.retain(|_, until| *until > now);
        self.remove_members(turn, users, false, description, options);
        self.bans.extend(users.iter().map(|user| (user.clone(), until)));
        let mut fields: Fields = vec![("Type", self.info.group_type.word().into())];
        fields.push(("BannedUntil", i64::from(until).into()));
        fields.push(("Description", description.into()));
        let users = once(users);
        turn.record(Fact::Banned { members: users.clone(), fields }, Audience::Accounts(users));
        Ok(())
    }

    /// Lets accounts come back; who is not banned does not matter.
    ///
    /// # Errors
    /// The type bans nobody.
    pub fn unban(&mut self, turn: &mut Turn<'_>, users: &[UserId]) -> Result<(), GroupError> {
        self.may(&permits::BAN)?;
        let freed: Vec<UserId> =
            users.iter().filter(|user| self.bans.remove(user.as_str()).is_some()).cloned().collect();
        if !freed.is_empty() {
            let fields = vec![("Type", self.info.group_type.word().into()), ("BannedUntil", Field::Number(0))];
            turn.record(Fact::Banned { members: freed, fields }, Audience::nobody());
        }
        Ok(())
    }
}

/// Writes custom fields over those that are there; an empty value clears one.
pub(super) fn merge(custom: &mut Vec<KeyValue>, change: &[KeyValue]) {
    for pair in change {
        match custom.iter_mut().find(|present| present.key == pair.key) {
            Some(present) => present.value.clone_from(&pair.value),
            None => custom.push(pair.clone()),
        }
    }
    custom.retain(|pair| !pair.value.is_empty());
}

/// Each account once, in the order of the first mentions.
fn once(users: &[UserId]) -> Vec<UserId> {
    let mut seen = std::collections::HashSet::with_capacity(users.len());
    users.iter().filter(|user| seen.insert(user.as_str())).cloned().collect()
}
