//! The stages of every request, in order: route → receive → perform (admit, decode, act, seal) → record → send.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ALLOW, DATE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{Either, Full};
use hyper::body::Body;

use crate::api::call::{Arrival, PathParams};
use crate::api::control::gateway::{self as control, ControlRefusal};
use crate::api::house::House;
use crate::api::imkit::gateway as imkit;
use crate::api::operation::Operation;
use crate::api::reply::{Flow, Reply};
use crate::api::router::{Router, Surface};
use crate::api::tencent::codes::TencentRefusal;
use crate::api::tencent::{envelope, gateway as tencent};
use crate::api::why;
use crate::domain::world::World;
use crate::edge::exchange::{self, BodyFault, Circumstances};
use crate::kernel::clock::Stopwatch;

/// Our headers on every vendor reply.
const OPERATION: HeaderName = HeaderName::from_static("imulator-operation");
const CALL: HeaderName = HeaderName::from_static("imulator-call");
const WHY: HeaderName = HeaderName::from_static("imulator-why");
const DOC: HeaderName = HeaderName::from_static("imulator-doc");
/// The same, for browsers.
const EXPOSED: HeaderValue = HeaderValue::from_static("imulator-operation, imulator-call, imulator-why, imulator-doc");

/// A reply's body on its way out.
pub type Sent = Either<Full<Bytes>, Flow>;

/// What answers requests: a house behind its router.
#[derive(Debug)]
pub struct Service {
    /// The house.
    pub house: Arc<House>,
    /// All tables in one lookup.
    pub router: Router,
}

/// A request on its way: its head is read, its body not yet.
struct Begun {
    surface: Surface,
    number: u64,
    watch: Stopwatch,
    found: Option<(&'static Operation, PathParams)>,
}

impl Begun {
    fn circumstances(&self, epoch: u64) -> Circumstances {
        Circumstances { number: self.number, epoch, operation: operation_name(self), watch: self.watch }
    }
}

/// Answers one request, whatever it is.
pub async fn answer<B>(service: Arc<Service>, request: Request<B>) -> Response<Sent>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let house = &service.house;
    let (head, body) = request.into_parts();
    let surface = Surface::of(head.uri.path());
    let found = service.router.find(surface, &head.method, head.uri.path());
    let started = Begun { surface, number: house.next_call(), watch: Stopwatch::start(), found };
    if surface == Surface::Control
        && let Err(refusal) = control::check(&house.config, &head.headers)
    {
        let mut reply = refusal.reply();
        dress(house, &started, &head, &mut reply);
        return send(reply);
    }
    let received = exchange::receive(house, surface, &head, body).await;
    // Taken once the body is in: the world in which the request lives to its end.
    let world = house.world();
    let epoch = world.epoch;
    let (received, mut reply) = match received {
        Ok(received) => {
            let reply = perform(&service, world.clone(), &started, &head, received.clone()).await;
            (received, reply)
        }
        Err(fault) => (Bytes::new(), refuse_body(house, &started, head.uri.path(), &fault)),
    };
    dress(house, &started, &head, &mut reply);
    if surface != Surface::Control {
        exchange::record(house, started.circumstances(epoch), &head, &received, &reply);
    }
    send(reply)
}

/// Runs the operation, or says that there is none.
async fn perform(service: &Service, world: Arc<World>, started: &Begun, head: &Parts, body: Bytes) -> Reply {
    let Some((operation, params)) = &started.found else {
        return nowhere(service, started, head);
    };
    let arrival = Arc::new(Arrival {
        house: service.house.clone(),
        world,
        number: started.number,
        operation,
        head: head.clone(),
        params: params.clone(),
        body,
    });
    match AssertUnwindSafe((operation.run)(arrival)).catch_unwind().await {
        Ok(reply) => reply,
        Err(_) => {
            tracing::error!(
                operation = operation.name,
                call = started.number,
                "a panic was answered as an internal error"
            );
            broken(&service.house, started, head.uri.path())
        }
    }
}

