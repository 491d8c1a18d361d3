//! Room: one Room Engine room and its rules. Each function checks all, then changes all.

use std::collections::HashSet;

use crate::domain::rooms::error::RoomError;
use crate::domain::rooms::state::{ChangedSeat, RoomInfo, RoomType, Seat};
use crate::domain::settings::{KickPartial, TencentOptions};
use crate::kernel::clock::Timestamp;
use crate::kernel::fact::{Audience, Fact, Fields, Leaver};
use crate::kernel::names::UserId;
use crate::kernel::registry::Entity;
use crate::kernel::roster::Roster;
use crate::kernel::turn::Turn;

/// The field that names the accounts of a kick or ban.
const LISTED: &str = "MemberList_Account";

/// How long a room is kept after everybody has left it.
const EMPTY_SECONDS: i64 = 24 * 3600;
/// How long a scheduled meeting that nobody enters is kept after its planned start.
const UNATTENDED_SECONDS: i64 = 6 * 3600;

/// What a member may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Helps the owner.
    Admin,
    /// Everybody else; also the owner, whose role follows from the room's owner field.
    #[default]
    Member,
}

/// One who is in the room.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Member {
    /// What the member may do, the owner aside.
    pub role: Role,
    /// Put in by the server and not by a client.
    pub robot: bool,
    /// Absent until something is set.
    pub details: Option<Box<Details>>,
}

/// What can be set on a member.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Details {
    /// The name in the room.
    pub name_card: String,
    /// Numeric tags, each at least 1000.
    pub marks: Vec<u32>,
    /// Free text of the app.
    pub custom_info: String,
}

/// A room.
#[derive(Clone, Debug)]
pub struct Room {
    /// What `get_room_info` shows, the member count aside.
    pub info: RoomInfo,
    /// Who is inside.
    pub members: Roster<Member>,
    /// One for each seat; empty where seats are off.
    pub seats: Vec<Seat>,
    /// Who is invited to a scheduled meeting; not members.
    pub invitees: Vec<UserId>,
    /// Who may not enter, and until when.
    pub bans: Vec<(UserId, Timestamp)>,
    /// Whether anybody ever entered.
    pub entered: bool,
    /// Since when nobody is inside.
    pub empty_since: Option<Timestamp>,
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

impl Room {
    /// A new room, as its creator describes it.
    pub fn create(turn: &mut Turn<'_>, info: RoomInfo, invitees: Vec<UserId>, owner_enters: bool) -> Self {
        let seats = (0..info.max_seat_count).map(|_| Seat::default()).collect();
        let mut room = Self {
            info,
            members: Roster::new(),
            seats,
            invitees,
            bans: Vec::new(),
            entered: false,
            empty_since: Some(turn.now),
        };
        // Assumed: a room that a server makes is empty, because entering it is what a client does.
        if owner_enters {
            let owner = room.info.owner.clone();
            room.seat_member_in(owner, Member::default());
        }
        let fields: Fields = vec![
            ("RoomName", room.info.room_name.as_str().into()),
            ("RoomType", room.info.room_type.word().into()),
            ("Owner_Account", room.info.owner.as_str().into()),
        ];
        let mut told = room.invitees.clone();
        told.push(room.info.owner.clone());
        let members = room.members.ids().cloned().collect();
        turn.record(Fact::Created { members, fields }, Audience::Accounts(told));
        room
    }

    /// Ends the room: everybody inside is told.
    pub fn destroy(self, turn: &mut Turn<'_>) {
        // Assumed: the end of a room is one event, and no member is told to have left.
        let audience = Audience::members(&self.members, &[], None);
        let fields = vec![("Owner_Account", self.info.owner.as_str().into())];
        turn.record(Fact::Destroyed { members: std::sync::Arc::new(self.members), fields }, audience);
    }

    /// Whether the meeting has begun, or waits for its time.
    pub fn is_running(&self, now: Timestamp) -> bool {
        // Assumed: a meeting runs from its planned start, or from the first entry if that is earlier, to its end.
        self.entered || self.info.schedule_start_time <= now.seconds()
    }

    /// When the room ends by itself, if nobody enters before; live rooms have conditions of their own.
    pub fn ends_at(&self) -> Option<Timestamp> {
        let since = self.empty_since.filter(|_| self.members.is_empty() && !self.is_live())?;
        // Assumed: the six hours are for meetings that nobody ever entered, the twenty-four for all other rooms.
        if self.entered || self.info.schedule_start_time <= self.info.create_time {
            return Some(Timestamp::from_millis(since.millis().saturating_add(EMPTY_SECONDS * 1000)));
        }
        let start = Timestamp::from_seconds(self.info.schedule_start_time).max(since);
        Some(Timestamp::from_millis(start.millis().saturating_add(UNATTENDED_SECONDS * 1000)))
    }

    /// Removes members; duplicates count once.
    ///
    /// # Errors
    /// The owner is in the list and inside, or somebody in the list is not inside.
    pub fn kick(
        &mut self,
        turn: &mut Turn<'_>,
        listed: &[UserId],
        reason: &str,
        rule: KickPartial,
    ) -> Result<(), RoomError> {
        let leaving = self.may_kick(listed, rule)?;
        // Assumed: one kick tells of all the accounts it removed at once, and is no ban: whoever left may come back.
        let leavers: Vec<Leaver> = leaving
            .into_iter()
            .filter_map(|id| self.members.remove(&id).map(|(joined, _)| Leaver { id, joined }))
            .collect();
        self.after_leaving(turn, leavers, "kicked", reason);
        Ok(())
    }

