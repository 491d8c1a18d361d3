//! A room as a whole: made, found again, read, changed, ended.

use std::sync::Arc;

use md5::{Digest, Md5};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::decode::optional;
use crate::api::imkit::codes::MISSING_PARAMETER;
use crate::api::imkit::fields::{ClientIds, Flag, Nothing, zero_or_more};
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::room_view::{RawRoomView, RoomView, Seen, Shape};
use crate::api::why::quote_text;
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::membership::{Manner, distinct};
use crate::domain::imkit::room::{Actor, Room, RoomInfo, RoomType};
use crate::domain::imkit::rooms::Making;
use crate::domain::invalid::Invalid;
use crate::kernel::fact::{Fact, Field, Fields};
use crate::kernel::names::{EntityId, UserId};

/// Creates a room, or finds the one with this id again.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CreateRoom {
    /// The id; absent: the pair's for a direct room of two, else a new one.
    #[serde(rename = "_id", deserialize_with = "optional")]
    id: Option<EntityId>,
    #[serde(deserialize_with = "optional")]
    name: Option<String>,
    #[serde(deserialize_with = "optional")]
    cover: Option<String>,
    #[serde(deserialize_with = "optional")]
    description: Option<String>,
    /// `direct`, `group` or `custom`.
    #[serde(deserialize_with = "optional")]
    room_type: Option<String>,
    #[serde(deserialize_with = "optional")]
    room_tags: Option<Vec<String>>,
    /// A key or a URL.
    #[serde(deserialize_with = "optional")]
    webhook: Option<String>,
    bot_mode: Flag,
    encrypted: Flag,
    #[serde(deserialize_with = "optional")]
    ext_params: Option<String>,
    /// The owner, for `POST /rooms`.
    #[serde(deserialize_with = "optional")]
    owner: Option<UserId>,
    /// The first members, for `POST /rooms`.
    #[serde(deserialize_with = "optional")]
    members: Option<ClientIds>,
    /// Who comes along, for `POST /rooms/createAndJoin`.
    #[serde(deserialize_with = "optional")]
    invitee: Option<ClientIds>,
    /// Whether a message tells who was added.
    system_message: Flag,
    /// Whether those who come along have to accept first; groups only.
    invitation_required: Option<Flag>,
}

impl CreateRoom {
    fn info(&self) -> Result<RoomInfo, Invalid> {
        Ok(RoomInfo {
            name: self.name.clone(),
            cover: self.cover.clone(),
            description: self.description.clone(),
            room_type: self.room_type.as_deref().map(room_type_of).transpose()?,
            owner: self.owner.clone(),
            webhook: self.webhook.clone(),
            bot_mode: self.bot_mode.0,
            encrypted: self.encrypted.0,
            room_tags: self.room_tags.clone().unwrap_or_default(),
            ext_params: self.ext_params.clone(),
            ..RoomInfo::plain()
        })
    }

