//! Room Engine rooms through the front door: created, read, listed, entered, left, ended.

mod common;

use common::{House, demo, room_data, room_reply, start, without_request_id};
use serde_json::{Value, json};

/// 2026-01-05T09:00:00Z, where the manual clock stands.
const NOW: i64 = 1_767_603_600;

/// An application with these accounts, rooms and options.
async fn app(rooms: Value, options: Value) -> House {
    let accounts = json!([{"UserID": "mira"}, {"UserID": "okan"}]);
    start(json!({"imulator": 1, "tencent": {"88888888": {"accounts": accounts, "rooms": rooms, "options": options}}}))
        .await
}

async fn plain() -> House {
    app(json!([]), json!({})).await
}

/// The whole reply of a room command, the request id aside.
async fn reply(house: &House, command: &str, body: Value) -> String {
    without_request_id(&house.room(command, body).await.text)
}

/// Creates a room of these members of `RoomInfo`; an id and a type are added where they are absent.
async fn create(house: &House, mut info: Value) -> String {
    for (name, value) in [("RoomId", "hall"), ("RoomType", "Conference")] {
        if info.get(name).is_none() {
            info[name] = json!(value);
        }
    }
    reply(house, "create_room", json!({"RoomInfo": info})).await
}

async fn info(house: &House, room: &str) -> Value {
    house.room("get_room_info", json!({"RoomId": room})).await.json()["Response"]["RoomInfo"].clone()
}

/// Creating is refused so, and the world is as before.
async fn refuses(house: &House, body: Value, code: i64, text: &str) {
    let (state, events) = (house.state().await, house.events().await);
    let answer = house.room("create_room", body.clone()).await;
    assert_eq!(without_request_id(&answer.text), room_reply(code, text), "{body}: {}", answer.why());
    assert_ne!(answer.why(), "", "{body}");
    assert_eq!(house.state().await, state, "{body}: a refused call changed the world");
    assert_eq!(house.events().await, events, "{body}: a refused call made an event");
}

#[tokio::test]
async fn a_room_of_the_mandatory_fields_has_the_documented_defaults_in_the_documented_order() {
    let house = plain().await;
    assert_eq!(create(&house, json!({})).await, room_reply(0, ""));
    let room = concat!(
        r#"{"RoomInfo":{"RoomId":"hall","RoomName":"hall","RoomType":"Conference","Owner_Account":"admin","#,
        r#""MaxMemberCount":300,"MaxSeatCount":0,"IsVideoDisabled":false,"IsAudioDisabled":false,"#,
        r#""IsMessageDisabled":false,"IsScreenSharingDisabled":false,"IsCloudRecordingDisabled":false,"#,
        r#""CustomInfo":"","ScheduleStartTime":1767603600,"ScheduleEndTime":1767607200,"RoomStatus":"Running","#,
        r#""IsSeatEnabled":false,"TakeSeatMode":"None","CreateTime":1767603600,"MemberCount":0,"#,
        r#""IsPasswordEnabled":false,"Password":""}}"#
    );
    assert_eq!(reply(&house, "get_room_info", json!({"RoomId": "hall"})).await, room_data(room));
}

