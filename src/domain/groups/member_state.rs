//! The written form of a group's members: what state documents say of them, in the service's own words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use crate::domain::groups::group::{Group, GroupInfo};
use crate::domain::groups::member::{Details, KeyValue, Member, MsgFlag, Role, RoleWord, seconds_of};
use crate::domain::written::List;
use crate::kernel::clock::Timestamp;
use crate::kernel::names::UserId;

/// A member in a state document; absent fields are those of one who has just joined and has read everything.
// Small, because a document may list a million.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "MemberWords", into = "MemberWords")]
pub struct MemberState {
    /// Who.
    pub account: UserId,
    /// Absent: `Owner` for the group's owner, else `Member`.
    pub role: Option<RoleWord>,
    join_time: Option<u32>,
    msg_seq: Option<u32>,
    msg_flag: Option<MsgFlag>,
    last_sent: u32,
    /// Absent where nothing is set.
    pub details: Option<Box<Details>>,
}

/// Its words.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct MemberWords {
    /// Who.
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// Absent: `Owner` for the group's owner, else `Member`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<RoleWord>,
    /// Since when, Unix seconds; absent: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    join_time: Option<u32>,
    /// The last message read; absent: the last one sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    msg_seq: Option<u32>,
    /// Absent: by the type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    msg_flag: Option<MsgFlag>,
    /// When the last message was sent, Unix seconds; 0 for never.
    #[serde(default, skip_serializing_if = "is_zero")]
    last_send_msg_time: u32,
    /// The name in the group; absent: never set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name_card: Option<String>,
    /// Custom fields that have a value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    app_member_defined_data: Vec<KeyValue>,
}

impl From<MemberWords> for MemberState {
    fn from(words: MemberWords) -> Self {
        let details = Details { name_card: words.name_card, custom: words.app_member_defined_data };
        Self {
            account: words.account,
            role: words.role,
            join_time: words.join_time,
            msg_seq: words.msg_seq,
            msg_flag: words.msg_flag,
            last_sent: words.last_send_msg_time,
            details: details.boxed(),
        }
    }
}

impl From<MemberState> for MemberWords {
    fn from(state: MemberState) -> Self {
        let Details { name_card, custom } = state.details.map_or_else(Details::default, |details| *details);
        Self {
            account: state.account,
            role: state.role,
            join_time: state.join_time,
            msg_seq: state.msg_seq,
            msg_flag: state.msg_flag,
            last_send_msg_time: state.last_sent,
            name_card,
            app_member_defined_data: custom,
        }
    }
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// The members of a group that is being written.
#[derive(Clone, Copy, Debug)]
pub struct Present<'g>(pub &'g Group);

impl List for Present<'_> {
    fn is_empty(&self) -> bool {
        self.0.members.is_empty()
    }
}

impl Serialize for Present<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.members.iter().map(|(id, member)| MemberState::of(self.0, id, member)))
    }
}

impl MemberState {
    /// One of whom nothing is said.
    pub fn bare(account: &UserId) -> Self {
        Self {
            account: account.clone(),
            role: None,
            join_time: None,
            msg_seq: None,
            msg_flag: None,
            last_sent: 0,
            details: None,
        }
    }

    /// The member that the document describes.
    pub fn to_member(&self, info: &GroupInfo, now: Timestamp) -> Member {
        Member {
            join_time: self.join_time.unwrap_or_else(|| seconds_of(now)),
            msg_seq: self.msg_seq.unwrap_or(info.next_msg_seq.saturating_sub(1)),
            last_sent: self.last_sent,
            role: if self.role == Some(RoleWord::Admin) { Role::Admin } else { Role::Member },
            msg_flag: self.msg_flag.unwrap_or(info.group_type.kind().flag),
            details: self.details.clone(),
        }
    }

    /// The document's form of a member, everything said.
    pub fn of(group: &Group, id: &UserId, member: &Member) -> Self {
        Self {
            account: id.clone(),
            role: Some(group.role_of(id, member)),
            join_time: Some(member.join_time),
            msg_seq: Some(member.msg_seq),
            msg_flag: Some(member.msg_flag),
            last_sent: member.last_sent,
            details: member.details.clone(),
        }
    }
}