    /// The room's id; a new one is drawn only when nobody named is unknown, so that a refused call draws none.
    fn id(
        &self,
        call: &Call<Imkit>,
        info: &RoomInfo,
        pair: &[&UserId],
        named: (&'static str, &[UserId]),
    ) -> Result<EntityId, ImkitError> {
        if let Some(id) = &self.id {
            return Ok(id.clone());
        }
        if let ([one, other], Some(RoomType::Direct)) = (pair, info.room_type) {
            return Ok(pair_id(one, other));
        }
        known_clients(call, "owner", info.owner.iter())?;
        known_clients(call, named.0, named.1.iter())?;
        Ok(EntityId::new(call.app.tenancy.ids.object_id(call.now().seconds())))
    }
}

fn room_type_of(word: &str) -> Result<RoomType, Invalid> {
    let wrong = || Invalid::new("roomType", format!("is {}, and has to be direct or group", quote_text(word)));
    RoomType::of_word(word).ok_or_else(wrong)
}

/// The id of the direct room of a pair: MD5 of both ids in lower case, sorted and joined by `_`.
pub fn pair_id(one: &str, other: &str) -> EntityId {
    let mut pair = [one.to_lowercase(), other.to_lowercase()];
    pair.sort_unstable();
    let digest = Md5::digest(pair.join("_"));
    EntityId::new(digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

fn known_clients<'a>(
    call: &Call<Imkit>,
    field: &'static str,
    mut ids: impl Iterator<Item = &'a UserId>,
) -> Result<(), ImkitError> {
    let lenient = call.settings().options.unknown_members;
    match ids.find(|id| !lenient && call.app.users.get(id).is_none()) {
        Some(id) => Err(ImkitError::ClientMissing { field, client: id.clone() }),
        None => Ok(()),
    }
}

/// `POST /rooms`: the caller does not become a member.
///
/// # Errors
/// 400 for a field, 403 to merge members into somebody else's room, 404 for unknown clients.
pub async fn create_room(call: Call<Imkit>, request: CreateRoom) -> Result<RawRoomView, ImkitError> {
    let info = request.info()?;
    let ids = request.members.clone().unwrap_or_default().0;
    let people = call.app.people(&ids);
    let pair: Vec<&UserId> = distinct(&people).into_iter().map(|person| &person.id).collect();
    let id = request.id(&call, &info, &pair, ("members", &ids))?;
    let options = &call.settings().options;
    let system_message = request.system_message.0;
    let manner = Manner { field: "members", system_message, invitation_required: Some(false), options };
    let owner = call.app.people(info.owner.as_slice());
    let making = Making { id: &id, info: &info, owner: &owner, people: &people, joins: false, manner };
    let room = call.app.rooms.make(&call.origin(), call.actor(), making)?;
    Ok(RawRoomView { app: call.app.id.to_string(), room })
}

/// `POST /rooms/createAndJoin`: the same call again finds the room again.
///
/// # Errors
/// 400 for a field, 403 where the caller may not join, 404 for unknown clients.
pub async fn create_and_join(call: Call<Imkit>, request: CreateRoom) -> Result<RoomView, ImkitError> {
    // Assumed: whoever creates a room does not own it.
    let info = RoomInfo { owner: None, ..request.info()? };
    let mut ids = request.invitee.clone().unwrap_or_default().0;
    let caller = call.actor().client();
    ids.retain(|id| Some(id) != caller);
    let people = call.app.people(&ids);
    let others = distinct(&people).into_iter().map(|person| &person.id);
    let pair: Vec<&UserId> = caller.into_iter().chain(others).collect();
    let id = request.id(&call, &info, &pair, ("invitee", &ids))?;
    let options = &call.settings().options;
    let invitation_required = request.invitation_required.map(|flag| flag.0);
    let manner = Manner { field: "invitee", system_message: request.system_message.0, invitation_required, options };
    let making = Making { id: &id, info: &info, owner: &[], people: &people, joins: true, manner };
    let room = call.app.rooms.make(&call.origin(), call.actor(), making)?;
    call.app.users.note_join(&call.actor().client);
    Ok(RoomView::full(&call.app, room))
}

/// What the caller sees of a room besides the room itself.
pub fn seen(call: &Call<Imkit>, room: &Room) -> Seen {
    let me = call.app.users.get(&call.actor().client);
    let muted = me.is_some_and(|client| client.mute.contains(&room.id));
    Seen { sight: room.sight(call.actor()), muted }
}

/// `GET /rooms/:id`.
///
/// # Errors
/// 403 for others than members, 404 no such room.
pub async fn get_room(call: Call<Imkit>, _: Nothing) -> Result<RoomView, ImkitError> {
    call.app.rooms.read(call.room(), |room| {
        room.check_member(call.actor())?;
        let seen = Some(seen(&call, room));
        Ok(RoomView { app: call.app.clone(), room: room.snapshot(), shape: Shape::Details, seen })
    })
}

/// Changes what a room is; what is absent, `null` or `""` stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct UpdateRoom {
    #[serde(deserialize_with = "optional")]
    name: Option<String>,
    #[serde(deserialize_with = "optional")]
    cover: Option<String>,
    #[serde(deserialize_with = "optional")]
    description: Option<String>,
    #[serde(deserialize_with = "optional")]
    room_type: Option<String>,
    #[serde(deserialize_with = "optional")]
    room_tags: Option<Vec<String>>,
    #[serde(deserialize_with = "optional")]
    webhook: Option<String>,
    bot_mode: Option<Flag>,
    encrypted: Option<Flag>,
    #[serde(deserialize_with = "optional")]
    ext_params: Option<String>,
    /// 0 closed, 1 open for joining and inviting.
    #[serde(deserialize_with = "zero_or_more")]
    opening: Option<u8>,
    /// 0 inactive, 1 active.
    #[serde(deserialize_with = "zero_or_more")]
    status: Option<u8>,
    #[serde(deserialize_with = "optional")]
    owner: Option<UserId>,
    #[serde(deserialize_with = "optional")]
    managers: Option<ClientIds>,
}

impl UpdateRoom {
    fn check(&self, call: &Call<Imkit>) -> Result<Option<RoomType>, ImkitError> {
        for (field, number) in [("opening", self.opening), ("status", self.status)] {
            if let Some(number) = number.filter(|number| *number > 1) {
                return Err(Invalid::new(field, format!("is {number}, and has to be 0 or 1")).into());
            }
        }
        let kind = self.room_type.as_deref().map(room_type_of).transpose()?;
        let managers = self.managers.iter().flat_map(|ids| &ids.0);
        // The room is looked up first, so that an unknown one answers before unknown clients do.
        call.app.rooms.read(call.room(), |room| self.check_may(room, call))?;
        known_clients(call, "owner", self.owner.iter())?;
        known_clients(call, "managers", managers)?;
        Ok(kind)
    }

