//! World: the tenants of one epoch, from reset to reset.
//!
//! A request clones the `Arc` of its world and lives in it to its end. Unknown tenants open from the template, unless
//! the house is closed; past the cap the least recently used of those are dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use compact_str::CompactString;
use dashmap::DashMap;

use crate::domain::imkit::ImkitApp;
use crate::domain::imkit::state::ImkitState;
use crate::domain::state::{Faults, State, StateFault, TEMPLATE, VERSION};
use crate::domain::tencent::{TencentApp, TencentState};
use crate::kernel::clock::{Clock, Timestamp};
use crate::kernel::fact::{Audience, Event, Fact, Scope};
use crate::kernel::journal::Journal;
use crate::kernel::names::{EntityId, UserId};
use crate::kernel::registry::Entity;
use crate::kernel::tenancy::{Tenancy, TenantKey};

/// What worlds are made on: everything that outlives them.
#[derive(Debug)]
pub struct Ground {
    /// The emulator's clock.
    pub clock: Clock,
    /// The journal.
    pub journal: Arc<Journal>,
    /// What all generated ids come from.
    pub seed: u64,
    /// Messages kept for each room or group.
    pub messages_max: usize,
    /// Most tenants that open from the template.
    pub tenants_max: usize,
    /// Whether unknown tenants are refused.
    pub closed: bool,
}

/// When a tenant was opened and last used.
#[derive(Debug)]
pub struct Usage {
    /// When it was opened.
    pub opened: Timestamp,
    /// Whether it opened by itself, from the template.
    pub from_template: bool,
    /// A number that grows with every use.
    last_used: AtomicU64,
}

impl Usage {
    fn new(ground: &Ground, from_template: bool) -> Self {
        Self { opened: ground.clock.now(), from_template, last_used: AtomicU64::new(0) }
    }

    /// Notes a use by the call of this number.
    pub fn touch(&self, call: u64) {
        self.last_used.fetch_max(call, Ordering::Relaxed);
    }
}

/// An application, found or about to be opened.
#[derive(Debug)]
pub enum Found<'w, A, S> {
    /// It is open.
    Open(Arc<A>),
    /// It would be opened from this template by its first admitted call.
    Template(&'w S),
    /// It is not known, and the house is closed.
    Unknown,
}

/// The tenants of one epoch.
#[derive(Debug)]
pub struct World {
    /// Counts worlds from 1.
    pub epoch: u64,
    ground: Arc<Ground>,
    tencent_template: Option<TencentState>,
    imkit_template: Option<ImkitState>,
    tencent: DashMap<u64, Arc<TencentApp>>,
    imkit: DashMap<EntityId, Arc<ImkitApp>>,
    client_keys: DashMap<CompactString, EntityId>,
    api_keys: DashMap<CompactString, EntityId>,
    opened: AtomicU64,
}

impl World {
    /// A world as a checked document describes it.
    pub fn new(ground: Arc<Ground>, epoch: u64, state: &State) -> Self {
        let world = Self {
            epoch,
            tencent_template: state.tencent.get(TEMPLATE).cloned(),
            imkit_template: state.imkit.get(TEMPLATE).cloned(),
            ground,
            tencent: DashMap::new(),
            imkit: DashMap::new(),
            client_keys: DashMap::new(),
            api_keys: DashMap::new(),
            opened: AtomicU64::new(0),
        };
        world.add(state);
        world
    }

    /// Adds a checked document; an entity with the same id is replaced whole. A template in it is not taken.
    pub fn add(&self, state: &State) {
        for (id, app) in &state.tencent {
            // The template is named by no number.
            let Ok(sdkappid) = id.parse() else { continue };
            match self.tencent.get(&sdkappid).map(|found| found.clone()) {
                Some(present) => present.add(app),
                None => {
                    let usage = Usage::new(&self.ground, false);
                    let app = TencentApp::open(&self.ground, self.epoch, sdkappid, app, usage);
                    self.tencent.insert(sdkappid, Arc::new(app));
                }
            }
        }
        for (id, app) in state.imkit.iter().filter(|(id, _)| *id != TEMPLATE) {
            let id = EntityId::new(id);
            match self.imkit.get(&id).map(|found| found.clone()) {
                Some(present) => present.add(app),
                None => drop(self.put_imkit(&id, app, false)),
            }
            self.learn_keys(&id);
        }
    }

    fn put_imkit(&self, id: &EntityId, state: &ImkitState, from_template: bool) -> Arc<ImkitApp> {
        let usage = Usage::new(&self.ground, from_template);
        let app = Arc::new(ImkitApp::open(&self.ground, self.epoch, id, state, usage));
        self.imkit.insert(id.clone(), app.clone());
        app
    }

    fn learn_keys(&self, id: &EntityId) {
        let Some(settings) = self.imkit.get(id).map(|app| app.settings()) else { return };
        settings.client_keys.iter().for_each(|key| drop(self.client_keys.insert(key.into(), id.clone())));
        settings.api_keys.iter().for_each(|key| drop(self.api_keys.insert(key.into(), id.clone())));
    }

