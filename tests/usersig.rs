//! UserSig: the vectors of the published libraries, hostile content, and arbitrary input.

use std::io::{Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use imulator::api::tencent::usersig::{MAX_INFLATED_BYTES, Ticket, UserSigError, generate, verify};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

const APP: u64 = 1_400_000_000;
const ADMIN: &str = "administrator";
const NOW: i64 = 1_750_000_000;

#[derive(Deserialize)]
struct Vectors {
    key: String,
    positive: Vec<Positive>,
    negative: Vec<Negative>,
}

#[derive(Deserialize)]
struct Positive {
    id: String,
    library: String,
    key: String,
    sdkappid: u64,
    identifier: String,
    time: i64,
    expire: i64,
    userbuf: Option<String>,
    sig: String,
    text: String,
}

#[derive(Deserialize)]
struct Negative {
    id: String,
    sdkappid: u64,
    identifier: String,
    now: i64,
    expected: String,
    text: String,
}

impl Positive {
    fn ticket(&self) -> Ticket {
        Ticket {
            identifier: self.identifier.clone(),
            sdkappid: self.sdkappid,
            time: self.time,
            expire: self.expire,
            userbuf: self.userbuf.clone(),
        }
    }
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../fixtures/usersig.json")).expect("the fixture fits")
}

fn outcome(result: &Result<Ticket, UserSigError>) -> &'static str {
    match result {
        Ok(_) => "accepted",
        Err(UserSigError::Illegal { .. }) => "illegal",
        Err(UserSigError::OtherApp { .. }) => "other_app",
        Err(UserSigError::OtherUser { .. }) => "other_user",
        Err(UserSigError::Expired { .. }) => "expired",
        Err(UserSigError::WrongKey) => "wrong_key",
    }
}

fn pack(content: &[u8], level: u32) -> String {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(content).expect("memory");
    encode(&encoder.finish().expect("memory"))
}

fn encode(packed: &[u8]) -> String {
    let standard = STANDARD.encode(packed);
    standard.replace('+', "*").replace('/', "-").replace('=', "_")
}

fn decode(text: &str) -> Vec<u8> {
    let standard = text.replace('*', "+").replace('-', "/").replace('_', "=");
    STANDARD.decode(standard).expect("Base64")
}

fn unpack(text: &str) -> Value {
    let mut content = Vec::new();
    let packed = decode(text);
    let mut decoder = ZlibDecoder::new(packed.as_slice());
    decoder.read_to_end(&mut content).expect("zlib");
    serde_json::from_slice(&content).expect("JSON")
}

fn ticket(time: i64, expire: i64) -> Ticket {
    Ticket { identifier: ADMIN.to_owned(), sdkappid: APP, time, expire, userbuf: None }
}

/// The content of a well-signed usersig with some members replaced afterwards; null takes one away.
fn content(key: &str, ticket: &Ticket, changes: Value) -> String {
    let mut members = unpack(&generate(key, ticket));
    for (name, value) in changes.as_object().expect("an object") {
        members[name] = value.clone();
    }
    let map = members.as_object_mut().expect("an object");
    map.retain(|_, value| !value.is_null());
    members.to_string()
}

#[test]
fn published_signatures_verify() {
    for v in vectors().positive {
        let name = format!("{} of {}", v.id, v.library);
        let end = v.time + v.expire;
        let check = |key, app, user: &str, now| verify(key, &v.text, app, user, now);

        let found = check(&v.key, v.sdkappid, &v.identifier, end);
        assert_eq!(found, Ok(v.ticket()), "{name}");
        for (expected, found) in [
            ("expired", check(&v.key, v.sdkappid, &v.identifier, end + 1)),
            ("other_app", check(&v.key, v.sdkappid + 1, &v.identifier, end)),
            ("other_user", check(&v.key, v.sdkappid, "somebody", end)),
            ("wrong_key", check("other", v.sdkappid, &v.identifier, end)),
        ] {
            assert_eq!(outcome(&found), expected, "{name}");
        }
    }
}

