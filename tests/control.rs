//! The control API through its door: health, reset, tenants, who may come in, and what the emulator tells of itself.

mod common;

use common::{Answer, House, demo, start, start_with};
use serde_json::{Value, json};

/// Headers of a request.
type Headers = &'static [(&'static str, &'static str)];

/// A control call as it is answered, refused or not.
async fn ask(house: &House, method: &str, path: &str, body: Value) -> Answer {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    house.call(method, &format!("/_imulator/{path}"), &[("host", "localhost")], body.as_str()).await
}

/// The code with which an application answers for a room.
async fn room_code(house: &House, sdkappid: u64, room: &str) -> i64 {
    let target = format!("/v4/room_engine_http_srv/get_room_info?sdkappid={sdkappid}&identifier=admin&usersig=x");
    house.call("POST", &target, &[], json!({"RoomId": room})).await.code()
}

async fn opens(house: &House, sdkappid: u64) -> Answer {
    let target = format!("/v4/im_open_login_svc/account_import?sdkappid={sdkappid}&identifier=admin&usersig=x");
    house.call("POST", &target, &[], json!({"UserID": "tommy"})).await
}

/// The numbers of the Tencent applications that are open.
async fn open_apps(house: &House) -> Vec<String> {
    let tenants = house.control("GET", "tenants", "").await;
    let list = tenants["tenants"].as_array().expect("tenants are an array");
    list.iter().filter_map(|tenant| tenant["tencent"].as_str().map(str::to_owned)).collect()
}

fn error(code: &str, message: &str, path: Option<&str>) -> Value {
    json!({"error": {"code": code, "message": message, "path": path}})
}

#[tokio::test]
async fn health_tells_version_and_epoch() {
    let house = start(demo()).await;
    let health = house.control("GET", "health", "").await;
    assert_eq!(health, json!({"status": "ok", "version": env!("CARGO_PKG_VERSION"), "epoch": 1}));
}

#[tokio::test]
async fn a_reset_goes_back_to_the_fixtures_in_the_next_epoch_with_an_empty_journal() {
    let house = start(demo()).await;
    let before = house.state().await;
    house.room("kick_user_out", json!({"RoomId": "room-test", "MemberList_Account": ["user1"], "Reason": ""})).await;
    opens(&house, 4711).await;
    let last = house.control("GET", "journal", "").await["last"].as_u64().expect("a number");
    assert_eq!(house.control("POST", "reset", "").await, json!({"epoch": 2}));
    assert_eq!(house.state().await, before);
    let events = house.events().await;
    // Each tenant of the fixtures is told.
    let told = |entry: &Value| {
        (entry["event"].clone(), entry["epoch"].as_u64(), entry["seq"].as_u64(), entry["tenant"].clone())
    };
    let of = |seq, tenant: Value| (json!("reset"), Some(2), Some(seq), tenant);
    let expected = [of(last + 1, json!({"tencent": "88888888"})), of(last + 2, json!({"imkit": "SampleApp"}))];
    assert_eq!(events.iter().map(told).collect::<Vec<_>>(), expected);
    assert_eq!(house.journal("kind=exchange").await, Vec::<Value>::new());
    assert_eq!(house.control("GET", "health", "").await["epoch"], 2);
}

#[tokio::test]
async fn a_reset_of_one_tenant_keeps_the_epoch_and_leaves_the_others_alone() {
    let house = start(demo()).await;
    opens(&house, 4711).await;
    house.room("kick_user_out", json!({"RoomId": "room-test", "MemberList_Account": ["user1"], "Reason": ""})).await;
    let reset = house.control("POST", "reset", json!({"tenant": {"tencent": "88888888"}})).await;
    assert_eq!(reset, json!({"epoch": 1}));
    let state = house.state().await;
    let members = state["tencent"]["88888888"]["rooms"][0]["MemberList"].as_array().expect("members").len();
    assert_eq!(members, 4);
    assert_eq!(state["tencent"]["4711"]["accounts"][2]["UserID"], "tommy");
    let of_it = house.journal("tencent=88888888").await;
    assert_eq!(of_it.iter().map(|entry| entry["event"].as_str()).collect::<Vec<_>>(), [Some("reset")]);
    assert_eq!(house.journal("tencent=4711&kind=exchange").await.len(), 1);
}

#[tokio::test]
async fn a_tenant_without_fixture_is_gone_after_its_reset_and_opens_afresh() {
    let house = start(demo()).await;
    opens(&house, 4711).await;
    house.control("POST", "reset", json!({"tenant": {"tencent": "4711"}})).await;
    assert_eq!(open_apps(&house).await, ["88888888"]);
    opens(&house, 4711).await;
    assert_eq!(open_apps(&house).await, ["4711", "88888888"]);
}