#[tokio::test]
async fn a_room_of_all_fields_is_read_back_as_it_was_made() {
    let house = plain().await;
    let room = json!({
        "RoomId": "townhall-0917", "RoomName": "Autumn town hall", "RoomType": "Conference", "Owner_Account": "mira",
        "MaxMemberCount": 120, "MaxSeatCount": 10, "IsVideoDisabled": true, "IsAudioDisabled": true,
        "IsMessageDisabled": true, "IsScreenSharingDisabled": true, "IsCloudRecordingDisabled": true,
        "CustomInfo": "{\"dept\":7}", "ScheduleStartTime": 1789542000, "ScheduleEndTime": 1789545600,
        "IsSeatEnabled": true, "TakeSeatMode": "ApplyToTake", "IsPasswordEnabled": true, "Password": "sesame",
    });
    let body = json!({"RoomInfo": room, "ScheduleInviteeList_Account": ["okan", "lupe", "okan"]});
    assert_eq!(reply(&house, "create_room", body).await, room_reply(0, ""));
    let mut read = room;
    read["RoomStatus"] = json!("NotStarted");
    read["CreateTime"] = json!(NOW);
    read["MemberCount"] = json!(0);
    assert_eq!(info(&house, "townhall-0917").await, read);
    let state = house.state().await["tencent"]["88888888"]["rooms"][0].clone();
    assert_eq!(state["ScheduleInviteeList_Account"], json!(["okan", "lupe", "okan"]));
    let created = house.events().await[0].clone();
    assert_eq!(created["event"], "created");
    assert_eq!(created["by"], "admin");
    let data = &created["data"];
    assert_eq!(
        (&data["members"], &data["ScheduleInviteeList_Account"]),
        (&json!([]), &json!(["okan", "lupe", "okan"]))
    );
    let mut told = read;
    for aside in ["MemberCount", "IsPasswordEnabled", "Password"] {
        told.as_object_mut().expect("an object").remove(aside);
    }
    assert_eq!(data["RoomInfo"], told);
}

#[tokio::test]
async fn null_empty_and_zero_count_as_absent_when_a_room_is_made() {
    let house = plain().await;
    let fields = json!({
        "RoomName": "", "Owner_Account": "", "MaxMemberCount": 0, "ScheduleStartTime": 0, "ScheduleEndTime": null,
        "IsVideoDisabled": null, "CustomInfo": null, "IsSeatEnabled": true, "MaxSeatCount": 0, "TakeSeatMode": "",
        "IsPasswordEnabled": null, "Password": "",
    });
    assert_eq!(create(&house, fields).await, room_reply(0, ""));
    let room = info(&house, "hall").await;
    assert_eq!((&room["RoomName"], &room["Owner_Account"]), (&json!("hall"), &json!("admin")));
    assert_eq!((&room["MaxMemberCount"], &room["MaxSeatCount"]), (&json!(300), &json!(16)));
    assert_eq!((&room["ScheduleStartTime"], &room["ScheduleEndTime"]), (&json!(NOW), &json!(NOW + 3600)));
    assert_eq!(room["TakeSeatMode"], "FreeToTake");
}

#[tokio::test]
async fn a_create_body_without_its_mandatory_parts_is_a_wrong_parameter() {
    let house = plain().await;
    for (body, text) in [
        (json!({}), "RoomInfo is required"),
        (json!({"RoomInfo": null}), "RoomInfo is required"),
        (json!({"RoomInfo": "hall"}), "RoomInfo is invalid"),
        (json!({"roomId": "hall", "roomName": "Hall"}), "RoomInfo is required"),
        (json!({"RoomInfo": {"RoomType": "Conference"}}), "RoomInfo.RoomId is required"),
        (json!({"RoomInfo": {"RoomId": "", "RoomType": "Conference"}}), "RoomInfo.RoomId is required"),
        (json!({"RoomInfo": {"RoomId": 7, "RoomType": "Conference"}}), "RoomInfo.RoomId is invalid"),
        (json!({"RoomInfo": {"RoomId": "hall"}}), "RoomInfo.RoomType is required"),
        (json!({"RoomInfo": {"RoomId": "hall", "RoomType": ""}}), "RoomInfo.RoomType is required"),
        (json!({"RoomInfo": {"RoomId": "hall", "RoomType": 1}}), "RoomInfo.RoomType is invalid"),
    ] {
        refuses(&house, body, 100002, text).await;
    }
}

