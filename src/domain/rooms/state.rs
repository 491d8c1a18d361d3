//! The written form of rooms: what state documents say of them, in the service's own words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::rooms::room::{Details, Member, Role, Room};
use crate::kernel::clock::Timestamp;
use crate::kernel::names::{EntityId, UserId};
use crate::kernel::roster::Roster;

/// The kind of a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RoomType {
    /// A meeting.
    #[default]
    Conference,
    /// A live room; made by the live service.
    Live,
}

impl RoomType {
    /// The service's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Conference => "Conference",
            Self::Live => "Live",
        }
    }
}

/// How people get on a seat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TakeSeatMode {
    /// There are no seats.
    #[default]
    None,
    /// Whoever comes first.
    FreeToTake,
    /// By asking.
    ApplyToTake,
}

/// What a room is, its members aside.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomInfo {
    /// The id: 1 to 48 bytes.
    pub room_id: EntityId,
    /// The name shown: up to 100 bytes.
    pub room_name: String,
    /// The kind.
    pub room_type: RoomType,
    /// The host.
    pub owner: UserId,
    /// Most members.
    pub max_member_count: u64,
    /// Number of seats; 0 where they are off.
    pub max_seat_count: u64,
    /// Nobody may open the camera.
    pub is_video_disabled: bool,
    /// Nobody may open the microphone.
    pub is_audio_disabled: bool,
    /// Nobody may send text.
    pub is_message_disabled: bool,
    /// Nobody may share the screen.
    pub is_screen_sharing_disabled: bool,
    /// Nobody may record in the cloud.
    pub is_cloud_recording_disabled: bool,
    /// Free text of the app: up to 500 bytes.
    pub custom_info: String,
    /// Planned start, Unix seconds.
    pub schedule_start_time: i64,
    /// Planned end, Unix seconds.
    pub schedule_end_time: i64,
    /// Whether there are seats.
    pub is_seat_enabled: bool,
    /// How they are taken.
    pub take_seat_mode: TakeSeatMode,
    /// When it was made, Unix seconds.
    pub create_time: i64,
    /// Whether entering wants a password.
    pub is_password_enabled: bool,
    /// The password.
    pub password: String,
}

/// A seat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct Seat {
    /// Who sits there.
    #[serde(rename = "Member_Account", skip_serializing_if = "Option::is_none")]
    pub member: Option<UserId>,
    /// Locked.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_taken_disabled: bool,
    /// No video from it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_video_disabled: bool,
    /// No audio from it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_audio_disabled: bool,
}

/// A seat as facts tell of it: the service's own form of a changed seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChangedSeat {
    /// Which seat, counted from 0.
    pub index: usize,
    // Assumed: a seat that was freed names the empty account instead of none.
    /// Who sits there now; empty for nobody.
    #[serde(rename = "Member_Account")]
    pub member: UserId,
    /// Locked.
    pub is_taken_disabled: bool,
    /// No video from it.
    pub is_video_disabled: bool,
    /// No audio from it.
    pub is_audio_disabled: bool,
}

impl ChangedSeat {
    /// The seat of this number as it is now.
    pub fn of(index: usize, seat: &Seat) -> Self {
        Self {
            index,
            member: seat.member.clone().unwrap_or_default(),
            is_taken_disabled: seat.is_taken_disabled,
            is_video_disabled: seat.is_video_disabled,
            is_audio_disabled: seat.is_audio_disabled,
        }
    }
}

/// A member in a state document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct MemberState {
    /// Who.
    #[serde(rename = "Member_Account")]
    pub account: UserId,
    /// `Admin`; absent for an ordinary member and for the owner.
    #[serde(default, skip_serializing_if = "is_plain")]
    pub role: RoleState,
    /// The name in the room.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name_card: String,
    /// Numeric tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<u32>,
    /// Free text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub custom_info: String,
    /// Put in by the server.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_robot: bool,
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
}

/// A room in a state document; absent fields have the service's defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct RoomState {
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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub member_list: Vec<MemberState>,
    /// Who is invited; not members.
    #[serde(rename = "ScheduleInviteeList_Account", default, skip_serializing_if = "Vec::is_empty")]
    pub invitees: Vec<UserId>,
    /// Seats by index; fewer than `MaxSeatCount` are filled up with empty ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seat_list: Vec<Seat>,
    /// Who may not enter, and until when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub banned_account_list: Vec<BanState>,
    /// Whether anybody ever entered; a room with members counts as entered.
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
        };
        let members: Roster<Member> = self.member_list.iter().map(MemberState::to_member).collect();
        let mut seats = self.seat_list.clone();
        seats.resize(usize::try_from(info.max_seat_count).unwrap_or(usize::MAX), Seat::default());
        let empty_since = if members.is_empty() { Some(self.empty_since_ms.unwrap_or(now)) } else { None };
        Room {
            entered: self.entered || !members.is_empty(),
            info,
            members,
            seats,
            invitees: self.invitees.clone(),
            bans: self
                .banned_account_list
                .iter()
                .map(|ban| (ban.account.clone(), Timestamp::from_seconds(ban.banned_until)))
                .collect(),
            empty_since,
        }
    }

    /// The document's form of a room, everything said.
    pub fn of(room: &Room) -> Self {
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
            member_list: room.members.iter().map(|(id, member)| MemberState::of(id, member)).collect(),
            invitees: room.invitees.clone(),
            seat_list: room.seats.clone(),
            banned_account_list: room
                .bans
                .iter()
                .map(|(account, until)| BanState { account: account.clone(), banned_until: until.seconds() })
                .collect(),
            entered: room.entered,
            empty_since_ms: room.empty_since,
        }
    }
}

impl MemberState {
    fn to_member(&self) -> (UserId, Member) {
        let details = Details {
            name_card: self.name_card.clone(),
            marks: self.marks.clone(),
            custom_info: self.custom_info.clone(),
        };
        let role = if self.role == RoleState::Admin { Role::Admin } else { Role::Member };
        let details = (details != Details::default()).then(|| Box::new(details));
        (self.account.clone(), Member { role, robot: self.is_robot, details })
    }

    fn of(id: &UserId, member: &Member) -> Self {
        let details = member.details.as_deref().cloned().unwrap_or_default();
        Self {
            account: id.clone(),
            role: if member.role == Role::Admin { RoleState::Admin } else { RoleState::Member },
            name_card: details.name_card,
            marks: details.marks,
            custom_info: details.custom_info,
            is_robot: member.robot,
        }
    }
}
