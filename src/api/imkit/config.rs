//! The free configuration: read by clients, set by the platform administrator.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::imkit::codes::INVALID_CONFIG_FORMAT;
use crate::api::imkit::fields::Nothing;
use crate::api::imkit::gateway::Imkit;
use crate::domain::imkit::config::{KEYWORDS_RULE, keywords_of};
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::named::Named;
use crate::domain::invalid::Invalid;

/// An object without members.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Empty {}

/// `GET /config`.
///
/// # Errors
/// None.
pub async fn get_config(call: Call<Imkit>, _: Nothing) -> Result<Named, ImkitError> {
    Ok(Named(call.app.config.values()))
}

/// Sets keys.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct SetConfig(Named);

/// `POST /config`: keys that are not given stay; answers the whole.
///
/// # Errors
/// 400 for a word filter that is none.
pub async fn set_config(call: Call<Imkit>, request: SetConfig) -> Result<Named, ImkitError> {
    let SetConfig(Named(values)) = request;
    // Assumed: any key takes any value, but a word filter that is no object with an array of strings is refused.
    if keywords_of(&values).is_none() {
        return Err(Invalid::new("censorship", KEYWORDS_RULE).with_info(INVALID_CONFIG_FORMAT).into());
    }
    Ok(Named(call.app.config.merge(&call.origin(), values)))
}

/// `DELETE /config/:key`.
///
/// # Errors
/// 404 no such key.
pub async fn delete_config(call: Call<Imkit>, _: Nothing) -> Result<Empty, ImkitError> {
    let key = call.arrival.param("key");
    if call.app.config.remove(&call.origin(), key) {
        return Ok(Empty {});
    }
    Err(ImkitError::ConfigMissing(key.to_owned()))
}
