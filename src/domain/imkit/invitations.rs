//! Invitations: who is asked into a room, and by whom; one for each pair of inviter and invitee.

use smallvec::{SmallVec, smallvec};

use crate::kernel::clock::Timestamp;
use crate::kernel::names::UserId;
use crate::kernel::roster::Roster;

/// What one inviter sent to one invitee.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// Who asks; empty for the platform administrator.
    pub inviter: UserId,
    /// When it was first sent.
    pub created: Timestamp,
    /// When it was last sent.
    pub updated: Timestamp,
}

/// A pending invitation.
#[derive(Clone, Debug, PartialEq)]
pub struct Invitation {
    /// Who is asked.
    pub invitee: UserId,
    /// By whom, and when.
    pub sent: Sent,
}

/// The pending invitations of a room.
#[derive(Clone, Debug, Default)]
pub struct Invitations {
    by_invitee: Roster<SmallVec<[Sent; 1]>>,
}

impl Invitations {
    /// Whether somebody is invited.
    pub fn contains(&self, invitee: &str) -> bool {
        self.by_invitee.contains(invitee)
    }

    /// Invites, or refreshes the invitation that this inviter sent before.
    pub fn invite(&mut self, inviter: &UserId, invitee: &UserId, now: Timestamp) {
        let fresh = Sent { inviter: inviter.clone(), created: now, updated: now };
        let Some(sent) = self.by_invitee.get_mut(invitee) else {
            self.by_invitee.join(invitee.clone(), smallvec![fresh]);
            return;
        };
        match sent.iter_mut().find(|sent| sent.inviter == *inviter) {
            Some(again) => again.updated = now,
            None => sent.push(fresh),
        }
    }

    /// Ends all invitations of somebody; whether there were any.
    pub fn end(&mut self, invitee: &str) -> bool {
        self.by_invitee.remove(invitee).is_some()
    }

    /// All, in the order in which people were first invited.
    pub fn all(&self) -> Vec<Invitation> {
        let of_one = |(invitee, sent): (&UserId, &SmallVec<[Sent; 1]>)| {
            let invitee = invitee.clone();
            sent.clone().into_iter().map(move |sent| Invitation { invitee: invitee.clone(), sent })
        };
        self.by_invitee.iter().flat_map(of_one).collect()
    }

    /// Those of one invitee.
    pub fn of(&self, invitee: &str) -> SmallVec<[Sent; 1]> {
        self.by_invitee.get(invitee).cloned().unwrap_or_default()
    }

    /// Everybody who is invited.
    pub fn invitees(&self) -> impl Iterator<Item = &UserId> {
        self.by_invitee.ids()
    }

    /// Puts an invitation in place as a state document describes it.
    pub fn put(&mut self, invitation: Invitation) {
        match self.by_invitee.get_mut(&invitation.invitee) {
            Some(sent) => sent.push(invitation.sent),
            None => drop(self.by_invitee.join(invitation.invitee, smallvec![invitation.sent])),
        }
    }
}
