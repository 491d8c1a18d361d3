//! `imulator journal`: entries of a running emulator's journal, for a person.

use std::fmt::Write;
use std::process::ExitCode;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use clap::Args;
use form_urlencoded::Serializer;
use serde_json::Value;

use crate::cli::client::{Target, block_on};
use crate::cli::fail;

/// How long the emulator may hold back its answer until there is something to tell, in milliseconds.
const WAIT_MS: u64 = 20_000;
/// How long it may take beyond that.
const PATIENCE: Duration = Duration::from_secs(30);
/// Entries that are asked for at once.
const PAGE: &str = "1000";
/// Names that a line lists.
const NAMES_MAX: usize = 8;

/// Prints entries of a journal.
#[derive(Debug, Args)]
pub struct Journal {
    #[command(flatten)]
    target: Target,
    /// Goes on as new entries come.
    #[arg(long, short)]
    follow: bool,
    /// `exchange`, `event` or `delivery` alone.
    #[arg(long)]
    kind: Option<String>,
    /// This sdkappid alone.
    #[arg(long, value_name = "SDKAPPID")]
    tencent: Option<String>,
    /// This IMKIT application alone.
    #[arg(long, value_name = "APP")]
    imkit: Option<String>,
    /// This operation alone; it may end in `*`.
    #[arg(long, value_name = "NAME")]
    operation: Option<String>,
    /// This call alone.
    #[arg(long, value_name = "NUMBER")]
    call: Option<String>,
    /// Only events that this account would have been told of.
    #[arg(long, value_name = "ACCOUNT")]
    audience: Option<String>,
    /// Entries after this number only.
    #[arg(long, value_name = "SEQ", default_value_t = 0)]
    after: u64,
    /// As JSON, one entry a line.
    #[arg(long)]
    json: bool,
}

impl Journal {
    /// Prints them.
    pub fn run(self) -> ExitCode {
        match block_on(self.print()).and_then(|printed| printed) {
            Ok(()) => ExitCode::SUCCESS,
            Err(message) => fail(&format!("{}: {message}", self.target.url)),
        }
    }

    async fn print(&self) -> Result<(), String> {
        let client = self.target.client(Duration::from_millis(WAIT_MS) + PATIENCE)?;
        let mut after = self.after;
        loop {
            let page = client.control(&self.target, &format!("journal?{}", self.query(after))).await?;
            let page: Value = serde_json::from_slice(&page).map_err(|fault| format!("this is no journal: {fault}"))?;
            let entries = page["entries"].as_array().ok_or("this is no journal: it has no entries")?;
            let mut text = String::new();
            if let Some(dropped) = page["dropped"].as_u64().filter(|dropped| *dropped > 0) {
                let _ = writeln!(text, "{WARN}… {dropped} entries had already fallen out{WARN:#}");
            }
            for entry in entries {
                if self.json {
                    let _ = writeln!(text, "{entry}");
                } else {
                    let mut entry = entry.clone();
                    disarm(&mut entry);
                    text.push_str(&lines_of(&entry));
                }
            }
            if !say(&text) {
                return Ok(());
            }
            match entries.last().and_then(|entry| entry["seq"].as_u64()) {
                Some(seq) => after = seq,
                None if self.follow => after = after.max(page["last"].as_u64().unwrap_or(after)),
                None => return Ok(()),
            }
        }
    }

    fn query(&self, after: u64) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair("limit", PAGE).append_pair("after", &after.to_string());
        if self.follow {
            query.append_pair("wait_ms", &WAIT_MS.to_string());
        }
        let filters = [
            ("kind", &self.kind),
            ("tencent", &self.tencent),
            ("imkit", &self.imkit),
            ("operation", &self.operation),
            ("call", &self.call),
            ("audience", &self.audience),
        ];
        for (name, value) in filters {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }
}

const DIM: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const WARN: Style = AnsiColor::Yellow.on_default();
const NEWS: Style = AnsiColor::Cyan.on_default();

/// Prints, in colour on a terminal; whether anybody still reads.
fn say(text: &str) -> bool {
    use std::io::Write;
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_ok()
}

