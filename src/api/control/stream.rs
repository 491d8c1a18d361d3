//! The journal as server-sent events: the same entries, the same filters, for as long as somebody listens.
//!
//! A reader is a cursor: entries are read when its connection takes more, so that one that is stuck holds up nobody.
//! Nor do those who read everything: each rests between two pieces, the longer the more of them there are.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use tokio::sync::{OwnedSemaphorePermit, watch};

use crate::api::call::Call;
use crate::api::control::gateway::{Control, ControlRefusal};
use crate::api::control::journal::Filter;
use crate::api::entry::EntryView;
use crate::api::house::House;
use crate::api::reply::Reply;
use crate::kernel::clock::{Stopwatch, sleep_real};
use crate::kernel::journal::Numbered;

/// How long a stream is silent at most, real time; then it sends a comment, which also finds out who has gone.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Entries that are read from the journal at once.
const PAGE: usize = 256;
/// Bytes after which a piece goes out, its last entry aside.
const PIECE_BYTES: usize = 64 * 1024;
/// How long a reader who has been told everything rests at least, real time: what happens meanwhile is told at once.
const REST: Duration = Duration::from_millis(10);
/// How much all readers together get in a second when more happens than they can be told of; what falls out of the
/// journal meanwhile, each is told by number.
const BYTES_PER_SECOND: usize = 16 * 1024 * 1024;

/// `GET /_imulator/stream`.
///
/// # Errors
/// A filter that cannot be, a wait, a `Last-Event-ID` that is no number, more readers than may be.
pub async fn get(call: Call<Control>, filter: Filter) -> Result<Reply, ControlRefusal> {
    filter.check()?;
    if filter.wait_ms > 0 {
        return Err(ControlRefusal::invalid("wait_ms", "a stream waits by itself"));
    }
    let after = match call.arrival.header("last-event-id") {
        None => filter.after,
        Some(id) => id.parse().map_err(|_| ControlRefusal::invalid("Last-Event-ID", "is no number of an entry"))?,
    };
    let house = call.arrival.house.clone();
    let Ok(permit) = house.streams.clone().try_acquire_owned() else {
        let message = format!("{} readers are listening already (--max-streams)", house.config.streams_max);
        return Err(ControlRefusal::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message));
    };
    let reader = Reader {
        stopping: house.stopping(),
        _permit: permit,
        house,
        left: filter.limit,
        after,
        filter,
        waiting: VecDeque::new(),
        rest: Duration::ZERO,
        resting: Stopwatch::start(),
    };
    let mut reply = Reply::new(StatusCode::OK, Bytes::new());
    reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    reply.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let pieces = stream::unfold(reader, |mut reader| async move {
        let piece = reader.next().await?;
        Some((Ok::<_, Infallible>(Frame::data(Bytes::from(piece))), reader))
    });
    reply.flow = Some(StreamBody::new(pieces).boxed_unsync());
    Ok(reply)
}

/// One who listens.
struct Reader {
    house: Arc<House>,
    /// One of so many.
    _permit: OwnedSemaphorePermit,
    stopping: watch::Receiver<bool>,
    filter: Filter,
    after: u64,
    /// How many entries are still wanted; `None` all.
    left: Option<usize>,
    waiting: VecDeque<Numbered>,
    /// How long it rests, and since when.
    rest: Duration,
    resting: Stopwatch,
}

impl Reader {
    /// The next piece of text; `None` at the end.
    async fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            if self.left == Some(0) || *self.stopping.borrow() {
                return None;
            }
            let rest = self.rest.saturating_sub(self.resting.elapsed());
            if !rest.is_zero() {
                tokio::select! {
                    () = sleep_real(rest) => {}
                    // Nobody waits for an emulator that stops.
                    _ = self.stopping.wait_for(|stopped| *stopped) => return None,
                }
            }
            let piece = self.gather().await;
            self.rest = rest_after(piece.len(), self.house.listeners());
            self.resting = Stopwatch::start();
            if !piece.is_empty() {
                return Some(piece);
            }
            tokio::select! {
                () = self.house.journal.news_after(self.after) => {}
                () = sleep_real(HEARTBEAT) => return Some(b":\n\n".to_vec()),
                _ = self.stopping.wait_for(|stopped| *stopped) => return None,
            }
        }
    }

    /// What there is to tell, up to the size of a piece.
    async fn gather(&mut self) -> Vec<u8> {
        let mut piece = Vec::new();
        while piece.len() < PIECE_BYTES && self.left != Some(0) {
            if let Some(entry) = self.waiting.pop_front() {
                self.left = self.left.map(|left| left - 1);
                tell(&mut piece, entry);
                continue;
            }
            let page = self.house.journal.page(self.after, PAGE, self.filter.tenant().as_ref());
            self.waiting = self.filter.pick(&self.house, &page).into();
            self.after = self.after.max(page.last);
            if page.dropped > 0 {
                let gap = format!("event: dropped\ndata: {{\"dropped\":{}}}\n\n", page.dropped);
                piece.extend_from_slice(gap.as_bytes());
            } else if page.entries.is_empty() {
                break;
            }
            // Requests come in between.
            tokio::task::yield_now().await;
        }
        piece
    }
}

/// How long a reader rests after so many bytes, one among so many, so that all together keep to their bound.
fn rest_after(bytes: usize, readers: usize) -> Duration {
    let share = Duration::from_secs_f64((bytes * readers) as f64 / BYTES_PER_SECOND as f64);
    // A full piece may have more behind it.
    if bytes < PIECE_BYTES { share.max(REST) } else { share }
}

fn tell(piece: &mut Vec<u8>, entry: Numbered) {
    write!(piece, "id: {}\ndata: ", entry.0).expect("memory takes all that is written");
    // JSON has no line breaks of its own.
    serde_json::to_writer(&mut *piece, &EntryView(entry)).expect("an entry is JSON");
    piece.extend_from_slice(b"\n\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_readers_together_keep_to_their_bound() {
        for readers in [1, 100, 10_000] {
            let pieces = Duration::from_secs(1).as_secs_f64() / rest_after(PIECE_BYTES, readers).as_secs_f64();
            let bytes = pieces * PIECE_BYTES as f64 * readers as f64;
            assert!((bytes - BYTES_PER_SECOND as f64).abs() < 1024.0, "{readers} readers get {bytes}");
        }
    }

    #[test]
    fn one_who_has_been_told_everything_rests_a_little() {
        assert_eq!(rest_after(0, 100), REST);
        assert!(rest_after(PIECE_BYTES, 1) < REST, "a long past is not kept back");
    }
}
