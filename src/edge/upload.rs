//! Upload: a body that is read as a state document while it comes in, on a thread of its own.

use std::io::{self, Read};

use bytes::{Buf, Bytes};
use http::request::Parts;
use hyper::body::Body;
use tokio::sync::mpsc::{self, Receiver};

use crate::api::control::upload::Uploaded;
use crate::api::house::House;
use crate::api::router::Surface;
use crate::edge::exchange::{self, BodyFault};

/// Pieces of the body that wait for the reader.
const PIECES: usize = 4;
/// What stands for a body that is empty.
const NOTHING: &[u8] = b"{}";

/// Reads the body within its bounds and notes in the head what it says.
///
/// # Errors
/// Which bound it broke.
pub async fn receive<B>(house: &House, head: &mut Parts, body: B) -> Result<Bytes, BodyFault>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let (to, waiting) = mpsc::channel(PIECES);
    let reading =
        tokio::task::spawn_blocking(|| Uploaded::read(&mut Pieces { waiting, piece: Bytes::new(), any: false }));
    let received = exchange::receive(house, Surface::Control, head, body, Some(to)).await?;
    // A reader that panicked leaves nothing, and the operation answers that as a fault of ours.
    reading.await.into_iter().for_each(|uploaded| drop(head.extensions.insert(uploaded)));
    Ok(received)
}

/// The body as its reader sees it.
struct Pieces {
    waiting: Receiver<Bytes>,
    piece: Bytes,
    any: bool,
}

impl Read for Pieces {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            self.piece = match self.waiting.blocking_recv() {
                Some(piece) => piece,
                None if self.any => return Ok(0),
                None => Bytes::from_static(NOTHING),
            };
            self.any |= !self.piece.is_empty();
        }
        let count = to.len().min(self.piece.len());
        self.piece.copy_to_slice(&mut to[..count]);
        Ok(count)
    }
}
