//! IMKIT's files through the front door: kept, found again, lent out by signed addresses, bounded, written into documents.

mod common;
#[path = "common/form.rs"]
mod form;
#[path = "common/imkit.rs"]
mod imkit;

use std::time::Duration;

use common::{Answer, House, start, start_with};
use form::{ADMIN, JONAS, MIRA, bytes, file, file_about, send, target};
use imkit::{refusal, tea, world};
use serde_json::{Value, json};

/// Mira uploads a note about the room `tea`; its id.
async fn note(house: &House) -> String {
    let answer = send(house, "/files/notes", &MIRA, file_about("a.txt", b"hello", r#"{"roomID": "tea"}"#)).await;
    answer.json()["result"]["_id"].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned()
}

async fn get(house: &House, path: &str) -> Answer {
    house.imkit("GET", path, &[&MIRA[..], &[("host", "localhost:3100")]].concat(), "").await
}

/// A signed address of a file.
async fn signed(house: &House, id: &str) -> String {
    let answer = get(house, &format!("/files/notes/{id}?signedUrlOnly=true")).await;
    target(answer.json()["result"]["url"].as_str().expect("an address")).to_owned()
}

#[tokio::test]
async fn a_file_comes_back_as_it_was_sent() {
    let house = tea().await;
    let content: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let answer = send(&house, "/files/pictures", &MIRA, file("a.png", "image/png", &content)).await;
    let record = answer.json()["result"].clone();
    assert_eq!(record["length"], 100_000);
    assert_eq!(record["extra"], json!({}));
    let id = record["_id"].as_str().expect("an id");
    let url = get(&house, &format!("/files/pictures/{id}?signedUrlOnly=1")).await.json()["result"]["url"].clone();
    assert_eq!(bytes(&house.emulator, target(url.as_str().expect("an address"))).await, content);
    assert_eq!(get(&house, &format!("/files/pictures/{id}/metadata")).await.json()["result"], record);
}

#[tokio::test]
async fn what_is_not_ascii_is_escaped_in_the_headers_of_a_download() {
    let house = tea().await;
    let form = file_about("小 a.txt", b"x", r#"{"title":"小🍵","roomId":"tea"}"#);
    let id = send(&house, "/files/notes", &MIRA, form).await.json()["result"]["_id"].clone();
    let answer = get(&house, &format!("/files/notes/{}", id.as_str().expect("an id"))).await;
    assert_eq!(answer.header("x-imkit-filename"), "%E5%B0%8F a.txt");
    assert_eq!(answer.header("x-imkit-extra"), r#"{"title":"\u5c0f\ud83c\udf75","roomId":"tea"}"#);
}

#[tokio::test]
async fn an_uploaded_page_may_not_run_on_the_emulators_origin() {
    let house = tea().await;
    for (kind, policy) in [("text/html", "sandbox"), ("image/svg+xml", "sandbox"), ("image/png", "")] {
        let id = send(&house, "/files/notes", &MIRA, file("a", kind, b"x")).await.json()["result"]["_id"].clone();
        let answer = get(&house, &format!("/files/notes/{}", id.as_str().expect("an id"))).await;
        assert_eq!(answer.header("content-type"), kind);
        assert_eq!(answer.header("content-security-policy"), policy);
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

#[tokio::test]
async fn a_signed_address_needs_no_key_for_fifteen_minutes_of_the_emulators_clock() {
    let house = tea().await;
    let id = note(&house).await;
    let address = signed(&house, &id).await;
    let answer = house.imkit("GET", &address, &[], "").await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "hello"));
    house.emulator.clock().advance(Duration::from_millis(15 * 60_000 - 1));
    assert_eq!(house.imkit("HEAD", &address, &[], "").await.status, 200);
    house.emulator.clock().advance(Duration::from_millis(1));
    let answer = house.imkit("GET", &address, &[], "").await;
    assert_eq!(refusal(&answer), "403 PERMISSION_DENIED");
    let why = "Expires: this address was good until 2026-01-05T09:15:00.000Z; it is 2026-01-05T09:15:00.000Z";
    assert_eq!(answer.why(), why);
}

#[tokio::test]
async fn a_signed_address_is_good_for_nothing_else() {
    let house = tea().await;
    let (one, other) = (note(&house).await, note(&house).await);
    let address = signed(&house, &one).await;
    let longer = address.replace("Expires=1767604500", "Expires=1767604501");
    let metadata = address.replace('?', "/metadata?");
    let app = address.replace("AWSAccessKeyId=LocalApp", "AWSAccessKeyId=Other");
    let wrong = [address.replace(&one, &other), longer, metadata, app, format!("{address}x")];
    for address in wrong {
        assert_eq!(refusal(&house.imkit("GET", &address, &[], "").await), "403 PERMISSION_DENIED", "{address}");
    }
    assert_eq!(refusal(&house.imkit("DELETE", &address, &[], "").await), "401 MISSING_CLIENT_KEY");
    assert_eq!(house.imkit("GET", &address, &[], "").await.text, "hello");
}

#[tokio::test]
async fn files_are_searched_in_their_bucket_oldest_first() {
    let house = tea().await;
    let names = async |query: &str| -> Vec<String> {
        let page = get(&house, &format!("/files/notes{query}")).await.json();
        let list = page["result"]["data"].as_array().expect("a list").clone();
        list.iter().map(|file| file["filename"].as_str().expect("a name").to_owned()).collect()
    };
    for (bucket, name, room) in
        [("notes", "a", "tea"), ("notes", "b", "pair"), ("notes", "c", "tea"), ("x", "d", "tea")]
    {
        let form = file_about(name, b"x", &json!({"roomID": room}).to_string());
        assert_eq!(send(&house, &format!("/files/{bucket}"), &MIRA, form).await.status, 200);
    }
    assert_eq!(names("").await, ["a", "b", "c"]);
    assert_eq!(names("?q=%7B%22extra.roomID%22%3A%22tea%22%7D").await, ["a", "c"]);
    assert_eq!(names("?skip=1&limit=1").await, ["b"]);
    assert_eq!(names("?q=%7B%22client%22%3A%22jonas%22%7D").await, [""; 0]);
    assert_eq!(refusal(&get(&house, "/files/notes?q=7").await), "400 INVALID_QUERY");
}

#[tokio::test]
async fn a_file_is_deleted_by_its_sender_and_the_administrator_alone() {
    let house = tea().await;
    for (who, wanted) in [(&MIRA[..], 200), (&ADMIN[..], 200), (&JONAS[..], 403)] {
        let path = format!("/files/notes/{}", note(&house).await);
        assert_eq!(house.imkit("DELETE", &path, who, "").await.status, wanted);
        assert_eq!(get(&house, &path).await.status, if wanted == 200 { 404 } else { 200 });
    }
}

#[tokio::test]
async fn statistics_want_tags_and_count_each_file_once_for_each_tag() {
    let mut world = world();
    world["imkit"]["LocalApp"]["rooms"][0]["roomTags"] = json!(["green", "hot"]);
    let house = start(world).await;
    note(&house).await;
    let ask = async |body: Value| house.imkit("POST", "/files/stats", &MIRA, body).await;
    let stats = ask(json!({"tags": ["hot", "hot", "cold"], "rangeStart": "2026-01-05"})).await.json();
    assert_eq!(stats["data"], json!({"hot": {"size": 5, "count": 1}, "cold": {"size": 0, "count": 0}}));
    let stats = ask(json!({"tags": ["hot"], "rangeEnd": "2026-01-05"})).await.json();
    assert_eq!((&stats["totalCount"], &stats["totalSize"]), (&json!(0), &json!(0)));
    for tags in [json!(null), json!("hot"), json!([7])] {
        assert_eq!(refusal(&ask(json!({"tags": tags})).await), "400 INVALID_TAGS");
    }
    assert_eq!(refusal(&ask(json!({"tags": [], "rangeEnd": "soon"})).await), "400 INVALID_REQUEST");
}

#[tokio::test]
async fn forms_that_are_wrong_are_refused_and_keep_nothing() {
    let house = tea().await;
    let before = house.state().await;
    let text = |name, content: &[u8]| form::form(&[(name, None, content), ("file", Some(("a", "text/plain")), b"x")]);
    let whole = file("a.txt", "text/plain", b"hello");
    let mut many: Vec<form::Part<'_>> = vec![("a", None, b"x"); 65];
    many.push(("file", Some(("a", "text/plain")), b"x"));
    for (body, wanted) in [
        (form::form(&[]), "400 MISSING_PARAMETER"),
        (form::form(&[("extra", None, b"{}")]), "400 MISSING_PARAMETER"),
        (whole[..whole.len() - 12].to_vec(), "400 INVALID_BODY"),
        (b"nonsense".to_vec(), "400 INVALID_BODY"),
        (Vec::new(), "400 INVALID_BODY"),
        (text("extra", b"{"), "400 INVALID_REQUEST"),
        (text("extra", b"7"), "400 INVALID_REQUEST"),
        (text("extra", format!("{{\"a\":\"{}\"}}", "x".repeat(5000)).as_bytes()), "400 INVALID_REQUEST"),
        (file(&"n".repeat(2000), "text/plain", b"x"), "400 INVALID_REQUEST"),
        (form::form(&many), "400 INVALID_BODY"),
    ] {
        assert_eq!(refusal(&send(&house, "/files/notes", &MIRA, body.clone()).await), wanted);
    }
    for auto in ["7", "{\"bucket\":7}", "{\"extra\":[]}"] {
        let body = text("autoUpload", auto.as_bytes());
        assert_eq!(refusal(&send(&house, "/files/video-info", &MIRA, body).await), "400 INVALID_REQUEST", "{auto}");
    }
    let json_instead = house.imkit("POST", "/files/notes", &MIRA, json!({"file": "x"})).await;
    assert_eq!(refusal(&json_instead), "400 INVALID_BODY");
    assert!(json_instead.why().starts_with("content-type: has to be multipart/form-data with a boundary"));
    assert_eq!(house.state().await, before);
}

#[tokio::test]
async fn a_file_and_all_files_have_their_bounds_and_deleting_makes_room() {
    let house = start_with(world(), |config| {
        (config.files.file_bytes_max, config.files.all_bytes_max) = (100, 250);
        config.edge.body_bytes_max = 1000;
    })
    .await;
    let upload =
        async |bytes: usize| send(&house, "/files/notes", &MIRA, file("a", "text/plain", &vec![b'x'; bytes])).await;
    let large = upload(101).await;
    assert_eq!(refusal(&large), "413 PAYLOAD_TOO_LARGE");
    assert_eq!(large.why(), "file: more than 100 bytes; that is the most this emulator takes (--max-file)");
    let first = upload(100).await.json()["result"]["_id"].clone();
    assert_eq!(upload(100).await.status, 200);
    let full = upload(51).await;
    assert_eq!(refusal(&full), "413 PAYLOAD_TOO_LARGE");
    assert_eq!(full.why(), "file: its 51 bytes do not fit: 200 of 250 bytes for files are taken (--max-all-files)");
    assert_eq!(upload(50).await.status, 200);
    let path = format!("/files/notes/{}", first.as_str().expect("an id"));
    assert_eq!(house.imkit("DELETE", &path, &MIRA, "").await.status, 200);
    assert_eq!(upload(100).await.status, 200);
    // The form around a file may have what other bodies may have, and no body more than both.
    let body = upload(1100).await;
    assert_eq!(body.why(), "body: more than 1100 bytes; that is the most this emulator takes (--max-file)");
    let json = house.imkit("POST", "/rooms", &MIRA, json!({"name": "x".repeat(1001)})).await;
    assert_eq!(json.why(), "body: more than 1000 bytes; that is the most this emulator takes (--max-body)");
    house.control("POST", "reset", json!({})).await;
    for _ in 0..2 {
        assert_eq!(upload(100).await.status, 200, "a reset frees what the old world kept");
    }
}

#[tokio::test]
async fn a_snapshot_with_files_put_back_is_equal_and_the_bytes_are_there() {
    let house = tea().await;
    let id = note(&house).await;
    let snapshot = house.state().await;
    assert_eq!(
        snapshot["imkit"]["LocalApp"]["files"],
        json!([{"_id": id, "bucketName": "notes", "filename": "a.txt", "mimetype": "text/plain", "client": "mira",
            "extra": {"roomID": "tea"}, "uploadDateMS": 1_767_603_600_000_i64, "data": "aGVsbG8="}])
    );
    let other = start(json!({"imulator": 1})).await;
    other.control("PUT", "state", snapshot.clone()).await;
    assert_eq!(other.state().await, snapshot);
    assert_eq!(get(&other, &format!("/files/notes/{id}")).await.text, "hello");
}

#[tokio::test]
async fn faults_of_files_in_a_document_are_told_with_their_path() {
    let house = tea().await;
    let file = |more: Value| {
        let mut file = json!({"_id": "f", "data": "aGVsbG8="});
        file.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        json!({"imulator": 1, "imkit": {"A": {"files": [file]}}})
    };
    for (document, path) in [
        (file(json!({"data": "%"})), "imkit.A.files[0].data"),
        (file(json!({"extra": 7})), "imkit.A.files[0].extra"),
        (file(json!({"_id": ""})), "imkit.A.files[0]._id"),
        (file(json!({"length": 5})), "imkit.A.files[0].length"),
        (json!({"imulator": 1, "imkit": {"A": {"files": [{"_id": "f"}, {"_id": "f"}]}}}), "imkit.A.files[1]._id"),
    ] {
        let answer = house.call("POST", "/_imulator/seed", &[("host", "localhost")], document).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert_eq!(answer.json()["error"]["path"], path);
    }
}

#[tokio::test]
async fn signatures_are_shortened_in_the_journal() {
    let house = tea().await;
    let address = signed(&house, &note(&house).await).await;
    house.imkit("GET", &address, &[], "").await;
    let last = house.journal("kind=exchange&limit=10000").await.pop().expect("an entry");
    let kept = last["request"]["query"]["Signature"].as_str().expect("a signature");
    assert_eq!(kept.chars().count(), 9, "{kept}");
    assert_eq!(last["tenant"], json!({"imkit": "LocalApp"}));
}
