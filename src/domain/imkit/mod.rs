//! ImkitApp: one IMKIT application — its settings, users and rooms.

pub mod state;

use std::sync::Arc;

use parking_lot::RwLock;

use crate::domain::imkit::state::ImkitState;
use crate::domain::settings::ImkitOptions;
use crate::domain::world::{Ground, Usage};
use crate::kernel::ids::Ids;
use crate::kernel::names::EntityId;
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

/// One IMKIT application.
#[derive(Debug)]
pub struct ImkitApp {
    /// The application's id.
    pub id: EntityId,
    /// What its registries share.
    pub tenancy: Arc<Tenancy>,
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
        let app = Self { id: id.clone(), tenancy, usage, settings: RwLock::default() };
        app.add(state);
        app
    }

    /// How many clients it knows.
    pub fn user_count(&self) -> usize {
        0
    }

    /// How many rooms it has.
    pub fn room_count(&self) -> usize {
        0
    }

    /// The settings of the moment.
    pub fn settings(&self) -> Arc<ImkitSettings> {
        self.settings.read().clone()
    }

    /// Adds what a checked document describes; an entity with the same id is replaced whole.
    pub fn add(&self, state: &ImkitState) {
        let mut settings = self.settings.write();
        let mut changed = ImkitSettings::clone(&settings);
        state.client_keys.iter().for_each(|keys| changed.client_keys.clone_from(keys));
        state.api_keys.iter().for_each(|keys| changed.api_keys.clone_from(keys));
        state.jwt_secret.iter().for_each(|secret| changed.jwt_secret.clone_from(secret));
        state.options.iter().for_each(|options| changed.options.clone_from(options));
        *settings = Arc::new(changed);
    }

    /// The application as a document has it.
    pub fn state(&self) -> ImkitState {
        ImkitState { ids_drawn: Some(self.tenancy.ids.drawn()), ..ImkitState::default() }
    }
}