/// An entry for a person.
fn lines_of(entry: &Value) -> String {
    let time = text(&entry["at"]).split('T').nth(1).unwrap_or_default().trim_end_matches('Z').to_owned();
    let call = entry["call"].as_u64().map_or(String::new(), |call| format!("#{call}"));
    let seq = &entry["seq"];
    let told = match text(&entry["kind"]) {
        "exchange" => exchange(entry),
        "event" => event(entry),
        _ => delivery(entry),
    };
    let mut lines = format!("{DIM}{seq:>6} {time} {call:>5}{DIM:#} {}\n", told.line);
    for (word, said) in told.below.iter().filter(|(_, said)| !said.is_empty()) {
        let _ = writeln!(lines, "{:26}{DIM}{word}{DIM:#} {said}", "");
    }
    lines
}

/// What is said of an entry: a line, and what belongs below it.
struct Told {
    line: String,
    below: Vec<(&'static str, String)>,
}

fn exchange(entry: &Value) -> Told {
    let (request, reply) = (&entry["request"], &entry["reply"]);
    let code = reply["body"].get("ErrorCode").or_else(|| reply["body"].get("RC")).and_then(Value::as_i64);
    let good = code.unwrap_or(0) == 0 && reply["status"].as_u64().is_some_and(|status| status < 400);
    let style = if good { GOOD } else { BAD };
    let code = code.map_or(String::new(), |code| format!(" {code}"));
    let status = reply["status"].as_u64().map_or("no reply".to_owned(), |status| status.to_string());
    let line = format!(
        "{style}{status}{code}{style:#} {} {DIM}{} {} {} µs{DIM:#}",
        text(&entry["operation"]),
        text(&request["method"]),
        text(&request["path"]),
        entry["micros"]
    );
    let page = if entry["why"].is_null() { "" } else { text(&reply["headers"]["imulator-doc"]) };
    let below = vec![
        ("why", text(&entry["why"]).to_owned()),
        ("see", page.to_owned()),
        ("fault", text(&entry["fault"]).to_owned()),
    ];
    Told { line, below }
}

fn event(entry: &Value) -> Told {
    let data = &entry["data"];
    let scope = entry["scope"].as_object().and_then(|scope| scope.iter().next());
    let scope = scope.map_or(String::new(), |(kind, id)| format!("{kind} {}", text(id)));
    let by = Some(text(&entry["by"])).filter(|by| !by.is_empty()).map_or(String::new(), |by| format!(" by {by}"));
    let members = data["members"].as_array().map_or(String::new(), |members| format!(": {}", listed(members)));
    let how = Some(text(&data["how"])).filter(|how| !how.is_empty()).map_or(String::new(), |how| format!(" ({how})"));
    let audience = &entry["audience"];
    let told = match audience["accounts"].as_array() {
        Some(accounts) if accounts.is_empty() => "nobody".to_owned(),
        Some(accounts) => listed(accounts),
        None => format!("{} of its members", audience["count"]),
    };
    let line = format!("{NEWS}{}{NEWS:#} {scope}{by}{members}{how}", text(&entry["event"]));
    Told { line, below: vec![("told", told)] }
}

fn delivery(entry: &Value) -> Told {
    let outcome = &entry["outcome"];
    let (style, end) = match outcome["status"].as_u64() {
        Some(status) => (if status == 200 { GOOD } else { BAD }, status.to_string()),
        None => (BAD, text(&outcome["error"]).to_owned()),
    };
    let line = format!(
        "{style}{end}{style:#} {} {DIM}→ {} attempt {} for entry {}{DIM:#}",
        text(&entry["command"]),
        text(&entry["url"]),
        entry["attempt"],
        entry["cause"]
    );
    Told { line, below: Vec::new() }
}

fn listed(names: &[Value]) -> String {
    let some: Vec<&str> = names.iter().take(NAMES_MAX).map(text).collect();
    let more = names.len() - some.len();
    if more == 0 { some.join(", ") } else { format!("{} and {more} more", some.join(", ")) }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Writes control characters in texts as escapes: names come from anywhere, and a terminal would obey them.
fn disarm(value: &mut Value) {
    match value {
        Value::String(text) if text.chars().any(char::is_control) => {
            let escaped = text.chars().map(|sign| match sign {
                sign if sign.is_control() => sign.escape_unicode().to_string(),
                sign => sign.to_string(),
            });
            *text = escaped.collect();
        }
        Value::Array(list) => list.iter_mut().for_each(disarm),
        Value::Object(map) => map.values_mut().for_each(disarm),
        _ => {}
    }
}
