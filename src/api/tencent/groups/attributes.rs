//! Attributes of live rooms, and counters.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::decode::{number, optional};
use crate::api::limit::Limit;
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::groups::fields::{act, look};
use crate::api::tencent::groups::info::NamedGroup;
use crate::api::why::quote_text;
use crate::domain::groups::error::GroupError;
use crate::domain::groups::live::{AttributeWrite, Count};
use crate::domain::groups::permits;
use crate::domain::invalid::Invalid;
use crate::kernel::names::EntityId;

/// Attributes that a call may write.
pub const ATTRIBUTES: Limit = Limit::count("GroupAttr", 1..=16);
/// The name of an attribute.
pub const ATTRIBUTE_KEY: Limit = Limit::bytes("GroupAttr.key", 1..=32);
/// The value of an attribute.
pub const ATTRIBUTE_VALUE: Limit = Limit::bytes("GroupAttr.value", 0..=4000);
/// Writes of a group's attributes a second.
pub const WRITES: Limit = Limit::value("GroupAttr.per_second", 0..=5);
/// Counters that a call may write.
pub const COUNTERS: Limit = Limit::count("GroupCounter", 1..=20);
/// Counters that a call may name.
pub const COUNTER_KEYS: Limit = Limit::count("GroupCounterKeys", 0..=20);
/// The name of a counter.
pub const COUNTER_KEY: Limit = Limit::bytes("GroupCounter.Key", 1..=128);

/// An attribute; its names are lower-case.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct Attribute {
    /// 1 to 32 bytes.
    key: String,
    /// Up to 4000 bytes.
    #[serde(default)]
    value: String,
}

/// Names an attribute.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct AttributeName {
    key: String,
}

/// The attributes of a group.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Attributes {
    /// By name.
    group_attr_ary: Vec<Attribute>,
}

/// `group_open_attr_http_svc/get_group_attr`.
///
/// # Errors
/// 10004 for a field, 10007 no live room, 10010 no such group, 10015 a malformed id.
pub async fn get_group_attr(call: Call<Tencent>, request: NamedGroup) -> Result<Attributes, GroupError> {
    look(&call, &request.group_id, |group| {
        group.may(&permits::LIVE)?;
        let attributes = group.extras.attributes.iter();
        let view = |(key, value): (&String, &String)| Attribute { key: key.clone(), value: value.clone() };
        Ok(Attributes { group_attr_ary: attributes.map(view).collect() })
    })?
}

/// Writes attributes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct WriteGroupAttr {
    /// The live room.
    group_id: EntityId,
    /// 1 to 16 of them.
    group_attr: Vec<Attribute>,
}

fn pairs_of(call: &Call<Tencent>, list: Vec<Attribute>) -> Result<Vec<(String, String)>, GroupError> {
    if list.is_empty() {
        return Err(Invalid::required(ATTRIBUTES.field).into());
    }
    call.within(&ATTRIBUTES, list.len()).map_err(GroupError::TooManyAttributes)?;
    for attribute in &list {
        if attribute.key.is_empty() {
            return Err(Invalid::required(ATTRIBUTE_KEY.field).into());
        }
        call.within(&ATTRIBUTE_KEY, attribute.key.len()).map_err(GroupError::AttributeKey)?;
        call.within(&ATTRIBUTE_VALUE, attribute.value.len()).map_err(GroupError::AttributeValue)?;
    }
    Ok(list.into_iter().map(|attribute| (attribute.key, attribute.value)).collect())
}

fn write(call: &Call<Tencent>, group_id: &str, write: &AttributeWrite) -> Result<(), GroupError> {
    act(call, group_id, |group, turn| group.write_attributes(turn, write, call.enforced(&WRITES)))
}

/// `modify_group_attr`: those that are not named stay.
///
/// # Errors
/// 10004 for a field, 10007 no live room, 10010 no such group, 10015 a malformed id, 10045 to 10049 too long, too many or
/// too often.
pub async fn modify_group_attr(call: Call<Tencent>, request: WriteGroupAttr) -> Result<(), GroupError> {
    let pairs = pairs_of(&call, request.group_attr)?;
    write(&call, &request.group_id, &AttributeWrite::Modify(pairs))
}

/// `set_group_attr`: those that are not named go.
///
/// # Errors
/// As for `modify_group_attr`.
pub async fn set_group_attr(call: Call<Tencent>, request: WriteGroupAttr) -> Result<(), GroupError> {
    let pairs = pairs_of(&call, request.group_attr)?;
    write(&call, &request.group_id, &AttributeWrite::Set(pairs))
}

/// `clear_group_attr`.
///
/// # Errors
/// 10004 for a field, 10007 no live room, 10010 no such group, 10015 a malformed id, 10049 too often.
pub async fn clear_group_attr(call: Call<Tencent>, request: NamedGroup) -> Result<(), GroupError> {
    write(&call, &request.group_id, &AttributeWrite::Clear)
}

