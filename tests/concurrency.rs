//! Many tasks race on one room: nobody is inside twice, and the journal tells exactly what became of it.

mod common;

use std::sync::Arc;

use common::{House, start};
use serde_json::{Value, json};

const TASKS: u64 = 16;
const STEPS: u64 = 60;
const USERS: u64 = 24;

/// A stream of numbers of its own for each task: the races differ from run to run, the calls do not.
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

async fn arena() -> Arc<House> {
    let members: Vec<Value> = (0..8).map(|at| json!({"Member_Account": format!("u{at}")})).collect();
    let accounts: Vec<Value> = (0..USERS).map(|at| json!({"UserID": format!("u{at}")})).collect();
    let room = json!({"RoomId": "arena", "Owner_Account": "mira", "MaxMemberCount": 16, "MemberList": members});
    Arc::new(start(json!({"imulator": 1, "tencent": {"88888888": {"accounts": accounts, "rooms": [room]}}})).await)
}

/// Runs the task many times over and waits for all.
async fn race<F>(house: &Arc<House>, task: impl Fn(Arc<House>, Dice) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let seeds = (0..TASKS).map(|seed| Dice(seed * 7919 + 1));
    let tasks: Vec<_> = seeds.map(|dice| tokio::spawn(task(house.clone(), dice))).collect();
    for task in tasks {
        task.await.expect("no task panics");
    }
}

/// One of the calls that a room sees, with the codes that may come of it.
async fn call(house: &House, dice: &mut Dice) {
    match dice.below(10) {
        0..4 => drop(house.enters("arena", &dice.user()).await),
        4..6 => drop(house.leaves("arena", &dice.user()).await),
        6..9 => {
            let users: Vec<String> = (0..=dice.below(2)).map(|_| dice.user()).collect();
            let body = json!({"RoomId": "arena", "MemberList_Account": users, "Reason": "race"});
            let code = house.room("kick_user_out", body).await.code();
            assert!([0, 100005].contains(&code), "{code}");
        }
        _ => {
            let mut inside = house.inside("arena").await;
            assert!(inside.len() <= 16);
            inside.sort_unstable();
            assert!(inside.windows(2).all(|pair| pair[0] != pair[1]), "twice inside: {inside:?}");
        }
    }
}

fn names(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|id| id.as_str().expect("a name").to_owned()).collect()
}

/// The members that the events lead to from those of the start; each event's own count is checked on the way.
fn replay(start: Vec<String>, events: &[Value]) -> Vec<String> {
    let mut inside = start;
    for event in events {
        let members = names(&event["data"]["members"]);
        match event["event"].as_str().expect("events have names") {
            "joined" => {
                assert!(members.iter().all(|id| !inside.contains(id)), "joined twice: {event}");
                inside.extend(members);
            }
            "member_left" => {
                assert!(members.iter().all(|id| inside.contains(id)), "left without being inside: {event}");
                inside.retain(|id| !members.contains(id));
            }
            other => panic!("an event that nothing here makes: {other}"),
        }
        assert_eq!(event["data"]["MemberCount"], json!(inside.len()), "{event}");
    }
    inside
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_room_survives_a_race_and_its_journal_rebuilds_it() {
    let house = arena().await;
    let before = house.inside("arena").await;
    race(&house, |house, mut dice| async move {
        for _ in 0..STEPS {
            call(&house, &mut dice).await;
        }
    })
    .await;
    let inside = house.inside("arena").await;
    let info = house.room("get_room_info", json!({"RoomId": "arena"})).await.json();
    assert_eq!(info["Response"]["RoomInfo"]["MemberCount"], json!(inside.len()));
    let entries = house.journal("limit=10000").await;
    let numbers: Vec<u64> = entries.iter().map(|entry| entry["seq"].as_u64().expect("a number")).collect();
    let last = numbers.len() as u64;
    assert_eq!(numbers, (1..=last).collect::<Vec<_>>(), "sequence numbers have a gap");
    let events: Vec<Value> = entries.into_iter().filter(|entry| entry["kind"] == "event").collect();
    assert!(events.len() > 100, "the race did something: {}", events.len());
    assert_eq!(replay(before, &events), inside);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_event_stands_before_the_exchange_of_its_call() {
    let house = arena().await;
    race(&house, |house, mut dice| async move {
        for _ in 0..10 {
            call(&house, &mut dice).await;
        }
    })
    .await;
    let entries = house.journal("limit=10000").await;
    let mut answered = std::collections::HashSet::new();
    for entry in entries {
        let call = entry["call"].as_u64().expect("every entry here has its call");
        match entry["kind"].as_str().expect("a kind") {
            "exchange" => assert!(answered.insert(call), "two exchanges of one call"),
            _ => assert!(!answered.contains(&call), "an event after its exchange"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_those_who_create_or_destroy_one_id_at_once_each_success_is_one_event() {
    let house = arena().await;
    race(&house, |house, mut dice| async move {
        for _ in 0..STEPS {
            if dice.below(2) == 0 {
                let body = json!({"RoomInfo": {"RoomId": "fleeting", "RoomType": "Conference"}});
                let code = house.room("create_room", body).await.code();
                assert!([0, 100003, 100010].contains(&code), "{code}");
            } else {
                let code = house.room("destroy_room", json!({"RoomId": "fleeting"})).await.code();
                assert!([0, 100004].contains(&code), "{code}");
            }
        }
    })
    .await;
    let events = house.events().await;
    let told: Vec<&str> = events.iter().map(|event| event["event"].as_str().expect("a name")).collect();
    assert!(told.iter().step_by(2).all(|name| *name == "created"), "{told:?}");
    assert!(told.iter().skip(1).step_by(2).all(|name| *name == "destroyed"), "{told:?}");
    let there = house.room("get_room_info", json!({"RoomId": "fleeting"})).await.code() == 0;
    assert_eq!(there, told.len() % 2 == 1);
    let done = house.journal("kind=exchange&limit=10000").await.into_iter();
    let changes = ["tencent.rooms.create_room", "tencent.rooms.destroy_room"];
    let done = done.filter(|entry| changes.iter().any(|name| entry["operation"] == *name));
    assert_eq!(done.filter(|entry| entry["reply"]["body"]["ErrorCode"] == 0).count(), told.len());
}
