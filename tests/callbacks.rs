//! Every documented callback: the call that causes it, its query, and its whole body as fixtures/callbacks has it.

mod common;

use std::collections::BTreeSet;

use common::receiver::{Heard, Receiver, fine};
use common::{House, start};
use serde_json::{Value, json};

/// Callbacks that the emulator never sends; docs/fidelity.md says why.
const NEVER: [&str; 3] = [
    "Group.CallbackOnMemberStateChange",
    "Group.CallbackAfterGroupMsgExtension",
    "Group.CallbackOnDailyGroupQuotaAlarm",
];

fn pages() -> [Value; 2] {
    let read = |text| serde_json::from_str(text).expect("the fixture is JSON");
    [read(include_str!("../fixtures/callbacks/groups.json")), read(include_str!("../fixtures/callbacks/rooms.json"))]
}

fn cases() -> Vec<(Value, Value)> {
    let cases = |page: &Value| page["cases"].as_array().expect("cases are a list").clone();
    pages().iter().flat_map(|page| cases(page).into_iter().map(|case| (page["world"].clone(), case))).collect()
}

/// The world of a page with this receiver for these callbacks alone.
fn world(app: &Value, url: &str, token: Option<&str>, commands: &[&str]) -> Value {
    let mut app = app.clone();
    app["callbacks"] = json!({"url": url, "token": token, "commands": commands});
    json!({"imulator": 1, "tencent": {"88888888": app}})
}

async fn act(house: &House, call: &Value) -> Value {
    let body = call["body"].clone();
    let answer = match call["command"].as_str() {
        Some(command) => house.tencent(command, body).await,
        None => {
            let path = format!("/_imulator/tencent/88888888/{}", call["client"].as_str().expect("a client's path"));
            house.call("POST", &path, &[("host", "localhost")], body).await
        }
    };
    answer.json()
}

fn query_of(case: &Value, command: &str) -> String {
    let acting = |at: usize, other: &str| case["acting"][at].as_str().unwrap_or(other).to_owned();
    let (ip, platform) = (acting(0, "127.0.0.1"), acting(1, "RESTAPI"));
    format!("SdkAppid=88888888&CallbackCommand={command}&contenttype=json&ClientIP={ip}&OptPlatform={platform}")
}

#[tokio::test]
async fn every_callback_is_sent_as_documented() {
    for (app, case) in cases() {
        let about = case["about"].as_str().expect("what it is about");
        let command = case["callback"]["CallbackCommand"].as_str().expect("a name");
        let mut receiver = Receiver::start(|_| fine()).await;
        let mut world = world(&app, &receiver.url, None, &[command]);
        if let Some(profile) = case["profile"].as_str() {
            world["tencent"]["88888888"]["options"] = json!({"profile": profile});
        }
        let house = start(world).await;
        for before in case["before"].as_array().into_iter().flatten() {
            let reply = act(&house, before).await;
            assert!(reply.get("error").is_none() && reply["ErrorCode"].as_i64().unwrap_or(0) == 0, "{about}: {reply}");
        }
        let reply = act(&house, &case["call"]).await;
        assert_eq!(reply["ErrorCode"].as_i64().unwrap_or(0), case["code"].as_i64().unwrap_or(0), "{about}: {reply}");
        assert!(reply.get("error").is_none(), "{about}: {reply}");
        // What came before is told of, too, where it is the same callback.
        for _ in 0..case["skip"].as_u64().unwrap_or(0) {
            receiver.next().await;
        }
        let heard = receiver.next().await;
        assert_eq!(heard.text, case["callback"].to_string(), "{about}");
        assert_eq!((heard.path.as_str(), heard.query.as_str()), ("/", query_of(&case, command).as_str()), "{about}");
        assert_eq!(heard.headers["content-type"], "application/json");
        let told = house.deliveries(1).await.pop().expect("one delivery");
        assert_eq!(told["outcome"]["status"], 200, "{about}: {told}");
        assert_eq!(receiver.unheard(), 0, "{about}: one callback and no more");
    }
}

