//! Members of IMKIT rooms: adding, inviting, removing, leaving, and what that does to badges.

mod common;
#[path = "common/imkit.rs"]
mod imkit;

use common::start;
use imkit::{admin, badges, client, members, tea, world, world_with};
use serde_json::{Value, json};

#[tokio::test]
async fn members_stand_in_the_order_of_joining() {
    let house = tea().await;
    let mira = client(&house, "mira");
    assert_eq!(
        members(&mira.adds(json!({"invitees": ["okello", "nadia"]})).await),
        ["mira", "jonas", "okello", "nadia"]
    );
    mira.removes(json!({"members": ["jonas"]})).await;
    let room = mira.adds(json!({"invitees": ["jonas"]})).await;
    assert_eq!(members(&room), ["mira", "okello", "nadia", "jonas"]);
}

#[tokio::test]
async fn a_new_member_has_no_entry_until_a_message_raises_its_badge() {
    let house = tea().await;
    let mira = client(&house, "mira");
    let room = mira.adds(json!({"invitees": ["okello"]})).await;
    assert_eq!((&room["memberProperties"], room.get("lastMessage")), (&json!([]), None));
    let said = mira.says("kettle is on").await;
    let room = mira.sees("/rooms/tea").await;
    assert_eq!(badges(&room), ["mira 0", "jonas 1", "okello 1"]);
    assert_eq!(room["memberProperties"][0]["lastRead"], said["_id"]);
    assert_eq!(room["lastMessage"]["_id"], said["_id"]);
}

#[tokio::test]
async fn an_entry_outlives_membership_frozen_and_goes_on_after_the_return() {
    let house = tea().await;
    let (mira, jonas) = (client(&house, "mira"), client(&house, "jonas"));
    mira.says("one").await;
    jonas.removes(json!({"members": ["mira"]})).await;
    jonas.says("two").await;
    jonas.says("three").await;
    assert_eq!(badges(&jonas.sees("/rooms/tea").await), ["mira 0", "jonas 0"]);
    jonas.adds(json!({"invitees": ["mira"]})).await;
    jonas.says("four").await;
    assert_eq!(badges(&jonas.sees("/rooms/tea").await), ["mira 1", "jonas 0"]);
}

#[tokio::test]
async fn an_id_without_a_client_stays_a_member_and_is_not_shown() {
    let mut world = world();
    world["imkit"]["LocalApp"]["rooms"][0]["members"] = json!(["mira", "ghost", "jonas"]);
    let house = start(world).await;
    let mira = client(&house, "mira");
    mira.says("hello").await;
    let room = mira.sees("/rooms/tea").await;
    assert_eq!(
        (members(&room), badges(&room)),
        (vec!["mira".into(), "jonas".into()], vec!["mira 0".into(), "ghost 1".into(), "jonas 1".into()])
    );
    mira.removes(json!({"members": ["ghost"]})).await;
}

#[tokio::test]
async fn one_message_tells_of_all_who_were_added() {
    let house = tea().await;
    let mira = client(&house, "mira");
    let room = mira.adds(json!({"invitees": ["okello", "jonas", "okello", "nadia"], "systemMessage": true})).await;
    let last = &room["lastMessage"];
    assert_eq!(last["messageType"], "addMembers");
    assert_eq!(last["message"], "Okello, Nadia");
    assert_eq!(
        last["extra"],
        json!({"invitees": [{"_id": "okello", "nickname": "Okello"}, {"_id": "nadia", "nickname": "Nadia"}]})
    );
    assert_eq!(last["sender"], json!({"_id": "mira", "nickname": "Mira", "id": "mira", "lastLoginTimeMS": 0}));
    assert_eq!(badges(&room), ["mira 0", "jonas 1", "okello 1", "nadia 1"]);
    assert_eq!(room["memberProperties"][0]["lastRead"], last["_id"]);
}

#[tokio::test]
async fn adding_those_who_are_in_already_or_nobody_changes_nothing() {
    let house = tea().await;
    let mira = client(&house, "mira");
    let before = house.state().await;
    for invitees in [json!(["jonas"]), json!([]), json!("jonas")] {
        let room = mira.adds(json!({"invitees": invitees, "systemMessage": true})).await;
        assert_eq!(members(&room), ["mira", "jonas"]);
    }
    assert_eq!((house.state().await, house.events().await.len()), (before, 0));
}

