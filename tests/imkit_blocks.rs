//! IMKIT's blocks: between the two of a direct chat, and bans in rooms; and who may join a direct room.

mod common;
#[path = "common/imkit.rs"]
mod imkit;

use common::{House, start};
use imkit::{admin, client, members, tea, world};
use serde_json::{Value, json};

/// The pair of mira and okello, as 1.7 computes it.
fn pair() -> String {
    imulator::api::imkit::rooms::pair_id("mira", "okello").to_string()
}

/// The small world with an owner of `tea`.
async fn owned() -> House {
    let mut world = world();
    world["imkit"]["LocalApp"]["rooms"][0]["owner"] = json!("mira");
    world["imkit"]["LocalApp"]["rooms"][0]["managers"] = json!(["jonas"]);
    start(world).await
}

async fn survives_being_put_back(house: &House) {
    let state = house.state().await;
    house.control("PUT", "state", state.clone()).await;
    assert_eq!(house.state().await, state);
}

#[tokio::test]
async fn blocking_makes_the_direct_room_and_silences_both() {
    let house = tea().await;
    let (mira, okello) = (client(&house, "mira"), client(&house, "okello"));
    let block = mira.does("POST", "/blockStatus/my/okello", Value::Null).await;
    let now = "2026-01-05T09:00:00.000Z";
    let blockee =
        json!({"_id": "okello", "nickname": "Okello", "id": "okello", "lastLoginTimeMS": 1_767_603_600_000_i64});
    let wanted = json!({"appID": "LocalApp", "blockee": blockee, "blocker": "mira", "room": pair(), "createdAt": now, "updatedAt": now});
    assert_eq!(block.to_string(), wanted.to_string());
    let room = format!("/rooms/{}", pair());
    assert_eq!(members(&mira.sees(&room).await), ["mira", "okello"]);
    for one in [&mira, &okello] {
        assert_eq!(one.fails("POST", &format!("{room}/message"), json!({"message": "hi"})).await, "403 USER_BLOCKED");
    }
    mira.says("elsewhere they speak").await;
    admin(&house).does("POST", &format!("{room}/message"), json!({"message": "hi"})).await;
    let (hers, his) = (mira.sees(&room).await, okello.sees(&room).await);
    assert_eq!(
        (&hers["didBlockAt"], &hers["didBlockAtMS"], hers.get("wasBlockedAt")),
        (&json!(now), &json!(1_767_603_600_000_i64), None)
    );
    assert_eq!(
        (his.get("didBlockAt"), &his["wasBlockedAt"], &his["wasBlockedAtMS"]),
        (None, &json!(now), &json!(1_767_603_600_000_i64))
    );
    assert_eq!(okello.sees("/rooms").await["data"][0]["wasBlockedAt"], now);
    survives_being_put_back(&house).await;
    client(&house, "mira").does("DELETE", "/blockStatus/my/okello", Value::Null).await;
    client(&house, "okello").does("POST", &format!("{room}/message"), json!({"message": "hi"})).await;
}

#[tokio::test]
async fn who_is_blocked_is_silent_by_every_call_and_the_platform_is_not() {
    let house = tea().await;
    let (mira, jonas) = (client(&house, "mira"), client(&house, "jonas"));
    let said = mira.does("POST", "/rooms/pair/message", json!({"message": "0"})).await;
    mira.does("POST", "/rooms/pair/message", json!({"message": "1"})).await;
    let ban = json!([{"blocker": "jonas", "blockee": "mira"}]);
    let mut state = house.state().await;
    let rooms = state["imkit"]["LocalApp"]["rooms"].as_array_mut().expect("rooms");
    rooms.iter_mut().find(|room| room["_id"] == "pair").expect("the pair")["blocks"] = ban;
    house.control("PUT", "state", state).await;
    let edit = json!({"_id": said["_id"], "message": "x"});
    for (who, body) in [(&mira, json!({"message": "x"})), (&mira, edit), (&jonas, json!({"message": "x"}))] {
        assert_eq!(who.fails("POST", "/rooms/pair/message", body).await, "403 USER_BLOCKED");
    }
    for who in [&mira, &jonas] {
        let batch = json!({"message": "x", "paras": [{"room": "pair"}]});
        who.does("POST", "/messages/batch", batch).await;
    }
    let as_mira = json!({"room": "pair", "sender": "mira", "messageType": "text", "message": "2"});
    admin(&house).does("POST", "/messages", as_mira).await;
    let page = mira.sees("/rooms/pair/messages/v3?sortOrder=asc").await;
    let texts: Vec<&Value> = page["data"].as_array().expect("messages").iter().map(|one| &one["message"]).collect();
    assert_eq!(texts, ["0", "1", "2"]);
}

