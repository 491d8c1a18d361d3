//! TencentApp: one sdkappid — its settings, accounts, groups and rooms.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::accounts::{AccountState, Accounts};
use crate::domain::groups::Groups;
use crate::domain::groups::state::GroupState;
use crate::domain::rates::Rates;
use crate::domain::rooms::Rooms;
use crate::domain::rooms::state::RoomState;
use crate::domain::settings::{Callbacks, Limits, RoomCallbacks, TencentOptions};
use crate::domain::versions::Versions;
use crate::domain::world::{Ground, Usage};
use crate::domain::written::{List, Read, Wording};
use crate::kernel::ids::Ids;
use crate::kernel::names::{EntityId, Names, UserId};
use crate::kernel::tenancy::{Tenancy, TenantKey};

/// The family's name, as in keys and journal entries.
pub const FAMILY: &str = "tencent";

/// Who holds an id that rooms and groups share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A Chat group.
    Group,
    /// A Room Engine room.
    Room,
}

/// A Tencent application in a state document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[serde(bound(serialize = "A: List + Serialize, G: List + Serialize, R: List + Serialize"))]
#[schemars(rename = "TencentState", bound = "A: Read, G: Read, R: Read")]
pub struct TencentState<A = Vec<AccountState>, G = Vec<GroupState>, R = Vec<RoomState>> {
    /// The key that UserSigs are made with; `null` or absent: any non-empty `usersig` is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_key: Option<String>,
    /// Who administers the app; absent: `administrator` and `admin`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub administrators: Option<Vec<UserId>>,
    /// The switches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<TencentOptions>,
    /// Changed limits and rates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// The imported accounts.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub accounts: A,
    /// The Chat groups.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub groups: G,
    /// The Room Engine rooms.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub rooms: R,
    /// Where callbacks go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callbacks: Option<Callbacks>,
    /// Where the Room Engine's own callbacks go, as `room_config/set_callback` sets it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room_callbacks: Option<RoomCallbacks>,
    /// How many numbers have been drawn for generated ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ids_drawn: Option<u64>,
    /// How many numbers have been drawn for accounts; absent: as many as those listed need.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tiny_ids_drawn: Option<u64>,
    /// How far the application's time is ahead of the emulator's clock, in milliseconds; absent: 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_offset_ms: Option<i64>,
}

/// What can be set on an app as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct TencentSettings {
    /// The key of UserSigs, where they are verified.
    pub secret_key: Option<String>,
    /// Who administers the app.
    pub administrators: Vec<UserId>,
    /// The switches.
    pub options: TencentOptions,
    /// Changed limits and rates.
    pub limits: Limits,
    /// Where callbacks go.
    pub callbacks: Option<Callbacks>,
    /// Where the Room Engine's own callbacks go.
    pub room_callbacks: Option<RoomCallbacks>,
}

impl Default for TencentSettings {
    fn default() -> Self {
        Self {
            secret_key: None,
            administrators: vec!["administrator".into(), "admin".into()],
            options: TencentOptions::default(),
            limits: Limits::default(),
            callbacks: None,
            room_callbacks: None,
        }
    }
}

impl TencentSettings {
    /// These settings with those that the document names.
    pub fn with(mut self, state: &TencentState) -> Self {
        fn set<T: Clone>(to: &mut T, from: Option<&T>) {
            if let Some(from) = from {
                to.clone_from(from);
            }
        }
        if state.secret_key.is_some() {
            self.secret_key.clone_from(&state.secret_key);
        }
        if state.callbacks.is_some() {
            self.callbacks.clone_from(&state.callbacks);
        }
        if state.room_callbacks.is_some() {
            self.room_callbacks.clone_from(&state.room_callbacks);
        }
        set(&mut self.administrators, state.administrators.as_ref());
        set(&mut self.options, state.options.as_ref());
        set(&mut self.limits, state.limits.as_ref());
        self
    }

    /// Whether this account administers the app.
    pub fn administers(&self, identifier: &str) -> bool {
        self.administrators.iter().any(|administrator| administrator.as_str() == identifier)
    }
}

/// One sdkappid.
#[derive(Debug)]
pub struct TencentApp {
    /// The application's number.
    pub sdkappid: u64,
    /// What its registries share.
    pub tenancy: Arc<Tenancy>,
    /// Its accounts.
    pub accounts: Accounts,
    /// Its groups.
    pub groups: Groups,
    /// Its rooms.
    pub rooms: Rooms,
    /// How often it is called.
    pub rates: Rates<&'static str>,
    /// When it was opened and last used.
    pub usage: Usage,
    settings: Versions<TencentSettings>,
}

