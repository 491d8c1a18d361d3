//! Robots: clients with an address that once was told of what happens in their rooms. They are kept and shown; nothing is
//! sent to them.

use std::collections::BTreeMap;

use parking_lot::RwLock;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::imkit::json::Json;
use crate::kernel::clock::Timestamp;
use crate::kernel::names::UserId;

/// What makes a client a robot.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Robot {
    /// The client.
    #[serde(rename = "_id")]
    pub id: UserId,
    /// Where it was told of events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
    /// Headers that went with it: an object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_headers: Option<Json>,
    /// When it was made.
    #[serde(with = "crate::domain::imkit::iso::optional", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub created_at: Option<Timestamp>,
    /// When it last changed.
    #[serde(with = "crate::domain::imkit::iso::optional", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub updated_at: Option<Timestamp>,
}

/// The robots of an application.
#[derive(Debug, Default)]
pub struct Robots {
    robots: RwLock<BTreeMap<UserId, Robot>>,
}

impl Robots {
    /// All, sorted by id.
    pub fn all(&self) -> Vec<Robot> {
        self.robots.read().values().cloned().collect()
    }

    /// Makes a robot, or sets what is given.
    pub fn upsert(&self, id: &UserId, url: Option<String>, headers: Option<Json>, now: Timestamp) -> Robot {
        let mut robots = self.robots.write();
        let fresh = || Robot { id: id.clone(), created_at: Some(now), ..Robot::default() };
        let robot = robots.entry(id.clone()).or_insert_with(fresh);
        robot.callback_url = url.or(robot.callback_url.take());
        robot.request_headers = headers.or(robot.request_headers.take());
        robot.updated_at = Some(now);
        robot.clone()
    }

    /// Puts a robot in place as a state document describes it.
    pub fn put(&self, robot: Robot) {
        self.robots.write().insert(robot.id.clone(), robot);
    }
}
