//! The live service: rooms of its own kind under the same rules, and the commands that are not emulated.

mod common;

use common::rooms::{NOW, app, room};
use common::{Answer, House};
use serde_json::{Value, json};

async fn live(house: &House, command: &str, body: Value) -> Answer {
    house.tencent(&format!("live_engine_http_srv/{command}"), body).await
}

async fn does(house: &House, command: &str, body: Value) -> Value {
    let answer = live(house, command, body.clone()).await;
    assert_eq!(answer.code(), 0, "{command} {body}: {}", answer.why());
    answer.json()["Response"].clone()
}

/// An application with the live room `show` of mira, whom okan and lupe watch.
async fn show() -> House {
    let house = app(json!([room("hall", &["mira"])]), json!({})).await;
    let info = json!({"RoomId": "show", "RoomType": "Live", "RoomName": "Show", "Owner_Account": "mira",
                      "CoverURL": "https://a/b.png", "Category": [1, 2, 3], "ActivityStatus": 1,
                      "IsPublicVisible": true, "IsSeatEnabled": true, "MaxSeatCount": 8, "TakeSeatMode": "ApplyToTake"});
    does(&house, "create_room", json!({"RoomInfo": info})).await;
    for account in ["mira", "okan", "lupe"] {
        assert_eq!(house.enters("show", account).await.status, 200);
    }
    house
}

#[tokio::test]
async fn a_live_room_is_made_read_changed_and_ended() {
    let house = show().await;
    let wanted = json!({"RoomInfo": {
        "RoomId": "show", "RoomName": "Show", "RoomType": "Live", "Owner_Account": "mira", "CreateTime": NOW,
        "IsSeatEnabled": true, "TakeSeatMode": "ApplyToTake", "MaxSeatCount": 8, "MaxMemberCount": 300,
        "IsMessageDisabled": false, "CoverURL": "https://a/b.png", "Category": [1, 2, 3], "ActivityStatus": 1,
        "ViewCount": 3, "IsPublicVisible": true, "Notice": "", "IsUnlimitedRoomEnabled": false}});
    assert_eq!(does(&house, "get_room_info", json!({"RoomId": "show"})).await, wanted);
    let change = json!({"RoomId": "show", "Notice": "soon", "Category": [7], "IsMessageDisabled": true});
    does(&house, "update_room_info", json!({"RoomInfo": change})).await;
    let after = does(&house, "get_room_info", json!({"RoomId": "show"})).await["RoomInfo"].clone();
    assert_eq!(
        (&after["Notice"], &after["Category"], &after["IsMessageDisabled"]),
        (&json!("soon"), &json!([7]), &json!(true))
    );
    let state = house.state().await;
    house.control("PUT", "state", state.clone()).await;
    assert_eq!(house.state().await, state);
    let kick = json!({"RoomId": "show", "MemberList_Account": ["lupe"], "Reason": "spam"});
    house.does("kick_user_out", kick).await;
    house.seconds_pass(1_000_000);
    assert_eq!(does(&house, "destroy_room", json!({"RoomId": "show"})).await, Value::Null);
    assert_eq!(live(&house, "get_room_info", json!({"RoomId": "show"})).await.code(), 100004);
}

#[tokio::test]
async fn the_list_shows_public_rooms_the_most_watched_first() {
    let house = show().await;
    for n in 0..21 {
        let info = json!({"RoomId": format!("s{n}"), "RoomType": "Live", "IsPublicVisible": n < 20});
        does(&house, "create_room", json!({"RoomInfo": info})).await;
    }
    house.enters("s19", "okan").await;
    let first = does(&house, "get_room_list", json!({"Next": "", "Count": 20})).await;
    let rooms = first["RoomList"].as_array().expect("a list");
    assert_eq!((rooms.len(), &first["Next"]), (20, &json!("20")));
    assert_eq!(
        rooms[0],
        json!({"RoomName": "Show", "RoomId": "show", "Owner_Account": "mira", "CoverURL": "https://a/b.png",
               "Category": [1, 2, 3], "CreateTime": NOW, "ActivityStatus": 1, "ViewCount": 3})
    );
    assert_eq!(rooms[1]["RoomId"], "s19");
    let second = does(&house, "get_room_list", json!({"Next": "20"})).await;
    assert_eq!((second["RoomList"].as_array().expect("a list").len(), &second["Next"]), (1, &json!("")));
    for bad in [json!({"Count": 21}), json!({"Count": -1}), json!({"Next": "x"})] {
        assert_eq!(live(&house, "get_room_list", bad).await.code(), 100002);
    }
}

