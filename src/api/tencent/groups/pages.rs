//! The members of a group, page by page.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::call::Call;
use crate::api::decode::optional;
use crate::api::limit::Limit;
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::groups::fields::{
    REPLY_MEMBERS_MAX, check_accounts, check_group_id, check_plain_length, check_size, look,
};
use crate::api::tencent::groups::view::{Keys, MemberFields, MemberView};
use crate::api::why::quote;
use crate::domain::groups::error::GroupError;
use crate::domain::groups::group::Group;
use crate::domain::groups::kind::GroupType;
use crate::domain::groups::member::{Member, RoleWord, seconds_of};
use crate::domain::groups::permits;
use crate::domain::invalid::Invalid;
use crate::domain::settings::Profile;
use crate::kernel::names::{EntityId, UserId};

/// Members on a page.
pub const PAGE: Limit = Limit::value("Limit", 0..=6000);
/// Members that a call may ask for by name.
pub const SPECIFIED: Limit = Limit::count("Member_List_Account", 1..=50);

/// Asks for the members of a group.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetGroupMemberInfo {
    /// The group.
    group_id: EntityId,
    /// Which fields of members; absent: all.
    #[serde(default, deserialize_with = "optional")]
    member_info_filter: Option<Vec<String>>,
    /// Members in which roles; absent: in any.
    #[serde(default, deserialize_with = "optional")]
    member_role_filter: Option<Vec<RoleWord>>,
    /// Which custom fields of members; absent: all.
    #[serde(rename = "AppDefinedDataFilter_GroupMember", default, deserialize_with = "optional")]
    custom_filter: Option<Vec<String>>,
    /// Members on the page, up to 6000; absent: all.
    #[serde(default, deserialize_with = "optional")]
    limit: Option<i64>,
    /// Members before the page; not in a Community.
    #[serde(default, deserialize_with = "optional")]
    offset: Option<i64>,
    /// The cursor of the previous answer, a number or a string; in a Community only.
    #[serde(default, deserialize_with = "optional")]
    next: Option<Value>,
}

/// A page of members.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct MemberPage {
    /// All members, whatever page and filter.
    member_num: usize,
    /// In the order in which they joined.
    member_list: Vec<MemberView>,
    /// Where the next page begins, in a Community; 0 or `""` when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Next>,
}

/// A cursor, in the form of the app's profile.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Next {
    /// Of the `seed` profile.
    Number(u64),
    /// Of the `current` one.
    Text(String),
}

/// Which members a call asks for.
#[derive(Debug)]
struct Asked {
    roles: Vec<RoleWord>,
    limit: usize,
    offset: usize,
    cursor: u64,
}

impl Asked {
    fn wants(&self, group: &Group, account: &UserId, member: &Member) -> bool {
        self.roles.is_empty() || self.roles.contains(&group.role_of(account, member))
    }
}

/// `get_group_member_info`.
// Assumed: AVChatRoom and BChatRoom, which keep no list of members, answer 10007; get_group_info leaves MemberList out.
///
/// # Errors
/// 10004 for a field, 10007 the type has no list of members, 10010 no such group, 10015 a malformed id, 10018 too many
/// members for one reply.
pub async fn get_group_member_info(call: Call<Tencent>, request: GetGroupMemberInfo) -> Result<MemberPage, GroupError> {
    let limit = natural("Limit", request.limit)?;
    call.within(&PAGE, limit.unwrap_or(0))?;
    let asked = Asked {
        roles: request.member_role_filter.unwrap_or_default(),
        limit: limit.unwrap_or(usize::MAX),
        offset: natural("Offset", request.offset)?.unwrap_or(0),
        cursor: cursor_of(request.next.as_ref())?,
    };
    check_group_id(&request.group_id)?;
    let keys = request.custom_filter.filter(|keys| !keys.is_empty()).map_or(Keys::All, Keys::Only);
    let options = &call.settings().options;
    let fields = MemberFields::of(request.member_info_filter.as_deref(), true, keys, options);
    let now = seconds_of(call.app.tenancy.now());
    let page = call.app.groups.read(&request.group_id, |group| {
        group.permit(group.kind().listed, "GroupId", "listing members")?;
        Ok::<_, GroupError>(page_of(group, &asked, &fields, now, options.profile))
    })??;
    check_size(&page, page.member_list.len())?;
    Ok(page)
}

