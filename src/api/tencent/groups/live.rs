//! Live rooms: how many and who is online, their marks, the room's admins.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::decode::{number, optional};
use crate::api::limit::Limit;
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::groups::fields::{act, check_accounts, check_known, check_length, check_plain_length, look};
use crate::api::tencent::groups::info::NamedGroup;
use crate::domain::groups::error::GroupError;
use crate::domain::groups::permits;
use crate::domain::invalid::Invalid;
use crate::kernel::names::{EntityId, UserId};

/// Accounts that a call may mark.
pub const MARKED: Limit = Limit::count("MemberList", 1..=500);
/// Marks that a call may give an account.
pub const MARKS: Limit = Limit::count("MemberList.Marks", 1..=10);
/// Accounts that a call may ask for.
pub const CHECKED: Limit = Limit::count("Member_Account", 1..=500);
/// Admins that a call may name.
pub const ADMINS: Limit = Limit::count("Admin_Account", 1..=5);
/// Accounts on a page of the online list.
const PAGE: usize = 500;
/// The mark of those who count as online for up to three days.
const ALWAYS_ONLINE: u32 = 500;
/// The mark of those who are not shown in the online list.
const HIDDEN: u32 = 600;

/// How many are online.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct OnlineMembers {
    online_member_num: usize,
}

/// `get_online_member_num`.
///
/// # Errors
/// 10004 for a field, 10007 no live room, 10010 no such group, 10015 a malformed id.
pub async fn get_online_member_num(call: Call<Tencent>, request: NamedGroup) -> Result<OnlineMembers, GroupError> {
    look(&call, &request.group_id, |group| {
        group.may(&permits::LIVE)?;
        Ok(OnlineMembers { online_member_num: group.online() })
    })?
}

/// Asks who is online.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetMembers {
    /// The live room.
    group_id: EntityId,
    /// 0 first, then the answer's.
    #[serde(default, deserialize_with = "number")]
    #[schemars(with = "Option<i64>")]
    timestamp: Option<i64>,
    /// Those with this mark only.
    #[serde(default, deserialize_with = "optional")]
    mark: Option<u32>,
}

/// Who is online.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct OnlineList {
    /// In the order in which they came; those with the mark 600 are not here.
    member_list: Vec<OnlineMember>,
    /// Where the next page begins; 0 if there is none.
    next_timestamp: u64,
}

/// One who is online.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct OnlineMember {
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// Unix seconds.
    join_time: u32,
    nick_name: String,
    avatar: String,
}

/// `group_open_avchatroom_http_svc/get_members`: pages by a cursor, 500 at a time.
// Assumed: Timestamp and NextTimestamp of the online list are one opaque growing number, and a page has 500 accounts.
///
/// # Errors
/// 10004 for a field, 10007 no live room, 10010 no such group, 10015 a malformed id.
pub async fn get_members(call: Call<Tencent>, request: GetMembers) -> Result<OnlineList, GroupError> {
    let after = u64::try_from(request.timestamp.unwrap_or(0));
    let after = after.map_err(|_| Invalid::new("Timestamp", "must not be negative"))?;
    let (page, next_timestamp) = look(&call, &request.group_id, |group| {
        group.may(&permits::LIVE)?;
        let has = |id: &str, mark| group.extras.marks.get(id).is_some_and(|marks| marks.contains(&mark));
        let wanted = |id: &str| match request.mark {
            Some(mark) => has(id, mark),
            None => !has(id, HIDDEN),
        };
        let mut rest = group.members.after(after).filter(|(_, id, _)| wanted(id));
        let mut last = 0;
        let page = rest.by_ref().take(PAGE).inspect(|(joined, ..)| last = *joined);
        let page: Vec<(UserId, u32)> = page.map(|(_, id, member)| (id.clone(), member.join_time)).collect();
        let next = if rest.next().is_some() { last } else { 0 };
        Ok::<_, GroupError>((page, next))
    })??;
    let member = |(account, join_time): (UserId, u32)| {
        let (nick_name, avatar) = profile_of(&call, &account);
        OnlineMember { account, join_time, nick_name, avatar }
    };
    Ok(OnlineList { member_list: page.into_iter().map(member).collect(), next_timestamp })
}

/// Nickname and picture of an account; empty where it has none.
fn profile_of(call: &Call<Tencent>, account: &str) -> (String, String) {
    let profile = call.app.accounts.look(account, |account| account.profile().cloned()).flatten().unwrap_or_default();
    (profile.nick, profile.face_url)
}

/// Sets or clears marks.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ModifyUserInfo {
    /// The live room.
    group_id: EntityId,
    /// 1: set, 2: clear.
    command_type: u32,
    /// 1 to 500 accounts.
    member_list: Vec<Marked>,
}

/// The marks of an account.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Marked {
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// 1000 or above, or 500 (always online) or 600 (not in the list).
    marks: Vec<u32>,
}

/// Whose marks changed.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct MarkedMembers {
    /// Those who are not inside are left out.
    member_list: Vec<Marked>,
}

