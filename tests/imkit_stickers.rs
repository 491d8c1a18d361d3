//! IMKIT's sticker sets, and whose call it is that brings no key.

mod common;
#[path = "common/form.rs"]
mod form;
#[path = "common/imkit.rs"]
mod imkit;

use std::io::{Cursor, Write};

use common::{Answer, House, start, start_with};
use form::{ADMIN, form, send, target};
use imkit::{refusal, tea, world};
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// An archive of these files, deflated.
fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, SimpleFileOptions::default()).expect("a name");
        zip.write_all(content).expect("memory takes it");
    }
    zip.finish().expect("memory takes it").into_inner()
}

async fn put(house: &House, id: &str, zip: &[u8]) -> Answer {
    let file = ("file", Some(("a.zip", "application/zip")), zip);
    send(house, "/admin/stickers", &ADMIN, form(&[("_id", None, id.as_bytes()), ("name", None, b"Tea"), file])).await
}

fn names(set: &Value) -> Vec<&str> {
    let images = set["images"].as_array().expect("images");
    images.iter().map(|image| image["resourceId"].as_str().expect("an id")).collect()
}

#[tokio::test]
async fn the_pictures_of_an_archive_are_served_to_everybody() {
    let house = tea().await;
    let zip = archive(&[("cups/01.png", b"one"), ("tab.png", b"tab"), ("__MACOSX/._01.png", b"x"), ("read.me", b"x")]);
    let set = put(&house, "cups", &zip).await.json()["result"].clone();
    assert_eq!(names(&set), ["cups/01.png", "cups/tab.png"]);
    for (resource, content) in [("cups/01.png", "one"), ("cups/tab.png", "tab")] {
        let path = format!("/stickers/res?resourceId={resource}");
        let answer = house.imkit("GET", &path, &[("host", "localhost:3100")], "").await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (302, ""));
        let picture = house.imkit("GET", target(answer.header("location")), &[], "").await;
        assert_eq!((picture.header("content-type"), picture.text.as_str()), ("image/png", content));
    }
    assert_eq!(
        refusal(&house.imkit("GET", "/stickers/res?resourceId=cups/02.png", &[], "").await),
        "404 STICKER_NOT_FOUND"
    );
    assert_eq!(refusal(&house.imkit("GET", "/stickers/res", &[], "").await), "400 MISSING_PARAMETER");
    let files = house.imkit("GET", "/files/chatserver-upload", &ADMIN, "").await.json();
    assert_eq!(files["result"]["totalCount"], 0, "stickers are not among the uploaded files");
    assert_eq!(house.imkit("DELETE", "/admin/stickers/cups", &ADMIN, "").await.status, 200);
    assert_eq!(house.imkit("GET", "/stickers", &[], "").await.json()["result"]["totalCount"], 0);
}

#[tokio::test]
async fn a_known_set_keeps_what_is_not_sent_again() {
    let house = tea().await;
    let first = put(&house, "cups", &archive(&[("tab.png", b"tab")])).await.json()["result"].clone();
    let body = form(&[("_id", None, b"cups"), ("order", None, b"7")]);
    let second = send(&house, "/admin/stickers", &ADMIN, body).await.json()["result"].clone();
    assert_eq!((&second["name"], &second["order"]), (&json!("Tea"), &json!(7)));
    assert_eq!((&second["zip"], &second["images"]), (&first["zip"], &first["images"]));
}