#[tokio::test]
async fn an_unknown_client_fails_the_whole_call_unless_the_option_tolerates_it() {
    let house = tea().await;
    let mira = client(&house, "mira");
    let body = json!({"invitees": ["okello", "nobody"]});
    assert_eq!(mira.fails("POST", "/rooms/tea/members", body.clone()).await, "404 CLIENT_NOT_FOUND");
    assert_eq!(members(&mira.sees("/rooms/tea").await), ["mira", "jonas"]);
    let house = start(world_with(json!({"unknown_members": true}))).await;
    let mira = client(&house, "mira");
    assert_eq!(members(&mira.adds(body).await), ["mira", "jonas", "okello"]);
    assert_eq!(
        house.state().await["imkit"]["LocalApp"]["rooms"][1]["members"],
        json!(["mira", "jonas", "okello", "nobody"])
    );
}

#[tokio::test]
async fn a_pending_invitation_changes_neither_members_nor_messages() {
    let house = tea().await;
    let (mira, okello) = (client(&house, "mira"), client(&house, "okello"));
    let invite = json!({"invitees": ["okello"], "invitationRequired": true, "systemMessage": true});
    let room = mira.adds(invite).await;
    assert_eq!((members(&room), room.get("lastMessage")), (vec!["mira".into(), "jonas".into()], None));
    assert_eq!(okello.sees("/rooms").await["totalCount"], 0);
    assert_eq!(okello.sees("/rooms/invitations").await["totalCount"], 1);
    assert_eq!(okello.fails("GET", "/rooms/tea", Value::Null).await, "403 NOT_ROOM_MEMBER");
    let events = house.events().await;
    assert_eq!((&events[0]["event"], &events[0]["audience"]), (&json!("invited"), &json!({"accounts": ["okello"]})));
}

#[tokio::test]
async fn invitations_count_only_in_groups_and_follow_the_applications_default() {
    let house = start(world_with(json!({"invitation_required": true}))).await;
    let mira = client(&house, "mira");
    let body = json!({"invitees": ["okello"]});
    assert_eq!(members(&mira.adds(body.clone()).await), ["mira", "jonas"]);
    let body = json!({"invitees": ["okello"], "invitationRequired": true});
    let room = mira.does("POST", "/rooms/pair/members", body).await;
    assert_eq!(
        (members(&room), &room["roomType"]),
        (vec!["mira".into(), "jonas".into(), "okello".into()], &json!("direct"))
    );
    let body = json!({"invitees": ["nadia"], "invitationRequired": "true"});
    assert_eq!(members(&mira.adds(body).await), ["mira", "jonas", "nadia"], "only JSON true is true");
}

#[tokio::test]
async fn adding_somebody_who_is_invited_ends_the_invitation() {
    let house = tea().await;
    let mira = client(&house, "mira");
    mira.adds(json!({"invitees": ["okello"], "invitationRequired": true})).await;
    mira.adds(json!({"invitees": ["okello"]})).await;
    assert_eq!(mira.sees("/rooms/tea/invitations").await["totalCount"], 0);
    assert_eq!(client(&house, "okello").sees("/rooms/invitations").await["totalCount"], 0);
}

#[tokio::test]
async fn outsiders_and_closed_and_frozen_rooms_refuse() {
    let house = tea().await;
    let (mira, nadia) = (client(&house, "mira"), client(&house, "nadia"));
    let body = json!({"invitees": ["okello"]});
    assert_eq!(nadia.fails("POST", "/rooms/tea/members", body.clone()).await, "403 NOT_ROOM_MEMBER");
    assert_eq!(mira.fails("POST", "/rooms/none/members", body.clone()).await, "404 ROOM_NOT_FOUND");
    mira.does("PUT", "/rooms/tea", json!({"opening": 0})).await;
    assert_eq!(mira.fails("POST", "/rooms/tea/members", body.clone()).await, "403 ROOM_CLOSED");
    assert_eq!(nadia.fails("POST", "/rooms/tea/join", Value::Null).await, "403 ROOM_CLOSED");
    assert_eq!(members(&admin(&house).adds(body.clone()).await), ["mira", "jonas", "okello"]);
    mira.does("PUT", "/rooms/tea", json!({"status": 0})).await;
    for (path, body) in [("members", json!({"invitees": ["nadia"]})), ("message", json!({"message": "hi"}))] {
        assert_eq!(mira.fails("POST", &format!("/rooms/tea/{path}"), body).await, "403 ROOM_INACTIVE");
    }
    assert_eq!(mira.sees("/rooms").await["totalCount"], 1, "an inactive room is not listed");
    mira.removes(json!({"members": ["okello"]})).await;
}

