//! How a member is shown: which fields are asked for, and under which of their names they are answered.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::groups::group::Group;
use crate::domain::groups::member::{KeyValue, Member, MsgFlag, RoleWord};
use crate::domain::settings::{Profile, TencentOptions};
use crate::kernel::names::UserId;

/// A member, in the documented order of fields; those not asked for are absent.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct MemberView {
    #[serde(rename = "Member_Account")]
    account: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<RoleWord>,
    /// Unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    join_time: Option<u32>,
    /// The last message read.
    #[serde(skip_serializing_if = "Option::is_none")]
    msg_seq: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    msg_flag: Option<MsgFlag>,
    /// Unix seconds; 0 for never.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_send_msg_time: Option<u32>,
    /// Unix seconds, 0 for not muted; its name in the `seed` profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    shut_up_until: Option<u32>,
    /// The same in the `current` profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    mute_until: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_card: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    online_status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_member_defined_data: Option<Vec<KeyValue>>,
}

/// Which custom fields are asked for.
#[derive(Clone, Debug)]
pub enum Keys {
    /// All that there are.
    All,
    /// These.
    Only(Vec<String>),
}

impl Keys {
    /// None at all.
    pub const fn none() -> Self {
        Self::Only(Vec::new())
    }

    /// What is shown of these custom fields; `None` if nothing is. Fields that the app defines are shown without a value
    /// too.
    pub fn show(&self, defined: Option<&Vec<String>>, custom: &[KeyValue]) -> Option<Vec<KeyValue>> {
        let value = |key: &str| custom.iter().find(|pair| pair.key == key).map(|pair| pair.value.clone());
        let pair = |key: &String| Some(KeyValue { key: key.clone(), value: value(key)? });
        let blank = |key: &String| KeyValue { key: key.clone(), value: value(key).unwrap_or_default() };
        let shown: Vec<KeyValue> = match (self, defined) {
            (Self::All, None) => custom.to_vec(),
            (Self::All, Some(defined)) => defined.iter().map(blank).collect(),
            (Self::Only(asked), None) => asked.iter().filter_map(pair).collect(),
            (Self::Only(asked), Some(defined)) => asked.iter().filter(|key| defined.contains(key)).map(blank).collect(),
        };
        (!shown.is_empty()).then_some(shown)
    }
}

/// Which fields of members are asked for.
#[derive(Clone, Debug)]
pub struct MemberFields {
    role: bool,
    join_time: bool,
    msg_seq: bool,
    msg_flag: bool,
    last_sent: bool,
    muted: bool,
    name_card: bool,
    name_card_unset: bool,
    online: bool,
    keys: Keys,
    defined: Option<Vec<String>>,
    profile: Profile,
}

impl MemberFields {
    /// The fields that a filter names, in either of their spellings; all where there is none. A name card that was never
    /// set is shown empty if it was asked for by name, or if `unset` says so.
    // Assumed: names that no field has are ignored in filters, and an empty filter counts as absent.
    pub fn of(filter: Option<&[String]>, unset: bool, keys: Keys, options: &TencentOptions) -> Self {
        let filter = filter.filter(|names| !names.is_empty());
        let named = |name: &str| filter.is_some_and(|names| names.iter().any(|asked| asked == name));
        let asks = |name: &str| filter.is_none() || named(name);
        Self {
            role: asks("Role"),
            join_time: asks("JoinTime"),
            msg_seq: asks("MsgSeq"),
            msg_flag: asks("MsgFlag"),
            last_sent: asks("LastSendMsgTime"),
            muted: asks("ShutUpUntil") || named("MuteUntil"),
            name_card: asks("NameCard"),
            name_card_unset: unset || named("NameCard"),
            online: named("OnlineStatus"),
            keys,
            defined: options.member_keys.clone(),
            profile: options.profile,
        }
    }

    /// The member as it is shown at `now`, Unix seconds.
    // Assumed: OnlineStatus is answered only where it is asked for by name, and nobody is online without a client.
    pub fn view(&self, group: &Group, account: &UserId, member: &Member, now: u32) -> MemberView {
        let muted = self.muted.then(|| group.muted_until(account, now));
        let name_card = match member.name_card() {
            None if !self.name_card_unset => None,
            name_card => Some(name_card.unwrap_or("").to_owned()),
        };
        let seed = self.profile == Profile::Seed;
        MemberView {
            account: account.clone(),
            role: self.role.then(|| group.role_of(account, member)),
            join_time: self.join_time.then_some(member.join_time),
            msg_seq: self.msg_seq.then_some(member.msg_seq),
            msg_flag: self.msg_flag.then_some(member.msg_flag),
            last_send_msg_time: self.last_sent.then_some(member.last_sent),
            shut_up_until: muted.filter(|_| seed),
            mute_until: muted.filter(|_| !seed),
            name_card: name_card.filter(|_| self.name_card),
            online_status: self.online.then_some("Offline"),
            app_member_defined_data: self.keys.show(self.defined.as_ref(), member.custom()),
        }
    }
}
