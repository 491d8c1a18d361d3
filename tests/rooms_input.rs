//! Bad input: one table walks all commands of the three services through everything that can be wrong with a request,
//! and the list of commands is the documented one.

mod common;

use common::House;
use common::rooms::{app, seated};
use serde_json::{Value, json};

/// What a field holds, which says how it can be wrong.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// A room's id: 1 to 48 bytes.
    Room,
    /// An account: 1 to 32 bytes.
    Account,
    /// A list of so many accounts at most.
    Accounts(usize),
    /// A list of so many accounts at most, by name or number.
    Either(usize),
    /// A text of so many bytes at most, which may be empty.
    Text(usize),
    /// A whole number, of which this one is too small.
    Number(i64),
    /// A list of so many members with marks at most.
    Marked(usize),
    /// An object.
    Object,
    /// A word of a fixed set.
    Word,
    /// A list of callbacks.
    Callbacks,
}

use Kind::{Account, Accounts, Callbacks, Either, Marked, Number, Object, Room, Text, Word};

/// A command, a request of it that succeeds, its mandatory fields, and its optional ones.
type Row = (&'static str, Value, Vec<(&'static str, Kind)>, Vec<(&'static str, Kind)>);

// table
fn commands() -> Vec<Row> {
    let room = || ("RoomId", Room);
    let in_hall = |mut body: Value| {
        body["RoomId"] = json!("hall");
        body
    };
    vec![
        (
            "create_room",
            json!({"RoomInfo": {"RoomId": "new", "RoomType": "Conference"}}),
            vec![("RoomInfo", Object), ("RoomInfo.RoomId", Room)],
            vec![
                ("RoomInfo.RoomName", Text(100)),
                ("RoomInfo.CustomInfo", Text(500)),
                ("RoomInfo.MaxMemberCount", Number(-1)),
                ("RoomInfo.TakeSeatMode", Word),
            ],
        ),
        ("destroy_room", in_hall(json!({})), vec![room()], vec![]),
        (
            "update_room_info",
            json!({"RoomInfo": {"RoomId": "hall"}}),
            vec![("RoomInfo", Object), ("RoomInfo.RoomId", Room)],
            vec![
                ("RoomInfo.RoomName", Text(100)),
                ("RoomInfo.CustomInfo", Text(500)),
                ("RoomInfo.MaxMemberCount", Number(-1)),
                ("RoomInfo.TakeSeatMode", Word),
            ],
        ),
        ("get_room_info", in_hall(json!({})), vec![room()], vec![]),
        ("get_room_member_list", in_hall(json!({})), vec![room()], vec![("Count", Number(-1)), ("Next", Word)]),
        (
            "kick_user_out",
            in_hall(json!({"MemberList_Account": ["okan"], "Reason": ""})),
            vec![room(), ("MemberList_Account", Accounts(20)), ("Reason", Text(1000))],
            vec![],
        ),
        (
            "update_room_member_info",
            in_hall(json!({"MemberInfo": {"Member_Account": "okan"}})),
            vec![room(), ("MemberInfo", Object), ("MemberInfo.Member_Account", Account)],
            vec![("MemberInfo.NameCard", Text(32)), ("MemberInfo.CustomInfo", Text(60)), ("MemberInfo.Role", Word)],
        ),
        (
            "change_room_owner",
            in_hall(json!({"From_Account": "mira", "NewOwner_Account": "okan"})),
            vec![room(), ("From_Account", Account), ("NewOwner_Account", Account)],
            vec![],
        ),
        (
            "mark_room_member",
            in_hall(json!({"CommandType": 1, "MemberList": [{"Member_Account": "okan", "Marks": [1000]}]})),
            vec![room(), ("CommandType", Word), ("MemberList", Marked(10))],
            vec![],
        ),
        (
            "ban_room_member",
            in_hall(json!({"MemberList_Account": ["okan"], "Reason": "", "Duration": 60})),
            vec![room(), ("MemberList_Account", Accounts(20)), ("Reason", Text(1000)), ("Duration", Number(0))],
            vec![],
        ),
        (
            "unban_room_member",
            in_hall(json!({"MemberList_Account": ["okan"]})),
            vec![room(), ("MemberList_Account", Accounts(20))],
            vec![],
        ),
        (
            "get_banned_member_list",
            in_hall(json!({})),
            vec![room()],
            vec![("Limit", Number(-1)), ("Offset", Number(-1)), ("Next", Word)],
        ),
        (
            "mute_room_member",
            in_hall(json!({"MemberList_Account": ["okan"], "MuteTime": 60})),
            vec![room(), ("MemberList_Account", Either(20)), ("MuteTime", Number(-1))],
            vec![],
        ),
        ("get_muted_member_list", in_hall(json!({})), vec![room()], vec![]),
        ("add_robot", in_hall(json!({"Member_Account": "robo"})), vec![room(), ("Member_Account", Account)], vec![]),
        (
            "delete_robot",
            in_hall(json!({"Member_Account": "clank"})),
            vec![room(), ("Member_Account", Account)],
            vec![],
        ),
        ("get_seat_list", in_hall(json!({})), vec![room()], vec![]),
        (
            "pick_user_on_seat",
            in_hall(json!({"Member_Account": "lupe", "Index": 2})),
            vec![room(), ("Member_Account", Account), ("Index", Number(-1))],
            vec![],
        ),
        (
            "kick_user_off_seat",
            in_hall(json!({"Member_Account": "okan", "Data": ""})),
            vec![room(), ("Member_Account", Account), ("Data", Text(1000))],
            vec![],
        ),
        (
            "lock_seat",
            in_hall(json!({"Index": 2})),
            vec![room(), ("Index", Number(-1))],
            vec![("ForbidTaken", Word), ("ForbidVideo", Word), ("ForbidAudio", Word)],
        ),
        (
            "move_user_to_seat",
            in_hall(json!({"Member_Account": "okan", "SeatIndex": 2, "Policy": 1})),
            vec![room(), ("Member_Account", Account), ("SeatIndex", Number(-1))],
            vec![("Policy", Number(-1))],
        ),
        (
            "switch_seat",
            in_hall(json!({"Member_Account": "okan", "ToIndex": 2})),
            vec![room(), ("Member_Account", Account), ("ToIndex", Number(-1))],
            vec![],
        ),
        (
            "set_callback",
            json!({"Url": "http://a", "CallbackCommandList": ["Room.CallbackAfterCreateRoom"]}),
            vec![("Url", Word), ("CallbackCommandList", Callbacks)],
            vec![],
        ),
        ("get_callback", json!({}), vec![], vec![]),
        (
            "update_callback",
            json!({"Url": "http://a", "CallbackCommandList": ["Room.CallbackAfterCreateRoom"]}),
            vec![("Url", Word), ("CallbackCommandList", Callbacks)],
            vec![],
        ),
        ("delete_callback", json!({}), vec![], vec![]),
    ]
}

/// The hall: okan sits, clank is a robot, noor is outside, and callbacks are configured.
async fn hall() -> House {
    let mut hall = seated("FreeToTake");
    hall["SeatList"] = json!([{"Member_Account": "okan"}]);
    hall["MemberList"].as_array_mut().expect("a list").push(json!({"Member_Account": "clank", "IsRobot": true}));
    let house = app(json!([hall]), json!({})).await;
    let config = json!({"Url": "http://a", "CallbackCommandList": ["Room.CallbackAfterCreateRoom"]});
    house.does("set_callback", config).await;
    house
}

/// The request with another value for a field; `None` leaves it out.
fn with(body: &Value, path: &str, value: Option<Value>) -> Value {
    let mut body = body.clone();
    let pointer = format!("/{}", path.replace('.', "/"));
    let (parent, name) = pointer.rsplit_once('/').expect("a path has a name");
    let parent = body.pointer_mut(parent).and_then(Value::as_object_mut).expect("the parent is an object");
    match value {
        Some(value) => drop(parent.insert(name.to_owned(), value)),
        None => drop(parent.remove(name)),
    }
    body
}

/// The ways in which a value of this kind is wrong, with the code of each; beside absent and `null`.
fn wrong(kind: Kind) -> Vec<(Value, i64)> {
    let bad = |values: Vec<Value>| values.into_iter().map(|value| (value, 100002)).collect();
    let names = |count: usize| (0..count).map(|n| format!("m{n}")).collect::<Vec<_>>();
    match kind {
        Room => bad(vec![json!(""), json!(7), json!(["hall"]), json!({}), json!("r".repeat(49))]),
        Account => {
            let mut all = vec![(json!(""), 100002), (json!("u".repeat(33)), 100002)];
            all.extend([json!(7), json!(true), json!({}), json!(["okan"])].map(|value| (value, 60015)));
            all
        }
        Accounts(most) => bad(vec![
            json!([]),
            json!("okan"),
            json!({}),
            json!([7]),
            json!([""]),
            json!([null]),
            json!(["u".repeat(33)]),
            json!(names(most + 1)),
        ]),
        Either(most) => bad(vec![
            json!([]),
            json!("okan"),
            json!(7),
            json!([1.5]),
            json!([""]),
            json!([null]),
            json!(["u".repeat(33)]),
            json!(names(most + 1)),
        ]),
        Text(most) => bad(vec![json!(7), json!(["r"]), json!({}), json!("r".repeat(most + 1))]),
        Number(least) => bad(vec![json!("many"), json!(1.5), json!([1]), json!({}), json!(true), json!(least)]),
        Marked(most) => {
            let one = json!({"Member_Account": "okan", "Marks": [1000]});
            bad(vec![json!([]), json!("okan"), json!([7]), json!([{}]), json!(vec![one; most + 1])])
        }
        Object => bad(vec![json!("hall"), json!(7), json!([])]),
        Word => bad(vec![json!([]), json!({}), json!("no such word"), json!(1.5)]),
        Callbacks => bad(vec![json!([]), json!("x"), json!([7]), json!([""]), json!(["Room.CallbackBeforeAll"])]),
    }
}

#[tokio::test]
async fn every_command_refuses_what_is_wrong_and_changes_nothing() {
    let house = hall().await;
    for (command, good, mandatory, optional) in commands() {
        for (path, _) in &mandatory {
            house.refuses(command, with(&good, path, None), 100002).await;
            house.refuses(command, with(&good, path, Some(Value::Null)), 100002).await;
        }
        for (path, kind) in mandatory.iter().chain(&optional) {
            for (value, code) in wrong(*kind) {
                house.refuses(command, with(&good, path, Some(value)), code).await;
            }
        }
        for body in ["", "[]", "7", "null", "{", "\"x\"", "{\"RoomId\":\"hall\",}"] {
            let state = house.state().await;
            let (service, _) = service_of(&house, command).await;
            let answer = house.tencent(&format!("{service}/{command}"), body).await;
            assert_eq!(answer.code(), 60003, "{command} {body}");
            assert_eq!(house.state().await, state);
        }
    }
}

#[tokio::test]
async fn every_command_knows_who_is_not_there() {
    let house = hall().await;
    house.does("create_room", json!({"RoomInfo": {"RoomId": "gone", "RoomType": "Conference"}})).await;
    house.does("destroy_room", json!({"RoomId": "gone"})).await;
    for (command, good, mandatory, _) in commands() {
        if command == "create_room" {
            continue;
        }
        for (path, kind) in &mandatory {
            if *kind == Room {
                house.refuses(command, with(&good, path, Some(json!("never-made"))), 100004).await;
                house.refuses(command, with(&good, path, Some(json!("gone"))), 100004).await;
                house.refuses(command, with(&good, path, Some(json!("HALL"))), 100004).await;
            }
        }
    }
    for (command, path, value, code) in [
        ("kick_user_out", "MemberList_Account", json!(["okan", "noor"]), 100005),
        ("kick_user_out", "MemberList_Account", json!(["okan", "mira"]), 100006),
        ("update_room_member_info", "MemberInfo.Member_Account", json!("noor"), 100005),
        ("change_room_owner", "NewOwner_Account", json!("noor"), 100005),
        ("mark_room_member", "MemberList", json!([{"Member_Account": "noor", "Marks": [1000]}]), 100005),
        ("ban_room_member", "MemberList_Account", json!(["noor"]), 100005),
        ("ban_room_member", "MemberList_Account", json!(["mira"]), 100006),
        ("delete_robot", "Member_Account", json!("noor"), 100005),
        ("pick_user_on_seat", "Member_Account", json!("noor"), 100005),
        ("kick_user_off_seat", "Member_Account", json!("noor"), 100206),
        ("move_user_to_seat", "Member_Account", json!("noor"), 100206),
        ("switch_seat", "Member_Account", json!("noor"), 100206),
    ] {
        let (_, good, ..) = commands().into_iter().find(|row| row.0 == command).expect("a row");
        house.refuses(command, with(&good, path, Some(value)), code).await;
    }
}

#[tokio::test]
async fn the_good_requests_of_the_table_succeed_with_absent_fields_in_all_their_forms() {
    for (command, good, _, optional) in commands() {
        let house = hall().await;
        house.does(command, good.clone()).await;
        for absent in [Value::Null, json!("")] {
            let house = hall().await;
            let mut body = good.clone();
            for (path, _) in &optional {
                body = with(&body, path, Some(absent.clone()));
            }
            body["Unknown"] = json!({"any": "thing"});
            house.does(command, body).await;
        }
    }
}

/// The service of a command and its row in the table of operations.
async fn service_of(house: &House, command: &str) -> (String, Value) {
    let table = house.control("GET", "operations", "").await;
    let rows = table["operations"].as_array().expect("rows").clone();
    let path = |row: &Value| row["path"].as_str().expect("a path").to_owned();
    let own = |row: &&Value| {
        path(row).ends_with(&format!("/{command}"))
            && row["name"].as_str().expect("a name").starts_with("tencent.rooms.")
    };
    let row = rows.iter().find(own).unwrap_or_else(|| panic!("no row for {command}")).clone();
    (path(&row).split('/').nth(2).expect("a service").to_owned(), row)
}

#[tokio::test]
async fn the_table_of_operations_lists_every_documented_command() {
    let house = hall().await;
    let documented: Value =
        serde_json::from_str(include_str!("../fixtures/rooms/commands.json")).expect("the fixture is JSON");
    let mut wanted: Vec<String> = Vec::new();
    for (service, commands) in documented.as_object().expect("services") {
        let commands = commands.as_array().expect("commands").iter();
        wanted.extend(commands.map(|command| format!("/v4/{service}/{}", command.as_str().expect("a name"))));
    }
    let table = house.control("GET", "operations", "").await;
    let rows = table["operations"].as_array().expect("rows");
    let mut listed: Vec<String> = rows
        .iter()
        .filter(|row| row["name"].as_str().expect("a name").starts_with("tencent.rooms."))
        .map(|row| row["path"].as_str().expect("a path").to_owned())
        .collect();
    wanted.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, wanted);
    assert_eq!(wanted.len(), 26);
    assert_eq!(commands().len(), 26, "the table of bad input walks them all");
    for (command, ..) in commands() {
        let (_, row) = service_of(&house, command).await;
        assert_eq!(row["per_second"], 200, "{command}");
        assert!(row["doc"].as_str().is_some_and(|doc| doc.starts_with("https://")), "{command}");
    }
}
