//! The written form of an IMKIT application: what state documents say of it, in the vendor's own words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::settings::ImkitOptions;
use crate::domain::state::{Faults, take};

/// An IMKIT application in a state document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ImkitState {
    /// Keys that clients send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_keys: Option<Vec<String>>,
    /// Keys that platform administrators send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_keys: Option<Vec<String>>,
    /// What issued tokens are signed with; absent: made from the seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwt_secret: Option<String>,
    /// The switches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<ImkitOptions>,
    /// How many numbers have been drawn for generated ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ids_drawn: Option<u64>,
}

impl ImkitState {
    /// Notes every fault of this application.
    pub fn check(&self, _path: &str, _faults: &mut Faults) {}

    /// Adds another document's part; an entity with the same id is replaced whole.
    pub fn merge(&mut self, other: Self) {
        take(&mut self.client_keys, other.client_keys);
        take(&mut self.api_keys, other.api_keys);
        take(&mut self.jwt_secret, other.jwt_secret);
        take(&mut self.options, other.options);
        take(&mut self.ids_drawn, other.ids_drawn);
    }
}
