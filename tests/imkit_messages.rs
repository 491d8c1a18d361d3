//! Messages of IMKIT rooms: sent, changed, taken back, listed; and the life of a room from start to end.

mod common;
#[path = "common/imkit.rs"]
mod imkit;

use std::time::Duration;

use common::{House, start, start_with};
use imkit::{admin, badges, client, members, tea, world, world_with};
use serde_json::{Value, json};

const SEND: &str = "/rooms/tea/message";

#[tokio::test]
async fn a_message_is_answered_whole() {
    let house = tea().await;
    let body = json!({"messageType": "image", "message": "tea pot", "originalUrl": "https://img.example/pot.png", "width": 640,
        "extra": "{\"a\":1}", "unknown": 1, "mentions": ["jonas"]});
    let said = client(&house, "mira").does("POST", SEND, body).await;
    let id = said["_id"].as_str().expect("an id");
    let sender = json!({"_id": "mira", "nickname": "Mira", "id": "mira", "lastLoginTimeMS": 1_767_603_600_000_i64});
    let wanted = json!({"reactions": [], "_id": id, "room": "tea", "messageType": "image", "sender": sender,
        "message": "tea pot", "originalUrl": "https://img.example/pot.png", "width": 640, "extra": "{\"a\":1}",
        "mentions": ["jonas"], "appID": "LocalApp", "id": id, "messageTimeMS": 1_767_603_600_000_i64,
        "updatedAtMS": 1_767_603_600_000_i64, "createdAtMS": 1_767_603_600_000_i64, "reactionCount": 0});
    assert_eq!(said.to_string(), wanted.to_string());
    assert!(id.len() == 24 && id.starts_with("695b7d90"), "{id}");
}

#[tokio::test]
async fn a_message_changes_in_place_and_is_taken_back() {
    let house = tea().await;
    let (mira, jonas) = (client(&house, "mira"), client(&house, "jonas"));
    let body = json!({"message": "kettle", "extra": {"a": 1}, "_id": ""});
    let said = mira.does("POST", SEND, body).await;
    let id = said["_id"].clone();
    house.emulator.clock().advance(Duration::from_secs(5));
    assert_eq!(jonas.fails("POST", SEND, json!({"_id": id, "message": "pot"})).await, "403 INSUFFICIENT_PERMISSIONS");
    let edited = mira.does("POST", SEND, json!({"_id": id, "message": "pot"})).await;
    assert_eq!(
        (&edited["messageType"], &edited["message"], &edited["extra"]),
        (&json!("text"), &json!("pot"), &json!({"a": 1}))
    );
    assert_eq!(
        (&edited["editedAt"], &edited["createdAtMS"]),
        (&json!("2026-01-05T09:00:05.000Z"), &said["createdAtMS"])
    );
    let recalled = admin(&house).does("POST", SEND, json!({"_id": id, "messageType": "recall"})).await;
    assert_eq!(
        (&recalled["messageType"], &recalled["message"], recalled.get("extra")),
        (&json!("recall"), &json!(""), None)
    );
    let room = jonas.sees("/rooms/tea").await;
    assert_eq!(
        (badges(&room), &room["lastMessage"]["messageType"]),
        (vec!["mira 0".into(), "jonas 1".into()], &json!("recall"))
    );
    assert_eq!(mira.fails("POST", SEND, json!({"_id": "0123", "message": "x"})).await, "404 MESSAGE_NOT_FOUND");
    assert_eq!(mira.fails("POST", SEND, json!({"messageType": "recall"})).await, "400 MISSING_PARAMETER");
    let names: Vec<Value> = house.events().await.iter().map(|event| event["event"].clone()).collect();
    assert_eq!(names, ["posted", "posted", "recalled"]);
}

