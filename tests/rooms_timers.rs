//! A room's own end, its schedule, and the document that keeps it whole.

mod common;

use common::House;
use common::rooms::{NOW, app, seated};
use serde_json::{Value, json};

const HOUR: u64 = 3600;

async fn create(house: &House, more: Value) {
    let mut info = more;
    info["RoomId"] = json!("hall");
    info["RoomType"] = json!("Conference");
    info["Owner_Account"] = json!("mira");
    house.does("create_room", json!({"RoomInfo": info})).await;
}

async fn code(house: &House) -> i64 {
    house.ask("get_room_info", json!({"RoomId": "hall"})).await.code()
}

/// The room is there a second before its end and gone then.
async fn ends_after(house: &House, seconds: u64, timer: &str) {
    house.seconds_pass(seconds - 1);
    assert_eq!(code(house).await, 0);
    house.seconds_pass(1);
    let moment = house.emulator.clock().now().to_string();
    house.seconds_pass(99);
    assert_eq!(code(house).await, 100004);
    let gone = house.events().await.pop().expect("an event");
    assert_eq!((&gone["event"], &gone["by"]), (&json!("destroyed"), &json!("mira")));
    assert_eq!(gone["data"]["timer"], timer);
    assert_eq!(gone["at"], moment, "at its moment, not when it is looked at");
    create(house, json!({})).await;
}

#[tokio::test]
async fn a_room_that_nobody_enters_ends_24_hours_after_it_was_made() {
    let house = app(json!([]), json!({})).await;
    create(&house, json!({})).await;
    ends_after(&house, 24 * HOUR, "empty").await;
}

#[tokio::test]
async fn a_room_ends_24_hours_after_the_last_one_left() {
    let house = app(json!([]), json!({})).await;
    create(&house, json!({})).await;
    house.enters("hall", "okan").await;
    house.seconds_pass(100 * HOUR);
    assert_eq!(code(&house).await, 0, "somebody is inside");
    house.does("kick_user_out", json!({"RoomId": "hall", "MemberList_Account": ["okan"], "Reason": ""})).await;
    house.seconds_pass(23 * HOUR);
    house.enters("hall", "okan").await;
    house.seconds_pass(2 * HOUR);
    house.leaves("hall", "okan").await;
    ends_after(&house, 24 * HOUR, "empty").await;
}

#[tokio::test]
async fn a_planned_room_that_nobody_enters_ends_6_hours_after_its_start() {
    let house = app(json!([]), json!({})).await;
    create(&house, json!({"ScheduleStartTime": NOW + 72 * 3600})).await;
    ends_after(&house, 78 * HOUR, "unused").await;
}

#[tokio::test]
async fn who_looks_in_early_does_not_end_a_planned_room_before_its_start() {
    let house = app(json!([]), json!({})).await;
    create(&house, json!({"ScheduleStartTime": NOW + 72 * 3600})).await;
    house.enters("hall", "okan").await;
    house.leaves("hall", "okan").await;
    ends_after(&house, 78 * HOUR, "empty").await;
}

#[tokio::test]
async fn a_start_in_the_past_does_not_end_a_room() {
    let house = app(json!([]), json!({})).await;
    create(&house, json!({"ScheduleStartTime": 1000, "ScheduleEndTime": 2000})).await;
    ends_after(&house, 24 * HOUR, "empty").await;
}

#[tokio::test]
async fn the_end_of_a_room_is_seen_by_the_journal_and_the_state_too() {
    let house = app(json!([]), json!({})).await;
    create(&house, json!({})).await;
    house.seconds_pass(24 * HOUR);
    assert_eq!(house.events().await.pop().expect("an event")["event"], "destroyed");
    create(&house, json!({})).await;
    house.seconds_pass(24 * HOUR);
    assert_eq!(house.state().await["tencent"]["88888888"]["rooms"], Value::Null);
}

#[tokio::test]
async fn a_robot_keeps_a_room_but_begins_no_meeting() {
    let house = app(json!([]), json!({})).await;
    create(&house, json!({"ScheduleStartTime": NOW + 3600})).await;
    house.does("add_robot", json!({"RoomId": "hall", "Member_Account": "robo"})).await;
    let info = house.does("get_room_info", json!({"RoomId": "hall"})).await;
    assert_eq!(info["RoomInfo"]["RoomStatus"], "NotStarted");
    house.seconds_pass(100 * HOUR);
    assert_eq!(code(&house).await, 0);
}

