//! How members stand: role, name card, mutes, bans.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::decode::{number, optional};
use crate::api::limit::Limit;
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::groups::fields::{
    CustomLimits, Pair, act, check_accounts, check_length, check_plain_length, custom_change_of, look, natural,
};
use crate::domain::groups::error::GroupError;
use crate::domain::groups::member::{MsgFlag, Role, RoleWord, seconds_of};
use crate::domain::groups::permits;
use crate::domain::groups::standing::MemberChange;
use crate::domain::invalid::Invalid;
use crate::kernel::names::{EntityId, UserId};

/// A name card.
pub const NAME_CARD: Limit = Limit::bytes("NameCard", 0..=50);
/// Custom fields of a member that a call may change.
pub const CUSTOM: Limit = Limit::count("AppMemberDefinedData", 0..=5);
/// The name of such a field.
pub const CUSTOM_NAME: Limit = Limit::bytes("AppMemberDefinedData.Key", 1..=16);
/// The value of such a field.
pub const CUSTOM_VALUE: Limit = Limit::bytes("AppMemberDefinedData.Value", 0..=64);
/// Accounts that a call may mute.
pub const MUTED: Limit = Limit::count("Members_Account", 1..=500);
/// Accounts that a call may ban, or let back.
pub const BANNED: Limit = Limit::count("Members_Account", 1..=20);
/// Why accounts are banned.
pub const DESCRIPTION: Limit = Limit::bytes("Description", 0..=1000);
/// Banned accounts on a page.
pub const BANNED_PAGE: Limit = Limit::value("Limit", 0..=100);

const OF_MEMBER: CustomLimits = CustomLimits { count: &CUSTOM, key: &CUSTOM_NAME, value: &CUSTOM_VALUE };

/// Changes a member; absent fields stay as they are.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ModifyGroupMemberInfo {
    /// The group.
    group_id: EntityId,
    /// Who.
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// `Admin` or `Member`.
    #[serde(default, deserialize_with = "optional")]
    role: Option<RoleWord>,
    /// What the member gets while away.
    #[serde(default, deserialize_with = "optional")]
    msg_flag: Option<MsgFlag>,
    /// Up to 50 bytes.
    #[serde(default, deserialize_with = "optional")]
    name_card: Option<String>,
    /// Custom fields; those not listed stay.
    #[serde(default, deserialize_with = "optional")]
    app_member_defined_data: Option<Vec<Pair>>,
    /// Seconds of a mute; 0 ends it. Its older name.
    #[serde(default, deserialize_with = "number")]
    #[schemars(with = "Option<i64>")]
    shut_up_time: Option<i64>,
    /// Its newer name; it wins if both are given.
    #[serde(default, deserialize_with = "number")]
    #[schemars(with = "Option<i64>")]
    mute_time: Option<i64>,
}

/// `modify_group_member_info`.
///
/// # Errors
/// 10004 for a field, 10007 no member, the owner's role, or what the type has not, 10010 no such group, 10015 a malformed
/// id.
pub async fn modify_group_member_info(call: Call<Tencent>, request: ModifyGroupMemberInfo) -> Result<(), GroupError> {
    check_accounts([&request.account], |_| "Member_Account".into())?;
    let card = request.name_card.as_ref().map_or(0, String::len);
    call.within(&NAME_CARD, card)?;
    let options = &call.settings().options;
    let custom = custom_change_of(&call, OF_MEMBER, options.member_keys.as_ref(), request.app_member_defined_data)?;
    let role = match request.role {
        Some(RoleWord::Owner) => {
            return Err(Invalid::new("Role", "is Owner; change_group_owner makes another one the owner").into());
        }
        Some(RoleWord::Admin) => Some(Role::Admin),
        Some(RoleWord::Member) => Some(Role::Member),
        None => None,
    };
    let mute = request.mute_time.or(request.shut_up_time);
    let mute = mute.map(|seconds| natural("MuteTime", Some(seconds), 0)).transpose()?;
    let change = MemberChange { role, msg_flag: request.msg_flag, name_card: request.name_card, custom, mute };
    act(&call, &request.group_id, |group, turn| group.modify_member(turn, &request.account, change, options))
}

