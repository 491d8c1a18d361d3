//! IMKIT's user groups: one id in a room lets all clients of the group in, wherever somebody asks who is inside.

mod common;
#[path = "common/imkit.rs"]
mod imkit;

use common::{House, start};
use imkit::{Actor, admin, badges, client, members, refusal, tea, world, world_with};
use serde_json::{Value, json};

/// The small world with a group `crew` of okello and nadia.
async fn with_crew() -> House {
    let house = tea().await;
    makes_crew(&admin(&house), &["okello", "nadia"]).await;
    house
}

async fn makes_crew(admin: &Actor<'_>, people: &[&str]) -> Value {
    admin.does("POST", "/admin/groups", json!({"_id": "crew", "nickname": "Crew", "members": people})).await
}

/// Whom each event of this kind was told, oldest first.
async fn told(house: &House, event: &str) -> Vec<Value> {
    let events = house.events().await.into_iter().filter(|entry| entry["event"] == event);
    events.map(|entry| entry["audience"]["accounts"].clone()).collect()
}

async fn survives_being_put_back(house: &House) {
    let state = house.state().await;
    house.control("PUT", "state", state.clone()).await;
    assert_eq!(house.state().await, state);
}

#[tokio::test]
async fn a_group_in_a_room_lets_its_clients_read_list_and_send() {
    let house = with_crew().await;
    let (mira, okello) = (client(&house, "mira"), client(&house, "okello"));
    assert_eq!(okello.fails("GET", "/rooms/tea", Value::Null).await, "403 NOT_ROOM_MEMBER");
    let room = mira.adds(json!({"invitees": ["crew"], "systemMessage": true})).await;
    assert_eq!(members(&room), ["mira", "jonas", "crew"]);
    let crew = &room["members"][2];
    assert_eq!(
        (&crew["clientType"], &crew["nickname"], &crew["id"]),
        (&json!("group"), &json!("Crew"), &json!("crew"))
    );
    assert_eq!(members(crew), ["okello", "nadia"]);
    assert_eq!(crew["members"][0]["clientType"], "user");
    assert_eq!(room["lastMessage"]["extra"], json!({"invitees": [{"_id": "crew", "nickname": "Crew"}]}));
    assert_eq!(members(&okello.sees("/rooms/tea").await), ["mira", "jonas", "crew"]);
    assert_eq!(okello.sees("/rooms").await["data"][0]["_id"], "tea");
    assert_eq!(okello.sees("/rooms?q=%7B%22members%22:%22okello%22%7D").await["totalCount"], 1);
    assert_eq!(okello.sees("/rooms/ids").await["data"], json!(["tea"]));
    assert_eq!(okello.says("hello").await["sender"]["_id"], "okello");
    assert_eq!(okello.sees("/rooms/tea/messages/v3").await["totalCount"], 2);
    assert_eq!(okello.does("PUT", "/rooms/tea", json!({"name": "Ours"})).await["name"], "Ours");
    survives_being_put_back(&house).await;
    assert_eq!(client(&house, "okello").sees("/rooms/ids").await["data"], json!(["tea"]));
}

#[tokio::test]
async fn a_room_is_found_by_who_is_inside_by_a_group() {
    let house = with_crew().await;
    admin(&house).does("POST", "/rooms/tea/members", json!({"invitees": ["crew"]})).await;
    for keyword in ["okello", "Nadia", "crew"] {
        let search = json!({"type": ["roomMember"], "keyword": keyword});
        let found = client(&house, "mira").does("POST", "/search", search).await;
        assert_eq!(found["roomMember"].as_array().map(Vec::len), Some(1), "{keyword}: {found}");
    }
}

#[tokio::test]
async fn badges_are_counted_for_the_group_alone() {
    let house = with_crew().await;
    client(&house, "mira").adds(json!({"invitees": ["crew"]})).await;
    client(&house, "okello").says("one").await;
    client(&house, "mira").says("two").await;
    let room = client(&house, "okello").sees("/rooms/tea").await;
    assert_eq!(badges(&room), ["mira 0", "jonas 2", "crew 2"]);
    assert_eq!(room["unread"], 0);
}