#[tokio::test]
async fn a_tenant_that_was_dropped_comes_back_by_its_reset() {
    let house = start(demo()).await;
    house.control("DELETE", "tenants/tencent/88888888", "").await;
    assert_eq!(open_apps(&house).await, Vec::<String>::new());
    house.control("POST", "reset", json!({"tenant": {"tencent": "88888888"}})).await;
    assert_eq!(room_code(&house, 88888888, "room-test").await, 0);
}

#[tokio::test]
async fn a_reset_that_names_no_tenant_or_two_is_refused_and_changes_nothing() {
    let house = start(demo()).await;
    let one = r#"names one tenant: {"tencent": "SDKAPPID"} or {"imkit": "APP"}"#;
    let table = [
        (json!({"tenant": {}}), 400, error("invalid", one, Some("tenant"))),
        (json!({"tenant": {"tencent": "1", "imkit": "a"}}), 400, error("invalid", one, Some("tenant"))),
        (json!({"tenant": {"tencent": "1"}}), 404, error("not_found", "no tenant tencent/1 is open", None)),
        (json!({"tenant": {"tencent": "*"}}), 404, error("not_found", "no tenant tencent/* is open", None)),
        (
            json!({"tenant": {"tencent": "088888888"}}),
            404,
            error("not_found", "no tenant tencent/088888888 is open", None),
        ),
        (json!({"tenant": {"imkit": "*"}}), 404, error("not_found", "no tenant imkit/* is open", None)),
    ];
    for (body, status, expected) in table {
        let answer = ask(&house, "POST", "reset", body.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (status, expected), "{body}");
    }
    for (body, path) in [
        (json!({"tenants": {}}), json!("tenants")),
        (json!({"tenant": {"tencent": 1}}), json!("tenant.tencent")),
        (json!([null]), Value::Null),
        (json!("all"), Value::Null),
    ] {
        let answer = ask(&house, "POST", "reset", body.clone()).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]["path"]), (400, &path), "{body}: {}", answer.text);
    }
    let in_query = ask(&house, "POST", "reset?tencent=88888888", Value::Null).await;
    assert_eq!((in_query.status.as_u16(), &in_query.json()["error"]["path"]), (400, &json!("tencent")));
    assert_eq!(house.control("GET", "health", "").await["epoch"], 1);
}

#[tokio::test]
async fn open_tenants_are_listed_with_their_size_and_age() {
    let rooms = json!([{"RoomId": "r", "Owner_Account": "mira"}]);
    let house = start(json!({"imulator": 1, "tencent": {"7": {"rooms": rooms}}, "imkit": {"app": {}}})).await;
    house.emulator.clock().advance(std::time::Duration::from_millis(1500));
    opens(&house, 4711).await;
    let expected = json!({"tenants": [
        {"tencent": "7", "opened": "2026-01-05T09:00:00.000Z", "from_template": false, "accounts": 3, "groups": 0, "rooms": 1},
        {"tencent": "4711", "opened": "2026-01-05T09:00:01.500Z", "from_template": true, "accounts": 3, "groups": 0, "rooms": 0},
        {"imkit": "app", "opened": "2026-01-05T09:00:00.000Z", "from_template": false, "accounts": 0, "rooms": 0},
    ]});
    assert_eq!(house.control("GET", "tenants", "").await, expected);
}

