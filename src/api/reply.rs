//! Reply: what a door answers, before the edge sends it.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;

use crate::kernel::scratch;
use crate::kernel::tenancy::Tenancy;

/// A body that comes piece by piece, as fast as its reader takes it.
pub type Flow = UnsyncBoxBody<Bytes, Infallible>;

/// An answer.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: StatusCode,
    /// The vendor's own headers; the edge adds ours.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// A body that is sent instead of the one above: a stream, which the journal does not keep.
    pub flow: Option<Flow>,
    /// The line for a person, where the call was refused.
    pub why: Option<String>,
    /// Whose call it was, where that came to be known.
    pub tenant: Option<Arc<Tenancy>>,
}

/// A body as it is written: one allocation of its own size.
pub fn body(write: impl FnOnce(&mut Vec<u8>)) -> Bytes {
    let mut buffer = scratch::take();
    write(&mut buffer);
    let body = Bytes::copy_from_slice(&buffer);
    scratch::give_back(buffer);
    body
}

impl Reply {
    /// An answer without headers and explanation.
    pub fn new(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self { status, headers: HeaderMap::new(), body: body.into(), flow: None, why: None, tenant: None }
    }
}
