//! Size: how soon the emulator answers, what it rests at, what a million members cost, and the state document as a stream.
//!
//! `cargo bench --bench size`, Linux: it starts the binary of the same profile and reads `/proc`. Another number of members
//! may follow: `cargo bench --bench size -- 100000`.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
#![allow(clippy::print_stdout, reason = "its table is what it is for")]

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

const STARTS: usize = 20;
const MEMBERS: usize = 1_000_000;
/// How long a server is left alone before its memory is read.
const REST: Duration = Duration::from_millis(500);
const MIB: f64 = 1024.0 * 1024.0;

fn main() {
    let arguments: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let members = arguments.first().copied().unwrap_or(MEMBERS);
    let folder = std::env::temp_dir().join(format!("imulator-size-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder for documents can be made");
    let idle = start_and_rest();
    println!("\n{members} members of one group, ids of 12 bytes\n");
    println!("| | seconds | of the processor | peak, MiB | rests at, MiB | bytes a member | peak / rest |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    million(members, &folder, idle);
    fs::remove_dir_all(&folder).expect("the folder is ours");
}

/// A running server, which ends with this.
struct Server {
    child: Child,
    address: String,
    _out: BufReader<ChildStdout>,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_imulator"))
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "error"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut line = String::new();
        out.read_line(&mut line).expect("the ready line");
        let address = line.trim().rsplit_once("http://").expect("it names the address").1.to_owned();
        Self { child, address, _out: out }
    }

    /// Sends a request, throws the body of the reply away and gives its head and length.
    fn ask(&self, method: &str, path: &str, body: Option<&Path>) -> (String, u64) {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        let length = body.map_or(0, |path| fs::metadata(path).expect("the document is there").len());
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).expect("it reads");
        if let Some(path) = body {
            io::copy(&mut File::open(path).expect("the document is there"), &mut stream).expect("it reads the body");
        }
        let (mut start, mut rest) = ([0; 4096], [0; 65536]);
        let first = stream.read(&mut start).expect("it answers");
        let mut length = first as u64;
        loop {
            match stream.read(&mut rest).expect("it answers to the end") {
                0 => break,
                more => length += more as u64,
            }
        }
        let text = String::from_utf8_lossy(&start[..first]).into_owned();
        assert!(text.starts_with("HTTP/1.1 200"), "{method} {path}: {text}");
        (text, length)
    }

    /// A figure of the process in bytes: `VmRSS` or `VmHWM`.
    fn memory(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("Linux has it");
        let line = status.lines().find(|line| line.starts_with(name)).expect("every process has it");
        line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).expect("a number") * 1024
    }

    /// The processor time that the process has taken, in seconds.
    fn processor(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("Linux has it");
        let fields: Vec<&str> = stat.rsplit_once(')').expect("the name is in brackets").1.split_whitespace().collect();
        let ticks = |at: usize| fields[at].parse::<f64>().expect("a number");
        // Linux shows hundredths of a second, whatever the kernel's own tick is.
        (ticks(11) + ticks(12)) / 100.0
    }

    /// Lets the peak be counted from here on.
    fn forget_peak(&self) {
        fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5").expect("the process is ours");
    }

    fn rests_at(&self) -> u64 {
        std::thread::sleep(REST);
        self.memory("VmRSS")
    }

    fn stop(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill is there").success());
        assert!(self.child.wait().expect("it ends").success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that was stopped has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Prints how soon it answers and what it rests at, with the built-in demo world; gives the latter.
fn start_and_rest() -> u64 {
    let mut times = Vec::new();
    let mut rests = Vec::new();
    for _ in 0..STARTS {
        let begin = Instant::now();
        let server = Server::start(&[]);
        server.ask("GET", "/_imulator/health", None);
        times.push(begin.elapsed());
        if rests.len() < 5 {
            rests.push(server.rests_at());
        }
    }
    times.sort_unstable();
    rests.sort_unstable();
    let (median, worst, rest) = (times[STARTS / 2], times[STARTS - 1], rests[rests.len() / 2]);
    println!("\nstart to first answer: median {median:.2?}, worst of {STARTS} {worst:.2?}");
    println!("idle, resident: {:.2} MiB", rest as f64 / MIB);
    rest
}

/// Times a step of a running server and prints its row.
fn step(title: &str, server: &Server, idle: u64, members: usize, act: impl FnOnce()) {
    server.forget_peak();
    let (begin, before) = (Instant::now(), server.processor());
    act();
    let times = (begin.elapsed().as_secs_f64(), Some(server.processor() - before));
    row(title, times, server.memory("VmHWM"), server.rests_at(), idle, members);
}

/// Starts a server with a document, which is its first step.
fn started(title: &str, arguments: &[&str], idle: u64, members: usize) -> Server {
    let begin = Instant::now();
    let server = Server::start(arguments);
    let times = (begin.elapsed().as_secs_f64(), Some(server.processor()));
    row(title, times, server.memory("VmHWM"), server.rests_at(), idle, members);
    server
}

/// Prints a row: seconds by the clock and of the processor, the peak, and what the server rests at afterwards.
fn row(title: &str, (clock, processor): (f64, Option<f64>), peak: u64, rest: u64, idle: u64, members: usize) {
    let member = rest.saturating_sub(idle) as f64 / members as f64;
    let (peak, rest) = (peak as f64 / MIB, rest as f64 / MIB);
    let ratio = peak / rest;
    let processor = processor.map(|seconds| format!("{seconds:.2}")).unwrap_or_default();
    println!("| {title} | {clock:.2} | {processor} | {peak:.0} | {rest:.0} | {member:.0} | {ratio:.2} |");
}

fn million(members: usize, folder: &Path, idle: u64) {
    let plain = folder.join("plain.json");
    write_plain(&plain, members).expect("the folder can be written to");
    let snapshot = folder.join("snapshot.json");
    drop(started("`--fixture`, ids alone", &["--fixture", text(&plain)], idle, members));
    let server = Server::start(&["--empty"]);
    step("`PUT /_imulator/state`, ids alone", &server, idle, members, || {
        server.ask("PUT", "/_imulator/state", Some(&plain));
    });
    step("`GET /_imulator/state`", &server, idle, members, || {
        let (_, length) = server.ask("GET", "/_imulator/state", None);
        assert!(length > 100 * members as u64, "the whole document: {length} bytes");
    });
    save(&server, &snapshot);
    drop(server);
    for (method, path) in [("PUT", "/_imulator/state"), ("POST", "/_imulator/seed")] {
        let server = Server::start(&["--empty"]);
        step(&format!("`{method} {path}`, a snapshot"), &server, idle, members, || {
            server.ask(method, path, Some(&snapshot));
        });
    }
    drop(started("`--fixture`, a snapshot", &["--fixture", text(&snapshot)], idle, members));
    let server = started("`--state`, loaded", &["--empty", "--state", text(&snapshot)], idle, members);
    written(server, idle, members);
}

/// The last write of the state file, when the server stops: its peak is read while it goes on.
fn written(server: Server, idle: u64, members: usize) {
    let rest = server.memory("VmRSS");
    server.forget_peak();
    let id = server.child.id();
    let watch = std::thread::spawn(move || {
        let mut peak = 0;
        while let Ok(status) = fs::read_to_string(format!("/proc/{id}/status")) {
            let line = status.lines().find(|line| line.starts_with("VmHWM"));
            let Some(kib) = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()) else { break };
            peak = peak.max(kib * 1024);
            std::thread::sleep(Duration::from_millis(2));
        }
        peak
    });
    let begin = Instant::now();
    server.stop();
    let seconds = begin.elapsed().as_secs_f64();
    let peak = watch.join().expect("the watch ends with the process");
    row("`--state`, written at the stop", (seconds, None), peak, rest, idle, members);
}

/// A document that says nothing of the members but who they are.
fn write_plain(path: &Path, members: usize) -> io::Result<()> {
    let mut to = BufWriter::new(File::create(path)?);
    write!(to, r#"{{"imulator":1,"tencent":{{"7":{{"groups":[{{"GroupId":"g","Type":"Public","#)?;
    write!(to, r#""MaxMemberNum":{members},"MemberList":["#)?;
    for n in 0..members {
        let comma = if n == 0 { "" } else { "," };
        write!(to, r#"{comma}{{"Member_Account":"u{n:011}"}}"#)?;
    }
    to.write_all(b"]}]}}}")?;
    to.flush()
}

/// Keeps the server's snapshot, without the chunks that it comes in.
fn save(server: &Server, path: &Path) {
    let mut stream = TcpStream::connect(&server.address).expect("it listens");
    // HTTP/1.0 knows no chunks: the body ends with the connection.
    stream.write_all(b"GET /_imulator/state HTTP/1.0\r\nhost: localhost\r\n\r\n").expect("it reads");
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        reader.read_line(&mut line).expect("a head");
    }
    io::copy(&mut reader, &mut File::create(path).expect("the folder can be written to"))
        .expect("it answers to the end");
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the folder's name is UTF-8")
}
