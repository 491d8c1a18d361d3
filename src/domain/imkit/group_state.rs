//! The written form of user groups and of blocks.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::imkit::blocks::Block;
use crate::domain::imkit::json::{Json, get};
use crate::domain::imkit::user::{Client, Users};
use crate::domain::imkit::user_groups::{UserGroup, record};
use crate::domain::imkit::user_state::ClientState;
use crate::domain::state::Faults;
use crate::kernel::clock::Timestamp;
use crate::kernel::names::UserId;

/// A user group in a state document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct GroupState {
    /// The id.
    #[serde(rename = "_id")]
    pub id: UserId,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nickname: Option<Json>,
    /// Its picture's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<Json>,
    /// Who is in it; ids without a client stay bare ids.
    #[serde(default)]
    pub members: Vec<UserId>,
    /// When it was made; absent: now.
    #[serde(with = "crate::domain::imkit::iso::optional", default)]
    #[schemars(with = "Option<String>")]
    pub created_at: Option<Timestamp>,
    /// When it last changed; absent: never since.
    #[serde(with = "crate::domain::imkit::iso::optional", default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub updated_at: Option<Timestamp>,
    /// Its whole record as a client, where that holds more than the name and the picture given here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<ClientState>,
}

impl GroupState {
    /// Puts the group in place.
    pub fn put(&self, users: &Users, now: Timestamp) {
        let created = self.created_at.unwrap_or(now);
        let texts = [("nickname", self.nickname.as_ref()), ("avatarUrl", self.avatar_url.as_ref())];
        let plain = || record(self.id.clone(), texts, self.updated_at.or(Some(created)));
        let client = self.record.as_ref().map_or_else(plain, |state| state.0.clone());
        users.restore_group(client, UserGroup { members: self.members.clone().into(), created });
    }

    /// The document's form of a group.
    pub fn of(client: &Client, group: &UserGroup) -> Self {
        let (nickname, avatar_url) = (get(&client.fields, "nickname"), get(&client.fields, "avatarUrl"));
        let plain = record(client.id.clone(), [("nickname", nickname), ("avatarUrl", avatar_url)], client.updated);
        let (plain, members) = (plain == *client && client.updated.is_some(), group.members.to_vec());
        let state = Self { id: client.id.clone(), members, created_at: Some(group.created), ..Self::default() };
        if !plain {
            return Self { record: Some(ClientState(client.clone())), ..state };
        }
        let (nickname, avatar_url) = (nickname.cloned(), avatar_url.cloned());
        Self { nickname, avatar_url, updated_at: client.updated, ..state }
    }

    /// Notes every fault of this group; these ids are clients and groups of the document.
    pub fn check(&self, path: &str, clients: &HashSet<&str>, groups: &HashSet<&str>, faults: &mut Faults) {
        faults.unless(!self.id.is_empty(), format!("{path}._id"), "is empty");
        let own = self.record.as_ref().is_none_or(|record| record.0.id == self.id);
        faults.unless(own, format!("{path}.record._id"), "is not the group's");
        faults.unless(!clients.contains(self.id.as_str()), format!("{path}._id"), "is a client's");
        for (name, text) in [("nickname", &self.nickname), ("avatarUrl", &self.avatar_url)] {
            let is_text = text.as_ref().is_none_or(|text| text.inner().is_some());
            faults.unless(is_text, format!("{path}.{name}"), "has to be a string");
        }
        let members = self.members.iter().enumerate().map(|(at, id)| (format!("{path}.members[{at}]"), id.as_str()));
        for (place, id) in members.clone() {
            faults.unless(!id.is_empty(), place.clone(), "is empty");
            faults.unless(!groups.contains(id), place, "is a user group, and user groups consist of clients");
        }
        faults.twice(members);
    }
}

/// A block in a state document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct BlockState {
    /// Who blocks; absent for the platform administrator.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub blocker: UserId,
    /// Who is blocked.
    pub blockee: UserId,
    /// When it was made; absent: now.
    #[serde(with = "crate::domain::imkit::iso::optional", default)]
    #[schemars(with = "Option<String>")]
    pub created_at: Option<Timestamp>,
    /// When it was last repeated; absent: then too.
    #[serde(with = "crate::domain::imkit::iso::optional", default)]
    #[schemars(with = "Option<String>")]
    pub updated_at: Option<Timestamp>,
}

impl BlockState {
    /// The block that the document describes.
    pub fn to_block(&self, now: Timestamp) -> Block {
        let created = self.created_at.unwrap_or(now);
        let updated = self.updated_at.unwrap_or(created);
        Block { blocker: self.blocker.clone(), blockee: self.blockee.clone(), created, updated }
    }

    /// The document's form of a block.
    pub fn of(block: &Block) -> Self {
        Self {
            blocker: block.blocker.clone(),
            blockee: block.blockee.clone(),
            created_at: Some(block.created),
            updated_at: Some(block.updated),
        }
    }

    /// Notes every fault of this block.
    pub fn check(&self, path: &str, faults: &mut Faults) {
        faults.unless(!self.blockee.is_empty(), format!("{path}.blockee"), "is empty");
        faults.unless(self.blockee != self.blocker, format!("{path}.blockee"), "is the blocker too");
    }
}
