//! Versions: a value that changes now and then, and what it was when an event of a given number happened.
//!
//! Who reads events later than they happen sees them under the settings of their time, whatever changed since.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::RwLock;

/// Earlier values that are kept; events older than all of them are seen under the oldest.
const KEPT: usize = 64;

/// A value and what it was before.
#[derive(Debug)]
pub struct Versions<T>(RwLock<Inner<T>>);

#[derive(Debug)]
struct Inner<T> {
    now: Arc<T>,
    /// Each with the number of the last event of its time, oldest first.
    before: VecDeque<(u64, Arc<T>)>,
}

impl<T: Default> Default for Versions<T> {
    fn default() -> Self {
        Self(RwLock::new(Inner { now: Arc::default(), before: VecDeque::new() }))
    }
}

impl<T> Versions<T> {
    /// The value of the moment.
    pub fn now(&self) -> Arc<T> {
        self.0.read().now.clone()
    }

    /// What it was when the event of this number happened.
    pub fn at(&self, seq: u64) -> Arc<T> {
        let inner = self.0.read();
        let then = inner.before.iter().find(|(last, _)| seq <= *last).map(|(_, then)| then);
        then.unwrap_or(&inner.now).clone()
    }

    /// Changes the value in one step; what `change` refuses with changes nothing. `last` gives the number of the last
    /// event under the present one, `matters` whether the old value has to be remembered.
    ///
    /// # Errors
    /// What `change` refuses with.
    pub fn change<E>(
        &self,
        change: impl FnOnce(&T) -> Result<T, E>,
        last: impl FnOnce() -> u64,
        matters: impl FnOnce(&T, &T) -> bool,
    ) -> Result<(), E> {
        let mut inner = self.0.write();
        let next = Arc::new(change(&inner.now)?);
        let old = std::mem::replace(&mut inner.now, next);
        if matters(&old, &inner.now) {
            if inner.before.len() >= KEPT {
                inner.before.pop_front();
            }
            inner.before.push_back((last(), old));
        }
        Ok(())
    }
}
