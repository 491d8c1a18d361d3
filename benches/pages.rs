//! A page of 100 members out of 100 000, at the start, in the middle and at the end: by `Offset` it costs the same.
//!
//! `cargo bench --bench pages`.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]

use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use http::Request;
use imulator::Emulator;
use serde_json::{Value, json};

const URI: &str = "/v4/group_open_http_svc/get_group_member_info?sdkappid=1400000000&identifier=admin&usersig=x";
const MEMBERS: usize = 100_000;

fn pages(c: &mut Criterion) {
    let list: Vec<Value> = (0..MEMBERS).map(|n| json!({"Member_Account": format!("m{n}")})).collect();
    let group = json!({"GroupId": "g", "Type": "Public", "Name": "g", "MaxMemberNum": MEMBERS, "MemberList": list});
    let world = json!({"imulator": 1, "tencent": {"1400000000": {"groups": [group]}}});
    let emulator = Emulator::builder().fixture(world).build().expect("the world is sound");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut group = c.benchmark_group("get_group_member_info, 100 of 100 000, offset");
    for offset in [0, 50_000, 99_900] {
        let body = Bytes::from(json!({"GroupId": "g", "Limit": 100, "Offset": offset}).to_string());
        group.bench_function(BenchmarkId::from_parameter(offset), |bencher| {
            bencher.iter(|| {
                let request = Request::post(URI).body(body.clone()).expect("the benchmark's request is HTTP");
                let answer = runtime.block_on(emulator.call(request)).expect("no fault cuts it");
                assert!(answer.body().len() > 1000);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, pages);
criterion_main!(benches);
