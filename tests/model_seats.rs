//! Members and seats against a naive model: random steps, the same codes, members and seats after each.

mod common;

use common::House;
use common::rooms::app;
use proptest::prelude::*;
use serde_json::{Value, json};

const USERS: [&str; 6] = ["mira", "okan", "lupe", "adam", "noor", "robo"];
const SEATS: usize = 3;
const CAPACITY: usize = 5;
/// How many are inside at the start, so that seats are fought for from the first step on.
const INSIDE: usize = 4;

/// One call; users by their place in the list above.
#[derive(Clone, Debug)]
enum Step {
    Enter(usize),
    Leave(usize),
    Kick(Vec<usize>),
    Ban(usize),
    Unban(usize),
    Pick(usize, usize),
    Off(usize),
    Lock(usize, bool),
    Move(usize, usize, i64),
    Switch(usize, usize),
    Take(usize, Option<usize>),
    Rise(usize),
    Ask(usize, Option<usize>),
    Cancel(usize),
    Answer(usize, bool),
    Owner(usize),
    Admin(usize, bool),
}

// table
fn step() -> impl Strategy<Value = Step> {
    let user = || 0..USERS.len();
    let seat = || 0..SEATS + 1;
    prop_oneof![
        8 => user().prop_map(Step::Enter),
        2 => user().prop_map(Step::Leave),
        2 => prop::collection::vec(user(), 1..3).prop_map(Step::Kick),
        1 => user().prop_map(Step::Ban),
        1 => user().prop_map(Step::Unban),
        5 => (user(), seat()).prop_map(|(user, seat)| Step::Pick(user, seat)),
        2 => user().prop_map(Step::Off),
        3 => (seat(), any::<bool>()).prop_map(|(seat, lock)| Step::Lock(seat, lock)),
        4 => (user(), seat(), 0..3_i64).prop_map(|(user, seat, policy)| Step::Move(user, seat, policy)),
        2 => (user(), seat()).prop_map(|(user, seat)| Step::Switch(user, seat)),
        4 => (user(), prop::option::of(seat())).prop_map(|(user, seat)| Step::Take(user, seat)),
        2 => user().prop_map(Step::Rise),
        4 => (user(), prop::option::of(seat())).prop_map(|(user, seat)| Step::Ask(user, seat)),
        1 => user().prop_map(Step::Cancel),
        3 => (user(), any::<bool>()).prop_map(|(user, yes)| Step::Answer(user, yes)),
        2 => user().prop_map(Step::Owner),
        2 => (user(), any::<bool>()).prop_map(|(user, yes)| Step::Admin(user, yes)),
    ]
}

/// What the room is to the model.
#[derive(Clone, Debug, Default, PartialEq)]
struct Naive {
    apply: bool,
    owner: usize,
    inside: Vec<usize>,
    admins: Vec<usize>,
    banned: Vec<usize>,
    seats: [Option<usize>; SEATS],
    locked: [bool; SEATS],
    waiting: Vec<(usize, Option<usize>)>,
}

impl Naive {
    fn seat_of(&self, user: usize) -> Option<usize> {
        self.seats.iter().position(|seat| *seat == Some(user))
    }

    fn waits(&self, user: usize) -> Option<Option<usize>> {
        self.waiting.iter().find(|(waiting, _)| *waiting == user).map(|(_, seat)| *seat)
    }

    fn helps(&self, user: usize) -> bool {
        self.inside.contains(&user) && (user == self.owner || self.admins.contains(&user))
    }

    fn goes(&mut self, user: usize) {
        self.inside.retain(|inside| *inside != user);
        self.admins.retain(|admin| *admin != user);
        self.waiting.retain(|(waiting, _)| *waiting != user);
        self.seats.iter_mut().for_each(|seat| *seat = seat.filter(|sitting| *sitting != user));
    }

    fn sits(&mut self, user: usize, seat: usize) -> i64 {
        self.seats[seat] = Some(user);
        self.waiting.retain(|(waiting, _)| *waiting != user);
        0
    }

    /// The seat that a client gets, or the code that it meets.
    fn free(&self, wanted: Option<usize>) -> Result<usize, i64> {
        if self.seats.iter().all(Option::is_some) {
            return Err(100205);
        }
        match wanted {
            None => (0..SEATS).find(|seat| self.seats[*seat].is_none() && !self.locked[*seat]).ok_or(100205),
            Some(seat) if self.locked[seat] => Err(100200),
            Some(seat) if self.seats[seat].is_some() => Err(100201),
            Some(seat) => Ok(seat),
        }
    }

