//! TLS on the port of plain HTTP: names, authorities, files, time, as clients that check everything meet them.

mod common;
mod wire;

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use common::demo;
use imulator::config::TlsSource;
use imulator::edge::authority::FILE;
use imulator::kernel::clock::Stopwatch;
use imulator::{Config, Emulator};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use tokio::net::TcpStream;
use tokio_rustls::rustls::{self, AlertDescription, SupportedProtocolVersion};
use wire::Wire;
use wire::secure::{Client, address, pem};

const HEALTHY: &str = r#"{"status":"ok","version":"0.1.0","epoch":1}"#;

static TLS12: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12];

/// An emulator on a free port of both loopbacks.
async fn listening(set: impl FnOnce(&mut Config)) -> Emulator {
    let mut config = Config { listen: vec!["localhost:0".into()], ..Config::default() };
    set(&mut config);
    Emulator::builder().config(config).fixture(demo()).start().await.expect("a port is free")
}

/// One whose authority is kept in this folder.
async fn keeping(folder: &Path) -> Emulator {
    listening(|config| config.tls = TlsSource::Authority { folder: Some(folder.to_owned()) }).await
}

/// Why one does not start with this source of certificates.
fn refused(tls: TlsSource) -> String {
    let config = Config { tls, ..Config::default() };
    Emulator::builder().config(config).build().expect_err("such files cannot be used").to_string()
}

/// Whether a client that trusts this authority alone is answered under the name.
async fn answered(emulator: &Emulator, pem: &str, name: &str) -> bool {
    let Ok(stream) = Client::trusting(pem).shake(address(emulator), name).await else { return false };
    Wire::over(stream).ask("GET", "/_imulator/health", b"").await.text == HEALTHY
}

/// A certificate and its key as PEM, signed by itself.
fn pair(change: impl FnOnce(&mut CertificateParams)) -> (String, String) {
    let key = KeyPair::generate().expect("random bytes");
    let mut params = CertificateParams::new(vec!["own.test".to_owned()]).expect("a name");
    change(&mut params);
    (params.self_signed(&key).expect("it can be signed").pem(), key.serialize_pem())
}

#[tokio::test]
async fn plain_http_and_tls_stand_side_by_side_on_one_port() {
    let emulator = listening(|_| {}).await;
    let mut plain = Wire::to(&emulator).await;
    let stream = Client::trusting(&pem(&emulator)).shake(address(&emulator), "localhost").await.expect("a handshake");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"http/1.1".as_slice()));
    let mut secret = Wire::over(stream);
    for call in 0..3 {
        for reply in
            [plain.ask("GET", "/_imulator/health", b"").await, secret.ask("GET", "/_imulator/health", b"").await]
        {
            assert_eq!((reply.status, reply.text.as_str()), (200, HEALTHY), "call {call}");
        }
    }
    let kick = r#"{"RoomId": "room-test", "MemberList_Account": ["user1"], "Reason": "late"}"#;
    let target = format!("/v4/room_engine_http_srv/kick_user_out?{}", common::ADMIN);
    let reply = secret.ask("POST", &target, kick.as_bytes()).await.json();
    assert_eq!(reply["ErrorCode"], 0, "{reply}");
}

