//! Config: what the command line and a test say about an emulator, as plain data with its defaults.

use std::path::PathBuf;
use std::time::Duration;

use crate::domain::imkit::files::FileBounds;
use crate::kernel::journal::Bounds;

/// Everything that can be set before the start.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen; `localhost` is both loopbacks.
    pub listen: Vec<String>,
    /// Refuse tenants that no fixture names.
    pub closed: bool,
    /// Most tenants that open from the template.
    pub tenants_max: usize,
    /// Call the receivers of callbacks and webhooks; without, nothing leaves the process.
    pub callbacks: bool,
    /// Enforce the documented calls per second.
    pub enforce_rate_limits: bool,
    /// Messages kept for each room or group.
    pub messages_max: usize,
    /// How much is kept of files.
    pub files: FileBounds,
    /// What generated ids come from; `None` takes a random one.
    pub seed: Option<u64>,
    /// What the journal keeps.
    pub journal: Bounds,
    /// What the control API wants as a bearer token.
    pub control_token: Option<String>,
    /// Host names of one's own, or `*.` and one: the control API accepts them, and TLS has a certificate for them.
    pub names: Vec<String>,
    /// How TLS is answered.
    pub tls: TlsSource,
    /// The state file, loaded at the start and written back.
    pub state_file: Option<PathBuf>,
    /// The shortest time between two writes of the state file, real time.
    pub state_interval: Duration,
    /// Most fault rules at once.
    pub faults_max: usize,
    /// Most readers of the journal's stream at once.
    pub streams_max: usize,
    /// Bounds of the edge.
    pub edge: EdgeBounds,
}

/// Where the certificates of TLS come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsSource {
    /// No TLS.
    Off,
    /// From files, as PEM: a certificate with those above it, and its key.
    Files {
        /// The certificate first, then its authorities.
        certificate: PathBuf,
        /// The private key.
        key: PathBuf,
    },
    /// From the local authority.
    Authority {
        /// Where the authority is kept; `None` makes one that ends with the emulator.
        folder: Option<PathBuf>,
    },
}

impl Default for TlsSource {
    fn default() -> Self {
        Self::Authority { folder: None }
    }
}

/// Whether a host name, or every one below `*.`, is this host; the star stands for one label, as in certificates.
pub fn covers(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(above) => {
            host.split_once('.').is_some_and(|(label, rest)| !label.is_empty() && rest.eq_ignore_ascii_case(above))
        }
        None => host.eq_ignore_ascii_case(name),
    }
}

/// Bounds of connections, requests and time at the edge.
#[derive(Clone, Copy, Debug)]
pub struct EdgeBounds {
    /// Most connections at once; more wait in the system's queue.
    pub connections_max: usize,
    /// How long a request's head may take, real time.
    pub header_timeout: Duration,
    /// How long a request's body may take, real time.
    pub body_timeout: Duration,
    /// How long a write may make no progress because the client does not read, real time.
    pub write_timeout: Duration,
    /// Most bytes of all bodies together that came in pieces and whose requests are not answered yet.
    pub all_bodies_bytes_max: usize,
    /// Most bytes of a vendor request's body.
    pub body_bytes_max: usize,
    /// Most bytes of a control request's body.
    pub control_body_bytes_max: usize,
    /// Most bytes of a request's head.
    pub head_bytes_max: usize,
    /// How long running requests get when the server stops, real time.
    pub stop_timeout: Duration,
}

impl Default for EdgeBounds {
    fn default() -> Self {
        Self {
            connections_max: 10_000,
            header_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            all_bodies_bytes_max: 1024 * 1024 * 1024,
            body_bytes_max: 1024 * 1024,
            control_body_bytes_max: 1024 * 1024 * 1024,
            head_bytes_max: 64 * 1024,
            stop_timeout: Duration::from_secs(5),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: vec!["localhost:3100".into()],
            closed: false,
            tenants_max: 10_000,
            callbacks: true,
            enforce_rate_limits: false,
            messages_max: 10_000,
            files: FileBounds::default(),
            seed: None,
            journal: Bounds { entries: 10_000, bytes: 64 * 1024 * 1024 },
            control_token: None,
            names: Vec::new(),
            tls: TlsSource::default(),
            state_file: None,
            state_interval: Duration::from_secs(2),
            faults_max: 1000,
            streams_max: 1000,
            edge: EdgeBounds::default(),
        }
    }
}
