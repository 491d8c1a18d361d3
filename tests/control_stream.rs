//! The journal as server-sent events.

mod common;
mod wire;

use common::{House, start, start_with};
use http::StatusCode;
use imulator::kernel::journal::Bounds;
use serde_json::{Value, json};
use wire::Wire;

fn world() -> Value {
    let members: Vec<Value> = ["mira", "m1", "m2", "m3"].map(|id| json!({"Member_Account": id})).into();
    let room = json!({"RoomId": "r", "Owner_Account": "mira", "MemberList": members});
    json!({"imulator": 1, "tencent": {"88888888": {"accounts": [{"UserID": "mira"}], "rooms": [room]}}})
}

async fn kick(house: &House, who: &str) {
    house.room("kick_user_out", json!({"RoomId": "r", "MemberList_Account": [who], "Reason": ""})).await;
}

/// The ids and data of a stream's events, comments aside.
fn events(text: &str) -> Vec<(Option<u64>, Value)> {
    let blocks = text.split("\n\n").filter(|block| !block.is_empty() && !block.starts_with(':'));
    blocks
        .map(|block| {
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            let data = serde_json::from_str(field("data").expect("every event has data")).expect("data is JSON");
            (field("id").map(|id| id.parse().expect("an id is a number")), data)
        })
        .collect()
}

fn ids(text: &str) -> Vec<u64> {
    events(text).into_iter().filter_map(|(id, _)| id).collect()
}

#[tokio::test]
async fn it_has_the_same_entries_as_the_journal_through_the_same_filters() {
    let house = start(world()).await;
    for who in ["m1", "nobody", "m2"] {
        kick(&house, who).await;
    }
    for (query, count) in [("", 5), ("kind=event&", 2), ("operation=tencent.*&after=2&", 2), ("audience=m1&", 1)] {
        let answer = house.call("GET", &format!("/_imulator/stream?{query}limit={count}"), &[], "").await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "text/event-stream"));
        let page = house.journal(&format!("{query}limit={count}")).await;
        let shown: Vec<(Option<u64>, Value)> = page.into_iter().map(|entry| (entry["seq"].as_u64(), entry)).collect();
        assert_eq!(events(&answer.text), shown, "{query}");
    }
}

#[tokio::test]
async fn it_goes_on_after_the_last_event_that_was_seen() {
    let house = start(world()).await;
    for who in ["m1", "m2", "m3"] {
        kick(&house, who).await;
    }
    let resumed = house.call("GET", "/_imulator/stream?limit=2&after=1", &[("last-event-id", "4")], "").await;
    assert_eq!(ids(&resumed.text), [5, 6]);
}

#[tokio::test]
async fn a_gap_is_told() {
    let bounds = Bounds { entries: 2, bytes: 1 << 20 };
    let house = start_with(world(), |config| config.journal = bounds).await;
    for who in ["m1", "m2", "m3"] {
        kick(&house, who).await;
    }
    let answer = house.call("GET", "/_imulator/stream?limit=2", &[], "").await;
    assert!(answer.text.starts_with("event: dropped\ndata: {\"dropped\":4}\n\nid: 5\n"), "{}", answer.text);
    assert_eq!(ids(&answer.text), [5, 6]);
}

#[tokio::test]
async fn what_it_cannot_do_is_refused() {
    let house = start(world()).await;
    let table = [
        ("kind=call", "1", "kind"),
        ("limit=10001", "1", "limit"),
        ("wait_ms=5", "1", "wait_ms"),
        ("", "x", "Last-Event-ID"),
        ("", "-1", "Last-Event-ID"),
    ];
    for (query, last, path) in table {
        let answer = house.call("GET", &format!("/_imulator/stream?{query}"), &[("last-event-id", last)], "").await;
        assert_eq!((answer.status, &answer.json()["error"]["path"]), (StatusCode::BAD_REQUEST, &json!(path)));
    }
}

#[tokio::test]
async fn it_tells_what_happens_while_somebody_listens_and_ends_with_the_emulator() {
    let emulator = imulator::Emulator::builder().fixture(world()).start().await.expect("it starts");
    let house = House { emulator };
    let mut listener = Wire::to(&house.emulator).await;
    listener.send(b"GET /_imulator/stream?kind=event HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    listener.until("text/event-stream").await;
    kick(&house, "m1").await;
    listener.until("id: 1\n").await;
    house.control("POST", "reset", "{}").await;
    // A reset empties the journal; who listens goes on, and hears of it.
    listener.until("\"event\":\"reset\"").await;
    house.emulator.stop().await;
    listener.rest().await;
}

#[tokio::test]
async fn one_who_listens_and_never_reads_holds_up_nobody() {
    let emulator = imulator::Emulator::builder().fixture(world()).start().await.expect("it starts");
    let house = House { emulator };
    let mut stuck = Wire::to(&house.emulator).await;
    stuck.send(b"GET /_imulator/stream HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    let mut caller = Wire::to(&house.emulator).await;
    let body = format!("{{\"x\":\"{}\"}}", "y".repeat(15_000));
    // Far more than the buffers of a connection take.
    for call in 0..1000 {
        let reply = caller.ask("POST", "/v4/nothing/here", body.as_bytes()).await;
        assert_eq!(reply.status, 200, "call {call}");
    }
    assert_eq!(house.control("GET", "journal?limit=1&after=999", "").await["last"], 1000);
}