    /// Who would leave by a kick.
    fn may_kick(&self, listed: &[UserId], rule: KickPartial) -> Result<Vec<UserId>, RoomError> {
        let owner = &self.info.owner;
        // Assumed: the owner cannot be removed while inside, and that is looked at before who else is a stranger.
        if listed.contains(owner) && self.members.contains(owner) {
            return Err(RoomError::OwnerProtected { field: LISTED, user: owner.clone() });
        }
        let mut seen = HashSet::with_capacity(listed.len());
        let distinct = listed.iter().filter(|id| seen.insert(id.as_str()));
        let (inside, outside): (Vec<&UserId>, Vec<&UserId>) = distinct.partition(|id| self.members.contains(id));
        // Assumed: a list that names one who is not inside removes nobody, because the reply has no place for parts.
        match outside.first() {
            Some(stranger) if rule == KickPartial::Refuse || inside.is_empty() => {
                Err(RoomError::NotMember { field: LISTED, user: (*stranger).clone() })
            }
            _ => Ok(inside.into_iter().cloned().collect()),
        }
    }

    /// Lets somebody in, with the checks that a client meets; already inside is no change.
    ///
    /// # Errors
    /// Banned, without or with a wrong password, or the room is full.
    pub fn enter(&mut self, turn: &mut Turn<'_>, user: &UserId, password: &str) -> Result<(), RoomError> {
        // Assumed: entering where one is already inside succeeds and tells nobody.
        if self.members.contains(user) {
            return Ok(());
        }
        self.may_enter(turn.now, user, password)?;
        self.seat_member_in(user.clone(), Member::default());
        let audience = Audience::members(&self.members, &[], None);
        turn.record(Fact::Joined { members: vec![user.clone()], how: "entered", fields: self.count_field() }, audience);
        Ok(())
    }

    fn may_enter(&self, now: Timestamp, user: &UserId, password: &str) -> Result<(), RoomError> {
        if self.bans.iter().any(|(banned, until)| banned == user && *until > now) {
            return Err(RoomError::Banned(user.clone()));
        }
        if self.info.is_password_enabled && password.is_empty() {
            return Err(RoomError::PasswordRequired);
        }
        if self.info.is_password_enabled && password != self.info.password {
            return Err(RoomError::PasswordWrong);
        }
        if self.members.len() >= usize::try_from(self.info.max_member_count).unwrap_or(usize::MAX) {
            return Err(RoomError::Full(self.members.len()));
        }
        Ok(())
    }

    /// Somebody leaves on their own; the owner stays the owner.
    ///
    /// # Errors
    /// Not inside.
    pub fn leave(&mut self, turn: &mut Turn<'_>, user: &UserId) -> Result<(), RoomError> {
        // Assumed: an owner who leaves stays the owner, and the room stays.
        let Some((joined, _)) = self.members.remove(user) else {
            return Err(RoomError::NotMember { field: "Member_Account", user: user.clone() });
        };
        self.after_leaving(turn, vec![Leaver { id: user.clone(), joined }], "left", "");
        Ok(())
    }

    /// What every way out has in common: seats are freed, the empty room notes the time, everybody is told.
    fn after_leaving(&mut self, turn: &mut Turn<'_>, leavers: Vec<Leaver>, how: &'static str, reason: &str) {
        if self.members.is_empty() {
            self.empty_since = Some(turn.now);
        }
        let freed = self.free_seats(&leavers);
        let audience = Audience::members(&self.members, &leavers, None);
        let mut fields = self.count_field();
        fields.push(("reason", reason.into()));
        turn.record(Fact::Left { members: leavers, how, fields }, audience.clone());
        if !freed.is_empty() {
            turn.record(Fact::SeatChanged { seats: std::sync::Arc::new(freed) }, audience);
        }
    }

    /// Takes leavers off their seats and gives the changed seats; locks survive.
    fn free_seats(&mut self, leavers: &[Leaver]) -> Vec<ChangedSeat> {
        let mut changed = Vec::new();
        for (index, seat) in self.seats.iter_mut().enumerate() {
            let gone = seat.member.as_ref().is_some_and(|id| leavers.iter().any(|leaver| leaver.id == *id));
            if gone {
                seat.member = None;
                changed.push(ChangedSeat::of(index, seat));
            }
        }
        changed
    }

    fn seat_member_in(&mut self, user: UserId, member: Member) {
        self.members.join(user, member);
        self.entered = true;
        self.empty_since = None;
    }

    fn count_field(&self) -> Fields {
        vec![("MemberCount", i64::try_from(self.members.len()).unwrap_or(i64::MAX).into())]
    }

    /// The word for a member's role: the owner's follows from the room.
    pub fn role_word(&self, user: &UserId, member: &Member, options: &TencentOptions) -> &'static str {
        if *user == self.info.owner {
            return if options.room_owner_word { "RoomOwner" } else { "Owner" };
        }
        match member.role {
            Role::Admin => "Admin",
            Role::Member => "Member",
        }
    }

    /// Whether this is a live room, which other commands make.
    pub fn is_live(&self) -> bool {
        self.info.room_type == RoomType::Live
    }
}
