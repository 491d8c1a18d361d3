//! The documented requests of the group service, replayed; replies are compared as text, so that order counts.

mod common;

use std::fs;
use std::path::Path;

use common::{demo, minified, start};
use serde_json::Value;
use serde_json::value::RawValue;

/// One file of exchanges.
#[derive(serde::Deserialize)]
struct Fixture {
    page: String,
    world: Value,
    exchanges: Vec<Exchange>,
}

#[derive(serde::Deserialize)]
struct Exchange {
    operation: String,
    request: Request,
    reply: Reply,
}

#[derive(serde::Deserialize)]
struct Request {
    method: String,
    target: String,
    body: Value,
}

#[derive(serde::Deserialize)]
struct Reply {
    status: u16,
    body: Box<RawValue>,
}

#[tokio::test]
async fn documented_requests_get_their_documented_replies() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/documented/groups");
    let mut replayed = 0;
    for file in fs::read_dir(folder).expect("the fixtures are there") {
        let path = file.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("a fixture is UTF-8");
        let fixture: Fixture =
            serde_json::from_str(&text).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
        let house = start(if fixture.world == "demo" { demo() } else { fixture.world }).await;
        for exchange in fixture.exchanges {
            let request = exchange.request;
            let answer = house.call(&request.method, &request.target, &[], request.body).await;
            assert_eq!(answer.text, minified(exchange.reply.body.get()), "{}", path.display());
            assert_eq!(answer.status.as_u16(), exchange.reply.status);
            assert_eq!(answer.header("imulator-operation"), exchange.operation);
            assert_eq!(answer.header("imulator-doc"), fixture.page);
            replayed += 1;
        }
    }
    assert!(replayed >= 7, "each command has one");
}
