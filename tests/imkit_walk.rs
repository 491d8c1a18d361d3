//! Every operation of IMKIT with every kind of bad input that it can meet, straight from the table of operations: the
//! status is RC, the refusal has a code and a line for a person, and nothing changes. New rows are walked by themselves;
//! what cannot be derived from a row stands in the tables below.

mod common;
#[path = "common/form.rs"]
mod form;
#[path = "common/imkit.rs"]
mod imkit;
#[path = "common/schema.rs"]
mod schema;

use common::{House, start_with};
use form::{ADMIN, MIRA, file};
use imkit::{refusal, world};
use imulator::api::operation::{Access, Operation};
use imulator::api::router::operations;
use schema::{fields, types, wrong_values};
use serde_json::{Map, Value, json};

const MESSAGE: &str = "5c7c1f000000000000000001";
const FILE: &str = "58b6734b3f094c17ec29ce48";
const NADIA: [(&str, &str); 2] = [("IM-CLIENT-KEY", "ck"), ("IM-Authorization", "t-nadia")];
/// The largest body of this house.
const BODY_BYTES_MAX: usize = 4000;

/// Sound bodies that the request's form alone does not tell.
// table
const SOUND: &[(&str, &str)] = &[
    ("imkit.rooms.add_members", r#"{"invitees":["okello"]}"#),
    ("imkit.rooms.delete_members", r#"{"members":["jonas"]}"#),
    ("imkit.rooms.cancel_invitations", r#"{"invitees":["okello"]}"#),
    ("imkit.messages.send_message", r#"{"message":"hi"}"#),
    ("imkit.users.put_client", r#"{"_id":"eve"}"#),
    ("imkit.users.sign_token", r#"{"id":"eve"}"#),
    ("imkit.files.file_stats", r#"{"tags":["green"]}"#),
    ("imkit.rooms.set_member_property", r#"{"property":"score","value":1}"#),
    ("imkit.users.bind_token", r#"{"token":"t-new"}"#),
    ("imkit.messages.add_reaction", r#"{"reaction":"like"}"#),
];

/// Queries that operations with a body cannot do without.
const SOUND_QUERIES: &[(&str, &str)] = &[("imkit.messages.remove_reaction", "?reaction=like")];

/// Operations on a room that somebody outside may do, and why.
// table
const OPEN_TO_OUTSIDERS: &[(&str, &str)] = &[
    ("imkit.rooms.join_room", "whoever joins is outside before"),
    ("imkit.rooms.decline_invitations", "who is invited is outside; no invitation is nothing to decline"),
    ("imkit.rooms.room_exists", "tells of any room whether it exists"),
];

/// Parameters of paths that may name what is not there, and why.
// table
const FREE_PARAMETERS: &[(&str, &str, &str)] = &[
    ("imkit.files.upload_file", "bucket", "a bucket comes to be with its first file"),
    ("imkit.files.list_files", "bucket", "a bucket without files is empty"),
    ("imkit.rooms.room_exists", "id", "says no"),
    ("imkit.users.set_preference", "key", "a preference comes to be by being set"),
    ("imkit.users.delete_preference", "key", "deleting what is not there is no change"),
    ("imkit.prefs.unset_room_pref", "key", "taking away what is not set is no change"),
    ("imkit.blocks.unblock_user", "client", "an id of nobody is a bad one: 400, see imkit_blocks.rs"),
    ("imkit.rooms.cancel_invitation", "client", "cancelling what is not there is no change"),
];

/// Bodies that are no objects and still sound, and why.
const FREE_BODIES: &[(&str, &str, &str)] =
    &[("imkit.users.set_preference", "[]", "the value of a preference is an object or an array")];

/// Fields whose form is freer than their schema says, and why.
// table
const FREE_FIELDS: &[(&str, &str, &str)] = &[
    ("imkit.messages.send_message", "*", "a message keeps whatever it is given"),
    ("imkit.badges.get_badges_by_tags_and_time", "beforeTime", "a time is an ISO text or a number of milliseconds"),
    ("imkit.messages.send_as", "*", "a message keeps whatever it is given"),
];

fn listed(table: &[(&str, &str)], name: &str) -> bool {
    table.iter().any(|(listed, _)| *listed == name)
}

fn listed_of(table: &[(&str, &str, &str)], name: &str, of: &str) -> bool {
    table.iter().any(|(listed, part, _)| *listed == name && (*part == of || *part == "*"))
}

/// The small world with a message, a file, a sticker set, an ended token, closed to unknown keys.
async fn house() -> House {
    let mut world = world();
    let app = &mut world["imkit"]["LocalApp"];
    app["clients"][0]["tokens"] = json!(["t-mira", {"token": "old", "expirationDate": "2026-01-01T00:00:00.000Z"}]);
    app["messages"] = json!([{"_id": MESSAGE, "room": "tea", "messageType": "text", "message": "hi", "sender": "mira", "messageTimeMS": 1_740_000_000_400_i64}]);
    app["files"] = json!([{"_id": FILE, "bucketName": "notes", "client": "mira", "data": "aGVsbG8="}]);
    start_with(world, |config| {
        config.closed = true;
        config.edge.body_bytes_max = BODY_BYTES_MAX;
    })
    .await
}

fn rows() -> impl Iterator<Item = &'static Operation> {
    operations().filter(|row| row.vendor() == "imkit")
}

fn has_body(row: &Operation) -> bool {
    !matches!(row.method, "GET" | "HEAD")
}

/// The row's path with its parameters filled in by what stands before them, one of them perhaps with a name of nothing.
fn path(row: &Operation, unknown: Option<&str>) -> String {
    let segments: Vec<&str> = row.path.split('/').collect();
    let filled = segments.iter().enumerate().map(|(at, segment)| {
        let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else { return *segment };
        if unknown == Some(name) {
            return "no-such";
        }
        match (segments[1], segments[at - 1]) {
            (_, "rooms" | "room" | "roomPrefs" | "mute") => "tea",
            (_, "messages") => MESSAGE,
            ("files", "files") => "notes",
            ("files", _) => FILE,
            (_, "my") | ("blockStatus", _) => "jonas",
            (_, "members" | "member" | "invitations" | "clients") => "jonas",
            _ => "thing",
        }
    });
    let query = SOUND_QUERIES.iter().find(|(name, _)| *name == row.name).map_or("", |(_, query)| query);
    filled.collect::<Vec<_>>().join("/") + query
}

fn parameters(row: &Operation) -> Vec<&'static str> {
    row.path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}')).collect()
}

/// Who may make this call.
fn caller(row: &Operation) -> &'static [(&'static str, &'static str)] {
    match row.access {
        Access::ApiKey => &ADMIN,
        Access::Anybody => &[],
        _ => &MIRA,
    }
}

/// A body that is sound: from the table, or the required fields by their types.
fn sound(row: &Operation) -> Map<String, Value> {
    if let Some((_, text)) = SOUND.iter().find(|(name, _)| *name == row.name) {
        return serde_json::from_str(text).expect("the table holds objects");
    }
    let (fields, required) = fields(row);
    let value = |name: &str| match name {
        "room" | "roomID" => json!("tea"),
        "sender" => json!("mira"),
        "client" | "member" | "blockee" => json!("jonas"),
        "clients" | "members" => json!(["jonas"]),
        "messages" => json!([MESSAGE]),
        name => match types(&fields[name]).unwrap_or_default().first().map(String::as_str) {
            Some("integer" | "number") => json!(1),
            Some("array") => json!(["x"]),
            Some("object") => json!({}),
            Some("boolean") => json!(true),
            _ => json!("x"),
        },
    };
    required.iter().map(|name| (name.clone(), value(name))).collect()
}

/// The state without how many ids were drawn: a refused call may have drawn some.
async fn state(house: &House) -> Value {
    let mut state = house.state().await;
    for app in state["imkit"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        app.as_object_mut().map(|app| app.remove("ids_drawn"));
    }
    state
}

/// Sends a row's call; a refusal is looked at whole. Its status and code, or nothing if it succeeded.
async fn send(house: &House, row: &Operation, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<String> {
    let before = state(house).await;
    let answer = house.imkit(row.method, path, headers, body.to_vec()).await;
    if answer.status == 200 || answer.status == 302 {
        house.control("POST", "reset", json!({})).await;
        return None;
    }
    let refused = refusal(&answer);
    assert_eq!(state(house).await, before, "{} {path} {headers:?} changed something", row.name);
    Some(refused)
}

/// A sound body as the row's call would have it; files come in forms.
fn sound_call(row: &Operation) -> (Vec<(&'static str, &'static str)>, Vec<u8>) {
    let is_form = fields(row).0.values().any(|field| field["format"] == "binary");
    match (has_body(row), is_form) {
        (false, _) => (Vec::new(), Vec::new()),
        (true, true) => (vec![("content-type", form::KIND)], file("a.txt", "text/plain", b"hello")),
        (true, false) => (Vec::new(), Value::Object(sound(row)).to_string().into_bytes()),
    }
}

/// What was answered otherwise than it has to be.
#[derive(Default)]
struct Found(Vec<String>);

impl Found {
    fn expect(&mut self, row: &Operation, what: &str, answer: Option<&str>, wanted: &[&str]) {
        let fits = answer.is_some_and(|answer| wanted.iter().any(|wanted| answer.starts_with(wanted)));
        if !fits {
            let hint = if answer.is_some_and(|answer| answer.starts_with("400")) { " (a line in SOUND?)" } else { "" };
            self.0.push(format!("{} {what}: {}, not {wanted:?}{hint}", row.name, answer.unwrap_or("200")));
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
async fn without_a_key_or_with_a_wrong_one() {
    let (house, mut found) = (house().await, Found::default());
    for row in rows() {
        let (kind, body) = sound_call(row);
        let path = path(row, None);
        let with = |more: &[(&'static str, &'static str)]| [more, &kind[..]].concat();
        if row.access != Access::Anybody {
            let missing = if row.access == Access::ApiKey { "401 INVALID_API_KEY" } else { "401 MISSING_CLIENT_KEY" };
            for headers in [with(&[]), with(&[("Authorization", "t-mira")])] {
                found.expect(
                    row,
                    "without a key",
                    send(&house, row, &path, &headers, &body).await.as_deref(),
                    &[missing],
                );
            }
        }
        let wrong = if row.access == Access::ApiKey { "401 INVALID_API_KEY" } else { "403 INVALID_CLIENT_KEY" };
        let headers = with(&[("IM-CLIENT-KEY", "zz"), ("IM-Authorization", "t-mira")]);
        found.expect(
            row,
            "with a wrong client key",
            send(&house, row, &path, &headers, &body).await.as_deref(),
            &[wrong],
        );
        let headers = with(&[("IM-API-KEY", "zz")]);
        let answer = send(&house, row, &path, &headers, &body).await;
        found.expect(row, "with a wrong API key", answer.as_deref(), &["401 INVALID_API_KEY"]);
        if row.access == Access::ApiKey {
            let answer = send(&house, row, &path, &with(&MIRA), &body).await;
            found.expect(row, "with a client's credentials", answer.as_deref(), &["401 INVALID_API_KEY"]);
        }
    }
}

#[tokio::test]
async fn without_a_token_or_with_one_that_is_wrong_or_over() {
    let (house, mut found) = (house().await, Found::default());
    for row in rows().filter(|row| row.access == Access::Client) {
        let (kind, body) = sound_call(row);
        for token in ["", "old", "nonsense", "a.b.c", "Bearer "] {
            let headers = [&[("IM-CLIENT-KEY", "ck"), ("IM-Authorization", token)], &kind[..]].concat();
            let answer = send(&house, row, &path(row, None), &headers, &body).await;
            found.expect(row, &format!("with the token {token:?}"), answer.as_deref(), &["401 INVALID_"]);
        }
    }
}

#[tokio::test]
async fn somebody_outside_the_room() {
    let (house, mut found) = (house().await, Found::default());
    let of_a_room = rows().filter(|row| row.path.starts_with("/rooms/{") && row.access == Access::Client);
    for row in of_a_room.filter(|row| !listed(OPEN_TO_OUTSIDERS, row.name)) {
        let (kind, body) = sound_call(row);
        let answer = send(&house, row, &path(row, None), &[&NADIA, &kind[..]].concat(), &body).await;
        found.expect(row, "from outside", answer.as_deref(), &["403 "]);
    }
}

#[tokio::test]
async fn ids_that_lead_nowhere() {
    let (house, mut found) = (house().await, Found::default());
    for row in rows() {
        for name in parameters(row).into_iter().filter(|name| !listed_of(FREE_PARAMETERS, row.name, name)) {
            let (kind, body) = sound_call(row);
            let answer = send(&house, row, &path(row, Some(name)), &[caller(row), &kind[..]].concat(), &body).await;
            found.expect(row, &format!("with an unknown {name}"), answer.as_deref(), &["404 ", "403 "]);
        }
    }
}

#[tokio::test]
async fn bodies_that_are_no_json_no_object_or_too_large() {
    let (house, mut found) = (house().await, Found::default());
    let large = json!({"message": "x".repeat(BODY_BYTES_MAX)}).to_string();
    for row in rows().filter(|row| has_body(row)) {
        for body in ["{", "{\"a\":}", "a=b", "{\"a\":1} x", "[]", "7", "null", "\"{}\""] {
            if listed_of(FREE_BODIES, row.name, body) {
                continue;
            }
            let answer = send(&house, row, &path(row, None), caller(row), body.as_bytes()).await;
            found.expect(row, &format!("with the body {body}"), answer.as_deref(), &["400 INVALID_BODY"]);
        }
        for body in ["{", "a=b"] {
            let answer = send(&house, row, &path(row, None), &[], body.as_bytes()).await;
            found.expect(
                row,
                &format!("without a key and with the body {body}"),
                answer.as_deref(),
                &["400 INVALID_BODY"],
            );
        }
        let answer = send(&house, row, &path(row, None), caller(row), large.as_bytes()).await;
        found.expect(row, "with too large a body", answer.as_deref(), &["413 PAYLOAD_TOO_LARGE"]);
    }
}

#[tokio::test]
async fn fields_that_are_missing_null_or_of_a_wrong_type() {
    let (house, mut found) = (house().await, Found::default());
    let mut walked = 0;
    for row in rows().filter(|row| has_body(row)) {
        let (fields, required) = fields(row);
        let sound = sound(row);
        for (name, schema) in fields.iter().filter(|(name, _)| !listed_of(FREE_FIELDS, row.name, name)) {
            let with = |value: Option<Value>| {
                let mut body = sound.clone();
                match value {
                    Some(value) => drop(body.insert(name.clone(), value)),
                    None => drop(body.remove(name)),
                }
                Value::Object(body).to_string()
            };
            // Whether a null counts as absent or is refused: it does no harm, and a required field is not got around.
            for (what, body) in [("missing", with(None)), ("null", with(Some(Value::Null)))] {
                let answer = send(&house, row, &path(row, None), caller(row), body.as_bytes()).await;
                if required.contains(name) {
                    found.expect(row, &format!("with {name} {what}"), answer.as_deref(), &["4"]);
                }
            }
            for value in wrong_values(schema) {
                let body = with(Some(value.clone()));
                let answer = send(&house, row, &path(row, None), caller(row), body.as_bytes()).await;
                found.expect(row, &format!("with {name} {value}"), answer.as_deref(), &["4"]);
                walked += 1;
            }
        }
    }
    assert!(walked > 200, "{walked} wrong values are too few: the schemas of the rows were not understood");
}

#[tokio::test]
async fn queries_that_cannot_be_read() {
    let (house, mut found) = (house().await, Found::default());
    for row in rows().filter(|row| row.method == "GET") {
        let (fields, _) = fields(row);
        for (name, value) in
            [("limit", "x"), ("limit", "-1"), ("skip", "x"), ("q", "%7B"), ("q", "7"), ("q", "%7B%22%24x%22%3A1%7D")]
        {
            if fields.contains_key(name) {
                let target = format!("{}?{name}={value}", path(row, None));
                let answer = send(&house, row, &target, caller(row), b"").await;
                found.expect(row, &format!("with {name}={value}"), answer.as_deref(), &["400 "]);
            }
        }
    }
}

#[test]
fn the_tables_name_operations_that_are_there_or_documented() {
    let known: Vec<&str> = rows().map(|row| row.name).collect();
    let tables = SOUND.iter().chain(OPEN_TO_OUTSIDERS).map(|row| row.0);
    let strangers: Vec<&str> =
        tables.filter(|name| !known.contains(name) && *name != "imkit.rooms.room_exists").collect();
    assert!(strangers.is_empty(), "{strangers:?}");
}