/// Mutes accounts.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ForbidSendMsg {
    /// The group.
    group_id: EntityId,
    /// 1 to 500 accounts, members or not.
    #[serde(rename = "Members_Account")]
    accounts: Vec<UserId>,
    /// Seconds; 0 ends the mute, 4294967295 is for ever. Its older name.
    #[serde(default, deserialize_with = "number")]
    #[schemars(with = "Option<i64>")]
    shut_up_time: Option<i64>,
    /// Its newer name; it wins if both are given.
    #[serde(default, deserialize_with = "number")]
    #[schemars(with = "Option<i64>")]
    mute_time: Option<i64>,
    /// In this topic of a Community alone.
    #[serde(default, deserialize_with = "optional")]
    topic_id: Option<EntityId>,
}

/// `forbid_send_msg`: the mute outlives the membership.
///
/// # Errors
/// 10004 for a field, 10007 the type mutes nobody, 10010 no such group or topic, 10015 a malformed id.
pub async fn forbid_send_msg(call: Call<Tencent>, request: ForbidSendMsg) -> Result<(), GroupError> {
    let seconds = natural("MuteTime", request.mute_time.or(request.shut_up_time), 0)?;
    check_plain_length(&call, &MUTED, request.accounts.len())?;
    check_accounts(&request.accounts, |at| format!("Members_Account[{at}]"))?;
    let options = &call.settings().options;
    let topic = request.topic_id.as_deref();
    act(&call, &request.group_id, |group, turn| group.mute(turn, &request.accounts, seconds, topic, options))
}

/// Asks who is muted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetMuted {
    /// The group.
    group_id: EntityId,
    /// In this topic of a Community.
    #[serde(default, deserialize_with = "optional")]
    topic_id: Option<EntityId>,
}

fn muted(call: &Call<Tencent>, request: &GetMuted) -> Result<Vec<(UserId, u32)>, GroupError> {
    let now = seconds_of(call.app.tenancy.now());
    look(call, &request.group_id, |group| group.muted(request.topic_id.as_deref(), now))?
}

/// Who is muted, in the older words.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ShuttedUins {
    group_id: EntityId,
    /// By account; those whose mute is over are not here.
    shutted_uin_list: Vec<ShuttedUin>,
}

/// One who is muted, in the older words.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ShuttedUin {
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// Unix seconds.
    shutted_until: u32,
}

/// `get_group_shutted_uin`.
///
/// # Errors
/// 10004 for a field, 10007 the type mutes nobody, 10010 no such group or topic, 10015 a malformed id.
pub async fn get_group_shutted_uin(call: Call<Tencent>, request: GetMuted) -> Result<ShuttedUins, GroupError> {
    let muted = muted(&call, &request)?.into_iter();
    let shutted_uin_list = muted.map(|(account, shutted_until)| ShuttedUin { account, shutted_until }).collect();
    Ok(ShuttedUins { group_id: request.group_id, shutted_uin_list })
}

/// Who is muted, in the newer words.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct MutedAccounts {
    group_id: EntityId,
    /// By account; those whose mute is over are not here.
    muted_account_list: Vec<MutedAccount>,
}

/// One who is muted, in the newer words.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct MutedAccount {
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// Unix seconds.
    muted_until: u32,
}

/// `get_group_muted_account`.
///
/// # Errors
/// 10004 for a field, 10007 the type mutes nobody, 10010 no such group or topic, 10015 a malformed id.
pub async fn get_group_muted_account(call: Call<Tencent>, request: GetMuted) -> Result<MutedAccounts, GroupError> {
    let muted = muted(&call, &request)?.into_iter();
    let muted_account_list = muted.map(|(account, muted_until)| MutedAccount { account, muted_until }).collect();
    Ok(MutedAccounts { group_id: request.group_id, muted_account_list })
}

