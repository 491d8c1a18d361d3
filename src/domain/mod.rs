//! The rules of the emulated systems: no HTTP, no JSON, no vendor's numbers; each function runs to its end.
//!
//! Three systems on one kernel that never import each other: Room Engine rooms, Chat groups, IMKIT rooms. Beside them
//! the accounts of a Tencent app, the settings of tenants, and the world that holds them all.

pub mod accounts;
pub mod callbacks;
pub mod client;
pub mod groups;
pub mod imkit;
pub mod invalid;
pub mod rates;
pub mod rooms;
pub mod settings;
pub mod state;
pub mod tencent;
pub mod versions;
pub mod world;
pub mod written;
