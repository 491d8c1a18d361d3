//! Seats: the service `room_engine_http_mic` and the clients' door, each row of the reference's 3.17 to 3.21.

mod common;

use common::House;
use common::rooms::{PEOPLE, app, hall, room, seated};
use serde_json::{Value, json};

fn pick(account: &str, index: i64) -> Value {
    json!({"RoomId": "hall", "Member_Account": account, "Index": index})
}

fn at(account: &str, action: &str) -> Value {
    json!({"Member_Account": account, "Action": action})
}

async fn last(house: &House) -> Value {
    house.events().await.pop().expect("an event")
}

#[tokio::test]
async fn all_seats_are_listed_in_order_and_none_where_seats_are_off() {
    let mut hall = seated("FreeToTake");
    hall["SeatList"] = json!([{"Member_Account": "okan"}, {"IsTakenDisabled": true}, {"IsVideoDisabled": true}]);
    let house = app(json!([hall, room("bare", &[])]), json!({})).await;
    let reply = house.ask("get_seat_list", json!({"RoomId": "hall"})).await;
    let wanted = concat!(
        r#""Response":{"SeatList":[{"Index":0,"Member_Account":"okan","IsTakenDisabled":false,"IsVideoDisabled":false,"#,
        r#""IsAudioDisabled":false},{"Index":1,"IsTakenDisabled":true,"IsVideoDisabled":false,"IsAudioDisabled":false},"#,
        r#"{"Index":2,"IsTakenDisabled":false,"IsVideoDisabled":true,"IsAudioDisabled":false},"#,
        r#"{"Index":3,"IsTakenDisabled":false,"IsVideoDisabled":false,"IsAudioDisabled":false}]}}"#
    );
    assert!(reply.text.ends_with(wanted), "{}", reply.text);
    assert_eq!(house.does("get_seat_list", json!({"RoomId": "bare"})).await, json!({"SeatList": []}));
}

#[tokio::test]
async fn a_server_puts_a_member_on_a_seat_in_any_mode() {
    for mode in ["FreeToTake", "ApplyToTake"] {
        let house = app(json!([seated(mode)]), json!({})).await;
        house.does("pick_user_on_seat", pick("okan", 2)).await;
        assert_eq!(house.seats().await, ["-", "-", "okan", "-"]);
        let event = last(&house).await;
        assert_eq!((&event["event"], &event["by"]), (&json!("seat_changed"), &json!("admin")));
        assert_eq!(event["audience"], json!({"accounts": PEOPLE}));
        assert_eq!(
            event["data"],
            json!({"SeatList": [{"Index": 2, "Member_Account": "okan", "IsTakenDisabled": false,
                                 "IsVideoDisabled": false, "IsAudioDisabled": false}],
                   "how": "picked", "seated": ["okan"]})
        );
    }
}

#[tokio::test]
async fn picking_is_refused_in_the_documented_order() {
    let house = app(json!([seated("ApplyToTake"), room("bare", &["okan"])]), json!({})).await;
    let mut elsewhere = pick("okan", 9);
    elsewhere["RoomId"] = json!("bare");
    house.refuses("pick_user_on_seat", elsewhere, 100211).await;
    house.refuses("pick_user_on_seat", pick("noor", 4), 100002).await;
    house.refuses("pick_user_on_seat", pick("noor", -1), 100002).await;
    house.refuses("pick_user_on_seat", pick("noor", 0), 100005).await;
    house.does("pick_user_on_seat", pick("okan", 1)).await;
    house.refuses("pick_user_on_seat", pick("okan", 1), 100203).await;
    house.refuses("pick_user_on_seat", pick("okan", 2), 100203).await;
    house.by_client("seat", at("lupe", "request")).await;
    house.refuses("pick_user_on_seat", pick("lupe", 1), 100202).await;
    house.does("lock_seat", json!({"RoomId": "hall", "Index": 0, "ForbidTaken": true})).await;
    house.refuses("pick_user_on_seat", pick("adam", 0), 100200).await;
    house.refuses("pick_user_on_seat", pick("adam", 1), 100210).await;
    house.by_client("seat", at("lupe", "cancel")).await;
    house.does("lock_seat", json!({"RoomId": "hall", "Index": 0, "ForbidTaken": false})).await;
    for (account, index) in [("adam", 0), ("lupe", 2), ("mira", 3)] {
        house.does("pick_user_on_seat", pick(account, index)).await;
    }
    house.enters("hall", "noor").await;
    house.refuses("pick_user_on_seat", pick("noor", 0), 100205).await;
}

