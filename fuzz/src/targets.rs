//! What is fuzzed: a function for each target, called by libFuzzer with what it made up, and by `cargo test` with the
//! kept corpus and small changes of it (tests/fuzz_corpus.rs). Each panics where a promise is broken.

use std::io::Write;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use http::{HeaderValue, Request, Response};
use imulator::api::imkit::jwt;
use imulator::api::operation::Operation;
use imulator::api::router;
use imulator::api::tencent::usersig;
use imulator::{Clock, Config, Emulator, State, document};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Runtime;

/// A target.
pub type Target = fn(&Bench, &[u8]);

/// All targets by name.
pub const TARGETS: [(&str, Target); 5] = [
    ("http", http),
    ("operations", operations),
    ("usersig", signatures),
    ("document", state_document),
    ("faults", faults),
];

/// Ends a call of several: it is in no text of UTF-8.
pub const END: u8 = 0xff;
/// Most calls of one input.
const CALLS_MAX: usize = 16;
/// Most bytes that are read of a connection's answers; a stream has no end.
const ANSWER_BYTES_MAX: u64 = 1024 * 1024;
/// How long an answer may take that waits for something, as a long poll or a delay does: then its client goes.
const PATIENCE: Duration = Duration::from_millis(20);
/// The codes by which Tencent's services answer a panic.
const INTERNAL: [i64; 3] = [10002, 70500, 100001];

/// The demo world without a socket and without a way out, and a runtime to ask it in.
pub struct Bench {
    runtime: Runtime,
    emulator: Emulator,
}

impl Default for Bench {
    fn default() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let demo = document::from_text(include_str!("../../fixtures/worlds/demo.json"), "demo").expect("it is sound");
        Self { emulator: emulator(demo), runtime }
    }
}

fn emulator(state: State) -> Emulator {
    let config = Config { callbacks: false, ..Config::default() };
    Emulator::builder().config(config).clock(Clock::manual()).seed(1).state(state).build().expect("the world is sound")
}

impl Bench {
    /// The start again: no rule, no journal, the demo world; the clock where it began.
    fn reset(&self) {
        self.runtime.block_on(self.emulator.reset());
    }

    /// Answers a request; `None` where a rule wants no answer, or where it takes long.
    fn call(&self, request: Request<Bytes>) -> Option<Response<Bytes>> {
        let answer = async { tokio::time::timeout(PATIENCE, self.emulator.call(request)).await };
        self.runtime.block_on(answer).ok()?.ok()
    }

    /// The world after these calls.
    pub fn world_after(&self, calls: &[u8]) -> String {
        operations(self, calls);
        text_of(&self.emulator)
    }

    /// The world can be written down, and what is written comes back equal.
    fn check_snapshot(&self) {
        let text = text_of(&self.emulator);
        let state = document::from_text(&text, "the snapshot").unwrap_or_else(|fault| panic!("{fault}\n{text}"));
        assert_eq!(text_of(&emulator(state)), text, "a snapshot comes back equal");
    }
}

fn text_of(emulator: &Emulator) -> String {
    serde_json::to_string(&emulator.state()).expect("a state is JSON")
}

/// Raw bytes on a connection: HTTP or not, one request or many.
pub fn http(bench: &Bench, input: &[u8]) {
    bench.reset();
    let answers = bench.runtime.block_on(async {
        let (client, server) = tokio::io::duplex(64 * 1024);
        let (reading, mut writing) = tokio::io::split(client);
        let asking = async {
            // A server that has heard enough closes early.
            drop(writing.write_all(input).await);
            drop(writing.shutdown().await);
        };
        let mut answers = Vec::new();
        let hearing = async { reading.take(ANSWER_BYTES_MAX).read_to_end(&mut answers).await };
        let talking = async { tokio::join!(asking, hearing, bench.emulator.converse(server)) };
        drop(tokio::time::timeout(PATIENCE, talking).await);
        answers
    });
    assert!(answers.is_empty() || answers.starts_with(b"HTTP/1."), "{}", answers.escape_ascii());
    assert!(!answers.starts_with(b"HTTP/1.1 500"), "{}", answers.escape_ascii());
    bench.check_snapshot();
}

/// Calls of any operations, one after the other in one world: each as `call_of` reads it.
pub fn operations(bench: &Bench, input: &[u8]) {
    bench.reset();
    for text in input.split(|byte| *byte == END).take(CALLS_MAX) {
        let Some((row, request)) = call_of(text) else { continue };
        let asked = format!("{request:?}");
        if let Some(answer) = bench.call(request) {
            check_answer(row, &answer, &asked);
        }
    }
    bench.check_snapshot();
}

