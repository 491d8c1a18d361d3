//! A group as a whole: read, or dissolved.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::decode::optional;
use crate::api::limit::Limit;
use crate::api::tencent::codes::TencentRefusal;
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::groups::base::{BaseFields, BaseView};
use crate::api::tencent::groups::fields::{
    REPLY_BYTES_MAX, REPLY_MEMBERS_MAX, check_group_id, check_plain_length, check_size,
};
use crate::api::tencent::groups::view::{Keys, MemberFields, MemberView};
use crate::domain::groups::error::GroupError;
use crate::domain::groups::group::Group;
use crate::domain::groups::member::{KeyValue, seconds_of};
use crate::domain::settings::TencentOptions;
use crate::kernel::names::EntityId;

/// Groups that a call may ask for.
pub const GROUPS: Limit = Limit::count("GroupIdList", 1..=50);

/// Names a group.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct NamedGroup {
    /// The group.
    pub(super) group_id: EntityId,
}

/// `destroy_group`: all members are told, and the id is free at once.
///
/// # Errors
/// 10004 for a field, 10010 no such group, 10015 a malformed id.
pub async fn destroy_group(call: Call<Tencent>, request: NamedGroup) -> Result<(), GroupError> {
    check_group_id(&request.group_id)?;
    call.app.groups.destroy(&call.origin(), &request.group_id)
}

/// Asks for groups.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetGroupInfo {
    /// 1 to 50 groups.
    group_id_list: Vec<EntityId>,
    /// What to answer; absent: everything.
    #[serde(default, deserialize_with = "optional")]
    response_filter: Option<ResponseFilter>,
}

/// What to answer; what is not named is left out.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ResponseFilter {
    /// Fields of groups.
    #[serde(rename = "GroupBaseInfoFilter", default, deserialize_with = "optional")]
    base: Option<Vec<String>>,
    /// Fields of members; absent: no members.
    #[serde(rename = "MemberInfoFilter", default, deserialize_with = "optional")]
    members: Option<Vec<String>>,
    /// Custom fields of groups.
    #[serde(rename = "AppDefinedDataFilter_Group", default, deserialize_with = "optional")]
    keys: Option<Vec<String>>,
    /// Custom fields of members.
    #[serde(rename = "AppDefinedDataFilter_GroupMember", default, deserialize_with = "optional")]
    member_keys: Option<Vec<String>>,
}

/// What `get_group_info` answers.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GroupsInfo {
    /// One element for each id asked for, in that order.
    group_info: Vec<GroupView>,
}

/// A group, in the documented order of fields; those not asked for are absent.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GroupView {
    group_id: EntityId,
    /// 0, or why this group is not shown.
    error_code: u32,
    error_info: String,
    #[serde(flatten)]
    base: BaseView,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_defined_data: Option<Vec<KeyValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    member_list: Option<Vec<MemberView>>,
}

/// What of groups is asked for.
#[derive(Debug)]
struct Asked<'a> {
    base: BaseFields,
    members: Option<MemberFields>,
    keys: Keys,
    options: &'a TencentOptions,
    /// Unix seconds.
    now: u32,
}

impl<'a> Asked<'a> {
    fn of(call: &'a Call<Tencent>, filter: Option<ResponseFilter>) -> Self {
        let options = &call.settings().options;
        let (appid, now) = (call.app.sdkappid, seconds_of(call.app.tenancy.now()));
        let base = |names| BaseFields::of(names, appid, options.profile);
        let Some(filter) = filter else {
            let members = MemberFields::of(None, false, Keys::All, options);
            return Self { base: base(None), members: Some(members), keys: Keys::All, options, now };
        };
        let member_keys = Keys::Only(filter.member_keys.unwrap_or_default());
        let names = filter.members.filter(|names| !names.is_empty());
        let members = names.map(|names| MemberFields::of(Some(&names), false, member_keys, options));
        let base = base(Some(filter.base.unwrap_or_default()));
        Self { base, members, keys: filter.keys.map_or_else(Keys::none, Keys::Only), options, now }
    }
}

/// `get_group_info`: each group has a code of its own, so that one unknown id does not fail the call.
///
/// # Errors
/// 10004 for a field, 10018 too many members for one reply.
// Assumed: get_group_info answers in the order of the request; InfoSeq stands there only if a filter names it.
// Assumed: an empty list of groups, or one of more than 50, is 10004; a group asked for twice is answered twice.
pub async fn get_group_info(call: Call<Tencent>, request: GetGroupInfo) -> Result<GroupsInfo, GroupError> {
    check_plain_length(&call, &GROUPS, request.group_id_list.len())?;
    let asked = Asked::of(&call, request.response_filter);
    let mut group_info = Vec::with_capacity(request.group_id_list.len());
    let mut members = 0;
    for id in request.group_id_list {
        let looked = match check_group_id(&id) {
            Ok(()) => call.app.groups.read(&id, |group| view_of(group, &asked, REPLY_MEMBERS_MAX - members)),
            Err(malformed) => Err(malformed),
        };
        let view = match looked {
            Ok(view) => view?,
            Err(error) => failed(id, error),
        };
        members += view.member_list.as_ref().map_or(0, Vec::len);
        group_info.push(view);
    }
    let info = GroupsInfo { group_info };
    check_size(&info, members)?;
    Ok(info)
}

fn failed(group_id: EntityId, error: GroupError) -> GroupView {
    let refusal = TencentRefusal::from(error);
    GroupView { group_id, error_code: refusal.code, error_info: refusal.info.into_owned(), ..GroupView::default() }
}

fn view_of(group: &Group, asked: &Asked<'_>, members_max: usize) -> Result<GroupView, GroupError> {
    let fields = asked.members.as_ref().filter(|_| group.kind().listed);
    if fields.is_some() && group.members.len() > members_max {
        return Err(GroupError::TooLarge(REPLY_BYTES_MAX));
    }
    let members = fields.map(|fields| {
        let members = group.members.iter();
        members.map(|(account, member)| fields.view(group, account, member, asked.now)).collect()
    });
    Ok(GroupView {
        group_id: group.info.group_id.clone(),
        error_code: 0,
        error_info: String::new(),
        base: asked.base.view(group),
        app_defined_data: asked.keys.show(asked.options.group_keys.as_ref(), &group.info.custom),
        member_list: members,
    })
}
