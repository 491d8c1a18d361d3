//! Bans, mutes and the callbacks' configuration: each row of the reference's sections 3.10 to 3.14 and 3.22.

mod common;

use common::rooms::{NOW, PEOPLE, app, hall, room};
use serde_json::{Value, json};

fn ban(members: Value, seconds: i64) -> Value {
    json!({"RoomId": "hall", "MemberList_Account": members, "Reason": "abuse", "Duration": seconds})
}

fn list(more: Value) -> Value {
    let mut body = more;
    body["RoomId"] = json!("hall");
    body
}

#[tokio::test]
async fn a_ban_puts_out_and_keeps_out_until_it_ends() {
    let house = hall().await;
    house.does("pick_user_on_seat", json!({"RoomId": "hall", "Member_Account": "lupe", "Index": 1})).await;
    let before = house.events().await.len();
    house.does("ban_room_member", ban(json!(["lupe", "lupe"]), 1800)).await;
    assert_eq!(house.inside("hall").await, ["mira", "okan", "adam"]);
    let events = house.since(before).await;
    let names: Vec<&Value> = events.iter().map(|event| &event["event"]).collect();
    assert_eq!(names, ["banned", "member_left", "seat_changed"]);
    assert_eq!(
        events[1]["data"],
        json!({"members": ["lupe"], "how": "kicked", "MemberCount": 3, "reason": "abuse", "kicked_reason": 2})
    );
    assert_eq!(events[0]["data"], json!({"members": ["lupe"], "BannedUntil": NOW + 1800, "reason": "abuse"}));
    assert_eq!(events[0]["audience"], json!({"accounts": PEOPLE}));
    assert_eq!(events[1]["audience"], json!({"accounts": ["mira", "okan", "adam", "lupe"]}));
    house.turns_away("enter", json!({"Member_Account": "lupe"}), 100016).await;
    let bans = house.does("get_banned_member_list", list(json!({}))).await;
    assert_eq!(
        bans,
        json!({"BannedAccountList": [{"Member_Account": "lupe", "BannedUntil": NOW + 1800}], "NextOffset": 0})
    );
    house.seconds_pass(1799);
    house.turns_away("enter", json!({"Member_Account": "lupe"}), 100016).await;
    house.seconds_pass(1);
    let none = json!({"BannedAccountList": [], "NextOffset": 0});
    assert_eq!(house.does("get_banned_member_list", list(json!({}))).await, none);
    assert_eq!(house.enters("hall", "lupe").await.status, 200);
}

#[tokio::test]
async fn banning_again_starts_the_time_anew_and_unbanning_ends_it() {
    let house = hall().await;
    house.does("ban_room_member", ban(json!(["lupe"]), 1800)).await;
    house.seconds_pass(60);
    house.does("ban_room_member", ban(json!(["lupe"]), 600)).await;
    let bans = house.does("get_banned_member_list", list(json!({}))).await;
    assert_eq!(bans["BannedAccountList"][0]["BannedUntil"], NOW + 660);
    let before = house.events().await.len();
    house.does("unban_room_member", json!({"RoomId": "hall", "MemberList_Account": ["noor", "lupe"]})).await;
    let event = &house.since(before).await[0];
    assert_eq!((&event["event"], &event["data"]), (&json!("banned"), &json!({"members": ["lupe"], "BannedUntil": 0})));
    house.does("unban_room_member", json!({"RoomId": "hall", "MemberList_Account": ["noor"]})).await;
    assert_eq!(house.since(before).await.len(), 1);
    assert_eq!(house.enters("hall", "lupe").await.status, 200);
}

