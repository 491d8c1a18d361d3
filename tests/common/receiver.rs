//! A receiver of callbacks: a small server that writes down what it gets and answers what the test wants.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

/// A wait that takes longer has failed.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A callback as it came in.
#[derive(Clone, Debug)]
pub struct Heard {
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    /// As it was sent, key order included.
    pub text: String,
}

impl Heard {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|fault| panic!("{fault}: {}", self.text))
    }

    /// A parameter of the query.
    pub fn parameter(&self, name: &str) -> String {
        let mut pairs = form_urlencoded::parse(self.query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    }
}

/// How a receiver answers.
#[derive(Clone, Debug)]
pub enum Reaction {
    /// With this status and body.
    Says(u16, String),
    /// With a redirection to this place.
    Redirects(String),
    /// Never.
    Hangs,
    /// As one who lets everything through, once the test says so.
    Waits,
    /// By cutting the connection.
    Breaks,
}

/// What Tencent's receivers answer who let everything through.
pub fn fine() -> Reaction {
    says(json!({"ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0}))
}

/// What they answer with this code and text.
pub fn code(code: i64, info: &str) -> Reaction {
    says(json!({"ActionStatus": "OK", "ErrorInfo": info, "ErrorCode": code}))
}

pub fn says(body: Value) -> Reaction {
    Reaction::Says(200, body.to_string())
}

pub struct Receiver {
    pub url: String,
    heard: mpsc::UnboundedReceiver<Heard>,
    gate: Arc<Notify>,
    server: JoinHandle<()>,
}

impl Receiver {
    /// One that answers every callback in this way.
    pub async fn start(react: impl Fn(&Heard) -> Reaction + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let (tell, heard) = mpsc::unbounded_channel();
        let gate = Arc::new(Notify::new());
        let server = tokio::spawn(serve(listener, Arc::new(react), tell, gate.clone()));
        Self { url, heard, gate, server }
    }

    /// The next callback.
    pub async fn next(&mut self) -> Heard {
        let next = tokio::time::timeout(PATIENCE, self.heard.recv()).await;
        next.expect("a callback comes").expect("the receiver runs")
    }

    /// Lets one of those go on that wait.
    pub fn go_on(&self) {
        self.gate.notify_one();
    }

    /// How many callbacks came that nobody looked at.
    pub fn unheard(&self) -> usize {
        self.heard.len()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

type React = Arc<dyn Fn(&Heard) -> Reaction + Send + Sync>;

async fn serve(listener: TcpListener, react: React, tell: mpsc::UnboundedSender<Heard>, gate: Arc<Notify>) {
    // Connections end with the receiver.
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (react, tell, gate) = (react.clone(), tell.clone(), gate.clone());
        let service = service_fn(move |request| answer(react.clone(), tell.clone(), gate.clone(), request));
        let served = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        connections.spawn(async move { drop(served.await) });
    }
}

async fn answer(
    react: React,
    tell: mpsc::UnboundedSender<Heard>,
    gate: Arc<Notify>,
    request: http::Request<hyper::body::Incoming>,
) -> Result<Response<Full<Bytes>>, Box<dyn std::error::Error + Send + Sync>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let heard = Heard {
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or("").to_owned(),
        headers: head.headers,
        text: String::from_utf8(body.to_vec()).expect("callbacks are UTF-8"),
    };
    let reaction = react(&heard);
    drop(tell.send(heard));
    let response = Response::builder();
    Ok(match reaction {
        Reaction::Says(status, body) => response.status(status).body(Full::from(body)),
        Reaction::Redirects(to) => response.status(302).header("location", to).body(Full::default()),
        Reaction::Hangs => std::future::pending().await,
        Reaction::Waits => {
            gate.notified().await;
            response.body(Full::from(r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#))
        }
        Reaction::Breaks => return Err("cut".into()),
    }
    .expect("the test's answer is HTTP"))
}
