//! What an emulator survives: each attack beside a client that has done nothing wrong, whose calls are timed against its
//! own calls in peace. Prints a table; fails where an attack has not the outcome it must have, where memory goes past its
//! bound, or where something is left open at the end.
//!
//! `cargo bench --bench starvation` takes less than a minute, `cargo bench --bench starvation -- --long` opens 100 000
//! tenants and asks 10 million times. Linux only.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program whose table is the point")]

mod attacks;
mod load;

use std::process::ExitCode;
use std::time::Duration;

use bytesize::ByteSize;
use clap::Parser;
use imulator::kernel::clock::sleep_real;
use load::probe::{Probe, SDKAPPID, Spread};
use load::server::{Server, open_many};
use serde_json::json;

use attacks::Attack;

/// Wears an emulator down and looks what becomes of the others.
#[derive(Debug, Parser)]
struct Options {
    /// 100 000 tenants and 10 million requests instead of a few.
    #[arg(long)]
    long: bool,
    /// Most resident memory that the emulator may take at any time.
    #[arg(long, value_name = "SIZE", default_value = "768MiB")]
    rss_max: ByteSize,
    /// Only attacks whose name has this in it.
    #[arg(value_name = "NAME", default_value = "")]
    only: String,
    /// What cargo adds.
    #[arg(long, hide = true)]
    bench: bool,
}

/// The time of the client in peace.
const PEACE: Duration = Duration::from_secs(3);

fn main() -> ExitCode {
    let options = Options::parse();
    open_many();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
    let faults = runtime.block_on(run(&options));
    faults.iter().for_each(|fault| eprintln!("FAILED: {fault}"));
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn run(options: &Options) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let fixture = folder.path().join("world.json");
    std::fs::write(&fixture, world().to_string()).expect("writable");
    let fixture = fixture.to_str().expect("UTF-8");
    let server = Server::start(&["--fixture", fixture, "--header-timeout", "4s", "--body-timeout", "4s"]);
    let peace = calls(&server, sleep_real(PEACE)).await.0;
    let at_rest = server.usage();
    println!("in peace: {} calls, median {:?}, p99 {:?}; {}", peace.calls, peace.median, peace.p99, at_rest.mib());
    println!(
        "\n| attack | outcome | others' median | others' p99 | memory meanwhile | after |\n|---|---|---|---|---|---|"
    );
    let mut faults = Vec::new();
    for attack in attacks::all(options.long).into_iter().filter(|attack| attack.name().contains(&options.only)) {
        let (most, outcome, spread) = under(&server, attack, &mut faults).await;
        if !server.settles(at_rest.files).await {
            faults.push(format!("{}: {} files are still open", attack.name(), server.usage().files));
        }
        let ratio = |one: Duration, other: Duration| one.as_secs_f64() / other.as_secs_f64();
        println!(
            "| {} | {outcome} | {:.2} | {:.2} | {:.1} MiB | {} |",
            attack.name(),
            ratio(spread.median, peace.median),
            ratio(spread.p99, peace.p99),
            most as f64 / 1024.0,
            server.usage().mib(),
        );
        if most * 1024 > options.rss_max.as_u64() {
            faults.push(format!("{}: {} KiB of memory", attack.name(), most));
        }
    }
    let again = calls(&server, sleep_real(PEACE)).await.0;
    println!("\nin peace again: median {:?}, p99 {:?}; {}", again.median, again.p99, server.usage().mib());
    if server.usage().threads > at_rest.threads + 2 {
        faults.push(format!("{} threads, {} at rest", server.usage().threads, at_rest.threads));
    }
    faults
}

/// Runs an attack while others are served; gives the most memory, the outcome and the others' times.
async fn under(server: &Server, attack: Attack, faults: &mut Vec<String>) -> (u64, String, Spread) {
    let mut most = 0;
    let (spread, outcome) = {
        let watched = async {
            let attacking = attack.run(server);
            tokio::pin!(attacking);
            loop {
                tokio::select! {
                    outcome = &mut attacking => break outcome,
                    () = sleep_real(Duration::from_millis(50)) => most = most.max(server.usage().rss),
                }
            }
        };
        calls(server, watched).await
    };
    most = most.max(server.usage().rss);
    let outcome = outcome.unwrap_or_else(|fault| {
        faults.push(format!("{}: {fault}", attack.name()));
        fault
    });
    (most, outcome, spread)
}

/// The times of the client that has done nothing wrong, while something goes on.
async fn calls<T>(server: &Server, meanwhile: impl Future<Output = T>) -> (Spread, T) {
    let probe = Probe::start(&server.host);
    let done = meanwhile.await;
    (probe.end().await, done)
}

/// The client's group, and those of the flood.
fn world() -> serde_json::Value {
    let group = |id: String| json!({"GroupId": id, "Type": "Public", "Name": "n"});
    let accounts = json!([{"UserID": "guest"}]);
    let flood: Vec<_> = (0..attacks::LINES).map(|at| group(format!("g{at}"))).collect();
    json!({"imulator": 1, "tencent": {
        SDKAPPID.to_string(): {"accounts": accounts, "groups": [group("probe".into())]},
        attacks::SDKAPPID.to_string(): {"accounts": accounts, "groups": flood},
        "*": {},
    }})
}
