//! `--state`: loaded over the fixtures, written whole, at intervals and at the end, by one process only.

mod process;

use std::fs;
use std::path::PathBuf;

use process::{Server, run, wait_until};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder with a fixture, and the name of a state file in it.
struct Place {
    _folder: TempDir,
    fixture: String,
    state: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let fixture = folder.path().join("fixture.json");
        let world = json!({"imulator": 1, "tencent": {"7": {"accounts": [{"UserID": "from-fixture"}]}}});
        fs::write(&fixture, world.to_string()).expect("writable");
        let state = folder.path().join("state.json");
        Self { fixture: fixture.to_str().expect("UTF-8").to_owned(), state, _folder: folder }
    }

    fn name(&self) -> &str {
        self.state.to_str().expect("UTF-8")
    }

    fn arguments(&self) -> [&str; 6] {
        ["--listen", "127.0.0.1:0", "--fixture", &self.fixture, "--state", self.name()]
    }

    fn kept(&self) -> Value {
        serde_json::from_str(&fs::read_to_string(&self.state).expect("the state file is there")).expect("it is whole")
    }
}

fn import(server: &Server, user: &str) {
    let target = "/v4/im_open_login_svc/account_import?sdkappid=7&identifier=admin&usersig=x";
    let answer = server.post(target, &json!({"UserID": user}).to_string());
    assert!(answer.contains("\"ErrorCode\":0"), "{answer}");
}

fn stop(mut server: Server) {
    server.signal("TERM");
    assert_eq!(server.wait().code, Some(0));
}

#[test]
fn the_world_is_written_at_the_end_and_loaded_over_the_fixtures() {
    let place = Place::new();
    let server = Server::start(&place.arguments());
    import(&server, "kept");
    stop(server);
    let kept = place.kept();
    let names: Vec<&Value> =
        kept["tencent"]["7"]["accounts"].as_array().expect("accounts").iter().map(|one| &one["UserID"]).collect();
    assert_eq!(names, ["admin", "administrator", "from-fixture", "kept"]);
    let again = Server::start(&place.arguments());
    assert!(again.get("/_imulator/state").contains("\"kept\""));
    stop(again);
    assert_eq!(place.kept(), kept, "what is loaded is written back equal");
}

#[test]
fn a_state_file_wins_over_the_fixtures_whole() {
    let place = Place::new();
    fs::write(&place.state, r#"{"imulator": 1, "tencent": {"8": {}}}"#).expect("writable");
    let server = Server::start(&place.arguments());
    let state = server.get("/_imulator/state");
    assert!(state.contains("\"8\"") && !state.contains("from-fixture"), "{state}");
}

#[test]
fn a_reset_goes_back_to_the_fixtures_and_not_to_the_state_file() {
    let place = Place::new();
    fs::write(&place.state, r#"{"imulator": 1, "tencent": {"8": {}}}"#).expect("writable");
    let server = Server::start(&place.arguments());
    assert!(server.post("/_imulator/reset", "").contains("\"epoch\":2"));
    let state = server.get("/_imulator/state");
    assert!(state.contains("from-fixture") && !state.contains("\"8\""), "{state}");
    stop(server);
    assert!(place.kept()["tencent"]["7"].is_object(), "and the state file follows");
}

#[test]
fn it_is_written_while_it_runs_once_something_changed() {
    let place = Place::new();
    let server = Server::start(&place.arguments());
    assert!(!place.state.exists(), "nothing changed yet");
    import(&server, "kept");
    wait_until("the state file", || place.state.exists());
    assert!(place.kept().to_string().contains("kept"));
    assert!(!place.state.with_file_name("state.json.new").exists(), "no partial file is left");
}

#[test]
fn it_is_written_also_where_no_journal_is_kept() {
    let place = Place::new();
    let mut arguments = place.arguments().to_vec();
    arguments.extend(["--journal", "0"]);
    let server = Server::start(&arguments);
    import(&server, "kept");
    wait_until("the state file", || place.state.exists());
    assert!(place.kept().to_string().contains("kept"));
}

#[test]
fn a_partial_file_of_an_earlier_crash_is_ignored_and_replaced() {
    let place = Place::new();
    let partial = place.state.with_file_name("state.json.new");
    fs::write(&partial, "{\"imulator\": 1, \"tenc").expect("writable");
    let server = Server::start(&place.arguments());
    assert!(server.get("/_imulator/state").contains("from-fixture"));
    stop(server);
    assert!(place.kept()["tencent"]["7"].is_object() && !partial.exists());
}

#[test]
fn a_second_process_on_the_same_file_is_refused() {
    let place = Place::new();
    let first = Server::start(&place.arguments());
    let second = run(&place.arguments());
    let line = format!("imulator: --state {}: another process uses this file\n", place.name());
    assert_eq!((second.code, second.stderr), (Some(2), line));
    assert!(first.get("/_imulator/health").contains("200 OK"), "the first goes on");
    stop(first);
    stop(Server::start(&place.arguments()));
}

#[test]
fn a_process_that_was_killed_leaves_no_lock_behind() {
    let place = Place::new();
    let mut first = Server::start(&place.arguments());
    first.signal("KILL");
    assert_eq!(first.wait().code, None);
    stop(Server::start(&place.arguments()));
}

#[test]
fn a_faulty_state_file_fails_the_start_and_is_left_as_it_is() {
    for (content, part) in [
        ("{\"imulator\": 1", ":1:14: EOF"),
        ("{\"imulator\": 1,\n\"tencent\": {\"7\": {\"room\": 1}}}", ":2:25: tencent.7.room: unknown field"),
        ("{\"imulator\": 9}", ": imulator: is 9"),
        ("", ":1:0: EOF"),
        ("[]", "sequence"),
    ] {
        let place = Place::new();
        fs::write(&place.state, content).expect("writable");
        let ended = run(&place.arguments());
        assert_eq!((ended.code, ended.stderr.lines().count()), (Some(2), 1), "{content}: {}", ended.stderr);
        assert!(ended.stderr.starts_with(&format!("imulator: --state {}", place.name())), "{}", ended.stderr);
        assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
        assert_eq!(fs::read_to_string(&place.state).expect("still there"), content);
    }
}

#[test]
fn a_state_file_that_is_a_directory_or_nowhere_fails_the_start() {
    let place = Place::new();
    fs::create_dir(&place.state).expect("writable");
    let ended = run(&place.arguments());
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("is a directory"), "{}", ended.stderr);
    let nowhere = run(&["--listen", "127.0.0.1:0", "--state", "/nowhere/at/all.json"]);
    assert_eq!((nowhere.code, nowhere.stderr.lines().count()), (Some(2), 1), "{}", nowhere.stderr);
    assert!(nowhere.stderr.contains("--state /nowhere/at/all.json"), "{}", nowhere.stderr);
}

#[tokio::test]
async fn an_emulator_without_a_socket_writes_at_its_end_too() {
    let place = Place::new();
    let config = imulator::Config { state_file: Some(place.state.clone()), ..imulator::Config::default() };
    let emulator = imulator::Emulator::builder().config(config).build().expect("it starts");
    emulator.stop().await;
    assert_eq!(place.kept(), json!({"imulator": 1}));
}