#[tokio::test]
async fn a_server_takes_a_member_off_a_seat_with_a_text() {
    let house = hall().await;
    house.does("pick_user_on_seat", pick("okan", 2)).await;
    let off = |account: &str, data: Value| json!({"RoomId": "hall", "Member_Account": account, "Data": data});
    house.refuses("kick_user_off_seat", off("lupe", json!("")), 100206).await;
    house.refuses("kick_user_off_seat", off("noor", json!("")), 100206).await;
    house.refuses("kick_user_off_seat", off("okan", json!("d".repeat(1001))), 100002).await;
    house.refuses("kick_user_off_seat", off("okan", json!(null)), 100002).await;
    house.does("kick_user_off_seat", off("okan", json!("your slot is over"))).await;
    assert_eq!(house.seats().await, ["-"; 4]);
    assert_eq!(house.inside("hall").await, PEOPLE);
    let data = last(&house).await["data"].clone();
    assert_eq!(
        (&data["how"], &data["left"], &data["Data"]),
        (&json!("kicked_off"), &json!(["okan"]), &json!("your slot is over"))
    );
    let house = app(json!([seated("FreeToTake")]), json!({"seat_kick_absent": true})).await;
    house.does("kick_user_off_seat", off("okan", json!(""))).await;
}

#[tokio::test]
async fn a_lock_takes_the_occupant_off_and_absent_parts_stay() {
    let house = hall().await;
    house.does("pick_user_on_seat", pick("okan", 2)).await;
    let lock = |more: Value| {
        let mut body = more;
        body["RoomId"] = json!("hall");
        body["Index"] = json!(2);
        body
    };
    house.does("lock_seat", lock(json!({"ForbidVideo": true}))).await;
    assert_eq!(house.seats().await[2], "okan", "no video is no lock");
    house.does("lock_seat", lock(json!({"ForbidTaken": true, "ForbidAudio": true}))).await;
    let data = last(&house).await["data"].clone();
    assert_eq!(
        data,
        json!({"SeatList": [{"Index": 2, "Member_Account": "", "IsTakenDisabled": true, "IsVideoDisabled": true,
                             "IsAudioDisabled": true}], "how": "locked", "left": ["okan"]})
    );
    house.does("lock_seat", lock(json!({"ForbidVideo": false, "ForbidTaken": null}))).await;
    let seat = house.does("get_seat_list", json!({"RoomId": "hall"})).await["SeatList"][2].clone();
    assert_eq!(seat, json!({"Index": 2, "IsTakenDisabled": true, "IsVideoDisabled": false, "IsAudioDisabled": true}));
    house.refuses("lock_seat", json!({"RoomId": "hall", "Index": 4, "ForbidTaken": true}), 100002).await;
    house.refuses("lock_seat", json!({"RoomId": "hall", "ForbidTaken": true}), 100002).await;
    house.refuses("lock_seat", lock(json!({"ForbidTaken": "true"})), 100002).await;
    let house = app(json!([room("hall", &[])]), json!({})).await;
    house.refuses("lock_seat", json!({"RoomId": "hall", "Index": 0}), 100211).await;
}

