//! Tencent's door: query parameters, UserSig, administrators, and the envelopes of its services.

pub mod accounts;
pub mod callbacks;
pub mod code_table;
pub mod codes;
pub mod envelope;
pub mod gateway;
pub mod groups;
pub mod lives;
pub mod rooms;
pub mod usersig;

use crate::api::operation::Operation;

/// All operations of Tencent's services.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    let groups = groups::OPERATIONS.iter().chain(groups::table::MESSAGES).chain(groups::table::EXTRAS);
    let rooms = rooms::OPERATIONS.iter().chain(rooms::live_table::OPERATIONS);
    accounts::OPERATIONS.iter().chain(groups).chain(rooms)
}
