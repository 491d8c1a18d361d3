//! Seats of a room, as a server gives, frees and locks them: one account a seat, one seat an account.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::invalid::Invalid;
use crate::domain::rooms::error::RoomError;
use crate::domain::rooms::members::NAMED;
use crate::domain::rooms::room::Room;
use crate::kernel::fact::{Audience, Fact, Field, Fields, Leaver};
use crate::kernel::names::UserId;
use crate::kernel::turn::Turn;

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

/// What is told of seats.
#[derive(Debug, Default)]
pub(super) struct SeatNews {
    /// What was done, in one word.
    pub how: &'static str,
    /// Which seats are to be shown.
    pub seats: Vec<usize>,
    /// Who sits now.
    pub seated: Vec<UserId>,
    /// Who does not any more.
    pub left: Vec<UserId>,
    /// Further details.
    pub more: Fields,
}

/// What a lock sets; absent parts stay.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeatLock {
    /// Nobody may sit there.
    pub taken: Option<bool>,
    /// No video from it.
    pub video: Option<bool>,
    /// No audio from it.
    pub audio: Option<bool>,
}

/// What happens if somebody sits where a user is moved to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MovePolicy {
    /// The move is given up.
    GiveUp,
    /// The other is taken off.
    Force,
    /// Both change places.
    Swap,
    /// The move is given up, also where the seat is locked.
    EmptyOnly,
}

impl Room {
    /// The seat of this number.
    ///
    /// # Errors
    /// The room has no seats, or none of this number.
    pub(super) fn seat_at(&self, field: &'static str, index: i64) -> Result<usize, RoomError> {
        if self.seats.is_empty() {
            return Err(RoomError::NoSeats);
        }
        let found = usize::try_from(index).ok().filter(|index| *index < self.seats.len());
        found.ok_or_else(|| {
            // Assumed: a seat that the room does not have is a wrong parameter.
            Invalid::new(field, format!("is {index}; the room has the seats 0 to {}", self.seats.len() - 1)).into()
        })
    }

    /// Where the account sits.
    pub fn seat_of(&self, user: &str) -> Option<usize> {
        self.seats.iter().position(|seat| seat.member.as_deref() == Some(user))
    }

    /// Whether the account may get a seat: inside, not seated, not waiting.
    pub(super) fn may_sit(&self, user: &UserId) -> Result<(), RoomError> {
        if !self.members.contains(user) {
            return Err(RoomError::NotMember { field: NAMED, user: user.clone() });
        }
        if let Some(index) = self.seat_of(user) {
            return Err(RoomError::SeatHeld { user: user.clone(), index });
        }
        Ok(())
    }

    /// Whether every seat has somebody on it.
    pub(super) fn seats_are_full(&self) -> bool {
        self.seats.iter().all(|seat| seat.member.is_some())
    }

    /// Puts a member on a seat, in whatever mode the room is.
    ///
    /// # Errors
    /// In this order: no seats, no such seat, not inside, seated, waiting, all taken, locked, taken by another.
    pub fn pick(&mut self, turn: &mut Turn<'_>, user: &UserId, index: i64) -> Result<(), RoomError> {
        let index = self.seat_at("Index", index)?;
        self.may_sit(user)?;
        if self.requests.iter().any(|request| request.user == *user) {
            return Err(RoomError::SeatQueued(user.clone()));
        }
        if self.seats_are_full() {
            return Err(RoomError::SeatsFull);
        }
        if self.seats[index].is_taken_disabled {
            return Err(RoomError::SeatLocked(index));
        }
        if let Some(other) = &self.seats[index].member {
            return Err(RoomError::SeatTaken { index, by: other.clone() });
        }
        self.sit(turn, user, index, "picked", Vec::new());
        Ok(())
    }

    /// Puts a member on a free seat and tells of it.
    pub(super) fn sit(&mut self, turn: &mut Turn<'_>, user: &UserId, index: usize, how: &'static str, more: Fields) {
        self.seats[index].member = Some(user.clone());
        self.requests.retain(|request| request.user != *user);
        let news = SeatNews { how, seats: vec![index], seated: vec![user.clone()], more, ..SeatNews::default() };
        self.tell_seats(turn, news, self.everybody());
    }

