//! Fields that several group commands share, and how they are checked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::decode::optional;
use crate::api::limit::Limit;
// Assumed: an entry that no account can be called, empty or longer than 32 bytes, is refused with 10004 everywhere.
pub use crate::api::tencent::accounts::check_accounts;
use crate::api::tencent::gateway::Tencent;
use crate::api::why::quote_text;
use crate::domain::groups::error::GroupError;
use crate::domain::groups::group::Group;
use crate::domain::groups::id::fault_of_named;
use crate::domain::groups::member::KeyValue;
use crate::domain::invalid::Invalid;
use crate::kernel::names::UserId;
use crate::kernel::turn::Turn;

/// Most bytes of a reply's payload: above it the service answers 10018.
pub const REPLY_BYTES_MAX: usize = 1 << 20;
/// More members than this cannot fit into a reply, whatever is asked of them.
pub const REPLY_MEMBERS_MAX: usize = REPLY_BYTES_MAX / 24;
/// With fewer members the documented bounds keep a reply small enough.
const SIZE_CHECKED_FROM: usize = 500;

/// Checks the id of a group that a call names.
///
/// # Errors
/// No group can have this id.
pub fn check_group_id(id: &str) -> Result<(), GroupError> {
    fault_of_named(id).map_or(Ok(()), |fault| Err(GroupError::MalformedId(Invalid::new("GroupId", fault))))
}

/// Looks at the group that a call names.
///
/// # Errors
/// A malformed id, or no such group.
pub fn look<R>(call: &Call<Tencent>, id: &str, look: impl FnOnce(&Group) -> R) -> Result<R, GroupError> {
    check_group_id(id)?;
    call.app.groups.read(id, look)
}

