//! The binary as its users meet it: ready line, ready file, signals, faults of the start, and the commands that end.

mod process;

use std::fs;
use std::process::Command;

use process::{Ended, Server, imulator, run, wait_until};
use serde_json::{Value, json};
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder can be made")
}

/// Asserts a start that fails: exit 2, nothing on standard output, one line on standard error with these parts.
fn fails(ended: &Ended, parts: &[&str]) {
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    for part in parts {
        assert!(ended.stderr.contains(part), "{part:?} is not in {}", ended.stderr);
    }
}

#[test]
fn the_ready_line_is_the_first_and_only_line_of_standard_output() {
    let mut server = Server::start(&["--listen", "127.0.0.1:0"]);
    let address = server.url.strip_prefix("http://127.0.0.1:").expect("an address of this machine");
    assert!(address.parse::<u16>().is_ok_and(|port| port > 0), "{}", server.url);
    assert!(server.get("/_imulator/health").contains("200 OK"));
    server.signal("TERM");
    let ended = server.wait();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""), "nothing follows the ready line");
}

#[test]
fn localhost_listens_on_both_loopbacks_with_one_port() {
    let server = Server::start(&["--listen", "localhost:0"]);
    assert!(server.get("/_imulator/health").contains("200 OK"));
    let port = server.url.rsplit(':').next().expect("a port").to_owned();
    if std::net::TcpListener::bind("[::1]:0").is_ok() {
        assert!(std::net::TcpStream::connect(format!("[::1]:{port}")).is_ok());
    }
}

#[test]
fn both_signals_end_it_in_good_order() {
    for signal in ["TERM", "INT"] {
        let mut server = Server::start(&["--listen", "127.0.0.1:0"]);
        server.signal(signal);
        assert_eq!(server.wait().code, Some(0), "{signal}");
    }
}

#[test]
fn the_ready_file_is_there_while_requests_are_answered() {
    let folder = folder();
    let path = folder.path().join("ready.json");
    let mut server = Server::start(&["--listen", "127.0.0.1:0", "--ready-file", path.to_str().expect("UTF-8")]);
    let ready: Value =
        serde_json::from_str(&fs::read_to_string(&path).expect("it is written before the line")).expect("JSON");
    assert_eq!(ready, json!({"http": server.url, "pid": server.id()}));
    let names: Vec<_> =
        fs::read_dir(folder.path()).expect("readable").map(|entry| entry.expect("readable").file_name()).collect();
    assert_eq!(names, ["ready.json"], "no partial file is left");
    server.signal("TERM");
    server.wait();
    assert!(!path.exists());
}

#[test]
fn a_reader_that_closes_standard_output_does_no_harm() {
    let folder = folder();
    let path = folder.path().join("ready.json");
    let mut child = imulator(&["--listen", "127.0.0.1:0", "--ready-file", path.to_str().expect("UTF-8")]);
    drop(child.0.stdout.take());
    wait_until("the ready file", || path.exists());
    let ready: Value = serde_json::from_str(&fs::read_to_string(&path).expect("readable")).expect("JSON");
    assert!(process::get(ready["http"].as_str().expect("a URL"), "/_imulator/health").contains("200 OK"));
    process::signal(child.0.id(), "TERM");
    wait_until("the end", || child.0.try_wait().expect("a child can be asked").is_some());
}

#[test]
fn a_port_in_use_fails_in_one_line() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let place = taken.local_addr().expect("it listens").to_string();
    fails(&run(&["--listen", &place]), &[&format!("--listen {place}:"), "in use"]);
}

