//! The golden file of reply fields, and the lives of accounts.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use common::{House, start};
use imulator::api::tencent::usersig::{self, Ticket};
use serde_json::{Value, json};

/// Notes the type of every field of a reply, at every level but inside message bodies.
fn note(value: &Value, seen: &mut BTreeMap<String, Vec<&'static str>>) {
    match value {
        Value::Array(list) => list.iter().for_each(|entry| note(entry, seen)),
        Value::Object(map) => {
            for (name, value) in map {
                let kind = match value {
                    Value::String(_) => "string",
                    Value::Array(_) => "array",
                    Value::Object(_) => "object",
                    Value::Number(number) if number.is_i64() || number.is_u64() => "integer",
                    _ => "another",
                };
                seen.entry(name.clone()).or_default().push(kind);
                if name != "MsgBody" {
                    note(value, seen);
                }
            }
        }
        _ => {}
    }
}

#[test]
fn every_documented_field_is_answered_with_its_type() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let read = |path: &Path| -> Value {
        let text = fs::read_to_string(path).expect("a fixture is readable");
        serde_json::from_str(&text).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()))
    };
    let mut seen = BTreeMap::new();
    for file in fs::read_dir(root.join("documented/groups")).expect("the fixtures are there") {
        let page = read(&file.expect("an entry").path());
        page["exchanges"].as_array().expect("exchanges").iter().for_each(|it| note(&it["reply"]["body"], &mut seen));
    }
    let golden = read(&root.join("group_reply_fields.json"));
    for (field, kinds) in golden["fields"].as_object().expect("fields") {
        let kinds: Vec<&str> = kinds.as_str().expect("a type").split('|').collect();
        let found = seen.get(field).unwrap_or_else(|| panic!("no documented reply has {field}"));
        assert!(found.iter().all(|kind| kinds.contains(kind)), "{field} is {found:?}, and has to be {kinds:?}");
    }
}

async fn refused(house: &House, command: &str, table: Vec<(Value, i64)>) {
    let before = house.state().await;
    for (body, code) in table {
        let answer = house.tencent(command, body.clone()).await;
        assert_eq!(answer.code(), code, "{command} {body}: {}", answer.why());
    }
    assert_eq!(house.state().await, before, "{command}");
    assert!(house.events().await.is_empty(), "{command}");
}

#[tokio::test]
async fn commands_of_accounts_refuse() {
    let house = start(json!({"imulator": 1, "tencent": {"88888888": {"accounts": [{"UserID": "mira"}]}}})).await;
    let item = json!({"UserID": "mira"});
    for (command, list) in [("account_check", "CheckItem"), ("account_delete", "DeleteItem")] {
        let table = vec![
            (json!({}), 70402),
            (json!({list: null}), 70402),
            (json!({list: []}), 70402),
            (json!({list: "mira"}), 70402),
            (json!({list: ["mira"]}), 70402),
            (json!({list: [{"UserID": 5}]}), 70402),
            (json!({list: vec![item.clone(); 101]}), 70402),
        ];
        refused(&house, &format!("im_open_login_svc/{command}"), table).await;
    }
    let kick = vec![
        (json!({}), 70402),
        (json!({"UserID": null}), 70402),
        (json!({"UserID": ""}), 70402),
        (json!({"UserID": 5}), 60015),
        (json!({"UserID": "u".repeat(33)}), 70402),
        (json!({"Identifier": "ghost"}), 70107),
    ];
    refused(&house, "im_open_login_svc/kick", kick).await;
    for command in ["openim/query_online_status", "openim/querystate"] {
        let table = vec![
            (json!({}), 90001),
            (json!({"To_Account": []}), 90001),
            (json!({"To_Account": null}), 90001),
            (json!({"To_Account": "mira"}), 90003),
            (json!({"To_Account": [5]}), 90003),
            (json!({"To_Account": ["ghost"]}), 70107),
            (json!({"To_Account": vec!["mira"; 501]}), 90011),
            (json!({"To_Account": ["mira"], "IsNeedDetail": 2}), 90001),
        ];
        refused(&house, command, table).await;
    }
    let blank = json!({"To_Account": ["mira"], "IsNeedDetail": ""});
    assert_eq!(house.tencent("openim/query_online_status", blank).await.code(), 0);
}

#[tokio::test]
async fn a_kick_ends_the_signatures_of_administrators_where_the_option_says_so() {
    let key = "key";
    for (option, code) in [(false, 0), (true, 70052)] {
        let app = json!({"secret_key": key, "options": {"kick_administrators": option}});
        let house = start(json!({"imulator": 1, "tencent": {"88888888": app}})).await;
        let call = async || {
            let time = house.emulator.clock().now().seconds();
            let ticket = Ticket { identifier: "admin".into(), sdkappid: 88_888_888, time, expire: 600, userbuf: None };
            usersig::generate(key, &ticket)
        };
        let query = |signature: &str| format!("sdkappid=88888888&identifier=admin&usersig={signature}");
        let old = call().await;
        house.emulator.clock().advance(std::time::Duration::from_secs(10));
        let kick = format!("/v4/im_open_login_svc/kick?{}", query(&old));
        assert_eq!(house.call("POST", &kick, &[], json!({"UserID": "admin"})).await.code(), 0);
        let list = format!("/v4/group_open_http_svc/get_appid_group_list?{}", query(&old));
        assert_eq!(house.call("POST", &list, &[], json!({})).await.code(), code);
        let fresh = call().await;
        let list = format!("/v4/group_open_http_svc/get_appid_group_list?{}", query(&fresh));
        assert_eq!(house.call("POST", &list, &[], json!({})).await.code(), 0, "one made in the same second counts");
    }
}
