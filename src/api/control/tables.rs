//! What the emulator knows of itself: operations, OpenAPI, the schema of state documents.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::api::call::Call;
use crate::api::control::gateway::{Control, ControlRefusal};
use crate::api::control::state::Nothing;
use crate::api::openapi::{self, Row};

/// The table of operations.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Operations {
    operations: Vec<Row>,
}

/// `GET /_imulator/operations`.
///
/// # Errors
/// None.
pub async fn operations(_: Call<Control>, _: Nothing) -> Result<Operations, ControlRefusal> {
    Ok(Operations { operations: openapi::rows() })
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
