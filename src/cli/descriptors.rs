//! Open files: each connection is one to the system, and so are the state file and callbacks.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::Config;

/// Open files that are kept for everything but connections, at most: a quarter of what the system allows is enough too.
const KEPT_MAX: u64 = 256;

/// Asks the system for as many open files as the connections need; it may allow fewer.
pub fn raise(config: &Config) {
    let wanted = u64::try_from(config.edge.connections_max).unwrap_or(u64::MAX).saturating_add(KEPT_MAX);
    let limit = getrlimit(Resource::Nofile);
    let (Some(current), most) = (limit.current, limit.maximum.unwrap_or(u64::MAX)) else { return };
    if current < wanted
        && let Err(fault) = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted.min(most)), ..limit })
    {
        tracing::warn!(%fault, "the system's limit of open files stays at {current}");
    }
}

/// Lowers the bound of connections to what the system allows: past its limit nothing could be opened at all, the state
/// file among them.
pub fn fit(config: &mut Config) {
    let Some(allowed) = getrlimit(Resource::Nofile).current else { return };
    let connections = usize::try_from(allowed - (allowed / 4).min(KEPT_MAX)).unwrap_or(usize::MAX);
    if connections < config.edge.connections_max {
        tracing::warn!("the system allows {allowed} open files: at most {connections} connections at once");
        config.edge.connections_max = connections;
    }
}
