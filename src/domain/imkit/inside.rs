//! Who is inside a room: the one place that knows what counts as a member, user groups included.

use std::collections::HashSet;

use crate::domain::imkit::room::{Room, RoomType};
use crate::kernel::fact::{Audience, Leaver, NAMED_AUDIENCE_MAX};
use crate::kernel::names::UserId;

impl Room {
    /// Whether a client is a member: by its own id, or by a user group that it is in.
    pub fn is_member(&self, client: &str) -> bool {
        // Assumed: a client is a member of a room if its id or a user group with it is among the members.
        self.members.contains(client) || self.groups.of(client).iter().any(|group| self.members.contains(group))
    }

    /// Those who are inside only by the user groups among the members.
    pub fn only_by_groups(&self) -> Vec<UserId> {
        self.only_by_group(&self.groups_among(&[]))
    }

    /// Whom the vendor's sockets would tell: everybody inside, and these who have just left.
    pub fn audience(&self, left: &[Leaver]) -> Audience {
        let groups = self.groups_among(left);
        if groups.is_empty() {
            return Audience::members(&self.members, left, None);
        }
        let own = self.members.ids().chain(left.iter().map(|gone| &gone.id)).filter(|id| !groups.contains(*id));
        let left_alone: HashSet<&UserId> = left.iter().map(|gone| &gone.id).collect();
        let and = self.only_by_group(&groups).into_iter().filter(|id| !left_alone.contains(id));
        let and: Vec<UserId> = and.collect();
        let count = self.members.len() + left.len() - groups.len() + and.len();
        if count > NAMED_AUDIENCE_MAX {
            return Audience::AllOf { mark: self.members.next_join(), but: groups, and, count };
        }
        Audience::Accounts(own.cloned().chain(and).collect())
    }

    /// Everybody inside but one: the one who acted, say.
    pub fn audience_but(&self, out: &UserId) -> Audience {
        let mut audience = self.audience(&[]);
        match &mut audience {
            Audience::Accounts(accounts) => accounts.retain(|id| id != out),
            Audience::AllOf { but, and, count, .. } => {
                and.retain(|id| id != out);
                but.extend(self.members.contains(out).then(|| out.clone()));
                *count -= usize::from(self.is_member(out));
            }
        }
        audience
    }

    /// The user groups among the members and these who left; looked for from the side that has fewer.
    fn groups_among(&self, left: &[Leaver]) -> Vec<UserId> {
        if self.groups.is_empty() {
            return Vec::new();
        }
        let gone = left.iter().map(|gone| gone.id.clone()).filter(|id| self.groups.contains(id));
        if self.groups.len() < self.members.len() {
            let mut inside = self.groups.ids();
            inside.retain(|id| self.members.contains(id));
            return inside.into_iter().chain(gone).collect();
        }
        self.members.ids().filter(|id| self.groups.contains(id)).cloned().chain(gone).collect()
    }

    /// The clients of these groups who are no members by their own ids, each once.
    fn only_by_group(&self, groups: &[UserId]) -> Vec<UserId> {
        let (mut seen, mut found) = (HashSet::new(), Vec::new());
        for group in groups.iter().filter_map(|id| self.groups.get(id)) {
            for client in group.members.iter().filter(|client| !self.members.contains(client)) {
                if seen.insert(client.clone()) {
                    found.push(client.clone());
                }
            }
        }
        found
    }

    /// Whether the room is for a pair.
    pub fn is_direct(&self) -> bool {
        self.info.room_type == Some(RoomType::Direct)
    }

    /// Notes the pair of a direct room: the first two who are inside. A third changes nothing about it.
    pub fn settle_pair(&mut self) {
        if !self.is_direct() {
            self.pair.clear();
        } else if self.pair.len() < 2 {
            let new = self.members.ids().filter(|id| !self.pair.contains(id)).take(2 - self.pair.len());
            let new: Vec<UserId> = new.cloned().collect();
            self.pair.extend(new);
        }
    }
}
