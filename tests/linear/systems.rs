//! The memberships of the three back ends, each with its model, and one that is broken on purpose.

use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{Dice, Inside, Op, PEOPLE, Reply, System};
use crate::common::{Answer, House, start};

/// Most members of the groups and rooms here.
const MAX: usize = 4;

/// An emulator in which all people are known to all back ends.
pub async fn world() -> House {
    let accounts: Vec<Value> = PEOPLE.iter().map(|id| json!({"UserID": id})).collect();
    let clients: Vec<Value> = PEOPLE.iter().map(|id| json!({"_id": id, "nickname": id})).collect();
    start(json!({"imulator": 1,
        "tencent": {"88888888": {"accounts": accounts}},
        "imkit": {"app": {"client_keys": ["ck"], "api_keys": ["ak"], "clients": clients}}}))
    .await
}

fn names(who: &[usize]) -> Vec<&'static str> {
    who.iter().map(|who| PEOPLE[*who]).collect()
}

fn entries(who: &[usize]) -> Vec<Value> {
    names(who).iter().map(|id| json!({"Member_Account": id})).collect()
}

/// What each entry of a list says under these names, in a line.
fn lines(list: &Value, names: &[&str]) -> Vec<String> {
    let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let line = |entry: &Value| names.iter().map(|name| word(&entry[*name])).collect::<Vec<_>>().join(" ");
    list.as_array().into_iter().flatten().map(line).collect()
}

/// Half adding, a third removing, the rest looking.
fn any(dice: &mut Dice) -> Op {
    match dice.below(6) {
        0..3 => Op::Add(dice.people()),
        3..5 => Op::Remove(dice.people()),
        _ => Op::Look,
    }
}

/// Tencent's groups: `add_group_member`, `delete_group_member`, `get_group_member_info`, `get_role_in_group`.
pub struct Groups;

impl System for Groups {
    async fn make(house: &House, name: &str) {
        let body =
            json!({"GroupId": name, "Type": "Public", "Name": "n", "MaxMemberCount": MAX, "Owner_Account": PEOPLE[0]});
        assert_eq!(house.group("create_group", body).await.code(), 0);
    }

    async fn call(house: &House, name: &str, op: &Op) -> Reply {
        let (command, body) = match op {
            Op::Add(who) => ("add_group_member", json!({"GroupId": name, "MemberList": entries(who)})),
            Op::Remove(who) => ("delete_group_member", json!({"GroupId": name, "MemberToDel_Account": names(who)})),
            Op::Look => ("get_group_member_info", json!({"GroupId": name})),
            Op::Roles => ("get_role_in_group", json!({"GroupId": name, "User_Account": PEOPLE})),
        };
        let answer = house.group(command, body).await;
        let reply = answer.json();
        let shown = match op {
            Op::Add(_) => lines(&reply["MemberList"], &["Member_Account", "Result"]),
            Op::Remove(_) => Vec::new(),
            Op::Look => {
                let members = lines(&reply["MemberList"], &["Member_Account"]);
                assert_eq!(reply["MemberNum"], json!(members.len()), "the count and the list are of one moment");
                members
            }
            Op::Roles => lines(&reply["UserIdList"], &["Member_Account", "Role"]),
        };
        Reply::new(answer.code(), shown)
    }

    fn fresh() -> Inside {
        Inside { members: vec![0], owner: Some(0) }
    }

    fn model(inside: &mut Inside, op: &Op) -> Reply {
        match op {
            Op::Add(who) => {
                let is_new = |who: &&usize| !inside.members.contains(who);
                let new: Vec<usize> = who.iter().filter(is_new).copied().collect();
                if inside.members.len() + new.len() > MAX && !new.is_empty() {
                    return Reply::new(10014, Vec::new());
                }
                let result = |who: &usize| if new.contains(who) { 1 } else { 2 };
                let shown = who.iter().map(|who| format!("{} {}", PEOPLE[*who], result(who))).collect();
                inside.members.extend(&new);
                Reply::new(0, shown)
            }
            Op::Remove(who) => {
                inside.members.retain(|member| !who.contains(member));
                inside.owner = inside.owner.filter(|owner| !who.contains(owner));
                Reply::new(0, Vec::new())
            }
            Op::Look => Reply::new(0, inside.names()),
            Op::Roles => {
                let role = |who: usize| match who {
                    _ if inside.owner == Some(who) => "Owner",
                    _ if inside.members.contains(&who) => "Member",
                    _ => "NotMember",
                };
                Reply::new(0, (0..PEOPLE.len()).map(|who| format!("{} {}", PEOPLE[who], role(who))).collect())
            }
        }
    }

    fn any(dice: &mut Dice) -> Op {
        if dice.below(6) == 0 { Op::Roles } else { any(dice) }
    }
}

/// Tencent's rooms: entering one by one, `kick_user_out`, `get_room_member_list`.
pub struct Rooms;

