//! The written form of rooms: what state documents say of them, in the service's own words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use crate::domain::rooms::bans::Ban;
use crate::domain::rooms::info::{LiveInfo, RoomInfo, RoomType, TakeSeatMode};
use crate::domain::rooms::members::{Details, Member, Role};
use crate::domain::rooms::requests::SeatRequest;
use crate::domain::rooms::room::Room;
use crate::domain::rooms::seats::Seat;
use crate::domain::written::{List, Read};
use crate::kernel::clock::Timestamp;
use crate::kernel::names::{EntityId, UserId};
use crate::kernel::roster::Roster;

/// A member in a state document.
// Small, because a document may list a million.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "MemberWords", into = "MemberWords")]
pub struct MemberState {
    /// Who.
    pub account: UserId,
    /// `Admin`; absent for an ordinary member and for the owner.
    pub role: RoleState,
    robot: bool,
    /// Absent where nothing is set.
    details: Option<Box<Details>>,
}

/// Its words.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct MemberWords {
    /// Who.
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// `Admin`; absent for an ordinary member and for the owner.
    #[serde(default, skip_serializing_if = "is_plain")]
    role: RoleState,
    /// The name in the room.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name_card: String,
    /// Numeric tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    marks: Vec<u32>,
    /// Free text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    custom_info: String,
    /// Put in by the server.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_robot: bool,
}

impl From<MemberWords> for MemberState {
    fn from(words: MemberWords) -> Self {
        let MemberWords { account, role, name_card, marks, custom_info, is_robot } = words;
        let details = Details { name_card, marks, custom_info };
        let details = (details != Details::default()).then(|| Box::new(details));
        Self { account, role, robot: is_robot, details }
    }
}

impl From<MemberState> for MemberWords {
    fn from(MemberState { account, role, robot, details }: MemberState) -> Self {
        let Details { name_card, marks, custom_info } = details.map_or_else(Details::default, |details| *details);
        Self { account, role, name_card, marks, custom_info, is_robot: robot }
    }
}

/// A role in a state document; the owner's is decided by the room's `Owner_Account`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RoleState {
    /// The owner; only where `Owner_Account` says so too.
    Owner,
    /// Helps the owner.
    Admin,
    /// Everybody else.
    #[default]
    Member,
}

fn is_plain(role: &RoleState) -> bool {
    *role != RoleState::Admin
}

/// A ban in a state document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct BanState {
    /// Who.
    #[serde(rename = "Member_Account")]
    pub account: UserId,
    /// Until when, Unix seconds.
    pub banned_until: i64,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// A mute in a state document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct MuteState {
    /// Who.
    #[serde(rename = "Member_Account")]
    pub account: UserId,
    /// Until when, Unix seconds.
    pub muted_until: i64,
}

/// The members of a room that is being written.
#[derive(Clone, Copy, Debug)]
pub struct Present<'r>(&'r Room);

impl List for Present<'_> {
    fn is_empty(&self) -> bool {
        self.0.members.is_empty()
    }
}

impl Serialize for Present<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.members.iter().map(|(id, member)| MemberState::of(id, member)))
    }
}

/// A room in a state document; absent fields have the service's defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", bound(serialize = "Members: List + Serialize"))]
#[schemars(rename = "RoomState", bound = "Members: Read")]
pub struct RoomState<Members = Vec<MemberState>> {
    /// The id.
    pub room_id: EntityId,
    /// The name; absent: the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_name: Option<String>,
    /// The kind.
    #[serde(default)]
    pub room_type: RoomType,
    /// The host.
    #[serde(rename = "Owner_Account")]
    pub owner: UserId,
    /// Most members; absent: 300.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_member_count: Option<u64>,
    /// Number of seats; absent: 16 where seats are on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_seat_count: Option<u64>,
    /// Nobody may open the camera.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_video_disabled: bool,
    /// Nobody may open the microphone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_audio_disabled: bool,
    /// Nobody may send text.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_message_disabled: bool,
    /// Nobody may share the screen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_screen_sharing_disabled: bool,
    /// Nobody may record in the cloud.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_cloud_recording_disabled: bool,
    /// Free text of the app: up to 500 bytes.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub custom_info: String,
    /// Planned start, Unix seconds; absent: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule_start_time: Option<i64>,
    /// Planned end, Unix seconds; absent: an hour after the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule_end_time: Option<i64>,
    /// Whether there are seats.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_seat_enabled: bool,
    /// How they are taken; absent: freely where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub take_seat_mode: Option<TakeSeatMode>,
    /// When it was made, Unix seconds; absent: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create_time: Option<i64>,
    /// Whether entering wants a password.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_password_enabled: bool,
    /// The password.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub password: String,
    /// Who is inside, in the order of entering.
    #[serde(default, skip_serializing_if = "List::is_empty")]
    pub member_list: Members,
    /// Who is invited; not members.
    #[serde(rename = "ScheduleInviteeList_Account", default, skip_serializing_if = "Vec::is_empty")]
    pub invitees: Vec<UserId>,
    /// Seats by index; fewer than `MaxSeatCount` are filled up with empty ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seat_list: Vec<Seat>,
    /// Who may not enter, and until when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub banned_account_list: Vec<BanState>,
    /// Who may not send text, and until when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub muted_account_list: Vec<MuteState>,
    /// Who waits for a seat, in the order of asking.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seat_request_list: Vec<SeatRequest>,
    /// What only live rooms have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<LiveInfo>,
    /// Whether anybody ever entered; a room with members counts as entered, robots aside.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub entered: bool,
    /// Since when nobody is inside, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub empty_since_ms: Option<Timestamp>,
}