#[tokio::test]
async fn a_document_keeps_a_room_whole() {
    let mut hall = seated("ApplyToTake");
    hall["Password"] = json!("sesame");
    hall["IsPasswordEnabled"] = json!(true);
    let house = app(json!([hall]), json!({})).await;
    house.does("pick_user_on_seat", json!({"RoomId": "hall", "Member_Account": "okan", "Index": 1})).await;
    house.does("lock_seat", json!({"RoomId": "hall", "Index": 2, "ForbidTaken": true})).await;
    house.by_client("seat", json!({"Member_Account": "lupe", "Action": "request", "Index": 3})).await;
    let mark = json!([{"Member_Account": "okan", "Marks": [1000, 1001]}]);
    house.does("mark_room_member", json!({"RoomId": "hall", "CommandType": 1, "MemberList": mark})).await;
    house.does("mute_room_member", json!({"RoomId": "hall", "MemberList_Account": ["okan"], "MuteTime": 60})).await;
    let ban = json!({"RoomId": "hall", "MemberList_Account": ["adam"], "Reason": "abuse", "Duration": 60});
    house.does("ban_room_member", ban).await;
    house.does("add_robot", json!({"RoomId": "hall", "Member_Account": "robo"})).await;
    let plan = json!({"RoomId": "later", "RoomType": "Conference", "ScheduleStartTime": NOW + 7200});
    house.does("create_room", json!({"RoomInfo": plan, "ScheduleInviteeList_Account": ["okan"]})).await;
    let state = house.state().await;
    let written = &state["tencent"]["88888888"]["rooms"][0];
    assert_eq!(written["MutedAccountList"], json!([{"Member_Account": "okan", "MutedUntil": NOW + 60}]));
    assert_eq!(
        written["BannedAccountList"],
        json!([{"Member_Account": "adam", "BannedUntil": NOW + 60, "Reason": "abuse"}])
    );
    assert_eq!(written["SeatRequestList"], json!([{"Member_Account": "lupe", "Index": 3}]));
    house.control("PUT", "state", state.clone()).await;
    assert_eq!(house.state().await, state);
    house.refuses("pick_user_on_seat", json!({"RoomId": "hall", "Member_Account": "lupe", "Index": 0}), 100202).await;
    house.turns_away("message", json!({"Member_Account": "okan", "Text": "x"}), 100017).await;
    house.turns_away("enter", json!({"Member_Account": "adam", "Password": "sesame"}), 100016).await;
    house.seconds_pass(60);
    let state = house.state().await;
    let written = &state["tencent"]["88888888"]["rooms"][0];
    assert_eq!((&written["MutedAccountList"], &written["BannedAccountList"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn a_document_that_breaks_a_rule_of_rooms_is_refused_with_its_path() {
    let broken = [
        ("SeatRequestList", json!([{"Member_Account": "noor"}]), "waits for a seat"),
        ("SeatRequestList", json!([{"Member_Account": "okan"}]), "sits on one"),
        ("BannedAccountList", json!([{"Member_Account": "", "BannedUntil": 1}]), "is empty"),
        (
            "MutedAccountList",
            json!([{"Member_Account": "a", "MutedUntil": 1}, {"Member_Account": "a", "MutedUntil": 1}]),
            "second",
        ),
    ];
    let house = app(json!([]), json!({})).await;
    for (name, value, word) in broken {
        let mut hall = seated("FreeToTake");
        hall["SeatList"] = json!([{"Member_Account": "okan"}]);
        hall[name] = value;
        let world = json!({"imulator": 1, "tencent": {"88888888": {"rooms": [hall]}}});
        let answer = house.call("PUT", "/_imulator/state", &[("host", "localhost")], world).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert!(answer.text.contains(&format!("rooms[0].{name}[")) && answer.text.contains(word), "{}", answer.text);
    }
}

#[tokio::test]
async fn rooms_end_in_the_order_of_their_moments() {
    let house = app(json!([]), json!({})).await;
    for id in ["c", "a", "b"] {
        let info = json!({"RoomId": id, "RoomType": "Conference", "Owner_Account": "mira"});
        house.does("create_room", json!({"RoomInfo": info})).await;
        house.seconds_pass(60);
    }
    house.enters("a", "okan").await;
    house.seconds_pass(60);
    house.leaves("a", "okan").await;
    house.seconds_pass(25 * HOUR);
    let events = house.events().await;
    let ended: Vec<&Value> = events.iter().filter(|event| event["event"] == "destroyed").collect();
    let ids: Vec<&Value> = ended.iter().map(|event| &event["scope"]["room"]).collect();
    assert_eq!(ids, ["c", "b", "a"]);
    assert!(ended.windows(2).all(|pair| pair[0]["at"].as_str() < pair[1]["at"].as_str()));
}

#[tokio::test]
async fn a_room_that_was_replaced_or_made_anew_ends_by_its_own_time_alone() {
    let house = app(json!([]), json!({})).await;
    create(&house, json!({})).await;
    house.seconds_pass(12 * HOUR);
    house.does("destroy_room", json!({"RoomId": "hall"})).await;
    create(&house, json!({})).await;
    house.seconds_pass(12 * HOUR);
    let hall = json!({"RoomId": "hall", "Owner_Account": "mira", "MemberList": [{"Member_Account": "okan"}]});
    let world = json!({"imulator": 1, "tencent": {"88888888": {"rooms": [hall]}}});
    house.control("POST", "seed", world).await;
    house.seconds_pass(100 * HOUR);
    assert_eq!(code(&house).await, 0, "somebody is inside");
    house.leaves("hall", "okan").await;
    ends_after(&house, 24 * HOUR, "empty").await;
}
