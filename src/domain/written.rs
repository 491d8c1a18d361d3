//! Written: state documents whose entities are visited one by one while they are written, so that no world stands beside
//! itself as a tree.
//!
//! Each entity is whole, the set is not one instant. An entity is put into words under its lock and written without it.

use schemars::JsonSchema;
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// Puts an entity into words while it is locked.
pub trait Wording: Copy {
    /// The words.
    fn word(&self, entity: &impl Serialize) -> Box<RawValue>;
}

/// A list in a document, read or written.
pub trait List {
    /// Whether there is nothing to write.
    fn is_empty(&self) -> bool;
}

impl<T> List for Vec<T> {
    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}

/// A list that is read, whose form is therefore known.
pub trait Read: List + Serialize + Default + JsonSchema {}

impl<T: Serialize + JsonSchema> Read for Vec<T> {}

/// A list that is written by looking at one entity after the other; who is gone by then is left out.
#[derive(Debug)]
pub struct Each<K, F> {
    keys: Vec<K>,
    look: F,
}

impl<K, T, F: Fn(&K) -> Option<T>> Each<K, F> {
    /// The entities of these keys, as `look` finds them.
    pub fn new(keys: Vec<K>, look: F) -> Self {
        Self { keys, look }
    }
}

impl<K, F> List for Each<K, F> {
    fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

impl<K, T: Serialize, F: Fn(&K) -> Option<T>> Serialize for Each<K, F> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut list = to.serialize_seq(None)?;
        self.keys.iter().filter_map(&self.look).try_for_each(|entity| list.serialize_element(&entity))?;
        list.end()
    }
}
