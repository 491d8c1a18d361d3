//! IMKIT rooms as a whole: made, listed, changed, ended; and invitations to them.

mod common;
#[path = "common/imkit.rs"]
mod imkit;

use std::time::Duration;

use common::start;
use imkit::{admin, badges, client, members, tea, world_with};
use serde_json::{Value, json};

#[tokio::test]
async fn a_created_room_is_answered_raw_and_its_maker_is_not_in_it() {
    let house = tea().await;
    let body = json!({"_id": "b", "name": "Plan B", "roomType": "group", "cover": "https://img.example/b.png",
        "roomTags": ["work"], "members": ["jonas", "okello"]});
    let answer = client(&house, "mira").does("POST", "/rooms", body).await;
    let wanted = json!({"__v": 0, "appID": "LocalApp", "_id": "b", "members": ["jonas", "okello"], "name": "Plan B",
        "roomType": "group", "cover": "https://img.example/b.png", "roomTags": ["work"], "status": 1,
        "createdTimeMS": 1_767_603_600_000_i64, "id": "b"});
    assert_eq!(answer.to_string(), wanted.to_string());
    let again = json!({"_id": "b", "name": "Other", "members": ["nadia"]});
    let merged = admin(&house).does("POST", "/rooms", again).await;
    assert_eq!((&merged["name"], &merged["members"]), (&json!("Plan B"), &json!(["jonas", "okello", "nadia"])));
    let raid = json!({"_id": "b", "members": ["mira"]});
    assert_eq!(client(&house, "mira").fails("POST", "/rooms", raid).await, "403 NOT_ROOM_MEMBER");
}