#[tokio::test]
async fn each_field_of_a_new_room_has_its_limits() {
    let house = plain().await;
    for (name, bad) in [
        ("RoomId", json!("r".repeat(49))),
        ("RoomId", json!("小房间")),
        ("RoomId", json!("tab\there")),
        ("RoomName", json!("n".repeat(101))),
        ("RoomName", json!(5)),
        ("Owner_Account", json!("never-imported")),
        ("MaxMemberCount", json!(-1)),
        ("MaxMemberCount", json!("many")),
        ("MaxMemberCount", json!(2.5)),
        ("ScheduleStartTime", json!(-1)),
        ("ScheduleEndTime", json!(NOW + 299)),
        ("IsVideoDisabled", json!("true")),
        ("IsAudioDisabled", json!(1)),
        ("CustomInfo", json!("c".repeat(501))),
        ("MaxSeatCount", json!(-1)),
        ("TakeSeatMode", json!("Whatever")),
    ] {
        let mut room = json!({"RoomId": "hall", "RoomType": "Conference", "IsSeatEnabled": true});
        room[name] = bad;
        refuses(&house, json!({"RoomInfo": room}), 100002, &format!("RoomInfo.{name} is invalid")).await;
    }
    let locked = json!({"RoomId": "hall", "RoomType": "Conference", "IsPasswordEnabled": true});
    refuses(&house, json!({"RoomInfo": locked}), 100002, "RoomInfo.Password is invalid").await;
    let invited =
        json!({"RoomInfo": {"RoomId": "hall", "RoomType": "Conference"}, "ScheduleInviteeList_Account": [""]});
    refuses(&house, invited, 100002, "ScheduleInviteeList_Account[0] is invalid").await;
}

#[tokio::test]
async fn values_at_their_limits_make_a_room() {
    let house = plain().await;
    let room = json!({
        "RoomId": "r".repeat(48), "RoomName": "n".repeat(100), "CustomInfo": "c".repeat(500), "MaxMemberCount": 1,
        "ScheduleStartTime": 1000, "ScheduleEndTime": 1300, "IsSeatEnabled": true, "MaxSeatCount": 50,
    });
    assert_eq!(create(&house, room).await, room_reply(0, ""));
}

#[tokio::test]
async fn an_owner_that_is_no_string_has_the_common_code() {
    let house = plain().await;
    for owner in [json!(5), json!(true), json!(["mira"]), json!({})] {
        let body = json!({"RoomInfo": {"RoomId": "hall", "RoomType": "Conference", "Owner_Account": owner}});
        refuses(&house, body, 60015, "body account invalid").await;
    }
}

#[tokio::test]
async fn another_room_type_has_its_own_code() {
    let house = plain().await;
    for kind in ["Live", "conference", "Meeting"] {
        refuses(&house, json!({"RoomInfo": {"RoomId": "hall", "RoomType": kind}}), 100015, "invalid room type").await;
    }
}

#[tokio::test]
async fn an_id_in_use_is_refused_and_more_kindly_to_its_owner() {
    let rooms = json!([{"RoomId": "hers", "Owner_Account": "mira"}, {"RoomId": "mine", "Owner_Account": "admin"}]);
    let house = app(rooms, json!({})).await;
    let again = |id: &str| json!({"RoomInfo": {"RoomId": id, "RoomType": "Conference"}});
    refuses(&house, again("hers"), 100003, "room id already exists").await;
    refuses(&house, again("mine"), 100010, "room id already exists, operator is the owner").await;
}

#[tokio::test]
async fn the_id_of_a_chat_group_is_refused() {
    let house = plain().await;
    let group = json!({"GroupId": "climbers", "Type": "Public", "Name": "climbers", "Owner_Account": "mira"});
    assert_eq!(house.group("create_group", group).await.code(), 0);
    let body = json!({"RoomInfo": {"RoomId": "climbers", "RoomType": "Conference"}});
    refuses(&house, body, 100011, "room id is used by chat").await;
    house.group("destroy_group", json!({"GroupId": "climbers"})).await;
    assert_eq!(create(&house, json!({"RoomId": "climbers"})).await, room_reply(0, ""));
}

