//! Rooms changed and their members: update, roles, owner, marks, robots, each row of the reference's section 3.

mod common;

use common::rooms::{PEOPLE, app, hall, room, seated};
use serde_json::{Value, json};

async fn info(house: &common::House) -> Value {
    house.does("get_room_info", json!({"RoomId": "hall"})).await["RoomInfo"].clone()
}

/// One member of the hall as the list shows it.
async fn member(house: &common::House, account: &str) -> Value {
    let list = house.does("get_room_member_list", json!({"RoomId": "hall"})).await["MemberList"].clone();
    let list = list.as_array().expect("a list").clone();
    list.into_iter().find(|member| member["Member_Account"] == account).expect("the member is inside")
}

fn update(fields: Value) -> Value {
    let mut info = fields;
    info["RoomId"] = json!("hall");
    json!({"RoomInfo": info})
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_tells_of_the_whole_room() {
    let house = hall().await;
    let before = info(&house).await;
    let fields = json!({
        "RoomName": "Part 2", "MaxMemberCount": 200, "IsVideoDisabled": true, "IsAudioDisabled": true,
        "IsMessageDisabled": true, "IsScreenSharingDisabled": true, "IsCloudRecordingDisabled": true,
        "CustomInfo": "{\"part\":2}", "TakeSeatMode": "ApplyToTake", "IsPasswordEnabled": true, "Password": "sesame",
    });
    house.does("update_room_info", update(fields.clone())).await;
    let mut wanted = before;
    for (name, value) in fields.as_object().expect("an object") {
        wanted[name] = value.clone();
    }
    assert_eq!(info(&house).await, wanted);
    let event = &house.events().await[0];
    assert_eq!((&event["event"], &event["by"]), (&json!("info_changed"), &json!("admin")));
    assert_eq!(event["audience"], json!({"accounts": PEOPLE}));
    assert_eq!(
        event["data"]["RoomInfo"],
        json!({"RoomId": "hall", "RoomName": "Part 2", "Owner_Account": "mira", "TakeSeatMode": "ApplyToTake",
               "MaxMemberCount": 200, "IsVideoDisabled": true, "IsAudioDisabled": true, "IsMessageDisabled": true,
               "IsScreenSharingDisabled": true, "IsCloudRecordingDisabled": true, "CustomInfo": "{\"part\":2}"})
    );
    let names: Vec<&String> = fields.as_object().expect("an object").keys().collect();
    assert_eq!(event["data"]["changed"], json!(names));
}

#[tokio::test]
async fn an_update_that_names_nothing_succeeds_and_is_told_of() {
    let house = hall().await;
    let before = info(&house).await;
    house.does("update_room_info", update(json!({}))).await;
    assert_eq!(info(&house).await, before);
    assert_eq!(house.events().await[0]["data"]["changed"], json!([]));
}

#[tokio::test]
async fn fields_that_cannot_be_changed_are_passed_over() {
    let house = hall().await;
    let before = info(&house).await;
    let fixed = json!({"RoomType": "Live", "Owner_Account": "okan", "ScheduleStartTime": 1, "ScheduleEndTime": 2,
                       "IsSeatEnabled": false, "MaxSeatCount": 1, "Nonsense": []});
    house.does("update_room_info", update(fixed)).await;
    assert_eq!(info(&house).await, before);
}

#[tokio::test]
async fn an_empty_name_is_the_id_and_other_empty_texts_stay_unless_the_option_clears_them() {
    for (options, custom) in [(json!({}), "old"), (json!({"empty_clears": true}), "")] {
        let mut hall = room("hall", &[]);
        hall["CustomInfo"] = json!("old");
        hall["RoomName"] = json!("Old");
        let house = app(json!([hall]), options).await;
        house.does("update_room_info", update(json!({"RoomName": null, "CustomInfo": null}))).await;
        assert_eq!(info(&house).await["RoomName"], "Old");
        house.does("update_room_info", update(json!({"RoomName": "", "CustomInfo": "", "MaxMemberCount": 0}))).await;
        let after = info(&house).await;
        assert_eq!((&after["RoomName"], &after["CustomInfo"]), (&json!("hall"), &json!(custom)));
        assert_eq!(after["MaxMemberCount"], 300);
    }
}

#[tokio::test]
async fn updates_are_bounded() {
    let house = hall().await;
    for (name, good, bad) in [
        ("RoomName", json!("n".repeat(100)), json!("n".repeat(101))),
        ("RoomName", json!("小".repeat(33)), json!("小".repeat(34))),
        ("CustomInfo", json!("c".repeat(500)), json!("c".repeat(501))),
        ("MaxMemberCount", json!(1), json!(-1)),
        ("TakeSeatMode", json!("FreeToTake"), json!("None")),
        ("IsVideoDisabled", json!(true), json!("true")),
        ("IsPasswordEnabled", json!(false), json!(true)),
    ] {
        house.does("update_room_info", update(json!({name: good}))).await;
        house.refuses("update_room_info", update(json!({name: bad})), 100002).await;
    }
    let limits = json!({"room_engine_http_srv/update_room_info.RoomInfo.MaxMemberCount": 20});
    let world = json!({"imulator": 1, "tencent": {"88888888": {"limits": limits, "rooms": [room("hall", &[])]}}});
    let house = common::start(world).await;
    house.does("update_room_info", update(json!({"MaxMemberCount": 20}))).await;
    house.refuses("update_room_info", update(json!({"MaxMemberCount": 21})), 100013).await;
    let house = app(json!([room("hall", &[])]), json!({"no_package": true})).await;
    house.refuses("update_room_info", update(json!({"RoomName": "x"})), 100007).await;
    let new = json!({"RoomInfo": {"RoomId": "new", "RoomType": "Conference"}});
    house.refuses("create_room", new, 100007).await;
}

#[tokio::test]
async fn a_lower_capacity_puts_nobody_out_and_lets_nobody_in() {
    let house = hall().await;
    house.does("update_room_info", update(json!({"MaxMemberCount": 2}))).await;
    assert_eq!(house.inside("hall").await, PEOPLE);
    house.turns_away("enter", json!({"Member_Account": "noor"}), 100008).await;
}

#[tokio::test]
async fn a_mode_for_a_room_without_seats_is_kept_without_effect() {
    let house = app(json!([room("hall", &["mira"])]), json!({})).await;
    house.does("update_room_info", update(json!({"TakeSeatMode": "ApplyToTake"}))).await;
    assert_eq!(info(&house).await["TakeSeatMode"], "ApplyToTake");
    house.refuses("pick_user_on_seat", json!({"RoomId": "hall", "Member_Account": "mira", "Index": 0}), 100211).await;
}

fn change(fields: Value) -> Value {
    let mut info = fields;
    if info.get("Member_Account").is_none() {
        info["Member_Account"] = json!("okan");
    }
    json!({"RoomId": "hall", "MemberInfo": info})
}

#[tokio::test]
async fn a_member_is_changed_in_part() {
    let house = hall().await;
    house.does("update_room_member_info", change(json!({"NameCard": "Okan, Sales"}))).await;
    house.does("update_room_member_info", change(json!({"Role": "Admin", "CustomInfo": "row 3"}))).await;
    let wanted = json!({"Member_Account": "okan", "NameCard": "Okan, Sales", "Role": "Admin", "Marks": [],
                        "CustomInfo": "row 3"});
    assert_eq!(member(&house, "okan").await, wanted);
    let told: Vec<Value> = house.events().await.iter().map(|event| json!([event["event"], event["data"]])).collect();
    assert_eq!(
        told,
        [
            json!(["member_changed", {"members": ["okan"], "NameCard": "Okan, Sales"}]),
            json!(["member_changed", {"members": ["okan"], "CustomInfo": "row 3"}]),
            json!(["role_changed", {"members": ["okan"], "Role": "Admin"}]),
        ]
    );
    house.does("update_room_member_info", change(json!({}))).await;
    assert_eq!(house.events().await.len(), 3, "what changes nothing is not told of");
    house.does("update_room_member_info", change(json!({"Role": "Member"}))).await;
    assert_eq!(member(&house, "okan").await["Role"], "Member");
}

#[tokio::test]
async fn a_member_s_change_has_its_bounds_and_codes() {
    let house = hall().await;
    house
        .does("update_room_member_info", change(json!({"NameCard": "n".repeat(32), "CustomInfo": "c".repeat(60)})))
        .await;
    for bad in [
        json!({"NameCard": "n".repeat(33)}),
        json!({"CustomInfo": "c".repeat(61)}),
        json!({"Role": "Owner"}),
        json!({"Role": "admin"}),
        json!({"Role": 1}),
        json!({"Member_Account": ""}),
    ] {
        house.refuses("update_room_member_info", change(bad), 100002).await;
    }
    house.refuses("update_room_member_info", change(json!({"Member_Account": 7})), 60015).await;
    house.refuses("update_room_member_info", json!({"RoomId": "hall"}), 100002).await;
    house.refuses("update_room_member_info", change(json!({"Member_Account": "noor"})), 100005).await;
    let owner = json!({"Member_Account": "mira", "Role": "Admin"});
    house.refuses("update_room_member_info", change(owner), 100006).await;
    house.does("update_room_member_info", change(json!({"Member_Account": "mira", "NameCard": "Host"}))).await;
    let house = app(json!([seated("FreeToTake")]), json!({"room_admins_max": 1})).await;
    house.does("update_room_member_info", change(json!({"Role": "Admin"}))).await;
    house.does("update_room_member_info", change(json!({"Role": "Admin"}))).await;
    house.refuses("update_room_member_info", change(json!({"Member_Account": "lupe", "Role": "Admin"})), 100020).await;
}

#[tokio::test]
async fn a_room_changes_hands() {
    let house = hall().await;
    house.does("update_room_member_info", change(json!({"Role": "Admin"}))).await;
    let to = |from: &str, new: &str| json!({"RoomId": "hall", "From_Account": from, "NewOwner_Account": new});
    let before = house.events().await.len();
    house.does("change_room_owner", to("mira", "okan")).await;
    assert_eq!(member(&house, "okan").await["Role"], "Owner");
    assert_eq!(member(&house, "mira").await["Role"], "Member");
    assert_eq!(info(&house).await["Owner_Account"], "okan");
    let events = house.since(before).await;
    assert_eq!(
        (&events[0]["event"], &events[0]["data"]),
        (&json!("owner_changed"), &json!({"from": "mira", "to": "okan"}))
    );
    assert_eq!(events[1]["data"]["RoomInfo"]["Owner_Account"], "okan");
    house.does("change_room_owner", to("okan", "mira")).await;
    assert_eq!(member(&house, "okan").await["Role"], "Member", "the administrator's role is gone");
    let before = house.events().await.len();
    house.does("change_room_owner", to("mira", "mira")).await;
    assert_eq!(house.since(before).await, Vec::<Value>::new());
    house.refuses("change_room_owner", to("okan", "lupe"), 100002).await;
    house.refuses("change_room_owner", to("mira", "noor"), 100005).await;
    house.refuses("change_room_owner", to("mira", ""), 100002).await;
    house.refuses("change_room_owner", to("", "okan"), 100002).await;
    house
        .refuses("change_room_owner", json!({"RoomId": "hall", "From_Account": "mira", "NewOwner_Account": 1}), 60015)
        .await;
}

fn mark(kind: Value, list: Value) -> Value {
    json!({"RoomId": "hall", "CommandType": kind, "MemberList": list})
}

#[tokio::test]
async fn marks_are_set_and_deleted() {
    let house = hall().await;
    let list =
        json!([{"Member_Account": "okan", "Marks": [1003, 1000, 1003]}, {"Member_Account": "lupe", "Marks": [1001]}]);
    house.does("mark_room_member", mark(json!(1), list)).await;
    assert_eq!(member(&house, "okan").await["Marks"], json!([1003, 1000]));
    house.does("mark_room_member", mark(json!("1"), json!([{"Member_Account": "okan", "Marks": [1000, 1002]}]))).await;
    assert_eq!(member(&house, "okan").await["Marks"], json!([1003, 1000, 1002]));
    house.does("mark_room_member", mark(json!("2"), json!([{"Member_Account": "okan", "Marks": [1003, 4711]}]))).await;
    assert_eq!(member(&house, "okan").await["Marks"], json!([1000, 1002]));
    let told: Vec<Value> = house.events().await.iter().map(|event| event["data"].clone()).collect();
    assert_eq!(told[0], json!({"members": ["okan"], "Marks": [1003, 1000]}));
    assert_eq!(told[1], json!({"members": ["lupe"], "Marks": [1001]}));
}

#[tokio::test]
async fn marks_have_their_bounds_and_codes() {
    let house = hall().await;
    let one = |marks: Value| json!([{"Member_Account": "okan", "Marks": marks}]);
    for (kind, list) in [
        (json!(3), one(json!([1000]))),
        (json!(0), one(json!([1000]))),
        (json!("set"), one(json!([1000]))),
        (json!(true), one(json!([1000]))),
        (json!(1), json!([])),
        (json!(1), one(json!([]))),
        (json!(1), one(json!([999]))),
        (json!(1), one(json!([-1]))),
        (json!(1), one(json!([4_294_967_296_i64]))),
        (json!(1), one(json!(["1000"]))),
        (json!(1), json!([{"Member_Account": "okan"}])),
        (json!(1), json!([{"Member_Account": 7, "Marks": [1000]}])),
        (json!(1), json!(vec![json!({"Member_Account": "okan", "Marks": [1000]}); 11])),
    ] {
        house.refuses("mark_room_member", mark(kind, list), 100002).await;
    }
    house.refuses("mark_room_member", mark(json!(1), one(json!([1000, 1001, 1002, 1003]))), 100009).await;
    let mixed = json!([{"Member_Account": "okan", "Marks": [1000]}, {"Member_Account": "noor", "Marks": [1000]}]);
    house.refuses("mark_room_member", mark(json!(1), mixed), 100005).await;
    for (at, account) in ["mira", "okan", "lupe"].iter().enumerate() {
        let marks: Vec<usize> = (0..3).map(|n| 1000 + 3 * at + n).collect();
        house.does("mark_room_member", mark(json!(1), json!([{"Member_Account": account, "Marks": marks}]))).await;
    }
    let adam = |marks: Value| mark(json!(1), json!([{"Member_Account": "adam", "Marks": marks}]));
    house.refuses("mark_room_member", adam(json!([2000, 2001])), 100009).await;
    house.does("mark_room_member", adam(json!([2000, 1000]))).await;
    let ten: Vec<Value> = (0..10).map(|_| json!({"Member_Account": "adam", "Marks": [2000]})).collect();
    house.does("mark_room_member", mark(json!(2), json!(ten))).await;
}

#[tokio::test]
async fn what_a_member_had_is_gone_after_coming_back() {
    let house = hall().await;
    house.does("update_room_member_info", change(json!({"NameCard": "x", "Role": "Admin"}))).await;
    house.does("mark_room_member", mark(json!(1), json!([{"Member_Account": "okan", "Marks": [1000]}]))).await;
    house.leaves("hall", "okan").await;
    house.enters("hall", "okan").await;
    let plain = json!({"Member_Account": "okan", "NameCard": "", "Role": "Member", "Marks": [], "CustomInfo": ""});
    assert_eq!(member(&house, "okan").await, plain);
}

#[tokio::test]
async fn robots_come_and_go_by_the_server() {
    let house = hall().await;
    let robo = |id: &str| json!({"RoomId": "hall", "Member_Account": id});
    house.does("add_robot", robo("robo")).await;
    house.does("add_robot", robo("robo")).await;
    assert_eq!(member(&house, "robo").await["Role"], "Member");
    assert_eq!(info(&house).await["MemberCount"], 5);
    let joined = &house.events().await[0];
    assert_eq!(joined["data"], json!({"members": ["robo"], "how": "robot", "MemberCount": 5}));
    assert_eq!(house.events().await.len(), 1, "adding twice is no change");
    house.refuses("add_robot", robo("never-imported"), 100002).await;
    house.refuses("add_robot", robo(""), 100002).await;
    house.refuses("delete_robot", robo("okan"), 100005).await;
    house.refuses("delete_robot", robo("noor"), 100005).await;
    house.does("delete_robot", robo("robo")).await;
    assert_eq!(house.events().await[1]["data"]["how"], "robot");
    house.does("add_robot", robo("robo")).await;
    let kick = json!({"RoomId": "hall", "MemberList_Account": ["robo"], "Reason": ""});
    house.does("kick_user_out", kick).await;
    assert_eq!(house.inside("hall").await, PEOPLE);
    house.does("update_room_info", update(json!({"MaxMemberCount": 4}))).await;
    house.refuses("add_robot", robo("robo"), 100008).await;
}

#[tokio::test]
async fn a_meeting_has_room_for_ten_robots() {
    let accounts: Vec<Value> = (0..11).map(|n| json!({"UserID": format!("r{n}")})).collect();
    let world = json!({"imulator": 1, "tencent": {"88888888": {"accounts": accounts, "rooms": [room("hall", &[])]}}});
    let house = common::start(world).await;
    for n in 0..10 {
        house.does("add_robot", json!({"RoomId": "hall", "Member_Account": format!("r{n}")})).await;
    }
    house.refuses("add_robot", json!({"RoomId": "hall", "Member_Account": "r10"}), 100700).await;
}

#[tokio::test]
async fn a_client_of_the_owner_makes_administrators_and_removes_members() {
    let house = hall().await;
    house.turns_away("kick", json!({"MemberList_Account": ["lupe"], "Operator_Account": "okan"}), 100006).await;
    house.turns_away("admin", json!({"Member_Account": "lupe", "Operator_Account": "okan"}), 100006).await;
    house.turns_away("admin", json!({"Member_Account": "noor"}), 100005).await;
    house.turns_away("admin", json!({"Member_Account": "mira"}), 100006).await;
    house.by_client("admin", json!({"Member_Account": "okan"})).await;
    assert_eq!(member(&house, "okan").await["Role"], "Admin");
    house.turns_away("kick", json!({"MemberList_Account": ["mira"], "Operator_Account": "okan"}), 100006).await;
    let kick =
        json!({"MemberList_Account": ["lupe"], "Operator_Account": "okan", "Platform": "Web", "ClientIP": "10.0.0.7"});
    house.by_client("kick", kick).await;
    let left = house.events().await.pop().expect("an event");
    assert_eq!(left["by"], "okan");
    assert_eq!(
        left["data"],
        json!({"members": ["lupe"], "how": "kicked", "MemberCount": 3, "reason": "", "kicked_reason": 0,
               "Platform": "Web", "ClientIP": "10.0.0.7"})
    );
    house.by_client("admin", json!({"Member_Account": "okan", "Admin": false})).await;
    house.turns_away("destroy", json!({"Member_Account": "okan"}), 100006).await;
    house.by_client("destroy", json!({"Member_Account": "mira"})).await;
    let gone = house.events().await.pop().expect("an event");
    assert_eq!((&gone["event"], &gone["data"]["dismissed_reason"]), (&json!("destroyed"), &json!(1)));
}
