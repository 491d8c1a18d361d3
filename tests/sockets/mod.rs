//! A Socket.IO client of the tests' own: a WebSocket, the packets of Engine.IO 4 and Socket.IO 5, and bounds on waiting.

#![allow(dead_code, reason = "each family uses its part")]

use std::collections::VecDeque;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::{SinkExt, StreamExt};
use imulator::{Clock, Config, Emulator};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::common::House;

/// The longest that anything here waits.
const PATIENCE: Duration = Duration::from_secs(20);

/// An emulator on a free port in this world.
pub async fn listening(world: Value) -> House {
    listening_with(world, |_| {}).await
}

/// The same with other settings.
pub async fn listening_with(world: Value, set: impl FnOnce(&mut Config)) -> House {
    let mut config = Config { listen: vec!["127.0.0.1:0".into()], ..Config::default() };
    set(&mut config);
    let builder = Emulator::builder().config(config).clock(Clock::manual()).seed(1);
    House { emulator: builder.fixture(world).start().await.expect("a port is free") }
}

/// A client's socket.
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
    ahead: VecDeque<(String, Value)>,
    asked: u64,
    /// What the server said when the transport opened.
    pub opened: Value,
}

/// What comes next.
#[derive(Debug, PartialEq)]
pub enum Next {
    Event(String, Value),
    /// Disconnected in good order.
    Dismissed,
    /// The connection is gone.
    Cut,
}