#[tokio::test]
async fn archives_that_are_wrong_or_swell_are_refused_and_keep_nothing() {
    let house = start_with(world(), |config| config.files.file_bytes_max = 100_000).await;
    let before = house.state().await;
    let bomb = archive(&[("01.png", &[0; 60_000]), ("02.png", &[0; 60_000])]);
    assert!(bomb.len() < 1000, "the bomb is small: {}", bomb.len());
    let sound = archive(&[("tab.png", b"tab")]);
    let many: Vec<String> = (0..101).map(|at| format!("{at}/01.png")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    for (zip, wanted) in [
        (bomb, "413 PAYLOAD_TOO_LARGE"),
        (archive(&many), "400 INVALID_REQUEST"),
        (archive(&[("a/01.png", b"x"), ("b/01.png", b"y")]), "400 INVALID_REQUEST"),
        (archive(&[("read.me", b"x")]), "400 INVALID_REQUEST"),
        (archive(&[]), "400 INVALID_REQUEST"),
        (sound[..sound.len() / 2].to_vec(), "400 INVALID_REQUEST"),
        (b"no archive".to_vec(), "400 INVALID_REQUEST"),
    ] {
        assert_eq!(refusal(&put(&house, "cups", &zip).await), wanted);
    }
    assert_eq!(refusal(&put(&house, "a/b", &sound).await), "400 MISSING_PARAMETER");
    for (parts, wanted) in [
        (form(&[("name", None, b"x")]), "400 MISSING_PARAMETER"),
        (form(&[("_id", None, b"cups")]), "400 MISSING_PARAMETER"),
        (form(&[("_id", None, b"cups"), ("order", None, b"x")]), "400 INVALID_REQUEST"),
    ] {
        assert_eq!(refusal(&send(&house, "/admin/stickers", &ADMIN, parts).await), wanted);
    }
    assert_eq!(house.state().await, before);
}

#[tokio::test]
async fn a_snapshot_with_stickers_put_back_is_equal_and_the_pictures_are_there() {
    let house = tea().await;
    put(&house, "cups", &archive(&[("01.png", b"one"), ("tab.png", b"tab")])).await;
    let snapshot = house.state().await;
    let other = start(json!({"imulator": 1})).await;
    other.control("PUT", "state", snapshot.clone()).await;
    assert_eq!(other.state().await, snapshot);
    let sets = async |house: &House| house.imkit("GET", "/admin/stickers", &ADMIN, "").await.json();
    assert_eq!(sets(&other).await, sets(&house).await);
    let wrong = json!({"imulator": 1, "imkit": {"A": {"stickers": [{"_id": "s", "zip": "aGVsbG8="}]}}});
    let answer = house.call("POST", "/_imulator/seed", &[("host", "localhost")], wrong).await;
    assert_eq!(answer.json()["error"]["path"], "imkit.A.stickers[0].zip");
}

#[tokio::test]
async fn a_call_without_any_key_is_for_the_first_application_of_a_document_and_opens_none() {
    let empty = start(json!({"imulator": 1})).await;
    for (method, path) in [("GET", "/stickers"), ("POST", "/line-webhook"), ("GET", "/chat-test")] {
        assert_eq!(refusal(&empty.imkit(method, path, &[], "").await), "401 MISSING_CLIENT_KEY", "{path}");
    }
    assert_eq!(empty.state().await["imkit"], Value::Null, "nothing was opened");
    let tenant = async |house: &House, path: &str, headers: &[(&str, &str)]| {
        house.imkit("GET", path, headers, "").await;
        house.journal("kind=exchange&limit=10000").await.pop().expect("an entry")["tenant"]["imkit"].clone()
    };
    // An application that opened by its key is the first one there, until a document names another.
    assert_eq!(tenant(&empty, "/stickers?client_key=a-test", &[]).await, "a-test");
    assert_eq!(tenant(&empty, "/stickers", &[]).await, "a-test");
    let local = world()["imkit"]["LocalApp"].clone();
    empty.control("POST", "seed", json!({"imulator": 1, "imkit": {"LocalApp": local}})).await;
    assert_eq!(tenant(&empty, "/stickers", &[]).await, "LocalApp");
    assert_eq!(tenant(&empty, "/chat-test?client_key=a-test", &[]).await, "a-test");
    assert_eq!(tenant(&empty, "/stickers", &[("IM-CLIENT-KEY", "a-test")]).await, "a-test");
    assert_eq!(tenant(&empty, "/stickers", &[("IM-API-KEY", "ak")]).await, "LocalApp");
    // A key in the query is none where a token is wanted.
    let answer = empty.imkit("GET", "/rooms?client_key=ck", &[], "").await;
    assert_eq!(refusal(&answer), "401 MISSING_CLIENT_KEY");
}

#[tokio::test]
async fn lines_events_are_taken_and_nothing_comes_of_them() {
    let house = tea().await;
    let before = house.state().await;
    let events =
        json!({"destination": "U0", "events": [{"type": "message", "message": {"type": "text", "text": "hi"}}]});
    let answer = house.imkit("POST", "/line-webhook", &[], events).await;
    assert_eq!(answer.json(), json!({"RC": 0, "RM": "OK", "result": {}}));
    assert_eq!(refusal(&house.imkit("POST", "/line-webhook", &[], json!({"events": 7})).await), "400 INVALID_REQUEST");
    assert_eq!(house.state().await, before);
}

#[tokio::test]
async fn the_page_to_try_a_chat_with_asks_nothing_of_other_hosts() {
    let house = tea().await;
    let page = house.imkit("GET", "/chat-test", &[], "").await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.text.starts_with("<!doctype html>") && !page.text.contains("://"), "{}", page.text);
}
