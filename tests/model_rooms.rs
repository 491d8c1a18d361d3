//! Rooms against a naive model: random steps, the same members in the same order after each.

mod common;

use common::{House, start};
use proptest::prelude::*;
use serde_json::{Value, json};

const ROOMS: [&str; 3] = ["red", "green", "blue"];
const USERS: [&str; 6] = ["admin", "mira", "okan", "lupe", "adam", "noor"];
const CAPACITY: usize = 4;

/// One call; rooms and users by their place in the lists above.
#[derive(Clone, Debug)]
enum Step {
    Create { room: usize, owner: usize },
    Destroy { room: usize },
    Enter { room: usize, user: usize },
    Leave { room: usize, user: usize },
    Kick { room: usize, users: Vec<usize> },
    List { room: usize, count: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let (room, user) = (0..ROOMS.len(), 0..USERS.len());
    prop_oneof![
        3 => (room.clone(), user.clone()).prop_map(|(room, owner)| Step::Create { room, owner }),
        1 => room.clone().prop_map(|room| Step::Destroy { room }),
        8 => (room.clone(), user.clone()).prop_map(|(room, user)| Step::Enter { room, user }),
        3 => (room.clone(), user.clone()).prop_map(|(room, user)| Step::Leave { room, user }),
        5 => (room.clone(), prop::collection::vec(user, 0..4)).prop_map(|(room, users)| Step::Kick { room, users }),
        2 => (room, 1usize..4).prop_map(|(room, count)| Step::List { room, count }),
    ]
}

/// What a room is to the model: who owns it and who is inside, in order.
#[derive(Clone, Debug, PartialEq)]
struct Naive {
    owner: usize,
    inside: Vec<usize>,
}

/// The rooms of the model, by their place in the list of rooms.
type Model = [Option<Naive>; 3];

/// Takes a step in the model and tells the code that the service answers.
fn expect(model: &mut Model, step: &Step) -> i64 {
    match step {
        Step::Create { room, owner } => match &model[*room] {
            Some(taken) if USERS[taken.owner] == "admin" => 100010,
            Some(_) => 100003,
            None => {
                model[*room] = Some(Naive { owner: *owner, inside: Vec::new() });
                0
            }
        },
        Step::Destroy { room } => model[*room].take().map_or(100004, |_| 0),
        Step::List { room, .. } => model[*room].as_ref().map_or(100004, |_| 0),
        Step::Enter { room, user } => match &mut model[*room] {
            None => 100004,
            Some(there) if there.inside.contains(user) => 0,
            Some(there) if there.inside.len() == CAPACITY => 100008,
            Some(there) => {
                there.inside.push(*user);
                0
            }
        },
        Step::Leave { room, user } => match &mut model[*room] {
            None => 100004,
            Some(there) if !there.inside.contains(user) => 100005,
            Some(there) => {
                there.inside.retain(|inside| inside != user);
                0
            }
        },
        Step::Kick { room, users } => expect_kick(&mut model[*room], users),
    }
}

fn expect_kick(room: &mut Option<Naive>, users: &[usize]) -> i64 {
    if users.is_empty() {
        return 100002;
    }
    let Some(there) = room else { return 100004 };
    if users.contains(&there.owner) && there.inside.contains(&there.owner) {
        return 100006;
    }
    if users.iter().any(|user| !there.inside.contains(user)) {
        return 100005;
    }
    there.inside.retain(|user| !users.contains(user));
    0
}

/// Takes the step through the front door and gives the code.
async fn take(house: &House, step: &Step) -> i64 {
    let client = |answer: common::Answer| match answer.status.as_u16() {
        200 => 0,
        _ => answer.json()["error"]["code"].as_i64().expect("a client is refused with a code"),
    };
    match step {
        Step::Create { room, owner } => {
            let info = json!({"RoomId": ROOMS[*room], "RoomType": "Conference", "Owner_Account": USERS[*owner],
                              "MaxMemberCount": CAPACITY});
            house.room("create_room", json!({"RoomInfo": info})).await.code()
        }
        Step::Destroy { room } => house.room("destroy_room", json!({"RoomId": ROOMS[*room]})).await.code(),
        Step::Enter { room, user } => client(house.enters(ROOMS[*room], USERS[*user]).await),
        Step::Leave { room, user } => client(house.leaves(ROOMS[*room], USERS[*user]).await),
        Step::Kick { room, users } => {
            let users: Vec<&str> = users.iter().map(|user| USERS[*user]).collect();
            let body = json!({"RoomId": ROOMS[*room], "MemberList_Account": users, "Reason": ""});
            house.room("kick_user_out", body).await.code()
        }
        Step::List { room, count } => {
            house.room("get_room_member_list", json!({"RoomId": ROOMS[*room], "Count": count})).await.code()
        }
    }
}

/// The members of a room, read page by page.
async fn paged(house: &House, room: &str, count: usize) -> Vec<String> {
    let (mut members, mut next) = (Vec::new(), String::new());
    loop {
        let body = json!({"RoomId": room, "Count": count, "Next": next});
        let page = house.room("get_room_member_list", body).await.json();
        let list = page["Response"]["MemberList"].as_array().expect("a list").iter();
        members.extend(list.map(|member| member["Member_Account"].as_str().expect("a string").to_owned()));
        next = page["Response"]["Next"].as_str().expect("a cursor").to_owned();
        if next.is_empty() {
            return members;
        }
    }
}

/// Every room is as the model says, in the state document, on its pages and in its count.
async fn compare(house: &House, model: &Model, state: &Value, count: usize) {
    let rooms = state["tencent"]["88888888"]["rooms"].as_array().cloned().unwrap_or_default();
    assert_eq!(rooms.len(), model.iter().flatten().count());
    for (id, naive) in ROOMS.iter().zip(model) {
        let Some(naive) = naive else { continue };
        let wanted: Vec<&str> = naive.inside.iter().map(|user| USERS[*user]).collect();
        let room = rooms.iter().find(|room| room["RoomId"] == *id).expect("the room is there");
        let list = room["MemberList"].as_array().cloned().unwrap_or_default();
        let written: Vec<&str> = list.iter().map(|member| member["Member_Account"].as_str().expect("text")).collect();
        assert_eq!(written, wanted);
        assert_eq!(paged(house, id, count).await, wanted);
        let info = house.room("get_room_info", json!({"RoomId": id})).await.json()["Response"]["RoomInfo"].clone();
        assert_eq!((&info["MemberCount"], &info["Owner_Account"]), (&json!(wanted.len()), &json!(USERS[naive.owner])));
    }
}

async fn walk(steps: Vec<Step>) {
    let accounts: Vec<Value> = USERS.iter().map(|user| json!({"UserID": user})).collect();
    let house = start(json!({"imulator": 1, "tencent": {"88888888": {"accounts": accounts}}})).await;
    let mut model = Model::default();
    let mut state = house.state().await;
    for (number, step) in steps.iter().enumerate() {
        let wanted = expect(&mut model, step);
        assert_eq!(take(&house, step).await, wanted, "step {number}: {step:?}");
        let after = house.state().await;
        if wanted != 0 {
            assert_eq!(after, state, "step {number} was refused and changed something: {step:?}");
        }
        state = after;
        compare(&house, &model, &state, number % 3 + 1).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn rooms_do_what_a_naive_list_does(steps in prop::collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(walk(steps));
    }
}
