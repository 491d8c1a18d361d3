//! `imulator exec` and `imulator ca` as processes: codes, signals, variables, files.

mod process;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use process::{Ended, get, imulator_with, run, run_with, signal, wait_until};
use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_imulator");

/// Runs a shell script under `exec` with an authority of its own.
fn exec(script: &str, set: impl FnOnce(&mut Command)) -> Ended {
    let folder = folder();
    run_with(&["exec", "--", "sh", "-c", script], |command| {
        command.env("IMULATOR_CA_DIR", folder.path());
        set(command);
    })
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn text(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path.as_ref()).unwrap_or_else(|fault| panic!("{}: {fault}", path.as_ref().display()))
}

#[test]
fn the_command_finds_a_server_and_standard_output_is_its_alone() {
    let folder = folder();
    let ended = run(&["exec", "--ca-dir", folder.path().to_str().expect("UTF-8"), "--", BINARY, "healthcheck"]);
    let healthy = concat!(r#"{"status":"ok","version":""#, env!("CARGO_PKG_VERSION"), "\",\"epoch\":1}\n");
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(0), healthy, ""));
}

#[test]
fn the_commands_exit_code_is_ours() {
    for (script, code) in
        [("exit 0", 0), ("exit 7", 7), ("exit 255", 255), ("kill -KILL $$", 137), ("kill -TERM $$", 143)]
    {
        assert_eq!(exec(script, |_| {}).code, Some(code), "{script}");
    }
    let folder = folder();
    let file = folder.path().join("no-program");
    fs::write(&file, "not a program").expect("writable");
    let file = file.to_str().expect("UTF-8");
    for (command, code) in [("no-such-command-anywhere", 127), (file, 126)] {
        let ended = run(&["exec", "--no-tls", "--", command]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(code), ""));
        assert!(ended.stderr.starts_with(&format!("imulator: {command}: ")), "{}", ended.stderr);
    }
}

#[test]
fn a_server_that_does_not_start_runs_nothing_and_exits_2() {
    for arguments in [&["--fixture", "/nowhere.json"][..], &["--listen", "nonsense"], &["--tls-cert", "/nowhere.pem"]] {
        let ended = run(&[&["exec"], arguments, &["--", "echo", "ran"]].concat());
        assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.lines().count()), (Some(2), "", 1), "{ended:?}");
    }
    assert_eq!(run(&["exec"]).code, Some(2), "there is no command");
    let broken = folder();
    fs::write(broken.path().join("imulator-ca-and-key.pem"), "rubbish").expect("writable");
    let ended = run(&["exec", "--ca-dir", broken.path().to_str().expect("UTF-8"), "--", "echo", "ran"]);
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.lines().count()), (Some(2), "", 1), "{ended:?}");
}

/// Starts a script under `exec`, waits for its first line, and sends a signal to us; the code, the rest, and the line.
fn signalled(name: &str, options: &[&str], script: &str) -> (Option<i32>, String, String) {
    let arguments = [&["exec", "--no-tls"], options, &["--", "sh", "-c", script]].concat();
    let mut child = imulator_with(&arguments, |_| {});
    let mut stdout = BufReader::new(child.0.stdout.take().expect("a pipe"));
    let (mut first, mut rest) = (String::new(), String::new());
    stdout.read_line(&mut first).expect("UTF-8");
    signal(child.0.id(), name);
    wait_until("the end of the child", || child.0.try_wait().expect("a child can be asked").is_some());
    stdout.read_to_string(&mut rest).expect("UTF-8");
    (child.0.wait().expect("it has ended").code(), rest, first)
}

#[test]
fn signals_are_passed_on_and_the_command_decides_what_they_mean() {
    for name in ["INT", "TERM", "HUP", "QUIT"] {
        let script = format!("trap 'echo heard; exit 5' {name}; echo ready; while :; do sleep 0.02; done");
        let (code, rest, _) = signalled(name, &[], &script);
        assert_eq!((code, rest.as_str()), (Some(5), "heard\n"), "{name}");
    }
    let (code, _, _) = signalled("TERM", &[], "echo ready; sleep 1000");
    assert_eq!(code, Some(143));
}

#[test]
fn what_the_command_started_does_not_outlive_us() {
    // The shell waits for its child; both have to hear the signal for standard output to come to its end.
    let (code, rest, pid) = signalled("TERM", &[], "sleep 1000 & echo $!; wait");
    assert_eq!((code, rest.as_str()), (Some(143), ""));
    let there = || Command::new("kill").args(["-0", pid.trim()]).stderr(Stdio::null()).status().expect("kill is there");
    wait_until("the end of the grandchild", || !there().success());
}

#[test]
fn a_command_that_does_not_heed_the_end_is_killed_in_time() {
    let script = "trap '' TERM; echo ready; while :; do sleep 0.02; done";
    let (code, _, _) = signalled("TERM", &["--stop-timeout", "50ms"], script);
    assert_eq!(code, Some(137));
    // An interrupt may take as long as it likes.
    let script = "trap 'sleep 0.3; exit 6' INT; echo ready; while :; do sleep 0.02; done";
    let (code, _, _) = signalled("INT", &["--stop-timeout", "50ms"], script);
    assert_eq!(code, Some(6));
}

