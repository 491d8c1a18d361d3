//! Random steps on an IMKIT room against a naive model of members, badges and invitations; a refusal changes nothing.

mod common;
#[path = "common/imkit.rs"]
mod imkit;

use std::collections::BTreeSet;

use common::start;
use imkit::{badges, client, members, refusal, world_with};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The clients; `ghost` is none.
const PEOPLE: [&str; 5] = ["mira", "jonas", "okello", "nadia", "ghost"];

#[derive(Clone, Debug)]
enum Step {
    Add { by: usize, who: Vec<usize>, tell: bool, invite: bool },
    Remove { by: usize, who: Vec<usize>, tell: bool },
    Join { by: usize, tell: bool },
    Decline { by: usize },
    Cancel { by: usize, who: Vec<usize> },
    Say { by: usize },
}

/// One entry of memberProperties.
#[derive(Clone, Debug, PartialEq)]
struct Line {
    who: usize,
    badge: u32,
}

/// The room as a child would keep it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    members: Vec<usize>,
    lines: Vec<Line>,
    invited: BTreeSet<(usize, usize)>,
    messages: u32,
}

impl Model {
    fn is_in(&self, who: usize) -> bool {
        self.members.contains(&who)
    }

    fn enters(&mut self, who: usize) {
        self.members.push(who);
        self.invited.retain(|(_, invitee)| *invitee != who);
    }

    fn hears(&mut self, sender: usize) {
        self.messages += 1;
        for who in self.members.clone() {
            if !self.lines.iter().any(|line| line.who == who) {
                self.lines.push(Line { who, badge: 0 });
            }
        }
        for line in &mut self.lines {
            if line.who == sender {
                line.badge = if self.members.contains(&sender) { 0 } else { line.badge };
            } else if self.members.contains(&line.who) {
                line.badge += 1;
            }
        }
    }

    /// Whether the step is let through; only then the model changes.
    fn take(&mut self, step: &Step) -> bool {
        match step {
            Step::Add { by, who, tell, invite } => {
                let new = distinct(who, |id| !self.is_in(id));
                let known = new.iter().all(|id| PEOPLE[*id] != "ghost");
                if !self.is_in(*by) || !known {
                    return false;
                }
                if *invite {
                    self.invited.extend(new.iter().map(|id| (*by, *id)));
                    return true;
                }
                new.iter().for_each(|id| self.enters(*id));
                if *tell && !new.is_empty() {
                    self.hears(*by);
                }
            }
            Step::Remove { by, who, tell } => {
                let gone = distinct(who, |_| true);
                if !self.is_in(*by) || !gone.iter().all(|id| self.is_in(*id)) {
                    return false;
                }
                self.members.retain(|id| !gone.contains(id));
                for leaves in [false, true] {
                    if *tell && gone.iter().any(|id| (id == by) == leaves) {
                        self.hears(*by);
                    }
                }
            }
            Step::Join { by, tell } => {
                if !self.is_in(*by) {
                    self.enters(*by);
                    if *tell {
                        self.hears(*by);
                    }
                }
            }
            Step::Decline { by } => self.invited.retain(|(_, invitee)| invitee != by),
            Step::Cancel { by, who } => {
                if !self.is_in(*by) {
                    return false;
                }
                let before = self.invited.len();
                self.invited.retain(|(_, invitee)| !who.contains(invitee));
                if self.invited.len() < before {
                    self.hears(*by);
                }
            }
            Step::Say { by } => {
                if !self.is_in(*by) {
                    return false;
                }
                self.hears(*by);
            }
        }
        true
    }
}

fn distinct(who: &[usize], keep: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut once = Vec::new();
    for id in who {
        if !once.contains(id) && keep(*id) {
            once.push(*id);
        }
    }
    once
}

