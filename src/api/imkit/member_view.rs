//! MemberView: a member as rooms show it: a client, or a user group with the clients in it.

use serde::ser::{Serialize, Serializer};

use crate::api::imkit::client_view::{ClientView, Form};
use crate::api::imkit::room_view::person;
use crate::domain::imkit::ImkitApp;
use crate::kernel::names::UserId;

/// A member of a room.
#[derive(Clone, Debug)]
pub struct MemberView {
    view: ClientView,
    /// The clients of a user group; ids without a client are left out.
    group: Option<Vec<ClientView>>,
}

impl MemberView {
    /// The member of this id, if there is such a client or group.
    pub fn of(app: &ImkitApp, id: &UserId, form: Form) -> Option<Self> {
        let view = person(app, id, form)?;
        let group = app.users.groups().get(id);
        let group = group.map(|group| group.members.iter().filter_map(|id| person(app, id, form)).collect());
        Some(Self { view, group })
    }
}

impl Serialize for MemberView {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.view.write(to, self.group.as_deref())
    }
}
