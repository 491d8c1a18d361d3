//! Fault rules over HTTP: taken whole or not at all, which calls they are for, and how they are counted.

mod common;

use common::{ADMIN, Answer, House, demo, start};
use serde_json::{Value, json};

const KICK: &str = "tencent.rooms.kick_user_out";

async fn send(house: &House, method: &str, path: &str, body: &str) -> Answer {
    house.call(method, &format!("/_imulator/faults{path}"), &[("host", "localhost")], body).await
}

/// Puts one rule in place of all.
async fn only(house: &House, rule: Value) {
    house.control("PUT", "faults", rule).await;
}

/// The ids of the rules in force with how often they were tried and have fired.
async fn counts(house: &House) -> Vec<(String, u64, u64)> {
    let rules = house.control("GET", "faults", "").await;
    let number = |rule: &Value, name: &str| rule[name].as_u64().expect("a number");
    let count =
        |rule: &Value| (rule["id"].as_str().expect("an id").to_owned(), number(rule, "tried"), number(rule, "fired"));
    rules["faults"].as_array().expect("a list").iter().map(count).collect()
}

async fn code(house: &House) -> i64 {
    house.room("get_room_info", json!({"RoomId": "room-test"})).await.code()
}

#[tokio::test]
async fn rules_are_added_shown_replaced_and_taken_away() {
    let house = start(demo()).await;
    let one = json!({"id": "one", "match": {"operation": KICK, "tenant": {"tencent": "88888888"}, "body": {"RoomId": "r"}},
        "skip": 1, "times": 2, "chance": 0.5, "delay_ms": 3, "then": {"error": 100001}});
    let mut shown = one.clone();
    shown["tried"] = json!(0);
    shown["fired"] = json!(0);
    assert_eq!(house.control("POST", "faults", one).await, json!({"faults": [shown]}));
    let more = house.control("POST", "faults", json!([{"match": {}}, {"id": "three", "match": {"path": "/x*"}}])).await;
    let made = more["faults"][0]["id"].as_str().expect("an id is given").to_owned();
    assert!(made.starts_with("fault-") && made.len() == 14, "{made}");
    let plain = json!({"id": made, "match": {}, "skip": 0, "chance": 1.0, "delay_ms": 0, "tried": 0, "fired": 0});
    assert_eq!(more["faults"][0], plain);
    assert_eq!(house.control("GET", &format!("faults/{made}"), "").await, plain);
    let all = house.control("GET", "faults", "").await;
    assert_eq!(all, json!({"faults": [shown, plain, more["faults"][1]]}));

    house.control("PUT", "faults/three", json!({"match": {}, "times": 5})).await;
    house.control("PUT", "faults/four", json!({"id": "four", "match": {}})).await;
    house.control("DELETE", &format!("faults/{made}"), "").await;
    let ids = |counts: Vec<(String, u64, u64)>| counts.into_iter().map(|(id, ..)| id).collect::<Vec<_>>();
    assert_eq!(ids(counts(&house).await), ["one", "three", "four"]);
    assert_eq!(house.control("GET", "faults/three", "").await["times"], 5);
    only(&house, json!([{"id": "five", "match": {}}])).await;
    assert_eq!(ids(counts(&house).await), ["five"]);
    house.control("DELETE", "faults", "").await;
    assert_eq!(house.control("GET", "faults", "").await, json!({"faults": []}));
    only(&house, json!([])).await;
    for (method, path) in [("GET", "/gone"), ("DELETE", "/gone")] {
        assert_eq!(send(&house, method, path, "").await.status, 404, "{method}");
    }
}

