//! State documents through the control API: snapshots, replacing the world, adding to it, and what is refused.

mod common;

use common::{Answer, House, demo, start};
use serde_json::{Value, json};

async fn ask(house: &House, method: &str, path: &str, body: &Value) -> Answer {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    house.call(method, &format!("/_imulator/{path}"), &[("host", "localhost")], body.as_str()).await
}

/// A room of mira's with these members.
fn room(id: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({"Member_Account": id})).collect();
    json!({"RoomId": id, "Owner_Account": "mira", "MemberList": members})
}

/// A Tencent application as a whole document.
fn app(state: Value) -> Value {
    json!({"imulator": 1, "tencent": {"7": state}})
}

/// A world with something of everything that the control API itself looks after.
fn rich() -> Value {
    let many: Vec<Value> = (0..250).map(|n| json!({"Member_Account": format!("m{n}")})).collect();
    json!({"imulator": 1, "tencent": {
        "*": {"accounts": [{"UserID": "from-template"}], "administrators": ["admin"]},
        "7": {
            "secret_key": "0123456789abcdef", "administrators": ["admin", "boss"],
            "options": {"kick_partial": "skip", "tips_count": false},
            "limits": {"kick_user_out.MemberList_Account": 3},
            "accounts": [{"UserID": "zed", "TinyId": 144115188075855873u64}, {"UserID": "amy", "Nick": "Ämy 🦊", "FaceUrl": "http://x/y"}],
            "callbacks": {"url": "http://127.0.0.1:9000/tim", "token": "tttt", "commands": ["Room.CallbackAfterMemberLeave"]},
            "rooms": [
                {"RoomId": "b", "Owner_Account": "mira", "RoomName": "B", "MaxMemberCount": 1000, "IsSeatEnabled": true,
                 "TakeSeatMode": "ApplyToTake", "MaxSeatCount": 3, "SeatList": [{"IsTakenDisabled": true}, {"Member_Account": "m1"}],
                 "IsPasswordEnabled": true, "Password": "pw", "CustomInfo": "{}", "MemberList": many,
                 "ScheduleInviteeList_Account": ["amy"], "BannedAccountList": [{"Member_Account": "zed", "BannedUntil": 1767603700}]},
                {"RoomId": "a", "Owner_Account": "mira", "ScheduleStartTime": i64::MAX},
            ],
        },
        "12": {},
    }})
}

/// A copy without what no document has to say.
async fn put_back_gives_the_same(house: &House) {
    let first = house.control("GET", "state", "").await;
    house.control("PUT", "state", first.clone()).await;
    let again = house.control("GET", "state", "").await;
    assert_eq!(again, first);
    let other = start(first.clone()).await;
    assert_eq!(other.control("GET", "state", "").await, first, "as a fixture, too");
}

#[tokio::test]
async fn a_snapshot_of_the_demo_world_that_is_put_back_gives_an_equal_snapshot() {
    put_back_gives_the_same(&start(demo()).await).await;
}

#[tokio::test]
async fn a_snapshot_of_a_rich_world_that_is_put_back_gives_an_equal_snapshot() {
    put_back_gives_the_same(&start(rich()).await).await;
}

#[tokio::test]
async fn a_snapshot_after_operations_that_is_put_back_gives_an_equal_snapshot() {
    let house = start(demo()).await;
    house.room("kick_user_out", json!({"RoomId": "room-test", "MemberList_Account": ["user1"], "Reason": ""})).await;
    house.enters("room-test", "walter").await;
    house.enters("room-test", "user1").await;
    let made = json!({"RoomInfo": {"RoomId": "fresh", "RoomType": "Conference", "Owner_Account": "mira"}});
    assert_eq!(house.room("create_room", made).await.code(), 0);
    house.tencent("im_open_login_svc/account_import", json!({"UserID": "nick", "Nick": "N"})).await;
    let opened = "/v4/im_open_login_svc/account_import?sdkappid=99&identifier=admin&usersig=x";
    house.call("POST", opened, &[], json!({"UserID": "x"})).await;
    put_back_gives_the_same(&house).await;
    let members = house.state().await["tencent"]["88888888"]["rooms"][1]["MemberList"].clone();
    let order: Vec<_> = members.as_array().expect("members").iter().map(|one| one["Member_Account"].clone()).collect();
    assert_eq!(order, ["mira", "user2", "user3", "walter", "user1"], "in the order of joining");
}

