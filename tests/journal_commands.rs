//! `imulator journal` and `imulator replay`: a journal for a person, and the same calls against another server.

mod process;

use std::fs;
use std::io::{BufRead, BufReader};

use imulator::config::TlsSource;
use imulator::{Clock, Config, Emulator};
use process::{Ended, imulator, run};
use serde_json::{Value, json};
use tempfile::TempDir;

const ADMIN: &str = "sdkappid=88888888&identifier=admin&usersig=eJyrVgrxxx&random=1&contenttype=json";

fn demo() -> Value {
    serde_json::from_str(include_str!("../fixtures/worlds/demo.json")).expect("the demo world is JSON")
}

async fn started(seed: u64, world: Value) -> Emulator {
    let builder = Emulator::builder().clock(Clock::manual()).seed(seed).fixture(world);
    builder.start().await.expect("it starts")
}

async fn call(emulator: &Emulator, method: &str, target: &str, headers: &[(&str, &str)], body: Value) -> Value {
    let mut request = http::Request::builder().method(method).uri(target).header("host", "localhost");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let answer = emulator.call(request.body(body.into()).expect("a request")).await.expect("no fault cuts it");
    serde_json::from_slice(answer.body()).expect("replies are JSON")
}

async fn group(emulator: &Emulator, command: &str, body: Value) -> Value {
    call(emulator, "POST", &format!("/v4/group_open_http_svc/{command}?{ADMIN}"), &[], body).await
}

/// A group's life with a refusal in it, and an IMKIT call.
async fn live(emulator: &Emulator) -> String {
    let made =
        group(emulator, "create_group", json!({"Type": "Public", "Name": "walkers", "Owner_Account": "mira"})).await;
    let id = made["GroupId"].as_str().expect("an id").to_owned();
    let members = json!([{"Member_Account": "tommy"}]);
    group(emulator, "add_group_member", json!({"GroupId": id, "MemberList": members})).await;
    let kick = json!({"GroupId": id, "MemberToDel_Account": ["tommy"], "Reason": "late \u{1b}[31m"});
    group(emulator, "delete_group_member", kick).await;
    group(emulator, "delete_group_member", json!({"GroupId": "none", "MemberToDel_Account": ["tommy"]})).await;
    let headers = [("IM-CLIENT-KEY", "demo-client-key"), ("IM-Authorization", "token-aaa")];
    call(emulator, "GET", "/rooms/demo-room", &headers, Value::Null).await;
    id
}

async fn command(arguments: &[&str]) -> Ended {
    let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
    let ran = tokio::task::spawn_blocking(move || run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()));
    ran.await.expect("it runs to its end")
}

