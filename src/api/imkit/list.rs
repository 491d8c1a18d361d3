//! Lists of rooms: the caller's own, filtered, sorted and cut into pages; and those it left.

use std::cmp::Ordering;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::api::call::Call;
use crate::api::imkit::fields::{Nothing, number, time};
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::query::{Document, Query, compare};
use crate::api::imkit::room_view::{LimitedRoomView, RoomView, Shape};
use crate::api::imkit::rooms::seen;
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::room::{Preference, Room};
use crate::domain::invalid::Invalid;
use crate::kernel::clock::Timestamp;
use crate::kernel::names::{EntityId, UserId};

/// Lists rooms.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ListRooms {
    /// Fields divided by spaces, `-` in front for descending.
    sort: Option<String>,
    /// How many to leave out.
    skip: Option<String>,
    /// How many at most; 0 or absent: all.
    limit: Option<String>,
    /// Rooms whose last message or creation is later: ISO 8601 or milliseconds.
    updated_after: Option<String>,
    /// A query over rooms, MongoDB's syntax.
    q: Option<String>,
    /// A query over the caller's preferences.
    pref: Option<String>,
    /// Other than 0: rooms with unread messages first.
    sort_unread_first: Option<String>,
}

/// What the server asked its database; for a person only.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Inspect {
    /// The query.
    pub query: Value,
    /// How long it took; always 0 here, so that the same calls give the same bytes.
    #[serde(rename = "tookMS")]
    pub took_ms: u32,
}

/// A page of rooms.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoomPage {
    /// How many match, before the page is cut.
    total_count: usize,
    inspect: Inspect,
    data: Vec<RoomView>,
}

/// A checked request.
struct Wanted {
    sort: Vec<(String, bool)>,
    skip: usize,
    limit: usize,
    updated_after: Option<Timestamp>,
    q: Option<Query>,
    pref: Option<Query>,
    unread_first: bool,
}

impl ListRooms {
    fn check(&self) -> Result<Wanted, Invalid> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let sort = self.sort.as_deref().unwrap_or("").split_whitespace();
        Ok(Wanted {
            sort: sort.map(|field| (field.trim_start_matches('-').to_owned(), field.starts_with('-'))).collect(),
            skip: number("skip", self.skip.as_deref())?.unwrap_or(0),
            limit: number("limit", self.limit.as_deref())?.unwrap_or(0),
            updated_after: given(&self.updated_after).map(|text| time("updatedAfter", &text)).transpose()?,
            q: given(&self.q).map(|text| Query::read("q", &text)).transpose()?,
            pref: given(&self.pref).map(|text| Query::read_object("pref", &text)).transpose()?.flatten(),
            unread_first: number("sortUnreadFirst", self.sort_unread_first.as_deref())?.unwrap_or(0) != 0,
        })
    }

    /// The query as the database would have got it.
    fn inspect(&self, call: &Call<Imkit>, wanted: &Wanted) -> Inspect {
        let mut query = Map::new();
        own_rooms_query(call, &mut query);
        if let Some(after) = wanted.updated_after {
            let last = json!({"lastMessage": {"$gt": object_id_of(after)}});
            query.insert("$or".into(), json!([last, {"createdTime": {"$gt": after.to_string()}}]));
        }
        let own: Vec<Value> = [&self.q].into_iter().flatten().filter_map(|q| serde_json::from_str(q).ok()).collect();
        if !own.is_empty() {
            query.insert("$and".into(), Value::Array(own));
        }
        Inspect { query: Value::Object(query), took_ms: 0 }
    }
}

/// What the server itself asks for: the active rooms that the caller is in.
pub fn own_rooms_query(call: &Call<Imkit>, query: &mut Map<String, Value>) {
    query.insert("appID".into(), json!(call.app.id));
    if let Some(client) = call.actor().client() {
        query.insert("members".into(), json!(client));
    }
    query.insert("status".into(), json!(1));
}

/// The rooms that the caller is in, in the order of joining; the platform administrator's are all.
pub fn own_rooms(call: &Call<Imkit>) -> Vec<EntityId> {
    match call.actor().client() {
        Some(client) => call.app.rooms.of_client(client),
        // Assumed: the platform administrator lists all active rooms, and with IM-CLIENT-ID those of that client.
        None => call.app.rooms.registry().ids(),
    }
}

/// The least message id of this second.
fn object_id_of(time: Timestamp) -> String {
    format!("{:08x}{}", time.seconds().clamp(0, 0xffff_ffff), "0".repeat(16))
}

/// A room, as queries and sort orders look at it.
struct RoomDocument<'a> {
    room: &'a Room,
    app: &'a str,
}

