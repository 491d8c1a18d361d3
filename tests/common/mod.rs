//! What all test families share: an emulator without a socket, a manual clock, calls with verbs, whole answers.

#![allow(dead_code, reason = "each family uses its part")]

pub mod receiver;
pub mod rooms;

use http::{HeaderMap, Request, StatusCode};
use imulator::{Clock, Emulator};
use serde_json::{Value, json};

/// The query of a call by an administrator of the demo's application.
pub const ADMIN: &str = "sdkappid=88888888&identifier=admin&usersig=xxx&random=99999999&contenttype=json";

/// An emulator under test.
pub struct House {
    pub emulator: Emulator,
}

/// A reply as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

/// Starts one in this world, without a socket: manual clock at 2026-01-05T09:00:00Z, seed 1.
pub async fn start(world: Value) -> House {
    start_with(world, |_| {}).await
}

/// The same with other settings.
pub async fn start_with(world: Value, set: impl FnOnce(&mut imulator::Config)) -> House {
    let mut config = imulator::Config::default();
    set(&mut config);
    let builder = Emulator::builder().config(config).clock(Clock::manual()).seed(1);
    House { emulator: builder.fixture(world).build().expect("the world of the test is sound") }
}

/// The same at another moment, in Unix seconds.
pub async fn start_at(world: Value, seconds: i64) -> House {
    let clock = Clock::manual_at(imulator::kernel::clock::Timestamp::from_seconds(seconds));
    let builder = Emulator::builder().clock(clock).seed(1).fixture(world);
    House { emulator: builder.build().expect("the world of the test is sound") }
}

/// The built-in demo world.
pub fn demo() -> Value {
    serde_json::from_str(include_str!("../../fixtures/worlds/demo.json")).expect("the demo world is JSON")
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|fault| panic!("{fault}: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("our headers are text"))
    }

    /// The line that tells a person what to change.
    pub fn why(&self) -> &str {
        self.header("imulator-why")
    }

    /// Tencent's `ErrorCode`.
    pub fn code(&self) -> i64 {
        self.json()["ErrorCode"].as_i64().unwrap_or_else(|| panic!("no ErrorCode: {}", self.text))
    }
}

