//! Names: a kind of id is a type, and `Names` are the ids that a tenant has given away.
//!
//! Ids compare byte for byte, case-sensitively, and are never trimmed. Short ones (up to 24 bytes) need no allocation.

use std::borrow::Borrow;
use std::fmt;

use compact_str::CompactString;
use dashmap::mapref::entry::Entry;
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize};

use crate::kernel::table::{Table, table};

/// What an account has to be, as its reader says it when it is given something else.
pub const AN_ACCOUNT: &str = "an account: a string";

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $expecting:expr) => {
        $(#[$doc])*
        #[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
        #[serde(transparent)]
        pub struct $name(#[schemars(with = "String")] CompactString);

        impl $name {
            /// A name made of this text, whatever it is.
            pub fn new(text: impl AsRef<str>) -> Self {
                Self(CompactString::new(text))
            }

            /// The text of the name.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::ops::Deref for $name {
            type Target = str;
            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self.as_str(), f)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Text;

                impl Visitor<'_> for Text {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expecting)
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        Ok($name::new(text))
                    }
                }

                from.deserialize_str(Text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    };
}

name! {
    /// A person's account: Tencent's `UserID`, IMKIT's client `_id`.
    UserId, AN_ACCOUNT
}
name! {
    /// A place where members meet: a Tencent `GroupId` or `RoomId`, an IMKIT room `_id`.
    EntityId, "an id: a string"
}

/// The ids that a tenant has given away, each with its holder's kind: systems that share an id space reserve here first.
#[derive(Debug)]
pub struct Names<K> {
    taken: Table<EntityId, K>,
}

impl<K: Copy> Default for Names<K> {
    fn default() -> Self {
        Self { taken: table() }
    }
}

impl<K: Copy> Names<K> {
    /// Takes the id for a holder of this kind; it is free again if the holder does not come to be.
    ///
    /// # Errors
    /// The kind of the present holder, if it is taken.
    pub fn reserve(&self, id: &EntityId, kind: K) -> Result<Reserved<'_, K>, K> {
        match self.taken.entry(id.clone()) {
            Entry::Occupied(held) => Err(*held.get()),
            Entry::Vacant(free) => {
                free.insert(kind);
                Ok(Reserved { names: self, id: id.clone(), kept: false })
            }
        }
    }

    /// The kind of the present holder, if the id is taken.
    pub fn holder(&self, id: &str) -> Option<K> {
        self.taken.get(id).map(|held| *held.value())
    }

    /// Gives the id back.
    pub fn release(&self, id: &str) {
        self.taken.remove(id);
    }
}

/// An id that is taken for something that is being made: free again when this is dropped, unless it was kept.
#[derive(Debug)]
#[must_use = "the id is free again when this is dropped"]
pub struct Reserved<'a, K: Copy> {
    names: &'a Names<K>,
    id: EntityId,
    kept: bool,
}

impl<K: Copy> Reserved<'_, K> {
    /// The id.
    pub const fn id(&self) -> &EntityId {
        &self.id
    }

    /// The holder came to be: the id stays taken until it is released.
    pub fn keep(mut self) {
        self.kept = true;
    }
}

impl<K: Copy> Drop for Reserved<'_, K> {
    fn drop(&mut self) {
        if !self.kept {
            self.names.release(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_name_is_refused_until_it_is_released() {
        let names = Names::default();
        let id = EntityId::from("room-test");
        assert_eq!(names.reserve(&id, 'r').map(Reserved::keep), Ok(()));
        assert_eq!(names.reserve(&id, 'g').map(Reserved::keep), Err('r'));
        names.release("room-test");
        assert_eq!(names.reserve(&id, 'g').map(Reserved::keep), Ok(()));
    }

    #[test]
    fn a_name_is_free_again_when_its_holder_does_not_come_to_be() {
        let names = Names::default();
        let id = EntityId::from("room-test");
        let making = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _name = names.reserve(&id, 'r');
            panic!("the holder fails");
        }));
        assert!(making.is_err());
        assert_eq!(names.reserve(&id, 'g').map(Reserved::keep), Ok(()));
    }
}
