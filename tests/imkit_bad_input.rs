//! Whatever is wrong with a call to IMKIT: its status is its RC, its code is the documented one, and nothing changes.

mod common;
#[path = "common/imkit.rs"]
mod imkit;

use common::{House, start_with};
use imkit::{refusal, world};
use serde_json::{Value, json};

/// Method, path and a sound body of every operation, and which field it cannot do without.
// table
const CALLS: &[(&str, &str, &str, &str)] = &[
    ("POST", "/admin/clients", r#"{"_id":"eve"}"#, "_id"),
    ("POST", "/auths/sign/v2", r#"{"id":"eve"}"#, "id"),
    ("POST", "/rooms", r#"{"roomType":"group"}"#, ""),
    ("POST", "/rooms/createAndJoin", r#"{"roomType":"group"}"#, ""),
    ("GET", "/rooms", "", ""),
    ("GET", "/rooms/quitted", "", ""),
    ("GET", "/rooms/invitations", "", ""),
    ("GET", "/rooms/tea", "", ""),
    ("PUT", "/rooms/tea", r#"{"name":"x"}"#, ""),
    ("DELETE", "/rooms/tea", "", ""),
    ("POST", "/rooms/tea/join", "", ""),
    ("POST", "/rooms/tea/members", r#"{"invitees":["okello"]}"#, "invitees"),
    ("POST", "/rooms/tea/members/okello", "", ""),
    ("POST", "/rooms/tea/delete/members", r#"{"members":["jonas"]}"#, "members"),
    ("DELETE", "/rooms/tea/members/jonas", "", ""),
    ("GET", "/rooms/tea/invitations", "", ""),
    ("DELETE", "/rooms/tea/invitations", "", ""),
    ("POST", "/rooms/tea/delete/invitations", r#"{"invitees":["okello"]}"#, "invitees"),
    ("DELETE", "/rooms/tea/invitations/okello", "", ""),
    ("POST", "/rooms/tea/message", r#"{"message":"hi"}"#, "message"),
    ("GET", "/rooms/tea/messages/v3", "", ""),
];

/// A house with an expired token, closed to unknown keys.
async fn house() -> House {
    let mut world = world();
    world["imkit"]["LocalApp"]["clients"][0]["tokens"] =
        json!(["t-mira", {"token": "old", "expirationDate": "2026-01-01T00:00:00.000Z"}]);
    start_with(world, |config| config.closed = true).await
}

async fn refused(house: &House, method: &str, path: &str, headers: &[(&str, &str)], body: &str, wanted: &str) {
    let before = house.state().await;
    let answer = house.imkit(method, path, headers, body).await;
    assert_eq!(refusal(&answer), wanted, "{method} {path} {headers:?} {body}");
    assert_eq!(house.state().await, before, "{method} {path} {body} changed something");
}

const MIRA: [(&str, &str); 2] = [("IM-CLIENT-KEY", "ck"), ("IM-Authorization", "t-mira")];
const NADIA: [(&str, &str); 2] = [("IM-CLIENT-KEY", "ck"), ("IM-Authorization", "t-nadia")];
const ADMIN: [(&str, &str); 1] = [("IM-API-KEY", "ak")];

#[tokio::test]
async fn credentials_that_are_missing_or_wrong() {
    let house = house().await;
    for &(method, path, body, _) in CALLS {
        let (keyless, wrong_key) = if path.starts_with("/admin") {
            ("401 INVALID_API_KEY", "401 INVALID_API_KEY")
        } else {
            ("401 MISSING_CLIENT_KEY", "403 INVALID_CLIENT_KEY")
        };
        refused(&house, method, path, &[], body, keyless).await;
        refused(&house, method, path, &[("Authorization", "t-mira")], body, keyless).await;
        refused(&house, method, path, &[("IM-CLIENT-KEY", "zz"), ("Authorization", "t-mira")], body, wrong_key).await;
        refused(&house, method, path, &[("IM-API-KEY", "zz")], body, "401 INVALID_API_KEY").await;
        if path.starts_with("/admin") || path.starts_with("/auths") {
            continue;
        }
        for token in ["", "old", "nonsense", "a.b.c", "Bearer "] {
            let headers = [("IM-CLIENT-KEY", "ck"), ("IM-Authorization", token)];
            refused(&house, method, path, &headers, body, "401 INVALID_TOKEN").await;
        }
    }
}

#[tokio::test]
async fn bodies_that_are_not_json_are_told_before_credentials() {
    let house = house().await;
    for &(method, path, ..) in CALLS.iter().filter(|call| call.0 != "GET") {
        for body in ["{", "{\"a\":}", "a=b", "{\"a\":1} x"] {
            refused(&house, method, path, &[], body, "400 INVALID_BODY").await;
        }
        for body in ["[]", "7", "null", "\"{}\""] {
            refused(&house, method, path, &ADMIN, body, "400 INVALID_BODY").await;
        }
    }
}

#[tokio::test]
async fn fields_that_are_missing_null_or_of_a_wrong_type() {
    let house = house().await;
    for &(method, path, _, field) in CALLS.iter().filter(|call| !call.3.is_empty()) {
        let caller: &[(&str, &str)] = if path.starts_with("/rooms") { &MIRA } else { &ADMIN };
        refused(&house, method, path, caller, "", "400 MISSING_PARAMETER").await;
        refused(&house, method, path, caller, "{}", "400 MISSING_PARAMETER").await;
        let null = format!("{{\"{field}\":null}}");
        refused(&house, method, path, caller, &null, "400 MISSING_PARAMETER").await;
        if field == "message" {
            continue;
        }
        let mut wrong = vec!["7", "true", "\"\"", "{\"a\":1}", "[7]", "[\"\"]", "[null]", "[[\"jonas\"]]"];
        if field.ends_with("id") {
            wrong.push("[\"jonas\"]");
        }
        for value in wrong {
            let body = format!("{{\"{field}\":{value}}}");
            refused(&house, method, path, caller, &body, "400 MISSING_PARAMETER").await;
        }
    }
}

#[tokio::test]
async fn rooms_and_people_that_are_not_there_and_callers_who_are_outside() {
    let house = house().await;
    for &(method, path, body, _) in CALLS.iter().filter(|call| call.1.starts_with("/rooms/tea")) {
        let missing = path.replace("tea", "no-such");
        let wanted = if path.ends_with("/message") { "403 NOT_ROOM_MEMBER" } else { "404 ROOM_NOT_FOUND" };
        refused(&house, method, &missing, &MIRA, body, wanted).await;
        let open = path.ends_with("/join") || (method, path) == ("DELETE", "/rooms/tea/invitations");
        if !open {
            refused(&house, method, path, &NADIA, body, "403 NOT_ROOM_MEMBER").await;
        }
    }
    for (method, path, body) in [
        ("POST", "/rooms/tea/members", r#"{"invitees":["okello","zz"]}"#),
        ("POST", "/rooms/tea/members/zz", ""),
        ("POST", "/rooms", r#"{"members":["zz"]}"#),
        ("POST", "/rooms/createAndJoin", r#"{"invitee":"zz"}"#),
        ("PUT", "/rooms/tea", r#"{"managers":["zz"]}"#),
    ] {
        refused(&house, method, path, &ADMIN, body, "404 CLIENT_NOT_FOUND").await;
    }
    refused(
        &house,
        "POST",
        "/rooms/tea/delete/members",
        &MIRA,
        r#"{"members":["jonas","zz"]}"#,
        "404 MEMBER_NOT_FOUND",
    )
    .await;
    refused(&house, "DELETE", "/rooms/tea/members/zz", &MIRA, "", "404 MEMBER_NOT_FOUND").await;
    refused(&house, "POST", "/rooms/tea/message", &MIRA, r#"{"_id":"zz","message":"x"}"#, "404 MESSAGE_NOT_FOUND")
        .await;
}

#[tokio::test]
async fn the_why_names_field_value_and_rule() {
    let house = house().await;
    let answer = house.imkit("POST", "/rooms/tea/members", &MIRA, json!({"invitees": ["okello", 7]})).await;
    assert_eq!(answer.why(), "invitees[1]: is 7, and has to be a client id: a string");
    assert_eq!(answer.json()["error"]["message"], Value::from(answer.why()));
    let answer = house.imkit("POST", "/rooms/tea/members", &MIRA, json!({})).await;
    assert_eq!(answer.why(), "invitees: is required, and absent, null or empty");
}