#[tokio::test]
async fn members_of_a_live_room_follow_the_rules_of_rooms() {
    let house = show().await;
    let show = |mut body: Value| {
        body["RoomId"] = json!("show");
        body
    };
    let audience = does(&house, "get_member_list", show(json!({"Next": ""}))).await;
    let names = json!([{"Member_Account": "mira"}, {"Member_Account": "okan"}, {"Member_Account": "lupe"}]);
    assert_eq!(audience, json!({"Next": "", "MemberCount": 3, "MemberList": names}));
    does(&house, "modify_admin", show(json!({"CommandType": 1, "Admin_Account": ["okan", "lupe"]}))).await;
    does(&house, "modify_admin", show(json!({"CommandType": 2, "Admin_Account": ["lupe"]}))).await;
    assert_eq!(does(&house, "get_admin_list", show(json!({}))).await, json!({"Admin_Account": ["okan"]}));
    let owner = show(json!({"CommandType": 1, "Admin_Account": ["lupe", "mira"]}));
    assert_eq!(live(&house, "modify_admin", owner).await.code(), 100006);
    does(&house, "mute_member", show(json!({"MemberList_Account": ["lupe"], "MuteTime": 60}))).await;
    let muted = does(&house, "get_muted_member_list", show(json!({}))).await;
    assert_eq!(muted, json!({"MutedAccountList": [{"Member_Account": "lupe", "MutedUntil": NOW + 60}]}));
    does(&house, "ban_member", show(json!({"MemberList_Account": ["lupe"], "Duration": 60}))).await;
    let bans = does(&house, "get_banned_member_list", show(json!({}))).await;
    assert_eq!(bans["BannedAccountList"], json!([{"Member_Account": "lupe", "BannedUntil": NOW + 60}]));
    let long = show(json!({"MemberList_Account": ["okan"], "Duration": 60, "Reason": "r".repeat(201)}));
    assert_eq!(live(&house, "ban_member", long).await.code(), 100002);
    assert_eq!(live(&house, "change_room_owner", show(json!({"NewOwner_Account": "lupe"}))).await.code(), 100016);
    does(&house, "unban_member", show(json!({"MemberList_Account": ["lupe"]}))).await;
    assert_eq!(live(&house, "change_room_owner", show(json!({"NewOwner_Account": "lupe"}))).await.code(), 100005);
    does(&house, "change_room_owner", show(json!({"NewOwner_Account": "okan"}))).await;
    does(&house, "add_robot", show(json!({"RobotList_Account": ["robo", "noor"]}))).await;
    assert_eq!(does(&house, "get_robot", show(json!({}))).await, json!({"RobotList_Account": ["robo", "noor"]}));
    let many = show(json!({"RobotList_Account": ["adam", "lupe"]}));
    assert_eq!(live(&house, "add_robot", many).await.code(), 100700);
    does(&house, "del_robot", show(json!({"RobotList_Account": ["noor"]}))).await;
    assert_eq!(live(&house, "del_robot", show(json!({"RobotList_Account": ["robo", "noor"]}))).await.code(), 100005);
}

#[tokio::test]
async fn a_meeting_is_not_the_live_service_s() {
    let house = show().await;
    for command in [
        "destroy_room",
        "get_room_info",
        "get_member_list",
        "get_admin_list",
        "get_robot",
        "get_banned_member_list",
        "get_muted_member_list",
    ] {
        assert_eq!(live(&house, command, json!({"RoomId": "hall"})).await.code(), 100006, "{command}");
        assert_eq!(live(&house, command, json!({"RoomId": "nowhere"})).await.code(), 100004, "{command}");
        assert_eq!(live(&house, command, json!({"RoomId": ""})).await.code(), 100002, "{command}");
    }
    let meeting = json!({"RoomInfo": {"RoomId": "m", "RoomType": "Conference"}});
    assert_eq!(live(&house, "create_room", meeting).await.code(), 100015);
    let tags = json!({"RoomInfo": {"RoomId": "m", "RoomType": "Live", "Category": [1, 2, 3, 4]}});
    assert_eq!(live(&house, "create_room", tags).await.code(), 100002);
}

#[tokio::test]
async fn commands_that_are_not_emulated_say_so() {
    let house = show().await;
    for command in [
        "send_text_msg",
        "set_room_metadata",
        "get_room_statistic",
        "add_gift",
        "resume_mcu_task",
        "del_gift_category_relations",
    ] {
        let answer = live(&house, command, json!({"RoomId": "show"})).await;
        assert_eq!(answer.code(), 100002);
        assert!(answer.why().contains("not emulated"), "{}", answer.why());
    }
    assert_eq!(live(&house, "make_coffee", json!({})).await.code(), 60009);
}

#[tokio::test]
async fn a_cursor_beyond_every_list_is_an_empty_page() {
    let house = show().await;
    for next in ["3", "18446744073709551614", "18446744073709551615"] {
        assert_eq!(does(&house, "get_room_list", json!({"Next": next})).await, json!({"Next": "", "RoomList": []}));
    }
}

#[tokio::test]
async fn administrators_of_a_live_room_are_bounded_too_and_all_or_none_are_made() {
    let house = show().await;
    house.enters("show", "adam").await;
    let mut world = house.state().await;
    world["tencent"]["88888888"]["options"] = json!({"room_admins_max": 2});
    house.control("PUT", "state", world).await;
    let make = |kind: i64, names: &[&str]| json!({"RoomId": "show", "CommandType": kind, "Admin_Account": names});
    let before = (house.state().await, house.events().await);
    assert_eq!(live(&house, "modify_admin", make(1, &["okan", "lupe", "adam"])).await.code(), 100020);
    assert_eq!((house.state().await, house.events().await), before);
    does(&house, "modify_admin", make(1, &["okan", "lupe", "okan"])).await;
    does(&house, "modify_admin", make(1, &["okan", "lupe"])).await;
    assert_eq!(live(&house, "modify_admin", make(1, &["adam"])).await.code(), 100020);
    does(&house, "modify_admin", make(2, &["okan", "lupe"])).await;
    does(&house, "modify_admin", make(1, &["adam"])).await;
}
