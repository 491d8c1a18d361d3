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
    /// Host names, besides loopback and addresses, that the control API accepts.
    pub names: Vec<String>,
    /// The state file, loaded at the start and written back.
    pub state_file: Option<PathBuf>,
    /// Bounds of the edge.
    pub edge: EdgeBounds,
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
            enforce_rate_limits: false,
            messages_max: 10_000,
            files: FileBounds::default(),
            seed: None,
            journal: Bounds { entries: 10_000, bytes: 64 * 1024 * 1024 },
            control_token: None,
            names: Vec::new(),
            state_file: None,
            edge: EdgeBounds::default(),
        }
    }
}
