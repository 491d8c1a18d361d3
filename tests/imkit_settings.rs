//! IMKIT's settings: configuration and word filter, preferences, push, badges, reports, robots, rates; and their state.

mod common;
#[path = "common/imkit.rs"]
mod imkit;

use std::time::Duration;

use common::{House, start, start_with};
use imkit::{admin, client, refusal, tea, world};
use serde_json::{Value, json};

/// The last event.
async fn last_event(house: &House) -> Value {
    let events = house.events().await;
    let last = events.last().expect("there was an event");
    json!({"event": last["event"], "scope": last["scope"], "by": last["by"], "data": last["data"], "audience": last["audience"]})
}

#[tokio::test]
async fn filtered_words_are_masked_from_the_moment_they_are_set_to_that_they_are_deleted() {
    let house = tea().await;
    assert_eq!(client(&house, "mira").says("foo bar").await["message"], "foo bar");
    let set = json!({"censorship": {"keywords": ["foo", "廣告", "\"q\"", ""]}});
    admin(&house).does("POST", "/config", set).await;
    let said = client(&house, "mira").says("foo, Foo, food, 廣告 and \"q\"").await;
    assert_eq!(said["message"], "***, Foo, ***d, ** and ***");
    let edit = json!({"_id": said["_id"], "message": "a foo again"});
    let edited = client(&house, "mira").does("POST", "/rooms/tea/message", edit).await;
    assert_eq!(edited["message"], "a *** again");
    let number = client(&house, "mira").does("POST", "/rooms/tea/message", json!({"message": 7})).await;
    assert_eq!(number["message"], 7);
    admin(&house).does("DELETE", "/config/censorship", Value::Null).await;
    assert_eq!(client(&house, "mira").says("foo").await["message"], "foo");
}

#[tokio::test]
async fn filtered_words_are_masked_whoever_sends_them_and_however() {
    let house = tea().await;
    admin(&house).does("POST", "/config", json!({"censorship": {"keywords": ["foo"]}})).await;
    let as_mira = json!({"room": "tea", "sender": "mira", "messageType": "text", "message": "1 foo"});
    admin(&house).does("POST", "/messages", as_mira).await;
    let batch = json!({"message": "2 $word$", "paras": [{"room": "tea", "$word$": "foo"}]});
    client(&house, "mira").does("POST", "/messages/batch", batch).await;
    admin(&house).does("POST", "/rooms/tea/message", json!({"message": "3 foo"})).await;
    let page = client(&house, "mira").sees("/rooms/tea/messages/v3?sortOrder=asc").await;
    let texts: Vec<&Value> = page["data"].as_array().expect("messages").iter().map(|one| &one["message"]).collect();
    assert_eq!(texts, ["1 ***", "2 ***", "3 ***"]);
}

#[tokio::test]
async fn a_word_filter_of_a_wrong_form_changes_nothing() {
    let house = tea().await;
    admin(&house).does("POST", "/config", json!({"censorship": {"keywords": ["foo"]}})).await;
    let before = house.state().await;
    for wrong in [json!("foo"), json!(["foo"]), json!({}), json!({"keywords": "foo"}), json!({"keywords": [7]})] {
        let body = json!({"other": 1, "censorship": wrong});
        let answer = admin(&house).call("POST", "/config", body).await;
        assert_eq!(refusal(&answer), "400 INVALID_CONFIG_FORMAT", "{wrong}");
        assert_eq!(answer.json()["RM"], "Invalid request format");
    }
    assert_eq!(house.state().await, before);
}

#[tokio::test]
async fn own_sessions_are_told_of_preferences_in_the_words_of_their_events() {
    let house = tea().await;
    client(&house, "mira").does("POST", "/me/pref/theme", json!({"dark": true})).await;
    let told = json!({"event": "account_changed", "scope": {"client": "mira"}, "by": "mira",
        "data": {"members": ["mira"], "socket": "myPrefChange", "payload": {"key": "theme", "data": {"dark": true}}},
        "audience": {"accounts": ["mira"]}});
    assert_eq!(last_event(&house).await, told);
    client(&house, "mira").does("DELETE", "/me/pref/theme", Value::Null).await;
    let told = json!({"event": "account_changed", "scope": {"client": "mira"}, "by": "mira",
        "data": {"members": ["mira"], "socket": "myPrefDelete", "payload": "theme"}, "audience": {"accounts": ["mira"]}});
    assert_eq!(last_event(&house).await, told);
    let count = house.events().await.len();
    client(&house, "mira").does("DELETE", "/me/pref/theme", Value::Null).await;
    assert_eq!(house.events().await.len(), count, "nothing changed, nobody is told");
}

