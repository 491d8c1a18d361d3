//! EntryView: an entry of the journal as JSON, written only when it is read.
//!
//! Secrets (usersig, tokens, keys) are shortened to eight characters; bodies that are not JSON are texts; a body over
//! 16 KiB was cut when it was recorded, and says so.

use http::{HeaderName, HeaderValue};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::api::why;
use crate::kernel::delivery::{Delivery, Outcome};
use crate::kernel::exchange::Exchange;
use crate::kernel::fact::{Audience, Event, Fact, Field, Fields};
use crate::kernel::journal::{Entry, Numbered, Record};

/// What the slices of a recorded exchange are.
pub mod part {
    /// The request's method.
    pub const METHOD: usize = 0;
    /// The request's path and query.
    pub const TARGET: usize = 1;
    /// The request's headers, a line each.
    pub const REQUEST_HEADERS: usize = 2;
    /// The request's body, cut.
    pub const REQUEST_BODY: usize = 3;
    /// The reply's headers, a line each: those that it does not share, and those with values of its own.
    pub const REPLY_HEADERS: usize = 4;
    /// The reply's body, cut.
    pub const REPLY_BODY: usize = 5;
    /// The line for a person; empty if the call was not refused.
    pub const WHY: usize = 6;
    /// The id of the fault rule that befell the call; empty if none did.
    pub const FAULT: usize = 7;
}

/// The most bytes of a body that are kept.
pub const BODY_BYTES_MAX: usize = 16 * 1024;
/// Query parameters, headers and body members whose values are secrets.
const SECRETS: [&str; 17] = [
    "usersig",
    "signature",
    "authorization",
    "im-authorization",
    "im-client-key",
    "im-api-key",
    "client_key",
    "api_key",
    "client_keys",
    "api_keys",
    "clientkey",
    "apikey",
    "token",
    "tokens",
    "access_token",
    "secret_key",
    "jwt_secret",
];

/// The kinds of entries.
pub const KINDS: [&str; 3] = ["exchange", "event", "delivery"];

/// The kind of an entry.
pub fn kind_of(entry: &Entry) -> &'static str {
    match &entry.record {
        Record::Exchange(_) => KINDS[0],
        Record::Event(_) => KINDS[1],
        Record::Delivery(_) => KINDS[2],
    }
}

/// Whether a body of so many bytes was cut when it was recorded.
pub fn is_cut(bytes: u32) -> bool {
    bytes as usize > BODY_BYTES_MAX
}

/// The code in a recorded reply: Tencent's `ErrorCode`, IMKIT's `RC`.
pub fn code_of(exchange: &Exchange) -> Option<i64> {
    /// The members of an envelope that tell the outcome.
    #[derive(Deserialize)]
    struct Envelope {
        #[serde(alias = "RC")]
        #[serde(rename = "ErrorCode")]
        code: i64,
    }
    let body = exchange.part(part::REPLY_BODY);
    if let Ok(envelope) = serde_json::from_slice::<Envelope>(body) {
        return Some(envelope.code);
    }
    // A body that was cut: both envelopes start with their code, or with texts that hold no such name.
    let text = String::from_utf8_lossy(body);
    let names = ["\"ErrorCode\":", "\"RC\":"];
    let start = names.iter().filter_map(|name| Some(text.find(name)? + name.len())).min()?;
    let digits = text[start..].trim_start();
    digits[..digits.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(digits.len())].parse().ok()
}

/// An entry of the journal, written as JSON.
#[derive(Clone, Debug)]
pub struct EntryView(pub Numbered);

impl Serialize for EntryView {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let (seq, entry) = &self.0;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("seq", seq)?;
        if let Some(call) = entry.call {
            map.serialize_entry("call", &call)?;
        }
        map.serialize_entry("at", &entry.at.to_string())?;
        map.serialize_entry("epoch", &entry.epoch)?;
        map.serialize_entry("kind", kind_of(entry))?;
        let tenant = entry.tenant.as_ref().map(|key| json!({key.family: key.id}));
        map.serialize_entry("tenant", &tenant)?;
        match &entry.record {
            Record::Event(event) => write_event(&mut map, event)?,
            Record::Exchange(exchange) => write_exchange(&mut map, exchange)?,
            Record::Delivery(delivery) => write_delivery(&mut map, delivery)?,
        }
        map.end()
    }
}

fn write_event<M: SerializeMap>(map: &mut M, event: &Event) -> Result<(), M::Error> {
    map.serialize_entry("event", event.fact.name())?;
    map.serialize_entry("scope", &json!({event.scope.kind: event.scope.id}))?;
    map.serialize_entry("by", &event.by)?;
    map.serialize_entry("data", &data_of(&event.fact))?;
    let audience = match &event.audience {
        Audience::Accounts(accounts) => json!({"accounts": accounts}),
        Audience::AllOf { but, and, count, .. } => {
            let all_of = json!({event.scope.kind: event.scope.id});
            match and.is_empty() {
                true => json!({"all_of": all_of, "but": but, "count": count}),
                false => json!({"all_of": all_of, "but": but, "and": and, "count": count}),
            }
        }
    };
    map.serialize_entry("audience", &audience)
}

