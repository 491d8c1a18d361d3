//! IMKIT's room preferences and mutes: a client's own, a user group's, and what the platform administrator mutes.

mod common;
#[path = "common/imkit.rs"]
mod imkit;

use common::House;
use imkit::{admin, client, tea};
use serde_json::{Value, json};

async fn survives_being_put_back(house: &House) {
    let state = house.state().await;
    house.control("PUT", "state", state.clone()).await;
    assert_eq!(house.state().await, state);
}

async fn last_event(house: &House) -> Value {
    house.events().await.last().expect("an event").clone()
}

#[tokio::test]
async fn a_preference_is_merged_shown_and_told_to_its_client_alone() {
    let house = tea().await;
    let mira = client(&house, "mira");
    let set = mira.does("POST", "/roomPrefs/tea", json!({"tags": ["late"], "folder": "Desk", "hidden": true})).await;
    assert_eq!(set.to_string(), r#"{"room":"tea","tags":["late"],"hidden":true,"folder":"Desk"}"#);
    let event = last_event(&house).await;
    assert_eq!((&event["event"], &event["audience"]), (&json!("member_changed"), &json!({"accounts": ["mira"]})));
    assert_eq!(event["data"], json!({"members": ["mira"], "socket": "roomPref", "payload": set}));
    let more =
        json!({"tagColors": {"late": "#a1b2c3"}, "hidden": false, "sticky": "true", "unknown": 1, "quittedAt": "x"});
    let set = mira.does("POST", "/roomPrefs/tea/", more).await;
    let wanted = r##"{"room":"tea","tags":["late"],"tagColors":{"late":"#a1b2c3"},"hidden":false,"sticky":false,"folder":"Desk"}"##;
    assert_eq!(set.to_string(), wanted);
    assert_eq!(mira.sees("/roomPrefs").await, json!({"totalCount": 1, "data": [set]}));
    let shown = mira.sees("/rooms/tea").await["pref"].clone();
    assert_eq!((&shown["folder"], &shown["room"]), (&json!("Desk"), &Value::Null));
    assert_eq!(mira.sees("/rooms?pref=%7B%22tags%22:%22late%22%7D").await["totalCount"], 1);
    assert_eq!(client(&house, "jonas").sees("/roomPrefs").await, json!({"totalCount": 0, "data": []}));
    assert!(client(&house, "jonas").sees("/rooms/tea").await.get("pref").is_none());
    survives_being_put_back(&house).await;
    assert_eq!(client(&house, "mira").sees("/roomPrefs").await["totalCount"], 1);
}

#[tokio::test]
async fn one_key_is_taken_away_and_tags_become_empty() {
    let house = tea().await;
    let mira = client(&house, "mira");
    let nothing = mira.does("DELETE", "/roomPrefs/tea/folder", json!({})).await;
    assert_eq!(nothing.to_string(), r#"{"room":"tea","tags":[]}"#);
    assert_eq!(mira.sees("/roomPrefs").await["totalCount"], 0, "what was never set is not made by taking it away");
    assert!(mira.sees("/rooms/tea").await.get("pref").is_none());
    mira.does("POST", "/roomPrefs/tea", json!({"tags": ["a"], "folder": "Desk", "muted": true, "translation": true}))
        .await;
    for (key, left) in [
        ("folder", r#"{"room":"tea","tags":["a"],"muted":true,"translation":true}"#),
        ("muted", r#"{"room":"tea","tags":["a"],"translation":true}"#),
        ("colour", r#"{"room":"tea","tags":["a"],"translation":true}"#),
        ("tags", r#"{"room":"tea","tags":[],"translation":true}"#),
    ] {
        let answer = mira.does("DELETE", &format!("/roomPrefs/tea/{key}"), json!({})).await;
        assert_eq!(answer.to_string(), left, "{key}");
    }
}

#[tokio::test]
async fn preferences_are_refused_to_outsiders_and_in_wrong_forms() {
    let house = tea().await;
    let mira = client(&house, "mira");
    for (path, body, refusal) in [
        ("/roomPrefs/tea", json!({"tags": "late"}), "400 INVALID_REQUEST"),
        ("/roomPrefs/tea", json!({"tags": [1]}), "400 INVALID_REQUEST"),
        ("/roomPrefs/tea", json!({"tagColors": ["x"]}), "400 INVALID_REQUEST"),
        ("/roomPrefs/tea", json!({"folder": 7}), "400 INVALID_REQUEST"),
        ("/roomPrefs/none", json!({}), "404 ROOM_NOT_FOUND"),
        ("/roomPrefs/tea/group/none", json!({}), "404 CLIENT_NOT_FOUND"),
    ] {
        let before = house.state().await;
        assert_eq!(mira.fails("POST", path, body.clone()).await, refusal, "{path} {body}");
        assert_eq!(house.state().await, before);
    }
    assert_eq!(client(&house, "nadia").fails("POST", "/roomPrefs/tea", json!({})).await, "403 NOT_ROOM_MEMBER");
    assert_eq!(client(&house, "nadia").fails("DELETE", "/roomPrefs/tea/tags", json!({})).await, "403 NOT_ROOM_MEMBER");
    assert_eq!(admin(&house).fails("POST", "/roomPrefs/tea", json!({})).await, "400 MISSING_PARAMETER");
}

#[tokio::test]
async fn a_groups_preferences_are_its_own() {
    let house = tea().await;
    admin(&house)
        .does("POST", "/admin/groups", json!({"_id": "crew", "nickname": "Crew", "members": ["mira", "nadia"]}))
        .await;
    let (mira, jonas) = (client(&house, "mira"), client(&house, "jonas"));
    let set = mira.does("POST", "/roomPrefs/tea/group/crew", json!({"tags": ["shift"], "sticky": true})).await;
    assert_eq!(set.to_string(), r#"{"room":"tea","tags":["shift"],"sticky":true}"#);
    let event = last_event(&house).await;
    assert_eq!((&event["data"]["members"], &event["audience"]["accounts"]), (&json!(["crew"]), &json!(["mira"])));
    assert_eq!(mira.sees("/roomPrefs").await["totalCount"], 0);
    assert_eq!(client(&house, "nadia").sees("/roomPrefs/group/crew").await, json!({"totalCount": 1, "data": [set]}));
    assert_eq!(jonas.fails("GET", "/roomPrefs/group/crew", Value::Null).await, "403 PERMISSION_DENIED");
    assert_eq!(jonas.fails("POST", "/roomPrefs/tea/group/crew", json!({})).await, "403 PERMISSION_DENIED");
    // In the group, but not in the room.
    assert_eq!(
        client(&house, "nadia").fails("POST", "/roomPrefs/tea/group/crew", json!({})).await,
        "403 NOT_ROOM_MEMBER"
    );
    survives_being_put_back(&house).await;
    let left = client(&house, "mira").does("DELETE", "/roomPrefs/tea/group/crew/tags", json!({})).await;
    assert_eq!(left.to_string(), r#"{"room":"tea","tags":[],"sticky":true}"#);
}

#[tokio::test]
async fn the_time_of_leaving_is_part_of_the_preference_and_goes_with_the_return() {
    let house = tea().await;
    let (mira, jonas) = (client(&house, "mira"), client(&house, "jonas"));
    jonas.does("POST", "/roomPrefs/tea", json!({"folder": "Desk"})).await;
    mira.removes(json!({"members": ["jonas"]})).await;
    let wanted = r#"{"room":"tea","tags":[],"folder":"Desk","quittedAt":"2026-01-05T09:00:00.000Z"}"#;
    assert_eq!(jonas.sees("/roomPrefs").await["data"][0].to_string(), wanted);
    mira.adds(json!({"invitees": ["jonas"]})).await;
    assert_eq!(jonas.sees("/roomPrefs").await["data"][0].to_string(), r#"{"room":"tea","tags":[],"folder":"Desk"}"#);
}

#[tokio::test]
async fn a_muted_room_shows_so_to_its_client_alone() {
    let house = tea().await;
    let mira = client(&house, "mira");
    for _ in 0..2 {
        assert_eq!(mira.does("POST", "/me/mute/tea", json!({})).await["mute"], json!(["tea"]));
    }
    let event = last_event(&house).await;
    assert_eq!((&event["event"], &event["scope"]), (&json!("muted"), &json!({"room": "tea"})));
    assert_eq!(
        (&event["data"], &event["audience"]),
        (&json!({"members": ["mira"], "muted": true}), &json!({"accounts": ["mira"]}))
    );
    assert_eq!(mira.sees("/rooms/tea").await["muted"], true);
    assert_eq!(mira.sees("/rooms?q=%7B%22_id%22:%22tea%22%7D").await["data"][0]["muted"], true);
    assert_eq!(client(&house, "jonas").sees("/rooms/tea").await["muted"], false);
    survives_being_put_back(&house).await;
    let mira = client(&house, "mira");
    for _ in 0..2 {
        assert_eq!(mira.does("DELETE", "/me/mute/tea", json!({})).await["mute"], json!([]));
    }
    assert_eq!(mira.sees("/rooms/tea").await["muted"], false);
    let told = house.events().await.into_iter().filter(|event| event["event"] == "muted").count();
    assert_eq!(told, 2, "what changes nothing tells nothing");
}

#[tokio::test]
async fn the_administrator_mutes_for_clients_and_is_told_what_is_not_muted() {
    let house = tea().await;
    let admin = admin(&house);
    let path = "/admin/clients/jonas/mute/tea";
    assert_eq!(admin.fails("DELETE", path, Value::Null).await, "400 ROOM_NOT_MUTED");
    assert_eq!(admin.does("POST", path, Value::Null).await["mute"], json!(["tea"]));
    assert_eq!(client(&house, "jonas").sees("/rooms/tea").await["muted"], true);
    assert_eq!(admin.does("DELETE", path, Value::Null).await["mute"], json!([]));
    for (path, refusal) in [
        ("/admin/clients/ghost/mute/tea", "404 CLIENT_NOT_FOUND"),
        ("/admin/clients/jonas/mute/none", "404 ROOM_NOT_FOUND"),
    ] {
        assert_eq!(admin.fails("POST", path, Value::Null).await, refusal);
        assert_eq!(admin.fails("DELETE", path, Value::Null).await, refusal);
    }
    assert_eq!(client(&house, "mira").fails("POST", path, json!({})).await, "401 INVALID_API_KEY");
    assert_eq!(client(&house, "mira").fails("POST", "/me/mute/none", json!({})).await, "404 ROOM_NOT_FOUND");
    assert_eq!(admin.fails("POST", "/me/mute/tea", json!({})).await, "400 MISSING_PARAMETER");
}

#[tokio::test]
async fn a_room_that_is_gone_can_still_be_unmuted() {
    let house = tea().await;
    let mira = client(&house, "mira");
    mira.does("POST", "/me/mute/tea", json!({})).await;
    mira.does("DELETE", "/rooms/tea", json!({})).await;
    assert_eq!(mira.does("DELETE", "/me/mute/tea", json!({})).await["mute"], json!([]));
    assert_eq!(mira.fails("DELETE", "/me/mute/tea", json!({})).await, "404 ROOM_NOT_FOUND");
}