/// Asks as a page does, over a connection of its own; the status and the code of the refusal.
async fn as_a_page(emulator: &Emulator, secret: bool, ask: &str, headers: &str, body: &str) -> (u16, String) {
    let length = body.len();
    let text = format!("{ask} HTTP/1.1\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}");
    let reply = if secret {
        let stream = Client::trusting(&pem(emulator)).shake(address(emulator), "localhost").await.expect("a handshake");
        let mut wire = Wire::over(stream);
        wire.send(text.as_bytes()).await;
        wire.reply().await
    } else {
        let mut wire = Wire::to(emulator).await;
        wire.send(text.as_bytes()).await;
        wire.reply().await
    };
    (reply.status, reply.json()["error"]["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_page_of_another_origin_drives_no_part_of_the_control_api_plain_or_over_tls() {
    let emulator = listening(|_| {}).await;
    let port = address(&emulator).port();
    let rule = r#"{"match": {"operation": "*"}, "then": {"error": 60008}}"#;
    let asks = [
        ("GET /_imulator/state", ""),
        ("GET /_imulator/stream?limit=1", ""),
        ("GET /_imulator/journal", ""),
        ("DELETE /_imulator/journal", ""),
        ("POST /_imulator/faults", rule),
        ("PUT /_imulator/faults/mine", rule),
        ("POST /_imulator/clock", r#"{"advance_ms": 3600000}"#),
        ("POST /_imulator/reset", "{}"),
        ("PUT /_imulator/state", r#"{"imulator": 1}"#),
        ("DELETE /_imulator/tenants/tencent/88888888", ""),
        ("POST /_imulator/tencent/88888888/rooms/room-test/leave", r#"{"Member_Account": "user1"}"#),
    ];
    let pages = [
        (format!("host: localhost:{port}\r\norigin: https://evil.example\r\n"), "forbidden_origin"),
        (format!("host: localhost:{port}\r\norigin: http://localhost:1\r\n"), "forbidden_origin"),
        (format!("host: localhost:{port}\r\norigin: null\r\n"), "forbidden_origin"),
        (format!("host: evil.example:{port}\r\norigin: http://evil.example:{port}\r\n"), "forbidden_host"),
        (format!("host: evil.example:{port}\r\n"), "forbidden_host"),
    ];
    let before = serde_json::to_value(emulator.state()).expect("JSON");
    for secret in [false, true] {
        for (ask, body) in asks {
            for (headers, code) in &pages {
                // A form of a page has no say about the type of what it sends but these.
                let headers = format!("{headers}content-type: text/plain\r\n");
                let answer = as_a_page(&emulator, secret, ask, &headers, body).await;
                assert_eq!(answer, (403, (*code).to_owned()), "{ask} {headers} {secret}");
            }
        }
        let scheme = if secret { "https" } else { "http" };
        let own = format!("host: localhost:{port}\r\norigin: {scheme}://localhost:{port}\r\n");
        assert_eq!(as_a_page(&emulator, secret, "GET /_imulator/health", &own, "").await.0, 200);
    }
    assert_eq!(serde_json::to_value(emulator.state()).expect("JSON"), before);
    assert_eq!((emulator.clock().mode(), emulator.faults().all().len()), ("system", 0));
}

#[tokio::test]
async fn an_address_that_is_given_out_leads_back_the_way_the_caller_came() {
    let emulator = listening(|_| {}).await;
    let stream = Client::trusting(&pem(&emulator)).shake(address(&emulator), "localhost").await.expect("a handshake");
    let upload = "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhello\r\n--xyz--\r\n";
    let head = |method: &str, target: &str, kind: &str, length: usize| {
        format!(
            "{method} {target} HTTP/1.1\r\nhost: chat.test\r\nim-api-key: files\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n"
        )
    };
    let mut secret = Wire::over(stream);
    secret
        .send((head("POST", "/files/notes", "multipart/form-data; boundary=xyz", upload.len()) + upload).as_bytes())
        .await;
    let sent = secret.reply().await.json();
    let id = sent["result"]["_id"].as_str().unwrap_or_else(|| panic!("{sent}")).to_owned();
    let asked = head("GET", &format!("/files/notes/{id}?signedUrlOnly=1"), "application/json", 0);
    let mut plain = Wire::to(&emulator).await;
    secret.send(asked.as_bytes()).await;
    plain.send(asked.as_bytes()).await;
    for (reply, scheme) in [(secret.reply().await, "https"), (plain.reply().await, "http")] {
        let url = reply.json()["result"]["url"].as_str().unwrap_or_else(|| panic!("{}", reply.text)).to_owned();
        let target = url.strip_prefix(&format!("{scheme}://chat.test")).unwrap_or_else(|| panic!("{url}")).to_owned();
        assert_eq!(secret.ask("GET", &target, b"").await.text, "hello", "{url}");
    }
}

#[tokio::test]
async fn vendors_hosts_localhost_and_names_of_ones_own_have_certificates_and_others_are_refused() {
    let emulator = listening(|config| config.names = vec!["chat.test".into(), "*.dev.test".into()]).await;
    let pem = pem(&emulator);
    for name in [
        "console.tim.qq.com",
        "CONSOLE.tim.qq.com",
        "adminapisgp.im.qcloud.com",
        "adminapiger.my-imcloud.com",
        "sample.imkit.io",
        "localhost",
        "chat.test",
        "a.dev.test",
    ] {
        assert!(answered(&emulator, &pem, name).await, "{name}");
    }
    for name in ["example.com", "tim.qq.com", "imkit.io", "a.b.imkit.io", "dev.test", "sub.chat.test"] {
        let refused = Client::trusting(&pem).shake(address(&emulator), name).await.expect_err(name);
        assert_eq!(refused, rustls::Error::AlertReceived(AlertDescription::UnrecognisedName), "{name}");
    }
}

#[tokio::test]
async fn a_client_that_names_an_address_gets_a_certificate_for_it() {
    let emulator = listening(|_| {}).await;
    let pem = pem(&emulator);
    assert!(answered(&emulator, &pem, "127.0.0.1").await);
    let six = SocketAddr::new("::1".parse().expect("an address"), address(&emulator).port());
    if TcpStream::connect(six).await.is_ok() {
        Client::trusting(&pem).shake(six, "::1").await.expect("::1 is in the certificate");
    }
    assert!(Client::trusting(&pem).shake(address(&emulator), "127.0.0.2").await.is_err());
    // An address besides the usual ones is in the certificate once it is the one that was reached.
    let emulator = listening(|config| config.listen = vec!["127.0.0.2:0".into()]).await;
    assert!(answered(&emulator, &wire::secure::pem(&emulator), "127.0.0.2").await);
}

#[tokio::test]
async fn a_client_that_trusts_another_authority_does_not_connect() {
    let (one, other) = (listening(|_| {}).await, listening(|_| {}).await);
    assert_ne!(pem(&one), pem(&other));
    assert!(!answered(&one, &pem(&other), "localhost").await);
    assert!(answered(&one, &pem(&one), "localhost").await);
}

#[tokio::test]
async fn tls_1_2_will_do_and_http_2_is_not_spoken() {
    let emulator = listening(|_| {}).await;
    let mut client = Client::trusting(&pem(&emulator));
    client.versions = TLS12;
    client.shake(address(&emulator), "localhost").await.expect("older clients are served");
    client.protocols = &["h2"];
    let refused = client.shake(address(&emulator), "localhost").await.expect_err("HTTP/2 is not there");
    assert_eq!(refused, rustls::Error::AlertReceived(AlertDescription::NoApplicationProtocol));
    client.protocols = &["h2", "http/1.1"];
    let stream = client.shake(address(&emulator), "localhost").await.expect("one of them is there");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"http/1.1".as_slice()));
}

#[tokio::test]
async fn without_tls_a_handshake_comes_to_nothing_and_plain_http_is_answered() {
    let emulator = listening(|config| config.tls = TlsSource::Off).await;
    assert_eq!(emulator.authority().expect("nothing to fail"), None);
    let (anybody, _) = pair(|_| {});
    assert!(Client::trusting(&anybody).shake(address(&emulator), "localhost").await.is_err());
    assert_eq!(Wire::to(&emulator).await.ask("GET", "/_imulator/health", b"").await.text, HEALTHY);
}

#[tokio::test]
async fn the_authority_is_made_at_first_use_and_kept_with_mode_600() {
    let folder = tempfile::tempdir().expect("a folder");
    let kept = folder.path().join("new").join("imulator");
    let emulator = keeping(&kept).await;
    Wire::to(&emulator).await.ask("GET", "/_imulator/health", b"").await;
    assert!(!kept.exists(), "plain HTTP needs no authority");
    let (anybody, _) = pair(|_| {});
    assert!(!answered(&emulator, &anybody, "localhost").await);
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode(&kept), mode(&kept.join(FILE))), (0o700, 0o600));
    assert_eq!(fs::read_dir(&kept).expect("readable").count(), 1, "no temporary file is left");
    let pem = pem(&emulator);
    assert!(fs::read_to_string(kept.join(FILE)).expect("readable").ends_with(&pem));
    drop(emulator);
    assert!(answered(&keeping(&kept).await, &pem, "console.tim.qq.com").await, "a later start has the same");
}

#[tokio::test]
async fn many_that_start_at_once_come_to_one_authority() {
    let folder = tempfile::tempdir().expect("a folder");
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let folder = folder.path().to_owned();
            std::thread::spawn(move || {
                let tls = TlsSource::Authority { folder: Some(folder) };
                let emulator =
                    Emulator::builder().config(Config { tls, ..Config::default() }).build().expect("it starts");
                pem(&emulator)
            })
        })
        .collect();
    let mut pems: Vec<String> = threads.into_iter().map(|thread| thread.join().expect("no panic")).collect();
    pems.dedup();
    assert_eq!(pems.len(), 1);
    assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 1);
}