#[tokio::test]
async fn ids_are_generated_and_a_pair_has_one_direct_room() {
    let house = tea().await;
    let all = admin(&house);
    for id in ["aaa", "ccc", "ddd"] {
        all.does("POST", "/admin/clients", json!({"_id": id, "token": format!("t-{id}")})).await;
    }
    let room = all.does("POST", "/rooms", json!({"_id": "", "roomType": "direct", "members": ["ccc", "aaa"]})).await;
    assert_eq!(room["_id"], "2bec603e94a210092439e83ff2d79ac1");
    let body = json!({"roomType": "direct", "invitee": "ddd", "invitationRequired": true});
    let room = client(&house, "aaa").does("POST", "/rooms/createAndJoin", body.clone()).await;
    assert_eq!(
        (&room["_id"], members(&room)),
        (&json!("8ab6c2ec1f2ee3f7d46cea03bdca4c9b"), vec!["aaa".into(), "ddd".into()])
    );
    let again = client(&house, "ddd")
        .does("POST", "/rooms/createAndJoin", json!({"roomType": "direct", "invitee": "aaa"}))
        .await;
    assert_eq!(again["_id"], room["_id"]);
    let room = all.does("POST", "/rooms", json!({"roomType": "group"})).await;
    let id = room["_id"].as_str().expect("an id");
    assert!(id.len() == 24 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    assert_eq!(all.fails("POST", "/rooms", json!({"roomType": "choir"})).await, "400 INVALID_REQUEST");
    assert_eq!(all.fails("POST", "/rooms", json!({"members": ["nobody"]})).await, "404 CLIENT_NOT_FOUND");
    assert_eq!(all.fails("POST", "/rooms", json!({"owner": "nobody"})).await, "404 CLIENT_NOT_FOUND");
}

#[tokio::test]
async fn create_and_join_brings_others_along_and_finds_the_room_again() {
    let house = tea().await;
    let nadia = client(&house, "nadia");
    let body = json!({"_id": "plan", "name": "Plan", "roomType": "group", "invitee": ["mira", "jonas"], "systemMessage": true});
    let room = nadia.does("POST", "/rooms/createAndJoin", body).await;
    assert_eq!(
        (members(&room), &room["lastMessage"]["message"]),
        (vec!["nadia".into(), "mira".into(), "jonas".into()], &json!("Mira, Jonas"))
    );
    assert_eq!(badges(&room), ["nadia 0", "mira 1", "jonas 1"]);
    let body = json!({"_id": "plan", "name": "Other", "invitee": "nadia", "systemMessage": true});
    let found = client(&house, "okello").does("POST", "/rooms/createAndJoin", body).await;
    assert_eq!(
        (members(&found).len(), &found["name"], &found["lastMessage"]["_id"]),
        (4, &json!("Plan"), &room["lastMessage"]["_id"])
    );
    let body = json!({"_id": "quiet", "roomType": "group", "invitee": ["mira"], "invitationRequired": true, "systemMessage": true});
    let quiet = nadia.does("POST", "/rooms/createAndJoin", body).await;
    assert_eq!((members(&quiet), quiet.get("lastMessage")), (vec!["nadia".into()], None));
    assert_eq!(client(&house, "mira").sees("/rooms/invitations").await["data"][0]["room"]["_id"], "quiet");
    assert_eq!(nadia.fails("POST", "/rooms/createAndJoin", json!({"invitee": ["x"]})).await, "404 CLIENT_NOT_FOUND");
}

#[tokio::test]
async fn joining_accepts_every_invitation_and_tells_if_asked() {
    let house = tea().await;
    let (mira, jonas, okello) = (client(&house, "mira"), client(&house, "jonas"), client(&house, "okello"));
    let invite = json!({"invitees": ["okello"], "invitationRequired": true});
    mira.adds(invite.clone()).await;
    jonas.adds(invite).await;
    assert_eq!(okello.sees("/rooms/invitations").await["totalCount"], 2);
    let room = okello.does("POST", "/rooms/tea/join", json!({"systemMessage": true})).await;
    assert_eq!(
        (&room["lastMessage"]["messageType"], &room["lastMessage"]["sender"]["_id"]),
        (&json!("joinRoom"), &json!("okello"))
    );
    assert_eq!(okello.sees("/rooms/invitations").await["totalCount"], 0);
    let events = house.events().await.len();
    okello.does("POST", "/rooms/tea/join", json!({"systemMessage": true})).await;
    assert_eq!(house.events().await.len(), events, "joining twice changes nothing");
    assert_eq!(client(&house, "nadia").fails("POST", "/rooms/pair/join", Value::Null).await, "403 PERMISSION_DENIED");
    assert_eq!(admin(&house).fails("POST", "/rooms/tea/join", Value::Null).await, "400 MISSING_PARAMETER");
    mira.does("DELETE", "/rooms/pair/members/mira", Value::Null).await;
    mira.does("POST", "/rooms/pair/join", Value::Null).await;
}

#[tokio::test]
async fn where_invitations_are_required_nobody_joins_without_one() {
    let house = start(world_with(json!({"invitation_required": true}))).await;
    let nadia = client(&house, "nadia");
    assert_eq!(nadia.fails("POST", "/rooms/tea/join", Value::Null).await, "403 INVITATION_REQUIRED");
    client(&house, "mira").adds(json!({"invitees": ["nadia"]})).await;
    nadia.does("POST", "/rooms/tea/join", Value::Null).await;
}

#[tokio::test]
async fn invitations_are_listed_refreshed_declined_and_cancelled() {
    let house = tea().await;
    let (mira, okello) = (client(&house, "mira"), client(&house, "okello"));
    let invite = json!({"invitees": ["okello", "nadia"], "invitationRequired": true});
    mira.adds(invite.clone()).await;
    house.emulator.clock().advance(Duration::from_secs(90));
    mira.adds(invite).await;
    let list = mira.sees("/rooms/tea/invitations").await;
    assert_eq!(list["totalCount"], 2);
    assert_eq!(
        list["data"][0]["invitee"],
        json!({"_id": "okello", "nickname": "Okello", "id": "okello", "lastLoginTimeMS": 0})
    );
    assert_eq!(
        (&list["data"][0]["createdAt"], &list["data"][0]["updatedAt"]),
        (&json!("2026-01-05T09:00:00.000Z"), &json!("2026-01-05T09:01:30.000Z"))
    );
    let mine = okello.sees("/rooms/invitations").await;
    let invitation = &mine["data"][0];
    assert_eq!(
        (&invitation["inviter"]["_id"], invitation.get("invitee"), &invitation["room"]["appID"]),
        (&json!("mira"), None, &json!("LocalApp"))
    );
    assert_eq!(okello.does("DELETE", "/rooms/tea/invitations", json!({})).await, json!({"totalCount": 0, "data": []}));
    okello.does("DELETE", "/rooms/tea/invitations", Value::Null).await;
    assert_eq!(okello.fails("DELETE", "/rooms/none/invitations", Value::Null).await, "404 ROOM_NOT_FOUND");
    assert_eq!(mira.sees("/rooms/tea").await.get("lastMessage"), None);
    let rest = mira.does("POST", "/rooms/tea/delete/invitations", json!({"invitees": ["nadia", "okello"]})).await;
    assert_eq!(rest, json!({"totalCount": 0, "data": []}));
    let last = mira.sees("/rooms/tea").await["lastMessage"].clone();
    assert_eq!((&last["messageType"], &last["message"]), (&json!("cancelInvitations"), &json!("Nadia")));
    mira.does("DELETE", "/rooms/tea/invitations/nadia", Value::Null).await;
    assert_eq!(mira.sees("/rooms/tea").await["lastMessage"]["_id"], last["_id"], "nothing to cancel, nothing to tell");
    assert_eq!(
        client(&house, "nadia").fails("POST", "/rooms/tea/delete/invitations", json!({"invitees": []})).await,
        "403 NOT_ROOM_MEMBER"
    );
}

#[tokio::test]
async fn rooms_are_listed_sorted_filtered_and_cut() {
    let house = tea().await;
    let (mira, all) = (client(&house, "mira"), admin(&house));
    all.does(
        "POST",
        "/rooms",
        json!({"_id": "late", "name": "Late", "roomTags": ["green", "late"], "members": ["mira"]}),
    )
    .await;
    client(&house, "jonas").says("hello").await;
    let ids = |page: &Value| -> Vec<String> {
        let rooms = page["data"].as_array().expect("a list").iter();
        rooms.map(|room| room["_id"].as_str().expect("an id").to_owned()).collect()
    };
    let page = mira.sees("/rooms").await;
    assert_eq!(page["inspect"], json!({"query": {"appID": "LocalApp", "members": "mira", "status": 1}, "tookMS": 0}));
    assert_eq!((ids(&page).len(), &page["totalCount"]), (3, &json!(3)));
    let cases = [
        ("sort=-createdTime", vec!["late", "pair", "tea"]),
        ("sort=-lastMessage%20createdTime", vec!["tea", "pair", "late"]),
        ("sort=createdTime&sortUnreadFirst=1", vec!["tea", "pair", "late"]),
        ("sort=createdTime&skip=1&limit=1", vec!["pair"]),
        ("sort=createdTime&limit=0&limit=2", vec!["tea", "pair"]),
        ("updatedAfter=1767000000000&sort=createdTime", vec!["tea", "late"]),
        ("updatedAfter=2026-01-05T09:00:01Z", vec![]),
        (r#"q={"members":"mira","roomTags":"green"}"#, vec!["late"]),
        (r#"q={"roomTags":{"$in":["late"]},"name":{"$regex":"^la","$options":"i"}}"#, vec!["late"]),
        (
            r#"q={"$or":[{"_id":"tea"},{"roomType":{"$ne":"group"},"cover":{"$exists":false},"name":{"$exists":false}}]}&sort=_id"#,
            vec!["pair", "tea"],
        ),
        (r#"q={"createdTimeMS":{"$gte":1740000000322,"$lt":1750000000000}}"#, vec!["pair"]),
        (r#"pref={"tags":{"$in":["late"]}}"#, vec![]),
        ("pref=true&sort=_id", vec!["late", "pair", "tea"]),
    ];
    for (query, wanted) in cases {
        let query = query.replace('"', "%22").replace('{', "%7B").replace('}', "%7D").replace('^', "%5E");
        assert_eq!(ids(&mira.sees(&format!("/rooms?{query}")).await), wanted, "{query}");
    }
    for query in ["q=%7B", "pref=%7Bx", "updatedAfter=soon", "limit=-1", "q=%7B%22$where%22:1%7D"] {
        let code = mira.fails("GET", &format!("/rooms?{query}"), Value::Null).await;
        assert!(code.starts_with("400 INVALID_"), "{query}: {code}");
    }
    let listed = &mira.sees("/rooms?sort=createdTime").await["data"][0];
    assert_eq!(
        (&listed["unread"], &listed["muted"], &listed["isMentioned"]),
        (&json!(1), &json!(false), &json!(false))
    );
}

#[tokio::test]
async fn one_room_shows_how_its_caller_sees_it() {
    let house = tea().await;
    let body = json!({"message": "hi", "mentions": ["mira"]});
    client(&house, "jonas").does("POST", "/rooms/tea/message", body).await;
    let mira = client(&house, "mira");
    let room = mira.sees("/rooms/tea").await;
    assert_eq!(
        (&room["unread"], &room["isMentioned"], &room["isSuperuser"], &room["appID"]),
        (&json!(1), &json!(true), &json!(false), &json!("LocalApp"))
    );
    mira.says("yes?").await;
    assert_eq!(mira.sees("/rooms/tea").await["isMentioned"], false);
    assert_eq!(client(&house, "nadia").fails("GET", "/rooms/tea", Value::Null).await, "403 NOT_ROOM_MEMBER");
    assert_eq!(admin(&house).sees("/rooms/tea").await["isSuperuser"], true);
}

#[tokio::test]
async fn a_room_is_changed_by_its_members_until_it_has_superusers() {
    let house = tea().await;
    let (mira, jonas, all) = (client(&house, "mira"), client(&house, "jonas"), admin(&house));
    let room = jonas
        .does("PUT", "/rooms/tea", json!({"name": "Tea", "botMode": true, "roomTags": ["x"], "cover": null}))
        .await;
    assert_eq!((&room["name"], &room["botMode"], room.get("cover")), (&json!("Tea"), &json!(true), None));
    assert_eq!(jonas.fails("PUT", "/rooms/tea", json!({"owner": "jonas"})).await, "403 INSUFFICIENT_PERMISSIONS");
    all.does("PUT", "/rooms/tea", json!({"owner": "mira", "managers": []})).await;
    assert_eq!(jonas.fails("PUT", "/rooms/tea", json!({"name": "Mine"})).await, "403 INSUFFICIENT_PERMISSIONS");
    assert_eq!(mira.does("PUT", "/rooms/tea", json!({"managers": ["jonas"]})).await["owner"]["nickname"], "Mira");
    jonas.does("PUT", "/rooms/tea", json!({"name": "Ours"})).await;
    for (body, code) in [
        (json!({"status": 7}), "400 INVALID_REQUEST"),
        (json!({"name": 7}), "400 INVALID_REQUEST"),
        (json!({"owner": "nobody"}), "404 CLIENT_NOT_FOUND"),
    ] {
        assert_eq!(mira.fails("PUT", "/rooms/tea", body).await, code);
    }
    let house = start(world_with(json!({"superusers_update": true}))).await;
    assert_eq!(
        client(&house, "mira").fails("PUT", "/rooms/tea", json!({"name": "x"})).await,
        "403 INSUFFICIENT_PERMISSIONS"
    );
}

#[tokio::test]
async fn a_deleted_room_is_gone_with_all_that_hung_on_it() {
    let house = tea().await;
    let (mira, okello) = (client(&house, "mira"), client(&house, "okello"));
    mira.adds(json!({"invitees": ["okello"], "invitationRequired": true})).await;
    mira.removes(json!({"members": ["jonas"]})).await;
    assert_eq!(okello.fails("DELETE", "/rooms/tea", json!({})).await, "403 NOT_ROOM_MEMBER");
    assert_eq!(mira.does("DELETE", "/rooms/tea", json!({})).await, json!({"n": 1, "ok": 1}));
    assert_eq!(mira.fails("GET", "/rooms/tea", Value::Null).await, "404 ROOM_NOT_FOUND");
    assert_eq!(okello.sees("/rooms/invitations").await["totalCount"], 0);
    assert_eq!(client(&house, "jonas").sees("/rooms/quitted").await["data"], json!([]));
    assert_eq!(mira.sees("/rooms").await["totalCount"], 1);
    assert_eq!(mira.fails("DELETE", "/rooms/tea", Value::Null).await, "404 ROOM_NOT_FOUND");
}
