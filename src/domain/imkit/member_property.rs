//! What members and the application set about a member of a room: its role, and properties of any name.

use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::json::Json;
use crate::domain::imkit::membership::Person;
use crate::domain::imkit::posting::System;
use crate::domain::imkit::room::{Actor, Room};
use crate::kernel::fact::{Fact, Field};
use crate::kernel::turn::Turn;

/// The property that gives a member the rights of an admin.
pub const ROLE: &str = "role";
/// The role that runs the room.
pub const ADMIN: &str = "admin";

impl Room {
    /// Whether somebody runs the room: an owner, managers, or a member with the role `admin`.
    fn has_superuser(&self) -> bool {
        let managed = self.info.managers.as_ref().is_some_and(|managers| !managers.is_empty());
        self.info.owner.is_some() || managed || self.properties.has_admin(&self.members)
    }

    /// Sets one property of a member; a checked `role` makes an admin, with a message, or a member.
    ///
    /// # Errors
    /// The caller is no member, or may not give roles; the other one is not inside.
    pub fn set_property(
        &mut self,
        turn: &mut Turn<'_>,
        actor: &Actor,
        person: &Person,
        name: &str,
        value: Json,
    ) -> Result<(), ImkitError> {
        self.check_member(actor)?;
        let is_role = name == ROLE;
        // Assumed: any member sets properties of members; roles are given by superusers, and by any member where there are none.
        if is_role && self.has_superuser() {
            self.check_superuser(actor, "give roles")?;
        }
        if !self.members.contains(&person.id) {
            return Err(ImkitError::MemberMissing { field: "client", client: person.id.clone() });
        }
        self.properties.set(&person.id, name, value.clone());
        if is_role && value.inner() == Some(ADMIN) {
            self.post_system(turn, actor, System::promoted(person), &[]);
        }
        let members = vec![person.id.clone()];
        let fact = if is_role {
            Fact::RoleChanged { members, fields: vec![(ROLE, value.inner().unwrap_or_default().into())] }
        } else {
            Fact::MemberChanged { members, fields: vec![("property", name.into()), ("value", Field::object(value))] }
        };
        turn.record(fact, self.audience(&[]));
        Ok(())
    }
}