#[tokio::test]
async fn an_authority_that_cannot_be_used_ends_the_start_and_stays_as_it_is() {
    let authority = |params: &mut CertificateParams| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let (certificate, key) = pair(authority);
    let (_, other_key) = pair(authority);
    let (leaf, leaf_key) = pair(|_| {});
    let (expired, expired_key) = pair(|params| {
        authority(params);
        (params.not_before, params.not_after) = (rcgen::date_time_ymd(2020, 1, 1), rcgen::date_time_ymd(2021, 1, 1));
    });
    let (early, early_key) = pair(|params| {
        authority(params);
        params.not_before = rcgen::date_time_ymd(4000, 1, 1);
    });
    let table = [
        (String::new(), "its private key: "),
        ("rubbish".to_owned(), "its private key: "),
        (key.clone(), "its certificate: "),
        (certificate.clone(), "its private key: "),
        (key.clone() + &certificate[..80], "its certificate: "),
        (other_key + &certificate, "not of one pair"),
        (leaf_key + &leaf, "is not that of an authority"),
        (expired_key + &expired, "its certificate was good until 2021-01-01T00:00:00.000Z"),
        (early_key + &early, "its certificate is good from 4000-01-01T00:00:00.000Z on"),
    ];
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(FILE);
    let source = TlsSource::Authority { folder: Some(folder.path().to_owned()) };
    for (text, why) in table {
        fs::write(&file, &text).expect("writable");
        let message = refused(source.clone());
        assert!(message.starts_with(&format!("{}: ", file.display())), "{message}");
        assert!(message.contains(why) && !message.contains('\n'), "{why}: {message}");
        assert_eq!(fs::read_to_string(&file).expect("readable"), text);
    }
    fs::write(&file, key + &certificate).expect("writable");
    assert!(answered(&keeping(folder.path()).await, &certificate, "console.tim.qq.com").await, "another's will do");
}