/// Method, path and body of a step, and who takes it.
fn request(step: &Step) -> (usize, &'static str, &'static str, Value) {
    let names = |who: &[usize]| who.iter().map(|id| PEOPLE[*id]).collect::<Vec<_>>();
    match step {
        Step::Add { by, who, tell, invite } => {
            let body = json!({"invitees": names(who), "systemMessage": tell, "invitationRequired": invite});
            (*by, "POST", "/rooms/tea/members", body)
        }
        Step::Remove { by, who, tell } => {
            (*by, "POST", "/rooms/tea/delete/members", json!({"members": names(who), "systemMessage": tell}))
        }
        Step::Join { by, tell } => (*by, "POST", "/rooms/tea/join", json!({"systemMessage": tell})),
        Step::Decline { by } => (*by, "DELETE", "/rooms/tea/invitations", json!({})),
        Step::Cancel { by, who } => (*by, "POST", "/rooms/tea/delete/invitations", json!({"invitees": names(who)})),
        Step::Say { by } => (*by, "POST", "/rooms/tea/message", json!({"message": "hi"})),
    }
}

fn step() -> impl Strategy<Value = Step> {
    let by = 0..4_usize;
    let who = || proptest::collection::vec(0..5_usize, 0..4);
    prop_oneof![
        (by.clone(), who(), any::<bool>(), any::<bool>()).prop_map(|(by, who, tell, invite)| Step::Add {
            by,
            who,
            tell,
            invite
        }),
        (by.clone(), who(), any::<bool>()).prop_map(|(by, who, tell)| Step::Remove { by, who, tell }),
        (by.clone(), any::<bool>()).prop_map(|(by, tell)| Step::Join { by, tell }),
        by.clone().prop_map(|by| Step::Decline { by }),
        (by.clone(), who()).prop_map(|(by, who)| Step::Cancel { by, who }),
        by.prop_map(|by| Step::Say { by }),
    ]
}

async fn run(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let house = start(world_with(json!({}))).await;
    let admin = imkit::admin(&house);
    let mut model = Model { members: vec![0, 1], ..Model::default() };
    for step in steps {
        let (by, method, path, body) = request(&step);
        let before = house.state().await;
        let answer = client(&house, PEOPLE[by]).call(method, path, body).await;
        let passes = model.take(&step);
        prop_assert_eq!(answer.status == 200, passes, "{:?}: {}", step, answer.text);
        if !passes {
            refusal(&answer);
            prop_assert_eq!(house.state().await, before, "{:?} was refused and changed something", step);
        }
        let room = admin.sees("/rooms/tea").await;
        let names: Vec<&str> = model.members.iter().map(|id| PEOPLE[*id]).collect();
        prop_assert_eq!(members(&room), names, "{:?}", step);
        let lines: Vec<String> =
            model.lines.iter().map(|line| format!("{} {}", PEOPLE[line.who], line.badge)).collect();
        prop_assert_eq!(badges(&room), lines, "{:?}", step);
        let pending = admin.sees("/rooms/tea/invitations").await;
        let pair = |item: &Value| (place(&item["inviter"]["_id"]), place(&item["invitee"]["_id"]));
        let pending: BTreeSet<(usize, usize)> = pending["data"].as_array().expect("a list").iter().map(pair).collect();
        prop_assert_eq!(&pending, &model.invited, "{:?}", step);
        prop_assert_eq!(&admin.sees("/rooms/tea/messages/v3?limit=1").await["totalCount"], &json!(model.messages));
    }
    for (id, name) in PEOPLE.iter().enumerate().take(4) {
        let mine = client(&house, name).sees("/rooms/invitations").await["totalCount"].clone();
        prop_assert_eq!(mine, json!(model.invited.iter().filter(|(_, invitee)| *invitee == id).count()));
        let listed = client(&house, name).sees("/rooms?q=%7B%22_id%22:%22tea%22%7D").await["totalCount"].clone();
        prop_assert_eq!(listed, json!(u32::from(model.is_in(id))));
    }
    let snapshot = house.state().await;
    house.control("PUT", "state", snapshot.clone()).await;
    prop_assert_eq!(house.state().await, snapshot);
    Ok(())
}

fn place(id: &Value) -> usize {
    PEOPLE.iter().position(|name| id == name).expect("one of the people")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_room_behaves_as_its_model(steps in proptest::collection::vec(step(), 1..30)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        runtime.block_on(run(steps))?;
    }
}