/// The answer where no row is.
fn nowhere(service: &Service, started: &Begun, head: &Parts) -> Reply {
    let (method, path) = (&head.method, head.uri.path());
    match started.surface {
        Surface::Tencent => refuse_tencent(&service.house, started.number, path, tencent::nowhere(method, path)),
        Surface::Imkit if *method == Method::HEAD && path == "/" => Reply::new(StatusCode::OK, Bytes::new()),
        Surface::Imkit if *method == Method::OPTIONS => imkit::preflight(&head.headers),
        Surface::Imkit => imkit::nowhere(method, path).reply(),
        Surface::Control => match service.router.methods(path).as_slice() {
            [] => ControlRefusal::missing(format!("the control API has no {method} {path}")).reply(),
            methods => {
                let message = format!("{path} takes {}", methods.join(", "));
                let refusal = ControlRefusal::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message);
                let mut reply = refusal.reply();
                let allowed = HeaderValue::from_str(&methods.join(", ")).expect("methods are ASCII");
                reply.headers.insert(ALLOW, allowed);
                reply
            }
        },
    }
}

fn refuse_tencent(house: &House, number: u64, path: &str, refusal: TencentRefusal) -> Reply {
    envelope::seal::<()>(house, number, path, Err(refusal))
}

/// The answer to a body that did not come in whole.
fn refuse_body(house: &House, started: &Begun, path: &str, fault: &BodyFault) -> Reply {
    let (status, code) = match fault {
        BodyFault::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
        BodyFault::TooSlow { .. } => (StatusCode::REQUEST_TIMEOUT, "too_slow"),
        BodyFault::Broken(_) => (StatusCode::BAD_REQUEST, "broken_body"),
    };
    match started.surface {
        // Assumed: a body over 1 MiB is answered as HTTP that cannot be parsed.
        Surface::Tencent => refuse_tencent(house, started.number, path, TencentRefusal::new(60002, fault.to_string())),
        Surface::Imkit => imkit::ImkitRefusal::edge(status, fault.to_string()).reply(),
        Surface::Control => ControlRefusal::new(status, code, fault.to_string()).reply(),
    }
}

/// The answer to a fault of ours.
fn broken(house: &House, started: &Begun, path: &str) -> Reply {
    const WHY: &str = "a fault of the emulator itself; its log has the details";
    match started.surface {
        Surface::Tencent => {
            let code = match path.split('/').nth(2).unwrap_or("") {
                service if service.starts_with("room_") || service.starts_with("live_") => 100001,
                service if service.starts_with("im_open") => 70500,
                _ => 10002,
            };
            refuse_tencent(house, started.number, path, TencentRefusal::new(code, WHY))
        }
        Surface::Imkit => imkit::ImkitRefusal::edge(StatusCode::INTERNAL_SERVER_ERROR, WHY.into()).reply(),
        Surface::Control => ControlRefusal::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", WHY).reply(),
    }
}

fn operation_name(started: &Begun) -> &'static str {
    match (&started.found, started.surface) {
        (Some((operation, _)), _) => operation.name,
        (None, Surface::Tencent) => "tencent.unknown",
        (None, _) => "imkit.unknown",
    }
}

/// Adds the headers that are ours, and the date of the emulator's clock.
fn dress(house: &House, started: &Begun, head: &Parts, reply: &mut Reply) {
    let date = httpdate::fmt_http_date(house.clock.now().system_time());
    let headers = &mut reply.headers;
    headers.insert(DATE, HeaderValue::from_str(&date).expect("a date is ASCII"));
    if started.surface == Surface::Control {
        return;
    }
    if head.method != Method::OPTIONS || started.surface == Surface::Tencent {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    headers.insert(OPERATION, HeaderValue::from_static(operation_name(started)));
    headers.insert(CALL, HeaderValue::from(started.number));
    let overview = match started.surface {
        Surface::Tencent => "https://cloud.tencent.com/document/product/269/1519",
        _ => "https://docs.imkit.io/en/",
    };
    let doc = started.found.as_ref().map_or(overview, |(operation, _)| operation.doc);
    headers.insert(DOC, HeaderValue::from_static(doc));
    if let Some(line) = &reply.why {
        headers.insert(WHY, why::header(line));
    }
}

fn send(reply: Reply) -> Response<Sent> {
    let mut response = Response::new(match reply.flow {
        Some(flow) => Either::Right(flow),
        None => Either::Left(Full::new(reply.body)),
    });
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    response
}

/// The reply's headers as they are recorded.
pub fn lines_of(headers: &HeaderMap) -> Vec<u8> {
    let mut lines = Vec::with_capacity(headers.len() * 32);
    for (name, value) in headers {
        lines.extend_from_slice(name.as_str().as_bytes());
        lines.extend_from_slice(b": ");
        lines.extend_from_slice(value.as_bytes());
        lines.push(b'\n');
    }
    lines
}
