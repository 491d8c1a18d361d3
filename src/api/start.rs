//! Start: what the world starts from and a reset returns to. A large document is kept packed.

use std::borrow::Cow;
use std::io::{BufWriter, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use crate::document;
use crate::domain::state::State;

/// From so many members, accounts and clients on a document is packed: unpacking costs a reset time.
const PACKED_FROM: usize = 10_000;

/// What a reset returns to.
#[derive(Debug)]
pub enum Start {
    /// As it was read.
    Plain(Box<State>),
    /// As JSON, deflated.
    Packed(Vec<u8>),
}

impl Start {
    /// Keeps a checked document.
    pub fn new(state: State) -> Self {
        if people(&state) < PACKED_FROM {
            return Self::Plain(Box::new(state));
        }
        const TAKEN: &str = "a document is JSON, and memory takes it";
        let packed = DeflateEncoder::new(Vec::new(), Compression::fast());
        // The packer works on what it is given, and JSON comes in pieces of a few bytes.
        let mut to = BufWriter::with_capacity(64 * 1024, packed);
        let pieces: &mut dyn Write = &mut to;
        serde_json::to_writer(pieces, &state).expect(TAKEN);
        let packed = to.into_inner().map(DeflateEncoder::finish).expect(TAKEN);
        Self::Packed(packed.expect(TAKEN))
    }

    /// The document.
    pub fn state(&self) -> Cow<'_, State> {
        match self {
            Self::Plain(state) => Cow::Borrowed(state),
            Self::Packed(packed) => {
                let mut text = DeflateDecoder::new(packed.as_slice());
                Cow::Owned(document::read(&mut text).expect("what was written can be read"))
            }
        }
    }
}

/// How many accounts, clients and members a document lists.
fn people(state: &State) -> usize {
    let tencent = state.tencent.values().map(|app| {
        let groups = app.groups.iter().map(|group| group.member_list.len());
        let rooms = app.rooms.iter().map(|room| room.member_list.len());
        app.accounts.len() + groups.chain(rooms).sum::<usize>()
    });
    let imkit = state.imkit.values();
    let imkit = imkit.map(|app| app.clients.len() + app.rooms.iter().map(|room| room.members.len()).sum::<usize>());
    tencent.chain(imkit).sum()
}
