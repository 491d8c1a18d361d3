//! imulator: an emulator of three chat back ends' HTTP APIs, for tests, development and demos without a network.
//!
//! Tencent Chat groups, Tencent Room Engine rooms and IMKIT answer on one port as their documentation says, with state
//! behind them. The binary serves; the library starts an [`Emulator`] inside a test.

pub mod api;
pub mod cli;
pub mod config;
pub mod document;
pub mod domain;
pub mod edge;
pub mod emulator;
pub mod faults;
pub mod kernel;
pub mod state_file;
pub mod strict;
pub mod timekeeper;
pub mod trail;
pub mod webhooks;

pub use crate::config::{Config, EdgeBounds, TlsSource};
pub use crate::document::DocumentError;
pub use crate::domain::state::State;
pub use crate::edge::line::NoReply;
pub use crate::emulator::{
    Builder, ClockHandle, Emulator, FaultError, FaultsHandle, JournalEntry, JournalHandle, NotSeen, StartError,
};
pub use crate::kernel::clock::{Clock, OutOfRange, Timestamp};
pub use crate::kernel::fact::Fact;

/// The README's Rust example, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
