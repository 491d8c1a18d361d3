//! Call: one request, as it arrived, and once its door has let it in.

use std::sync::Arc;

use bytes::Bytes;
use compact_str::CompactString;
use http::request::Parts;
use smallvec::SmallVec;

use crate::api::house::House;
use crate::api::operation::{Gateway, Operation};
use crate::domain::world::World;

/// The segments of a path that stand for something, by name, percent-decoded.
pub type PathParams = SmallVec<[(CompactString, CompactString); 2]>;

/// Marks a request that came by TLS, among its extensions.
#[derive(Clone, Copy, Debug)]
pub struct Encrypted;

/// A request as it came in, with the world it will live in to its end.
#[derive(Debug)]
pub struct Arrival {
    /// The house it came to.
    pub house: Arc<House>,
    /// The world at its arrival; a reset does not change it.
    pub world: Arc<World>,
    /// The call's number.
    pub number: u64,
    /// The row that answers it.
    pub operation: &'static Operation,
    /// The request's head.
    pub head: Arc<Parts>,
    /// The path's parameters.
    pub params: PathParams,
    /// The body.
    pub body: Bytes,
}

impl Arrival {
    /// A parameter of the path; empty if the path has none of that name.
    pub fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    /// A header's value, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The query string, as it was sent.
    pub fn query(&self) -> &str {
        self.head.uri.query().unwrap_or("")
    }
}

/// A request that its door let in.
#[derive(Debug)]
pub struct Call<G: Gateway> {
    /// The application it is for.
    pub app: Arc<G::App>,
    /// Who calls.
    pub caller: G::Caller,
    /// The request.
    pub arrival: Arc<Arrival>,
}
