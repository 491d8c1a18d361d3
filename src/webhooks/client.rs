//! The outgoing HTTP client: one POST, within real time and bounds, redirects not followed, one idle connection a receiver.

use std::error::Error;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::OnceCell;

use crate::kernel::clock::sleep_real;
use crate::kernel::delivery::Outcome;

/// Most bytes of a receiver's answer that are read; beyond it the answer is no answer.
pub const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// Most bytes of the head of an answer.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// How long a connection to a receiver is kept for the next parcel.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// The receiver did not answer in time.
pub const TIMEOUT: &str = "timeout";
/// No connection came about.
pub const UNREACHABLE: &str = "unreachable";
/// The connection broke, or what came was not HTTP.
pub const BROKEN: &str = "broken";
/// The answer was larger than [`ANSWER_BYTES_MAX`].
pub const TOO_LARGE: &str = "answer_too_large";
/// The receiver's address is none.
pub const BAD_URL: &str = "bad_url";

type To<C> = Client<C, Full<Bytes>>;

/// The client; connections without and with TLS apart, so that the system's roots are read only where they are needed.
#[derive(Debug)]
pub struct HttpClient {
    plain: To<HttpConnector>,
    secure: OnceCell<To<HttpsConnector<HttpConnector>>>,
}

impl Default for HttpClient {
    fn default() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self { plain: builder().build(connector), secure: OnceCell::new() }
    }
}

fn builder() -> hyper_util::client::legacy::Builder {
    let mut builder = Client::builder(TokioExecutor::new());
    builder
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(1)
        .http1_max_buf_size(HEAD_BYTES_MAX);
    builder
}

/// A failure: its word, and what there is to say of it.
type Failure = (&'static str, String);

impl HttpClient {
    /// Sends a body and waits for the answer, all within this time; gives what became of it and what to say of that.
    pub async fn post(&self, target: &str, body: Bytes, timeout: Duration) -> (Outcome, Option<String>) {
        let answered = tokio::select! {
            biased;
            answered = self.exchange(target, body) => answered,
            () = sleep_real(timeout) => return (Outcome::Failed(TIMEOUT), None),
        };
        match answered {
            Ok(outcome) => (outcome, None),
            Err((word, why)) => (Outcome::Failed(word), Some(why)),
        }
    }

    async fn exchange(&self, target: &str, body: Bytes) -> Result<Outcome, Failure> {
        let uri: Uri = target.parse().map_err(|fault: http::uri::InvalidUri| (BAD_URL, fault.to_string()))?;
        let secure = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err((BAD_URL, "it begins neither with http:// nor with https://".into())),
        };
        let mut request = Request::post(uri).body(Full::new(body)).map_err(|fault| (BAD_URL, fault.to_string()))?;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let answer =
            if secure { self.secure().await?.request(request).await } else { self.plain.request(request).await };
        let answer = answer.map_err(|fault| failure_of(&fault))?;
        let status = answer.status().as_u16();
        let body = read(answer.into_body()).await?;
        let bytes = u32::try_from(body.len()).unwrap_or(u32::MAX);
        Ok(Outcome::Answered { status, body: body.into(), bytes })
    }

    async fn secure(&self) -> Result<&To<HttpsConnector<HttpConnector>>, Failure> {
        let made = self.secure.get_or_try_init(|| async {
            // Reads files, which may take a while the first time.
            let connector = tokio::task::spawn_blocking(secure_connector).await.map_err(io::Error::other)??;
            Ok::<_, io::Error>(builder().build(connector))
        });
        made.await.map_err(|fault| (UNREACHABLE, format!("the system's root certificates could not be read: {fault}")))
    }
}

fn secure_connector() -> io::Result<HttpsConnector<HttpConnector>> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.enforce_http(false);
    Ok(HttpsConnectorBuilder::new().with_native_roots()?.https_only().enable_http1().wrap_connector(connector))
}

fn failure_of(fault: &ClientError) -> Failure {
    let mut why = fault.to_string();
    let mut source = fault.source();
    while let Some(inner) = source {
        why = format!("{why}: {inner}");
        source = inner.source();
    }
    (if fault.is_connect() { UNREACHABLE } else { BROKEN }, why)
}

async fn read(mut body: Incoming) -> Result<Vec<u8>, Failure> {
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|fault| (BROKEN, fault.to_string()))?;
        let Ok(data) = frame.into_data() else { continue };
        if whole.len() + data.len() > ANSWER_BYTES_MAX {
            return Err((TOO_LARGE, format!("more than {ANSWER_BYTES_MAX} bytes")));
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole)
}
