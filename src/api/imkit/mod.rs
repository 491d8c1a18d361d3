//! IMKIT's door: two kinds of keys, tokens, and the envelope `RC`, `RM`, `result`.

pub mod badges;
pub mod batch;
pub mod client_list;
pub mod client_view;
pub mod clients;
pub mod codes;
pub mod config;
pub mod deleting;
pub mod envelope;
pub mod fields;
pub mod gateway;
pub mod history;
pub mod invitations;
pub mod jwt;
pub mod list;
pub mod marking;
pub mod me;
pub mod members;
pub mod message_query;
pub mod message_view;
pub mod messages;
pub mod preferences;
pub mod push;
pub mod query;
pub mod reading;
pub mod robots;
pub mod room_view;
pub mod rooms;
pub mod search;
pub mod stats;
mod table;
pub mod tokens;
pub mod webhooks;

pub use table::operations;
