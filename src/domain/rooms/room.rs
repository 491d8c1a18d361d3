//! Room: one Room Engine room, made and ended. Its rules stand by noun in the files beside this one.

use std::collections::HashSet;
use std::sync::Arc;

use crate::domain::invalid::Invalid;
use crate::domain::rooms::bans::Ban;
use crate::domain::rooms::error::RoomError;
use crate::domain::rooms::info::{CreatedRoom, RoomInfo, RoomType, UpdatedRoom};
use crate::domain::rooms::members::Member;
use crate::domain::rooms::requests::SeatRequest;
use crate::domain::rooms::seats::Seat;
use crate::domain::rooms::way::Way;
use crate::kernel::clock::Timestamp;
use crate::kernel::fact::{Audience, Fact, Field, Fields};
use crate::kernel::names::UserId;
use crate::kernel::registry::Entity;
use crate::kernel::roster::Roster;
use crate::kernel::turn::Turn;

/// A room.
#[derive(Clone, Debug)]
pub struct Room {
    /// What `get_room_info` shows, the member count aside.
    pub info: RoomInfo,
    /// Who is inside.
    pub members: Roster<Member>,
    /// One for each seat; empty where seats are off.
    pub seats: Vec<Seat>,
    /// Who waits for a seat, in the order of asking.
    pub requests: Vec<SeatRequest>,
    /// Who is invited to a scheduled meeting; not members.
    pub invitees: Vec<UserId>,
    /// Who may not enter, and until when; some may be over.
    pub bans: Roster<Ban>,
    /// Who may not send text, and until when; some may be over.
    pub mutes: Roster<Timestamp>,
    /// Whether a client ever entered.
    pub entered: bool,
    /// Since when nobody is inside.
    pub empty_since: Option<Timestamp>,
    /// When the room ends by itself, as it was last noted among the ends of all rooms.
    pub noted_end: Option<Timestamp>,
}

impl Entity for Room {
    const KIND: &'static str = "room";

    fn each_member(&self, visit: &mut dyn FnMut(&UserId)) {
        self.members.ids().for_each(visit);
    }

    fn joined(&self, user: &str) -> Option<u64> {
        self.members.joined(user)
    }
}

/// What an update changes; absent fields stay.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "each field is the room's of the same name")]
pub struct InfoChange {
    pub room_name: Option<String>,
    pub max_member_count: Option<u64>,
    pub is_video_disabled: Option<bool>,
    pub is_audio_disabled: Option<bool>,
    pub is_message_disabled: Option<bool>,
    pub is_screen_sharing_disabled: Option<bool>,
    pub is_cloud_recording_disabled: Option<bool>,
    pub custom_info: Option<String>,
    pub take_seat_mode: Option<crate::domain::rooms::info::TakeSeatMode>,
    pub is_password_enabled: Option<bool>,
    pub password: Option<String>,
    pub cover_url: Option<String>,
    pub category: Option<Vec<u32>>,
    pub activity_status: Option<i64>,
    pub is_public_visible: Option<bool>,
    pub notice: Option<String>,
}

impl Room {
    /// A new room, as its creator describes it.
    pub fn create(turn: &mut Turn<'_>, info: RoomInfo, invitees: Vec<UserId>, owner_enters: bool) -> Self {
        let seats = (0..info.max_seat_count).map(|_| Seat::default()).collect();
        let mut room = Self {
            info,
            members: Roster::new(),
            seats,
            requests: Vec::new(),
            invitees,
            bans: Roster::new(),
            mutes: Roster::new(),
            entered: false,
            empty_since: Some(turn.now),
            noted_end: None,
        };
        // Assumed: a room that a server makes is empty, because entering it is what a client does.
        if owner_enters {
            let owner = room.info.owner.clone();
            room.let_in(owner, Member::default());
        }
        let fields: Fields = vec![
            ("RoomInfo", Field::object(CreatedRoom::of(&room.info, room.status(turn.now)))),
            ("ScheduleInviteeList_Account", Field::object(room.invitees.clone())),
        ];
        // Assumed: the owner and the invitees are told of a new room.
        let mut told = room.invitees.clone();
        told.push(room.info.owner.clone());
        let mut seen = HashSet::new();
        told.retain(|id| seen.insert(id.clone()));
        let members = room.members.ids().cloned().collect();
        turn.record(Fact::Created { members, fields }, Audience::Accounts(told));
        room
    }

    /// Whether the caller may end the room.
    ///
    /// # Errors
    /// A client who is not the owner.
    pub fn may_destroy(&self, by: &UserId, way: &Way) -> Result<(), RoomError> {
        match way {
            Way::Client(_) if *by != self.info.owner => {
                Err(RoomError::NotPermitted { user: by.clone(), wanted: "the owner of the room" })
            }
            _ => Ok(()),
        }
    }

