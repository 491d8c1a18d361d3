//! Who comes into a room and who goes: adding, inviting, joining, removing. Each function checks all, then changes all.

use std::collections::HashSet;
use std::sync::Arc;

use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::posting::System;
use crate::domain::imkit::room::{Actor, Room};
use crate::domain::imkit::user::Client;
use crate::domain::settings::ImkitOptions;
use crate::kernel::fact::{Audience, Fact, Fields, Leaver};
use crate::kernel::names::UserId;
use crate::kernel::turn::Turn;

/// Somebody a call names, with the client's record if there is one.
#[derive(Clone, Debug)]
pub struct Person {
    /// The id.
    pub id: UserId,
    /// The record.
    pub client: Option<Arc<Client>>,
}

/// What a call says about bringing people in or out.
#[derive(Clone, Copy, Debug)]
pub struct Manner<'a> {
    /// The field that names the people.
    pub field: &'static str,
    /// Whether a system message tells of it.
    pub system_message: bool,
    /// Whether they have to accept first; `None` as the application decides.
    pub invitation_required: Option<bool>,
    /// The application's switches.
    pub options: &'a ImkitOptions,
}

impl Manner<'_> {
    /// Whether people are invited instead of added.
    pub fn invites(&self, room: &Room) -> bool {
        room.takes_invitations() && self.invitation_required.unwrap_or(self.options.invitation_required)
    }
}

/// The people of a list, each once, in order.
pub fn distinct(people: &[Person]) -> Vec<&Person> {
    let mut seen = HashSet::with_capacity(people.len());
    people.iter().filter(|person| seen.insert(person.id.as_str())).collect()
}

impl Room {
    /// Adds people, or invites them where invitations are in effect; those inside already are left as they are.
    ///
    /// # Errors
    /// The caller is no member, the room is closed or frozen, somebody is no client.
    pub fn add_members(
        &mut self,
        turn: &mut Turn<'_>,
        actor: &Actor,
        named: &[Person],
        manner: Manner<'_>,
    ) -> Result<(), ImkitError> {
        self.check_member(actor)?;
        self.check_open(actor)?;
        let new = self.newcomers(named, manner)?;
        self.admit(turn, actor, &new, manner);
        Ok(())
    }

    /// Those of a list who are not inside yet.
    ///
    /// # Errors
    /// One of them is no client, or is banned.
    pub fn newcomers<'p>(&self, named: &'p [Person], manner: Manner<'_>) -> Result<Vec<&'p Person>, ImkitError> {
        let mut new = distinct(named);
        // Assumed: those who are inside already are left out in silence; an empty list changes nothing.
        new.retain(|person| !self.members.contains(&person.id));
        // Assumed: an unknown client fails the whole call with 404.
        let unknown = new.iter().find(|person| person.client.is_none() && !manner.options.unknown_members);
        if let Some(person) = unknown {
            return Err(ImkitError::ClientMissing { field: manner.field, client: person.id.clone() });
        }
        new.iter().try_for_each(|person| self.check_not_banned(&person.id))?;
        Ok(new)
    }

    /// Lets newcomers in, or invites them.
    pub fn admit(&mut self, turn: &mut Turn<'_>, actor: &Actor, new: &[&Person], manner: Manner<'_>) {
        let invites = manner.invites(self);
        // Assumed: a user group is added at once, also where invitations are in effect: nobody can accept for it.
        let is_asked = |person: &&&Person| invites && !self.groups.contains(&person.id);
        let (asked, added): (Vec<&Person>, Vec<&Person>) = new.iter().partition(is_asked);
        self.invite(turn, actor, &asked);
        self.add(turn, actor, &added, manner);
    }

    fn invite(&mut self, turn: &mut Turn<'_>, actor: &Actor, asked: &[&Person]) {
        if asked.is_empty() {
            return;
        }
        // Assumed: a pending invitation makes no message, whatever systemMessage says; inviting again renews it.
        let ids: Vec<UserId> = asked.iter().map(|person| person.id.clone()).collect();
        ids.iter().for_each(|id| self.invitations.invite(&actor.client, id, turn.now));
        let told = Audience::Accounts(ids.clone());
        turn.record(Fact::Invited { members: ids, fields: Fields::new() }, told);
    }