impl System for Rooms {
    async fn make(house: &House, name: &str) {
        let info = json!({"RoomId": name, "RoomType": "Conference", "Owner_Account": "mira", "MaxMemberCount": MAX});
        assert_eq!(house.tencent("im_open_login_svc/account_import", json!({"UserID": "mira"})).await.code(), 0);
        assert_eq!(house.room("create_room", json!({"RoomInfo": info})).await.code(), 0);
    }

    async fn call(house: &House, name: &str, op: &Op) -> Reply {
        let answer = match op {
            Op::Add(who) => {
                let answer = house.enters(name, PEOPLE[who[0]]).await;
                let reply = answer.json();
                return Reply::new(reply["error"]["code"].as_i64().unwrap_or(0), Vec::new());
            }
            Op::Remove(who) => {
                let body = json!({"RoomId": name, "MemberList_Account": names(who), "Reason": ""});
                house.room("kick_user_out", body).await
            }
            _ => house.room("get_room_member_list", json!({"RoomId": name, "Count": 10})).await,
        };
        let shown = match op {
            Op::Look => lines(&answer.json()["Response"]["MemberList"], &["Member_Account"]),
            _ => Vec::new(),
        };
        Reply::new(answer.code(), shown)
    }

    fn fresh() -> Inside {
        Inside { members: Vec::new(), owner: None }
    }

    fn model(inside: &mut Inside, op: &Op) -> Reply {
        let code = |code: i64| Reply::new(code, Vec::new());
        match op {
            Op::Add(who) if inside.members.contains(&who[0]) => code(0),
            Op::Add(_) if inside.members.len() == MAX => code(100008),
            Op::Add(who) => {
                inside.members.push(who[0]);
                code(0)
            }
            Op::Remove(who) if !who.iter().all(|who| inside.members.contains(who)) => code(100005),
            Op::Remove(who) => {
                inside.members.retain(|member| !who.contains(member));
                code(0)
            }
            _ => Reply::new(0, inside.names()),
        }
    }

    fn any(dice: &mut Dice) -> Op {
        match any(dice) {
            // Who enters, enters alone.
            Op::Add(who) => Op::Add(vec![who[0]]),
            Op::Remove(who) => Op::Remove(who.into_iter().take(2).collect()),
            look => look,
        }
    }
}

/// IMKIT's rooms: adding and removing members, both of which answer the room as it is then, and looking at it.
pub struct Imkit;

const ADMIN: [(&str, &str); 1] = [("IM-API-KEY", "ak")];

fn room_of(answer: &Answer) -> Reply {
    Reply::new(answer.status.as_u16(), lines(&answer.json()["result"]["members"], &["_id"]))
}

impl System for Imkit {
    async fn make(house: &House, name: &str) {
        let body = json!({"_id": name, "roomType": "group"});
        let answer = house.imkit("POST", "/rooms", &ADMIN, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    async fn call(house: &House, name: &str, op: &Op) -> Reply {
        let room = format!("/rooms/{name}");
        room_of(&match op {
            Op::Add(who) => {
                let body = json!({"invitees": names(who)});
                house.imkit("POST", &format!("{room}/members"), &ADMIN, body).await
            }
            Op::Remove(who) => {
                let body = json!({"members": names(who)});
                house.imkit("POST", &format!("{room}/delete/members"), &ADMIN, body).await
            }
            _ => house.imkit("GET", &room, &ADMIN, "").await,
        })
    }

    fn fresh() -> Inside {
        Inside { members: Vec::new(), owner: None }
    }

    fn model(inside: &mut Inside, op: &Op) -> Reply {
        match op {
            Op::Add(who) => {
                let new: Vec<usize> = who.iter().filter(|who| !inside.members.contains(who)).copied().collect();
                inside.members.extend(new);
            }
            Op::Remove(who) if !who.iter().all(|who| inside.members.contains(who)) => {
                return Reply::new(404, Vec::new());
            }
            Op::Remove(who) => inside.members.retain(|member| !who.contains(member)),
            _ => {}
        }
        Reply::new(200, inside.names())
    }

    fn any(dice: &mut Dice) -> Op {
        any(dice)
    }
}

/// A room that reads, lets others go first, and then writes: it loses what came in between.
pub struct Forgetful;

static FORGETFUL: Mutex<Vec<usize>> = Mutex::new(Vec::new());

impl System for Forgetful {
    async fn make(_: &House, _: &str) {
        FORGETFUL.lock().clear();
    }

    async fn call(_: &House, _: &str, op: &Op) -> Reply {
        let mut inside = Inside { members: FORGETFUL.lock().clone(), owner: None };
        let reply = Imkit::model(&mut inside, op);
        tokio::task::yield_now().await;
        if !matches!(op, Op::Look) {
            *FORGETFUL.lock() = inside.members;
        }
        reply
    }

    fn fresh() -> Inside {
        Imkit::fresh()
    }

    fn model(inside: &mut Inside, op: &Op) -> Reply {
        Imkit::model(inside, op)
    }

    fn any(dice: &mut Dice) -> Op {
        any(dice)
    }
}