#[tokio::test]
async fn a_dropped_tenant_is_gone_and_the_journal_says_so() {
    let house = start(demo()).await;
    assert_eq!(house.control("DELETE", "tenants/tencent/88888888", "").await, json!({}));
    assert_eq!(open_apps(&house).await, Vec::<String>::new());
    let event = house.events().await.pop().expect("an event");
    assert_eq!((&event["event"], &event["data"]), (&json!("tenant_dropped"), &json!({"how": "asked"})));
    for path in ["tenants/tencent/88888888", "tenants/tencent/x", "tenants/imkit/nobody"] {
        assert_eq!(ask(&house, "DELETE", path, Value::Null).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn an_unknown_application_opens_from_the_template_by_its_first_admitted_call() {
    let world = json!({"imulator": 1, "tencent": {"*": {"administrators": ["admin", "boss"], "accounts": [{"UserID": "mira"}]}}});
    let house = start(world).await;
    let refused =
        house.call("POST", "/v4/im_open_login_svc/account_import?sdkappid=5&identifier=x&usersig=x", &[], "{}");
    assert_eq!(refused.await.code(), 60010);
    assert_eq!(open_apps(&house).await, Vec::<String>::new());
    assert_eq!(opens(&house, 5).await.code(), 0);
    let state = house.control("GET", "state?tencent=5", "").await;
    let accounts = state["tencent"]["5"]["accounts"].as_array().expect("accounts").len();
    assert_eq!(accounts, 4, "mira, two administrators and tommy");
    let events = house.events().await;
    let seen: Vec<_> = events.iter().map(|entry| (&entry["event"], &entry["tenant"])).collect();
    assert_eq!(seen[0], (&json!("tenant_opened"), &json!({"tencent": "5"})));
}

#[tokio::test]
async fn past_the_cap_the_least_recently_used_goes_and_the_journal_says_so() {
    let house = start_with(demo(), |config| config.tenants_max = 2).await;
    for sdkappid in [1, 2, 1, 3] {
        assert_eq!(opens(&house, sdkappid).await.code(), 0);
    }
    assert_eq!(open_apps(&house).await, ["1", "3", "88888888"]);
    opens(&house, 4).await;
    assert_eq!(open_apps(&house).await, ["3", "4", "88888888"]);
    let dropped: Vec<Value> = house
        .events()
        .await
        .into_iter()
        .filter(|entry| entry["event"] == "tenant_dropped")
        .map(|entry| json!([entry["tenant"], entry["data"]]))
        .collect();
    let unused = json!({"how": "least recently used"});
    assert_eq!(dropped, [json!([{"tencent": "2"}, unused]), json!([{"tencent": "1"}, unused])]);
}

#[tokio::test]
async fn tenants_past_the_cap_go_in_batches_of_a_tenth() {
    let house = start_with(json!({"imulator": 1}), |config| config.tenants_max = 20).await;
    for sdkappid in 1..=21 {
        opens(&house, sdkappid).await;
    }
    let open = open_apps(&house).await;
    assert_eq!((open.len(), open.first().map(String::as_str)), (18, Some("4")));
}

#[tokio::test]
async fn a_closed_emulator_refuses_tenants_that_no_fixture_names() {
    let house = start_with(demo(), |config| config.closed = true).await;
    let refused = opens(&house, 4711).await;
    assert_eq!(
        (refused.code(), refused.why()),
        (60006, "sdkappid: 4711 is in no fixture, and this emulator is closed to others (--closed)")
    );
    assert_eq!(opens(&house, 88888888).await.code(), 0);
    house.control("POST", "seed", json!({"imulator": 1, "tencent": {"4711": {}}})).await;
    assert_eq!(opens(&house, 4711).await.code(), 0);
}

#[tokio::test]
async fn tenants_never_see_each_other() {
    let rooms = json!([{"RoomId": "r", "Owner_Account": "mira", "MemberList": [{"Member_Account": "mira"}]}]);
    let house = start(json!({"imulator": 1, "tencent": {"1": {"rooms": rooms}, "2": {}}})).await;
    assert_eq!(room_code(&house, 1, "r").await, 0);
    assert_eq!(room_code(&house, 2, "r").await, 100004);
    for entry in house.journal("tencent=2").await {
        assert_eq!(entry["tenant"], json!({"tencent": "2"}));
    }
    assert_eq!(ask(&house, "GET", "tencent/2/accounts/mira", Value::Null).await.status, 404);
}

#[tokio::test]
async fn the_control_api_answers_only_addresses_and_localhost_to_pages_of_its_own() {
    let house = start_with(demo(), |config| config.names = vec!["imulator.test".into(), "*.dev.test".into()]).await;
    let table: [(Headers, u16, &str); 17] = [
        (&[], 200, ""),
        (&[("host", "127.0.0.1:3100")], 200, ""),
        (&[("host", "[::1]:3100")], 200, ""),
        (&[("host", "[::1]")], 200, ""),
        (&[("host", "10.1.2.3")], 200, ""),
        (&[("host", "LocalHost:80")], 200, ""),
        (&[("host", "imulator.test:9")], 200, ""),
        (&[("host", "a.dev.test")], 200, ""),
        (&[("host", "dev.test")], 403, "forbidden_host"),
        (&[("host", "evil.example")], 403, "forbidden_host"),
        (&[("host", "localhost.evil.example")], 403, "forbidden_host"),
        (&[("host", "")], 403, "forbidden_host"),
        (&[("host", "localhost:3100"), ("origin", "http://localhost:3100")], 200, ""),
        (&[("host", "localhost:3100"), ("origin", "http://localhost:9999")], 403, "forbidden_origin"),
        (&[("host", "localhost:3100"), ("origin", "null")], 403, "forbidden_origin"),
        (&[("host", "localhost"), ("origin", "https://evil.example")], 403, "forbidden_origin"),
        (&[("origin", "https://evil.example")], 403, "forbidden_origin"),
    ];
    for (headers, status, code) in table {
        for path in ["/_imulator/health", "/_imulator/nothing-here"] {
            let answer = house.call("GET", path, headers, "").await;
            let expected = if path.ends_with("here") && status == 200 { 404 } else { status };
            assert_eq!(answer.status.as_u16(), expected, "{headers:?} {}", answer.text);
            if status != 200 {
                assert_eq!(answer.json()["error"]["code"], code, "{headers:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_vendor_answers_under_any_host_name() {
    let house = start(demo()).await;
    let headers = [("host", "evil.example"), ("origin", "https://evil.example")];
    let target = format!("/v4/im_open_login_svc/account_import?{}", common::ADMIN);
    assert_eq!(house.call("POST", &target, &headers, json!({"UserID": "a"})).await.code(), 0);
}

#[tokio::test]
async fn with_a_control_token_every_control_call_wants_it_and_any_host_will_do() {
    let house = start_with(demo(), |config| config.control_token = Some("s3cret".into())).await;
    let table = [
        (None, 401),
        (Some("Bearer wrong"), 401),
        (Some("s3cret"), 401),
        (Some("Bearer s3cret "), 401),
        (Some("Bearer s3cret"), 200),
    ];
    for (authorization, status) in table {
        let mut headers = vec![("host", "any.example")];
        headers.extend(authorization.map(|value| ("authorization", value)));
        let answer = house.call("GET", "/_imulator/health", &headers, "").await;
        assert_eq!(answer.status.as_u16(), status, "{authorization:?}");
    }
    let refused = house.call("DELETE", "/_imulator/nothing", &[], "").await;
    assert_eq!(refused.json()["error"]["code"], "unauthorized", "what is there is not told either");
    assert_eq!(opens(&house, 88888888).await.code(), 0, "the vendors' surfaces want no token");
}

#[tokio::test]
async fn an_unknown_control_path_is_404_and_a_wrong_method_405_with_the_right_ones() {
    let house = start(demo()).await;
    for path in ["nothing", "health/x", "tencent/1", "state.json"] {
        let answer = ask(&house, "GET", path, Value::Null).await;
        let expected = error("not_found", &format!("the control API has no GET /_imulator/{path}"), None);
        assert_eq!((answer.status.as_u16(), answer.json()), (404, expected));
    }
    for (method, path, allowed) in [
        ("POST", "health", "GET"),
        ("DELETE", "state", "GET, PUT"),
        ("GET", "reset", "POST"),
        ("PUT", "journal", "GET, DELETE"),
        ("GET", "tenants/tencent/1", "DELETE"),
    ] {
        let answer = ask(&house, method, path, Value::Null).await;
        let expected = error("method_not_allowed", &format!("/_imulator/{path} takes {allowed}"), None);
        assert_eq!((answer.status.as_u16(), answer.json()), (405, expected), "{method} {path}");
        assert_eq!(answer.header("allow"), allowed);
    }
}

#[tokio::test]
async fn control_replies_are_json_and_carry_none_of_the_vendors_headers() {
    let house = start(demo()).await;
    let answer = ask(&house, "GET", "health", Value::Null).await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("date"), "Mon, 05 Jan 2026 09:00:00 GMT");
    assert!(
        !answer.headers.contains_key("imulator-call") && !answer.headers.contains_key("access-control-allow-origin")
    );
}

#[tokio::test]
async fn control_calls_are_not_in_the_journal() {
    let house = start(demo()).await;
    house.control("GET", "health", "").await;
    assert_eq!(house.control("GET", "journal", "").await, json!({"entries": [], "last": 0, "dropped": 0}));
}

#[tokio::test]
async fn the_table_of_operations_has_every_vendor_operation_with_its_page() {
    let house = start(demo()).await;
    let table = house.control("GET", "operations", "").await;
    let rows = table["operations"].as_array().expect("rows");
    let kick = rows.iter().find(|row| row["name"] == "tencent.rooms.kick_user_out").expect("the kick is listed");
    assert_eq!(kick["path"], "/v4/room_engine_http_srv/kick_user_out");
    assert_eq!(
        (&kick["method"], &kick["vendor"], &kick["per_second"]),
        (&json!("POST"), &json!("tencent"), &json!(200))
    );
    for row in rows {
        assert!(row["doc"].as_str().is_some_and(|doc| doc.starts_with("https://")), "{row}");
        assert!(!row["summary"].as_str().unwrap_or("").is_empty(), "{row}");
    }
}

/// Every `$ref` of a document, however deep.
fn references<'d>(document: &'d Value, found: &mut Vec<&'d str>) {
    match document {
        Value::Object(map) => {
            found.extend(map.get("$ref").and_then(Value::as_str));
            map.values().for_each(|value| references(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[tokio::test]
async fn the_openapi_document_is_of_version_3_1_and_all_its_references_lead_somewhere() {
    let house = start(demo()).await;
    let document = house.control("GET", "openapi.json", "").await;
    assert_eq!(document["openapi"], "3.1.0");
    let rows = house.control("GET", "operations", "").await;
    for row in rows["operations"].as_array().expect("rows") {
        let (path, method) = (row["path"].as_str().expect("a path"), row["method"].as_str().expect("a method"));
        assert_eq!(document["paths"][path][method.to_lowercase()]["operationId"], row["name"]);
    }
    for document in [document, house.control("GET", "schema.json", "").await] {
        let mut found = Vec::new();
        references(&document, &mut found);
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} leaves the document"));
            assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
        }
    }
}

#[tokio::test]
async fn what_is_asked_by_query_stands_among_the_parameters() {
    let house = start(demo()).await;
    let document = house.control("GET", "openapi.json", "").await;
    let asked = |path: &str| {
        let parameters = document["paths"][path]["get"]["parameters"].as_array().expect("parameters").clone();
        let by_query = parameters.into_iter().filter(|parameter| parameter["in"] == "query");
        by_query.map(|one| format!("{}: {}", one["name"].as_str().expect("a name"), one["schema"])).collect::<Vec<_>>()
    };
    let texts = |names: &[&str]| names.iter().map(|name| format!(r#"{name}: {{"type":"string"}}"#)).collect::<Vec<_>>();
    assert_eq!(asked("/rooms"), texts(&["sort", "skip", "limit", "updatedAfter", "q", "pref", "sortUnreadFirst"]));
    let page = ["limit", "beforeMessage", "afterMessage", "afterTime", "timeRangeField", "sortOrder"];
    assert_eq!(asked("/rooms/{id}/messages/v3"), texts(&page));
    assert_eq!(asked("/me/badge"), [r#"roomTags: {"type":"array","items":{"type":"string"}}"#]);
    assert!(asked("/rooms/{id}").is_empty() && asked("/me").is_empty());
}

#[tokio::test]
async fn the_schema_is_of_state_documents_and_allows_no_unknown_field() {
    let house = start(demo()).await;
    let schema = house.control("GET", "schema.json", "").await;
    assert_eq!(schema["additionalProperties"], false);
    let mut names: Vec<&str> =
        schema["properties"].as_object().expect("an object").keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["$schema", "imkit", "imulator", "tencent"]);
}

#[tokio::test]
async fn an_account_is_shown_with_its_tiny_id() {
    let house = start(demo()).await;
    let mira = house.control("GET", "tencent/88888888/accounts/mira", "").await;
    let listed = house.state().await["tencent"]["88888888"]["accounts"].as_array().expect("accounts").clone();
    let stated = listed.iter().find(|account| account["UserID"] == "mira").expect("mira is there");
    assert_eq!(mira, json!({"UserID": "mira", "Nick": "Mira", "FaceUrl": "", "TinyId": stated["TinyId"]}));
    assert!(mira["TinyId"].as_u64().expect("a number") > 1 << 53);
    for (path, message) in [
        ("tencent/88888888/accounts/nobody", "there is no account \"nobody\""),
        ("tencent/5/accounts/mira", "no tenant tencent/5 is open"),
        ("tencent/x/accounts/mira", "no tenant tencent/x is open"),
    ] {
        let answer = ask(&house, "GET", path, Value::Null).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (404, error("not_found", message, None)));
    }
}

#[tokio::test]
async fn a_control_body_over_its_own_limit_is_413() {
    let house = start_with(demo(), |config| config.edge.control_body_bytes_max = 100).await;
    let padded = format!("{{}}{}", " ".repeat(99));
    let answer = house.call("POST", "/_imulator/reset", &[], padded.as_str()).await;
    let message = "body: more than 100 bytes; that is the most this emulator takes (--max-control-body)";
    assert_eq!((answer.status.as_u16(), answer.json()), (413, error("too_large", message, None)));
    assert_eq!(house.control("GET", "health", "").await["epoch"], 1);
}