    /// Takes a step and tells the code.
    fn take(&mut self, step: &Step) -> i64 {
        match step {
            Step::Enter(user) if self.inside.contains(user) => 0,
            Step::Enter(user) if self.banned.contains(user) => 100016,
            Step::Enter(_) if self.inside.len() == CAPACITY => 100008,
            Step::Enter(user) => {
                self.inside.push(*user);
                0
            }
            Step::Leave(user) if !self.inside.contains(user) => 100005,
            Step::Leave(user) => {
                self.goes(*user);
                0
            }
            Step::Kick(users) if users.contains(&self.owner) && self.inside.contains(&self.owner) => 100006,
            Step::Kick(users) if users.iter().any(|user| !self.inside.contains(user)) => 100005,
            Step::Kick(users) => {
                users.iter().for_each(|user| self.goes(*user));
                0
            }
            Step::Ban(user) if *user == self.owner => 100006,
            Step::Ban(user) if !self.inside.contains(user) && !self.banned.contains(user) => 100005,
            Step::Ban(user) => {
                self.goes(*user);
                self.banned.push(*user);
                0
            }
            Step::Unban(user) => {
                self.banned.retain(|banned| banned != user);
                0
            }
            Step::Owner(user) if *user == self.owner => 0,
            Step::Owner(user) if !self.inside.contains(user) => 100005,
            Step::Owner(user) => {
                self.owner = *user;
                self.admins.retain(|admin| admin != user);
                0
            }
            Step::Admin(user, _) if *user == self.owner => 100006,
            Step::Admin(user, _) if !self.inside.contains(user) => 100005,
            Step::Admin(user, yes) => {
                self.admins.retain(|admin| admin != user);
                self.admins.extend(yes.then_some(*user));
                0
            }
            _ => self.seat(step),
        }
    }

    /// The same for the steps about seats.
    fn seat(&mut self, step: &Step) -> i64 {
        match *step {
            Step::Pick(_, SEATS) | Step::Lock(SEATS, _) | Step::Move(_, SEATS, _) | Step::Switch(_, SEATS) => 100002,
            Step::Pick(user, _) if !self.inside.contains(&user) => 100005,
            Step::Pick(user, _) if self.seat_of(user).is_some() => 100203,
            Step::Pick(user, _) if self.waits(user).is_some() => 100202,
            Step::Pick(..) if self.seats.iter().all(Option::is_some) => 100205,
            Step::Pick(_, seat) if self.locked[seat] => 100200,
            Step::Pick(_, seat) if self.seats[seat].is_some() => 100210,
            Step::Pick(user, seat) => self.sits(user, seat),
            Step::Off(user) | Step::Rise(user) => match self.seat_of(user) {
                None => 100206,
                Some(seat) => {
                    self.seats[seat] = None;
                    0
                }
            },
            Step::Lock(seat, lock) => {
                self.locked[seat] = lock;
                self.seats[seat] = self.seats[seat].filter(|_| !lock);
                0
            }
            Step::Move(user, seat, policy) => self.moves(user, seat, policy),
            Step::Switch(user, seat) if self.seat_of(user).is_some_and(|at| at != seat) && self.locked[seat] => 100200,
            Step::Switch(user, seat) => self.moves(user, seat, 0),
            Step::Cancel(user) | Step::Answer(user, false) => match self.waits(user) {
                None => 100204,
                Some(_) => {
                    self.waiting.retain(|(waiting, _)| *waiting != user);
                    0
                }
            },
            Step::Answer(user, true) => match self.waits(user).map(|wanted| self.free(wanted)) {
                None => 100204,
                Some(Err(code)) => code,
                Some(Ok(seat)) => self.sits(user, seat),
            },
            Step::Take(_, Some(SEATS)) | Step::Ask(_, Some(SEATS)) => 100002,
            Step::Take(user, _) | Step::Ask(user, _) if !self.inside.contains(&user) => 100005,
            Step::Take(user, _) | Step::Ask(user, _) if self.seat_of(user).is_some() => 100203,
            Step::Take(user, _) if self.apply && !self.helps(user) => 100006,
            Step::Ask(user, _) if self.waits(user).is_some() => 100202,
            Step::Ask(user, wanted) if self.apply && !self.helps(user) => {
                self.waiting.push((user, wanted));
                0
            }
            Step::Take(user, wanted) | Step::Ask(user, wanted) => match self.free(wanted) {
                Err(code) => code,
                Ok(seat) => self.sits(user, seat),
            },
            _ => unreachable!("the other steps are taken above"),
        }
    }

    fn moves(&mut self, user: usize, to: usize, policy: i64) -> i64 {
        let Some(from) = self.seat_of(user) else { return 100206 };
        if from == to {
            return 0;
        }
        let other = self.seats[to];
        if other.is_some() && policy == 0 {
            return 100210;
        }
        self.seats[from] = other.filter(|_| policy == 2);
        self.seats[to] = Some(user);
        self.locked[to] = false;
        0
    }
}