#[tokio::test]
async fn a_move_follows_its_policy() {
    let house = hall().await;
    let shift = |account: &str, index: i64, policy: Value| json!({"RoomId": "hall", "Member_Account": account, "SeatIndex": index, "Policy": policy});
    house.does("pick_user_on_seat", pick("okan", 0)).await;
    house.does("pick_user_on_seat", pick("lupe", 1)).await;
    house.refuses("move_user_to_seat", shift("okan", 1, json!(0)), 100210).await;
    house.refuses("move_user_to_seat", shift("okan", 1, json!(null)), 100210).await;
    house.refuses("move_user_to_seat", shift("okan", 1, json!(3)), 100002).await;
    house.refuses("move_user_to_seat", shift("okan", 4, json!(1)), 100002).await;
    house.refuses("move_user_to_seat", shift("adam", 2, json!(1)), 100206).await;
    house.refuses("move_user_to_seat", shift("noor", 2, json!(1)), 100206).await;
    house.does("move_user_to_seat", shift("okan", 1, json!(2))).await;
    assert_eq!(house.seats().await, ["lupe", "okan", "-", "-"]);
    let data = last(&house).await["data"].clone();
    assert_eq!((&data["how"], &data["seated"]), (&json!("moved"), &json!(["okan", "lupe"])));
    house.does("move_user_to_seat", shift("okan", 0, json!(1))).await;
    assert_eq!(house.seats().await, ["okan", "-", "-", "-"]);
    assert_eq!(last(&house).await["data"]["left"], json!(["lupe"]));
    house.does("lock_seat", json!({"RoomId": "hall", "Index": 3, "ForbidTaken": true})).await;
    house.does("move_user_to_seat", shift("okan", 3, json!(0))).await;
    assert_eq!(house.seats().await, ["-", "-", "-", "okan"], "the lock is opened");
    let before = house.events().await.len();
    house.does("move_user_to_seat", shift("okan", 3, json!(0))).await;
    assert_eq!(house.since(before).await.len(), 0);
    let house = app(json!([room("hall", &["okan"])]), json!({})).await;
    house.refuses("move_user_to_seat", shift("okan", 0, json!(0)), 100211).await;
}

#[tokio::test]
async fn the_older_move_wants_an_empty_unlocked_seat() {
    let house = hall().await;
    let switch = |account: &str, index: i64| json!({"RoomId": "hall", "Member_Account": account, "ToIndex": index});
    house.does("pick_user_on_seat", pick("okan", 0)).await;
    house.does("pick_user_on_seat", pick("lupe", 1)).await;
    house.does("lock_seat", json!({"RoomId": "hall", "Index": 3, "ForbidTaken": true})).await;
    house.refuses("switch_seat", switch("okan", 1), 100210).await;
    house.refuses("switch_seat", switch("okan", 3), 100200).await;
    house.refuses("switch_seat", switch("okan", 4), 100002).await;
    house.refuses("switch_seat", switch("adam", 2), 100206).await;
    house.does("switch_seat", switch("okan", 2)).await;
    house.does("switch_seat", switch("okan", 2)).await;
    assert_eq!(house.seats().await, ["-", "lupe", "okan", "#"]);
}

#[tokio::test]
async fn clients_take_free_seats_and_leave_them() {
    let house = hall().await;
    let take = |account: &str, index: i64| json!({"Member_Account": account, "Index": index, "Platform": "iOS"});
    house.by_client("seat", take("okan", 1)).await;
    let event = last(&house).await;
    assert_eq!((&event["by"], &event["data"]["how"]), (&json!("okan"), &json!("taken")));
    assert_eq!(event["data"]["Platform"], "iOS");
    house.turns_away("seat", take("okan", 2), 100203).await;
    house.turns_away("seat", take("lupe", 1), 100201).await;
    house.turns_away("seat", take("lupe", 9), 100002).await;
    house.turns_away("seat", take("noor", 2), 100005).await;
    house.does("lock_seat", json!({"RoomId": "hall", "Index": 0, "ForbidTaken": true})).await;
    house.turns_away("seat", take("lupe", 0), 100200).await;
    house.by_client("seat", json!({"Member_Account": "lupe"})).await;
    assert_eq!(house.seats().await, ["#", "okan", "lupe", "-"]);
    house.by_client("seat", at("adam", "request")).await;
    assert_eq!(house.seats().await, ["#", "okan", "lupe", "adam"], "asking is taking where seats are free");
    house.turns_away("seat", at("mira", "take"), 100205).await;
    house.by_client("seat", at("okan", "leave")).await;
    house.turns_away("seat", at("okan", "leave"), 100206).await;
    house.turns_away("seat", at("okan", "cancel"), 100204).await;
    let house = app(json!([room("hall", &["okan"])]), json!({})).await;
    house.turns_away("seat", at("okan", "take"), 100211).await;
    house.turns_away("seat", at("okan", "leave"), 100211).await;
    house.turns_away("seat", at("okan", "request"), 100211).await;
}

