//! What browsers ask before they call, and may read after: over real sockets.

mod common;
#[path = "common/form.rs"]
mod form;
#[path = "common/imkit.rs"]
mod imkit;
mod wire;

use form::{KIND, file};
use imkit::world;
use imulator::{Clock, Config, Emulator};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wire::{Reply, Wire};

async fn listening() -> Emulator {
    let mut config = Config { listen: vec!["127.0.0.1:0".into()], ..Config::default() };
    config.edge.body_bytes_max = 1000;
    config.files.file_bytes_max = 5000;
    let builder = Emulator::builder().config(config).clock(Clock::manual()).seed(1);
    builder.fixture(world()).start().await.expect("a port is free")
}

/// A request as a page of another origin sends it.
async fn ask(wire: &mut Wire, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let mut head = format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\norigin: http://app.example:8080\r\n");
    headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    wire.send(&[head.as_bytes(), body].concat()).await;
    wire.reply().await
}

/// Everything that a server says until it closes.
async fn whole(emulator: &Emulator, request: &str) -> String {
    let mut stream = TcpStream::connect(emulator.url().trim_start_matches("http://")).await.expect("it accepts");
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut said = String::new();
    stream.read_to_string(&mut said).await.expect("it answers in text");
    said
}

const MIRA: [(&str, &str); 2] = [("CLIENT_KEY", "ck"), ("IM-Authorization", "t-mira")];

/// Every header that a page may want to read, as the reply's list names them.
const READABLE: [&str; 15] = [
    "imulator-operation",
    "imulator-call",
    "imulator-why",
    "imulator-doc",
    "x-imkit-objectid",
    "x-imkit-chunksize",
    "x-imkit-uploaddatems",
    "x-imkit-uploaddate",
    "x-imkit-md5",
    "x-imkit-filename",
    "x-imkit-extra",
    "x-imkit-appid",
    "x-imkit-client",
    "x-imkit-bucketname",
    "x-imkit-id",
];

fn may_be_read(reply: &Reply) {
    assert_eq!(reply.header("access-control-allow-origin"), "*", "{reply:?}");
    let exposed: Vec<&str> = reply.header("access-control-expose-headers").split(", ").collect();
    assert_eq!(exposed, READABLE, "{reply:?}");
}

