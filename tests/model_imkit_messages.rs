//! Random steps on the messages of an IMKIT room against a naive model of lists, marks and badges; now and then the
//! world is written down and put back in between, which must make no difference.

mod common;
#[path = "common/imkit.rs"]
mod imkit;

use std::collections::BTreeSet;
use std::time::Duration;

use common::{House, start_with};
use imkit::{admin, client, refusal, world};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The members; only the first is a manager.
const PEOPLE: [&str; 3] = ["mira", "jonas", "okello"];
/// So few that messages fall out.
const MESSAGES_MAX: usize = 6;

#[derive(Clone, Debug)]
enum Step {
    Send { by: usize, mentions: Vec<usize> },
    Edit { by: usize, which: usize },
    Recall { by: usize, which: usize },
    Delete { by: usize, which: usize },
    DeleteAll { by: usize },
    Read { by: usize, which: usize },
    React { by: usize, which: usize, heart: bool },
    Unreact { by: usize, which: usize, heart: bool },
    Pin { by: usize, which: usize, on: bool },
    Hide { by: usize, which: usize, on: bool },
    HideAllOf { by: usize, sender: usize, on: bool },
    UserDelete { by: usize, which: usize },
    PutBack,
}

/// A message that was ever sent; its place in the list is its number.
#[derive(Clone, Debug, PartialEq)]
struct Said {
    id: String,
    sender: usize,
    kind: &'static str,
    text: String,
    mentions: Vec<usize>,
    reactions: Vec<(usize, bool)>,
    pinned: Option<bool>,
    hidden: Option<bool>,
    deleted_by: BTreeSet<usize>,
    /// Not in the room any more; what fell out still counts as unread, what was deleted does not.
    gone: bool,
    deleted: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Reader {
    /// Everything up to here does not count.
    read: Option<usize>,
    /// The message that was said to be read.
    pointer: Option<usize>,
    mentioned: bool,
}

#[derive(Clone, Debug, Default)]
struct Model {
    said: Vec<Said>,
    readers: [Reader; 3],
    steps: u32,
}

impl Model {
    fn kept(&self) -> Vec<usize> {
        (0..self.said.len()).filter(|at| !self.said[*at].gone).collect()
    }

    fn badge(&self, who: usize) -> usize {
        let unread = self.said.iter().enumerate().filter(|(at, said)| {
            let newer = self.readers[who].read.is_none_or(|read| *at > read);
            newer && said.sender != who && said.hidden != Some(true) && !said.deleted
        });
        unread.count()
    }

    fn not_after(&self, at: usize) -> Option<usize> {
        self.kept().into_iter().rfind(|kept| *kept <= at)
    }

    /// After a message mentions nobody any more.
    fn forget_mentions(&mut self, mentions: &[usize]) {
        for who in mentions {
            let read = self.readers[*who].read;
            let still = self.kept().into_iter().any(|at| {
                let said = &self.said[at];
                read.is_none_or(|read| at > read)
                    && said.sender != *who
                    && said.hidden != Some(true)
                    && said.mentions.contains(who)
            });
            self.readers[*who].mentioned &= still;
        }
    }

    fn send(&mut self, by: usize, mentions: &[usize], id: String) {
        let at = self.said.len();
        for who in mentions.iter().filter(|who| **who != by) {
            self.readers[*who].mentioned = true;
        }
        self.readers[by] = Reader { read: Some(at), pointer: Some(at), mentioned: false };
        let (text, mentions) = (format!("m{}", self.steps), mentions.to_vec());
        self.said.push(Said {
            id,
            sender: by,
            kind: "text",
            text,
            mentions,
            reactions: Vec::new(),
            pinned: None,
            hidden: None,
            deleted_by: BTreeSet::new(),
            gone: false,
            deleted: false,
        });
        let kept = self.kept();
        if kept.len() > MESSAGES_MAX {
            self.said[kept[0]].gone = true;
        }
    }

    fn delete(&mut self, at: usize) {
        (self.said[at].gone, self.said[at].deleted) = (true, true);
        let mentions = self.said[at].mentions.clone();
        self.forget_mentions(&mentions);
    }