impl Document for RoomDocument<'_> {
    // table
    fn value(&self, name: &str) -> Option<Value> {
        let (room, info) = (self.room, &self.room.info);
        Some(match name {
            "_id" | "id" => json!(room.id),
            "appID" => json!(self.app),
            "name" => json!(info.name.as_ref()?),
            "cover" => json!(info.cover.as_ref()?),
            "description" => json!(info.description.as_ref()?),
            "roomType" => json!(info.room_type?),
            "webhook" => json!(info.webhook.as_ref()?),
            "botState" => json!(info.bot_state),
            "botMode" => json!(info.bot_mode),
            "encrypted" => json!(info.encrypted),
            "serviceStatus" => json!(info.service_status),
            "roomTags" => json!(info.room_tags),
            "status" => json!(info.status),
            "opening" => json!(info.opening?),
            "extParams" => json!(info.ext_params.as_ref()?),
            "owner" => json!(info.owner.as_ref()?),
            "managers" => json!(info.managers.as_ref()?),
            "members" => json!(inside(room)),
            "lastMessage" => json!(room.last_message()?.as_str()),
            "createdTime" | "createdTimeMS" => json!(room.created),
            _ => return None,
        })
    }
}

/// The members by their ids, and the clients who are inside by a user group: a client asks for its own id.
fn inside(room: &Room) -> Vec<UserId> {
    let mut ids: Vec<UserId> = room.members.ids().cloned().collect();
    ids.extend(room.only_by_groups());
    ids
}

/// A preference, as queries look at it.
struct PreferenceDocument<'a>(Option<&'a Preference>);

impl Document for PreferenceDocument<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        serde_json::to_value(self.0?).ok()?.get_mut(name).map(Value::take)
    }
}

/// A room that matches, with what it is sorted by.
struct Match {
    id: EntityId,
    unread: bool,
    keys: Vec<Value>,
}

fn look(call: &Call<Imkit>, wanted: &Wanted, room: &Room) -> Option<Match> {
    let actor = call.actor();
    let document = RoomDocument { room, app: &call.app.id };
    let mine = actor.client().is_none_or(|client| room.is_member(client));
    let later = wanted.updated_after.is_none_or(|after| {
        let said = room.last_message().is_some_and(|id| *id > *object_id_of(after));
        said || room.created > after
    });
    let preference = PreferenceDocument(room.preferences.get(&actor.client));
    let fits = mine
        && later
        && room.info.status == 1
        && wanted.q.as_ref().is_none_or(|q| q.holds(&document))
        && wanted.pref.as_ref().is_none_or(|pref| pref.holds(&preference));
    fits.then(|| Match {
        id: room.id.clone(),
        unread: room.unread(actor) > 0,
        keys: wanted.sort.iter().map(|(field, _)| document.value(field).unwrap_or(Value::Null)).collect(),
    })
}

impl Wanted {
    fn order(&self, one: &Match, other: &Match) -> Ordering {
        let unread = if self.unread_first { other.unread.cmp(&one.unread) } else { Ordering::Equal };
        let keys = self.sort.iter().zip(one.keys.iter().zip(&other.keys));
        keys.fold(unread, |order, ((_, descending), (one, other))| {
            let next = compare(one, other);
            order.then(if *descending { next.reverse() } else { next })
        })
    }
}

/// `GET /rooms`: the active rooms that the caller is in; the platform administrator sees all.
///
/// # Errors
/// 400 for a query that cannot be read.
pub async fn list_rooms(call: Call<Imkit>, request: ListRooms) -> Result<RoomPage, ImkitError> {
    let wanted = request.check()?;
    let registry = call.app.rooms.registry();
    let ids = own_rooms(&call);
    let found = ids.iter().filter_map(|id| registry.read(id, |room| look(&call, &wanted, room)).flatten());
    let mut found: Vec<Match> = found.collect();
    // Assumed: without a sort order rooms stand in the order of joining.
    // Stable: rooms that compare equal stay in the order of joining.
    found.sort_by(|one, other| wanted.order(one, other));
    let total_count = found.len();
    let limit = if wanted.limit == 0 { usize::MAX } else { wanted.limit };
    let page = found.into_iter().skip(wanted.skip).take(limit);
    let view = |found: Match| {
        registry.read(&found.id, |room| RoomView {
            app: call.app.clone(),
            room: room.snapshot(),
            shape: Shape::Full,
            seen: Some(seen(&call, room)),
        })
    };
    let data = page.filter_map(view).collect();
    Ok(RoomPage { total_count, inspect: request.inspect(&call, &wanted), data })
}

/// Rooms that were left.
#[derive(Debug, Serialize, JsonSchema)]
pub struct QuittedRooms {
    data: Vec<LimitedRoomView>,
}

/// `GET /rooms/quitted`: the rooms that the caller left or was removed from.
///
/// # Errors
/// None.
pub async fn list_quitted_rooms(call: Call<Imkit>, _: Nothing) -> Result<QuittedRooms, ImkitError> {
    let client = &call.actor().client;
    let rooms = &call.app.rooms;
    let view = |room: &Room| {
        // Who left by its own id may still be inside by a user group.
        let preference = room.preferences.get(client).filter(|_| !room.is_member(client))?.clone();
        Some(LimitedRoomView { room: room.snapshot(), preference })
    };
    let ids = rooms.ties().quitted(client);
    Ok(QuittedRooms { data: ids.iter().filter_map(|id| rooms.registry().read(id, view).flatten()).collect() })
}
