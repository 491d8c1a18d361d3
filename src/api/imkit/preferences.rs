//! The caller's own preferences: any object or array by key.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::imkit::codes::INVALID_BODY;
use crate::api::imkit::config::Empty;
use crate::api::imkit::fields::Nothing;
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::rooms::acting;
use crate::api::why::cut;
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::json::{Json, Members};
use crate::domain::imkit::named::Named;
use crate::domain::invalid::Invalid;

/// A preference.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MyPreference {
    key: String,
    data: Json,
}

/// Asks for preferences.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct GetPreferences {
    /// This one alone; absent: all.
    key: Option<String>,
}

/// All preferences, or one.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Preferences {
    /// All, in the order in which they were first set.
    All(Vec<MyPreference>),
    /// One, or `null`.
    One(Option<MyPreference>),
}

/// The caller's preferences.
fn own(call: &Call<Imkit>) -> Result<Members, ImkitError> {
    let client = call.app.users.get(&acting(call)?.client);
    Ok(client.map(|client| client.preferences.clone()).unwrap_or_default())
}

/// `GET /me/pref`.
///
/// # Errors
/// 400 without a client.
pub async fn get_preferences(call: Call<Imkit>, request: GetPreferences) -> Result<Preferences, ImkitError> {
    let mut all = own(&call)?.into_iter().map(|(key, data)| MyPreference { key: key.into(), data });
    Ok(match request.key.filter(|key| !key.is_empty()) {
        // Assumed: a preference that was never set is null.
        Some(key) => Preferences::One(all.find(|preference| preference.key == key)),
        None => Preferences::All(all.collect()),
    })
}

/// `GET /me/prefs`: as one object.
///
/// # Errors
/// 400 without a client.
pub async fn get_preference_map(call: Call<Imkit>, _: Nothing) -> Result<Named, ImkitError> {
    Ok(Named(own(&call)?))
}

/// The value of a preference: an object or an array.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct PreferenceData(Json);

impl PreferenceData {
    fn check(&self) -> Result<(), Invalid> {
        // Assumed: a body that is neither an object nor an array is no preference.
        if self.0.text().starts_with(['{', '[']) {
            return Ok(());
        }
        let why = format!("is {}, and has to be an object or an array", cut(self.0.text()));
        Err(Invalid::new("the body", why).with_info(INVALID_BODY))
    }
}

/// `POST /me/pref/:key`: the caller's own sessions are told.
///
/// # Errors
/// 400 for a body that is neither an object nor an array, or without a client.
pub async fn set_preference(call: Call<Imkit>, request: PreferenceData) -> Result<MyPreference, ImkitError> {
    request.check()?;
    let key = call.arrival.param("key");
    call.app.users.set_preference(&call.origin(), &acting(&call)?.client, key, &request.0);
    Ok(MyPreference { key: key.to_owned(), data: request.0 })
}

/// `DELETE /me/pref/:key`: the caller's own sessions are told.
///
/// # Errors
/// 400 without a client.
pub async fn delete_preference(call: Call<Imkit>, _: Nothing) -> Result<Empty, ImkitError> {
    call.app.users.delete_preference(&call.origin(), &acting(&call)?.client, call.arrival.param("key"));
    Ok(Empty {})
}