/// A rule, or several, as the control API takes them; after it calls.
pub fn faults(bench: &Bench, input: &[u8]) {
    bench.reset();
    let mut parts = input.split(|byte| *byte == END);
    let rules = Bytes::copy_from_slice(parts.next().unwrap_or_default());
    let to = |method: &str, body: &Bytes| {
        let request = Request::builder().method(method).uri("/_imulator/faults").header("host", "localhost");
        bench.call(request.body(body.clone()).expect("it is HTTP")).expect("no fault befalls the control API")
    };
    let taken = to("POST", &rules);
    let held = to("GET", &Bytes::new());
    match taken.status().as_u16() {
        200 => {}
        400..500 => assert_eq!(held.body().as_ref(), br#"{"faults":[]}"#, "a rule with a fault is refused whole"),
        status => panic!("{status} {}", taken.body().escape_ascii()),
    }
    for text in parts.take(CALLS_MAX) {
        if let Some((_, request)) = call_of(text) {
            drop(bench.call(request));
        }
    }
    bench.check_snapshot();
}

/// A signed text, or the members of one that are then packed as they are signed: UserSig and JWT.
pub fn signatures(_: &Bench, input: &[u8]) {
    const KEY: &str = "53ecedcf3929844ee419ac2f60986afcb39f239fea7afc308a4231216e02877c";
    let Some((kind, rest)) = input.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    match kind % 4 {
        0 => drop(usersig::verify(KEY, &text, 1_400_000_000, "administrator", 1_700_000_000)),
        1 => {
            let packed = pack(rest);
            drop(usersig::verify(KEY, &packed, 1_400_000_000, "administrator", 1_700_000_000));
            usersig::time_of(&packed);
        }
        2 => drop(jwt::read(KEY, &text, 1_700_000_000)),
        _ => {
            let number =
                |at: usize| rest.iter().skip(at).take(8).fold(0, |sum: i64, byte| (sum << 8) | i64::from(*byte));
            let ticket = usersig::Ticket {
                identifier: text.into_owned(),
                sdkappid: number(0).unsigned_abs(),
                time: number(8),
                expire: number(16),
                userbuf: None,
            };
            let signed = usersig::generate(KEY, &ticket);
            let read = usersig::verify(KEY, &signed, ticket.sdkappid, &ticket.identifier, ticket.valid_until());
            assert_eq!(read.as_ref(), Ok(&ticket), "what is signed is read");
        }
    }
}

/// Packs the members of a UserSig as signing does.
fn pack(members: &[u8]) -> String {
    let mut deflated = ZlibEncoder::new(Vec::new(), Compression::fast());
    deflated.write_all(members).expect("memory takes it");
    let text = STANDARD.encode(deflated.finish().expect("memory takes it"));
    text.replace('+', "*").replace('/', "-").replace('=', "_")
}

/// A state document: what is accepted is loaded, written down, and loaded again to the same.
pub fn state_document(_: &Bench, input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Ok(state) = document::from_text(text, "the input") else { return };
    let written = text_of(&emulator(state));
    let again = document::from_text(&written, "the snapshot").unwrap_or_else(|fault| panic!("{fault}\n{written}"));
    assert_eq!(text_of(&emulator(again)), written, "a snapshot comes back equal");
}

/// A call out of bytes: two choose the operation, one the caller; the first line is the values of the path's parameters
/// with a query, then, where the caller says so, a line of headers; the rest is the body.
fn call_of(text: &[u8]) -> Option<(&'static Operation, Request<Bytes>)> {
    let ([high, low, caller], rest) = text.split_first_chunk::<3>()?;
    let rows: Vec<&'static Operation> = router::operations().collect();
    let row = rows[usize::from(u16::from_be_bytes([*high, *low])) % rows.len()];
    let (line, mut body) = cut(rest);
    let line = String::from_utf8_lossy(line);
    let (values, query) = line.split_once('?').unwrap_or((&line, ""));
    let mut values = values.split(' ');
    let fill = |part| if str::starts_with(part, '{') { values.next().unwrap_or("x") } else { part };
    let path: Vec<&str> = row.path.split('/').map(fill).collect();
    let own = if row.vendor() == "tencent" && caller % 8 < 6 { TENCENT } else { "" };
    let mut request = Request::builder().method(row.method).uri(format!("{}?{own}{query}", path.join("/")));
    let mut headers: Vec<(&[u8], &[u8])> = vec![(b"host", b"localhost")];
    match caller % 8 {
        0..3 => headers.extend([
            (b"im-client-key".as_slice(), b"demo-client-key".as_slice()),
            (b"im-authorization", b"token-aaa"),
        ]),
        3..6 => headers.push((b"im-api-key", b"demo-api-key")),
        _ => {
            let (line, rest) = cut(body);
            body = rest;
            headers.extend(line.split(|byte| *byte == b'\t').filter_map(|pair| {
                let colon = pair.iter().position(|byte| *byte == b':')?;
                Some((&pair[..colon], &pair[colon + 1..]))
            }));
        }
    }
    for (name, value) in headers {
        request = request.header(name, HeaderValue::from_bytes(value).ok()?);
    }
    Some((row, request.body(Bytes::copy_from_slice(body)).ok()?))
}

/// An administrator of the demo's application.
const TENCENT: &str = "sdkappid=88888888&identifier=admin&usersig=x&";

/// The first line, and what comes after it.
fn cut(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| *byte == b'\n');
    end.map_or((text, &[]), |end| (&text[..end], &text[end + 1..]))
}

/// What holds of every answer of an operation.
fn check_answer(row: &Operation, answer: &Response<Bytes>, asked: &str) {
    let text = || format!("{}: {asked}\n{} {}", row.name, answer.status(), answer.body().escape_ascii());
    assert!(answer.status().as_u16() < 500, "{}", text());
    let kind = answer.headers().get("content-type").map_or("", |kind| kind.to_str().expect("ours are text"));
    if !kind.starts_with("application/json") {
        return assert_ne!(row.vendor(), "tencent", "{}", text());
    }
    let body: serde_json::Value =
        serde_json::from_slice(answer.body()).unwrap_or_else(|fault| panic!("{fault}: {}", text()));
    if row.vendor() == "tencent" {
        let code = body["ErrorCode"].as_i64();
        assert!(answer.status() == 200 && code.is_some_and(|code| !INTERNAL.contains(&code)), "{}", text());
    }
}
