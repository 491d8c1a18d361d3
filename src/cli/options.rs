//! The options of `serve`, and what they make of a Config.

use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;
use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};
use etcetera::BaseStrategy;
use tokio_rustls::rustls::pki_types::DnsName;

use crate::config::{Config, EdgeBounds, TlsSource};
use crate::domain::imkit::files::FileBounds;
use crate::kernel::clock::Clock;
use crate::kernel::journal::Bounds;

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// An object a line.
    Json,
}

/// How to serve. Every option has an environment variable, `IMULATOR_` and its name.
#[derive(Debug, Args)]
pub struct ServeOptions {
    /// Where to listen: ADDR:PORT, repeatable. `localhost` is both loopbacks with one port; port 0 picks a free one.
    #[arg(
        long,
        env = "IMULATOR_LISTEN",
        value_name = "ADDR:PORT",
        default_value = "localhost:3100",
        value_delimiter = ','
    )]
    pub listen: Vec<String>,
    /// A state document that the world starts from and a reset returns to; repeatable, merged in order.
    /// Without one: the built-in demo world.
    #[arg(long, env = "IMULATOR_FIXTURE", value_name = "FILE", value_delimiter = ',')]
    pub fixture: Vec<PathBuf>,
    /// Start from an empty world instead of the demo.
    #[arg(long, env = "IMULATOR_EMPTY", value_parser = FalseyValueParser::new(), conflicts_with = "fixture")]
    pub empty: bool,
    /// Keep the world in this file: loaded at the start if it exists, written back at intervals and at the end.
    #[arg(long, env = "IMULATOR_STATE", value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Shortest time between two writes of the --state file; one that took long waits ten times as long.
    #[arg(long, env = "IMULATOR_STATE_INTERVAL", value_name = "TIME", default_value = "2s", value_parser = duration)]
    pub state_interval: Duration,
    /// Refuse tenants that no fixture names, instead of opening them from the template "*".
    #[arg(long, env = "IMULATOR_CLOSED", value_parser = FalseyValueParser::new())]
    pub closed: bool,
    /// Most tenants opened from the template; past it the least recently used are dropped.
    #[arg(long, env = "IMULATOR_TENANTS", value_name = "N", default_value_t = 10_000)]
    pub tenants: usize,
    /// Messages kept for each room or group; the oldest are dropped.
    #[arg(long, env = "IMULATOR_MESSAGES", value_name = "N", default_value_t = 10_000)]
    pub messages: usize,
    /// Largest file that an IMKIT client may upload; the form around it may have as much more as --max-body says.
    #[arg(long, env = "IMULATOR_MAX_FILE", value_name = "SIZE", default_value = "16MiB")]
    pub max_file: ByteSize,
    /// Bytes of all IMKIT files together, kept in memory; past it uploads are refused with 413.
    #[arg(long, env = "IMULATOR_MAX_ALL_FILES", value_name = "SIZE", default_value = "256MiB")]
    pub max_all_files: ByteSize,
    /// Enforce the documented calls per second.
    #[arg(long, env = "IMULATOR_ENFORCE_RATE_LIMITS", value_parser = FalseyValueParser::new())]
    pub enforce_rate_limits: bool,
    /// What all generated ids and tokens come from; random if absent.
    #[arg(long, env = "IMULATOR_SEED", value_name = "N")]
    pub seed: Option<u64>,
    /// The clock: `system`, `manual` (it stands still at 2026-01-05T09:00:00Z), or the moment to stand still at, RFC 3339.
    #[arg(long, env = "IMULATOR_CLOCK", value_name = "CLOCK", default_value = "system", value_parser = clock)]
    pub clock: Clock,
    /// Entries that the journal keeps; 0 turns it off.
    #[arg(long, env = "IMULATOR_JOURNAL", value_name = "N", default_value_t = 10_000)]
    pub journal: usize,
    /// Bytes that the journal keeps.
    #[arg(long, env = "IMULATOR_JOURNAL_BYTES", value_name = "SIZE", default_value = "64MiB")]
    pub journal_bytes: ByteSize,
    /// Most readers of the journal's stream at once; more are refused with 503.
    #[arg(long, env = "IMULATOR_MAX_STREAMS", value_name = "N", default_value_t = 1000)]
    pub max_streams: usize,
    /// Most fault rules at once.
    #[arg(long, env = "IMULATOR_MAX_FAULTS", value_name = "N", default_value_t = 1000)]
    pub max_faults: usize,
    /// What the control API wants as a bearer token; required to listen beyond loopback.
    #[arg(long, env = "IMULATOR_CONTROL_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub control_token: Option<String>,
    /// Written when requests are answered, with {"http","pid"}; removed at the end.
    #[arg(long, env = "IMULATOR_READY_FILE", value_name = "FILE")]
    pub ready_file: Option<PathBuf>,
    /// A host name of one's own that TLS has a certificate for and the control API answers under; repeatable,
    /// `*.` in front stands for one label. The vendors' hosts, localhost and addresses need none.
    #[arg(long, env = "IMULATOR_TLS_NAME", value_name = "NAME", value_delimiter = ',', value_parser = host_name)]
    pub tls_name: Vec<String>,
    #[command(flatten)]
    pub authority: AuthorityOptions,
    /// A certificate of one's own instead of the local authority's, as PEM, with those above it.
    #[arg(long, env = "IMULATOR_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The private key of --tls-cert, as PEM.
    #[arg(long, env = "IMULATOR_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Answer plain HTTP alone.
    #[arg(long, env = "IMULATOR_NO_TLS", value_parser = FalseyValueParser::new())]
    pub no_tls: bool,
    /// Most connections at once; more wait in the system's queue. Less where the system allows fewer open files.
    #[arg(long, env = "IMULATOR_MAX_CONNECTIONS", value_name = "N", default_value_t = 10_000)]
    pub max_connections: usize,
    /// How long the head of a request may take, an idle connection stay open, and TLS take to come about.
    #[arg(long, env = "IMULATOR_HEADER_TIMEOUT", value_name = "TIME", default_value = "30s", value_parser = duration)]
    pub header_timeout: Duration,
    /// How long the body of a request may take.
    #[arg(long, env = "IMULATOR_BODY_TIMEOUT", value_name = "TIME", default_value = "30s", value_parser = duration)]
    pub body_timeout: Duration,
    /// How long a write may make no progress because the client does not read; then its connection is cut.
    #[arg(long, env = "IMULATOR_WRITE_TIMEOUT", value_name = "TIME", default_value = "30s", value_parser = duration)]
    pub write_timeout: Duration,
    /// How long running requests get when the server stops.
    #[arg(long, env = "IMULATOR_STOP_TIMEOUT", value_name = "TIME", default_value = "5s", value_parser = duration)]
    pub stop_timeout: Duration,
    /// Largest body of a vendor request.
    #[arg(long, env = "IMULATOR_MAX_BODY", value_name = "SIZE", default_value = "1MiB")]
    pub max_body: ByteSize,
    /// Largest body of a control request.
    #[arg(long, env = "IMULATOR_MAX_CONTROL_BODY", value_name = "SIZE", default_value = "1GiB")]
    pub max_control_body: ByteSize,
    /// Bytes of all bodies together that come in pieces and are not answered yet; past it one more piece is refused,
    /// with 503 where the vendor has no code of its own.
    #[arg(long, env = "IMULATOR_MAX_ALL_BODIES", value_name = "SIZE", default_value = "1GiB")]
    pub max_all_bodies: ByteSize,
    /// Largest head of a request: its first line and headers; at least 8KiB.
    #[arg(long, env = "IMULATOR_MAX_HEAD", value_name = "SIZE", default_value = "64KiB", value_parser = head_size)]
    pub max_head: ByteSize,
    /// What to log to standard error, as in `info` or `imulator=debug`.
    #[arg(long, env = "IMULATOR_LOG", value_name = "FILTER", default_value = "info")]
    pub log: String,
    /// How to write the log.
    #[arg(long, env = "IMULATOR_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
}

