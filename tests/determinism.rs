//! The same seed, a clock that stands still and the same requests: the same bytes, from two processes.

mod process;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use process::Server;
use serde_json::{Value, json};

/// The longest that a read waits.
const PATIENCE: Duration = Duration::from_secs(20);

/// A request as it is sent: the same bytes wherever it goes.
fn request(method: &str, target: &str, headers: &[(String, String)], body: &str) -> String {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    let always = "host: localhost\r\nconnection: close";
    format!("{method} {target} HTTP/1.1\r\n{always}\r\n{headers}content-length: {length}\r\n\r\n{body}")
}

/// All documented exchanges, page by page: the page's world first, then its requests, then journal and state.
fn documented() -> Vec<String> {
    let control =
        |method, target: &str, body: &Value| request(method, &format!("/_imulator/{target}"), &[], &body.to_string());
    let demo = fs::read_to_string("fixtures/worlds/demo.json").expect("the demo world");
    let demo: Value = serde_json::from_str(&demo).expect("JSON");
    let mut requests = Vec::new();
    for path in files(Path::new("fixtures/documented")) {
        let page: Value = serde_json::from_str(&fs::read_to_string(&path).expect("a page")).expect("JSON");
        requests.push(control("PUT", "state", if page["world"] == "demo" { &demo } else { &page["world"] }));
        requests.push(control("POST", "clock", &json!({"advance_ms": 1234})));
        for exchange in page["exchanges"].as_array().expect("exchanges") {
            let asked = &exchange["request"];
            let headers = asked["headers"].as_object().into_iter().flatten();
            let headers: Vec<_> = headers.map(|(name, value)| (name.clone(), text(value).to_owned())).collect();
            let body = Some(&asked["body"]).filter(|body| !body.is_null()).map(Value::to_string).unwrap_or_default();
            requests.push(request(text(&asked["method"]), text(&asked["target"]), &headers, &body));
        }
        requests.push(control("GET", "journal?limit=10000", &json!("")));
        requests.push(control("GET", "state", &json!("")));
        requests.push(control("DELETE", "journal", &json!("")));
    }
    requests
}

/// Tenants that open by themselves, generated ids, faults by dice, a reply that is lost, and a reset.
fn made_up() -> Vec<String> {
    let tencent = |app: u64, command: &str, body: Value| {
        let query = format!("sdkappid={app}&identifier=admin&usersig=x&random=1&contenttype=json");
        request("POST", &format!("/v4/{command}?{query}"), &[], &body.to_string())
    };
    let control = |method: &str, target: &str, body: Value| {
        request(method, &format!("/_imulator/{target}"), &[], &body.to_string())
    };
    let imkit = |key: &str, method: &str, target: &str, body: Value| {
        request(method, target, &[("IM-API-KEY".to_owned(), key.to_owned())], &body.to_string())
    };
    let mut requests = vec![
        control("POST", "reset", json!({})),
        control(
            "POST",
            "faults",
            json!({"match": {"operation": "tencent.groups.*"}, "chance": 0.3, "then": {"error": 10002}}),
        ),
        control("POST", "faults", json!({"match": {"operation": "imkit.*"}, "chance": 0.3, "then": {"lost": "after"}})),
    ];
    for at in 0..20 {
        let app = 20_000 + at % 3;
        let key = format!("app-{}", at % 3);
        requests.extend([
            tencent(app, "im_open_login_svc/account_import", json!({"UserID": format!("user-{at}")})),
            tencent(
                app,
                "group_open_http_svc/create_group",
                json!({"Type": "Public", "Name": "g", "Owner_Account": format!("user-{at}")}),
            ),
            tencent(app, "group_open_http_svc/get_appid_group_list", json!({})),
            tencent(
                app,
                "room_engine_http_srv/create_room",
                json!({"RoomInfo": {"RoomId": format!("room-{at}"), "RoomType": "Conference"}}),
            ),
            imkit(&key, "POST", "/rooms", json!({"name": format!("room {at}")})),
            imkit(&key, "GET", "/rooms", json!("")),
            control("POST", "clock", json!({"advance_ms": 7 * 3600 * 1000})),
        ]);
    }
    requests.extend(
        ["faults", "tenants", "state", "journal?limit=10000", "clock"].map(|what| control("GET", what, json!(""))),
    );
    requests
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path());
    let mut found: Vec<PathBuf> =
        entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect();
    found.sort();
    found
}

