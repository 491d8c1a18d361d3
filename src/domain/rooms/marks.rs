//! Marks and robots: the numeric tags of members, and the members that a server puts in.

use std::collections::HashSet;

use crate::domain::rooms::error::RoomError;
use crate::domain::rooms::members::Member;
use crate::domain::rooms::room::Room;
use crate::kernel::fact::{Fact, Field, Leaver};
use crate::kernel::names::UserId;
use crate::kernel::turn::Turn;

/// Most marks of a member.
pub const MEMBER_MARKS_MAX: usize = 3;
/// Most different marks in a room.
pub const ROOM_MARKS_MAX: usize = 10;

/// What becomes of the marks that are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marking {
    /// They are added to those that a member has.
    Set,
    /// They are taken away.
    Delete,
}

impl Room {
    /// Sets or deletes marks of members: all or nothing.
    ///
    /// # Errors
    /// Somebody is not inside, or a member or the room would have too many marks.
    pub fn mark(
        &mut self,
        turn: &mut Turn<'_>,
        marking: Marking,
        listed: &[(UserId, Vec<u32>)],
    ) -> Result<(), RoomError> {
        let mut after: Vec<(UserId, Vec<u32>)> = Vec::new();
        for (id, marks) in listed {
            let Some(member) = self.members.get(id) else {
                return Err(RoomError::NotMember { field: "MemberList.Member_Account", user: id.clone() });
            };
            let place = after.iter().position(|(known, _)| known == id).unwrap_or_else(|| {
                after.push((id.clone(), member.marks().to_vec()));
                after.len() - 1
            });
            let own = &mut after[place].1;
            // Assumed: setting adds to the marks that are there, and deleting one that is not there is no mistake.
            match marking {
                Marking::Set => marks.iter().for_each(|mark| {
                    if !own.contains(mark) {
                        own.push(*mark);
                    }
                }),
                Marking::Delete => own.retain(|mark| !marks.contains(mark)),
            }
        }
        if marking == Marking::Set {
            self.may_have_marks(&after)?;
        }
        for (id, marks) in after {
            let member = self.members.get_mut(&id).expect("looked up above");
            if member.marks() == marks {
                continue;
            }
            member.details.get_or_insert_default().marks.clone_from(&marks);
            let fields = vec![("Marks", Field::object(marks))];
            turn.record(Fact::MemberChanged { members: vec![id], fields }, self.everybody());
        }
        Ok(())
    }

    fn may_have_marks(&self, after: &[(UserId, Vec<u32>)]) -> Result<(), RoomError> {
        if let Some((id, marks)) = after.iter().find(|(_, marks)| marks.len() > MEMBER_MARKS_MAX) {
            let why = format!("{id} would have {} marks; a member has at most {MEMBER_MARKS_MAX}", marks.len());
            return Err(RoomError::TooManyMarks(why));
        }
        let others = self.members.iter().filter(|(id, _)| after.iter().all(|(known, _)| known != *id));
        let mut all: HashSet<u32> = others.flat_map(|(_, member)| member.marks()).copied().collect();
        all.extend(after.iter().flat_map(|(_, marks)| marks));
        if all.len() > ROOM_MARKS_MAX {
            let why = format!("the room would have {} different marks, at most {ROOM_MARKS_MAX}", all.len());
            return Err(RoomError::TooManyMarks(why));
        }
        Ok(())
    }

    /// Puts robots in; who is inside already stays as it is.
    ///
    /// # Errors
    /// Banned, too many robots, or the room is full; then none came in.
    pub fn add_robots(&mut self, turn: &mut Turn<'_>, robots: &[UserId], max: u64) -> Result<(), RoomError> {
        let mut coming: Vec<UserId> = Vec::new();
        for id in robots.iter().filter(|id| !self.members.contains(id)) {
            // Assumed: a banned account cannot come in as a robot either.
            if self.is_banned(turn.now, id) {
                return Err(RoomError::Banned(id.clone()));
            }
            if !coming.contains(id) {
                coming.push(id.clone());
            }
        }
        if coming.is_empty() {
            return Ok(());
        }
        let robots = self.robots().count() + coming.len();
        if u64::try_from(robots).unwrap_or(u64::MAX) > max {
            return Err(RoomError::TooManyRobots(max));
        }
        let free = self.info.max_member_count.saturating_sub(u64::try_from(self.members.len()).unwrap_or(u64::MAX));
        let unlimited = self.info.live.is_unlimited_room_enabled;
        if !unlimited && u64::try_from(coming.len()).unwrap_or(u64::MAX) > free {
            return Err(RoomError::Full(self.members.len()));
        }
        // Assumed: a robot inside keeps the room from being empty, but does not begin a meeting.
        for id in &coming {
            self.let_in(id.clone(), Member { robot: true, ..Member::default() });
        }
        turn.record(Fact::Joined { members: coming, how: "robot", fields: self.count_field() }, self.everybody());
        Ok(())
    }

    /// Takes robots out; `field` names them.
    ///
    /// # Errors
    /// One is not inside, or is no robot; then none left.
    pub fn delete_robots(
        &mut self,
        turn: &mut Turn<'_>,
        field: &'static str,
        robots: &[UserId],
    ) -> Result<(), RoomError> {
        // Assumed: a member who is no robot is to this command nobody who is inside.
        if let Some(stranger) = robots.iter().find(|id| !self.members.get(id).is_some_and(|member| member.robot)) {
            return Err(RoomError::NotMember { field, user: stranger.clone() });
        }
        let leavers: Vec<Leaver> = robots
            .iter()
            .filter_map(|id| self.members.remove(id).map(|(joined, _)| Leaver { id: id.clone(), joined }))
            .collect();
        self.after_leaving(turn, leavers, "robot", vec![("reason", "".into())]);
        Ok(())
    }

    /// The robots inside, in the order in which they came.
    pub fn robots(&self) -> impl Iterator<Item = &UserId> {
        self.members.iter().filter(|(_, member)| member.robot).map(|(id, _)| id)
    }
}

impl Member {
    /// The member's marks.
    pub fn marks(&self) -> &[u32] {
        self.details.as_deref().map_or(&[], |details| &details.marks)
    }
}