/// Where the local authority of TLS is kept.
#[derive(Debug, Args)]
pub struct AuthorityOptions {
    /// Where the local authority is kept; made at first use. Without it: `imulator` in the user's data folder.
    #[arg(long, env = "IMULATOR_CA_DIR", value_name = "DIR")]
    pub ca_dir: Option<PathBuf>,
}

impl AuthorityOptions {
    /// The folder; `None` where this user has no folder for data.
    pub fn folder(&self) -> Option<PathBuf> {
        let data = || Some(etcetera::choose_base_strategy().ok()?.data_dir().join("imulator"));
        self.ca_dir.clone().or_else(data)
    }
}

impl ServeOptions {
    /// The options as plain data.
    pub fn config(&self) -> Config {
        let bytes = |size: ByteSize| usize::try_from(size.as_u64()).unwrap_or(usize::MAX);
        Config {
            listen: self.listen.clone(),
            closed: self.closed,
            tenants_max: self.tenants,
            callbacks: true,
            enforce_rate_limits: self.enforce_rate_limits,
            messages_max: self.messages,
            files: FileBounds { file_bytes_max: bytes(self.max_file), all_bytes_max: bytes(self.max_all_files) },
            seed: self.seed,
            journal: Bounds { entries: self.journal, bytes: bytes(self.journal_bytes) },
            control_token: self.control_token.clone(),
            names: self.tls_name.clone(),
            tls: self.tls(),
            state_file: self.state.clone(),
            state_interval: self.state_interval,
            faults_max: self.max_faults,
            streams_max: self.max_streams,
            edge: EdgeBounds {
                connections_max: self.max_connections,
                header_timeout: self.header_timeout,
                body_timeout: self.body_timeout,
                write_timeout: self.write_timeout,
                all_bodies_bytes_max: bytes(self.max_all_bodies),
                body_bytes_max: bytes(self.max_body),
                control_body_bytes_max: bytes(self.max_control_body),
                head_bytes_max: bytes(self.max_head),
                stop_timeout: self.stop_timeout,
            },
        }
    }