/// Asks for some members of a group.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetSpecifiedGroupMemberInfo {
    /// The group.
    group_id: EntityId,
    /// 1 to 50 accounts.
    #[serde(rename = "Member_List_Account")]
    accounts: Vec<UserId>,
    /// Which fields of members; absent: all.
    #[serde(default, deserialize_with = "optional")]
    member_info_filter: Option<Vec<String>>,
    /// Members in which roles; absent: in any.
    #[serde(default, deserialize_with = "optional")]
    member_role_filter: Option<Vec<RoleWord>>,
    /// Which custom fields of members; absent: all.
    #[serde(rename = "AppDefinedDataFilter_GroupMember", default, deserialize_with = "optional")]
    custom_filter: Option<Vec<String>>,
}

/// Some members of a group.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SpecifiedMembers {
    group_id: EntityId,
    /// In the order of the request; those who are not members are not here.
    member_list: Vec<MemberView>,
}

/// `get_specified_group_member_info`.
// Assumed: members that are asked for by name are answered in the order of the request, an account named twice twice.
///
/// # Errors
/// 10004 for a field, 10007 the type has no list of members, 10010 no such group, 10015 a malformed id.
pub async fn get_specified_group_member_info(
    call: Call<Tencent>,
    request: GetSpecifiedGroupMemberInfo,
) -> Result<SpecifiedMembers, GroupError> {
    check_plain_length(&call, &SPECIFIED, request.accounts.len())?;
    check_accounts(&request.accounts, |at| format!("Member_List_Account[{at}]"))?;
    let keys = request.custom_filter.filter(|keys| !keys.is_empty()).map_or(Keys::All, Keys::Only);
    let fields = MemberFields::of(request.member_info_filter.as_deref(), true, keys, &call.settings().options);
    let roles = request.member_role_filter.unwrap_or_default();
    let now = seconds_of(call.app.tenancy.now());
    let member_list = look(&call, &request.group_id, |group| {
        group.may(&permits::SPECIFIED)?;
        let view = |account: &UserId| {
            let member = group.members.get(account)?;
            let wanted = roles.is_empty() || roles.contains(&group.role_of(account, member));
            wanted.then(|| fields.view(group, account, member, now))
        };
        Ok::<_, GroupError>(request.accounts.iter().filter_map(view).collect())
    })??;
    Ok(SpecifiedMembers { group_id: request.group_id, member_list })
}

// Assumed: Offset and Limit count the members that the role filter lets through.
fn page_of(group: &Group, asked: &Asked, fields: &MemberFields, now: u32, profile: Profile) -> MemberPage {
    let member_num = group.members.len();
    // One above what fits is enough to know that it does not fit.
    let most = asked.limit.min(REPLY_MEMBERS_MAX + 1);
    if group.info.group_type == GroupType::Community {
        let (member_list, next) = page_after(group, asked, fields, now, most);
        let next = match profile {
            Profile::Seed => Next::Number(next),
            Profile::Current if next == 0 => Next::Text(String::new()),
            Profile::Current => Next::Text(next.to_string()),
        };
        return MemberPage { member_num, member_list, next: Some(next) };
    }
    let view = |(account, member): (&UserId, &Member)| fields.view(group, account, member, now);
    let member_list = if asked.roles.is_empty() {
        group.members.page(asked.offset).take(most).map(view).collect()
    } else {
        let wanted = group.members.iter().filter(|(account, member)| asked.wants(group, account, member));
        wanted.skip(asked.offset).take(most).map(view).collect()
    };
    MemberPage { member_num, member_list, next: None }
}

/// The page after a cursor, and the cursor of the next one; 0 when there is none.
// Assumed: a Community pages by Next alone and passes over Offset; its last page answers Next 0, or "" in the newer form.
fn page_after(group: &Group, asked: &Asked, fields: &MemberFields, now: u32, most: usize) -> (Vec<MemberView>, u64) {
    let after = group.members.after(asked.cursor);
    let mut wanted = after.filter(|(_, account, member)| asked.wants(group, account, member));
    let mut last = asked.cursor;
    let page = wanted.by_ref().take(most).map(|(joined, account, member)| {
        last = joined;
        fields.view(group, account, member, now)
    });
    let members: Vec<MemberView> = page.collect();
    let next = if wanted.next().is_some() { last } else { 0 };
    (members, next)
}

fn natural(field: &'static str, number: Option<i64>) -> Result<Option<usize>, Invalid> {
    let Some(number) = number else { return Ok(None) };
    let natural = usize::try_from(number).map(Some);
    natural.map_err(|_| Invalid::new(field, format!("is {number}, and must not be negative")))
}

/// The join number that a cursor stands for.
fn cursor_of(next: Option<&Value>) -> Result<u64, Invalid> {
    let cursor = match next {
        None => Some(0),
        Some(Value::String(text)) => text.parse().ok(),
        Some(other) => other.as_u64(),
    };
    let shown = || next.map(quote).unwrap_or_default();
    cursor.ok_or_else(|| Invalid::new("Next", format!("{} is no cursor of an earlier answer", shown())))
}
