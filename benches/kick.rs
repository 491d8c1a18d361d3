//! A kick of 500 out of groups of 1 000, 10 000 and 100 000 members, and of 20 out of rooms as large, through the front door.
//!
//! `cargo bench --bench kick`. The figures beside each other are the point: work proportional to those removed.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
#![allow(missing_docs, reason = "criterion's macros make undocumented items")]

use std::time::{Duration, Instant};

use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use http::Request;
use imulator::Emulator;
use serde_json::{Value, json};

const QUERY: &str = "sdkappid=1400000000&identifier=admin&usersig=x&random=1&contenttype=json";
const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

fn world(members: usize) -> Value {
    let list: Vec<Value> = (0..members).map(|n| json!({"Member_Account": name(n)})).collect();
    json!({"imulator": 1, "tencent": {"1400000000": {
        "groups": [{"GroupId": "g", "Type": "Public", "Name": "g", "MaxMemberNum": 1_000_000, "MemberList": list}],
        "rooms": [{"RoomId": "r", "Owner_Account": "host", "MaxMemberCount": 1_000_000, "MemberList": list}],
    }}})
}

fn name(n: usize) -> String {
    format!("member-{n:05}")
}

fn post(path: &str, body: &Value) -> Request<Bytes> {
    let uri = if path.starts_with("/v4") { format!("{path}?{QUERY}") } else { path.to_owned() };
    let request = Request::post(uri).header("host", "localhost");
    request.body(Bytes::from(body.to_string())).expect("the benchmark's request is HTTP")
}

/// Times the kicks alone; those kicked come back in between.
fn kicks(
    c: &mut Criterion,
    title: &str,
    count: usize,
    kick: impl Fn(&[String]) -> Request<Bytes>,
    back: impl Fn(&[String]) -> Vec<Request<Bytes>>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut group = c.benchmark_group(title);
    for size in SIZES {
        let emulator = Emulator::builder().fixture(world(size)).build().expect("the world is sound");
        let names: Vec<String> = (0..count).map(|n| name(n * (size / count))).collect();
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter_custom(|times| {
                let mut taken = Duration::ZERO;
                for _ in 0..times {
                    let request = kick(&names);
                    let start = Instant::now();
                    let answer = runtime.block_on(emulator.call(request)).expect("no fault cuts it");
                    taken += start.elapsed();
                    assert!(answer.body().windows(4).any(|window| window == br#""OK""#), "{:?}", answer.body());
                    for request in back(&names) {
                        runtime.block_on(emulator.call(request)).expect("no fault cuts it");
                    }
                }
                taken
            });
        });
    }
    group.finish();
}

fn delete_group_member(c: &mut Criterion) {
    kicks(
        c,
        "delete_group_member, 500 of",
        500,
        |names| {
            post("/v4/group_open_http_svc/delete_group_member", &json!({"GroupId": "g", "MemberToDel_Account": names}))
        },
        |names| {
            let list: Vec<Value> = names.iter().map(|name| json!({"Member_Account": name})).collect();
            vec![post("/v4/group_open_http_svc/add_group_member", &json!({"GroupId": "g", "MemberList": list}))]
        },
    );
}

fn kick_user_out(c: &mut Criterion) {
    kicks(
        c,
        "kick_user_out, 20 of",
        20,
        |names| {
            post(
                "/v4/room_engine_http_srv/kick_user_out",
                &json!({"RoomId": "r", "MemberList_Account": names, "Reason": ""}),
            )
        },
        |names| {
            let enter =
                |name: &String| post("/_imulator/tencent/1400000000/rooms/r/enter", &json!({"Member_Account": name}));
            names.iter().map(enter).collect()
        },
    );
}

criterion_group!(benches, delete_group_member, kick_user_out);
criterion_main!(benches);
