//! Members of a group: who is added, who is removed, who has which role.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::api::call::Call;
use crate::api::decode::optional;
use crate::api::limit::Limit;
use crate::api::tencent::callbacks;
use crate::api::tencent::callbacks::before::{self, Asker};
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::groups::fields::{check_accounts, check_group_id, check_length, check_plain_length, switch};
use crate::domain::groups::error::GroupError;
use crate::domain::groups::joining::Adding;
use crate::domain::groups::member::{Added, RoleWord, seconds_of};
use crate::kernel::names::{EntityId, UserId};

/// Accounts that a call may add.
pub const ADDED: Limit = Limit::count("MemberList", 1..=500).current(300);
/// Accounts that a call may remove.
pub const REMOVED: Limit = Limit::count("MemberToDel_Account", 1..=500).current(100);
/// The reason of a removal.
pub const REASON: Limit = Limit::bytes("Reason", 0..=1000);
/// Accounts whose role a call may ask for.
pub const ASKED: Limit = Limit::count("User_Account", 1..=500);

/// Adds members to a group.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AddGroupMember {
    /// The group.
    group_id: EntityId,
    /// 1: nobody is told.
    #[serde(default, deserialize_with = "optional")]
    silence: Option<i64>,
    /// Who is added: 1 to 500 imported accounts.
    member_list: Vec<Named>,
}

/// Names an account.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Named {
    #[serde(rename = "Member_Account")]
    account: UserId,
}

impl Named {
    /// The account.
    pub fn account(self) -> UserId {
        self.account
    }
}

/// What became of each entry.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AddedMembers {
    /// In the order of the request.
    member_list: Vec<AddedMember>,
}

/// What became of one entry.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AddedMember {
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// 0: failed, 1: added, 2: was a member already.
    result: u8,
}

/// `add_group_member`: all who can be, or nobody if one account is unknown or the group has no room for all.
///
/// # Errors
/// 10004 for a field, 10005 too many accounts, 10007 the type permits it not, 10010 no such group, 10014 no room,
/// 10015 a malformed id, 10016 the app's receiver refused, 10019 an account is unknown.
pub async fn add_group_member(call: Call<Tencent>, request: AddGroupMember) -> Result<AddedMembers, GroupError> {
    let silent = switch("Silence", request.silence)?;
    let listed: Vec<UserId> = request.member_list.into_iter().map(|named| named.account).collect();
    check_length(&call, &ADDED, listed.len())?;
    check_accounts(&listed, |at| format!("MemberList[{at}].Member_Account"))?;
    check_group_id(&request.group_id)?;
    let exists = |id: &str| call.app.accounts.contains(id);
    let adding = Adding { listed: &listed, struck: &[], silent, options: &call.settings().options, exists: &exists };
    let outcomes = match ask_then_add(&call, &request.group_id, adding).await {
        Err(error @ GroupError::Full { .. }) => {
            Asker::of_call(&call).tell(before::GROUP_FULL, || json!({"GroupId": request.group_id}));
            return Err(error);
        }
        outcomes => outcomes?,
    };
    Ok(AddedMembers::of(listed, outcomes))
}

/// Adds those whom the app's receiver lets through, where it is asked; the others are as those who cannot be added.
async fn ask_then_add(call: &Call<Tencent>, id: &EntityId, adding: Adding<'_>) -> Result<Vec<Added>, GroupError> {
    let mut struck = Vec::new();
    let asker = Asker::of_call(call);
    if asker.asks(before::INVITE_JOIN) {
        let now = seconds_of(call.app.tenancy.now());
        let (of, outcomes) =
            call.app.groups.read(id, |group| group.may_add(now, adding).map(|may| (group.info.group_type, may)))??;
        let entries = adding.listed.iter().zip(outcomes);
        let coming: Vec<&UserId> = entries.filter(|(_, may)| *may == Added::Joined).map(|(id, _)| id).collect();
        // Assumed: only those who would be added are asked for; where nobody would be, nobody is asked.
        if !coming.is_empty() {
            let question = json!({"GroupId": id, "Type": of.word(), "Operator_Account": call.caller.identifier,
                "DestinationMembers": callbacks::listed(coming)});
            struck = asker.ask(before::INVITE_JOIN, question).await?.refused;
        }
    }
    call.app.groups.add(&call.origin(), id, Adding { struck: &struck, ..adding })
}

