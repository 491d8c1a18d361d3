//! Tencent accounts, as they are looked at.

use std::sync::Arc;

use crate::api::control::world::Shelf;
use crate::api::control::world::items::{AccountItem, Item, Look, More, MoreOfAccount, Whole};
use crate::api::control::world::search::Needle;
use crate::domain::accounts::Account;
use crate::domain::tencent::TencentApp;
use crate::kernel::names::EntityId;

/// Most groups that are named with an account.
const GROUPS_MAX: usize = 1000;

/// The accounts of an application.
pub struct Accounts(pub Arc<TencentApp>);

/// Looks at what an account is called, if it is called anything.
pub fn nick_of<R>(app: &TencentApp, id: &str, look: impl FnOnce(&str) -> R) -> Option<R> {
    app.accounts.look(id, |account| account.profile().map(|profile| look(&profile.nick)))?
}

impl Shelf for Accounts {
    fn total(&self) -> usize {
        self.0.accounts.len()
    }

    fn ids(&self, needle: Option<&Needle>) -> Vec<EntityId> {
        let named =
            |needle: &Needle, account: &Account| account.profile().is_some_and(|profile| needle.is_in(&profile.nick));
        let ids = self
            .0
            .accounts
            .ids(|account| needle.is_none_or(|needle| needle.is_in(&account.id) || named(needle, account)));
        ids.iter().map(|id| EntityId::new(id.as_str())).collect()
    }

    fn item(&self, id: &str) -> Option<Item> {
        self.0.accounts.look(id, |account| Item::Account(item_of(id, account, Look::CUT)))
    }

    fn whole(&self, id: &str) -> Option<Whole> {
        let item = self.0.accounts.look(id, |account| Item::Account(item_of(id, account, Look::WHOLE)))?;
        let groups = self.0.groups.registry().of_member(id);
        let groups = groups.iter().take(GROUPS_MAX).map(ToString::to_string).collect();
        Some(Whole { item, more: More::Account(MoreOfAccount { groups }) })
    }
}

fn item_of(id: &str, account: &Account, look: Look) -> AccountItem {
    let profile = account.profile();
    AccountItem {
        id: id.to_owned(),
        name: profile.and_then(|profile| look.some(&profile.nick)),
        avatar: profile.and_then(|profile| look.some(&profile.face_url)),
        tiny_id: account.tiny_id.to_string(),
    }
}
