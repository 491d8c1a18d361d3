//! Kicks, entries and seat changes race on one room: no seat for one who is absent, nobody inside or seated twice, the
//! owner never lost, and the journal rebuilds members and seats.

mod common;

use std::sync::Arc;

use common::House;
use common::rooms::app;
use serde_json::{Value, json};

const TASKS: u64 = 12;
const STEPS: u64 = 60;
const USERS: u64 = 10;
const SEATS: u64 = 4;

/// A stream of numbers of its own for each task.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn user(&mut self) -> String {
        format!("u{}", self.below(USERS))
    }
}

fn in_hall(mut body: Value) -> Value {
    body["RoomId"] = json!("hall");
    body
}

async fn step(house: &House, dice: &mut Dice) {
    let user = dice.user();
    let seat = dice.below(SEATS);
    let client = |verb: &'static str, body: Value| async move { drop(house.client("hall", verb, body).await) };
    match dice.below(14) {
        0..3 => client("enter", json!({"Member_Account": user})).await,
        3 => client("leave", json!({"Member_Account": user})).await,
        4 => client("expire", json!({"Member_Account": user})).await,
        5..7 => client("seat", json!({"Member_Account": user, "Index": seat})).await,
        7 => client("seat", json!({"Member_Account": user, "Action": "leave"})).await,
        8 => drop(house.ask("pick_user_on_seat", in_hall(json!({"Member_Account": user, "Index": seat}))).await),
        9 => {
            let policy = dice.below(3);
            let body = json!({"Member_Account": user, "SeatIndex": seat, "Policy": policy});
            drop(house.ask("move_user_to_seat", in_hall(body)).await);
        }
        10 => {
            let lock = dice.below(2) == 0;
            drop(house.ask("lock_seat", in_hall(json!({"Index": seat, "ForbidTaken": lock}))).await);
        }
        11 => {
            let body = json!({"MemberList_Account": [user, dice.user()], "Reason": "race"});
            drop(house.ask("kick_user_out", in_hall(body)).await);
        }
        12 => {
            let info = house.does("get_room_info", in_hall(json!({}))).await;
            let body = json!({"From_Account": info["RoomInfo"]["Owner_Account"], "NewOwner_Account": user});
            drop(house.ask("change_room_owner", in_hall(body)).await);
        }
        _ => whole(&house.state().await),
    }
}

/// The room of a snapshot breaks no invariant: a snapshot shows it at one moment.
fn whole(state: &Value) {
    let room = &state["tencent"]["88888888"]["rooms"][0];
    let named = |list: &str| -> Vec<String> {
        let list = room[list].as_array().cloned().unwrap_or_default();
        list.iter().filter_map(|entry| Some(entry["Member_Account"].as_str()?.to_owned())).collect()
    };
    let once = |mut names: Vec<String>| {
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "twice: {names:?}");
    };
    let inside = named("MemberList");
    assert!(named("SeatList").iter().all(|id| inside.contains(id)), "a seat for one who is absent: {room}");
    once(inside);
    once(named("SeatList"));
    assert!(room["Owner_Account"].as_str().is_some_and(|owner| owner.starts_with('u')), "the owner is lost: {room}");
}

fn names(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|id| id.as_str().expect("a name").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_room_with_seats_survives_a_race_and_its_journal_rebuilds_it() {
    let hall = json!({"RoomId": "hall", "Owner_Account": "u0", "IsSeatEnabled": true, "MaxSeatCount": SEATS,
                      "MaxMemberCount": 8, "MemberList": [{"Member_Account": "u0"}]});
    let house = Arc::new(app(json!([hall]), json!({})).await);
    let tasks: Vec<_> = (0..TASKS)
        .map(|seed| {
            let house = house.clone();
            tokio::spawn(async move {
                let mut dice = Dice(seed * 7919 + 1);
                for _ in 0..STEPS {
                    step(&house, &mut dice).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no task panics");
    }
    let state = house.state().await;
    whole(&state);
    let (mut inside, mut seats, mut owner) = (vec!["u0".to_owned()], vec![String::new(); 4], "u0".to_owned());
    for event in house.events().await {
        let data = &event["data"];
        match event["event"].as_str().expect("a name") {
            "joined" => inside.extend(names(&data["members"])),
            "member_left" => inside.retain(|id| !names(&data["members"]).contains(id)),
            "owner_changed" => {
                assert_eq!(data["from"], owner.as_str());
                owner = data["to"].as_str().expect("a name").to_owned();
                assert!(inside.contains(&owner), "a new owner is inside");
            }
            "seat_changed" => {
                for seat in data["SeatList"].as_array().expect("a list") {
                    let index = usize::try_from(seat["Index"].as_u64().expect("a number")).expect("a small number");
                    seats[index] = seat["Member_Account"].as_str().expect("a name").to_owned();
                }
                assert!(seats.iter().filter(|id| !id.is_empty()).all(|id| inside.contains(id)), "{event}");
            }
            "info_changed" => {}
            other => panic!("an event that nothing here makes: {other}"),
        }
    }
    let room = &state["tencent"]["88888888"]["rooms"][0];
    let listed: Vec<&Value> =
        room["MemberList"].as_array().into_iter().flatten().map(|m| &m["Member_Account"]).collect();
    assert_eq!(json!(listed), json!(inside));
    let sitting: Vec<&str> = room["SeatList"]
        .as_array()
        .expect("seats")
        .iter()
        .map(|s| s["Member_Account"].as_str().unwrap_or(""))
        .collect();
    assert_eq!(sitting, seats);
    assert_eq!(room["Owner_Account"], owner.as_str());
}
