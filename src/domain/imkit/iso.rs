//! Moments as ISO 8601 texts, for serde's `with`: where the vendor's own words are not milliseconds.

/// A moment that may be absent.
pub mod optional {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::kernel::clock::Timestamp;

    /// Writes it.
    ///
    /// # Errors
    /// The writer's own.
    #[allow(clippy::ref_option, reason = "serde gives a reference to the field")]
    pub fn serialize<S: Serializer>(moment: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
        match moment {
            Some(moment) => to.collect_str(moment),
            None => to.serialize_none(),
        }
    }

    /// Reads it.
    ///
    /// # Errors
    /// It is no time.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
        let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
        let expected = "expected a time like 2026-01-05T09:00:00.000Z";
        text.parse().map(Some).map_err(|_| D::Error::custom(format!("invalid value: string {text:?}, {expected}")))
    }
}
