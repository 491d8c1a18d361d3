//! The operations of IMKIT: a table for each part of the service.

mod messages;
mod people;
mod rooms;
mod settings;
mod users;

use crate::api::operation::Operation;

/// All of them.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    [rooms::OPERATIONS, users::OPERATIONS, people::OPERATIONS, settings::OPERATIONS, messages::OPERATIONS]
        .into_iter()
        .flatten()
}