    /// The application of this number.
    pub fn tencent(&self, sdkappid: u64) -> Found<'_, TencentApp, TencentState> {
        static EMPTY: std::sync::LazyLock<TencentState> = std::sync::LazyLock::new(TencentState::default);
        if let Some(app) = self.tencent.get(&sdkappid) {
            return Found::Open(app.clone());
        }
        if self.ground.closed || sdkappid == 0 {
            return Found::Unknown;
        }
        Found::Template(self.tencent_template.as_ref().unwrap_or(&EMPTY))
    }

    /// What unknown applications are opened from, if a document says so.
    pub fn tencent_template(&self) -> Option<&TencentState> {
        self.tencent_template.as_ref()
    }

    /// Opens the application from the template, if nobody did meanwhile.
    pub fn open_tencent(&self, sdkappid: u64, template: &TencentState) -> Arc<TencentApp> {
        use dashmap::mapref::entry::Entry;
        let app = match self.tencent.entry(sdkappid) {
            Entry::Occupied(present) => return present.get().clone(),
            Entry::Vacant(free) => {
                let usage = Usage::new(&self.ground, true);
                let app = Arc::new(TencentApp::open(&self.ground, self.epoch, sdkappid, template, usage));
                free.insert(app).clone()
            }
        };
        self.opened_one(&app.tenancy);
        app
    }

    /// The application that a client key (or an API key) leads to, or the one it would open.
    pub fn imkit(&self, key: &str, is_api_key: bool) -> Found<'_, ImkitApp, ImkitState> {
        static EMPTY: std::sync::LazyLock<ImkitState> = std::sync::LazyLock::new(ImkitState::default);
        let keys = if is_api_key { &self.api_keys } else { &self.client_keys };
        let id = keys.get(key).map(|found| found.value().clone());
        if let Some(app) = id.and_then(|id| self.imkit.get(&id).map(|app| app.clone())) {
            return Found::Open(app);
        }
        // A key that is also the id of an application with keys of its own leads nowhere.
        if self.ground.closed || self.imkit.contains_key(key) {
            return Found::Unknown;
        }
        Found::Template(self.imkit_template.as_ref().unwrap_or(&EMPTY))
    }

    /// Opens the application whose id, client key and API key this is.
    pub fn open_imkit(&self, key: &str, template: &ImkitState) -> Arc<ImkitApp> {
        use dashmap::mapref::entry::Entry;
        let id = EntityId::new(key);
        let mut state = template.clone();
        state.client_keys.get_or_insert_default().push(key.to_owned());
        state.api_keys.get_or_insert_default().push(key.to_owned());
        let app = match self.imkit.entry(id.clone()) {
            Entry::Occupied(present) => return present.get().clone(),
            Entry::Vacant(free) => {
                let usage = Usage::new(&self.ground, true);
                free.insert(Arc::new(ImkitApp::open(&self.ground, self.epoch, &id, &state, usage))).clone()
            }
        };
        self.learn_keys(&id);
        self.opened_one(&app.tenancy);
        app
    }

    /// The Tencent application, if it is open.
    pub fn tencent_app(&self, id: &str) -> Option<Arc<TencentApp>> {
        self.tencent.get(&id.parse().ok()?).map(|app| app.clone())
    }

    /// The IMKIT application of this id, if it is open.
    pub fn imkit_app(&self, id: &str) -> Option<Arc<ImkitApp>> {
        self.imkit.get(id).map(|app| app.clone())
    }

    /// All open Tencent applications, by number.
    pub fn tencent_apps(&self) -> Vec<Arc<TencentApp>> {
        let mut apps: Vec<_> = self.tencent.iter().map(|entry| entry.value().clone()).collect();
        apps.sort_by_key(|app| app.sdkappid);
        apps
    }

    /// All open IMKIT applications, by id.
    pub fn imkit_apps(&self) -> Vec<Arc<ImkitApp>> {
        let mut apps: Vec<_> = self.imkit.iter().map(|entry| entry.value().clone()).collect();
        apps.sort_by(|a, b| a.id.cmp(&b.id));
        apps
    }

    /// Drops a Tencent application; `state` puts it back as it was described.
    pub fn drop_tencent(&self, id: &str, how: &'static str) -> bool {
        let gone = id.parse().ok().and_then(|number: u64| self.tencent.remove(&number));
        gone.is_some_and(|(_, app)| self.dropped_one(&app.tenancy, &app.usage, how))
    }

    /// Drops an IMKIT application.
    pub fn drop_imkit(&self, id: &str, how: &'static str) -> bool {
        let Some((_, app)) = self.imkit.remove(id) else { return false };
        self.client_keys.retain(|_, leads_to| leads_to.as_str() != id);
        self.api_keys.retain(|_, leads_to| leads_to.as_str() != id);
        self.dropped_one(&app.tenancy, &app.usage, how)
    }

    fn dropped_one(&self, tenancy: &Tenancy, usage: &Usage, how: &'static str) -> bool {
        self.opened.fetch_sub(u64::from(usage.from_template), Ordering::Relaxed);
        tell(tenancy, Fact::TenantDropped { how });
        tenancy.end();
        true
    }

    fn opened_one(&self, tenancy: &Tenancy) {
        tell(tenancy, Fact::TenantOpened);
        let opened = self.opened.fetch_add(1, Ordering::Relaxed) + 1;
        if usize::try_from(opened).unwrap_or(usize::MAX) > self.ground.tenants_max {
            self.drop_least_recently_used();
        }
    }

    /// Drops a tenth of the tenants that opened by themselves, the longest unused first, none with a request running.
    fn drop_least_recently_used(&self) {
        let last = |usage: &Usage| usage.last_used.load(Ordering::Relaxed);
        let mut used: Vec<(u64, Result<u64, EntityId>)> = Vec::new();
        for app in self.tencent.iter().filter(|app| app.usage.from_template) {
            used.push((last(&app.usage), Ok(*app.key())));
        }
        for app in self.imkit.iter().filter(|app| app.usage.from_template) {
            used.push((last(&app.usage), Err(app.key().clone())));
        }
        used.sort_unstable();
        let excess = used.len().saturating_sub(self.ground.tenants_max);
        for (_, key) in used.into_iter().take(excess + self.ground.tenants_max / 10) {
            match key {
                Ok(number) if self.tencent.get(&number).is_some_and(|app| Arc::strong_count(app.value()) == 1) => {
                    self.drop_tencent(&number.to_string(), "least recently used");
                }
                Err(id) if self.imkit.get(&id).is_some_and(|app| Arc::strong_count(app.value()) == 1) => {
                    self.drop_imkit(&id, "least recently used");
                }
                _ => {}
            }
        }
    }

    /// What of a checked document cannot be added to this world: ids and keys that others hold.
    pub fn conflicts(&self, state: &State) -> Vec<StateFault> {
        let mut faults = Faults::default();
        for (id, app) in &state.tencent {
            let Some(present) = self.tencent_app(id) else { continue };
            for (at, group) in app.groups.iter().enumerate() {
                let held = present.rooms.registry().contains(&group.group_id);
                faults.unless(
                    !held,
                    format!("tencent.{id}.groups[{at}].GroupId"),
                    "a room has this id; rooms and groups share their ids",
                );
            }
            for (at, room) in app.rooms.iter().enumerate() {
                let held = present.groups.registry().contains(&room.room_id);
                faults.unless(
                    !held,
                    format!("tencent.{id}.rooms[{at}].RoomId"),
                    "a group has this id; rooms and groups share their ids",
                );
            }
        }
        for (id, app) in &state.imkit {
            if let Some(present) = self.imkit_app(id) {
                present.conflicts(&format!("imkit.{id}"), app, &mut faults);
            }
            for (kind, keys, known) in
                [("client_keys", &app.client_keys, &self.client_keys), ("api_keys", &app.api_keys, &self.api_keys)]
            {
                for (at, key) in keys.iter().flatten().enumerate() {
                    let other = known.get(key.as_str()).is_some_and(|leads_to| leads_to.as_str() != id);
                    faults.unless(!other, format!("imkit.{id}.{kind}[{at}]"), "this key leads to another application");
                }
            }
        }
        faults.found
    }

    /// Looks at an account's present membership of an entity, while the entity's lock is held for reading.
    pub fn with_joined<R>(
        &self,
        tenant: &TenantKey,
        kind: &str,
        id: &str,
        life: u64,
        user: &str,
        look: impl FnOnce(Option<u64>) -> R,
    ) -> Option<R> {
        if tenant.family == crate::domain::imkit::FAMILY {
            let app = self.imkit_app(&tenant.id)?;
            return app.rooms.registry().read_life(id, life, |room| look(room.joined(user)));
        }
        let app = self.tencent_app(&tenant.id)?;
        match kind {
            "group" => app.groups.registry().read_life(id, life, |group| look(group.joined(user))),
            _ => app.rooms.registry().read_life(id, life, |room| look(room.joined(user))),
        }
    }

    /// The whole world as a document.
    pub fn state(&self) -> State {
        let mut state = State { imulator: VERSION, ..State::default() };
        state.tencent.extend(self.tencent_apps().iter().map(|app| (app.sdkappid.to_string(), app.state())));
        state.imkit.extend(self.imkit_apps().iter().map(|app| (app.id.to_string(), app.state())));
        state.tencent.extend(self.tencent_template.clone().map(|template| (TEMPLATE.to_owned(), template)));
        state.imkit.extend(self.imkit_template.clone().map(|template| (TEMPLATE.to_owned(), template)));
        state
    }

    /// Ends the world: facts of requests that still run in it are discarded.
    pub fn end(&self) {
        self.tencent.iter().for_each(|app| app.tenancy.end());
        self.imkit.iter().for_each(|app| app.tenancy.end());
    }
}

/// Records a fact about a tenant as a whole.
pub fn tell(tenancy: &Tenancy, fact: Fact) {
    let scope = Scope { kind: "tenant", id: tenancy.key.id.clone(), life: 0 };
    let event = Event { at: tenancy.now(), scope, by: UserId::default(), audience: Audience::nobody(), fact };
    tenancy.journal.append_facts(tenancy, None, [event]);
}