/// Bans accounts.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct BanGroupMember {
    /// The group.
    group_id: EntityId,
    /// 1 to 20 accounts, members or not.
    #[serde(rename = "Members_Account")]
    accounts: Vec<UserId>,
    /// Seconds, above 0.
    #[serde(default, deserialize_with = "number")]
    #[schemars(with = "i64", required)]
    duration: Option<i64>,
    /// Why; up to 1000 bytes.
    #[serde(default, deserialize_with = "optional")]
    description: Option<String>,
}

/// `ban_group_member`: removes them and keeps them out for a while.
// Assumed: a ban of 0 seconds is no ban, and refused with 10004; accounts that are not members are banned in advance.
///
/// # Errors
/// 10004 for a field, 10005 too many accounts, 10007 the type bans nobody, 10010 no such group, 10015 a malformed id.
pub async fn ban_group_member(call: Call<Tencent>, request: BanGroupMember) -> Result<(), GroupError> {
    let seconds = natural("Duration", request.duration, 1)?;
    let description = request.description.unwrap_or_default();
    call.within(&DESCRIPTION, description.len())?;
    check_length(&call, &BANNED, request.accounts.len())?;
    check_accounts(&request.accounts, |at| format!("Members_Account[{at}]"))?;
    let options = &call.settings().options;
    act(&call, &request.group_id, |group, turn| group.ban(turn, &request.accounts, seconds, &description, options))
}

/// Lets banned accounts come back.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UnbanGroupMember {
    /// The group.
    group_id: EntityId,
    /// 1 to 20 accounts.
    #[serde(rename = "Members_Account")]
    accounts: Vec<UserId>,
}

/// `unban_group_member`: they may come back, and are not in.
///
/// # Errors
/// 10004 for a field, 10005 too many accounts, 10007 the type bans nobody, 10010 no such group, 10015 a malformed id.
pub async fn unban_group_member(call: Call<Tencent>, request: UnbanGroupMember) -> Result<(), GroupError> {
    check_length(&call, &BANNED, request.accounts.len())?;
    check_accounts(&request.accounts, |at| format!("Members_Account[{at}]"))?;
    act(&call, &request.group_id, |group, turn| group.unban(turn, &request.accounts))
}

/// Asks who is banned.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetGroupBanMember {
    /// The group.
    group_id: EntityId,
    /// Banned accounts before the page; 0 first.
    #[serde(default, deserialize_with = "number")]
    #[schemars(with = "i64", required)]
    offset: Option<i64>,
    /// Up to 100, which is also what absent means.
    #[serde(default, deserialize_with = "optional")]
    limit: Option<i64>,
}

/// Who is banned.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct BannedAccounts {
    /// By account; those whose ban is over are not here.
    banned_account_list: Vec<BannedAccount>,
    /// Where the next page begins; 0 if there is none.
    next_offset: usize,
}

/// One who is banned.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct BannedAccount {
    /// Unix seconds.
    banned_until: u32,
    #[serde(rename = "Member_Account")]
    account: UserId,
}

/// `get_group_ban_member`.
///
/// # Errors
/// 10004 for a field, 10007 the type bans nobody, 10010 no such group, 10015 a malformed id.
pub async fn get_group_ban_member(
    call: Call<Tencent>,
    request: GetGroupBanMember,
) -> Result<BannedAccounts, GroupError> {
    let offset = natural("Offset", request.offset, 0)? as usize;
    let limit = natural("Limit", Some(request.limit.unwrap_or(100)), 1)? as usize;
    call.within(&BANNED_PAGE, limit)?;
    let now = seconds_of(call.app.tenancy.now());
    look(&call, &request.group_id, |group| {
        group.may(&permits::BAN)?;
        let mut lasting = group.bans.iter().filter(|(_, until)| **until > now).skip(offset);
        let page = lasting.by_ref().take(limit);
        let banned_account_list: Vec<BannedAccount> =
            page.map(|(account, until)| BannedAccount { account: account.clone(), banned_until: *until }).collect();
        let next_offset = if lasting.next().is_some() { offset + banned_account_list.len() } else { 0 };
        Ok(BannedAccounts { banned_account_list, next_offset })
    })?
}