    fn check_may(&self, room: &Room, call: &Call<Imkit>) -> Result<(), ImkitError> {
        room.check_may_run(call.actor(), "change the room", &call.settings().options)?;
        if self.owner.is_some() || self.managers.is_some() {
            room.check_superuser(call.actor(), "change owner or managers")?;
        }
        Ok(())
    }

    fn apply(self, info: &mut RoomInfo, kind: Option<RoomType>) {
        set(&mut info.name, self.name);
        set(&mut info.cover, self.cover);
        set(&mut info.description, self.description);
        set(&mut info.room_type, kind);
        set(&mut info.webhook, self.webhook);
        set(&mut info.ext_params, self.ext_params);
        set(&mut info.opening, self.opening);
        set(&mut info.owner, self.owner);
        set(&mut info.managers, self.managers.map(|ids| ids.0));
        info.room_tags = self.room_tags.unwrap_or_else(|| std::mem::take(&mut info.room_tags));
        info.bot_mode = self.bot_mode.map_or(info.bot_mode, |flag| flag.0);
        info.encrypted = self.encrypted.map_or(info.encrypted, |flag| flag.0);
        info.status = self.status.unwrap_or(info.status);
    }
}

fn set<T>(to: &mut Option<T>, from: Option<T>) {
    if from.is_some() {
        *to = from;
    }
}

/// `PUT /rooms/:id`.
///
/// # Errors
/// 400 for a field, 403 for those who may not, 404 no such room or client.
pub async fn update_room(call: Call<Imkit>, request: UpdateRoom) -> Result<RoomView, ImkitError> {
    let kind = request.check(&call)?;
    let room = call.app.rooms.change(&call.origin(), call.room(), |room, turn| {
        request.check_may(room, &call)?;
        let before = room.info.clone();
        request.apply(Arc::make_mut(&mut room.info), kind);
        room.settle_pair();
        let audience = room.audience(&[]);
        if before.owner != room.info.owner {
            let (from, to) = (before.owner.clone(), room.info.owner.clone());
            let fact = Fact::OwnerChanged { from, to, fields: Vec::new() };
            turn.record(fact, audience.clone());
        }
        let fields = changed(&before, &room.info);
        if !fields.is_empty() {
            turn.record(Fact::InfoChanged { fields }, audience);
        }
        Ok(room.snapshot())
    })?;
    Ok(RoomView::full(&call.app, room))
}

/// What became different, in the vendor's words.
fn changed(before: &RoomInfo, after: &RoomInfo) -> Fields {
    let texts = [
        ("name", &before.name, &after.name),
        ("cover", &before.cover, &after.cover),
        ("description", &before.description, &after.description),
        ("webhook", &before.webhook, &after.webhook),
        ("extParams", &before.ext_params, &after.ext_params),
    ];
    let texts =
        texts.into_iter().map(|(name, before, after)| (name, before != after, after.as_deref().map(Field::from)));
    let list = |list: &Vec<UserId>| Field::Object(Arc::new(list.clone()));
    let others = [
        ("roomType", before.room_type != after.room_type, after.room_type.map(|kind| kind.word().into())),
        ("roomTags", before.room_tags != after.room_tags, Some(Field::Object(Arc::new(after.room_tags.clone())))),
        ("managers", before.managers != after.managers, after.managers.as_ref().map(list)),
        ("botMode", before.bot_mode != after.bot_mode, Some(Field::Flag(after.bot_mode))),
        ("encrypted", before.encrypted != after.encrypted, Some(Field::Flag(after.encrypted))),
        ("status", before.status != after.status, Some(i64::from(after.status).into())),
        ("opening", before.opening != after.opening, after.opening.map(|opening| i64::from(opening).into())),
    ];
    let all = texts.chain(others).filter(|(_, differs, _)| *differs);
    all.filter_map(|(name, _, value)| Some((name, value?))).collect()
}

/// MongoDB's word for what a deletion did.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Deleted {
    n: u32,
    ok: u32,
}

/// `DELETE /rooms/:id`: the room with its messages.
///
/// # Errors
/// 403 for those who may not, 404 no such room.
pub async fn delete_room(call: Call<Imkit>, _: Nothing) -> Result<Deleted, ImkitError> {
    let options = &call.settings().options;
    call.app.rooms.destroy(&call.origin(), call.room(), call.actor(), options)?;
    Ok(Deleted { n: 1, ok: 1 })
}

/// The acting client, where an operation cannot do without one.
///
/// # Errors
/// An API key came without the id of a client.
pub fn acting(call: &Call<Imkit>) -> Result<&Actor, Invalid> {
    // Assumed: an operation that only a client can do answers 400 to an API key that names none.
    let actor = call.actor();
    let why = "has to name a client that exists, because the API key acts for nobody in particular";
    match actor.client() {
        Some(_) => Ok(actor),
        None => Err(Invalid::new("IM-CLIENT-ID", why).with_info(MISSING_PARAMETER)),
    }
}