#[tokio::test]
async fn preferences_are_each_clients_own_and_may_be_any_object_or_array() {
    let house = tea().await;
    for (key, data) in [("a", json!([])), ("b%2Fc", json!([1, [2]])), ("data", json!({"data": null}))] {
        client(&house, "mira").does("POST", &format!("/me/pref/{key}"), data).await;
    }
    client(&house, "mira").does("POST", "/me/pref/a", Value::Null).await;
    let map = json!({"a": {}, "b/c": [1, [2]], "data": {"data": null}});
    assert_eq!(client(&house, "mira").sees("/me/prefs").await, map);
    assert_eq!(client(&house, "jonas").sees("/me/prefs").await, json!({}));
    let acting = admin(&house).with("IM-CLIENT-ID", "mira");
    assert_eq!(acting.sees("/me/prefs").await, map);
    for wrong in [json!(7), json!("text"), json!(true)] {
        assert_eq!(client(&house, "mira").fails("POST", "/me/pref/a", wrong).await, "400 INVALID_BODY");
    }
}

async fn subscribe(house: &House, who: &str, kind: &str, device: &str, token: &str) {
    let body = json!({"type": kind, "token": token, "deviceId": device});
    client(house, who).does("POST", "/me/subscribe", body).await;
}

/// The pushes so far: scope, data and audience of each.
async fn pushes(house: &House) -> Vec<Value> {
    let events = house.events().await;
    let pushed = events.into_iter().filter(|event| event["event"] == "pushed");
    pushed.map(|event| json!([event["scope"], event["data"], event["audience"]])).collect()
}

#[tokio::test]
async fn a_push_is_an_event_for_each_client_that_it_would_reach() {
    let house = tea().await;
    subscribe(&house, "mira", "ios", "phone", "0123456789abcdef").await;
    subscribe(&house, "mira", "fcm", "tablet", "short").await;
    subscribe(&house, "jonas", "web", "browser", "w").await;
    client(&house, "jonas").does("POST", "/me/notification/disable", Value::Null).await;
    let push = json!({"clients": ["mira", "jonas", "okello", "nobody", "mira"], "payload": {"alert": "Tea", "token": "a whole token"}});
    admin(&house).does("POST", "/push/push2clients", push.clone()).await;
    let devices = json!([{"type": "ios", "token": "01234567…", "deviceId": "phone"},
        {"type": "fcm", "token": "short", "deviceId": "tablet"}]);
    let payload = json!({"alert": "Tea", "token": "a whole token"});
    let to_mira = json!([{"client": "mira"}, {"members": ["mira"], "devices": devices, "payload": payload},
        {"accounts": ["mira"]}]);
    assert_eq!(pushes(&house).await, [to_mira]);
    client(&house, "jonas").does("POST", "/me/notification/enable", Value::Null).await;
    client(&house, "mira").does("POST", "/me/unsubscribe", json!({"type": "ios", "deviceId": "phone"})).await;
    client(&house, "mira").does("POST", "/me/unsubscribe", json!({"type": "fcm", "deviceId": "tablet"})).await;
    admin(&house).does("POST", "/push/push2clients", push).await;
    let reached: Vec<Value> = pushes(&house).await.into_iter().map(|push| push[0]["client"].clone()).collect();
    assert_eq!(reached, ["mira", "jonas"]);
}

#[tokio::test]
async fn a_push_to_tokens_is_one_event_with_the_tokens_shortened() {
    let house = tea().await;
    let push = json!({"type": "fcm", "tokens": ["0123456789abcdef", "b"], "payload": {"title": "Tea"}});
    assert_eq!(admin(&house).does("POST", "/push/push2tokens", push).await, Value::Null);
    let data = json!({"members": [], "type": "fcm", "tokens": ["01234567…", "b"], "payload": {"title": "Tea"}});
    assert_eq!(pushes(&house).await, [json!([{"tenant": "LocalApp"}, data, {"accounts": []}])]);
}

