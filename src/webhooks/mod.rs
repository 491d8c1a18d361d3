//! Callbacks out: what happened is told to the receivers that applications name, and some are asked before it happens.
//!
//! Follows the journal and never holds up a request: each receiver has a bounded queue and one connection of its own.
//! The words are the doors' (api); here are order, bounds, time and the outgoing connection. Knows nothing of the edge.

pub mod ask;
pub mod client;
pub mod courier;
pub mod outgoing;
pub mod post;
pub mod queue;