#[tokio::test]
async fn blocking_again_renews_and_lists_show_the_room() {
    let house = tea().await;
    let mira = client(&house, "mira");
    mira.does("POST", "/blockStatus/my/okello", Value::Null).await;
    house.emulator.clock().advance(std::time::Duration::from_secs(1));
    let again = mira.does("POST", "/blockStatus/my/okello", Value::Null).await;
    assert_eq!(
        (&again["createdAt"], &again["updatedAt"]),
        (&json!("2026-01-05T09:00:00.000Z"), &json!("2026-01-05T09:00:01.000Z"))
    );
    mira.does("POST", "/blockStatus/room/tea/nadia", Value::Null).await;
    let list = mira.sees("/blockStatus/my").await["data"].clone();
    let room = json!({"_id": pair(), "roomType": "direct", "id": pair(), "createdTimeMS": 1_767_603_600_000_i64});
    assert_eq!((&list[0]["room"], &list[0]["blocker"]), (&room, &json!("mira")));
    assert_eq!((&list[1]["room"]["_id"], &list[1]["blockee"]["_id"]), (&json!("tea"), &json!("nadia")));
    assert_eq!(client(&house, "okello").sees("/blockStatus/my").await["data"], json!([]));
    survives_being_put_back(&house).await;
    assert_eq!(client(&house, "mira").sees("/blockStatus/my").await["data"], list);
}

#[tokio::test]
async fn blocks_that_cannot_be_are_refused() {
    let house = tea().await;
    let mira = client(&house, "mira");
    admin(&house).does("POST", "/admin/groups", json!({"_id": "crew", "nickname": "Crew"})).await;
    let before = house.state().await;
    for (method, path, refusal) in [
        ("POST", "/blockStatus/my/mira", "400 SELF_BLOCK_FORBIDDEN"),
        ("POST", "/blockStatus/my/ghost", "404 USER_NOT_FOUND"),
        ("POST", "/blockStatus/my/crew", "404 USER_NOT_FOUND"),
        ("DELETE", "/blockStatus/my/okello", "404 BLOCK_NOT_FOUND"),
        ("DELETE", "/blockStatus/my/ghost", "400 INVALID_USER_ID"),
        ("POST", "/blockStatus/room/tea/mira", "400 SELF_BLOCK_FORBIDDEN"),
        ("POST", "/blockStatus/room/tea/ghost", "404 ROOM_OR_USER_NOT_FOUND"),
        ("POST", "/blockStatus/room/none/okello", "404 ROOM_OR_USER_NOT_FOUND"),
        ("DELETE", "/blockStatus/room/tea/okello", "404 BLOCK_NOT_FOUND"),
        ("GET", "/blockStatus/room/none", "404 ROOM_NOT_FOUND"),
    ] {
        assert_eq!(mira.fails(method, path, Value::Null).await, refusal, "{method} {path}");
    }
    assert_eq!(admin(&house).fails("POST", "/blockStatus/my/okello", Value::Null).await, "400 MISSING_PARAMETER");
    assert_eq!(
        client(&house, "nadia").fails("POST", "/blockStatus/room/tea/okello", Value::Null).await,
        "403 NOT_ROOM_MEMBER"
    );
    assert_eq!(house.state().await, before);
}