#[test]
fn every_documented_callback_of_groups_and_rooms_has_its_case() {
    let cased: BTreeSet<String> = cases()
        .iter()
        .map(|(_, case)| case["callback"]["CallbackCommand"].as_str().expect("a name").to_owned())
        .collect();
    let documented = imulator::domain::callbacks::documented().filter(|name| {
        ["Group.", "Room.", "Mic."].iter().any(|family| name.starts_with(family)) && !NEVER.contains(&name.as_str())
    });
    assert_eq!(cased, documented.collect());
}

#[tokio::test]
async fn a_callback_that_is_not_switched_on_is_not_sent() {
    let [groups, _] = pages();
    let receiver = Receiver::start(|_| fine()).await;
    let house = start(world(&groups["world"], &receiver.url, None, &["Group.CallbackAfterGroupDestroyed"])).await;
    let kick = json!({"GroupId": "climbing-club", "MemberToDel_Account": ["u_pia"]});
    assert_eq!(house.group("delete_group_member", kick).await.code(), 0);
    assert_eq!(house.group("destroy_group", json!({"GroupId": "climbing-club"})).await.code(), 0);
    let told = house.deliveries(1).await;
    assert_eq!(told[0]["command"], "Group.CallbackAfterGroupDestroyed");
}

#[tokio::test]
async fn what_is_imported_is_told_to_nobody() {
    let [groups, _] = pages();
    let receiver = Receiver::start(|_| fine()).await;
    let all: Vec<String> =
        imulator::domain::callbacks::documented().filter(|name| name.starts_with("Group.")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let house = start(world(&groups["world"], &receiver.url, None, &all)).await;
    let group = json!({"Type": "Public", "Name": "Old", "GroupId": "old", "Owner_Account": "u_mira"});
    assert_eq!(house.group("import_group", group).await.code(), 0);
    let member = json!({"GroupId": "old", "MemberList": [{"Member_Account": "u_pia"}]});
    assert_eq!(house.group("import_group_member", member).await.code(), 0);
    let text = json!([{"MsgType": "TIMTextElem", "MsgContent": {"Text": "hi"}}]);
    let message = json!({"From_Account": "u_pia", "SendTime": 1767603600, "Random": 1, "MsgBody": text});
    assert_eq!(house.group("import_group_msg", json!({"GroupId": "old", "MsgList": [message]})).await.code(), 0);
    assert_eq!(house.group("destroy_group", json!({"GroupId": "old"})).await.code(), 0);
    assert_eq!(house.deliveries(1).await[0]["command"], "Group.CallbackAfterGroupDestroyed");
}

#[tokio::test]
async fn a_token_signs_the_time_of_the_emulators_clock() {
    let [groups, _] = pages();
    let mut receiver = Receiver::start(|_| fine()).await;
    let url = format!("{}/tim?key=own", receiver.url);
    let all = ["Group.CallbackAfterGroupDestroyed", "Group.CallbackBeforeCreateGroup"];
    let app = world(&groups["world"], &url, Some("xxxxyyyy"), &all);
    let house = common::start_at(app, 1_669_872_112).await;
    assert_eq!(house.group("destroy_group", json!({"GroupId": "climbing-club"})).await.code(), 0);
    assert_eq!(house.group("create_group", json!({"Type": "Public", "Name": "n"})).await.code(), 0);
    for _ in 0..2 {
        let heard: Heard = receiver.next().await;
        assert_eq!(heard.path, "/tim");
        assert_eq!((heard.parameter("key"), heard.parameter("RequestTime")), ("own".into(), "1669872112".into()));
        let sign = "17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061";
        assert_eq!(heard.parameter("Sign"), sign);
    }
}

#[tokio::test]
async fn the_fields_of_a_callback_are_in_alphabetical_order_by_option() {
    let [groups, _] = pages();
    let mut receiver = Receiver::start(|_| fine()).await;
    let mut app = world(&groups["world"], &receiver.url, None, &["Group.CallbackAfterMemberExit"]);
    app["tencent"]["88888888"]["options"] = json!({"alphabetical": true});
    let house = start(app).await;
    let kick = json!({"GroupId": "climbing-club", "MemberToDel_Account": ["u_pia"]});
    assert_eq!(house.group("delete_group_member", kick).await.code(), 0);
    let heard = receiver.next().await.text;
    assert!(heard.starts_with(r#"{"CallbackCommand":"Group.CallbackAfterMemberExit","EventTime":1767603600000,"#));
    assert!(
        heard.ends_with(r#""ExitType":"Kicked","GroupId":"climbing-club","Operator_Account":"admin","Type":"Public"}"#)
    );
}

#[tokio::test]
async fn the_rooms_own_configuration_goes_before_the_consoles() {
    let [_, rooms] = pages();
    let mut console = Receiver::start(|_| fine()).await;
    let mut own = Receiver::start(|_| fine()).await;
    let all = ["Room.CallbackAfterUpdateRoomInfo", "Room.CallbackAfterDestroyRoom"];
    let house = start(world(&rooms["world"], &console.url, Some("t"), &all)).await;
    let rename = json!({"RoomInfo": {"RoomId": "hall", "RoomName": "A"}});
    assert_eq!(house.room("update_room_info", rename.clone()).await.code(), 0);
    let set = json!({"Url": own.url, "CallbackCommandList": ["Room.CallbackUpdateRoomInfo"]});
    assert_eq!(house.tencent("room_config/set_callback", set).await.code(), 0);
    assert_eq!(house.room("update_room_info", rename.clone()).await.code(), 0);
    assert_eq!(house.room("destroy_room", json!({"RoomId": "hall"})).await.code(), 0);
    assert_eq!(house.tencent("room_config/delete_callback", json!({})).await.code(), 0);
    let create = json!({"RoomInfo": {"RoomId": "b", "RoomType": "Conference"}});
    assert_eq!(house.room("create_room", create).await.code(), 0);
    assert_eq!(house.room("destroy_room", json!({"RoomId": "b"})).await.code(), 0);
    house.deliveries(3).await;
    assert_eq!(own.next().await.json()["RoomInfo"]["RoomName"], "A");
    assert_eq!(console.next().await.parameter("CallbackCommand"), "Room.CallbackAfterUpdateRoomInfo");
    assert_eq!(console.next().await.json()["RoomId"], "b");
    assert_eq!((own.unheard(), console.unheard()), (0, 0));
}

#[tokio::test]
async fn a_room_that_ends_by_itself_is_told_of_as_ended_by_its_owner() {
    let [_, rooms] = pages();
    let mut receiver = Receiver::start(|_| fine()).await;
    let house = start(world(&rooms["world"], &receiver.url, None, &["Room.CallbackAfterDestroyRoom"])).await;
    for member in ["mira", "okan", "lupe"] {
        assert_eq!(house.leaves("hall", member).await.status, 200);
    }
    house.seconds_pass(24 * 3600);
    house.state().await;
    let heard = receiver.next().await;
    assert_eq!(heard.json()["Operator_Account"], "mira");
    assert_eq!(heard.parameter("OptPlatform"), "RESTAPI");
}

#[tokio::test]
async fn without_callbacks_nobody_is_called_neither_before_nor_after() {
    let (mut receiver, mut world) = (Receiver::start(|_| fine()).await, common::demo());
    let commands = ["Group.CallbackBeforeInviteJoinGroup", "Group.CallbackAfterNewMemberJoin"];
    world["tencent"]["88888888"]["callbacks"] = json!({"url": receiver.url, "token": null, "commands": commands});
    let added = json!({"GroupId": "@TGS#2J4SZEAEL", "MemberList": [{"Member_Account": "lupe"}]});
    for callbacks in [false, true] {
        let house = common::start_with(world.clone(), |config| config.callbacks = callbacks).await;
        house.tencent("im_open_login_svc/account_import", json!({"UserID": "lupe"})).await;
        assert_eq!(house.group("add_group_member", added.clone()).await.code(), 0);
        if callbacks {
            house.deliveries(2).await;
        }
    }
    let heard =
        [receiver.next().await.parameter("CallbackCommand"), receiver.next().await.parameter("CallbackCommand")];
    assert_eq!(heard, commands, "two of the second house, none of the first");
}
