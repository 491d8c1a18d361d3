//! What clients do about seats: take one, leave it, ask for one, and answer those who ask.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::rooms::error::RoomError;
use crate::domain::rooms::info::TakeSeatMode;
use crate::domain::rooms::members::Role;
use crate::domain::rooms::room::Room;
use crate::domain::rooms::way::Client;
use crate::kernel::fact::{Audience, Fact, Fields};
use crate::kernel::names::UserId;
use crate::kernel::turn::Turn;

/// One who waits for a seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct SeatRequest {
    /// Who.
    #[serde(rename = "Member_Account")]
    pub user: UserId,
    /// Which seat; absent: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
}

impl Room {
    /// A member takes a seat; without a number, the first free one.
    ///
    /// # Errors
    /// No seats, no such seat, not inside, seated, the mode wants asking, all taken, locked, taken by another.
    pub fn take_seat(
        &mut self,
        turn: &mut Turn<'_>,
        user: &UserId,
        index: Option<i64>,
        client: &Client,
    ) -> Result<(), RoomError> {
        let index = self.may_take(user, index)?;
        // Assumed: in the mode ApplyToTake an ordinary member has to ask; the owner and administrators just sit down.
        if self.info.take_seat_mode == TakeSeatMode::ApplyToTake && self.moderates(user).is_err() {
            return Err(RoomError::NotPermitted {
                user: user.clone(),
                wanted: "let on a seat: the mode is ApplyToTake",
            });
        }
        let index = self.free_seat(index)?;
        self.sit(turn, user, index, "taken", client.fields());
        Ok(())
    }

    /// The checks before a seat is looked for; gives the seat that is wanted.
    fn may_take(&self, user: &UserId, index: Option<i64>) -> Result<Option<usize>, RoomError> {
        if self.seats.is_empty() {
            return Err(RoomError::NoSeats);
        }
        let index = index.map(|index| self.seat_at("Index", index)).transpose()?;
        self.may_sit(user)?;
        Ok(index)
    }

    /// The wanted seat, if somebody may sit there, or the first free one.
    fn free_seat(&self, wanted: Option<usize>) -> Result<usize, RoomError> {
        if self.seats_are_full() {
            return Err(RoomError::SeatsFull);
        }
        let Some(index) = wanted else {
            let free = self.seats.iter().position(|seat| seat.member.is_none() && !seat.is_taken_disabled);
            return free.ok_or(RoomError::SeatsFull);
        };
        if self.seats[index].is_taken_disabled {
            return Err(RoomError::SeatLocked(index));
        }
        match &self.seats[index].member {
            Some(other) => Err(RoomError::SeatOccupied { index, by: other.clone() }),
            None => Ok(index),
        }
    }

    /// A member asks for a seat; in the mode `FreeToTake` that is taking one.
    ///
    /// # Errors
    /// No seats, no such seat, not inside, seated, waiting already; what taking one meets.
    pub fn request_seat(
        &mut self,
        turn: &mut Turn<'_>,
        user: &UserId,
        index: Option<i64>,
        client: &Client,
    ) -> Result<(), RoomError> {
        let wanted = self.may_take(user, index)?;
        if self.requests.iter().any(|request| request.user == *user) {
            return Err(RoomError::SeatQueued(user.clone()));
        }
        // Assumed: where seats are free to take nobody waits; asking for one is taking it.
        if self.info.take_seat_mode != TakeSeatMode::ApplyToTake || self.moderates(user).is_ok() {
            return self.take_seat(turn, user, index, client);
        }
        self.requests.push(SeatRequest { user: user.clone(), index: wanted });
        self.tell_request(turn, user, "sent", client.fields());
        Ok(())
    }

    /// Who asked for a seat does not wait for it any more.
    ///
    /// # Errors
    /// Not waiting.
    pub fn cancel_request(&mut self, turn: &mut Turn<'_>, user: &UserId, client: &Client) -> Result<(), RoomError> {
        self.forget_request(user)?;
        self.tell_request(turn, user, "cancelled", client.fields());
        Ok(())
    }

    /// The owner or an administrator answers one who waits for a seat.
    ///
    /// # Errors
    /// The acting account may not, nobody of that name waits, or what taking a seat meets.
    pub fn answer_request(
        &mut self,
        turn: &mut Turn<'_>,
        user: &UserId,
        accepted: bool,
        client: &Client,
    ) -> Result<(), RoomError> {
        let acting = turn.by;
        // Assumed: the owner may answer from outside, as a meeting's host may whose client has just reconnected.
        if *acting != self.info.owner {
            self.moderates(acting)?;
        }
        let waiting = self.requests.iter().find(|request| request.user == *user);
        let wanted = waiting.ok_or_else(|| RoomError::NotQueued(user.clone()))?.index;
        if !accepted {
            self.forget_request(user)?;
            self.tell_request(turn, user, "rejected", client.fields());
            return Ok(());
        }
        let index = self.free_seat(wanted)?;
        self.forget_request(user)?;
        self.tell_request(turn, user, "accepted", client.fields());
        self.sit(turn, user, index, "taken", Vec::new());
        Ok(())
    }

    fn forget_request(&mut self, user: &UserId) -> Result<(), RoomError> {
        let place = self.requests.iter().position(|request| request.user == *user);
        self.requests.remove(place.ok_or_else(|| RoomError::NotQueued(user.clone()))?);
        Ok(())
    }

    /// Tells of a wish for a seat: whom it concerns and those who may answer it.
    fn tell_request(&self, turn: &mut Turn<'_>, user: &UserId, what: &'static str, more: Fields) {
        let answers = |(id, member): &(&UserId, &crate::domain::rooms::members::Member)| {
            **id == self.info.owner || member.role == Role::Admin || *id == user
        };
        let told = self.members.iter().filter(answers).map(|(id, _)| id.clone()).collect();
        let mut fields: Fields = vec![("SeatRequest", what.into())];
        fields.extend(more);
        turn.record(Fact::MemberChanged { members: vec![user.clone()], fields }, Audience::Accounts(told));
    }
}