#[test]
fn a_start_that_fails_says_what_and_where_in_one_line() {
    let folder = folder();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        fs::write(&path, content).expect("writable");
        path.to_str().expect("UTF-8").to_owned()
    };
    let syntax = file("syntax.json", "{\"imulator\": 1,\n  \"tencent\": {]}");
    let types = file("types.json", "{\"imulator\": 1, \"tencent\": {\"7\": {\"rooms\": [{\"RoomId\": 5}]}}}");
    let rules =
        file("rules.json", r#"{"imulator": 1, "tencent": {"7": {"accounts": [{"UserID": ""}, {"UserID": "é"}]}}}"#);
    let array = file("array.json", "[1]");
    let missing = folder.path().join("missing.json").to_str().expect("UTF-8").to_owned();
    let table: [(&[&str], &[&str]); 17] = [
        (&["--fixture", &syntax], &[&format!("{syntax}:2:15:")]),
        (&["--fixture", &types], &[&format!("{types}:1:"), "tencent.7.rooms[0].RoomId:", "an id: a string"]),
        (&["--fixture", &rules], &[&format!("{rules}: tencent.7.accounts[0].UserID:"), "more faults"]),
        (&["--fixture", &array], &[&format!("{array}:1:"), "sequence"]),
        (&["--fixture", &missing], &[&missing, "No such file"]),
        (&["--fixture", folder.path().to_str().expect("UTF-8")], &["is a directory"]),
        (&["--fixture", &rules, "--empty"], &["--empty", "cannot be used with"]),
        (&["--nothing"], &["--nothing", "--help"]),
        (&["nothing"], &["nothing"]),
        (&["--seed", "x"], &["--seed", "'x'"]),
        (&["--listen", "nowhere"], &["--listen nowhere", "ADDR:PORT"]),
        (&["--listen", "127.0.0.1"], &["--listen 127.0.0.1", "ADDR:PORT"]),
        (&["--listen", "0.0.0.0:0"], &["--listen 0.0.0.0:0", "--control-token"]),
        (&["--listen", "127.0.0.1:0", "--listen", "[::]:0"], &["--listen [::]:0", "--control-token"]),
        (&["--header-timeout", "soon"], &["--header-timeout", "soon"]),
        (&["--log", "a=b=c"], &["--log a=b=c"]),
        (&["--listen", "127.0.0.1:0", "--ready-file", "/nowhere/at/all"], &["--ready-file /nowhere/at/all"]),
    ];
    for (arguments, parts) in table {
        fails(&run(arguments), parts);
    }
}

#[test]
fn it_listens_beyond_loopback_with_a_token() {
    let server = Server::start(&["--listen", "0.0.0.0:0", "--control-token", "t"]);
    let port = server.url.rsplit(':').next().expect("a port").to_owned();
    let url = format!("http://127.0.0.1:{port}");
    assert!(process::get(&url, "/_imulator/health").contains("401"));
    assert_eq!(run(&["healthcheck", &url, "--control-token", "t"]).code, Some(0));
}

