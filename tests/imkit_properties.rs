//! IMKIT's member properties and roles, a room's robot, and the small questions about rooms: their ids, whether one exists.

mod common;
#[path = "common/imkit.rs"]
mod imkit;

use common::{House, start};
use imkit::{admin, badges, client, tea, world, world_with};
use serde_json::{Value, json};

const JONAS: &str = "/rooms/tea/member/jonas";

async fn survives_being_put_back(house: &House) {
    let state = house.state().await;
    house.control("PUT", "state", state.clone()).await;
    assert_eq!(house.state().await, state);
}

/// The entry of one member in a room.
fn entry(room: &Value, who: &str) -> String {
    let lines = room["memberProperties"].as_array().expect("a list");
    lines.iter().find(|line| line["client"] == who).map(Value::to_string).unwrap_or_default()
}

#[tokio::test]
async fn a_property_of_any_name_and_value_is_kept_with_the_member() {
    let house = tea().await;
    let mira = client(&house, "mira");
    let mut room = Value::Null;
    for (name, value) in [("location", json!("Taipei")), ("score", json!({"a": [1]})), ("location", json!(null))] {
        room = mira.does("PUT", JONAS, json!({"property": name, "value": value})).await;
        assert!(room.get("lastMessage").is_none(), "no message tells of properties");
    }
    assert_eq!(entry(&room, "jonas"), r#"{"badge":0,"location":null,"score":{"a":[1]},"client":"jonas"}"#);
    let event = house.events().await.last().expect("an event").clone();
    assert_eq!(
        (&event["event"], &event["audience"]["accounts"]),
        (&json!("member_changed"), &json!(["mira", "jonas"]))
    );
    assert_eq!(event["data"], json!({"members": ["jonas"], "property": "location", "value": null}));
    client(&house, "mira").says("hello").await;
    let room = client(&house, "jonas").sees("/rooms/tea").await;
    assert_eq!(badges(&room), ["jonas 1", "mira 0"], "an entry made by a property counts as any");
    survives_being_put_back(&house).await;
}

#[tokio::test]
async fn a_new_admin_is_told_of_by_a_message_and_runs_the_room() {
    let house = tea().await;
    let (mira, jonas) = (client(&house, "mira"), client(&house, "jonas"));
    let room = mira.does("PUT", JONAS, json!({"property": "role", "value": "admin"})).await;
    let last = &room["lastMessage"];
    assert_eq!((&last["messageType"], &last["message"]), (&json!("assignAdmin"), &json!("Jonas")));
    assert_eq!(
        (&last["sender"]["_id"], &last["member"]["_id"], last.get("extra")),
        (&json!("mira"), &json!("jonas"), None)
    );
    assert_eq!(badges(&room), ["jonas 1", "mira 0"]);
    assert!(entry(&room, "jonas").contains(r#""role":"admin""#));
    let events: Vec<String> =
        house.events().await.iter().map(|event| format!("{} {}", event["event"], event["data"]["role"])).collect();
    assert_eq!(events, [r#""posted" null"#, r#""role_changed" "admin""#]);
    assert_eq!(jonas.sees("/rooms/tea").await["isSuperuser"], true);
    // Now there is a superuser, and only such give roles; properties are any member's.
    let member = json!({"property": "role", "value": "member"});
    assert_eq!(mira.fails("PUT", JONAS, member.clone()).await, "403 INSUFFICIENT_PERMISSIONS");
    mira.does("PUT", JONAS, json!({"property": "grade", "value": 1})).await;
    let room = jonas.does("PUT", JONAS, member).await;
    assert_eq!(room["lastMessage"]["messageType"], "assignAdmin", "no message tells that somebody is a member again");
    assert_eq!(jonas.sees("/rooms/tea").await["isSuperuser"], false);
    survives_being_put_back(&house).await;
}

#[tokio::test]
async fn properties_that_cannot_be_set_are_refused() {
    let house = tea().await;
    let mira = client(&house, "mira");
    mira.says("hello").await;
    let before = house.state().await;
    for (path, body, refusal) in [
        (JONAS, json!({"value": 1}), "400 MISSING_PARAMETER"),
        (JONAS, json!({"property": "", "value": 1}), "400 MISSING_PARAMETER"),
        (JONAS, json!({"property": "score"}), "400 MISSING_PARAMETER"),
        (JONAS, json!({"property": 5, "value": 1}), "400 INVALID_REQUEST"),
        (JONAS, json!({"property": "role", "value": "owner"}), "400 INVALID_REQUEST"),
        (JONAS, json!({"property": "role", "value": null}), "400 INVALID_REQUEST"),
        (JONAS, json!({"property": "badge", "value": 0}), "400 INVALID_REQUEST"),
        (JONAS, json!({"property": "lastRead", "value": "x"}), "400 INVALID_REQUEST"),
        (JONAS, json!({"property": "client", "value": "x"}), "400 INVALID_REQUEST"),
        ("/rooms/none/member/jonas", json!({"property": "a", "value": 1}), "404 ROOM_NOT_FOUND"),
        ("/rooms/tea/member/nadia", json!({"property": "a", "value": 1}), "404 MEMBER_NOT_FOUND"),
        ("/rooms/tea/bot", json!({}), "400 MISSING_PARAMETER"),
        ("/rooms/tea/bot", json!({"botState": 5}), "400 INVALID_REQUEST"),
        ("/rooms/none/bot", json!({"botState": "IDLE"}), "404 ROOM_NOT_FOUND"),
    ] {
        assert_eq!(mira.fails("PUT", path, body.clone()).await, refusal, "{path} {body}");
    }
    let nadia = client(&house, "nadia");
    assert_eq!(nadia.fails("PUT", JONAS, json!({"property": "a", "value": 1})).await, "403 NOT_ROOM_MEMBER");
    assert_eq!(nadia.fails("PUT", "/rooms/tea/bot", json!({"botState": "x"})).await, "403 NOT_ROOM_MEMBER");
    assert_eq!(house.state().await, before);
}

#[tokio::test]
async fn by_option_a_property_answers_the_members_entry() {
    let house = start(world_with(json!({"property_reply": "property"}))).await;
    let said = client(&house, "jonas").says("hello").await;
    client(&house, "mira").does("PUT", JONAS, json!({"property": "grade", "value": 3})).await;
    let entry = client(&house, "mira").does("PUT", JONAS, json!({"property": "role", "value": "admin"})).await;
    let wanted = json!({"client": "jonas", "lastRead": said["_id"], "badge": 1, "role": "admin", "grade": 3});
    assert_eq!(entry.to_string(), wanted.to_string());
}

#[tokio::test]
async fn a_robots_state_is_set_and_told_once() {
    let house = tea().await;
    for _ in 0..2 {
        let room = client(&house, "mira").does("PUT", "/rooms/tea/bot", json!({"botState": "IDLE"})).await;
        assert_eq!(room["botState"], "IDLE");
    }
    let told: Vec<Value> = house.events().await.iter().map(|event| event["data"].clone()).collect();
    assert_eq!(told, [json!({"botState": "IDLE"})]);
    let mut world = world();
    world["imkit"]["LocalApp"]["rooms"][0]["owner"] = json!("jonas");
    let house = start(world).await;
    let body = json!({"botState": "IDLE"});
    assert_eq!(client(&house, "mira").fails("PUT", "/rooms/tea/bot", body).await, "403 INSUFFICIENT_PERMISSIONS");
}

#[tokio::test]
async fn ids_of_rooms_stand_by_their_last_messages_and_come_in_pages() {
    let house = tea().await;
    let (mira, admin) = (client(&house, "mira"), admin(&house));
    for id in ["den", "attic"] {
        admin.does("POST", "/rooms", json!({"_id": id, "members": ["mira"]})).await;
        mira.does("POST", &format!("/rooms/{id}/message"), json!({"message": "hi"})).await;
    }
    admin.does("PUT", "/rooms/attic", json!({"status": 0})).await;
    let query = json!({"appID": "LocalApp", "members": "mira", "status": 1});
    let all = json!({"totalCount": 3, "inspect": {"query": query, "tookMS": 0}, "data": ["den", "tea", "pair"]});
    assert_eq!(mira.sees("/rooms/ids").await.to_string(), all.to_string());
    assert_eq!(mira.sees("/rooms/ids?limit=0").await["data"], all["data"]);
    let page = mira.sees("/rooms/ids?skip=1&limit=1").await;
    assert_eq!((&page["totalCount"], &page["data"]), (&json!(3), &json!(["tea"])));
    mira.says("newer").await;
    assert_eq!(mira.sees("/rooms/ids").await["data"], json!(["tea", "den", "pair"]));
    assert_eq!(admin.sees("/rooms/ids").await["totalCount"], 3);
    assert_eq!(client(&house, "nadia").sees("/rooms/ids").await["data"], json!([]));
    assert_eq!(mira.fails("GET", "/rooms/ids?limit=x", Value::Null).await, "400 INVALID_REQUEST");
}

#[tokio::test]
async fn anybody_may_ask_whether_a_room_exists() {
    let house = tea().await;
    for (path, exists) in [("/rooms/tea/exists", true), ("/rooms/none/exists/", false)] {
        assert_eq!(client(&house, "nadia").sees(path).await, json!({"exists": exists}));
        assert_eq!(admin(&house).sees(path).await, json!({"exists": exists}));
    }
}