#[tokio::test]
async fn where_nothing_can_be_kept_plain_http_starts_and_tls_has_an_authority_of_its_own() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let emulator = keeping(&file.path().join("below a file")).await;
    assert_eq!(Wire::to(&emulator).await.ask("GET", "/_imulator/health", b"").await.text, HEALTHY);
    let pem = pem(&emulator);
    assert!(answered(&emulator, &pem, "localhost").await);
    assert_eq!(pem, wire::secure::pem(&emulator), "it stays the same to the end");
}

#[tokio::test]
async fn a_certificate_of_ones_own_is_shown_whatever_name_is_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| -> PathBuf {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("writable");
        path
    };
    let (own, own_key) = pair(|_| {});
    let (_, other_key) = pair(|_| {});
    let (certificate, key) = (file("own.pem", &own), file("own.key", &own_key));
    let source =
        |certificate: &Path, key: &Path| TlsSource::Files { certificate: certificate.to_owned(), key: key.to_owned() };
    let emulator = listening(|config| config.tls = source(&certificate, &key)).await;
    assert_eq!(emulator.authority().expect("nothing to fail"), None);
    assert!(answered(&emulator, &own, "own.test").await);
    let other = Client::trusting(&own).shake(address(&emulator), "console.tim.qq.com").await.expect_err("another name");
    assert!(matches!(other, rustls::Error::InvalidCertificate(_)), "{other}");
    let missing = folder.path().join("missing");
    let (empty, other) = (file("empty", ""), file("other.key", &other_key));
    for (certificate, key, start) in [
        (&missing, &key, format!("--tls-cert {}: ", missing.display())),
        (&empty, &key, format!("--tls-cert {}: there is no certificate in it", empty.display())),
        (&certificate, &missing, format!("--tls-key {}: ", missing.display())),
        (&certificate, &empty, format!("--tls-key {}: ", empty.display())),
        (&certificate, &other, format!("--tls-key {}: does not go with --tls-cert: ", other.display())),
    ] {
        let message = refused(source(certificate, key));
        assert!(message.starts_with(&start) && !message.contains('\n'), "{start}: {message}");
    }
}

