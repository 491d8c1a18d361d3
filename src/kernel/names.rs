//! Names: a kind of id is a type, and `Names` are the ids that a tenant has given away.
//!
//! Ids compare byte for byte, case-sensitively, and are never trimmed. Short ones (up to 24 bytes) need no allocation.

use std::borrow::Borrow;
use std::fmt;

use compact_str::CompactString;
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize};

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
    taken: DashMap<EntityId, K>,
}

impl<K: Copy> Default for Names<K> {
    fn default() -> Self {
        Self { taken: DashMap::with_shard_amount(4) }
    }
}

impl<K: Copy> Names<K> {
    /// Takes the id for a holder of this kind.
    ///
    /// # Errors
    /// The kind of the present holder, if it is taken.
    pub fn reserve(&self, id: &EntityId, kind: K) -> Result<(), K> {
        match self.taken.entry(id.clone()) {
            Entry::Occupied(held) => Err(*held.get()),
            Entry::Vacant(free) => {
                free.insert(kind);
                Ok(())
            }
        }
    }

    /// Gives the id back.
    pub fn release(&self, id: &str) {
        self.taken.remove(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_name_is_refused_until_it_is_released() {
        let names = Names::default();
        let id = EntityId::from("room-test");
        assert_eq!(names.reserve(&id, 'r'), Ok(()));
        assert_eq!(names.reserve(&id, 'g'), Err('r'));
        names.release("room-test");
        assert_eq!(names.reserve(&id, 'g'), Ok(()));
    }
}
