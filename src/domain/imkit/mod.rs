//! ImkitApp: one IMKIT application — its settings, users and rooms.

pub mod badges;
pub mod blocks;
pub mod config;
pub mod connections;
pub mod deleting;
pub mod devices;
pub mod error;
pub mod file_state;
pub mod files;
pub mod group_state;
pub mod inside;
pub mod invitations;
pub mod iso;
pub mod json;
pub mod marking;
pub mod member_property;
pub mod membership;
pub mod message;
pub mod message_state;
pub mod mute;
pub mod named;
pub mod news;
pub mod posting;
pub mod preferences;
pub mod properties;
pub mod property_state;
pub mod reading;
pub mod robots;
pub mod room;
pub mod room_preferences;
pub mod room_state;
pub mod rooms;
pub mod state;
pub mod stats;
pub mod stickers;
pub mod ties;
pub mod tokens;
pub mod told;
pub mod user;
pub mod user_groups;
pub mod user_state;
pub mod video;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use compact_str::CompactString;
use parking_lot::RwLock;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::domain::imkit::config::Configuration;
use crate::domain::imkit::connections::Connections;
use crate::domain::imkit::file_state::{FileState, StickerSetState};
use crate::domain::imkit::files::Files;
use crate::domain::imkit::group_state::GroupState;
use crate::domain::imkit::membership::Person;
use crate::domain::imkit::message_state::MessageState;
use crate::domain::imkit::named::Named;
use crate::domain::imkit::robots::Robots;
use crate::domain::imkit::room_state::RoomState;
use crate::domain::imkit::rooms::ImkitRooms;
use crate::domain::imkit::state::ImkitState;
use crate::domain::imkit::stickers::Stickers;
use crate::domain::imkit::user::{Client, Users};
use crate::domain::imkit::user_state::ClientState;
use crate::domain::rates::Rates;
use crate::domain::settings::ImkitOptions;
use crate::domain::state::Faults;
use crate::domain::world::{Ground, Usage};
use crate::domain::written::{Each, List, Wording};
use crate::kernel::ids::Ids;
use crate::kernel::names::{EntityId, UserId};
use crate::kernel::tenancy::{Tenancy, TenantKey};

/// The family's name, as in keys and journal entries.
pub const FAMILY: &str = "imkit";

/// What can be set on an app as a whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImkitSettings {
    /// Keys that clients send.
    pub client_keys: Vec<String>,
    /// Keys that platform administrators send.
    pub api_keys: Vec<String>,
    /// What issued tokens are signed with.
    pub jwt_secret: String,
    /// The switches.
    pub options: ImkitOptions,
}

impl ImkitSettings {
    /// These settings with what a document says.
    pub fn with(mut self, state: &ImkitState) -> Self {
        state.client_keys.iter().for_each(|keys| self.client_keys.clone_from(keys));
        state.api_keys.iter().for_each(|keys| self.api_keys.clone_from(keys));
        state.jwt_secret.iter().for_each(|secret| self.jwt_secret.clone_from(secret));
        state.options.iter().for_each(|options| self.options.clone_from(options));
        self
    }
}

/// One IMKIT application.
#[derive(Debug)]
pub struct ImkitApp {
    /// The application's id.
    pub id: EntityId,
    /// What its registries share.
    pub tenancy: Arc<Tenancy>,
    /// Its clients and their tokens.
    pub users: Users,
    /// Its rooms.
    pub rooms: ImkitRooms,
    /// The free configuration that clients read.
    pub config: Configuration,
    /// Its robots.
    pub robots: Robots,
    /// The sockets that are open.
    pub connections: Arc<Connections>,
    /// How often each API key is used.
    pub rates: Rates<CompactString>,
    /// Its files.
    pub files: Files,
    /// Its sticker sets.
    pub stickers: Stickers,
    /// When it was opened and last used.
    pub usage: Usage,
    settings: RwLock<Arc<ImkitSettings>>,
}

impl ImkitApp {
    /// An application as a document describes it.
    pub fn open(ground: &Ground, epoch: u64, id: &EntityId, state: &ImkitState, usage: Usage) -> Self {
        let ids = Ids::new(ground.seed, &format!("{FAMILY}/{id}"), state.ids_drawn.unwrap_or(0));
        let key = TenantKey { family: FAMILY, id: id.clone() };
        let tenancy = Arc::new(Tenancy::new(key, epoch, ground.clock.clone(), ids, ground.journal.clone()));
        let users = Users::new(tenancy.clone());
        let app = Self {
            id: id.clone(),
            config: Configuration::new(tenancy.clone()),
            robots: Robots::default(),
            connections: Arc::default(),
            rates: Rates::default(),
            rooms: ImkitRooms::new(tenancy.clone(), ground.messages_max, users.groups().clone()),
            users,
            files: Files::new(ground.files.clone()),
            stickers: Stickers::new(id, ground.files.clone()),
            tenancy,
            usage,
            settings: RwLock::new(Arc::new(ImkitSettings {
                jwt_secret: secret_of(ground.seed, id),
                ..ImkitSettings::default()
            })),
        };
        app.add(state);
        app
    }

    /// How many clients it knows.
    pub fn user_count(&self) -> usize {
        self.users.len()
    }

    /// How many rooms it has.
    pub fn room_count(&self) -> usize {
        self.rooms.registry().len()
    }

