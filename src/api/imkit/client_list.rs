//! Many clients: made or changed at once, found by a query.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::call::Call;
use crate::api::imkit::client_view::RecordView;
use crate::api::imkit::clients::PutClient;
use crate::api::imkit::fields::number;
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::query::{Document, Query};
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::json::{Json, get};
use crate::domain::imkit::user::Client;
use crate::domain::invalid::Invalid;

/// Clients on a page where nobody says otherwise.
const PAGE: usize = 50;
/// The most clients on a page.
const PAGE_MAX: usize = 100;

/// Makes or changes many clients.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct PutClients {
    /// The clients.
    data: Vec<PutClient>,
}

/// How many clients a call was about.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Count {
    /// How many.
    pub count: usize,
}

/// `POST /admin/clients/list`: all of them or, if one is wrong, none; tokens are neither issued nor bound.
///
/// # Errors
/// 400 for a field of one of them.
pub async fn put_clients(call: Call<Imkit>, mut request: PutClients) -> Result<Count, ImkitError> {
    for (at, client) in request.data.iter_mut().enumerate() {
        let placed = |wrong: Invalid| Invalid { field: format!("data[{at}].{}", wrong.field), ..wrong };
        client.check_client().map_err(placed)?;
    }
    // Assumed: a client that stands twice in a list counts twice, and what stands later is set over what stands earlier.
    let count = request.data.len();
    for client in request.data {
        call.app.users.upsert(&call.origin(), &client.id, client.given);
    }
    Ok(Count { count })
}

/// Lists clients.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListClients {
    /// A query over clients, MongoDB's syntax.
    q: Option<String>,
    /// How many at most; absent: 50.
    limit: Option<String>,
    /// How many to leave out.
    skip: Option<String>,
}

/// A page of clients.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientPage {
    /// How many match, before the page is cut.
    total_count: usize,
    data: Vec<RecordView>,
}

/// A client, as queries look at it.
struct ClientDocument<'a> {
    client: &'a Client,
    app: &'a str,
}

impl Document for ClientDocument<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        let client = self.client;
        Some(match name {
            "_id" | "id" => json!(client.id),
            "appID" => json!(self.app),
            "isRobot" => json!(client.is_robot),
            "mute" => json!(client.mute),
            "notificationEnabled" => json!(client.wants_notifications()),
            "lastLoginTimeMS" => json!(client.last_login?),
            "lastLoginTime" => json!(client.last_login?.to_string()),
            "lastJoinOrCreateRoomTime" => json!(client.last_join?.to_string()),
            "updatedAt" => json!(client.updated?.to_string()),
            field => get(&client.fields, field).and_then(Json::read)?,
        })
    }
}

/// `GET /admin/clients`: by id.
///
/// # Errors
/// 400 for a query that cannot be read.
pub async fn list_clients(call: Call<Imkit>, request: ListClients) -> Result<ClientPage, ImkitError> {
    let q = request.q.as_deref().filter(|q| !q.is_empty()).map(|q| Query::read("q", q)).transpose()?;
    let skip = number("skip", request.skip.as_deref())?.unwrap_or(0);
    // Assumed: a limit above the most clients of a page, or of 0, asks for that most.
    let limit = match number("limit", request.limit.as_deref())? {
        None => PAGE,
        Some(0) => PAGE_MAX,
        Some(limit) => limit.min(PAGE_MAX),
    };
    let app = call.app.id.as_str();
    // Assumed: clients are listed by their ids.
    let mut found = call.app.users.all();
    found.retain(|client| q.as_ref().is_none_or(|q| q.holds(&ClientDocument { client, app })));
    let view = |client| RecordView { client, app: app.to_owned(), token: None };
    let total_count = found.len();
    Ok(ClientPage { total_count, data: found.into_iter().skip(skip).take(limit).map(view).collect() })
}