fn answers(requests: &[String]) -> Vec<String> {
    let server = Server::start(&["--listen", "127.0.0.1:0", "--seed", "7", "--clock", "manual"]);
    let address = server.url.trim_start_matches("http://");
    let answer = |request: &String| {
        let mut stream = TcpStream::connect(address).expect("the server accepts");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out can be set");
        stream.write_all(request.as_bytes()).expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the server answers in UTF-8");
        answer
    };
    requests.iter().map(answer).collect()
}

fn are_the_same_twice(requests: &[String]) -> Vec<String> {
    let (once, again) = (answers(requests), answers(requests));
    for (request, (one, other)) in requests.iter().zip(once.iter().zip(&again)) {
        assert_eq!(one, other, "{request}");
    }
    once
}

#[test]
fn the_documented_requests_are_answered_with_the_same_bytes_twice() {
    let requests = documented();
    let answers = are_the_same_twice(&requests);
    let refused = |answer: &&String| answer.starts_with("HTTP/1.1 4") && answer.contains("\"path\":");
    assert_eq!(answers.iter().find(refused), None, "every world and every change of the clock is taken");
    assert!(requests.len() > 300, "{}", requests.len());
}

/// A journal's entries without their own numbers: what is told in the background ends when its receiver has answered.
fn unnumbered(answer: &str) -> Vec<Value> {
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    let page: Value = serde_json::from_str(body).expect("JSON");
    let mut entries = page["entries"].as_array().expect("entries").clone();
    entries.iter_mut().for_each(|entry| drop(entry.as_object_mut().expect("an object").remove("seq")));
    entries
}

#[test]
fn callbacks_and_what_became_of_them_are_the_same_twice() {
    // An emulator answers 404 to what nobody asks an emulator for: always the same.
    let receiver = Server::start(&["--listen", "127.0.0.1:0"]);
    let club = json!({"GroupId": "club", "Type": "Private", "Name": "Club", "Owner_Account": "mira"});
    let commands =
        ["Group.CallbackBeforeInviteJoinGroup", "Group.CallbackAfterNewMemberJoin", "Group.CallbackAfterMemberExit"];
    let app = json!({"accounts": [{"UserID": "kai"}], "groups": [club],
        "callbacks": {"url": receiver.url, "token": "xxxxyyyy", "commands": commands}});
    let control = |method: &str, target: &str, body: Value| {
        request(method, &format!("/_imulator/{target}"), &[], &body.to_string())
    };
    let group = |command: &str, body: Value| {
        let query = "sdkappid=88888888&identifier=admin&usersig=x&random=1&contenttype=json";
        request("POST", &format!("/v4/group_open_http_svc/{command}?{query}"), &[], &body.to_string())
    };
    let mut requests = vec![control("PUT", "state", json!({"imulator": 1, "tencent": {"88888888": app}}))];
    let told = |count: usize| {
        let wanted = json!({"match": {"kind": "delivery"}, "count": {"exactly": count}, "wait_ms": 20_000});
        control("POST", "verify", wanted)
    };
    for round in 1..=5 {
        requests.extend([
            group("add_group_member", json!({"GroupId": "club", "MemberList": [{"Member_Account": "kai"}]})),
            told(round * 3 - 1),
            group("delete_group_member", json!({"GroupId": "club", "MemberToDel_Account": ["kai"]})),
            told(round * 3),
            control("POST", "clock", json!({"advance_ms": 1500})),
        ]);
    }
    requests.extend(["event", "delivery"].map(|kind| control("GET", &format!("journal?kind={kind}"), json!(""))));
    let entries = || {
        let answers = answers(&requests);
        answers[answers.len() - 2..].iter().flat_map(|answer| unnumbered(answer)).collect::<Vec<_>>()
    };
    let (once, again) = (entries(), entries());
    for (one, other) in once.iter().zip(&again) {
        assert_eq!(one.to_string(), other.to_string());
    }
    let is_signed = |entry: &&Value| text(&entry["url"]).contains("&Sign=") && entry["outcome"]["status"] == 404;
    let deliveries = once.iter().filter(|entry| entry["kind"] == "delivery").filter(is_signed).count();
    assert_eq!((once.len(), again.len(), deliveries), (26, 26, 15));
}

#[test]
fn generated_ids_dice_timers_and_lost_replies_are_the_same_twice() {
    let answers = are_the_same_twice(&made_up());
    let count = |words: &str| answers.iter().filter(|answer| answer.contains(words)).count();
    let lost = answers.iter().filter(|answer| answer.is_empty()).count();
    assert!((5..30).contains(&lost), "{lost} replies were lost");
    assert!(count("@TGS#") > 10 && count("\"ErrorCode\":10002") > 3);
    let journal = answers.iter().rev().nth(1).expect("the journal");
    assert!(journal.contains("\"destroyed\"") && journal.contains("\"micros\":0"));
}