#[tokio::test]
async fn where_seats_are_asked_for_the_owner_answers() {
    let house = app(json!([seated("ApplyToTake")]), json!({})).await;
    house.turns_away("seat", at("okan", "take"), 100006).await;
    house.by_client("seat", at("okan", "request")).await;
    let asked = last(&house).await;
    assert_eq!((&asked["event"], &asked["data"]["SeatRequest"]), (&json!("member_changed"), &json!("sent")));
    assert_eq!(asked["audience"], json!({"accounts": ["mira", "okan"]}));
    house.turns_away("seat", at("okan", "request"), 100202).await;
    let state = house.state().await;
    let room = &state["tencent"]["88888888"]["rooms"][0];
    assert_eq!(room["SeatRequestList"], json!([{"Member_Account": "okan"}]));
    let by = |action: &str, operator: &str| json!({"Member_Account": "okan", "Action": action, "Operator_Account": operator});
    house.turns_away("seat", by("accept", "lupe"), 100006).await;
    house.turns_away("seat", at("lupe", "accept"), 100204).await;
    house.by_client("seat", at("okan", "reject")).await;
    house.by_client("seat", json!({"Member_Account": "okan", "Action": "request", "Index": 3})).await;
    house.by_client("admin", json!({"Member_Account": "lupe"})).await;
    house.by_client("seat", by("accept", "lupe")).await;
    assert_eq!(house.seats().await, ["-", "-", "-", "okan"]);
    assert_eq!(last(&house).await["by"], "lupe");
    house.by_client("seat", at("lupe", "take")).await;
    house.by_client("seat", at("adam", "request")).await;
    house.leaves("hall", "adam").await;
    house.enters("hall", "adam").await;
    house.turns_away("seat", at("adam", "cancel"), 100204).await;
}

#[tokio::test]
async fn who_expires_or_is_banned_leaves_the_seat_and_its_locks_stay() {
    let house = hall().await;
    house.does("pick_user_on_seat", pick("okan", 0)).await;
    house.does("pick_user_on_seat", pick("lupe", 1)).await;
    house.does("lock_seat", json!({"RoomId": "hall", "Index": 0, "ForbidAudio": true})).await;
    house.by_client("expire", json!({"Member_Account": "okan", "ClientIP": "10.0.0.7"})).await;
    let left = house.events().await.into_iter().find(|event| event["event"] == "member_left").expect("somebody left");
    assert_eq!(
        left["data"],
        json!({"members": ["okan"], "how": "expired", "MemberCount": 3, "reason": "", "ClientIP": "10.0.0.7"})
    );
    assert_eq!(left["by"], "okan");
    let ban = json!({"RoomId": "hall", "MemberList_Account": ["lupe"], "Reason": "", "Duration": 60});
    house.does("ban_room_member", ban).await;
    assert_eq!(house.seats().await, ["-"; 4]);
    let seat = house.does("get_seat_list", json!({"RoomId": "hall"})).await["SeatList"][0].clone();
    assert_eq!(seat["IsAudioDisabled"], true);
    house.turns_away("expire", json!({"Member_Account": "okan"}), 100005).await;
}
