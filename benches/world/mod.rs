//! The world of the soak, and the calls that are made in it.

use serde_json::{Value, json};

use crate::load::line::{Answer, with_headers};
use crate::load::{group, room};

/// Tencent's application.
pub const SDKAPPID: u64 = 700;
/// IMKIT's.
pub const APP: &str = "soak";
/// Groups, rooms and IMKIT rooms, so many of each.
pub const ENTITIES: u64 = 8;
/// Who asks in IMKIT: the platform.
pub const IMKIT_ADMIN: &str = "IM-API-KEY: ak\r\n";
/// Or the client that is a member of every room for good.
const IMKIT_HOST: &str = "IM-CLIENT-KEY: ck\r\nIM-Authorization: t-host\r\n";
/// People who come and go.
const PEOPLE: u64 = 40;

/// The state document.
pub fn document() -> Value {
    let names: Vec<String> = (0..PEOPLE).map(|at| format!("u{at}")).chain(["host".into()]).collect();
    let accounts: Vec<Value> = names.iter().map(|id| json!({"UserID": id})).collect();
    let clients: Vec<Value> =
        names.iter().map(|id| json!({"_id": id, "nickname": id, "tokens": [format!("t-{id}")]})).collect();
    let groups: Vec<Value> = (0..ENTITIES)
        .map(|at| {
            let members = json!([{"Member_Account": "host"}]);
            json!({"GroupId": format!("g{at}"), "Type": "Public", "Name": "n", "Owner_Account": "host", "MemberList": members})
        })
        .collect();
    let rooms: Vec<Value> =
        (0..ENTITIES).map(|at| json!({"RoomId": format!("r{at}"), "Owner_Account": "host"})).collect();
    let teas: Vec<Value> = (0..ENTITIES)
        .map(|at| json!({"_id": format!("t{at}"), "name": "Tea", "roomType": "group", "members": ["host"]}))
        .collect();
    json!({"imulator": 1,
        "tencent": {SDKAPPID.to_string(): {"accounts": accounts, "groups": groups, "rooms": rooms}},
        "imkit": {APP: {"client_keys": ["ck"], "api_keys": ["ak"], "clients": clients, "rooms": teas}}})
}

/// An IMKIT call as the bytes of its request.
pub fn imkit(method: &str, path: &str, who: &str, body: &str) -> Vec<u8> {
    with_headers(method, path, &format!("{who}content-type: application/json\r\n"), body)
}

/// A stream of numbers for each caller.
pub struct Dice(pub u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn person(&mut self) -> String {
        format!("u{}", self.below(PEOPLE))
    }

    fn people(&mut self) -> Vec<String> {
        let mut people: Vec<String> = (0..=self.below(3)).map(|_| self.person()).collect();
        people.sort_unstable();
        people.dedup();
        people
    }
}

/// One of the calls of the mixed load.
pub fn any(dice: &mut Dice, caller: u64) -> Vec<u8> {
    let at = dice.below(ENTITIES);
    match dice.below(20) {
        0..8 => in_group(dice, &format!("g{at}")),
        8..13 => in_room(dice, &format!("r{at}")),
        13..19 => in_tea(dice, &format!("/rooms/t{at}")),
        // A group that comes and goes; the first who finds it there already ends it.
        _ => {
            let id = format!("w{caller}");
            match dice.below(2) {
                0 => {
                    let members: Vec<Value> = dice.people().iter().map(|id| json!({"Member_Account": id})).collect();
                    group(
                        SDKAPPID,
                        "create_group",
                        &json!({"GroupId": id, "Type": "Public", "Name": "n", "MemberList": members}),
                    )
                }
                _ => group(SDKAPPID, "destroy_group", &json!({"GroupId": id})),
            }
        }
    }
}

fn in_group(dice: &mut Dice, id: &str) -> Vec<u8> {
    match dice.below(8) {
        0..3 => {
            let members: Vec<Value> = dice.people().iter().map(|id| json!({"Member_Account": id})).collect();
            group(SDKAPPID, "add_group_member", &json!({"GroupId": id, "MemberList": members}))
        }
        3..5 => group(SDKAPPID, "delete_group_member", &json!({"GroupId": id, "MemberToDel_Account": dice.people()})),
        5 => {
            let text = json!([{"MsgType": "TIMTextElem", "MsgContent": {"Text": "good morning"}}]);
            let body = json!({"GroupId": id, "From_Account": "host", "Random": dice.below(1 << 30), "MsgBody": text});
            group(SDKAPPID, "send_group_msg", &body)
        }
        6 => group(SDKAPPID, "get_group_member_info", &json!({"GroupId": id})),
        _ => group(SDKAPPID, "get_role_in_group", &json!({"GroupId": id, "User_Account": dice.people()})),
    }
}

fn in_room(dice: &mut Dice, id: &str) -> Vec<u8> {
    let client = |verb: &str, who: String| {
        let target = format!("/_imulator/tencent/{SDKAPPID}/rooms/{id}/{verb}");
        with_headers("POST", &target, "", &json!({"Member_Account": who}).to_string())
    };
    match dice.below(5) {
        0..2 => client("enter", dice.person()),
        2 => client("leave", dice.person()),
        3 => {
            let body = json!({"RoomId": id, "MemberList_Account": [dice.person()], "Reason": "soak"});
            room(SDKAPPID, "kick_user_out", &body)
        }
        _ => room(SDKAPPID, "get_room_member_list", &json!({"RoomId": id, "Count": 50})),
    }
}

fn in_tea(dice: &mut Dice, path: &str) -> Vec<u8> {
    match dice.below(6) {
        0..2 => imkit("POST", &format!("{path}/members"), IMKIT_ADMIN, &json!({"invitees": dice.people()}).to_string()),
        2..4 => {
            let body = json!({"members": [dice.person()]}).to_string();
            imkit("POST", &format!("{path}/delete/members"), IMKIT_ADMIN, &body)
        }
        4 => imkit("POST", &format!("{path}/message"), IMKIT_HOST, &json!({"message": "good morning"}).to_string()),
        _ => imkit("GET", path, IMKIT_ADMIN, ""),
    }
}

/// What no call may be answered: a fault of the server's own.
pub fn is_fault(answer: &Answer) -> bool {
    let text = answer.text();
    let own = ["\"ErrorCode\":10002", "\"ErrorCode\":100001", "\"ErrorCode\":70500", "\"ErrorCode\":6000"];
    answer.status >= 500 || own.iter().any(|code| text.contains(code))
}
