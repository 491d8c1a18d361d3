//! Callbacks over https: receivers whose authority is known, and others. The receiver is an emulator, too.

mod common;
mod process;
mod wire;

use std::fs;

use common::{ADMIN, demo};
use imulator::{Clock, Emulator};
use process::Server;
use serde_json::{Value, json};
use wire::secure;

/// The first delivery of a server that trusts what this file has, once it kicked somebody.
fn delivered(trusted: &std::path::Path, receiver: &str) -> Value {
    let server = Server::start_with(&["--listen", "127.0.0.1:0"], |command| {
        command.env("SSL_CERT_FILE", trusted).env_remove("SSL_CERT_DIR");
    });
    let seed = json!({"imulator": 1, "tencent": {"88888888": {"callbacks":
        {"url": receiver, "commands": ["Group.CallbackAfterMemberExit"]}}}});
    assert!(server.post("/_imulator/seed", &seed.to_string()).starts_with("HTTP/1.1 200"));
    let kick = json!({"GroupId": "@TGS#2J4SZEAEL", "MemberToDel_Account": ["tommy"]}).to_string();
    let kicked = server.post(&format!("/v4/group_open_http_svc/delete_group_member?{ADMIN}"), &kick);
    assert!(kicked.contains(r#""ActionStatus":"OK""#), "{kicked}");
    let told = server.get("/_imulator/journal?kind=delivery&wait_ms=20000");
    let (_, told) = told.split_once("\r\n\r\n").expect("a body");
    serde_json::from_str::<Value>(told).expect("JSON")["entries"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_over_https_is_told_if_its_authority_is_known_and_is_unreachable_otherwise() {
    let start = async || {
        let builder = Emulator::builder().fixture(demo()).clock(Clock::manual());
        builder.start().await.expect("a port is free")
    };
    let (receiver, stranger) = (start().await, start().await);
    let url = receiver.url().replace("http://", "https://");
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("writable");
        path
    };
    let known = file("known.pem", &secure::pem(&receiver));
    let told = delivered(&known, &url);
    assert_eq!(told["outcome"]["status"], 404, "it answers what nobody asks an emulator for: {told}");
    let heard = receiver.journal().wait_for(|entry| entry.0["kind"] == "exchange").await.expect("it came");
    assert_eq!(heard.0["request"]["body"], told["request"]);
    for (trusted, why) in [
        (file("other.pem", &secure::pem(&stranger)), "invalid peer certificate"),
        (file("none.pem", ""), "the system's root certificates could not be read"),
    ] {
        let outcome = &delivered(&trusted, &url)["outcome"];
        assert_eq!(outcome["error"], "unreachable", "{outcome}");
        assert!(outcome["why"].as_str().is_some_and(|said| said.contains(why)), "{why}: {outcome}");
    }
    let heard = receiver.journal().entries();
    assert_eq!(heard.iter().filter(|entry| entry.0["kind"] == "exchange").count(), 1, "nothing is said to strangers");
}