#[test]
fn generated_signatures_are_the_published_ones() {
    for v in vectors().positive {
        let made = generate(&v.key, &v.ticket());
        assert_eq!(unpack(&made)["TLS.sig"], json!(v.sig), "{}", v.id);
        assert_eq!(unpack(&made), unpack(&v.text), "{}", v.id);
        let found = verify(&v.key, &made, v.sdkappid, &v.identifier, v.time);
        assert_eq!(found, Ok(v.ticket()), "{}", v.id);
    }
}

#[test]
fn negative_vectors_yield_their_outcome() {
    let vectors = vectors();
    for v in vectors.negative {
        let found = verify(&vectors.key, &v.text, v.sdkappid, &v.identifier, v.now);
        assert_eq!(outcome(&found), v.expected, "{}: {found:?}", v.id);
    }
}

#[test]
fn fields_come_before_expiry_and_expiry_before_the_key() {
    let text = generate("other", &ticket(NOW, 0));
    for (app, user, now, expected) in [
        (APP + 1, "root", NOW + 1, "other_app"),
        (APP, "root", NOW + 1, "other_user"),
        (APP, ADMIN, NOW + 1, "expired"),
        (APP, ADMIN, NOW, "wrong_key"),
    ] {
        assert_eq!(outcome(&verify("key", &text, app, user, now)), expected);
    }
}

#[test]
fn members_are_checked() {
    for (changes, expected) in [
        (json!({}), "accepted"),
        (json!({"extra": [1]}), "accepted"),
        (json!({"TLS.sdkappid": APP.to_string()}), "accepted"),
        (json!({"TLS.time": NOW.to_string(), "TLS.expire": "60"}), "accepted"),
        (json!({"TLS.ver": null}), "illegal"),
        (json!({"TLS.ver": "1.0"}), "illegal"),
        (json!({"TLS.ver": 2.0}), "illegal"),
        (json!({"TLS.identifier": null}), "illegal"),
        (json!({"TLS.identifier": 1.5}), "illegal"),
        (json!({"TLS.identifier": [ADMIN]}), "illegal"),
        (json!({"TLS.identifier": 7}), "other_user"),
        (json!({"TLS.sdkappid": null}), "illegal"),
        (json!({"TLS.sdkappid": -1}), "illegal"),
        (json!({"TLS.time": null}), "illegal"),
        (json!({"TLS.time": 1_700_000_000.5}), "illegal"),
        (json!({"TLS.time": 1e30}), "illegal"),
        (json!({"TLS.time": "today"}), "illegal"),
        (json!({"TLS.time": "9223372036854775808"}), "illegal"),
        (json!({"TLS.time": NOW - 1}), "wrong_key"),
        (json!({"TLS.expire": null}), "illegal"),
        (json!({"TLS.expire": ""}), "illegal"),
        (json!({"TLS.expire": true}), "illegal"),
        (json!({"TLS.expire": i64::MAX}), "wrong_key"),
        (json!({"TLS.userbuf": 1}), "illegal"),
        (json!({"TLS.userbuf": "YWJj"}), "wrong_key"),
        (json!({"TLS.sig": null}), "illegal"),
        (json!({"TLS.sig": 1}), "illegal"),
        (json!({"TLS.sig": ""}), "wrong_key"),
        (json!({"TLS.sig": "?"}), "wrong_key"),
        (json!({"TLS.sig": "AAAA"}), "wrong_key"),
    ] {
        let text = pack(content("key", &ticket(NOW, 60), changes.clone()).as_bytes(), 6);
        let found = verify("key", &text, APP, ADMIN, NOW);
        assert_eq!(outcome(&found), expected, "{changes}: {found:?}");
    }
}

#[test]
fn a_user_id_signed_as_a_number_is_its_text() {
    let mut signed = ticket(NOW, 60);
    signed.identifier = "10086".to_owned();
    let changes = json!({"TLS.identifier": 10086});
    let text = pack(content("key", &signed, changes).as_bytes(), 6);
    assert_eq!(verify("key", &text, APP, "10086", NOW), Ok(signed));
}