#[tokio::test]
async fn a_kind_that_is_no_name_is_refused_with_what_it_has_to_be() {
    let house = tea().await;
    for kind in [json!(5), json!([]), json!(true)] {
        let push = json!({"type": kind, "tokens": [], "payload": {}});
        let answer = admin(&house).call("POST", "/push/push2tokens", push).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert_eq!(answer.header("imulator-why"), format!("type: is {kind}, and has to be a string"));
    }
}

#[tokio::test]
async fn a_device_subscribes_once_for_each_kind_and_the_oldest_go() {
    let house = tea().await;
    subscribe(&house, "mira", "ios", "phone", "old").await;
    subscribe(&house, "mira", "ios-voip", "phone", "voip").await;
    subscribe(&house, "mira", "ios", "phone", "new").await;
    let devices = |state: &Value| state["imkit"]["LocalApp"]["clients"][1]["pushTokens"].clone();
    let wanted = json!([{"type": "ios", "token": "new", "deviceId": "phone"},
        {"type": "ios-voip", "token": "voip", "deviceId": "phone"}]);
    assert_eq!(devices(&house.state().await), wanted);
    for n in 0..64 {
        subscribe(&house, "mira", "fcm", &format!("d{n}"), "t").await;
    }
    let kept = devices(&house.state().await);
    assert_eq!((kept.as_array().map(Vec::len), &kept[0]["deviceId"]), (Some(64), &json!("d0")));
}

#[tokio::test]
async fn badges_follow_messages_and_the_membership_of_rooms() {
    let house = tea().await;
    let badge = async |who: &str| client(&house, who).sees("/me/badge").await["badge"].clone();
    client(&house, "mira").says("one").await;
    house.emulator.clock().advance(Duration::from_secs(60));
    client(&house, "mira").says("two").await;
    client(&house, "mira").does("POST", "/rooms/pair/message", json!({"message": "three"})).await;
    assert_eq!((badge("jonas").await, badge("mira").await), (json!(3), json!(0)));
    client(&house, "mira").does("PUT", "/rooms/tea", json!({"roomTags": ["tea"]})).await;
    let before = json!({"tags": ["tea"], "beforeTime": "2026-01-05T09:00:30.000Z"});
    let up_to = client(&house, "jonas").does("POST", "/badges/byRoomTagsAndTime", before.clone()).await;
    assert_eq!(up_to, json!({"totalBadge": 1, "data": {"tea": 1}}));
    let signed = admin(&house).does("POST", "/auths/sign/v2", json!({"id": "jonas"})).await;
    let headers = [("IM-CLIENT-KEY", "ck")];
    let tokens = json!({"tokens": [signed["token"], "t-jonas", "a.b.c"]});
    let answer = house.imkit("POST", "/badges", &headers, tokens).await.json()["result"].clone();
    assert_eq!(answer, json!({"data": [{"client": "jonas", "badge": 3}], "totalBadge": 3}));
    admin(&house).does("PUT", "/rooms/pair", json!({"status": 0})).await;
    assert_eq!(badge("jonas").await, 2, "a frozen room counts no more");
    client(&house, "mira").removes(json!({"members": ["jonas"]})).await;
    assert_eq!(badge("jonas").await, 0);
}

#[tokio::test]
async fn badges_up_to_a_time_know_messages_that_are_kept_no_more() {
    let house = start_with(world(), |config| config.messages_max = 2).await;
    for second in 0..5 {
        client(&house, "mira").says(&format!("at {second}")).await;
        house.emulator.clock().advance(Duration::from_secs(1));
    }
    client(&house, "mira").does("PUT", "/rooms/tea", json!({"roomTags": ["tea"]})).await;
    for (time, badge) in [("2026-01-05T08:00:00Z", 3), ("2026-01-05T09:00:04Z", 4), ("2026-01-05T10:00:00Z", 5)] {
        let body = json!({"beforeTime": time});
        let found = client(&house, "jonas").does("POST", "/badges/byRoomTagsAndTime", body).await;
        assert_eq!(found["totalBadge"], badge, "{time}");
    }
}

