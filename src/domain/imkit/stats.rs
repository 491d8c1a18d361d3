//! Stats: what happened in an application within some time, counted from its rooms.

use std::collections::BTreeSet;

use crate::domain::imkit::ImkitApp;
use crate::kernel::clock::Timestamp;
use crate::kernel::names::UserId;

/// What happened within some time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// Who sent something, sorted.
    pub users: BTreeSet<UserId>,
    /// Rooms with a new message.
    pub rooms: usize,
    /// New messages.
    pub messages: usize,
}

impl ImkitApp {
    /// What happened from this moment on, as far as its messages are still kept.
    pub fn activity_since(&self, start: Timestamp) -> Activity {
        let mut activity = Activity::default();
        let registry = self.rooms.registry();
        for id in registry.ids() {
            registry.read(&id, |room| {
                let new = room.messages.iter().rev().take_while(|message| message.created >= start);
                let before = activity.messages;
                for message in new {
                    activity.messages += 1;
                    activity.users.extend(message.sender.iter().cloned());
                }
                activity.rooms += usize::from(activity.messages > before);
            });
        }
        activity
    }
}
