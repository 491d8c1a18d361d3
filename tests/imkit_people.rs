//! IMKIT's clients: tokens bound, taken back and used up, logging out, lists, and what a client says of itself.

mod common;
#[path = "common/imkit.rs"]
mod imkit;

use std::time::Duration;

use common::{House, start};
use imkit::{admin, client, refusal, tea, world, world_with};
use imulator::api::imkit::jwt::{self, Claims};
use imulator::api::operation::{Access, Operation};
use imulator::api::router::operations;
use serde_json::{Value, json};

/// The status of a call with this token.
async fn enters(house: &House, token: &str) -> u16 {
    let headers = [("IM-CLIENT-KEY", "ck"), ("IM-Authorization", token)];
    house.imkit("GET", "/me", &headers, "").await.status.as_u16()
}

/// A token of mira's, signed now.
async fn signed(house: &House) -> String {
    let signed = admin(house).does("POST", "/auths/sign/v2", json!({"id": "mira"})).await;
    signed["token"].as_str().expect("a token").to_owned()
}

/// A house with a known secret, and a token of mira's that was signed elsewhere: there is no record of it.
async fn with_a_guest_token() -> (House, String) {
    let mut world = world();
    world["imkit"]["LocalApp"]["jwt_secret"] = json!("kettle");
    let claims = Claims { id: "mira".into(), iat: 1_767_603_500, exp: 1_767_700_000, nickname: None, avatar_url: None };
    (start(world).await, jwt::issue("kettle", &claims))
}

#[tokio::test]
async fn revoking_all_tokens_ends_bound_signed_and_unrecorded_ones_at_once() {
    let (house, guest) = with_a_guest_token().await;
    let own = signed(&house).await;
    for token in ["t-mira", &own, &guest] {
        assert_eq!(enters(&house, token).await, 200, "{token}");
    }
    let revoked = admin(&house).does("DELETE", "/admin/clients/mira/token", Value::Null).await;
    let texts: Vec<&Value> =
        revoked["data"].as_array().expect("a list").iter().map(|record| &record["token"]).collect();
    assert_eq!(texts, [&json!("t-mira"), &json!(own)]);
    for token in ["t-mira", &own, &guest] {
        assert_eq!(enters(&house, token).await, 401, "{token}");
    }
    assert_eq!(enters(&house, "t-jonas").await, 200);
    house.emulator.clock().advance(Duration::from_secs(1));
    let fresh = signed(&house).await;
    assert_eq!(enters(&house, &fresh).await, 200, "tokens signed later let in");
}

#[tokio::test]
async fn an_unrecorded_token_can_be_revoked_alone_and_outlasts_a_snapshot_as_revoked() {
    let (house, guest) = with_a_guest_token().await;
    let revoked = admin(&house).does("DELETE", "/admin/clients/mira/token", json!({"token": guest})).await;
    assert_eq!(revoked["data"][0]["expirationDateMS"], 1_767_700_000_000_i64);
    assert_eq!(enters(&house, &guest).await, 401);
    assert_eq!(enters(&house, "t-mira").await, 200);
    let again = admin(&house).fails("DELETE", "/admin/clients/mira/token", json!({"token": guest})).await;
    assert_eq!(again, "404 TOKEN_NOT_FOUND");
    let other = start(house.state().await).await;
    assert_eq!(enters(&other, &guest).await, 401);
}

#[tokio::test]
async fn a_revoked_bound_token_may_be_bound_to_another() {
    let house = tea().await;
    let taken = admin(&house).fails("PUT", "/admin/clients/jonas/token", json!({"token": "t-mira"})).await;
    assert_eq!(taken, "409 TOKEN_CONFLICT");
    admin(&house).does("DELETE", "/admin/clients/mira/token", json!({"token": "t-mira"})).await;
    admin(&house).does("PUT", "/admin/clients/jonas/token", json!({"token": "t-mira"})).await;
    assert_eq!(client(&house, "mira").sees("/me").await["_id"], "jonas");
}

