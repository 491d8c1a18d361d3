//! Preferences of a client itself, any JSON by key; its own sessions are told of each change.

use crate::domain::imkit::json::{Json, set};
use crate::domain::imkit::told::for_sockets;
use crate::domain::imkit::user::{News, Users};
use crate::kernel::names::UserId;
use crate::kernel::turn::Origin;

impl Users {
    /// Sets a preference. The news are the very payload of the vendor's event `myPrefChange`.
    pub fn set_preference(&self, origin: &Origin, id: &UserId, key: &str, data: &Json) {
        self.alter(origin, id, |client, _| {
            set(&mut client.preferences, key, data.clone());
            let payload = Json::object([("key", Json::string(key)), ("data", data.clone())]);
            let fields = for_sockets("myPrefChange", payload);
            ((), Some(News { fields, to_own_sessions: true }))
        });
    }

    /// Deletes a preference. The news are the very payload of the vendor's event `myPrefDelete`: the key.
    pub fn delete_preference(&self, origin: &Origin, id: &UserId, key: &str) {
        self.alter(origin, id, |client, _| {
            let before = client.preferences.len();
            client.preferences.retain(|(name, _)| name != key);
            // Assumed: deleting a preference that is not there changes nothing, and nobody is told.
            let fields = (client.preferences.len() < before).then(|| for_sockets("myPrefDelete", key.to_owned()));
            ((), fields.map(|fields| News { fields, to_own_sessions: true }))
        });
    }
}
