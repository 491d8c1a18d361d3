//! Session: one socket — what it asks, one after the other, and what it is told once it is signed in.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Response};
use parking_lot::Mutex;
use serde_json::json;
use serde_json::value::RawValue;
use socketioxide::extract::{AckSender, SocketRef};
use socketioxide::{SendError, SocketError};
use tokio::sync::mpsc;

use crate::api::imkit::codes::ImkitRefusal;
use crate::api::imkit::envelope;
use crate::api::imkit::sockets::news::News;
use crate::api::imkit::sockets::sign_in::{Doormat, Entered, SIGN_IN, key_of};
use crate::api::router::Surface;
use crate::domain::imkit::connections::Connected;
use crate::domain::invalid::Invalid;
use crate::edge::guarded::Cut;
use crate::edge::line::{NoReply, Sent};
use crate::edge::pipeline;
use crate::edge::sockets::Way;
use crate::edge::sockets::asks::{self, Args, Ask, Asked, Kind};
use crate::edge::sockets::hub::Hub;
use crate::kernel::clock::sleep_real;

/// Bytes of events that wait for their turn at most; a socket that sends more is cut.
const WAITING_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes that a client lets wait at most; one that does not take them is cut.
const UNTAKEN_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// How long a socket that was told to go may take before it is cut, real time.
const LINGER: Duration = Duration::from_secs(1);
/// How often a socket is looked at that says nothing: it may have gone before it was there, real time.
const LOOK: Duration = Duration::from_secs(10);

/// One socket.
pub struct Session {
    socket: SocketRef,
    /// Of its WebSocket, which may still be coming about; none while it only polls.
    cut: Mutex<Option<Cut>>,
    encoded: AtomicBool,
    entered: Mutex<Option<Signed>>,
    /// Bytes that it took by polling.
    polled: AtomicU64,
    /// What it will have taken once it has taken all that it was told.
    told: AtomicU64,
}

/// Who is signed in, and the credentials that its calls carry.
struct Signed {
    entered: Arc<Entered>,
    headers: HeaderMap,
    /// Counted for as long as this is kept.
    _connected: Connected,
}

/// The way of a socket's events to its session; handed to the transport, which must not hold the session itself.
#[derive(Clone)]
pub struct Inbox {
    sender: mpsc::UnboundedSender<Option<Ask>>,
    waiting: Arc<AtomicUsize>,
}

/// The other end.
pub type Outbox = mpsc::UnboundedReceiver<Option<Ask>>;

impl Inbox {
    /// An empty one.
    pub fn new() -> (Self, Outbox) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self { sender, waiting: Arc::default() }, receiver)
    }

    /// One more event; those who send more than can wait are gone.
    pub fn put(&self, ask: Ask) {
        let weight = ask.args.weight();
        if self.waiting.fetch_add(weight, Ordering::AcqRel) + weight > WAITING_BYTES_MAX {
            tracing::warn!("a socket is cut: more than {WAITING_BYTES_MAX} bytes of its events are waiting");
            return self.gone();
        }
        // Who no longer listens is gone.
        let _ = self.sender.send(Some(ask));
    }

    /// The socket is gone.
    pub fn gone(&self) {
        let _ = self.sender.send(None);
    }

    fn took(&self, ask: &Ask) {
        self.waiting.fetch_sub(ask.args.weight(), Ordering::AcqRel);
    }
}

impl Session {
    /// A socket that has just connected.
    pub fn new(socket: SocketRef) -> Arc<Self> {
        let way = socket.req_parts().extensions.get::<Way>();
        let cut = way.filter(|_| is_websocket(&socket)).map(|way| way.cut.clone());
        Arc::new(Self {
            socket,
            cut: Mutex::new(cut),
            encoded: AtomicBool::new(false),
            entered: Mutex::default(),
            polled: AtomicU64::new(0),
            told: AtomicU64::new(0),
        })
    }

    /// The transport's name for it.
    pub fn id(&self) -> String {
        self.socket.id.to_string()
    }

    /// Who is signed in.
    pub fn entered(&self) -> Option<Arc<Entered>> {
        self.entered.lock().as_ref().map(|signed| signed.entered.clone())
    }

    /// Nobody is signed in any more.
    pub fn leave(&self) {
        *self.entered.lock() = None;
    }

