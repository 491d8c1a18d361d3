//! Room Engine rooms, as they are looked at.

use std::sync::Arc;

use crate::api::control::world::Shelf;
use crate::api::control::world::accounts::nick_of;
use crate::api::control::world::items::{
    BanItem, Item, Look, MemberItem, MessageItem, More, MoreOfRoom, RoomItem, SeatCount, SeatItem, Whole,
};
use crate::api::control::world::search::{Needle, Search};
use crate::domain::rooms::members::Member;
use crate::domain::rooms::room::Room;
use crate::domain::settings::TencentOptions;
use crate::domain::tencent::TencentApp;
use crate::kernel::clock::Timestamp;
use crate::kernel::names::{EntityId, UserId};

/// The rooms of an application.
pub struct Rooms(pub Arc<TencentApp>);

impl Shelf for Rooms {
    fn total(&self) -> usize {
        self.0.rooms.registry().len()
    }

    fn ids(&self, needle: Option<&Needle>) -> Vec<EntityId> {
        let registry = self.0.rooms.registry();
        let mut ids = registry.ids();
        if let Some(needle) = needle {
            let named = |id: &EntityId| registry.read(id, |room| needle.is_in(&room.info.room_name)) == Some(true);
            ids.retain(|id| needle.is_in(id) || named(id));
        }
        ids
    }

    fn item(&self, id: &str) -> Option<Item> {
        self.0.rooms.registry().read(id, |room| Item::Room(item_of(room, Look::CUT)))
    }

    fn whole(&self, id: &str) -> Option<Whole> {
        let now = self.0.tenancy.now();
        self.0.rooms.registry().read(id, |room| Whole {
            item: Item::Room(item_of(room, Look::WHOLE)),
            more: More::Room(Box::new(more_of(room, now))),
        })
    }

    fn members(&self, id: &str, search: &mut Search<'_>) -> Option<bool> {
        let (now, settings) = (self.0.tenancy.now(), self.0.settings());
        let named = |needle: &Needle, id: &UserId, member: &Member| {
            card_of(member).is_some_and(|card| needle.is_in(card))
                || nick_of(&self.0, id, |nick| needle.is_in(nick)) == Some(true)
        };
        self.0.rooms.registry().read(id, |room| {
            search.go_on(&room.members, named, |id, member| self.member(room, id, member, now, &settings.options))
        })
    }

    fn banned(&self, id: &str) -> Option<Vec<BanItem>> {
        let now = self.0.tenancy.now();
        self.0.rooms.registry().read(id, |room| {
            let ban = |(id, ban): (&UserId, &crate::domain::rooms::bans::Ban)| BanItem {
                id: id.to_string(),
                until: Some(ban.until.to_string()),
                by: None,
            };
            room.bans_at(now).map(ban).collect()
        })
    }

    fn messages(&self, id: &str, _most: usize) -> Option<(usize, Vec<MessageItem>)> {
        self.0.rooms.registry().contains(id).then(|| (0, Vec::new()))
    }
}

impl Rooms {
    fn member(
        &self,
        room: &Room,
        id: &UserId,
        member: &Member,
        now: Timestamp,
        options: &TencentOptions,
    ) -> MemberItem {
        let muted = room.mutes.get(id).filter(|until| **until > now);
        MemberItem {
            id: id.to_string(),
            name: nick_of(&self.0, id, |nick| Look::CUT.some(nick)).flatten(),
            role: room.role_word(id, member, options),
            joined: None,
            muted_until: muted.map(ToString::to_string),
            seat: room.seats.iter().position(|seat| seat.member.as_ref() == Some(id)),
            badge: None,
            name_card: card_of(member).and_then(|card| Look::CUT.some(card)),
        }
    }
}

/// The name in the room.
fn card_of(member: &Member) -> Option<&str> {
    member.details.as_deref().map(|details| details.name_card.as_str())
}

fn item_of(room: &Room, look: Look) -> RoomItem {
    let info = &room.info;
    let taken = room.seats.iter().filter(|seat| seat.member.is_some()).count();
    RoomItem {
        id: info.room_id.to_string(),
        name: look.some(&info.room_name),
        room_type: info.room_type.word(),
        owner: Some(info.owner.to_string()).filter(|owner| !owner.is_empty()),
        members: room.members.len(),
        max_members: (!info.live.is_unlimited_room_enabled).then_some(info.max_member_count),
        seats: (!room.seats.is_empty()).then_some(SeatCount { taken, of: room.seats.len() }),
        created: moment(info.create_time),
        muted_all: info.is_message_disabled,
    }
}

fn more_of(room: &Room, now: Timestamp) -> MoreOfRoom {
    let info = &room.info;
    let seat = |(index, seat): (usize, &crate::domain::rooms::seats::Seat)| SeatItem {
        index,
        member: seat.member.as_deref().map(str::to_owned),
        locked: seat.is_taken_disabled,
    };
    MoreOfRoom {
        notification: Look::WHOLE.some(&info.live.notice),
        avatar: Look::WHOLE.some(&info.live.cover_url),
        custom: Look::WHOLE.some(&info.custom_info),
        status: room.status(now),
        password: info.is_password_enabled,
        starts: moment(info.schedule_start_time),
        ends: moment(info.schedule_end_time),
        seat_list: room.seats.iter().enumerate().map(seat).collect(),
        waiting: room.requests.len(),
        invited: room.invitees.len(),
        banned: room.bans_at(now).count(),
        muted: room.mutes_at(now).count(),
        messages: 0,
    }
}

/// A moment of Unix seconds; 0 is none.
fn moment(seconds: i64) -> Option<String> {
    (seconds > 0).then(|| Timestamp::from_seconds(seconds).to_string())
}
