//! Emulator: the composition root. Builds every part once, joins, starts, stops; many live in one process.

mod handles;
mod journal;

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;

use crate::api::house::House;
use crate::api::router::Router;
use crate::api::start::Start;
use crate::config::Config;
use crate::document::{self, DocumentError};
use crate::domain::imkit::files::FileRoom;
use crate::domain::state::State;
use crate::domain::world::{Ground, World};
use crate::edge::line::NoReply;
use crate::edge::listen::{self, ListenError};
use crate::edge::pipeline::{self, Service};
use crate::edge::server;
use crate::edge::tls::{Tls, TlsError};
use crate::kernel::clock::Clock;
use crate::kernel::ids::random_seed;
use crate::kernel::journal::Journal;
use crate::state_file::{Keeper, StateFileError};
use crate::timekeeper;
use crate::webhooks::courier::Courier;

pub use handles::{ClockHandle, FaultError, FaultsHandle};
pub use journal::{JournalEntry, JournalHandle, NotSeen};

/// Why an emulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A state document is faulty.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A place to listen at is not to be had.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The state file cannot be used.
    #[error(transparent)]
    StateFile(#[from] StateFileError),
    /// TLS cannot be answered as it was asked for.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Listening beyond loopback without a token.
    #[error("--listen {0}: is reachable from other machines; that needs --control-token")]
    TokenNeeded(String),
}

/// Says what an emulator is to be.
#[derive(Debug)]
pub struct Builder {
    config: Config,
    fixtures: Vec<Result<State, DocumentError>>,
    clock: Clock,
}

impl Builder {
    /// Adds a state document to what the world starts from; a later entity with the same id replaces the earlier.
    #[must_use]
    pub fn fixture(mut self, document: impl Into<serde_json::Value>) -> Self {
        self.fixtures.push(document::from_value(&document.into()));
        self
    }

    /// Adds a state document that is read already.
    #[must_use]
    pub fn state(mut self, state: State) -> Self {
        self.fixtures.push(Ok(state));
        self
    }

    /// Sets the clock.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets what all generated ids come from.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.config.seed = Some(seed);
        self
    }

    /// Sets everything else, also where to listen; a seed that was given stays, unless this has one.
    #[must_use]
    pub fn config(mut self, config: Config) -> Self {
        self.config = Config { seed: config.seed.or(self.config.seed), ..config };
        self
    }

    /// Builds the emulator and listens; by default on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// A faulty document, a place that cannot be listened at, a state file that cannot be used.
    pub async fn start(self) -> Result<Emulator, StartError> {
        let mut emulator = self.build()?;
        emulator.listen().await?;
        Ok(emulator)
    }

    /// Builds the emulator without a socket: [`Emulator::call`] answers.
    ///
    /// # Errors
    /// A faulty document, or a state file that cannot be used.
    pub fn build(self) -> Result<Emulator, StartError> {
        let mut start = State::empty();
        for fixture in self.fixtures {
            start.merge(fixture?);
        }
        document::check(&start, "the fixtures together")?;
        let config = self.config;
        let open = config.listen.iter().find(|place| !listen::is_loopback(place));
        if let (Some(place), None) = (open, &config.control_token) {
            return Err(StartError::TokenNeeded(place.clone()));
        }
        let tls = Arc::new(Tls::open(&config)?);
        let keeper = config.state_file.as_deref().map(Keeper::open).transpose()?;
        let kept = keeper.as_ref().map(Keeper::load).transpose()?.flatten();
        let ground = Arc::new(Ground {
            clock: self.clock,
            journal: Arc::new(Journal::new(config.journal)),
            seed: config.seed.unwrap_or_else(random_seed),
            messages_max: config.messages_max,
            tenants_max: config.tenants_max,
            files: FileRoom::new(config.files),
            closed: config.closed,
        });
        let world = World::new(ground.clone(), 1, kept.as_ref().unwrap_or(&start));
        drop(kept);
        let house = Arc::new(House::new(config, ground, Start::new(start), world));
        let carrying = || Carrying::Waiting(Box::new(Courier::new(house.clone())));
        let courier = Mutex::new(if house.config.callbacks { carrying() } else { Carrying::Ended });
        let service = Arc::new(Service { house, router: Router::new() });
        Ok(Emulator {
            service,
            tls,
            addresses: Vec::new(),
            server: None,
            keeper,
            keeping: None,
            ticking: None,
            courier,
        })
    }
}

