//! Every operation of Tencent with every kind of bad input that it can meet, straight from the table of operations: HTTP
//! 200, a documented code, a line for a person that names what is wrong and is the journal's, the row's page, and nothing
//! changes. What is sound is taken from the documented exchanges; new rows are walked by themselves.

mod common;
#[path = "common/documented.rs"]
mod pages;
#[path = "common/schema.rs"]
mod schema;

use common::{Answer, House, start};
use imulator::api::operation::Operation;
use imulator::api::router::operations;
use imulator::api::tencent::code_table::CODES;
use imulator::api::why;
use pages::{Page, pages};
use schema::{fields, types, wrong_values};
use serde_json::{Map, Value, json};

/// Fields whose form is freer than their schema says, and why.
// table
const FREE_FIELDS: &[(&str, &str, &str)] = &[
    ("tencent.groups.forbid_send_msg", "ShutUpTime", "the older name of MuteTime, which the refusal names"),
    ("tencent.rooms.get_banned_member_list", "Next", "a number may come as itself or as its text"),
    ("tencent.live.get_banned_member_list", "Next", "a number may come as itself or as its text"),
];

/// What is refused deep in a body, and named by the list that it stands in.
// table
const NAMED_BY_LIST: &[(&str, &str, &str)] =
    &[("tencent.groups.modify_user_info", "Member_Account", "none of the list is online, not one account alone")];

/// Ids that may be those of nothing, and why.
// table
const FREE_IDS: &[(&str, &str, &str)] = &[
    ("tencent.accounts.account_import", "UserID", "an account comes to be by being imported"),
    ("tencent.groups.create_group", "GroupId", "a group comes to be by being created"),
    ("tencent.groups.import_group", "GroupId", "a group comes to be by being imported"),
    ("tencent.groups.get_joined_group_list", "Member_Account", "who is nowhere has joined nothing"),
    ("tencent.groups.delete_group_msg_by_sender", "Sender_Account", "who sent nothing has nothing deleted"),
    ("tencent.groups.get_topic", "From_Account", "topics are shown to whoever asks"),
];

fn listed(table: &[(&str, &str, &str)], name: &str, field: &str) -> bool {
    table.iter().any(|(listed, part, _)| (*listed == name || *listed == "*") && *part == field)
}

fn rows() -> impl Iterator<Item = &'static Operation> {
    operations().filter(|row| row.vendor() == "tencent")
}

fn pages_of_tencent() -> Vec<Page> {
    let of_tencent = |page: &Page| page.exchanges.iter().any(|one| one.operation.starts_with("tencent."));
    pages().into_iter().map(|(_, page)| page).filter(of_tencent).collect()
}

/// A row with a documented request that succeeds, in a world where it would.
struct Scene<'p> {
    page: &'p Page,
    at: usize,
    house: House,
}

impl<'p> Scene<'p> {
    /// The first such exchange; nothing for an operation that is never done.
    async fn of(row: &Operation, pages: &'p [Page]) -> Option<Self> {
        let done = |(_, one): &(usize, &pages::Documented)| {
            let reply: Value = one
                .reply
                .body
                .as_ref()
                .map_or(Value::Null, |body| serde_json::from_str(body.get()).expect("a documented reply is JSON"));
            one.operation == row.name && reply["ErrorCode"] == 0
        };
        let (page, at) = pages.iter().find_map(|page| Some((page, page.exchanges.iter().enumerate().find(done)?.0)))?;
        Some(Self { page, at, house: set_up(page, at).await })
    }

    /// What is sound to send.
    fn body(&self) -> Map<String, Value> {
        serde_json::from_slice(&self.page.exchanges[self.at].request.bytes()).unwrap_or_default()
    }

    /// Sends something else instead; what was refused is looked at, and what was done is undone.
    async fn send(&mut self, row: &Operation, body: &[u8]) -> Option<Refusal> {
        let target = self.page.exchanges[self.at].request.target.clone();
        let refusal = send(&self.house, row, &target, body).await;
        if refusal.is_none() {
            self.house = set_up(self.page, self.at).await;
        }
        refusal
    }
}

/// The world in which this exchange of a page comes next.
async fn set_up(page: &Page, at: usize) -> House {
    let house = start(page.world()).await;
    for before in &page.exchanges[..at] {
        let asked = &before.request;
        house.call(&asked.method, &asked.target, &asked.headers(), asked.bytes()).await;
    }
    house
}

/// What a refusal says.
struct Refusal {
    code: i64,
    why: String,
}

/// The state without how many ids were drawn: a refused call may have drawn some.
async fn state(house: &House) -> Value {
    let mut state = house.state().await;
    for app in state["tencent"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        app.as_object_mut().map(|app| app.remove("ids_drawn"));
    }
    state
}