impl AddedMembers {
    /// What became of each account.
    pub fn of(accounts: Vec<UserId>, outcomes: Vec<Added>) -> Self {
        let member_list = accounts.into_iter().zip(outcomes).map(|(account, outcome)| {
            let result = match outcome {
                Added::Failed => 0,
                Added::Joined => 1,
                Added::Already => 2,
            };
            AddedMember { account, result }
        });
        Self { member_list: member_list.collect() }
    }
}

/// Removes members from a group.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteGroupMember {
    /// The group.
    group_id: EntityId,
    /// 1: nobody is told.
    #[serde(default, deserialize_with = "optional")]
    silence: Option<i64>,
    /// Why; shown to those who are told. Up to 1000 bytes.
    #[serde(default, deserialize_with = "optional")]
    reason: Option<String>,
    /// Who is removed: 1 to 500 accounts; those who are not members do not matter.
    #[serde(rename = "MemberToDel_Account")]
    members: Vec<UserId>,
}

/// `delete_group_member`: succeeds also for accounts that are not members, and for the owner.
///
/// # Errors
/// 10004 for a field and for types from which nobody can be removed, 10010 no such group, 10015 a malformed id; by
/// option 10005 for too many accounts.
pub async fn delete_group_member(call: Call<Tencent>, request: DeleteGroupMember) -> Result<(), GroupError> {
    let options = &call.settings().options;
    let silent = switch("Silence", request.silence)?;
    let reason = request.reason.unwrap_or_default();
    // Assumed: a Reason may have 1000 bytes, as the description of a ban may.
    call.within(&REASON, reason.len())?;
    if options.kick_count_code {
        check_length(&call, &REMOVED, request.members.len())?;
    } else {
        // Assumed: too many accounts are 10004, because the page of this command does not list 10005.
        check_plain_length(&call, &REMOVED, request.members.len())?;
    }
    check_accounts(&request.members, |at| format!("MemberToDel_Account[{at}]"))?;
    check_group_id(&request.group_id)?;
    call.app.groups.kick(&call.origin(), &request.group_id, &request.members, silent, &reason, options)
}

/// Asks for the roles of accounts.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetRoleInGroup {
    /// The group.
    group_id: EntityId,
    /// Whose role: 1 to 500 accounts, members or not.
    #[serde(rename = "User_Account")]
    accounts: Vec<UserId>,
}

/// The roles, one for each entry.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Roles {
    /// In the order of the request.
    user_id_list: Vec<AccountRole>,
}

/// The role of one account.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AccountRole {
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// `NotMember` for those who are not in the group.
    role: RoleInGroup,
}

/// A role, or none.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum RoleInGroup {
    /// Of a member.
    Of(RoleWord),
    /// Of anybody else.
    None(NotMember),
}

/// The word for those who are not in the group.
#[derive(Debug, Serialize, JsonSchema)]
pub enum NotMember {
    /// Not in the group.
    NotMember,
}

/// `get_role_in_group`.
///
/// # Errors
/// 10004 for a field, 10007 the type has no list of members, 10010 no such group, 10015 a malformed id.
// Assumed: an account that is asked for twice is answered twice, and more than 500 accounts are 10004.
pub async fn get_role_in_group(call: Call<Tencent>, request: GetRoleInGroup) -> Result<Roles, GroupError> {
    check_plain_length(&call, &ASKED, request.accounts.len())?;
    check_accounts(&request.accounts, |at| format!("User_Account[{at}]"))?;
    check_group_id(&request.group_id)?;
    call.app.groups.read(&request.group_id, |group| {
        group.permit(group.kind().listed, "GroupId", "asking for roles")?;
        let role = |account: UserId| {
            let role = match group.members.get(&account) {
                Some(member) => RoleInGroup::Of(group.role_of(&account, member)),
                None => RoleInGroup::None(NotMember::NotMember),
            };
            AccountRole { account, role }
        };
        Ok(Roles { user_id_list: request.accounts.into_iter().map(role).collect() })
    })?
}