#[tokio::test]
async fn a_report_is_of_the_last_hour_by_the_emulators_clock() {
    let house = tea().await;
    client(&house, "mira").says("one").await;
    house.emulator.clock().advance(Duration::from_secs(1800));
    client(&house, "jonas").says("two").await;
    client(&house, "jonas").does("POST", "/rooms/pair/message", json!({"message": "three"})).await;
    let counted = async || {
        let report = admin(&house).sees("/admin/stats").await;
        json!([report["userList"], report["roomCount"], report["totalRoomCount"], report["messageCount"]])
    };
    assert_eq!(counted().await, json!([["jonas", "mira"], 2, 2, 3]));
    house.emulator.clock().advance(Duration::from_secs(1801));
    assert_eq!(counted().await, json!([["jonas"], 2, 2, 2]));
    house.emulator.clock().advance(Duration::from_secs(1800));
    assert_eq!(counted().await, json!([[], 0, 2, 0]));
    let report = admin(&house).sees("/admin/stats").await;
    assert_eq!(
        (&report["start"], &report["endTime"]),
        (&json!("2026-01-05T09:30:01.000Z"), &json!(1_767_609_001_000_i64))
    );
}

#[tokio::test]
async fn the_keys_in_a_report_are_secrets_of_the_journal() {
    let mut world = world();
    world["imkit"]["LocalApp"]["api_keys"] = json!(["a-long-api-key", "ak"]);
    world["imkit"]["LocalApp"]["client_keys"] = json!(["a-long-client-key", "ck"]);
    let house = start(world).await;
    let report = admin(&house).sees("/admin/stats").await;
    assert_eq!((&report["clientKey"], &report["apiKey"]), (&json!("a-long-client-key"), &json!("a-long-api-key")));
    let journal = house.journal("kind=exchange").await;
    let told = &journal[0]["reply"]["body"]["result"];
    assert_eq!((&told["clientKey"], &told["apiKey"]), (&json!("a-long-c…"), &json!("a-long-a…")));
}

#[tokio::test]
async fn robots_are_clients_and_keep_what_is_not_given() {
    let house = tea().await;
    let whole = json!({"_id": "helper", "callbackUrl": "http://127.0.0.1:9/x", "requestHeaders": {"X": "y"}});
    admin(&house).does("POST", "/admin/robots", whole).await;
    house.emulator.clock().advance(Duration::from_secs(1));
    let changed = admin(&house).does("POST", "/admin/robots", json!({"_id": "helper", "nickname": "Helper"})).await;
    assert_eq!(
        (&changed["callbackUrl"], &changed["requestHeaders"]),
        (&json!("http://127.0.0.1:9/x"), &json!({"X": "y"}))
    );
    assert_eq!(
        (&changed["createdAt"], &changed["updatedAt"]),
        (&json!("2026-01-05T09:00:00.000Z"), &json!("2026-01-05T09:00:01.000Z"))
    );
    let room = client(&house, "mira").adds(json!({"invitees": ["helper"]})).await;
    assert_eq!((&room["members"][2]["_id"], &room["members"][2]["isRobot"]), (&json!("helper"), &json!(true)));
    admin(&house).does("POST", "/admin/robots", json!({"_id": "mira"})).await;
    let listed = admin(&house).sees("/admin/robots").await;
    let ids: Vec<&Value> = listed.as_array().expect("a bare list").iter().map(|robot| &robot["_id"]).collect();
    assert_eq!(ids, ["helper", "mira"]);
}

