//! The ten smoke scenarios of IMKIT's reference, over real HTTP with the headers that the vendor's clients send.

mod common;
#[path = "common/imkit.rs"]
mod imkit;
mod wire;

use imkit::{badges, members};
use imulator::{Clock, Config, Emulator};
use serde_json::{Value, json};
use wire::{Reply, Wire};

const ROOM: &str = "/rooms/tea-house";

/// Who calls: the header lines of its client.
type Caller = Vec<(&'static str, String)>;

/// An application that nobody prepared, and three clients made by its API key, with issued tokens.
struct Scene {
    emulator: Emulator,
    mira: Caller,
    jonas: Caller,
    okello: Caller,
}

fn api_key() -> Caller {
    vec![("IM-API-KEY", "smoke".into())]
}

/// One request on a connection of its own, written out as it goes over the wire.
async fn ask(emulator: &Emulator, caller: &Caller, method: &str, path: &str, body: Option<&Value>) -> Reply {
    let body = body.map(Value::to_string).unwrap_or_default();
    let lines: Vec<String> = caller.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:3100\r\n{}Content-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        lines.concat(),
        body.len()
    );
    let mut wire = Wire::to(emulator).await;
    wire.send(&[head.as_bytes(), body.as_bytes()].concat()).await;
    wire.reply().await
}

/// A success; its result.
async fn does(emulator: &Emulator, caller: &Caller, method: &str, path: &str, body: Value) -> Value {
    let reply = ask(emulator, caller, method, path, Some(&body)).await;
    assert_eq!(reply.status, 200, "{method} {path}: {}", reply.text);
    let envelope = reply.json();
    assert_eq!((&envelope["RC"], &envelope["RM"]), (&json!(0), &json!("OK")));
    envelope["result"].clone()
}

async fn sees(emulator: &Emulator, caller: &Caller, path: &str) -> Value {
    let reply = ask(emulator, caller, "GET", path, None).await;
    assert_eq!(reply.status, 200, "GET {path}: {}", reply.text);
    reply.json()["result"].clone()
}

async fn says(scene: &Scene, caller: &Caller, text: &str) -> Value {
    does(&scene.emulator, caller, "POST", &format!("{ROOM}/message"), json!({"message": text, "messageType": "text"}))
        .await
}

impl Scene {
    /// Scenario 1: clients with issued tokens, and a group of mira and jonas.
    async fn set() -> Self {
        let config = Config { listen: vec!["127.0.0.1:0".into()], ..Config::default() };
        let builder = Emulator::builder().config(config).clock(Clock::manual()).seed(1);
        let emulator = builder.start().await.expect("a port is free");
        let mut callers = Vec::new();
        for (id, name) in [("mira", "Mira"), ("jonas", "Jonas"), ("okello", "Okello")] {
            let body = json!({"_id": id, "nickname": name, "issueAccessToken": true});
            let record = does(&emulator, &api_key(), "POST", "/admin/clients", body).await;
            let token = record["token"].as_str().expect("a token").to_owned();
            callers.push(vec![("IM-CLIENT-KEY", "smoke".into()), ("IM-Authorization", token)]);
        }
        let body = json!({"_id": "tea-house", "name": "Tea House", "roomType": "group", "members": ["mira", "jonas"]});
        does(&emulator, &api_key(), "POST", "/rooms", body).await;
        let [mira, jonas, okello] = callers.try_into().expect("three clients");
        Self { emulator, mira, jonas, okello }
    }

    async fn adds(&self, body: Value) -> Value {
        does(&self.emulator, &self.mira, "POST", &format!("{ROOM}/members"), body).await
    }

    async fn removes(&self, caller: &Caller, body: Value) -> Value {
        does(&self.emulator, caller, "POST", &format!("{ROOM}/delete/members"), body).await
    }
}

#[tokio::test]
async fn scenario_1_an_outsider_lists_no_rooms() {
    let scene = Scene::set().await;
    assert_eq!(sees(&scene.emulator, &scene.okello, "/rooms").await["totalCount"], 0);
    assert_eq!(sees(&scene.emulator, &scene.mira, "/rooms").await["totalCount"], 1);
}

#[tokio::test]
async fn scenario_2_adding_without_flags_adds_in_silence() {
    let scene = Scene::set().await;
    let said = says(&scene, &scene.jonas, "before").await;
    let room = scene.adds(json!({"invitees": ["okello"]})).await;
    assert_eq!(members(&room), ["mira", "jonas", "okello"]);
    assert_eq!(room["lastMessage"]["_id"], said["_id"]);
    assert_eq!(badges(&room), ["mira 1", "jonas 0"]);
}

