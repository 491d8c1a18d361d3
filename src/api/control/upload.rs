//! Upload: a state document that is read while it comes in, so that its text is never in memory as a whole.

use std::borrow::Cow;
use std::io::Read;
use std::sync::Arc;

use parking_lot::Mutex;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;

use crate::api::call::Call;
use crate::api::control::gateway::{Control, ControlRefusal};
use crate::api::operation::Operation;
use crate::document::{self, Misread};
use crate::domain::invalid::Invalid;
use crate::domain::state::State;

/// The operations whose request is an [`Upload`].
const TAKERS: [&str; 2] = ["control.state.put", "control.seed"];

/// The request of an operation that takes a state document: the body was read when it came in.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upload {}

impl JsonSchema for Upload {
    fn schema_name() -> Cow<'static, str> {
        <State>::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        <State>::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        <State>::json_schema(generator)
    }
}

/// What was read of a document, or its first fault; goes with its request.
#[derive(Clone, Debug)]
pub struct Uploaded(Arc<Mutex<Option<Result<State, Invalid>>>>);

impl Uploaded {
    /// Whether an operation takes a state document.
    pub fn is_for(operation: &Operation) -> bool {
        TAKERS.contains(&operation.name)
    }

    /// Reads a document; its faults of syntax and type.
    pub fn read(from: &mut dyn Read) -> Self {
        let read = document::read(from).map_err(|Misread { path, fault }| Invalid::new(path, fault.to_string()));
        Self(Arc::new(Mutex::new(Some(read))))
    }

    /// The document of a call, once.
    ///
    /// # Errors
    /// Its first fault of syntax or type.
    pub fn take(call: &Call<Control>) -> Result<State, ControlRefusal> {
        let uploaded = call.arrival.head.extensions.get::<Self>();
        let read = uploaded.and_then(|uploaded| uploaded.0.lock().take());
        Ok(read.expect("the edge reads the document of these operations")?)
    }
}
