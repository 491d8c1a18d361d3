//! How tenants leave a world: dropped, put back to their fixtures, or given up for want of room; and what of a document
//! cannot come in.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::domain::imkit::state::ImkitState;
use crate::domain::imkit::{ImkitApp, ImkitSettings};
use crate::domain::state::{Faults, State, StateFault};
use crate::domain::tencent::{TencentApp, TencentState};
use crate::domain::world::{Usage, World, sdkappid_of, tell};
use crate::kernel::fact::Fact;
use crate::kernel::names::EntityId;
use crate::kernel::tenancy::Tenancy;

/// How a tenant went that others needed the room of.
const UNUSED: &str = "least recently used";

impl World {
    /// Drops a Tencent application, if the predicate wants it gone.
    pub fn drop_tencent(&self, id: &str, how: &'static str, which: impl Fn(&Arc<TencentApp>) -> bool) -> bool {
        let gone = sdkappid_of(id).and_then(|number| self.tencent.remove_if(&number, |_, app| which(app)));
        gone.is_some_and(|(_, app)| self.dropped_one(&app.tenancy, &app.usage, how, || app.end()))
    }

    /// Drops an IMKIT application, if the predicate wants it gone.
    pub fn drop_imkit(&self, id: &str, how: &'static str, which: impl Fn(&Arc<ImkitApp>) -> bool) -> bool {
        let Some((_, app)) = self.imkit.remove_if(id, |_, app| which(app)) else { return false };
        self.forget_keys(&app.id, &app.settings(), &ImkitSettings::default());
        self.dropped_one(&app.tenancy, &app.usage, how, || app.end())
    }

    fn dropped_one(&self, tenancy: &Tenancy, usage: &Usage, how: &'static str, end: impl FnOnce()) -> bool {
        self.opened.fetch_sub(u64::from(usage.from_template), Ordering::Relaxed);
        tell(tenancy, Fact::TenantDropped { how });
        end();
        true
    }

    /// Puts a Tencent application back to its fixture; without one it goes. Whether it was open or has a fixture.
    /// Calls `once_ended` when no more facts of the old one can come.
    pub fn restart_tencent(&self, id: &str, fixture: Option<&TencentState>, once_ended: impl FnOnce()) -> bool {
        let Some(sdkappid) = sdkappid_of(id) else { return false };
        let old = match fixture {
            Some(fixture) => self.tencent.insert(sdkappid, self.make_tencent(sdkappid, fixture)),
            None => self.tencent.remove(&sdkappid).map(|(_, app)| app),
        };
        old.iter().for_each(|app| self.ended_one(&app.tenancy, &app.usage));
        once_ended();
        old.is_some() || fixture.is_some()
    }

    /// The same for an IMKIT application.
    pub fn restart_imkit(&self, id: &str, fixture: Option<&ImkitState>, once_ended: impl FnOnce()) -> bool {
        let old = match fixture {
            Some(fixture) => self.put_imkit(&EntityId::new(id), fixture),
            None => {
                let gone = self.imkit.remove(id).map(|(_, app)| app);
                gone.inspect(|app| self.forget_keys(&app.id, &app.settings(), &ImkitSettings::default()))
            }
        };
        old.iter().for_each(|app| self.ended_one(&app.tenancy, &app.usage));
        once_ended();
        old.is_some() || fixture.is_some()
    }

    pub(super) fn ended_one(&self, tenancy: &Tenancy, usage: &Usage) {
        self.opened.fetch_sub(u64::from(usage.from_template), Ordering::Relaxed);
        tenancy.end();
    }

    /// Drops a tenth of the tenants that opened by themselves, the longest unused first, none with a request running.
    pub(super) fn drop_least_recently_used(&self) {
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
        let batch = excess + self.ground.tenants_max / 10;
        // A running request holds its application; it takes hold under the same lock that the removal is under.
        let drops = used.into_iter().filter(|(_, key)| match key {
            Ok(number) => self.drop_tencent(&number.to_string(), UNUSED, |app| Arc::strong_count(app) == 1),
            Err(id) => self.drop_imkit(id, UNUSED, |app| Arc::strong_count(app) == 1),
        });
        drops.take(batch).for_each(drop);
    }

    /// What of a checked document cannot be added to this world: ids and keys that others hold.
    pub fn conflicts(&self, state: &State) -> Vec<StateFault> {
        let mut faults = Faults::default();
        for (id, app) in &state.tencent {
            let Some(present) = self.tencent_app(id) else { continue };
            present.accounts.conflicts(&app.accounts, &format!("tencent.{id}.accounts"), &mut faults);
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
}
