//! IMKIT's door: two kinds of keys, tokens, and the envelope `RC`, `RM`, `result`.

pub mod client_view;
pub mod clients;
pub mod codes;
pub mod envelope;
pub mod fields;
pub mod gateway;
pub mod invitations;
pub mod jwt;
pub mod list;
pub mod members;
pub mod message_view;
pub mod messages;
pub mod query;
pub mod room_view;
pub mod rooms;

use crate::api::imkit::gateway::Imkit;
use crate::api::operation::Operation;
use crate::operation;

/// All operations of IMKIT.
// table
pub static OPERATIONS: &[Operation] = &[
    operation!(Imkit, "imkit.rooms.create_room", "POST" "/rooms", rooms::create_room,
        "Creates a room that the caller does not join.",
        doc: "https://docs.imkit.io/en/room/room-management/create-a-room", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.rooms.create_and_join", "POST" "/rooms/createAndJoin", rooms::create_and_join,
        "Creates a room or finds it again, joins it, and brings others along.",
        doc: "https://docs.imkit.io/en/room/room-management/create-a-room", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.rooms.list_rooms", "GET" "/rooms", list::list_rooms,
        "Lists the caller's rooms: filtered, sorted, in pages.",
        doc: "https://docs.imkit.io/en/room/room-management/list-rooms", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.rooms.list_quitted_rooms", "GET" "/rooms/quitted", list::list_quitted_rooms,
        "Lists the rooms that the caller left or was removed from.",
        doc: "https://github.com/imkit/api-doc", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.rooms.get_room", "GET" "/rooms/{id}", rooms::get_room,
        "Reads one room with its members.",
        doc: "https://docs.imkit.io/en/room/room-members/list-members", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.rooms.update_room", "PUT" "/rooms/{id}", rooms::update_room,
        "Changes what a room is; freezes it; hands it over.",
        doc: "https://docs.imkit.io/en/room/room-management/update-a-room", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.rooms.delete_room", "DELETE" "/rooms/{id}", rooms::delete_room,
        "Deletes a room with its messages.",
        doc: "https://docs.imkit.io/en/room/room-management/delete-a-room", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.rooms.join_room", "POST" "/rooms/{id}/join", members::join_room,
        "Joins a room, or accepts an invitation to it.",
        doc: "https://github.com/imkit/api-doc", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.rooms.add_members", "POST" "/rooms/{id}/members", members::add_members,
        "Adds members to a room, or invites them.",
        doc: "https://docs.imkit.io/en/room/room-members/add-a-member", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.rooms.add_member", "POST" "/rooms/{id}/members/{client}", members::add_member,
        "Adds one member to a room (legacy).",
        doc: "https://github.com/imkit/api-doc", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.rooms.delete_members", "POST" "/rooms/{id}/delete/members", members::delete_members,
        "Removes members from a room, or leaves it.",
        doc: "https://docs.imkit.io/en/room/room-members/remove-a-member", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.rooms.delete_member", "DELETE" "/rooms/{id}/members/{client}", members::delete_member,
        "Removes one member from a room, or leaves it (legacy).",
        doc: "https://github.com/imkit/api-doc", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.rooms.list_my_invitations", "GET" "/rooms/invitations", invitations::list_my_invitations,
        "Lists the caller's pending invitations.",
        doc: "https://github.com/imkit/api-doc", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.rooms.list_room_invitations", "GET" "/rooms/{id}/invitations",
        invitations::list_room_invitations,
        "Lists the pending invitations to a room.",
        doc: "https://github.com/imkit/api-doc", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.rooms.decline_invitations", "DELETE" "/rooms/{id}/invitations",
        invitations::decline_invitations,
        "Declines the caller's invitations to a room.",
        doc: "https://github.com/imkit/api-doc", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.rooms.cancel_invitations", "POST" "/rooms/{id}/delete/invitations",
        invitations::cancel_invitations,
        "Takes invitations to a room back.",
        doc: "https://github.com/imkit/api-doc", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.rooms.cancel_invitation", "DELETE" "/rooms/{id}/invitations/{client}",
        invitations::cancel_invitation,
        "Takes one client's invitations to a room back (deprecated).",
        doc: "https://github.com/imkit/api-doc", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.messages.send_message", "POST" "/rooms/{id}/message", messages::send_message,
        "Sends a message, changes it, or takes it back.",
        doc: "https://docs.imkit.io/en/message/message-basic/send-a-message", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.messages.list_messages", "GET" "/rooms/{id}/messages/v3", messages::list_messages,
        "Lists the messages of a room.",
        doc: "https://docs.imkit.io/en/message/message-basic/get-message-by-a-room", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.users.put_client", "POST" "/admin/clients", clients::put_client,
        "Makes a client or changes it, and issues or binds a token.",
        doc: "https://docs.imkit.io/en/user/user-management/create-a-user", limits: [], per_second: (0, 0)),
    operation!(Imkit, "imkit.users.sign_token", "POST" "/auths/sign/v2", clients::sign_token,
        "Signs a token for a client.",
        doc: "https://docs.imkit.io/en/user/user-token/issue-token", limits: [], per_second: (0, 0)),
];

/// All operations of IMKIT.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS.iter()
}