/// Reads a command that is 1 or 2; whether it is 1.
fn sets(command: u32) -> Result<bool, Invalid> {
    match command {
        1 => Ok(true),
        2 => Ok(false),
        other => Err(Invalid::new("CommandType", format!("is {other}, and has to be 1 or 2"))),
    }
}

/// `group_open_avchatroom_http_svc/modify_user_info`.
// Assumed: the marks 500 and 600 are kept like others; 600 hides from the online list, 500 keeps nobody inside.
///
/// # Errors
/// 10004 for a field, and where nobody of the list is inside; 10005 too many accounts, 10007 no live room, 10010 no such
/// group, 10015 a malformed id.
pub async fn modify_user_info(call: Call<Tencent>, request: ModifyUserInfo) -> Result<MarkedMembers, GroupError> {
    let set = sets(request.command_type)?;
    check_length(&call, &MARKED, request.member_list.len())?;
    let place = |at: usize| format!("MemberList[{at}].Member_Account");
    check_accounts(request.member_list.iter().map(|marked| &marked.account), place)?;
    for (at, marked) in request.member_list.iter().enumerate() {
        call.within(&MARKS, marked.marks.len())?;
        let strange = marked.marks.iter().find(|mark| **mark < 1000 && ![ALWAYS_ONLINE, HIDDEN].contains(mark));
        if let Some(mark) = strange {
            let why = format!("holds {mark}; marks are 1000 or above, or 500 or 600");
            return Err(Invalid::new(format!("MemberList[{at}].Marks"), why).into());
        }
    }
    let list: Vec<(UserId, Vec<u32>)> =
        request.member_list.iter().map(|marked| (marked.account.clone(), marked.marks.clone())).collect();
    let users = act(&call, &request.group_id, |group, turn| group.mark(turn, &list, set))?;
    let member_list = request.member_list.into_iter().filter(|marked| users.contains(&marked.account)).collect();
    Ok(MarkedMembers { member_list })
}

/// Asks which accounts are inside.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CheckMembers {
    /// The live room.
    group_id: EntityId,
    /// 1 to 500 accounts.
    #[serde(rename = "Member_Account")]
    accounts: Vec<UserId>,
}

/// Which accounts are inside.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PresentMembers {
    /// In the order of the request.
    #[serde(rename = "Member_Account")]
    accounts: Vec<UserId>,
}

/// `group_open_avchatroom_http_svc/check_members`.
///
/// # Errors
/// 10004 for a field, 10007 no live room, 10010 no such group, 10015 a malformed id.
pub async fn check_members(call: Call<Tencent>, request: CheckMembers) -> Result<PresentMembers, GroupError> {
    check_plain_length(&call, &CHECKED, request.accounts.len())?;
    check_accounts(&request.accounts, |at| format!("Member_Account[{at}]"))?;
    look(&call, &request.group_id, |group| {
        group.may(&permits::LIVE)?;
        let present = request.accounts.into_iter().filter(|account| group.members.contains(account));
        Ok(PresentMembers { accounts: present.collect() })
    })?
}

/// Makes admins of a live room, or takes that from them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ModifyAdmin {
    /// The live room.
    group_id: EntityId,
    /// 1: make, 2: take.
    command_type: u32,
    /// 1 to 5 accounts.
    #[serde(rename = "Admin_Account")]
    accounts: Vec<UserId>,
}

/// `group_open_avchatroom_http_svc/modify_admin`.
// Assumed: an admin of a live room has to be an imported account, and need not be inside.
///
/// # Errors
/// 10004 for a field, 10007 no live room, 10010 no such group, 10015 a malformed id, 10019 an account is unknown.
pub async fn modify_admin(call: Call<Tencent>, request: ModifyAdmin) -> Result<(), GroupError> {
    let set = sets(request.command_type)?;
    check_plain_length(&call, &ADMINS, request.accounts.len())?;
    check_accounts(&request.accounts, |at| format!("Admin_Account[{at}]"))?;
    act(&call, &request.group_id, |group, turn| {
        group.may(&permits::LIVE)?;
        request.accounts.iter().try_for_each(|account| check_known(&call, "Admin_Account", account))?;
        group.set_live_admins(turn, &request.accounts, set)
    })
}

/// The admins of a live room.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Admins {
    /// In the order in which they became that.
    #[serde(rename = "Admin_List")]
    list: Vec<AdminView>,
}

/// An admin of a live room.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AdminView {
    #[serde(rename = "Admin_Account")]
    account: UserId,
    #[serde(rename = "NickName")]
    nick_name: String,
    #[serde(rename = "Avatar")]
    avatar: String,
}

/// `group_open_avchatroom_http_svc/get_admin_list`.
///
/// # Errors
/// 10004 for a field, 10007 no live room, 10010 no such group, 10015 a malformed id.
pub async fn get_admin_list(call: Call<Tencent>, request: NamedGroup) -> Result<Admins, GroupError> {
    let admins = look(&call, &request.group_id, |group| {
        group.may(&permits::LIVE)?;
        Ok::<_, GroupError>(group.extras.live_admins.clone())
    })??;
    let view = |account: UserId| {
        let (nick_name, avatar) = profile_of(&call, &account);
        AdminView { account, nick_name, avatar }
    };
    Ok(Admins { list: admins.into_iter().map(view).collect() })
}