    /// Takes an account off its seat; `how` and `more` tell of the occasion.
    ///
    /// # Errors
    /// Not on a seat.
    pub fn take_off(
        &mut self,
        turn: &mut Turn<'_>,
        user: &UserId,
        how: &'static str,
        more: Fields,
    ) -> Result<(), RoomError> {
        let index = self.seat_of(user).ok_or_else(|| RoomError::NotSeated(user.clone()))?;
        self.seats[index].member = None;
        let news = SeatNews { how, seats: vec![index], left: vec![user.clone()], more, ..SeatNews::default() };
        self.tell_seats(turn, news, self.everybody());
        Ok(())
    }

    /// Locks or unlocks a seat; who sits on a seat that is locked is taken off first.
    ///
    /// # Errors
    /// No seats, or no such seat.
    pub fn lock_seat(&mut self, turn: &mut Turn<'_>, index: i64, lock: SeatLock) -> Result<(), RoomError> {
        let index = self.seat_at("Index", index)?;
        let seat = &mut self.seats[index];
        let left = if lock.taken == Some(true) { seat.member.take() } else { None };
        seat.is_taken_disabled = lock.taken.unwrap_or(seat.is_taken_disabled);
        seat.is_video_disabled = lock.video.unwrap_or(seat.is_video_disabled);
        seat.is_audio_disabled = lock.audio.unwrap_or(seat.is_audio_disabled);
        // Assumed: a lock is told of with the seat as it is then, also where nothing about it changed.
        let news =
            SeatNews { how: "locked", seats: vec![index], left: left.into_iter().collect(), ..SeatNews::default() };
        self.tell_seats(turn, news, self.everybody());
        Ok(())
    }

    /// Moves one who sits to another seat.
    ///
    /// # Errors
    /// No seats, no such seat, not seated, or the seat is taken or locked and the policy gives up.
    pub fn move_to_seat(
        &mut self,
        turn: &mut Turn<'_>,
        user: &UserId,
        field: &'static str,
        index: i64,
        policy: MovePolicy,
    ) -> Result<(), RoomError> {
        let to = self.seat_at(field, index)?;
        // Assumed: one who is not inside is to these commands one who is not on a seat.
        let from = self.seat_of(user).ok_or_else(|| RoomError::NotSeated(user.clone()))?;
        // Assumed: moving somebody to their own seat is a success that changes nothing.
        if from == to {
            return Ok(());
        }
        if policy == MovePolicy::EmptyOnly && self.seats[to].is_taken_disabled {
            return Err(RoomError::SeatLocked(to));
        }
        let other = self.seats[to].member.clone();
        if let Some(other) = other.as_ref().filter(|_| matches!(policy, MovePolicy::GiveUp | MovePolicy::EmptyOnly)) {
            return Err(RoomError::SeatTaken { index: to, by: other.clone() });
        }
        self.seats[to].is_taken_disabled = false;
        self.seats[to].member = Some(user.clone());
        let swapped = policy == MovePolicy::Swap && other.is_some();
        self.seats[from].member = other.clone().filter(|_| swapped);
        let mut seated = vec![user.clone()];
        let mut left = Vec::new();
        if swapped { &mut seated } else { &mut left }.extend(other);
        let news = SeatNews { how: "moved", seats: vec![from, to], seated, left, more: Vec::new() };
        self.tell_seats(turn, news, self.everybody());
        Ok(())
    }

    /// Takes leavers off their seats and gives what is to be told of it; locks survive.
    pub(super) fn free_seats(&mut self, leavers: &[Leaver]) -> Option<SeatNews> {
        let mut news = SeatNews { how: "left", ..SeatNews::default() };
        for (index, seat) in self.seats.iter_mut().enumerate() {
            let gone = |id: &UserId| leavers.iter().any(|leaver| leaver.id == *id);
            if let Some(id) = seat.member.take_if(|id| gone(id)) {
                news.seats.push(index);
                news.left.push(id);
            }
        }
        (!news.seats.is_empty()).then_some(news)
    }

    /// Tells of seats as they are now.
    pub(super) fn tell_seats(&self, turn: &mut Turn<'_>, news: SeatNews, audience: Audience) {
        let seats: Vec<ChangedSeat> =
            news.seats.iter().map(|index| ChangedSeat::of(*index, &self.seats[*index])).collect();
        let mut fields: Fields = Vec::new();
        for (name, accounts) in [("seated", news.seated), ("left", news.left)] {
            if !accounts.is_empty() {
                fields.push((name, Field::object(accounts)));
            }
        }
        fields.extend(news.more);
        turn.record(Fact::SeatChanged { seats: Arc::new(seats), how: news.how, fields }, audience);
    }
}
