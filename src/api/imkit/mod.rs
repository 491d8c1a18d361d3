//! IMKIT's door: two kinds of keys, tokens, and the envelope `RC`, `RM`, `result`.

pub mod batch;
pub mod blocks;
pub mod client_view;
pub mod clients;
pub mod codes;
pub mod deleting;
pub mod envelope;
pub mod fields;
pub mod gateway;
pub mod groups;
pub mod history;
pub mod invitations;
pub mod jwt;
pub mod list;
pub mod marking;
pub mod member_property;
pub mod member_view;
pub mod members;
pub mod message_query;
pub mod message_view;
pub mod messages;
pub mod mutes;
pub mod preferences;
pub mod query;
pub mod reading;
pub mod room_ids;
pub mod room_view;
pub mod rooms;
pub mod search;
mod table;

pub use table::operations;
