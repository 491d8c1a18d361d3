//! Accounts: importing the people that groups and rooms may name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::call::Call;
use crate::api::decode::{self, optional};
use crate::api::limit::Limit;
use crate::api::operation::Operation;
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::lives;
use crate::api::why::{quote, quote_text};
use crate::domain::accounts::{AccountError, USER_ID_BYTES_MAX, fault_of_user_id};
use crate::domain::invalid::Invalid;
use crate::kernel::names::UserId;
use crate::operation;

/// A UserID.
pub const USER_ID: Limit = Limit::bytes("UserID", 1..=32);
/// A nickname.
pub const NICK: Limit = Limit::bytes("Nick", 0..=500);
/// A picture's address.
pub const FACE_URL: Limit = Limit::bytes("FaceUrl", 0..=500);
/// Accounts a call may import, in the newer form.
pub const ACCOUNT_LIST: Limit = Limit::count("AccountList", 1..=100);
/// Accounts a call may import, in the older form.
pub const ACCOUNTS: Limit = Limit::count("Accounts", 1..=100);

/// The rows: `v4/im_open_login_svc`.
// table
pub static OPERATIONS: &[Operation] = &[
    operation!(Tencent, "tencent.accounts.account_import", "POST" "/v4/im_open_login_svc/account_import", account_import,
        "Imports one account.",
        doc: "https://cloud.tencent.com/document/product/269/1608",
        limits: [USER_ID, NICK, FACE_URL], per_second: (200, 200)),
    operation!(Tencent, "tencent.accounts.multiaccount_import", "POST" "/v4/im_open_login_svc/multiaccount_import",
        multiaccount_import,
        "Imports up to 100 accounts.",
        doc: "https://cloud.tencent.com/document/product/269/4919",
        limits: [ACCOUNT_LIST, ACCOUNTS], per_second: (100, 100)),
    operation!(Tencent, "tencent.accounts.account_check", "POST" "/v4/im_open_login_svc/account_check", lives::account_check,
        "Tells which accounts exist.",
        doc: "https://cloud.tencent.com/document/product/269/38417",
        limits: [lives::CHECKED], per_second: (100, 100)),
    operation!(Tencent, "tencent.accounts.account_delete", "POST" "/v4/im_open_login_svc/account_delete", lives::account_delete,
        "Deletes accounts, and takes them out of their groups.",
        doc: "https://cloud.tencent.com/document/product/269/36443",
        limits: [lives::DELETED], per_second: (100, 100)),
    operation!(Tencent, "tencent.accounts.kick", "POST" "/v4/im_open_login_svc/kick", lives::kick,
        "Ends the login states of an account.",
        doc: "https://cloud.tencent.com/document/product/269/3853",
        limits: [USER_ID], per_second: (200, 200)),
    operation!(Tencent, "tencent.accounts.query_online_status", "POST" "/v4/openim/query_online_status",
        lives::query_online_status,
        "Tells which accounts are online.",
        doc: "https://cloud.tencent.com/document/product/269/2566",
        limits: [lives::ASKED], per_second: (200, 200)),
    operation!(Tencent, "tencent.accounts.querystate", "POST" "/v4/openim/querystate", lives::querystate,
        "Tells which accounts are online, in the older words.",
        doc: "https://cloud.tencent.com/document/product/269/2566",
        limits: [lives::ASKED], per_second: (200, 200)),
];

/// Imports one account.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AccountImport {
    /// The account: 1 to 32 bytes of printable ASCII.
    #[serde(rename = "UserID", default, deserialize_with = "optional")]
    user_id: Option<UserId>,
    /// Its older name; `UserID` wins if both are given.
    #[serde(default, deserialize_with = "optional")]
    identifier: Option<UserId>,
    /// Up to 500 bytes.
    #[serde(default, deserialize_with = "optional")]
    nick: Option<String>,
    /// Up to 500 bytes.
    #[serde(default, deserialize_with = "optional")]
    face_url: Option<String>,
}