/// Sends a row's call; a refusal is looked at whole.
async fn send(house: &House, row: &Operation, target: &str, body: &[u8]) -> Option<Refusal> {
    let before = state(house).await;
    let answer = house.call(row.method, target, &[], body.to_vec()).await;
    if answer.json()["ErrorCode"] == 0 {
        return None;
    }
    let said = String::from_utf8_lossy(body);
    let refusal = refusal(&answer, row, &said);
    assert_eq!(state(house).await, before, "{} {target} {said} changed something", row.name);
    let call = answer.header("imulator-call");
    let entries = house.journal(&format!("kind=exchange&call={call}")).await;
    let told = entries[0]["why"].as_str().unwrap_or_default().to_owned();
    assert_eq!(why::header(&told), answer.header("imulator-why"), "the journal says the same");
    Some(Refusal { why: told, ..refusal })
}

fn refusal(answer: &Answer, row: &Operation, said: &str) -> Refusal {
    let (reply, place) = (answer.json(), format!("{} {said}: {}", row.name, answer.text));
    assert_eq!((answer.status.as_u16(), &reply["ActionStatus"]), (200, &json!("FAIL")), "{place}");
    assert_eq!(answer.header("imulator-doc"), row.doc, "{place}");
    let code = reply["ErrorCode"].as_i64().unwrap_or_default();
    assert!(CODES.iter().any(|(known, _)| i64::from(*known) == code), "{place} has no documented code");
    assert!(!reply["ErrorInfo"].as_str().unwrap_or_default().is_empty(), "{place}");
    Refusal { code, why: answer.why().to_owned() }
}

/// What was answered otherwise than it has to be.
#[derive(Default)]
struct Found(Vec<String>);

impl Found {
    /// The refusal names what is wrong, and is of one of these codes if any is given.
    fn expect(&mut self, row: &Operation, what: &str, answer: Option<&Refusal>, codes: &[i64], named: &str) {
        match answer {
            None => self.0.push(format!("{} {what}: is done", row.name)),
            Some(Refusal { code, why }) => {
                if !why.contains(named) {
                    self.0.push(format!("{} {what}: {why:?} does not name {named}", row.name));
                }
                if !codes.is_empty() && !codes.contains(code) {
                    self.0.push(format!("{} {what}: {code}, not {codes:?}: {why}", row.name));
                }
            }
        }
    }
}

impl Drop for Found {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.0.is_empty(), "{} answers are otherwise:\n{}", self.0.len(), self.0.join("\n"));
        }
    }
}

#[tokio::test]
async fn who_may_not_come_in_is_told_which_parameter_is_wrong() {
    let world =
        json!({"imulator": 1, "tencent": {"7": {"secret_key": "k", "accounts": [{"UserID": "admin"}]}, "8": {}}});
    let house = common::start_with(world, |config| config.closed = true).await;
    let mut found = Found::default();
    let table = [
        ("", &[60002][..], "sdkappid"),
        ("?identifier=admin&usersig=x", &[60012], "sdkappid"),
        ("?sdkappid=x&identifier=admin&usersig=x", &[60012], "sdkappid: \"x\""),
        ("?sdkappid=9&identifier=admin&usersig=x", &[60006], "sdkappid: 9"),
        ("?sdkappid=8&usersig=x", &[60004], "identifier"),
        ("?sdkappid=8&identifier=&usersig=x", &[60004], "identifier"),
        ("?sdkappid=8&identifier=admin", &[70002], "usersig"),
        ("?sdkappid=7&identifier=admin&usersig=x", &[70003], "usersig"),
        ("?sdkappid=8&identifier=tommy&usersig=x", &[60010], "identifier: \"tommy\""),
    ];
    for row in rows() {
        for (query, codes, named) in table {
            let answer = send(&house, row, &format!("{}{query}", row.path), b"{}").await;
            found.expect(row, query, answer.as_ref(), codes, named);
        }
    }
}

#[tokio::test]
async fn bodies_that_are_no_json_objects_are_60003() {
    let house = start(json!({"imulator": 1, "tencent": {"88888888": {}}})).await;
    let mut found = Found::default();
    for row in rows() {
        for body in ["", "{", "{\"a\":}", "a=b", "{} x", "[]", "7", "null", "\"{}\"", "\u{feff}{}"] {
            let answer = send(&house, row, &format!("{}?{}", row.path, common::ADMIN), body.as_bytes()).await;
            found.expect(row, body, answer.as_ref(), &[60003], "the body is ");
        }
        let answer = send(&house, row, &format!("{}?{}", row.path, common::ADMIN), b"{\"a\":\"\xff\"}").await;
        found.expect(row, "not UTF-8", answer.as_ref(), &[60003], "the body is not UTF-8");
    }
}

