//! Server: accepts connections within their bounds, serves HTTP/1, and stops in good order.

use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use crate::config::EdgeBounds;
use crate::edge::pipeline::{self, Service};
use crate::edge::tls::{Stream, Tls};
use crate::kernel::clock::sleep_real;

/// How long to wait after the system refused a connection, as when it is out of file handles.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The smallest head that the HTTP parser can be given room for.
const HEAD_BYTES_MIN: usize = 8 * 1024;

/// Accepts connections until told to stop, then gives running requests their time.
pub async fn serve(listeners: Vec<TcpListener>, service: Arc<Service>, tls: Arc<Tls>, stop: watch::Receiver<bool>) {
    let bounds = service.house.config.edge;
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(bounds.connections_max));
    // Dropped at the end, also when this is aborted: what still runs then is cut.
    let (alive, _) = watch::channel(());
    let accepting = listeners
        .into_iter()
        .map(|listener| accept(listener, &service, &tls, &graceful, room.clone(), stop.clone(), alive.subscribe()));
    futures_util::future::join_all(accepting).await;
    tokio::select! {
        () = graceful.shutdown() => {}
        () = sleep_real(bounds.stop_timeout) => tracing::warn!("requests were still running when the time to stop was over"),
    }
}

async fn accept(
    listener: TcpListener,
    service: &Arc<Service>,
    tls: &Arc<Tls>,
    graceful: &GracefulShutdown,
    room: Arc<Semaphore>,
    mut stop: watch::Receiver<bool>,
    alive: watch::Receiver<()>,
) {
    loop {
        let permit = tokio::select! {
            permit = room.clone().acquire_owned() => permit.expect("the semaphore is never closed"),
            () = stopped(&mut stop) => return,
        };
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(fault) => {
                    tracing::warn!(%fault, "a connection could not be accepted");
                    sleep_real(ACCEPT_PAUSE).await;
                    continue;
                }
            },
            () = stopped(&mut stop) => return,
        };
        let (service, tls, watcher) = (service.clone(), tls.clone(), graceful.watcher());
        let (mut alive, mut stop) = (alive.clone(), stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                ended = converse(stream, &service, &tls, watcher, &mut stop) => {
                    if let Err(fault) = ended {
                        tracing::debug!(%fault, "a connection ended early");
                    }
                }
                _ = alive.changed() => {}
            }
            drop(permit);
        });
    }
}

/// One connection from its first byte to its end; one that has not yet asked for anything ends when the server stops.
async fn converse(
    stream: TcpStream,
    service: &Arc<Service>,
    tls: &Tls,
    watcher: Watcher,
    stop: &mut watch::Receiver<bool>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    if let Err(fault) = stream.set_nodelay(true) {
        tracing::debug!(%fault, "a connection keeps its small packets back");
    }
    let bounds = &service.house.config.edge;
    let stream = tokio::select! {
        stream = tls.welcome(stream, bounds.header_timeout) => stream?,
        () = stopped(stop) => return Ok(()),
    };
    Ok(watcher.watch(connection(stream, service, bounds)).await?)
}

/// Waits until the server is told to stop, or forgotten.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stopped| *stopped).await);
}

/// One connection: HTTP/1.1, keep-alive, a time-out for each request's head.
fn connection(
    stream: Stream,
    service: &Arc<Service>,
    bounds: &EdgeBounds,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> + Send + use<> {
    let service = service.clone();
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.header_timeout)
        .max_buf_size(bounds.head_bytes_max.max(HEAD_BYTES_MIN))
        .half_close(true)
        .serve_connection(
            TokioIo::new(stream),
            service_fn(move |request| {
                let answer = pipeline::answer(service.clone(), request);
                async move { Ok::<_, std::convert::Infallible>(answer.await) }
            }),
        )
}
