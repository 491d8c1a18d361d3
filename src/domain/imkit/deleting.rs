//! Messages that go: for everybody, or for one client.

use std::collections::HashSet;

use compact_str::CompactString;

use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::marking::Marked;
use crate::domain::imkit::message::{Deletion, Kept};
use crate::domain::imkit::news::{MessageDeleted, UserDeleteMessages};
use crate::domain::imkit::room::{Actor, Room};
use crate::kernel::fact::{Audience, Fact};
use crate::kernel::names::UserId;
use crate::kernel::turn::Turn;

/// Stands for every message of a room where a message's id is expected.
pub const ALL: &str = "_all";

impl Room {
    /// Deletes a message for everybody, or with [`ALL`] every message; how many there were.
    ///
    /// # Errors
    /// The caller is no superuser, or there is no such message.
    pub fn delete_message(&mut self, turn: &mut Turn<'_>, actor: &Actor, id: &str) -> Result<usize, ImkitError> {
        self.check_member(actor)?;
        if !self.is_superuser(actor) {
            return Err(ImkitError::NotDeleter { by: actor.client.clone() });
        }
        let messages = if id == ALL { self.delete_all() } else { vec![self.delete_one(id)?] };
        let count = messages.len();
        if count > 0 {
            let news = MessageDeleted { room: self.id.clone(), message: id.into(), messages };
            turn.record(Fact::InfoChanged { fields: news.fields() }, Audience::members(&self.members, &[], None));
        }
        Ok(count)
    }

    fn delete_all(&mut self) -> Vec<CompactString> {
        let gone = self.messages.clear();
        // Assumed: a message that was deleted for everybody counts as unread for nobody.
        self.properties.read_all();
        gone.into_iter().map(|kept| kept.message.id.clone()).collect()
    }

    fn delete_one(&mut self, id: &str) -> Result<CompactString, ImkitError> {
        let gone = self.messages.remove(id).ok_or_else(|| ImkitError::MessageUnknown(id.to_owned()))?;
        if !gone.message.is_hidden() {
            self.properties.recount(&[gone.number], gone.message.sender.as_ref(), -1);
        }
        self.forget_mentions(&gone.message);
        Ok(gone.message.id.clone())
    }

    /// Deletes messages for the actor's client alone; ids that the room does not know are passed over.
    ///
    /// # Errors
    /// It is no member.
    pub fn user_delete(
        &mut self,
        turn: &mut Turn<'_>,
        actor: &Actor,
        ids: &[CompactString],
        all: bool,
    ) -> Result<(Marked, Vec<CompactString>), ImkitError> {
        let client = self.check_inside(actor)?;
        let (mut changed, mut messages) = (0, Vec::with_capacity(ids.len()));
        let mut seen = HashSet::with_capacity(ids.len());
        for id in ids.iter().filter(|id| seen.insert(id.as_str())) {
            let Some(deletions) = self.messages.deletions_mut(id) else { continue };
            changed += usize::from(!deletions.contains_key(client));
            let deletion = deletions.entry(client.clone()).or_insert(Deletion { created: turn.now, updated: turn.now });
            deletion.updated = turn.now;
            messages.push(id.clone());
        }
        if changed > 0 {
            let news = UserDeleteMessages { room: self.id.clone(), messages: messages.clone(), all };
            let fact = Fact::MemberChanged { members: vec![client.clone()], fields: news.fields() };
            turn.record(fact, Audience::Accounts(vec![client.clone()]));
        }
        Ok((Marked { matched: messages.len(), changed }, messages))
    }

    /// What a client has deleted for itself, newest message first.
    pub fn deleted_by(&self, client: &UserId) -> Vec<(CompactString, Deletion)> {
        let of = |kept: &Kept| Some((kept.message.id.clone(), *kept.deletions.get(client)?));
        self.messages.places().rev().filter_map(of).collect()
    }
}