/// Most members where nobody says otherwise.
pub const MAX_MEMBERS: u64 = 300;
/// Seats where nobody says otherwise.
pub const SEATS: u64 = 16;
/// How long a meeting is planned where nobody says otherwise, in seconds.
pub const MEETING_SECONDS: i64 = 3600;

impl RoomState {
    /// The room that the document describes.
    pub fn to_room(&self, now: Timestamp) -> Room {
        let start = self.schedule_start_time.unwrap_or(now.seconds());
        let seats_on = if self.is_seat_enabled { SEATS } else { 0 };
        let mode = if self.is_seat_enabled { TakeSeatMode::FreeToTake } else { TakeSeatMode::None };
        let info = RoomInfo {
            room_id: self.room_id.clone(),
            room_name: self.room_name.clone().unwrap_or_else(|| self.room_id.to_string()),
            room_type: self.room_type,
            owner: self.owner.clone(),
            max_member_count: self.max_member_count.unwrap_or(MAX_MEMBERS),
            max_seat_count: self.max_seat_count.unwrap_or(seats_on),
            is_video_disabled: self.is_video_disabled,
            is_audio_disabled: self.is_audio_disabled,
            is_message_disabled: self.is_message_disabled,
            is_screen_sharing_disabled: self.is_screen_sharing_disabled,
            is_cloud_recording_disabled: self.is_cloud_recording_disabled,
            custom_info: self.custom_info.clone(),
            schedule_start_time: start,
            schedule_end_time: self.schedule_end_time.unwrap_or(start.saturating_add(MEETING_SECONDS)),
            is_seat_enabled: self.is_seat_enabled,
            take_seat_mode: self.take_seat_mode.unwrap_or(mode),
            create_time: self.create_time.unwrap_or(now.seconds()),
            is_password_enabled: self.is_password_enabled,
            password: self.password.clone(),
            live: self.live.clone().unwrap_or_default(),
        };
        let members: Roster<Member> = self.member_list.iter().map(MemberState::to_member).collect();
        let mut seats = self.seat_list.clone();
        seats.resize(usize::try_from(info.max_seat_count).unwrap_or(usize::MAX), Seat::default());
        let empty_since = if members.is_empty() { Some(self.empty_since_ms.unwrap_or(now)) } else { None };
        Room {
            entered: self.entered || members.iter().any(|(_, member)| !member.robot),
            info,
            members,
            seats,
            requests: self.seat_request_list.clone(),
            invitees: self.invitees.clone(),
            bans: self.banned_account_list.iter().map(BanState::to_ban).collect(),
            mutes: self
                .muted_account_list
                .iter()
                .map(|mute| (mute.account.clone(), Timestamp::from_seconds(mute.muted_until)))
                .collect(),
            empty_since,
            noted_end: None,
        }
    }

    /// The accounts that the room names.
    pub fn named(&self) -> impl Iterator<Item = &UserId> {
        let members = self.member_list.iter().map(|member| &member.account);
        let bans = self.banned_account_list.iter().map(|ban| &ban.account);
        let mutes = self.muted_account_list.iter().map(|mute| &mute.account);
        members.chain(bans).chain(mutes).chain([&self.owner])
    }
}

impl<'r> RoomState<Present<'r>> {
    /// The document's form of a room, everything said; bans and mutes that are over are left out.
    pub fn of(room: &'r Room, now: Timestamp) -> Self {
        let info = &room.info;
        Self {
            room_id: info.room_id.clone(),
            room_name: Some(info.room_name.clone()),
            room_type: info.room_type,
            owner: info.owner.clone(),
            max_member_count: Some(info.max_member_count),
            max_seat_count: Some(info.max_seat_count),
            is_video_disabled: info.is_video_disabled,
            is_audio_disabled: info.is_audio_disabled,
            is_message_disabled: info.is_message_disabled,
            is_screen_sharing_disabled: info.is_screen_sharing_disabled,
            is_cloud_recording_disabled: info.is_cloud_recording_disabled,
            custom_info: info.custom_info.clone(),
            schedule_start_time: Some(info.schedule_start_time),
            schedule_end_time: Some(info.schedule_end_time),
            is_seat_enabled: info.is_seat_enabled,
            take_seat_mode: Some(info.take_seat_mode),
            create_time: Some(info.create_time),
            is_password_enabled: info.is_password_enabled,
            password: info.password.clone(),
            member_list: Present(room),
            invitees: room.invitees.clone(),
            seat_list: room.seats.clone(),
            banned_account_list: room.bans_at(now).map(BanState::of).collect(),
            muted_account_list: room
                .mutes_at(now)
                .map(|(account, until)| MuteState { account: account.clone(), muted_until: until.seconds() })
                .collect(),
            seat_request_list: room.requests.clone(),
            live: Some(info.live.clone()).filter(|live| *live != LiveInfo::default()),
            entered: room.entered,
            empty_since_ms: room.empty_since,
        }
    }
}

impl BanState {
    fn to_ban(&self) -> (UserId, Ban) {
        let until = Timestamp::from_seconds(self.banned_until);
        (self.account.clone(), Ban { until, reason: self.reason.clone() })
    }

    fn of((account, ban): (&UserId, &Ban)) -> Self {
        Self { account: account.clone(), banned_until: ban.until.seconds(), reason: ban.reason.clone() }
    }
}

impl MemberState {
    fn to_member(&self) -> (UserId, Member) {
        let role = if self.role == RoleState::Admin { Role::Admin } else { Role::Member };
        (self.account.clone(), Member { role, robot: self.robot, details: self.details.clone() })
    }

    fn of(id: &UserId, member: &Member) -> Self {
        Self {
            account: id.clone(),
            role: if member.role == Role::Admin { RoleState::Admin } else { RoleState::Member },
            robot: member.robot,
            details: member.details.clone(),
        }
    }
}