#[tokio::test]
async fn an_api_key_may_make_1000_calls_a_minute_where_rates_are_enforced() {
    let house = start_with(world(), |config| config.enforce_rate_limits = true).await;
    for _ in 0..1000 {
        admin(&house).sees("/admin/connection-count").await;
    }
    let answer = admin(&house).call("GET", "/admin/connection-count", Value::Null).await;
    assert_eq!(
        answer.text,
        r#"{"RC":429,"RM":"Too Many Requests","error":{"code":"RATE_LIMIT_EXCEEDED","message":"rate: \"ak\" may make 1000 calls a minute","retryAfter":60}}"#
    );
    assert_eq!(refusal(&answer), "429 RATE_LIMIT_EXCEEDED");
    assert!(answer.why().contains("1000 calls a minute"), "{}", answer.why());
    client(&house, "mira").sees("/me").await;
    house.emulator.clock().advance(Duration::from_secs(59));
    assert_eq!(admin(&house).fails("GET", "/admin/connection-count", Value::Null).await, "429 RATE_LIMIT_EXCEEDED");
    house.emulator.clock().advance(Duration::from_secs(1));
    admin(&house).sees("/admin/connection-count").await;
    let free = tea().await;
    for _ in 0..1001 {
        admin(&free).sees("/admin/connection-count").await;
    }
}

#[tokio::test]
async fn a_snapshot_of_everything_here_that_is_put_back_gives_an_equal_one() {
    let house = tea().await;
    subscribe(&house, "mira", "ios", "phone", "p").await;
    client(&house, "mira").does("POST", "/me/pref/theme", json!({"b": 1, "a": [null]})).await;
    client(&house, "jonas").does("POST", "/me/notification/disable", Value::Null).await;
    client(&house, "okello").does("POST", "/me/notification/enable", Value::Null).await;
    admin(&house).does("POST", "/auths/sign/v2", json!({"id": "nadia"})).await;
    admin(&house).does("DELETE", "/admin/clients/nadia/token", Value::Null).await;
    let config = json!({"z": 1, "censorship": {"keywords": ["foo"]}, "a": null});
    admin(&house).does("POST", "/config", config.clone()).await;
    let robot = json!({"_id": "helper", "callbackUrl": "http://127.0.0.1:9/x", "requestHeaders": {"X": "y"}});
    admin(&house).does("POST", "/admin/robots", robot).await;
    let first = house.state().await;
    let app = &first["imkit"]["LocalApp"];
    assert_eq!((&app["config"], &app["robots"][0]["_id"]), (&config, &json!("helper")));
    house.control("PUT", "state", first.clone()).await;
    assert_eq!(house.state().await, first);
    let other = start(first.clone()).await;
    assert_eq!(other.state().await, first);
    assert_eq!(client(&other, "mira").says("foo").await["message"], "***");
    assert_eq!(client(&other, "jonas").sees("/me").await["notificationEnabled"], false);
}

#[tokio::test]
async fn documents_with_faults_are_refused_with_their_path() {
    let house = tea().await;
    let client = |part: Value| json!({"clients": [part]});
    for (app, path) in [
        (json!({"config": {"censorship": {"keywords": 7}}}), "imkit.LocalApp.config.censorship"),
        (json!({"robots": [{"_id": "r"}, {"_id": "r"}]}), "imkit.LocalApp.robots[1]._id"),
        (json!({"robots": [{"_id": "r", "requestHeaders": []}]}), "imkit.LocalApp.robots[0].requestHeaders"),
        (json!({"robots": [{"_id": "r", "colour": 1}]}), "robots[0].colour"),
        (
            client(json!({"_id": "x", "pushTokens": [{"type": "ios", "token": "", "deviceId": "d"}]})),
            "clients[0].pushTokens[0]",
        ),
        (
            client(json!({"_id": "x", "pushTokens": [{"type": "ios", "token": "t", "deviceId": "d"},
            {"type": "ios", "token": "u", "deviceId": "d"}]})),
            "clients[0].pushTokens[1]",
        ),
        (
            client(json!({"_id": "x", "pushTokens": [{"type": "pigeon", "token": "t", "deviceId": "d"}]})),
            "clients[0].pushTokens[0].type",
        ),
        (client(json!({"_id": "x", "prefs": []})), "clients[0].prefs"),
    ] {
        let before = house.state().await;
        let body = json!({"imulator": 1, "imkit": {"LocalApp": app}}).to_string();
        let answer = house.call("POST", "/_imulator/seed", &[("host", "localhost")], body.as_str()).await;
        assert!(
            answer.status.is_client_error() && answer.text.contains(path),
            "{path}: {} {}",
            answer.status,
            answer.text
        );
        assert_eq!(house.state().await, before, "{path}");
    }
}
