//! A connection that says exactly what it is told to, and reads answers one by one.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection.
pub struct Line {
    pub stream: TcpStream,
    /// Read, but not yet part of an answer.
    ahead: Vec<u8>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Whether Tencent says that it was done.
    pub fn is_done(&self) -> bool {
        self.status == 200 && self.body.windows(14).any(|part| part == b"\"ErrorCode\":0,")
            || self.body.ends_with(b"\"ErrorCode\":0}")
    }
}

/// A POST with its length.
pub fn post(target: &str, body: &str) -> Vec<u8> {
    with_headers("POST", target, "", body)
}

/// Any request; headers end with a line break each.
pub fn with_headers(method: &str, target: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\n{headers}content-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

impl Line {
    pub async fn to(host: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(host).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, ahead: Vec::with_capacity(4096) })
    }

    pub async fn ask(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.stream.write_all(request).await?;
        self.answer().await
    }

    pub async fn answer(&mut self) -> io::Result<Answer> {
        let broken = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
        let mut looked = 0;
        let head_end = loop {
            if let Some(at) = self.ahead[looked..].windows(4).position(|four| four == b"\r\n\r\n") {
                break looked + at + 4;
            }
            looked = self.ahead.len().saturating_sub(3);
            self.more().await?;
        };
        let head = std::str::from_utf8(&self.ahead[..head_end]).map_err(|_| broken("a head is no text"))?;
        let status = head.get(9..12).and_then(|status| status.parse().ok()).ok_or_else(|| broken("no status"))?;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.map_or(Ok(0), str::parse).map_err(|_| broken("no length"))?;
        while self.ahead.len() < head_end + length {
            self.more().await?;
        }
        let body = self.ahead[head_end..head_end + length].to_vec();
        self.ahead.drain(..head_end + length);
        Ok(Answer { status, body })
    }

    /// The next line of text, without its end; nothing once the other side has closed.
    pub async fn text_line(&mut self) -> io::Result<Option<String>> {
        let mut looked = 0;
        loop {
            if let Some(at) = self.ahead[looked..].iter().position(|byte| *byte == b'\n') {
                let line = String::from_utf8_lossy(&self.ahead[..looked + at]).trim_end().to_owned();
                self.ahead.drain(..=looked + at);
                return Ok(Some(line));
            }
            looked = self.ahead.len();
            if self.stream.read_buf(&mut self.ahead).await? == 0 {
                return Ok(None);
            }
        }
    }

    /// Reads on until the other side closes.
    pub async fn rest(mut self) -> Vec<u8> {
        // A reset counts as closed.
        let _ = self.stream.read_to_end(&mut self.ahead).await;
        self.ahead
    }

    async fn more(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.ahead).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}
