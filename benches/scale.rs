//! What calls cost in a group or room of a million members beside one of a thousand, and on two threads beside one.
//!
//! `cargo bench --bench scale`. Through the front door, in one process; calls on either size take turns, and a figure is
//! the median of single calls. Nobody is removed twice before everybody was: what a call touches has long left the caches.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use imulator::Emulator;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

const QUERY: &str = "sdkappid=1400000000&identifier=admin&usersig=x&random=1&contenttype=json";
const SIZES: [usize; 2] = [1_000, 1_000_000];
/// Prime to all powers of ten: each of so many numbers is met once before any is met again, and neighbours are far apart.
const STRIDE: usize = 618_033;
/// Accounts that are in nothing yet.
const GUESTS: usize = 1_000;
/// How often each call is timed on each size, besides a tenth before that is not.
const TIMES: usize = 400;
/// How long the threads work for one figure, and how often.
const SPAN: Duration = Duration::from_millis(500);
const SPANS: usize = 7;

fn main() {
    let runtime = runtime();
    let sides = SIZES.map(|size| Side::new(size, &runtime));
    scale(sides);
    println!();
    threads();
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn emulator(world: Value) -> Emulator {
    Emulator::builder().fixture(world).build().expect("the world is sound")
}

fn request(path: &str, body: &Value) -> Request<Bytes> {
    let uri = if path.starts_with("/v4") { format!("{path}?{QUERY}") } else { path.to_owned() };
    let request = Request::post(uri).header("host", "localhost");
    request.body(Bytes::from(body.to_string())).expect("the benchmark's request is HTTP")
}

fn group(command: &str, body: &Value) -> Request<Bytes> {
    request(&format!("/v4/group_open_http_svc/{command}"), body)
}

fn room(command: &str, body: &Value) -> Request<Bytes> {
    request(&format!("/v4/room_engine_http_srv/{command}"), body)
}

/// Calls, and says how long it took; panics unless it succeeds.
fn call(runtime: &Runtime, emulator: &Emulator, request: Request<Bytes>) -> Duration {
    let start = Instant::now();
    let answer = runtime.block_on(emulator.call(request)).expect("no fault cuts it");
    let taken = start.elapsed();
    let body = answer.body();
    assert!(answer.status() == 200 && !body.windows(4).any(|four| four == b"FAIL"), "{body:?}");
    taken
}

fn name(n: usize) -> String {
    format!("member-{n:06}")
}

fn guest(n: usize) -> String {
    format!("guest-{n:06}")
}

fn listed(names: &[String]) -> Vec<Value> {
    names.iter().map(|name| json!({"Member_Account": name})).collect()
}

/// A world with a group and a room of one size.
struct Side<'r> {
    size: usize,
    emulator: Emulator,
    runtime: &'r Runtime,
    picked: usize,
}

impl<'r> Side<'r> {
    fn new(size: usize, runtime: &'r Runtime) -> Self {
        let list = Value::Array((0..size).map(|n| json!({"Member_Account": name(n)})).collect());
        let guests: Vec<Value> = (0..GUESTS).map(|n| json!({"UserID": guest(n)})).collect();
        let world = json!({"imulator": 1, "tencent": {"1400000000": {
            "accounts": guests,
            "groups": [{"GroupId": "g", "Type": "Public", "Name": "g", "MaxMemberNum": 2_000_000, "MemberList": list}],
            "rooms": [{"RoomId": "r", "Owner_Account": "host", "MaxMemberCount": 2_000_000, "MemberList": list}],
        }}});
        Self { size, emulator: emulator(world), runtime, picked: 0 }
    }

    fn call(&self, request: Request<Bytes>) -> Duration {
        call(self.runtime, &self.emulator, request)
    }

    /// Members whose turn it is, from all over the place.
    fn pick(&mut self, count: usize) -> Vec<String> {
        let first = self.picked;
        self.picked += count;
        (first..first + count).map(|n| name(n * STRIDE % self.size)).collect()
    }

    /// Removes so many from the group; they come back outside the time.
    fn delete(&mut self, count: usize) -> Duration {
        let names = self.pick(count);
        let taken = self.call(group("delete_group_member", &json!({"GroupId": "g", "MemberToDel_Account": names})));
        self.call(group("add_group_member", &json!({"GroupId": "g", "MemberList": listed(&names)})));
        taken
    }

    /// The same from the room.
    fn kick(&mut self, count: usize) -> Duration {
        let names = self.pick(count);
        let body = json!({"RoomId": "r", "MemberList_Account": names, "Reason": ""});
        let taken = self.call(room("kick_user_out", &body));
        for name in names {
            let body = json!({"Member_Account": name});
            self.call(request("/_imulator/tencent/1400000000/rooms/r/enter", &body));
        }
        taken
    }

