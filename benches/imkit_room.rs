//! Adding one member to a room of 10 000, through the front door, beside only writing the reply that it gets.
//!
//! `cargo bench --bench imkit_room`.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
#![allow(missing_docs, reason = "criterion's macros make undocumented items")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use http::Request;
use imulator::{Clock, Emulator};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const MEMBERS: usize = 10_000;

fn world() -> Value {
    let clients: Vec<Value> = (0..=MEMBERS).map(|n| json!({"_id": name(n), "nickname": name(n)})).collect();
    let members: Vec<String> = (0..MEMBERS).map(name).collect();
    let lines: Vec<Value> = members.iter().map(|name| json!({"badge": 1, "client": name})).collect();
    json!({"imulator": 1, "imkit": {"App": {"api_keys": ["ak"], "clients": clients, "rooms": [
        {"_id": "r", "roomType": "group", "members": members, "memberProperties": lines}
    ]}}})
}

fn name(n: usize) -> String {
    format!("member-{n:05}")
}

fn post(path: &str, body: &Value) -> Request<Bytes> {
    let request = Request::post(path).header("im-api-key", "ak");
    request.body(Bytes::from(body.to_string())).expect("the benchmark's request is HTTP")
}

/// The reply as plain data: writing it is the least that any answer costs.
#[derive(Serialize, Deserialize)]
struct Reply {
    #[serde(rename = "RC")]
    rc: u32,
    #[serde(rename = "RM")]
    rm: String,
    result: Room,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Room {
    #[serde(rename = "_id")]
    underscore_id: String,
    room_type: String,
    bot_state: String,
    bot_mode: bool,
    encrypted: bool,
    service_status: u32,
    room_tags: Vec<String>,
    status: u32,
    member_properties: Vec<Line>,
    members: Vec<Member>,
    id: String,
    #[serde(rename = "createdTimeMS")]
    created: i64,
}

#[derive(Serialize, Deserialize)]
struct Line {
    badge: u32,
    client: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    #[serde(rename = "_id")]
    underscore_id: String,
    nickname: String,
    is_robot: bool,
    client_type: String,
    id: String,
    #[serde(rename = "lastLoginTimeMS")]
    last_login: i64,
}

fn room_of_ten_thousand(c: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let emulator = Emulator::builder().clock(Clock::manual()).fixture(world()).build().expect("the world is sound");
    let newcomer = name(MEMBERS);
    let mut group = c.benchmark_group("room of 10 000");
    group.bench_function("add one member", |bencher| {
        bencher.iter_custom(|times| {
            let mut taken = Duration::ZERO;
            for _ in 0..times {
                let request = post("/rooms/r/members", &json!({"invitees": [newcomer]}));
                let start = Instant::now();
                let answer = runtime.block_on(emulator.call(request)).expect("an answer");
                taken += start.elapsed();
                assert!(answer.body().len() > 1_000_000, "{:?}", answer.body());
                runtime
                    .block_on(emulator.call(post("/rooms/r/delete/members", &json!({"members": [newcomer]}))))
                    .expect("an answer");
            }
            taken
        });
    });
    let answer =
        runtime.block_on(emulator.call(post("/rooms/r/members", &json!({"invitees": [newcomer]})))).expect("an answer");
    let reply: Reply = serde_json::from_slice(answer.body()).expect("the reply has its documented form");
    assert!(serde_json::to_vec(&reply).expect("it is JSON") == *answer.body(), "the same bytes");
    group.bench_function("write the same reply", |bencher| {
        bencher.iter(|| serde_json::to_vec(black_box(&reply)).expect("it is JSON"));
    });
    group.finish();
}

criterion_group!(benches, room_of_ten_thousand);
criterion_main!(benches);
