//! Payload: what an event carries, as JSON and, for sockets that asked for it, as Base64 of that text.

use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::kernel::fact::Detail;

/// What an event carries; written once for all who get it.
#[derive(Debug)]
pub struct Payload {
    json: Box<RawValue>,
    encoded: OnceLock<String>,
}

impl Payload {
    /// The payload that this value is.
    pub fn new(value: &impl Serialize) -> Self {
        Self { json: to_raw_value(value).expect("a payload is JSON"), encoded: OnceLock::new() }
    }

    /// The payload that a fact carries.
    pub fn of_detail(detail: &dyn Detail) -> Self {
        let mut text = Vec::new();
        erased_serde::serialize(detail, &mut serde_json::Serializer::new(&mut text)).expect("a detail is JSON");
        let text = String::from_utf8(text).expect("JSON is UTF-8");
        Self { json: RawValue::from_string(text).expect("a detail is JSON"), encoded: OnceLock::new() }
    }

    /// As JSON.
    pub fn plain(&self) -> &RawValue {
        &self.json
    }

    /// As Base64: of the JSON text, and of a bare string without its quotes.
    pub fn encoded(&self) -> &str {
        self.encoded.get_or_init(|| match serde_json::from_str::<String>(self.json.get()) {
            Ok(text) => STANDARD.encode(text),
            Err(_) => STANDARD.encode(self.json.get()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_of_the_json_text_and_of_a_bare_string_itself() {
        let decoded = |payload: &Payload| {
            let bytes = STANDARD.decode(payload.encoded()).expect("it is Base64");
            String::from_utf8(bytes).expect("it is UTF-8")
        };
        for (value, text) in [
            (serde_json::json!({"room": "茶"}), r#"{"room":"茶"}"#),
            (serde_json::json!("theme"), "theme"),
            (serde_json::json!(["a"]), r#"["a"]"#),
        ] {
            assert_eq!(decoded(&Payload::new(&value)), text);
        }
    }
}