#[tokio::test]
async fn binding_again_keeps_the_birth_of_a_token_and_moves_its_end() {
    let house = tea().await;
    admin(&house).does("PUT", "/admin/clients/mira/token", json!({"token": "mine"})).await;
    house.emulator.clock().advance(Duration::from_secs(60));
    let end = json!({"token": "mine", "expirationDate": "2026-01-05T09:02:00.000Z"});
    admin(&house).does("PUT", "/admin/clients/mira/token", end).await;
    assert_eq!(enters(&house, "mine").await, 200);
    let first = house.state().await;
    assert_eq!(start(first.clone()).await.state().await, first);
    let revoked = admin(&house).does("DELETE", "/admin/clients/mira/token", json!({"token": "mine"})).await;
    let record = json!({"token": "mine", "updatedAt": "2026-01-05T09:01:00.000Z",
        "expirationDate": "2026-01-05T09:02:00.000Z", "createdAt": "2026-01-05T09:00:00.000Z",
        "expirationDateMS": 1_767_603_720_000_i64});
    assert_eq!(revoked, json!({"data": [record]}));
}

#[tokio::test]
async fn a_bound_token_ends_by_the_emulators_clock_and_is_not_revoked_after_that() {
    let house = tea().await;
    let end = json!({"token": "mine", "expirationDate": "2026-01-05T09:01:00.000Z"});
    admin(&house).does("PUT", "/admin/clients/mira/token", end).await;
    house.emulator.clock().advance(Duration::from_millis(59_999));
    assert_eq!(enters(&house, "mine").await, 200);
    house.emulator.clock().advance(Duration::from_millis(1));
    assert_eq!(enters(&house, "mine").await, 401);
    let gone = admin(&house).fails("DELETE", "/admin/clients/mira/token", json!({"token": "mine"})).await;
    assert_eq!(gone, "404 TOKEN_NOT_FOUND");
}

#[tokio::test]
async fn with_single_tokens_a_bound_one_ends_all_others() {
    let house = start(world_with(json!({"single_token": true}))).await;
    let first = signed(&house).await;
    admin(&house).does("PUT", "/admin/clients/mira/token", json!({"token": "mine"})).await;
    for (token, status) in [("t-mira", 401), (first.as_str(), 401), ("mine", 200)] {
        assert_eq!(enters(&house, token).await, status, "{token}");
    }
}

/// The devices of mira, as the state document has them.
async fn devices(house: &House) -> Vec<String> {
    let state = house.state().await;
    let clients = state["imkit"]["LocalApp"]["clients"].as_array().expect("clients").clone();
    let mira = clients.into_iter().find(|client| client["_id"] == "mira").expect("mira is there");
    let list = mira["pushTokens"].as_array().cloned().unwrap_or_default();
    list.iter().map(|device| device["deviceId"].as_str().expect("a text").to_owned()).collect()
}

async fn subscribed() -> House {
    let house = tea().await;
    for device in ["phone", "tablet"] {
        let body = json!({"type": "fcm", "token": format!("push-{device}"), "deviceId": device});
        client(&house, "mira").does("POST", "/me/subscribe", body).await;
    }
    admin(&house).does("PUT", "/admin/clients/mira/token", json!({"token": "second"})).await;
    house
}

#[tokio::test]
async fn logging_out_drops_the_push_tokens_of_this_device() {
    let house = subscribed().await;
    client(&house, "mira").with("IM-Device-ID", "phone").does("POST", "/me/logout", json!({})).await;
    assert_eq!(devices(&house).await, ["tablet"]);
    assert_eq!((enters(&house, "t-mira").await, enters(&house, "second").await), (401, 200));
    let events = house.events().await;
    let told = events.last().expect("an event");
    assert_eq!(told["data"], json!({"members": ["mira"], "revokedTokens": 1, "unsubscribedDevices": 1}));
}

#[tokio::test]
async fn logging_others_out_drops_the_push_tokens_of_other_devices() {
    let house = subscribed().await;
    client(&house, "mira").with("IM-Device-ID", "phone").does("POST", "/me/logout-others", json!({})).await;
    assert_eq!(devices(&house).await, ["phone"]);
    assert_eq!((enters(&house, "t-mira").await, enters(&house, "second").await), (200, 401));
}

#[tokio::test]
async fn logging_out_without_a_device_drops_no_push_tokens() {
    let house = subscribed().await;
    client(&house, "mira").does("POST", "/me/logout-others", json!({})).await;
    client(&house, "mira").does("POST", "/me/logout", json!({})).await;
    assert_eq!(devices(&house).await, ["phone", "tablet"]);
}

