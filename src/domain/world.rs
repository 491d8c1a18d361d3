//! World: the tenants of one epoch, from reset to reset.
//!
//! A request clones the `Arc` of its world and lives in it to its end. Unknown tenants open from the template, unless
//! the house is closed; past the cap the least recently used of those are dropped.

mod leaving;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use compact_str::CompactString;
use serde::{Serialize, Serializer};

use crate::domain::imkit::files::FileRoom;
use crate::domain::imkit::state::ImkitState;
use crate::domain::imkit::{ImkitApp, ImkitSettings};
use crate::domain::state::{State, TEMPLATE};
use crate::domain::tencent::{TencentApp, TencentState};
use crate::domain::written::Wording;
use crate::kernel::clock::{Clock, Timestamp};
use crate::kernel::fact::{Audience, Event, Fact, Scope};
use crate::kernel::journal::Journal;
use crate::kernel::names::{EntityId, UserId};
use crate::kernel::registry::Entity;
use crate::kernel::table::{Table, table_of_all};
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
    /// Where the bytes of all files are counted.
    pub files: Arc<FileRoom>,
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

/// A world as a document that is written while it is looked at.
pub type Written<W> = State<TencentWritten<W>, ImkitWritten<W>>;

macro_rules! written {
    ($(#[$doc:meta])* $name:ident, $app:ty, $state:ty) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name<W> {
            /// It is open.
            Open(Arc<$app>, W),
            /// It is what others open from.
            Template(Box<$state>),
        }

        impl<W: Wording> Serialize for $name<W> {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                match self {
                    Self::Open(app, wording) => app.written(*wording).serialize(to),
                    Self::Template(state) => state.serialize(to),
                }
            }
        }
    };
}

written! {
    /// A Tencent application in such a document.
    TencentWritten, TencentApp, TencentState
}
written! {
    /// An IMKIT application in such a document.
    ImkitWritten, ImkitApp, ImkitState
}

/// The tenants of one epoch.
#[derive(Debug)]
pub struct World {
    /// Counts worlds from 1.
    pub epoch: u64,
    ground: Arc<Ground>,
    tencent_template: Option<TencentState>,
    imkit_template: Option<ImkitState>,
    tencent: Table<u64, Arc<TencentApp>>,
    imkit: Table<EntityId, Arc<ImkitApp>>,
    client_keys: Table<CompactString, EntityId>,
    api_keys: Table<CompactString, EntityId>,
    opened: AtomicU64,
    ended: AtomicBool,
}

impl World {
    /// A world as a checked document describes it.
    pub fn new(ground: Arc<Ground>, epoch: u64, state: &State) -> Self {
        let world = Self {
            epoch,
            tencent_template: state.tencent.get(TEMPLATE).cloned(),
            imkit_template: state.imkit.get(TEMPLATE).cloned(),
            ground,
            tencent: table_of_all(),
            imkit: table_of_all(),
            client_keys: table_of_all(),
            api_keys: table_of_all(),
            opened: AtomicU64::new(0),
            ended: AtomicBool::new(false),
        };
        world.add(state);
        world
    }

    /// Adds a checked document; an entity with the same id is replaced whole. A template in it is not taken.
    pub fn add(&self, state: &State) {
        for (id, app) in &state.tencent {
            // The template is named by no number.
            let Some(sdkappid) = sdkappid_of(id) else { continue };
            match self.tencent.get(&sdkappid).map(|found| found.clone()) {
                Some(present) => present.add(app),
                None => drop(self.tencent.insert(sdkappid, self.make_tencent(sdkappid, app))),
            }
        }
        for (id, app) in state.imkit.iter().filter(|(id, _)| *id != TEMPLATE) {
            let id = EntityId::new(id);
            match self.imkit.get(&id).map(|found| found.clone()) {
                Some(present) => {
                    let before = present.settings();
                    present.add(app);
                    self.learn_keys(&id, &present.settings());
                    self.forget_keys(&id, &before, &present.settings());
                }
                None => drop(self.put_imkit(&id, app)),
            }
        }
    }

    fn make_tencent(&self, sdkappid: u64, state: &TencentState) -> Arc<TencentApp> {
        let usage = Usage::new(&self.ground, false);
        Arc::new(TencentApp::open(&self.ground, self.epoch, sdkappid, state, usage))
    }

    fn put_imkit(&self, id: &EntityId, state: &ImkitState) -> Option<Arc<ImkitApp>> {
        let usage = Usage::new(&self.ground, false);
        let app = Arc::new(ImkitApp::open(&self.ground, self.epoch, id, state, usage));
        let old = self.imkit.insert(id.clone(), app.clone());
        self.learn_keys(id, &app.settings());
        old.iter().for_each(|old| self.forget_keys(id, &old.settings(), &app.settings()));
        old
    }

    /// A key that leads to another application goes on doing so.
    fn learn_keys(&self, id: &EntityId, settings: &ImkitSettings) {
        for (keys, known) in [(&settings.client_keys, &self.client_keys), (&settings.api_keys, &self.api_keys)] {
            keys.iter().for_each(|key| drop(known.entry(key.into()).or_insert_with(|| id.clone())));
        }
    }

    /// Forgets the keys that an application had and has no longer; those it keeps lead to it all the while.
    fn forget_keys(&self, id: &EntityId, had: &ImkitSettings, has: &ImkitSettings) {
        let client_keys = (&had.client_keys, &has.client_keys, &self.client_keys);
        for (had, has, known) in [client_keys, (&had.api_keys, &has.api_keys, &self.api_keys)] {
            let gone = had.iter().filter(|key| !has.contains(key));
            gone.for_each(|key| drop(known.remove_if(key.as_str(), |_, leads_to| leads_to == id)));
        }
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
        self.opened_one(&app.tenancy, &app.usage);
        app
    }

