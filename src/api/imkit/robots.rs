//! Robots, of the second generation: made, changed, listed. What they were told of then, webhooks are told of today.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::decode::optional;
use crate::api::imkit::client_view::{ClientView, Form};
use crate::api::imkit::fields::Nothing;
use crate::api::imkit::gateway::Imkit;
use crate::api::why::cut;
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::json::Json;
use crate::domain::imkit::robots::Robot;
use crate::domain::imkit::user::{Client, Given};
use crate::domain::invalid::Invalid;
use crate::kernel::names::{EntityId, UserId};

/// Makes a robot or changes it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct PutRobot {
    /// The robot's id as a client.
    #[serde(rename = "_id", deserialize_with = "optional")]
    #[schemars(with = "String")]
    id: Option<UserId>,
    #[serde(deserialize_with = "optional")]
    nickname: Option<String>,
    #[serde(deserialize_with = "optional")]
    avatar_url: Option<String>,
    /// Where it is told of events.
    #[serde(deserialize_with = "optional")]
    callback_url: Option<String>,
    /// Headers that go with it: an object.
    request_headers: Option<Json>,
}

/// A robot.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RobotView {
    #[serde(rename = "_id")]
    id: UserId,
    #[serde(rename = "appID")]
    app_id: EntityId,
    client: ClientView,
    #[serde(skip_serializing_if = "Option::is_none")]
    callback_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_headers: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<String>,
}

impl RobotView {
    fn of(call: &Call<Imkit>, robot: Robot) -> Self {
        let bare = || Arc::new(Client { id: robot.id.clone(), is_robot: true, ..Client::default() });
        let client = call.app.users.get(&robot.id).unwrap_or_else(bare);
        Self {
            app_id: call.app.id.clone(),
            // Assumed: the client of a robot is shown as a room shows its members.
            client: ClientView { client, form: Form::Member, now: call.now() },
            id: robot.id,
            callback_url: robot.callback_url,
            request_headers: robot.request_headers,
            created_at: robot.created_at.map(|moment| moment.to_string()),
            updated_at: robot.updated_at.map(|moment| moment.to_string()),
        }
    }
}

/// `POST /admin/robots`: what is not given stays; the robot is a client too.
///
/// # Errors
/// 400 for a field.
pub async fn put_robot(call: Call<Imkit>, request: PutRobot) -> Result<RobotView, ImkitError> {
    let PutRobot { id, nickname, avatar_url, callback_url, request_headers } = request;
    let id = id.ok_or_else(|| Invalid::required("_id"))?;
    let headers = request_headers.filter(|headers| !headers.is_null());
    if let Some(wrong) = headers.as_ref().filter(|headers| !headers.is_object()) {
        let why = format!("is {}, and has to be an object", cut(wrong.text()));
        return Err(Invalid::new("requestHeaders", why).into());
    }
    let texts = [("nickname", nickname), ("avatarUrl", avatar_url)];
    let fields = texts.into_iter().filter_map(|(name, text)| Some((name.into(), Json::string(&text?)))).collect();
    call.app.users.upsert(&call.origin(), &id, Given { fields, is_robot: Some(true) });
    let robot = call.app.robots.upsert(&id, callback_url, headers, call.now());
    Ok(RobotView::of(&call, robot))
}

/// `GET /admin/robots`: by id.
///
/// # Errors
/// None.
pub async fn list_robots(call: Call<Imkit>, _: Nothing) -> Result<Vec<RobotView>, ImkitError> {
    // Assumed: robots are listed by their ids.
    Ok(call.app.robots.all().into_iter().map(|robot| RobotView::of(&call, robot)).collect())
}
