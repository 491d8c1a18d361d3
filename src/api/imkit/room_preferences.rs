//! Room preferences: of the calling client, and of the user groups that it is in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::imkit::fields::{Flag, Nothing};
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::rooms::acting;
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::json::Json;
use crate::domain::imkit::room::{Actor, Room};
use crate::domain::imkit::room_preferences::{PreferenceChange, RoomPreference};
use crate::domain::invalid::Invalid;
use crate::kernel::names::{EntityId, UserId};
use crate::kernel::turn::Turn;

/// Sets what is given; what is absent or `null` stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct SetRoomPref {
    /// Personal tags, instead of those before.
    tags: Option<Vec<String>>,
    /// A colour for each tag: an object.
    tag_colors: Option<Json>,
    /// A folder's name.
    folder: Option<String>,
    /// Stored, not used.
    muted: Option<Flag>,
    /// On top.
    sticky: Option<Flag>,
    /// Not shown.
    hidden: Option<Flag>,
    /// Translate messages.
    translation: Option<Flag>,
}

impl SetRoomPref {
    fn check(self) -> Result<PreferenceChange, Invalid> {
        if let Some(wrong) = self.tag_colors.as_ref().filter(|colors| !colors.text().starts_with('{')) {
            let why =
                format!("is {}, and has to be an object: a colour for each tag", crate::api::why::cut(wrong.text()));
            return Err(Invalid::new("tagColors", why));
        }
        let flag = |flag: Option<Flag>| flag.map(|flag| flag.0);
        Ok(PreferenceChange {
            tags: self.tags,
            tag_colors: self.tag_colors,
            folder: self.folder,
            muted: flag(self.muted),
            sticky: flag(self.sticky),
            hidden: flag(self.hidden),
            translation: flag(self.translation),
        })
    }
}

/// The preferences of one client or group, by room.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoomPrefs {
    total_count: usize,
    data: Vec<RoomPreference>,
}

/// The user group that the path names, for those who are in it.
fn group(call: &Call<Imkit>) -> Result<UserId, ImkitError> {
    let id = UserId::new(call.arrival.param("group"));
    let Some(group) = call.app.users.groups().get(&id) else {
        return Err(ImkitError::ClientMissing { field: "group", client: id });
    };
    let Actor { client, admin } = call.actor();
    // Assumed: the preferences of a user group are for its clients and the platform administrator; others get 403.
    if *admin || group.members.contains(client) {
        return Ok(id);
    }
    Err(ImkitError::NotInGroup { by: client.clone(), group: id })
}

fn list(call: &Call<Imkit>, whose: &UserId) -> RoomPrefs {
    let rooms = &call.app.rooms;
    let ids = rooms.ties().preferring(whose);
    let of_room = |id: &EntityId| {
        let preference = rooms.registry().read(id, |room| room.preferences.get(whose).cloned()).flatten();
        Some(RoomPreference { room: id.clone(), preference: preference? })
    };
    let data: Vec<RoomPreference> = ids.iter().filter_map(of_room).collect();
    RoomPrefs { total_count: data.len(), data }
}

fn change(
    call: &Call<Imkit>,
    change: impl FnOnce(&mut Room, &mut Turn<'_>, &UserId) -> RoomPreference,
) -> Result<RoomPreference, ImkitError> {
    call.app.rooms.change(&call.origin(), call.room(), |room, turn| {
        // Assumed: preferences are changed by members of the room; who left keeps them as they are.
        room.check_member(call.actor())?;
        Ok(change(room, turn, &call.actor().client))
    })
}

fn set(call: &Call<Imkit>, whose: &UserId, given: PreferenceChange) -> Result<RoomPreference, ImkitError> {
    change(call, |room, turn, by| room.prefer(turn, by, whose, |preference| preference.merge(given)))
}

fn unset(call: &Call<Imkit>, whose: &UserId) -> Result<RoomPreference, ImkitError> {
    // Assumed: taking away a preference that is not known or not set changes nothing.
    let key = call.arrival.param("key");
    change(call, |room, turn, by| room.unset_preference(turn, by, whose, key))
}

/// `GET /roomPrefs`.
///
/// # Errors
/// None.
pub async fn list_room_prefs(call: Call<Imkit>, _: Nothing) -> Result<RoomPrefs, ImkitError> {
    Ok(list(&call, &call.actor().client))
}

/// `POST /roomPrefs/:room`.
///
/// # Errors
/// 400 for a field, 403 for others than members, 404 no such room.
pub async fn set_room_pref(call: Call<Imkit>, request: SetRoomPref) -> Result<RoomPreference, ImkitError> {
    let (whose, given) = (&acting(&call)?.client, request.check()?);
    set(&call, whose, given)
}

/// `DELETE /roomPrefs/:room/:key`: what remains is the answer.
///
/// # Errors
/// 403 for others than members, 404 no such room.
pub async fn unset_room_pref(call: Call<Imkit>, _: Nothing) -> Result<RoomPreference, ImkitError> {
    unset(&call, &acting(&call)?.client)
}

/// `GET /roomPrefs/group/:group`.
///
/// # Errors
/// 403 for clients outside the group, 404 no such group.
pub async fn list_group_prefs(call: Call<Imkit>, _: Nothing) -> Result<RoomPrefs, ImkitError> {
    Ok(list(&call, &group(&call)?))
}

/// `POST /roomPrefs/:room/group/:group`.
///
/// # Errors
/// 400 for a field, 403 for clients outside the group or the room, 404 no such group or room.
pub async fn set_group_pref(call: Call<Imkit>, request: SetRoomPref) -> Result<RoomPreference, ImkitError> {
    let given = request.check()?;
    set(&call, &group(&call)?, given)
}

/// `DELETE /roomPrefs/:room/group/:group/:key`.
///
/// # Errors
/// 403 for clients outside the group or the room, 404 no such group or room.
pub async fn unset_group_pref(call: Call<Imkit>, _: Nothing) -> Result<RoomPreference, ImkitError> {
    unset(&call, &group(&call)?)
}
