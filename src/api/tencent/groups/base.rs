//! How a group's profile is shown: which fields are asked for, and under which of their names they are answered.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::groups::group::Group;
use crate::domain::groups::kind::{ApplyJoinOption, GroupType, InviteJoinOption};
use crate::domain::groups::state::OnOff;
use crate::domain::settings::Profile;
use crate::kernel::names::UserId;

/// The profile of a group, in the documented order of fields; those not asked for are absent.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct BaseView {
    #[serde(rename = "Type", skip_serializing_if = "Option::is_none")]
    group_type: Option<GroupType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The sdkappid.
    #[serde(skip_serializing_if = "Option::is_none")]
    appid: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    introduction: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notification: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    face_url: Option<String>,
    /// Empty for a group without owner.
    #[serde(rename = "Owner_Account", skip_serializing_if = "Option::is_none")]
    owner: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_time: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_info_time: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_msg_time: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_msg_seq: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    member_num: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_member_num: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    apply_join_option: Option<ApplyJoinOption>,
    /// In the `current` profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    invite_join_option: Option<InviteJoinOption>,
    /// Its name in the `seed` profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    shut_up_all_member: Option<OnOff>,
    /// The same in the `current` profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    mute_all_member: Option<OnOff>,
    #[serde(skip_serializing_if = "Option::is_none")]
    online_member_num: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    info_seq: Option<u32>,
    /// Of a Community.
    #[serde(skip_serializing_if = "Option::is_none")]
    support_topic: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enable_permission: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_permission: Option<u32>,
}

/// Which fields of groups are asked for.
#[derive(Debug)]
pub struct BaseFields {
    /// Names of fields; `None` for all.
    names: Option<Vec<String>>,
    appid: u64,
    profile: Profile,
}

impl BaseFields {
    /// The fields that a filter names, in either of their spellings; all where there is none.
    pub fn of(names: Option<Vec<String>>, appid: u64, profile: Profile) -> Self {
        Self { names, appid, profile }
    }

    fn names(&self, name: &str) -> bool {
        self.names.as_ref().is_some_and(|names| names.iter().any(|asked| asked == name))
    }

    fn asks(&self, name: &str) -> bool {
        self.names.is_none() || self.names(name)
    }

    /// The profile as it is shown.
    // Assumed: everybody who is in a live room is online there, and nobody elsewhere.
    pub fn view(&self, group: &Group) -> BaseView {
        let info = &group.info;
        let seed = self.profile == Profile::Seed;
        let community = info.group_type == GroupType::Community;
        let text = |name: &str, text: &str| self.asks(name).then(|| text.to_owned());
        let seconds = |name: &str, seconds: u32| self.asks(name).then_some(seconds);
        let of_community = |name: &str, number: u32| Some(number).filter(|_| community && self.asks(name));
        let mute_all = self.asks("ShutUpAllMember") || self.names("MuteAllMember");
        let mute_all = mute_all.then(|| OnOff::from(info.mute_all));
        BaseView {
            group_type: self.asks("Type").then_some(info.group_type),
            name: text("Name", &info.name),
            appid: self.asks("Appid").then_some(self.appid),
            introduction: text("Introduction", &info.introduction),
            notification: text("Notification", &info.notification),
            face_url: text("FaceUrl", &info.face_url),
            owner: self.asks("Owner_Account").then(|| info.owner.clone().unwrap_or_default()),
            create_time: seconds("CreateTime", info.create_time),
            last_info_time: seconds("LastInfoTime", info.last_info_time),
            last_msg_time: seconds("LastMsgTime", info.last_msg_time),
            next_msg_seq: seconds("NextMsgSeq", info.next_msg_seq),
            member_num: self.asks("MemberNum").then(|| group.members.len()),
            max_member_num: self.asks("MaxMemberNum").then_some(info.max_member_num),
            apply_join_option: self.asks("ApplyJoinOption").then_some(info.apply_join_option),
            invite_join_option: info.invite_join_option.filter(|_| self.asks("InviteJoinOption") && !seed),
            shut_up_all_member: mute_all.filter(|_| seed),
            mute_all_member: mute_all.filter(|_| !seed),
            online_member_num: self.asks("OnlineMemberNum").then(|| group.online()),
            info_seq: self.names("InfoSeq").then_some(info.info_seq),
            support_topic: of_community("SupportTopic", info.support_topic.into()),
            enable_permission: of_community("EnablePermission", info.enable_permission),
            default_permission: of_community("DefaultPermission", info.default_permission),
        }
    }
}