#[test]
fn the_state_is_written_at_the_end() {
    let folder = folder();
    let (state, ready) = (folder.path().join("state.json"), folder.path().join("ready.json"));
    let arguments = ["exec", "--no-tls", "--empty", "--state", state.to_str().expect("UTF-8")];
    let more =
        ["--ready-file", ready.to_str().expect("UTF-8"), "--", "sh", "-c", "echo $IMULATOR_URL; read line; exit 3"];
    let mut child = imulator_with(&[&arguments[..], &more].concat(), |command| {
        command.stdin(Stdio::piped());
    });
    let mut url = String::new();
    BufReader::new(child.0.stdout.take().expect("a pipe")).read_line(&mut url).expect("UTF-8");
    let call = "/v4/im_open_login_svc/account_import?sdkappid=7&identifier=admin&usersig=x";
    assert!(get(url.trim(), call).starts_with("HTTP/1.1 200"), "it answers while the command runs");
    assert!(text(&ready).contains(url.trim()));
    let body = r#"{"UserID":"amy"}"#;
    assert!(process::post(url.trim(), call, body).contains(r#""ErrorCode":0"#));
    drop(child.0.stdin.take());
    wait_until("the end of the child", || child.0.try_wait().expect("a child can be asked").is_some());
    assert_eq!(child.0.wait().expect("it has ended").code(), Some(3));
    assert!(text(&state).contains("amy"), "{}", text(&state));
    assert!(!ready.exists());
}

#[test]
fn ca_variables_lead_to_the_roots_that_were_trusted_before_and_ours() {
    let folder = folder();
    let other = folder.path().join("other.pem");
    let key = rcgen::KeyPair::generate().expect("random bytes");
    let params = rcgen::CertificateParams::new(vec!["other.test".to_owned()]).expect("a name");
    let root = params.self_signed(&key).expect("it can be signed").pem();
    fs::write(&other, &root).expect("writable");
    let copy = r#"for v in SSL_CERT_FILE REQUESTS_CA_BUNDLE CURL_CA_BUNDLE AWS_CA_BUNDLE NODE_EXTRA_CA_CERTS IMULATOR_CA_FILE
        do eval "cp \"\$$v\" $OUT/$v"; done; dirname "$SSL_CERT_FILE""#;
    let ended = exec(copy, |command| {
        command.env("OUT", folder.path()).env("REQUESTS_CA_BUNDLE", &other);
        command.env_remove("NODE_EXTRA_CA_CERTS");
    });
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let copied = |name: &str| text(folder.path().join(name));
    let ours = copied("IMULATOR_CA_FILE");
    assert!(ours.starts_with("-----BEGIN CERTIFICATE-----\n") && ours.matches("BEGIN").count() == 1, "{ours}");
    assert_eq!(copied("NODE_EXTRA_CA_CERTS"), ours, "Node adds it to its own");
    for name in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE"] {
        let bundle = copied(name);
        assert!(bundle.ends_with(&ours) && bundle.contains(root.trim()), "{name}");
        assert_eq!(bundle.matches(root.trim()).count(), 1, "{name}");
    }
    assert!(!Path::new(ended.stdout.trim()).exists(), "they are gone with the command");
    // Where Node was told of more already, it is still told.
    let ended = exec("cat $NODE_EXTRA_CA_CERTS", |command| {
        command.env("NODE_EXTRA_CA_CERTS", &other);
    });
    assert!(ended.stdout.contains(root.trim()) && ended.stdout.matches("BEGIN").count() >= 2);
}

#[test]
fn without_an_authority_no_ca_variable_is_touched() {
    let ended = run_with(&["exec", "--no-tls", "--", "sh", "-c", "echo $SSL_CERT_FILE-$IMULATOR_CA_FILE"], |command| {
        command.env("SSL_CERT_FILE", "mine");
    });
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "mine-\n"));
}

#[test]
fn ca_writes_the_certificate_that_is_kept() {
    let folder = folder();
    let (kept, out) = (folder.path().join("kept"), folder.path().join("a").join("b"));
    let arguments = ["ca", out.to_str().expect("UTF-8"), "--ca-dir", kept.to_str().expect("UTF-8")];
    let first = run(&arguments);
    let file = out.join("imulator-ca.pem");
    assert_eq!((first.code, first.stdout), (Some(0), format!("{}\n", file.display())));
    assert_eq!(fs::metadata(&file).expect("it is there").permissions().mode() & 0o777, 0o644);
    let certificate = text(&file);
    assert!(!certificate.contains("PRIVATE"));
    assert_eq!(run(&arguments).code, Some(0));
    assert_eq!(text(&file), certificate, "the authority stays the same");
    let ended = run_with(&["exec", "--", "sh", "-c", "cat $IMULATOR_CA_FILE"], |command| {
        command.env("IMULATOR_CA_DIR", &kept);
    });
    assert_eq!(ended.stdout, certificate);
}

#[test]
fn the_authority_belongs_into_the_users_data_folder() {
    let home = folder();
    let out = home.path().join("out");
    let ended = run_with(&["ca", out.to_str().expect("UTF-8")], |command| {
        command.env("HOME", home.path()).env_remove("XDG_DATA_HOME");
    });
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(home.path().join(".local/share/imulator/imulator-ca-and-key.pem").exists());
    let ended = run_with(&["ca", out.to_str().expect("UTF-8")], |command| {
        command.env("HOME", "/dev/null").env_remove("XDG_DATA_HOME");
    });
    assert_eq!(
        (ended.code, ended.stderr.lines().count()),
        (Some(2), 1),
        "an authority that cannot be kept is of no use"
    );
}

#[test]
fn tls_options_that_do_not_go_together_end_the_start() {
    for arguments in
        [&["--tls-cert", "x"][..], &["--tls-key", "x"], &["--tls-name", "127.0.0.1"], &["--tls-name", "a b"]]
    {
        let ended = run(arguments);
        assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.lines().count()), (Some(2), "", 1), "{ended:?}");
        assert!(ended.stderr.contains("--tls-"), "{}", ended.stderr);
    }
}
