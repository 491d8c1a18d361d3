//! Faults: rules that say which calls are disturbed and how. They wrap the operations and never enter them.
//!
//! Pure: a plan decides and never waits; the edge does what it decided. No vendor's names and codes are known here.

pub mod pattern;
pub mod plan;
pub mod rule;