/// Changes the group that a call names, in one turn.
///
/// # Errors
/// A malformed id, no such group, or what the rules refuse with.
pub fn act<R>(
    call: &Call<Tencent>,
    id: &str,
    act: impl FnOnce(&mut Group, &mut Turn<'_>) -> Result<R, GroupError>,
) -> Result<R, GroupError> {
    check_group_id(id)?;
    call.app.groups.change(&call.origin(), id, act)
}

/// Checks that an account that a call names was imported; for use inside a turn, when the group is known to be there.
///
/// # Errors
/// It was not.
pub fn check_known(call: &Call<Tencent>, field: &str, user: &UserId) -> Result<(), GroupError> {
    if call.app.accounts.contains(user) {
        return Ok(());
    }
    Err(GroupError::UnknownAccount { field: field.to_owned(), user: user.clone() })
}

/// Reads a number that has to fit into 32 bits and to be at least `least`.
///
/// # Errors
/// It is not, or it is missing.
pub fn natural(field: &'static str, number: Option<i64>, least: u32) -> Result<u32, Invalid> {
    let Some(number) = number else { return Err(Invalid::required(field)) };
    let natural = u32::try_from(number).ok().filter(|natural| *natural >= least);
    natural.ok_or_else(|| Invalid::new(field, format!("is {number}, and has to be from {least} to {}", u32::MAX)))
}

/// Checks texts against their limits.
///
/// # Errors
/// Which is too long, or too short.
pub fn check_texts(call: &Call<Tencent>, texts: &[(&Limit, &Option<String>, &'static str)]) -> Result<(), Invalid> {
    for (limit, text, info) in texts {
        if let Some(text) = text {
            call.within(limit, text.len()).map_err(|invalid| invalid.with_info(info))?;
        }
    }
    Ok(())
}

/// Checks the length of a mandatory list, as sent.
///
/// # Errors
/// Empty, or too long, which services number differently.
pub fn check_length(call: &Call<Tencent>, limit: &Limit, entries: usize) -> Result<(), GroupError> {
    if entries == 0 && limit.min > 0 {
        return Err(Invalid::required(limit.field).into());
    }
    call.within(limit, entries).map_err(GroupError::TooManyAccounts)
}

/// The same, where a list that is too long is one more wrong field.
///
/// # Errors
/// Empty, or too long.
pub fn check_plain_length(call: &Call<Tencent>, limit: &Limit, entries: usize) -> Result<(), GroupError> {
    check_length(call, limit, entries).map_err(|error| match error {
        GroupError::TooManyAccounts(invalid) => GroupError::Invalid(invalid),
        other => other,
    })
}

/// Reads a switch that is 0 or 1; absent is 0.
// Assumed: a switch such as Silence with another number than 0 and 1, or with a number in quotes, is 10004.
///
/// # Errors
/// It is another number.
pub fn switch(field: &'static str, number: Option<i64>) -> Result<bool, Invalid> {
    match number {
        None => Ok(false),
        Some(1) => Ok(true),
        Some(other) => Err(Invalid::new(field, format!("is {other}, and has to be 0 or 1"))),
    }
}

/// A custom field in a request.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Pair {
    /// The field's name.
    key: String,
    /// Its value; empty clears it.
    #[serde(default, deserialize_with = "optional")]
    value: Option<String>,
}

/// The bounds of custom fields of one level.
#[derive(Clone, Copy, Debug)]
pub struct CustomLimits {
    /// How many there may be.
    pub count: &'static Limit,
    /// Bytes of a name.
    pub key: &'static Limit,
    /// Bytes of a value.
    pub value: &'static Limit,
}

/// Checks custom fields that change what is there; those without a value clear it.
///
/// # Errors
/// As for new ones.
pub fn custom_change_of(
    call: &Call<Tencent>,
    limits: CustomLimits,
    allowed: Option<&Vec<String>>,
    pairs: Option<Vec<Pair>>,
) -> Result<Vec<KeyValue>, GroupError> {
    let pairs = pairs.unwrap_or_default();
    call.within(limits.count, pairs.len())?;
    let mut change: Vec<KeyValue> = Vec::with_capacity(pairs.len());
    for pair in pairs {
        check_key(call, limits.key, allowed, &pair.key)?;
        let value = pair.value.unwrap_or_default();
        call.within(limits.value, value.len())?;
        change.retain(|earlier| earlier.key != pair.key);
        change.push(KeyValue { key: pair.key, value });
    }
    Ok(change)
}

/// Checks custom fields and leaves out those without a value; of a repeated one the last counts.
///
/// # Errors
/// Too many, a name or value out of bounds, or a name that the app's option does not list.
pub fn custom_of(
    call: &Call<Tencent>,
    limits: CustomLimits,
    allowed: Option<&Vec<String>>,
    pairs: Vec<Pair>,
) -> Result<Vec<KeyValue>, GroupError> {
    let mut custom = custom_change_of(call, limits, allowed, Some(pairs))?;
    custom.retain(|pair| !pair.value.is_empty());
    Ok(custom)
}

fn check_key(call: &Call<Tencent>, limit: &Limit, allowed: Option<&Vec<String>>, key: &str) -> Result<(), Invalid> {
    call.within(limit, key.len())?;
    let plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !plain {
        let why = format!("{} holds something else than letters, digits and underscores", quote_text(key));
        return Err(Invalid::new(limit.field, why));
    }
    if allowed.is_some_and(|keys| !keys.iter().any(|allowed| allowed == key)) {
        let why = format!("{} is none of the app's custom fields (options group_keys, member_keys)", quote_text(key));
        return Err(Invalid::new(limit.field, why).with_info("all defined key is invalid"));
    }
    Ok(())
}

/// Checks that a reply's payload is not larger than the service sends; those with few members never are.
///
/// # Errors
/// It is.
// Assumed: the most bytes of a group reply are 1 MiB, counted without the envelope.
pub fn check_size(payload: &impl Serialize, members: usize) -> Result<(), GroupError> {
    if members < SIZE_CHECKED_FROM {
        return Ok(());
    }
    let mut counted = Counted(0);
    serde_json::to_writer(&mut counted, payload).expect("a reply is JSON, and counting never fails");
    if counted.0 > REPLY_BYTES_MAX { Err(GroupError::TooLarge(REPLY_BYTES_MAX)) } else { Ok(()) }
}

/// Counts bytes and keeps none.
struct Counted(usize);

impl std::io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
