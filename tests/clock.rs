//! The clock: told over HTTP and in-process, for the emulator and for one tenant, and everything that obeys it.

mod common;
mod process;

use std::time::Duration;

use common::{Answer, House, demo, start, start_with};
use imulator::api::tencent::usersig::{Ticket, generate};
use imulator::{Clock, Emulator};
use process::{Server, run};
use serde_json::{Value, json};

const DAY_MS: i64 = 86_400_000;
/// What a manual clock starts at.
const START: i64 = 1_767_603_600;

async fn post(house: &House, query: &str, body: Value) -> Answer {
    house.call("POST", &format!("/_imulator/clock{query}"), &[("host", "localhost")], body).await
}

async fn now(house: &House, query: &str) -> Value {
    house.control("GET", &format!("clock{query}"), "").await
}

#[tokio::test]
async fn it_is_read_advanced_and_set() {
    let house = start(demo()).await;
    assert_eq!(now(&house, "").await, json!({"now": "2026-01-05T09:00:00.000Z", "mode": "manual"}));
    for (change, moment) in [
        (json!({"advance_ms": 1500}), "2026-01-05T09:00:01.500Z"),
        (json!({"advance_ms": 0}), "2026-01-05T09:00:01.500Z"),
        (json!({"set": "2030-02-03T04:05:06+01:00"}), "2030-02-03T03:05:06.000Z"),
        (json!({"set": "2001-01-01T00:00:00Z"}), "2001-01-01T00:00:00.000Z"),
        (json!({"mode": "manual"}), "2001-01-01T00:00:00.000Z"),
        (json!({"set": "2106-02-07T06:28:14Z"}), "2106-02-07T06:28:14.000Z"),
        (json!({"set": "1970-01-01T00:00:00Z"}), "1970-01-01T00:00:00.000Z"),
    ] {
        let answer = post(&house, "", change.clone()).await;
        assert_eq!(answer.json(), json!({"now": moment, "mode": "manual"}), "{change}");
        assert_eq!(now(&house, "").await, answer.json());
        assert_eq!(house.emulator.clock().now().to_string(), moment);
    }
}