#[tokio::test]
async fn fields_that_are_missing_null_or_of_a_wrong_type_are_named() {
    let (pages, mut found, mut walked) = (pages_of_tencent(), Found::default(), 0);
    for row in rows() {
        let Some(mut scene) = Scene::of(row, &pages).await else { continue };
        let sound = scene.body();
        let (fields, required) = fields(row);
        for (name, schema) in fields.iter().filter(|(name, _)| !listed(FREE_FIELDS, row.name, name)) {
            let with = |value: Option<Value>| {
                let mut body = sound.clone();
                match value {
                    Some(value) => drop(body.insert(name.clone(), value)),
                    None => drop(body.remove(name)),
                }
                Value::Object(body).to_string().into_bytes()
            };
            for (what, body) in [("missing", with(None)), ("null", with(Some(Value::Null)))] {
                let answer = scene.send(row, &body).await;
                if required.contains(name) || answer.is_some() {
                    found.expect(row, &format!("with {name} {what}"), answer.as_ref(), &[], name);
                }
            }
            for value in wrong_values(schema) {
                let answer = scene.send(row, &with(Some(value.clone()))).await;
                let what = format!("with {name} {value}");
                found.expect(row, &what, answer.as_ref(), &[], name);
                let tells = |why: &str| why.contains("has to be") || why.contains("is required");
                if let Some(refused) = answer.filter(|refused| !tells(&refused.why)) {
                    found.0.push(format!("{} {what}: {:?} tells no rule", row.name, refused.why));
                }
                walked += 1;
            }
        }
    }
    assert!(walked > 500, "{walked} wrong values are too few: the schemas of the rows were not understood");
}

/// Every place in a body, with what stands there, outermost first; the names on the way to it.
fn places(value: &Value, way: &[String]) -> Vec<(Vec<String>, Value)> {
    let mut found = vec![(way.to_vec(), value.clone())];
    let more = |step: String| [way, &[step]].concat();
    match value {
        Value::Object(map) => {
            found.extend(map.iter().flat_map(|(name, value)| places(value, &more(name.clone()))));
        }
        Value::Array(list) => {
            found.extend(list.iter().take(1).flat_map(|value| places(value, &more("0".into()))));
        }
        _ => {}
    }
    found
}

fn put(body: &Map<String, Value>, way: &[String], value: Value) -> Vec<u8> {
    let mut body = Value::Object(body.clone());
    *body.pointer_mut(&format!("/{}", way.join("/"))).expect("the place is there") = value;
    body.to_string().into_bytes()
}

#[tokio::test]
async fn deep_in_a_body_whatever_is_refused_is_named() {
    let (pages, mut found, mut walked) = (pages_of_tencent(), Found::default(), 0);
    for row in rows() {
        let Some(mut scene) = Scene::of(row, &pages).await else { continue };
        let sound = scene.body();
        for (way, value) in places(&Value::Object(sound.clone()), &[]).into_iter().filter(|(way, _)| way.len() > 1) {
            for other in [Value::Null, json!(""), json!(-7), json!("x y"), json!({"a": 1}), json!([[7]]), json!("小")]
            {
                if other == value {
                    continue;
                }
                let Some(refused) = scene.send(row, &put(&sound, &way, other.clone())).await else { continue };
                let named = way.iter().rfind(|step| step.parse::<usize>().is_err()).expect("a name leads there");
                let named = if listed(NAMED_BY_LIST, row.name, named) { &way[0] } else { named };
                found.expect(row, &format!("with {} {other}", way.join(".")), Some(&refused), &[], named);
                walked += 1;
            }
        }
    }
    assert!(walked > 500, "{walked} refusals deep in bodies are too few");
}

#[tokio::test]
async fn ids_of_nothing_are_named() {
    let (pages, mut found) = (pages_of_tencent(), Found::default());
    for row in rows() {
        let Some(mut scene) = Scene::of(row, &pages).await else { continue };
        let sound = scene.body();
        let (fields, _) = fields(row);
        for (name, _) in fields.iter().filter(|(name, schema)| {
            let text = types(schema).is_some_and(|types| types.iter().any(|word| word == "string"));
            let is_id = name.ends_with("Id") || name.ends_with("_Account") || *name == "UserID";
            text && is_id && sound.contains_key(*name) && !listed(FREE_IDS, row.name, name)
        }) {
            let mut body = sound.clone();
            body.insert(name.clone(), json!("no-such"));
            let answer = scene.send(row, Value::Object(body).to_string().as_bytes()).await;
            found.expect(row, &format!("with an unknown {name}"), answer.as_ref(), &[], name);
        }
    }
}

#[tokio::test]
async fn operations_without_a_documented_success_say_what_they_are() {
    let (pages, house) = (pages_of_tencent(), start(json!({"imulator": 1, "tencent": {"88888888": {}}})).await);
    for row in rows() {
        if Scene::of(row, &pages).await.is_some() {
            continue;
        }
        let answer = send(&house, row, &format!("{}?{}", row.path, common::ADMIN), b"{}").await;
        let refused = answer.unwrap_or_else(|| panic!("{} is done, and has no documented exchange", row.name));
        assert!(refused.why.contains("not emulated"), "{}: {}", row.name, refused.why);
    }
}
