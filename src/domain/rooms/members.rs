//! Members of a room: who comes, who goes and how, and what each is there.

use std::collections::HashSet;

use crate::domain::rooms::error::RoomError;
use crate::domain::rooms::room::Room;
use crate::domain::rooms::way::{Client, Way};
use crate::domain::settings::{KickPartial, TencentOptions};
use crate::kernel::clock::Timestamp;
use crate::kernel::fact::{Fact, Fields, Leaver};
use crate::kernel::names::UserId;
use crate::kernel::turn::Turn;

/// The field that names the accounts of a kick or ban.
pub(super) const LISTED: &str = "MemberList_Account";
/// The field that names one account.
pub(super) const NAMED: &str = "Member_Account";

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

impl Room {
    /// Removes members; duplicates count once.
    ///
    /// # Errors
    /// The owner is in the list and inside, somebody in the list is not inside, or a client may not.
    pub fn kick(
        &mut self,
        turn: &mut Turn<'_>,
        way: &Way,
        listed: &[UserId],
        reason: &str,
        rule: KickPartial,
    ) -> Result<(), RoomError> {
        if let Way::Client(_) = way {
            self.moderates(turn.by)?;
        }
        let leaving = self.may_kick(listed, rule)?;
        // Assumed: one kick tells of all the accounts it removed at once, and is no ban: whoever left may come back.
        self.put_out(turn, leaving, way, reason);
        Ok(())
    }