#[tokio::test]
async fn bans_have_their_bounds_and_codes() {
    let house = hall().await;
    let names: Vec<String> = (0..21).map(|n| format!("m{n}")).collect();
    for bad in [json!([]), json!(names), json!([""]), json!(["x".repeat(33)]), json!([7]), json!("okan"), json!(null)] {
        house.refuses("ban_room_member", ban(bad.clone(), 60), 100002).await;
        house.refuses("unban_room_member", json!({"RoomId": "hall", "MemberList_Account": bad}), 100002).await;
    }
    for seconds in [0, -1, 4_294_967_296] {
        house.refuses("ban_room_member", ban(json!(["okan"]), seconds), 100002).await;
    }
    for (name, bad) in [
        ("Duration", json!(null)),
        ("Duration", json!("60")),
        ("Reason", json!(null)),
        ("Reason", json!("r".repeat(1001))),
    ] {
        let mut body = ban(json!(["okan"]), 60);
        body[name] = bad;
        house.refuses("ban_room_member", body, 100002).await;
    }
    house.refuses("ban_room_member", ban(json!(["okan", "mira"]), 60), 100006).await;
    house.refuses("ban_room_member", ban(json!(["okan", "noor"]), 60), 100005).await;
    let mut edge = ban(json!(["okan"]), 4_294_967_295);
    edge["Reason"] = json!("");
    house.does("ban_room_member", edge).await;
}

#[tokio::test]
async fn an_absent_account_is_banned_where_the_option_says_so() {
    let house = app(json!([room("hall", &PEOPLE)]), json!({"ban_allow_absent": true})).await;
    house.does("ban_room_member", ban(json!(["noor"]), 60)).await;
    house.turns_away("enter", json!({"Member_Account": "noor"}), 100016).await;
    house.refuses("add_robot", json!({"RoomId": "hall", "Member_Account": "noor"}), 100016).await;
}

#[tokio::test]
async fn the_list_of_bans_has_pages() {
    let mut hall = room("hall", &[]);
    let bans: Vec<Value> =
        (0..103).map(|n| json!({"Member_Account": format!("b{n:03}"), "BannedUntil": NOW + 60})).collect();
    hall["BannedAccountList"] = json!(bans);
    let house = app(json!([hall]), json!({})).await;
    let page = |body: Value| {
        let house = &house;
        async move {
            let reply = house.does("get_banned_member_list", list(body)).await;
            let page = reply["BannedAccountList"].as_array().expect("a list").clone();
            (page.len(), page.first().map(|ban| ban["Member_Account"].clone()), reply["NextOffset"].clone())
        }
    };
    assert_eq!(page(json!({})).await, (100, Some(json!("b000")), json!(100)));
    assert_eq!(page(json!({"Limit": 0, "Offset": 0})).await, (100, Some(json!("b000")), json!(100)));
    assert_eq!(page(json!({"Offset": 100})).await, (3, Some(json!("b100")), json!(0)));
    assert_eq!(page(json!({"Next": "100"})).await, (3, Some(json!("b100")), json!(0)));
    assert_eq!(page(json!({"Next": 100})).await, (3, Some(json!("b100")), json!(0)));
    assert_eq!(page(json!({"Offset": 2, "Next": "100", "Limit": 1})).await, (1, Some(json!("b002")), json!(3)));
    assert_eq!(page(json!({"Offset": 500})).await, (0, None, json!(0)));
    for bad in [
        json!({"Limit": 101}),
        json!({"Limit": -1}),
        json!({"Limit": "10"}),
        json!({"Offset": -1}),
        json!({"Offset": "1"}),
        json!({"Next": "abc"}),
        json!({"Next": true}),
    ] {
        house.refuses("get_banned_member_list", list(bad), 100002).await;
    }
}

async fn tiny(house: &common::House, account: &str) -> u64 {
    let account = house.control("GET", &format!("tencent/88888888/accounts/{account}"), "").await;
    account["TinyId"].as_u64().expect("a TinyId is a whole number")
}

