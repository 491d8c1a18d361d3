//! IMKIT's door: two kinds of keys, tokens, and the envelope `RC`, `RM`, `result`.

pub mod envelope;
pub mod gateway;
pub mod jwt;

use crate::api::operation::Operation;

/// All operations of IMKIT.
// table
pub static OPERATIONS: &[Operation] = &[];

/// All operations of IMKIT.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS.iter()
}