#[tokio::test]
async fn what_does_not_come_within_the_header_timeout_is_closed() {
    let emulator = listening(|config| config.edge.header_timeout = Duration::from_millis(50)).await;
    // Nothing at all; the start of a handshake; a handshake's first byte as part of nothing.
    for begun in [&b""[..], b"\x16\x03\x01\x02\x00\x01\x00", b"\x16"] {
        let mut wire = Wire::to(&emulator).await;
        wire.send(begun).await;
        let watch = Stopwatch::start();
        assert_eq!(wire.rest().await, "", "{begun:?}");
        assert!(watch.elapsed() < Duration::from_secs(10), "{begun:?}");
    }
    // The same holds once TLS has come about.
    let stream = Client::trusting(&pem(&emulator)).shake(address(&emulator), "localhost").await.expect("a handshake");
    assert_eq!(Wire::over(stream).rest().await, "");
}

#[tokio::test]
async fn rubbish_after_a_handshakes_first_byte_is_refused_in_tls() {
    let emulator = listening(|_| {}).await;
    let mut wire = Wire::to(&emulator).await;
    wire.send(b"\x16GET / HTTP/1.1\r\n\r\n").await;
    wire.close_sending().await;
    let rest = wire.rest().await;
    assert!(rest.is_empty() || rest.starts_with('\x15'), "an alert at most: {rest:?}");
    assert_eq!(Wire::to(&emulator).await.ask("GET", "/_imulator/health", b"").await.text, HEALTHY);
}

#[tokio::test]
async fn connections_that_have_not_asked_for_anything_do_not_hold_up_the_stop() {
    let emulator = listening(|_| {}).await;
    let mut silent = Wire::to(&emulator).await;
    let mut begun = Wire::to(&emulator).await;
    begun.send(b"\x16\x03").await;
    let idle = Client::trusting(&pem(&emulator)).shake(address(&emulator), "localhost").await.expect("a handshake");
    let watch = Stopwatch::start();
    emulator.stop().await;
    assert!(watch.elapsed() < Duration::from_secs(4), "less than the time to stop");
    assert_eq!((silent.rest().await, begun.rest().await, Wire::over(idle).rest().await), Default::default());
}
