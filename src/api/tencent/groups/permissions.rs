//! Permission groups of a Community.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::decode::{number, optional};
use crate::api::limit::Limit;
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::groups::fields::{act, check_accounts, check_plain_length, look, natural};
use crate::api::tencent::groups::members::Named;
use crate::domain::groups::error::GroupError;
use crate::domain::groups::extras::PermissionGroup;
use crate::domain::groups::parts::Placed;
use crate::domain::invalid::Invalid;
use crate::kernel::names::{EntityId, UserId};

/// The name of a permission group.
pub const NAME: Limit = Limit::bytes("PermissionGroupName", 1..=150);
/// Data of the app's own.
pub const CUSTOM: Limit = Limit::bytes("CustomString", 0..=3000);
/// A permission group's id.
pub const ID: Limit = Limit::bytes("PermissionGroupId", 0..=48);
/// Members that a call may name.
pub const MEMBERS: Limit = Limit::count("MemberList", 1..=100);
/// Permission groups that a call may name.
pub const GROUPS: Limit = Limit::count("PermissionGroupIdList", 0..=20);
/// Entries on a page.
pub const PAGE: Limit = Limit::value("Limit", 0..=100);

/// Makes a permission group.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreatePermissionGroup {
    /// The Community.
    group_id: EntityId,
    /// `@PMG#_` and an own part; absent: made by the server.
    #[serde(default, deserialize_with = "optional")]
    permission_group_id: Option<EntityId>,
    /// 1 to 150 bytes.
    permission_group_name: String,
    /// Bits.
    #[serde(default, deserialize_with = "optional")]
    permission: Option<u64>,
    /// Up to 3000 bytes.
    #[serde(default, deserialize_with = "optional")]
    custom_string: Option<String>,
}

/// The permission group that was made.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct MadePermissionGroup {
    permission_group_id: EntityId,
}

/// `create_permission_group`.
// Assumed: permission groups need a Community with topics; their CustomString has up to 3000 bytes, as a topic's.
///
/// # Errors
/// 10004 for a field, 10007 no Community, 10010 no such group, 10015 a malformed id, 10021 the id is in use, 10037 too
/// many, 11000 a Community without topics.
pub async fn create_permission_group(
    call: Call<Tencent>,
    request: CreatePermissionGroup,
) -> Result<MadePermissionGroup, GroupError> {
    let custom_string = request.custom_string.unwrap_or_default();
    let permission_group_id = request.permission_group_id.unwrap_or_default();
    if request.permission_group_name.is_empty() {
        return Err(Invalid::required(NAME.field).into());
    }
    call.within(&NAME, request.permission_group_name.len())?;
    call.within(&CUSTOM, custom_string.len())?;
    call.within(&ID, permission_group_id.len())?;
    let made = PermissionGroup {
        permission_group_id,
        permission_group_name: request.permission_group_name,
        permission: request.permission.unwrap_or(0),
        custom_string,
        create_time: 0,
        members: Vec::new(),
    };
    let id = act(&call, &request.group_id, |group, turn| group.make_permission_group(turn, made))?;
    Ok(MadePermissionGroup { permission_group_id: id })
}

/// Asks for permission groups.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetPermissionGroup {
    /// The Community.
    group_id: EntityId,
    /// Up to 20 of them; absent: all, page by page.
    #[serde(default, deserialize_with = "optional")]
    permission_group_id_list: Option<Vec<EntityId>>,
    /// Up to 100, which is also what absent means.
    #[serde(default, deserialize_with = "optional")]
    limit: Option<i64>,
    /// Empty first, then the answer's.
    #[serde(default, deserialize_with = "optional")]
    next: Option<String>,
}

/// Permission groups.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PermissionGroups {
    /// Where the next page begins; empty if there is none.
    next: String,
    permission_group_list: Vec<PermissionGroupView>,
}

/// A permission group.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PermissionGroupView {
    permission_group_id: EntityId,
    permission_group_name: String,
    /// Bits.
    permission: u64,
    custom_string: String,
    /// Unix seconds.
    create_time: u32,
    member_num: usize,
}

impl PermissionGroupView {
    fn of(group: &PermissionGroup) -> Self {
        Self {
            permission_group_id: group.permission_group_id.clone(),
            permission_group_name: group.permission_group_name.clone(),
            permission: group.permission,
            custom_string: group.custom_string.clone(),
            create_time: group.create_time,
            member_num: group.members.len(),
        }
    }
}

/// Reads where a page begins, and how long it is.
fn page_of(call: &Call<Tencent>, next: Option<&str>, limit: Option<i64>) -> Result<(usize, usize), GroupError> {
    let limit = natural("Limit", Some(limit.unwrap_or(100)), 1)? as usize;
    call.within(&PAGE, limit)?;
    let start = next.unwrap_or("0").parse::<usize>();
    let start = start.map_err(|_| Invalid::new("Next", "is no cursor of an earlier answer"))?;
    Ok((start, limit))
}

fn next_of(start: usize, shown: usize, all: usize) -> String {
    if start + shown < all { (start + shown).to_string() } else { String::new() }
}