fn written(folder: &TempDir, journal: &Value) -> String {
    let path = folder.path().join("journal.json");
    fs::write(&path, journal.to_string()).expect("a file can be written");
    path.to_str().expect("UTF-8").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_is_printed_for_a_person() {
    let emulator = started(1, demo()).await;
    let id = live(&emulator).await;
    let printed = command(&["journal", &emulator.url()]).await;
    assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""));
    let expected = [
        format!("created group {id} by admin: mira"),
        format!("member_left group {id} by admin: tommy (kicked)"),
        "told mira, tommy".to_owned(),
        "200 0 tencent.groups.delete_group_member POST /v4/group_open_http_svc/delete_group_member".to_owned(),
        "200 10010 tencent.groups.delete_group_member".to_owned(),
        "why GroupId: ".to_owned(),
        "see https://".to_owned(),
        "200 0 imkit.rooms.get_room GET /rooms/demo-room".to_owned(),
    ];
    for part in expected {
        assert!(printed.stdout.contains(&part), "{part:?} is not in\n{}", printed.stdout);
    }
    assert!(!printed.stdout.contains('\u{1b}'), "no colour without a terminal, and no escape out of a text");
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_and_json_are_the_control_apis() {
    let emulator = started(1, demo()).await;
    live(&emulator).await;
    let url = emulator.url();
    let printed = command(&["journal", &url, "--json", "--kind", "event", "--audience", "tommy"]).await;
    let entries: Vec<Value> = printed.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let events: Vec<&str> = entries.iter().filter_map(|entry| entry["event"].as_str()).collect();
    assert_eq!(events, ["joined", "member_left"]);
    let refused = command(&["journal", &url, "--kind", "call"]).await;
    assert_eq!((refused.code, refused.stderr.lines().count()), (Some(2), 1), "{}", refused.stderr);
    assert!(refused.stderr.contains("has to be one of exchange, event, delivery"), "{}", refused.stderr);
    let nobody = command(&["journal", "http://127.0.0.1:1"]).await;
    assert_eq!((nobody.code, nobody.stdout.as_str(), nobody.stderr.lines().count()), (Some(2), "", 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn following_goes_on_until_the_emulator_has_gone() {
    let emulator = started(1, demo()).await;
    let mut child = imulator(&["journal", &emulator.url(), "--follow", "--kind", "event"]);
    let mut lines = BufReader::new(child.0.stdout.take().expect("a pipe")).lines();
    let id = live(&emulator).await;
    let reading = tokio::task::spawn_blocking(move || {
        let mut next = || lines.next().expect("a line comes").expect("it is UTF-8");
        ([next(), next(), next()], lines)
    });
    let (read, _lines) = reading.await.expect("lines come");
    assert!(read[0].ends_with(&format!("created group {id} by admin: mira")), "{read:?}");
    assert!(read[2].contains(&format!("joined group {id} by admin: tommy")), "{read:?}");
    emulator.stop().await;
    let ended =
        tokio::task::spawn_blocking(move || child.0.wait()).await.expect("it ends").expect("it can be waited for");
    assert_eq!(ended.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_against_the_same_world_finds_no_difference_though_ids_are_others() {
    let (recorded, other) = (started(1, demo()).await, started(2, demo()).await);
    let id = live(&recorded).await;
    let journal = call(&recorded, "GET", "/_imulator/journal", &[], Value::Null).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = written(&folder, &journal);
    let key = "IM-CLIENT-KEY: demo-client-key";
    let ended = command(&["replay", &path, "--against", &other.url(), "--secret", "token-aaa", "--header", key]).await;
    assert_eq!(ended.stdout, "5 replies alike, 0 different; 0 calls not sent\n");
    assert_eq!(ended.code, Some(0));
    let theirs = call(&other, "GET", "/_imulator/journal?kind=event", &[], Value::Null).await;
    assert!(!theirs.to_string().contains(&id), "the other server's own id was used");
    assert!(theirs.to_string().contains("member_left"), "{theirs}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_prints_what_differs_and_what_it_could_not_send() {
    let recorded = started(1, demo()).await;
    live(&recorded).await;
    let journal = call(&recorded, "GET", "/_imulator/journal", &[], Value::Null).await;
    let mut world = demo();
    world["tencent"]["88888888"]["limits"] = json!({"delete_group_member.MemberToDel_Account": 0});
    world["imkit"] = json!({});
    let other = started(1, world).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = written(&folder, &journal["entries"]);
    let ended = command(&["replay", &path, "--against", &other.url()]).await;
    let expected =
        "#3 POST /v4/group_open_http_svc/delete_group_member\n    $.ActionStatus: recorded \"OK\", answered \"FAIL\"\n";
    assert!(ended.stdout.starts_with(expected), "{}", ended.stdout);
    assert!(ended.stdout.contains("    $.ErrorCode: recorded 0, answered 10004\n"), "{}", ended.stdout);
    let unsent = "#5 GET /rooms/demo-room: not sent: im-client-key starts with demo-cli; give it in full by --secret or --header\n";
    assert!(ended.stdout.contains(unsent), "{}", ended.stdout);
    assert!(ended.stdout.ends_with("2 replies alike, 2 different; 1 calls not sent\n"), "{}", ended.stdout);
    assert_eq!(ended.code, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_text_is_not_sent_again_in_pieces() {
    let (recorded, other) = (started(1, demo()).await, started(2, demo()).await);
    let target = format!("/v4/group_open_http_svc/get_group_info?{ADMIN}");
    let request = http::Request::post(target).header("host", "localhost").body(vec![b'{', 0xff, b'}'].into());
    recorded.call(request.expect("a request")).await.expect("no fault cuts it");
    let journal = call(&recorded, "GET", "/_imulator/journal", &[], Value::Null).await;
    let folder = tempfile::tempdir().expect("a folder");
    let ended = command(&["replay", &written(&folder, &journal), "--against", &other.url()]).await;
    assert!(ended.stdout.contains("not sent: its body was no text"), "{}", ended.stdout);
    assert!(ended.stdout.ends_with("0 replies alike, 0 different; 1 calls not sent\n"), "{}", ended.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_speak_https_and_trust_the_local_authority_that_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let kept = folder.path().join("kept");
    let tls = TlsSource::Authority { folder: Some(kept.clone()) };
    let config = Config { tls, listen: vec!["127.0.0.1:0".into()], ..Config::default() };
    let builder = Emulator::builder().config(config).clock(Clock::manual()).seed(1).fixture(demo());
    let emulator = builder.start().await.expect("it starts");
    let url = emulator.url().replace("http:", "https:");
    emulator.authority().expect("it can be made").expect("there is one");
    let kept = kept.to_str().expect("UTF-8");
    let healthy = command(&["healthcheck", &url, "--ca-dir", kept]).await;
    assert_eq!((healthy.code, healthy.stderr.as_str()), (Some(0), ""));
    assert!(healthy.stdout.contains(r#""status":"ok""#), "{}", healthy.stdout);
    let recorded = started(1, demo()).await;
    live(&recorded).await;
    let journal = call(&recorded, "GET", "/_imulator/journal?tencent=88888888", &[], Value::Null).await;
    let path = written(&folder, &journal);
    let replayed = command(&["replay", &path, "--against", &url, "--ca-dir", kept]).await;
    assert_eq!(replayed.stdout, "4 replies alike, 0 different; 0 calls not sent\n", "{}", replayed.stderr);
    let printed = command(&["journal", &url, "--ca-dir", kept]).await;
    assert!(printed.stdout.contains("200 10010 tencent.groups.delete_group_member"), "{printed:?}");
    let stranger = folder.path().join("empty");
    let refused = command(&["healthcheck", &url, "--ca-dir", stranger.to_str().expect("UTF-8")]).await;
    assert_eq!((refused.code, refused.stdout.as_str(), refused.stderr.lines().count()), (Some(1), "", 1));
    assert!(refused.stderr.contains("UnknownIssuer"), "{}", refused.stderr);
    assert!(!stranger.exists(), "asking makes no authority");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_journal_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    for (content, part) in
        [(json!({"x": 1}), "is no journal"), (json!("text"), "is no journal"), (json!({"entries": 1}), "no array")]
    {
        let path = written(&folder, &content);
        let ended = command(&["replay", &path, "--against", "http://127.0.0.1:1"]).await;
        assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.lines().count()), (Some(2), "", 1));
        assert!(ended.stderr.contains(part), "{}", ended.stderr);
    }
}
