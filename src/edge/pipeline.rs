//! The stages of every request, in order: route → receive → disturb → perform (admit, decode, act, seal)
//! → record → send.

use std::cell::RefCell;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use http::header::{ALLOW, DATE};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Body;

use crate::api::call::{Arrival, PathParams};
use crate::api::control::gateway::{self as control, ControlRefusal};
use crate::api::control::upload::Uploaded;
use crate::api::dress;
use crate::api::faults::{Disturbed, UNKNOWN};
use crate::api::house::House;
use crate::api::imkit::{gateway as imkit, nowhere};
use crate::api::operation::Operation;
use crate::api::reply::Reply;
use crate::api::router::{Router, Surface};
use crate::api::tencent::codes::TencentRefusal;
use crate::api::tencent::envelope::{self, Dialect};
use crate::api::tencent::gateway as tencent;
use crate::api::why;
use crate::domain::world::World;
use crate::edge::disturb::{self, Fault, Step};
use crate::edge::exchange::{self, BodyFault, Circumstances};
use crate::edge::line::{NoReply, Sent};
use crate::edge::upload;
use crate::kernel::clock::{Stopwatch, Timestamp};

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

/// Answers one request, whatever it is.
///
/// # Errors
/// A fault rule wants that no reply is sent.
pub async fn answer<B>(service: Arc<Service>, request: Request<B>) -> Result<Response<Sent>, NoReply>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let surface = Surface::of(request.uri().path());
    let found = service.router.find(surface, request.method(), request.uri().path());
    answer_as(service, surface, found, request).await
}

/// The same for a row that is found already: what sockets ask has rows that no path leads to.
///
/// # Errors
/// A fault rule wants that no reply is sent.
pub async fn answer_as<B>(
    service: Arc<Service>,
    surface: Surface,
    found: Option<(&'static Operation, PathParams)>,
    request: Request<B>,
) -> Result<Response<Sent>, NoReply>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let house = &service.house;
    let (mut head, body) = request.into_parts();
    let started = Begun { surface, number: house.next_call(), watch: Stopwatch::start(), found };
    if surface == Surface::Control
        && let Err(refusal) = control::check(&house.config, started.found.as_ref().map(|(row, _)| *row), &head.headers)
    {
        let mut reply = refusal.reply();
        dress(house, &started, &mut reply);
        let sent = Sent::whole(&mut reply);
        return Ok(send(reply, sent));
    }
    let received = match &started.found {
        Some((operation, _)) if Uploaded::is_for(operation) => upload::receive(house, &mut head, body).await,
        _ => exchange::receive(house, surface, &head, body, None).await,
    };
    let head = Arc::new(head);
    // Taken once the body is in: the world in which the request lives to its end.
    let world = house.world();
    let epoch = world.epoch;
    let (received, fault, mut reply) = match received {
        Ok(received) => {
            let (fault, reply) = disturb(&service, &world, &started, &head, &received).await;
            (received, fault, reply)
        }
        Err(body_fault) => (Bytes::new(), None, Some(refuse_body(house, &started, head.uri.path(), &body_fault))),
    };
    reply.iter_mut().for_each(|reply| dress(house, &started, reply));
    let sent = disturb::send(fault.as_ref(), &mut reply);
    if surface != Surface::Control {
        let circumstances = Circumstances {
            number: started.number,
            epoch,
            operation: operation_name(&started),
            dress: started.found.as_ref().and_then(|(row, _)| row.dress.get()),
            watch: started.watch,
            fault,
        };
        exchange::record(house, &circumstances, &head, &received, reply.as_ref());
    }
    let reply = reply.ok_or(NoReply::Cut);
    sent.and_then(|sent| Ok(send(reply?, sent)))
}

/// Runs the operation, or does what a fault rule says instead; no reply where it says so.
async fn disturb(
    service: &Service,
    world: &Arc<World>,
    started: &Begun,
    head: &Arc<Parts>,
    body: &Bytes,
) -> (Option<Fault>, Option<Reply>) {
    let call = Disturbed {
        house: &service.house,
        world,
        surface: started.surface,
        number: started.number,
        operation: started.found.as_ref().map(|(operation, _)| *operation),
        head,
        body,
    };
    let fault = Fault::of(&call);
    let step = match &fault {
        None => Step::Perform,
        Some(fault) => {
            fault.wait(&service.house).await;
            fault.step(&call)
        }
    };
    let reply = match step {
        Step::Perform => Some(perform(service, world.clone(), started, head, body.clone()).await),
        Step::Answer(reply) => Some(*reply),
        Step::Nothing => None,
    };
    (fault, reply)
}

/// Runs the operation, or says that there is none.
async fn perform(service: &Service, world: Arc<World>, started: &Begun, head: &Arc<Parts>, body: Bytes) -> Reply {
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
        Surface::Imkit => nowhere::nowhere(method, path).reply(),
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
    envelope::seal::<()>(house, number, Dialect::of_path(path), envelope::headers(), Err(refusal))
}

/// The answer to a body that did not come in whole.
fn refuse_body(house: &House, started: &Begun, path: &str, fault: &BodyFault) -> Reply {
    let (status, code) = fault.status_and_code();
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
        (None, Surface::Tencent) => UNKNOWN[0],
        (None, _) => UNKNOWN[1],
    }
}

/// Adds the headers that are ours, and the date, on the tenant's time.
fn dress(house: &House, started: &Begun, reply: &mut Reply) {
    let now = reply.tenant.as_ref().map_or_else(|| house.clock.now(), |tenant| tenant.now());
    let headers = &mut reply.headers;
    if started.surface != Surface::Control && !headers.contains_key(dress::OPERATION) {
        let overview = match started.surface {
            Surface::Tencent => "https://cloud.tencent.com/document/product/269/1519",
            _ => "https://docs.imkit.io/en/",
        };
        let doc = started.found.as_ref().map_or(overview, |(operation, _)| operation.doc);
        dress::put_on(headers, operation_name(started), doc, started.surface == Surface::Imkit);
    }
    headers.insert(DATE, date_of(now));
    if started.surface == Surface::Control {
        return;
    }
    headers.insert(dress::CALL, HeaderValue::from(started.number));
    if let Some(line) = &reply.why {
        headers.insert(dress::WHY, why::header(line));
    }
}

/// The date of a moment; most calls come in the same second as the one before.
pub fn date_of(now: Timestamp) -> HeaderValue {
    thread_local! {
        static LAST: RefCell<Option<(i64, HeaderValue)>> = const { RefCell::new(None) };
    }
    LAST.with_borrow_mut(|last| match last {
        Some((second, date)) if *second == now.seconds() => date.clone(),
        _ => {
            let date = httpdate::fmt_http_date(now.system_time());
            let date = HeaderValue::from_str(&date).expect("a date is ASCII");
            *last = Some((now.seconds(), date.clone()));
            date
        }
    })
}

/// The answer as it goes out, whole.
pub fn send_whole(mut reply: Reply) -> Response<Sent> {
    let sent = Sent::whole(&mut reply);
    send(reply, sent)
}

fn send(reply: Reply, sent: Sent) -> Response<Sent> {
    let mut response = Response::new(sent);
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    response
}
