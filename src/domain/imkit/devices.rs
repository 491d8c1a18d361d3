//! Devices: where pushes would reach a client, and the pushes themselves. Nothing is sent: the journal keeps what would be.

use std::collections::HashSet;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::imkit::json::Json;
use crate::domain::imkit::user::{Client, News, Users};
use crate::kernel::fact::{Audience, Event, Fact, Field, Scope};
use crate::kernel::names::UserId;
use crate::kernel::turn::Origin;

/// The most devices that are kept of one client; the oldest go.
const DEVICES_MAX: usize = 64;

/// The kinds of push tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PushType {
    /// Apple's service.
    Ios,
    /// Google's service, by its older name.
    Android,
    /// Google's service.
    Fcm,
    /// A browser.
    Web,
    /// Apple's service for calls.
    IosVoip,
}

/// One device with its push token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Device {
    /// The kind of token.
    #[serde(rename = "type")]
    pub kind: PushType,
    /// The push service's token.
    pub token: String,
    /// The device; with the kind it names the subscription.
    pub device_id: String,
}

impl Device {
    /// What makes it another than others of its client.
    pub fn name(&self) -> String {
        format!("{:?} {}", self.kind, self.device_id)
    }

    fn is(&self, kind: PushType, device_id: &str) -> bool {
        self.kind == kind && self.device_id == device_id
    }
}

impl Client {
    /// Whether it wants notifications.
    pub fn wants_notifications(&self) -> bool {
        self.notification.unwrap_or(true)
    }

    /// Drops the devices that match; how many did.
    pub(super) fn drop_devices(&mut self, matches: impl Fn(&Device) -> bool) -> usize {
        let before = self.devices.len();
        self.devices.retain(|device| !matches(device));
        before - self.devices.len()
    }
}

fn news(what: &'static str, kind: PushType, device_id: &str) -> News {
    let told = DeviceName { kind, device_id: device_id.into() };
    News { fields: vec![(what, Field::object(told))], to_own_sessions: false }
}

/// A device as the journal names it: without its token.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DeviceName {
    #[serde(rename = "type")]
    kind: PushType,
    device_id: String,
}

impl Users {
    /// Subscribes a device; the token of one that is known is replaced. Whether there is such a client.
    pub fn subscribe(&self, origin: &Origin, id: &str, device: Device) -> bool {
        let subscribed = self.alter(origin, id, |client, _| {
            let news = news("subscribed", device.kind, &device.device_id);
            match client.devices.iter_mut().find(|present| present.is(device.kind, &device.device_id)) {
                Some(present) => present.token = device.token,
                None => client.devices.push(device),
            }
            if client.devices.len() > DEVICES_MAX {
                client.devices.remove(0);
            }
            ((), Some(news))
        });
        subscribed.is_some()
    }

    /// Unsubscribes a device; how many subscriptions that ended, `None` if there is no such client.
    pub fn unsubscribe(&self, origin: &Origin, id: &str, kind: PushType, device_id: &str) -> Option<usize> {
        let ended = self.alter(origin, id, |client, _| {
            let dropped = client.drop_devices(|device| device.is(kind, device_id));
            (dropped, (dropped > 0).then(|| news("unsubscribed", kind, device_id)))
        });
        ended.map(|(_, dropped)| dropped)
    }

    /// Turns notifications on or off; `None` if there is no such client.
    pub fn notify(&self, origin: &Origin, id: &str, wanted: bool) -> Option<Arc<Client>> {
        let changed = self.alter(origin, id, |client, now| {
            client.notification = Some(wanted);
            client.updated = Some(now);
            let fields = vec![("notificationEnabled", wanted.into())];
            ((), Some(News { fields, to_own_sessions: false }))
        });
        changed.map(|(client, ())| client)
    }

    /// Notes a push to clients: one event for each that has a device and wants notifications.
    pub fn push_to_clients(&self, origin: &Origin, ids: &[UserId], payload: &Json) {
        // Assumed: a push to clients goes to every device of those who want notifications, each client once; others get none.
        let mut seen = HashSet::new();
        let found = ids.iter().filter(|id| seen.insert(*id)).filter_map(|id| self.get(id));
        let reached = found.filter(|client| client.wants_notifications() && !client.devices.is_empty());
        let events: Vec<Event> = reached
            .map(|client| {
                let devices = Field::object(client.devices.clone());
                let fields = vec![("devices", devices), ("payload", Field::object(payload.clone()))];
                let told = Audience::Accounts(vec![client.id.clone()]);
                self.event(origin, &client.id, told, Fact::Pushed { members: vec![client.id.clone()], fields })
            })
            .collect();
        self.tenancy.journal.append_facts(&self.tenancy, origin.call, events);
    }

    /// Notes a push to devices that need not be any client's.
    pub fn push_to_tokens(&self, origin: &Origin, kind: PushType, tokens: Vec<String>, payload: &Json) {
        let fields = vec![
            ("type", Field::object(kind)),
            ("tokens", Field::object(tokens)),
            ("payload", Field::object(payload.clone())),
        ];
        let event = Event {
            at: self.tenancy.now(),
            scope: Scope { kind: "tenant", id: self.tenancy.key.id.clone(), life: 0 },
            by: origin.by.clone(),
            audience: Audience::nobody(),
            fact: Fact::Pushed { members: Vec::new(), fields },
        };
        self.tenancy.journal.append_facts(&self.tenancy, origin.call, [event]);
    }
}
