//! Chat groups, as they are looked at.

use std::sync::Arc;

use serde::Deserialize;

use crate::api::control::world::Shelf;
use crate::api::control::world::accounts::nick_of;
use crate::api::control::world::items::{
    BanItem, GroupItem, Item, Look, MemberItem, MessageItem, More, MoreOfGroup, Whole, cut, moment,
};
use crate::api::control::world::search::{Needle, Search};
use crate::domain::groups::group::Group;
use crate::domain::groups::log::{Fate, Message};
use crate::domain::groups::member::{Member, RoleWord, seconds_of};
use crate::domain::settings::Profile;
use crate::domain::tencent::TencentApp;
use crate::kernel::names::{EntityId, UserId};

/// The groups of an application.
pub struct Groups(pub Arc<TencentApp>);

impl Shelf for Groups {
    fn total(&self) -> usize {
        self.0.groups.registry().len()
    }

    fn ids(&self, needle: Option<&Needle>) -> Vec<EntityId> {
        let registry = self.0.groups.registry();
        let mut ids = registry.ids();
        if let Some(needle) = needle {
            let named = |id: &EntityId| registry.read(id, |group| needle.is_in(&group.info.name)) == Some(true);
            ids.retain(|id| needle.is_in(id) || named(id));
        }
        ids
    }

    fn item(&self, id: &str) -> Option<Item> {
        let profile = self.0.settings().options.profile;
        self.0.groups.registry().read(id, |group| Item::Group(item_of(group, Look::CUT, profile)))
    }

    fn whole(&self, id: &str) -> Option<Whole> {
        let profile = self.0.settings().options.profile;
        let now = self.now();
        self.0.groups.registry().read(id, |group| Whole {
            item: Item::Group(item_of(group, Look::WHOLE, profile)),
            more: More::Group(Box::new(more_of(group, now))),
        })
    }

    fn members(&self, id: &str, search: &mut Search<'_>) -> Option<bool> {
        let now = self.now();
        let named = |needle: &Needle, id: &UserId, member: &Member| {
            member.name_card().is_some_and(|card| needle.is_in(card))
                || nick_of(&self.0, id, |nick| needle.is_in(nick)) == Some(true)
        };
        self.0
            .groups
            .registry()
            .read(id, |group| search.go_on(&group.members, named, |id, member| self.member(group, id, member, now)))
    }

    fn banned(&self, id: &str) -> Option<Vec<BanItem>> {
        let now = self.now();
        self.0.groups.registry().read(id, |group| {
            let lasting = group.bans.iter().filter(|(_, until)| **until > now);
            lasting.map(|(id, until)| BanItem { id: id.to_string(), until: moment(*until), by: None }).collect()
        })
    }

    fn messages(&self, id: &str, most: usize) -> Option<(usize, Vec<MessageItem>)> {
        self.0.groups.registry().read(id, |group| {
            let mut last: Vec<MessageItem> = group.log.iter().rev().take(most).map(message_of).collect();
            last.reverse();
            (group.log.iter().count(), last)
        })
    }
}

impl Groups {
    /// Unix seconds.
    fn now(&self) -> u32 {
        seconds_of(self.0.tenancy.now())
    }

    fn member(&self, group: &Group, id: &UserId, member: &Member, now: u32) -> MemberItem {
        MemberItem {
            id: id.to_string(),
            name: nick_of(&self.0, id, |nick| Look::CUT.some(nick)).flatten(),
            role: match group.role_of(id, member) {
                RoleWord::Owner => "Owner",
                RoleWord::Admin => "Admin",
                RoleWord::Member => "Member",
            },
            joined: moment(member.join_time),
            muted_until: moment(group.muted_until(id, now)),
            seat: None,
            badge: Some(group.unread(member).into()),
            name_card: member.name_card().and_then(|card| Look::CUT.some(card)),
        }
    }
}

fn item_of(group: &Group, look: Look, profile: Profile) -> GroupItem {
    let info = &group.info;
    GroupItem {
        id: info.group_id.to_string(),
        name: look.some(&info.name),
        group_type: info.group_type.word(),
        owner: info.owner.as_deref().map(str::to_owned),
        members: group.members.len(),
        max_members: group.kind().most_in(profile).map(|_| info.max_member_num),
        muted_all: info.mute_all,
        created: moment(info.create_time),
    }
}

fn more_of(group: &Group, now: u32) -> MoreOfGroup {
    let info = &group.info;
    MoreOfGroup {
        introduction: Look::WHOLE.some(&info.introduction),
        notification: Look::WHOLE.some(&info.notification),
        avatar: Look::WHOLE.some(&info.face_url),
        apply_join: format!("{:?}", info.apply_join_option),
        invite_join: info.invite_join_option.map(|option| format!("{option:?}")),
        custom: info.custom.clone(),
        banned: group.bans.values().filter(|until| **until > now).count(),
        muted: group.mutes.values().filter(|until| **until > now).count(),
        messages: group.log.iter().count(),
        last_seq: info.next_msg_seq.saturating_sub(1),
        topics: group.extras.topics.len(),
    }
}

/// An element of a message: of texts the text, of others the type.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Element {
    msg_type: String,
    #[serde(default)]
    msg_content: Content,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Content {
    text: Option<String>,
}

fn message_of(message: &Message) -> MessageItem {
    let elements: Vec<Element> = serde_json::from_str(message.msg_body.json()).unwrap_or_default();
    let words = elements.into_iter().map(|element| match element.msg_content.text {
        Some(text) if element.msg_type == "TIMTextElem" => text,
        _ => format!("[{}]", element.msg_type),
    });
    MessageItem {
        seq: message.msg_seq.into(),
        at: moment(message.msg_time),
        from: Some(message.from.to_string()).filter(|from| !from.is_empty()),
        text: cut(&words.collect::<Vec<_>>().join(" ")),
        fate: match message.fate {
            Fate::Kept => None,
            Fate::Deleted => Some("deleted"),
            Fate::Recalled => Some("recalled"),
        },
    }
}
