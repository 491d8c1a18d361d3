//! The operations of clients, their keys and tokens.

use crate::api::imkit::clients;
use crate::api::imkit::gateway::Imkit;
use crate::api::operation::{Access, Operation};
use crate::operation;

/// Their rows.
// table
pub static OPERATIONS: &[Operation] = &[
    operation!(Imkit, "imkit.users.put_client", "POST" "/admin/clients", clients::put_client,
        "Makes a client or changes it, and issues or binds a token.",
        doc: "https://docs.imkit.io/en/user/user-management/create-a-user", limits: [], per_second: (0, 0),
        access: Access::ApiKey),
    operation!(Imkit, "imkit.users.sign_token", "POST" "/auths/sign/v2", clients::sign_token,
        "Signs a token for a client.",
        doc: "https://docs.imkit.io/en/user/user-token/issue-token", limits: [], per_second: (0, 0),
        access: Access::Sandbox),
];
