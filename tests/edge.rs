//! The edge over real sockets: HTTP as clients really send it, bounds of size and time, stopping.

mod common;
mod wire;

use std::time::Duration;

use common::{ADMIN, House, demo};
use imulator::config::EdgeBounds;
use imulator::{Clock, Config, Emulator};
use serde_json::{Value, json};
use wire::{Reply, Wire};

/// An emulator on a free port, with other bounds.
async fn listening(set: impl FnOnce(&mut EdgeBounds)) -> Emulator {
    let mut config = Config { listen: vec!["127.0.0.1:0".into()], ..Config::default() };
    set(&mut config.edge);
    let builder = Emulator::builder().config(config).clock(Clock::manual()).seed(1);
    builder.fixture(demo()).start().await.expect("a port is free")
}

fn tencent(command: &str) -> String {
    format!("/v4/{command}?{ADMIN}")
}

const KICK: &str = "room_engine_http_srv/kick_user_out";

#[tokio::test]
async fn the_same_calls_get_the_same_answers_in_process_and_over_http() {
    let served = listening(|_| {}).await;
    let house = House { emulator: listening(|_| {}).await };
    let kick = json!({"RoomId": "room-test", "MemberList_Account": ["user1"], "Reason": "x"}).to_string();
    let calls: Vec<(&str, String, String)> = vec![
        ("POST", tencent(KICK), kick.clone()),
        ("POST", tencent(KICK), kick),
        ("POST", tencent(KICK), "not json".into()),
        ("POST", tencent(KICK), String::new()),
        ("POST", tencent("room_engine_http_srv/get_room_info"), json!({"RoomId": "room-test"}).to_string()),
        ("POST", tencent("im_open_login_svc/account_import"), json!({"UserID": "小明"}).to_string()),
        ("POST", "/v4/im_open_login_svc/account_import".into(), "{}".into()),
        ("POST", tencent("nothing/at_all"), "{}".into()),
        ("GET", tencent(KICK), String::new()),
        ("OPTIONS", tencent(KICK), String::new()),
        ("GET", "/v4".into(), String::new()),
        ("GET", "/".into(), String::new()),
        ("GET", "/rooms/x".into(), String::new()),
        ("OPTIONS", "/rooms/x".into(), String::new()),
        ("GET", "/_imulator/health".into(), String::new()),
        ("GET", "/_imulator/nothing".into(), String::new()),
        ("GET", "/_imulator/state".into(), String::new()),
        ("POST", "/_imulator/reset".into(), "{}".into()),
    ];
    let mut wire = Wire::to(&served).await;
    for (method, target, body) in calls {
        let inside = house.call(method, &target, &[("host", "localhost")], body.as_str()).await;
        let outside = wire.ask(method, &target, body.as_bytes()).await;
        assert_eq!((outside.status, &outside.text), (inside.status.as_u16(), &inside.text), "{method} {target}");
        let ours: Vec<(String, String)> = inside
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().expect("text").to_owned()))
            .collect();
        let theirs: Vec<_> = outside
            .headers
            .iter()
            .filter(|(name, _)| !["content-length", "connection"].contains(&name.as_str()))
            .collect();
        for header in &ours {
            assert!(theirs.contains(&header), "{method} {target}: {header:?} is not in {theirs:?}");
        }
        assert_eq!(theirs.len(), ours.len(), "{method} {target}");
    }
}

#[tokio::test]
async fn what_is_no_http_gets_400_and_the_connection_closed() {
    let emulator = listening(|_| {}).await;
    for garbage in [
        "nonsense\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "\u{0}\u{1}\u{2}\r\n\r\n",
        "GET / HTTP/1.1\r\nbad header\r\n\r\n",
    ] {
        let mut wire = Wire::to(&emulator).await;
        wire.send(garbage.as_bytes()).await;
        let answer = wire.rest().await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{garbage:?}: {answer:?}");
    }
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let emulator = listening(|_| {}).await;
    let mut wire = Wire::to(&emulator).await;
    let head = |target: &str| format!("GET {target} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let all = [head("/_imulator/health"), head("/_imulator/nothing"), head("/_imulator/health")].concat();
    wire.send(all.as_bytes()).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(wire.reply().await.status);
    }
    assert_eq!(statuses, [200, 404, 200]);
}

#[tokio::test]
async fn a_client_that_closes_its_sending_half_still_gets_its_answer() {
    let emulator = listening(|_| {}).await;
    let mut wire = Wire::to(&emulator).await;
    wire.send(b"GET /_imulator/journal?wait_ms=20 HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    wire.close_sending().await;
    let answer = wire.rest().await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("\"dropped\":0}"), "{answer}");
}

