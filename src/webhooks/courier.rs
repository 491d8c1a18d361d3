//! Courier: follows the journal's events, has each worded for whoever is to be told of it, and puts that in line.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::api::house::House;
use crate::api::parcel::Parcel;
use crate::api::{imkit, tencent};
use crate::domain::tencent::TencentApp;
use crate::domain::{imkit as imkit_rules, tencent as tencent_rules};
use crate::kernel::fact::{Event, Fact};
use crate::kernel::follower::{Followed, Follower};
use crate::kernel::journal::{Entry, Record};
use crate::webhooks::ask::{Asker, Told};
use crate::webhooks::post::Post;

/// Follows the journal.
#[derive(Debug)]
pub struct Courier {
    house: Arc<House>,
    post: Arc<Post>,
    events: Follower,
    told: mpsc::Receiver<Told>,
    /// Taken from either side already, and waiting for its turn.
    next_event: Option<Followed>,
    next_told: Option<Told>,
}

/// What comes next.
enum News {
    Event(Followed),
    Told(Parcel),
}

impl Courier {
    /// One for this house, which can ask and tell from now on; events count from now on, too.
    pub fn new(house: Arc<House>) -> Self {
        let post = Arc::new(Post::new(house.journal.clone(), house.clock.clone(), house.stopping()));
        let (asker, told) = Asker::new(post.clone(), house.journal.clone());
        house.reach_out_by(Arc::new(asker));
        let events = house.journal.couriers.join();
        Self { house, post, events, told, next_event: None, next_told: None }
    }

    /// Works until the emulator stops; what waits then is dropped.
    pub async fn run(mut self) {
        let mut stop = self.house.stopping();
        loop {
            let news = tokio::select! {
                news = self.next() => news,
                _ = stop.wait_for(|stopped| *stopped) => break,
            };
            match news {
                Some(News::Event(Followed::Event(seq, entry))) => self.carry(seq, &entry),
                Some(News::Event(Followed::Lost(count))) => self.lose(count),
                Some(News::Told(parcel)) => self.post.queue(parcel),
                None => break,
            }
        }
        self.post.close();
    }

    /// The next of both sides, in the order in which they came to be.
    async fn next(&mut self) -> Option<News> {
        if self.next_event.is_none() && self.next_told.is_none() {
            tokio::select! {
                event = self.events.next() => self.next_event = Some(event?),
                told = self.told.recv() => self.next_told = Some(told?),
            }
        }
        // What was told later than an event can be there only after it; the other way round one looks at both.
        if self.next_told.is_none() {
            self.next_told = self.told.try_recv().ok();
        }
        if self.next_event.is_none() {
            self.next_event = self.events.next_now();
        }
        let event_first = match (&self.next_event, &self.next_told) {
            (Some(Followed::Event(seq, _)), Some((after, _))) => seq <= after,
            (event, _) => event.is_some(),
        };
        if event_first {
            return self.next_event.take().map(News::Event);
        }
        self.next_told.take().map(|(_, parcel)| News::Told(parcel))
    }

    fn carry(&self, seq: u64, entry: &Entry) {
        let Record::Event(event) = &entry.record else { return };
        if matches!(event.fact, Fact::Reset | Fact::Seeded | Fact::TenantDropped { .. }) {
            self.post.forget_ended();
        }
        let worded = catch_unwind(AssertUnwindSafe(|| self.word(seq, entry, event)));
        match worded {
            Ok(parcels) => parcels.into_iter().for_each(|parcel| self.post.queue(parcel)),
            Err(_) => tracing::error!(seq, "an event could not be worded for its receiver"),
        }
    }

    /// What receivers are told of an event; nothing if its tenant is gone, or another in its place.
    fn word(&self, seq: u64, entry: &Entry, event: &Event) -> Vec<Parcel> {
        let Some(key) = &entry.tenant else { return Vec::new() };
        let world = self.house.world();
        if key.family == imkit_rules::FAMILY {
            let app = world.imkit_app(&key.id).filter(|app| Arc::ptr_eq(&app.tenancy.key, key));
            return app.and_then(|app| imkit::webhooks::parcel(&app, seq, event)).into_iter().collect();
        }
        debug_assert_eq!(key.family, tencent_rules::FAMILY);
        let app = world.tencent_app(&key.id).filter(|app| Arc::ptr_eq(&app.tenancy.key, key));
        app.map(|app| tencent::callbacks::parcels(&app, seq, event)).unwrap_or_default()
    }

    /// Events came faster than they could be looked at.
    fn lose(&self, count: u64) {
        let world = self.house.world();
        let told = |app: &Arc<TencentApp>| {
            let settings = app.settings();
            settings.callbacks.is_some() || settings.room_callbacks.is_some()
        };
        // Where nobody wants to be told, nothing is lost.
        if world.tencent_apps().iter().any(told) || !world.imkit_apps().is_empty() {
            self.post.lose(count, world.epoch);
        }
    }
}
