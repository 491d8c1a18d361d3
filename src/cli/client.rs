//! The command line's HTTP client: one request at a time to an emulator or another server.

use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use crate::cli::options::AuthorityOptions;
use crate::edge::authority::Authority;
use crate::kernel::clock::sleep_real;
use crate::webhooks::outgoing::Outgoing;

/// Most bytes of a reply's body that are read.
const REPLY_BYTES_MAX: usize = 256 * 1024 * 1024;

/// A running emulator, as commands are told of it.
#[derive(Debug, Args)]
pub struct Target {
    /// The emulator's address.
    #[arg(default_value = "http://127.0.0.1:3100", env = "IMULATOR_URL")]
    pub url: String,
    /// The control API's token, if it wants one.
    #[arg(long, env = "IMULATOR_CONTROL_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub control_token: Option<String>,
    #[command(flatten)]
    pub authority: AuthorityOptions,
}

impl Target {
    /// A client of this emulator.
    ///
    /// # Errors
    /// As for [`Client::new`].
    pub fn client(&self, patience: Duration) -> Result<Client, String> {
        Client::new(&self.url, &self.authority, patience)
    }
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
    outgoing: Outgoing,
    /// How long an answer may take, real time.
    patience: Duration,
}

impl Client {
    /// A client of this server that waits so long for each answer. By TLS it trusts the local authority besides the
    /// system's roots, if there is one.
    ///
    /// # Errors
    /// In words: TLS is wanted, and the authority that is kept cannot be used.
    pub fn new(url: &str, authority: &AuthorityOptions, patience: Duration) -> Result<Self, String> {
        let trusted = if is_https(url) { trusted(authority)? } else { Vec::new() };
        Ok(Self { outgoing: Outgoing::new(trusted), patience })
    }

    /// Sends a request and reads the whole reply.
    ///
    /// # Errors
    /// In words: no such address, no answer, none within the time, too large a one.
    pub async fn ask(&self, request: Request<Full<Bytes>>) -> Result<Answer, String> {
        let answered = async {
            let response = self.outgoing.send(request).await.map_err(|fault| format!("it does not answer: {fault}"))?;
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

fn is_https(url: &str) -> bool {
    url.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
}

/// The certificate of the local authority that is kept, if there is one.
fn trusted(authority: &AuthorityOptions) -> Result<Vec<CertificateDer<'static>>, String> {
    let kept =
        authority.folder().map(|folder| Authority::load(&folder)).transpose().map_err(|fault| fault.to_string())?;
    let certificate = kept.flatten().map(|kept| CertificateDer::from_pem_slice(kept.pem().as_bytes()));
    Ok(certificate.transpose().map_err(|fault| fault.to_string())?.into_iter().collect())
}

/// Runs a command that asks other servers.
///
/// # Errors
/// The system gives no runtime.
pub fn block_on<T>(work: impl Future<Output = T>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    Ok(runtime.map_err(|fault| fault.to_string())?.block_on(work))
}