    fn tls(&self) -> TlsSource {
        match (&self.tls_cert, &self.tls_key) {
            _ if self.no_tls => TlsSource::Off,
            (Some(certificate), Some(key)) => TlsSource::Files { certificate: certificate.clone(), key: key.clone() },
            _ => TlsSource::Authority { folder: self.authority.folder() },
        }
    }
}

/// A host name, or `*.` and one.
fn host_name(text: &str) -> Result<String, String> {
    match DnsName::try_from(text.strip_prefix("*.").unwrap_or(text)) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("is not a host name; addresses need no --tls-name".to_owned()),
    }
}

/// A time as people write it: `10s`, `1m30s`, `250ms`.
fn duration(text: &str) -> Result<Duration, String> {
    let parsed: jiff::SignedDuration =
        text.parse().map_err(|fault| format!("{fault}; write a time as 10s or 250ms"))?;
    Duration::try_from(parsed).map_err(|_| "a time cannot be negative".to_owned())
}

/// `system`, `manual` or a moment.
fn clock(text: &str) -> Result<Clock, String> {
    match text {
        "system" => Ok(Clock::system()),
        "manual" => Ok(Clock::manual()),
        moment => {
            let wrong = |fault: String| format!("{fault}; write system, manual or a time as 2026-01-05T09:00:00Z");
            let clock = Clock::manual();
            let moment = moment.parse().map_err(|fault: jiff::Error| wrong(fault.to_string()))?;
            clock.set(moment).map_err(|fault| wrong(format!("it {fault}")))?;
            Ok(clock)
        }
    }
}

/// A size that the HTTP parser can work with.
fn head_size(text: &str) -> Result<ByteSize, String> {
    let size: ByteSize = text.parse().map_err(|fault: String| fault)?;
    if size < ByteSize::kib(8) {
        return Err("a head of less than 8KiB is not supported".into());
    }
    Ok(size)
}
