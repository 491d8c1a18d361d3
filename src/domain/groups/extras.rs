//! Extras: what few groups have — attributes, counters, marks, admins of live rooms, topics, permission groups.
//!
//! The structs are also their own form in state documents.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::groups::log::{Log, Message};
use crate::kernel::names::{EntityId, UserId};

/// What few groups have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extras {
    /// Attributes by name.
    pub attributes: BTreeMap<String, String>,
    /// When attributes were last written, Unix seconds, and how often in that second; not kept in documents.
    pub attribute_writes: (u32, u64),
    /// Counters by name.
    pub counters: BTreeMap<String, i64>,
    /// Marks of those who are in a live room, sorted.
    pub marks: BTreeMap<UserId, Vec<u32>>,
    /// Admins of a live room.
    pub live_admins: Vec<UserId>,
    /// Topics, in the order in which they were made.
    pub topics: Vec<Topic>,
    /// Permission groups, in the order in which they were made.
    pub permission_groups: Vec<PermissionGroup>,
}

impl Extras {
    /// What goes with a membership that ended: marks, places in permission groups, what was read in topics.
    // Assumed: an admin of a live room stays one after leaving it, as the owner does, until the account is deleted.
    pub fn forget(&mut self, user: &UserId) {
        self.marks.remove(user.as_str());
        for topic in &mut self.topics {
            topic.read.remove(user.as_str());
        }
        self.permission_groups.iter_mut().for_each(|group| group.members.retain(|member| member != user));
    }
}

/// A topic of a Community; times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Topic {
    /// The group's id, `@TOPIC#_` and its own part.
    pub topic_id: EntityId,
    /// The name.
    pub topic_name: String,
    /// The picture's address.
    #[serde(default)]
    pub face_url: String,
    /// The notice to all.
    #[serde(default)]
    pub notification: String,
    /// What it is about.
    #[serde(default)]
    pub introduction: String,
    /// Data of the app's own.
    #[serde(default)]
    pub custom_string: String,
    /// When it was made.
    #[serde(default)]
    pub create_time: u32,
    /// When the last message was sent; 0 for never.
    #[serde(default)]
    pub last_msg_time: u32,
    /// The number of the next message.
    #[serde(default = "first")]
    pub next_msg_seq: u32,
    /// Only the owner, admins and administrators may speak.
    #[serde(default)]
    pub mute_all: bool,
    /// Until when accounts are muted in it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub mutes: BTreeMap<UserId, u32>,
    /// What accounts have read in it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub read: BTreeMap<UserId, u32>,
    /// Its messages.
    #[serde(default, skip_serializing_if = "Log::is_empty", with = "messages")]
    #[schemars(with = "Vec<Message>")]
    pub messages: Log,
}

const fn first() -> u32 {
    1
}

/// A log in a document: its messages alone.
pub mod messages {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::{Log, Message};

    /// Writes the messages, oldest first.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn serialize<S: Serializer>(log: &Log, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(log.iter())
    }

    /// Reads the messages.
    ///
    /// # Errors
    /// One is no message.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Log, D::Error> {
        Ok(Log::of(Vec::<Message>::deserialize(from)?))
    }
}

/// A permission group of a Community.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct PermissionGroup {
    /// `@PMG#_` and its own part.
    pub permission_group_id: EntityId,
    /// The name.
    pub permission_group_name: String,
    /// What its members may do in the group, as bits.
    #[serde(default)]
    pub permission: u64,
    /// Data of the app's own.
    #[serde(default)]
    pub custom_string: String,
    /// When it was made, Unix seconds.
    #[serde(default)]
    pub create_time: u32,
    /// Who is in it, in the order in which they were added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<UserId>,
}
