//! Whom IMKIT's sockets tell what: every operation that tells anybody, one after the other, and what each person hears of it.

mod common;
#[path = "common/imkit.rs"]
mod imkit;
mod sockets;

use imkit::{admin, client, members, world, world_with};
use serde_json::{Value, json};
use sockets::{Next, Socket, listening};

/// One call: who makes it, the call itself with `ID` for the message it is about, and who hears what of it.
type Row = (&'static str, &'static str, &'static str, Value, &'static [(&'static str, &'static [&'static str])]);

const BOTH: &str = "mira jonas";
const ALL: &str = "mira jonas okello";

/// The tea house's people, and what becomes of their room from its first message to its end.
// table
fn rows() -> Vec<Row> {
    let invites = || json!({"invitees": ["okello"], "invitationRequired": true});
    let gone = |who: &str| json!({"members": [who], "systemMessage": true});
    let as_mira = json!({"room": "tea", "sender": "mira", "messageType": "text", "message": "by the platform"});
    let crew = json!({"_id": "crew", "nickname": "Crew", "members": ["jonas", "okello"]});
    vec![
        (
            "mira",
            "PUT",
            "/rooms/tea/lastRead",
            json!({"message": "ID"}),
            &[("jonas", &[r#"lastRead {"roomID":"tea","messageID":"ID","memberID":"mira"}"#])],
        ),
        ("mira", "PUT", "/rooms/tea/lastRead", json!({"message": "ID"}), &[]),
        ("mira", "POST", "/rooms/tea/typing", json!({"message": "h"}), &[("jonas", &["typing mira h"])]),
        (
            "mira",
            "POST",
            "/roomPrefs/tea",
            json!({"folder": "Desk"}),
            &[("mira", &[r#"roomPref {"room":"tea","tags":[],"folder":"Desk"}"#])],
        ),
        (
            "mira",
            "DELETE",
            "/roomPrefs/tea/folder",
            Value::Null,
            &[("mira", &[r#"roomPref {"room":"tea","tags":[]}"#])],
        ),
        ("mira", "DELETE", "/roomPrefs/tea/folder", Value::Null, &[]),
        (
            "mira",
            "POST",
            "/me/pref/theme",
            json!({"dark": true}),
            &[("mira", &[r#"myPrefChange {"key":"theme","data":{"dark":true}}"#])],
        ),
        ("mira", "DELETE", "/me/pref/theme", Value::Null, &[("mira", &[r#"myPrefDelete "theme""#])]),
        ("mira", "POST", "/messages/ID/reaction", json!({"reaction": "like"}), &[(BOTH, &["chat message text"])]),
        ("admin", "POST", "/messages/ID/pin", Value::Null, &[(BOTH, &["chat message text"])]),
        ("admin", "POST", "/messages/ID/hidden", Value::Null, &[(BOTH, &["chat message text"])]),
        (
            "mira",
            "POST",
            "/messages/user-delete",
            json!({"room": "tea", "messages": ["ID"]}),
            &[(
                "mira",
                &[r#"userDeleteMessages {"room":"tea","messages":["ID"],"isUserDeleteAllMessagesInRoom":false}"#],
            )],
        ),
        (
            "jonas",
            "POST",
            "/messages/user-delete/all-in-room",
            json!({"room": "tea"}),
            &[(
                "jonas",
                &[r#"userDeleteMessages {"room":"tea","messages":["ID"],"isUserDeleteAllMessagesInRoom":true}"#],
            )],
        ),
        (
            "jonas",
            "POST",
            "/rooms/tea/message",
            json!({"_id": "ID", "message": "x"}),
            &[(BOTH, &["chat message text"])],
        ),
        (
            "jonas",
            "POST",
            "/rooms/tea/message",
            json!({"_id": "ID", "messageType": "recall"}),
            &[(BOTH, &["chat message recall"])],
        ),
        (
            "admin",
            "DELETE",
            "/rooms/tea/messages/ID",
            Value::Null,
            &[(BOTH, &[r#"messageDeleted {"room":"tea","messageID":"ID","messages":["ID"]}"#])],
        ),
        ("admin", "POST", "/messages", as_mira, &[(BOTH, &["chat message text"])]),
        ("mira", "POST", "/rooms/tea/members", invites(), &[("okello", &["invitation mira okello tea"])]),
        (
            "jonas",
            "POST",
            "/rooms/tea/delete/invitations",
            json!({"invitees": ["okello"]}),
            &[(BOTH, &["chat message cancelInvitations"]), ("okello", &[r#"cancelInvitation {"room":"tea"}"#])],
        ),
        ("mira", "POST", "/rooms/tea/members", invites(), &[("okello", &["invitation mira okello tea"])]),
        ("okello", "DELETE", "/rooms/tea/invitations", Value::Null, &[]),
        ("mira", "POST", "/rooms/tea/members", invites(), &[("okello", &["invitation mira okello tea"])]),
        (
            "okello",
            "POST",
            "/rooms/tea/join",
            json!({"systemMessage": true}),
            &[(ALL, &["chat message joinRoom", "room tea mira jonas okello"])],
        ),
        (
            "admin",
            "PUT",
            "/rooms/tea",
            json!({"name": "Tea", "owner": "mira"}),
            &[(ALL, &["room tea mira jonas okello"])],
        ),
        ("mira", "PUT", "/rooms/tea/bot", json!({"botState": "ASKED"}), &[(ALL, &["room tea mira jonas okello"])]),
        (
            "mira",
            "PUT",
            "/rooms/tea/member/jonas",
            json!({"property": "grade", "value": 1}),
            &[(ALL, &["room tea mira jonas okello"])],
        ),
        (
            "mira",
            "PUT",
            "/rooms/tea/member/jonas",
            json!({"property": "role", "value": "admin"}),
            &[(ALL, &["chat message assignAdmin", "room tea mira jonas okello"])],
        ),
        ("mira", "POST", "/me/mute/tea", Value::Null, &[]),
        ("mira", "POST", "/blockStatus/room/tea/nadia", Value::Null, &[]),
        (
            "mira",
            "POST",
            "/rooms/tea/delete/members",
            gone("okello"),
            &[
                (BOTH, &["chat message deleteMember", "room tea mira jonas"]),
                ("okello", &["chat message deleteMember"]),
            ],
        ),
        (
            "jonas",
            "POST",
            "/rooms/tea/delete/members",
            gone("jonas"),
            &[("mira", &["chat message leaveRoom", "room tea mira"]), ("jonas", &["chat message leaveRoom"])],
        ),
        ("admin", "POST", "/admin/groups", crew, &[]),
        ("mira", "POST", "/rooms/tea/members", json!({"invitees": ["crew"]}), &[(ALL, &["room tea mira crew"])]),
        ("okello", "POST", "/rooms/tea/message", json!({"message": "by a group"}), &[(ALL, &["chat message text"])]),
        (
            "mira",
            "POST",
            "/rooms/tea/delete/members",
            gone("crew"),
            &[
                ("mira", &["chat message deleteMember", "room tea mira"]),
                ("jonas okello", &["chat message deleteMember"]),
            ],
        ),
        (
            "jonas",
            "POST",
            "/rooms/createAndJoin",
            json!({"_id": "new", "invitee": "okello", "systemMessage": true}),
            &[("jonas okello", &["room new jonas okello", "chat message addMembers"])],
        ),
        ("admin", "POST", "/config", json!({"theme": 1}), &[]),
        ("mira", "DELETE", "/rooms/tea", Value::Null, &[]),
    ]
}

/// An event in a line.
fn line(event: &str, payload: &Value, id: &str) -> String {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    match event {
        "chat message" => format!("chat message {}", text(&payload["messageType"])),
        "room" => format!("room {} {}", text(&payload["_id"]), members(payload).join(" ")),
        "typing" => format!("typing {} {}", text(&payload["senderInfo"]["_id"]), text(&payload["message"])),
        "invitation" => {
            let whom = [&payload["inviter"], &payload["invitee"], &payload["room"]].map(|who| text(&who["_id"]));
            format!("invitation {}", whom.join(" "))
        }
        _ => format!("{event} {payload}").replace(id, "ID"),
    }
}

/// What a socket hears before the message that all get last.
async fn heard(socket: &mut Socket, id: &str) -> Vec<String> {
    let mut lines = Vec::new();
    loop {
        match socket.next().await {
            Next::Event(_, payload) if payload["room"] == "fence" => return lines,
            Next::Event(event, payload) => lines.push(line(&event, &payload, id)),
            over => panic!("{over:?} after {lines:?}"),
        }
    }
}

#[tokio::test]
async fn each_operation_tells_exactly_the_people_concerned() {
    let mut world = world();
    let rooms = world["imkit"]["LocalApp"]["rooms"].as_array_mut().expect("rooms");
    rooms.push(json!({"_id": "fence", "members": ["mira", "jonas", "okello"]}));
    let house = listening(world).await;
    // Mira has two sessions, which hear the same.
    let people = ["mira", "mira", "jonas", "okello"];
    let mut sockets = Vec::new();
    for who in people {
        sockets.push((who, Socket::of(&house, who).await));
    }
    let said = client(&house, "jonas").says("hello").await;
    let id = said["_id"].as_str().expect("an id");
    for who in [0, 1, 2] {
        assert_eq!(sockets[who].1.hears("chat message").await, said);
    }
    for (by, method, path, body, told) in rows() {
        let caller = if by == "admin" { admin(&house) } else { client(&house, by) };
        let named = |text: &str| text.replace("ID", id);
        let body = serde_json::from_str(&named(&body.to_string())).expect("JSON");
        caller.does(method, &named(path), body).await;
        admin(&house).does("POST", "/rooms/fence/message", json!({"message": "that is all"})).await;
        for (who, socket) in &mut sockets {
            let wanted = told.iter().filter(|(whom, _)| whom.split(' ').any(|id| id == *who));
            let wanted: Vec<&str> = wanted.flat_map(|(_, lines)| lines.iter().copied()).collect();
            assert_eq!(heard(socket, id).await, wanted, "{who} of {by} {method} {path}");
        }
    }
}

/// A token of mira's that another emulator signed with the application's secret: nobody has it on record.
async fn signed_elsewhere(world: Value) -> String {
    let elsewhere = common::start(world).await;
    let signed = admin(&elsewhere).does("POST", "/auths/sign/v2", json!({"id": "mira", "nickname": "elsewhere"})).await;
    signed["token"].as_str().expect("a token").to_owned()
}

#[tokio::test]
async fn a_socket_ends_with_its_token_however_that_is_taken_back() {
    for (by, method, path, body) in [
        ("admin", "DELETE", "/admin/clients/mira/token", json!({})),
        ("admin", "DELETE", "/admin/clients/mira/token", json!({"token": "TOKEN"})),
        ("token", "POST", "/me/logout", Value::Null),
        ("mira", "POST", "/me/logout-others", Value::Null),
        ("admin", "PUT", "/admin/clients/mira/token", json!({"token": "the only one"})),
        ("admin", "POST", "/admin/clients", json!({"_id": "mira", "token": "the only one"})),
        ("admin", "POST", "/auths/sign/v2", json!({"id": "mira"})),
    ] {
        let mut world = world_with(json!({"single_token": true}));
        world["imkit"]["LocalApp"]["jwt_secret"] = json!("shared");
        world["imkit"]["LocalApp"]["clients"][0]["tokens"] = json!(["t-mira", "t-phone"]);
        for token in ["t-phone".to_owned(), signed_elsewhere(world.clone()).await] {
            let house = listening(world.clone()).await;
            let mut jonas = Socket::of(&house, "jonas").await;
            let mut phone = Socket::connect(&house).await;
            assert_eq!(phone.signs_in(&token).await["RC"], 0, "{token}");
            let body = serde_json::from_str(&body.to_string().replace("TOKEN", &token)).expect("JSON");
            let caller = match by {
                "admin" => admin(&house),
                "mira" => client(&house, "mira"),
                _ => client(&house, "mira").by_token(&token),
            };
            caller.does(method, path, body).await;
            assert_eq!(phone.next().await, Next::Dismissed);
            client(&house, "jonas").says("still here").await;
            assert_eq!(jonas.hears("chat message").await["message"], "still here");
        }
    }
}
