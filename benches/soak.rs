//! Mixed load for as long as one likes, and what is left of it: memory that stays where it is, nothing open that was not
//! open before, a stream of numbers without a gap, and rosters that the journal rebuilds.
//!
//! `cargo bench --bench soak` takes 20 s, `cargo bench --bench soak -- --seconds 600` ten minutes. Linux only.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program whose figures are the point")]

mod load;
mod rosters;
mod world;

use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytesize::ByteSize;
use clap::Parser;
use imulator::kernel::clock::{Stopwatch, sleep_real};
use load::line::Line;
use load::server::{Server, Usage, open_many};
use parking_lot::Mutex;
use rosters::Told;
use tokio::io::AsyncWriteExt;
use tokio::task::JoinSet;

/// Mixed load, and what is left of it.
#[derive(Clone, Debug, Parser)]
struct Options {
    /// How long.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Calls a second at most, all callers together.
    #[arg(long, default_value_t = 2000)]
    rate: u64,
    /// How much more memory may be taken at the end than after the warm-up: a fifth of the time, 10 s at least, but no more
    /// than half.
    #[arg(long, value_name = "SIZE", default_value = "16MiB")]
    growth_max: ByteSize,
    /// What cargo adds.
    #[arg(long, hide = true)]
    bench: bool,
}

/// Who asks.
const CALLERS: u64 = 16;
/// Room for the journal's reader to fall behind; full within the warm-up.
const JOURNAL: &str = "6000";
/// Seconds of warm-up at least, where there are twice as many.
const WARM_UP_MIN: usize = 10;
/// Kept for each room or group, so that this is reached within the warm-up.
const MESSAGES: &str = "50";
/// The longest wait for the stream to tell what has happened.
const PATIENCE: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    let options = Options::parse();
    open_many();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
    let faults = runtime.block_on(run(&options));
    faults.iter().take(20).for_each(|fault| eprintln!("FAILED: {fault}"));
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn run(options: &Options) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let fixture = folder.path().join("world.json");
    std::fs::write(&fixture, world::document().to_string()).expect("writable");
    let fixture = fixture.to_str().expect("UTF-8");
    let server = Server::start(&["--fixture", fixture, "--journal", JOURNAL, "--messages", MESSAGES]);
    let at_rest = server.usage();
    let mut line = Line::to(&server.host).await.expect("it accepts");
    let start = rosters::look_up(&mut line).await.expect("it answers");
    drop(line);

    let told = Arc::new(Mutex::new(Told::from_start(start)));
    let mut stream = rosters::listen(&server.host).await.expect("it streams");
    let listening = tokio::spawn({
        let told = told.clone();
        async move {
            while let Ok(Some(line)) = stream.text_line().await {
                told.lock().take(&line);
            }
        }
    });
    let watch = Stopwatch::start();
    let (samples, calls) = soak(&server, options).await;
    let rate = calls as f64 / watch.elapsed().as_secs_f64();
    let mut faults = memory(&samples, options);
    println!("{calls} calls, {rate:.0} a second");

    let last = last_of(&server.host).await;
    let patience = Stopwatch::start();
    while told.lock().last < last && patience.elapsed() < PATIENCE {
        sleep_real(Duration::from_millis(20)).await;
    }
    let mut line = Line::to(&server.host).await.expect("it accepts");
    let found = rosters::look_up(&mut line).await.expect("it answers");
    faults.extend(compare(&told.lock(), last, &found));
    faults.extend(check(line, folder.path()).await);
    listening.abort();
    drop(listening.await);
    faults.extend(left_open(&server, at_rest).await);
    faults
}

/// The load; gives the memory of each second, and how many calls were answered.
async fn soak(server: &Server, options: &Options) -> (Vec<u64>, u64) {
    let calls = Arc::new(AtomicU64::new(0));
    let period = Duration::from_secs_f64(CALLERS as f64 / options.rate as f64);
    let length = Duration::from_secs(options.seconds);
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let (host, calls) = (server.host.clone(), calls.clone());
        callers.spawn(async move {
            let (watch, mut dice) = (Stopwatch::start(), world::Dice(caller * 7919 + 1));
            let mut line = Line::to(&host).await.expect("it accepts");
            for number in 0_u32.. {
                if watch.elapsed() > length {
                    break;
                }
                let answer = line.ask(&world::any(&mut dice, caller)).await.expect("it answers");
                assert!(!world::is_fault(&answer), "{} {}", answer.status, answer.text());
                calls.fetch_add(1, Ordering::Relaxed);
                // Connections come and go, too.
                if number % 500 == 499 {
                    line = Line::to(&host).await.expect("it accepts");
                }
                sleep_real((period * number).saturating_sub(watch.elapsed())).await;
            }
        });
    }
    let watching = async {
        let mut samples = Vec::new();
        for _ in 0..options.seconds {
            sleep_real(Duration::from_secs(1)).await;
            samples.push(server.usage().rss);
        }
        samples
    };
    let (samples, _) = tokio::join!(watching, callers.join_all());
    (samples, calls.load(Ordering::Relaxed))
}