#[tokio::test]
async fn an_id_may_be_used_again_at_once_unless_the_option_wants_a_second_between() {
    let house = plain().await;
    for _ in 0..2 {
        assert_eq!(create(&house, json!({})).await, room_reply(0, ""));
        assert_eq!(reply(&house, "destroy_room", json!({"RoomId": "hall"})).await, room_reply(0, ""));
    }
    let house = app(json!([]), json!({"create_interval": true})).await;
    let body = json!({"RoomInfo": {"RoomId": "hall", "RoomType": "Conference"}});
    assert_eq!(create(&house, json!({})).await, room_reply(0, ""));
    refuses(&house, body.clone(), 100012, "room id can be created only once per second").await;
    assert_eq!(create(&house, json!({"RoomId": "other"})).await, room_reply(0, ""));
    house.room("destroy_room", json!({"RoomId": "hall"})).await;
    house.emulator.clock().advance(std::time::Duration::from_millis(999));
    refuses(&house, body, 100012, "room id can be created only once per second").await;
    house.emulator.clock().advance(std::time::Duration::from_millis(1));
    assert_eq!(create(&house, json!({})).await, room_reply(0, ""));
    house.emulator.clock().advance(std::time::Duration::from_millis(1000));
    let own = "room id already exists, operator is the owner";
    assert_eq!(create(&house, json!({})).await, room_reply(100010, own));
}

#[tokio::test]
async fn more_than_the_package_allows_is_refused_after_every_field() {
    let house = plain().await;
    let text = "exceeds the limit of the package";
    let seats = json!({"RoomId": "hall", "RoomType": "Conference", "IsSeatEnabled": true, "MaxSeatCount": 51});
    refuses(&house, json!({"RoomInfo": seats.clone()}), 100013, text).await;
    let mut unknown = seats;
    unknown["Owner_Account"] = json!("never-imported");
    refuses(&house, json!({"RoomInfo": unknown}), 100002, "RoomInfo.Owner_Account is invalid").await;
    let limits = json!({"room_engine_http_srv/create_room.RoomInfo.MaxMemberCount": 20, "room_engine_http_srv/create_room.RoomInfo.MaxSeatCount": 8});
    let house = start(json!({"imulator": 1, "tencent": {"88888888": {"limits": limits}}})).await;
    let large = json!({"RoomInfo": {"RoomId": "hall", "RoomType": "Conference", "MaxMemberCount": 21}});
    refuses(&house, large, 100013, text).await;
    assert_eq!(create(&house, json!({"IsSeatEnabled": true})).await, room_reply(0, ""));
    let room = info(&house, "hall").await;
    assert_eq!((&room["MaxMemberCount"], &room["MaxSeatCount"]), (&json!(20), &json!(8)));
}

#[tokio::test]
async fn an_unknown_owner_is_imported_on_demand_but_not_by_a_refused_call() {
    let rooms = json!([{"RoomId": "taken", "Owner_Account": "mira"}]);
    let house = app(rooms, json!({"import_owner": true})).await;
    let body = json!({"RoomInfo": {"RoomId": "taken", "RoomType": "Conference", "Owner_Account": "newcomer"}});
    refuses(&house, body, 100003, "room id already exists").await;
    assert_eq!(create(&house, json!({"Owner_Account": "newcomer"})).await, room_reply(0, ""));
    assert_eq!(house.control("GET", "tencent/88888888/accounts/newcomer", "").await["UserID"], "newcomer");
}

#[tokio::test]
async fn the_owner_is_inside_a_new_room_on_demand() {
    let house = app(json!([]), json!({"owner_enters": true})).await;
    assert_eq!(create(&house, json!({"Owner_Account": "mira"})).await, room_reply(0, ""));
    assert_eq!(house.inside("hall").await, ["mira"]);
    assert_eq!(info(&house, "hall").await["MemberCount"], 1);
    assert_eq!(house.events().await[0]["data"]["members"], json!(["mira"]));
}

#[tokio::test]
async fn a_destroyed_room_is_gone_and_its_members_are_told_once() {
    let house = start(demo()).await;
    assert_eq!(reply(&house, "destroy_room", json!({"RoomId": "room-test"})).await, room_reply(0, ""));
    let events = house.events().await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["event"], "destroyed");
    assert_eq!(events[0]["audience"], json!({"accounts": ["mira", "user1", "user2", "user3"]}));
    for command in ["destroy_room", "get_room_info", "get_room_member_list"] {
        let missing = reply(&house, command, json!({"RoomId": "room-test"})).await;
        assert_eq!(missing, room_reply(100004, "room not exist"), "{command}");
    }
}

#[tokio::test]
async fn a_scheduled_room_is_cancelled_by_destroying_it() {
    let house = plain().await;
    create(&house, json!({"ScheduleStartTime": NOW + 86400})).await;
    assert_eq!(reply(&house, "destroy_room", json!({"RoomId": "hall"})).await, room_reply(0, ""));
}