/// A running emulator; dropped, it stops and its port is free.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use imulator::Emulator;
/// use serde_json::json;
///
/// // Each has its own world, journal, clock and port; any number may live in one process.
/// let world = |id: &str| json!({"imulator": 1, "tencent": {id: {}}});
/// let one = Emulator::builder().fixture(world("1")).start().await?;
/// let other = Emulator::builder().fixture(world("2")).start().await?;
/// assert_ne!(one.url(), other.url());
/// assert!(serde_json::to_value(one.state())?["tencent"].get("2").is_none());
/// one.stop().await; // or dropped: stopped, port free
/// # drop(other);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Emulator {
    service: Arc<Service>,
    tls: Arc<Tls>,
    addresses: Vec<SocketAddr>,
    server: Option<JoinHandle<()>>,
    keeper: Option<Keeper>,
    keeping: Option<JoinHandle<()>>,
    ticking: Option<JoinHandle<()>>,
    courier: Mutex<Carrying>,
}

/// Whether callbacks are sent yet: that needs a runtime, which there is at the first call at the latest.
#[derive(Debug)]
enum Carrying {
    Waiting(Box<Courier>),
    Running(JoinHandle<()>),
    Ended,
}

impl Emulator {
    /// Starts saying what an emulator is to be: an empty world on a free port of 127.0.0.1, the system's clock.
    pub fn builder() -> Builder {
        let config = Config { listen: vec!["127.0.0.1:0".into()], ..Config::default() };
        Builder { config, fixtures: Vec::new(), clock: Clock::system() }
    }

    /// Begins to send callbacks, if that has not begun.
    fn carry(&self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let mut carrying = self.courier.lock();
        *carrying = match std::mem::replace(&mut *carrying, Carrying::Ended) {
            Carrying::Waiting(courier) => Carrying::Running(runtime.spawn(courier.run())),
            other => other,
        };
    }

    async fn listen(&mut self) -> Result<(), StartError> {
        self.carry();
        let mut listeners = Vec::new();
        for place in &self.service.house.config.listen {
            listeners.extend(listen::bind(place).await?);
        }
        self.addresses = listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect();
        let (service, stopping) = (self.service.clone(), self.service.house.stopping());
        self.server = Some(tokio::spawn(server::serve(listeners, service, self.tls.clone(), stopping)));
        self.ticking = Some(tokio::spawn(timekeeper::keep(self.service.house.clone(), self.service.house.stopping())));
        if let Some(keeper) = &self.keeper {
            self.keeping =
                Some(tokio::spawn(keeper.clone().keep(self.service.house.clone(), self.service.house.stopping())));
        }
        Ok(())
    }

    /// Where it answers, with the first IPv4 address: `http://127.0.0.1:3100`.
    pub fn url(&self) -> String {
        let first = self.addresses.iter().find(|address| address.is_ipv4()).or(self.addresses.first());
        first.map(|address| format!("http://{address}")).unwrap_or_default()
    }

    /// The certificate, as PEM, that a client has to trust to reach the same port by TLS; `None` where TLS is off or has a
    /// certificate from files.
    ///
    /// # Errors
    /// The authority that is kept cannot be used.
    pub fn authority(&self) -> Result<Option<String>, StartError> {
        Ok(self.tls.authority()?)
    }

