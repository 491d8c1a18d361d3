//! The profile of a group changes: what it is called, who owns it.

use crate::domain::groups::error::GroupError;
use crate::domain::groups::group::Group;
use crate::domain::groups::kind::{ApplyJoinOption, InviteJoinOption};
use crate::domain::groups::member::{KeyValue, Role, seconds_of};
use crate::domain::groups::permits;
use crate::domain::groups::standing::merge;
use crate::domain::settings::TencentOptions;
use crate::kernel::fact::{Audience, Fact, Field, Fields};
use crate::kernel::names::UserId;
use crate::kernel::turn::Turn;

/// What is to change about a group; absent is as it was.
#[derive(Clone, Debug, Default)]
pub struct InfoChange {
    /// The name shown.
    pub name: Option<String>,
    /// What it is about.
    pub introduction: Option<String>,
    /// The notice to all members.
    pub notification: Option<String>,
    /// The picture's address.
    pub face_url: Option<String>,
    /// Most members.
    pub max_member_num: Option<u64>,
    /// How applications are answered.
    pub apply_join_option: Option<ApplyJoinOption>,
    /// How invitations are answered.
    pub invite_join_option: Option<InviteJoinOption>,
    /// Only the owner, admins and administrators may speak.
    pub mute_all: Option<bool>,
    /// Custom fields; an empty value clears one.
    pub custom: Vec<KeyValue>,
    /// Whether new members may read what was sent before.
    pub history_before_join: Option<bool>,
    /// A Community with permission groups.
    pub enable_permission: Option<u32>,
    /// What members of such a Community may do.
    pub default_permission: Option<u32>,
}

/// Writes a value over another; tells whether it is a new one.
fn set<T: PartialEq>(to: &mut T, from: Option<T>) -> bool {
    let Some(from) = from.filter(|from| from != to) else { return false };
    *to = from;
    true
}

impl Group {
    /// Changes the profile.
    // Assumed: a change of the profile that says what is so already changes nothing, LastInfoTime and InfoSeq included.
    // Assumed: an ApplyJoinOption or InviteJoinOption that the type does not let change is passed over.
    pub fn modify(&mut self, turn: &mut Turn<'_>, change: InfoChange, options: &TencentOptions) {
        let mut shown = self.set_texts(&change);
        let tip = !shown.is_empty();
        let kind = self.kind();
        let info = &mut self.info;
        let limited = kind.most[0].is_some();
        if set(&mut info.max_member_num, change.max_member_num.filter(|_| limited)) {
            shown.push(("MaxMemberNum", i64::try_from(info.max_member_num).unwrap_or(i64::MAX).into()));
        }
        let apply = change.apply_join_option.map(|option| kind.apply_of(Some(option)));
        if set(&mut info.apply_join_option, apply) {
            shown.push(("ApplyJoinOption", Field::object(info.apply_join_option)));
        }
        let invite = change.invite_join_option.map(|option| kind.invite_of(Some(option)));
        if set(&mut info.invite_join_option, invite) {
            shown.push(("InviteJoinOption", Field::object(info.invite_join_option)));
        }
        if set(&mut info.mute_all, change.mute_all) {
            shown.push(("MuteAllMember", if info.mute_all { "On" } else { "Off" }.into()));
        }
        if set(&mut info.history_before_join, change.history_before_join.map(Some)) {
            shown.push(("HistoryMsgBeforeJoin", info.history_before_join.unwrap_or(false).into()));
        }
        let topics = info.support_topic;
        if set(&mut info.enable_permission, change.enable_permission.filter(|_| topics)) {
            shown.push(("EnablePermission", i64::from(info.enable_permission).into()));
        }
        if set(&mut info.default_permission, change.default_permission.filter(|_| topics)) {
            shown.push(("DefaultPermission", i64::from(info.default_permission).into()));
        }
        let mut custom = info.custom.clone();
        merge(&mut custom, &change.custom);
        if set(&mut info.custom, Some(custom)) {
            shown.push(("AppDefinedData", Field::object(change.custom)));
        }
        if !shown.is_empty() {
            self.record_profile(turn, shown, tip, options);
        }
    }

    /// Sets what the tip of profile changes shows; gives what changed.
    fn set_texts(&mut self, change: &InfoChange) -> Fields {
        let info = &mut self.info;
        let mut shown: Fields = Vec::new();
        for (name, to, from) in [
            ("Name", &mut info.name, &change.name),
            ("Introduction", &mut info.introduction, &change.introduction),
            ("Notification", &mut info.notification, &change.notification),
            ("FaceUrl", &mut info.face_url, &change.face_url),
        ] {
            if set(to, from.clone()) {
                shown.push((name, to.as_str().into()));
            }
        }
        shown
    }

    // Assumed: changes that no tip shows, of limits and options, tell nobody.
    fn record_profile(&mut self, turn: &mut Turn<'_>, mut fields: Fields, tip: bool, options: &TencentOptions) {
        self.info.info_seq = self.info.info_seq.saturating_add(1);
        self.info.last_info_time = seconds_of(turn.now);
        fields.insert(0, ("Type", self.info.group_type.word().into()));
        let told = if tip { self.tell_tip(6, &mut fields, options) } else { None };
        turn.record(Fact::InfoChanged { fields }, told.unwrap_or_else(Audience::nobody));
    }

    /// Makes a member the owner; the owner before becomes an ordinary member.
    // Assumed: a new owner who is no member is refused with 10007; one who is the owner already changes nothing.
    ///
    /// # Errors
    /// The type keeps its owner, or the account is no member.
    pub fn change_owner(
        &mut self,
        turn: &mut Turn<'_>,
        user: &UserId,
        options: &TencentOptions,
    ) -> Result<(), GroupError> {
        self.may(&permits::CHANGE_OWNER)?;
        if self.info.owner.as_ref() == Some(user) {
            return Ok(());
        }
        let member = self
            .members
            .get_mut(user)
            .ok_or_else(|| GroupError::NotMember { field: "NewOwner_Account", user: user.clone() })?;
        member.role = Role::Member;
        let from = self.info.owner.replace(user.clone());
        if let Some(before) = from.as_deref().and_then(|from| self.members.get_mut(from)) {
            before.role = Role::Member;
        }
        let both = from.iter().chain([user]).cloned().collect();
        let told = if self.tells() { self.everybody() } else { Audience::Accounts(both) };
        let fields = vec![("Type", self.info.group_type.word().into())];
        turn.record(Fact::OwnerChanged { from, to: Some(user.clone()), fields }, told);
        self.record_profile(turn, vec![("Owner_Account", user.as_str().into())], true, options);
        Ok(())
    }
}
