//! `kick_user_out`: every case of <https://trtc.io/document/60708> and of the reference's table of edge cases.

mod common;

use common::{House, room_reply, start, without_request_id};
use serde_json::{Value, json};

/// The application of the tests, with these rooms and options.
fn world(rooms: Value, options: Value) -> Value {
    json!({"imulator": 1, "tencent": {"88888888": {"rooms": rooms, "options": options}}})
}

/// A room owned by mira with these members.
fn room(id: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({"Member_Account": id})).collect();
    json!({"RoomId": id, "Owner_Account": "mira", "MemberList": members})
}

/// `hall`: the owner and two others are inside; `late`: the owner is not.
async fn hall() -> House {
    start(world(json!([room("hall", &["mira", "okan", "lupe"]), room("late", &["okan"])]), json!({}))).await
}

/// A room with members m0, m1, … without its owner.
async fn crowd(count: usize) -> (House, Vec<String>) {
    let names: Vec<String> = (0..count).map(|number| format!("m{number}")).collect();
    let members: Vec<&str> = names.iter().map(String::as_str).collect();
    (start(world(json!([room("crowd", &members)]), json!({}))).await, names)
}

fn kick(room: impl Into<Value>, members: impl Into<Value>, reason: impl Into<Value>) -> Value {
    json!({"RoomId": room.into(), "MemberList_Account": members.into(), "Reason": reason.into()})
}

/// The call removes members: the documented envelope and nothing else; gives the one event of the departure.
async fn removes(house: &House, body: Value) -> Value {
    let before = house.events().await.len();
    let answer = house.room("kick_user_out", body.clone()).await;
    assert_eq!(without_request_id(&answer.text), room_reply(0, ""), "{body}: {}", answer.why());
    assert_eq!(answer.why(), "");
    let left: Vec<Value> =
        house.events().await.split_off(before).into_iter().filter(|event| event["event"] == "member_left").collect();
    assert_eq!(left.len(), 1, "one departure a call: {left:?}");
    left[0].clone()
}

/// The call is refused so; the world is as before, nothing happened, and a person is told why.
async fn refuses(house: &House, body: Value, code: i64, info: &str) {
    let (state, events) = (house.state().await, house.events().await);
    let answer = house.room("kick_user_out", body.clone()).await;
    assert_eq!(without_request_id(&answer.text), room_reply(code, info), "{body}: {}", answer.why());
    assert_ne!(answer.why(), "", "{body}");
    assert_eq!(house.state().await, state, "{body}: a refused call changed the world");
    assert_eq!(house.events().await, events, "{body}: a refused call made an event");
}

#[tokio::test]
async fn members_are_removed_and_the_others_stay_in_their_order() {
    let house = hall().await;
    let left = removes(&house, kick("hall", json!(["lupe"]), "shared the link in public")).await;
    assert_eq!(
        left["data"],
        json!({"members": ["lupe"], "how": "kicked", "MemberCount": 2, "reason": "shared the link in public", "kicked_reason": 2})
    );
    assert_eq!(left["by"], "admin");
    assert_eq!(left["scope"], json!({"room": "hall"}));
    assert_eq!(left["audience"], json!({"accounts": ["mira", "okan", "lupe"]}));
    assert_eq!(house.inside("hall").await, ["mira", "okan"]);
}

#[tokio::test]
async fn a_room_id_that_is_absent_empty_or_no_string_is_a_wrong_parameter() {
    let house = hall().await;
    let absent = json!({"MemberList_Account": ["okan"], "Reason": "r"});
    refuses(&house, absent, 100002, "RoomId is required").await;
    for (id, info) in [
        (json!(null), "RoomId is required"),
        (json!(""), "RoomId is required"),
        (json!(7), "RoomId is invalid"),
        (json!(["hall"]), "RoomId is invalid"),
        (json!({}), "RoomId is invalid"),
        (json!(true), "RoomId is invalid"),
    ] {
        refuses(&house, kick(id, json!(["okan"]), "r"), 100002, info).await;
    }
}