    /// Answers a request without a socket, through the same stages. A body that a fault rule cuts is short, under a
    /// `content-length` of the whole; where a rule wants no answer this waits until the emulator stops.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use imulator::Emulator;
    /// use serde_json::{Value, json};
    ///
    /// let emulator = Emulator::builder().build()?; // no socket: a port is not needed
    /// let body = json!({"UserID": "mira"}).to_string();
    /// let target = "/v4/im_open_login_svc/account_import?sdkappid=7&identifier=admin&usersig=x";
    /// let reply = emulator.call(http::Request::post(target).body(body.into())?).await?;
    /// assert_eq!(reply.headers()["imulator-operation"], "tencent.accounts.account_import");
    /// let reply: Value = serde_json::from_slice(reply.body())?;
    /// assert_eq!(reply["ErrorCode"], 0);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A fault rule cut the connection that a socket would have had.
    pub async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, NoReply> {
        self.carry();
        let answered = pipeline::answer(self.service.clone(), request.map(Full::new)).await;
        // Without a socket nothing here ever waits; on a single thread the courier would not get a turn.
        tokio::task::yield_now().await;
        if answered.as_ref().is_err_and(|how| *how == NoReply::Hang) {
            // Forgotten senders end the wait too.
            drop(self.service.house.stopping().wait_for(|stopped| *stopped).await);
        }
        let (mut head, body) = answered?.into_parts();
        if let Some(length) = body.short_of() {
            head.headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        Ok(Response::from_parts(head, body.arrived().await))
    }

    /// Serves one connection over any stream of bytes, as if a listener had accepted it; for fuzzing.
    #[doc(hidden)]
    pub async fn converse(&self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) {
        self.carry();
        server::serve_one(stream, self.service.clone(), self.tls.clone(), self.service.house.stopping()).await;
    }

    /// The fault rules.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use imulator::Emulator;
    /// use serde_json::json;
    ///
    /// let emulator = Emulator::builder().build()?;
    /// let rule = json!({"match": {"operation": "tencent.accounts.account_import"}, "times": 1, "then": {"error": 60008}});
    /// emulator.faults().add(rule)?;
    /// let call = || {
    ///     let target = "/v4/im_open_login_svc/account_import?sdkappid=7&identifier=admin&usersig=x";
    ///     http::Request::post(target).body(r#"{"UserID":"mira"}"#.into())
    /// };
    /// let first = emulator.call(call()?).await?;
    /// assert!(first.body().windows(5).any(|five| five == b"60008"));
    /// let second = emulator.call(call()?).await?;
    /// assert!(second.body().ends_with(br#""ErrorCode":0}"#));
    /// assert_eq!(emulator.faults().all()[0]["fired"], 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn faults(&self) -> FaultsHandle<'_> {
        FaultsHandle { house: &self.service.house }
    }

    /// What happened.
    pub fn journal(&self) -> JournalHandle<'_> {
        JournalHandle { house: &self.service.house }
    }

    /// The emulator's clock.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use imulator::{Clock, Emulator};
    ///
    /// let emulator = Emulator::builder().clock(Clock::manual()).build()?;
    /// assert_eq!(emulator.clock().now().to_string(), "2026-01-05T09:00:00.000Z");
    /// emulator.clock().advance(Duration::from_secs(3600)); // mutes, bans and tokens that end until then have ended
    /// assert_eq!(emulator.clock().now().to_string(), "2026-01-05T10:00:00.000Z");
    /// emulator.clock().set("2030-01-01T00:00:00Z".parse()?)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn clock(&self) -> ClockHandle<'_> {
        ClockHandle { house: &self.service.house }
    }

    /// The world as a state document.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use imulator::Emulator;
    /// use serde_json::json;
    ///
    /// let world = json!({"imulator": 1, "imkit": {"shop": {"rooms": [{"_id": "tea", "name": "Tea"}]}}});
    /// let emulator = Emulator::builder().fixture(world).build()?;
    /// let state = serde_json::to_value(emulator.state())?;
    /// assert_eq!(state["imkit"]["shop"]["rooms"][0]["name"], "Tea");
    /// let again = Emulator::builder().state(emulator.state()).build()?; // a snapshot is a fixture again
    /// assert_eq!(serde_json::to_value(again.state())?, state);
    /// # Ok(())
    /// # }
    /// ```
    pub fn state(&self) -> State {
        document::of_world(&self.service.house.world())
    }

    /// Back to the fixtures: next epoch, journal emptied.
    pub async fn reset(&self) {
        self.service.house.reset();
    }

    /// Stops in good order: running requests get their time, the state file is written.
    pub async fn stop(mut self) {
        self.service.house.stop();
        if let Some(server) = self.server.take() {
            let _ = server.await;
        }
        if let Some(ticking) = self.ticking.take() {
            let _ = ticking.await;
        }
        let carrying = std::mem::replace(&mut *self.courier.lock(), Carrying::Ended);
        if let Carrying::Running(courier) = carrying {
            let _ = courier.await;
        }
        match (self.keeping.take(), &self.keeper) {
            (Some(keeping), _) => drop(keeping.await),
            // Without a socket nobody writes at intervals, but the end is written.
            (None, Some(keeper)) => {
                keeper.clone().keep(self.service.house.clone(), self.service.house.stopping()).await;
            }
            (None, None) => {}
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.service.house.stop();
        self.server.iter().for_each(JoinHandle::abort);
    }
}