#[tokio::test]
async fn a_snapshot_has_tenants_and_entities_sorted_by_id() {
    let house = start(rich()).await;
    let state = house.state().await;
    let rooms: Vec<_> =
        state["tencent"]["7"]["rooms"].as_array().expect("rooms").iter().map(|room| room["RoomId"].clone()).collect();
    assert_eq!(rooms, ["a", "b"]);
    let accounts = state["tencent"]["7"]["accounts"].as_array().expect("accounts").clone();
    assert!(accounts.windows(2).all(|pair| pair[0]["UserID"].as_str() < pair[1]["UserID"].as_str()));
}

#[tokio::test]
async fn one_tenant_alone_can_be_read() {
    let house = start(rich()).await;
    let whole = house.state().await;
    let one = house.control("GET", "state?tencent=7", "").await;
    assert_eq!(one, json!({"imulator": 1, "tencent": {"7": whole["tencent"]["7"]}}));
    for (query, status) in [("tencent=8", 404), ("imkit=nobody", 404), ("tencent=7&imkit=x", 400), ("tenant=7", 400)] {
        assert_eq!(ask(&house, "GET", &format!("state?{query}"), &Value::Null).await.status, status, "{query}");
    }
}

#[tokio::test]
async fn putting_a_state_replaces_the_world_in_the_next_epoch() {
    let house = start(demo()).await;
    let put = house.control("PUT", "state", app(json!({"rooms": [room("r", &["mira"])]}))).await;
    assert_eq!(put, json!({"epoch": 2}));
    let state = house.state().await;
    let ids: Vec<&String> = state["tencent"].as_object().expect("an object").keys().collect();
    assert_eq!(ids, ["7"], "neither the demo's application nor its template is left");
    let told = house.journal("kind=event").await;
    assert_eq!(
        told.iter().map(|one| (&one["event"], &one["epoch"])).collect::<Vec<_>>(),
        [(&json!("seeded"), &json!(2))]
    );
    assert_eq!(house.control("POST", "reset", "").await, json!({"epoch": 3}));
    assert!(house.state().await["tencent"]["88888888"].is_object(), "a reset still returns to the fixtures");
}