#[tokio::test]
async fn who_is_banned_reads_but_neither_sends_nor_comes_in() {
    let house = owned().await;
    let (mira, jonas, okello) = (client(&house, "mira"), client(&house, "jonas"), client(&house, "okello"));
    let said = jonas.says("before").await;
    for who in ["jonas", "okello"] {
        mira.does("POST", &format!("/blockStatus/room/tea/{who}"), Value::Null).await;
    }
    assert_eq!(jonas.fails("POST", "/rooms/tea/message", json!({"message": "hi"})).await, "403 USER_BLOCKED");
    let change = json!({"_id": said["_id"], "message": "after"});
    assert_eq!(jonas.fails("POST", "/rooms/tea/message", change).await, "403 USER_BLOCKED");
    let room = jonas.sees("/rooms/tea").await;
    assert_eq!((&room["wasBlockedAt"], room.get("didBlockAt")), (&json!("2026-01-05T09:00:00.000Z"), None));
    assert!(mira.sees("/rooms/tea").await.get("didBlockAt").is_none(), "only in direct rooms");
    assert_eq!(okello.fails("POST", "/rooms/tea/join", json!({})).await, "403 USER_BLOCKED");
    assert_eq!(okello.fails("POST", "/rooms/createAndJoin", json!({"_id": "tea"})).await, "403 USER_BLOCKED");
    for by in [&mira, &admin(&house)] {
        for invited in [true, false] {
            let body = json!({"invitees": ["okello", "nadia"], "invitationRequired": invited});
            assert_eq!(by.fails("POST", "/rooms/tea/members", body).await, "403 USER_BLOCKED");
        }
    }
    mira.does("DELETE", "/blockStatus/room/tea/okello", Value::Null).await;
    assert_eq!(members(&okello.does("POST", "/rooms/tea/join", json!({})).await), ["mira", "jonas", "okello"]);
    assert_eq!(jonas.fails("POST", "/rooms/tea/message", json!({"message": "hi"})).await, "403 USER_BLOCKED");
    let events = house.events().await;
    let told: Vec<&Value> = events.iter().filter(|event| event["event"] == "banned").collect();
    assert_eq!(told.len(), 3);
    assert_eq!(told[2]["data"], json!({"members": ["okello"], "blocker": "mira", "blocked": false}));
    survives_being_put_back(&house).await;
}