/// Deletes attributes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteGroupAttr {
    /// The live room.
    group_id: EntityId,
    /// 1 to 16 of them.
    group_attr: Vec<AttributeName>,
}

/// `delete_group_attr`: all that are named, or none if one is not there.
///
/// # Errors
/// 10004 for a field, 10007 no live room, 10010 no such group, 10015 a malformed id, 10049 too often, 10050 no such
/// attribute.
pub async fn delete_group_attr(call: Call<Tencent>, request: DeleteGroupAttr) -> Result<(), GroupError> {
    let named = request.group_attr.into_iter().map(|name| Attribute { key: name.key, value: String::new() }).collect();
    let mut keys: Vec<String> = pairs_of(&call, named)?.into_iter().map(|(key, _)| key).collect();
    keys.sort_unstable();
    keys.dedup();
    write(&call, &request.group_id, &AttributeWrite::Delete(keys))
}

/// A counter with its value.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Counter {
    key: String,
    /// 64 bits.
    value: i64,
}

/// Counters with their values.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Counters {
    group_counter: Vec<Counter>,
}

impl Counters {
    fn of(values: Vec<(String, i64)>) -> Self {
        Self { group_counter: values.into_iter().map(|(key, value)| Counter { key, value }).collect() }
    }
}

/// Writes counters.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateGroupCounter {
    /// The group.
    group_id: EntityId,
    /// 1 to 20 of them.
    group_counter: Vec<CounterEntry>,
    /// `Set`, `Increase` or `Decrease`.
    mode: String,
}

/// A counter in a request.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CounterEntry {
    /// 1 to 128 bytes.
    key: String,
    /// 64 bits.
    #[serde(default, deserialize_with = "number")]
    #[schemars(with = "i64", required)]
    value: Option<i64>,
}

/// `update_group_counter`: one that is not there starts at 0.
///
/// # Errors
/// 10004 for a field, 10007 the type has none, 10010 no such group, 10015 a malformed id, 10063 too many.
pub async fn update_group_counter(call: Call<Tencent>, request: UpdateGroupCounter) -> Result<Counters, GroupError> {
    let count = match request.mode.as_str() {
        "Set" => Count::Set,
        "Increase" => Count::Increase,
        "Decrease" => Count::Decrease,
        "" => return Err(Invalid::required("Mode").into()),
        other => {
            let why = format!("is {}, and has to be Set, Increase or Decrease", quote_text(other));
            return Err(Invalid::new("Mode", why).into());
        }
    };
    if request.group_counter.is_empty() {
        return Err(Invalid::required(COUNTERS.field).into());
    }
    call.within(&COUNTERS, request.group_counter.len()).map_err(GroupError::TooManyCounters)?;
    let mut list = Vec::with_capacity(request.group_counter.len());
    for entry in request.group_counter {
        call.within(&COUNTER_KEY, entry.key.len())?;
        let value = entry.value.ok_or_else(|| Invalid::required("GroupCounter.Value"))?;
        list.push((entry.key, value));
    }
    act(&call, &request.group_id, |group, turn| group.count(turn, &list, count)).map(Counters::of)
}

/// Names counters.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct NamedCounters {
    /// The group.
    group_id: EntityId,
    /// Up to 20 names; absent: all.
    #[serde(default, deserialize_with = "optional")]
    group_counter_keys: Option<Vec<String>>,
}

/// `get_group_counter`.
// Assumed: a counter that is asked for by name and not there is left out.
///
/// # Errors
/// 10004 for a field, 10007 the type has none, 10010 no such group, 10015 a malformed id, 10063 too many.
pub async fn get_group_counter(call: Call<Tencent>, request: NamedCounters) -> Result<Counters, GroupError> {
    let keys = request.group_counter_keys.unwrap_or_default();
    call.within(&COUNTER_KEYS, keys.len()).map_err(GroupError::TooManyCounters)?;
    look(&call, &request.group_id, |group| {
        group.may(&permits::COUNTERS)?;
        let asked = group.extras.counters.iter().filter(|(key, _)| keys.is_empty() || keys.contains(key));
        Ok(Counters::of(asked.map(|(key, value)| (key.clone(), *value)).collect()))
    })?
}

/// `delete_group_counter`.
///
/// # Errors
/// As for `get_group_counter`.
pub async fn delete_group_counter(call: Call<Tencent>, request: NamedCounters) -> Result<(), GroupError> {
    let keys = request.group_counter_keys.unwrap_or_default();
    call.within(&COUNTER_KEYS, keys.len()).map_err(GroupError::TooManyCounters)?;
    act(&call, &request.group_id, |group, turn| group.drop_counters(turn, &keys))
}