#[tokio::test]
async fn a_room_id_is_checked_alike_wherever_a_room_is_named() {
    let house = plain().await;
    for command in ["destroy_room", "get_room_info", "get_room_member_list"] {
        for (id, text) in [
            (json!(null), "RoomId is required"),
            (json!(""), "RoomId is required"),
            (json!(1), "RoomId is invalid"),
            (json!("r".repeat(49)), "RoomId is invalid"),
        ] {
            let answer = reply(&house, command, json!({"RoomId": id})).await;
            assert_eq!(answer, room_reply(100002, text), "{command} {id}");
        }
        assert_eq!(reply(&house, command, json!({})).await, room_reply(100002, "RoomId is required"));
    }
}

#[tokio::test]
async fn a_meeting_runs_from_its_start_or_its_first_entry() {
    let house = plain().await;
    create(&house, json!({"ScheduleStartTime": NOW + 600})).await;
    create(&house, json!({"RoomId": "early", "ScheduleStartTime": NOW + 600})).await;
    assert_eq!(info(&house, "hall").await["RoomStatus"], "NotStarted");
    house.enters("early", "okan").await;
    house.leaves("early", "okan").await;
    assert_eq!(info(&house, "early").await["RoomStatus"], "Running");
    house.emulator.clock().advance(std::time::Duration::from_secs(599));
    assert_eq!(info(&house, "hall").await["RoomStatus"], "NotStarted");
    house.emulator.clock().advance(std::time::Duration::from_secs(1));
    assert_eq!(info(&house, "hall").await["RoomStatus"], "Running");
}

#[tokio::test]
async fn a_member_is_listed_with_all_that_is_known_of_it() {
    let members = json!([
        {"Member_Account": "mira", "NameCard": "Mira (host)", "Marks": [1000, 1003], "CustomInfo": "vip"},
        {"Member_Account": "okan", "Role": "Admin"}, {"Member_Account": "robo", "IsRobot": true},
    ]);
    let rooms = json!([{"RoomId": "hall", "Owner_Account": "mira", "MemberList": members}]);
    let list = |owner: &str| {
        room_data(&format!(
            concat!(
                r#"{{"Next":"","MemberList":[{{"Member_Account":"mira","NameCard":"Mira (host)","Role":"{}","#,
                r#""Marks":[1000,1003],"CustomInfo":"vip"}},{{"Member_Account":"okan","NameCard":"","Role":"Admin","#,
                r#""Marks":[],"CustomInfo":""}},{{"Member_Account":"robo","NameCard":"","Role":"Member","#,
                r#""Marks":[],"CustomInfo":""}}]}}"#
            ),
            owner
        ))
    };
    let house = app(rooms.clone(), json!({})).await;
    assert_eq!(reply(&house, "get_room_member_list", json!({"RoomId": "hall"})).await, list("Owner"));
    let house = app(rooms, json!({"room_owner_word": true})).await;
    assert_eq!(reply(&house, "get_room_member_list", json!({"RoomId": "hall"})).await, list("RoomOwner"));
}

