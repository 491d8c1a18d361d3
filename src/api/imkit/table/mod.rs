//! The operations of IMKIT: a table for each part of the service.

mod files;
mod messages;
mod people;
mod relations;
mod rooms;
mod settings;
mod users;

use crate::api::operation::Operation;

/// All of them.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    [
        rooms::OPERATIONS,
        users::OPERATIONS,
        people::OPERATIONS,
        relations::OPERATIONS,
        settings::OPERATIONS,
        messages::OPERATIONS,
        files::OPERATIONS,
    ]
    .into_iter()
    .flatten()
}
