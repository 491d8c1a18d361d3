//! Rooms of IMKIT, as they are looked at.

use std::sync::Arc;

use crate::api::control::world::Shelf;
use crate::api::control::world::imkit_clients::text_of;
use crate::api::control::world::items::{
    BanItem, ImkitRoomItem, Item, Look, MemberItem, MessageItem, More, MoreOfImkitRoom, Whole, cut,
};
use crate::api::control::world::search::{Needle, Search};
use crate::domain::imkit::ImkitApp;
use crate::domain::imkit::json::{Json, get};
use crate::domain::imkit::message::Kept;
use crate::domain::imkit::room::Room;
use crate::kernel::names::{EntityId, UserId};

/// The rooms of an application.
pub struct Rooms(pub Arc<ImkitApp>);

impl Shelf for Rooms {
    fn total(&self) -> usize {
        self.0.room_count()
    }

    fn ids(&self, needle: Option<&Needle>) -> Vec<EntityId> {
        let registry = self.0.rooms.registry();
        let mut ids = registry.ids();
        if let Some(needle) = needle {
            let is_in = |room: &Room| room.info.name.as_deref().is_some_and(|name| needle.is_in(name));
            ids.retain(|id| needle.is_in(id) || registry.read(id, is_in) == Some(true));
        }
        ids
    }

    fn item(&self, id: &str) -> Option<Item> {
        self.0.rooms.registry().read(id, |room| Item::ImkitRoom(item_of(room, Look::CUT)))
    }

    fn whole(&self, id: &str) -> Option<Whole> {
        self.0.rooms.registry().read(id, |room| Whole {
            item: Item::ImkitRoom(item_of(room, Look::WHOLE)),
            more: More::ImkitRoom(Box::new(more_of(room))),
        })
    }

    fn members(&self, id: &str, search: &mut Search<'_>) -> Option<bool> {
        let named = |needle: &Needle, id: &UserId, (): &()| self.name(id).is_some_and(|name| needle.is_in(&name));
        self.0.rooms.registry().read(id, |room| {
            search.go_on(&room.members, named, |id, ()| MemberItem {
                id: id.to_string(),
                name: self.name(id).and_then(|name| Look::CUT.some(&name)),
                role: role_of(room, id),
                joined: None,
                muted_until: None,
                seat: None,
                badge: Some(room.properties.badge(id)),
                name_card: None,
            })
        })
    }

    fn banned(&self, id: &str) -> Option<Vec<BanItem>> {
        self.0.rooms.registry().read(id, |room| {
            let ban = |block: &crate::domain::imkit::blocks::Block| BanItem {
                id: block.blockee.to_string(),
                until: None,
                by: Some(block.blocker.to_string()).filter(|by| !by.is_empty()),
            };
            room.blocks.iter().map(ban).collect()
        })
    }

    fn messages(&self, id: &str, most: usize) -> Option<(usize, Vec<MessageItem>)> {
        self.0.rooms.registry().read(id, |room| {
            let mut last: Vec<MessageItem> = room.messages.places().rev().take(most).map(message_of).collect();
            last.reverse();
            (room.messages.len(), last)
        })
    }
}

impl Rooms {
    /// What a client is called.
    fn name(&self, id: &str) -> Option<String> {
        self.0.users.look(id, |client| text_of(client, "nickname"))?
    }
}

fn item_of(room: &Room, look: Look) -> ImkitRoomItem {
    ImkitRoomItem {
        id: room.id.to_string(),
        name: room.info.name.as_deref().and_then(|name| look.some(name)),
        room_type: room.info.room_type.map(crate::domain::imkit::room::RoomType::word),
        owner: room.info.owner.as_deref().map(str::to_owned),
        members: room.members.len(),
        members_max: None,
        created: Some(room.created.to_string()),
    }
}

fn more_of(room: &Room) -> MoreOfImkitRoom {
    let info = &room.info;
    let text = |text: &Option<String>| text.as_deref().and_then(|text| Look::WHOLE.some(text));
    MoreOfImkitRoom {
        introduction: text(&info.description),
        avatar: text(&info.cover),
        custom: text(&info.ext_params),
        data: info.data.clone(),
        tags: info.room_tags.clone(),
        managers: info.managers.iter().flatten().map(ToString::to_string).collect(),
        active: info.status != 0,
        open: info.opening != Some(0),
        invited: room.invitations.invitees().count(),
        banned: room.blocks.len(),
        messages: room.messages.len(),
        last_seq: room.messages.posted(),
    }
}

fn role_of(room: &Room, id: &UserId) -> &'static str {
    if room.info.owner.as_ref() == Some(id) {
        "owner"
    } else if room.info.managers.as_ref().is_some_and(|managers| managers.contains(id)) {
        "manager"
    } else if room.properties.is_admin(id) {
        "admin"
    } else {
        "member"
    }
}

fn message_of(kept: &Kept) -> MessageItem {
    let message = &kept.message;
    let words: Option<String> = get(&message.content, "message").and_then(Json::read);
    let text = match words {
        Some(words) if message.kind == "text" => words,
        Some(words) => format!("[{}] {words}", message.kind),
        None => format!("[{}]", message.kind),
    };
    MessageItem {
        seq: kept.number,
        at: Some(message.sent.to_string()),
        from: message.sender.as_deref().map(str::to_owned),
        text: cut(&text),
        fate: match (message.is_hidden(), message.kind == crate::domain::imkit::posting::RECALL) {
            (true, _) => Some("hidden"),
            (_, true) => Some("recalled"),
            _ => None,
        },
    }
}
