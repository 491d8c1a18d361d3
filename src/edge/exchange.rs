//! Exchange: a request as it is received, within its bounds, and what is recorded of it and its reply.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Body;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::Sender;

use crate::api::dress::Dress;
use crate::api::entry::{BODY_BYTES_MAX, write_headers};
use crate::api::house::House;
use crate::api::imkit::form::is_form;
use crate::api::reply::Reply;
use crate::api::router::Surface;
use crate::edge::disturb::Fault;
use crate::kernel::clock::{Stopwatch, sleep_real};
use crate::kernel::exchange::Packing;
use crate::kernel::journal::{Entry, Record};

/// Room that is made for a body at once, whatever length it announces: a length costs its sender nothing.
const RESERVED_BYTES_MAX: usize = 1024 * 1024;
/// How much of a body that is too large is still taken off the connection, and for how long.
const DISCARD_BYTES_MAX: usize = 16 * 1024 * 1024;
const DISCARD_TIME: Duration = Duration::from_millis(500);

/// Why a body did not come in whole.
#[derive(Debug, thiserror::Error)]
pub enum BodyFault {
    /// More bytes than allowed.
    #[error("body: more than {max} bytes; that is the most this emulator takes ({option})")]
    TooLarge {
        /// The most allowed.
        max: usize,
        /// The option that sets it.
        option: &'static str,
    },
    /// All bodies together are more than allowed.
    #[error("body: with the others on their way more than {max} bytes (--max-all-bodies); try again")]
    NoRoom {
        /// The most allowed.
        max: usize,
    },
    /// It took too long.
    #[error("body: it did not come in within {allowed:?} (--body-timeout)")]
    TooSlow {
        /// The time allowed.
        allowed: Duration,
    },
    /// The connection or the transfer coding broke.
    #[error("body: {0}")]
    Broken(String),
}

impl BodyFault {
    /// The HTTP status that says it, and our own word for it.
    pub const fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Self::NoRoom { .. } => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Self::TooSlow { .. } => (StatusCode::REQUEST_TIMEOUT, "too_slow"),
            Self::Broken(_) => (StatusCode::BAD_REQUEST, "broken_body"),
        }
    }
}

/// Reads the body within its bounds of size and real time; with `to` it goes there piece by piece, and the time that it
/// waits there is not its own.
///
/// # Errors
/// Which bound it broke.
pub async fn receive<B>(
    house: &House,
    surface: Surface,
    head: &Parts,
    mut body: B,
    to: Option<Sender<Bytes>>,
) -> Result<Bytes, BodyFault>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let bounds = &house.config.edge;
    let (max, option) = match surface {
        Surface::Control => (bounds.control_body_bytes_max, "--max-control-body"),
        // The fields around a file are held to what other bodies are held to.
        Surface::Imkit if is_form(&head.headers) => {
            (bounds.body_bytes_max.saturating_add(house.config.files.file_bytes_max), "--max-file")
        }
        _ => (bounds.body_bytes_max, "--max-body"),
    };
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let announced = content_length(&head.headers);
    let allowed = bounds.body_timeout;
    let collected = match (announced.map_or(Ok(0), usize::try_from), to) {
        (Ok(length), Some(to)) if length <= max => pass_on(house, &mut body, max, to).await?,
        (Ok(length), None) if length <= max => tokio::select! {
            biased;
            read = collect(house, &mut body, max, length) => read?,
            () = sleep_real(allowed) => return Err(BodyFault::TooSlow { allowed }),
        },
        _ => Collected::TooLarge,
    };
    let fault = match collected {
        Collected::Whole(collected) => return Ok(collected),
        Collected::TooLarge => BodyFault::TooLarge { max, option },
        Collected::NoRoom => BodyFault::NoRoom { max: bounds.all_bodies_bytes_max },
    };
    // A client that is still sending would meet a reset connection instead of the answer.
    if !head.headers.contains_key(http::header::EXPECT) {
        tokio::select! {
            () = discard(&mut body) => {}
            () = sleep_real(DISCARD_TIME.min(bounds.body_timeout)) => {}
        }
    }
    Err(fault)
}

