//! Members: those of a room as rooms show them: clients, and user groups with the clients in them.

use serde::ser::{Serialize, SerializeSeq, Serializer};

use crate::api::imkit::client_view::{ClientLook, ClientView, Form};
use crate::api::imkit::room_view::person;
use crate::domain::imkit::ImkitApp;
use crate::kernel::names::UserId;

/// Members by id; ids without a client are left out. Each is looked at while it is written, without a copy.
#[derive(Clone, Copy, Debug)]
pub struct Members<'a> {
    /// The application.
    pub app: &'a ImkitApp,
    /// Who they are.
    pub ids: &'a [UserId],
    /// How much of each is shown.
    pub form: Form,
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { app, ids, form } = *self;
        let now = app.tenancy.now();
        let mut list = to.serialize_seq(None)?;
        for id in ids {
            let group = app.users.groups().get(id);
            let group: Option<Vec<ClientView>> =
                group.map(|group| group.members.iter().filter_map(|id| person(app, id, form)).collect());
            let write = |client: &_| list.serialize_element(&ClientLook { client, form, now, group: group.as_deref() });
            app.users.look(id, write).transpose()?;
        }
        list.end()
    }
}