#[tokio::test]
async fn scenario_3_a_text_counts_for_all_but_its_sender() {
    let scene = Scene::set().await;
    scene.adds(json!({"invitees": ["okello"]})).await;
    let said = says(&scene, &scene.mira, "kettle is on").await;
    let room = sees(&scene.emulator, &scene.mira, ROOM).await;
    assert_eq!(badges(&room), ["mira 0", "jonas 1", "okello 1"]);
    assert_eq!(room["memberProperties"][0]["lastRead"], said["_id"]);
    assert_eq!(sees(&scene.emulator, &scene.okello, ROOM).await["unread"], 1);
    assert_eq!(sees(&scene.emulator, &scene.mira, "/rooms").await["data"][0]["unread"], 0);
}

#[tokio::test]
async fn scenario_4_removing_with_a_message_tells_counts_and_closes_the_room() {
    let scene = Scene::set().await;
    scene.adds(json!({"invitees": ["okello"]})).await;
    says(&scene, &scene.mira, "kettle is on").await;
    let room = scene.removes(&scene.mira, json!({"members": ["okello"], "systemMessage": true})).await;
    let last = &room["lastMessage"];
    assert_eq!((&last["messageType"], &last["member"]["_id"]), (&json!("deleteMember"), &json!("okello")));
    assert_eq!(last["extra"]["members"][0], json!({"_id": "okello", "nickname": "Okello"}));
    assert_eq!(
        (members(&room), badges(&room)),
        (vec!["mira".into(), "jonas".into()], vec!["mira 0".into(), "jonas 2".into(), "okello 1".into()])
    );
    let refused = ask(&scene.emulator, &scene.okello, "GET", ROOM, None).await;
    assert_eq!((refused.status, &refused.json()["error"]["code"]), (403, &json!("NOT_ROOM_MEMBER")));
    let quitted = sees(&scene.emulator, &scene.okello, "/rooms/quitted").await;
    assert_eq!(
        (&quitted["data"][0]["_id"], &quitted["data"][0]["pref"]["quittedAt"]),
        (&json!("tea-house"), &json!("2026-01-05T09:00:00.000Z"))
    );
    assert_eq!(sees(&scene.emulator, &scene.okello, "/rooms").await["totalCount"], 0);
    assert_eq!(sees(&scene.emulator, &scene.okello, "/rooms/ids").await["totalCount"], 0);
}

#[tokio::test]
async fn scenario_5_an_invitation_changes_nothing_until_it_is_accepted_by_joining() {
    let scene = Scene::set().await;
    scene.adds(json!({"invitees": ["okello"]})).await;
    scene.removes(&scene.mira, json!({"members": ["okello"]})).await;
    let before = sees(&scene.emulator, &scene.mira, ROOM).await;
    let room = scene.adds(json!({"invitees": ["okello"], "invitationRequired": true, "systemMessage": true})).await;
    assert_eq!((members(&room), badges(&room)), (members(&before), badges(&before)));
    assert!(room.get("lastMessage").is_none());
    let invitations = sees(&scene.emulator, &scene.okello, "/rooms/invitations").await;
    assert_eq!((&invitations["totalCount"], &invitations["data"][0]["inviter"]["_id"]), (&json!(1), &json!("mira")));
    let room = does(&scene.emulator, &scene.okello, "POST", &format!("{ROOM}/join"), json!({})).await;
    assert_eq!(members(&room), ["mira", "jonas", "okello"]);
    assert_eq!(sees(&scene.emulator, &scene.okello, "/rooms/invitations").await["totalCount"], 0);
    assert_eq!(sees(&scene.emulator, &scene.okello, "/rooms/quitted").await["data"], json!([]));
}

#[tokio::test]
async fn scenario_6_who_leaves_still_gets_the_room() {
    let scene = Scene::set().await;
    scene.adds(json!({"invitees": ["okello"]})).await;
    let room = scene.removes(&scene.okello, json!({"members": ["okello"], "systemMessage": true})).await;
    assert_eq!((&room["_id"], members(&room)), (&json!("tea-house"), vec!["mira".into(), "jonas".into()]));
    let last = &room["lastMessage"];
    assert_eq!((&last["messageType"], &last["sender"]["_id"]), (&json!("leaveRoom"), &json!("okello")));
}