/// What happened, in the vendor's words.
fn data_of(fact: &Fact) -> Value {
    let mut data = Map::new();
    match fact {
        Fact::Created { members, fields }
        | Fact::Invited { members, fields }
        | Fact::MemberChanged { members, fields }
        | Fact::RoleChanged { members, fields }
        | Fact::Muted { members, fields }
        | Fact::Banned { members, fields }
        | Fact::AccountChanged { members, fields } => {
            data.insert("members".into(), json!(members));
            add_fields(&mut data, fields);
        }
        Fact::Pushed { members, fields } => {
            data.insert("members".into(), json!(members));
            add_fields(&mut data, fields);
            data.iter_mut().filter(|(name, _)| *name != "payload").for_each(|(name, value)| shorten_one(name, value));
        }
        Fact::Destroyed { members, fields } => {
            // Beyond a named audience's size the list would dwarf the entry; the count tells as much.
            data.insert("count".into(), json!(members.count()));
            if members.count() <= crate::kernel::fact::NAMED_AUDIENCE_MAX {
                let mut names = Vec::new();
                members.each(&mut |id| names.push(id.clone()));
                data.insert("members".into(), json!(names));
            }
            add_fields(&mut data, fields);
        }
        Fact::Joined { members, how, fields } => {
            data.insert("members".into(), json!(members));
            data.insert("how".into(), json!(how));
            add_fields(&mut data, fields);
        }
        Fact::Left { members, how, fields } => {
            let names: Vec<_> = members.iter().map(|leaver| &leaver.id).collect();
            data.insert("members".into(), json!(names));
            data.insert("how".into(), json!(how));
            add_fields(&mut data, fields);
        }
        Fact::InvitationEnded { members, how } => {
            data.insert("members".into(), json!(members));
            data.insert("how".into(), json!(how));
        }
        Fact::OwnerChanged { from, to, fields } => {
            data.insert("from".into(), json!(from));
            data.insert("to".into(), json!(to));
            add_fields(&mut data, fields);
        }
        Fact::SeatChanged { seats, how, fields } => {
            data.insert("SeatList".into(), value_of(&Field::Object(seats.clone())));
            data.insert("how".into(), json!(how));
            add_fields(&mut data, fields);
        }
        Fact::InfoChanged { fields } | Fact::Posted { fields } | Fact::Recalled { fields } => {
            add_fields(&mut data, fields);
        }
        Fact::TenantDropped { how } => {
            data.insert("how".into(), json!(how));
        }
        Fact::TenantOpened | Fact::Seeded | Fact::Reset => {}
    }
    Value::Object(data)
}

fn add_fields(data: &mut Map<String, Value>, fields: &Fields) {
    data.extend(fields.iter().map(|(name, field)| ((*name).to_owned(), value_of(field))));
}

/// The value of a field as JSON.
pub fn value_of(field: &Field) -> Value {
    match field {
        Field::Text(text) => Value::String(text.to_string()),
        Field::Number(number) => (*number).into(),
        Field::Flag(flag) => (*flag).into(),
        Field::Object(object) => {
            erased_serde::serialize(&**object, serde_json::value::Serializer).unwrap_or(Value::Null)
        }
    }
}

fn write_exchange<M: SerializeMap>(map: &mut M, exchange: &Exchange) -> Result<(), M::Error> {
    let text = |index| String::from_utf8_lossy(exchange.part(index)).into_owned();
    map.serialize_entry("operation", exchange.operation)?;
    let target = text(part::TARGET);
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let mut request = json!({
        "method": text(part::METHOD), "path": path, "query": query_of(query),
        "headers": headers_of(&text(part::REQUEST_HEADERS)), "body": body_of(exchange.part(part::REQUEST_BODY)),
    });
    tell_cut(&mut request, exchange.request_bytes);
    map.serialize_entry("request", &request)?;
    let mut reply = Value::Null;
    if exchange.status != 0 {
        reply = json!({
            "status": exchange.status, "headers": headers_of(&format!("{}{}", exchange.shared, text(part::REPLY_HEADERS))),
            "body": body_of(exchange.part(part::REPLY_BODY)),
        });
        tell_cut(&mut reply, exchange.reply_bytes);
    }
    map.serialize_entry("reply", &reply)?;
    let given = |index| Some(text(index)).filter(|text| !text.is_empty());
    map.serialize_entry("why", &given(part::WHY))?;
    map.serialize_entry("fault", &given(part::FAULT))?;
    map.serialize_entry("micros", &exchange.micros)
}