// table
const BAD: &[(&str, &str, &str)] = &[
    ("{}", "match", "is required"),
    (r#"{"match":{},"when":1}"#, "when", "unknown field"),
    (r#"{"match":[]}"#, "match", "expected an object"),
    (
        r#"{"match":{"operation":"tencent.rooms.kick_user"}}"#,
        "match.operation",
        "nearest known one is tencent.rooms.kick_user_out",
    ),
    (r#"{"match":{"operation":"tencent.romms*"}}"#, "match.operation", "there is no operation \"tencent.romms*\""),
    (r#"{"match":{"operation":"control.reset"}}"#, "match.operation", "faults never touch the control API"),
    (r#"{"match":{"operation":"control.*"}}"#, "match.operation", "faults never touch the control API"),
    (r#"{"match":{"operation":""}}"#, "match.operation", "there is no operation"),
    (r#"{"match":{"operation":7}}"#, "match.operation", "invalid type"),
    (r#"{"match":{"oper":"x"}}"#, "match.oper", "unknown field"),
    (r#"{"match":{"tenant":{}}}"#, "match.tenant", "names one tenant"),
    (r#"{"match":{"tenant":{"tencent":"1","imkit":"a"}}}"#, "match.tenant", "names one tenant"),
    (r#"{"match":{"tenant":{"tencent":"abc"}}}"#, "match.tenant.tencent", "digits"),
    (r#"{"match":{"tenant":{"tencent":88888888}}}"#, "match.tenant.tencent", "invalid type"),
    (r#"{"match":{"tenant":{"imkit":""}}}"#, "match.tenant.imkit", "empty"),
    (r#"{"match":{"operation":"imkit.*","tenant":{"tencent":"1"}}}"#, "match.tenant", "another vendor's"),
    (r#"{"match":{"operation":"imkit.*","path":"/v4/x"}}"#, "match.path", "another vendor's"),
    (r#"{"match":{"path":"rooms"}}"#, "match.path", "slash"),
    (r#"{"match":{"path":"/rooms?a=b"}}"#, "match.path", "query"),
    (r#"{"match":{"path":"/_imulator/reset"}}"#, "match.path", "never touch the control API"),
    (r#"{"match":{},"id":""}"#, "id", "1 to 64"),
    (r#"{"match":{},"id":"a b"}"#, "id", "1 to 64"),
    (r#"{"match":{},"id":"a/b"}"#, "id", "1 to 64"),
    (r#"{"match":{},"skip":-1}"#, "skip", "invalid value"),
    (r#"{"match":{},"times":0}"#, "times", "at least 1"),
    (r#"{"match":{},"times":1.5}"#, "times", "invalid type"),
    (r#"{"match":{},"chance":1.01}"#, "chance", "from 0 to 1"),
    (r#"{"match":{},"chance":-0.1}"#, "chance", "from 0 to 1"),
    (r#"{"match":{},"chance":"1"}"#, "chance", "invalid type"),
    (r#"{"match":{},"delay_ms":600001}"#, "delay_ms", "above 600000"),
    (r#"{"match":{},"delay_ms":-1}"#, "delay_ms", "invalid value"),
    (r#"{"match":{},"then":{}}"#, "then", "one of error, status, lost, hang, truncate"),
    (r#"{"match":{},"then":"hang"}"#, "then", "invalid type"),
    (r#"{"match":{},"then":{"explode":1}}"#, "then.explode", "unknown field"),
    (r#"{"match":{},"then":{"hang":true,"status":500}}"#, "then.hang", "this one has status already"),
    (r#"{"match":{},"then":{"hang":false}}"#, "then.hang", "has to be true"),
    (r#"{"match":{},"then":{"lost":"during"}}"#, "then.lost", "expected `before` or `after`"),
    (r#"{"match":{},"then":{"truncate":-1}}"#, "then.truncate", "invalid value"),
    (r#"{"match":{},"then":{"status":199}}"#, "then.status", "200 to 599"),
    (r#"{"match":{},"then":{"status":600}}"#, "then.status", "200 to 599"),
    (r#"{"match":{},"then":{"status":204,"body":"x"}}"#, "then.body", "has none"),
    (r#"{"match":{},"then":{"status":500,"body":{}}}"#, "then.body", "invalid type"),
    (r#"{"match":{},"then":{"lost":"after","body":"x"}}"#, "then.body", "goes with status"),
    (r#"{"match":{},"then":{"status":500,"info":"x"}}"#, "then.info", "goes with error"),
    (r#"{"match":{},"then":{"body":"x"}}"#, "then", "says nothing"),
    (r#"{"match":{},"then":{"error":60008}}"#, "then.error", "is of one vendor"),
    (r#"{"match":{"path":"/v*"},"then":{"error":60008}}"#, "then.error", "is of one vendor"),
    (r#"{"match":{"operation":"*"},"then":{"error":404}}"#, "then.error", "is of one vendor"),
    (r#"{"match":{"operation":"tencent.*"},"then":{"error":10020}}"#, "then.error", "nearest known one is 10019"),
    (r#"{"match":{"operation":"tencent.*"},"then":{"error":0}}"#, "then.error", "nearest known one is 10001"),
    (r#"{"match":{"operation":"tencent.*"},"then":{"error":-1}}"#, "then.error", "invalid value"),
    (r#"{"match":{"operation":"tencent.*"},"then":{"error":60008,"code":"X"}}"#, "then.code", "IMKIT's"),
    (
        r#"{"match":{"path":"/rooms/*"},"then":{"error":418}}"#,
        "then.error",
        "IMKIT has no RC 418; the nearest known one is 413",
    ),
    (
        r#"{"match":{"tenant":{"imkit":"*"}},"then":{"error":404,"code":"ROOM_NOT_FOUMD"}}"#,
        "then.code",
        "the nearest known one is ROOM_NOT_FOUND",
    ),
    (r#"{"match":{"tenant":{"imkit":"a"}},"then":{"error":404,"code":"INVALID_TOKEN"}}"#, "then.code", "with RC 404"),
];

#[tokio::test]
async fn a_rule_with_a_fault_is_refused_with_its_path_and_nothing_is_stored() {
    let house = start(demo()).await;
    only(&house, json!({"id": "stays", "match": {}})).await;
    let refused = async |method: &str, path: &str, body: &str, wanted: &str, words: &str| {
        let answer = send(&house, method, path, body).await;
        assert_eq!(answer.status, 400, "{method} {body}: {}", answer.text);
        let error = &answer.json()["error"];
        assert_eq!(error["path"], wanted, "{body}: {error}");
        assert!(error["message"].as_str().expect("a message").contains(words), "{body}: {error}");
        assert_eq!(counts(&house).await, [("stays".to_owned(), 0, 0)], "{body}");
    };
    for (body, path, words) in BAD {
        refused("POST", "", body, path, words).await;
        refused("PUT", "", body, path, words).await;
        if !body.contains(r#""id""#) {
            refused("PUT", "/stays", body, path, words).await;
        }
        let among = format!(r#"[{{"id":"sound","match":{{}}}},{body}]"#);
        refused("POST", "", &among, &format!("[1].{path}"), words).await;
        refused("PUT", "", &among, &format!("[1].{path}"), words).await;
    }
    refused("PUT", "/other", r#"{"id":"stays","match":{}}"#, "id", "of the path").await;
    refused("POST", "", r#"[{"match":{}},[]]"#, "[1]", "expected an object").await;
    for body in ["", "7", "{", "[{\"match\":{}}", "null"] {
        assert_eq!(send(&house, "POST", "", body).await.status, 400, "{body}");
    }
    let fault = house.emulator.faults().add(json!([{"match": {}}, {"match": {}, "times": 0}])).expect_err("not sound");
    assert_eq!(fault.to_string(), "[1].times: has to be at least 1, or absent for every time");
    assert_eq!(counts(&house).await.len(), 1);
}

#[tokio::test]
async fn an_id_is_there_once_and_rules_have_their_bound() {
    let house = start(demo()).await;
    only(&house, json!({"id": "one", "match": {}})).await;
    for (method, body, path) in [
        ("POST", r#"{"id":"one","match":{}}"#, "id"),
        ("POST", r#"[{"id":"two","match":{}},{"id":"one","match":{}}]"#, "[1].id"),
        ("POST", r#"[{"id":"two","match":{}},{"match":{}},{"id":"two","match":{}}]"#, "[2].id"),
        ("PUT", r#"[{"id":"one","match":{}},{"id":"one","match":{}}]"#, "[1].id"),
    ] {
        let answer = send(&house, method, "", body).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]["path"]), (409, &json!(path)), "{body}");
        assert_eq!(counts(&house).await, [("one".to_owned(), 0, 0)], "{body}");
    }
    let many: Vec<Value> = (0..1000).map(|_| json!({"match": {"path": "/none"}})).collect();
    let answer = send(&house, "POST", "", &json!(many).to_string()).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert_eq!(counts(&house).await.len(), 1);
    only(&house, json!(many)).await;
    assert_eq!(send(&house, "POST", "", r#"{"match":{}}"#).await.status, 400);
    assert_eq!(send(&house, "PUT", "/more", r#"{"match":{}}"#).await.status, 400);
    let mut ids: Vec<String> = counts(&house).await.into_iter().map(|(id, ..)| id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 1000);
}

#[tokio::test]
async fn a_rule_is_for_the_calls_that_it_says() {
    let info = format!("/v4/room_engine_http_srv/get_room_info?{ADMIN}");
    let client = [("IM-CLIENT-KEY", "demo-client-key"), ("IM-Authorization", "token-aaa")];
    let fresh = [("IM-API-KEY", "fresh")];
    let body = r#"{"RoomId":"room-test","Extra":[{"a":1,"b":2},3]}"#;
    let rooms = [("POST", info.as_str(), &[][..], body)];
    let list = [("GET", "/rooms?limit=1", &client[..], "")];
    let own = [("GET", "/rooms", &fresh[..], "")];
    let nowhere = [("POST", "/v4/nothing/here?sdkappid=7", &[][..], "{}"), ("GET", "/nothing", &[][..], "")];
    let preflight = [("OPTIONS", "/rooms", &[][..], "")];
    let all = [&rooms[..], &list, &own, &nowhere, &preflight].concat();
    for (matching, met) in [
        (json!({}), "rlonn-"),
        (json!({"operation": "*"}), "rlonn-"),
        (json!({"operation": "tencent.*"}), "r--n--"),
        (json!({"operation": "tencent.rooms.get_room_info"}), "r-----"),
        (json!({"operation": "tencent.unknown"}), "---n--"),
        (json!({"operation": "imkit.*"}), "-lo-n-"),
        (json!({"operation": "imkit.rooms.list_r*"}), "-lo---"),
        (json!({"path": "/rooms"}), "-lo---"),
        (json!({"path": "/v4/*"}), "r--n--"),
        (json!({"path": "/room"}), "------"),
        (json!({"tenant": {"tencent": "88888888"}}), "r-----"),
        (json!({"tenant": {"tencent": "8*"}}), "r-----"),
        (json!({"tenant": {"tencent": "*"}}), "r--n--"),
        (json!({"tenant": {"imkit": "SampleApp"}}), "-l----"),
        (json!({"tenant": {"imkit": "fresh"}}), "--o---"),
        (json!({"body": {}}), "r--n--"),
        (json!({"body": {"RoomId": "room-test"}}), "r-----"),
        (json!({"body": {"Extra": [{"b": 2}, 3]}}), "r-----"),
        (json!({"body": {"Extra": [3, {"b": 2}]}}), "------"),
        (json!({"body": {"Extra": [{}]}}), "------"),
        (json!({"body": {"RoomId": "room-test"}, "operation": "imkit.*"}), "------"),
    ] {
        let house = start(demo()).await;
        only(&house, json!({"match": matching, "then": {"status": 418}})).await;
        let mut seen = String::new();
        for ((method, path, headers, body), sign) in all.iter().zip("rlonn-".chars()) {
            let answer = house.call(method, path, headers, *body).await;
            let is_met = answer.status == 418;
            assert_eq!(is_met, answer.why().starts_with("fault rule fault-"), "{}", answer.why());
            seen.push(if is_met { if sign == '-' { 'p' } else { sign } } else { '-' });
        }
        assert_eq!(seen, met, "{matching}");
        assert_eq!(house.control("GET", "health", "").await["status"], "ok");
    }
}

#[tokio::test]
async fn a_rule_skips_ends_and_is_counted_and_the_first_that_fires_wins() {
    let house = start(demo()).await;
    let rule = |id: &str, code: u32, skip: u64, times: u64| json!({"id": id, "match": {"operation": "tencent.rooms.*"}, "skip": skip, "times": times, "then": {"error": code}});
    only(&house, json!([rule("first", 100006, 1, 2), rule("second", 60008, 0, 2)])).await;
    let mut codes = Vec::new();
    for _ in 0..6 {
        codes.push(code(&house).await);
    }
    assert_eq!(codes, [60008, 100006, 100006, 60008, 0, 0]);
    assert_eq!(counts(&house).await, [("first".to_owned(), 6, 2), ("second".to_owned(), 4, 2)]);
    let told: Vec<Value> = house.journal("kind=exchange").await.iter().map(|entry| entry["fault"].clone()).collect();
    assert_eq!(json!(told), json!(["second", "first", "first", "second", null, null]));
}

#[tokio::test]
async fn dice_fall_the_same_way_for_the_same_seed() {
    let fallen = async || {
        let house = start(demo()).await;
        only(&house, json!({"id": "dice", "match": {}, "chance": 0.5, "then": {"status": 500}})).await;
        let mut fallen = String::new();
        for _ in 0..64 {
            let answer = house.room("get_room_info", json!({"RoomId": "room-test"})).await;
            fallen.push(if answer.status == 500 { 'x' } else { '-' });
        }
        fallen
    };
    let once = fallen().await;
    assert_eq!(once, fallen().await);
    assert!((16..48).contains(&once.matches('x').count()), "{once}");
}

#[tokio::test]
async fn errors_come_in_the_vendors_words_or_in_those_of_the_rule() {
    let house = start(demo()).await;
    let told = async |then: Value, operation: &str| {
        only(&house, json!({"id": "told", "match": {"operation": operation}, "then": then})).await;
        let room = house.room("get_room_info", json!({"RoomId": "room-test"})).await;
        let list = house.imkit("GET", "/rooms", &[("IM-API-KEY", "demo-api-key")], "").await;
        if operation.starts_with("imkit") { list } else { room }
    };
    let answer = told(json!({"error": 60007, "info": "slow \"down\""}), "tencent.*").await;
    let envelope = common::room_reply(60007, "slow \"down\"");
    assert_eq!(common::without_request_id(&answer.text), envelope);
    assert_eq!(answer.why(), "fault rule told: answers with the error 60007");
    assert_eq!(answer.header("imulator-operation"), "tencent.rooms.get_room_info");
    for (then, body) in [
        (
            json!({"error": 404}),
            r#"{"RC":404,"RM":"Room not found","error":{"code":"ROOM_NOT_FOUND","message":"Room not found"}}"#,
        ),
        (
            json!({"error": 404, "code": "CLIENT_NOT_FOUND"}),
            r#"{"RC":404,"RM":"Client not found","error":{"code":"CLIENT_NOT_FOUND","message":"Client not found"}}"#,
        ),
        (
            json!({"error": 429, "info": "wait"}),
            r#"{"RC":429,"RM":"wait","error":{"code":"RATE_LIMIT_EXCEEDED","message":"wait","retryAfter":60}}"#,
        ),
    ] {
        let answer = told(then.clone(), "imkit.*").await;
        assert_eq!(
            (u64::from(answer.status.as_u16()), answer.text.as_str()),
            (then["error"].as_u64().unwrap_or(0), body)
        );
        assert_eq!(answer.header("x-powered-by"), "Express");
    }
    let answer = told(json!({"status": 503}), "imkit.*").await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (503, ""));
    let answer = told(json!({"status": 500, "body": "{}"}), "imkit.*").await;
    assert_eq!(answer.header("content-type"), "application/json");
}

#[tokio::test]
async fn a_fault_keeps_the_order_of_keys_that_the_application_wants() {
    let mut world = demo();
    world["tencent"]["88888888"]["options"] = json!({"alphabetical": true});
    let house = start(world).await;
    only(&house, json!({"match": {"operation": "tencent.groups.*"}, "then": {"error": 10002}})).await;
    let answer = house.group("get_group_info", json!({"GroupIdList": ["x"]})).await;
    assert_eq!(answer.text, r#"{"ActionStatus":"FAIL","ErrorCode":10002,"ErrorInfo":"internal server error"}"#);
}

#[tokio::test]
async fn a_reset_takes_rules_away_and_that_of_a_tenant_its_own_alone() {
    let house = start(demo()).await;
    let rules = json!([
        {"id": "all", "match": {}, "times": 1, "then": {"lost": "before"}},
        {"id": "own", "match": {"tenant": {"tencent": "88888888"}}},
        {"id": "wide", "match": {"tenant": {"tencent": "8*"}}},
        {"id": "other", "match": {"tenant": {"imkit": "SampleApp"}}},
    ]);
    only(&house, rules).await;
    house.control("POST", "reset", json!({"tenant": {"tencent": "88888888"}})).await;
    let ids: Vec<String> = counts(&house).await.into_iter().map(|(id, ..)| id).collect();
    assert_eq!(ids, ["all", "wide", "other"]);
    house.control("PUT", "state", demo()).await;
    assert_eq!(counts(&house).await.len(), 3, "a new world leaves the rules alone");
    house.control("POST", "reset", json!({})).await;
    assert_eq!(counts(&house).await, []);
    assert_eq!(code(&house).await, 0);
}

#[tokio::test]
async fn a_fault_opens_no_tenant() {
    let house = start(demo()).await;
    only(&house, json!({"match": {"tenant": {"tencent": "4711"}}, "then": {"error": 60008}})).await;
    let body = json!({"UserID": "x"});
    let path = "/v4/im_open_login_svc/account_import?sdkappid=4711&identifier=admin&usersig=x";
    assert_eq!(house.call("POST", path, &[], body.clone()).await.code(), 60008);
    let open = house.control("GET", "tenants", "").await;
    assert!(open["tenants"].as_array().expect("a list").iter().all(|tenant| tenant["tencent"] != "4711"));
    assert_eq!(house.journal("tencent=4711").await.len(), 1, "the exchange is its own all the same");
    house.control("DELETE", "faults", "").await;
    assert_eq!(house.call("POST", path, &[], body).await.code(), 0);
}
