//! Outgoing: connections to other servers, plain or TLS, for callbacks and for the commands that ask a server.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Builder, Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls_native_certs::load_native_certs;
use tokio::sync::OnceCell;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

/// Most bytes of the head of an answer.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// How long a connection is kept for the next request.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

type To<C> = Client<C, Full<Bytes>>;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// The address is none that is spoken to.
    #[error("it begins neither with http:// nor with https://")]
    Scheme,
    /// The system's roots cannot be had.
    #[error("the system's root certificates could not be read: {0}")]
    Roots(#[from] io::Error),
    /// No connection came about.
    #[error("{0}")]
    Unreachable(String),
    /// The connection broke, or what came was not HTTP.
    #[error("{0}")]
    Broken(String),
}

/// The client; connections without and with TLS apart, so that the system's roots are read only where they are needed.
#[derive(Debug)]
pub struct Outgoing {
    plain: To<HttpConnector>,
    secure: OnceCell<To<HttpsConnector<HttpConnector>>>,
    trusted: Vec<CertificateDer<'static>>,
}

impl Outgoing {
    /// One that trusts the system's roots (`SSL_CERT_FILE` and `SSL_CERT_DIR` name others) and these besides.
    pub fn new(trusted: Vec<CertificateDer<'static>>) -> Self {
        Self { plain: pool().build(connector()), secure: OnceCell::new(), trusted }
    }

    /// Sends a request, and gives the answer's head and the way to its body. Redirects are not followed.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, NoAnswer> {
        let sent = match request.uri().scheme_str() {
            Some("http") => self.plain.request(request).await,
            Some("https") => self.secure().await?.request(request).await,
            _ => return Err(NoAnswer::Scheme),
        };
        sent.map_err(|fault| match fault.is_connect() {
            true => NoAnswer::Unreachable(words_of(&fault)),
            false => NoAnswer::Broken(words_of(&fault)),
        })
    }

    async fn secure(&self) -> io::Result<&To<HttpsConnector<HttpConnector>>> {
        self.secure
            .get_or_try_init(|| async {
                let trusted = self.trusted.clone();
                // Reads files, which may take a while the first time.
                let config = tokio::task::spawn_blocking(|| trusting(trusted)).await.map_err(io::Error::other)??;
                let mut connector = connector();
                connector.enforce_http(false);
                let secure = HttpsConnectorBuilder::new().with_tls_config(config).https_only().enable_http1();
                Ok(pool().build(secure.wrap_connector(connector)))
            })
            .await
    }
}

fn pool() -> Builder {
    let mut builder = Client::builder(TokioExecutor::new());
    builder
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(1)
        .http1_max_buf_size(HEAD_BYTES_MAX);
    builder
}

fn connector() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector
}

/// A client that trusts the system's roots and these.
fn trusting(more: Vec<CertificateDer<'static>>) -> io::Result<ClientConfig> {
    let system = load_native_certs();
    let mut roots = RootCertStore::empty();
    // A root that cannot be read is none; the others still count.
    roots.add_parsable_certificates(system.certs.into_iter().chain(more));
    if roots.is_empty() {
        let fault = system.errors.first().map_or("there are none".to_owned(), ToString::to_string);
        return Err(io::Error::other(fault));
    }
    let provider = Arc::new(crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Ok(config.map_err(io::Error::other)?.with_root_certificates(roots).with_no_client_auth())
}

/// An error with its causes, the innermost last.
fn words_of(fault: &ClientError) -> String {
    let mut why = fault.to_string();
    let mut source = fault.source();
    while let Some(inner) = source {
        why = format!("{why}: {inner}");
        source = inner.source();
    }
    why
}
