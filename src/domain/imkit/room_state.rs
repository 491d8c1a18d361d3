//! The written form of rooms: what state documents say of them, in the vendor's words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::imkit::invitations::{Invitation, Sent};
use crate::domain::imkit::json::Json;
use crate::domain::imkit::property_state::PropertyState;
use crate::domain::imkit::room::{Preference, Room, RoomInfo, RoomType};
use crate::kernel::clock::Timestamp;
use crate::kernel::names::{EntityId, UserId};

/// A room in a state document; absent fields have the vendor's defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RoomState {
    /// The id.
    #[serde(rename = "_id")]
    pub id: EntityId,
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The picture's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cover: Option<String>,
    /// A text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `direct`, `group` or `custom`; absent counts as group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_type: Option<RoomType>,
    /// The owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<UserId>,
    /// Who else runs the room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managers: Option<Vec<UserId>>,
    /// Where the room's events go: a URL or a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
    /// The robot's state.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub bot_state: String,
    /// Whether a robot answers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bot_mode: bool,
    /// Whether messages are encrypted between clients.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub encrypted: bool,
    /// The state of customer service.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub service_status: i64,
    /// Shared tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub room_tags: Vec<String>,
    /// 0 inactive, 1 active; absent: 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u8>,
    /// 0 closed, 1 open for joining and inviting; absent counts as open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opening: Option<u8>,
    /// The application's own parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ext_params: Option<String>,
    /// A free object of the old shape.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Json>,
    /// Who is in it, in the order of joining; ids without a client stay bare ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<UserId>,
    /// Unread counts of those who are or were in it, in the order in which they came to be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub member_properties: Vec<PropertyState>,
    /// Pending invitations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invitations: Vec<InvitationState>,
    /// What clients prefer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub preferences: Vec<PreferenceState>,
    /// When it was made; absent: now.
    #[serde(rename = "createdTimeMS", default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
}

fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// A pending invitation in a state document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct InvitationState {
    /// Who asks; absent for the platform administrator.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub inviter: UserId,
    /// Who is asked.
    pub invitee: UserId,
    /// When it was first sent; absent: now.
    #[serde(with = "crate::domain::imkit::iso::optional", default)]
    #[schemars(with = "Option<String>")]
    pub created_at: Option<Timestamp>,
    /// When it was last sent; absent: then too.
    #[serde(with = "crate::domain::imkit::iso::optional", default)]
    #[schemars(with = "Option<String>")]
    pub updated_at: Option<Timestamp>,
}

/// What one client prefers, in a state document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PreferenceState {
    /// Who.
    pub client: UserId,
    /// What.
    pub pref: Preference,
}

impl RoomState {
    /// The room that the document describes, without its messages.
    pub fn to_room(&self, now: Timestamp, messages_max: usize) -> Room {
        let info = RoomInfo {
            name: self.name.clone(),
            cover: self.cover.clone(),
            description: self.description.clone(),
            room_type: self.room_type,
            owner: self.owner.clone(),
            managers: self.managers.clone(),
            webhook: self.webhook.clone(),
            bot_state: self.bot_state.clone(),
            bot_mode: self.bot_mode,
            encrypted: self.encrypted,
            service_status: self.service_status,
            room_tags: self.room_tags.clone(),
            status: self.status.unwrap_or(1),
            opening: self.opening,
            ext_params: self.ext_params.clone(),
            data: self.data.clone(),
        };
        let mut room = Room::new(self.id.clone(), info, self.created.unwrap_or(now), messages_max);
        room.members = self.members.iter().map(|id| (id.clone(), ())).collect();
        for state in &self.member_properties {
            room.properties.put(state.0.clone(), room.members.contains(&state.0.client));
        }
        for state in &self.invitations {
            let created = state.created_at.unwrap_or(now);
            let updated = state.updated_at.unwrap_or(created);
            let sent = Sent { inviter: state.inviter.clone(), created, updated };
            room.invitations.put(Invitation { invitee: state.invitee.clone(), sent });
        }
        room.preferences.extend(self.preferences.iter().map(|state| (state.client.clone(), state.pref.clone())));
        room
    }

    /// The document's form of a room.
    pub fn of(room: &Room) -> Self {
        let info = RoomInfo::clone(&room.info);
        let invitation = |Invitation { invitee, sent }: Invitation| InvitationState {
            inviter: sent.inviter,
            invitee,
            created_at: Some(sent.created),
            updated_at: Some(sent.updated),
        };
        let preferences = room.preferences.iter();
        Self {
            id: room.id.clone(),
            name: info.name,
            cover: info.cover,
            description: info.description,
            room_type: info.room_type,
            owner: info.owner,
            managers: info.managers,
            webhook: info.webhook,
            bot_state: info.bot_state,
            bot_mode: info.bot_mode,
            encrypted: info.encrypted,
            service_status: info.service_status,
            room_tags: info.room_tags,
            status: Some(info.status),
            opening: info.opening,
            ext_params: info.ext_params,
            data: info.data,
            members: room.members.ids().cloned().collect(),
            member_properties: room.properties.lines().into_iter().map(PropertyState).collect(),
            invitations: room.invitations.all().into_iter().map(invitation).collect(),
            preferences: preferences
                .map(|(client, pref)| PreferenceState { client: client.clone(), pref: pref.clone() })
                .collect(),
            created: Some(room.created),
        }
    }
}