#[tokio::test]
async fn a_system_clock_that_is_told_stands_still_until_it_is_asked_to_follow_again() {
    let house = House { emulator: Emulator::builder().build().expect("an empty world") };
    assert_eq!(now(&house, "").await["mode"], "system");
    let told = post(&house, "", json!({"advance_ms": 10 * DAY_MS})).await.json();
    assert_eq!(told["mode"], "manual");
    assert_eq!(now(&house, "").await, told);
    let follows = post(&house, "", json!({"mode": "system"})).await.json();
    assert_eq!(follows["mode"], "system");
    assert!(follows["now"].as_str() < told["now"].as_str(), "{follows} {told}");
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_its_path_and_changes_nothing() {
    let house = start(demo()).await;
    for (query, body, path, words) in [
        ("", "{}", Some("advance_ms"), "one of advance_ms, set, mode"),
        ("", r#"{"advance_ms":-1}"#, Some("advance_ms"), "set takes an earlier moment"),
        ("", r#"{"advance_ms":1.5}"#, Some("advance_ms"), "invalid type: floating point"),
        ("", r#"{"advance_ms":"1"}"#, Some("advance_ms"), "invalid type: string"),
        ("", r#"{"advance_ms":9223372036854775807}"#, Some("advance_ms"), "2106-02-07T06:28:14.000Z"),
        ("", r#"{"advance_ms":9223372036854775808}"#, Some("advance_ms"), "invalid value"),
        ("", r#"{"advance_ms":1e300}"#, Some("advance_ms"), "invalid type"),
        ("", r#"{"set":"2106-02-07T06:28:15Z"}"#, Some("set"), "outside of what this clock can show"),
        ("", r#"{"set":"1969-12-31T23:59:59.999Z"}"#, Some("set"), "1970-01-01T00:00:00.000Z to"),
        ("", r#"{"set":"yesterday"}"#, Some("set"), "\"yesterday\" is not an RFC 3339 time"),
        ("", r#"{"set":"2026-01-05"}"#, Some("set"), "is not an RFC 3339 time"),
        ("", r#"{"set":1767603600}"#, Some("set"), "invalid type: integer"),
        ("", r#"{"mode":"slow"}"#, Some("mode"), "expected `system` or `manual`"),
        ("", r#"{"mode":"system","advance_ms":1}"#, Some("mode"), "alone"),
        ("", r#"{"offset_ms":1}"#, Some("offset_ms"), "only a tenant"),
        ("", r#"{"advance":1}"#, Some("advance"), "unknown field"),
        ("", "[1]", None, "expected an object"),
        ("", "{", None, "EOF"),
        ("?tencent=88888888", r#"{"mode":"system"}"#, Some("mode"), "the mode is the emulator's"),
        ("?tencent=88888888", r#"{"advance_ms":9223372036854775807}"#, Some("advance_ms"), "outside"),
        ("?tencent=88888888", r#"{"offset_ms":-9223372036854775808}"#, Some("offset_ms"), "outside"),
        ("?imkit=SampleApp", r#"{"set":"9999-01-01T00:00:00Z"}"#, Some("set"), "outside"),
        ("?imkit=SampleApp&tencent=88888888", r#"{"advance_ms":1}"#, Some("imkit"), "one tenant"),
        ("?tenant=88888888", r#"{"advance_ms":1}"#, Some("tenant"), "unknown field"),
    ] {
        let answer = house.call("POST", &format!("/_imulator/clock{query}"), &[("host", "localhost")], body).await;
        assert_eq!(answer.status, 400, "{query} {body}: {}", answer.text);
        let error = &answer.json()["error"];
        assert_eq!(error["path"].as_str(), path, "{body}: {error}");
        assert!(error["message"].as_str().expect("a message").contains(words), "{body}: {error}");
    }
    assert_eq!(post(&house, "?tencent=99", json!({"advance_ms": 1})).await.status, 404);
    let calm = json!({"now": "2026-01-05T09:00:00.000Z", "mode": "manual"});
    assert_eq!(now(&house, "").await, calm);
    let calm = json!({"now": "2026-01-05T09:00:00.000Z", "mode": "manual", "offset_ms": 0});
    assert_eq!((now(&house, "?tencent=88888888").await, now(&house, "?imkit=SampleApp").await), (calm.clone(), calm));
}

#[tokio::test]
async fn a_tenant_has_its_own_offset_which_moves_with_the_clock() {
    let house = start(demo()).await;
    let told = post(&house, "?tencent=88888888", json!({"advance_ms": DAY_MS})).await.json();
    assert_eq!(told, json!({"now": "2026-01-06T09:00:00.000Z", "mode": "manual", "offset_ms": DAY_MS}));
    post(&house, "?imkit=SampleApp", json!({"set": "2026-01-04T09:00:00Z"})).await;
    assert_eq!(now(&house, "?imkit=SampleApp").await["offset_ms"], -DAY_MS);
    post(&house, "", json!({"advance_ms": 1000})).await;
    assert_eq!(now(&house, "").await["now"], "2026-01-05T09:00:01.000Z");
    assert_eq!(now(&house, "?tencent=88888888").await["now"], "2026-01-06T09:00:01.000Z");
    assert_eq!(now(&house, "?imkit=SampleApp").await["now"], "2026-01-04T09:00:01.000Z");
    post(&house, "?tencent=88888888", json!({"offset_ms": 0})).await;
    assert_eq!(now(&house, "?tencent=88888888").await["now"], "2026-01-05T09:00:01.000Z");
}

/// Two applications of each vendor, alike but for their ids.
fn twins() -> Value {
    let tencent = json!({"secret_key": "key", "groups": [{"GroupId": "@TGS#2J4SZEAEL", "Type": "Public", "Name": "climbers",
        "Owner_Account": "mira", "MemberList": [{"Member_Account": "mira"}, {"Member_Account": "tommy"}]}]});
    let imkit = |key: &str| {
        json!({"client_keys": [key], "clients": [{"_id": "mira",
            "tokens": [{"token": "t", "expirationDate": "2026-01-05T10:00:00.000Z"}]}]})
    };
    json!({"imulator": 1, "tencent": {"1": tencent, "2": tencent}, "imkit": {"one": imkit("k1"), "two": imkit("k2")}})
}

/// A call of a Tencent application that verifies its signatures; made at the start, good for an hour.
async fn signed(house: &House, sdkappid: u64, command: &str, body: Value) -> Answer {
    let ticket = Ticket { identifier: "admin".into(), sdkappid, time: START, expire: 3600, userbuf: None };
    let query = format!("sdkappid={sdkappid}&identifier=admin&usersig={}", generate("key", &ticket));
    house.call("POST", &format!("/v4/{command}?{query}"), &[], body).await
}

#[tokio::test]
async fn everything_of_a_tenant_obeys_its_offset_and_nothing_of_another() {
    let house = start(twins()).await;
    let mute = json!({"GroupId": "@TGS#2J4SZEAEL", "Members_Account": ["tommy"], "ShutUpTime": 600});
    let room = json!({"RoomInfo": {"RoomId": "hall", "RoomType": "Conference", "Owner_Account": "admin"}});
    for app in [1, 2] {
        assert_eq!(signed(&house, app, "group_open_http_svc/forbid_send_msg", mute.clone()).await.code(), 0);
        assert_eq!(signed(&house, app, "room_engine_http_srv/create_room", room.clone()).await.code(), 0);
    }
    let muted = async |app| {
        let list =
            signed(&house, app, "group_open_http_svc/get_group_muted_account", json!({"GroupId": "@TGS#2J4SZEAEL"}))
                .await;
        assert_eq!(list.code(), 0, "{}", list.text);
        let count = list.json()["MutedAccountList"].as_array().map_or(0, Vec::len);
        (count, list.header("date").to_owned())
    };
    let me = async |key: &str| {
        let headers = [("IM-CLIENT-KEY", key), ("IM-Authorization", "t")];
        let answer = house.imkit("GET", "/rooms", &headers, "").await;
        (answer.status.as_u16(), answer.header("date").to_owned())
    };
    post(&house, "?tencent=1", json!({"advance_ms": 600_000})).await;
    post(&house, "?imkit=one", json!({"advance_ms": 3_600_000})).await;
    assert_eq!(muted(1).await, (0, "Mon, 05 Jan 2026 09:10:00 GMT".into()));
    assert_eq!(muted(2).await, (1, "Mon, 05 Jan 2026 09:00:00 GMT".into()));
    assert_eq!(me("k1").await.0, 401);
    assert_eq!(me("k2").await, (200, "Mon, 05 Jan 2026 09:00:00 GMT".into()));
    let last = house.journal("tencent=1&kind=exchange").await.pop().expect("an exchange");
    assert_eq!(last["at"], "2026-01-05T09:10:00.000Z");

    post(&house, "?tencent=1", json!({"set": "2026-01-06T09:00:01Z"})).await;
    assert_eq!(signed(&house, 1, "room_engine_http_srv/get_room_info", json!({"RoomId": "hall"})).await.code(), 70001);
    let ended = house.journal("kind=event&limit=10000").await;
    let ended: Vec<&Value> = ended.iter().filter(|entry| entry["event"] == "destroyed").collect();
    assert_eq!(ended.len(), 1, "{ended:?}");
    assert_eq!((&ended[0]["tenant"]["tencent"], &ended[0]["at"]), (&json!("1"), &json!("2026-01-06T09:00:00.000Z")));
    assert_eq!(signed(&house, 2, "room_engine_http_srv/get_room_info", json!({"RoomId": "hall"})).await.code(), 0);
}

#[tokio::test]
async fn a_template_with_an_offset_gives_it_to_those_that_open() {
    let world = json!({"imulator": 1, "tencent": {"*": {"secret_key": "key", "clock_offset_ms": -3_600_000}},
        "imkit": {"*": {"clock_offset_ms": 7_200_000, "clients": [{"_id": "mira",
            "tokens": [{"token": "t", "expirationDate": "2026-01-05T10:00:00.000Z"}]}]}}});
    let house = start(world).await;
    post(&house, "", json!({"advance_ms": 7_200_000})).await;
    let import = json!({"UserID": "x"});
    assert_eq!(signed(&house, 7, "im_open_login_svc/account_import", import.clone()).await.code(), 0);
    post(&house, "", json!({"advance_ms": 1000})).await;
    assert_eq!(signed(&house, 8, "im_open_login_svc/account_import", import).await.code(), 70001);
    post(&house, "", json!({"set": "2026-01-05T07:59:59Z"})).await;
    let me = [("IM-CLIENT-KEY", "own"), ("IM-Authorization", "t")];
    assert_eq!(house.imkit("GET", "/rooms", &me, "").await.status, 200);
    post(&house, "", json!({"advance_ms": 1000})).await;
    assert_eq!(house.imkit("GET", "/rooms", &me, "").await.status, 401);
    let me = [("IM-CLIENT-KEY", "other"), ("IM-Authorization", "t")];
    assert_eq!(house.imkit("GET", "/rooms", &me, "").await.status, 401);
}

#[tokio::test]
async fn rates_are_counted_by_the_second_of_the_tenant() {
    let mut world = demo();
    world["tencent"]["88888888"]["limits"] = json!({"room_engine_http_srv/get_room_info.per_second": 1});
    let house = start_with(world, |config| config.enforce_rate_limits = true).await;
    let ask = async || house.room("get_room_info", json!({"RoomId": "room-test"})).await.code();
    assert_eq!((ask().await, ask().await), (0, 60007));
    post(&house, "?tencent=88888888", json!({"advance_ms": 1000})).await;
    assert_eq!((ask().await, ask().await), (0, 60007));
    post(&house, "", json!({"set": "2020-01-01T00:00:00Z"})).await;
    assert_eq!((ask().await, ask().await), (0, 60007));
}

#[tokio::test]
async fn a_reset_leaves_the_clock_alone_and_puts_a_tenant_back_to_its_fixtures_offset() {
    let mut world = demo();
    world["imkit"]["SampleApp"]["clock_offset_ms"] = json!(5000);
    let house = start(world).await;
    post(&house, "", json!({"advance_ms": DAY_MS})).await;
    for query in ["?tencent=88888888", "?imkit=SampleApp"] {
        post(&house, query, json!({"advance_ms": 1000})).await;
    }
    let state = house.state().await;
    assert_eq!(state["tencent"]["88888888"]["clock_offset_ms"], 1000);
    assert_eq!(state["imkit"]["SampleApp"]["clock_offset_ms"], 6000);
    for body in [json!({}), json!({"tenant": {"imkit": "SampleApp"}})] {
        house.control("POST", "reset", body).await;
        assert_eq!(now(&house, "").await["now"], "2026-01-06T09:00:00.000Z");
        assert_eq!(now(&house, "?tencent=88888888").await["offset_ms"], 0);
        assert_eq!(now(&house, "?imkit=SampleApp").await["offset_ms"], 5000);
    }
    house.control("PUT", "state", state.clone()).await;
    assert_eq!(house.state().await, state);
    assert_eq!(now(&house, "?imkit=SampleApp").await["offset_ms"], 6000);
    let world = json!({"imulator": 1, "imkit": {"a": {"clock_offset_ms": 4_294_967_294_001_i64}}});
    let answer = house.call("PUT", "/_imulator/state", &[("host", "localhost")], world).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["error"]["path"]), (400, &json!("imkit.a.clock_offset_ms")));
}

async fn make_hall(house: &House) {
    let info = json!({"RoomId": "hall", "RoomType": "Conference"});
    assert_eq!(house.room("create_room", json!({"RoomInfo": info})).await.code(), 0);
}

#[tokio::test]
async fn what_is_due_has_happened_when_the_clock_has_been_advanced() {
    let house = start(demo()).await;
    make_hall(&house).await;
    house.emulator.clock().advance(Duration::from_secs(25 * 3600));
    let entries = house.emulator.journal().entries();
    let end = &entries.last().expect("an entry").0;
    assert_eq!((&end["event"], &end["at"]), (&json!("destroyed"), &json!("2026-01-06T09:00:00.000Z")));
}

#[tokio::test]
async fn what_is_due_happens_without_a_call_while_the_clock_follows_the_machine() {
    let emulator = Emulator::builder().fixture(demo()).clock(Clock::system()).start().await.expect("it starts");
    let house = House { emulator };
    make_hall(&house).await;
    // A second and a half before its end.
    post(&house, "?tencent=88888888", json!({"advance_ms": DAY_MS - 1500})).await;
    let end = house.emulator.journal().wait_for(|entry| entry.is_event("destroyed")).await.expect("an entry");
    assert_eq!(end.0["scope"], json!({"room": "hall"}));
}

#[test]
fn the_command_line_sets_the_clock() {
    for (option, now, mode) in [
        ("manual", r#""now":"2026-01-05T09:00:00.000Z""#, "manual"),
        ("2030-01-01T00:00:00+08:00", r#""now":"2029-12-31T16:00:00.000Z""#, "manual"),
        ("system", r#""now":"20"#, "system"),
    ] {
        let server = Server::start(&["--listen", "127.0.0.1:0", "--clock", option]);
        let answer = server.get("/_imulator/clock");
        assert!(answer.contains(now) && answer.contains(&format!(r#""mode":"{mode}""#)), "{option}: {answer}");
    }
    for (option, words) in [("noon", "write system, manual or a time"), ("2200-01-01T00:00:00Z", "outside of what")] {
        let ended = run(&["--listen", "127.0.0.1:0", "--clock", option]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{}", ended.stderr);
        assert!(ended.stderr.contains("--clock") && ended.stderr.contains(words), "{}", ended.stderr);
    }
}
