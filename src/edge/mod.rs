//! The edge: sockets, and one list of stages from a request to its reply. Nothing below it touches a socket.

pub mod authority;
pub mod disturb;
pub mod exchange;
pub mod guarded;
pub mod hosts;
pub mod line;
pub mod listen;
pub mod pipeline;
pub mod server;
pub mod sockets;
pub mod tls;
pub mod upload;
