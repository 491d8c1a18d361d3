//! The world for a person who looks: what there is, one thing whole, its members, bans and messages, in pages.
//!
//! Nothing here changes anything. A page is copied under the read lock of the one entity that it shows, and no more
//! than the page; lists of entities lock none but those on the page, unless names are searched.

mod accounts;
mod groups;
mod imkit_clients;
mod imkit_rooms;
pub mod items;
mod rooms;
mod search;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::control::gateway::{Control, ControlRefusal};
use crate::api::control::state::Nothing;
use crate::api::control::world::items::{BanItem, Item, MemberItem, MessageItem, Whole};
use crate::api::control::world::search::{Needle, Search};
use crate::domain::{imkit, tencent};
use crate::kernel::names::EntityId;

/// Things on a page where `limit` is absent.
const LIMIT_DEFAULT: usize = 100;
/// Most things on a page.
const LIMIT_MAX: usize = 1000;

/// Which page.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PageQuery {
    /// Only what has this in its id or name, in capitals or not.
    q: String,
    /// How many are passed over.
    offset: usize,
    /// Most on the page: 100 if absent, 1 to 1000.
    limit: Option<usize>,
}

/// How many messages.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LastQuery {
    /// The last so many: 100 if absent, 1 to 1000.
    limit: Option<usize>,
}

/// A page of things.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Listing<T> {
    /// How many there are.
    total: usize,
    /// How many of them match.
    matched: usize,
    /// How many of those stand before the page.
    offset: usize,
    /// The page.
    items: Vec<T>,
}

/// The things of one kind in one application. What a kind has not, members or bans or messages, is `None`, and so is
/// whatever is asked about a thing that is not there.
trait Shelf {
    /// How many there are.
    fn total(&self) -> usize;
    /// The ids of those that match, in any order.
    fn ids(&self, needle: Option<&Needle>) -> Vec<EntityId>;
    /// One as lists show it.
    fn item(&self, id: &str) -> Option<Item>;
    /// One with all that an inspector wants to see.
    fn whole(&self, id: &str) -> Option<Whole>;
    /// Takes a search on through the members; whether there is more to go through.
    fn members(&self, _id: &str, _search: &mut Search<'_>) -> Option<bool> {
        None
    }
    /// All who are kept out now.
    fn banned(&self, _id: &str) -> Option<Vec<BanItem>> {
        None
    }
    /// How many messages are kept, and the last so many of them, newest last.
    fn messages(&self, _id: &str, _most: usize) -> Option<(usize, Vec<MessageItem>)> {
        None
    }
}

fn limit_of(limit: Option<usize>) -> Result<usize, ControlRefusal> {
    match limit.unwrap_or(LIMIT_DEFAULT) {
        0 => Err(ControlRefusal::invalid("limit", "is 0; a page has 1 thing at least")),
        limit if limit > LIMIT_MAX => Err(ControlRefusal::invalid("limit", format!("is above {LIMIT_MAX}"))),
        limit => Ok(limit),
    }
}

/// The shelf that the path names.
fn shelf_of(call: &Call<Control>) -> Result<Box<dyn Shelf + Send>, ControlRefusal> {
    let world = &call.arrival.world;
    let (family, tenant, kind) =
        (call.arrival.param("family"), call.arrival.param("tenant"), call.arrival.param("kind"));
    let closed = || ControlRefusal::missing(format!("no tenant {family}/{tenant} is open"));
    match family {
        tencent::FAMILY => {
            let app = world.tencent_app(tenant).ok_or_else(closed)?;
            match kind {
                "groups" => Ok(Box::new(groups::Groups(app))),
                "rooms" => Ok(Box::new(rooms::Rooms(app))),
                "accounts" => Ok(Box::new(accounts::Accounts(app))),
                _ => Err(no_kind(kind, "groups, rooms, accounts")),
            }
        }
        imkit::FAMILY => {
            let app = world.imkit_app(tenant).ok_or_else(closed)?;
            match kind {
                "rooms" => Ok(Box::new(imkit_rooms::Rooms(app))),
                "clients" => Ok(Box::new(imkit_clients::Clients(app))),
                _ => Err(no_kind(kind, "rooms, clients")),
            }
        }
        _ => Err(ControlRefusal::missing(format!("there is no family {family:?}; there are tencent and imkit"))),
    }
}

