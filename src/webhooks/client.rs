//! The outgoing HTTP client: one POST, within real time and bounds, redirects not followed, one idle connection a receiver.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;

use crate::kernel::clock::sleep_real;
use crate::kernel::delivery::Outcome;
use crate::webhooks::outgoing::{NoAnswer, Outgoing};

/// Most bytes of a receiver's answer that are read; beyond it the answer is no answer.
pub const ANSWER_BYTES_MAX: usize = 256 * 1024;

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

/// The client.
#[derive(Debug)]
pub struct HttpClient(Outgoing);

impl Default for HttpClient {
    fn default() -> Self {
        Self(Outgoing::new(Vec::new()))
    }
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
        let mut request = Request::post(uri).body(Full::new(body)).map_err(|fault| (BAD_URL, fault.to_string()))?;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let answer = self.0.send(request).await.map_err(failure_of)?;
        let status = answer.status().as_u16();
        let body = read(answer.into_body()).await?;
        let bytes = u32::try_from(body.len()).unwrap_or(u32::MAX);
        Ok(Outcome::Answered { status, body: body.into(), bytes })
    }
}

fn failure_of(none: NoAnswer) -> Failure {
    let word = match none {
        NoAnswer::Scheme => BAD_URL,
        NoAnswer::Roots(_) | NoAnswer::Unreachable(_) => UNREACHABLE,
        NoAnswer::Broken(_) => BROKEN,
    };
    (word, none.to_string())
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