#[test]
fn every_option_can_come_from_the_environment() {
    let folder = folder();
    let fixture = folder.path().join("world.json");
    fs::write(&fixture, r#"{"imulator": 1, "tencent": {"7": {}}}"#).expect("writable");
    let ready = folder.path().join("ready.json");
    let server = Server::start_with(&[], |command| {
        command.env("IMULATOR_LISTEN", "127.0.0.1:0").env("IMULATOR_FIXTURE", &fixture);
        command.env("IMULATOR_READY_FILE", &ready).env("IMULATOR_CLOSED", "1").env("IMULATOR_JOURNAL_BYTES", "1MiB");
        command.env("IMULATOR_LOG_FORMAT", "json").env("IMULATOR_BODY_TIMEOUT", "2s").env("IMULATOR_TENANTS", "5");
    });
    assert!(ready.exists());
    assert!(server.get("/_imulator/state").contains("\"7\""));
    let refused = server.post("/v4/im_open_login_svc/account_import?sdkappid=8&identifier=admin&usersig=x", "{}");
    assert!(refused.contains("60006"), "{refused}");
}

#[test]
fn a_switch_in_the_environment_is_on_or_off_as_people_write_it() {
    for (value, on) in [("1", true), ("true", true), ("yes", true), ("0", false), ("false", false), ("", false)] {
        let server = Server::start_with(&["--listen", "127.0.0.1:0"], |command| {
            command.env("IMULATOR_EMPTY", value);
        });
        let state = server.get("/_imulator/state");
        assert_eq!(!state.contains("88888888"), on, "{value:?}: {state}");
    }
    for name in ["IMULATOR_CLOSED", "IMULATOR_NO_TLS", "IMULATOR_ENFORCE_RATE_LIMITS"] {
        for value in ["1", ""] {
            let server = Server::start_with(&["--listen", "127.0.0.1:0"], |command| {
                command.env(name, value);
            });
            assert!(server.get("/_imulator/health").contains("200 OK"), "{name}={value}");
        }
    }
}

#[test]
fn each_option_of_serve_names_its_variable() {
    let help = run(&["serve", "--help"]);
    assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
    let mut options = 0;
    for line in
        help.stdout.lines().filter_map(|line| line.trim().strip_prefix("--").or(line.trim().strip_prefix("-h, --")))
    {
        let name = line.split([' ', '=']).next().expect("a name");
        if matches!(name, "help" | "version") {
            continue;
        }
        let variable = format!("[env: IMULATOR_{}", name.to_uppercase().replace('-', "_"));
        assert!(help.stdout.contains(&variable), "{variable}");
        options += 1;
    }
    assert!(options >= 15, "{options} options: {}", help.stdout);
}

#[test]
fn serve_is_the_default_command() {
    let server = Server::start(&["serve", "--listen", "127.0.0.1:0", "--empty"]);
    let state = server.get("/_imulator/state");
    assert!(state.ends_with(r#"{"imulator":1}"#), "{state}");
}

#[test]
fn later_fixtures_replace_entities_of_earlier_ones_whole() {
    let folder = folder();
    let world = |name: &str, nick: &str, other: &str| {
        let path = folder.path().join(name);
        let accounts = json!([{"UserID": "amy", "Nick": nick}, {"UserID": other}]);
        fs::write(&path, json!({"imulator": 1, "tencent": {"7": {"accounts": accounts}}}).to_string())
            .expect("writable");
        path.to_str().expect("UTF-8").to_owned()
    };
    let (first, second) = (world("1.json", "First", "one"), world("2.json", "", "two"));
    let server = Server::start(&["--listen", "127.0.0.1:0", "--fixture", &first, "--fixture", &second]);
    let state = server.get("/_imulator/state");
    assert!(!state.contains("First") && state.contains("\"one\"") && state.contains("\"two\""), "{state}");
}

#[test]
fn check_lists_every_fault_with_its_path() {
    let folder = folder();
    let path = folder.path().join("world.json");
    let name = path.to_str().expect("UTF-8");
    fs::write(&path, r#"{"imulator": 1, "tencent": {"x": {}, "7": {"accounts": [{"UserID": ""}]}}}"#)
        .expect("writable");
    let found = run(&["check", name]);
    let expected = format!(
        "{name}: tencent.7.accounts[0].UserID: is empty; a UserID has 1 to 32 bytes\n\
         {name}: tencent.x: a Tencent application is named by its sdkappid, a positive decimal number, or *\n"
    );
    assert_eq!((found.code, found.stdout.as_str(), found.stderr.as_str()), (Some(1), expected.as_str(), ""));
    fs::write(&path, "{\"imulator\": 1, \"tencent\": {\"7\": {\"rooms\": [{\"RoomId\": 5}]}}}").expect("writable");
    let typed = run(&["check", name]);
    assert_eq!(typed.code, Some(1));
    let rest = typed.stdout.strip_prefix(&format!("{name}:1:")).unwrap_or_else(|| panic!("{}", typed.stdout));
    assert!(rest.contains(" tencent.7.rooms[0].RoomId: "), "{rest}");
    fs::write(&path, r#"{"imulator": 1}"#).expect("writable");
    let sound = run(&["check", name]);
    assert_eq!((sound.code, sound.stdout), (Some(0), format!("{name}: ok\n")));
}

#[test]
fn check_goes_on_after_a_file_that_cannot_be_read() {
    let folder = folder();
    let good = folder.path().join("good.json");
    fs::write(&good, r#"{"imulator": 1}"#).expect("writable");
    let (directory, good) = (folder.path().to_str().expect("UTF-8"), good.to_str().expect("UTF-8"));
    let found = run(&["check", directory, good]);
    assert_eq!((found.code, found.stdout), (Some(1), format!("{directory}: is a directory\n{good}: ok\n")));
    assert_eq!(run(&["check"]).code, Some(2));
}

#[test]
fn the_demo_world_passes_its_own_check() {
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/worlds/demo.json");
    assert_eq!(run(&["check", demo]).code, Some(0));
}

#[test]
fn a_usersig_is_made_and_told_good_or_why_not() {
    let made =
        run(&["usersig", "--sdkappid", "7", "--key", "k", "--identifier", "amy", "--expire", "100", "--at", "1000000"]);
    assert_eq!((made.code, made.stdout.lines().count()), (Some(0), 1));
    let signature = made.stdout.trim();
    let verify = |app: &str, key: &str, who: &str, at: &str, signature: &str| {
        run(&["usersig", "--sdkappid", app, "--key", key, "--identifier", who, "--at", at, "--verify", signature])
    };
    let good = verify("7", "k", "amy", "1970-01-12T13:46:50Z", signature);
    assert_eq!((good.code, good.stdout.as_str()), (Some(0), "good until 1970-01-12T13:48:20.000Z\n"));
    let table = [
        verify("8", "k", "amy", "1000010", signature),
        verify("7", "other", "amy", "1000010", signature),
        verify("7", "k", "bob", "1000010", signature),
        verify("7", "k", "amy", "1000101", signature),
        verify("7", "k", "amy", "1000010", "rubbish"),
    ];
    let mut reasons = std::collections::HashSet::new();
    for bad in table {
        assert_eq!((bad.code, bad.stderr.as_str()), (Some(1), ""));
        assert!(bad.stdout.starts_with("not good: ") && bad.stdout.lines().count() == 1, "{}", bad.stdout);
        reasons.insert(bad.stdout);
    }
    assert_eq!(reasons.len(), 5, "each has its own reason");
}

#[test]
fn the_table_of_operations_comes_in_three_forms() {
    let rows: Value = serde_json::from_str(&run(&["operations", "--format", "json"]).stdout).expect("JSON");
    let rows = rows.as_array().expect("an array");
    let table = run(&["operations"]).stdout;
    let markdown = run(&["operations", "--format", "markdown"]).stdout;
    assert_eq!(table.lines().count(), rows.len());
    for row in rows {
        let (name, path) = (row["name"].as_str().expect("a name"), row["path"].as_str().expect("a path"));
        assert!(table.lines().any(|line| line.starts_with(name) && line.contains(path)), "{name}");
        assert!(markdown.contains(&format!("| `{name}` | `")), "{name}");
    }
    assert_eq!(run(&["operations", "--format", "yaml"]).code, Some(2));
}

#[test]
fn openapi_and_schema_are_those_that_a_server_gives() {
    let server = Server::start(&["--listen", "127.0.0.1:0"]);
    for (command, path) in [("openapi", "/_imulator/openapi.json"), ("schema", "/_imulator/schema.json")] {
        let printed: Value = serde_json::from_str(&run(&[command]).stdout).expect("JSON");
        let answer = server.get(path);
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        assert_eq!(printed, serde_json::from_str::<Value>(body).expect("JSON"));
    }
}

#[test]
fn a_health_check_exits_by_whether_it_answers() {
    let server = Server::start(&["--listen", "127.0.0.1:0"]);
    let healthy = run(&["healthcheck", &server.url]);
    assert_eq!((healthy.code, healthy.stdout.contains("\"ok\"")), (Some(0), true));
    let from_environment = process::run_with(&["healthcheck"], |command| {
        command.env("IMULATOR_URL", &server.url);
    });
    assert_eq!(from_environment.code, Some(0));
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    for url in [format!("http://{nobody}"), "nonsense".to_owned(), format!("{}/elsewhere", server.url)] {
        let sick = run(&["healthcheck", &url]);
        assert_eq!((sick.code, sick.stderr.lines().count()), (Some(1), 1), "{url}: {}", sick.stderr);
    }
}

#[test]
fn help_and_version_go_to_standard_output() {
    let help = run(&["--help"]);
    assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
    for word in
        ["Usage: imulator", "serve", "check", "usersig", "operations", "openapi", "schema", "healthcheck", "--listen"]
    {
        assert!(help.stdout.contains(word), "{word}");
    }
    let version = run(&["--version"]);
    assert_eq!((version.code, version.stdout), (Some(0), format!("imulator {}\n", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn variables_of_serve_do_not_disturb_the_other_commands() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_imulator"));
    command
        .args(["operations"])
        .env("IMULATOR_LISTEN", "127.0.0.1:0")
        .env("IMULATOR_EMPTY", "1")
        .env("IMULATOR_SEED", "x");
    let ended = command.output().expect("the binary runs");
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
}
