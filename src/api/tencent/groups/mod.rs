//! The table of Chat group operations.

use crate::api::operation::Operation;

/// The rows: `v4/group_open_http_svc`.
// table
pub static OPERATIONS: &[Operation] = &[];
