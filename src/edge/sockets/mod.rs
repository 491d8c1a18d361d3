//! Sockets: IMKIT's Socket.IO on the same port. The transport is a library's; here is how requests come to it, and
//! whom it is open for. What a socket asks goes through the same stages as every call; what it is told comes from the
//! journal.

mod asks;
mod hub;
mod session;

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, DATE, UPGRADE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::Service as _;
use socketioxide::SocketIo;
use socketioxide::extract::SocketRef;
use socketioxide::handler::ConnectHandler as _;
use socketioxide::service::SocketIoService;
use tokio::sync::Semaphore;

use crate::api::house;
use crate::api::imkit::gateway::{ImkitRefusal, preflight};
use crate::api::router::Surface;
use crate::edge::exchange;
use crate::edge::guarded::Cut;
use crate::edge::line::Sent;
use crate::edge::pipeline::{self, Service};
use crate::edge::sockets::hub::Hub;

/// Where sockets connect.
const PATH: &str = "/socket.io";
/// How often a client is asked whether it is still there.
const PING_INTERVAL: Duration = Duration::from_secs(10);
/// How long it may take to say so.
const PING_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a connection may stay without joining the one namespace there is.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
/// Packets that wait for a client at most; one that lets more wait is cut.
const QUEUE_MAX: usize = 1024;

/// The sockets of one emulator.
pub struct Sockets {
    hub: Arc<Hub>,
    transport: SocketIoService<Nowhere>,
    /// How many more can come.
    room: Arc<Semaphore>,
}

/// A request's way in.
#[derive(Clone, Debug)]
pub struct Way {
    /// Where it comes from.
    pub peer: SocketAddr,
    /// Whether it is TLS.
    pub encrypted: bool,
    /// Cuts its connection.
    pub cut: Cut,
}

/// What requests get that are no transport's; none is, they are sorted out before.
#[derive(Clone, Debug)]
struct Nowhere;

impl<B> hyper::service::Service<Request<B>> for Nowhere {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn call(&self, _: Request<B>) -> Self::Future {
        let mut response = Response::new(Full::default());
        *response.status_mut() = StatusCode::NOT_FOUND;
        ready(Ok(response))
    }
}

impl Sockets {
    /// None yet.
    pub fn new(service: Arc<Service>) -> Self {
        let bounds = service.house.config.edge;
        let hub = Hub::new(service);
        let (transport, io) = SocketIo::builder()
            .req_path(PATH)
            .ping_interval(PING_INTERVAL)
            .ping_timeout(PING_TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .max_buffer_size(QUEUE_MAX)
            .max_payload(bounds.body_bytes_max as u64)
            .ws_max_message_size(bounds.body_bytes_max)
            .ws_max_frame_size(bounds.body_bytes_max)
            .build_with_inner_svc(Nowhere);
        let welcoming = hub.clone();
        // Before the client is told that it is connected: no event of its may come too early.
        let welcome = move |socket: SocketRef| {
            welcoming.welcome(socket);
            ready(Ok::<(), Infallible>(()))
        };
        io.ns("/", (async || ()).with(welcome));
        Self { hub, transport, room: house::room(bounds.connections_max) }
    }

    /// Whether a request is for sockets.
    pub fn take(path: &str) -> bool {
        path.strip_prefix(PATH).is_some_and(|rest| rest.is_empty() || rest == "/")
    }

    /// Answers a request of the transport.
    pub async fn answer(&self, request: Request<Incoming>, way: &Way) -> Response<Sent> {
        let house = &self.hub.service.house;
        let (head, body) = request.into_parts();
        if head.method == Method::OPTIONS {
            return self.dress(pipeline::send_whole(preflight(&head.headers)));
        }
        let response = match exchange::receive(house, Surface::Imkit, &head, body, None).await {
            Ok(body) => self.transport(Request::from_parts(head, Full::new(body)), way).await,
            Err(fault) => refuse(fault.status_and_code().0, fault.to_string()),
        };
        self.dress(response)
    }

    async fn transport(&self, mut request: Request<Full<Bytes>>, way: &Way) -> Response<Sent> {
        let query = request.uri().query().unwrap_or("");
        let known = query.split('&').find_map(|pair| pair.strip_prefix("sid=")).map(str::to_owned);
        if known.is_none() {
            let Ok(permit) = self.room.clone().try_acquire_owned() else {
                return refuse(StatusCode::SERVICE_UNAVAILABLE, "no more sockets (--max-connections)".into());
            };
            // Kept by the transport with the request that opened the socket, and so for as long as the socket.
            request.extensions_mut().insert(Arc::new(permit));
        }
        if request.headers().contains_key(UPGRADE) {
            known.iter().for_each(|id| self.hub.moves(id, way.cut.clone()));
            self.watch(known.clone(), way.cut.clone());
        }
        request.extensions_mut().insert(way.clone());
        let answered = tokio::select! {
            answered = self.transport.call(request) => answered,
            // A poll that waits for news would keep the emulator from stopping.
            () = self.hub.stopped() => return refuse(StatusCode::SERVICE_UNAVAILABLE, "the emulator stops".into()),
        };
        let (head, body) = match answered {
            Ok(response) => response.into_parts(),
            Err(never) => match never {},
        };
        let Ok(body) = body.collect().await;
        let body = body.to_bytes();
        known.iter().for_each(|id| self.hub.polled(id, body.len()));
        Response::from_parts(head, Sent::from(body))
    }

    /// Cuts a connection that became a socket's when the emulator stops.
    fn watch(&self, socket: Option<String>, cut: Cut) {
        let hub = self.hub.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = hub.stopped() => cut.cut(),
                () = cut.clone().done() => {}
            }
            socket.iter().for_each(|id| hub.moved(id));
        });
    }

    fn dress(&self, mut response: Response<Sent>) -> Response<Sent> {
        let date = pipeline::date_of(self.hub.service.house.clock.now());
        let headers = response.headers_mut();
        headers.insert(DATE, date);
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        response
    }
}

fn refuse(status: StatusCode, why: String) -> Response<Sent> {
    pipeline::send_whole(ImkitRefusal::edge(status, why).reply())
}
