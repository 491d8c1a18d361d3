//! IMKIT's sockets by polling: the other transport, browsers, and bounds.

mod common;
#[path = "common/imkit.rs"]
mod imkit;
mod sockets;
mod wire;

use std::collections::VecDeque;

use common::House;
use imkit::{client, world};
use serde_json::{Value, json};
use sockets::{Next, Socket, listening, listening_with};
use wire::{Reply, Wire};

const OPEN: &str = "/socket.io/?EIO=4&transport=polling";

/// A client that polls.
struct Poller {
    wire: Wire,
    target: String,
    ahead: VecDeque<String>,
    pinged: bool,
}

impl Poller {
    async fn open(house: &House) -> Self {
        let mut poller = Self::opened(house).await;
        poller.connects().await;
        poller
    }

    /// As mira.
    async fn signed_in(house: &House) -> Self {
        let mut poller = Self::open(house).await;
        poller.sends("421[\"auth2\",\"t-mira\",{\"CLIENT_KEY\":\"ck\"}]").await;
        assert_eq!(poller.polls().await, r#"431[{"RC":0,"RM":"OK","result":{"client":"mira"}}]"#);
        poller
    }

    /// Not connected yet.
    async fn opened(house: &House) -> Self {
        let mut wire = Wire::to(&house.emulator).await;
        let opened = wire.ask("GET", OPEN, b"").await;
        let opened: Value = serde_json::from_str(opened.text.strip_prefix('0').expect("an open packet")).expect("JSON");
        let sid = opened["sid"].as_str().expect("a name").to_owned();
        Self { wire, target: format!("{OPEN}&sid={sid}"), ahead: VecDeque::new(), pinged: false }
    }

    async fn connects(&mut self) {
        self.sends("40").await;
        assert!(self.polls().await.starts_with("40{\"sid\":"));
    }

    fn sid(&self) -> &str {
        self.target.rsplit_once("sid=").expect("it has a name").1
    }

    async fn sends(&mut self, packets: &str) {
        let reply = self.wire.ask("POST", &self.target, packets.as_bytes()).await;
        assert_eq!((reply.status, reply.text.as_str()), (200, "ok"));
    }

    /// The next packet; pings are answered.
    async fn polls(&mut self) -> String {
        loop {
            match self.ahead.pop_front() {
                Some(ping) if ping == "2" => {
                    self.pinged = true;
                    self.sends("3").await;
                }
                Some(packet) => return packet,
                None => {
                    let reply = self.wire.ask("GET", &self.target, b"").await;
                    assert_eq!(reply.status, 200);
                    self.ahead.extend(reply.text.split('\u{1e}').map(str::to_owned));
                }
            }
        }
    }
}

#[tokio::test]
async fn by_polling_one_signs_in_sends_and_is_told() {
    let house = listening(world()).await;
    let mut mira = Poller::signed_in(&house).await;
    mira.sends("422[\"chat message\",{\"room\":\"tea\",\"message\":\"polled\"}]").await;
    let mut packets = [mira.polls().await, mira.polls().await];
    packets.sort_unstable();
    assert!(packets[0].starts_with(r#"42["chat message",{"reactions":[],"_id":"#), "{packets:?}");
    assert!(packets[1].starts_with(r#"432[{"RC":0,"RM":"OK","result":{"reactions":[],"_id":"#), "{packets:?}");
    client(&house, "jonas").says("over HTTP").await;
    assert!(mira.polls().await.contains(r#""message":"over HTTP""#));
    house.emulator.reset().await;
    assert_eq!(mira.polls().await, "41");
}

#[tokio::test]
async fn a_reset_also_cuts_a_websocket_that_is_still_coming_about() {
    let house = listening(world()).await;
    let mira = Poller::signed_in(&house).await;
    let mut probing = Socket::probing(&house, mira.sid()).await;
    house.emulator.reset().await;
    // Its client does not know yet, and goes on.
    probing.send("5").await;
    assert_eq!(probing.next().await, Next::Cut);
}

#[tokio::test]
async fn a_reset_cuts_a_websocket_that_came_before_its_socket_was_connected() {
    let house = listening(world()).await;
    let mira = Poller::opened(&house).await;
    let mut moved = Socket::probing(&house, mira.sid()).await;
    moved.send("5").await;
    moved.connects().await;
    assert_eq!(moved.signs_in("t-mira").await["RC"], 0);
    house.emulator.reset().await;
    assert_eq!(moved.next().await, Next::Cut);
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_poll() {
    let house = listening(world()).await;
    let mut mira = Poller::open(&house).await;
    // The first ping comes at once, and would answer the poll; the next is ten seconds off.
    while !mira.pinged {
        mira.sends("421[\"conf\",{\"encoding\":\"base64\"}]").await;
        mira.polls().await;
    }
    let target = mira.target.clone();
    mira.wire.send(format!("GET {target} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes()).await;
    // The server has read it once it answers a later one on another connection.
    Poller::open(&house).await;
    let watch = imulator::kernel::clock::Stopwatch::start();
    house.emulator.stop().await;
    assert!(watch.elapsed() < std::time::Duration::from_secs(4), "the stop waited for the poll");
    let end = mira.wire.rest().await;
    // Whichever comes first: the connection is cut, the poll is refused, or it is answered with the disconnect.
    assert!(end.is_empty() || end.starts_with("HTTP/1.1 503") || end.ends_with("41"), "{end}");
}

#[tokio::test]
async fn browsers_may_come_from_anywhere() {
    let house = listening(world()).await;
    let mut wire = Wire::to(&house.emulator).await;
    let asked = format!(
        "OPTIONS {OPEN} HTTP/1.1\r\nhost: x\r\norigin: http://app.test\r\naccess-control-request-headers: content-type\r\n\r\n"
    );
    wire.send(asked.as_bytes()).await;
    let preflight = wire.reply().await;
    assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (204, "*"));
    assert_eq!(preflight.header("access-control-allow-headers"), "content-type");
    let opened = wire.ask("GET", OPEN, b"").await;
    assert_eq!((opened.status, opened.header("access-control-allow-origin")), (200, "*"));
    assert_eq!(opened.header("date"), "Mon, 05 Jan 2026 09:00:00 GMT");
}

#[tokio::test]
async fn requests_that_are_no_transport_are_refused() {
    let house = listening(world()).await;
    let mut wire = Wire::to(&house.emulator).await;
    let refused: [(&str, &str, &str, u16); 7] = [
        ("GET", "/socket.io/", "", 400),
        ("GET", "/socket.io/?EIO=3&transport=polling", "", 400),
        ("GET", "/socket.io/?EIO=4&transport=pigeon", "", 400),
        ("GET", "/socket.io/?EIO=4&transport=websocket", "", 400),
        ("POST", OPEN, "40", 400),
        ("GET", "/socket.io/?EIO=4&transport=polling&sid=nobody", "", 400),
        ("GET", "/socket.io/below", "", 404),
    ];
    for (method, target, body, status) in refused {
        let reply: Reply = wire.ask(method, target, body.as_bytes()).await;
        assert_eq!(reply.status, status, "{method} {target}: {}", reply.text);
    }
}

#[tokio::test]
async fn there_are_only_so_many_sockets_and_a_body_has_its_bound() {
    let house = listening_with(world(), |config| config.edge.connections_max = 2).await;
    let mut one = Poller::open(&house).await;
    assert_eq!(one.wire.ask("GET", OPEN, b"").await.status, 200);
    let third = one.wire.ask("GET", OPEN, b"").await;
    assert_eq!((third.status, &third.json()["RC"]), (503, &json!(503)));
    let target = one.target.clone();
    let long = vec![b'4'; 1024 * 1024 + 1];
    assert_eq!(one.wire.ask("POST", &target, &long).await.status, 413);
}