    /// Who would leave by a kick.
    fn may_kick(&self, listed: &[UserId], rule: KickPartial) -> Result<Vec<UserId>, RoomError> {
        self.members.fetch(listed);
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

    /// Removes these members and tells of it as a kick.
    pub(super) fn put_out(&mut self, turn: &mut Turn<'_>, leaving: Vec<UserId>, way: &Way, reason: &str) {
        let leavers: Vec<Leaver> = leaving
            .into_iter()
            .filter_map(|id| self.members.remove(&id).map(|(joined, _)| Leaver { id, joined }))
            .collect();
        let mut fields: Fields = vec![("reason", reason.into()), ("kicked_reason", way.kicked_reason().into())];
        fields.extend(way.fields());
        self.after_leaving(turn, leavers, "kicked", fields);
    }

    /// Whether this account may act on others in the room.
    ///
    /// # Errors
    /// Not inside, or neither owner nor administrator.
    pub(super) fn moderates(&self, user: &UserId) -> Result<(), RoomError> {
        let Some(member) = self.members.get(user) else {
            return Err(RoomError::NotMember { field: NAMED, user: user.clone() });
        };
        if *user == self.info.owner || member.role == Role::Admin {
            return Ok(());
        }
        Err(RoomError::NotPermitted { user: user.clone(), wanted: "the owner or an administrator of the room" })
    }

    /// Lets somebody in, with the checks that a client meets; already inside is no change.
    ///
    /// # Errors
    /// Banned, without or with a wrong password, or the room is full.
    pub fn enter(
        &mut self,
        turn: &mut Turn<'_>,
        user: &UserId,
        password: &str,
        client: &Client,
    ) -> Result<(), RoomError> {
        // Assumed: entering where one is already inside succeeds and tells nobody.
        if self.members.contains(user) {
            return Ok(());
        }
        self.may_enter(turn.now, user, password)?;
        self.let_in(user.clone(), Member::default());
        let mut fields = self.count_field();
        fields.extend(client.fields());
        turn.record(Fact::Joined { members: vec![user.clone()], how: "entered", fields }, self.everybody());
        Ok(())
    }

    fn may_enter(&self, now: Timestamp, user: &UserId, password: &str) -> Result<(), RoomError> {
        if self.is_banned(now, user) {
            return Err(RoomError::Banned(user.clone()));
        }
        if self.info.is_password_enabled && password.is_empty() {
            return Err(RoomError::PasswordRequired);
        }
        if self.info.is_password_enabled && password != self.info.password {
            return Err(RoomError::PasswordWrong);
        }
        self.has_room()
    }

    /// Whether one more fits in.
    ///
    /// # Errors
    /// The room is full.
    pub(super) fn has_room(&self) -> Result<(), RoomError> {
        let unlimited = self.info.live.is_unlimited_room_enabled;
        let max = usize::try_from(self.info.max_member_count).unwrap_or(usize::MAX);
        if unlimited || self.members.len() < max { Ok(()) } else { Err(RoomError::Full(self.members.len())) }
    }

    /// Somebody leaves on their own (`left`), or was not heard of any more (`expired`); the owner stays the owner.
    ///
    /// # Errors
    /// Not inside.
    pub fn leave(
        &mut self,
        turn: &mut Turn<'_>,
        user: &UserId,
        how: &'static str,
        client: &Client,
    ) -> Result<(), RoomError> {
        // Assumed: an owner who leaves stays the owner, and the room stays.
        let Some((joined, _)) = self.members.remove(user) else {
            return Err(RoomError::NotMember { field: NAMED, user: user.clone() });
        };
        let mut fields: Fields = vec![("reason", "".into())];
        fields.extend(client.fields());
        self.after_leaving(turn, vec![Leaver { id: user.clone(), joined }], how, fields);
        Ok(())
    }

    /// What every way out has in common: seats and waiting are over, the empty room notes the time, everybody is told.
    pub(super) fn after_leaving(&mut self, turn: &mut Turn<'_>, leavers: Vec<Leaver>, how: &'static str, more: Fields) {
        if self.members.is_empty() {
            self.empty_since = Some(turn.now);
        }
        let freed = self.free_seats(&leavers);
        self.requests.retain(|request| leavers.iter().all(|gone| gone.id != request.user));
        let audience = crate::kernel::fact::Audience::members(&self.members, &leavers, None);
        let mut fields = self.count_field();
        fields.extend(more);
        turn.record(Fact::Left { members: leavers, how, fields }, audience.clone());
        if let Some(news) = freed {
            self.tell_seats(turn, news, audience);
        }
    }

    /// Puts somebody inside, without a word.
    pub(super) fn let_in(&mut self, user: UserId, member: Member) {
        self.entered |= !member.robot;
        self.members.join(user, member);
        self.empty_since = None;
    }

    /// The number of members, as facts tell it.
    pub(super) fn count_field(&self) -> Fields {
        vec![("MemberCount", i64::try_from(self.members.len()).unwrap_or(i64::MAX).into())]
    }

    /// Sets what is given on a member; absent parts stay.
    ///
    /// # Errors
    /// Not inside, a role for the owner, or too many administrators.
    pub fn update_member(
        &mut self,
        turn: &mut Turn<'_>,
        user: &UserId,
        change: MemberChange,
        admins_max: Option<u64>,
    ) -> Result<(), RoomError> {
        const FIELD: &str = "MemberInfo.Member_Account";
        let Some(present) = self.members.get(user) else {
            // Assumed: a role for the owner is refused before it is looked at whether the owner is inside.
            return Err(match change.role {
                Some(_) if *user == self.info.owner => self.protected(FIELD),
                _ => RoomError::NotMember { field: FIELD, user: user.clone() },
            });
        };
        if change.role.is_some() && *user == self.info.owner {
            return Err(self.protected(FIELD));
        }
        if change.role == Some(Role::Admin) && present.role != Role::Admin {
            self.may_have_admins(1, admins_max)?;
        }
        let role = change.role.filter(|role| *role != present.role);
        let fields = change.apply(self.members.get_mut(user).expect("looked up above"));
        if !fields.is_empty() {
            turn.record(Fact::MemberChanged { members: vec![user.clone()], fields }, self.everybody());
        }
        if let Some(role) = role {
            self.tell_role(turn, user, role);
        }
        Ok(())
    }

    /// The owner makes a member an administrator, or an ordinary member again, as a client does.
    ///
    /// # Errors
    /// The acting account is not the owner, the named one is not inside or is the owner, or too many administrators.
    pub fn set_admin(
        &mut self,
        turn: &mut Turn<'_>,
        user: &UserId,
        role: Role,
        admins_max: Option<u64>,
    ) -> Result<(), RoomError> {
        if *turn.by != self.info.owner {
            return Err(RoomError::NotPermitted { user: turn.by.clone(), wanted: "the owner of the room" });
        }
        let change = MemberChange { role: Some(role), ..MemberChange::default() };
        self.update_member(turn, user, change, admins_max)
    }

    fn protected(&self, field: &'static str) -> RoomError {
        RoomError::OwnerProtected { field, user: self.info.owner.clone() }
    }

    /// Whether so many more members may be administrators.
    ///
    /// # Errors
    /// They would be too many.
    pub fn may_have_admins(&self, coming: usize, max: Option<u64>) -> Result<(), RoomError> {
        let Some(max) = max.filter(|_| coming > 0) else { return Ok(()) };
        let admins = coming + self.members.iter().filter(|(_, member)| member.role == Role::Admin).count();
        if u64::try_from(admins).is_ok_and(|admins| admins <= max) {
            Ok(())
        } else {
            Err(RoomError::TooManyAdmins(max))
        }
    }

    fn tell_role(&self, turn: &mut Turn<'_>, user: &UserId, role: Role) {
        let fields = vec![("Role", role.word().into())];
        turn.record(Fact::RoleChanged { members: vec![user.clone()], fields }, self.everybody());
    }

    /// Hands the room to another member; the present owner becomes an ordinary one.
    ///
    /// # Errors
    /// The new owner is not inside.
    pub fn change_owner(&mut self, turn: &mut Turn<'_>, to: &UserId) -> Result<(), RoomError> {
        // Assumed: handing a room to its present owner is a success that changes nothing.
        if *to == self.info.owner {
            return Ok(());
        }
        let Some(member) = self.members.get_mut(to) else {
            return Err(RoomError::NotMember { field: "NewOwner_Account", user: to.clone() });
        };
        member.role = Role::Member;
        let from = std::mem::replace(&mut self.info.owner, to.clone());
        if let Some(old) = self.members.get_mut(&from) {
            old.role = Role::Member;
        }
        let fact = Fact::OwnerChanged { from: Some(from), to: Some(to.clone()), fields: Fields::new() };
        turn.record(fact, self.everybody());
        self.tell_info(turn, vec!["Owner_Account"]);
        Ok(())
    }

    /// The word for a member's role: the owner's follows from the room.
    pub fn role_word(&self, user: &UserId, member: &Member, options: &TencentOptions) -> &'static str {
        if *user == self.info.owner {
            return if options.room_owner_word { "RoomOwner" } else { "Owner" };
        }
        member.role.word()
    }
}

impl Role {
    /// The service's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Admin => "Admin",
            Self::Member => "Member",
        }
    }
}

/// What an update sets on a member; absent parts stay.
#[derive(Clone, Debug, Default)]
pub struct MemberChange {
    /// The name in the room.
    pub name_card: Option<String>,
    /// Administrator or not.
    pub role: Option<Role>,
    /// Free text of the app.
    pub custom_info: Option<String>,
}

impl MemberChange {
    /// Sets it and gives what became another, the role aside.
    fn apply(self, member: &mut Member) -> Fields {
        let mut fields: Fields = Vec::new();
        if let Some(role) = self.role {
            member.role = role;
        }
        if self.name_card.is_some() || self.custom_info.is_some() {
            let details = member.details.get_or_insert_default();
            let texts = [
                ("NameCard", &mut details.name_card, self.name_card),
                ("CustomInfo", &mut details.custom_info, self.custom_info),
            ];
            for (name, to, from) in texts {
                if let Some(text) = from.filter(|text| text != to) {
                    fields.push((name, text.as_str().into()));
                    *to = text;
                }
            }
        }
        fields
    }
}