#[tokio::test]
async fn a_mute_ends_in_time_and_its_numbers_are_exact() {
    let house = hall().await;
    let okan = tiny(&house, "okan").await;
    assert!(okan > 1 << 57 && okan % 32 != 0, "no number that a double could hold: {okan}");
    let body = format!(r#"{{"RoomId":"hall","MemberList_Account":[{okan}],"MuteTime":600}}"#);
    assert_eq!(house.room("mute_room_member", body.as_str()).await.code(), 0);
    let muted = house.room("get_muted_member_list", json!({"RoomId": "hall"})).await;
    let text =
        format!(r#""Response":{{"MutedAccountList":[{{"Member_Account":{okan},"MutedUntil":{}}}]}}}}"#, NOW + 600);
    assert!(muted.text.ends_with(&text), "{}", muted.text);
    let event = &house.events().await[0];
    assert_eq!((&event["event"], &event["audience"]), (&json!("muted"), &json!({"accounts": PEOPLE})));
    assert_eq!(event["data"], json!({"members": ["okan"], "MuteTime": 600, "MutedUntil": NOW + 600}));
    house.turns_away("message", json!({"Member_Account": "okan", "Text": "hello"}), 100017).await;
    house.seconds_pass(600);
    house.by_client("message", json!({"Member_Account": "okan", "Text": "hello"})).await;
    let posted = house.events().await.pop().expect("an event");
    assert_eq!((&posted["event"], &posted["data"]["Text"]), (&json!("posted"), &json!("hello")));
    assert_eq!(house.does("get_muted_member_list", json!({"RoomId": "hall"})).await, json!({"MutedAccountList": []}));
}

#[tokio::test]
async fn a_mute_takes_names_and_numbers_and_passes_over_strangers() {
    let house = hall().await;
    let (mira, okan) = (tiny(&house, "mira").await, tiny(&house, "okan").await);
    let mute =
        |members: Value, seconds: i64| json!({"RoomId": "hall", "MemberList_Account": members, "MuteTime": seconds});
    house.does("mute_room_member", mute(json!([mira.to_string(), okan, "lupe", "noor", 5, "nobody"]), 60)).await;
    assert_eq!(house.events().await[0]["data"]["members"], json!(["mira", "okan", "lupe"]));
    house.does("mute_room_member", mute(json!(["lupe"]), 90)).await;
    let muted = house.does("get_muted_member_list", json!({"RoomId": "hall"})).await["MutedAccountList"].clone();
    let until: Vec<&Value> = muted.as_array().expect("a list").iter().map(|mute| &mute["MutedUntil"]).collect();
    assert_eq!(until, [NOW + 60, NOW + 60, NOW + 90]);
    house.leaves("hall", "lupe").await;
    house.does("mute_room_member", mute(json!(["lupe", mira]), 0)).await;
    let lifted = house.events().await.pop().expect("an event");
    assert_eq!(lifted["data"], json!({"members": ["lupe", "mira"], "MuteTime": 0, "MutedUntil": 0}));
    let before = house.events().await.len();
    house.does("mute_room_member", mute(json!(["noor"]), 60)).await;
    assert_eq!(house.since(before).await.len(), 0);
    let many: Vec<u64> = (0..21).collect();
    for bad in
        [json!([]), json!(many), json!([""]), json!([1.5]), json!([-1]), json!([null]), json!("okan"), json!(null)]
    {
        house.refuses("mute_room_member", mute(bad, 60), 100002).await;
    }
    for seconds in [json!(null), json!(-1), json!("60")] {
        let body = json!({"RoomId": "hall", "MemberList_Account": ["okan"], "MuteTime": seconds});
        house.refuses("mute_room_member", body, 100002).await;
    }
}

#[tokio::test]
async fn where_nobody_may_send_text_those_who_help_still_may() {
    let mut hall = room("hall", &PEOPLE);
    hall["IsMessageDisabled"] = json!(true);
    let house = app(json!([hall]), json!({})).await;
    house.turns_away("message", json!({"Member_Account": "okan", "Text": "x"}), 100017).await;
    house.by_client("message", json!({"Member_Account": "mira", "Text": "x"})).await;
    house.turns_away("message", json!({"Member_Account": "noor", "Text": "x"}), 100005).await;
}

#[tokio::test]
async fn the_configuration_of_callbacks_is_kept_and_told() {
    let house = hall().await;
    let config = |url: &str, names: Value| json!({"Url": url, "CallbackCommandList": names});
    house.refuses("get_callback", json!({}), 100301).await;
    house.refuses("update_callback", config("http://a", json!(["Room.CallbackAfterCreateRoom"])), 100301).await;
    house.does("delete_callback", json!({})).await;
    let names =
        json!(["Room.CallbackAfterCreateRoom", "Room.CallbackUpdateRoomInfo", "Mic.CallbackAfterSeatInfoChanged"]);
    house.does("set_callback", config("https://hooks.example.net/tx", names)).await;
    let kept =
        json!(["Room.CallbackAfterCreateRoom", "Room.CallbackAfterUpdateRoomInfo", "Mic.CallbackAfterSeatInfoChanged"]);
    assert_eq!(house.does("get_callback", json!({})).await, config("https://hooks.example.net/tx", kept.clone()));
    let state = house.state().await;
    assert_eq!(state["tencent"]["88888888"]["room_callbacks"]["CallbackCommandList"], kept);
    house.control("PUT", "state", state).await;
    assert_eq!(house.does("get_callback", json!({})).await["Url"], "https://hooks.example.net/tx");
    let every =
        json!(["Room.CallbackAfterDestroyRoom", "Room.CallbackAfterMemberEnter", "Room.CallbackAfterMemberLeave"]);
    house.does("update_callback", config("http://b/", every.clone())).await;
    assert_eq!(house.does("get_callback", json!({})).await, config("http://b/", every.clone()));
    house.does("set_callback", config("http://c", every)).await;
    for bad in [
        config("ftp://a", json!(["Room.CallbackAfterCreateRoom"])),
        config("http://", json!(["Room.CallbackAfterCreateRoom"])),
        config("", json!(["Room.CallbackAfterCreateRoom"])),
        config("http://a", json!([])),
        config("http://a", json!(["Room.CallbackBeforeCreateRoom"])),
        config("http://a", json!([5])),
        json!({"Url": "http://a"}),
        json!({"CallbackCommandList": ["Room.CallbackAfterCreateRoom"]}),
        json!({"Url": 5, "CallbackCommandList": ["Room.CallbackAfterCreateRoom"]}),
    ] {
        house.refuses("set_callback", bad.clone(), 100002).await;
        house.refuses("update_callback", bad, 100002).await;
    }
    house.does("delete_callback", json!({})).await;
    house.refuses("get_callback", json!({}), 100301).await;
}

#[tokio::test]
async fn in_a_large_room_a_ban_is_told_exactly_to_those_who_were_there() {
    let names: Vec<String> = (0..150).map(|n| format!("m{n}")).collect();
    let members: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut hall = room("hall", &members);
    hall["IsSeatEnabled"] = json!(true);
    hall["SeatList"] = json!([{"Member_Account": "m7"}]);
    let house = app(json!([hall]), json!({})).await;
    house.does("ban_room_member", ban(json!(["m7"]), 60)).await;
    house.enters("hall", "late").await;
    let told = |account: &'static str| {
        let house = &house;
        async move {
            let events = house.journal(&format!("kind=event&audience={account}")).await;
            events.iter().map(|event| event["event"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
        }
    };
    assert_eq!(told("m7").await, ["banned", "member_left", "seat_changed"]);
    assert_eq!(told("m8").await, ["banned", "member_left", "seat_changed", "joined"]);
    assert_eq!(told("late").await, ["joined"]);
    assert_eq!(house.events().await[0]["audience"], json!({"all_of": {"room": "hall"}, "but": [], "count": 150}));
}