/// Adding, listing and removing with these header names and this end of paths; what it is answered.
async fn round(names: [&'static str; 2], slash: &str) -> Vec<(u16, String)> {
    let scene = Scene::set().await;
    let values = scene.mira.iter().map(|(_, value)| value.clone());
    let mira: Caller = names.into_iter().zip(values).collect();
    let mut answers = Vec::new();
    for (method, path, body) in [
        ("POST", format!("{ROOM}/members{slash}"), Some(json!({"invitees": ["okello"], "systemMessage": true}))),
        ("GET", format!("/rooms{slash}"), None),
        ("POST", format!("{ROOM}/delete/members{slash}"), Some(json!({"members": ["okello"]}))),
    ] {
        let reply = ask(&scene.emulator, &mira, method, &path, body.as_ref()).await;
        answers.push((reply.status, reply.text));
    }
    answers
}

#[tokio::test]
async fn scenario_7_older_headers_and_trailing_slashes_are_the_same() {
    let wanted = round(["IM-CLIENT-KEY", "IM-Authorization"], "").await;
    assert!(wanted.iter().all(|(status, _)| *status == 200), "{wanted:?}");
    for (names, slash) in [
        (["CLIENT_KEY", "Authorization"], ""),
        (["IM-Client-Key", "Authorization"], "/"),
        (["CLIENT_KEY", "IM-Authorization"], "/"),
    ] {
        assert_eq!(round(names, slash).await, wanted, "{names:?} {slash}");
    }
}

#[tokio::test]
async fn scenario_8_bad_tokens_unknown_rooms_and_outsiders_are_refused() {
    let scene = Scene::set().await;
    let nobody: Caller = vec![("IM-CLIENT-KEY", "smoke".into()), ("IM-Authorization", "no-token".into())];
    let body = json!({"invitees": ["okello"]});
    for (caller, room, status, code) in [
        (&nobody, ROOM, 401, "INVALID_TOKEN"),
        (&scene.mira, "/rooms/none", 404, "ROOM_NOT_FOUND"),
        (&scene.okello, ROOM, 403, "NOT_ROOM_MEMBER"),
    ] {
        let reply = ask(&scene.emulator, caller, "POST", &format!("{room}/members"), Some(&body)).await;
        let envelope = reply.json();
        assert_eq!((reply.status, &envelope["RC"]), (status, &json!(status)), "{}", reply.text);
        assert_eq!(envelope["error"]["code"], code);
    }
    assert_eq!(members(&sees(&scene.emulator, &scene.mira, ROOM).await), ["mira", "jonas"]);
}

#[tokio::test]
async fn scenario_9_a_direct_room_takes_members_at_once() {
    let scene = Scene::set().await;
    let body = json!({"_id": "two", "roomType": "direct", "members": ["mira", "jonas"]});
    does(&scene.emulator, &api_key(), "POST", "/rooms", body).await;
    let body = json!({"invitees": ["okello"], "invitationRequired": true});
    let room = does(&scene.emulator, &scene.mira, "POST", "/rooms/two/members", body).await;
    assert_eq!((members(&room).len(), &room["roomType"]), (3, &json!("direct")));
    assert_eq!(sees(&scene.emulator, &scene.okello, "/rooms/invitations").await["totalCount"], 0);
}

/// A request as axios 0.18 writes it for the vendor's JavaScript client.
async fn axios(scene: &Scene, method: &str, path: &str, body: &str) -> Reply {
    let token = &scene.mira[1].1;
    let request = format!(
        "{method} {path} HTTP/1.1\r\nAccept: application/json, text/plain, */*\r\nContent-Type: application/json;charset=utf-8\r\n\
         IM-Authorization: {token}\r\nCLIENT_KEY: smoke\r\nUser-Agent: axios/0.18.1\r\nContent-Length: {}\r\n\
         Host: 127.0.0.1:3100\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut wire = Wire::to(&scene.emulator).await;
    wire.send(request.as_bytes()).await;
    wire.reply().await
}

#[tokio::test]
async fn scenario_10_the_javascript_client_adds_and_deletes_a_member() {
    let scene = Scene::set().await;
    let added = axios(&scene, "POST", &format!("{ROOM}/members/"), r#"{"invitees":["okello"]}"#).await;
    let deleted = axios(&scene, "DELETE", &format!("{ROOM}/members/okello"), "{}").await;
    for (reply, inside) in [(added, vec!["mira", "jonas", "okello"]), (deleted, vec!["mira", "jonas"])] {
        // Its promise is kept by a status of 2xx together with RC 0, and by nothing else.
        let envelope = reply.json();
        assert_eq!((reply.status, &envelope["RC"]), (200, &json!(0)), "{}", reply.text);
        assert_eq!(
            (&envelope["result"]["_id"], members(&envelope["result"])),
            (&json!("tea-house"), inside.iter().map(|id| (*id).to_owned()).collect())
        );
    }
    let one = axios(&scene, "POST", &format!("{ROOM}/members/okello"), "{}").await;
    assert_eq!(members(&one.json()["result"]), ["mira", "jonas", "okello"]);
    let refused = axios(&scene, "DELETE", &format!("{ROOM}/members/ghost"), "{}").await;
    assert_eq!(
        (refused.status, &refused.json()["RC"]),
        (404, &json!(404)),
        "a refusal has its status, or the client hangs"
    );
}
