//! IMKIT's room webhooks: each event with its whole body, what the receiver's answer does, keys in place of URLs.

#[path = "common/imkit.rs"]
mod actors;
mod common;

use actors::{admin, client, world};
use common::receiver::{Reaction, Receiver, says};
use common::{House, start, start_with};
use serde_json::{Value, json};

/// The small world, its group with this webhook.
fn hooked(webhook: &str, options: Value) -> Value {
    let mut world = world();
    world["imkit"]["LocalApp"]["options"] = options;
    world["imkit"]["LocalApp"]["rooms"][0]["webhook"] = json!(webhook);
    world["imkit"]["LocalApp"]["rooms"][0]["botState"] = json!("IDLE");
    world
}

async fn tea(receiver: &Receiver) -> House {
    start(hooked(&receiver.url, json!({}))).await
}

fn silent() -> Reaction {
    Reaction::Says(200, String::new())
}

/// The messages of the tea house, oldest first: sender and text.
async fn said(house: &House) -> Vec<(Value, Value)> {
    let page = client(house, "mira").sees("/rooms/tea/messages/v3?sortOrder=asc").await;
    let messages = page["data"].as_array().expect("a list");
    messages.iter().map(|message| (message["sender"]["_id"].clone(), message["message"].clone())).collect()
}

#[tokio::test]
async fn every_event_is_told_once_and_as_documented() {
    let page: Value = serde_json::from_str(include_str!("../fixtures/callbacks/imkit.json")).expect("JSON");
    for case in page["cases"].as_array().expect("a list") {
        let about = &case["about"];
        let mut receiver = Receiver::start(|_| silent()).await;
        let house = tea(&receiver).await;
        let actor = match case["as"].as_str().expect("who calls") {
            "admin" => admin(&house),
            id => client(&house, id),
        };
        let (method, path) = (case["call"][0].as_str().expect("a method"), case["call"][1].as_str().expect("a path"));
        let body = case["call"][2].to_string().replace("<receiver>", &receiver.url);
        let result = actor.does(method, path, serde_json::from_str(&body).expect("JSON")).await;
        let heard = receiver.next().await;
        let id = result["_id"].as_str().unwrap_or("");
        let expected = case["webhook"].to_string().replace("<id>", id);
        assert_eq!(heard.text, expected, "{about}");
        assert_eq!((heard.path.as_str(), heard.query.as_str()), ("/", ""), "{about}");
        let told = house.deliveries(1).await;
        assert_eq!(told[0]["command"], case["webhook"]["event"], "{about}");
        assert_eq!(told[0]["tenant"], json!({"imkit": "LocalApp"}));
        assert_eq!((told.len(), receiver.unheard()), (1, 0), "{about}: once");
    }
}

#[tokio::test]
async fn invitations_changes_recalls_and_rooms_without_a_receiver_tell_nobody() {
    let receiver = Receiver::start(|_| silent()).await;
    let house = tea(&receiver).await;
    let mira = client(&house, "mira");
    mira.adds(json!({"invitees": ["okello"], "invitationRequired": true})).await;
    mira.does("POST", "/rooms/pair/message", json!({"message": "psst"})).await;
    let id = mira.says("hello").await["_id"].clone();
    mira.does("POST", "/rooms/tea/message", json!({"_id": id, "message": "hello!"})).await;
    mira.does("POST", "/rooms/tea/message", json!({"_id": id, "messageType": "recall"})).await;
    mira.does("PUT", "/rooms/tea", json!({"webhook": "a-key"})).await;
    mira.says("nobody hears").await;
    mira.does("PUT", "/rooms/tea", json!({"webhook": receiver.url})).await;
    mira.says("bye").await;
    let told = house.deliveries(2).await;
    let texts: Vec<&Value> = told.iter().map(|told| &told["request"]["data"]["message"]).collect();
    assert_eq!(texts, ["hello", "bye"]);
}

#[tokio::test]
async fn a_room_that_gets_its_receiver_later_tells_it_also_where_the_journal_keeps_nothing() {
    let mut receiver = Receiver::start(|_| silent()).await;
    let house = start_with(world(), |config| config.journal.entries = 0).await;
    let mira = client(&house, "mira");
    mira.says("nobody hears").await;
    mira.does("PUT", "/rooms/tea", json!({"webhook": receiver.url})).await;
    mira.says("hello").await;
    assert_eq!(receiver.next().await.json()["data"]["message"], "hello");
    assert_eq!(receiver.unheard(), 0);
}