#[tokio::test]
async fn in_a_room_with_an_owner_the_owner_and_the_administrator_ban() {
    let house = owned().await;
    let (mira, jonas, admin) = (client(&house, "mira"), client(&house, "jonas"), admin(&house));
    for (method, path) in [
        ("POST", "/blockStatus/room/tea/okello"),
        ("DELETE", "/blockStatus/room/tea/okello"),
        ("GET", "/blockStatus/room/tea"),
    ] {
        let answer = jonas.call(method, path, Value::Null).await;
        assert_eq!(imkit::refusal(&answer), "403 INSUFFICIENT_PERMISSIONS", "{method}");
        assert_eq!(answer.json()["RM"], "Access denied");
    }
    admin.does("POST", "/blockStatus/room/tea/okello", Value::Null).await;
    mira.does("POST", "/blockStatus/room/tea/jonas", Value::Null).await;
    let bans = mira.sees("/blockStatus/room/tea").await["data"].clone();
    assert_eq!((&bans[0]["blockee"]["_id"], &bans[0]["blocker"]), (&json!("okello"), &Value::Null));
    assert_eq!((&bans[1]["blockee"]["_id"], &bans[1]["blocker"]["_id"]), (&json!("jonas"), &json!("mira")));
    // Whoever banned: the owner ends the administrator's ban, and a second ban of the same client is the same ban.
    mira.does("POST", "/blockStatus/room/tea/okello", Value::Null).await;
    assert_eq!(mira.sees("/blockStatus/room/tea").await["data"].as_array().map(Vec::len), Some(2));
    mira.does("DELETE", "/blockStatus/room/tea/okello", Value::Null).await;
    assert_eq!(mira.sees("/blockStatus/room/tea").await["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn in_a_room_without_an_owner_any_member_bans() {
    let house = tea().await;
    let jonas = client(&house, "jonas");
    jonas.does("POST", "/blockStatus/room/tea/nadia", Value::Null).await;
    assert_eq!(client(&house, "nadia").fails("POST", "/rooms/tea/join", json!({})).await, "403 USER_BLOCKED");
    client(&house, "mira").does("DELETE", "/blockStatus/room/tea/nadia", Value::Null).await;
    client(&house, "nadia").does("POST", "/rooms/tea/join", json!({})).await;
}

#[tokio::test]
async fn blocks_go_with_their_room() {
    let house = tea().await;
    let mira = client(&house, "mira");
    mira.does("POST", "/blockStatus/room/tea/nadia", Value::Null).await;
    mira.does("DELETE", "/rooms/tea", json!({})).await;
    assert_eq!(mira.sees("/blockStatus/my").await["data"], json!([]));
}

#[tokio::test]
async fn a_third_in_a_direct_room_may_be_added_and_never_joins_by_itself() {
    let house = tea().await;
    let (mira, okello) = (client(&house, "mira"), client(&house, "okello"));
    assert_eq!(okello.fails("POST", "/rooms/pair/join", json!({})).await, "403 PERMISSION_DENIED");
    let room = mira.does("POST", "/rooms/pair/members", json!({"invitees": ["okello"]})).await;
    assert_eq!((members(&room).len(), &room["roomType"]), (3, &json!("direct")));
    okello.does("POST", "/rooms/pair/delete/members", json!({"members": ["okello"]})).await;
    assert_eq!(okello.fails("POST", "/rooms/pair/join", json!({})).await, "403 PERMISSION_DENIED");
    mira.does("POST", "/rooms/pair/delete/members", json!({"members": ["mira", "jonas"]})).await;
    survives_being_put_back(&house).await;
    assert_eq!(client(&house, "okello").fails("POST", "/rooms/pair/join", json!({})).await, "403 PERMISSION_DENIED");
    for who in ["jonas", "mira"] {
        client(&house, who).does("POST", "/rooms/pair/join", json!({})).await;
    }
}

#[tokio::test]
async fn the_first_two_of_a_direct_room_are_its_pair() {
    let house = tea().await;
    admin(&house).does("POST", "/rooms", json!({"_id": "den", "roomType": "direct"})).await;
    for who in ["nadia", "okello"] {
        client(&house, who).does("POST", "/rooms/den/join", json!({})).await;
    }
    assert_eq!(client(&house, "mira").fails("POST", "/rooms/den/join", json!({})).await, "403 PERMISSION_DENIED");
    // A room that becomes a group is open to all, and one that becomes direct has those who are inside.
    client(&house, "nadia").does("PUT", "/rooms/den", json!({"roomType": "group"})).await;
    client(&house, "mira").does("POST", "/rooms/den/join", json!({})).await;
    client(&house, "nadia").does("POST", "/rooms/den/delete/members", json!({"members": ["nadia"]})).await;
    client(&house, "mira").does("PUT", "/rooms/den", json!({"roomType": "direct"})).await;
    assert_eq!(client(&house, "nadia").fails("POST", "/rooms/den/join", json!({})).await, "403 PERMISSION_DENIED");
}

#[tokio::test]
async fn a_document_with_impossible_blocks_or_pairs_is_refused_with_their_paths() {
    let house = tea().await;
    let block = |blocker: &str, blockee: &str| json!({"blocker": blocker, "blockee": blockee});
    for (room, field, value, path) in [
        (0, "blocks", json!([block("mira", "")]), "rooms[0].blocks[0].blockee"),
        (0, "blocks", json!([block("mira", "mira")]), "rooms[0].blocks[0].blockee"),
        (0, "blocks", json!([block("mira", "okello"), block("mira", "okello")]), "rooms[0].blocks[1]"),
        (0, "blocks", json!([{"blockee": "okello", "until": 1}]), "rooms[0].blocks[0].until"),
        (0, "pair", json!(["mira", "jonas"]), "rooms[0].pair"),
        (1, "pair", json!(["mira", "jonas", "nadia"]), "rooms[1].pair"),
    ] {
        let mut document = world();
        document["imkit"]["LocalApp"]["rooms"][room][field] = value;
        let answer = house.call("PUT", "/_imulator/state", &[("host", "localhost")], document).await;
        assert_eq!(answer.json()["error"]["path"], format!("imkit.LocalApp.{path}"), "{}", answer.text);
    }
    // What a document says of blocks holds, its administrator's ban without a blocker among them.
    let mut document = world();
    document["imkit"]["LocalApp"]["rooms"][0]["blocks"] = json!([{"blockee": "jonas"}, block("mira", "nadia")]);
    document["imkit"]["LocalApp"]["rooms"][1]["pair"] = json!(["okello", "nadia"]);
    house.control("PUT", "state", document).await;
    let (mira, jonas) = (client(&house, "mira"), client(&house, "jonas"));
    assert_eq!(jonas.fails("POST", "/rooms/tea/message", json!({"message": "hi"})).await, "403 USER_BLOCKED");
    assert_eq!(mira.sees("/blockStatus/my").await["data"].as_array().map(Vec::len), Some(1));
    mira.does("POST", "/rooms/pair/delete/members", json!({"members": ["mira"]})).await;
    assert_eq!(mira.fails("POST", "/rooms/pair/join", json!({})).await, "403 PERMISSION_DENIED");
    survives_being_put_back(&house).await;
}
