//! Table: what many look up by id at once.

use std::hash::Hash;

use dashmap::DashMap;
use hashbrown::DefaultHashBuilder;

/// Entries by id. Hashed with less care than the standard library's maps, and in a third of the time: who sends ids that
/// collide slows down an emulator of their own.
pub type Table<K, V> = DashMap<K, V, DefaultHashBuilder>;

/// How many locks a tenant's table has: few, because ten thousand tenants, each with several tables, must stay small.
const SHARDS: usize = 4;

/// An empty one, of a tenant.
pub fn table<K: Eq + Hash, V>() -> Table<K, V> {
    DashMap::with_hasher_and_shard_amount(DefaultHashBuilder::default(), SHARDS)
}

/// An empty one of which there is one for all tenants, with as many locks as suit the machine.
pub fn table_of_all<K: Eq + Hash, V>() -> Table<K, V> {
    DashMap::with_hasher(DefaultHashBuilder::default())
}