#[test]
fn times_do_not_overflow() {
    for (time, expire, now, expected) in [
        (i64::MAX, i64::MAX, i64::MAX, "accepted"),
        (i64::MAX, i64::MAX, NOW, "accepted"),
        (i64::MIN, i64::MIN, NOW, "expired"),
        (i64::MIN, i64::MIN, i64::MIN, "accepted"),
        (i64::MIN, i64::MAX, i64::MAX, "expired"),
        (NOW + 5, 0, NOW, "accepted"),
        (NOW, 0, NOW, "accepted"),
        (NOW, 0, NOW + 1, "expired"),
        (NOW, -5, NOW, "accepted"),
        (NOW, -5, NOW + 1, "expired"),
    ] {
        let text = generate("key", &ticket(time, expire));
        let found = verify("key", &text, APP, ADMIN, now);
        assert_eq!(outcome(&found), expected, "{time} {expire} {now}");
    }
}

#[test]
fn content_is_read_in_any_packing_up_to_its_limit() {
    let plain = content("key", &ticket(NOW, 60), json!({}));
    let members: Value = serde_json::from_str(&plain).expect("JSON");
    let indented = serde_json::to_string_pretty(&members).expect("JSON");
    let packed = decode(&pack(plain.as_bytes(), 6));
    let mut damaged = packed.clone();
    *damaged.last_mut().expect("bytes") ^= 1;
    let padded = |size| pack((plain.clone() + &" ".repeat(size - plain.len())).as_bytes(), 6);
    for (name, text, expected) in [
        ("stored", pack(plain.as_bytes(), 0), "accepted"),
        ("fast", pack(plain.as_bytes(), 1), "accepted"),
        ("best", pack(plain.as_bytes(), 9), "accepted"),
        ("indented", pack(indented.as_bytes(), 6), "accepted"),
        ("line feed after", pack(format!("{plain}\n").as_bytes(), 6), "accepted"),
        ("full", padded(MAX_INFLATED_BYTES), "accepted"),
        ("over full", padded(MAX_INFLATED_BYTES + 1), "illegal"),
        ("a bomb", pack(&vec![b' '; 50_000_000], 9), "illegal"),
        ("deep", pack("[".repeat(60_000).as_bytes(), 6), "illegal"),
        ("two objects", pack(format!("{plain}{{}}").as_bytes(), 6), "illegal"),
        ("an array", pack(b"[]", 6), "illegal"),
        ("nothing", pack(b"", 6), "illegal"),
        ("not UTF-8", pack(b"{\"TLS.ver\":\"\xff\"}", 6), "illegal"),
        ("not compressed", encode(plain.as_bytes()), "illegal"),
        ("other checksum", encode(&damaged), "illegal"),
        ("no checksum", encode(&packed[..packed.len() - 4]), "illegal"),
        ("no zlib header", encode(&packed[2..]), "illegal"),
    ] {
        let found = verify("key", &text, APP, ADMIN, NOW);
        assert_eq!(outcome(&found), expected, "{name}: {found:?}");
    }
}

#[test]
fn the_alphabet_is_the_replaced_one() {
    for v in vectors().positive {
        for (from, to) in [('*', "+"), ('*', " "), ('-', "/"), ('_', "="), ('*', "%2A"), ('_', "")] {
            let text = v.text.replace(from, to);
            let found = verify(&v.key, &text, v.sdkappid, &v.identifier, v.time);
            let expected = if text == v.text { "accepted" } else { "illegal" };
            assert_eq!(outcome(&found), expected, "{} {from} as {to:?}", v.id);
        }
    }
    for text in ["", " ", "=", "_", "\n", "用户", "eJyr\n", "e", "\0"] {
        let found = verify("key", text, APP, ADMIN, NOW);
        assert_eq!(outcome(&found), "illegal", "{text:?}");
    }
}