/// Reads on and forgets what it reads, up to a bound.
async fn discard<B: Body<Data = Bytes> + Unpin>(body: &mut B) {
    let mut bytes = 0;
    while let Some(Ok(frame)) = body.frame().await {
        bytes += frame.data_ref().map_or(0, Bytes::len);
        if bytes > DISCARD_BYTES_MAX {
            return;
        }
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(http::header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// What became of a body.
enum Collected {
    Whole(Bytes),
    TooLarge,
    NoRoom,
}

/// A body that came in pieces, counted among all of them for as long as somebody has it.
struct Held {
    bytes: BytesMut,
    room: Option<OwnedSemaphorePermit>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Held {
    /// Adds a piece, if there is room for it.
    fn take(&mut self, house: &House, piece: &[u8]) -> bool {
        let room = self.take_room(house, piece.len());
        if room {
            self.bytes.extend_from_slice(piece);
        }
        room
    }

    /// Takes room for so many bytes, if there is any.
    fn take_room(&mut self, house: &House, bytes: usize) -> bool {
        let permits = u32::try_from(bytes).ok();
        let Some(Ok(more)) = permits.map(|count| house.bodies.clone().try_acquire_many_owned(count)) else {
            return false;
        };
        match &mut self.room {
            Some(room) => room.merge(more),
            none => *none = Some(more),
        }
        true
    }
}

/// The whole body, unless it is larger than allowed.
async fn collect<B>(house: &House, body: &mut B, max: usize, announced: usize) -> Result<Collected, BodyFault>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    // Most bodies are one frame, which needs no copy.
    let mut first: Option<Bytes> = None;
    let mut held = Held { bytes: BytesMut::new(), room: None };
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|fault| BodyFault::Broken(fault.to_string()))?;
        let Ok(data) = frame.into_data() else { continue };
        if first.as_ref().map_or(0, Bytes::len) + held.bytes.len() + data.len() > max {
            return Ok(Collected::TooLarge);
        }
        match first.take() {
            None if held.bytes.is_empty() => first = Some(data),
            start => {
                if let Some(start) = start {
                    held.bytes.reserve(announced.min(RESERVED_BYTES_MAX));
                    if !held.take(house, &start) {
                        return Ok(Collected::NoRoom);
                    }
                }
                if !held.take(house, &data) {
                    return Ok(Collected::NoRoom);
                }
            }
        }
    }
    Ok(Collected::Whole(
        first.unwrap_or_else(|| if held.bytes.is_empty() { Bytes::new() } else { Bytes::from_owner(held) }),
    ))
}

/// Gives the body to whoever reads it, piece by piece, unless it is larger than allowed; what its reader does not want is
/// still taken off the connection. It needs room like one that is kept: what was read of it does.
async fn pass_on<B>(house: &House, body: &mut B, max: usize, to: Sender<Bytes>) -> Result<Collected, BodyFault>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let allowed = house.config.edge.body_timeout;
    let mut held = Held { bytes: BytesMut::new(), room: None };
    let (mut bytes, mut counted, mut waited) = (0, 0, Duration::ZERO);
    loop {
        let watch = Stopwatch::start();
        let frame = tokio::select! {
            biased;
            frame = body.frame() => frame,
            () = sleep_real(allowed.saturating_sub(waited)) => return Err(BodyFault::TooSlow { allowed }),
        };
        waited += watch.elapsed();
        let Some(frame) = frame else { return Ok(Collected::Whole(Bytes::from_owner(held))) };
        let Ok(data) = frame.map_err(|fault| BodyFault::Broken(fault.to_string()))?.into_data() else { continue };
        let first = bytes == 0;
        bytes += data.len();
        if bytes > max {
            return Ok(Collected::TooLarge);
        }
        if !first {
            if !held.take_room(house, bytes - counted) {
                return Ok(Collected::NoRoom);
            }
            counted = bytes;
        }
        // One that has found a fault reads no further.
        let _ = to.send(data).await;
    }
}

/// When and as what a call was answered.
#[derive(Debug)]
pub struct Circumstances {
    /// The call's number.
    pub number: u64,
    /// The epoch at its arrival.
    pub epoch: u64,
    /// The operation's name.
    pub operation: &'static str,
    /// The headers that replies of the operation share, if any was answered yet.
    pub dress: Option<&'static Dress>,
    /// Since its arrival.
    pub watch: Stopwatch,
    /// What befell it.
    pub fault: Option<Fault>,
}

/// Puts a request and what was sent back into the journal; only what is kept is copied. A call that a reset overtook is
/// not, and one without a reply has none.
pub fn record(house: &House, circumstances: &Circumstances, head: &Parts, body: &[u8], reply: Option<&Reply>) {
    let epoch = circumstances.epoch;
    if house.config.journal.entries == 0 {
        return house.journal.count_one();
    }
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    // While the clock stands still the same requests give the same journal.
    let elapsed = if house.clock.is_system() { circumstances.watch.elapsed() } else { Duration::ZERO };
    let micros = u32::try_from(elapsed.as_micros()).unwrap_or(u32::MAX);
    let reply_body = reply.map_or(&[][..], |reply| &reply.body);
    let status = reply.map_or(0, |reply| reply.status.as_u16());
    let why = reply.and_then(|reply| reply.why.as_deref()).unwrap_or("");
    let fault = circumstances.fault.as_ref().map_or("", |fault| fault.rule.name());
    let mut shared = "";
    let mut packing = Packing::new();
    packing
        .part(head.method.as_str().as_bytes())
        .part(target.as_bytes())
        .part_by(|to| write_headers(to, &head.headers))
        .part(cut(body))
        .part_by(|to| match (reply, circumstances.dress) {
            (Some(reply), Some(dress)) => shared = dress.write_rest(to, &reply.headers),
            (reply, _) => write_headers(to, reply.iter().flat_map(|reply| &reply.headers)),
        })
        .part(cut(reply_body))
        .part(why.as_bytes())
        .part(fault.as_bytes());
    let mut exchange = packing.done(circumstances.operation, status, micros);
    exchange.request_bytes = u32::try_from(body.len()).unwrap_or(u32::MAX);
    exchange.shared = shared;
    exchange.reply_bytes = u32::try_from(reply_body.len()).unwrap_or(u32::MAX);
    // A call that met a fault is its tenant's too, although nobody admitted it.
    let named = circumstances.fault.as_ref().and_then(|fault| fault.tenant.clone());
    let tenancy = reply.and_then(|reply| reply.tenant.clone()).or_else(|| house.world().tenancy(named.as_ref()?));
    let entry = Entry {
        at: tenancy.as_ref().map_or_else(|| house.clock.now(), |tenancy| tenancy.now()),
        call: Some(circumstances.number),
        epoch,
        tenant: tenancy.map(|tenancy| tenancy.key.clone()).or(named),
        record: Record::Exchange(exchange),
    };
    house.journal.append_one(entry, || house.epoch() == epoch);
}

fn cut(body: &[u8]) -> &[u8] {
    &body[..body.len().min(BODY_BYTES_MAX)]
}
