//! Where the emulator listens: addresses out of words, and sockets out of addresses.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::TcpListener;

/// Tries to find a port that is free on both loopbacks.
const TRIES: usize = 16;

/// A place to listen at that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Not `ADDR:PORT`.
    #[error("--listen {0}: is not ADDR:PORT, as in 127.0.0.1:3100, [::1]:3100 or localhost:3100")]
    Malformed(String),
    /// The system refused.
    #[error("--listen {place}: {cause}")]
    Refused {
        /// The place.
        place: String,
        /// The system's word.
        cause: io::Error,
    },
}

/// Binds a place: `localhost` is both loopbacks with one port, ::1 left out where it cannot be bound.
///
/// # Errors
/// The place is malformed, or the system refuses it.
pub async fn bind(place: &str) -> Result<Vec<TcpListener>, ListenError> {
    let refused = |cause| ListenError::Refused { place: place.to_owned(), cause };
    let Some(port) = place.strip_prefix("localhost:") else {
        let address: SocketAddr = place.parse().map_err(|_| ListenError::Malformed(place.to_owned()))?;
        return Ok(vec![TcpListener::bind(address).await.map_err(refused)?]);
    };
    let port: u16 = port.parse().map_err(|_| ListenError::Malformed(place.to_owned()))?;
    for _ in 0..TRIES {
        let four = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(refused)?;
        let chosen = four.local_addr().map_err(refused)?.port();
        match TcpListener::bind((Ipv6Addr::LOCALHOST, chosen)).await {
            Ok(six) => return Ok(vec![four, six]),
            // A port of our own choice that another holds on ::1: choose again.
            Err(cause) if cause.kind() == io::ErrorKind::AddrInUse && port == 0 => {}
            Err(cause) if cause.kind() == io::ErrorKind::AddrInUse => return Err(refused(cause)),
            Err(_) => return Ok(vec![four]),
        }
    }
    Err(refused(io::Error::new(io::ErrorKind::AddrInUse, "no port is free on both loopbacks")))
}

/// Whether a place is reachable from this machine alone; malformed ones count as such, they fail later.
pub fn is_loopback(place: &str) -> bool {
    match place.parse::<SocketAddr>() {
        Ok(address) => {
            address.ip().is_loopback()
                || matches!(address.ip(), IpAddr::V6(six) if six.to_ipv4_mapped().is_some_and(|four| four.is_loopback()))
        }
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_places_need_no_token() {
        for (place, loopback) in
            [("127.0.0.1:1", true), ("[::1]:1", true), ("localhost:1", true), ("0.0.0.0:1", false), ("[::]:1", false)]
        {
            assert_eq!(is_loopback(place), loopback, "{place}");
        }
    }
}