#[tokio::test]
async fn outsiders_and_missing_rooms_are_refused_alike_unless_the_option_tells_them_apart() {
    let house = tea().await;
    let body = json!({"message": "hi"});
    let nadia = client(&house, "nadia");
    assert_eq!(nadia.fails("POST", SEND, body.clone()).await, "403 NOT_ROOM_MEMBER");
    assert_eq!(nadia.fails("POST", "/rooms/none/message", body.clone()).await, "403 NOT_ROOM_MEMBER");
    assert_eq!(nadia.fails("GET", "/rooms/none/messages/v3", Value::Null).await, "404 ROOM_NOT_FOUND");
    let house = start(world_with(json!({"missing_room_is_404": true}))).await;
    assert_eq!(client(&house, "nadia").fails("POST", "/rooms/none/message", body).await, "404 ROOM_NOT_FOUND");
}

#[tokio::test]
async fn the_platform_administrator_speaks_for_nobody_or_for_any_client() {
    let house = tea().await;
    let all = admin(&house);
    assert_eq!(all.says("notice").await["sender"], Value::Null);
    let body = json!({"message": "hi", "sender": "nadia"});
    assert_eq!(all.does("POST", SEND, body.clone()).await["sender"]["_id"], "nadia");
    assert_eq!(client(&house, "mira").does("POST", SEND, body).await["sender"]["_id"], "mira");
    assert_eq!(all.fails("POST", SEND, json!({"message": "hi", "sender": "x"})).await, "404 CLIENT_NOT_FOUND");
    assert_eq!(badges(&all.sees("/rooms/tea").await), ["mira 0", "jonas 3"]);
}

#[tokio::test]
async fn an_answer_shows_the_message_it_answers() {
    let house = tea().await;
    let said = client(&house, "mira").says("tea?").await;
    let body = json!({"message": "yes", "reply": said["_id"]});
    let answer = client(&house, "jonas").does("POST", SEND, body).await;
    assert_eq!((&answer["reply"]["_id"], &answer["reply"]["message"]), (&said["_id"], &json!("tea?")));
}

async fn five(house: &House) -> Vec<Value> {
    let mut ids = Vec::new();
    for n in 1..=5 {
        ids.push(client(house, "mira").says(&format!("{n}")).await["_id"].clone());
        house.emulator.clock().advance(Duration::from_secs(1));
    }
    ids
}

#[tokio::test]
async fn messages_are_paged_with_the_anchor_left_out_or_first() {
    let house = tea().await;
    let ids = five(&house).await;
    let id = |n: usize| ids[n - 1].as_str().expect("an id");
    let mira = client(&house, "mira");
    let cases = [
        (String::new(), "54321"),
        ("limit=2".into(), "54"),
        (format!("limit=2&beforeMessage={}", id(4)), "32"),
        (format!("limit=2&beforeMessage={}&sortOrder=desc", id(4)), "43"),
        (format!("limit=2&afterMessage={}&sortOrder=asc", id(2)), "23"),
        (format!("afterMessage={}", id(3)), "54"),
        ("afterTime=2026-01-05T09:00:02.000Z".into(), "54"),
        ("afterTime=1767603602000&timeRangeField=createdAt".into(), "54"),
        ("beforeMessage=695b7d92ffffffffffffffff".into(), "321"),
        ("sortOrder=asc&limit=0".into(), "12345"),
    ];
    for (query, wanted) in cases {
        let page = mira.sees(&format!("/rooms/tea/messages/v3?{query}")).await;
        let said: String =
            page["data"].as_array().expect("a list").iter().map(|m| m["message"].as_str().expect("text")).collect();
        assert_eq!(said, wanted, "{query}");
        assert_eq!((&page["totalCount"], &page["userDeletedIDs"]), (&json!(5), &json!([])));
    }
    mira.does("POST", SEND, json!({"_id": id(2), "message": "2"})).await;
    assert_eq!(mira.sees("/rooms/tea/messages/v3?limit=1").await["data"][0]["message"], "2", "newest change first");
    for query in ["limit=x", "sortOrder=up", "timeRangeField=x", "afterTime=soon"] {
        let code = mira.fails("GET", &format!("/rooms/tea/messages/v3?{query}"), Value::Null).await;
        assert!(code.starts_with("400 INVALID_"), "{query}: {code}");
    }
}

