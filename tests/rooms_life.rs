//! A meeting's life, from its schedule to its end, with every event in its order.

mod common;

use common::rooms::{NOW, app};
use serde_json::{Value, json};

fn in_hall(mut body: Value) -> Value {
    body["RoomId"] = json!("hall");
    body
}

#[tokio::test]
async fn a_meeting_is_planned_held_and_ended() {
    let house = app(json!([]), json!({})).await;
    let info = json!({"RoomId": "hall", "RoomType": "Conference", "RoomName": "Town hall", "Owner_Account": "mira",
                      "ScheduleStartTime": NOW + 3600, "IsSeatEnabled": true, "MaxSeatCount": 2,
                      "TakeSeatMode": "ApplyToTake", "IsPasswordEnabled": true, "Password": "sesame"});
    house.does("create_room", json!({"RoomInfo": info, "ScheduleInviteeList_Account": ["okan", "lupe"]})).await;
    let room = house.does("get_room_info", in_hall(json!({}))).await["RoomInfo"].clone();
    assert_eq!((&room["RoomStatus"], &room["MemberCount"]), (&json!("NotStarted"), &json!(0)));
    house.turns_away("enter", json!({"Member_Account": "mira"}), 100018).await;
    for account in ["mira", "okan", "lupe", "adam"] {
        let enter = json!({"Member_Account": account, "Password": "sesame", "Platform": "Web", "ClientIP": "10.0.0.7"});
        house.by_client("enter", enter).await;
    }
    let room = house.does("get_room_info", in_hall(json!({}))).await["RoomInfo"].clone();
    assert_eq!((&room["RoomStatus"], &room["MemberCount"]), (&json!("Running"), &json!(4)));
    house.by_client("seat", json!({"Member_Account": "okan", "Action": "request"})).await;
    house.by_client("seat", json!({"Member_Account": "okan", "Action": "accept"})).await;
    house.does("lock_seat", in_hall(json!({"Index": 1, "ForbidTaken": true}))).await;
    house.does("mute_room_member", in_hall(json!({"MemberList_Account": ["adam"], "MuteTime": 600}))).await;
    let marks = json!([{"Member_Account": "okan", "Marks": [1000]}]);
    house.does("mark_room_member", in_hall(json!({"CommandType": 1, "MemberList": marks}))).await;
    house.does("change_room_owner", in_hall(json!({"From_Account": "mira", "NewOwner_Account": "okan"}))).await;
    let ban = json!({"MemberList_Account": ["adam"], "Reason": "abuse", "Duration": 600});
    house.does("ban_room_member", in_hall(ban)).await;
    house.does("kick_user_out", in_hall(json!({"MemberList_Account": ["lupe"], "Reason": "late"}))).await;
    house.by_client("expire", json!({"Member_Account": "okan"})).await;
    house.does("destroy_room", in_hall(json!({}))).await;
    house.refuses("get_room_info", in_hall(json!({})), 100004).await;

    let events = house.events().await;
    let told: Vec<Value> = events
        .iter()
        .map(|event| {
            let data = &event["data"];
            json!([event["event"], event["by"], data["members"], data["how"], event["audience"]["accounts"]])
        })
        .collect();
    let all = json!(["mira", "okan", "lupe", "adam"]);
    let wanted = json!([
        ["created", "admin", [], null, ["okan", "lupe", "mira"]],
        ["joined", "mira", ["mira"], "entered", ["mira"]],
        ["joined", "okan", ["okan"], "entered", ["mira", "okan"]],
        ["joined", "lupe", ["lupe"], "entered", ["mira", "okan", "lupe"]],
        ["joined", "adam", ["adam"], "entered", all],
        ["member_changed", "okan", ["okan"], null, ["mira", "okan"]],
        ["member_changed", "mira", ["okan"], null, ["mira", "okan"]],
        ["seat_changed", "mira", null, "taken", all],
        ["seat_changed", "admin", null, "locked", all],
        ["muted", "admin", ["adam"], null, all],
        ["member_changed", "admin", ["okan"], null, all],
        ["owner_changed", "admin", null, null, all],
        ["info_changed", "admin", null, null, all],
        ["banned", "admin", ["adam"], null, all],
        ["member_left", "admin", ["adam"], "kicked", all],
        ["member_left", "admin", ["lupe"], "kicked", ["mira", "okan", "lupe"]],
        ["member_left", "okan", ["okan"], "expired", ["mira", "okan"]],
        ["seat_changed", "okan", null, "left", ["mira", "okan"]],
        ["destroyed", "admin", ["mira"], null, ["mira"]],
    ]);
    assert_eq!(json!(told), wanted);
    let last = events.last().expect("the end");
    assert_eq!((&last["data"]["Owner_Account"], &last["data"]["dismissed_reason"]), (&json!("okan"), &json!(2)));
    assert_eq!(events[14]["data"]["kicked_reason"], 2);
    assert_eq!(events[4]["data"]["Platform"], "Web");
}
