//! The operations of IMKIT: a table for each part of the service.

mod files;
mod messages;
mod rooms;
mod users;

use crate::api::operation::Operation;

/// All of them.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    [rooms::OPERATIONS, users::OPERATIONS, messages::OPERATIONS, files::OPERATIONS].into_iter().flatten()
}
