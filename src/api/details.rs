//! Details: the fields of a fact by name, for those who word it for others.

use serde_json::Value;

use crate::api::entry::value_of;
use crate::kernel::fact::{Field, field};

/// The fields of a fact.
#[derive(Clone, Copy, Debug)]
pub struct Details<'a>(pub &'a [(&'static str, Field)]);

impl<'a> Details<'a> {
    /// The field of this name.
    pub fn get(self, name: &str) -> Option<&'a Field> {
        field(self.0, name)
    }

    /// Whether there is a field of this name.
    pub fn has(self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// A text; empty if there is none of this name.
    pub fn text(self, name: &str) -> &'a str {
        match self.get(name) {
            Some(Field::Text(text)) => text,
            _ => "",
        }
    }

    /// The value as JSON; null if there is none of this name.
    pub fn value(self, name: &str) -> Value {
        self.get(name).map_or(Value::Null, value_of)
    }
}