async fn bounded<R>(what: &str, wait: impl Future<Output = R>) -> R {
    tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

/// An argument that came as Base64 of JSON.
pub fn decoded(argument: &Value) -> Value {
    serde_json::from_str(&decoded_text(argument)).expect("it is JSON")
}

/// An argument that came as Base64 of a text.
pub fn decoded_text(argument: &Value) -> String {
    let bytes = STANDARD.decode(argument.as_str().expect("Base64 is a text")).expect("it is Base64");
    String::from_utf8(bytes).expect("it is UTF-8")
}

impl Socket {
    /// Connects, without signing in.
    pub async fn connect(house: &House) -> Self {
        Self::connect_by(house, "/socket.io/?EIO=4&transport=websocket").await
    }

    /// The same by another target.
    pub async fn connect_by(house: &House, target: &str) -> Self {
        let mut socket = Self::open(house, target).await;
        socket.connects().await;
        socket
    }

    /// Connects to the namespace.
    pub async fn connects(&mut self) {
        self.send("40").await;
        let connected = self.packet().await.expect("the server answers");
        assert!(connected.starts_with("40{\"sid\":"), "{connected}");
    }

    /// Opens the transport alone.
    pub async fn open(house: &House, target: &str) -> Self {
        let mut socket = Self::upgraded(house, target).await;
        let opened = socket.packet().await.expect("the server opens");
        socket.opened = serde_json::from_str(opened.strip_prefix('0').expect("an open packet")).expect("it is JSON");
        socket
    }

    /// A WebSocket that a socket by polling is about to go on over.
    pub async fn probing(house: &House, sid: &str) -> Self {
        let mut socket = Self::upgraded(house, &format!("/socket.io/?EIO=4&transport=websocket&sid={sid}")).await;
        socket.send("2probe").await;
        assert_eq!(socket.packet().await.as_deref(), Some("3probe"));
        socket
    }

    async fn upgraded(house: &House, target: &str) -> Self {
        let url = house.emulator.url();
        let stream = TcpStream::connect(url.trim_start_matches("http://")).await.expect("the emulator accepts");
        let request = http::Request::builder()
            .uri(format!("{}{target}", url.replace("http", "ws")))
            .header("host", "localhost")
            .header("upgrade", "websocket")
            .header("connection", "Upgrade")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("sec-websocket-version", "13")
            .header("user-agent", "test/1")
            .body(())
            .expect("the request is HTTP");
        let (stream, _) = tokio_tungstenite::client_async(request, stream).await.expect("the server upgrades");
        Self { stream, ahead: VecDeque::new(), asked: 0, opened: Value::Null }
    }

    /// Connects and signs in.
    pub async fn of(house: &House, client: &str) -> Self {
        let mut socket = Self::connect(house).await;
        let answer = socket.signs_in(&format!("t-{client}")).await;
        assert_eq!(answer, json!({"RC": 0, "RM": "OK", "result": {"client": client}}));
        socket
    }

    pub async fn signs_in(&mut self, token: &str) -> Value {
        self.asks("auth2", json!([token, {"CLIENT_KEY": "ck", "Authorization": token}])).await
    }

    /// Sends a text as it is.
    pub async fn send(&mut self, text: &str) {
        // A server that has heard enough may have closed; what is read next tells.
        let _ = self.stream.send(Message::text(text)).await;
    }

    /// Sends an event that wants no answer.
    pub async fn tells(&mut self, event: &str, args: Value) {
        let packet = packet(event, args);
        self.send(&format!("42{packet}")).await;
    }

    /// Sends an event that wants an answer, and waits for none.
    pub async fn tells_wanting_an_answer(&mut self, event: &str, args: Value) {
        self.asked += 1;
        let (id, packet) = (self.asked, packet(event, args));
        self.send(&format!("42{id}{packet}")).await;
    }

    /// Sends an event and waits for its answer; events that come meanwhile stay to be read.
    pub async fn asks(&mut self, event: &str, args: Value) -> Value {
        self.tells_wanting_an_answer(event, args).await;
        let answer = format!("43{}", self.asked);
        loop {
            let packet = self.packet().await.unwrap_or_else(|| panic!("closed instead of an answer to {event}"));
            if let Some(answer) = packet.strip_prefix(&answer) {
                let answer: Value = serde_json::from_str(answer).expect("an answer is JSON");
                return answer[0].clone();
            }
            let event = event_of(&packet).unwrap_or_else(|| panic!("neither event nor answer: {packet}"));
            self.ahead.push_back(event);
        }
    }

    /// What comes next.
    pub async fn next(&mut self) -> Next {
        if let Some((event, payload)) = self.ahead.pop_front() {
            return Next::Event(event, payload);
        }
        match self.packet().await {
            None => Next::Cut,
            Some(packet) if packet == "41" => Next::Dismissed,
            Some(packet) => {
                let (event, payload) = event_of(&packet).unwrap_or_else(|| panic!("no event: {packet}"));
                Next::Event(event, payload)
            }
        }
    }

    /// The next event, which has to be this one; its payload.
    pub async fn hears(&mut self, wanted: &str) -> Value {
        match self.next().await {
            Next::Event(event, payload) if event == wanted => payload,
            other => panic!("{wanted} should come, and this came: {other:?}"),
        }
    }

    /// The next packet but pings, which are answered; `None` once the connection is gone.
    async fn packet(&mut self) -> Option<String> {
        // The whole wait is bounded: pings come for as long as one waits.
        let packet = async {
            loop {
                match self.stream.next().await? {
                    Ok(Message::Text(text)) if text.as_str() == "2" => self.send("3").await,
                    Ok(Message::Text(text)) => return Some(text.to_string()),
                    Ok(Message::Close(_)) | Err(_) => return None,
                    Ok(_) => {}
                }
            }
        };
        bounded("a packet", packet).await
    }
}

fn packet(event: &str, args: Value) -> Value {
    let mut packet = vec![json!(event)];
    packet.extend(args.as_array().expect("arguments are a list").clone());
    packet.into()
}

fn event_of(packet: &str) -> Option<(String, Value)> {
    let mut list: Vec<Value> = serde_json::from_str(packet.strip_prefix("42")?).ok()?;
    assert_eq!(list.len(), 2, "an event has one argument: {packet}");
    let payload = list.pop()?;
    Some((list.pop()?.as_str()?.to_owned(), payload))
}