#[tokio::test]
async fn an_unrecorded_token_logs_others_out_and_stays() {
    let (house, guest) = with_a_guest_token().await;
    let own = signed(&house).await;
    let headers = [("IM-CLIENT-KEY", "ck"), ("IM-Authorization", guest.as_str())];
    assert_eq!(house.imkit("POST", "/me/logout-others", &headers, "").await.status, 200);
    for (token, status) in [("t-mira", 401), (own.as_str(), 401), (guest.as_str(), 200)] {
        assert_eq!(enters(&house, token).await, status, "{token}");
    }
    assert_eq!(house.imkit("POST", "/me/logout", &headers, "").await.status, 200);
    assert_eq!(enters(&house, &guest).await, 401);
}

#[tokio::test]
async fn a_list_that_is_refused_makes_nobody() {
    let house = tea().await;
    let before = house.state().await;
    let list = json!({"data": [{"_id": "one"}, {"_id": "two", "nickname": 7}]});
    let answer = admin(&house).call("POST", "/admin/clients/list", list).await;
    assert_eq!(refusal(&answer), "400 INVALID_REQUEST");
    assert_eq!(answer.why(), "data[1].nickname: is 7, and has to be a string");
    assert_eq!(house.state().await, before);
}

#[tokio::test]
async fn a_list_issues_no_tokens_and_its_later_entries_win() {
    let house = tea().await;
    let one = json!({"_id": "one", "nickname": "First", "issueAccessToken": true, "token": "t-one"});
    let list = json!({"data": [one, {"_id": "one", "nickname": "Second"}]});
    assert_eq!(admin(&house).does("POST", "/admin/clients/list", list).await, json!({"count": 2}));
    assert_eq!(enters(&house, "t-one").await, 401);
    let found = admin(&house).sees("/admin/clients?q=%7B%22nickname%22%3A%22Second%22%7D").await;
    assert_eq!((&found["totalCount"], &found["data"][0]["_id"]), (&json!(1), &json!("one")));
}

#[tokio::test]
async fn pages_of_clients_have_50_unless_asked_and_100_at_most() {
    let house = tea().await;
    let many: Vec<Value> = (0..150).map(|n| json!({"_id": format!("n{n:03}")})).collect();
    admin(&house).does("POST", "/admin/clients/list", json!({"data": many})).await;
    for (query, length, first) in [
        ("", 50, "jonas"),
        ("?limit=10", 10, "jonas"),
        ("?limit=1000", 100, "jonas"),
        ("?limit=0", 100, "jonas"),
        ("?limit=100&skip=100", 54, "n098"),
        ("?skip=1000", 0, ""),
    ] {
        let page = admin(&house).sees(&format!("/admin/clients{query}")).await;
        let data = page["data"].as_array().expect("a list");
        assert_eq!((page["totalCount"].as_i64(), data.len()), (Some(154), length), "{query}");
        assert_eq!(data.first().map_or("", |one| one["_id"].as_str().expect("a text")), first, "{query}");
    }
}

