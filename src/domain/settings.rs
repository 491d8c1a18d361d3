//! Settings of a tenant: the switches that the references name, and changed limits.
//!
//! Each option has the default that the reference decides; docs/fidelity.md lists them with their reasons.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which age of the Tencent Chat service is emulated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// The service of 2019: five group types with BChatRoom, 500 accounts a call, `ShutUp…` field names.
    #[default]
    Seed,
    /// The service of 2022 and later: Community instead of BChatRoom, smaller batches, `Mute…` field names.
    Current,
}

/// What happens to a kick whose list names some who are not in the room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KickPartial {
    /// 100005, and nobody is removed.
    #[default]
    Refuse,
    /// Those present are removed; refused only if none is.
    Skip,
}

/// Whom a silent removal from a group still tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SilentKick {
    /// Nobody.
    #[default]
    TellsNobody,
    /// Those who were removed.
    TellsTheRemoved,
}

/// Switches of a Tencent application.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TencentOptions {
    /// Which age of the Chat service: limits, field names, group types.
    /// Page: <https://cloud.tencent.com/document/product/269/1502>.
    pub profile: Profile,
    /// `kick_user_out` with somebody in the list who is not in the room.
    /// Page: <https://trtc.io/document/60708>.
    pub kick_partial: KickPartial,
    /// `create_room` puts the owner into the room.
    /// Page: <https://trtc.io/document/60707>.
    pub owner_enters: bool,
    /// `create_room` imports an owner whose account is unknown, instead of refusing it with 100002.
    /// Page: <https://trtc.io/document/60707>.
    pub import_owner: bool,
    /// `get_room_member_list` says `RoomOwner` for the owner's role, as its sample does.
    /// Page: <https://trtc.io/document/60715>.
    pub room_owner_word: bool,
    /// `create_room` refuses an id used within the last second with 100012.
    /// Page: <https://trtc.io/document/60707>.
    pub create_interval: bool,
    /// Entering a room is refused to accounts that were never imported.
    /// Page: <https://cloud.tencent.com/document/product/269/1608>.
    pub strict_accounts: bool,
    /// `ban_room_member` bans accounts that are not in the room, instead of refusing them with 100005.
    /// Page: <https://trtc.io/document/60711>.
    pub ban_allow_absent: bool,
    /// `kick_user_off_seat` of an account that is not on a seat is a success, instead of 100206.
    /// Page: <https://trtc.io/document/60717>.
    pub seat_kick_absent: bool,
    /// `""` in an update clears the text, instead of counting as absent.
    /// Page: <https://trtc.io/document/60705>.
    pub empty_clears: bool,
    /// Most administrators of a room, above which 100020 is answered; absent: any number.
    /// Page: <https://trtc.io/document/60714>.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room_admins_max: Option<u64>,
    /// Most robots of a room, above which 100700 is answered; absent: 10, in a live room 3.
    /// Page: <https://trtc.io/document/70467>.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room_robots_max: Option<u64>,
    /// The app has no package: making a room and changing one answer 100007.
    /// Page: <https://trtc.io/document/60703>.
    pub no_package: bool,
    /// Whom `delete_group_member` with `Silence` 1 tells.
    /// Page: <https://cloud.tencent.com/document/product/269/1622>.
    pub silent_kick: SilentKick,
    /// `delete_group_member` with too many accounts answers 10005 instead of 10004.
    /// Page: <https://cloud.tencent.com/document/product/269/1622>.
    pub kick_count_code: bool,
    /// `add_group_member` gives an unknown account Result 0 instead of refusing the call with 10019.
    /// Page: <https://cloud.tencent.com/document/product/269/1621>.
    pub unknown_members: bool,
    /// `add_group_member` fills a nearly full group up and gives the rest Result 0 instead of refusing with 10014.
    /// Page: <https://cloud.tencent.com/document/product/269/1621>.
    pub fill_up: bool,
    /// Chat replies have their keys in alphabetical order, as the live server prints them.
    /// Page: <https://cloud.tencent.com/document/product/269/1519>.
    pub alphabetical: bool,
    /// Tips that members see (joined, removed) count as messages and raise `NextMsgSeq`; on unless turned off.
    /// Page: <https://cloud.tencent.com/document/product/269/1502>.
    pub tips_count: Switch,
    /// `kick` also ends the signatures of administrators that were made before it.
    /// Page: <https://cloud.tencent.com/document/product/269/3853>.
    pub kick_administrators: bool,
    /// `query_online_status` adds `State`, the samples' name of `Status`.
    /// Page: <https://cloud.tencent.com/document/product/269/2566>.
    pub online_state_word: bool,
    /// A missing or wrong `contenttype` answers 60025.
    /// Page: <https://cloud.tencent.com/document/product/269/1519>.
    pub strict_contenttype: bool,
    /// Callbacks about what has happened are sent once more, at once, after a time-out.
    /// Page: <https://cloud.tencent.com/document/product/269/1522>.
    pub repeat_callbacks: bool,
    /// A message whose `Group.CallbackBeforeSendMsg` gets no answer is refused with 80003 instead of sent.
    /// Page: <https://cloud.tencent.com/document/product/269/1522>.
    pub failed_callback_blocks: bool,
    /// The custom fields that groups may carry; absent: any.
    /// Page: <https://cloud.tencent.com/document/product/269/1615>.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_keys: Option<Vec<String>>,
    /// The custom fields that members may carry; absent: any.
    /// Page: <https://cloud.tencent.com/document/product/269/1615>.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member_keys: Option<Vec<String>>,
}