/// Documents with a fault each, and where it is.
// table
fn faulty() -> Vec<(Value, &'static str)> {
    let member = |id: &str| json!({"Member_Account": id});
    vec![
        (json!([1]), ""),
        (json!("text"), ""),
        (json!({}), ""),
        (json!({"imulator": 2}), "imulator"),
        (json!({"imulator": "1"}), "imulator"),
        (json!({"imulator": 1, "what": 1}), "what"),
        (json!({"imulator": 1, "tencent": []}), "tencent"),
        (json!({"imulator": 1, "tencent": {"x": {}}}), "tencent.x"),
        (json!({"imulator": 1, "tencent": {"007": {}}}), "tencent.007"),
        (json!({"imulator": 1, "tencent": {"+7": {}}}), "tencent.+7"),
        (json!({"imulator": 1, "tencent": {"0": {}}}), "tencent.0"),
        (app(json!({"room": []})), "tencent.7.room"),
        (app(json!({"options": {"profile": "old"}})), "tencent.7.options.profile"),
        (app(json!({"options": {"nothing": 1}})), "tencent.7.options.nothing"),
        (app(json!({"limits": {"a.b": -1}})), "tencent.7.limits.a.b"),
        (app(json!({"callbacks": {"url": "ftp://x"}})), "tencent.7.callbacks.url"),
        (app(json!({"administrators": ["ok", ""]})), "tencent.7.administrators[1]"),
        (app(json!({"accounts": [{"UserID": "a"}, {"UserID": "a"}]})), "tencent.7.accounts[1].UserID"),
        (app(json!({"accounts": [{"UserID": "ä"}]})), "tencent.7.accounts[0].UserID"),
        (app(json!({"accounts": [{"UserID": 5}]})), "tencent.7.accounts[0].UserID"),
        (app(json!({"accounts": [{"UserID": "a", "TinyId": 0}]})), "tencent.7.accounts[0].TinyId"),
        (app(json!({"accounts": [{"UserID": "a", "TinyId": u64::MAX}]})), "tencent.7.accounts[0].TinyId"),
        (
            app(json!({"accounts": [{"UserID": "a", "TinyId": 9}, {"UserID": "b", "TinyId": 9}]})),
            "tencent.7.accounts[1].TinyId",
        ),
        (app(json!({"tiny_ids_drawn": 1u64 << 62})), "tencent.7.tiny_ids_drawn"),
        (app(json!({"rooms": [room("", &[])]})), "tencent.7.rooms[0].RoomId"),
        (app(json!({"rooms": [room("r", &[]), room("r", &[])]})), "tencent.7.rooms[1].RoomId"),
        (app(json!({"rooms": [room("r", &["a", "b", "a"])]})), "tencent.7.rooms[0].MemberList[2].Member_Account"),
        (app(json!({"rooms": [{"RoomId": "r"}]})), "tencent.7.rooms[0]"),
        (
            app(json!({"rooms": [{"RoomId": "r", "Owner_Account": "o", "MemberList": [member("a")],
                "IsSeatEnabled": true, "MaxSeatCount": 1, "SeatList": [member("b")]}]})),
            "tencent.7.rooms[0].SeatList[0].Member_Account",
        ),
        (
            app(json!({"rooms": [{"RoomId": "r", "Owner_Account": "o", "SeatList": [{}]}]})),
            "tencent.7.rooms[0].SeatList",
        ),
        (json!({"imulator": 1, "imkit": {"a": {"nothing": 1}}}), "imkit.a.nothing"),
        (
            json!({"imulator": 1, "imkit": {"a": {"client_keys": ["k"]}, "b": {"client_keys": ["k"]}}}),
            "imkit.b.client_keys[0]",
        ),
        (json!({"imulator": 1, "imkit": {"*": {"client_keys": ["k"]}}}), "imkit.*.client_keys"),
    ]
}

