//! The cellar of the house: what every chat system needs and none owns.
//!
//! Members in join order, entities with one lock each, time, ids, facts and the journal they end up in.
//! Knows no vendor, no HTTP and no JSON: tenants and entities are keys to it, payloads are opaque.

pub mod clock;
pub mod delivery;
pub mod ending;
pub mod exchange;
pub mod fact;
pub mod follower;
pub mod ids;
pub mod journal;
pub mod memberships;
pub mod names;
pub mod registry;
pub mod ring;
pub mod roster;
pub mod scratch;
pub mod table;
pub mod tenancy;
pub mod turn;