fn no_kind(kind: &str, kinds: &str) -> ControlRefusal {
    ControlRefusal::missing(format!("there is no kind {kind:?}; there are {kinds}"))
}

fn no_thing(call: &Call<Control>, part: &str) -> ControlRefusal {
    let (kind, id) = (call.arrival.param("kind"), call.arrival.param("id"));
    ControlRefusal::missing(format!("there is nothing {id:?} among the {kind}{part}"))
}

/// `GET /_imulator/world/{family}/{tenant}/{kind}`: sorted by id.
///
/// # Errors
/// No such tenant or kind, a limit that cannot be.
pub async fn list(call: Call<Control>, page: PageQuery) -> Result<Listing<Item>, ControlRefusal> {
    let limit = limit_of(page.limit)?;
    let shelf = shelf_of(&call)?;
    let needle = Needle::of(&page.q);
    let (total, ids) = (shelf.total(), shelf.ids(needle.as_ref()));
    let matched = ids.len();
    let items = sorted_window(ids, page.offset, limit).iter().filter_map(|id| shelf.item(id)).collect();
    Ok(Listing { total, matched, offset: page.offset, items })
}

/// The ids from `offset` on, at most so many, as if all were sorted; only those are.
fn sorted_window(mut ids: Vec<EntityId>, offset: usize, limit: usize) -> Vec<EntityId> {
    if offset >= ids.len() {
        return Vec::new();
    }
    ids.select_nth_unstable(offset);
    let mut window = ids.split_off(offset);
    if window.len() > limit {
        window.select_nth_unstable(limit);
        window.truncate(limit);
    }
    window.sort_unstable();
    window
}

/// `GET /_imulator/world/{family}/{tenant}/{kind}/{id}`.
///
/// # Errors
/// No such tenant, kind or thing.
pub async fn one(call: Call<Control>, _: Nothing) -> Result<Whole, ControlRefusal> {
    shelf_of(&call)?.whole(call.arrival.param("id")).ok_or_else(|| no_thing(&call, ""))
}

/// `GET …/{id}/members`: in the order of joining. A page at any offset costs the same; with `q` all members are gone
/// through, so many at a time, and the read lock is given back in between: who comes and goes meanwhile may be missed.
///
/// # Errors
/// No such tenant, kind or thing, none that has members, a limit that cannot be.
pub async fn members(call: Call<Control>, page: PageQuery) -> Result<Listing<MemberItem>, ControlRefusal> {
    let needle = Needle::of(&page.q);
    let mut search = Search::new(needle.as_ref(), page.offset, limit_of(page.limit)?);
    let shelf = shelf_of(&call)?;
    let missing = || no_thing(&call, " that has members");
    while shelf.members(call.arrival.param("id"), &mut search).ok_or_else(missing)? {
        tokio::task::yield_now().await;
    }
    let Search { total, matched, offset, items, .. } = search;
    Ok(Listing { total, matched, offset, items })
}

/// `GET …/{id}/banned`.
///
/// # Errors
/// No such tenant, kind or thing, none that keeps people out, a limit that cannot be.
pub async fn banned(call: Call<Control>, page: PageQuery) -> Result<Listing<BanItem>, ControlRefusal> {
    let (limit, needle) = (limit_of(page.limit)?, Needle::of(&page.q));
    let all = shelf_of(&call)?.banned(call.arrival.param("id"));
    let mut items = all.ok_or_else(|| no_thing(&call, " that keeps anybody out"))?;
    let total = items.len();
    items.retain(|ban| needle.as_ref().is_none_or(|needle| needle.is_in(&ban.id)));
    let matched = items.len();
    let items = items.into_iter().skip(page.offset).take(limit).collect();
    Ok(Listing { total, matched, offset: page.offset, items })
}

/// `GET …/{id}/messages`: newest last, as far as they are kept; rooms of the Room Engine keep none.
///
/// # Errors
/// No such tenant, kind or thing, none that has messages, a limit that cannot be.
pub async fn messages(call: Call<Control>, last: LastQuery) -> Result<Listing<MessageItem>, ControlRefusal> {
    let limit = limit_of(last.limit)?;
    let found = shelf_of(&call)?.messages(call.arrival.param("id"), limit);
    let (total, items) = found.ok_or_else(|| no_thing(&call, " that has messages"))?;
    Ok(Listing { total, matched: total, offset: total - items.len(), items })
}