    /// The application that a client key (or an API key) leads to, or the one it would open.
    pub fn imkit(&self, key: &str, is_api_key: bool) -> Found<'_, ImkitApp, ImkitState> {
        static EMPTY: std::sync::LazyLock<ImkitState> = std::sync::LazyLock::new(ImkitState::default);
        let (own, other) = (&self.client_keys, &self.api_keys);
        let (own, other) = if is_api_key { (other, own) } else { (own, other) };
        let id = own.get(key).map(|found| found.value().clone());
        if let Some(app) = id.and_then(|id| self.imkit_app(&id)) {
            return Found::Open(app);
        }
        if let Some(app) = self.imkit_app(key) {
            let settings = app.settings();
            let keys = if is_api_key { &settings.api_keys } else { &settings.client_keys };
            // Assumed: an application whose document gives it no keys of a kind has its id as the only one.
            let leads_here = keys.is_empty() || keys.iter().any(|own| own == key);
            return if leads_here { Found::Open(app) } else { Found::Unknown };
        }
        // In the other header it is somebody's key; an application that opened by it would be taken for that one.
        if other.contains_key(key) {
            return Found::Unknown;
        }
        if self.ground.closed || key == TEMPLATE || key.is_empty() {
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
        self.learn_keys(&id, &app.settings());
        self.opened_one(&app.tenancy, &app.usage);
        app
    }

    /// The Tencent application, if it is open.
    pub fn tencent_app(&self, id: &str) -> Option<Arc<TencentApp>> {
        self.tencent.get(&sdkappid_of(id)?).map(|app| app.clone())
    }

    /// The IMKIT application of this id, if it is open.
    pub fn imkit_app(&self, id: &str) -> Option<Arc<ImkitApp>> {
        self.imkit.get(id).map(|app| app.clone())
    }

    /// What the registries of a tenant share, if it is open.
    pub fn tenancy(&self, key: &TenantKey) -> Option<Arc<Tenancy>> {
        if key.family == crate::domain::imkit::FAMILY {
            return self.imkit_app(&key.id).map(|app| app.tenancy.clone());
        }
        self.tencent_app(&key.id).map(|app| app.tenancy.clone())
    }

    /// All open Tencent applications, by number.
    pub fn tencent_apps(&self) -> Vec<Arc<TencentApp>> {
        let mut apps: Vec<_> = self.tencent.iter().map(|entry| entry.value().clone()).collect();
        apps.sort_by_key(|app| app.sdkappid);
        apps
    }

    /// Does what time has brought: rooms whose time is over end.
    pub fn settle(&self) {
        // Collected first: no map guard is held while an entity is locked.
        let due = self.tencent.iter().filter(|entry| entry.value().rooms.is_sweep_due());
        let apps: Vec<_> = due.map(|entry| entry.value().clone()).collect();
        apps.iter().for_each(|app| app.rooms.sweep());
    }

    /// All open IMKIT applications, by id.
    pub fn imkit_apps(&self) -> Vec<Arc<ImkitApp>> {
        let mut apps: Vec<_> = self.imkit.iter().map(|entry| entry.value().clone()).collect();
        apps.sort_by(|a, b| a.id.cmp(&b.id));
        apps
    }

    fn opened_one(&self, tenancy: &Tenancy, usage: &Usage) {
        if !self.is_live() {
            // A request that outlived its world opened it: what happens there is told to nobody.
            return self.ended_one(tenancy, usage);
        }
        tell(tenancy, Fact::TenantOpened);
        let opened = self.opened.fetch_add(1, Ordering::Relaxed) + 1;
        if usize::try_from(opened).unwrap_or(usize::MAX) > self.ground.tenants_max {
            self.drop_least_recently_used();
        }
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
    pub fn written<W: Wording>(&self, wording: W) -> Written<W> {
        let mut state = State::empty();
        let (tencent, imkit) = (self.tencent_apps().into_iter(), self.imkit_apps().into_iter());
        state.tencent.extend(tencent.map(|app| (app.sdkappid.to_string(), TencentWritten::Open(app, wording))));
        state.imkit.extend(imkit.map(|app| (app.id.to_string(), ImkitWritten::Open(app, wording))));
        let (tencent, imkit) = (self.tencent_template.clone(), self.imkit_template.clone());
        let template = |state| (TEMPLATE.to_owned(), TencentWritten::Template(state));
        state.tencent.extend(tencent.map(Box::new).map(template));
        let template = |state| (TEMPLATE.to_owned(), ImkitWritten::Template(state));
        state.imkit.extend(imkit.map(Box::new).map(template));
        state
    }

    /// Whether it is still the world of the house.
    pub fn is_live(&self) -> bool {
        !self.ended.load(Ordering::SeqCst)
    }

    /// Ends the world: facts of requests that still run in it are discarded.
    pub fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
        self.tencent.iter().for_each(|app| app.end());
        self.imkit.iter().for_each(|app| app.end());
    }
}

/// The number that an id is, written as numbers are: no sign, no zeros in front.
fn sdkappid_of(id: &str) -> Option<u64> {
    id.parse().ok().filter(|number: &u64| number.to_string() == id)
}

/// Records a fact about a tenant as a whole.
pub fn tell(tenancy: &Tenancy, fact: Fact) {
    let scope = Scope { kind: "tenant", id: tenancy.key.id.clone(), life: 0 };
    let event = Event { at: tenancy.now(), scope, by: UserId::default(), audience: Audience::nobody(), fact };
    tenancy.journal.append_of_tenant(tenancy, event);
}
