//! Scratch: where bytes are put together whose number is not known before, so that each result is one allocation of its
//! own size.

use std::cell::Cell;

/// How large a buffer is kept for the next time.
const KEPT_BYTES_MAX: usize = 64 * 1024;

thread_local! {
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// An empty buffer, as a rule with room from the last time.
pub fn take() -> Vec<u8> {
    BUFFER.take()
}

/// Keeps a buffer for the next time.
pub fn give_back(mut buffer: Vec<u8>) {
    buffer.clear();
    buffer.shrink_to(KEPT_BYTES_MAX);
    BUFFER.set(buffer);
}