/// A switch that is on unless it is turned off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Switch(pub bool);

impl Default for Switch {
    fn default() -> Self {
        Self(true)
    }
}

/// Changed limits and rates: by `[service/]command.JSON.path` or `….per_second`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Limits(pub BTreeMap<String, u64>);

impl Limits {
    /// The changed maximum of a command's field, if there is one; a name with its service wins over one without.
    pub fn of(&self, service: &str, command: &str, field: &str) -> Option<u64> {
        if self.0.is_empty() {
            return None;
        }
        let long = self.0.get(&format!("{service}/{command}.{field}"));
        long.or_else(|| self.0.get(&format!("{command}.{field}"))).copied()
    }
}

/// Where a Tencent application's callbacks go.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Callbacks {
    /// The receiver, `http://` or `https://`.
    pub url: String,
    /// The token that `Sign` is made with; absent: no `Sign`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Which callbacks are switched on.
    #[serde(default)]
    pub commands: Vec<String>,
}

/// The Room Engine's own configuration of callbacks, as `room_config` commands keep it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct RoomCallbacks {
    /// The receiver, `http://` or `https://`.
    pub url: String,
    /// Which callbacks are sent.
    pub callback_command_list: Vec<String>,
}

/// Which shape of a room the removal of members answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RemovalShape {
    /// The new shape, and `lastRead`, `lastLoginTime` and `messageTime` of the old one (D-1).
    #[default]
    Both,
    /// The new shape alone.
    New,
}

/// What setting a property of a member answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PropertyReply {
    /// The room (D-19).
    #[default]
    Room,
    /// The member's own entry, as the oldest pages show it.
    Property,
}

/// Switches of an IMKIT application; the numbers are those of the reference's table of open questions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ImkitOptions {
    /// D-1: the shape of the room that removing members answers.
    /// Page: <https://docs.imkit.io/en/room/room-members/remove-a-member>.
    pub removal_shape: RemovalShape,
    /// D-12: unknown client ids become members instead of failing the call with 404.
    /// Page: <https://docs.imkit.io/en/room/room-members/add-a-member>.
    pub unknown_members: bool,
    /// D-14: removing somebody who is not a member is ignored instead of failing the call with 404.
    /// Page: <https://docs.imkit.io/en/room/room-members/remove-a-member>.
    pub absent_members: bool,
    /// Rule 8: what an absent `invitationRequired` means.
    /// Page: <https://docs.imkit.io/en/room/room-members/add-a-member>.
    pub invitation_required: bool,
    /// D-2: a client has to send its own id in IM-CLIENT-ID.
    /// Page: <https://docs.imkit.io/en/room/room-management/list-rooms>.
    pub client_id_required: bool,
    /// D-4: a new token makes the client's older ones invalid.
    /// Page: <https://docs.imkit.io/en/user/user-token/issue-token>.
    pub single_token: bool,
    /// D-8: sending to a room that does not exist answers 404 instead of 403.
    /// Page: <https://docs.imkit.io/en/message/message-basic/send-a-message>.
    pub missing_room_is_404: bool,
    /// D-9: only superusers of a room may remove other members.
    /// Page: <https://docs.imkit.io/en/room/room-members/remove-a-member>.
    pub managers_remove: bool,
    /// D-18: only superusers may update or delete a room, also where it has neither owner nor managers.
    /// Page: <https://docs.imkit.io/en/room/room-management/update-a-room>.
    pub superusers_update: bool,
    /// D-19: what setting a member's property answers.
    /// Page: <https://docs.imkit.io/en/room/room-members/update-member-property>.
    pub property_reply: PropertyReply,
    /// What stands in front of a room's `webhook` that is a key and no URL; absent: such rooms tell nobody.
    /// Page: <https://docs.imkit.io/en/room/room-management/update-a-room>.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_prefix: Option<String>,
    /// D-21: the client key alone may not sign tokens.
    /// Page: <https://docs.imkit.io/en/user/user-token/issue-token>.
    pub no_sandbox: bool,
}