fn write_delivery<M: SerializeMap>(map: &mut M, delivery: &Delivery) -> Result<(), M::Error> {
    map.serialize_entry("cause", &delivery.cause)?;
    map.serialize_entry("url", &url_of(&delivery.url))?;
    map.serialize_entry("command", delivery.command)?;
    map.serialize_entry("attempt", &delivery.attempt)?;
    map.serialize_entry("request", &body_of(&delivery.request))?;
    if is_cut(delivery.request_bytes) {
        map.serialize_entry("request_cut", &json!({"kept_bytes": BODY_BYTES_MAX, "bytes": delivery.request_bytes}))?;
    }
    let mut outcome = match &delivery.outcome {
        Outcome::Answered { status, body, bytes } => {
            let mut outcome = json!({"status": status, "body": body_of(body)});
            tell_cut(&mut outcome, *bytes);
            outcome
        }
        Outcome::Failed(word) => json!({"error": word}),
    };
    if let Some(why) = &delivery.why {
        outcome["why"] = json!(why);
    }
    map.serialize_entry("outcome", &outcome)
}

/// A URL, the secrets of its query shortened.
fn url_of(url: &str) -> String {
    let Some((start, query)) = url.split_once('?') else { return url.to_owned() };
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, value)) => format!("{name}={}", shortened(name, value)),
        None => pair.to_owned(),
    });
    format!("{start}?{}", pairs.collect::<Vec<_>>().join("&"))
}

fn tell_cut(side: &mut Value, bytes: u32) {
    if is_cut(bytes) {
        side["body_cut"] = json!({"kept_bytes": BODY_BYTES_MAX, "bytes": bytes});
    }
}

fn query_of(query: &str) -> Value {
    let mut map = Map::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let value = Value::String(shortened(&name, &value));
        map.entry(name.into_owned()).or_insert(value);
    }
    Value::Object(map)
}

/// Writes headers as they are recorded, a line each.
pub fn write_headers<'h>(to: &mut Vec<u8>, headers: impl IntoIterator<Item = (&'h HeaderName, &'h HeaderValue)>) {
    for (name, value) in headers {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"] {
            to.extend_from_slice(part);
        }
    }
}

/// The headers of these lines, where a later line of a name stands for an earlier one.
fn headers_of(lines: &str) -> Value {
    let lines = lines.lines().filter_map(|line| line.split_once(": "));
    Value::Object(lines.map(|(name, value)| (name.to_owned(), Value::String(shortened(name, value)))).collect())
}

fn shortened(name: &str, value: &str) -> String {
    if !SECRETS.iter().any(|secret| name.eq_ignore_ascii_case(secret)) {
        return value.to_owned();
    }
    why::shorten(value)
}

fn body_of(bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    match serde_json::from_slice(bytes) {
        Ok(mut body) => {
            shorten_in(&mut body);
            body
        }
        Err(_) => Value::String(shorten_text(&String::from_utf8_lossy(bytes))),
    }
}

/// Shortens secrets in what was JSON before it was cut: the values of their members.
fn shorten_text(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((name_end, value_start)) = next_member(rest) {
        let name_start = rest[..name_end].rfind('"').map_or(0, |quote| quote + 1);
        let value = &rest[value_start..];
        let value_end = end_of_string(value);
        written.push_str(&rest[..value_start]);
        written.push_str(&shortened(&rest[name_start..name_end], &value[..value_end]));
        rest = &value[value_end..];
    }
    written.push_str(rest);
    written
}

/// Where the name of the next member with a text ends, and where that text starts.
fn next_member(text: &str) -> Option<(usize, usize)> {
    text.match_indices('"').find_map(|(end, _)| {
        let value = text[end + 1..].trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
        Some((end, text.len() - value.len()))
    })
}

/// Where a JSON string ends whose opening quote is before this text; its whole length if it was cut.
fn end_of_string(text: &str) -> usize {
    let mut escaped = false;
    let end = text.find(|character| {
        let ends = character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
        ends
    });
    end.unwrap_or(text.len())
}

/// Shortens secrets at every level of a body.
fn shorten_in(value: &mut Value) {
    match value {
        Value::Object(map) => map.iter_mut().for_each(|(name, value)| shorten_one(name, value)),
        Value::Array(list) => list.iter_mut().for_each(shorten_in),
        _ => {}
    }
}

/// Shortens the secrets in the value of one member.
fn shorten_one(name: &str, value: &mut Value) {
    match value {
        Value::String(text) => *text = shortened(name, text),
        Value::Array(list) => list.iter_mut().for_each(|item| match item {
            Value::String(text) => *text = shortened(name, text),
            other => shorten_in(other),
        }),
        other => shorten_in(other),
    }
}