    fn add(&mut self, turn: &mut Turn<'_>, actor: &Actor, new: &[&Person], manner: Manner<'_>) {
        if new.is_empty() {
            return;
        }
        let ids: Vec<UserId> = new.iter().map(|person| person.id.clone()).collect();
        let accepted = self.seat(&ids);
        if manner.system_message {
            self.post_system(turn, actor, System::added(new), &[]);
        }
        self.tell_joined(turn, ids, "added", accepted);
    }

    /// The actor's client joins, or accepts its invitation; inside already is no change.
    ///
    /// # Errors
    /// The room is closed or frozen, wants an invitation, or is another pair's.
    pub fn join(&mut self, turn: &mut Turn<'_>, actor: &Actor, manner: Manner<'_>) -> Result<(), ImkitError> {
        let client = &actor.client;
        if self.is_member(client) {
            return Ok(());
        }
        self.check_may_join(actor, manner.options)?;
        let accepted = self.seat(std::slice::from_ref(client));
        if manner.system_message {
            self.post_system(turn, actor, System::joined(), &[]);
        }
        self.tell_joined(turn, vec![client.clone()], "joined", accepted);
        Ok(())
    }

    /// Whether the actor's client may come in by itself.
    ///
    /// # Errors
    /// The room is closed or frozen, bans the client, wants an invitation, or is another pair's.
    pub fn check_may_join(&self, actor: &Actor, options: &ImkitOptions) -> Result<(), ImkitError> {
        self.check_open(actor)?;
        if actor.admin {
            return Ok(());
        }
        let client = &actor.client;
        self.check_not_banned(client)?;
        let invited = self.invitations.contains(client);
        if options.invitation_required && self.takes_invitations() && !invited {
            return Err(ImkitError::NotInvited(client.clone()));
        }
        // Assumed: the pair of a direct room are the first two who are inside; a third may be added and never joins by itself.
        if self.is_direct() && self.pair.len() == 2 && !self.pair.contains(client) {
            return Err(ImkitError::NotOfPair(client.clone()));
        }
        Ok(())
    }

    /// Removes members; the caller's own id means leaving.
    ///
    /// # Errors
    /// The caller is no member, may not remove others, or somebody is not inside.
    pub fn remove_members(
        &mut self,
        turn: &mut Turn<'_>,
        actor: &Actor,
        named: &[Person],
        manner: Manner<'_>,
    ) -> Result<(), ImkitError> {
        self.check_member(actor)?;
        // Assumed: any member may remove members.
        let others = named.iter().any(|person| person.id != actor.client);
        if others && manner.options.managers_remove {
            self.check_superuser(actor, "remove other members")?;
        }
        let (inside, outside): (Vec<&Person>, Vec<&Person>) =
            distinct(named).into_iter().partition(|person| self.members.contains(&person.id));
        if let Some(stranger) = outside.first().filter(|_| !manner.options.absent_members) {
            return Err(ImkitError::MemberMissing { field: manner.field, client: stranger.id.clone() });
        }
        if inside.is_empty() {
            return Ok(());
        }
        let leavers = self.unseat(turn, &inside);
        let (own, others): (Vec<&Person>, Vec<&Person>) =
            inside.into_iter().partition(|person| person.id == actor.client);
        // Assumed: one message tells of all who were removed, and another, last, of the caller who left.
        if manner.system_message && !others.is_empty() {
            self.post_system(turn, actor, System::removed(&others), &leavers);
        }
        if manner.system_message && !own.is_empty() {
            self.post_system(turn, actor, System::left(), &leavers);
        }
        self.tell_left(turn, leavers, &own);
        Ok(())
    }

