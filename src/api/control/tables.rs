//! What the emulator knows of itself: operations, OpenAPI, the schema of state documents.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::api::call::Call;
use crate::api::control::gateway::{Control, ControlRefusal};
use crate::api::control::state::Nothing;
use crate::api::openapi::{self, Row};
use crate::api::{imkit, tencent};

/// The table of operations.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Operations {
    operations: Vec<Row>,
    /// The documented errors of each system's calls, by the first two parts of their names, or by the vendor alone.
    errors: BTreeMap<&'static str, Vec<KnownError>>,
}

/// A documented error, as a fault rule names it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KnownError {
    /// `ErrorCode`, or `RC`.
    code: u32,
    /// IMKIT's `error.code`, which tells errors of one number apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'static str>,
    /// The short text that goes with it.
    text: &'static str,
}

/// The numbers of Tencent's gateway, of signatures and accounts: any of its calls can meet them.
const COMMON: RangeInclusive<u32> = 60_000..=79_999;
/// The numbers of each of Tencent's systems, which come first in its list.
const OWN: [(&str, &[RangeInclusive<u32>]); 4] = [
    ("tencent.accounts", &[90_000..=99_999]),
    ("tencent.groups", &[10_000..=59_999, 80_000..=89_999]),
    ("tencent.rooms", &[100_000..=199_999]),
    ("tencent.live", &[100_000..=199_999]),
];

/// What the fault rules know, system by system.
fn errors() -> BTreeMap<&'static str, Vec<KnownError>> {
    let among = |range: &RangeInclusive<u32>| {
        let within = tencent::code_table::CODES.iter().filter(move |(code, _)| range.contains(code));
        within.map(|&(code, text)| KnownError { code, name: None, text }).collect::<Vec<_>>()
    };
    let of_system = |own: &[RangeInclusive<u32>]| own.iter().chain([&COMMON]).flat_map(among).collect();
    let mut errors: BTreeMap<_, _> = OWN.iter().map(|(system, own)| (*system, of_system(own))).collect();
    let known = |&(status, text, name): &(u16, _, _)| KnownError { code: status.into(), name: Some(name), text };
    errors.insert("imkit", imkit::code_table::CODES.iter().map(known).collect());
    errors
}

/// `GET /_imulator/operations`.
///
/// # Errors
/// None.
pub async fn operations(_: Call<Control>, _: Nothing) -> Result<Operations, ControlRefusal> {
    Ok(Operations { operations: openapi::rows(), errors: errors() })
}

/// `GET /_imulator/openapi.json`.
///
/// # Errors
/// None.
pub async fn openapi(_: Call<Control>, _: Nothing) -> Result<Value, ControlRefusal> {
    Ok(openapi::document())
}

/// `GET /_imulator/schema.json`.
///
/// # Errors
/// None.
pub async fn schema(_: Call<Control>, _: Nothing) -> Result<Value, ControlRefusal> {
    Ok(openapi::state_schema())
}