    /// Ends the room: everybody inside is told. `over` names the timer that ran out, if one did.
    pub fn destroy(self, turn: &mut Turn<'_>, way: &Way, over: Option<&'static str>) {
        // Assumed: the end of a room is one event, and no member is told to have left.
        let audience = Audience::members(&self.members, &[], None);
        let mut fields: Fields = vec![
            ("Owner_Account", self.info.owner.as_str().into()),
            ("dismissed_reason", way.dismissed_reason().into()),
        ];
        fields.extend(over.map(|timer| ("timer", timer.into())));
        fields.extend(way.fields());
        turn.record(Fact::Destroyed { members: Arc::new(self.members), fields }, audience);
    }

    /// Changes what the change names, and tells of the room as it is then.
    ///
    /// # Errors
    /// The room would want a password and have none.
    pub fn update(&mut self, turn: &mut Turn<'_>, change: InfoChange) -> Result<(), RoomError> {
        let enabled = change.is_password_enabled.unwrap_or(self.info.is_password_enabled);
        if enabled && change.password.as_ref().unwrap_or(&self.info.password).is_empty() {
            return Err(Invalid::new("RoomInfo.Password", "is empty, and IsPasswordEnabled is true").into());
        }
        let mut changed = Vec::new();
        let info = &mut self.info;
        let mut news = Changes(&mut changed);
        // Assumed: an empty name is the room's id, as where none is given at its creation.
        let name = change.room_name.map(|name| if name.is_empty() { info.room_id.to_string() } else { name });
        news.set("RoomName", &mut info.room_name, name);
        news.set("MaxMemberCount", &mut info.max_member_count, change.max_member_count);
        news.set("IsVideoDisabled", &mut info.is_video_disabled, change.is_video_disabled);
        news.set("IsAudioDisabled", &mut info.is_audio_disabled, change.is_audio_disabled);
        news.set("IsMessageDisabled", &mut info.is_message_disabled, change.is_message_disabled);
        news.set("IsScreenSharingDisabled", &mut info.is_screen_sharing_disabled, change.is_screen_sharing_disabled);
        news.set("IsCloudRecordingDisabled", &mut info.is_cloud_recording_disabled, change.is_cloud_recording_disabled);
        news.set("CustomInfo", &mut info.custom_info, change.custom_info);
        news.set("TakeSeatMode", &mut info.take_seat_mode, change.take_seat_mode);
        news.set("IsPasswordEnabled", &mut info.is_password_enabled, change.is_password_enabled);
        news.set("Password", &mut info.password, change.password);
        news.set("CoverURL", &mut info.live.cover_url, change.cover_url);
        news.set("Category", &mut info.live.category, change.category);
        news.set("ActivityStatus", &mut info.live.activity_status, change.activity_status);
        news.set("IsPublicVisible", &mut info.live.is_public_visible, change.is_public_visible);
        news.set("Notice", &mut info.live.notice, change.notice);
        self.tell_info(turn, changed);
        Ok(())
    }

    /// Tells of the room as it is, and which fields are new.
    // Assumed: an update that changes nothing is told of too, with all fields and nothing among the changed ones.
    pub(super) fn tell_info(&self, turn: &mut Turn<'_>, changed: Vec<&'static str>) {
        let fields =
            vec![("RoomInfo", Field::object(UpdatedRoom::of(&self.info))), ("changed", Field::object(changed))];
        turn.record(Fact::InfoChanged { fields }, self.everybody());
    }

    /// All who are inside.
    pub(super) fn everybody(&self) -> Audience {
        Audience::members(&self.members, &[], None)
    }

    /// Whether the meeting has begun, or waits for its time.
    pub fn is_running(&self, now: Timestamp) -> bool {
        // Assumed: a meeting runs from its planned start, or from the first entry if that is earlier, to its end.
        self.entered || self.info.schedule_start_time <= now.seconds()
    }

    /// The service's word for where the room is in its life.
    pub fn status(&self, now: Timestamp) -> &'static str {
        if self.is_running(now) { "Running" } else { "NotStarted" }
    }

    /// Whether this is a live room, which other commands make.
    pub fn is_live(&self) -> bool {
        self.info.room_type == RoomType::Live
    }
}

/// Collects the names of fields that became others.
struct Changes<'a>(&'a mut Vec<&'static str>);

impl Changes<'_> {
    fn set<T: PartialEq>(&mut self, name: &'static str, to: &mut T, from: Option<T>) {
        if let Some(value) = from.filter(|value| *value != *to) {
            *to = value;
            self.0.push(name);
        }
    }
}