#[tokio::test]
async fn events_are_told_to_the_clients_of_a_group_and_not_to_the_group() {
    let house = with_crew().await;
    let mira = client(&house, "mira");
    mira.adds(json!({"invitees": ["crew", "nadia"]})).await;
    mira.says("hello").await;
    mira.removes(json!({"members": ["crew"], "systemMessage": true})).await;
    let all = json!(["mira", "jonas", "nadia", "okello"]);
    assert_eq!(told(&house, "joined").await, std::slice::from_ref(&all));
    // Who was in by the group alone is told of the removal as somebody removed is.
    assert_eq!(told(&house, "posted").await, [all.clone(), all]);
    assert_eq!(told(&house, "member_left").await, [json!(["mira", "jonas", "nadia"])]);
    assert_eq!(client(&house, "okello").fails("GET", "/rooms/tea", Value::Null).await, "403 NOT_ROOM_MEMBER");
    assert_eq!(client(&house, "nadia").sees("/rooms/tea").await["_id"], "tea");
}

#[tokio::test]
async fn a_crowd_with_a_group_is_told_by_a_rule_that_names_the_groups_clients() {
    let mut world = world();
    let crowd: Vec<String> = (0..120).map(|n| format!("u{n}")).chain(["mira".into(), "crew".into()]).collect();
    world["imkit"]["LocalApp"]["groups"] = json!([{"_id": "crew", "nickname": "Crew", "members": ["okello", "mira"]}]);
    world["imkit"]["LocalApp"]["rooms"][0]["members"] = json!(crowd);
    let house = start(world).await;
    client(&house, "okello").says("hello").await;
    let audience = house.events().await.last().expect("an event")["audience"].clone();
    assert_eq!(audience, json!({"all_of": {"room": "tea"}, "but": ["crew"], "and": ["okello"], "count": 122}));
    for (who, count) in [("okello", 1), ("mira", 1), ("u7", 1), ("crew", 0), ("nadia", 0)] {
        let entries = house.journal(&format!("kind=event&audience={who}")).await;
        assert_eq!(entries.len(), count, "{who}");
    }
}

#[tokio::test]
async fn a_changed_group_changes_at_once_who_is_inside() {
    let house = with_crew().await;
    client(&house, "mira").adds(json!({"invitees": ["crew"]})).await;
    let record = makes_crew(&admin(&house), &["nadia", "nadia"]).await;
    let now = "2026-01-05T09:00:00.000Z";
    let wanted = json!({"_id": "crew", "nickname": "Crew", "members": ["nadia"], "createdAt": now, "updatedAt": now});
    assert_eq!(record, wanted);
    assert_eq!(client(&house, "okello").fails("GET", "/rooms/tea", Value::Null).await, "403 NOT_ROOM_MEMBER");
    assert_eq!(client(&house, "okello").sees("/rooms/ids").await["totalCount"], 0);
    assert_eq!(client(&house, "nadia").sees("/rooms/ids").await["totalCount"], 1);
    let named = admin(&house).does("POST", "/admin/groups", json!({"_id": "crew", "avatarUrl": "x"})).await;
    assert_eq!(
        (&named["nickname"], &named["avatarUrl"], &named["members"]),
        (&json!("Crew"), &json!("x"), &json!(["nadia"]))
    );
    let last = house.events().await.last().expect("an event").clone();
    assert_eq!((&last["event"], &last["data"]["groupMembers"]), (&json!("account_changed"), &json!(["nadia"])));
    assert_eq!(last["audience"], json!({"accounts": []}));
}

#[tokio::test]
async fn a_group_is_added_at_once_where_invitations_are_in_effect() {
    let house = with_crew().await;
    let mira = client(&house, "mira");
    let room = mira.adds(json!({"invitees": ["crew", "okello"], "invitationRequired": true})).await;
    assert_eq!(members(&room), ["mira", "jonas", "crew"]);
    let pending = mira.sees("/rooms/tea/invitations").await;
    assert_eq!((&pending["totalCount"], &pending["data"][0]["invitee"]["_id"]), (&json!(1), &json!("okello")));
}

#[tokio::test]
async fn who_is_inside_by_a_group_neither_joins_nor_leaves_by_itself() {
    let house = with_crew().await;
    client(&house, "mira").adds(json!({"invitees": ["crew"]})).await;
    let okello = client(&house, "okello");
    let room = okello.does("POST", "/rooms/tea/join", json!({"systemMessage": true})).await;
    assert_eq!((members(&room).len(), room.get("lastMessage")), (3, None));
    assert_eq!(
        okello.fails("POST", "/rooms/tea/delete/members", json!({"members": ["okello"]})).await,
        "404 MEMBER_NOT_FOUND"
    );
    okello.does("POST", "/rooms/createAndJoin", json!({"_id": "tea"})).await;
    // Added by its own id it is inside twice, and after leaving still by the group.
    okello.adds(json!({"invitees": ["okello"]})).await;
    okello.removes(json!({"members": ["okello"]})).await;
    assert_eq!(okello.sees("/rooms/tea").await["_id"], "tea");
    assert_eq!(okello.sees("/rooms/quitted").await["data"], json!([]));
}

