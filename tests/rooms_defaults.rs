//! The twenty defaults of the reference's table of open questions (7.3), each with its switch where it has one.

mod common;

use common::House;
use common::rooms::{PEOPLE, app, hall, room, seated};
use serde_json::{Value, json};

fn new(more: Value) -> Value {
    let mut info = more;
    info["RoomId"] = json!("new");
    info["RoomType"] = json!("Conference");
    json!({"RoomInfo": info})
}

fn kick(members: Value) -> Value {
    json!({"RoomId": "hall", "MemberList_Account": members, "Reason": "r"})
}

async fn bare(options: Value) -> House {
    app(json!([room("hall", &PEOPLE)]), options).await
}

#[tokio::test]
async fn default_1_the_owner_is_not_inside_a_new_room() {
    for (options, inside) in [(json!({}), vec![]), (json!({"owner_enters": true}), vec!["mira"])] {
        let house = bare(options).await;
        house.does("create_room", new(json!({"Owner_Account": "mira"}))).await;
        assert_eq!(house.inside("new").await, inside);
    }
}

#[tokio::test]
async fn default_2_the_owner_inside_is_protected_from_kicks_and_unknown_to_them_outside() {
    let house = bare(json!({})).await;
    house.refuses("kick_user_out", kick(json!(["mira"])), 100006).await;
    house.leaves("hall", "mira").await;
    house.refuses("kick_user_out", kick(json!(["mira"])), 100005).await;
}

#[tokio::test]
async fn default_3_a_mixed_list_is_all_or_nothing() {
    let house = bare(json!({})).await;
    house.refuses("kick_user_out", kick(json!(["okan", "noor"])), 100005).await;
    let house = bare(json!({"kick_partial": "skip"})).await;
    house.does("kick_user_out", kick(json!(["okan", "noor"]))).await;
    assert_eq!(house.inside("hall").await, ["mira", "lupe", "adam"]);
}

#[tokio::test]
async fn default_4_duplicates_count_before_they_are_removed() {
    let house = bare(json!({})).await;
    house.refuses("kick_user_out", kick(json!(vec!["okan"; 21])), 100002).await;
    house.does("kick_user_out", kick(json!(vec!["okan"; 20]))).await;
    assert_eq!(house.events().await[0]["data"]["members"], json!(["okan"]));
}

#[tokio::test]
async fn default_5_an_empty_list_and_one_of_21_are_wrong_parameters() {
    let house = bare(json!({})).await;
    house.refuses("kick_user_out", kick(json!([])), 100002).await;
    let names: Vec<String> = (0..21).map(|n| format!("m{n}")).collect();
    house.refuses("kick_user_out", kick(json!(names)), 100002).await;
}

#[tokio::test]
async fn default_6_a_reason_has_to_be_there_may_be_empty_and_has_at_most_1000_bytes() {
    let house = bare(json!({})).await;
    let body = |reason: Value| json!({"RoomId": "hall", "MemberList_Account": ["okan"], "Reason": reason});
    house.refuses("kick_user_out", json!({"RoomId": "hall", "MemberList_Account": ["okan"]}), 100002).await;
    house.refuses("kick_user_out", body(json!("小".repeat(334))), 100002).await;
    house.does("kick_user_out", body(json!(""))).await;
    house.enters("hall", "okan").await;
    house.does("kick_user_out", body(json!("小".repeat(333)))).await;
}

#[tokio::test]
async fn default_7_a_kick_is_no_ban() {
    let house = bare(json!({})).await;
    house.does("kick_user_out", kick(json!(["okan"]))).await;
    assert_eq!(house.enters("hall", "okan").await.status, 200);
}

#[tokio::test]
async fn default_8_an_id_in_use_is_100003_and_100010_to_its_owner() {
    let house = bare(json!({})).await;
    house.does("create_room", new(json!({"Owner_Account": "mira"}))).await;
    house.refuses("create_room", new(json!({})), 100003).await;
    house.does("destroy_room", json!({"RoomId": "new"})).await;
    house.does("create_room", new(json!({}))).await;
    house.refuses("create_room", new(json!({})), 100010).await;
    let house = bare(json!({"create_interval": true})).await;
    house.does("create_room", new(json!({}))).await;
    house.refuses("create_room", new(json!({})), 100012).await;
}

#[tokio::test]
async fn default_9_the_id_of_a_destroyed_room_is_free_at_once() {
    let house = bare(json!({})).await;
    for _ in 0..3 {
        house.does("create_room", new(json!({}))).await;
        house.does("destroy_room", json!({"RoomId": "new"})).await;
    }
}

#[tokio::test]
async fn default_10_an_unknown_owner_is_a_wrong_parameter() {
    let house = bare(json!({})).await;
    house.refuses("create_room", new(json!({"Owner_Account": "stranger"})), 100002).await;
    let house = bare(json!({"import_owner": true})).await;
    house.does("create_room", new(json!({"Owner_Account": "stranger"}))).await;
}