/// A room service's reply without data: its envelope, the request id aside.
pub fn room_reply(code: i64, info: &str) -> String {
    let (status, info) = (if code == 0 { "OK" } else { "FAIL" }, json!(info));
    format!(r#"{{"ErrorCode":{code},"ErrorInfo":{info},"ActionStatus":"{status}","RequestId":"<request-id>"}}"#)
}

/// A room service's reply with data.
pub fn room_data(response: &str) -> String {
    let envelope = room_reply(0, "");
    format!(r#"{},"Response":{response}}}"#, envelope.trim_end_matches('}'))
}

/// A Chat service's reply without data.
pub fn chat_reply(code: i64, info: &str) -> String {
    let (status, info) = (if code == 0 { "OK" } else { "FAIL" }, json!(info));
    format!(r#"{{"ActionStatus":"{status}","ErrorInfo":{info},"ErrorCode":{code}}}"#)
}

/// A body that is JSON, or text as it is.
pub trait IntoBody {
    fn into_body(self) -> Vec<u8>;
}

impl IntoBody for Value {
    fn into_body(self) -> Vec<u8> {
        self.to_string().into_bytes()
    }
}

impl IntoBody for &str {
    fn into_body(self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }
}

impl IntoBody for Vec<u8> {
    fn into_body(self) -> Vec<u8> {
        self
    }
}

impl House {
    /// Any request.
    pub async fn call(&self, method: &str, target: &str, headers: &[(&str, &str)], body: impl IntoBody) -> Answer {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into_body().into()).expect("the test's request is HTTP");
        let (head, body) = self.emulator.call(request).await.expect("no fault cuts it").into_parts();
        let text = String::from_utf8(body.to_vec()).expect("replies are UTF-8");
        Answer { status: head.status, headers: head.headers, text }
    }

    /// A Tencent command, `SERVICE/COMMAND`, by an administrator of 88888888.
    pub async fn tencent(&self, command: &str, body: impl IntoBody) -> Answer {
        self.call("POST", &format!("/v4/{command}?{ADMIN}"), &[], body).await
    }

    /// A Room Engine command.
    pub async fn room(&self, command: &str, body: impl IntoBody) -> Answer {
        self.tencent(&format!("room_engine_http_srv/{command}"), body).await
    }

    /// Who is inside a room, in the order of entering.
    pub async fn inside(&self, room: &str) -> Vec<String> {
        let page = self.room("get_room_member_list", json!({"RoomId": room, "Count": 1000})).await.json();
        let list = page["Response"]["MemberList"].as_array().unwrap_or_else(|| panic!("no list: {page}")).clone();
        list.iter()
            .map(|member| member["Member_Account"].as_str().expect("an account is a string").to_owned())
            .collect()
    }

    /// A group command.
    pub async fn group(&self, command: &str, body: impl IntoBody) -> Answer {
        self.tencent(&format!("group_open_http_svc/{command}"), body).await
    }

    /// An IMKIT call.
    pub async fn imkit(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl IntoBody) -> Answer {
        self.call(method, path, headers, body).await
    }

    /// A call of the control API; panics unless it succeeds.
    pub async fn control(&self, method: &str, path: &str, body: impl IntoBody) -> Value {
        let answer = self.call(method, &format!("/_imulator/{path}"), &[("host", "localhost")], body).await;
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text);
        answer.json()
    }

    /// The world as a state document.
    pub async fn state(&self) -> Value {
        self.control("GET", "state", "").await
    }

    /// The events so far, oldest first.
    pub async fn events(&self) -> Vec<Value> {
        self.journal("kind=event&limit=10000").await
    }

    /// Journal entries that match.
    pub async fn journal(&self, query: &str) -> Vec<Value> {
        let page = self.control("GET", &format!("journal?{query}"), "").await;
        page["entries"].as_array().expect("entries are an array").clone()
    }

    /// The deliveries so far, once there are so many.
    pub async fn deliveries(&self, count: usize) -> Vec<Value> {
        let mut found = Vec::new();
        let mut after = 0;
        while found.len() < count {
            let query = format!("kind=delivery&limit=10000&after={after}&wait_ms=20000");
            let more = self.journal(&query).await;
            assert!(!more.is_empty(), "{count} deliveries come, and not {}: {found:?}", found.len());
            after = more.last().expect("one at least")["seq"].as_u64().expect("a number");
            found.extend(more);
        }
        found
    }

    /// A client enters a room, or is refused.
    pub async fn enters(&self, room: &str, account: &str) -> Answer {
        self.client(room, "enter", json!({"Member_Account": account})).await
    }

    /// A client leaves a room, or is refused.
    pub async fn leaves(&self, room: &str, account: &str) -> Answer {
        self.client(room, "leave", json!({"Member_Account": account})).await
    }

    /// What a client does in a room.
    pub async fn client(&self, room: &str, verb: &str, body: Value) -> Answer {
        self.call("POST", &format!("/_imulator/tencent/88888888/rooms/{room}/{verb}"), &[("host", "localhost")], body)
            .await
    }
}

/// A text without the white space between JSON tokens.
pub fn minified(json: &str) -> String {
    let (mut text, mut quoted, mut escaped) = (String::with_capacity(json.len()), false, false);
    for character in json.chars() {
        if !quoted && character.is_ascii_whitespace() {
            continue;
        }
        quoted ^= character == '"' && !escaped;
        escaped = quoted && character == '\\' && !escaped;
        text.push(character);
    }
    text
}

/// A reply with its request id replaced by `<request-id>`.
pub fn without_request_id(text: &str) -> String {
    let Some(start) = text.find("\"RequestId\":\"Id-") else { return text.to_owned() };
    let value = start + "\"RequestId\":\"".len();
    let end = value + text[value..].find('"').expect("the id ends");
    format!("{}<request-id>{}", &text[..value], &text[end..])
}