    fn hide(&mut self, at: usize, on: bool) {
        if (self.said[at].hidden == Some(true)) != on {
            self.said[at].hidden = Some(on);
            if on {
                let mentions = self.said[at].mentions.clone();
                self.forget_mentions(&mentions);
            }
        }
    }

    fn read(&mut self, by: usize, at: usize) {
        let present = self.readers[by].pointer.and_then(|pointer| self.not_after(pointer));
        let target = self.not_after(at);
        if target > present {
            (self.readers[by].read, self.readers[by].pointer) = (target, target);
        }
        self.readers[by].mentioned = false;
    }

    /// The status that the step is answered with; only 200 changes anything. Sending is done by the caller.
    fn take(&mut self, step: &Step) -> u16 {
        self.steps += 1;
        let (may, known) = match step {
            Step::Send { .. } | Step::PutBack | Step::Read { .. } => (true, true),
            Step::Edit { by, which } | Step::Recall { by, which } => {
                (*by == 0 || self.said[*which].sender == *by, !self.said[*which].gone)
            }
            Step::Delete { by, which } | Step::Pin { by, which, .. } | Step::Hide { by, which, .. } => {
                (*by == 0, !self.said[*which].gone)
            }
            Step::DeleteAll { by } | Step::HideAllOf { by, .. } => (*by == 0, true),
            Step::React { which, .. } | Step::Unreact { which, .. } => (true, !self.said[*which].gone),
            Step::UserDelete { .. } => (true, true),
        };
        // Deleting for everybody asks who may before it looks for the message.
        match step {
            Step::Delete { .. } if !may => return 403,
            _ if !known => return 404,
            _ if !may => return 403,
            _ => {}
        }
        match step.clone() {
            Step::Send { .. } | Step::PutBack => {}
            Step::Edit { which, .. } => self.said[which].text = format!("m{}", self.steps),
            Step::Recall { which, .. } => {
                let mentions = std::mem::take(&mut self.said[which].mentions);
                (self.said[which].kind, self.said[which].text) = ("recall", String::new());
                self.forget_mentions(&mentions);
            }
            Step::Delete { which, .. } => self.delete(which),
            Step::DeleteAll { .. } => {
                let last = self.said.len().checked_sub(1);
                self.said.iter_mut().for_each(|said| (said.gone, said.deleted) = (true, true));
                for reader in &mut self.readers {
                    (reader.read, reader.mentioned) = (last, false);
                }
            }
            Step::Read { by, which } => self.read(by, which),
            Step::React { by, which, heart } => {
                if !self.said[which].reactions.contains(&(by, heart)) {
                    self.said[which].reactions.push((by, heart));
                }
            }
            Step::Unreact { by, which, heart } => self.said[which].reactions.retain(|one| *one != (by, heart)),
            Step::Pin { which, on, .. } => {
                if (self.said[which].pinned == Some(true)) != on {
                    self.said[which].pinned = Some(on);
                }
            }
            Step::Hide { which, on, .. } => self.hide(which, on),
            Step::HideAllOf { sender, on, .. } => {
                for at in self.kept() {
                    if self.said[at].sender == sender {
                        self.hide(at, on);
                    }
                }
            }
            Step::UserDelete { by, which } => drop(self.said[which].deleted_by.insert(by)),
        }
        200
    }

    /// The messages as a member is shown them, oldest first.
    fn list(&self, who: usize) -> Vec<Value> {
        let view = |at: usize| {
            let said = &self.said[at];
            let reactions: Vec<Value> = said
                .reactions
                .iter()
                .map(|(by, heart)| json!({"client": PEOPLE[*by], "reaction": word(*heart)}))
                .collect();
            json!([
                said.id,
                PEOPLE[said.sender],
                said.kind,
                said.text,
                reactions,
                said.pinned,
                said.hidden,
                said.deleted_by.contains(&who)
            ])
        };
        self.kept().into_iter().map(view).collect()
    }
}

fn word(heart: bool) -> &'static str {
    if heart { "heart" } else { "like" }
}

