//! `imulator replay`: sends the recorded exchanges of a journal to another server and prints how its replies differ.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use form_urlencoded::Serializer;
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};

use crate::api::tencent::usersig::{self, Ticket};
use crate::cli::client::{Answer, Client, block_on};
use crate::cli::compare::{Difference, Names};
use crate::cli::options::AuthorityOptions;
use crate::cli::{FOUND, fail, print};
use crate::kernel::clock::Clock;

/// How long each reply may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a UserSig is good that is made for a replayed call, in seconds.
const USERSIG_SECONDS: i64 = 3600;
/// Headers that belong to a connection, and those that this client sets itself.
const OWN_HEADERS: [&str; 7] =
    ["host", "content-length", "connection", "transfer-encoding", "accept-encoding", "expect", "user-agent"];

/// Sends a journal's exchanges to another server.
#[derive(Debug, Args)]
pub struct Replay {
    /// The journal: what GET /_imulator/journal or `imulator journal --json` gave; - reads standard input.
    #[arg(value_name = "JOURNAL.json")]
    journal: PathBuf,
    /// The other server.
    #[arg(long, value_name = "URL")]
    against: String,
    /// The sdkappid there, if it is another.
    #[arg(long, value_name = "N")]
    sdkappid: Option<u64>,
    /// The secret key there, to sign Tencent's calls with; without it they carry some text as their UserSig.
    #[arg(long, value_name = "KEY", env = "IMULATOR_REPLAY_KEY", hide_env_values = true)]
    key: Option<String>,
    /// A token or key in full; the journal has only the first eight characters of those that were sent.
    #[arg(long, value_name = "VALUE")]
    secret: Vec<String>,
    /// A header for every call, as in `IM-API-KEY: demo-api-key`; it replaces the recorded one.
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    header: Vec<(String, String)>,
    #[command(flatten)]
    authority: AuthorityOptions,
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("write NAME: VALUE")?;
    Ok((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
}

/// What came of a replay.
#[derive(Debug, Default)]
struct Tally {
    alike: usize,
    different: usize,
    left_out: usize,
}

impl Replay {
    /// Sends them; exits 1 if any reply differs.
    pub fn run(self) -> ExitCode {
        let entries = match read(&self.journal) {
            Ok(entries) => entries,
            Err(message) => return fail(&format!("{}: {message}", self.journal.display())),
        };
        match block_on(self.send_all(&entries)).and_then(|sent| sent) {
            Err(message) => fail(&format!("{}: {message}", self.against)),
            Ok(Tally { alike, different, left_out }) => {
                print(&format!("{alike} replies alike, {different} different; {left_out} calls not sent\n"));
                if different == 0 { ExitCode::SUCCESS } else { ExitCode::from(FOUND) }
            }
        }
    }

    async fn send_all(&self, entries: &[Value]) -> Result<Tally, String> {
        let client = Client::new(&self.against, &self.authority, PATIENCE)?;
        let (mut names, mut tally) = (Names::default(), Tally::default());
        for entry in entries.iter().filter(|entry| entry["kind"] == "exchange") {
            let title =
                format!("#{} {} {}", entry["call"], text(&entry["request"]["method"]), text(&entry["request"]["path"]));
            let request = match self.request(entry, &names) {
                Ok(request) => request,
                Err(reason) => {
                    print(&format!("{title}: not sent: {reason}\n"));
                    tally.left_out += 1;
                    continue;
                }
            };
            let answer = client.ask(request).await?;
            let differences = differences(&entry["reply"], &answer, &mut names);
            if differences.is_empty() {
                tally.alike += 1;
                continue;
            }
            tally.different += 1;
            let lines: Vec<String> = differences.iter().map(|difference| format!("    {difference}\n")).collect();
            print(&format!("{title}\n{}", lines.concat()));
        }
        Ok(tally)
    }

    /// The call again, for the other server.
    fn request(&self, entry: &Value, names: &Names) -> Result<Request<Full<Bytes>>, String> {
        let recorded = &entry["request"];
        if !recorded["body_cut"].is_null() {
            return Err("its body was too long for the journal".to_owned());
        }
        if !entry["fault"].is_null() {
            return Err(format!("the fault rule {} befell it", entry["fault"]));
        }
        let path: Vec<&str> = text(&recorded["path"]).split('/').map(|segment| names.of(segment)).collect();
        let query = self.query(&recorded["query"], names)?;
        let mark = if query.is_empty() { "" } else { "?" };
        let place = format!("{}{}{mark}{query}", self.against.trim_end_matches('/'), path.join("/"));
        let mut request = Request::builder().method(text(&recorded["method"])).uri(place);
        for (name, value) in recorded["headers"].as_object().into_iter().flatten() {
            let given = self.header.iter().any(|(given, _)| given == name);
            if !given && !OWN_HEADERS.contains(&name.as_str()) {
                request = request.header(name, self.whole(name, text(value))?);
            }
        }
        for (name, value) in &self.header {
            request = request.header(name, value);
        }
        let body = match &recorded["body"] {
            Value::Null => Bytes::new(),
            Value::String(text) if text.contains(char::REPLACEMENT_CHARACTER) => {
                return Err("its body was no text, of which the journal keeps no more".to_owned());
            }
            Value::String(text) => text.clone().into(),
            body => {
                let mut body = body.clone();
                names.put_into(&mut body);
                body.to_string().into()
            }
        };
        request.body(Full::new(body)).map_err(|fault| fault.to_string())
    }

    fn query(&self, recorded: &Value, names: &Names) -> Result<String, String> {
        let identifier = text(&recorded["identifier"]);
        let mut query = Serializer::new(String::new());
        for (name, value) in recorded.as_object().into_iter().flatten() {
            let value = match name.as_str() {
                "sdkappid" => self.sdkappid.map_or(text(value).to_owned(), |id| id.to_string()),
                "usersig" => self.usersig(identifier, text(&recorded["sdkappid"]))?,
                _ => self.whole(name, names.of(text(value)))?,
            };
            query.append_pair(name, &value);
        }
        Ok(query.finish())
    }

    fn usersig(&self, identifier: &str, recorded: &str) -> Result<String, String> {
        let Some(key) = &self.key else { return Ok("replayed".to_owned()) };
        let sdkappid = self.sdkappid.or_else(|| recorded.parse().ok()).ok_or("its sdkappid is no number")?;
        let time = Clock::system().now().seconds();
        let ticket =
            Ticket { identifier: identifier.to_owned(), sdkappid, time, expire: USERSIG_SECONDS, userbuf: None };
        Ok(usersig::generate(key, &ticket))
    }

    /// A value as it was sent: a secret that the journal shortened is one of those given.
    fn whole(&self, name: &str, value: &str) -> Result<String, String> {
        let Some(start) = value.strip_suffix('…') else { return Ok(value.to_owned()) };
        let mut fitting = self.secret.iter().filter(|secret| secret.starts_with(start));
        match (fitting.next(), fitting.next()) {
            (Some(secret), None) => Ok(secret.clone()),
            (None, _) => Err(format!("{name} starts with {start}; give it in full by --secret or --header")),
            (Some(_), Some(_)) => Err(format!("{name} starts with {start}, as more than one --secret does")),
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn differences(recorded: &Value, answer: &Answer, names: &mut Names) -> Vec<Difference> {
    let mut found = Vec::new();
    let status = json!(answer.status.as_u16());
    if recorded["status"] != status {
        let path = "status".to_owned();
        found.push(Difference { path, recorded: Some(recorded["status"].clone()), answered: Some(status) });
    }
    if recorded["body_cut"].is_null() {
        let body = match serde_json::from_slice(&answer.body) {
            Ok(body) => body,
            Err(_) if answer.body.is_empty() => Value::Null,
            Err(_) => Value::String(String::from_utf8_lossy(&answer.body).into_owned()),
        };
        found.extend(names.compare(&recorded["body"], &body));
    }
    found
}

/// The entries of a journal that was written down: a page, an array, or an entry a line.
fn read(path: &Path) -> Result<Vec<Value>, String> {
    let mut written = String::new();
    if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut written).map_err(|fault| fault.to_string())?;
    } else {
        written = fs::read_to_string(path).map_err(|fault| fault.to_string())?;
    }
    let values: Result<Vec<Value>, _> = serde_json::Deserializer::from_str(&written).into_iter().collect();
    let mut values = values.map_err(|fault| format!("is no JSON: {fault}"))?;
    let mut entries = match values.as_mut_slice() {
        [Value::Array(entries)] => std::mem::take(entries),
        [Value::Object(page)] if page.contains_key("entries") => {
            page["entries"].as_array_mut().map(std::mem::take).ok_or("its entries are no array")?
        }
        _ => values,
    };
    if let Some(stranger) = entries.iter().find(|entry| !entry["kind"].is_string()) {
        return Err(format!("is no journal: {stranger} is no entry"));
    }
    entries.sort_by_key(|entry| entry["call"].as_u64());
    Ok(entries)
}
