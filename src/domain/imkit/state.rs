//! The written form of an IMKIT application: what state documents say of it, in the vendor's own words.

use std::collections::{HashMap, HashSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::callbacks::fault_of_url;
use crate::domain::imkit::config::{KEYWORDS_RULE, keywords_of};
use crate::domain::imkit::file_state::{FileState, StickerSetState};
use crate::domain::imkit::group_state::GroupState;
use crate::domain::imkit::json::Json;
use crate::domain::imkit::message_state::MessageState;
use crate::domain::imkit::named::Named;
use crate::domain::imkit::robots::Robot;
use crate::domain::imkit::room::RoomType;
use crate::domain::imkit::room_state::RoomState;
use crate::domain::imkit::user::{Client, TEXTS};
use crate::domain::imkit::user_state::ClientState;
use crate::domain::settings::ImkitOptions;
use crate::domain::state::{Faults, replace_by, take};
use crate::domain::written::{List, Read};
use crate::kernel::names::UserId;

/// An IMKIT application in a state document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[serde(bound(serialize = "C: List + Serialize, R: List + Serialize, M: List + Serialize, F: List + Serialize"))]
#[schemars(rename = "ImkitState", bound = "C: Read, R: Read, M: Read, F: Read")]
pub struct ImkitState<C = Vec<ClientState>, R = Vec<RoomState>, M = Vec<MessageState>, F = Vec<FileState>> {
    /// Keys that clients send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_keys: Option<Vec<String>>,
    /// Keys that platform administrators send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_keys: Option<Vec<String>>,
    /// What issued tokens are signed with; absent: made from the seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwt_secret: Option<String>,
    /// The switches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<ImkitOptions>,
    /// The free configuration, by key; replaces the present one whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<Named>,
    /// The clients.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub clients: C,
    /// What makes clients robots.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub robots: Vec<Robot>,
    /// The user groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupState>,
    /// The rooms.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub rooms: R,
    /// The messages of these rooms, each room's oldest first.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub messages: M,
    /// The files, oldest first.
    #[serde(skip_serializing_if = "List::is_empty")]
    pub files: F,
    /// The sticker sets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stickers: Vec<StickerSetState>,
    /// How many numbers have been drawn for generated ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ids_drawn: Option<u64>,
    /// How far the application's time is ahead of the emulator's clock, in milliseconds; absent: 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_offset_ms: Option<i64>,
}

impl ImkitState {
    /// Notes every fault of this application.
    pub fn check(&self, path: &str, faults: &mut Faults) {
        faults.clock_offset(path, self.clock_offset_ms);
        let prefix = self.options.as_ref().and_then(|options| options.webhook_prefix.as_deref());
        if let Some(fault) = prefix.and_then(fault_of_url) {
            faults.add(format!("{path}.options.webhook_prefix"), fault);
        }
        let clients = || self.clients.iter().map(|state| &state.0).enumerate();
        faults.twice(clients().map(|(at, client)| (move || format!("{path}.clients[{at}]._id"), client.id.as_str())));
        let records = self.records(path);
        let tokens = records.iter().flat_map(|(path, client)| {
            let tokens = client.tokens.iter().enumerate();
            tokens.map(move |(place, token)| (format!("{path}.tokens[{place}]"), token.text.as_str()))
        });
        faults.twice(tokens);
        self.check_settings(path, faults);
        records.iter().for_each(|(path, client)| check_client(path, client, faults));
        let groups = self.groups.iter().enumerate();
        faults.twice(groups.clone().map(|(at, group)| (format!("{path}.groups[{at}]._id"), group.id.as_str())));
        let client_ids: HashSet<&str> = clients().map(|(_, client)| client.id.as_str()).collect();
        let group_ids: HashSet<&str> = self.groups.iter().map(|group| group.id.as_str()).collect();
        groups.for_each(|(at, group)| group.check(&format!("{path}.groups[{at}]"), &client_ids, &group_ids, faults));
        let rooms = self.rooms.iter().enumerate();
        faults.twice(rooms.clone().map(|(at, room)| (format!("{path}.rooms[{at}]._id"), room.id.as_str())));
        rooms.for_each(|(at, room)| room.check(&format!("{path}.rooms[{at}]"), faults));
        self.check_messages(path, faults);
        let files = self.files.iter().enumerate();
        faults.twice(files.clone().map(|(at, file)| (format!("{path}.files[{at}]._id"), file.id.as_str())));
        files.for_each(|(at, file)| file.check(&format!("{path}.files[{at}]"), faults));
        let sets = self.stickers.iter().enumerate();
        faults.twice(sets.clone().map(|(at, set)| (format!("{path}.stickers[{at}]._id"), set.id.as_str())));
        sets.for_each(|(at, set)| set.check(&format!("{path}.stickers[{at}]"), faults));
    }

    fn check_settings(&self, path: &str, faults: &mut Faults) {
        let censorship = self.config.as_ref().is_none_or(|config| keywords_of(&config.0).is_some());
        faults.unless(censorship, format!("{path}.config.censorship"), KEYWORDS_RULE);
        let robots = self.robots.iter().enumerate();
        faults.twice(robots.clone().map(|(at, robot)| (format!("{path}.robots[{at}]._id"), robot.id.as_str())));
        for (at, robot) in robots {
            faults.unless(!robot.id.is_empty(), format!("{path}.robots[{at}]._id"), "is empty");
            let object = robot.request_headers.as_ref().is_none_or(Json::is_object);
            faults.unless(object, format!("{path}.robots[{at}].requestHeaders"), "has to be an object");
        }
    }

    /// Every record of a client, a user group's among them, with its place.
    pub fn records(&self, path: &str) -> Vec<(String, &Client)> {
        let clients = self.clients.iter().enumerate();
        let clients = clients.map(|(at, state)| (format!("{path}.clients[{at}]"), &state.0));
        let groups = self.groups.iter().enumerate();
        let groups =
            groups.filter_map(|(at, group)| Some((format!("{path}.groups[{at}].record"), &group.record.as_ref()?.0)));
        clients.chain(groups).collect()
    }

    fn check_messages(&self, path: &str, faults: &mut Faults) {
        let rooms: HashMap<&str, ()> = self.rooms.iter().map(|room| (room.id.as_str(), ())).collect();
        let messages = self.messages.iter().enumerate();
        faults.twice(
            messages.clone().map(|(at, state)| (format!("{path}.messages[{at}]._id"), state.message.id.as_str())),
        );
        for (at, state) in messages {
            let message = &state.message;
            let deletions = state.user_deleted.iter().enumerate();
            faults.twice(
                deletions
                    .map(|(place, one)| (format!("{path}.messages[{at}].userDeleted[{place}]"), one.client.as_str())),
            );
            let known = rooms.contains_key(message.room.as_str());
            faults.unless(known, format!("{path}.messages[{at}].room"), "names no room of this document");
            faults.unless(!message.id.is_empty(), format!("{path}.messages[{at}]._id"), "is empty");
        }
    }

    /// Adds another document's part; an entity with the same id is replaced whole, a room with its messages.
    pub fn merge(&mut self, other: Self) {
        take(&mut self.client_keys, other.client_keys);
        take(&mut self.api_keys, other.api_keys);
        take(&mut self.jwt_secret, other.jwt_secret);
        take(&mut self.options, other.options);
        take(&mut self.config, other.config);
        take(&mut self.ids_drawn, other.ids_drawn);
        // An id is a client's or a group's: the later one replaces the other.
        self.clients.retain(|state| !other.groups.iter().any(|group| group.id == state.0.id));
        self.groups.retain(|group| !other.clients.iter().any(|state| group.id == state.0.id));
        take(&mut self.clock_offset_ms, other.clock_offset_ms);
        replace_by(&mut self.clients, other.clients, |state| state.0.id.clone());
        replace_by(&mut self.robots, other.robots, |robot| robot.id.clone());
        replace_by(&mut self.groups, other.groups, |group| group.id.clone());
        self.messages.retain(|state| !other.rooms.iter().any(|room| room.id == state.message.room));
        replace_by(&mut self.rooms, other.rooms, |room| room.id.clone());
        replace_by(&mut self.messages, other.messages, |state| state.message.id.clone());
        replace_by(&mut self.files, other.files, |file| file.id.clone());
        replace_by(&mut self.stickers, other.stickers, |set| set.id.clone());
    }
}

fn check_client(path: &str, client: &Client, faults: &mut Faults) {
    faults.unless(!client.id.is_empty(), format!("{path}._id"), "is empty");
    for (place, token) in client.tokens.iter().enumerate() {
        faults.unless(!token.text.is_empty(), format!("{path}.tokens[{place}]"), "is empty");
    }
    let mute = client.mute.iter().enumerate();
    faults.twice(mute.map(|(place, id)| (format!("{path}.mute[{place}]"), id.as_str())));
    let devices = client.devices.iter().enumerate();
    let named: Vec<_> = devices.clone().map(|(place, device)| (place, device.name())).collect();
    faults.twice(named.iter().map(|(place, name)| (format!("{path}.pushTokens[{place}]"), name.as_str())));
    for (place, device) in devices {
        let whole = !device.token.is_empty() && !device.device_id.is_empty();
        faults.unless(whole, format!("{path}.pushTokens[{place}]"), "token and deviceId may not be empty");
    }
    let texts = client.fields.iter().filter(|(name, _)| TEXTS.contains(&name.as_str()));
    for (name, value) in texts {
        let why = format!("is {}, and has to be a string", value.text());
        faults.unless(value.inner().is_some(), format!("{path}.{name}"), why);
    }
}

impl RoomState {
    /// Notes every fault of this room.
    fn check(&self, path: &str, faults: &mut Faults) {
        faults.unless(!self.id.is_empty(), format!("{path}._id"), "is empty");
        for (name, number) in [("status", self.status), ("opening", self.opening)] {
            faults.unless(number.is_none_or(|number| number <= 1), format!("{path}.{name}"), "has to be 0 or 1");
        }
        let lists = [("members", &self.members)];
        for (name, list) in lists.into_iter().chain(self.managers.iter().map(|list| ("managers", list))) {
            let place = |at: usize| move || format!("{path}.{name}[{at}]");
            let named = list.iter().enumerate().map(|(at, id)| (place(at), id.as_str()));
            for (place, id) in named.clone() {
                faults.unless(!id.is_empty(), place, "is empty");
            }
            faults.twice(named);
        }
        let properties = self.member_properties.iter().map(|state| &state.0).enumerate();
        faults.twice(
            properties
                .clone()
                .map(|(at, line)| (format!("{path}.memberProperties[{at}].client"), line.client.as_str())),
        );
        for (at, line) in properties {
            faults.unless(!line.client.is_empty(), format!("{path}.memberProperties[{at}].client"), "is empty");
            let known = line.role.as_deref().is_none_or(|role| matches!(role, "admin" | "member"));
            faults.unless(known, format!("{path}.memberProperties[{at}].role"), "has to be admin or member");
        }
        self.check_preferences(path, faults);
        let invitations = self.invitations.iter().map(|state| format!("{}\u{0}{}", state.invitee, state.inviter));
        let pairs: Vec<String> = invitations.collect();
        faults.twice(pairs.iter().enumerate().map(|(at, pair)| (format!("{path}.invitations[{at}]"), pair.as_str())));
        for (at, state) in self.invitations.iter().enumerate() {
            faults.unless(!state.invitee.is_empty(), format!("{path}.invitations[{at}].invitee"), "is empty");
            let outside = !self.members.contains(&state.invitee);
            faults.unless(outside, format!("{path}.invitations[{at}].invitee"), "is a member already");
        }
        self.blocks.iter().enumerate().for_each(|(at, block)| block.check(&format!("{path}.blocks[{at}]"), faults));
        let pairs: Vec<String> =
            self.blocks.iter().map(|block| format!("{}\u{0}{}", block.blockee, block.blocker)).collect();
        faults.twice(pairs.iter().enumerate().map(|(at, pair)| (format!("{path}.blocks[{at}]"), pair.as_str())));
        let paired = self.pair.is_empty() || self.room_type == Some(RoomType::Direct);
        faults.unless(paired && self.pair.len() <= 2, format!("{path}.pair"), "is the two of a direct room");
        // What does not look like a URL is a key.
        let webhook = self.webhook.as_deref().filter(|webhook| webhook.contains("://"));
        if let Some(fault) = webhook.and_then(fault_of_url) {
            faults.add(format!("{path}.webhook"), fault);
        }
        let object = self.data.as_ref().is_none_or(|data: &Json| data.text().starts_with('{'));
        faults.unless(object, format!("{path}.data"), "has to be an object");
        let owned = self.owner.as_ref().is_none_or(|owner| !owner.is_empty());
        faults.unless(owned, format!("{path}.owner"), "is empty");
    }

    fn check_preferences(&self, path: &str, faults: &mut Faults) {
        let members: HashSet<&str> = self.members.iter().map(UserId::as_str).collect();
        let preferences = self.preferences.iter().enumerate();
        let places = preferences.clone();
        faults.twice(places.map(|(at, state)| (format!("{path}.preferences[{at}].client"), state.client.as_str())));
        for (at, state) in preferences {
            let path = format!("{path}.preferences[{at}]");
            faults.unless(!state.client.is_empty(), format!("{path}.client"), "is empty");
            let gone = state.pref.quitted_at.is_none() || !members.contains(state.client.as_str());
            faults.unless(gone, format!("{path}.pref.quittedAt"), "is the time of leaving, and the client is a member");
        }
    }
}
