//! Preferences: what a client, or a user group, prefers in a room. They outlive membership.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::imkit::json::Json;
use crate::domain::imkit::room::{Preference, Room};
use crate::domain::imkit::told::for_sockets;
use crate::kernel::fact::{Audience, Fact};
use crate::kernel::names::{EntityId, UserId};
use crate::kernel::turn::Turn;

/// What is set of a preference; `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct PreferenceChange {
    /// Personal tags.
    pub tags: Option<Vec<String>>,
    /// Colours of tags: an object.
    pub tag_colors: Option<Json>,
    /// A folder's name.
    pub folder: Option<String>,
    /// Stored only.
    pub muted: Option<bool>,
    /// On top.
    pub sticky: Option<bool>,
    /// Not shown.
    pub hidden: Option<bool>,
    /// Translate messages.
    pub translation: Option<bool>,
}

impl Preference {
    /// Sets what is given.
    pub fn merge(&mut self, change: PreferenceChange) {
        self.tags = change.tags.unwrap_or_else(|| std::mem::take(&mut self.tags));
        self.tag_colors = change.tag_colors.or(self.tag_colors.take());
        self.folder = change.folder.or(self.folder.take());
        self.muted = change.muted.or(self.muted);
        self.sticky = change.sticky.or(self.sticky);
        self.hidden = change.hidden.or(self.hidden);
        self.translation = change.translation.or(self.translation);
    }

    /// Takes one value away; tags become an empty list. A key that is not known changes nothing.
    pub fn unset(&mut self, key: &str) {
        match key {
            "tags" => self.tags.clear(),
            "tagColors" => self.tag_colors = None,
            "folder" => self.folder = None,
            "muted" => self.muted = None,
            "sticky" => self.sticky = None,
            "hidden" => self.hidden = None,
            "translation" => self.translation = None,
            _ => {}
        }
    }
}

/// A preference with its room, as replies and the event `roomPref` show it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RoomPreference {
    /// The room.
    #[schemars(with = "String")]
    pub room: EntityId,
    /// What is preferred there.
    #[serde(flatten)]
    pub preference: Preference,
}

impl Room {
    /// Takes one value of a preference away; what is not there changes nothing, and nobody is told.
    pub fn unset_preference(&mut self, turn: &mut Turn<'_>, by: &UserId, whose: &UserId, key: &str) -> RoomPreference {
        let before = self.preferences.get(whose).cloned().unwrap_or_default();
        let mut without = before.clone();
        without.unset(key);
        if without == before {
            return RoomPreference { room: self.id.clone(), preference: before };
        }
        self.prefer(turn, by, whose, |preference| *preference = without)
    }

    /// Changes what a client or a user group prefers here, and tells the one who does it.
    pub fn prefer(
        &mut self,
        turn: &mut Turn<'_>,
        by: &UserId,
        whose: &UserId,
        change: impl FnOnce(&mut Preference),
    ) -> RoomPreference {
        let preference = self.preferences.entry(whose.clone()).or_default();
        change(preference);
        let shown = RoomPreference { room: self.id.clone(), preference: preference.clone() };
        let fields = for_sockets("roomPref", shown.clone());
        // Assumed: the preference of a user group, too, is told to the sessions of the one who changes it alone.
        let told = Audience::Accounts(vec![by.clone()]);
        turn.record(Fact::MemberChanged { members: vec![whose.clone()], fields }, told);
        shown
    }
}