    /// Takes back the invitations of these clients, whoever sent them.
    ///
    /// # Errors
    /// The caller is no member.
    pub fn cancel_invitations(
        &mut self,
        turn: &mut Turn<'_>,
        actor: &Actor,
        named: &[Person],
    ) -> Result<(), ImkitError> {
        self.check_member(actor)?;
        let ended: Vec<&Person> =
            distinct(named).into_iter().filter(|person| self.invitations.end(&person.id)).collect();
        if ended.is_empty() {
            return Ok(());
        }
        // Assumed: cancelling invitations always makes a message if there was one to cancel.
        self.post_system(turn, actor, System::cancelled(&ended), &[]);
        let members: Vec<UserId> = ended.iter().map(|person| person.id.clone()).collect();
        let told = Audience::Accounts(members.clone());
        turn.record(Fact::InvitationEnded { members, how: "cancelled" }, told);
        Ok(())
    }

    /// The client declines all its invitations to this room; none is no change.
    pub fn decline(&mut self, turn: &mut Turn<'_>, client: &UserId) {
        if self.invitations.end(client) {
            let fact = Fact::InvitationEnded { members: vec![client.clone()], how: "declined" };
            turn.record(fact, Audience::nobody());
        }
    }

    /// Puts newcomers on the roster and gives those whose invitations that ends.
    pub fn seat(&mut self, ids: &[UserId]) -> Vec<UserId> {
        let mut accepted = Vec::new();
        for id in ids {
            self.members.join(id.clone(), ());
            self.properties.thaw(id);
            if let Some(preference) = self.preferences.get_mut(id) {
                preference.quitted_at = None;
            }
            // Assumed: who is added or joins has no invitation to the room any more.
            if self.invitations.end(id) {
                accepted.push(id.clone());
            }
        }
        self.settle_pair();
        accepted
    }

    fn unseat(&mut self, turn: &Turn<'_>, leaving: &[&Person]) -> Vec<Leaver> {
        let mut leavers = Vec::with_capacity(leaving.len());
        for Person { id, .. } in leaving {
            let Some((joined, ())) = self.members.remove(id) else { continue };
            self.properties.freeze(id);
            // Assumed: preferences outlive membership, with the time of leaving.
            self.preferences.entry(id.clone()).or_default().quitted_at = Some(turn.now);
            leavers.push(Leaver { id: id.clone(), joined });
        }
        let managers = self.info.managers.as_deref().unwrap_or_default();
        let gone: HashSet<&str> = leaving.iter().map(|person| person.id.as_str()).collect();
        if managers.iter().any(|id| gone.contains(id.as_str())) {
            let managers = Arc::make_mut(&mut self.info).managers.as_mut();
            managers.into_iter().for_each(|managers| managers.retain(|id| !gone.contains(id.as_str())));
        }
        leavers
    }

    /// Told after the message about it, as the vendor's sockets do.
    fn tell_joined(&self, turn: &mut Turn<'_>, members: Vec<UserId>, how: &'static str, accepted: Vec<UserId>) {
        if !accepted.is_empty() {
            turn.record(Fact::InvitationEnded { members: accepted, how: "accepted" }, Audience::nobody());
        }
        let fields = self.receiver(turn);
        turn.record(Fact::Joined { members, how, fields }, self.audience(&[]));
    }

    fn tell_left(&self, turn: &mut Turn<'_>, leavers: Vec<Leaver>, own: &[&Person]) {
        // Only those who stay are told of the changed room; those who go know it from the message about it.
        let mut audience = self.audience(&[]);
        if let Audience::AllOf { but, .. } = &mut audience {
            but.extend(leavers.iter().map(|leaver| leaver.id.clone()));
        }
        let (own, others): (Vec<Leaver>, Vec<Leaver>) =
            leavers.into_iter().partition(|leaver| own.iter().any(|person| person.id == leaver.id));
        for (members, how) in [(others, "removed"), (own, "left")] {
            if !members.is_empty() {
                let fields = self.receiver(turn);
                turn.record(Fact::Left { members, how, fields }, audience.clone());
            }
        }
    }
}