impl TencentApp {
    /// An application as a document describes it.
    pub fn open(ground: &Ground, epoch: u64, sdkappid: u64, state: &TencentState, usage: Usage) -> Self {
        let id = sdkappid.to_string();
        let ids = Ids::new(ground.seed, &format!("{FAMILY}/{id}"), state.ids_drawn.unwrap_or(0));
        let key = TenantKey { family: FAMILY, id: EntityId::new(&id) };
        let tenancy = Arc::new(Tenancy::new(key, epoch, ground.clock.clone(), ids, ground.journal.clone()));
        let names = Arc::new(Names::default());
        let app = Self {
            sdkappid,
            accounts: Accounts::new(tenancy.clone()),
            groups: Groups::new(tenancy.clone(), names.clone(), ground.messages_max),
            rooms: Rooms::new(tenancy.clone(), names),
            tenancy,
            rates: Rates::default(),
            usage,
            settings: Versions::default(),
        };
        app.add(state);
        app
    }

    /// Ends the application: facts of requests that still run are discarded from here on.
    pub fn end(&self) {
        self.tenancy.end();
        self.groups.registry().end();
        self.rooms.registry().end();
    }

    /// The settings of the moment.
    pub fn settings(&self) -> Arc<TencentSettings> {
        self.settings.now()
    }

    /// The settings when the event of this number happened, as far as callbacks are concerned.
    pub fn settings_at(&self, seq: u64) -> Arc<TencentSettings> {
        self.settings.at(seq)
    }

    /// Changes settings in one step; what `change` refuses with changes nothing.
    ///
    /// # Errors
    /// What `change` refuses with.
    pub fn change_settings<E>(&self, change: impl FnOnce(&mut TencentSettings) -> Result<(), E>) -> Result<(), E> {
        let changed = |present: &TencentSettings| {
            let mut next = present.clone();
            change(&mut next)?;
            // Before it counts, so that no event under it is missed.
            if next.callbacks.is_some() || next.room_callbacks.is_some() {
                self.tenancy.tell_outside();
            }
            Ok(next)
        };
        let last = || self.tenancy.journal.last();
        self.settings.change(changed, last, |old, new| {
            (&old.callbacks, &old.room_callbacks) != (&new.callbacks, &new.room_callbacks)
        })
    }

    /// Adds what a checked document describes; an entity with the same id is replaced whole.
    pub fn add(&self, state: &TencentState) {
        state.clock_offset_ms.iter().for_each(|offset| self.tenancy.set_offset_ms(*offset));
        let Ok(()) = self.change_settings(|settings| {
            *settings = settings.clone().with(state);
            Ok::<(), std::convert::Infallible>(())
        });
        let settings = self.settings();
        state.tiny_ids_drawn.iter().for_each(|drawn| self.accounts.skip_drawn(*drawn));
        // Accounts with a number of their own first, so that no other is given it.
        state
            .accounts
            .iter()
            .filter(|account| account.tiny_id.is_some())
            .for_each(|account| self.accounts.put(account));
        settings.administrators.iter().for_each(|id| self.accounts.import_silently(id));
        state
            .accounts
            .iter()
            .filter(|account| account.tiny_id.is_none())
            .for_each(|account| self.accounts.put(account));
        for group in &state.groups {
            group.named().for_each(|id| self.accounts.import_silently(id));
            // Assumed: a document with ids_drawn, a snapshot, lists all accounts that there are: those muted, banned or
            // quoted in it beside them were deleted or never imported, and stay so.
            let snapshot = state.ids_drawn.is_some();
            group.remembered().filter(|_| !snapshot).for_each(|id| self.accounts.import_silently(id));
            self.groups.put(group, settings.options.profile);
        }
        for room in &state.rooms {
            room.named().for_each(|id| self.accounts.import_silently(id));
            self.rooms.put(room);
        }
    }

    /// The application as a document has it.
    pub fn written(&self, wording: impl Wording) -> impl Serialize {
        let settings = self.settings();
        let plain = TencentSettings::default();
        TencentState {
            secret_key: settings.secret_key.clone(),
            administrators: Some(settings.administrators.clone()).filter(|list| *list != plain.administrators),
            options: Some(settings.options.clone()).filter(|options| *options != plain.options),
            limits: Some(settings.limits.clone()).filter(|limits| *limits != plain.limits),
            accounts: self.accounts.written(),
            groups: self.groups.written(wording),
            rooms: self.rooms.written(wording),
            callbacks: settings.callbacks.clone(),
            room_callbacks: settings.room_callbacks.clone(),
            ids_drawn: Some(self.tenancy.ids.drawn()),
            tiny_ids_drawn: Some(self.accounts.drawn()).filter(|drawn| *drawn > 0),
            clock_offset_ms: Some(self.tenancy.offset_ms()).filter(|offset| *offset != 0),
        }
    }
}
