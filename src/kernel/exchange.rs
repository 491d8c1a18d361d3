//! Exchange: a call as the journal keeps it. Knows no HTTP: it is named slices of bytes.

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
    ends: [u32; PARTS],
    bytes: Box<[u8]>,
}

impl Exchange {
    /// Packs these slices; the lengths of bodies are the caller's to set.
    pub fn pack(operation: &'static str, status: u16, micros: u32, parts: [&[u8]; PARTS]) -> Self {
        let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len()).sum());
        let ends = parts.map(|part| {
            bytes.extend_from_slice(part);
            u32::try_from(bytes.len()).unwrap_or(u32::MAX)
        });
        Self { operation, status, micros, request_bytes: 0, reply_bytes: 0, ends, bytes: bytes.into_boxed_slice() }
    }

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
