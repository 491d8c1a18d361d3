//! IMKIT tokens: a table signed elsewhere, the way there and back, and arbitrary input.

use imulator::api::imkit::jwt::{Claims, JwtError, issue, read};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Table {
    tokens: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    secret: String,
    now: i64,
    expected: String,
    claims: Option<Value>,
    token: String,
}

fn rows() -> Vec<Row> {
    let table: Table = serde_json::from_str(include_str!("../fixtures/jwt.json")).expect("the fixture fits");
    table.tokens
}

fn outcome(result: &Result<Claims, JwtError>) -> &'static str {
    match result {
        Ok(_) => "accepted",
        Err(JwtError::Malformed { .. }) => "malformed",
        Err(JwtError::OtherAlgorithm { .. }) => "other_algorithm",
        Err(JwtError::WrongSecret) => "wrong_secret",
        Err(JwtError::BadClaims { .. }) => "bad_claims",
        Err(JwtError::Expired { .. }) => "expired",
    }
}

fn mira() -> Claims {
    Claims { id: "mira".to_owned(), iat: 1_750_000_000, exp: 1_750_604_800, nickname: None, avatar_url: None }
}

#[test]
fn tokens_signed_elsewhere_yield_their_outcome() {
    for row in rows() {
        let found = read(&row.secret, &row.token, row.now);
        assert_eq!(outcome(&found), row.expected, "{}: {found:?}", row.id);
        let claims = found.ok().map(|claims| json!(claims));
        assert_eq!(claims, row.claims, "{}", row.id);
    }
}

#[test]
fn issued_tokens_are_the_ones_signed_elsewhere() {
    let plain = rows().into_iter().find(|row| row.id == "plain");
    let expected = plain.map(|row| row.token);
    assert_eq!(Some(issue("s3cret", &mira())), expected);
}

#[test]
fn texts_say_what_is_wrong() {
    let token = issue("s3cret", &mira());
    let expired = read("s3cret", &token, 1_750_604_801).map_err(|error| error.to_string());
    let text = expired.expect_err("expired");
    assert!(text.contains("1750604800") && text.contains("1750604801"), "{text}");
    for (id, word) in [("no exp", "`exp`"), ("no id", "`id`"), ("alg none, signed", "\"none\"")] {
        let row = rows().into_iter().find(|row| row.id == id);
        let row = row.expect("the row exists");
        let error = read(&row.secret, &row.token, row.now).expect_err(id);
        assert!(error.to_string().contains(word), "{error}");
    }
}

proptest! {
    #[test]
    fn random_text_never_panics(text in any::<String>(), now in any::<i64>()) {
        prop_assert!(read("s3cret", &text, now).is_err());
    }

    #[test]
    fn truncated_or_dotted_text_never_panics(at in 0_usize..200, text in "[A-Za-z0-9._-]{0,60}") {
        let token = issue("s3cret", &mira());
        let cut = &token[..at.min(token.len() - 1)];
        prop_assert!(read("s3cret", cut, 0).is_err());
        let joined = format!("{cut}{text}.");
        prop_assert!(read("s3cret", &joined, 0).is_err());
    }

    #[test]
    fn what_is_issued_can_be_read(
        secret in any::<String>(),
        id in any::<String>(),
        iat in any::<i64>(),
        exp in any::<i64>(),
        nickname in any::<Option<String>>(),
        avatar_url in any::<Option<String>>(),
        now in any::<i64>(),
    ) {
        let claims = Claims { id, iat, exp, nickname, avatar_url };
        let found = read(&secret, &issue(&secret, &claims), now);
        let expected = if now < exp { Ok(claims) } else { Err(JwtError::Expired { exp, now }) };
        prop_assert_eq!(found, expected);
    }
}
