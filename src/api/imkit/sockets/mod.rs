//! What sockets are told and how they sign in, in the vendor's words. The sockets themselves are the edge's.

pub mod news;
pub mod payload;
pub mod sign_in;
