//! The table of Room Engine operations.

pub mod info;
pub mod members;

use crate::api::operation::Operation;
use crate::api::tencent::gateway::Tencent;
use crate::operation;

/// The rows: `v4/room_engine_http_srv`.
// table
pub static OPERATIONS: &[Operation] = &[
    operation!(Tencent, "tencent.rooms.create_room", "POST" "/v4/room_engine_http_srv/create_room", info::create_room,
        "Creates a room now, or schedules a meeting.",
        doc: "https://trtc.io/document/60707",
        limits: [info::ROOM_ID, info::ROOM_NAME, info::CUSTOM_INFO, info::CAPACITY, info::SEATS], per_second: (200, 200)),
    operation!(Tencent, "tencent.rooms.destroy_room", "POST" "/v4/room_engine_http_srv/destroy_room", info::destroy_room,
        "Dissolves a room.",
        doc: "https://trtc.io/document/60706", limits: [info::NAMED_ROOM_ID], per_second: (200, 200)),
    operation!(Tencent, "tencent.rooms.get_room_info", "POST" "/v4/room_engine_http_srv/get_room_info", info::get_room_info,
        "Reads all data of one room.",
        doc: "https://trtc.io/document/60704", limits: [info::NAMED_ROOM_ID], per_second: (200, 200)),
    operation!(Tencent, "tencent.rooms.get_room_member_list", "POST" "/v4/room_engine_http_srv/get_room_member_list",
        members::get_room_member_list,
        "Pages through the members of a room.",
        doc: "https://trtc.io/document/60715", limits: [info::NAMED_ROOM_ID, members::PAGE], per_second: (200, 200)),
    operation!(Tencent, "tencent.rooms.kick_user_out", "POST" "/v4/room_engine_http_srv/kick_user_out", members::kick_user_out,
        "Removes members from a room.",
        doc: "https://trtc.io/document/60708",
        limits: [info::NAMED_ROOM_ID, members::KICKED, members::REASON], per_second: (200, 200)),
];
