//! The built binary as a child: started, asked over a plain socket, ended by its own id, waited for within bounds.

#![allow(dead_code, reason = "each family uses its part")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use imulator::kernel::clock::Stopwatch;

/// The longest that anything here waits.
const PATIENCE: Duration = Duration::from_secs(20);

/// A child that does not outlive its test.
pub struct Guard(pub Child);

impl Drop for Guard {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// How a child ended, and what it said.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// A command of the binary without the environment's own settings.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_imulator"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("IMULATOR_")) {
        command.env_remove(name);
    }
    command
}

/// Starts the binary.
pub fn imulator(arguments: &[&str]) -> Guard {
    imulator_with(arguments, |_| {})
}

/// The same, set up first.
pub fn imulator_with(arguments: &[&str], set: impl FnOnce(&mut Command)) -> Guard {
    let mut command = command(arguments);
    set(&mut command);
    Guard(command.spawn().expect("the binary starts"))
}

/// Runs the binary to its end.
pub fn run(arguments: &[&str]) -> Ended {
    run_with(arguments, |_| {})
}

/// The same, set up first.
pub fn run_with(arguments: &[&str], set: impl FnOnce(&mut Command)) -> Ended {
    let mut command = command(arguments);
    set(&mut command);
    end(&mut Guard(command.spawn().expect("the binary starts")), Box::new(std::io::empty()))
}

fn end(child: &mut Guard, rest: Box<dyn Read + Send>) -> Ended {
    let reader = |mut from: Box<dyn Read + Send>| {
        std::thread::spawn(move || {
            let mut text = String::new();
            from.read_to_string(&mut text).expect("what it prints is UTF-8");
            text
        })
    };
    let stdout = child.0.stdout.take().map_or(rest, |stdout| Box::new(stdout) as Box<dyn Read + Send>);
    let stdout = reader(stdout);
    let stderr = reader(Box::new(child.0.stderr.take().expect("standard error is a pipe")));
    wait_until("the end of the child", || child.0.try_wait().expect("a child can be asked").is_some());
    let code = child.0.wait().expect("it has ended").code();
    let text = |reader: std::thread::JoinHandle<String>| reader.join().expect("the reader ends");
    Ended { code, stdout: text(stdout), stderr: text(stderr) }
}

/// Waits until something holds, within bounds.
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let watch = Stopwatch::start();
    while !holds() {
        assert!(watch.elapsed() < PATIENCE, "waited in vain for {what}");
        pause();
    }
}

#[allow(clippy::disallowed_methods, reason = "the step of a bounded wait for another process")]
fn pause() {
    std::thread::sleep(Duration::from_millis(5));
}

/// Sends a signal to a process by its id.
pub fn signal(id: u32, name: &str) {
    let sent = Command::new("kill").args([format!("-{name}"), id.to_string()]).status().expect("kill is there");
    assert!(sent.success(), "the signal is sent");
}

/// A server that is ready.
pub struct Server {
    child: Guard,
    stdout: Option<BufReader<std::process::ChildStdout>>,
    pub url: String,
}

impl Server {
    /// Starts one and waits for its ready line.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, |_| {})
    }

    /// The same, set up first.
    pub fn start_with(arguments: &[&str], set: impl FnOnce(&mut Command)) -> Self {
        let mut command = command(arguments);
        set(&mut command);
        let mut child = Guard(command.spawn().expect("the binary starts"));
        let mut stdout = BufReader::new(child.0.stdout.take().expect("standard output is a pipe"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("what it prints is UTF-8");
        let Some(url) = line.strip_prefix("imulator ready on ").and_then(|rest| rest.strip_suffix('\n')) else {
            panic!("not a ready line: {line:?}; {:?}", end(&mut child, Box::new(stdout)));
        };
        Self { child, url: url.to_owned(), stdout: Some(stdout) }
    }

    pub fn id(&self) -> u32 {
        self.child.0.id()
    }

    pub fn signal(&self, name: &str) {
        signal(self.id(), name);
    }

    /// Waits for its end; what it printed after the ready line is its standard output.
    pub fn wait(&mut self) -> Ended {
        let rest = self.stdout.take().expect("a server is waited for once");
        end(&mut self.child, Box::new(rest))
    }

    /// The whole answer to a GET.
    pub fn get(&self, target: &str) -> String {
        get(&self.url, target)
    }

    /// The whole answer to a POST.
    pub fn post(&self, target: &str, body: &str) -> String {
        self.send("POST", target, body)
    }

    /// The whole answer to any request.
    pub fn send(&self, method: &str, target: &str, body: &str) -> String {
        send(&self.url, method, target, body)
    }
}

/// The whole answer of a server to a GET.
pub fn get(url: &str, target: &str) -> String {
    let host = url.trim_start_matches("http://");
    talk(host, &format!("GET {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"))
}

/// The whole answer of a server to a POST.
pub fn post(url: &str, target: &str, body: &str) -> String {
    send(url, "POST", target, body)
}

fn send(url: &str, method: &str, target: &str, body: &str) -> String {
    let host = url.trim_start_matches("http://");
    let length = body.len();
    talk(
        host,
        &format!(
            "{method} {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        ),
    )
}

fn talk(host: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(host).expect("the server accepts");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out can be set");
    stream.write_all(request.as_bytes()).expect("the server reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the server answers");
    String::from_utf8(without_chunks(answer)).expect("answers are UTF-8")
}

/// The answer with its body in one piece.
fn without_chunks(mut answer: Vec<u8>) -> Vec<u8> {
    let end = |bytes: &[u8], mark: &[u8]| bytes.windows(mark.len()).position(|part| part == mark);
    let head = end(&answer, b"\r\n\r\n").map_or(0, |at| at + 4);
    if end(&answer[..head], b"transfer-encoding: chunked").is_none() {
        return answer;
    }
    let mut rest = answer.split_off(head);
    while let Some(line) = end(&rest, b"\r\n") {
        let length = std::str::from_utf8(&rest[..line]).ok().and_then(|text| usize::from_str_radix(text, 16).ok());
        let length = length.expect("a chunk starts with its length");
        answer.extend_from_slice(&rest[line + 2..line + 2 + length]);
        rest.drain(..line + 2 + length + 2);
    }
    answer
}
