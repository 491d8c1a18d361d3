//! The documented requests and replies of `fixtures/documented`, replayed: status and whole body, key order included.

mod common;
#[path = "common/documented.rs"]
mod pages;

use common::{House, minified, start, without_request_id};
use pages::{Documented, pages};

/// What differs between a documented exchange and the emulator's answer; nothing, if all is well.
async fn differences(house: &House, exchange: &Documented) -> Vec<String> {
    let asked = &exchange.request;
    let answer = house.call(&asked.method, &asked.target, &asked.headers(), asked.bytes()).await;
    let mut found = Vec::new();
    let mut compare = |what: &str, wanted: String, got: String| {
        if wanted != got {
            found.push(format!("{what}\n    documented: {wanted}\n    answered:   {got}"));
        }
    };
    compare("operation", exchange.operation.clone(), answer.header("imulator-operation").to_owned());
    compare("status", exchange.reply.status.to_string(), answer.status.as_u16().to_string());
    for (name, value) in &exchange.reply.headers {
        compare(name, value.clone(), answer.header(name).to_owned());
    }
    match (&exchange.reply.body, exchange.reply.text.as_deref()) {
        (Some(body), None) => compare("body", minified(body.get()), without_request_id(&answer.text)),
        (None, Some("")) => compare("body", String::new(), answer.text.clone()),
        (None, Some(text)) => compare("body", text.into(), answer.text.chars().take(text.chars().count()).collect()),
        _ => compare("body", "either as JSON or as text".into(), String::new()),
    }
    if !found.is_empty() && !answer.why().is_empty() {
        found.push(format!("why: {}", answer.why()));
    }
    found
}

#[tokio::test]
async fn every_documented_request_is_answered_as_documented() {
    let mut found = Vec::new();
    for (name, page) in pages() {
        let house = start(page.world()).await;
        for (number, exchange) in page.exchanges.iter().enumerate() {
            for difference in differences(&house, exchange).await {
                found.push(format!("{name} exchanges[{number}] {difference}"));
            }
        }
    }
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}

#[test]
fn every_page_says_where_and_when_it_was_read() {
    for (name, page) in pages() {
        assert!(page.page.starts_with("https://"), "{name}: {}", page.page);
        let form: Vec<usize> = page.read.split('-').map(str::len).collect();
        assert_eq!(form, [4, 2, 2], "{name}: {}", page.read);
        assert!(!page.exchanges.is_empty(), "{name} has no exchange");
    }
}
