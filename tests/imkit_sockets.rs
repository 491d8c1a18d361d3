//! IMKIT's sockets as clients use them: signing in, sending, and being told of what concerns them.

mod common;
#[path = "common/imkit.rs"]
mod imkit;
mod sockets;

use common::House;
use imkit::{admin, client, members, world, world_with};
use serde_json::{Value, json};
use sockets::{Next, Socket, decoded, listening};

#[tokio::test]
async fn the_transport_says_how_it_wants_to_be_spoken_to() {
    let house = listening(world()).await;
    for target in ["/socket.io/?EIO=4&transport=websocket", "/socket.io?EIO=4&transport=websocket"] {
        let socket = Socket::open(&house, target).await;
        let opened = socket.opened;
        assert_eq!((&opened["pingInterval"], &opened["pingTimeout"]), (&json!(10_000), &json!(20_000)));
        assert_eq!((&opened["maxPayload"], &opened["upgrades"]), (&json!(1024 * 1024), &json!([])));
    }
}

#[tokio::test]
async fn signing_in_tells_who_one_is_and_leaves_its_marks_on_the_client() {
    let house = listening(world()).await;
    let mut socket = Socket::connect(&house).await;
    let answer = socket.signs_in("t-mira").await;
    assert_eq!(answer.to_string(), r#"{"RC":0,"RM":"OK","result":{"client":"mira"}}"#);
    let me = admin(&house).does("POST", "/admin/clients", json!({"_id": "mira"})).await;
    assert_eq!((&me["userAgent"], &me["lastLoginTimeMS"]), (&json!("test/1"), &json!(1_767_603_600_000_i64)));
    let address = &me["address"];
    assert_eq!((&address["family"], &address["address"]), (&json!("IPv4"), &json!("127.0.0.1")));
    assert!(address["port"].is_u64(), "{address}");
    let names: Vec<&String> = address.as_object().expect("an object").keys().collect();
    assert_eq!(names, ["port", "family", "address"]);
    let exchange = house.journal("operation=imkit.sockets.auth2").await;
    assert_eq!(exchange.len(), 1);
    assert_eq!(exchange[0]["reply"]["body"], answer);
    let state = house.state().await;
    house.control("PUT", "state", state.clone()).await;
    assert_eq!(house.state().await, state);
}

#[tokio::test]
async fn every_documented_way_of_signing_in_is_taken() {
    let house = listening(world()).await;
    let ways = [
        ("auth2", json!(["t-mira", {"CLIENT_KEY": "ck", "Authorization": "t-mira"}])),
        ("auth2", json!(["t-mira", {"IM-CLIENT-KEY": "ck", "IM-Authorization": "t-mira"}])),
        ("auth2", json!([null, {"IM-CLIENT-KEY": "ck", "IM-Authorization": "t-mira"}])),
        ("auth2", json!(["t-mira", "device-7"])),
        ("auth2", json!(["Bearer t-mira", {"CLIENT_KEY": "ck"}])),
        ("auth2", json!(["t-mira", null])),
        ("auth", json!(["t-mira", "device-7"])),
        ("auth", json!(["t-mira"])),
    ];
    for (event, args) in ways {
        let mut socket = Socket::connect(&house).await;
        let answer = socket.asks(event, args.clone()).await;
        assert_eq!(answer, json!({"RC": 0, "RM": "OK", "result": {"client": "mira"}}), "{event} {args}");
    }
}

#[tokio::test]
async fn who_has_no_valid_token_is_told_so_and_hears_nothing() {
    let house = listening(world()).await;
    let refused = [
        (json!(["t-nobody", {"CLIENT_KEY": "ck"}]), 401, "INVALID_TOKEN"),
        (json!([null, {"CLIENT_KEY": "ck"}]), 401, "INVALID_TOKEN"),
        (json!([{"token": "t-mira"}, {"CLIENT_KEY": "ck"}]), 401, "INVALID_TOKEN"),
        (json!(["t-nobody"]), 401, "MISSING_CLIENT_KEY"),
        (json!([]), 401, "MISSING_CLIENT_KEY"),
        (json!(["t-mira", {"CLIENT_KEY": "ak"}]), 403, "INVALID_CLIENT_KEY"),
    ];
    let mut jonas = Socket::of(&house, "jonas").await;
    let mut mira = Socket::connect(&house).await;
    for (args, status, code) in refused {
        let answer = mira.asks("auth2", args.clone()).await;
        assert_eq!((&answer["RC"], &answer["error"]["code"]), (&json!(status), &json!(code)), "{args}");
    }
    let early = mira.asks("chat message", json!([{"room": "tea", "message": "too early"}])).await;
    assert_eq!((&early["RC"], &early["error"]["code"]), (&json!(401), &json!("INVALID_TOKEN")));
    client(&house, "jonas").says("nobody else is here").await;
    jonas.hears("chat message").await;
    mira.signs_in("t-mira").await;
    client(&house, "jonas").says("now she is").await;
    assert_eq!(mira.hears("chat message").await["message"], "now she is");
}

#[tokio::test]
async fn a_message_goes_to_all_members_however_it_was_sent() {
    let house = listening(world()).await;
    let (mut mira, mut jonas) = (Socket::of(&house, "mira").await, Socket::of(&house, "jonas").await);
    let mut okello = Socket::of(&house, "okello").await;
    let answer = mira.asks("chat message", json!([{"room": "tea", "message": "hello", "mentions": ["jonas"]}])).await;
    assert_eq!((&answer["RC"], &answer["RM"]), (&json!(0), &json!("OK")));
    let shown = r#"{"reactions":[],"_id":"ID","room":"tea","messageType":"text","sender":{"_id":"mira","nickname":"Mira","userAgent":"#;
    let said = &answer["result"];
    let text = said.to_string().replace(said["_id"].as_str().expect("an id"), "ID");
    assert!(text.starts_with(&shown.replace(r#","userAgent":"#, ",\"id\":\"mira\"")), "{text}");
    assert_eq!((&mira.hears("chat message").await, &jonas.hears("chat message").await), (said, said));
    let over_http = client(&house, "jonas").says("and back").await;
    assert_eq!((mira.hears("chat message").await, jonas.hears("chat message").await), (over_http.clone(), over_http));
    let listed = client(&house, "mira").sees("/rooms/tea/messages/v3").await;
    assert_eq!((&listed["totalCount"], &listed["data"][1]), (&json!(2), said));
    admin(&house).does("POST", "/rooms/tea/members", json!({"invitees": ["okello"]})).await;
    assert_eq!(members(&okello.hears("room").await), ["mira", "jonas", "okello"]);
}

#[tokio::test]
async fn a_call_over_a_socket_has_the_rules_and_the_journal_of_one_over_http() {
    let house = listening(world()).await;
    let mut okello = Socket::of(&house, "okello").await;
    let refused = [
        (json!([{"room": "tea", "message": "let me in"}]), 403, "NOT_ROOM_MEMBER"),
        (json!([{"room": "no such room", "message": "x"}]), 403, "NOT_ROOM_MEMBER"),
        (json!([{"room": "tea"}]), 400, "MISSING_PARAMETER"),
        (json!([{"message": "where?"}]), 400, "MISSING_PARAMETER"),
        (json!(["neither JSON nor Base64"]), 400, "MISSING_PARAMETER"),
        (json!([]), 400, "MISSING_PARAMETER"),
        (json!([{"room": "tea", "message": "x", "mentions": 7}]), 400, "INVALID_REQUEST"),
    ];
    for (args, status, code) in refused {
        let answer = okello.asks("chat message", args.clone()).await;
        assert_eq!((&answer["RC"], &answer["error"]["code"]), (&json!(status), &json!(code)), "{args}");
        assert!(answer.get("result").is_none());
    }
    let exchanges = house.journal("operation=imkit.messages.send_message").await;
    let paths: Vec<&Value> = exchanges.iter().map(|entry| &entry["request"]["path"]).collect();
    assert_eq!(
        paths,
        ["/rooms/tea/message", "/rooms/no%20such%20room/message", "/rooms/tea/message", "/rooms/tea/message"]
    );
    assert!(exchanges.iter().all(|entry| entry["why"].is_string()), "{exchanges:?}");
}

#[tokio::test]
async fn messages_of_one_socket_are_taken_in_their_order() {
    let house = listening(world()).await;
    let (mut mira, mut jonas) = (Socket::of(&house, "mira").await, Socket::of(&house, "jonas").await);
    for number in 0..300 {
        mira.tells("chat message", json!([{"room": "tea", "message": number}])).await;
    }
    for number in 0..300 {
        assert_eq!(jonas.hears("chat message").await["message"], json!(number));
    }
}

#[tokio::test]
async fn a_removal_is_told_to_those_who_stay_and_those_who_go_each_in_its_way() {
    let house = listening(world()).await;
    let mira = client(&house, "mira");
    mira.adds(json!({"invitees": ["okello", "nadia"]})).await;
    let (mut jonas, mut okello) = (Socket::of(&house, "jonas").await, Socket::of(&house, "okello").await);
    mira.removes(json!({"members": ["okello", "mira"], "systemMessage": true})).await;
    for kind in ["deleteMember", "leaveRoom"] {
        let (stays, goes) = (jonas.hears("chat message").await, okello.hears("chat message").await);
        assert_eq!((&stays["messageType"], &goes), (&json!(kind), &stays));
    }
    // Once, although one was removed and another left.
    assert_eq!(members(&jonas.hears("room").await), ["jonas", "nadia"]);
    admin(&house).does("POST", "/rooms/pair/members", json!({"invitees": ["okello"]})).await;
    assert_eq!(
        (&okello.hears("room").await["_id"], &jonas.hears("room").await["_id"]),
        (&json!("pair"), &json!("pair"))
    );
}

#[tokio::test]
async fn adding_is_told_by_its_message_and_then_by_the_room() {
    let house = listening(world()).await;
    let (mut jonas, mut okello) = (Socket::of(&house, "jonas").await, Socket::of(&house, "okello").await);
    let added = client(&house, "mira").adds(json!({"invitees": ["okello"], "systemMessage": true})).await;
    for socket in [&mut jonas, &mut okello] {
        let message = socket.hears("chat message").await;
        assert_eq!(
            (&message["messageType"], &message["extra"]["invitees"][0]["_id"]),
            (&json!("addMembers"), &json!("okello"))
        );
        assert_eq!(socket.hears("room").await, added);
    }
}

#[tokio::test]
async fn an_invitation_and_its_end_are_told_to_the_invited_alone() {
    let house = listening(world_with(json!({"invitation_required": true}))).await;
    let (mut jonas, mut okello) = (Socket::of(&house, "jonas").await, Socket::of(&house, "okello").await);
    let mira = client(&house, "mira");
    mira.adds(json!({"invitees": ["okello", "nadia"]})).await;
    let invitation = okello.hears("invitation").await;
    let names: Vec<&String> = invitation.as_object().expect("an object").keys().collect();
    assert_eq!(names, ["invitee", "inviter", "room", "createdAt", "updatedAt", "createdTimeMS", "updatedTimeMS"]);
    assert_eq!((&invitation["invitee"]["_id"], &invitation["inviter"]["_id"]), (&json!("okello"), &json!("mira")));
    assert_eq!((&invitation["room"]["_id"], &invitation["room"]["appID"]), (&json!("tea"), &json!("LocalApp")));
    assert_eq!(invitation["createdAt"], "2026-01-05T09:00:00.000Z");
    mira.does("POST", "/rooms/tea/delete/invitations", json!({"invitees": ["okello"]})).await;
    assert_eq!(okello.hears("cancelInvitation").await, json!({"room": "tea"}));
    // The first that a member hears is the message of the end.
    assert_eq!(jonas.hears("chat message").await["messageType"], "cancelInvitations");
}

#[tokio::test]
async fn payloads_are_base64_once_that_was_asked_for() {
    let house = listening(world()).await;
    let (mut mira, mut jonas) = (Socket::connect(&house).await, Socket::of(&house, "jonas").await);
    let ok = json!({"RC": 0, "RM": "OK", "result": {}});
    assert_eq!(mira.asks("conf", json!([{"encoding": "base64"}])).await, ok);
    let answer = mira.signs_in("t-mira").await;
    assert_eq!(decoded(&answer), json!({"RC": 0, "RM": "OK", "result": {"client": "mira"}}));
    let said = mira.asks("chat message", json!([{"room": "tea", "message": "茶"}])).await["result"].clone();
    assert_eq!((decoded(&mira.hears("chat message").await), jonas.hears("chat message").await), (said.clone(), said));
    let encoded = {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.encode(r#"{"room":"tea","message":"packed"}"#)
    };
    let said = mira.asks("chat message", json!([encoded])).await;
    assert_eq!(said["result"]["message"], "packed");
    let refused = mira.signs_in("t-nobody").await;
    assert_eq!(decoded(&refused)["RC"], 401);
}

#[tokio::test]
async fn an_encoding_that_nobody_knows_is_refused() {
    let house = listening(world()).await;
    let mut mira = Socket::of(&house, "mira").await;
    for args in [json!([{"encoding": "rot13"}]), json!([{}]), json!([]), json!(["base64"])] {
        let answer = mira.asks("conf", args.clone()).await;
        assert_eq!((&answer["RC"], &answer["error"]["code"]), (&json!(400), &json!("INVALID_REQUEST")), "{args}");
    }
    assert_eq!(mira.asks("conf", json!([{"encoding": "custom"}])).await["RC"], 0);
    client(&house, "jonas").says("plain").await;
    assert_eq!(mira.hears("chat message").await["message"], "plain");
}

#[tokio::test]
async fn every_socket_of_a_client_is_told_and_no_other_application_is() {
    let mut two = world();
    two["imkit"]["Other"] = json!({"client_keys": ["ok"], "clients": [{"_id": "mira", "tokens": ["o-mira"]}],
        "rooms": [{"_id": "tea", "members": ["mira"]}]});
    let house = listening(two).await;
    let (mut one, mut two) = (Socket::of(&house, "mira").await, Socket::of(&house, "mira").await);
    let mut other = Socket::connect(&house).await;
    assert_eq!(other.asks("auth2", json!(["o-mira", {"CLIENT_KEY": "ok"}])).await["RC"], 0);
    client(&house, "jonas").says("hello").await;
    assert_eq!(one.hears("chat message").await, two.hears("chat message").await);
    other.asks("chat message", json!([{"room": "tea", "message": "elsewhere"}])).await;
    assert_eq!(other.hears("chat message").await["message"], "elsewhere");
}

#[tokio::test]
async fn signing_in_again_as_another_is_being_another() {
    let house = listening(world()).await;
    let (mut socket, mut jonas) = (Socket::of(&house, "okello").await, Socket::of(&house, "jonas").await);
    assert_eq!(socket.signs_in("t-nobody").await["RC"], 401);
    assert_eq!(socket.signs_in("t-mira").await["result"]["client"], "mira");
    let said = socket.asks("chat message", json!([{"room": "tea", "message": "I am mira"}])).await;
    assert_eq!(said["result"]["sender"]["_id"], "mira");
    jonas.hears("chat message").await;
    assert_eq!(socket.hears("chat message").await["sender"]["_id"], "mira");
}

/// Whether the sockets are gone by themselves.
async fn ends(house: &House, sockets: &mut [Socket]) {
    for socket in sockets {
        assert_eq!(socket.next().await, Next::Cut);
    }
    let mut again = Socket::connect(house).await;
    again.signs_in("t-mira").await;
}

#[tokio::test]
async fn a_reset_and_a_new_world_cut_every_socket_that_is_signed_in() {
    let house = listening(world()).await;
    for (method, path, body) in [
        ("POST", "reset", json!({})),
        ("POST", "reset", json!({"tenant": {"imkit": "LocalApp"}})),
        ("PUT", "state", world()),
        ("DELETE", "tenants/imkit/LocalApp", Value::Null),
    ] {
        let mut sockets = [Socket::of(&house, "mira").await, Socket::of(&house, "jonas").await];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        house.control(method, path, body.as_str()).await;
        ends(&house, &mut sockets).await;
    }
}

#[tokio::test]
async fn a_stop_closes_sockets_at_once() {
    let house = listening(world()).await;
    let mut signed_in = Socket::of(&house, "mira").await;
    let mut connected = Socket::connect(&house).await;
    let mut opened = Socket::open(&house, "/socket.io/?EIO=4&transport=websocket").await;
    house.emulator.stop().await;
    for socket in [&mut signed_in, &mut connected, &mut opened] {
        assert_eq!(socket.next().await, Next::Cut);
    }
}

#[tokio::test]
async fn a_client_that_is_replaced_without_its_token_is_let_go() {
    let house = listening(world()).await;
    let (mut mira, mut jonas) = (Socket::of(&house, "mira").await, Socket::of(&house, "jonas").await);
    let replaced = json!({"imulator": 1, "imkit": {"LocalApp": {"clients": [{"_id": "mira", "tokens": ["new"]}]}}});
    house.control("POST", "seed", replaced).await;
    assert_eq!(mira.next().await, Next::Dismissed);
    assert_eq!(mira.next().await, Next::Cut);
    client(&house, "jonas").says("still here").await;
    assert_eq!(jonas.hears("chat message").await["message"], "still here");
}

/// A room `hall` of mira, jonas and so many others.
fn hall(others: usize) -> Value {
    let mut world = world();
    let mut members = vec![json!("mira"), json!("jonas")];
    members.extend((0..others).map(|number| json!(format!("m{number}"))));
    world["imkit"]["LocalApp"]["rooms"]
        .as_array_mut()
        .expect("a list")
        .push(json!({"_id": "hall", "members": members}));
    world
}

#[tokio::test]
async fn in_a_room_of_many_those_who_are_connected_are_told_and_so_are_those_who_are_removed() {
    let house = listening(hall(10_000)).await;
    let mut outsider = Socket::of(&house, "nadia").await;
    let (mut mira, mut jonas) = (Socket::of(&house, "mira").await, Socket::of(&house, "jonas").await);
    let said = mira.asks("chat message", json!([{"room": "hall", "message": "hello, all"}])).await["result"].clone();
    assert_eq!((mira.hears("chat message").await, jonas.hears("chat message").await), (said.clone(), said));
    let gone = json!({"members": ["jonas"], "systemMessage": true});
    client(&house, "mira").does("POST", "/rooms/hall/delete/members", gone).await;
    for socket in [&mut mira, &mut jonas] {
        assert_eq!(socket.hears("chat message").await["messageType"], "deleteMember");
    }
    assert_eq!(mira.hears("room").await["members"].as_array().map(Vec::len), Some(1));
    // Neither who was removed nor who never was inside hears of the room again; both hear of another.
    client(&house, "mira").does("POST", "/rooms/hall/message", json!({"message": "among ourselves"})).await;
    client(&house, "mira").adds(json!({"invitees": ["nadia"]})).await;
    assert_eq!(jonas.hears("room").await["_id"], "tea");
    assert_eq!(outsider.hears("room").await["_id"], "tea");
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_cut_and_holds_nobody_up() {
    let house = listening(world()).await;
    let mut stuck = Socket::of(&house, "jonas").await;
    let mut mira = Socket::of(&house, "mira").await;
    let long = "x".repeat(900_000);
    for _ in 0..40 {
        client(&house, "jonas").says(&long).await;
        mira.hears("chat message").await;
    }
    let mut taken = 0;
    while stuck.next().await != Next::Cut {
        taken += 1;
    }
    assert!(taken < 40, "it took all");
    Socket::of(&house, "jonas").await;
}

#[tokio::test]
async fn a_message_larger_than_announced_ends_its_socket_alone() {
    let house = listening(world()).await;
    let (mut mira, mut jonas) = (Socket::of(&house, "mira").await, Socket::of(&house, "jonas").await);
    mira.tells("chat message", json!([{"room": "tea", "message": "x".repeat(1024 * 1024)}])).await;
    assert_eq!(mira.next().await, Next::Cut);
    client(&house, "jonas").says("short").await;
    assert_eq!(jonas.hears("chat message").await["message"], "short");
}

#[tokio::test]
async fn what_is_no_socket_io_does_no_harm() {
    let house = listening(world()).await;
    for nonsense in
        ["", "9", "4", "49", "42", "42{}", "42[]", "42[7]", "42[\"chat message\"", "451-[\"conf\"]", "43[]", "44\"x\""]
    {
        let mut socket = Socket::of(&house, "mira").await;
        socket.send(nonsense).await;
    }
    let mut mira = Socket::of(&house, "mira").await;
    mira.send("42[\"no such event\",1,2,3,4,5,6,7,8]").await;
    let answer = mira.asks("chat message", json!([{"room": "tea", "message": "still here"}, 1, 2, 3, 4, 5, 6])).await;
    assert_eq!(answer["RC"], 0);
}

#[tokio::test]
async fn typing_and_reading_are_told_to_the_others_alone() {
    let house = listening(world()).await;
    let (mut mira, mut jonas) = (Socket::of(&house, "mira").await, Socket::of(&house, "jonas").await);
    mira.tells("typing", json!(["tea", "hel"])).await;
    let typing = jonas.hears("typing").await;
    assert_eq!(
        (&typing["room"], &typing["message"], &typing["sender"]),
        (&json!("tea"), &json!("hel"), &json!("mira"))
    );
    assert_eq!(typing["senderInfo"]["_id"], "mira");
    let said = client(&house, "mira").says("hello").await;
    assert_eq!((mira.hears("chat message").await, jonas.hears("chat message").await), (said.clone(), said.clone()));
    client(&house, "jonas").does("PUT", "/rooms/tea/lastRead", json!({"message": said["_id"]})).await;
    let read = mira.hears("lastRead").await;
    assert_eq!(read, json!({"roomID": "tea", "messageID": said["_id"], "memberID": "jonas"}));
    client(&house, "mira").says("again").await;
    jonas.hears("chat message").await;
}
