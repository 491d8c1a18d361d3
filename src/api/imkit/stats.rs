//! Stats: open sockets, and what happened in the last hour.

use schemars::JsonSchema;
use serde::Serialize;

use crate::api::call::Call;
use crate::api::imkit::client_list::Count;
use crate::api::imkit::fields::Nothing;
use crate::api::imkit::gateway::Imkit;
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::stats::Activity;
use crate::kernel::clock::Timestamp;
use crate::kernel::names::{EntityId, UserId};

/// What a report is about, in milliseconds: one hour.
const PERIOD_MS: i64 = 3_600_000;

/// `GET /admin/connection-count`: sockets that are open now.
///
/// # Errors
/// None.
pub async fn count_connections(call: Call<Imkit>, _: Nothing) -> Result<Count, ImkitError> {
    Ok(Count { count: call.app.connections.open() })
}

/// A report.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    #[serde(skip_serializing_if = "Option::is_none")]
    client_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<String>,
    client_id: EntityId,
    start_time: Timestamp,
    end_time: Timestamp,
    /// Who sent something.
    user_list: Vec<UserId>,
    /// Rooms with a new message.
    room_count: usize,
    /// All rooms.
    total_room_count: usize,
    message_count: usize,
    peak_connection_count: usize,
    /// Always 0.
    total_mem: u64,
    /// Always 0.
    free_mem: u64,
    start: String,
    end: String,
}

/// `GET /admin/stats`: the hour that ends now.
///
/// # Errors
/// None.
pub async fn get_stats(call: Call<Imkit>, _: Nothing) -> Result<Report, ImkitError> {
    let (app, settings, end) = (&call.app, call.settings(), call.now());
    let start = Timestamp::from_millis(end.millis().saturating_sub(PERIOD_MS));
    // Assumed: a report is of the hour that ends now; its users are those who sent a message, its rooms those with a new one.
    let Activity { users, rooms, messages } = app.activity_since(start);
    Ok(Report {
        client_key: settings.client_keys.first().cloned(),
        api_key: settings.api_keys.first().cloned(),
        // Assumed: clientId of a report is the application's id.
        client_id: app.id.clone(),
        start_time: start,
        end_time: end,
        user_list: users.into_iter().collect(),
        room_count: rooms,
        total_room_count: app.room_count(),
        message_count: messages,
        // Assumed: the peak of a report is that since the application was opened.
        peak_connection_count: app.connections.peak(),
        // Assumed: a report's memory is 0, because the emulator's own would tell nothing of the vendor's host.
        total_mem: 0,
        free_mem: 0,
        start: start.to_string(),
        end: end.to_string(),
    })
}
