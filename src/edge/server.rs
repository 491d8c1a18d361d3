//! Server: accepts connections within their bounds, serves HTTP/1, and stops in good order.

use std::convert::Infallible;
use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::task::JoinSet;

use crate::api::call::Encrypted;
use crate::api::house;
use crate::config::EdgeBounds;
use crate::edge::guarded::{Cut, Guarded};
use crate::edge::line::{Fate, Line};
use crate::edge::pipeline::{self, Service};
use crate::edge::sockets::{Sockets, Way};
use crate::edge::tls::{Stream, Tls};
use crate::kernel::clock::sleep_real;

/// How long to wait after the system refused a connection, as when it is out of file handles.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The smallest head that the HTTP parser can be given room for.
const HEAD_BYTES_MIN: usize = 8 * 1024;

/// What every connection needs.
#[derive(Clone)]
struct Server {
    service: Arc<Service>,
    sockets: Arc<Sockets>,
    tls: Arc<Tls>,
    stop: watch::Receiver<bool>,
    /// How many more connections can come.
    room: Arc<Semaphore>,
    /// Held by each connection; the server is done when none holds it.
    _running: mpsc::Sender<Infallible>,
}

/// Accepts connections until told to stop, then gives running requests their time.
pub async fn serve(listeners: Vec<TcpListener>, service: Arc<Service>, tls: Arc<Tls>, stop: watch::Receiver<bool>) {
    let bounds = service.house.config.edge;
    let room = house::room(bounds.connections_max);
    let (running, mut done) = mpsc::channel(1);
    let sockets = Arc::new(Sockets::new(service.clone()));
    let server = Server { service, sockets, tls, stop, room, _running: running };
    let accepting = listeners.into_iter().map(|listener| accept(listener, server.clone()));
    // Held to the end: what still runs then is cut, also when the server itself is aborted.
    let _connections = futures_util::future::join_all(accepting).await;
    drop(server);
    tokio::select! {
        _ = done.recv() => {}
        () = sleep_real(bounds.stop_timeout) => tracing::warn!("requests were still running when the time to stop was over"),
    }
}

/// Gives the connections that run when the server is told to stop.
async fn accept(listener: TcpListener, mut server: Server) -> JoinSet<()> {
    let mut connections = JoinSet::new();
    loop {
        let permit = tokio::select! {
            permit = server.room.clone().acquire_owned() => permit.expect("the semaphore is never closed"),
            () = stopped(&mut server.stop) => return connections,
        };
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(fault) => {
                    tracing::warn!(%fault, "a connection could not be accepted");
                    sleep_real(ACCEPT_PAUSE).await;
                    continue;
                }
            },
            () = stopped(&mut server.stop) => return connections,
        };
        while connections.try_join_next().is_some() {}
        let connection = converse(stream, Way { peer, encrypted: false, cut: Cut::default() }, permit, server.clone());
        connections.spawn(async move {
            if let Err(fault) = connection.await {
                tracing::debug!(%fault, "a connection ended early");
            }
        });
    }
}

/// Waits until the server is told to stop, or forgotten.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stopped| *stopped).await);
}

/// One connection from its first byte to its end.
async fn converse(
    stream: TcpStream,
    way: Way,
    permit: OwnedSemaphorePermit,
    mut server: Server,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    if let Err(fault) = stream.set_nodelay(true) {
        tracing::debug!(%fault, "a connection keeps its small packets back");
    }
    let allowed = server.service.house.config.edge.header_timeout;
    // One that has not yet asked for anything ends when the server stops.
    let stream = tokio::select! {
        stream = server.tls.welcome(stream, allowed) => stream?,
        () = stopped(&mut server.stop) => return Ok(()),
    };
    let way = Way { encrypted: matches!(stream, Stream::Right(_)), ..way };
    Ok(carry(stream, way, permit, &mut server).await?)
}

/// A connection that came by no listener, from its first byte to its end: plain HTTP over whatever carries its bytes.
pub async fn serve_one<S>(stream: S, service: Arc<Service>, tls: Arc<Tls>, stop: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let room = house::room(1);
    let Ok(permit) = room.clone().try_acquire_owned() else { return };
    let (running, _done) = mpsc::channel(1);
    let sockets = Arc::new(Sockets::new(service.clone()));
    let mut server = Server { service, sockets, tls, stop, room, _running: running };
    let way = Way { peer: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), encrypted: false, cut: Cut::default() };
    if let Err(fault) = carry(stream, way, permit, &mut server).await {
        tracing::debug!(%fault, "a connection ended early");
    }
}

/// Speaks HTTP over a connection, and keeps it where a fault rule leaves its client without an answer.
async fn carry<S>(stream: S, way: Way, permit: OwnedSemaphorePermit, server: &mut Server) -> Result<(), hyper::Error>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let fate = Fate::new();
    let write_timeout = server.service.house.config.edge.write_timeout;
    let line = Line::new(Guarded::new(stream, way.cut.clone(), permit, write_timeout), fate.clone());
    let ended = speak(line, way, fate.clone(), server).await;
    tokio::select! {
        () = fate.hang() => {}
        () = stopped(&mut server.stop) => {}
    }
    ended
}

/// HTTP/1.1, keep-alive, a time-out for each request's head; the connection may become a socket's.
async fn speak<C>(line: Line<C>, way: Way, fate: Arc<Fate<C>>, server: &mut Server) -> Result<(), hyper::Error>
where
    C: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let bounds: EdgeBounds = server.service.house.config.edge;
    let (service, sockets) = (server.service.clone(), server.sockets.clone());
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.header_timeout)
        .max_buf_size(bounds.head_bytes_max.max(HEAD_BYTES_MIN))
        .half_close(true)
        .serve_connection(
            TokioIo::new(line),
            service_fn(move |mut request| {
                if way.encrypted {
                    request.extensions_mut().insert(Encrypted);
                }
                let (service, sockets, way) = (service.clone(), sockets.clone(), way.clone());
                let fate = fate.clone();
                async move {
                    if Sockets::take(request.uri().path()) {
                        return Ok(sockets.answer(request, &way).await);
                    }
                    let answered = pipeline::answer(service, request).await.inspect_err(|how| fate.note(*how));
                    answered.map(|response| response.map(|body| body.cut_by(fate.cut())))
                }
            }),
        )
        .with_upgrades();
    tokio::pin!(connection);
    tokio::select! {
        ended = connection.as_mut() => return ended,
        () = stopped(&mut server.stop) => connection.as_mut().graceful_shutdown(),
    }
    connection.await
}
