//! Random steps on an IMKIT room against a naive model of members, user groups, badges, properties, mutes and
//! invitations; a refusal changes nothing.

mod common;
#[path = "common/imkit.rs"]
mod imkit;

use std::collections::BTreeSet;

use common::start;
use imkit::{client, members, refusal, world_with};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The clients; `ghost` is none, and `crew` is a user group.
const PEOPLE: [&str; 6] = ["mira", "jonas", "okello", "nadia", "ghost", "crew"];
const CREW: usize = 5;

#[derive(Clone, Debug)]
enum Step {
    Add { by: usize, who: Vec<usize>, tell: bool, invite: bool },
    Remove { by: usize, who: Vec<usize>, tell: bool },
    Join { by: usize, tell: bool },
    Decline { by: usize },
    Cancel { by: usize, who: Vec<usize> },
    Say { by: usize },
    Crew { who: Vec<usize> },
    Score { by: usize, of: usize, score: u8 },
    Role { by: usize, of: usize, admin: bool },
    Mute { by: usize, on: bool },
}

/// One entry of memberProperties.
#[derive(Clone, Debug, PartialEq)]
struct Line {
    who: usize,
    badge: u32,
    role: Option<&'static str>,
    score: Option<u8>,
}

/// The room as a child would keep it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    members: Vec<usize>,
    lines: Vec<Line>,
    invited: BTreeSet<(usize, usize)>,
    messages: u32,
    crew: Vec<usize>,
    muted: BTreeSet<usize>,
}

impl Model {
    fn is_in(&self, who: usize) -> bool {
        self.members.contains(&who) || (self.members.contains(&CREW) && self.crew.contains(&who))
    }

    fn is_admin(&self, who: usize) -> bool {
        self.members.contains(&who) && self.lines.iter().any(|line| line.who == who && line.role == Some("admin"))
    }

    fn line(&mut self, who: usize) -> &mut Line {
        let at = self.lines.iter().position(|line| line.who == who).unwrap_or(self.lines.len());
        if at == self.lines.len() {
            self.lines.push(Line { who, badge: 0, role: None, score: None });
        }
        &mut self.lines[at]
    }

    fn enters(&mut self, who: usize) {
        self.members.push(who);
        self.invited.retain(|(_, invitee)| *invitee != who);
    }

