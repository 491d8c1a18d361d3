//! What holds an emulator together when clients ask for more than there is: each bound refuses or cuts the one who
//! breaks it, and the next one is served.

mod common;
mod wire;

use std::time::Duration;

use common::{ADMIN, demo};
use imulator::{Clock, Config, Emulator};
use serde_json::{Value, json};
use wire::{Reply, Wire};

/// An emulator on a free port, with other bounds.
async fn listening(set: impl FnOnce(&mut Config)) -> Emulator {
    let mut config = Config { listen: vec!["127.0.0.1:0".into()], ..Config::default() };
    set(&mut config);
    let builder = Emulator::builder().config(config).clock(Clock::manual()).seed(1);
    builder.fixture(demo()).start().await.expect("a port is free")
}

fn import() -> String {
    format!("/v4/im_open_login_svc/account_import?{ADMIN}")
}

#[tokio::test]
async fn one_reader_more_than_may_be_is_refused_until_another_has_gone() {
    let emulator = listening(|config| config.streams_max = 1).await;
    let listen = b"GET /_imulator/stream HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let mut first = Wire::to(&emulator).await;
    first.send(listen).await;
    first.until("text/event-stream").await;
    let mut second = Wire::to(&emulator).await;
    let refused = second.ask("GET", "/_imulator/stream", b"").await;
    assert_eq!((refused.status, &refused.json()["error"]["code"]), (503, &json!("busy")));
    assert_eq!(refused.json()["error"]["message"], "1 readers are listening already (--max-streams)");
    drop(first);
    // The server notices that somebody has gone when it has something to tell.
    loop {
        assert_eq!(Wire::to(&emulator).await.ask("POST", &import(), br#"{"UserID":"amy"}"#).await.status, 200);
        let mut next = Wire::to(&emulator).await;
        next.send(listen).await;
        if next.status().await == 200 {
            break;
        }
    }
}

#[tokio::test]
async fn one_fault_rule_more_than_may_be_is_refused_and_none_is_taken() {
    let emulator = listening(|config| config.faults_max = 2).await;
    let rule = json!({"match": {"operation": "*"}, "times": 1});
    assert_eq!(emulator.faults().add(json!([rule, rule, rule])).expect_err("three").to_string(), SOME_RULES);
    assert_eq!(emulator.faults().all().len(), 0);
    emulator.faults().add(json!([rule, rule])).expect("two fit");
    assert_eq!(emulator.faults().add(rule).expect_err("a third").to_string(), SOME_RULES);
}

const SOME_RULES: &str = "more than 2 rules (--max-faults)";

/// A body in two pieces, of which the second is not ended.
fn begun(target: &str) -> String {
    let piece = format!("3e8\r\n{}\r\n", " ".repeat(1000));
    format!("POST {target} HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n{piece}{piece}")
}

async fn whole(emulator: &Emulator, target: &str) -> Reply {
    let mut wire = Wire::to(emulator).await;
    wire.send(begun(target).as_bytes()).await;
    wire.send(b"10\r\n{\"UserID\":\"amy\"}\r\n0\r\n\r\n").await;
    wire.reply().await
}

#[tokio::test]
async fn bodies_that_together_are_too_many_are_refused_until_one_is_done() {
    let emulator = listening(|config| config.edge.all_bodies_bytes_max = 3000).await;
    for (target, status, code) in [
        (import(), 200, json!(60002)),
        ("/rooms".into(), 503, Value::Null),
        ("/_imulator/seed".into(), 503, Value::Null),
    ] {
        assert_ne!(whole(&emulator, &target).await.status, 503, "alone it fits");
        let mut slow = Wire::to(&emulator).await;
        slow.send(begun(&import()).as_bytes()).await;
        // It is refused from the moment on at which the slow one's pieces have come.
        let refused = loop {
            let reply = whole(&emulator, &target).await;
            if reply.text.contains("--max-all-bodies") || reply.header("imulator-why").contains("--max-all-bodies") {
                break reply;
            }
        };
        assert_eq!((refused.status, &refused.json()["ErrorCode"]), (status, &code), "{target}");
        // One that comes in a single piece needs no room.
        let mut other = Wire::to(&emulator).await;
        assert_eq!(other.ask("POST", &import(), br#"{"UserID":"bob"}"#).await.json()["ErrorCode"], 0);
        slow.send(b"10\r\n{\"UserID\":\"amy\"}\r\n0\r\n\r\n").await;
        assert_eq!(slow.reply().await.json()["ErrorCode"], 0);
        assert_eq!(whole(&emulator, &import()).await.json()["ErrorCode"], 0, "and then there is room again");
    }
}

#[tokio::test]
async fn one_who_asks_and_does_not_read_is_cut_and_makes_room() {
    let emulator = listening(|config| {
        config.edge.connections_max = 1;
        config.edge.write_timeout = Duration::from_millis(100);
    })
    .await;
    let accounts: Vec<Value> =
        (0..10_000).map(|at| json!({"UserID": at.to_string(), "Nick": "x".repeat(490)})).collect();
    let world = json!({"imulator": 1, "tencent": {"7": {"accounts": accounts}}}).to_string();
    // The one connection that there may be is this one's until it is dropped.
    assert_eq!(Wire::to(&emulator).await.ask("PUT", "/_imulator/state", world.as_bytes()).await.status, 200);
    let mut deaf = Wire::to(&emulator).await;
    // Some 30 MB of answers: more than the system takes for one who does not read.
    let ask = "GET /_imulator/state HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(6);
    deaf.send(ask.as_bytes()).await;
    let mut next = Wire::to(&emulator).await;
    assert_eq!(next.ask("GET", "/_imulator/health", b"").await.status, 200);
}

#[tokio::test]
async fn a_connection_more_than_may_be_waits_until_an_idle_one_is_over() {
    let emulator = listening(|config| {
        config.edge.connections_max = 2;
        config.edge.header_timeout = Duration::from_millis(200);
    })
    .await;
    let (_idle, mut slow) = (Wire::to(&emulator).await, Wire::to(&emulator).await);
    slow.send(b"GET /_imulator/hea").await;
    let mut third = Wire::to(&emulator).await;
    assert_eq!(third.ask("GET", "/_imulator/health", b"").await.status, 200);
}

#[tokio::test]
async fn bounds_that_are_larger_than_anything_are_taken() {
    let emulator = listening(|config| {
        config.edge.connections_max = usize::MAX;
        config.edge.all_bodies_bytes_max = usize::MAX;
        (config.streams_max, config.faults_max) = (usize::MAX, usize::MAX);
    })
    .await;
    assert_eq!(whole(&emulator, &import()).await.json()["ErrorCode"], 0);
}