#[tokio::test]
async fn a_room_keeps_only_so_many_messages() {
    let house = start_with(world(), |config| config.messages_max = 3).await;
    five(&house).await;
    let page = client(&house, "mira").sees("/rooms/tea/messages/v3").await;
    assert_eq!((&page["totalCount"], &page["data"][2]["message"]), (&json!(3), &json!("3")));
    assert_eq!(badges(&client(&house, "jonas").sees("/rooms/tea").await), ["mira 0", "jonas 5"]);
}

#[tokio::test]
async fn the_life_of_a_room_as_the_reference_tells_it() {
    let house = start(json!({"imulator": 1, "imkit": {"*": {}}})).await;
    let api = [("API_KEY", "app")];
    let mut tokens = Vec::new();
    for (id, name) in [("mira", "Mira"), ("jonas", "Jonas"), ("okello", "Okello")] {
        let body = json!({"_id": id, "nickname": name, "issueAccessToken": true});
        let made = house.imkit("POST", "/admin/clients/", &api, body).await.json();
        tokens.push(made["result"]["token"].as_str().expect("a token").to_owned());
    }
    let body = json!({"_id": "tea", "roomType": "group", "members": ["mira", "jonas"]});
    assert_eq!(house.imkit("POST", "/rooms/", &api, body).await.status, 200);
    let (mira, okello) = (&tokens[0], &tokens[2]);
    let call = async |token: &str, method: &str, path: &str, body: Value| {
        let headers = [("CLIENT_KEY", "app"), ("Authorization", token)];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        house.imkit(method, path, &headers, body.into_bytes()).await.json()
    };
    assert_eq!(call(okello, "GET", "/rooms", Value::Null).await["result"]["totalCount"], 0);
    let room = call(mira, "POST", "/rooms/tea/members/", json!({"invitees": ["okello"]})).await["result"].clone();
    assert_eq!((members(&room).len(), room.get("lastMessage"), &room["memberProperties"]), (3, None, &json!([])));
    call(mira, "POST", "/rooms/tea/message", json!({"message": "hello"})).await;
    let body = json!({"members": ["okello"], "systemMessage": true});
    let room = call(mira, "POST", "/rooms/tea/delete/members/", body).await["result"].clone();
    assert_eq!(
        (badges(&room), &room["lastMessage"]["messageType"]),
        (vec!["mira 0".into(), "jonas 2".into(), "okello 1".into()], &json!("deleteMember"))
    );
    assert_eq!(call(okello, "GET", "/rooms/tea", Value::Null).await["RC"], 403);
    assert_eq!(call(okello, "GET", "/rooms/quitted", Value::Null).await["result"]["data"][0]["_id"], "tea");
    let body = json!({"invitees": ["okello"], "invitationRequired": true, "systemMessage": true});
    call(mira, "POST", "/rooms/tea/members", body).await;
    assert_eq!(call(okello, "GET", "/rooms/invitations", Value::Null).await["result"]["totalCount"], 1);
    let joined = call(okello, "POST", "/rooms/tea/join", Value::Null).await["result"].clone();
    assert_eq!(members(&joined), ["mira", "jonas", "okello"]);
    assert_eq!(call(okello, "GET", "/rooms/quitted", Value::Null).await["result"]["data"], json!([]));
    let body = json!({"members": ["okello"], "systemMessage": true});
    let left = call(okello, "POST", "/rooms/tea/delete/members", body).await["result"].clone();
    assert_eq!(
        (&left["lastMessage"]["messageType"], &left["lastMessage"]["sender"]["_id"]),
        (&json!("leaveRoom"), &json!("okello"))
    );
}
