//! How rooms end by themselves: a day after the last member has gone, or six hours into a meeting that nobody enters.

mod common;

use std::time::Duration;

use common::{House, demo, start};
use serde_json::{Value, json};

const HOUR: u64 = 3600;
const NOW: i64 = 1_767_603_600;

async fn create(house: &House, start: Option<i64>) {
    let info = json!({"RoomId": "hall", "RoomType": "Conference", "ScheduleStartTime": start});
    assert_eq!(house.room("create_room", json!({"RoomInfo": info})).await.code(), 0);
}

async fn is_there(house: &House) -> bool {
    house.room("get_room_info", json!({"RoomId": "hall"})).await.code() == 0
}

/// The room stays until just before these seconds have passed, and then is gone.
async fn ends_after(house: &House, seconds: u64) {
    house.emulator.clock().advance(Duration::from_millis(seconds * 1000 - 1));
    assert!(is_there(house).await, "gone before {seconds} s");
    house.emulator.clock().advance(Duration::from_millis(1));
    assert!(!is_there(house).await, "still there after {seconds} s");
}

#[tokio::test]
async fn a_room_that_nobody_enters_ends_a_day_after_it_was_made() {
    let house = start(demo()).await;
    create(&house, None).await;
    ends_after(&house, 24 * HOUR).await;
}

#[tokio::test]
async fn a_room_ends_a_day_after_its_last_member_has_gone() {
    let house = start(demo()).await;
    create(&house, Some(NOW + 60)).await;
    house.enters("hall", "okan").await;
    house.emulator.clock().advance(Duration::from_secs(100 * HOUR));
    assert!(is_there(&house).await);
    let kick = json!({"RoomId": "hall", "MemberList_Account": ["okan"], "Reason": ""});
    assert_eq!(house.room("kick_user_out", kick).await.code(), 0);
    house.emulator.clock().advance(Duration::from_secs(23 * HOUR));
    house.enters("hall", "lupe").await;
    house.leaves("hall", "lupe").await;
    ends_after(&house, 24 * HOUR).await;
}

#[tokio::test]
async fn a_meeting_that_nobody_enters_ends_six_hours_after_its_planned_start() {
    let house = start(demo()).await;
    create(&house, Some(NOW + 2 * 86400)).await;
    ends_after(&house, 48 * HOUR + 6 * HOUR).await;
}

#[tokio::test]
async fn a_live_room_and_a_room_with_members_do_not_end_by_themselves() {
    let rooms = json!([
        {"RoomId": "hall", "Owner_Account": "mira", "RoomType": "Live"},
        {"RoomId": "room", "Owner_Account": "mira", "MemberList": [{"Member_Account": "okan"}]},
    ]);
    let house = start(json!({"imulator": 1, "tencent": {"88888888": {"rooms": rooms}}})).await;
    house.emulator.clock().advance(Duration::from_secs(1000 * HOUR));
    assert!(is_there(&house).await);
    assert_eq!(house.inside("room").await, ["okan"]);
}

#[tokio::test]
async fn the_end_is_an_event_by_the_owner_and_frees_the_id() {
    let house = start(demo()).await;
    create(&house, None).await;
    house.emulator.clock().advance(Duration::from_secs(24 * HOUR));
    let rooms = house.state().await["tencent"]["88888888"]["rooms"].clone();
    let ids: Vec<&Value> = rooms.as_array().expect("a list").iter().map(|room| &room["RoomId"]).collect();
    assert_eq!(ids, ["room-test"]);
    let events = house.events().await;
    assert_eq!(events.len(), 2);
    assert_eq!((&events[1]["event"], &events[1]["by"]), (&json!("destroyed"), &json!("admin")));
    assert_eq!(events[1]["scope"], json!({"room": "hall"}));
    create(&house, None).await;
}

#[tokio::test]
async fn every_call_finds_that_the_room_has_ended() {
    let kick = json!({"RoomId": "hall", "MemberList_Account": ["okan"], "Reason": ""});
    for (command, body, code) in [
        ("destroy_room", json!({"RoomId": "hall"}), 100004),
        ("get_room_info", json!({"RoomId": "hall"}), 100004),
        ("get_room_member_list", json!({"RoomId": "hall"}), 100004),
        ("kick_user_out", kick, 100004),
        ("create_room", json!({"RoomInfo": {"RoomId": "hall", "RoomType": "Conference"}}), 0),
    ] {
        let house = start(demo()).await;
        create(&house, None).await;
        house.emulator.clock().advance(Duration::from_secs(24 * HOUR));
        assert_eq!(house.room(command, body).await.code(), code, "{command}");
    }
    let house = start(demo()).await;
    create(&house, None).await;
    house.emulator.clock().advance(Duration::from_secs(24 * HOUR));
    assert_eq!(house.enters("hall", "okan").await.json()["error"]["code"], 100004);
}