/// `account_import`: importing again is a success and overwrites what is given.
///
/// # Errors
/// 70402 for a field, 40601 for a profile value that is too long, 60015 for an account that is no string.
pub async fn account_import(call: Call<Tencent>, request: AccountImport) -> Result<(), AccountError> {
    // Assumed: of the two spellings the newer one wins.
    let user = request.user_id.or(request.identifier).ok_or_else(|| Invalid::required(USER_ID.field))?;
    if let Some(fault) = fault_of_user_id(&user) {
        return Err(Invalid::new(USER_ID.field, fault).into());
    }
    // Assumed: an application's limit of account_import.UserID counts where it is below 32 bytes; groups and rooms name no
    // longer accounts.
    call.within(&USER_ID, user.len())?;
    check_profile(&call, &request.nick, &request.face_url)?;
    call.app.accounts.import(&call.origin(), &user, request.nick.as_deref(), request.face_url.as_deref());
    Ok(())
}

fn check_profile(call: &Call<Tencent>, nick: &Option<String>, face_url: &Option<String>) -> Result<(), AccountError> {
    for (limit, value) in [(&NICK, nick), (&FACE_URL, face_url)] {
        let bytes = value.as_ref().map_or(0, String::len);
        call.within(limit, bytes).map_err(AccountError::ProfileTooLong)?;
    }
    Ok(())
}

/// Imports up to 100 accounts, in one of two forms.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct MultiaccountImport {
    /// The older form: UserIDs alone.
    #[serde(default, deserialize_with = "optional")]
    accounts: Option<Vec<Value>>,
    /// The newer form: `{UserID, Nick, FaceUrl}`; it wins if both are given.
    #[serde(default, deserialize_with = "optional")]
    account_list: Option<Vec<Value>>,
}

/// One account of the newer form.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    #[serde(rename = "UserID")]
    user_id: UserId,
    #[serde(default, deserialize_with = "optional")]
    nick: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    face_url: Option<String>,
}

/// Which accounts failed.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ImportOutcome {
    /// The UserIDs that could not be imported; an empty array when all could.
    fail_accounts: Vec<String>,
}

/// `multiaccount_import`: each account by itself; those that cannot be one are listed, the others are imported.
///
/// # Errors
/// 70402 for no list, an empty one, more than 100 entries, or an entry that names no account.
pub async fn multiaccount_import(
    call: Call<Tencent>,
    request: MultiaccountImport,
) -> Result<ImportOutcome, AccountError> {
    let (limit, entries) = match (request.account_list, request.accounts) {
        (Some(list), _) => (&ACCOUNT_LIST, list),
        (None, Some(list)) => (&ACCOUNTS, list),
        (None, None) => return Err(Invalid::required(ACCOUNT_LIST.field).into()),
    };
    call.within(limit, entries.len())?;
    let items = entries.into_iter().enumerate().map(|(at, entry)| item_of(limit.field, at, entry));
    let items: Vec<Item> = items.collect::<Result<_, Invalid>>()?;
    let mut fail_accounts = Vec::new();
    for item in items {
        let sound =
            fault_of_user_id(&item.user_id).is_none() && check_profile(&call, &item.nick, &item.face_url).is_ok();
        // Assumed: an account that cannot be imported is listed, and the others are imported all the same.
        if sound {
            call.app.accounts.import(&call.origin(), &item.user_id, item.nick.as_deref(), item.face_url.as_deref());
        } else {
            fail_accounts.push(item.user_id.to_string());
        }
    }
    Ok(ImportOutcome { fail_accounts })
}

/// Reads one entry of either form.
fn item_of(field: &str, at: usize, entry: Value) -> Result<Item, Invalid> {
    if field == ACCOUNTS.field {
        let Value::String(id) = &entry else {
            return Err(Invalid::new(
                format!("{field}[{at}]"),
                format!("is {}, and has to be a string", quote(&entry)),
            ));
        };
        return Ok(Item { user_id: UserId::new(id), nick: None, face_url: None });
    }
    decode::at(&format!("{field}[{at}]"), &entry)
}

/// Checks that each entry can be an account: 1 to 32 bytes. `place` words where an entry stands.
///
/// # Errors
/// Which entry is not.
pub fn check_accounts<'a>(
    accounts: impl IntoIterator<Item = &'a UserId>,
    place: impl Fn(usize) -> String,
) -> Result<(), Invalid> {
    for (at, account) in accounts.into_iter().enumerate() {
        if account.is_empty() || account.len() > USER_ID_BYTES_MAX {
            let (shown, bytes) = (quote_text(account), account.len());
            let why = format!("{shown} has {bytes} bytes; a UserID has 1 to {USER_ID_BYTES_MAX}");
            return Err(Invalid::new(place(at), why));
        }
    }
    Ok(())
}