#[tokio::test]
async fn a_group_needs_a_name_an_id_of_its_own_and_clients() {
    let house = with_crew().await;
    let admin = admin(&house);
    for (body, refusal) in [
        (json!({"members": []}), "400 MISSING_PARAMETER"),
        (json!({"_id": "new"}), "400 MISSING_PARAMETER"),
        (json!({"nickname": "N", "members": 5}), "400 MISSING_PARAMETER"),
        (json!({"_id": "mira", "nickname": "N"}), "409 USER_EXISTS"),
        (json!({"nickname": "N", "members": ["ghost"]}), "404 CLIENT_NOT_FOUND"),
        (json!({"nickname": "N", "members": ["crew"]}), "400 INVALID_REQUEST"),
        (json!({"_id": "crew", "members": ["crew"]}), "400 INVALID_REQUEST"),
    ] {
        let before = house.state().await;
        assert_eq!(admin.fails("POST", "/admin/groups", body.clone()).await, refusal, "{body}");
        assert_eq!(house.state().await, before);
    }
    let made = admin.does("POST", "/admin/groups", json!({"nickname": "N"})).await;
    assert_eq!((made["_id"].as_str().map(str::len), &made["members"]), (Some(24), &json!([])));
    assert_eq!(admin.sees("/admin/groups?limit=1").await["totalCount"], 2);
    assert_eq!(refusal(&client(&house, "mira").call("GET", "/admin/groups", Value::Null).await), "401 INVALID_API_KEY");
}

#[tokio::test]
async fn unknown_ids_may_be_in_groups_where_the_application_allows_it() {
    let house = start(world_with(json!({"unknown_members": true}))).await;
    makes_crew(&admin(&house), &["ghost", "okello"]).await;
    let room = client(&house, "mira").adds(json!({"invitees": ["crew"]})).await;
    assert_eq!(members(&room["members"][2]), ["okello"]);
    survives_being_put_back(&house).await;
}

#[tokio::test]
async fn a_document_may_not_give_one_id_to_a_client_and_a_group() {
    let house = with_crew().await;
    for (groups, path) in [
        (json!([{"_id": "mira"}]), "groups[0]._id"),
        (json!([{"_id": ""}]), "groups[0]._id"),
        (json!([{"_id": "a"}, {"_id": "a"}]), "groups[1]._id"),
        (json!([{"_id": "a", "members": ["b"]}, {"_id": "b"}]), "groups[0].members[0]"),
        (json!([{"_id": "a", "members": ["x", "x"]}]), "groups[0].members[1]"),
        (json!([{"_id": "a", "nickname": 5}]), "groups[0].nickname"),
        (json!([{"_id": "a", "colour": 5}]), "groups[0].colour"),
    ] {
        let mut document = world();
        document["imkit"]["LocalApp"]["groups"] = groups;
        let answer = house.call("PUT", "/_imulator/state", &[("host", "localhost")], document).await;
        assert_eq!(answer.json()["error"]["path"], format!("imkit.LocalApp.{path}"), "{}", answer.text);
    }
    // Seeding a client with a group's id replaces the group, and the other way round.
    let app = |part: Value| json!({"imulator": 1, "imkit": {"LocalApp": part}});
    client(&house, "mira").adds(json!({"invitees": ["crew"]})).await;
    house.control("POST", "seed", app(json!({"clients": [{"_id": "crew"}]}))).await;
    assert_eq!(client(&house, "okello").sees("/rooms/ids").await["totalCount"], 0);
    house.control("POST", "seed", app(json!({"groups": [{"_id": "crew", "members": ["okello"]}]}))).await;
    assert_eq!(client(&house, "okello").sees("/rooms/ids").await["totalCount"], 1);
    survives_being_put_back(&house).await;
}

#[tokio::test]
async fn a_groups_record_keeps_what_else_it_was_given() {
    let house = with_crew().await;
    admin(&house).does("POST", "/admin/clients", json!({"_id": "crew", "shift": "late", "nickname": "Night"})).await;
    survives_being_put_back(&house).await;
    assert_eq!(admin(&house).sees("/admin/groups").await["data"][0]["nickname"], "Night");
    let record = json!({"_id": "crew", "tokens": ["t-mira"]});
    let mut document = world();
    document["imkit"]["LocalApp"]["groups"] = json!([{"_id": "crew", "record": record}]);
    let answer = house.call("PUT", "/_imulator/state", &[("host", "localhost")], document).await;
    let path = "imkit.LocalApp.groups[0].record.tokens[0]";
    assert_eq!(answer.json()["error"]["path"], path, "{}", answer.text);
}