#[tokio::test]
async fn a_room_id_has_at_most_48_bytes() {
    let house = hall().await;
    refuses(&house, kick("a".repeat(49), json!(["okan"]), "r"), 100002, "RoomId is invalid").await;
    refuses(&house, kick("小".repeat(17), json!(["okan"]), "r"), 100002, "RoomId is invalid").await;
    refuses(&house, kick("a".repeat(48), json!(["okan"]), "r"), 100004, "room not exist").await;
}

#[tokio::test]
async fn a_list_that_is_absent_null_or_no_array_is_a_wrong_parameter() {
    let house = hall().await;
    let absent = json!({"RoomId": "hall", "Reason": "r"});
    refuses(&house, absent, 100002, "MemberList_Account is required").await;
    refuses(&house, kick("hall", json!(null), "r"), 100002, "MemberList_Account is required").await;
    for list in [json!("okan"), json!({"0": "okan"}), json!(0), json!(false)] {
        refuses(&house, kick("hall", list, "r"), 100002, "MemberList_Account is invalid").await;
    }
}

#[tokio::test]
async fn an_empty_list_is_a_wrong_parameter() {
    let house = hall().await;
    refuses(&house, kick("hall", json!([]), "r"), 100002, "MemberList_Account is invalid").await;
}

#[tokio::test]
async fn twenty_one_entries_are_too_many_even_if_they_name_one_account() {
    let (house, names) = crowd(21).await;
    refuses(&house, kick("crowd", names, "r"), 100002, "MemberList_Account is invalid").await;
    refuses(&house, kick("crowd", vec!["m1"; 21], "r"), 100002, "MemberList_Account is invalid").await;
}

