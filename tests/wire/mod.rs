//! A client that says exactly what it is told to, byte for byte, over one connection.

#![allow(dead_code, reason = "each family uses its part")]

pub mod secure;

use imulator::Emulator;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection to an emulator.
pub struct Wire<S = TcpStream> {
    stream: S,
    /// Read, but not yet part of a reply.
    ahead: Vec<u8>,
}

/// A reply as it came over the wire.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|fault| panic!("{fault}: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

impl Wire {
    pub async fn to(emulator: &Emulator) -> Self {
        let url = emulator.url();
        let stream = TcpStream::connect(url.trim_start_matches("http://")).await.expect("the emulator accepts");
        Self::over(stream)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// Speaks over a connection that is there already.
    pub fn over(stream: S) -> Self {
        Self { stream, ahead: Vec::new() }
    }

    /// Sends bytes; a server that has heard enough may have closed.
    pub async fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    pub async fn close_sending(&mut self) {
        self.stream.shutdown().await.expect("a half can be closed");
    }

    /// Sends a request with its length and reads the reply.
    pub async fn ask(&mut self, method: &str, target: &str, body: &[u8]) -> Reply {
        let length = body.len();
        let announced = if length > 0 { format!("content-length: {length}\r\n") } else { String::new() };
        let head = format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\n{announced}\r\n");
        self.send(&[head.as_bytes(), body].concat()).await;
        self.reply().await
    }

    /// Reads one reply.
    pub async fn reply(&mut self) -> Reply {
        let head_end = loop {
            if let Some(at) = self.ahead.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            self.more().await;
        };
        let head = String::from_utf8(self.ahead.drain(..head_end).collect()).expect("heads are ASCII");
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a status line");
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length: usize = length.map_or(0, |(_, value)| value.parse().expect("a length is a number"));
        while self.ahead.len() < length {
            self.more().await;
        }
        let text = String::from_utf8(self.ahead.drain(..length).collect()).expect("replies are UTF-8");
        Reply { status: status.parse().expect("a status is a number"), headers, text }
    }

    /// The status of a reply whose body may go on.
    pub async fn status(&mut self) -> u16 {
        self.until("HTTP/1.1 ").await;
        while self.ahead.len() < 3 {
            self.more().await;
        }
        let status = String::from_utf8(self.ahead.drain(..3).collect()).expect("a status is ASCII");
        status.parse().expect("a status is a number")
    }

    /// Reads on until the server closes; a reset counts as closed.
    pub async fn rest(&mut self) -> String {
        let mut bytes = std::mem::take(&mut self.ahead);
        let _ = self.stream.read_to_end(&mut bytes).await;
        String::from_utf8(bytes).expect("replies are UTF-8")
    }

    /// Reads until a text has come; what is before it is forgotten.
    pub async fn until(&mut self, text: &str) {
        let found = loop {
            let place = self.ahead.windows(text.len()).position(|part| part == text.as_bytes());
            match place {
                Some(at) => break at + text.len(),
                None => self.more().await,
            }
        };
        self.ahead.drain(..found);
    }

    async fn more(&mut self) {
        let read = self.stream.read_buf(&mut self.ahead).await.expect("the connection holds");
        assert!(read > 0, "closed after {:?}", String::from_utf8_lossy(&self.ahead));
    }
}
