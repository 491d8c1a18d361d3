//! The journal as server-sent events: the same entries, the same filters, for as long as somebody listens.
//!
//! A reader is a cursor: entries are read when its connection takes more, so that one that is stuck holds up nobody.

use std::collections::VecDeque;
use std::convert::Infallible;
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
use crate::kernel::clock::sleep_real;
use crate::kernel::journal::Numbered;

/// How long a stream is silent at most, real time; then it sends a comment, which also finds out who has gone.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Entries that are read from the journal at once.
const PAGE: usize = 256;

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
    let (stopping, left, waiting) = (house.stopping(), filter.limit, VecDeque::new());
    let reader = Reader { stopping, house, left, after, filter, waiting, _permit: permit };
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
    stopping: watch::Receiver<bool>,
    filter: Filter,
    after: u64,
    /// How many entries are still wanted; `None` all.
    left: Option<usize>,
    waiting: VecDeque<Numbered>,
    /// One of so many.
    _permit: OwnedSemaphorePermit,
}

impl Reader {
    /// The next piece of text; `None` at the end.
    async fn next(&mut self) -> Option<String> {
        loop {
            if self.left == Some(0) || *self.stopping.borrow() {
                return None;
            }
            if let Some(entry) = self.waiting.pop_front() {
                self.left = self.left.map(|left| left - 1);
                return Some(event_of(entry));
            }
            let page = self.house.journal.page(self.after, PAGE);
            self.waiting = self.filter.pick(&self.house, &page).into();
            self.after = self.after.max(page.last);
            if page.dropped > 0 {
                return Some(format!("event: dropped\ndata: {{\"dropped\":{}}}\n\n", page.dropped));
            }
            if !page.entries.is_empty() {
                continue;
            }
            tokio::select! {
                () = self.house.journal.news_after(self.after) => {}
                () = sleep_real(HEARTBEAT) => return Some(":\n\n".to_owned()),
                // Nobody waits for an emulator that stops.
                _ = self.stopping.wait_for(|stopped| *stopped) => return None,
            }
        }
    }
}

fn event_of(entry: Numbered) -> String {
    let seq = entry.0;
    // JSON has no line breaks of its own.
    let data = serde_json::to_string(&EntryView(entry)).expect("an entry is JSON");
    format!("id: {seq}\ndata: {data}\n\n")
}
