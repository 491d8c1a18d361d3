//! What the Room Engine's callbacks say of facts; nothing else than facts makes them.

use serde_json::{Value, json};

use crate::api::details::Details;
use crate::api::entry::value_of;
use crate::api::tencent::callbacks::News;
use crate::kernel::fact::{Event, Fact, Field, Leaver};
use crate::kernel::names::UserId;

/// The callbacks of a fact about a room, of those that are wanted.
// Assumed: live rooms send the callbacks of meetings, because the bodies of the live service's own are not known.
pub fn news(event: &Event, wanted: &dyn Fn(&str) -> bool) -> Vec<News> {
    let room = &event.scope.id;
    let operator = &event.by;
    let one = |command: &'static str, fields: &dyn Fn() -> Value| match wanted(command) {
        true => vec![News { command, fields: fields() }],
        false => Vec::new(),
    };
    match &event.fact {
        Fact::Created { fields, .. } => one("Room.CallbackAfterCreateRoom", &|| {
            let details = Details(fields);
            json!({"Operator_Account": operator, "RoomInfo": details.value("RoomInfo"),
                "ScheduleInviteeList_Account": details.value("ScheduleInviteeList_Account")})
        }),
        Fact::Destroyed { .. } => {
            one("Room.CallbackAfterDestroyRoom", &|| json!({"Operator_Account": operator, "RoomId": room}))
        }
        Fact::InfoChanged { fields } => one(
            "Room.CallbackAfterUpdateRoomInfo",
            &|| json!({"Operator_Account": operator, "RoomInfo": Details(fields).value("RoomInfo")}),
        ),
        Fact::Joined { members, how: "entered", fields } => one("Room.CallbackAfterMemberEnter", &|| {
            json!({"Operator_Account": operator, "RoomId": room, "MemberCount": Details(fields).value("MemberCount"),
                "Type": "Enter", "MemberList_Account": members})
        }),
        Fact::Left { members, how, fields } => match type_of_leaving(how) {
            Some(word) => one("Room.CallbackAfterMemberLeave", &|| {
                let details = Details(fields);
                let members: Vec<&UserId> = members.iter().map(|Leaver { id, .. }| id).collect();
                json!({"Operator_Account": operator, "RoomId": room, "MemberCount": details.value("MemberCount"),
                    "Type": word, "MemberList_Account": members, "Reason": details.text("reason")})
            }),
            None => Vec::new(),
        },
        Fact::SeatChanged { seats, .. } => one(
            "Mic.CallbackAfterSeatInfoChanged",
            &|| json!({"Operator_Account": operator, "RoomId": room, "SeatList": value_of(&Field::Object(seats.clone()))}),
        ),
        // A robot's coming is none of an ordinary member, and nobody is told of what stands here besides.
        Fact::Joined { .. }
        | Fact::Invited { .. }
        | Fact::InvitationEnded { .. }
        | Fact::OwnerChanged { .. }
        | Fact::MemberChanged { .. }
        | Fact::RoleChanged { .. }
        | Fact::Muted { .. }
        | Fact::Banned { .. }
        | Fact::Posted { .. }
        | Fact::Recalled { .. }
        | Fact::AccountChanged { .. }
        | Fact::Pushed { .. }
        | Fact::TenantOpened
        | Fact::TenantDropped { .. }
        | Fact::Seeded
        | Fact::Reset => Vec::new(),
    }
}

/// The service's word; robots leave without one.
fn type_of_leaving(how: &str) -> Option<&'static str> {
    match how {
        "left" => Some("Leave"),
        "kicked" => Some("Kicked"),
        "expired" => Some("Expired"),
        _ => None,
    }
}