#[tokio::test]
async fn the_legacy_calls_add_and_remove_one() {
    let house = tea().await;
    let mira = client(&house, "mira");
    let room = mira.does("POST", "/rooms/tea/members/okello", json!({"systemMessage": true})).await;
    assert_eq!((&room["lastMessage"]["messageType"], members(&room).len()), (&json!("addMembers"), 3));
    let gone = mira.does("DELETE", "/rooms/tea/members/okello", json!({})).await;
    assert_eq!(
        (members(&gone), &gone["lastMessage"]["_id"]),
        (vec!["mira".into(), "jonas".into()], &room["lastMessage"]["_id"])
    );
    assert!(gone["lastRead"].is_array());
    mira.does("DELETE", "/rooms/tea/members/mira", Value::Null).await;
    assert_eq!(mira.fails("DELETE", "/rooms/tea/members/mira", Value::Null).await, "403 NOT_ROOM_MEMBER");
}

#[tokio::test]
async fn one_message_tells_of_all_who_were_removed_and_of_leaving_last() {
    let house = tea().await;
    let mira = client(&house, "mira");
    mira.adds(json!({"invitees": ["okello", "nadia"]})).await;
    let body = json!({"members": ["mira", "okello", "nadia", "okello"], "systemMessage": true});
    let room = mira.removes(body).await;
    assert_eq!((members(&room), &room["lastMessage"]["messageType"]), (vec!["jonas".into()], &json!("leaveRoom")));
    assert_eq!(room["lastMessage"]["sender"]["_id"], "mira");
    let list = client(&house, "jonas").sees("/rooms/tea/messages/v3").await;
    let removed = &list["data"][1];
    assert_eq!((&removed["messageType"], &removed["message"]), (&json!("deleteMember"), &json!("Okello, Nadia")));
    assert_eq!(removed["member"], json!({"_id": "okello", "nickname": "Okello", "id": "okello", "lastLoginTimeMS": 0}));
    assert_eq!(removed["extra"]["members"][1], json!({"_id": "nadia", "nickname": "Nadia"}));
    assert_eq!(list["totalCount"], 2);
    let told: Vec<Value> = house.events().await.into_iter().filter(|event| event["event"] == "posted").collect();
    assert_eq!(
        told[0]["audience"],
        json!({"accounts": ["jonas", "mira", "okello", "nadia"]}),
        "the removed hear of it"
    );
    let left: Vec<Value> = house.events().await.into_iter().filter(|event| event["event"] == "member_left").collect();
    assert_eq!(
        (&left[0]["data"], &left[0]["audience"]),
        (&json!({"members": ["okello", "nadia"], "how": "removed"}), &json!({"accounts": ["jonas"]}))
    );
    assert_eq!(left[1]["data"], json!({"members": ["mira"], "how": "left"}));
}

#[tokio::test]
async fn removing_a_stranger_fails_the_whole_call_unless_the_option_tolerates_it() {
    let house = tea().await;
    let mira = client(&house, "mira");
    let body = json!({"members": ["jonas", "nadia"], "systemMessage": true});
    assert_eq!(mira.fails("POST", "/rooms/tea/delete/members", body.clone()).await, "404 MEMBER_NOT_FOUND");
    assert_eq!(members(&mira.removes(json!({"members": []})).await), ["mira", "jonas"]);
    let house = start(world_with(json!({"absent_members": true}))).await;
    let room = client(&house, "mira").removes(body).await;
    assert_eq!((members(&room), &room["lastMessage"]["message"]), (vec!["mira".into()], &json!("Jonas")));
}

#[tokio::test]
async fn the_answer_to_removal_has_the_marks_of_both_shapes() {
    let mut world = world();
    world["imkit"]["LocalApp"]["clients"][0]["lastLoginTimeMS"] = json!(1_721_812_360_250_i64);
    let house = start(world.clone()).await;
    let mira = client(&house, "mira");
    let said = mira.says("kettle is on").await;
    let room = mira.removes(json!({"members": ["jonas"]})).await;
    assert_eq!(room["lastRead"], json!([{"message": said["_id"], "client": "mira"}]));
    assert_eq!(room["members"][0]["lastLoginTime"], "2024-07-24T09:12:40.250Z");
    assert_eq!(room["lastMessage"]["messageTime"], "2026-01-05T09:00:00.000Z");
    assert!(room.get("data").is_none() && room.get("unread").is_none());
    world["imkit"]["LocalApp"]["options"] = json!({"removal_shape": "new"});
    world["imkit"]["LocalApp"]["rooms"][0]["data"] = json!({"tableNo": "12"});
    let house = start(world).await;
    let room = client(&house, "mira").removes(json!({"members": ["jonas"]})).await;
    assert!(room.get("lastRead").is_none() && room["members"][0].get("lastLoginTime").is_none());
    assert_eq!(room["data"], json!({"tableNo": "12"}));
}

