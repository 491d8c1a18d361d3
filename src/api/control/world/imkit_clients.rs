//! Clients of IMKIT, as they are looked at.

use std::sync::Arc;

use crate::api::control::world::Shelf;
use crate::api::control::world::items::{ClientItem, Item, Look, More, MoreOfClient, Whole};
use crate::api::control::world::search::Needle;
use crate::domain::imkit::ImkitApp;
use crate::domain::imkit::json::{Json, get};
use crate::domain::imkit::user::Client;
use crate::kernel::names::EntityId;

/// Most rooms that are named with a client.
const ROOMS_MAX: usize = 1000;

/// The clients of an application, its user groups aside.
pub struct Clients(pub Arc<ImkitApp>);

/// A text among what a client was given.
pub fn text_of(client: &Client, name: &str) -> Option<String> {
    get(&client.fields, name).and_then(Json::read)
}

impl Shelf for Clients {
    fn total(&self) -> usize {
        self.0.users.len()
    }

    fn ids(&self, needle: Option<&Needle>) -> Vec<EntityId> {
        let named = |needle: &Needle, client: &Client| {
            text_of(client, "nickname").is_some_and(|nickname| needle.is_in(&nickname))
        };
        let ids =
            self.0.users.ids(|client| needle.is_none_or(|needle| needle.is_in(&client.id) || named(needle, client)));
        ids.iter().map(|id| EntityId::new(id.as_str())).collect()
    }

    fn item(&self, id: &str) -> Option<Item> {
        self.0.users.look(id, |client| Item::Client(item_of(client, Look::CUT)))
    }

    fn whole(&self, id: &str) -> Option<Whole> {
        let client = self.0.users.get(id)?;
        let now = self.0.tenancy.now();
        let rooms = self.0.rooms.of_client(id);
        let more = MoreOfClient {
            introduction: text_of(&client, "description").filter(|text| !text.is_empty()),
            robot: client.is_robot,
            last_login: client.last_login.map(|at| at.to_string()),
            fields: Json::object(client.fields.iter().map(|(name, value)| (name.as_str(), value.clone()))),
            tokens: client.tokens.iter().filter(|token| token.is_valid(now)).count(),
            rooms: rooms.iter().take(ROOMS_MAX).map(ToString::to_string).collect(),
        };
        Some(Whole { item: Item::Client(item_of(&client, Look::WHOLE)), more: More::Client(Box::new(more)) })
    }
}

fn item_of(client: &Client, look: Look) -> ClientItem {
    let text = |name| text_of(client, name).and_then(|text| look.some(&text));
    ClientItem { id: client.id.to_string(), name: text("nickname"), avatar: text("avatarUrl") }
}