#[tokio::test]
async fn a_chunked_body_is_a_body() {
    let emulator = listening(|_| {}).await;
    let mut wire = Wire::to(&emulator).await;
    let target = tencent("im_open_login_svc/account_import");
    let request = format!(
        "POST {target} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n9\r\n{{\"UserID\"\r\n6\r\n:\"amy\"\r\n1\r\n}}\r\n0\r\n\r\n"
    );
    wire.send(request.as_bytes()).await;
    assert_eq!(wire.reply().await.json()["ErrorCode"], 0);
}

#[tokio::test]
async fn a_document_is_read_while_it_comes_and_written_while_it_goes() {
    let emulator = listening(|_| {}).await;
    let members: Vec<Value> = (0..5_000).map(|n| json!({"Member_Account": format!("member-{n}")})).collect();
    let room = json!({"RoomId": "big", "Owner_Account": "mira", "MaxMemberCount": 100_000, "MemberList": members});
    let document = json!({"imulator": 1, "tencent": {"7": {"rooms": [room]}}}).to_string();
    let head = "PUT /_imulator/state HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n";
    let mut wire = Wire::to(&emulator).await;
    // The first has a fault at its start; the rest of it is taken all the same, and the connection goes on.
    for (text, status) in [(document.replacen(":1", ":1,,", 1), 400), (document, 200)] {
        wire.send(head.as_bytes()).await;
        for piece in text.as_bytes().chunks(10_000) {
            wire.send(format!("{:x}\r\n", piece.len()).as_bytes()).await;
            wire.send(piece).await;
            wire.send(b"\r\n").await;
        }
        wire.send(b"0\r\n\r\n").await;
        assert_eq!(wire.reply().await.status, status);
    }
    wire.send(b"GET /_imulator/state HTTP/1.0\r\nhost: localhost\r\n\r\n").await;
    let answer = wire.rest().await;
    let (_, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let house = House { emulator };
    let inside = house.call("GET", "/_imulator/state", &[("host", "localhost")], "").await;
    assert!(body.len() > 100_000 && body == inside.text, "{}", body.len());
}

#[tokio::test]
async fn a_head_that_does_not_come_in_time_is_cut() {
    let emulator = listening(|edge| edge.header_timeout = Duration::from_millis(200)).await;
    let mut wire = Wire::to(&emulator).await;
    wire.send(b"GET /_imulator/health HTTP/1.1\r\nhost: local").await;
    let answer = wire.rest().await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
}

#[tokio::test]
async fn a_body_that_does_not_come_in_time_is_refused_in_the_words_of_its_surface() {
    let emulator = listening(|edge| edge.body_timeout = Duration::from_millis(50)).await;
    for (target, status, code) in [
        (tencent(KICK), 200, Some(60002)),
        ("/rooms".to_owned(), 408, None),
        ("/_imulator/reset".to_owned(), 408, None),
        ("/_imulator/seed".to_owned(), 408, None),
    ] {
        let mut wire = Wire::to(&emulator).await;
        wire.send(format!("POST {target} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\n{{").as_bytes())
            .await;
        let reply = wire.reply().await;
        assert_eq!(reply.status, status, "{target}");
        if let Some(code) = code {
            assert_eq!(reply.json()["ErrorCode"], code);
            assert_eq!(reply.header("imulator-why"), "body: it did not come in within 50ms (--body-timeout)");
        }
    }
}

/// What each surface says of a body that is too large.
fn assert_too_large(target: &str, reply: &Reply) {
    match target {
        "/rooms" => assert_eq!(reply.status, 413),
        "/_imulator/reset" | "/_imulator/seed" => {
            assert_eq!((reply.status, &reply.json()["error"]["code"]), (413, &json!("too_large")));
        }
        _ => assert_eq!((reply.status, &reply.json()["ErrorCode"]), (200, &json!(60002))),
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_whether_it_is_announced_or_chunked() {
    let emulator = listening(|edge| (edge.body_bytes_max, edge.control_body_bytes_max) = (1000, 1000)).await;
    for target in [tencent(KICK), "/rooms".to_owned(), "/_imulator/reset".to_owned(), "/_imulator/seed".to_owned()] {
        let announced = format!("POST {target} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 300000\r\n\r\n");
        let chunked =
            format!("POST {target} HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n493e0\r\n");
        let body = "x".repeat(300_000);
        for (request, end) in [(announced, ""), (chunked, "\r\n0\r\n\r\n")] {
            let mut wire = Wire::to(&emulator).await;
            wire.send(request.as_bytes()).await;
            wire.send(body.as_bytes()).await;
            wire.send(end.as_bytes()).await;
            assert_too_large(&target, &wire.reply().await);
        }
    }
}

#[tokio::test]
async fn a_client_that_asks_first_is_told_at_once_that_its_body_is_too_large() {
    let emulator = listening(|edge| edge.body_bytes_max = 1000).await;
    let mut wire = Wire::to(&emulator).await;
    let target = tencent(KICK);
    let head = format!("POST {target} HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 300000\r\n\r\n");
    wire.send(head.as_bytes()).await;
    assert_too_large(&target, &wire.reply().await);
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_taken() {
    let emulator = listening(|edge| edge.body_bytes_max = 1000).await;
    let mut wire = Wire::to(&emulator).await;
    let mut body = json!({"UserID": "amy"}).to_string();
    body.push_str(&" ".repeat(1000 - body.len()));
    let reply = wire.ask("POST", &tencent("im_open_login_svc/account_import"), body.as_bytes()).await;
    assert_eq!(reply.json()["ErrorCode"], 0);
}

#[tokio::test]
async fn head_of_the_root_is_200_without_a_body() {
    let emulator = listening(|_| {}).await;
    let mut wire = Wire::to(&emulator).await;
    wire.send(b"HEAD / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    let answer = wire.rest().await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn http_1_0_is_answered_and_closed() {
    let emulator = listening(|_| {}).await;
    let mut wire = Wire::to(&emulator).await;
    wire.send(b"GET /_imulator/health HTTP/1.0\r\n\r\n").await;
    let answer = wire.rest().await;
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n") && answer.contains("\"ok\""), "{answer}");
}

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let emulator = listening(|_| {}).await;
    let mut wire = Wire::to(&emulator).await;
    for call in 1..=50 {
        let reply = wire.ask("POST", &tencent(KICK), b"{}").await;
        assert_eq!(reply.header("imulator-call"), call.to_string());
    }
}

/// Bodies that no client should send, and what Tencent's rooms answer.
// table
fn strange_bodies() -> Vec<(Vec<u8>, i64)> {
    let kick = |value: &str| format!("{{\"RoomId\": {value}, \"MemberList_Account\": [\"user1\"], \"Reason\": \"\"}}");
    let twice = r#"{"RoomId": "nowhere", "RoomId": "room-test", "MemberList_Account": ["user1"], "Reason": ""}"#;
    vec![
        ("[".repeat(10_000).into_bytes(), 60003),
        (format!("{}{}", "{\"a\":".repeat(10_000), "}".repeat(10_000)).into_bytes(), 60003),
        (format!("{{\"RoomId\": {}{}}}", "[".repeat(100), "]".repeat(100)).into_bytes(), 100002),
        (kick(&"9".repeat(5000)).into_bytes(), 60003),
        (kick("1e999").into_bytes(), 60003),
        (kick("18446744073709551616").into_bytes(), 100002),
        (kick("-1e-300").into_bytes(), 100002),
        (b"{\"RoomId\": \"\xff\xfe\"}".to_vec(), 60003),
        (b"\xef\xbb\xbf{}".to_vec(), 60003),
        (kick("\"\\u0000\"").into_bytes(), 100002),
        (b"{\"RoomId\": \"a\0b\"}".to_vec(), 60003),
        (vec![0; 1000], 60003),
        (kick("\"\\ud800\"").into_bytes(), 60003),
        (kick(&format!("\"{}\"", "x".repeat(100_000))).into_bytes(), 100002),
        (twice.as_bytes().to_vec(), 0),
        (b"null".to_vec(), 60003),
        (b"{} {}".to_vec(), 60003),
    ]
}

#[tokio::test]
async fn strange_bodies_get_a_refusal_and_harm_nothing() {
    let emulator = listening(|_| {}).await;
    let mut wire = Wire::to(&emulator).await;
    for (body, code) in strange_bodies() {
        let reply = wire.ask("POST", &tencent(KICK), &body).await;
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        assert_eq!((reply.status, reply.json()["ErrorCode"].as_i64()), (200, Some(code)), "{shown}: {}", reply.text);
    }
}

#[tokio::test]
async fn a_very_long_url_is_answered_or_refused_by_http_itself() {
    let emulator = listening(|_| {}).await;
    for (length, statuses) in [(2_000, [200, 200]), (30_000, [200, 200]), (200_000, [414, 431])] {
        let mut wire = Wire::to(&emulator).await;
        let target = format!("{}&pad={}", tencent(KICK), "x".repeat(length));
        let reply = wire.ask("POST", &target, b"{}").await;
        assert!(statuses.contains(&reply.status), "{length}: {}", reply.status);
    }
}

#[tokio::test]
async fn stopping_closes_idle_connections_at_once() {
    let emulator = listening(|edge| edge.stop_timeout = Duration::from_secs(60)).await;
    let (mut used, mut fresh) = (Wire::to(&emulator).await, Wire::to(&emulator).await);
    assert_eq!(used.ask("GET", "/_imulator/health", b"").await.status, 200);
    emulator.stop().await;
    assert_eq!((used.rest().await, fresh.rest().await), (String::new(), String::new()));
}

#[tokio::test]
async fn a_running_request_is_finished_when_the_server_stops() {
    let emulator = listening(|_| {}).await;
    let mut wire = Wire::to(&emulator).await;
    let target = tencent(KICK);
    let head = format!("POST {target} HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n");
    wire.send(head.as_bytes()).await;
    assert_eq!(wire.reply().await.status, 100, "the server waits for the body");
    let stopping = emulator.stop();
    let finishing = async {
        tokio::task::yield_now().await;
        wire.send(b"{}").await;
        wire.reply().await
    };
    let ((), reply) = tokio::join!(stopping, finishing);
    assert_eq!((reply.status, &reply.json()["ErrorCode"]), (200, &json!(100002)));
}

#[tokio::test]
async fn a_request_that_takes_longer_than_stopping_may_is_cut() {
    let emulator = listening(|edge| edge.stop_timeout = Duration::from_millis(20)).await;
    let mut wire = Wire::to(&emulator).await;
    // A body that never comes in whole.
    wire.send(b"PUT /_imulator/state HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\n")
        .await;
    assert_eq!(wire.reply().await.status, 100, "the server waits for the body");
    emulator.stop().await;
    assert_eq!(wire.rest().await, "");
}

#[tokio::test]
async fn stopping_answers_a_long_poll_at_once() {
    let emulator = listening(|_| {}).await;
    let mut wire = Wire::to(&emulator).await;
    let head = b"GET /_imulator/journal?wait_ms=30000 HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n";
    wire.send(head).await;
    assert_eq!(wire.reply().await.status, 100, "the server has the request");
    wire.send(b"{}").await;
    emulator.stop().await;
    assert_eq!(wire.reply().await.json(), json!({"entries": [], "last": 0, "dropped": 0}));
}

#[tokio::test]
async fn many_emulators_live_in_one_process_and_know_nothing_of_each_other() {
    let mut emulators = Vec::new();
    for _ in 0..20 {
        emulators.push(listening(|_| {}).await);
    }
    let kick = json!({"RoomId": "room-test", "MemberList_Account": ["user1"], "Reason": ""}).to_string();
    for emulator in &emulators {
        let reply = Wire::to(emulator).await.ask("POST", &tencent(KICK), kick.as_bytes()).await;
        assert_eq!((&reply.json()["ErrorCode"], reply.header("imulator-call")), (&json!(0), "1"));
    }
}

#[tokio::test]
async fn a_dropped_emulator_frees_its_port_and_cuts_its_connections() {
    let emulator = listening(|_| {}).await;
    let place = emulator.url().trim_start_matches("http://").to_owned();
    let mut wire = Wire::to(&emulator).await;
    assert_eq!(wire.ask("GET", "/_imulator/health", b"").await.status, 200);
    drop(emulator);
    assert_eq!(wire.rest().await, "");
    let config = Config { listen: vec![place.clone()], ..Config::default() };
    let again = Emulator::builder().config(config).start().await.expect("the port is free");
    assert_eq!(again.url(), format!("http://{place}"));
}

#[tokio::test]
async fn a_late_request_of_the_old_world_does_not_soil_the_one_after_a_reset() {
    let house = House { emulator: listening(|_| {}).await };
    let poll = house.control("GET", "journal?kind=delivery&wait_ms=40", "");
    let reset = async {
        house
            .room("kick_user_out", json!({"RoomId": "room-test", "MemberList_Account": ["user1"], "Reason": ""}))
            .await;
        house.emulator.reset().await;
    };
    tokio::join!(poll, reset);
    let left: Vec<Value> = house.journal("").await;
    // One for each tenant of the fixtures, and nothing of the world before.
    assert_eq!(left.iter().map(|entry| &entry["event"]).collect::<Vec<_>>(), ["reset", "reset"]);
}