#[tokio::test]
async fn a_document_with_any_fault_changes_nothing_and_is_told_where() {
    let house = start(demo()).await;
    let before = house.state().await;
    for (document, path) in faulty() {
        for (method, target) in [("PUT", "state"), ("POST", "seed")] {
            let answer = ask(&house, method, target, &document).await;
            let error = &answer.json()["error"];
            let expected = if path.is_empty() { Value::Null } else { json!(path) };
            assert_eq!((answer.status.as_u16(), &error["path"]), (400, &expected), "{document}: {}", answer.text);
            assert_eq!(error["code"], "invalid");
            assert!(error["message"].as_str().is_some_and(|message| message.len() > 5), "{}", answer.text);
        }
    }
    assert_eq!(house.state().await, before);
    assert_eq!(house.events().await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused_with_its_place() {
    let house = start(demo()).await;
    for (body, part) in [
        ("{\"imulator\": 1,\n \"tencent\": {,}}", "line 2 column 14"),
        ("{\"imulator\": 1} {}", "trailing characters"),
        ("{\"imulator\": 1", "EOF"),
        ("{\"imulator\": 1, \"tencent\": {\"7\": {\"secret_key\": \"\u{0}\"}}}", "control character"),
    ] {
        let answer = house.call("PUT", "/_imulator/state", &[], body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.text.contains(part), "{body}: {}", answer.text);
    }
    let not_utf8 = house.call("PUT", "/_imulator/state", &[], b"{\"imulator\": 1, \"\xff\": 1}".to_vec()).await;
    assert_eq!(not_utf8.status, 400);
    assert_eq!(house.control("GET", "health", "").await["epoch"], 1);
}

#[tokio::test]
async fn a_fault_tells_how_many_more_there_are() {
    let house = start(demo()).await;
    let document = app(json!({"accounts": [{"UserID": ""}, {"UserID": ""}], "callbacks": {"url": ""}}));
    let answer = ask(&house, "PUT", "state", &document).await;
    assert!(
        answer.json()["error"]["message"].as_str().is_some_and(|text| text.ends_with("(and 3 more)")),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn a_document_may_name_its_schema() {
    let house = start(demo()).await;
    house.control("PUT", "state", json!({"$schema": "https://example.org/s.json", "imulator": 1})).await;
    assert_eq!(house.state().await, json!({"imulator": 1}));
}

#[tokio::test]
async fn a_seed_adds_and_replaces_entities_whole_in_the_same_epoch() {
    let house = start(app(json!({"accounts": [{"UserID": "amy", "Nick": "Amy", "FaceUrl": "u"}],
        "rooms": [room("r", &["mira", "amy"]), room("s", &["mira"])]})))
    .await;
    let amy = house.state().await["tencent"]["7"]["accounts"][2]["TinyId"].clone();
    let seed = json!({"imulator": 1, "tencent": {
        "7": {"accounts": [{"UserID": "amy", "Nick": "A"}, {"UserID": "new"}], "rooms": [room("r", &["zoe"]), room("t", &[])]},
        "8": {},
    }});
    assert_eq!(house.control("POST", "seed", seed).await, json!({"epoch": 1}));
    let state = house.state().await;
    let app = &state["tencent"]["7"];
    let rooms: Vec<Value> = app["rooms"]
        .as_array()
        .expect("rooms")
        .iter()
        .map(|room| json!([room["RoomId"], room["MemberList"]]))
        .collect();
    let zoe = json!([{"Member_Account": "zoe"}]);
    assert_eq!(rooms, [json!(["r", zoe]), json!(["s", [{"Member_Account": "mira"}]]), json!(["t", null])]);
    assert_eq!(
        app["accounts"][2],
        json!({"UserID": "amy", "Nick": "A", "TinyId": amy}),
        "the same account, its profile replaced whole"
    );
    assert!(state["tencent"]["8"].is_object());
    let told: Vec<_> = house.events().await.iter().map(|one| json!([one["event"], one["tenant"]])).collect();
    assert_eq!(told, [json!(["seeded", {"tencent": "7"}]), json!(["seeded", {"tencent": "8"}])]);
}

#[tokio::test]
async fn a_seed_that_meets_an_id_or_key_of_another_is_refused_whole() {
    let house = start(json!({"imulator": 1,
        "tencent": {"7": {"accounts": [{"UserID": "amy", "TinyId": 1000}], "rooms": [room("r", &["mira"])]}},
        "imkit": {"one": {"client_keys": ["k"], "api_keys": ["s"]}}}))
    .await;
    let before = house.state().await;
    for (part, path) in [
        (json!({"imkit": {"two": {"client_keys": ["x", "k"]}}}), "imkit.two.client_keys[1]"),
        (json!({"imkit": {"two": {"api_keys": ["s"]}}}), "imkit.two.api_keys[0]"),
        (json!({"tencent": {"7": {"accounts": [{"UserID": "bob", "TinyId": 1000}]}}}), "tencent.7.accounts[0].TinyId"),
        (json!({"tencent": {"*": {}}}), "tencent.*"),
        (json!({"imkit": {"*": {}}}), "imkit.*"),
    ] {
        let mut document = part;
        document["imulator"] = json!(1);
        document["tencent"]["9"] = json!({"rooms": [room("fine", &[])]});
        let answer = ask(&house, "POST", "seed", &document).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]["path"]), (400, &json!(path)), "{document}");
    }
    assert_eq!(house.state().await, before);
}

#[tokio::test]
async fn an_account_with_a_number_of_its_own_shares_it_with_nobody() {
    let first = (1u64 << 57) + 1;
    let house = start(app(json!({"accounts": [{"UserID": "a"}, {"UserID": "b", "TinyId": first}]}))).await;
    let state = house.state().await;
    let accounts = state["tencent"]["7"]["accounts"].as_array().expect("accounts");
    let mut numbers: Vec<u64> = accounts.iter().map(|account| account["TinyId"].as_u64().expect("a number")).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), accounts.len());
}

