//! Bans and mutes of a room: who may not come in, who may not send text, and until when. Both end in time by
//! themselves, without a word.

use crate::domain::rooms::error::RoomError;
use crate::domain::rooms::members::{LISTED, NAMED, Role};
use crate::domain::rooms::room::Room;
use crate::domain::rooms::way::{Client, Way};
use crate::kernel::clock::Timestamp;
use crate::kernel::fact::{Audience, Fact, Fields};
use crate::kernel::names::UserId;
use crate::kernel::roster::Roster;
use crate::kernel::turn::Turn;

/// One who may not come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ban {
    /// The first moment at which the account may come in again.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
}

impl Room {
    /// Removes members and keeps them out for so many seconds; those who are out already get the new time.
    ///
    /// # Errors
    /// The owner is in the list, or somebody who is neither inside nor banned, unless absent ones may be banned.
    pub fn ban(
        &mut self,
        turn: &mut Turn<'_>,
        listed: &[UserId],
        reason: &str,
        seconds: i64,
        absent: bool,
    ) -> Result<(), RoomError> {
        // Assumed: the owner cannot be banned, inside or not, because a banned account cannot own a room.
        if listed.contains(&self.info.owner) {
            return Err(RoomError::OwnerProtected { field: LISTED, user: self.info.owner.clone() });
        }
        let known = |id: &&UserId| self.members.contains(id) || self.is_banned(turn.now, id);
        if let Some(stranger) = listed.iter().find(|id| !known(id)).filter(|_| !absent) {
            return Err(RoomError::NotMember { field: LISTED, user: stranger.clone() });
        }
        forget_over(&mut self.bans, |ban| ban.until <= turn.now);
        let listed = distinct(listed);
        let leaving: Vec<UserId> = listed.iter().filter(|id| self.members.contains(id)).cloned().collect();
        // Assumed: banning again starts the time anew, also where it gets shorter.
        let until = Timestamp::from_seconds(turn.now.seconds().saturating_add(seconds));
        for id in &listed {
            let ban = Ban { until, reason: reason.to_owned() };
            match self.bans.get_mut(id) {
                Some(present) => *present = ban,
                None => drop(self.bans.join(id.clone(), ban)),
            }
        }
        // Told before they leave: whoever is put out is among those who see it.
        let fields: Fields = vec![("BannedUntil", until.seconds().into()), ("reason", reason.into())];
        turn.record(Fact::Banned { members: listed, fields }, self.everybody());
        if !leaving.is_empty() {
            self.put_out(turn, leaving, &Way::Server, reason);
        }
        Ok(())
    }

    /// Lets banned accounts come in again; who is not banned is passed over.
    // Assumed: lifting the ban of an account that is not banned is a success without effect.
    pub fn unban(&mut self, turn: &mut Turn<'_>, listed: &[UserId]) {
        forget_over(&mut self.bans, |ban| ban.until <= turn.now);
        let lifted: Vec<UserId> = distinct(listed).into_iter().filter(|id| self.bans.remove(id).is_some()).collect();
        if !lifted.is_empty() {
            let fields = vec![("BannedUntil", 0.into())];
            turn.record(Fact::Banned { members: lifted, fields }, Audience::nobody());
        }
    }

    /// Whether the account may not come in now.
    pub fn is_banned(&self, now: Timestamp, user: &str) -> bool {
        self.bans.get(user).is_some_and(|ban| ban.until > now)
    }

    /// The bans in force, in the order in which they were made.
    pub fn bans_at(&self, now: Timestamp) -> impl Iterator<Item = (&UserId, &Ban)> {
        self.bans.iter().filter(move |(_, ban)| ban.until > now)
    }

    /// Forbids accounts to send text for so many seconds; 0 allows it again.
    // Assumed: muting passes over accounts that are not inside, and unmuting reaches also those who have left.
    pub fn mute(&mut self, turn: &mut Turn<'_>, listed: &[UserId], seconds: i64) {
        forget_over(&mut self.mutes, |until| *until <= turn.now);
        let until = Timestamp::from_seconds(turn.now.seconds().saturating_add(seconds));
        let mut touched = Vec::new();
        for id in distinct(listed) {
            let done = if seconds == 0 {
                self.mutes.remove(&id).is_some()
            } else if !self.members.contains(&id) {
                false
            } else {
                match self.mutes.get_mut(&id) {
                    Some(present) => *present = until,
                    None => drop(self.mutes.join(id.clone(), until)),
                }
                true
            };
            touched.extend(done.then_some(id));
        }
        if touched.is_empty() {
            return;
        }
        let until = if seconds == 0 { 0 } else { until.seconds() };
        let fields: Fields = vec![("MuteTime", seconds.into()), ("MutedUntil", until.into())];
        turn.record(Fact::Muted { members: touched, fields }, self.everybody());
    }

    /// The mutes in force, in the order in which they were made.
    pub fn mutes_at(&self, now: Timestamp) -> impl Iterator<Item = (&UserId, Timestamp)> {
        self.mutes.iter().filter(move |(_, until)| **until > now).map(|(id, until)| (id, *until))
    }

    /// A member sends a text, as a client does.
    ///
    /// # Errors
    /// Not inside, muted, or nobody may send text now.
    pub fn say(&mut self, turn: &mut Turn<'_>, user: &UserId, text: &str, client: &Client) -> Result<(), RoomError> {
        let Some(member) = self.members.get(user) else {
            return Err(RoomError::NotMember { field: NAMED, user: user.clone() });
        };
        // Assumed: where nobody may send text, the owner and the administrators still may.
        let ordinary = *user != self.info.owner && member.role != Role::Admin;
        let muted = self.mutes.get(user.as_str()).is_some_and(|until| *until > turn.now);
        if muted || (ordinary && self.info.is_message_disabled) {
            return Err(RoomError::Muted(user.clone()));
        }
        let mut fields: Fields = vec![("From_Account", user.as_str().into()), ("Text", text.into())];
        fields.extend(client.fields());
        turn.record(Fact::Posted { fields }, self.everybody());
        Ok(())
    }
}

/// The accounts of a list, each once, in their order.
fn distinct(listed: &[UserId]) -> Vec<UserId> {
    let mut seen = std::collections::HashSet::new();
    listed.iter().filter(|id| seen.insert(id.as_str())).cloned().collect()
}

/// Forgets what is over, so that the lists hold no more than what is in force.
fn forget_over<T>(roster: &mut Roster<T>, over: impl Fn(&T) -> bool) {
    let gone: Vec<UserId> = roster.iter().filter(|(_, kept)| over(kept)).map(|(id, _)| id.clone()).collect();
    gone.iter().for_each(|id| drop(roster.remove(id)));
}
