//! IMKIT's gateway.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

use crate::api::reply::Reply;

/// A refusal in IMKIT's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImkitRefusal {
    /// `RC`, and the HTTP status.
    pub status: StatusCode,
    /// The line for a person.
    pub why: String,
}

impl ImkitRefusal {
    /// A refusal that the edge itself makes.
    pub fn edge(status: StatusCode, why: String) -> Self {
        Self { status, why }
    }

    /// The reply.
    pub fn reply(&self) -> Reply {
        Reply { why: Some(self.why.clone()), ..Reply::new(self.status, Bytes::new()) }
    }
}

/// The answer where no operation is.
pub fn nowhere(method: &Method, path: &str) -> ImkitRefusal {
    ImkitRefusal::edge(StatusCode::NOT_FOUND, format!("path: there is no {method} {path}"))
}

/// The answer to a browser's preflight.
pub fn preflight(_headers: &HeaderMap) -> Reply {
    Reply::new(StatusCode::NO_CONTENT, Bytes::new())
}
