//! The operations of messages.

use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::messages;
use crate::api::operation::Operation;
use crate::operation;

/// Their rows.
// table
pub static OPERATIONS: &[Operation] = &[
    operation!(Imkit, "imkit.messages.send_message", "POST" "/rooms/{id}/message", messages::send_message,
        "Sends a message, changes it, or takes it back.",
        doc: "https://docs.imkit.io/en/message/message-basic/send-a-message", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.messages.list_messages", "GET" "/rooms/{id}/messages/v3", messages::list_messages,
        "Lists the messages of a room.",
        doc: "https://docs.imkit.io/en/message/message-basic/get-message-by-a-room", limits: [], per_second: (0, 0)),
];