#[tokio::test]
async fn a_state_or_seed_with_query_parameters_is_refused_rather_than_taken_for_the_world() {
    let house = start(demo()).await;
    for (method, target) in [("PUT", "state?tencent=7"), ("POST", "seed?imkit=x")] {
        let answer = ask(&house, method, target, &json!({"imulator": 1})).await;
        assert_eq!(answer.status, 400, "{method} {target}");
    }
    assert_eq!(house.control("GET", "health", "").await["epoch"], 1);
}

#[tokio::test]
async fn seeds_at_the_same_time_leave_no_key_with_two_applications() {
    let house = start(json!({"imulator": 1})).await;
    let seed = |app: &str| json!({"imulator": 1, "imkit": {app: {"client_keys": ["shared"]}}});
    let seeds: Vec<Value> = (0..16).map(|n| seed(&format!("app{n}"))).collect();
    let answers = futures_util::future::join_all(seeds.iter().map(|seed| ask(&house, "POST", "seed", seed))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
}

#[tokio::test]
async fn a_very_large_document_is_taken_and_given_back() {
    let members: Vec<Value> = (0..20_000).map(|n| json!({"Member_Account": format!("member-{n}")})).collect();
    let house = start(json!({"imulator": 1})).await;
    let big = json!({"RoomId": "big", "Owner_Account": "mira", "MaxMemberCount": 100_000, "MemberList": members});
    house.control("PUT", "state", app(json!({"rooms": [big]}))).await;
    let state = house.state().await;
    assert_eq!(state["tencent"]["7"]["rooms"][0]["MemberList"].as_array().expect("members").len(), 20_000);
}

#[tokio::test]
async fn a_reset_returns_to_a_very_large_fixture_and_so_does_that_of_a_tenant() {
    let members: Vec<Value> = (0..12_000).map(|n| json!({"Member_Account": format!("member-{n}")})).collect();
    let big = json!({"RoomId": "big", "Owner_Account": "mira", "MaxMemberCount": 100_000, "MemberList": members});
    let house = start(app(json!({"rooms": [big]}))).await;
    let before = house.state().await;
    for (epoch, body) in [(2, json!({})), (2, json!({"tenant": {"tencent": "7"}}))] {
        house.control("POST", "seed", app(json!({"rooms": [room("big", &["zoe"]), room("more", &[])]}))).await;
        assert_ne!(house.state().await, before);
        assert_eq!(house.control("POST", "reset", body).await, json!({"epoch": epoch}));
        assert_eq!(house.state().await, before);
    }
}

#[tokio::test]
async fn the_number_of_a_deleted_account_is_given_to_nobody_after_a_restore() {
    let house = start(json!({"imulator": 1, "tencent": {"88888888": {}}})).await;
    let import = |id: &'static str| house.tencent("im_open_login_svc/account_import", json!({"UserID": id}));
    import("kept").await;
    import("gone").await;
    let number = |id: &str| {
        let path = format!("tencent/88888888/accounts/{id}");
        async { house.control("GET", &{ path }, "").await["TinyId"].clone() }
    };
    let (kept, gone) = (number("kept").await, number("gone").await);
    house.tencent("im_open_login_svc/account_delete", json!({"DeleteItem": [{"UserID": "gone"}]})).await;
    let snapshot = house.state().await;
    house.control("PUT", "state", snapshot.clone()).await;
    assert_eq!(house.state().await, snapshot);
    import("new").await;
    assert_eq!(number("kept").await, kept);
    assert_eq!(number("new").await.as_u64(), gone.as_u64().map(|number| number + 1));
}
