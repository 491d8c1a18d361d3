//! The floor: a bare hyper server that reads the body of each request and answers a constant.
//!
//! `floor BODY_BYTES HEAD_BYTES`: the size of the answer's body, and of its head with everything before the body.

use std::convert::Infallible;
use std::error::Error;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

/// Fills the head up to its size.
const FILLING: HeaderName = HeaderName::from_static("x");

/// What is in every head: the status line, the date, the name of the filling, and the empty line at the end.
const IN_EVERY_HEAD: usize =
    "HTTP/1.1 200 OK\r\ndate: Mon, 05 Jan 2026 09:00:00 GMT\r\nx: \r\n\r\n".len() + "content-length: \r\n".len();

fn main() -> Result<(), Box<dyn Error>> {
    let sizes: Vec<usize> = std::env::args().skip(1).map(|size| size.parse()).collect::<Result<_, _>>()?;
    let &[body_bytes, head_bytes] = sizes.as_slice() else { return Err("usage: floor BODY_BYTES HEAD_BYTES".into()) };
    let filling = head_bytes.checked_sub(IN_EVERY_HEAD + body_bytes.to_string().len());
    let filling = "x".repeat(filling.ok_or("no head is so small")?);
    let answer = Answer { filling: HeaderValue::from_str(&filling)?, body: Bytes::from(vec![b'x'; body_bytes]) };
    // As imulator's.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(answer))
}

/// The constant.
#[derive(Clone)]
struct Answer {
    filling: HeaderValue,
    body: Bytes,
}

async fn serve(answer: Answer) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("floor ready on http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(converse(stream, answer.clone()));
    }
}

async fn converse(stream: TcpStream, answer: Answer) -> Result<(), hyper::Error> {
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = answer.clone();
        async move {
            if let Ok(body) = request.into_body().collect().await {
                drop(body.to_bytes());
            }
            let mut response = Response::new(Full::new(answer.body));
            response.headers_mut().insert(FILLING, answer.filling);
            Ok::<_, Infallible>(response)
        }
    });
    http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
}