/// Who takes a step, and how.
fn request(model: &Model, step: &Step) -> (usize, &'static str, String, Value) {
    let id = |which: &usize| model.said[*which].id.clone();
    let text = format!("m{}", model.steps);
    let method = |on: &bool| if *on { "POST" } else { "DELETE" };
    match step {
        Step::Send { by, mentions } => {
            let mentions: Vec<&str> = mentions.iter().map(|who| PEOPLE[*who]).collect();
            (*by, "POST", "/rooms/tea/message".into(), json!({"message": text, "mentions": mentions}))
        }
        Step::Edit { by, which } => {
            (*by, "POST", "/rooms/tea/message".into(), json!({"_id": id(which), "message": text}))
        }
        Step::Recall { by, which } => {
            (*by, "POST", "/rooms/tea/message".into(), json!({"_id": id(which), "messageType": "recall"}))
        }
        Step::Delete { by, which } => (*by, "DELETE", format!("/rooms/tea/messages/{}", id(which)), json!({})),
        Step::DeleteAll { by } => (*by, "DELETE", "/rooms/tea/messages/_all".into(), json!({})),
        Step::Read { by, which } => (*by, "PUT", "/rooms/tea/lastRead".into(), json!({"message": id(which)})),
        Step::React { by, which, heart } => {
            (*by, "POST", format!("/messages/{}/reaction", id(which)), json!({"reaction": word(*heart)}))
        }
        Step::Unreact { by, which, heart } => {
            (*by, "DELETE", format!("/messages/{}/reaction?reaction={}", id(which), word(*heart)), json!({}))
        }
        Step::Pin { by, which, on } => (*by, method(on), format!("/messages/{}/pin", id(which)), json!({})),
        Step::Hide { by, which, on } => (*by, method(on), format!("/messages/{}/hidden", id(which)), json!({})),
        Step::HideAllOf { by, sender, on } => {
            let path = if *on { "/messages/hide-by-sender-in-room" } else { "/messages/unhide-by-sender-in-room" };
            (*by, "POST", path.into(), json!({"room": "tea", "sender": PEOPLE[*sender]}))
        }
        Step::UserDelete { by, which } => {
            (*by, "POST", "/messages/user-delete".into(), json!({"room": "tea", "messages": [id(which)]}))
        }
        Step::PutBack => unreachable!("putting back is no call of a client"),
    }
}

fn step() -> impl Strategy<Value = Step> {
    let (by, which) = (0..3_usize, 0..64_usize);
    let with = (by.clone(), which, any::<bool>());
    prop_oneof![
        6 => (by.clone(), proptest::collection::vec(0..3_usize, 0..2)).prop_map(|(by, mentions)| Step::Send { by, mentions }),
        1 => with.clone().prop_map(|(by, which, _)| Step::Edit { by, which }),
        1 => with.clone().prop_map(|(by, which, _)| Step::Recall { by, which }),
        2 => with.clone().prop_map(|(by, which, mine)| Step::Delete { by: if mine { 0 } else { by }, which }),
        1 => (0..40_usize).prop_map(|by| Step::DeleteAll { by: by.min(1) }),
        4 => with.clone().prop_map(|(by, which, _)| Step::Read { by, which }),
        1 => with.clone().prop_map(|(by, which, heart)| Step::React { by, which, heart }),
        1 => with.clone().prop_map(|(by, which, heart)| Step::Unreact { by, which, heart }),
        1 => with.clone().prop_map(|(_, which, on)| Step::Pin { by: usize::from(which % 8 == 0), which, on }),
        3 => with.clone().prop_map(|(_, which, on)| Step::Hide { by: usize::from(which % 8 == 0), which, on }),
        1 => with.clone().prop_map(|(sender, by, on)| Step::HideAllOf { by: usize::from(by % 8 == 0), sender, on }),
        1 => with.prop_map(|(by, which, _)| Step::UserDelete { by, which }),
        1 => Just(Step::PutBack),
    ]
}

/// The step with a message that was sent in the place of any number; `None` if none was.
fn aimed(step: &Step, count: usize) -> Option<Step> {
    let mut step = step.clone();
    match &mut step {
        Step::Edit { which, .. }
        | Step::Recall { which, .. }
        | Step::Delete { which, .. }
        | Step::Read { which, .. }
        | Step::React { which, .. }
        | Step::Unreact { which, .. }
        | Step::Pin { which, .. }
        | Step::Hide { which, .. }
        | Step::UserDelete { which, .. } => {
            // Mostly the newest ones.
            *which = (count - 1).checked_sub(*which % count.min(9))?;
        }
        _ => {}
    }
    Some(step)
}

