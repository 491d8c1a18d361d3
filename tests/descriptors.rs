//! A system that allows few open files: the bound of connections follows, and everything else still works.

mod process;

use std::net::TcpStream;
use std::process::{Command, Stdio};

use process::{Server, wait_until};
use tempfile::TempDir;

/// Connections that nobody uses.
const IDLE: usize = 300;

/// A server under these limits of open files, as a shell sets them.
fn limited(limits: &str, arguments: &[&str]) -> Server {
    Server::start_with(arguments, |command| {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{limits} && exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_imulator")]).args(arguments);
        shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        *command = shell;
    })
}

fn idle(server: &Server) -> Vec<TcpStream> {
    let host = server.url.trim_start_matches("http://");
    (0..IDLE).map(|_| TcpStream::connect(host).expect("the system takes it")).collect()
}

#[test]
fn the_limit_is_raised_as_far_as_the_connections_need() {
    let server = limited("ulimit -Sn 100 && ulimit -Hn 1000", &["--listen", "127.0.0.1:0"]);
    let _idle = idle(&server);
    assert!(server.get("/_imulator/health").contains("200 OK"), "one more is served at once");
}

#[test]
fn where_it_cannot_be_raised_fewer_connections_are_taken_and_the_state_is_still_written() {
    let folder: TempDir = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("state.json");
    let state = file.to_str().expect("UTF-8");
    let arguments = ["--listen", "127.0.0.1:0", "--empty", "--state", state, "--state-interval", "50ms"];
    let mut server = limited("ulimit -n 200", &[&arguments[..], &["--header-timeout", "300ms"]].concat());
    let _idle = idle(&server);
    // Some wait in the system's queue, and this one behind them, until those before are over.
    let answer = server
        .post("/v4/im_open_login_svc/account_import?sdkappid=7&identifier=admin&usersig=x", r#"{"UserID":"amy"}"#);
    assert!(answer.contains("\"ErrorCode\":0"), "{answer}");
    let _more = idle(&server);
    wait_until("the state file", || file.exists());
    server.signal("TERM");
    let ended = server.wait();
    assert_eq!(ended.code, Some(0));
    assert!(
        ended.stderr.contains("the system allows 200 open files: at most 150 connections at once"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("could not be"), "{}", ended.stderr);
}