#[test]
fn texts_say_what_is_wrong_and_what_to_change() {
    let text = generate("key", &ticket(NOW, 60));
    let said = |text: &str, app, user, now| match verify("other", text, app, user, now) {
        Ok(_) => panic!("accepted"),
        Err(error) => error.to_string(),
    };
    for (said, words) in [
        (said("ab+c", APP, ADMIN, NOW), vec!["'+' at byte 2", "replace + by *"]),
        (said("ab c", APP, ADMIN, NOW), vec!["' ' at byte 2", "read as a space"]),
        (said(&text[..40], APP, ADMIN, NOW), vec!["cut off", "send all of it"]),
        (said(&text, 7, ADMIN, NOW), vec!["for sdkappid 1400000000", "sdkappid=7"]),
        (said(&text, APP, "root", NOW), vec!["for identifier \"administrator\"", "identifier=\"root\""]),
        (said(&text, APP, ADMIN, NOW + 61), vec!["1750000000 + TLS.expire 60", "(1750000061"]),
        (said(&text, APP, ADMIN, NOW), vec!["TLS.sig", "secret key"]),
    ] {
        for word in words {
            assert!(said.contains(word), "{said:?} lacks {word:?}");
        }
    }
}

#[test]
fn every_truncation_is_illegal() {
    for v in vectors().positive {
        for end in 0..v.text.len() {
            let found = verify(&v.key, &v.text[..end], v.sdkappid, &v.identifier, v.time);
            assert_eq!(outcome(&found), "illegal", "{} cut at {end}", v.id);
        }
        let packed = decode(&v.text);
        for end in 0..packed.len() {
            let text = encode(&packed[..end]);
            let found = verify(&v.key, &text, v.sdkappid, &v.identifier, v.time);
            assert_eq!(outcome(&found), "illegal", "{} cut at byte {end}", v.id);
        }
    }
}

proptest! {
    #[test]
    fn random_text_never_panics(text in any::<String>(), key in any::<String>(), now in any::<i64>()) {
        prop_assert!(verify(&key, &text, APP, ADMIN, now).is_err());
    }

    #[test]
    fn random_bytes_never_panic(bytes in any::<Vec<u8>>(), now in any::<i64>()) {
        prop_assert!(verify("key", &encode(&bytes), APP, ADMIN, now).is_err());
        prop_assert!(verify("key", &pack(&bytes, 6), APP, ADMIN, now).is_err());
        prop_assert!(verify("key", &String::from_utf8_lossy(&bytes), APP, ADMIN, now).is_err());
    }

    #[test]
    fn random_members_never_panic(
        time in "-?[0-9]{1,25}|true|\"[0-9a-z]{0,5}\"|[0-9]e[0-9]{1,3}|null",
        expire in "-?[0-9]{1,25}|\"-?[0-9]{1,20}\"|[0-9]\\.[0-9]",
        now in any::<i64>(),
    ) {
        let content = format!(
            r#"{{"TLS.ver":"2.0","TLS.identifier":"{ADMIN}","TLS.sdkappid":{APP},"TLS.time":{time},"TLS.expire":{expire},"TLS.sig":"AAAA"}}"#
        );
        prop_assert!(verify("key", &pack(content.as_bytes(), 6), APP, ADMIN, now).is_err());
    }

    #[test]
    fn what_is_generated_verifies_and_a_changed_byte_changes_no_meaning(
        key in any::<String>(),
        identifier in any::<String>(),
        sdkappid in any::<u64>(),
        time in any::<i64>(),
        expire in any::<i64>(),
        userbuf in proptest::option::of("[A-Za-z0-9+/]{0,40}"),
        at in any::<proptest::sample::Index>(),
        flip in 1_u8..,
    ) {
        let ticket = Ticket { identifier: identifier.clone(), sdkappid, time, expire, userbuf };
        let text = generate(&key, &ticket);
        prop_assert_eq!(verify(&key, &text, sdkappid, &identifier, time), Ok(ticket.clone()));
        let mut packed = decode(&text);
        let at = at.index(packed.len());
        packed[at] ^= flip;
        // A few bits of the zlib header and of the last byte carry nothing.
        let found = verify(&key, &encode(&packed), sdkappid, &identifier, time);
        prop_assert!(found.is_err() || found == Ok(ticket));
    }
}