#[tokio::test]
async fn an_empty_room_lists_nobody() {
    let house = plain().await;
    create(&house, json!({})).await;
    let empty = room_data(r#"{"Next":"","MemberList":[]}"#);
    assert_eq!(reply(&house, "get_room_member_list", json!({"RoomId": "hall"})).await, empty);
}

/// A room with members m0, m1, ….
async fn crowd(count: usize) -> House {
    let members: Vec<Value> = (0..count).map(|at| json!({"Member_Account": format!("m{at}")})).collect();
    app(json!([{"RoomId": "crowd", "Owner_Account": "mira", "MemberList": members}]), json!({})).await
}

/// One page: the accounts and the cursor of the next.
async fn page(house: &House, count: Value, next: &str) -> (Vec<String>, String) {
    let answer = house.room("get_room_member_list", json!({"RoomId": "crowd", "Count": count, "Next": next})).await;
    assert_eq!(answer.code(), 0, "{}", answer.why());
    let body = answer.json();
    let list = body["Response"]["MemberList"].as_array().expect("a list").iter();
    let accounts = list.map(|member| member["Member_Account"].as_str().expect("a string").to_owned()).collect();
    (accounts, body["Response"]["Next"].as_str().expect("a cursor is a string").to_owned())
}

#[tokio::test]
async fn a_cursor_stays_valid_while_members_come_and_go() {
    let house = crowd(6).await;
    let (first, next) = page(&house, json!(2), "").await;
    assert_eq!(first, ["m0", "m1"]);
    let kick = json!({"RoomId": "crowd", "MemberList_Account": ["m0", "m1", "m2"], "Reason": ""});
    house.room("kick_user_out", kick).await;
    house.enters("crowd", "m0").await;
    let (second, next) = page(&house, json!(2), &next).await;
    assert_eq!(second, ["m3", "m4"]);
    let (third, next) = page(&house, json!(2), &next).await;
    assert_eq!((third, next), (vec!["m5".to_owned(), "m0".to_owned()], String::new()));
}

#[tokio::test]
async fn a_page_has_50_members_by_default_and_at_most_1000() {
    let house = crowd(1001).await;
    for absent in [json!(null), json!(0), json!("")] {
        assert_eq!(page(&house, absent, "").await.0.len(), 50);
    }
    let (all, next) = page(&house, json!(5000), "").await;
    assert_eq!(all.len(), 1000);
    assert_eq!(page(&house, json!(1), &next).await, (vec!["m1000".to_owned()], String::new()));
}

#[tokio::test]
async fn a_malformed_page_is_a_wrong_parameter() {
    let house = crowd(1).await;
    for (name, bad) in
        [("Count", json!(-1)), ("Count", json!("2")), ("Next", json!("x1")), ("Next", json!("-1")), ("Next", json!(7))]
    {
        let mut body = json!({"RoomId": "crowd"});
        body[name] = bad;
        let answer = reply(&house, "get_room_member_list", body).await;
        assert_eq!(answer, room_reply(100002, &format!("{name} is invalid")));
    }
}

/// A client is refused with this code of the room service, and the world is as before.
async fn turned_away(house: &House, verb: &str, body: Value, code: i64) {
    let (state, events) = (house.state().await, house.events().await);
    let answer = house.client("hall", verb, body.clone()).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["error"]["code"]), (409, &json!(code)), "{body}");
    assert_eq!(house.state().await, state, "{body}");
    assert_eq!(house.events().await, events, "{body}");
}

#[tokio::test]
async fn a_client_enters_and_leaves() {
    let house = app(json!([{"RoomId": "hall", "Owner_Account": "mira"}]), json!({})).await;
    assert_eq!(house.enters("hall", "okan").await.text, "{}");
    assert_eq!(house.enters("hall", "okan").await.text, "{}", "entering twice is no change");
    assert_eq!(house.leaves("hall", "okan").await.text, "{}");
    let told: Vec<Value> = house.events().await.iter().map(|event| event["data"].clone()).collect();
    assert_eq!(
        told,
        [
            json!({"members": ["okan"], "how": "entered", "MemberCount": 1}),
            json!({"members": ["okan"], "how": "left", "MemberCount": 0, "reason": ""}),
        ]
    );
    turned_away(&house, "leave", json!({"Member_Account": "okan"}), 100005).await;
}

#[tokio::test]
async fn a_client_meets_a_room_that_does_not_exist() {
    let house = plain().await;
    turned_away(&house, "enter", json!({"Member_Account": "okan"}), 100004).await;
    turned_away(&house, "enter", json!({"Member_Account": "newcomer"}), 100004).await;
    turned_away(&house, "leave", json!({"Member_Account": "okan"}), 100004).await;
}

#[tokio::test]
async fn a_client_meets_a_full_room() {
    let hall = json!({"RoomId": "hall", "Owner_Account": "mira", "MaxMemberCount": 1,
                      "MemberList": [{"Member_Account": "mira"}]});
    let house = app(json!([hall]), json!({})).await;
    turned_away(&house, "enter", json!({"Member_Account": "okan"}), 100008).await;
    house.leaves("hall", "mira").await;
    assert_eq!(house.enters("hall", "okan").await.status, 200);
}

