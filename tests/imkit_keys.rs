//! IMKIT's keys and tokens where calls cross: a key in the wrong header, first calls at once, keys and tokens that end.

mod common;
#[path = "common/imkit.rs"]
mod imkit;

use std::sync::Arc;

use common::{House, demo, start, start_with};
use imkit::{admin, client, refusal, tea, world_with};
use serde_json::json;

/// The status of signing a token with these headers, which the keys alone decide.
async fn signs(house: &House, headers: &[(&str, &str)]) -> u16 {
    house.imkit("POST", "/auths/sign/v2", headers, json!({"id": "aaa"})).await.status.as_u16()
}

#[tokio::test]
async fn a_key_in_the_wrong_header_opens_nothing_and_takes_nobodys_key() {
    let house = start(demo()).await;
    let put = json!({"_id": "eve"});
    let answer = house.imkit("POST", "/admin/clients", &[("IM-API-KEY", "demo-client-key")], put.clone()).await;
    assert_eq!(refusal(&answer), "401 INVALID_API_KEY");
    assert_eq!(signs(&house, &[("IM-CLIENT-KEY", "demo-api-key")]).await, 403);
    let me = [("IM-CLIENT-KEY", "demo-client-key"), ("IM-Authorization", "token-aaa")];
    assert_eq!(house.imkit("GET", "/rooms/demo-room", &me, "").await.status, 200);
    let answer = house.imkit("POST", "/admin/clients", &[("IM-API-KEY", "demo-api-key")], put).await;
    assert_eq!(answer.json()["result"]["appID"], "SampleApp");
    let state = house.state().await;
    assert!(state["imkit"].get("demo-client-key").is_none() && state["imkit"].get("demo-api-key").is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn first_calls_with_a_new_key_may_come_at_once() {
    let house = Arc::new(tea().await);
    for round in 0..50 {
        let key = Arc::new(format!("new-{round}"));
        let first = |n: usize| {
            let (house, key) = (house.clone(), key.clone());
            tokio::spawn(async move {
                let header = if n.is_multiple_of(2) { "IM-API-KEY" } else { "IM-CLIENT-KEY" };
                signs(&house, &[(header, key.as_str())]).await
            })
        };
        let calls: Vec<_> = (0..8).map(first).collect();
        for call in calls {
            assert_eq!(call.await.expect("no call panics"), 200, "round {round}");
        }
    }
}

#[tokio::test]
async fn keys_that_a_seed_replaces_end() {
    let house = start_with(demo(), |config| config.closed = true).await;
    let seed = json!({"imulator": 1, "imkit": {"SampleApp": {"client_keys": ["k2", "k3"]}}});
    house.control("POST", "seed", seed.to_string().as_str()).await;
    house.control("POST", "seed", seed.to_string().replace("\"k3\"", "\"k4\"").as_str()).await;
    for (key, status) in [("demo-client-key", 403), ("k2", 200), ("k3", 403), ("k4", 200)] {
        assert_eq!(signs(&house, &[("IM-CLIENT-KEY", key)]).await, status, "{key}");
    }
    assert_eq!(house.state().await["imkit"]["SampleApp"]["client_keys"], json!(["k2", "k4"]));
    assert_eq!(signs(&house, &[("IM-API-KEY", "demo-api-key")]).await, 200);
}

#[tokio::test]
async fn a_key_that_a_seed_replaced_lets_nobody_into_the_application_of_its_name() {
    let house = tea().await;
    assert_eq!(signs(&house, &[("IM-CLIENT-KEY", "mine")]).await, 200);
    let seed = json!({"imulator": 1, "imkit": {"mine": {"client_keys": ["other"]}}});
    house.control("POST", "seed", seed.to_string().as_str()).await;
    for (header, key, status) in
        [("IM-CLIENT-KEY", "mine", 403), ("IM-CLIENT-KEY", "other", 200), ("IM-API-KEY", "mine", 200)]
    {
        assert_eq!(signs(&house, &[(header, key)]).await, status, "{header} {key}");
    }
}

#[tokio::test]
async fn a_revoked_token_stays_revoked_however_many_follow() {
    let house = start(world_with(json!({"single_token": true}))).await;
    let mut tokens: Vec<String> = Vec::new();
    for n in 0..100 {
        let body = json!({"id": "mira", "nickname": format!("Mira {n}")});
        let signed = admin(&house).does("POST", "/auths/sign/v2", body).await;
        tokens.push(signed["token"].as_str().expect("a token").to_owned());
    }
    let last = tokens.pop().expect("a token");
    for token in &tokens {
        let headers = [("IM-CLIENT-KEY", "ck"), ("IM-Authorization", token.as_str())];
        assert_eq!(refusal(&house.imkit("GET", "/rooms", &headers, "").await), "401 INVALID_TOKEN");
    }
    let headers = [("IM-CLIENT-KEY", "ck"), ("IM-Authorization", last.as_str())];
    assert_eq!(house.imkit("GET", "/rooms", &headers, "").await.status, 200);
    house.emulator.clock().advance(std::time::Duration::from_secs(8 * 24 * 3600));
    admin(&house).does("POST", "/auths/sign/v2", json!({"id": "mira"})).await;
    let clients = house.state().await["imkit"]["LocalApp"]["clients"].clone();
    let kept = clients[1]["tokens"].as_array().expect("a list").len();
    assert!(kept <= 64, "{kept} records, though the end of most has passed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_who_bind_one_token_the_loser_changes_nothing() {
    let house = Arc::new(tea().await);
    for round in 0..50 {
        let bind = |id: &'static str| {
            let house = house.clone();
            tokio::spawn(async move {
                let body = json!({"_id": id, "token": format!("new-{round}"), "round": round});
                admin(&house).call("POST", "/admin/clients", body).await
            })
        };
        for (id, call) in [("mira", bind("mira")), ("jonas", bind("jonas"))] {
            let answer = call.await.expect("no call panics");
            let record = admin(&house).does("POST", "/admin/clients", json!({"_id": id})).await;
            let won = answer.status == 200;
            assert!(won || refusal(&answer) == "409 TOKEN_CONFLICT");
            assert_eq!(record.get("round") == Some(&json!(round)), won, "{id}: {record}");
        }
    }
    client(&house, "mira").sees("/rooms").await;
}

#[tokio::test]
async fn a_mistyped_client_key_is_told_as_such() {
    let house = start(demo()).await;
    let headers = [("IM-CLIENT-KEY", "demo-cleint-key"), ("IM-Authorization", "token-aaa")];
    let answer = house.imkit("GET", "/rooms", &headers, "").await;
    assert_eq!(refusal(&answer), "401 INVALID_TOKEN");
    assert!(answer.why().contains("this key would open a fresh application; is it mistyped?"), "{}", answer.why());
    let headers = [("IM-CLIENT-KEY", "demo-client-key"), ("IM-Authorization", "nonsense")];
    assert!(!house.imkit("GET", "/rooms", &headers, "").await.why().contains("mistyped"));
    assert!(house.state().await["imkit"].get("demo-cleint-key").is_none());
}
