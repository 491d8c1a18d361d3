//! Fuzzing of imulator: the targets, and what they start from.

pub mod seeds;
pub mod targets;
