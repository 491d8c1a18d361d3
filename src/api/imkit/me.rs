//! Me: the caller's own record.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::api::call::Call;
use crate::api::imkit::client_view::RecordView;
use crate::api::imkit::clients::PutClient;
use crate::api::imkit::fields::Nothing;
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::rooms::acting;
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::named::Named;
use crate::domain::imkit::user::{Client, Given};

/// A client's record as it sees it itself: with its wish for notifications, also where it never said one.
fn own_record(call: &Call<Imkit>, client: &Client) -> RecordView {
    let client = Client { notification: Some(client.wants_notifications()), ..client.clone() };
    RecordView { client: Arc::new(client), app: call.app.id.to_string(), token: None }
}

/// `GET /me`.
///
/// # Errors
/// 400 without a client.
pub async fn get_me(call: Call<Imkit>, _: Nothing) -> Result<RecordView, ImkitError> {
    let client = acting(&call)?.client.clone();
    let found = call.app.users.get(&client).ok_or(ImkitError::ClientMissing { field: "IM-Authorization", client })?;
    Ok(own_record(&call, &found))
}

/// Sets some of the caller's fields.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct UpdateMe(#[schemars(with = "Named")] PutClient);

/// `POST /me`: fields that are not given stay as they are.
///
/// # Errors
/// 400 for a field, or without a client.
pub async fn update_me(call: Call<Imkit>, request: UpdateMe) -> Result<RecordView, ImkitError> {
    let UpdateMe(mut request) = request;
    request.check_texts()?;
    let client = &acting(&call)?.client;
    // Assumed: what a client cannot write of itself (_id, appID, mute, isRobot and what the server computes) is left out.
    let given = Given { is_robot: None, ..request.given };
    Ok(own_record(&call, &call.app.users.upsert(&call.origin(), client, given)))
}

/// `POST /me/notification/enable`.
///
/// # Errors
/// 400 without a client.
pub async fn enable_notification(call: Call<Imkit>, _: Nothing) -> Result<RecordView, ImkitError> {
    notify(&call, true)
}

/// `POST /me/notification/disable`: nothing is pushed to the caller from here on.
///
/// # Errors
/// 400 without a client.
pub async fn disable_notification(call: Call<Imkit>, _: Nothing) -> Result<RecordView, ImkitError> {
    notify(&call, false)
}

fn notify(call: &Call<Imkit>, wanted: bool) -> Result<RecordView, ImkitError> {
    let client = acting(call)?.client.clone();
    let changed = call.app.users.notify(&call.origin(), &client, wanted);
    let found = changed.ok_or(ImkitError::ClientMissing { field: "IM-Authorization", client })?;
    Ok(own_record(call, &found))
}