    fn hears(&mut self, sender: usize) {
        self.messages += 1;
        for who in self.members.clone() {
            self.line(who);
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
                let new = distinct(who, |id| !self.members.contains(&id));
                let known = new.iter().all(|id| PEOPLE[*id] != "ghost");
                if !self.is_in(*by) || !known {
                    return false;
                }
                let (asked, added): (Vec<usize>, Vec<usize>) = new.iter().partition(|id| *invite && **id != CREW);
                self.invited.extend(asked.iter().map(|id| (*by, *id)));
                added.iter().for_each(|id| self.enters(*id));
                if *tell && !added.is_empty() {
                    self.hears(*by);
                }
            }
            Step::Remove { by, who, tell } => {
                let gone = distinct(who, |_| true);
                if !self.is_in(*by) || !gone.iter().all(|id| self.members.contains(id)) {
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
            other => return self.take_settings(other),
        }
        true
    }

    /// The same for steps that move nobody but a group's clients.
    fn take_settings(&mut self, step: &Step) -> bool {
        match step {
            Step::Crew { who } => self.crew = distinct(who, |_| true),
            Step::Score { by, of, score } => {
                if !self.is_in(*by) || !self.members.contains(of) {
                    return false;
                }
                self.line(*of).score = Some(*score);
            }
            Step::Role { by, of, admin } => {
                let managed = (0..PEOPLE.len()).any(|who| self.is_admin(who));
                if !self.is_in(*by) || !self.members.contains(of) || (managed && !self.is_admin(*by)) {
                    return false;
                }
                self.line(*of).role = Some(if *admin { "admin" } else { "member" });
                if *admin {
                    self.hears(*by);
                }
            }
            Step::Mute { by, on: true } => drop(self.muted.insert(*by)),
            Step::Mute { by, on: false } => drop(self.muted.remove(by)),
            other => unreachable!("{other:?} moves people"),
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

/// Method, path and body of a step, and who takes it; the administrator makes the group.
fn request(step: &Step) -> (usize, &'static str, String, Value) {
    let names = |who: &[usize]| who.iter().map(|id| PEOPLE[*id]).collect::<Vec<_>>();
    match step {
        Step::Add { by, who, tell, invite } => {
            let body = json!({"invitees": names(who), "systemMessage": tell, "invitationRequired": invite});
            (*by, "POST", "/rooms/tea/members".into(), body)
        }
        Step::Remove { by, who, tell } => {
            (*by, "POST", "/rooms/tea/delete/members".into(), json!({"members": names(who), "systemMessage": tell}))
        }
        Step::Join { by, tell } => (*by, "POST", "/rooms/tea/join".into(), json!({"systemMessage": tell})),
        Step::Decline { by } => (*by, "DELETE", "/rooms/tea/invitations".into(), json!({})),
        Step::Cancel { by, who } => {
            (*by, "POST", "/rooms/tea/delete/invitations".into(), json!({"invitees": names(who)}))
        }
        Step::Say { by } => (*by, "POST", "/rooms/tea/message".into(), json!({"message": "hi"})),
        Step::Crew { who } => {
            (CREW, "POST", "/admin/groups".into(), json!({"_id": "crew", "nickname": "Crew", "members": names(who)}))
        }
        Step::Score { by, of, score } => (*by, "PUT", property(*of), json!({"property": "score", "value": score})),
        Step::Role { by, of, admin } => {
            let role = if *admin { "admin" } else { "member" };
            (*by, "PUT", property(*of), json!({"property": "role", "value": role}))
        }
        Step::Mute { by, on } => (*by, if *on { "POST" } else { "DELETE" }, "/me/mute/tea".into(), json!({})),
    }
}

fn property(of: usize) -> String {
    format!("/rooms/tea/member/{}", PEOPLE[of])
}

/// One entry of memberProperties in a line: who, badge, role, score.
fn entry(line: &Value) -> String {
    format!("{} {} {} {}", line["client"], line["badge"], line["role"], line["score"])
}

fn step() -> impl Strategy<Value = Step> {
    let by = 0..4_usize;
    let who = || proptest::collection::vec(0..6_usize, 0..4);
    let clients = proptest::collection::vec(0..4_usize, 0..4);
    let of = || prop_oneof![0..4_usize, Just(CREW)];
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
        by.clone().prop_map(|by| Step::Say { by }),
        clients.prop_map(|who| Step::Crew { who }),
        (by.clone(), of(), 0..9_u8).prop_map(|(by, of, score)| Step::Score { by, of, score }),
        (by.clone(), of(), any::<bool>()).prop_map(|(by, of, admin)| Step::Role { by, of, admin }),
        (by, any::<bool>()).prop_map(|(by, on)| Step::Mute { by, on }),
    ]
}

async fn run(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let house = start(world_with(json!({}))).await;
    let admin = imkit::admin(&house);
    admin.does("POST", "/admin/groups", json!({"_id": "crew", "nickname": "Crew"})).await;
    let mut model = Model { members: vec![0, 1], ..Model::default() };
    for step in steps {
        let (by, method, path, body) = request(&step);
        let before = house.state().await;
        let caller = if by == CREW { imkit::admin(&house) } else { client(&house, PEOPLE[by]) };
        let answer = caller.call(method, &path, body).await;
        let passes = model.take(&step);
        prop_assert_eq!(answer.status == 200, passes, "{:?}: {}", step, answer.text);
        if !passes {
            refusal(&answer);
            prop_assert_eq!(house.state().await, before, "{:?} was refused and changed something", step);
        }
        let room = admin.sees("/rooms/tea").await;
        let names: Vec<&str> = model.members.iter().map(|id| PEOPLE[*id]).collect();
        prop_assert_eq!(members(&room), names, "{:?}", step);
        let shown = room["memberProperties"].as_array().expect("a list").iter().map(entry);
        let line = |line: &Line| json!({"client": PEOPLE[line.who], "badge": line.badge, "role": line.role, "score": line.score});
        let lines = model.lines.iter().map(|kept| entry(&line(kept)));
        prop_assert_eq!(shown.collect::<Vec<_>>(), lines.collect::<Vec<_>>(), "{:?}", step);
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
        let ids = client(&house, name).sees("/rooms/ids").await["data"].to_string();
        prop_assert_eq!(ids.contains("tea"), model.is_in(id));
        let seen = client(&house, name).call("GET", "/rooms/tea", Value::Null).await;
        prop_assert_eq!(seen.status == 200, model.is_in(id), "{}", seen.text);
        if model.is_in(id) {
            let unread = model.lines.iter().find(|line| line.who == id).map_or(0, |line| line.badge);
            let seen = seen.json()["result"].clone();
            prop_assert_eq!((&seen["unread"], &seen["muted"]), (&json!(unread), &json!(model.muted.contains(&id))));
        }
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