    /// Adds one who never was in the group.
    fn add(&self, turn: usize) -> Duration {
        self.call(group("add_group_member", &json!({"GroupId": "g", "MemberList": listed(&[guest(turn)])})))
    }

    /// Reads a page at a share of the whole.
    fn page(&self, thousandths: usize) -> Duration {
        let offset = (self.size - 100) * thousandths / 1_000;
        self.call(group("get_group_member_info", &json!({"GroupId": "g", "Limit": 100, "Offset": offset})))
    }
}

type Act = fn(&mut Side<'_>, usize) -> Duration;

const ROWS: [(&str, Act); 8] = [
    ("`delete_group_member`, 1 account", |side, _| side.delete(1)),
    ("`delete_group_member`, 20 accounts", |side, _| side.delete(20)),
    ("`delete_group_member`, 500 accounts", |side, _| side.delete(500)),
    ("`kick_user_out`, 20 accounts", |side, _| side.kick(20)),
    ("`add_group_member`, 1 account", |side, turn| side.add(turn)),
    ("`get_group_member_info`, `Limit` 100, `Offset` 0", |side, _| side.page(0)),
    ("the same in the middle", |side, _| side.page(500)),
    ("the same at the end", |side, _| side.page(1_000)),
];

fn scale(mut sides: [Side<'_>; 2]) {
    println!("| call | µs at {} | µs at {} | ratio |\n| --- | --- | --- | --- |", SIZES[0], SIZES[1]);
    for (title, act) in ROWS {
        let mut taken = [Vec::new(), Vec::new()];
        for turn in 0..TIMES + TIMES / 10 {
            for (side, taken) in sides.iter_mut().zip(&mut taken) {
                let time = act(side, turn);
                if turn >= TIMES / 10 {
                    taken.push(time.as_secs_f64() * 1e6);
                }
            }
        }
        let [small, large] = taken.map(median);
        println!("| {title} | {small:.1} | {large:.1} | {:.2} |", large / small);
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// What one thread does, in its own group or in the one of all.
type Work = fn(&Runtime, &Emulator, usize);

const WORKS: [(&str, Work); 3] = [
    ("remove one and add one, each thread in a group of its own", |runtime, emulator, thread| {
        let group_id = format!("own-{thread}");
        call(
            runtime,
            emulator,
            group("delete_group_member", &json!({"GroupId": group_id, "MemberToDel_Account": [name(1)]})),
        );
        call(
            runtime,
            emulator,
            group("add_group_member", &json!({"GroupId": group_id, "MemberList": listed(&[name(1)])})),
        );
    }),
    ("read 100 members, all of one group", |runtime, emulator, _| {
        call(
            runtime,
            emulator,
            group("get_group_member_info", &json!({"GroupId": "shared", "Limit": 100, "Offset": 0})),
        );
    }),
    ("read 100 members, each thread of a group of its own", |runtime, emulator, thread| {
        let group_id = format!("own-{thread}");
        call(
            runtime,
            emulator,
            group("get_group_member_info", &json!({"GroupId": group_id, "Limit": 100, "Offset": 0})),
        );
    }),
];

fn threads() {
    let list = listed(&(0..1_000).map(name).collect::<Vec<_>>());
    let groups = ["own-0", "own-1", "shared"];
    let groups: Vec<Value> =
        groups.iter().map(|id| json!({"GroupId": id, "Type": "Public", "Name": "g", "MemberList": list})).collect();
    let emulator = emulator(json!({"imulator": 1, "tencent": {"1400000000": {"groups": groups}}}));
    println!("| work | times a second on 1 thread | on 2 | ratio |\n| --- | --- | --- | --- |");
    for (title, work) in WORKS {
        let mut rates = [Vec::new(), Vec::new()];
        for _ in 0..SPANS {
            for (threads, rates) in (1..).zip(&mut rates) {
                rates.push(rate(&emulator, work, threads));
            }
        }
        let [one, two] = rates.map(median);
        println!("| {title} | {one:.0} | {two:.0} | {:.2} |", two / one);
    }
}

/// How often a second so many threads do the work together.
fn rate(emulator: &Emulator, work: Work, threads: usize) -> f64 {
    let barrier = Barrier::new(threads);
    let one = &|thread: usize| {
        let runtime = runtime();
        barrier.wait();
        let (start, mut times) = (Instant::now(), 0_u32);
        while start.elapsed() < SPAN {
            work(&runtime, emulator, thread);
            times += 1;
        }
        f64::from(times) / start.elapsed().as_secs_f64()
    };
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|thread| scope.spawn(move || one(thread))).collect();
        running.into_iter().map(|thread| thread.join().expect("a thread that measures does not panic")).sum()
    })
}
