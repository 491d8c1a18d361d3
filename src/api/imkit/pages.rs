//! What is neither a client's nor the platform's: the LINE webhook and the page to try a chat with.

use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::imkit::envelope;
use crate::api::imkit::fields::Nothing;
use crate::api::imkit::gateway::Imkit;
use crate::api::reply::Reply;
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::json::Json;

const CHAT_TEST: &str = include_str!("chat_test.html");

/// What LINE tells: its bot's id and what happened.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct LineWebhook {
    /// What happened.
    #[serde(default)]
    events: Vec<Json>,
}

/// Nothing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Taken {}

/// `POST /line-webhook`: takes LINE's events; there is no bridge to LINE behind it.
///
/// # Errors
/// 400 for events that are no array.
pub async fn line_webhook(_: Call<Imkit>, request: LineWebhook) -> Result<Taken, ImkitError> {
    // Assumed: LINE's events are taken with an empty result, and nothing comes of them.
    if !request.events.is_empty() {
        let count = request.events.len();
        tracing::warn!(count, "events of LINE were taken and dropped: the bridge to LINE is not emulated");
    }
    Ok(Taken {})
}

/// `GET /chat-test`: a page to try a chat with.
///
/// # Errors
/// None.
pub async fn chat_test(_: Call<Imkit>, _: Nothing) -> Result<Reply, ImkitError> {
    let mut headers = envelope::headers();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    Ok(Reply { headers, ..Reply::new(StatusCode::OK, CHAT_TEST) })
}
