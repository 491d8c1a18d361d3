//! The emulator as a process of its own, and what it takes of the machine, as Linux tells in `/proc`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use imulator::kernel::clock::{Stopwatch, sleep_real};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::time::Duration;

/// The longest wait for something to be over.
const PATIENCE: Duration = Duration::from_secs(40);

/// A running emulator; ended when dropped.
pub struct Server {
    child: Child,
    /// `127.0.0.1:49213`.
    pub host: String,
}

/// What a process takes.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Resident memory, KiB.
    pub rss: u64,
    pub threads: u64,
    /// Open files: connections, for the most part.
    pub files: usize,
}

impl Usage {
    /// Resident memory as people write it.
    pub fn mib(&self) -> String {
        format!("{:.1} MiB", self.rss as f64 / 1024.0)
    }
}

impl Server {
    /// Starts it on a free port with these options more, and waits until it is ready.
    pub fn start(options: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_imulator"));
        command.args(["--listen", "127.0.0.1:0", "--log", "error"]).args(options);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("the binary starts");
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
        stdout.read_line(&mut line).expect("it is text");
        let host = line.trim_end().strip_prefix("imulator ready on http://").unwrap_or_default().to_owned();
        assert!(!host.is_empty(), "not a ready line: {line:?}");
        Self { child, host }
    }

    /// What it takes now.
    pub fn usage(&self) -> Usage {
        let place = format!("/proc/{}", self.child.id());
        let status = fs::read_to_string(format!("{place}/status")).expect("the process runs");
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("");
            line.split_whitespace().next().and_then(|word| word.parse().ok()).expect("a number")
        };
        let files = fs::read_dir(format!("{place}/fd")).expect("the process is ours").count();
        Usage { rss: number("VmRSS:"), threads: number("Threads:"), files }
    }

    /// Waits until no more files are open than this; whether that came to be.
    pub async fn settles(&self, files: usize) -> bool {
        let watch = Stopwatch::start();
        while self.usage().files > files {
            if watch.elapsed() > PATIENCE {
                return false;
            }
            sleep_real(Duration::from_millis(20)).await;
        }
        true
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Lets this process open as many connections as the system allows.
pub fn open_many() {
    let limit = getrlimit(Resource::Nofile);
    if let Err(fault) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        eprintln!("the limit of open files stays: {fault}");
    }
}