    /// The people of a list, with the records of those who are clients.
    pub fn people(&self, ids: &[UserId]) -> Vec<Person> {
        ids.iter().map(|id| Person { id: id.clone(), client: self.users.get(id) }).collect()
    }

    /// Ends the application: facts of requests that still run are discarded from here on.
    pub fn end(&self) {
        self.tenancy.end();
        self.rooms.registry().end();
    }

    /// The settings of the moment.
    pub fn settings(&self) -> Arc<ImkitSettings> {
        self.settings.read().clone()
    }

    /// Adds what a checked document describes; an entity with the same id is replaced whole.
    pub fn add(&self, state: &ImkitState) {
        state.clock_offset_ms.iter().for_each(|offset| self.tenancy.set_offset_ms(*offset));
        {
            let mut settings = self.settings.write();
            *settings = Arc::new(ImkitSettings::clone(&settings).with(state));
        }
        state.clients.iter().for_each(|client| self.users.put(client.0.clone()));
        state.config.iter().for_each(|config| self.config.put(&config.0));
        state.robots.iter().for_each(|robot| self.robots.put(robot.clone()));
        state.groups.iter().for_each(|group| group.put(&self.users, self.tenancy.now()));
        let now = self.tenancy.now();
        let mut messages: HashMap<&str, Vec<&MessageState>> = HashMap::new();
        for message in &state.messages {
            messages.entry(message.message.room.as_str()).or_default().push(message);
        }
        for described in &state.rooms {
            let mut room = described.to_room(now, self.rooms.messages_max(), self.rooms.groups());
            let said = messages.remove(described.id.as_str()).unwrap_or_default();
            said.into_iter().for_each(|state| room.messages.push_with(state.message.clone(), state.deletions(now)));
            room.properties.settle(&room.messages);
            self.rooms.put(room);
        }
        state.files.iter().for_each(|file| file.put(now, &self.files));
        state.stickers.iter().for_each(|set| set.put(now, &self.stickers));
    }

    /// Notes what of a checked document cannot be added: tokens and message ids of entities that it does not replace.
    pub fn conflicts(&self, path: &str, state: &ImkitState, faults: &mut Faults) {
        let records = state.records(path);
        let replaced: HashSet<&str> = records.iter().map(|(_, client)| client.id.as_str()).collect();
        for (path, client) in &records {
            for (place, token) in client.tokens.iter().enumerate() {
                let holder = self.users.holder(&token.text).map(|(holder, _)| holder.id.clone());
                let free = holder.is_none_or(|holder| replaced.contains(holder.as_str()));
                faults.unless(free, format!("{path}.tokens[{place}]"), "another client holds this token");
            }
        }
        let rooms: HashSet<&str> = state.rooms.iter().map(|room| room.id.as_str()).collect();
        let messages = state.messages.iter().enumerate();
        let places: HashMap<&str, usize> = messages.map(|(at, message)| (message.message.id.as_str(), at)).collect();
        let registry = self.rooms.registry();
        let others = if places.is_empty() { Vec::new() } else { registry.ids() };
        for id in others.iter().filter(|id| !rooms.contains(id.as_str())) {
            registry.read(id, |room| {
                for at in room.messages.iter().filter_map(|message| places.get(message.id.as_str())) {
                    faults.add(format!("{path}.messages[{at}]._id"), format!("a message of the room {id} has this id"));
                }
            });
        }
    }

    /// The application as a document has it. A room's messages, which come later, are put into words with it.
    pub fn written(&self, wording: impl Wording) -> impl Serialize {
        let settings = self.settings();
        let said = Rc::new(RefCell::new(Vec::new()));
        let later = Said(said.clone());
        let look = move |id: &EntityId| {
            self.rooms.registry().read(id, |room| {
                said.borrow_mut().extend(room.messages.places().map(|kept| wording.word(&MessageState::of(kept))));
                wording.word(&RoomState::of(room))
            })
        };
        ImkitState {
            client_keys: Some(settings.client_keys.clone()),
            api_keys: Some(settings.api_keys.clone()),
            jwt_secret: Some(settings.jwt_secret.clone()),
            options: Some(settings.options.clone()).filter(|options| *options != ImkitOptions::default()),
            clients: Each::new(self.users.all(), |client| Some(ClientState(Client::clone(client)))),
            config: Some(self.config.values()).filter(|values| !values.is_empty()).map(Named),
            robots: self.robots.all(),
            groups: self.users.all_groups().iter().map(|(client, group)| GroupState::of(client, group)).collect(),
            rooms: Each::new(self.rooms.registry().ids(), look),
            messages: later,
            files: Each::new(self.files.all(), |file| Some(FileState::of(file))),
            stickers: self.stickers.all().iter().map(|set| StickerSetState::of(set)).collect(),
            ids_drawn: Some(self.tenancy.ids.drawn()),
            clock_offset_ms: Some(self.tenancy.offset_ms()).filter(|offset| *offset != 0),
        }
    }
}

/// The messages of the rooms that have been written by now.
struct Said(Rc<RefCell<Vec<Box<RawValue>>>>);

impl List for Said {
    fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }
}

impl Serialize for Said {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.borrow().iter())
    }
}

/// The secret of an application that was given none: the same for the same seed and id.
pub fn secret_of(seed: u64, id: &str) -> String {
    Ids::new(seed, &format!("{FAMILY}/{id}/jwt_secret"), 0).base32(32)
}