#[tokio::test]
async fn exactly_twenty_entries_are_removed() {
    let (house, mut names) = crowd(21).await;
    let stays = names.pop();
    let left = removes(&house, kick("crowd", names.clone(), "r")).await;
    assert_eq!(left["data"]["members"], json!(names));
    assert_eq!(house.inside("crowd").await, stays.into_iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn the_limit_of_entries_can_be_changed_for_an_application() {
    let mut world = world(json!([room("hall", &["mira", "okan", "lupe"])]), json!({}));
    world["tencent"]["88888888"]["limits"] = json!({"kick_user_out.MemberList_Account": 1});
    let house = start(world).await;
    refuses(&house, kick("hall", json!(["okan", "lupe"]), "r"), 100002, "MemberList_Account is invalid").await;
    removes(&house, kick("hall", json!(["okan"]), "r")).await;
}

#[tokio::test]
async fn an_entry_that_can_be_no_account_is_a_wrong_parameter() {
    let house = hall().await;
    for entry in [json!(5), json!(["okan"]), json!(""), json!("a".repeat(33)), json!("小".repeat(11))] {
        let list = json!(["okan", entry]);
        refuses(&house, kick("hall", list, "r"), 100002, "MemberList_Account[1] is invalid").await;
    }
    refuses(&house, kick("hall", json!(["okan", null]), "r"), 100002, "MemberList_Account[1] is required").await;
    refuses(&house, kick("hall", json!(["a".repeat(32)]), "r"), 100005, "not room member").await;
}

#[tokio::test]
async fn a_duplicate_counts_once() {
    let house = hall().await;
    let left = removes(&house, kick("hall", json!(["okan", "okan", "lupe", "okan"]), "r")).await;
    assert_eq!(left["data"]["members"], json!(["okan", "lupe"]));
    assert_eq!(house.inside("hall").await, ["mira"]);
}

#[tokio::test]
async fn a_reason_that_is_absent_null_or_no_string_is_a_wrong_parameter() {
    let house = hall().await;
    let absent = json!({"RoomId": "hall", "MemberList_Account": ["okan"]});
    refuses(&house, absent, 100002, "Reason is required").await;
    refuses(&house, kick("hall", json!(["okan"]), json!(null)), 100002, "Reason is required").await;
    for reason in [json!(0), json!(["r"]), json!({}), json!(true)] {
        refuses(&house, kick("hall", json!(["okan"]), reason), 100002, "Reason is invalid").await;
    }
}

#[tokio::test]
async fn a_reason_may_be_empty() {
    let house = hall().await;
    assert_eq!(removes(&house, kick("hall", json!(["okan"]), "")).await["data"]["reason"], "");
}

#[tokio::test]
async fn a_reason_has_at_most_1000_bytes() {
    for sound in ["r".repeat(1000), "小".repeat(333)] {
        let house = hall().await;
        let left = removes(&house, kick("hall", json!(["okan"]), sound.clone())).await;
        assert_eq!(left["data"]["reason"], sound);
    }
    let house = hall().await;
    for long in ["r".repeat(1001), "小".repeat(334)] {
        refuses(&house, kick("hall", json!(["okan"]), long), 100002, "Reason is invalid").await;
    }
}

#[tokio::test]
async fn one_who_is_not_inside_is_not_a_member() {
    let house = hall().await;
    refuses(&house, kick("hall", json!(["admin"]), "r"), 100005, "not room member").await;
    refuses(&house, kick("hall", json!(["nobody-ever-imported"]), "r"), 100005, "not room member").await;
    refuses(&house, kick("hall", json!(["Okan"]), "r"), 100005, "not room member").await;
    refuses(&house, kick("hall", json!(["okan "]), "r"), 100005, "not room member").await;
}

#[tokio::test]
async fn a_list_with_one_stranger_removes_nobody() {
    let house = hall().await;
    refuses(&house, kick("hall", json!(["okan", "stranger", "lupe"]), "r"), 100005, "not room member").await;
    assert_eq!(house.inside("hall").await, ["mira", "okan", "lupe"]);
}

#[tokio::test]
async fn the_option_kick_partial_removes_those_present_and_refuses_if_none_is() {
    let rooms = json!([room("hall", &["mira", "okan", "lupe"])]);
    let house = start(world(rooms, json!({"kick_partial": "skip"}))).await;
    refuses(&house, kick("hall", json!(["stranger", "other"]), "r"), 100005, "not room member").await;
    refuses(&house, kick("hall", json!(["stranger", "mira"]), "r"), 100006, "permission denied").await;
    let left = removes(&house, kick("hall", json!(["stranger", "okan", "other"]), "r")).await;
    assert_eq!(left["data"]["members"], json!(["okan"]));
    assert_eq!(house.inside("hall").await, ["mira", "lupe"]);
}

#[tokio::test]
async fn the_owner_inside_is_protected_and_nobody_is_removed() {
    let house = hall().await;
    for list in [json!(["mira"]), json!(["okan", "mira"]), json!(["stranger", "mira"])] {
        refuses(&house, kick("hall", list, "r"), 100006, "permission denied").await;
    }
}

#[tokio::test]
async fn the_owner_outside_is_not_a_member() {
    let house = hall().await;
    refuses(&house, kick("late", json!(["mira"]), "r"), 100005, "not room member").await;
    refuses(&house, kick("late", json!(["okan", "mira"]), "r"), 100005, "not room member").await;
}

#[tokio::test]
async fn an_admin_of_the_room_is_removed_like_anybody() {
    let mut hall = room("hall", &["mira", "okan"]);
    hall["MemberList"][1]["Role"] = json!("Admin");
    let house = start(world(json!([hall]), json!({}))).await;
    removes(&house, kick("hall", json!(["okan"]), "r")).await;
    assert_eq!(house.inside("hall").await, ["mira"]);
}

#[tokio::test]
async fn the_caller_is_treated_like_any_account() {
    let house = start(world(json!([room("hall", &["mira", "admin"])]), json!({}))).await;
    let left = removes(&house, kick("hall", json!(["admin"]), "r")).await;
    assert_eq!(left["by"], "admin");
    assert_eq!(house.inside("hall").await, ["mira"]);
    refuses(&house, kick("hall", json!(["admin"]), "r"), 100005, "not room member").await;
}

#[tokio::test]
async fn a_robot_is_removed_like_a_member() {
    let mut hall = room("hall", &["mira", "robo"]);
    hall["MemberList"][1]["IsRobot"] = json!(true);
    let house = start(world(json!([hall]), json!({}))).await;
    removes(&house, kick("hall", json!(["robo"]), "r")).await;
    assert_eq!(house.inside("hall").await, ["mira"]);
}

#[tokio::test]
async fn the_room_stays_when_its_last_member_is_removed() {
    let house = hall().await;
    let left = removes(&house, kick("late", json!(["okan"]), "r")).await;
    assert_eq!(left["data"]["MemberCount"], 0);
    assert_eq!(house.inside("late").await, [""; 0]);
    let info = house.room("get_room_info", json!({"RoomId": "late"})).await.json();
    assert_eq!(info["Response"]["RoomInfo"]["MemberCount"], 0);
    assert_eq!(info["Response"]["RoomInfo"]["RoomStatus"], "Running");
    let rooms = house.state().await["tencent"]["88888888"]["rooms"].clone();
    assert_eq!(rooms[1]["EmptySinceMs"].as_i64(), Some(1_767_603_600_000));
}

#[tokio::test]
async fn whoever_was_removed_may_come_back_at_once_as_the_last_one_in() {
    let house = hall().await;
    removes(&house, kick("hall", json!(["okan"]), "r")).await;
    assert_eq!(house.enters("hall", "okan").await.status, 200);
    assert_eq!(house.inside("hall").await, ["mira", "lupe", "okan"]);
}

#[tokio::test]
async fn whoever_comes_back_has_the_defaults_again() {
    let mut hall = room("hall", &["mira", "okan"]);
    hall["MemberList"][1] = json!({"Member_Account": "okan", "Role": "Admin", "NameCard": "Okan (sound)",
                                   "Marks": [1000, 1003], "CustomInfo": "vip"});
    let house = start(world(json!([hall]), json!({}))).await;
    removes(&house, kick("hall", json!(["okan"]), "r")).await;
    house.enters("hall", "okan").await;
    let page = house.room("get_room_member_list", json!({"RoomId": "hall"})).await.json();
    assert_eq!(
        page["Response"]["MemberList"][1],
        json!({"Member_Account": "okan", "NameCard": "", "Role": "Member", "Marks": [], "CustomInfo": ""})
    );
}

#[tokio::test]
async fn a_seat_is_freed_and_its_locks_survive() {
    let mut hall = room("hall", &["mira", "okan", "lupe"]);
    hall["IsSeatEnabled"] = json!(true);
    hall["MaxSeatCount"] = json!(3);
    hall["SeatList"] = json!([{"Member_Account": "mira"}, {}, {"Member_Account": "okan", "IsAudioDisabled": true}]);
    let house = start(world(json!([hall]), json!({}))).await;
    removes(&house, kick("hall", json!(["lupe", "okan"]), "r")).await;
    let events = house.events().await;
    let names: Vec<&str> = events.iter().map(|event| event["event"].as_str().expect("events have names")).collect();
    assert_eq!(names, ["member_left", "seat_changed"]);
    assert_eq!(
        events[1]["data"],
        json!({"SeatList": [{"Index": 2, "Member_Account": "", "IsTakenDisabled": false, "IsVideoDisabled": false,
                             "IsAudioDisabled": true}], "how": "left", "left": ["okan"]})
    );
    assert_eq!(events[1]["audience"], json!({"accounts": ["mira", "lupe", "okan"]}));
    let rooms = house.state().await["tencent"]["88888888"]["rooms"].clone();
    assert_eq!(rooms[0]["SeatList"], json!([{"Member_Account": "mira"}, {}, {"IsAudioDisabled": true}]));
}

#[tokio::test]
async fn a_scheduled_room_exists_before_it_starts_and_nobody_is_inside() {
    let mut later = room("later", &[]);
    later["ScheduleStartTime"] = json!(1_767_690_000);
    later["ScheduleInviteeList_Account"] = json!(["okan"]);
    let house = start(world(json!([later]), json!({}))).await;
    let info = house.room("get_room_info", json!({"RoomId": "later"})).await.json();
    assert_eq!(info["Response"]["RoomInfo"]["RoomStatus"], "NotStarted");
    refuses(&house, kick("later", json!(["okan"]), "r"), 100005, "not room member").await;
    refuses(&house, kick("later", json!(["mira"]), "r"), 100005, "not room member").await;
}

#[tokio::test]
async fn a_live_room_loses_its_viewers_by_the_same_command() {
    let mut live = room("live", &["mira", "viewer"]);
    live["RoomType"] = json!("Live");
    let house = start(world(json!([live]), json!({}))).await;
    let left = removes(&house, kick("live", json!(["viewer"]), "spam")).await;
    assert_eq!(
        left["data"],
        json!({"members": ["viewer"], "how": "kicked", "MemberCount": 1, "reason": "spam", "kicked_reason": 2})
    );
    assert_eq!(house.inside("live").await, ["mira"]);
}

#[tokio::test]
async fn a_room_that_never_was_or_is_destroyed_does_not_exist() {
    let house = hall().await;
    refuses(&house, kick("nowhere", json!(["okan"]), "r"), 100004, "room not exist").await;
    refuses(&house, kick("Hall", json!(["okan"]), "r"), 100004, "room not exist").await;
    house.room("destroy_room", json!({"RoomId": "hall"})).await;
    refuses(&house, kick("hall", json!(["okan"]), "r"), 100004, "room not exist").await;
}

#[tokio::test]
async fn the_fields_are_checked_before_the_room_and_the_room_before_the_members() {
    let house = hall().await;
    refuses(&house, kick("nowhere", json!([]), "r"), 100002, "MemberList_Account is invalid").await;
    refuses(&house, kick("nowhere", json!(["okan"]), json!(null)), 100002, "Reason is required").await;
    refuses(&house, kick("nowhere", json!(["mira"]), "r".repeat(1001)), 100002, "Reason is invalid").await;
    refuses(&house, kick("nowhere", json!(["mira", "stranger"]), "r"), 100004, "room not exist").await;
}

#[tokio::test]
async fn the_line_for_a_person_names_field_value_and_limit() {
    let (house, names) = crowd(21).await;
    let answer = house.room("kick_user_out", kick("crowd", names, "r")).await;
    assert_eq!(answer.why(), "MemberList_Account: 21 entries; the documented maximum is 20 entries");
    let answer = house.room("kick_user_out", kick("crowd", json!(["m1", 5]), "r")).await;
    assert_eq!(answer.why(), "MemberList_Account[1]: is 5, and has to be an account: a string");
    let answer = house.room("kick_user_out", kick("crowd", json!(["小明"]), "r")).await;
    assert_eq!(answer.why(), "MemberList_Account: \\u{5c0f}\\u{660e} is not in the room");
}

#[tokio::test]
async fn rooms_of_other_applications_are_out_of_reach() {
    let house = hall().await;
    let target = "/v4/room_engine_http_srv/kick_user_out?sdkappid=1400000000&identifier=admin&usersig=x";
    let answer = house.call("POST", target, &[], kick("hall", json!(["okan"]), "r")).await;
    assert_eq!(without_request_id(&answer.text), room_reply(100004, "room not exist"));
    assert_eq!(house.inside("hall").await, ["mira", "okan", "lupe"]);
}
