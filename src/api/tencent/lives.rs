//! The lives of accounts: whether they exist, are online, are signed in, and their end.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::call::Call;
use crate::api::decode::optional;
use crate::api::limit::Limit;
use crate::api::tencent::accounts::USER_ID;
use crate::api::tencent::code_table::text_of;
use crate::api::tencent::gateway::Tencent;
use crate::api::why::quote;
use crate::domain::accounts::{AccountError, fault_of_user_id};
use crate::domain::invalid::Invalid;
use crate::kernel::names::UserId;

/// Accounts that a call may ask for.
pub const CHECKED: Limit = Limit::count("CheckItem", 1..=100);
/// Accounts that a call may delete.
pub const DELETED: Limit = Limit::count("DeleteItem", 1..=100);
/// Accounts whose state a call may ask for.
pub const ASKED: Limit = Limit::count("To_Account", 1..=500);
/// The code of an account that is not there.
const UNKNOWN: u32 = 70107;
/// The code of an account that cannot be deleted.
const REFUSED: u32 = 70402;

/// Names an account.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Item {
    #[serde(rename = "UserID")]
    user_id: UserId,
}

/// Asks which accounts exist.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AccountCheck {
    /// 1 to 100 accounts.
    check_item: Vec<Item>,
}

/// Which accounts exist.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CheckedAccounts {
    /// In the order of the request.
    result_item: Vec<CheckedAccount>,
}

/// Whether one account exists.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CheckedAccount {
    #[serde(rename = "UserID")]
    user_id: UserId,
    /// Always 0.
    result_code: u32,
    /// Always empty.
    result_info: &'static str,
    /// `Imported` or `NotImported`.
    account_status: &'static str,
}

fn check_count(call: &Call<Tencent>, limit: &Limit, entries: usize) -> Result<(), Invalid> {
    if entries == 0 { Err(Invalid::required(limit.field)) } else { call.within(limit, entries) }
}

/// `account_check`.
///
/// # Errors
/// 70402 for a field, no accounts, or more than 100.
pub async fn account_check(call: Call<Tencent>, request: AccountCheck) -> Result<CheckedAccounts, AccountError> {
    check_count(&call, &CHECKED, request.check_item.len())?;
    let check = |item: Item| {
        let imported = call.app.accounts.contains(&item.user_id);
        let account_status = if imported { "Imported" } else { "NotImported" };
        CheckedAccount { user_id: item.user_id, result_code: 0, result_info: "", account_status }
    };
    Ok(CheckedAccounts { result_item: request.check_item.into_iter().map(check).collect() })
}

/// Deletes accounts.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AccountDelete {
    /// 1 to 100 accounts.
    delete_item: Vec<Item>,
}

/// What became of the accounts.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeletedAccounts {
    /// In the order of the request.
    result_item: Vec<DeletedAccount>,
}

/// What became of one account.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeletedAccount {
    /// 0, or 70107 for one that is not there, or 70402 for an administrator.
    result_code: u32,
    result_info: &'static str,
    #[serde(rename = "UserID")]
    user_id: UserId,
}

/// `account_delete`: account by account; each leaves its groups in a series of turns, one a group.
// Assumed: an administrator in the list of account_delete gets 70402, and a deleted account can be imported again at once.
///
/// # Errors
/// 70402 for a field, no accounts, or more than 100.
pub async fn account_delete(call: Call<Tencent>, request: AccountDelete) -> Result<DeletedAccounts, AccountError> {
    check_count(&call, &DELETED, request.delete_item.len())?;
    let origin = call.origin();
    let options = &call.settings().options;
    let delete = |item: Item| {
        let user = item.user_id;
        let result_code = if call.settings().administers(&user) {
            REFUSED
        } else if call.app.accounts.delete(&origin, &user) {
            call.app.groups.forget(&origin, &user, options);
            0
        } else {
            UNKNOWN
        };
        let result_info = if result_code == 0 { "" } else { text_of(result_code) };
        DeletedAccount { result_code, result_info, user_id: user }
    };
    Ok(DeletedAccounts { result_item: request.delete_item.into_iter().map(delete).collect() })
}

/// Ends the login states of an account.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Kick {
    /// Which.
    #[serde(rename = "UserID", default, deserialize_with = "optional")]
    user_id: Option<UserId>,
    /// Its older name; `UserID` wins if both are given.
    #[serde(rename = "Identifier", default, deserialize_with = "optional")]
    identifier: Option<UserId>,
}