/// Takes the step through the front door and gives the code.
async fn take(house: &House, owner: usize, step: &Step) -> i64 {
    let (command, mut body) = match step {
        Step::Kick(users) => {
            let users: Vec<&str> = users.iter().map(|user| USERS[*user]).collect();
            ("kick_user_out", json!({"MemberList_Account": users, "Reason": ""}))
        }
        Step::Ban(user) => {
            ("ban_room_member", json!({"MemberList_Account": [USERS[*user]], "Reason": "", "Duration": 9}))
        }
        Step::Unban(user) => ("unban_room_member", json!({"MemberList_Account": [USERS[*user]]})),
        Step::Pick(user, seat) => ("pick_user_on_seat", json!({"Member_Account": USERS[*user], "Index": seat})),
        Step::Off(user) => ("kick_user_off_seat", json!({"Member_Account": USERS[*user], "Data": ""})),
        Step::Lock(seat, lock) => ("lock_seat", json!({"Index": seat, "ForbidTaken": lock})),
        Step::Move(user, seat, policy) => {
            ("move_user_to_seat", json!({"Member_Account": USERS[*user], "SeatIndex": seat, "Policy": policy}))
        }
        Step::Switch(user, seat) => ("switch_seat", json!({"Member_Account": USERS[*user], "ToIndex": seat})),
        Step::Owner(user) => {
            ("change_room_owner", json!({"From_Account": USERS[owner], "NewOwner_Account": USERS[*user]}))
        }
        _ => return by_client(house, step).await,
    };
    body["RoomId"] = json!("hall");
    house.ask(command, body).await.code()
}

async fn by_client(house: &House, step: &Step) -> i64 {
    let seat = |user: &usize, action: &str, index: Option<usize>| {
        ("seat", json!({"Member_Account": USERS[*user], "Action": action, "Index": index}))
    };
    let (verb, body) = match step {
        Step::Enter(user) => ("enter", json!({"Member_Account": USERS[*user]})),
        Step::Leave(user) => ("leave", json!({"Member_Account": USERS[*user]})),
        Step::Admin(user, yes) => ("admin", json!({"Member_Account": USERS[*user], "Admin": yes})),
        Step::Take(user, index) => seat(user, "take", *index),
        Step::Rise(user) => seat(user, "leave", None),
        Step::Ask(user, index) => seat(user, "request", *index),
        Step::Cancel(user) => seat(user, "cancel", None),
        Step::Answer(user, true) => seat(user, "accept", None),
        Step::Answer(user, false) => seat(user, "reject", None),
        other => unreachable!("a server's step: {other:?}"),
    };
    let answer = house.client("hall", verb, body).await;
    if answer.status == 200 { 0 } else { answer.json()["error"]["code"].as_i64().expect("a code") }
}

/// The room in the state document is as the model says.
fn compare(state: &Value, model: &Naive) {
    let room = &state["tencent"]["88888888"]["rooms"][0];
    let named = |list: &str| -> Vec<String> {
        let list = room[list].as_array().cloned().unwrap_or_default();
        list.iter().map(|entry| entry["Member_Account"].as_str().unwrap_or("").to_owned()).collect()
    };
    let names = |users: &[usize]| -> Vec<&str> { users.iter().map(|user| USERS[*user]).collect() };
    assert_eq!(named("MemberList"), names(&model.inside));
    let seats: Vec<&str> = model.seats.iter().map(|seat| seat.map_or("", |user| USERS[user])).collect();
    assert_eq!(named("SeatList"), seats);
    let waiting: Vec<usize> = model.waiting.iter().map(|(user, _)| *user).collect();
    assert_eq!(named("SeatRequestList"), names(&waiting));
    for (seat, locked) in model.locked.iter().enumerate() {
        assert_eq!(room["SeatList"][seat]["IsTakenDisabled"].as_bool().unwrap_or(false), *locked);
    }
    assert_eq!(room["Owner_Account"], USERS[model.owner]);
    for member in room["MemberList"].as_array().into_iter().flatten() {
        let user = USERS.iter().position(|id| member["Member_Account"] == *id).expect("one of ours");
        assert_eq!(member["Role"] == "Admin", model.admins.contains(&user), "{member}");
    }
}

async fn walk(apply: bool, steps: Vec<Step>) {
    let mode = if apply { "ApplyToTake" } else { "FreeToTake" };
    let members: Vec<Value> = USERS[..INSIDE].iter().map(|id| json!({"Member_Account": id})).collect();
    let hall = json!({"RoomId": "hall", "Owner_Account": USERS[0], "IsSeatEnabled": true, "MaxSeatCount": SEATS,
                      "TakeSeatMode": mode, "MaxMemberCount": CAPACITY, "MemberList": members});
    let house = app(json!([hall]), json!({})).await;
    let mut model = Naive { apply, inside: (0..INSIDE).collect(), ..Naive::default() };
    let mut state = house.state().await;
    for (number, step) in steps.iter().enumerate() {
        let owner = model.owner;
        let wanted = model.take(step);
        assert_eq!(take(&house, owner, step).await, wanted, "step {number}: {step:?} {model:?}");
        let after = house.state().await;
        if wanted != 0 {
            assert_eq!(after, state, "step {number} was refused and changed something: {step:?}");
        }
        state = after;
        compare(&state, &model);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn members_and_seats_do_what_a_naive_room_does(apply: bool, steps in prop::collection::vec(step(), 20..100)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(walk(apply, steps));
    }
}
