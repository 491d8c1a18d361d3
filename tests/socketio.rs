//! The published Socket.IO client against the built binary.

mod process;

use std::path::Path;
use std::process::{Command, Stdio};

use process::Server;

#[test]
#[ignore = "needs node, and `npm ci` in tests/socketio; .ci/run sees to both"]
fn the_published_client_meets_the_documented_events() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/socketio");
    assert!(folder.join("node_modules").is_dir(), "run `npm ci` in {}", folder.display());
    let server = Server::start(&["--listen", "127.0.0.1:0"]);
    let mut node = Command::new("node");
    node.arg("people.js").arg(&server.url).current_dir(folder).stdin(Stdio::null());
    let ended = node.output().expect("node is there");
    let (said, complained) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success(), "{said}{complained}");
    assert_eq!(said, "ok websocket\nok encoded\nok forced\nok polling\nok upgraded\nok reset\n", "{complained}");
}