#[tokio::test]
async fn default_11_the_owner_s_role_is_called_owner() {
    for (options, word) in [(json!({}), "Owner"), (json!({"room_owner_word": true}), "RoomOwner")] {
        let house = bare(options).await;
        let list = house.does("get_room_member_list", json!({"RoomId": "hall"})).await;
        assert_eq!(list["MemberList"][0]["Role"], word);
    }
}

#[tokio::test]
async fn default_12_an_absent_account_cannot_be_banned() {
    let ban = json!({"RoomId": "hall", "MemberList_Account": ["noor"], "Reason": "", "Duration": 60});
    bare(json!({})).await.refuses("ban_room_member", ban.clone(), 100005).await;
    bare(json!({"ban_allow_absent": true})).await.does("ban_room_member", ban).await;
}

#[tokio::test]
async fn default_13_lifting_no_ban_is_a_success() {
    let house = bare(json!({})).await;
    house.does("unban_room_member", json!({"RoomId": "hall", "MemberList_Account": ["noor", "okan"]})).await;
    assert_eq!(house.events().await.len(), 0);
}

#[tokio::test]
async fn default_14_a_package_has_300_members_16_seats_and_at_most_50_of_them() {
    let house = bare(json!({})).await;
    house.does("create_room", new(json!({"IsSeatEnabled": true}))).await;
    let info = house.does("get_room_info", json!({"RoomId": "new"})).await["RoomInfo"].clone();
    assert_eq!((&info["MaxMemberCount"], &info["MaxSeatCount"]), (&json!(300), &json!(16)));
    house.does("destroy_room", json!({"RoomId": "new"})).await;
    house.refuses("create_room", new(json!({"IsSeatEnabled": true, "MaxSeatCount": 51})), 100013).await;
    house.does("create_room", new(json!({"MaxMemberCount": 1_000_000}))).await;
    let house = bare(json!({"room_robots_max": 0})).await;
    house.refuses("add_robot", json!({"RoomId": "hall", "Member_Account": "robo"}), 100700).await;
}

#[tokio::test]
async fn default_15_a_room_without_seats_lists_none() {
    let house = bare(json!({})).await;
    assert_eq!(house.does("get_seat_list", json!({"RoomId": "hall"})).await, json!({"SeatList": []}));
}

#[tokio::test]
async fn default_16_a_planned_room_may_be_entered_early_and_runs_then() {
    let house = bare(json!({})).await;
    house.does("create_room", new(json!({"ScheduleStartTime": common::rooms::NOW + 3600}))).await;
    assert_eq!(house.enters("new", "okan").await.status, 200);
    let info = house.does("get_room_info", json!({"RoomId": "new"})).await;
    assert_eq!(info["RoomInfo"]["RoomStatus"], "Running");
}

#[tokio::test]
async fn default_17_robots_come_and_go_in_a_way_of_their_own() {
    let house = bare(json!({})).await;
    house.does("add_robot", json!({"RoomId": "hall", "Member_Account": "robo"})).await;
    house.does("delete_robot", json!({"RoomId": "hall", "Member_Account": "robo"})).await;
    let ways: Vec<Value> = house.events().await.iter().map(|event| event["data"]["how"].clone()).collect();
    assert_eq!(ways, ["robot", "robot"], "callbacks tell of entered, left, kicked and expired alone");
}

#[tokio::test]
async fn default_18_an_owner_who_leaves_stays_the_owner() {
    let house = bare(json!({})).await;
    house.leaves("hall", "mira").await;
    let info = house.does("get_room_info", json!({"RoomId": "hall"})).await["RoomInfo"].clone();
    assert_eq!((&info["Owner_Account"], &info["MemberCount"]), (&json!("mira"), &json!(3)));
    house.enters("hall", "mira").await;
    let list = house.does("get_room_member_list", json!({"RoomId": "hall"})).await;
    assert_eq!(list["MemberList"][3]["Role"], "Owner");
}

#[tokio::test]
async fn default_19_an_account_may_be_in_several_rooms() {
    let house = app(json!([room("hall", &["okan"]), room("other", &["okan"])]), json!({})).await;
    assert_eq!(house.inside("hall").await, house.inside("other").await);
}

#[tokio::test]
async fn default_20_a_chat_group_s_id_is_taken_and_a_room_is_no_group() {
    let house = hall().await;
    let group = json!({"GroupId": "climbers", "Type": "Public", "Name": "climbers"});
    assert_eq!(house.group("create_group", group).await.code(), 0);
    house.refuses("create_room", json!({"RoomInfo": {"RoomId": "climbers", "RoomType": "Conference"}}), 100011).await;
    let gone = house.group("destroy_group", json!({"GroupId": "hall"})).await;
    assert_ne!(gone.code(), 0, "the room has no group of its own to be seen");
    assert_eq!(house.seats().await.len(), seated("None")["MaxSeatCount"]);
}