#[tokio::test]
async fn a_client_meets_a_ban_until_it_ends() {
    let hall = json!({"RoomId": "hall", "Owner_Account": "mira",
                      "BannedAccountList": [{"Member_Account": "okan", "BannedUntil": NOW + 60}]});
    let house = app(json!([hall]), json!({})).await;
    turned_away(&house, "enter", json!({"Member_Account": "okan"}), 100016).await;
    house.emulator.clock().advance(std::time::Duration::from_secs(60));
    assert_eq!(house.enters("hall", "okan").await.status, 200);
}

#[tokio::test]
async fn a_client_meets_a_password() {
    let house = plain().await;
    create(&house, json!({"IsPasswordEnabled": true, "Password": "sesame"})).await;
    turned_away(&house, "enter", json!({"Member_Account": "okan"}), 100018).await;
    turned_away(&house, "enter", json!({"Member_Account": "okan", "Password": "Sesame"}), 100019).await;
    let open = json!({"Member_Account": "okan", "Password": "sesame", "Platform": "Web", "ClientIP": "10.0.0.7"});
    assert_eq!(house.client("hall", "enter", open).await.status, 200);
}

#[tokio::test]
async fn an_unknown_client_is_imported_by_entering_unless_accounts_are_strict() {
    let rooms = json!([{"RoomId": "hall", "Owner_Account": "mira"}]);
    let house = app(rooms.clone(), json!({})).await;
    assert_eq!(house.enters("hall", "newcomer").await.status, 200);
    assert_eq!(house.control("GET", "tencent/88888888/accounts/newcomer", "").await["UserID"], "newcomer");
    let house = app(rooms, json!({"strict_accounts": true})).await;
    let state = house.state().await;
    assert_eq!(house.enters("hall", "newcomer").await.status, 400);
    assert_eq!(house.state().await, state);
    assert_eq!(house.enters("hall", "okan").await.status, 200);
}

#[tokio::test]
async fn the_owner_who_leaves_stays_the_owner() {
    let house = start(demo()).await;
    house.leaves("room-test", "mira").await;
    let room = info(&house, "room-test").await;
    assert_eq!((&room["Owner_Account"], &room["MemberCount"]), (&json!("mira"), &json!(3)));
}

#[tokio::test]
async fn what_changed_limits_let_in_is_a_sound_document() {
    let limits = json!({
        "room_engine_http_srv/create_room.RoomInfo.RoomId": 100, "room_engine_http_srv/create_room.RoomInfo.MaxSeatCount": 5000,
    });
    let house =
        start(json!({"imulator": 1, "tencent": {"88888888": {"limits": limits, "options": {"import_owner": true}}}}))
            .await;
    let room = |id: &str, seats: u64, owner: &str| {
        json!({"RoomInfo": {"RoomId": id, "RoomType": "Conference", "IsSeatEnabled": true, "MaxSeatCount": seats,
            "Owner_Account": owner}})
    };
    assert_eq!(house.room("create_room", room(&"r".repeat(60), 16, "admin")).await.code(), 0);
    assert_eq!(house.room("create_room", room("many", 1000, "admin")).await.code(), 0);
    assert_eq!(house.room("create_room", room("too-many", 1001, "admin")).await.code(), 100013);
    assert_eq!(house.room("create_room", room("strange", 16, "小明")).await.code(), 100002);
    let state = house.state().await;
    house.control("PUT", "state", state.clone()).await;
    assert_eq!(house.state().await, state);
}

#[tokio::test]
async fn each_is_told_of_a_new_room_once() {
    let house = start(demo()).await;
    let info = json!({"RoomId": "r", "RoomType": "Conference", "Owner_Account": "mira"});
    let body = json!({"RoomInfo": info, "ScheduleInviteeList_Account": ["okan", "mira", "okan"]});
    assert_eq!(house.room("create_room", body).await.code(), 0);
    assert_eq!(house.events().await[0]["audience"], json!({"accounts": ["okan", "mira"]}));
}
