//! The emulator inside a test's own process: what ends its start, and many beside each other.

use std::net::TcpListener;

use imulator::{Config, Emulator, StartError, TlsSource};
use serde_json::json;

/// A configuration on a free port.
fn config() -> Config {
    Config { listen: vec!["127.0.0.1:0".into()], ..Config::default() }
}

/// Why one with this configuration does not start.
async fn refused(config: Config) -> StartError {
    Emulator::builder().config(config).start().await.expect_err("it cannot start")
}

#[tokio::test]
async fn every_way_not_to_start_is_told_apart_and_says_where() {
    let document = Emulator::builder().fixture(json!({"imulator": 1, "tencent": {"x": {}}})).start().await;
    let document = document.expect_err("an sdkappid is a number");
    assert!(matches!(document, StartError::Document(_)) && document.to_string().contains("tencent"), "{document}");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let place = taken.local_addr().expect("an address").to_string();
    let listen = refused(Config { listen: vec![place.clone()], ..config() }).await;
    assert!(matches!(listen, StartError::Listen(_)) && listen.to_string().contains(&place), "{listen}");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("state.json");
    std::fs::write(&file, "{").expect("writable");
    let state = refused(Config { state_file: Some(file), ..config() }).await;
    assert!(matches!(state, StartError::StateFile(_)) && state.to_string().contains("state.json"), "{state}");
    let (certificate, key) = (folder.path().join("none.pem"), folder.path().join("none.key"));
    let tls = refused(Config { tls: TlsSource::Files { certificate, key }, ..config() }).await;
    assert!(matches!(tls, StartError::Tls(_)) && tls.to_string().contains("none.pem"), "{tls}");
    let open = refused(Config { listen: vec!["0.0.0.0:0".into()], ..config() }).await;
    assert!(matches!(open, StartError::TokenNeeded(_)) && open.to_string().contains("0.0.0.0:0"), "{open}");
}

#[tokio::test]
async fn one_that_is_dropped_gives_its_port_back_and_the_others_go_on() {
    let mut all = Vec::new();
    for _ in 0..20 {
        all.push(Emulator::builder().start().await.expect("a port is free"));
    }
    let address = |emulator: &Emulator| emulator.url().trim_start_matches("http://").to_owned();
    let first = address(&all.remove(0));
    while TcpListener::bind(&first).is_err() {
        tokio::task::yield_now().await;
    }
    for emulator in &all {
        tokio::net::TcpStream::connect(address(emulator)).await.expect("the others still listen");
    }
}

#[tokio::test]
async fn a_seed_stays_whatever_is_configured_afterwards() {
    let id = |emulator: Emulator| async move {
        let body = r#"{"Type":"Public","Name":"walkers"}"#;
        let target = "/v4/group_open_http_svc/create_group?sdkappid=7&identifier=admin&usersig=x";
        let request = http::Request::post(target).body(body.into()).expect("a request");
        let reply = emulator.call(request).await.expect("no fault cuts it");
        serde_json::from_slice::<serde_json::Value>(reply.body()).expect("JSON")["GroupId"].clone()
    };
    let before = Emulator::builder().seed(1).config(config()).build().expect("it starts");
    let after = Emulator::builder().config(config()).seed(1).build().expect("it starts");
    let (before, after) = (id(before).await, id(after).await);
    assert!(before.is_string(), "{before}");
    assert_eq!(before, after);
}
