//! Exchange: a call as the journal keeps it. Knows no HTTP: it is named slices of bytes.

use crate::kernel::scratch;

/// How many slices an exchange is cut into.
pub const PARTS: usize = 8;

/// A request and its reply, packed into one allocation: `PARTS` slices, whose meaning is the recorder's.
#[derive(Debug)]
pub struct Exchange {
    /// The operation's name; empty where none was found.
    pub operation: &'static str,
    /// The reply's status; 0 where none was sent.
    pub status: u16,
    /// Real time from arrival to reply, in microseconds; 0 while the emulator's clock stands still.
    pub micros: u32,
    /// The request body's length before it was cut.
    pub request_bytes: u32,
    /// The reply body's length before it was cut.
    pub reply_bytes: u32,
    /// What its reply shares with others, kept once: the recorder's to read.
    pub shared: &'static str,
    ends: [u32; PARTS],
    bytes: Box<[u8]>,
}

impl Exchange {
    /// One of the slices.
    pub fn part(&self, index: usize) -> &[u8] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.bytes[start as usize..self.ends[index] as usize]
    }

    /// Roughly what it holds in memory.
    pub fn weight(&self) -> usize {
        self.bytes.len()
    }
}

/// An exchange on its way into one allocation: its slices, one after the other.
#[derive(Debug)]
pub struct Packing {
    ends: [u32; PARTS],
    filled: usize,
    bytes: Vec<u8>,
}

impl Packing {
    /// Without slices yet.
    pub fn new() -> Self {
        Self { ends: [0; PARTS], filled: 0, bytes: scratch::take() }
    }

    /// The next slice.
    pub fn part(&mut self, part: &[u8]) -> &mut Self {
        self.part_by(|to| to.extend_from_slice(part))
    }

    /// The next slice, as it is written.
    pub fn part_by(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> &mut Self {
        write(&mut self.bytes);
        self.ends[self.filled] = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        self.filled += 1;
        self
    }

    /// The exchange; the lengths of bodies, and what it shares, are the caller's to set.
    ///
    /// # Panics
    /// If there are fewer slices than [`PARTS`].
    pub fn done(self, operation: &'static str, status: u16, micros: u32) -> Exchange {
        assert_eq!(self.filled, PARTS, "each slice has its place");
        let bytes = Box::from(self.bytes.as_slice());
        scratch::give_back(self.bytes);
        Exchange { operation, status, micros, request_bytes: 0, reply_bytes: 0, shared: "", ends: self.ends, bytes }
    }
}

impl Default for Packing {
    fn default() -> Self {
        Self::new()
    }
}
