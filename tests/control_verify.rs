//! Verifications: what is counted, what holds, when it waits, and when it would have to guess.

mod common;

use std::time::Duration;

use common::{Answer, House, start, start_with};
use http::StatusCode;
use imulator::kernel::journal::Bounds;
use serde_json::{Value, json};

const KICK: &str = "tencent.rooms.kick_user_out";

fn world() -> Value {
    let members: Vec<Value> = ["mira", "m1", "m2", "m3"].map(|id| json!({"Member_Account": id})).into();
    let room = json!({"RoomId": "r", "Owner_Account": "mira", "MemberList": members});
    json!({"imulator": 1, "tencent": {"88888888": {"accounts": [{"UserID": "mira"}], "rooms": [room]}},
        "imkit": {"App": {"client_keys": ["key"], "clients": [{"_id": "aaa", "tokens": ["token-aaa"]}]}}})
}

async fn kick(house: &House, who: &[&str]) -> Answer {
    house.room("kick_user_out", json!({"RoomId": "r", "MemberList_Account": who, "Reason": "because"})).await
}

async fn verify(house: &House, asked: Value) -> Answer {
    house.call("POST", "/_imulator/verify", &[("host", "localhost")], asked).await
}

/// A house with four calls: m1 kicked (1 event, 2 exchange), nobody found (3), m2 kicked (4, 5), IMKIT's list (6).
async fn busy() -> House {
    let house = start(world()).await;
    kick(&house, &["m1"]).await;
    kick(&house, &["nobody"]).await;
    kick(&house, &["m2"]).await;
    let headers = [("IM-CLIENT-KEY", "key"), ("IM-Authorization", "token-aaa")];
    house.imkit("GET", "/rooms/nowhere", &headers, "").await;
    house
}

#[tokio::test]
async fn entries_are_counted_by_what_they_are() {
    let house = busy().await;
    let table: [(Value, &[u64]); 17] = [
        (json!({}), &[1, 2, 3, 4, 5, 6]),
        (json!({"kind": "event"}), &[1, 4]),
        (json!({"operation": KICK}), &[2, 3, 5]),
        (json!({"operation": "tencent.*"}), &[2, 3, 5]),
        (json!({"operation": KICK, "code": 0}), &[2, 5]),
        (json!({"code": 404}), &[6]),
        (json!({"tenant": {"imkit": "App"}}), &[6]),
        (json!({"tenant": {"tencent": "88888888"}, "kind": "exchange"}), &[2, 3, 5]),
        (json!({"path": "/rooms/nowhere"}), &[6]),
        (json!({"path": "/v4/room_engine_http_srv/*"}), &[2, 3, 5]),
        (json!({"body": {"MemberList_Account": ["m2"]}}), &[5]),
        (json!({"body": {"RoomId": "r", "Reason": "because"}}), &[2, 3, 5]),
        (json!({"event": "member_left"}), &[1, 4]),
        (json!({"event": "member_left", "audience": "m1"}), &[1]),
        (json!({"event": "member_left", "audience": "mira"}), &[1, 4]),
        (json!({"audience": "m2", "kind": "event"}), &[1, 4]),
        (json!({"kind": "delivery"}), &[]),
    ];
    for (wanted, matched) in table {
        let answer = verify(&house, json!({"match": wanted.clone(), "count": {"min": 0}})).await;
        let found = answer.json();
        assert_eq!(found["matched"].as_array().map(Vec::len), Some(matched.len()), "{wanted}: {found}");
        assert_eq!(found, json!({"holds": true, "matched": matched}), "{wanted}");
    }
}

