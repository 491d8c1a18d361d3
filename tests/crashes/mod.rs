//! Rounds of kill -9: a server that is asked for change after change while its state file is watched, its end, and what
//! the file says then.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use imulator::kernel::clock::Stopwatch;
use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::process::{Server, run};

/// Accounts that are there from the start: a write takes its time, and the pause after it is ten times as long.
const BULK: usize = 400;
/// What `--state-interval` is set to.
const INTERVAL: &str = "40ms";
/// The longest that a server lives.
const LIFE_MS: u64 = 700;

/// What was seen.
#[derive(Debug, Default)]
pub struct Tally {
    pub kills: u64,
    /// Kills that left a partial file beside the whole one.
    pub within_a_write: u64,
    /// How often a whole file took the place of another.
    pub writes: u64,
    /// Changes that were answered.
    pub changes: u64,
    /// Changes that were answered and lost with the kill.
    pub lost: u64,
    /// The oldest of those, at the moment of the kill.
    pub oldest_lost: Duration,
    /// The longest time between two writes that were seen.
    pub slowest: Duration,
}

impl Tally {
    pub fn add(&mut self, other: &Self) {
        self.kills += other.kills;
        self.within_a_write += other.within_a_write;
        self.writes += other.writes;
        self.changes += other.changes;
        self.lost += other.lost;
        self.oldest_lost = self.oldest_lost.max(other.oldest_lost);
        self.slowest = self.slowest.max(other.slowest);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kills, within_a_write, writes, changes, lost, oldest_lost, slowest } = self;
        write!(
            f,
            "{kills} kills, {within_a_write} of them within a write; {writes} writes, at most {slowest:?} apart; \
             {changes} changes answered, {lost} lost, the oldest {oldest_lost:?} old (--state-interval {INTERVAL})"
        )
    }
}

/// A stream of numbers of its own for each lane.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Answered changes, and writes of the file, each with its time since the start of the round.
#[derive(Default)]
struct Seen {
    answered: Mutex<Vec<Duration>>,
    asked: AtomicUsize,
    written: Mutex<Vec<Duration>>,
    over: AtomicBool,
}

/// Kills so many servers, one after the other, on one file.
pub fn lane(number: u64, rounds: u64) -> Tally {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("state.json");
    let bulk: Vec<Value> =
        (0..BULK).map(|at| json!({"UserID": format!("bulk-{at:05}"), "Nick": "x".repeat(80)})).collect();
    let world = json!({"imulator": 1, "tencent": {"7": {"accounts": bulk}}});
    fs::write(&file, world.to_string()).expect("writable");
    let (mut tally, mut dice, mut kept) = (Tally::default(), Dice(number * 7919 + 1), BTreeSet::new());
    for _ in 0..rounds {
        kept = round(&file, &kept, &mut dice, &mut tally);
        leaves_nothing_behind(folder.path());
    }
    tally
}

/// One life of a server that starts from these changes; gives those that the file has after its end.
fn round(file: &Path, before: &BTreeSet<usize>, dice: &mut Dice, tally: &mut Tally) -> BTreeSet<usize> {
    let name = file.to_str().expect("UTF-8");
    let mut server =
        Server::start(&["--listen", "127.0.0.1:0", "--empty", "--state", name, "--state-interval", INTERVAL]);
    assert_eq!(&changes(&body(&server.get("/_imulator/state"))), before, "it starts from what the file has");
    let (watch, seen) = (Stopwatch::start(), Arc::new(Seen::default()));
    let first = before.last().map_or(0, |last| last + 1);
    let asking = {
        let (seen, watch, host) = (seen.clone(), watch, server.url.trim_start_matches("http://").to_owned());
        std::thread::spawn(move || ask(&host, first, &seen, &watch))
    };
    let watching = {
        let (seen, watch, file) = (seen.clone(), watch, file.to_owned());
        std::thread::spawn(move || look(&file, &seen, &watch))
    };
    let moment = Duration::from_millis(20 + dice.below(LIFE_MS));
    // Half of the kills come when a write has just begun, the others when they come.
    let in_a_write = dice.below(2) == 0;
    let partial = partial(file);
    while watch.elapsed() < moment || (in_a_write && !partial.exists() && watch.elapsed() < 4 * moment) {
        pause();
    }
    let killed = watch.elapsed();
    server.signal("KILL");
    assert_eq!(server.wait().code, None);
    seen.over.store(true, Ordering::Release);
    asking.join().expect("who asks ends with the server");
    watching.join().expect("who looks ends with the server");
    let kept = whole(file);
    assert!(before.is_subset(&kept), "what was kept once stays");
    judge(&seen, first, &kept, killed, tally);
    tally.within_a_write += u64::from(partial.exists());
    kept
}

