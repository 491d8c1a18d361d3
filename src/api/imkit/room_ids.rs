//! Which rooms there are: the ids of the caller's own, and whether one exists.

use std::cmp::Reverse;

use compact_str::CompactString;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};

use crate::api::call::Call;
use crate::api::imkit::fields::{Nothing, number};
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::list::{Inspect, own_rooms, own_rooms_query};
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::room::Room;
use crate::kernel::names::EntityId;

/// Lists the ids of rooms.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListRoomIds {
    /// How many to leave out.
    skip: Option<String>,
    /// How many at most; 0 or absent: all.
    limit: Option<String>,
}

/// A page of ids.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoomIds {
    /// How many match, before the page is cut.
    total_count: usize,
    inspect: Inspect,
    #[schemars(with = "Vec<String>")]
    data: Vec<EntityId>,
}

/// `GET /rooms/ids`: the active rooms that the caller is in; the platform administrator sees all.
///
/// # Errors
/// 400 for a query that cannot be read.
pub async fn list_room_ids(call: Call<Imkit>, request: ListRoomIds) -> Result<RoomIds, ImkitError> {
    let skip = number("skip", request.skip.as_deref())?.unwrap_or(0);
    let limit = number("limit", request.limit.as_deref())?.filter(|limit| *limit > 0).unwrap_or(usize::MAX);
    let registry = call.app.rooms.registry();
    let last = |room: &Room| own(&call, room).then(|| room.last_message());
    let with_last = |id: EntityId| Some((registry.read(&id, last).flatten()?, id));
    let mut found: Vec<(Option<CompactString>, EntityId)> =
        own_rooms(&call).into_iter().filter_map(with_last).collect();
    // Assumed: ids of rooms stand by their last messages, newest first, rooms without a message last, in the order of joining.
    found.sort_by(|(one, _), (other, _)| Reverse(one).cmp(&Reverse(other)));
    let total_count = found.len();
    let data = found.into_iter().skip(skip).take(limit).map(|(_, id)| id).collect();
    let mut query = Map::new();
    own_rooms_query(&call, &mut query);
    Ok(RoomIds { total_count, inspect: Inspect { query: json!(query), took_ms: 0 }, data })
}

fn own(call: &Call<Imkit>, room: &Room) -> bool {
    room.info.status == 1 && call.actor().client().is_none_or(|client| room.is_member(client))
}

/// Whether a room exists.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Existence {
    exists: bool,
}

/// `GET /rooms/:id/exists`.
///
/// # Errors
/// None.
pub async fn room_exists(call: Call<Imkit>, _: Nothing) -> Result<Existence, ImkitError> {
    // Assumed: any caller may ask whether a room exists.
    Ok(Existence { exists: call.app.rooms.registry().contains(call.room()) })
}
