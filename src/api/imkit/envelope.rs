//! IMKIT's envelope: `RC`, `RM`, `result`; on failure `error` and an HTTP status equal to `RC`.

use schemars::Schema;
use serde_json::{Value, json};

/// The schema of a success around its result's.
pub fn schema(result: &Schema) -> Value {
    json!({"type": "object", "required": ["RC", "RM"],
        "properties": {"RC": {"const": 0}, "RM": {"type": "string"}, "result": result}})
}

/// The schema of a failure.
pub fn failure_schema() -> Value {
    json!({"type": "object", "required": ["RC", "RM", "error"], "properties": {
        "RC": {"type": "integer"}, "RM": {"type": "string"},
        "error": {"type": "object", "properties": {"code": {"type": "string"}, "message": {"type": "string"}}}}})
}
