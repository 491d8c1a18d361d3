//! Blocks: of clients in direct chats, and bans in rooms.

use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::api::call::Call;
use crate::api::imkit::client_view::Form;
use crate::api::imkit::fields::Nothing;
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::room_view::person;
use crate::api::imkit::rooms::{acting, pair_id};
use crate::domain::imkit::ImkitApp;
use crate::domain::imkit::blocks::Block;
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::membership::Manner;
use crate::domain::imkit::room::{Room, RoomInfo, RoomType};
use crate::domain::imkit::rooms::Making;
use crate::kernel::clock::Timestamp;
use crate::kernel::names::{EntityId, UserId};

/// How much of a block's room is shown.
#[derive(Clone, Debug)]
enum Where {
    /// Its id: in answers to blocking.
    Id(EntityId),
    /// A small object: in lists.
    Short { id: EntityId, kind: Option<RoomType>, created: Timestamp },
}

/// A block, as replies show it.
#[derive(Clone, Debug)]
pub struct BlockView {
    app: Arc<ImkitApp>,
    block: Block,
    place: Where,
    /// Whether the blocker is shown as a client and not as an id.
    with_blocker: bool,
}

impl Serialize for Where {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Id(id) => id.serialize(to),
            Self::Short { id, kind, created } => {
                let mut map = to.serialize_map(None)?;
                map.serialize_entry("_id", id)?;
                kind.iter().try_for_each(|kind| map.serialize_entry("roomType", kind))?;
                map.serialize_entry("id", id)?;
                map.serialize_entry("createdTimeMS", created)?;
                map.end()
            }
        }
    }
}

impl Serialize for BlockView {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { app, block, .. } = self;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("appID", &app.id)?;
        map.serialize_entry("blockee", &person(app, &block.blockee, Form::Blocked))?;
        // Assumed: the blocker is null where the platform administrator banned.
        if self.with_blocker {
            map.serialize_entry("blocker", &person(app, &block.blocker, Form::Blocked))?;
        } else {
            map.serialize_entry("blocker", &Some(&block.blocker).filter(|id| !id.is_empty()))?;
        }
        map.serialize_entry("room", &self.place)?;
        map.serialize_entry("createdAt", &block.created.to_string())?;
        map.serialize_entry("updatedAt", &block.updated.to_string())?;
        map.end()
    }
}

impl JsonSchema for BlockView {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ImkitBlock".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let client = generator.subschema_for::<crate::api::imkit::client_view::ClientView>();
        json_schema!({"type": "object", "required": ["appID", "blockee", "blocker", "room", "createdAt", "updatedAt"],
            "properties": {"appID": {"type": "string"}, "blockee": client,
                "blocker": {"anyOf": [{"type": ["string", "null"]}, client]}, "room": {"type": ["string", "object"]},
                "createdAt": {"type": "string"}, "updatedAt": {"type": "string"}}})
    }
}

/// Blocks.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BlockList {
    data: Vec<BlockView>,
}

fn answer(call: &Call<Imkit>, block: Block, room: EntityId) -> BlockView {
    BlockView { app: call.app.clone(), block, place: Where::Id(room), with_blocker: false }
}

fn listed(call: &Call<Imkit>, room: &Room, block: &Block, with_blocker: bool) -> BlockView {
    let place = Where::Short { id: room.id.clone(), kind: room.info.room_type, created: room.created };
    BlockView { app: call.app.clone(), block: block.clone(), place, with_blocker }
}

fn blockee(call: &Call<Imkit>) -> UserId {
    UserId::new(call.arrival.param("client"))
}

/// Whether this is a client whom somebody can block.
fn is_client(call: &Call<Imkit>, id: &UserId) -> bool {
    // Assumed: a user group cannot be blocked or banned.
    call.app.users.get(id).is_some() && !call.app.users.groups().contains(id)
}

/// `POST /blockStatus/my/:blockee`: makes the direct room of the pair if there is none.
///
/// # Errors
/// 400 for oneself, 404 no such client.
pub async fn block_user(call: Call<Imkit>, _: Nothing) -> Result<BlockView, ImkitError> {
    let (actor, other) = (acting(&call)?, blockee(&call));
    let me = &actor.client;
    if *me == other {
        return Err(ImkitError::BlockSelf(other));
    }
    if !is_client(&call, &other) {
        return Err(ImkitError::BlockeeMissing(other));
    }
    let id = pair_id(me, &other);
    make_direct(&call, &id, [me, &other])?;
    let block = call.app.rooms.change(&call.origin(), &id, |room, turn| Ok(room.block(turn, me, &other)))?;
    Ok(answer(&call, block, id))
}