#[tokio::test]
async fn who_is_out_may_not_read_and_finds_the_room_among_the_quitted() {
    let house = tea().await;
    let (mira, jonas) = (client(&house, "mira"), client(&house, "jonas"));
    mira.removes(json!({"members": ["jonas"]})).await;
    for path in ["/rooms/tea", "/rooms/tea/messages/v3", "/rooms/tea/invitations"] {
        assert_eq!(jonas.fails("GET", path, Value::Null).await, "403 NOT_ROOM_MEMBER");
    }
    assert_eq!(jonas.sees("/rooms").await["totalCount"], 1);
    let limited = json!({"data": [{"roomTags": [], "encrypted": false, "_id": "tea", "name": "Tea House", "roomType": "group",
        "pref": {"tags": [], "quittedAt": "2026-01-05T09:00:00.000Z"}, "id": "tea", "createdTimeMS": 0}]});
    assert_eq!(jonas.sees("/rooms/quitted").await, limited);
    mira.adds(json!({"invitees": ["jonas"]})).await;
    assert_eq!(jonas.sees("/rooms/quitted").await, json!({"data": []}));
}

#[tokio::test]
async fn the_last_one_may_leave_and_the_owner_stays_the_owner() {
    let house = tea().await;
    let (mira, all) = (client(&house, "mira"), admin(&house));
    all.does("PUT", "/rooms/tea", json!({"owner": "mira", "managers": ["jonas", "mira"]})).await;
    let room = mira.removes(json!({"members": ["mira", "jonas"]})).await;
    assert_eq!((&room["members"], &room["owner"]["_id"], &room["managers"]), (&json!([]), &json!("mira"), &json!([])));
}

#[tokio::test]
async fn the_platform_administrator_removes_as_nobody_and_as_a_client_leaves() {
    let house = tea().await;
    let room = admin(&house).removes(json!({"members": ["jonas"], "systemMessage": true})).await;
    assert_eq!(
        (&room["lastMessage"]["messageType"], &room["lastMessage"]["sender"]),
        (&json!("deleteMember"), &Value::Null)
    );
    assert_eq!(badges(&room), ["mira 1"]);
    let as_mira = admin(&house).with("IM-CLIENT-ID", "mira");
    let room = as_mira.removes(json!({"members": ["mira"], "systemMessage": true})).await;
    assert_eq!(room["lastMessage"]["messageType"], "leaveRoom");
}

#[tokio::test]
async fn by_option_only_superusers_remove_others() {
    let house = start(world_with(json!({"managers_remove": true}))).await;
    let mira = client(&house, "mira");
    let path = "/rooms/tea/delete/members";
    assert_eq!(mira.fails("POST", path, json!({"members": ["jonas"]})).await, "403 INSUFFICIENT_PERMISSIONS");
    admin(&house).does("PUT", "/rooms/tea", json!({"owner": "mira"})).await;
    mira.removes(json!({"members": ["jonas"]})).await;
    mira.removes(json!({"members": ["mira"]})).await;
}

#[tokio::test]
async fn a_large_audience_is_told_by_rule_and_still_exactly() {
    let mut world = world();
    let crowd: Vec<String> = (0..150).map(|n| format!("u{n}")).collect();
    world["imkit"]["LocalApp"]["rooms"][0]["members"] =
        json!([vec!["mira".to_owned(), "jonas".to_owned()], crowd].concat());
    let house = start(world).await;
    client(&house, "mira").removes(json!({"members": ["jonas"], "systemMessage": true})).await;
    let told = |user: &'static str| {
        let house = &house;
        async move {
            let entries = house.journal(&format!("kind=event&audience={user}")).await;
            entries.iter().map(|entry| entry["event"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
        }
    };
    assert_eq!(told("jonas").await, ["posted"]);
    assert_eq!(told("u7").await, ["posted", "member_left"]);
    assert!(told("okello").await.is_empty());
}
