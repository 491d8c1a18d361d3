//! House: what all doors share — the world of the moment, the journal, the clock, the numbers of calls.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use parking_lot::{Mutex, MutexGuard, RwLock};
use tokio::sync::{Semaphore, watch};

use crate::api::parcel::Ask;
use crate::api::start::Start;
use crate::config::Config;
use crate::domain::state::{State, TEMPLATE};
use crate::domain::tencent;
use crate::domain::world::{Ground, World, tell};
use crate::faults::plan::Plan;
use crate::kernel::clock::Clock;
use crate::kernel::fact::Fact;
use crate::kernel::ids::Ids;
use crate::kernel::journal::Journal;
use crate::kernel::names::EntityId;
use crate::kernel::tenancy::TenantKey;

/// Most clients that the world is written for at the same time, each from a thread of its own; others wait.
const WRITERS_MAX: usize = 32;

/// What all doors share.
#[derive(Debug)]
pub struct House {
    /// Flags and environment as plain data.
    pub config: Config,
    /// The emulator's clock.
    pub clock: Clock,
    /// What happened.
    pub journal: Arc<Journal>,
    /// Numbers for things that belong to no tenant, such as request ids.
    pub ids: Ids,
    /// The fault rules in force.
    pub faults: Plan,
    /// How many more readers of the journal's stream can come.
    pub streams: Arc<Semaphore>,
    /// How many more bytes of bodies that come in pieces can be held.
    pub bodies: Arc<Semaphore>,
    world: RwLock<Arc<World>>,
    /// The world's epoch, readable without its lock.
    epoch: AtomicU64,
    ground: Arc<Ground>,
    start: Start,
    calls: AtomicU64,
    /// The way to receivers outside, once there is one.
    reach: OnceLock<Arc<dyn Ask>>,
    /// Whether the emulator stops.
    stop: watch::Sender<bool>,
    /// Places for those who write the world for a client, which may be slow.
    pub writers: Arc<Semaphore>,
    /// Held while documents are checked against the world and taken, so that none comes between.
    taking: Mutex<()>,
}

/// Room for so many, or as many as can be counted.
pub fn room(most: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS)))
}

impl House {
    /// A house around this first world.
    pub fn new(config: Config, ground: Arc<Ground>, start: Start, world: World) -> Self {
        Self {
            clock: ground.clock.clone(),
            journal: ground.journal.clone(),
            ids: Ids::new(ground.seed, "house", 0),
            faults: Plan::new(ground.seed, config.faults_max),
            streams: room(config.streams_max),
            bodies: room(config.edge.all_bodies_bytes_max),
            epoch: AtomicU64::new(world.epoch),
            world: RwLock::new(Arc::new(world)),
            ground,
            start,
            config,
            calls: AtomicU64::new(0),
            reach: OnceLock::new(),
            stop: watch::channel(false).0,
            writers: room(WRITERS_MAX),
            taking: Mutex::new(()),
        }
    }

    /// The world of the moment; who holds it lives in it to the end of the request.
    pub fn world(&self) -> Arc<World> {
        self.world.read().clone()
    }

    /// The epoch of the world of the moment.
    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Gives the house its way to receivers outside; a second one counts for nothing.
    pub fn reach_out_by(&self, ask: Arc<dyn Ask>) {
        drop(self.reach.set(ask));
    }

    /// The way to receivers outside; none where there is no network.
    pub fn reach(&self) -> Option<&Arc<dyn Ask>> {
        self.reach.get()
    }

    /// Tells everybody who waits that the emulator stops.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Tells when the emulator stops: the value turns true.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// What worlds are made on.
    pub fn ground(&self) -> &Arc<Ground> {
        &self.ground
    }

    /// Keeps other documents away from the world while this one is checked against it and added.
    pub fn taking(&self) -> MutexGuard<'_, ()> {
        self.taking.lock()
    }

    /// Puts the world that a checked document describes in place, next epoch; facts of requests that still run in the
    /// old one are discarded.
    pub fn replace_world(&self, state: &State) -> u64 {
        let _taking = self.taking();
        let epoch = self.swap_world(state, || {});
        self.tell_all(&Fact::Seeded);
        epoch
    }

    /// How many readers of the journal's stream there are.
    pub fn listeners(&self) -> usize {
        self.config.streams_max.saturating_sub(self.streams.available_permits())
    }

    /// Back to the start-up fixtures: next epoch, journal emptied, no faults. The clock is left alone.
    pub fn reset(&self) -> u64 {
        let _taking = self.taking();
        let epoch = self.swap_world(&self.start.state(), || self.journal.clear());
        self.faults.clear();
        self.tell_all(&Fact::Reset);
        epoch
    }

    /// Makes a world beside the present one, which goes on until the new one is whole.
    fn swap_world(&self, state: &State, once_ended: impl FnOnce()) -> u64 {
        let next = Arc::new(World::new(self.ground.clone(), self.epoch() + 1, state));
        let mut world = self.world.write();
        self.epoch.store(next.epoch, Ordering::Release);
        world.end();
        once_ended();
        let old = std::mem::replace(&mut *world, next.clone());
        drop(world);
        drop(old);
        next.epoch
    }

    /// One tenant back to the start-up fixtures, same epoch; whether there is such a tenant.
    pub fn reset_tenant(&self, family: &'static str, id: &str) -> bool {
        let _taking = self.taking();
        let world = self.world();
        self.faults.forget(&TenantKey { family, id: EntityId::new(id) });
        let start = self.start.state();
        let fixture = Some(&start).filter(|_| id != TEMPLATE);
        let forget = || {
            self.journal
                .forget(|entry| entry.tenant.as_ref().is_some_and(|key| key.family == family && key.id.as_str() == id));
        };
        if family == tencent::FAMILY {
            let known = world.restart_tencent(id, fixture.and_then(|start| start.tencent.get(id)), forget);
            world.tencent_app(id).iter().for_each(|app| tell(&app.tenancy, Fact::Reset));
            return known;
        }
        let known = world.restart_imkit(id, fixture.and_then(|start| start.imkit.get(id)), forget);
        world.imkit_app(id).iter().for_each(|app| tell(&app.tenancy, Fact::Reset));
        known
    }

    /// Does what time has brought, in the world of the moment.
    pub fn settle(&self) {
        self.world().settle();
    }

    /// Records a fact about each open tenant as a whole.
    pub fn tell_all(&self, fact: &Fact) {
        let world = self.world();
        world.tencent_apps().iter().for_each(|app| tell(&app.tenancy, fact.clone()));
        world.imkit_apps().iter().for_each(|app| tell(&app.tenancy, fact.clone()));
    }

    /// The number of a call that has just arrived.
    pub fn next_call(&self) -> u64 {
        self.calls.fetch_add(1, Ordering::Relaxed) + 1
    }
}