/// `get_permission_group`: those that are named and not there are left out.
// Assumed: permission groups and their members are paged by position; Next is empty on the last page.
///
/// # Errors
/// 10004 for a field, 10007 no Community, 10010 no such group, 10015 a malformed id, 11000 a Community without topics.
pub async fn get_permission_group(
    call: Call<Tencent>,
    request: GetPermissionGroup,
) -> Result<PermissionGroups, GroupError> {
    let listed = request.permission_group_id_list.filter(|ids| !ids.is_empty());
    call.within(&GROUPS, listed.as_ref().map_or(0, Vec::len))?;
    let (start, limit) = page_of(&call, request.next.as_deref(), request.limit)?;
    look(&call, &request.group_id, |group| {
        group.with_topics()?;
        let all = &group.extras.permission_groups;
        let list: Vec<PermissionGroupView> = match &listed {
            Some(ids) => {
                ids.iter().filter_map(|id| group.permission_group(id).ok()).map(PermissionGroupView::of).collect()
            }
            None => all.iter().skip(start).take(limit).map(PermissionGroupView::of).collect(),
        };
        let next = if listed.is_some() { String::new() } else { next_of(start, list.len(), all.len()) };
        Ok(PermissionGroups { next, permission_group_list: list })
    })?
}

/// Names members of a permission group.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PermissionMembers {
    /// The Community.
    group_id: EntityId,
    /// Which permission group.
    permission_group_id: EntityId,
    /// 1 to 100 members.
    member_list: Vec<Named>,
}

/// What became of the members.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PlacedMembers {
    /// In the order of the request.
    member_list: Vec<PlacedMember>,
}

/// What became of one member.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PlacedMember {
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// A code: 0, 10007 no member of the Community, 10013 in already, 10014 no room.
    result: u32,
}

fn place(call: &Call<Tencent>, request: PermissionMembers, add: bool) -> Result<PlacedMembers, GroupError> {
    check_plain_length(call, &MEMBERS, request.member_list.len())?;
    let users: Vec<UserId> = request.member_list.into_iter().map(Named::account).collect();
    check_accounts(&users, |at| format!("MemberList[{at}].Member_Account"))?;
    let id = &request.permission_group_id;
    let outcomes = act(call, &request.group_id, |group, turn| group.change_permission_members(turn, id, &users, add))?;
    let placed = users.into_iter().zip(outcomes).map(|(account, outcome)| {
        let result = match outcome {
            Placed::Done => 0,
            Placed::NotMember => 10007,
            Placed::Already => 10013,
            Placed::Full => 10014,
        };
        PlacedMember { account, result }
    });
    Ok(PlacedMembers { member_list: placed.collect() })
}

/// `add_permission_group_member`.
///
/// # Errors
/// 10004 for a field, 10007 no Community, 10010 no such group or permission group, 10015 a malformed id, 11000 a Community
/// without topics.
pub async fn add_permission_group_member(
    call: Call<Tencent>,
    request: PermissionMembers,
) -> Result<PlacedMembers, GroupError> {
    place(&call, request, true)
}

/// `delete_permission_group_member`.
///
/// # Errors
/// As for `add_permission_group_member`.
pub async fn delete_permission_group_member(
    call: Call<Tencent>,
    request: PermissionMembers,
) -> Result<PlacedMembers, GroupError> {
    place(&call, request, false)
}

/// Asks for the members of a permission group.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetPermissionGroupMemberList {
    /// The Community.
    group_id: EntityId,
    /// Which permission group.
    permission_group_id: EntityId,
    /// Up to 100, which is also what absent means.
    #[serde(default, deserialize_with = "number")]
    #[schemars(with = "Option<i64>")]
    limit: Option<i64>,
    /// Empty first, then the answer's.
    #[serde(default, deserialize_with = "optional")]
    next: Option<String>,
}

/// The members of a permission group.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PermissionMemberPage {
    member_num: usize,
    /// Where the next page begins; empty if there is none.
    next: String,
    /// In the order in which they were added.
    member_list: Vec<PermissionMember>,
}

/// A member of a permission group.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PermissionMember {
    #[serde(rename = "Member_Account")]
    account: UserId,
}

/// `get_permission_group_member_list`.
///
/// # Errors
/// As for `add_permission_group_member`.
pub async fn get_permission_group_member_list(
    call: Call<Tencent>,
    request: GetPermissionGroupMemberList,
) -> Result<PermissionMemberPage, GroupError> {
    let limit = request.limit.filter(|limit| *limit != 0);
    let (start, limit) = page_of(&call, request.next.as_deref(), limit)?;
    look(&call, &request.group_id, |group| {
        let members = &group.permission_group(&request.permission_group_id)?.members;
        let page = members.iter().skip(start).take(limit);
        let member_list: Vec<PermissionMember> =
            page.map(|account| PermissionMember { account: account.clone() }).collect();
        let next = next_of(start, member_list.len(), members.len());
        Ok(PermissionMemberPage { member_num: members.len(), next, member_list })
    })?
}