/// What the file may lack, and what it may not have, of the changes from this number on.
fn judge(seen: &Seen, first: usize, kept: &BTreeSet<usize>, killed: Duration, tally: &mut Tally) {
    let (answered, written) = (seen.answered.lock(), seen.written.lock());
    let sent = first + seen.asked.load(Ordering::Acquire);
    assert!(kept.range(sent..).next().is_none(), "{kept:?} are kept, {sent} were asked for");
    // The first write after an answer may have begun before it; the second one began after the first. A write that runs
    // beside changes shows each entity at a moment of its own: some of the changes may be in it, not all before them.
    let certain =
        written.len().checked_sub(2).map_or(0, |at| answered.iter().filter(|when| **when < written[at]).count());
    let lost = |at: &usize| !kept.contains(&(first + at));
    if let Some(at) = (0..certain).find(lost) {
        panic!("{certain} changes are older than two writes, and {} of them is lost", at + 1);
    }
    tally.kills += 1;
    tally.writes += written.len() as u64;
    tally.changes += answered.len() as u64;
    let lost: Vec<usize> = (0..answered.len()).filter(lost).collect();
    tally.lost += lost.len() as u64;
    if let Some(oldest) = lost.first() {
        tally.oldest_lost = tally.oldest_lost.max(killed.saturating_sub(answered[*oldest]));
    }
    for two in written.windows(2) {
        tally.slowest = tally.slowest.max(two[1] - two[0]);
    }
}

/// Asks for one change after the other over one connection, until it breaks.
fn ask(host: &str, first: usize, seen: &Seen, watch: &Stopwatch) {
    let mut stream = TcpStream::connect(host).expect("the server accepts");
    let mut answers = BufReader::new(stream.try_clone().expect("a connection has two ends"));
    let target = "/v4/im_open_login_svc/account_import?sdkappid=7&identifier=admin&usersig=x";
    for number in first.. {
        let body = json!({"UserID": format!("n{number}")}).to_string();
        let head = format!("POST {target} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {}\r\n\r\n", body.len());
        seen.asked.fetch_add(1, Ordering::AcqRel);
        if stream.write_all((head + &body).as_bytes()).is_err() || !answered(&mut answers) {
            return;
        }
        seen.answered.lock().push(watch.elapsed());
        // Some hundred changes a second are plenty, and leave room for the writes.
        pause();
    }
}

/// Reads one answer; whether it came whole and is a success.
fn answered(from: &mut impl BufRead) -> bool {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if !matches!(from.read_line(&mut line), Ok(1..)) {
            return false;
        }
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.trim_end().parse().expect("a length is a number");
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    if from.read_exact(&mut body).is_err() {
        return false;
    }
    let text = String::from_utf8(body).expect("replies are UTF-8");
    assert!(text.contains("\"ErrorCode\":0"), "{text}");
    true
}

/// Notes each time that another file stands under the name.
fn look(file: &Path, seen: &Seen, watch: &Stopwatch) {
    let node = || fs::metadata(file).expect("there is always a file").ino();
    let mut last = node();
    while !seen.over.load(Ordering::Acquire) {
        let now = node();
        if now != last {
            seen.written.lock().push(watch.elapsed());
            last = now;
        }
        pause();
    }
}

/// The file is a sound document; gives the changes that it has.
fn whole(file: &Path) -> BTreeSet<usize> {
    let name = file.to_str().expect("UTF-8");
    let checked = run(&["check", name]);
    assert_eq!(checked.code, Some(0), "{}{}", checked.stdout, checked.stderr);
    changes(&serde_json::from_slice(&fs::read(file).expect("the file is there")).expect("it is whole"))
}

fn changes(world: &Value) -> BTreeSet<usize> {
    let accounts = world["tencent"]["7"]["accounts"].as_array().expect("accounts");
    let names = accounts.iter().filter_map(|account| account["UserID"].as_str());
    let numbers = names.filter_map(|name| name.strip_prefix('n')?.parse().ok()).collect();
    let bulk = accounts.iter().filter(|account| account["UserID"].as_str().is_some_and(|id| id.starts_with("bulk-")));
    assert_eq!(bulk.count(), BULK, "nothing else is lost");
    numbers
}

fn body(answer: &str) -> Value {
    let (_, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    serde_json::from_str(body).unwrap_or_else(|fault| panic!("{fault}: {answer}"))
}

/// Beside the file there may be its lock and one partial file, however often it was killed.
fn leaves_nothing_behind(folder: &Path) {
    let names = fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("readable").file_name());
    for name in names {
        let known = ["state.json", "state.json.lock", "state.json.new"];
        assert!(known.iter().any(|known| name == *known), "{} is left behind", name.display());
    }
}

fn partial(file: &Path) -> PathBuf {
    file.with_file_name("state.json.new")
}

#[allow(clippy::disallowed_methods, reason = "the step of a bounded wait for another process")]
fn pause() {
    std::thread::sleep(Duration::from_millis(1));
}