async fn compare(house: &House, model: &Model, step: &Step) -> Result<(), TestCaseError> {
    for (who, name) in PEOPLE.iter().enumerate() {
        let me = client(house, name);
        let room = me.sees("/rooms/tea").await;
        prop_assert_eq!(&room["unread"], &json!(model.badge(who)), "badge of {} after {:?}: {:?}", name, step, model);
        prop_assert_eq!(&room["isMentioned"], &json!(model.readers[who].mentioned), "{} after {:?}", name, step);
        let lines = room["memberProperties"].as_array().expect("a list");
        let line = lines.iter().find(|line| line["client"] == *name);
        let pointer = line.and_then(|line| line.get("lastRead")).and_then(Value::as_str);
        let wanted = model.readers[who].pointer.map(|at| model.said[at].id.as_str());
        prop_assert_eq!(pointer, wanted, "{} after {:?}", name, step);
        let path = "/rooms/tea/messages/v3?limit=0&sortOrder=asc&timeRangeField=createdAt";
        let page = me.sees(path).await;
        let shown = |message: &Value| {
            let flag = |name: &str| message.get(name).cloned().unwrap_or(Value::Null);
            json!([
                message["_id"],
                message["sender"]["_id"],
                message["messageType"],
                message["message"],
                message["reactions"],
                flag("pinned"),
                flag("isHidden"),
                message.get("isDeleted").is_some()
            ])
        };
        let list: Vec<Value> = page["data"].as_array().expect("a list").iter().map(shown).collect();
        prop_assert_eq!(&list, &model.list(who), "{} after {:?}", name, step);
        let deleted: Vec<Value> =
            model.list(who).iter().filter(|line| line[7] == true).map(|line| line[0].clone()).collect();
        prop_assert_eq!(&page["userDeletedIDs"], &json!(deleted));
        let listed = me.sees("/messages/user-delete?room=tea").await;
        prop_assert_eq!(&listed["totalCount"], &json!(deleted.len()));
        let pinned = model.kept().into_iter().filter(|at| model.said[*at].pinned == Some(true)).count();
        prop_assert_eq!(&me.sees("/rooms/tea/pined-messages").await["totalCount"], &json!(pinned));
    }
    Ok(())
}

async fn run(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut world = world();
    world["imkit"]["LocalApp"]["rooms"][0]["members"] = json!(PEOPLE);
    world["imkit"]["LocalApp"]["rooms"][0]["managers"] = json!(["mira"]);
    let house = start_with(world, |config| config.messages_max = MESSAGES_MAX).await;
    let mut model = Model::default();
    for step in &steps {
        let aim = !matches!(step, Step::Send { .. } | Step::PutBack | Step::DeleteAll { .. } | Step::HideAllOf { .. });
        if aim && model.said.is_empty() {
            continue;
        }
        let Some(step) = aimed(step, model.said.len()) else { continue };
        house.emulator.clock().advance(Duration::from_millis(400));
        if matches!(step, Step::PutBack) {
            let snapshot = house.state().await;
            house.control("PUT", "state", snapshot.clone()).await;
            prop_assert_eq!(house.state().await, snapshot);
        } else {
            model.steps += 1;
            let (by, method, path, body) = request(&model, &step);
            model.steps -= 1;
            let before = house.state().await;
            let answer = client(&house, PEOPLE[by]).call(method, &path, body).await;
            let status = model.take(&step);
            prop_assert_eq!(answer.status.as_u16(), status, "{:?}: {}", step, answer.text);
            if status != 200 {
                refusal(&answer);
                prop_assert_eq!(house.state().await, before, "{:?} was refused and changed something", step);
            } else if let Step::Send { by, mentions } = &step {
                let id = answer.json()["result"]["_id"].as_str().expect("an id").to_owned();
                model.send(*by, mentions, id);
            }
        }
        compare(&house, &model, &step).await?;
    }
    let all = admin(&house).sees("/admin/messages?limit=0").await;
    prop_assert_eq!(&all["totalCount"], &json!(model.kept().len()));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn messages_and_badges_behave_as_their_model(steps in proptest::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        runtime.block_on(run(steps))?;
    }
}