fn make_direct(call: &Call<Imkit>, id: &EntityId, pair: [&UserId; 2]) -> Result<(), ImkitError> {
    if call.app.rooms.registry().contains(id) {
        return Ok(());
    }
    let info = RoomInfo { room_type: Some(RoomType::Direct), ..RoomInfo::plain() };
    let people = call.app.people(&pair.map(UserId::clone));
    let options = &call.settings().options;
    let manner = Manner { field: "blockee", system_message: false, invitation_required: Some(false), options };
    let making = Making { id, info: &info, owner: &[], people: &people, joins: false, manner };
    call.app.rooms.make(&call.origin(), call.actor(), making).map(drop)
}

/// `DELETE /blockStatus/my/:blockee`.
///
/// # Errors
/// 400 for no client at all, 404 for somebody whom the caller has not blocked.
pub async fn unblock_user(call: Call<Imkit>, _: Nothing) -> Result<BlockView, ImkitError> {
    let (actor, other) = (acting(&call)?, blockee(&call));
    let me = &actor.client;
    // Assumed: unblocking an id that is no client's, or one's own, answers 400 INVALID_USER_ID.
    if *me == other || !is_client(&call, &other) {
        return Err(ImkitError::UnblockUnknown(other));
    }
    let id = pair_id(me, &other);
    let ended = call.app.rooms.change(&call.origin(), &id, |room, turn| room.unblock(turn, Some(me), &other));
    let missing = |error| match error {
        ImkitError::RoomMissing(room) => ImkitError::BlockMissing { blockee: other.clone(), room },
        error => error,
    };
    Ok(answer(&call, ended.map_err(missing)?, id))
}

/// `GET /blockStatus/my`: in direct rooms and elsewhere.
///
/// # Errors
/// None.
pub async fn list_my_blocks(call: Call<Imkit>, _: Nothing) -> Result<BlockList, ImkitError> {
    let me = &call.actor().client;
    let rooms = &call.app.rooms;
    let of_room = |room: &Room| {
        let mine = room.blocks.iter().filter(|block| block.blocker == *me && !me.is_empty());
        mine.map(|block| listed(&call, room, block, false)).collect::<Vec<_>>()
    };
    let ids = rooms.ties().blocking(me);
    let mut data: Vec<_> = ids.iter().filter_map(|id| rooms.registry().read(id, of_room)).flatten().collect();
    // Assumed: blocks are listed from the oldest on.
    data.sort_by_key(|view| view.block.created);
    Ok(BlockList { data })
}

/// Changes the bans of the room that the path names.
fn change_bans(
    call: &Call<Imkit>,
    other: &UserId,
    act: impl FnOnce(&mut Room, &mut crate::kernel::turn::Turn<'_>) -> Result<Block, ImkitError>,
) -> Result<BlockView, ImkitError> {
    let id = EntityId::new(call.room());
    let changed = call.app.rooms.change(&call.origin(), &id, |room, turn| {
        room.check_may_ban(call.actor())?;
        if !is_client(call, other) {
            return Err(ImkitError::BanMissing { what: "client", id: EntityId::new(other.as_str()) });
        }
        act(room, turn)
    });
    let missing = |error| match error {
        ImkitError::RoomMissing(id) => ImkitError::BanMissing { what: "room", id },
        error => error,
    };
    Ok(answer(call, changed.map_err(missing)?, id))
}

/// `POST /blockStatus/room/:roomID/:blockee`.
///
/// # Errors
/// 400 for oneself, 403 for those who may not, 404 no such room or client.
pub async fn ban_user(call: Call<Imkit>, _: Nothing) -> Result<BlockView, ImkitError> {
    let (me, other) = (call.actor().client.clone(), blockee(&call));
    if me == other {
        return Err(ImkitError::BlockSelf(other));
    }
    change_bans(&call, &other, |room, turn| Ok(room.block(turn, &me, &other)))
}

/// `DELETE /blockStatus/room/:roomID/:blockee`: whoever banned.
///
/// # Errors
/// 403 for those who may not, 404 no such room or client, or it is not banned.
pub async fn unban_user(call: Call<Imkit>, _: Nothing) -> Result<BlockView, ImkitError> {
    let other = blockee(&call);
    change_bans(&call, &other, |room, turn| {
        // In a direct room one of the pair does not end what the other began.
        let mine = Some(&call.actor().client).filter(|_| room.is_direct() && !call.actor().admin);
        room.unblock(turn, mine, &other)
    })
}

/// `GET /blockStatus/room/:roomID`.
///
/// # Errors
/// 403 for those who may not ban, 404 no such room.
pub async fn list_bans(call: Call<Imkit>, _: Nothing) -> Result<BlockList, ImkitError> {
    let data = call.app.rooms.read(call.room(), |room| {
        room.check_may_ban(call.actor())?;
        Ok(room.blocks.iter().map(|block| listed(&call, room, block, true)).collect())
    })?;
    Ok(BlockList { data })
}
