//! ImkitApp: one IMKIT application — its settings, users and rooms.

pub mod badges;
pub mod config;
pub mod connections;
pub mod deleting;
pub mod devices;
pub mod error;
pub mod invitations;
pub mod iso;
pub mod json;
pub mod marking;
pub mod membership;
pub mod message;
pub mod message_state;
pub mod named;
pub mod news;
pub mod posting;
pub mod preferences;
pub mod properties;
pub mod property_state;
pub mod reading;
pub mod robots;
pub mod room;
pub mod room_state;
pub mod rooms;
pub mod state;
pub mod stats;
pub mod ties;
pub mod tokens;
pub mod told;
pub mod user;
pub mod user_state;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use compact_str::CompactString;
use parking_lot::RwLock;

use crate::domain::imkit::config::Configuration;
use crate::domain::imkit::connections::Connections;
use crate::domain::imkit::membership::Person;
use crate::domain::imkit::message_state::MessageState;
use crate::domain::imkit::named::Named;
use crate::domain::imkit::robots::Robots;
use crate::domain::imkit::room_state::RoomState;
use crate::domain::imkit::rooms::ImkitRooms;
use crate::domain::imkit::state::ImkitState;
use crate::domain::imkit::user::{Client, Users};
use crate::domain::imkit::user_state::ClientState;
use crate::domain::rates::Rates;
use crate::domain::settings::ImkitOptions;
use crate::domain::state::Faults;
use crate::domain::world::{Ground, Usage};
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
        let app = Self {
            id: id.clone(),
            users: Users::new(tenancy.clone()),
            rooms: ImkitRooms::new(tenancy.clone(), ground.messages_max),
            config: Configuration::new(tenancy.clone()),
            robots: Robots::default(),
            connections: Arc::default(),
            rates: Rates::default(),
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
        {
            let mut settings = self.settings.write();
            *settings = Arc::new(ImkitSettings::clone(&settings).with(state));
        }
        state.clients.iter().for_each(|client| self.users.put(client.0.clone()));
        state.config.iter().for_each(|config| self.config.put(&config.0));
        state.robots.iter().for_each(|robot| self.robots.put(robot.clone()));
        let now = self.tenancy.now();
        let mut messages: HashMap<&str, Vec<&MessageState>> = HashMap::new();
        for message in &state.messages {
            messages.entry(message.message.room.as_str()).or_default().push(message);
        }
        for described in &state.rooms {
            let mut room = described.to_room(now, self.rooms.messages_max());
            let said = messages.remove(described.id.as_str()).unwrap_or_default();
            said.into_iter().for_each(|state| room.messages.push_with(state.message.clone(), state.deletions(now)));
            room.properties.settle(&room.messages);
            self.rooms.put(room);
        }
    }

    /// Notes what of a checked document cannot be added: tokens and message ids of entities that it does not replace.
    pub fn conflicts(&self, path: &str, state: &ImkitState, faults: &mut Faults) {
        let clients: HashSet<&str> = state.clients.iter().map(|client| client.0.id.as_str()).collect();
        for (at, client) in state.clients.iter().enumerate() {
            for (place, token) in client.0.tokens.iter().enumerate() {
                let holder = self.users.holder(&token.text).map(|(holder, _)| holder.id.clone());
                let free = holder.is_none_or(|holder| clients.contains(holder.as_str()));
                faults.unless(free, format!("{path}.clients[{at}].tokens[{place}]"), "another client holds this token");
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

    /// The application as a document has it.
    pub fn state(&self) -> ImkitState {
        let settings = self.settings();
        let registry = self.rooms.registry();
        let (mut rooms, mut messages) = (Vec::new(), Vec::new());
        for id in registry.ids() {
            registry.read(&id, |room| {
                rooms.push(RoomState::of(room));
                messages.extend(room.messages.places().map(MessageState::of));
            });
        }
        let clients = self.users.all();
        ImkitState {
            client_keys: Some(settings.client_keys.clone()),
            api_keys: Some(settings.api_keys.clone()),
            jwt_secret: Some(settings.jwt_secret.clone()),
            options: Some(settings.options.clone()).filter(|options| *options != ImkitOptions::default()),
            clients: clients.into_iter().map(|client| ClientState(Client::clone(&client))).collect(),
            config: Some(self.config.values()).filter(|values| !values.is_empty()).map(Named),
            robots: self.robots.all(),
            rooms,
            messages,
            ids_drawn: Some(self.tenancy.ids.drawn()),
        }
    }
}

/// The secret of an application that was given none: the same for the same seed and id.
pub fn secret_of(seed: u64, id: &str) -> String {
    Ids::new(seed, &format!("{FAMILY}/{id}/jwt_secret"), 0).base32(32)
}
