//! The commands that do one thing and end.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::api::openapi;
use crate::api::tencent::usersig::{self, Ticket};
use crate::cli::client::{Target, block_on};
use crate::cli::{FOUND, fail, print, print_json};
use crate::document;
use crate::kernel::clock::{Clock, Timestamp};

/// How long a health check waits.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(3);

/// Checks state documents.
#[derive(Debug, Args)]
pub struct Check {
    /// The documents.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

impl Check {
    /// Prints every fault; exits 1 if there is any.
    pub fn run(self) -> ExitCode {
        let mut sound = true;
        for file in &self.files {
            let Err(error) = document::from_file(file) else {
                print(&format!("{}: ok\n", file.display()));
                continue;
            };
            sound = false;
            let place = error.place.map_or(String::new(), |(line, column)| format!(":{line}:{column}"));
            for fault in &error.faults {
                let path = if fault.path.is_empty() { String::new() } else { format!(" {}:", fault.path) };
                print(&format!("{}{place}:{path} {}\n", error.source, fault.message));
            }
        }
        if sound { ExitCode::SUCCESS } else { ExitCode::from(FOUND) }
    }
}

/// Makes or verifies a UserSig.
#[derive(Debug, Args)]
pub struct UserSig {
    /// The application's number.
    #[arg(long, value_name = "N")]
    sdkappid: u64,
    /// The application's secret key, as it is written.
    #[arg(long, value_name = "KEY", env = "IMULATOR_USERSIG_KEY", hide_env_values = true)]
    key: String,
    /// The account that it is for.
    #[arg(long, value_name = "UserID")]
    identifier: String,
    /// How long it is good, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 15_552_000)]
    expire: i64,
    /// When it is made, or when it is verified: RFC 3339 or Unix seconds; now if absent.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: Option<Timestamp>,
    /// Tells whether this one is good, and why not, instead of making one.
    #[arg(long, value_name = "USERSIG")]
    verify: Option<String>,
}

fn moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(Timestamp::from_seconds(seconds));
    }
    text.parse().map_err(|fault| format!("{fault}; write RFC 3339 or Unix seconds"))
}

impl UserSig {
    /// Prints a UserSig, or the verdict over one; exits 1 if it is not good.
    pub fn run(self) -> ExitCode {
        let now = self.at.unwrap_or_else(|| Clock::system().now()).seconds();
        let Some(signature) = &self.verify else {
            let ticket = Ticket {
                identifier: self.identifier,
                sdkappid: self.sdkappid,
                time: now,
                expire: self.expire,
                userbuf: None,
            };
            print(&format!("{}\n", usersig::generate(&self.key, &ticket)));
            return ExitCode::SUCCESS;
        };
        match usersig::verify(&self.key, signature, self.sdkappid, &self.identifier, now) {
            Ok(ticket) => {
                print(&format!("good until {}\n", Timestamp::from_seconds(ticket.valid_until())));
                ExitCode::SUCCESS
            }
            Err(error) => {
                print(&format!("not good: {error}\n"));
                ExitCode::from(FOUND)
            }
        }
    }
}

/// How the table is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TableFormat {
    /// Columns for people.
    Table,
    /// A JSON array.
    Json,
    /// Markdown, as in docs/operations.md.
    Markdown,
}

/// Prints the table of operations.
#[derive(Debug, Args)]
pub struct Operations {
    /// How.
    #[arg(long, default_value = "table")]
    format: TableFormat,
}

impl Operations {
    /// Prints it.
    pub fn run(self) -> ExitCode {
        match self.format {
            TableFormat::Json => return print_json(&serde_json::to_value(openapi::rows()).unwrap_or_default()),
            TableFormat::Markdown => print(&openapi::markdown()),
            TableFormat::Table => {
                let rows = openapi::rows();
                let wide = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
                for row in rows {
                    let rate = if row.per_second == 0 { String::new() } else { format!("  {}/s", row.per_second) };
                    let limits = row.limits.join("; ");
                    print(&format!("{:wide$}  {:6} {}{rate}  {limits}  {}\n", row.name, row.method, row.path, row.doc));
                }
            }
        }
        ExitCode::SUCCESS
    }
}

/// Asks a running emulator whether it answers.
#[derive(Debug, Args)]
pub struct Healthcheck {
    #[command(flatten)]
    target: Target,
}

impl Healthcheck {
    /// Exits 0 if it does, 1 if not.
    pub fn run(self) -> ExitCode {
        let asked = async { self.target.client(HEALTH_TIMEOUT)?.control(&self.target, "health").await };
        match block_on(asked).and_then(|asked| asked) {
            Ok(body) => {
                print(&format!("{}\n", String::from_utf8_lossy(&body)));
                ExitCode::SUCCESS
            }
            Err(message) => {
                fail(&format!("{}: {message}", self.target.url));
                ExitCode::from(FOUND)
            }
        }
    }
}