#[tokio::test]
async fn an_answer_is_posted_and_sets_the_robots_state() {
    let receiver = Receiver::start(|heard| {
        assert_eq!(heard.json()["event"], "MESSAGE");
        says(json!({"senderID": "nadia", "toBotState": "ASKED", "data": {"messageType": "text", "message": "what tea?"}}))
    })
    .await;
    let house = tea(&receiver).await;
    client(&house, "mira").says("tea please").await;
    house.deliveries(1).await;
    assert_eq!(said(&house).await, [(json!("mira"), json!("tea please")), (json!("nadia"), json!("what tea?"))]);
    let room = client(&house, "mira").sees("/rooms/tea").await;
    assert_eq!(room["botState"], "ASKED");
    client(&house, "mira").says("green").await;
    let told = house.deliveries(2).await;
    assert_eq!(told[1]["request"]["botState"], "ASKED");
    assert_eq!(told.len(), 2, "what the receiver says is not told to it: {told:?}");
}

#[tokio::test]
async fn an_answer_without_a_sender_comes_from_the_platform() {
    let receiver = Receiver::start(|_| says(json!({"toBotState": null, "data": {"message": "hi"}}))).await;
    let house = tea(&receiver).await;
    client(&house, "mira").says("tea please").await;
    house.deliveries(1).await;
    assert_eq!(said(&house).await[1], (Value::Null, json!("hi")));
    assert_eq!(client(&house, "mira").sees("/rooms/tea").await["botState"], "IDLE");
}

#[tokio::test]
async fn an_answer_is_filtered_and_speaks_past_bans() {
    let receiver = Receiver::start(|_| says(json!({"senderID": "jonas", "data": {"message": "foo tea"}}))).await;
    let house = tea(&receiver).await;
    admin(&house).does("POST", "/config", json!({"censorship": {"keywords": ["foo"]}})).await;
    admin(&house).does("POST", "/blockStatus/room/tea/jonas", Value::Null).await;
    let refused = client(&house, "jonas").fails("POST", "/rooms/tea/message", json!({"message": "me?"})).await;
    assert_eq!(refused, "403 USER_BLOCKED");
    client(&house, "mira").says("tea please").await;
    house.deliveries(1).await;
    assert_eq!(said(&house).await[1], (json!("jonas"), json!("*** tea")));
}

#[tokio::test]
async fn an_answer_that_cannot_be_followed_changes_nothing_and_says_why() {
    for (answer, why) in [
        (r#"{"senderID":"ghost","data":{"message":"boo"}}"#, "there is no client \"ghost\""),
        (r#"{"senderID":"mira","data":{}}"#, "message: is required"),
        (r#"{"data":7}"#, "the answer is not followed"),
        ("OK", "it is no JSON object"),
        (r#"["mira",null,{"message":"boo"}]"#, "it is no JSON object"),
    ] {
        let receiver = Receiver::start(move |_| Reaction::Says(200, answer.into())).await;
        let house = tea(&receiver).await;
        client(&house, "mira").says("tea please").await;
        let told = house.deliveries(1).await;
        assert!(told[0]["outcome"]["why"].as_str().unwrap_or("").contains(why), "{answer}: {}", told[0]);
        assert_eq!(said(&house).await.len(), 1, "{answer}");
    }
}

#[tokio::test]
async fn an_answer_with_another_status_is_not_followed() {
    let receiver = Receiver::start(|_| Reaction::Says(202, r#"{"data":{"message":"boo"}}"#.into())).await;
    let house = tea(&receiver).await;
    client(&house, "mira").says("tea please").await;
    assert_eq!(house.deliveries(1).await[0]["outcome"]["status"], 202);
    assert_eq!(said(&house).await.len(), 1);
}

#[tokio::test]
async fn a_key_stands_behind_the_applications_prefix() {
    let mut receiver = Receiver::start(|_| silent()).await;
    let prefix = format!("{}/hooks/", receiver.url);
    let house = start(hooked("tea-bot", json!({"webhook_prefix": prefix}))).await;
    client(&house, "mira").says("hello").await;
    assert_eq!(receiver.next().await.path, "/hooks/tea-bot");
    assert_eq!(house.state().await["imkit"]["LocalApp"]["options"]["webhook_prefix"], prefix);
    let without = start(hooked("tea-bot", json!({}))).await;
    client(&without, "mira").says("hello").await;
    client(&without, "mira").does("PUT", "/rooms/tea", json!({"webhook": receiver.url})).await;
    client(&without, "mira").says("now").await;
    assert_eq!(without.deliveries(1).await[0]["request"]["data"]["message"], "now");
}
