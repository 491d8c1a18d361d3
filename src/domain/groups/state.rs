//! The written form of groups: what state documents say of them, in the service's own words.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::groups::extras::{Extras, PermissionGroup, Topic};
use crate::domain::groups::group::{Group, GroupInfo};
use crate::domain::groups::kind::{ApplyJoinOption, GroupType, InviteJoinOption};
use crate::domain::groups::log::{Log, Message};
use crate::domain::groups::member::{KeyValue, Member, RoleWord, seconds_of};
use crate::domain::groups::member_state::{MemberState, Present};
use crate::domain::settings::Profile;
use crate::domain::written::{List, Read};
use crate::kernel::clock::Timestamp;
use crate::kernel::names::{EntityId, UserId};
use crate::kernel::roster::Roster;

/// `On` or `Off`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum OnOff {
    /// Yes.
    On,
    /// No.
    #[default]
    Off,
}

impl From<bool> for OnOff {
    fn from(on: bool) -> Self {
        if on { Self::On } else { Self::Off }
    }
}

/// A mute in a state document; it does not need a member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct MuteState {
    /// Who.
    #[serde(rename = "Member_Account")]
    pub account: UserId,
    /// Until when, Unix seconds.
    #[serde(alias = "MuteUntil")]
    pub shut_up_until: u32,
}

/// A ban in a state document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct BanState {
    /// Who.
    #[serde(rename = "Member_Account")]
    pub account: UserId,
    /// Until when, Unix seconds.
    pub banned_until: u32,
}

/// A group in a state document; absent fields have the service's defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", bound(serialize = "Members: List + Serialize"))]
#[schemars(rename = "GroupState", bound = "Members: Read")]
pub struct GroupState<Members = Vec<MemberState>> {
    /// The id.
    pub group_id: EntityId,
    /// The type.
    #[serde(rename = "Type")]
    pub group_type: GroupType,
    /// The name; absent: the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The owner; absent: the member whose role says so, if any; `""`: nobody.
    #[serde(rename = "Owner_Account", default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<UserId>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub introduction: String,
    /// The notice to all members.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub notification: String,
    /// The picture's address.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub face_url: String,
    /// Unix seconds; absent: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create_time: Option<u32>,
    /// How often the profile changed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub info_seq: u32,
    /// Unix seconds; absent: `CreateTime`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_info_time: Option<u32>,
    /// Unix seconds; 0 for never.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub last_msg_time: u32,
    /// Absent: 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_msg_seq: Option<u32>,
    /// Any number; absent: by type and profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_member_num: Option<u64>,
    /// Without meaning in types that have a fixed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apply_join_option: Option<ApplyJoinOption>,
    /// Without meaning in types without invitations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite_join_option: Option<InviteJoinOption>,
    /// Newer name: `MuteAllMember`.
    #[serde(default, alias = "MuteAllMember", skip_serializing_if = "is_off")]
    pub shut_up_all_member: OnOff,
    /// Custom fields that have a value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub app_defined_data: Vec<KeyValue>,
    /// 0 or 1.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub support_topic: u32,
    /// 1 for a Community with permission groups.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub enable_permission: u32,
    /// What members of such a Community may do.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub default_permission: u32,
    /// A Private group wakes up with its owner's first message; until then nobody is told anything.
    // Assumed: a Private group in a document is not activated unless the document says so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub activated: bool,
    /// The members in the order in which they joined; an owner who is not among them comes first.
    #[serde(default, skip_serializing_if = "List::is_empty")]
    pub member_list: Members,
    /// Newer name: `MutedAccountList`.
    #[serde(default, alias = "MutedAccountList", skip_serializing_if = "Vec::is_empty")]
    pub shut_up_account_list: Vec<MuteState>,
    /// Who may not come back for now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub banned_account_list: Vec<BanState>,
    /// `On` or `Off`; absent: by the type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history_msg_before_join: Option<OnOff>,
    /// The messages that are kept, in the order of their numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub message_list: Vec<Message>,
    /// Attributes of a live room, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub group_attr: BTreeMap<String, String>,
    /// Counters by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub group_counter: BTreeMap<String, i64>,
    /// Marks of those who are in a live room.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub marks: BTreeMap<UserId, Vec<u32>>,
    /// Admins of a live room.
    #[serde(rename = "Admin_Account", default, skip_serializing_if = "Vec::is_empty")]
    pub live_admins: Vec<UserId>,
    /// Topics of a Community.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topic_list: Vec<Topic>,
    /// Permission groups of a Community.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permission_group_list: Vec<PermissionGroup>,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn is_off(switch: &OnOff) -> bool {
    *switch == OnOff::Off
}

impl GroupState {
    /// The account that owns the group, however the document says it.
    pub fn owner_account(&self) -> Option<&UserId> {
        match &self.owner {
            Some(owner) => Some(owner).filter(|owner| !owner.is_empty()),
            None => {
                let owner = self.member_list.iter().find(|member| member.role == Some(RoleWord::Owner));
                owner.map(|member| &member.account)
            }
        }
    }

    /// Every account that the group names.
    pub fn named(&self) -> impl Iterator<Item = &UserId> {
        self.member_list.iter().map(|member| &member.account).chain(self.owner_account())
    }