    /// It goes on over another connection.
    pub fn moves(&self, cut: Cut) {
        *self.cut.lock() = Some(cut);
    }

    /// It took so many bytes by polling.
    pub fn polled(&self, bytes: usize) {
        self.polled.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Lives until the socket goes, its application ends or the emulator stops.
    pub async fn live(self: Arc<Self>, hub: Arc<Hub>, inbox: Inbox, mut outbox: Outbox) {
        loop {
            let next = async {
                tokio::select! {
                    ask = outbox.recv() => Some(ask.flatten()),
                    () = sleep_real(LOOK) => None,
                }
            };
            let Ok(next) = self.unless_over(&hub, next).await else { break self.cut() };
            match next {
                None if self.socket.connected() => {}
                None => break,
                Some(None) => break self.linger(),
                Some(Some(ask)) => {
                    inbox.took(&ask);
                    if self.unless_over(&hub, self.answer(&hub, ask)).await.is_err() {
                        break self.cut();
                    }
                }
            }
        }
        hub.forget(&self);
    }

    /// Does this unless it is over meanwhile: the application ended, or the emulator stops.
    async fn unless_over<R>(&self, hub: &Hub, act: impl Future<Output = R>) -> Result<R, ()> {
        let entered = self.entered();
        let ended = async {
            match &entered {
                Some(entered) => entered.app.tenancy.ended().await,
                None => pending().await,
            }
        };
        tokio::select! {
            biased;
            () = ended => Err(()),
            () = hub.stopped() => Err(()),
            done = act => Ok(done),
        }
    }

    async fn answer(self: &Arc<Self>, hub: &Arc<Hub>, ask: Ask) {
        let Ask { kind, args, ack } = ask;
        match kind {
            Kind::Conf => self.configure(args, ack),
            Kind::SignIn => self.sign_in(hub, args, ack).await,
            Kind::Message => self.call(hub, asks::message(args), ack).await,
            Kind::Typing => self.call(hub, asks::typing(args), ack).await,
        }
    }

    /// `conf`.
    fn configure(&self, mut args: Args, ack: AckSender) {
        let encoding = args.take(0).get("encoding").cloned().unwrap_or_default();
        match encoding.as_str() {
            Some("base64") => self.encoded.store(true, Ordering::Release),
            // Assumed: the encoding custom, which no page describes, leaves payloads as they are.
            Some("custom") => self.encoded.store(false, Ordering::Release),
            _ => {
                let why = format!("is {}, and has to be base64 or custom", crate::api::why::quote(&encoding));
                return reply(ack, &refused(Invalid::new("encoding", why)));
            }
        }
        // Assumed: the answer to conf has an empty object as its result, and is never encoded itself.
        reply(ack, &text(&envelope::succeed(&json!({})).body));
    }

    /// `auth2` and `auth`.
    async fn sign_in(self: &Arc<Self>, hub: &Arc<Hub>, args: Args, ack: AckSender) {
        let parts = self.socket.req_parts();
        let mut headers = asks::credentials(args, &parts.headers, parts.uri.query().unwrap_or(""));
        let token = headers.get("im-authorization").and_then(|token| token.to_str().ok()).map(str::to_owned);
        if let (None, Some(token)) = (headers.get("im-client-key"), token)
            && let Some(key) = key_of(&hub.service.house, &token).and_then(|key| key.parse().ok())
        {
            headers.insert("im-client-key", key);
        }
        let body = asks::whence(parts.extensions.get(), &headers);
        let mut request = asks::request((SIGN_IN.path.to_owned(), body), &headers);
        let doormat = Doormat::default();
        request.extensions_mut().insert(doormat.clone());
        let found = Some((&SIGN_IN, Default::default()));
        let answered = pipeline::answer_as(hub.service.clone(), Surface::Imkit, found, request).await;
        let body = match envelope_of(answered).await {
            Ok(body) => body,
            Err(how) => return self.miss(how),
        };
        if let Some(entered) = doormat.entered() {
            hub.enter(self, |session| {
                let entered = Arc::new(entered.clone());
                let connected = entered.app.connections.enter();
                *session.entered.lock() = Some(Signed { entered, headers, _connected: connected });
            });
        }
        if self.encoded.load(Ordering::Acquire) {
            // Assumed: under base64 the answer to auth2 is encoded, and the one to chat message is not.
            let _ = ack.send(&STANDARD.encode(body.get()));
        } else {
            reply(ack, &body);
        }
    }

    /// A call by the client that is signed in.
    async fn call(&self, hub: &Hub, asked: Result<Asked, Invalid>, ack: AckSender) {
        let headers = self.entered.lock().as_ref().map(|signed| signed.headers.clone());
        let Some(headers) = headers else {
            let why = "this socket is not signed in; it has to send auth2 first";
            return reply(ack, &text(&ImkitRefusal::unauthorized("INVALID_TOKEN", why).reply().body));
        };
        let asked = match asked {
            Ok(asked) => asked,
            Err(invalid) => return reply(ack, &refused(invalid)),
        };
        let answered = pipeline::answer(hub.service.clone(), asks::request(asked, &headers)).await;
        match envelope_of(answered).await {
            Ok(body) => reply(ack, &body),
            Err(how) => self.miss(how),
        }
    }

    /// Gives no answer, because a fault rule wants that: one that hangs is not cut off.
    fn miss(&self, how: NoReply) {
        if how == NoReply::Cut {
            self.cut();
        }
    }

    /// Tells it something; one that does not take what it is told is cut.
    pub fn tell(self: &Arc<Self>, news: &News) {
        let encoded = self.encoded.load(Ordering::Acquire);
        let told = match encoded {
            true => self.socket.emit(&news.event, news.payload.encoded()),
            false => self.socket.emit(&news.event, news.payload.plain()),
        };
        let bytes = if encoded { news.payload.encoded().len() } else { news.payload.plain().get().len() };
        let full = matches!(told, Err(SendError::Socket(SocketError::InternalChannelFull)));
        if full || self.untaken(bytes) > UNTAKEN_BYTES_MAX {
            tracing::warn!(socket = %self.socket.id, "a socket is cut: it does not take what it is told");
            self.cut();
        }
    }

    /// How many bytes wait for the client to take them, with so many more.
    fn untaken(&self, more: usize) -> u64 {
        let over_websocket = || self.cut.lock().as_ref().map_or(0, Cut::written);
        let written = if self.is_websocket() { over_websocket() } else { 0 };
        let taken = self.polled.load(Ordering::Relaxed) + written;
        // Frames, answers and pings are not counted as told, so what was taken may be ahead.
        let told = self.told.load(Ordering::Relaxed).max(taken) + more as u64;
        self.told.store(told, Ordering::Relaxed);
        told - taken
    }

    /// Lets it go in good order: it is told, and cut if it does not go by itself.
    pub fn dismiss(self: &Arc<Self>) {
        if !self.socket.connected() {
            return;
        }
        match self.socket.clone().disconnect() {
            Ok(()) => self.linger(),
            Err(_) => self.cut(),
        }
    }

    /// Leaves it time to take what it was told last.
    fn linger(self: &Arc<Self>) {
        let session = self.clone();
        tokio::spawn(async move {
            sleep_real(LINGER).await;
            session.cut();
        });
    }

    /// Cuts it at once, as when a server goes away; one that polls is told that it is disconnected.
    pub fn cut(&self) {
        let cut = self.cut.lock().clone();
        if !self.is_websocket() && self.socket.connected() {
            drop(self.socket.clone().disconnect());
        }
        // Also of one on its way to a WebSocket, where what it was told may never come.
        cut.iter().for_each(Cut::cut);
    }

    fn is_websocket(&self) -> bool {
        is_websocket(&self.socket)
    }
}

fn is_websocket(socket: &SocketRef) -> bool {
    socket.transport_type() == socketioxide::TransportType::Websocket
}

fn refused(invalid: Invalid) -> Box<RawValue> {
    text(&ImkitRefusal::from(invalid).reply().body)
}

/// The envelope that a call was answered with, or why there is none: a reply that is cut short is none.
async fn envelope_of(answered: Result<Response<Sent>, NoReply>) -> Result<Box<RawValue>, NoReply> {
    let body = answered?.into_body();
    match body.short_of() {
        Some(_) => Err(NoReply::Cut),
        None => Ok(text(&body.arrived().await)),
    }
}

/// An envelope as it is written.
fn text(body: &[u8]) -> Box<RawValue> {
    serde_json::from_slice(body).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// Who has gone needs no answer, and who asked for none gets none.
fn reply(ack: AckSender, envelope: &RawValue) {
    let _ = ack.send(envelope);
}
