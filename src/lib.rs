//! imulator: an emulator of three chat back ends' HTTP APIs.
pub mod api;
pub mod config;
pub mod domain;
pub mod kernel;