#[tokio::test]
async fn queries_look_at_own_and_computed_fields_and_never_at_tokens() {
    let house = tea().await;
    admin(&house).does("POST", "/admin/clients", json!({"_id": "mira", "level": {"tea": 3}, "tags": ["a", "b"]})).await;
    for (q, count) in [
        (r#"{"level.tea":{"$gte":3}}"#, 1),
        (r#"{"tags":"b"}"#, 1),
        (r#"{"nickname":{"$regex":"^m","$options":"i"}}"#, 1),
        (r#"{"appID":"LocalApp","isRobot":false}"#, 4),
        (r#"{"$or":[{"_id":"mira"},{"id":"jonas"}]}"#, 2),
        (r#"{"lastLoginTimeMS":{"$exists":true}}"#, 0),
        (r#"{"tokens":{"$exists":true}}"#, 0),
        (r#"{"notificationEnabled":true}"#, 4),
    ] {
        let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("q", q).finish();
        let page = admin(&house).sees(&format!("/admin/clients?{query}")).await;
        assert_eq!(page["totalCount"], count, "{q}");
        assert!(!page.to_string().contains("t-mira"), "{page}");
    }
}

#[tokio::test]
async fn a_client_writes_no_tokens_and_no_settings_into_its_record() {
    let house = tea().await;
    let body = json!({"token": "mine", "tokens": ["mine"], "issueAccessToken": true, "prefs": 7, "pushTokens": 7,
        "tokensVoidBefore": 7, "notificationEnabled": false, "colour": "green"});
    let record = client(&house, "mira").does("POST", "/me", body).await;
    let keys: Vec<&String> = record.as_object().expect("a record").keys().collect();
    let wanted =
        ["_id", "__v", "appID", "nickname", "colour", "updatedAt", "isRobot", "mute", "notificationEnabled", "id"];
    assert_eq!(keys, wanted);
    assert_eq!(record["notificationEnabled"], true);
    assert_eq!((enters(&house, "mine").await, enters(&house, "t-mira").await), (401, 200));
    let first = house.state().await;
    assert_eq!(start(first.clone()).await.state().await, first);
}

#[tokio::test]
async fn an_application_may_want_every_client_to_name_itself() {
    let house = start(world_with(json!({"client_id_required": true}))).await;
    assert_eq!(client(&house, "mira").fails("GET", "/rooms", Value::Null).await, "400 MISSING_PARAMETER");
    let wrong = client(&house, "mira").with("IM-CLIENT-ID", "jonas");
    assert_eq!(wrong.fails("GET", "/rooms", Value::Null).await, "401 INVALID_TOKEN");
    assert_eq!(client(&house, "mira").with("IM-CLIENT-ID", "mira").sees("/rooms").await["totalCount"], 2);
    assert_eq!(admin(&house).sees("/rooms").await["totalCount"], 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_token_bound_and_revoked_at_once_lets_in_exactly_if_it_is_on_record() {
    let house = std::sync::Arc::new(tea().await);
    for round in 0..50 {
        let token = format!("race-{round}");
        admin(&house).does("PUT", "/admin/clients/mira/token", json!({"token": token})).await;
        let call = |method: &'static str| {
            let (house, token) = (house.clone(), token.clone());
            tokio::spawn(async move {
                let answer = admin(&house).call(method, "/admin/clients/mira/token", json!({"token": token})).await;
                answer.status.as_u16()
            })
        };
        let (bound, revoked) = (call("PUT"), call("DELETE"));
        assert_eq!((bound.await.expect("no panic"), revoked.await.expect("no panic")), (200, 200), "round {round}");
        let listed = admin(&house).sees("/auths/tokens").await.to_string().contains(&format!("\"{token}\""));
        assert_eq!(enters(&house, &token).await == 200, listed, "round {round}");
    }
}

/// The rows of people and settings, each with a path to call.
fn rows() -> impl Iterator<Item = (&'static Operation, String)> {
    let systems = ["imkit.users.", "imkit.badges.", "imkit.config.", "imkit.push.", "imkit.stats."];
    let rows = operations().filter(move |row| systems.iter().any(|system| row.name.starts_with(system)));
    rows.map(|row| (row, row.path.replace("{id}", "mira").replace("{key}", "theme")))
}

#[tokio::test]
async fn credentials_are_asked_for_as_the_rows_say_and_bad_json_is_told_before_them() {
    let house = tea().await;
    let before = house.state().await;
    for (row, path) in rows() {
        let asked = async |headers: &[(&str, &str)]| {
            let answer = house.imkit(row.method, &path, headers, "").await;
            assert!(!answer.text.contains("result"), "{}: {}", row.name, answer.text);
            refusal(&answer)
        };
        let token = if path == "/config" { "401 INVALID_AUTH" } else { "401 INVALID_TOKEN" };
        let (client, keyless) = ([("IM-CLIENT-KEY", "ck"), ("IM-Authorization", "nonsense")], "401 MISSING_CLIENT_KEY");
        match row.access {
            Access::ApiKey => {
                let sound = [("IM-CLIENT-KEY", "ck"), ("IM-Authorization", "t-mira")];
                assert_eq!(asked(&sound).await, "401 INVALID_API_KEY", "{}", row.name);
                assert_eq!(asked(&[]).await, "401 INVALID_API_KEY", "{}", row.name);
            }
            Access::Client => {
                assert_eq!(asked(&client).await, token, "{}", row.name);
                assert_eq!(asked(&[]).await, keyless, "{}", row.name);
            }
            Access::Sandbox | Access::ClientKey => assert_eq!(asked(&[]).await, keyless, "{}", row.name),
            other => panic!("{} asks for {other:?}", row.name),
        }
        if row.method != "GET" {
            let broken = house.imkit(row.method, &path, &[], "{\"a\":").await;
            assert_eq!(refusal(&broken), "400 INVALID_BODY", "{}", row.name);
        }
    }
    assert_eq!(house.state().await, before);
}
