//! User groups: clients that nobody is, whose id lets all clients in them into a room.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::decode::optional;
use crate::api::imkit::codes::MISSING_PARAMETER;
use crate::api::imkit::fields::{ClientIds, number};
use crate::api::imkit::gateway::Imkit;
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::json::{Json, Members, get};
use crate::domain::imkit::user::Client;
use crate::domain::imkit::user_groups::UserGroup;
use crate::domain::invalid::Invalid;
use crate::kernel::names::UserId;

/// Makes a user group, or sets what is given.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct PutGroup {
    /// The id; absent: a new one.
    #[serde(rename = "_id", deserialize_with = "optional")]
    id: Option<UserId>,
    /// The name; a new group needs one.
    #[serde(deserialize_with = "optional")]
    nickname: Option<String>,
    avatar_url: Option<String>,
    /// Who is in it, instead of those before.
    members: Option<ClientIds>,
}

/// A user group, as making it answers.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupRecord {
    #[serde(rename = "_id")]
    id: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    nickname: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar_url: Option<Json>,
    members: Vec<UserId>,
    created_at: String,
    updated_at: String,
}

/// `POST /admin/groups`: what is not given stays.
///
/// # Errors
/// 400 for a field, 404 for a member who is no client, 409 for an id that is a client's.
pub async fn put_group(call: Call<Imkit>, request: PutGroup) -> Result<GroupRecord, ImkitError> {
    let users = &call.app.users;
    let known = request.id.as_ref().is_some_and(|id| users.get(id).is_some());
    // Assumed: a user group that exists keeps its name where none is given.
    if request.nickname.is_none() && !known {
        return Err(Invalid::required("nickname").with_info(MISSING_PARAMETER).into());
    }
    let members = request.members.map(|ids| ids.0);
    let texts = [("nickname", request.nickname), ("avatarUrl", request.avatar_url)];
    let given = texts.into_iter().filter_map(|(name, text)| Some((name.into(), Json::string(&text?))));
    let fields: Members = given.collect();
    let unknown_members = call.settings().options.unknown_members;
    // An id is drawn only for a call that will succeed.
    users.check_group(request.id.as_ref(), members.as_deref().unwrap_or_default(), unknown_members)?;
    let fresh = || UserId::new(call.app.tenancy.ids.object_id(call.now().seconds()));
    let id = request.id.unwrap_or_else(fresh);
    let (client, group) = users.put_group(&call.origin(), &id, fields, members);
    Ok(GroupRecord {
        nickname: get(&client.fields, "nickname").cloned(),
        avatar_url: get(&client.fields, "avatarUrl").cloned(),
        members: group.members.to_vec(),
        created_at: group.created.to_string(),
        updated_at: client.updated.unwrap_or(group.created).to_string(),
        id,
    })
}

/// Lists user groups.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListGroups {
    /// How many at most; 0 or absent: all.
    limit: Option<String>,
}

/// A user group in a list.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupLine {
    #[serde(rename = "_id")]
    id: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    nickname: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar_url: Option<Json>,
    members: Vec<UserId>,
    #[serde(rename = "id")]
    twin: UserId,
}

impl GroupLine {
    fn of(client: &Client, group: &UserGroup) -> Self {
        Self {
            id: client.id.clone(),
            nickname: get(&client.fields, "nickname").cloned(),
            avatar_url: get(&client.fields, "avatarUrl").cloned(),
            members: group.members.to_vec(),
            twin: client.id.clone(),
        }
    }
}

/// User groups.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupPage {
    total_count: usize,
    data: Vec<GroupLine>,
}

/// `GET /admin/groups`: sorted by id.
///
/// # Errors
/// 400 for a limit that is no number.
pub async fn list_groups(call: Call<Imkit>, request: ListGroups) -> Result<GroupPage, ImkitError> {
    // Assumed: user groups are listed by id, all of them where no limit is given.
    let limit = number("limit", request.limit.as_deref())?.filter(|limit| *limit > 0).unwrap_or(usize::MAX);
    let all = call.app.users.all_groups();
    let data = all.iter().take(limit).map(|(client, group)| GroupLine::of(client, group)).collect();
    Ok(GroupPage { total_count: all.len(), data })
}