#[tokio::test]
async fn a_preflight_is_answered_with_204_for_every_path_without_a_key() {
    let emulator = listening().await;
    let mut wire = Wire::to(&emulator).await;
    let paths = imulator::api::router::operations().filter(|row| row.vendor() == "imkit").map(|row| row.path);
    let wanted = "im-client-key,im-authorization,api_key,client_key,content-type,x-timezone";
    for path in paths.chain(["/", "/no/such/path", "/files/a/b/c/d", "/rooms/"]) {
        let asked = [("access-control-request-method", "POST"), ("access-control-request-headers", wanted)];
        let reply = ask(&mut wire, "OPTIONS", &path.replace(['{', '}'], ""), &asked, b"").await;
        assert_eq!((reply.status, reply.text.as_str()), (204, ""), "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), "*");
        assert_eq!(reply.header("access-control-allow-methods"), "GET,HEAD,PUT,PATCH,POST,DELETE");
        assert_eq!(reply.header("access-control-allow-headers"), wanted);
        assert_eq!(reply.header("vary"), "Access-Control-Request-Headers");
    }
}

/// Status, method, target, headers, body.
type Case<'c> = (u16, &'c str, &'c str, &'c [(&'c str, &'c str)], &'c [u8]);

#[tokio::test]
async fn successes_refusals_and_redirections_may_be_read() {
    let emulator = listening().await;
    let mut wire = Wire::to(&emulator).await;
    let form_of = [&MIRA[..], &[("content-type", KIND)]].concat();
    let uploaded = ask(&mut wire, "POST", "/files/notes", &form_of, &file("a.txt", "text/plain", b"hello")).await;
    assert_eq!(uploaded.status, 200, "{}", uploaded.text);
    may_be_read(&uploaded);
    let id = uploaded.json()["result"]["_id"].as_str().expect("an id").to_owned();
    let path = format!("/files/notes/{id}");
    let large = file("a.txt", "text/plain", &[b'x'; 6001]);
    let cases: [Case<'_>; 9] = [
        (200, "GET", &path, &MIRA, b""),
        (200, "GET", "/stickers", &[], b""),
        (200, "GET", "/chat-test", &[], b""),
        (401, "GET", "/rooms", &[], b""),
        (404, "GET", "/no/such/path", &[], b""),
        (404, "GET", "/files/notes/none", &MIRA, b""),
        (400, "POST", "/rooms", &MIRA, b"{"),
        (413, "POST", "/files/notes", &form_of, &large),
        (413, "POST", "/rooms", &MIRA, &[b'x'; 1001]),
    ];
    for (status, method, target, headers, body) in cases {
        let mut wire = Wire::to(&emulator).await;
        let reply = ask(&mut wire, method, target, headers, body).await;
        assert_eq!(reply.status, status, "{method} {target}: {}", reply.text);
        may_be_read(&reply);
    }
}

#[tokio::test]
async fn head_tells_the_length_of_a_file_and_sends_nothing_of_it() {
    let emulator = listening().await;
    let mut wire = Wire::to(&emulator).await;
    let form_of = [&MIRA[..], &[("content-type", KIND)]].concat();
    let uploaded = ask(&mut wire, "POST", "/files/notes", &form_of, &file("a.txt", "text/plain", b"hello")).await;
    let id = uploaded.json()["result"]["_id"].as_str().expect("an id").to_owned();
    let head = "HTTP/1.1\r\nhost: localhost\r\nIM-CLIENT-KEY: ck\r\nAuthorization: t-mira\r\nconnection: close\r\n\r\n";
    let said = whole(&emulator, &format!("HEAD /files/notes/{id} {head}")).await;
    assert!(said.starts_with("HTTP/1.1 200 OK\r\n") && said.ends_with("\r\n\r\n"), "{said}");
    assert!(said.contains("\r\ncontent-length: 5\r\n") && said.contains("\r\ncontent-type: text/plain\r\n"), "{said}");
    assert!(said.contains("\r\nimulator-operation: imkit.files.head_file\r\n"), "{said}");
    let said = whole(&emulator, &format!("GET /files/notes/{id} {head}")).await;
    assert!(said.ends_with("\r\n\r\nhello") && said.contains("\r\ncontent-length: 5\r\n"), "{said}");
    // Other paths answer HEAD as GET, without a body.
    let said = whole(&emulator, &format!("HEAD /rooms {head}")).await;
    assert!(said.starts_with("HTTP/1.1 200 OK\r\n") && said.ends_with("\r\n\r\n"), "{said}");
}

#[tokio::test]
async fn a_signed_address_leads_back_to_this_very_emulator() {
    let emulator = listening().await;
    let mut wire = Wire::to(&emulator).await;
    let host = emulator.url().trim_start_matches("http://").to_owned();
    let form_of = [&MIRA[..], &[("content-type", KIND)]].concat();
    let uploaded = ask(&mut wire, "POST", "/files/notes", &form_of, &file("a.txt", "text/plain", b"hello")).await;
    let id = uploaded.json()["result"]["_id"].as_str().expect("an id").to_owned();
    let asked = format!(
        "GET /files/notes/{id}?signedUrlOnly=1 HTTP/1.1\r\nhost: {host}\r\nIM-CLIENT-KEY: ck\r\nAuthorization: t-mira\r\n\r\n"
    );
    wire.send(asked.as_bytes()).await;
    let url = wire.reply().await.json()["result"]["url"].as_str().expect("an address").to_owned();
    let target = url.strip_prefix(&emulator.url()).unwrap_or_else(|| panic!("{url} leads elsewhere"));
    assert_eq!(wire.ask("GET", target, b"").await.text, "hello");
}