    /// Accounts that the group remembers, whether they are still there or not.
    pub fn remembered(&self) -> impl Iterator<Item = &UserId> {
        let muted = self.shut_up_account_list.iter().map(|mute| &mute.account);
        let banned = self.banned_account_list.iter().map(|ban| &ban.account);
        let senders = self.message_list.iter().map(|message| &message.from);
        muted.chain(banned).chain(senders).chain(&self.live_admins)
    }

    /// The group that the document describes.
    pub fn to_group(&self, now: Timestamp, profile: Profile) -> Group {
        let kind = self.group_type.kind();
        let info = self.info(seconds_of(now), profile);
        let mut members: Roster<Member> = Roster::with_capacity(self.member_list.len() + 1);
        let owner = info.owner.as_ref().filter(|_| kind.listed);
        let unlisted = owner.filter(|owner| !self.member_list.iter().any(|member| member.account == **owner));
        if let Some(owner) = unlisted {
            members.join(owner.clone(), MemberState::bare(owner).to_member(&info, now));
        }
        for member in &self.member_list {
            members.join(member.account.clone(), member.to_member(&info, now));
        }
        let mutes = self.shut_up_account_list.iter().map(|mute| (mute.account.clone(), mute.shut_up_until));
        let bans = self.banned_account_list.iter().map(|ban| (ban.account.clone(), ban.banned_until));
        let extras = Extras {
            attributes: self.group_attr.clone(),
            attribute_writes: (0, 0),
            counters: self.group_counter.clone(),
            marks: self.marks.clone(),
            live_admins: self.live_admins.clone(),
            topics: self.topic_list.clone(),
            permission_groups: self.permission_group_list.clone(),
        };
        let log = Log::of(self.message_list.clone());
        Group { info, members, mutes: mutes.collect(), bans: bans.collect(), log, extras }
    }

    fn info(&self, now: u32, profile: Profile) -> GroupInfo {
        let kind = self.group_type.kind();
        let create_time = self.create_time.unwrap_or(now);
        GroupInfo {
            group_id: self.group_id.clone(),
            group_type: self.group_type,
            name: self.name.clone().unwrap_or_else(|| self.group_id.to_string()),
            introduction: self.introduction.clone(),
            notification: self.notification.clone(),
            face_url: self.face_url.clone(),
            owner: self.owner_account().cloned(),
            create_time,
            info_seq: self.info_seq,
            last_info_time: self.last_info_time.unwrap_or(create_time),
            last_msg_time: self.last_msg_time,
            next_msg_seq: self
                .next_msg_seq
                .unwrap_or(self.message_list.last().map_or(1, |last| last.msg_seq.saturating_add(1))),
            max_member_num: self.max_member_num.unwrap_or(kind.most_in(profile).unwrap_or(0)),
            apply_join_option: kind.apply_of(self.apply_join_option),
            invite_join_option: kind.invite_of(self.invite_join_option),
            mute_all: self.shut_up_all_member == OnOff::On,
            custom: self.app_defined_data.clone(),
            support_topic: self.support_topic != 0,
            enable_permission: self.enable_permission,
            default_permission: self.default_permission,
            history_before_join: self.history_msg_before_join.map(|switch| switch == OnOff::On),
            activated: self.activated,
        }
    }
}

impl<'g> GroupState<Present<'g>> {
    /// The document's form of a group, everything said.
    pub fn of(group: &'g Group) -> Self {
        let info = &group.info;
        Self {
            group_id: info.group_id.clone(),
            group_type: info.group_type,
            name: Some(info.name.clone()),
            owner: Some(info.owner.clone().unwrap_or_default()),
            introduction: info.introduction.clone(),
            notification: info.notification.clone(),
            face_url: info.face_url.clone(),
            create_time: Some(info.create_time),
            info_seq: info.info_seq,
            last_info_time: Some(info.last_info_time),
            last_msg_time: info.last_msg_time,
            next_msg_seq: Some(info.next_msg_seq),
            max_member_num: Some(info.max_member_num),
            apply_join_option: Some(info.apply_join_option),
            invite_join_option: info.invite_join_option,
            shut_up_all_member: info.mute_all.into(),
            app_defined_data: info.custom.clone(),
            support_topic: info.support_topic.into(),
            enable_permission: info.enable_permission,
            default_permission: info.default_permission,
            activated: info.activated,
            member_list: Present(group),
            shut_up_account_list: group
                .mutes
                .iter()
                .map(|(account, until)| MuteState { account: account.clone(), shut_up_until: *until })
                .collect(),
            banned_account_list: group
                .bans
                .iter()
                .map(|(account, until)| BanState { account: account.clone(), banned_until: *until })
                .collect(),
            history_msg_before_join: info.history_before_join.map(OnOff::from),
            message_list: group.log.iter().cloned().collect(),
            group_attr: group.extras.attributes.clone(),
            group_counter: group.extras.counters.clone(),
            marks: group.extras.marks.clone(),
            live_admins: group.extras.live_admins.clone(),
            topic_list: group.extras.topics.clone(),
            permission_group_list: group.extras.permission_groups.clone(),
        }
    }
}