/// `kick`: UserSigs made before this second are void.
///
/// # Errors
/// 70402 for a field, 70107 no such account, 60015 for an account that is no string.
pub async fn kick(call: Call<Tencent>, request: Kick) -> Result<(), AccountError> {
    let user = request.user_id.or(request.identifier).ok_or_else(|| Invalid::required(USER_ID.field))?;
    if let Some(fault) = fault_of_user_id(&user) {
        return Err(Invalid::new(USER_ID.field, fault).into());
    }
    call.within(&USER_ID, user.len())?;
    if call.app.accounts.void_signatures(&call.origin(), &user) {
        return Ok(());
    }
    Err(AccountError::Unknown { field: USER_ID.field, user: user.to_string() })
}

/// Asks which accounts are online.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct QueryOnlineStatus {
    /// 1 to 500 accounts.
    #[serde(rename = "To_Account", default)]
    #[schemars(with = "Vec<String>")]
    accounts: Value,
    /// 1: `Detail` for each platform.
    #[serde(rename = "IsNeedDetail", default)]
    #[schemars(with = "Option<u32>")]
    detail: Value,
}

/// Which accounts are online.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct OnlineStates {
    /// The accounts that exist, in the order of the request.
    query_result: Vec<OnlineState>,
    /// The others.
    error_list: Vec<UnknownAccount>,
}

/// Whether one account is online.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct OnlineState {
    #[serde(rename = "To_Account")]
    account: String,
    /// `Offline`: nobody signs in here.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    /// Its older name, in `querystate` and by option.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    /// Platforms with a state: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<Vec<String>>,
}

/// An account that does not exist.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UnknownAccount {
    #[serde(rename = "To_Account")]
    account: String,
    error_code: u32,
}

/// `query_online_status`.
// Assumed: nobody signs in to the emulator, so each account that exists is Offline, without platforms.
///
/// # Errors
/// 70107 none of the accounts exists, 90001 none asked for, 90003 something else than accounts, 90011 more than 500.
pub async fn query_online_status(
    call: Call<Tencent>,
    request: QueryOnlineStatus,
) -> Result<OnlineStates, AccountError> {
    let both = call.settings().options.online_state_word;
    states(&call, &request, (Some("Offline"), both.then_some("Offline")))
}

/// `querystate`: the same under its older name.
///
/// # Errors
/// The same.
pub async fn querystate(call: Call<Tencent>, request: QueryOnlineStatus) -> Result<OnlineStates, AccountError> {
    states(&call, &request, (None, Some("Offline")))
}

type Words = (Option<&'static str>, Option<&'static str>);

fn states(call: &Call<Tencent>, request: &QueryOnlineStatus, words: Words) -> Result<OnlineStates, AccountError> {
    let detail = match &request.detail {
        Value::Number(number) if number.as_u64().is_some_and(|number| number < 2) => number.as_u64() == Some(1),
        Value::Null => false,
        Value::String(text) if text.is_empty() => false,
        other => {
            let why = format!("is {}, and has to be 0 or 1", quote(other));
            return Err(AccountError::NoneAsked(Invalid::new("IsNeedDetail", why)));
        }
    };
    let accounts = match &request.accounts {
        Value::Array(list) => list,
        Value::Null => return Err(AccountError::NoneAsked(Invalid::required(ASKED.field))),
        other => {
            let why = format!("is {}, and has to be an array", quote(other));
            return Err(AccountError::NotAccounts(Invalid::new(ASKED.field, why)));
        }
    };
    if accounts.is_empty() {
        return Err(AccountError::NoneAsked(Invalid::required(ASKED.field)));
    }
    call.within(&ASKED, accounts.len()).map_err(AccountError::TooManyAsked)?;
    let (mut query_result, mut error_list) = (Vec::new(), Vec::new());
    for (at, entry) in accounts.iter().enumerate() {
        let Value::String(account) = entry else {
            let why = format!("is {}, and has to be a string", quote(entry));
            return Err(AccountError::NotAccounts(Invalid::new(format!("To_Account[{at}]"), why)));
        };
        let account = account.clone();
        if call.app.accounts.contains(&account) {
            let (status, state) = words;
            query_result.push(OnlineState { account, status, state, detail: detail.then(Vec::new) });
        } else {
            error_list.push(UnknownAccount { account, error_code: UNKNOWN });
        }
    }
    match error_list.pop() {
        Some(unknown) if query_result.is_empty() => {
            Err(AccountError::Unknown { field: ASKED.field, user: unknown.account })
        }
        last => {
            error_list.extend(last);
            Ok(OnlineStates { query_result, error_list })
        }
    }
}
