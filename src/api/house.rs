//! House: what all doors share — the world of the moment, the journal, the clock, the numbers of calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::RwLock;

use crate::config::Config;
use crate::domain::state::State;
use crate::domain::world::{Ground, World, tell};
use crate::kernel::clock::Clock;
use crate::kernel::fact::Fact;
use crate::kernel::ids::Ids;
use crate::kernel::journal::Journal;

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
    world: RwLock<Arc<World>>,
    /// The world's epoch, readable without its lock.
    epoch: AtomicU64,
    ground: Arc<Ground>,
    /// What a reset returns to.
    start: State,
    calls: AtomicU64,
}

impl House {
    /// A house around this first world.
    pub fn new(config: Config, ground: Arc<Ground>, start: State, world: World) -> Self {
        Self {
            clock: ground.clock.clone(),
            journal: ground.journal.clone(),
            ids: Ids::new(ground.seed, "house", 0),
            epoch: AtomicU64::new(world.epoch),
            world: RwLock::new(Arc::new(world)),
            ground,
            start,
            config,
            calls: AtomicU64::new(0),
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

    /// What worlds are made on.
    pub fn ground(&self) -> &Arc<Ground> {
        &self.ground
    }

    /// Puts another world in place, next epoch; facts of requests that still run in the old one are discarded.
    pub fn replace_world(&self, make: impl FnOnce(Arc<Ground>, u64) -> World) -> u64 {
        let mut world = self.world.write();
        self.epoch.store(world.epoch + 1, Ordering::Release);
        let next = make(self.ground.clone(), world.epoch + 1);
        world.end();
        *world = Arc::new(next);
        world.epoch
    }

    /// Back to the start-up fixtures: next epoch, journal emptied.
    pub fn reset(&self) -> u64 {
        let epoch = self.replace_world(|ground, epoch| {
            self.journal.forget(|_| true);
            World::new(ground, epoch, &self.start)
        });
        self.tell_all(&Fact::Reset);
        epoch
    }

    /// One tenant back to the start-up fixtures, same epoch; whether there is such a tenant.
    pub fn reset_tenant(&self, tencent: Option<&str>, imkit: Option<&str>) -> bool {
        let world = self.world();
        let mut only = State::empty();
        let known = match (tencent, imkit) {
            (Some(id), None) => {
                only.tencent.extend(self.start.tencent.get_key_value(id).map(|(id, app)| (id.clone(), app.clone())));
                world.drop_tencent(id, "reset")
            }
            (None, Some(id)) => {
                only.imkit.extend(self.start.imkit.get_key_value(id).map(|(id, app)| (id.clone(), app.clone())));
                world.drop_imkit(id, "reset")
            }
            _ => false,
        };
        let again = !only.tencent.is_empty() || !only.imkit.is_empty();
        let (family, id) = (if tencent.is_some() { "tencent" } else { "imkit" }, tencent.or(imkit).unwrap_or(""));
        self.journal
            .forget(|entry| entry.tenant.as_ref().is_some_and(|key| key.family == family && key.id.as_str() == id));
        world.add(&only);
        tencent.and_then(|id| world.tencent_app(id)).iter().for_each(|app| tell(&app.tenancy, Fact::Reset));
        imkit.and_then(|id| world.imkit_app(id)).iter().for_each(|app| tell(&app.tenancy, Fact::Reset));
        known || again
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
