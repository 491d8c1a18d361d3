//! The command line's HTTP client: one request at a time to an emulator or another server.

use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::kernel::clock::sleep_real;

/// Most bytes of a reply's body that are read.
const REPLY_BYTES_MAX: usize = 256 * 1024 * 1024;

/// A running emulator, as commands are told of it.
#[derive(Clone, Debug, Args)]
pub struct Target {
    /// The emulator's address.
    #[arg(default_value = "http://127.0.0.1:3100", env = "IMULATOR_URL")]
    pub url: String,
    /// The control API's token, if it wants one.
    #[arg(long, env = "IMULATOR_CONTROL_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub control_token: Option<String>,
}

/// A reply.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body.
    pub body: Bytes,
}

/// Connections to servers.
#[derive(Debug)]
pub struct Client {
    pool: Pool<HttpConnector, Full<Bytes>>,
    /// How long an answer may take, real time.
    patience: Duration,
}

impl Client {
    /// A client that waits so long for each answer.
    pub fn new(patience: Duration) -> Self {
        Self { pool: Pool::builder(TokioExecutor::new()).build_http(), patience }
    }

    /// Sends a request and reads the whole reply.
    ///
    /// # Errors
    /// In words: no such address, no answer, none within the time, too large a one.
    pub async fn ask(&self, request: Request<Full<Bytes>>) -> Result<Answer, String> {
        let answered = async {
            let response = self.pool.request(request).await.map_err(|fault| format!("it does not answer: {fault}"))?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, REPLY_BYTES_MAX).collect().await.map_err(|fault| fault.to_string())?;
            Ok(Answer { status: head.status, body: body.to_bytes() })
        };
        tokio::select! {
            answer = answered => answer,
            () = sleep_real(self.patience) => Err(format!("no answer within {} s", self.patience.as_secs())),
        }
    }

    /// Reads from the control API.
    ///
    /// # Errors
    /// In words: no answer, or a refusal.
    pub async fn control(&self, target: &Target, path: &str) -> Result<Bytes, String> {
        let place = format!("{}/_imulator/{path}", target.url.trim_end_matches('/'));
        let mut request = Request::builder().method(Method::GET).uri(place);
        if let Some(token) = &target.control_token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(Full::default()).map_err(|fault| fault.to_string())?;
        let answer = self.ask(request).await?;
        if answer.status.is_success() {
            return Ok(answer.body);
        }
        Err(format!("{}: {}", answer.status, String::from_utf8_lossy(&answer.body)))
    }
}

/// Runs a command that asks other servers.
///
/// # Errors
/// The system gives no runtime.
pub fn block_on<T>(work: impl Future<Output = T>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    Ok(runtime.map_err(|fault| fault.to_string())?.block_on(work))
}
