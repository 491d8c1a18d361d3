//! Lists of groups: those of an account, and all of an app.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::decode::optional;
use crate::api::limit::Limit;
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::groups::base::{BaseFields, BaseView};
use crate::api::tencent::groups::create::type_of;
use crate::api::tencent::groups::fields::{check_accounts, check_size, natural, switch};
use crate::domain::groups::error::GroupError;
use crate::domain::groups::group::Group;
use crate::domain::groups::kind::GroupType;
use crate::domain::groups::member::{MsgFlag, RoleWord};
use crate::kernel::names::{EntityId, UserId};

/// Groups of an account on a page.
pub const JOINED_PAGE: Limit = Limit::value("Limit", 0..=5000);
/// Groups of an app on a page.
pub const ALL_PAGE: Limit = Limit::value("Limit", 0..=10_000);

/// Asks for the groups of an account.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetJoinedGroupList {
    /// Whose.
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// 1: live rooms too.
    #[serde(default, deserialize_with = "optional")]
    with_huge_groups: Option<i64>,
    /// 1: Private groups that were not activated too.
    #[serde(default, deserialize_with = "optional")]
    with_no_active_groups: Option<i64>,
    /// Up to 5000; absent: all.
    #[serde(default, deserialize_with = "optional")]
    limit: Option<i64>,
    /// Groups before the page.
    #[serde(default, deserialize_with = "optional")]
    offset: Option<i64>,
    /// Of this type only.
    #[serde(default, deserialize_with = "optional")]
    group_type: Option<String>,
    /// 1: of Communities only those with topics.
    #[serde(default, deserialize_with = "optional")]
    support_topic: Option<i64>,
    /// What to answer; absent: ids alone.
    #[serde(default, deserialize_with = "optional")]
    response_filter: Option<JoinedFilter>,
}

/// What to answer of each group.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct JoinedFilter {
    /// Fields of groups.
    #[serde(rename = "GroupBaseInfoFilter", default, deserialize_with = "optional")]
    base: Option<Vec<String>>,
    /// Fields of the membership.
    #[serde(rename = "SelfInfoFilter", default, deserialize_with = "optional")]
    own: Option<Vec<String>>,
}

/// The groups of an account.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct JoinedGroups {
    /// All that the filters let through, whatever page.
    total_count: usize,
    /// In the order in which the account joined them.
    group_id_list: Vec<JoinedGroup>,
}

/// A group of an account.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct JoinedGroup {
    group_id: EntityId,
    #[serde(flatten)]
    base: BaseView,
    #[serde(skip_serializing_if = "Option::is_none")]
    self_info: Option<SelfInfo>,
}

/// The account's membership; what was not asked for is absent.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SelfInfo {
    #[serde(skip_serializing_if = "Option::is_none")]
    join_time: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    msg_flag: Option<MsgFlag>,
    #[serde(skip_serializing_if = "Option::is_none")]
    msg_seq: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<RoleWord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unread_msg_num: Option<u32>,
}

/// What of the groups is asked for.
struct Asked {
    huge: bool,
    asleep: bool,
    of: Option<GroupType>,
    topics: bool,
    base: BaseFields,
    own: Option<Vec<String>>,
}

impl Asked {
    fn wants(&self, group: &Group) -> bool {
        let (info, kind) = (&group.info, group.kind());
        (self.huge || kind.listed)
            && (self.asleep || !kind.wakes || info.activated)
            && self.of.is_none_or(|of| of == info.group_type)
            && (!self.topics || info.support_topic)
    }

    fn own(&self, group: &Group, account: &UserId) -> Option<SelfInfo> {
        let names = self.own.as_ref()?;
        let asks = |name: &str| names.iter().any(|asked| asked == name);
        let member = group.members.get(account)?;
        Some(SelfInfo {
            join_time: asks("JoinTime").then_some(member.join_time),
            msg_flag: asks("MsgFlag").then_some(member.msg_flag),
            msg_seq: asks("MsgSeq").then_some(member.msg_seq),
            role: asks("Role").then(|| group.role_of(account, member)),
            unread_msg_num: asks("UnreadMsgNum").then(|| group.unread(member)),
        })
    }
}