/// Memory after the warm-up against memory at the end, and the slope between.
fn memory(samples: &[u64], options: &Options) -> Vec<String> {
    let warm_up = (samples.len() / 5).max(WARM_UP_MIN).min(samples.len() / 2);
    let after = &samples[warm_up..];
    let part = (after.len() / 4).max(1);
    let mean = |of: &[u64]| of.iter().sum::<u64>() as f64 / of.len() as f64;
    let (first, last) = (mean(&after[..part]), mean(&after[after.len() - part..]));
    let growth = last - first;
    println!(
        "memory: {:.1} MiB after the warm-up, {:.1} MiB at the end; {:+.0} KiB a minute",
        first / 1024.0,
        last / 1024.0,
        slope(after) * 60.0
    );
    let most = options.growth_max.as_u64() as f64 / 1024.0;
    if growth > most { vec![format!("memory grew by {growth:.0} KiB, more than {most:.0}")] } else { Vec::new() }
}

/// KiB a second, by least squares over samples of one second each.
fn slope(samples: &[u64]) -> f64 {
    let count = samples.len() as f64;
    let (x_mean, y_mean) = ((count - 1.0) / 2.0, samples.iter().sum::<u64>() as f64 / count);
    let (mut above, mut below) = (0.0, 0.0);
    for (at, sample) in samples.iter().enumerate() {
        let x = at as f64 - x_mean;
        above += x * (*sample as f64 - y_mean);
        below += x * x;
    }
    if below > 0.0 { above / below } else { 0.0 }
}

/// The number of the last entry.
async fn last_of(host: &str) -> u64 {
    let mut line = Line::to(host).await.expect("it accepts");
    let ask = b"GET /_imulator/journal?limit=1 HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let last = line.ask(ask).await.expect("it answers").json()["last"].as_u64();
    // A page that was cut ends with its own last entry; this one asks for what comes after everything.
    let beyond = format!("GET /_imulator/journal?after={}&limit=1 HTTP/1.1\r\nhost: localhost\r\n\r\n", u64::MAX >> 1);
    line.ask(beyond.as_bytes()).await.expect("it answers").json()["last"].as_u64().or(last).unwrap_or(0)
}

/// What the stream told against what the emulator says.
fn compare(told: &Told, last: u64, found: &rosters::Rosters) -> Vec<String> {
    let mut faults = told.faults.clone();
    if told.last < last {
        faults.push(format!("the stream came to {}, the journal to {last}", told.last));
    }
    let mut inside = 0;
    for (name, members) in found {
        inside += members.len();
        if told.rosters.get(name) != Some(members) {
            faults.push(format!("{name}: {members:?}, but by its events {:?}", told.rosters.get(name)));
        }
    }
    println!(
        "events: {} entries without a gap, {} events, {} rosters of {inside} members rebuilt, {} faults",
        told.last,
        told.events,
        found.len(),
        faults.len()
    );
    faults
}

/// The world as it is now is a sound document.
async fn check(mut line: Line, folder: &std::path::Path) -> Option<String> {
    // HTTP/1.0 knows no chunks: the document ends with its connection.
    line.stream.write_all(b"GET /_imulator/state HTTP/1.0\r\nhost: localhost\r\n\r\n").await.expect("it reads");
    let answer = line.rest().await;
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer has a head");
    let file = folder.join("after.json");
    std::fs::write(&file, &answer[head + 4..]).expect("writable");
    let checked =
        Command::new(env!("CARGO_BIN_EXE_imulator")).arg("check").arg(&file).output().expect("the binary runs");
    (!checked.status.success()).then(|| format!("the state is faulty: {}", String::from_utf8_lossy(&checked.stderr)))
}

/// What is still open once everybody has gone.
async fn left_open(server: &Server, at_rest: Usage) -> Vec<String> {
    // Who no longer listens to the stream is noticed when there is something to tell.
    for _ in 0..3 {
        let mut line = Line::to(&server.host).await.expect("it accepts");
        line.ask(&world::any(&mut world::Dice(1), 0)).await.expect("it answers");
        sleep_real(Duration::from_millis(50)).await;
    }
    let settled = server.settles(at_rest.files).await;
    let now = server.usage();
    println!(
        "at rest: {} files and {} threads before, {} and {} after",
        at_rest.files, at_rest.threads, now.files, now.threads
    );
    let mut faults = Vec::new();
    if !settled {
        faults.push(format!("{} files are still open, {} before", now.files, at_rest.files));
    }
    if now.threads > at_rest.threads + 2 {
        faults.push(format!("{} threads are left, {} before", now.threads, at_rest.threads));
    }
    faults
}