#[tokio::test]
async fn a_count_holds_or_does_not() {
    let house = busy().await;
    let table = [
        (json!({}), true),
        (json!({"exactly": 3}), true),
        (json!({"exactly": 2}), false),
        (json!({"exactly": 4}), false),
        (json!({"min": 3}), true),
        (json!({"min": 4}), false),
        (json!({"max": 3}), true),
        (json!({"max": 2}), false),
        (json!({"min": 1, "max": 3}), true),
        (json!({"min": 4, "max": 9}), false),
    ];
    for (count, holds) in table {
        let answer = verify(&house, json!({"match": {"operation": KICK}, "count": count.clone()})).await;
        assert_eq!((answer.status, &answer.json()["holds"]), (StatusCode::OK, &json!(holds)), "{count}");
    }
    let none = verify(&house, json!({"match": {"operation": "tencent.rooms.destroy_room"}})).await;
    assert_eq!(none.text, r#"{"holds":false,"matched":[]}"#);
    let later = verify(&house, json!({"match": {"operation": KICK}, "after": 3})).await;
    assert_eq!(later.text, r#"{"holds":true,"matched":[5]}"#);
}

#[tokio::test]
async fn it_waits_until_it_holds_and_not_longer_than_it_can() {
    let house = start(world()).await;
    let wanted = json!({"match": {"event": "member_left"}, "count": {"exactly": 2}, "wait_ms": 30_000});
    let (held, _) = tokio::join!(verify(&house, wanted), async {
        kick(&house, &["m1"]).await;
        kick(&house, &["m2"]).await;
    });
    assert_eq!(held.text, r#"{"holds":true,"matched":[1,3]}"#);
    // More than the most: nothing that comes can mend that, so it does not wait for the half minute.
    let hopeless = json!({"match": {"event": "member_left"}, "count": {"max": 1}, "wait_ms": 30_000});
    let answer = tokio::time::timeout(Duration::from_secs(10), verify(&house, hopeless)).await;
    assert_eq!(answer.expect("no waiting").text, r#"{"holds":false,"matched":[1,3]}"#);
    let in_vain = json!({"match": {"event": "muted"}, "wait_ms": 1});
    assert_eq!(verify(&house, in_vain).await.text, r#"{"holds":false,"matched":[]}"#);
}

#[tokio::test]
async fn entries_that_fell_out_are_no_guess() {
    let bounds = Bounds { entries: 2, bytes: 1 << 20 };
    let house = start_with(world(), |config| config.journal = bounds).await;
    kick(&house, &["m1"]).await;
    kick(&house, &["m2"]).await;
    let undecided = [json!({"exactly": 1}), json!({"min": 2}), json!({"max": 2}), json!({"min": 1, "max": 2})];
    for count in undecided {
        let answer = verify(&house, json!({"match": {"event": "member_left"}, "count": count.clone()})).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{count}: {}", answer.text);
        assert_eq!(answer.json()["error"]["code"], "undecided");
    }
    let decided = [
        (json!({"min": 1}), true),
        (json!({"max": 0}), false),
        (json!({"exactly": 0}), false),
        (json!({"max": 3}), true),
        (json!({"min": 4}), false),
    ];
    for (count, holds) in decided {
        let answer = verify(&house, json!({"match": {"event": "member_left"}, "count": count.clone()})).await;
        assert_eq!((answer.status, &answer.json()["holds"]), (StatusCode::OK, &json!(holds)), "{count}");
    }
    let later = verify(&house, json!({"match": {"event": "member_left"}, "count": {"exactly": 1}, "after": 2})).await;
    assert_eq!(later.text, r#"{"holds":true,"matched":[3]}"#);
}

#[tokio::test]
async fn a_journal_that_keeps_nothing_and_a_body_that_was_cut_are_no_guess() {
    let off = Bounds { entries: 0, bytes: 1 << 20 };
    let house = start_with(world(), |config| config.journal = off).await;
    assert_eq!(verify(&house, json!({"count": {"exactly": 0}})).await.status, StatusCode::OK);
    kick(&house, &["m1"]).await;
    assert_eq!(verify(&house, json!({"count": {"exactly": 0}})).await.status, StatusCode::CONFLICT);

    let house = start(world()).await;
    let long = json!({"RoomId": "r", "MemberList_Account": ["m1"], "Reason": "x".repeat(20_000)});
    house.room("kick_user_out", long).await;
    let in_body = verify(&house, json!({"match": {"operation": KICK, "body": {"RoomId": "other"}}})).await;
    assert_eq!(in_body.status, StatusCode::CONFLICT, "{}", in_body.text);
    assert_eq!(verify(&house, json!({"match": {"operation": KICK}})).await.text, r#"{"holds":true,"matched":[1]}"#);
}

#[tokio::test]
async fn a_question_that_cannot_be_is_refused_with_its_path() {
    let house = start(world()).await;
    let table = [
        (json!({"match": {"kind": "call"}}), "match.kind", "has to be one of exchange, event, delivery"),
        (
            json!({"match": {"event": "member_lost"}}),
            "match.event",
            "there is no event \"member_lost\"; the nearest known one is member_left",
        ),
        (
            json!({"match": {"operation": "tencent.rooms.kick_user"}}),
            "match.operation",
            "there is no operation \"tencent.rooms.kick_user\"; the nearest known one is tencent.rooms.kick_user_out",
        ),
        (json!({"match": {"tenant": {}}}), "match.tenant", "names either tencent or imkit"),
        (json!({"match": {"tenant": {"tencent": "1", "imkit": "a"}}}), "match.tenant", "names either tencent or imkit"),
        (
            json!({"match": {"event": "joined", "code": 0}}),
            "match",
            "operation, path, body and code are of exchanges; event and audience are of events",
        ),
        (json!({"match": {"kind": "exchange", "audience": "a"}}), "match", "event and audience are of events"),
        (json!({"count": {"exactly": 1, "min": 1}}), "count", "has either exactly, or min and max"),
        (json!({"count": {"min": 3, "max": 2}}), "count.max", "is below min"),
        (json!({"wait_ms": 30_001}), "wait_ms", "is above 30000"),
    ];
    for (asked, path, message) in table {
        let answer = verify(&house, asked.clone()).await;
        let expected = json!({"error": {"code": "invalid", "message": message, "path": path}});
        assert_eq!((answer.status, answer.json()), (StatusCode::BAD_REQUEST, expected), "{asked}");
    }
    for (asked, path) in [
        (json!({"count": {"least": 1}}), "count.least"),
        (json!({"match": {"kind": 1}}), "match.kind"),
        (json!({"count": {"exactly": -1}}), "count.exactly"),
    ] {
        let answer = verify(&house, asked.clone()).await;
        assert_eq!(
            (answer.status, &answer.json()["error"]["path"]),
            (StatusCode::BAD_REQUEST, &json!(path)),
            "{asked}"
        );
    }
}