/// `get_joined_group_list`: reads group by group, each of them as it is at that moment.
// Assumed: an account that is not known is in no groups.
///
/// # Errors
/// 10004 for a field, 10018 too much for one reply.
pub async fn get_joined_group_list(
    call: Call<Tencent>,
    request: GetJoinedGroupList,
) -> Result<JoinedGroups, GroupError> {
    check_accounts([&request.account], |_| "Member_Account".into())?;
    let limit = request.limit.map(|limit| natural("Limit", Some(limit), 1)).transpose()?;
    call.within(&JOINED_PAGE, limit.unwrap_or(0) as usize)?;
    let offset = natural("Offset", Some(request.offset.unwrap_or(0)), 0)? as usize;
    let profile = call.settings().options.profile;
    let of = request.group_type.map(|word| type_of("GroupType", &word, profile)).transpose()?;
    let filter = request.response_filter.unwrap_or(JoinedFilter { base: None, own: None });
    let asked = Asked {
        huge: switch("WithHugeGroups", request.with_huge_groups)?,
        asleep: switch("WithNoActiveGroups", request.with_no_active_groups)?,
        topics: switch("SupportTopic", request.support_topic)? && of == Some(GroupType::Community),
        of,
        base: BaseFields::of(Some(filter.base.unwrap_or_default()), call.app.sdkappid, profile),
        own: filter.own.filter(|names| !names.is_empty()),
    };
    let account = &request.account;
    let look = |group_id: EntityId| {
        let view = call.app.groups.read(&group_id, |group| {
            let wanted = asked.wants(group) && group.members.contains(account);
            wanted.then(|| (asked.base.view(group), asked.own(group, account)))
        });
        let (base, self_info) = view.ok().flatten()?;
        Some(JoinedGroup { group_id, base, self_info })
    };
    let all: Vec<JoinedGroup> = call.app.groups.registry().of_member(account).into_iter().filter_map(look).collect();
    let total_count = all.len();
    let limit = limit.map_or(usize::MAX, |limit| limit as usize);
    let page = JoinedGroups { total_count, group_id_list: all.into_iter().skip(offset).take(limit).collect() };
    check_size(&page, page.group_id_list.len())?;
    Ok(page)
}

/// Asks for the groups of an app.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetAppidGroupList {
    /// Up to 10000, which is also what absent means.
    #[serde(default, deserialize_with = "optional")]
    limit: Option<i64>,
    /// The answer's `Next` of the page before.
    #[serde(default, deserialize_with = "optional")]
    next: Option<u64>,
    /// Of this type only.
    #[serde(default, deserialize_with = "optional")]
    group_type: Option<String>,
}

/// The groups of an app.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AllGroups {
    /// All, or all of the type asked for.
    total_count: usize,
    group_id_list: Vec<GroupName>,
    /// Where the next page begins, 64 bits; 0 if there is none.
    next: u64,
}

/// A group by its id.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GroupName {
    group_id: EntityId,
}

/// `get_appid_group_list`.
// Assumed: the app's groups are listed in the order in which they came, and Next is the number of the last one shown.
///
/// # Errors
/// 10004 for a field.
pub async fn get_appid_group_list(call: Call<Tencent>, request: GetAppidGroupList) -> Result<AllGroups, GroupError> {
    let limit = natural("Limit", Some(request.limit.unwrap_or(10_000)), 1)?;
    call.within(&ALL_PAGE, limit as usize)?;
    let profile = call.settings().options.profile;
    let of = request.group_type.map(|word| type_of("GroupType", &word, profile)).transpose()?;
    let page = call.app.groups.page(request.next.unwrap_or(0), limit as usize, of);
    let group_id_list = page.ids.into_iter().map(|group_id| GroupName { group_id }).collect();
    Ok(AllGroups { total_count: page.total, group_id_list, next: page.next })
}
