//! Random bytes at every door: always an answer, Tencent's always HTTP 200, never a fault of our own.

mod common;

use common::{ADMIN, House};
use imulator::api::router::operations;
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use proptest::test_runner::Config as Runs;

/// A house and a runtime to ask it in, made once for all cases.
fn house() -> (tokio::runtime::Runtime, House) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    let house = runtime.block_on(common::start(common::demo()));
    (runtime, house)
}

/// A path of the tables with its parameters filled, or one that nobody knows.
fn paths() -> impl Strategy<Value = (String, String)> {
    let known: Vec<(String, String)> = operations()
        .filter(|row| row.name != "control.stream")
        .map(|row| (row.method.to_owned(), row.path.to_owned()))
        .collect();
    let method = prop_oneof![
        Just("GET"),
        Just("POST"),
        Just("PUT"),
        Just("DELETE"),
        Just("HEAD"),
        Just("OPTIONS"),
        Just("PATCH")
    ];
    let table = (proptest::sample::select(known), "[a-zA-Z0-9%@#._~*-]{1,12}").prop_map(|((method, path), word)| {
        let segments = path
            .split('/')
            .map(|part| if part.starts_with('{') { word.replace(['#', '%'], "_") } else { part.to_owned() });
        (method, segments.collect::<Vec<_>>().join("/"))
    });
    let wild = (method, "/(v4|_imulator|socket[.]io|rooms)?(/[a-zA-Z0-9_.~%2F-]{0,20}){0,4}");
    prop_oneof![4 => table, 1 => wild.prop_map(|(method, path)| (method.to_owned(), format!("/{}", path.trim_start_matches('/'))))]
}

/// Words of the vendors, so that random JSON meets the rules and not only the parser.
fn names() -> impl Strategy<Value = String> {
    let words = [
        "RoomId",
        "MemberList_Account",
        "Reason",
        "RoomInfo",
        "UserID",
        "AccountList",
        "GroupId",
        "imulator",
        "tencent",
        "imkit",
        "7",
        "rooms",
        "accounts",
        "tenant",
        "_id",
        "members",
        "Member_Account",
        "Count",
        "Next",
        "advance_ms",
        "match",
    ];
    prop_oneof![8 => proptest::sample::select(words.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,6}"]
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop_oneof![Just("room-test".to_owned()), Just("user1".to_owned()), Just("mira".to_owned()), any::<String>()]
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((names(), inner), 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

fn bodies() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![json().prop_map(|value| value.to_string().into_bytes()), proptest::collection::vec(any::<u8>(), 0..200)]
}

#[test]
fn whatever_is_sent_is_answered_and_never_a_fault_of_ours() {
    let (runtime, house) = house();
    proptest!(Runs { cases: 1500, failure_persistence: None, ..Runs::default() }, |((method, path) in paths(), admitted in any::<bool>(), body in bodies())| {
        let query = if admitted && !path.starts_with("/_imulator") { format!("?{ADMIN}") } else { String::new() };
        let target = format!("{path}{query}");
        let answer = runtime.block_on(house.call(&method, &target, &[("host", "localhost"), ("im-client-key", "k")], body));
        let status = answer.status.as_u16();
        assert!(status < 500, "{method} {target}: {status} {}", answer.text);
        if path == "/v4" || path.starts_with("/v4/") {
            assert_eq!(status, 200, "{method} {target}");
            assert!(![10002, 100001, 70500].contains(&answer.code()), "{method} {target}: {}", answer.text);
        }
    });
}

#[test]
fn whatever_query_is_sent_is_answered() {
    let (runtime, house) = house();
    let rows: Vec<&str> = operations().filter(|row| row.name != "control.stream").map(|row| row.path).collect();
    let pair = ("(sdkappid|identifier|usersig|limit|after|wait|kind|tencent|[a-z]{1,5})", "[a-zA-Z0-9%+=*-]{0,12}");
    let queries = proptest::collection::vec(pair, 0..5);
    proptest!(Runs { cases: 500, failure_persistence: None, ..Runs::default() }, |(path in proptest::sample::select(rows), pairs in queries, get in any::<bool>())| {
        let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let target = format!("{}?{}", path.replace(['{', '}'], ""), query.join("&"));
        let answer = runtime.block_on(house.call(if get { "GET" } else { "POST" }, &target, &[("host", "localhost")], "{}"));
        assert!(answer.status.as_u16() < 500, "{target}: {} {}", answer.status, answer.text);
    });
}
