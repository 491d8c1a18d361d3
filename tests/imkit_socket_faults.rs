//! Faults of calls over sockets: what the client gets for its message, and whether the message is there.

mod common;
#[path = "common/imkit.rs"]
mod imkit;
mod sockets;

use imkit::{client, world};
use serde_json::{Value, json};
use sockets::{Next, Socket, listening};

/// What the sender of a message gets.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Gets {
    /// An answer with this `RC`.
    Answer(i64),
    /// What the rule answers with, whatever it is.
    Body(&'static str),
    /// No answer, and the socket goes on.
    Nothing,
    /// No answer, and the socket is cut.
    Cut,
}

#[tokio::test]
async fn every_kind_of_fault_does_to_a_message_over_a_socket_what_it_says() {
    // What befalls the message, what its sender gets, and whether the message is in the room.
    let kinds: [(Value, Gets, bool); 9] = [
        (json!({"delay_ms": 2}), Gets::Answer(0), true),
        (json!({"then": {"error": 404, "code": "ROOM_NOT_FOUND"}}), Gets::Answer(404), false),
        (json!({"then": {"error": 429}}), Gets::Answer(429), false),
        (json!({"then": {"status": 502, "body": "{\"proxy\":true}"}}), Gets::Body(r#"{"proxy":true}"#), false),
        (json!({"then": {"status": 502, "body": "<h1>Bad Gateway</h1>"}}), Gets::Body("null"), false),
        (json!({"then": {"lost": "before"}}), Gets::Cut, false),
        (json!({"then": {"lost": "after"}}), Gets::Cut, true),
        (json!({"then": {"truncate": 7}}), Gets::Cut, true),
        (json!({"then": {"hang": true}}), Gets::Nothing, false),
    ];
    for (kind, gets, takes_effect) in kinds {
        let house = listening(world()).await;
        let mut rule = json!({"id": "befalls", "match": {"operation": "imkit.messages.send_message"}, "times": 1});
        rule.as_object_mut().expect("an object").extend(kind.as_object().expect("an object").clone());
        house.emulator.faults().add(rule).expect("a sound rule");
        let mut mira = Socket::of(&house, "mira").await;
        let said = json!([{"room": "tea", "message": "tea?"}]);
        match gets {
            Gets::Answer(code) => assert_eq!(mira.asks("chat message", said).await["RC"], code, "{kind}"),
            Gets::Body(body) => assert_eq!(mira.asks("chat message", said).await.to_string(), body, "{kind}"),
            Gets::Nothing | Gets::Cut => mira.tells_wanting_an_answer("chat message", said).await,
        }
        let entry =
            house.emulator.journal().wait_for(|entry| entry.0["fault"] == "befalls").await.expect("it is there");
        assert_eq!(
            entry.0["reply"].is_null(),
            matches!(gets, Gets::Nothing | Gets::Cut) && kind["then"]["truncate"].is_null()
        );
        let listed = client(&house, "mira").sees("/rooms/tea/messages/v3").await;
        assert_eq!(listed["totalCount"], i32::from(takes_effect), "{kind}");
        if gets == Gets::Cut {
            while let Next::Event(..) = mira.next().await {}
        } else {
            // The rule has fired as often as it may: the next message is undisturbed, over the same socket.
            let next = mira.asks("chat message", json!([{"room": "tea", "message": "tea!"}])).await;
            assert_eq!(next["RC"], 0, "{kind}: {next}");
        }
    }
}

#[tokio::test]
async fn signing_in_over_a_socket_meets_faults_too() {
    let house = listening(world()).await;
    let rule = json!({"match": {"operation": "imkit.sockets.auth2"}, "times": 1, "then": {"error": 401}});
    house.emulator.faults().add(rule).expect("a sound rule");
    let mut mira = Socket::connect(&house).await;
    assert_eq!(mira.signs_in("t-mira").await["RC"], 401);
    assert_eq!(mira.signs_in("t-mira").await["RC"], 0);
}
