//! Accounts of a Tencent application: imported one by one and by the hundred.

mod common;

use common::{House, chat_reply, demo, start};
use serde_json::{Value, json};

async fn import(house: &House, body: Value) -> String {
    house.tencent("im_open_login_svc/account_import", body).await.text
}

async fn import_many(house: &House, body: Value) -> String {
    house.tencent("im_open_login_svc/multiaccount_import", body).await.text
}

/// What is known of an account.
async fn account(house: &House, id: &str) -> Value {
    house.control("GET", &format!("tencent/88888888/accounts/{id}"), "").await
}

/// The reply of a whole import in which these failed.
fn outcome(failed: &Value) -> String {
    format!(r#"{{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"FailAccounts":{failed}}}"#)
}

/// The call is refused so, and the world is as before.
async fn refuses(house: &House, command: &str, body: Value, code: i64, info: &str) {
    let (state, events) = (house.state().await, house.events().await);
    let answer = house.tencent(&format!("im_open_login_svc/{command}"), body.clone()).await;
    assert_eq!(answer.text, chat_reply(code, info), "{body}: {}", answer.why());
    assert_ne!(answer.why(), "", "{body}");
    assert_eq!(house.state().await, state, "{body}");
    assert_eq!(house.events().await, events, "{body}");
}

#[tokio::test]
async fn an_account_is_imported_under_either_spelling_and_the_newer_wins() {
    let house = start(demo()).await;
    let full = json!({"UserID": "harbor_01", "Nick": "Harbor", "FaceUrl": "https://img.example.net/h.png"});
    assert_eq!(import(&house, full).await, chat_reply(0, ""));
    let known = account(&house, "harbor_01").await;
    assert_eq!((&known["Nick"], &known["FaceUrl"]), (&json!("Harbor"), &json!("https://img.example.net/h.png")));
    assert_eq!(import(&house, json!({"Identifier": "harbor_02"})).await, chat_reply(0, ""));
    assert_eq!(account(&house, "harbor_02").await["Nick"], "");
    assert_eq!(import(&house, json!({"Identifier": "older", "UserID": "newer"})).await, chat_reply(0, ""));
    assert_eq!(account(&house, "newer").await["UserID"], "newer");
    let older = house.call("GET", "/_imulator/tencent/88888888/accounts/older", &[("host", "localhost")], "").await;
    assert_eq!(older.status, 404);
}

#[tokio::test]
async fn importing_again_keeps_the_tiny_id_and_overwrites_what_is_given() {
    let house = start(demo()).await;
    import(&house, json!({"UserID": "harbor", "Nick": "Harbor", "FaceUrl": "https://a.example/1.png"})).await;
    let first = account(&house, "harbor").await;
    assert!(first["TinyId"].as_u64().is_some_and(|id| id > 1 << 53));
    import(&house, json!({"UserID": "harbor", "Nick": "Port"})).await;
    let second = account(&house, "harbor").await;
    assert_eq!(second["TinyId"], first["TinyId"]);
    assert_eq!((&second["Nick"], &second["FaceUrl"]), (&json!("Port"), &json!("https://a.example/1.png")));
    for absent in [json!({"UserID": "harbor"}), json!({"UserID": "harbor", "Nick": null, "FaceUrl": ""})] {
        assert_eq!(import(&house, absent).await, chat_reply(0, ""));
        assert_eq!(account(&house, "harbor").await, second);
    }
    import_many(&house, json!({"AccountList": [{"UserID": "harbor", "FaceUrl": "https://a.example/2.png"}]})).await;
    let third = account(&house, "harbor").await;
    assert_eq!((&third["Nick"], &third["FaceUrl"]), (&json!("Port"), &json!("https://a.example/2.png")));
    assert_eq!(third["TinyId"], first["TinyId"]);
}

#[tokio::test]
async fn accounts_have_different_tiny_ids_and_ids_differ_by_case() {
    let house = start(demo()).await;
    import_many(&house, json!({"Accounts": ["ada", "Ada", "ada "]})).await;
    let mut numbers = Vec::new();
    for id in ["ada", "Ada", "ada%20", "mira"] {
        numbers.push(account(&house, id).await["TinyId"].as_u64().expect("a number"));
    }
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 4);
}

#[tokio::test]
async fn an_import_is_an_event_of_what_was_given() {
    let house = start(demo()).await;
    import(&house, json!({"UserID": "harbor", "Nick": "Harbor"})).await;
    let event = house.events().await[0].clone();
    assert_eq!(event["event"], "account_changed");
    assert_eq!(event["scope"], json!({"account": "harbor"}));
    assert_eq!(event["data"], json!({"members": ["harbor"], "Nick": "Harbor"}));
    assert_eq!(event["audience"], json!({"accounts": []}));
}

#[tokio::test]
async fn a_user_id_has_1_to_32_bytes_of_printable_ascii() {
    let house = start(demo()).await;
    for (body, info) in [
        (json!({}), "UserID is required"),
        (json!({"UserID": null}), "UserID is required"),
        (json!({"UserID": ""}), "UserID is required"),
        (json!({"Identifier": ""}), "UserID is required"),
        (json!({"UserID": "u".repeat(33)}), "UserID is invalid"),
        (json!({"UserID": "小明"}), "UserID is invalid"),
        (json!({"UserID": "line\nfeed"}), "UserID is invalid"),
        (json!({"UserID": "x", "Nick": 5}), "Nick is invalid"),
        (json!({"UserID": "x", "FaceUrl": ["u"]}), "FaceUrl is invalid"),
    ] {
        refuses(&house, "account_import", body, 70402, info).await;
    }
    assert_eq!(import(&house, json!({"UserID": "u".repeat(32)})).await, chat_reply(0, ""));
    refuses(&house, "account_import", json!({"UserID": 7}), 60015, "body account invalid").await;
    refuses(&house, "account_import", json!({"Identifier": 7}), 60015, "body account invalid").await;
}

#[tokio::test]
async fn a_profile_value_has_at_most_500_bytes() {
    let house = start(demo()).await;
    for long in ["n".repeat(501), "小".repeat(167)] {
        for field in ["Nick", "FaceUrl"] {
            let body = json!({"UserID": "x", field: long});
            refuses(&house, "account_import", body, 40601, "profile value is too long").await;
        }
    }
    for fits in ["n".repeat(500), "小".repeat(166)] {
        assert_eq!(import(&house, json!({"UserID": "x", "Nick": fits, "FaceUrl": fits})).await, chat_reply(0, ""));
    }
}

#[tokio::test]
async fn many_accounts_are_imported_in_either_form() {
    let house = start(demo()).await;
    assert_eq!(import_many(&house, json!({"Accounts": ["u1", "u2"]})).await, outcome(&json!([])));
    let list = json!([{"UserID": "u1", "Nick": "One", "FaceUrl": "https://img.example.net/1.png"}, {"UserID": "u3"}]);
    assert_eq!(import_many(&house, json!({"AccountList": list})).await, outcome(&json!([])));
    let one = account(&house, "u1").await;
    assert_eq!((&one["Nick"], &one["FaceUrl"]), (&json!("One"), &json!("https://img.example.net/1.png")));
    for id in ["u2", "u3"] {
        assert_eq!(account(&house, id).await["Nick"], "");
    }
    let both = json!({"Accounts": ["older"], "AccountList": [{"UserID": "newer"}]});
    assert_eq!(import_many(&house, both).await, outcome(&json!([])));
    let accounts = house.state().await["tencent"]["88888888"]["accounts"].to_string();
    assert!(accounts.contains("\"newer\"") && !accounts.contains("\"older\""));
}

#[tokio::test]
async fn accounts_that_cannot_be_imported_are_listed_and_the_others_are_imported() {
    let house = start(demo()).await;
    let long = "u".repeat(33);
    assert_eq!(import_many(&house, json!({"Accounts": ["u1", long, "", "u2"]})).await, outcome(&json!([long, ""])));
    let list = json!([{"UserID": "u3", "Nick": "n".repeat(501)}, {"UserID": "u4", "Nick": null}]);
    assert_eq!(import_many(&house, json!({"AccountList": list})).await, outcome(&json!(["u3"])));
    for id in ["u1", "u2", "u4"] {
        assert_eq!(account(&house, id).await["UserID"], id);
    }
}

#[tokio::test]
async fn a_hundred_accounts_are_the_most() {
    let house = start(demo()).await;
    let names = |count: usize| (0..count).map(|at| format!("u{at}")).collect::<Vec<_>>();
    let objects = |count| names(count).iter().map(|id| json!({"UserID": id})).collect::<Vec<_>>();
    assert_eq!(import_many(&house, json!({"Accounts": names(100)})).await, outcome(&json!([])));
    assert_eq!(import_many(&house, json!({"AccountList": objects(100)})).await, outcome(&json!([])));
    refuses(&house, "multiaccount_import", json!({"Accounts": names(101)}), 70402, "Accounts is invalid").await;
    let same = json!({"Accounts": vec!["u1"; 101]});
    refuses(&house, "multiaccount_import", same, 70402, "Accounts is invalid").await;
    refuses(&house, "multiaccount_import", json!({"AccountList": objects(101)}), 70402, "AccountList is invalid").await;
}

#[tokio::test]
async fn a_list_that_is_none_is_a_wrong_parameter() {
    let house = start(demo()).await;
    for (body, info) in [
        (json!({}), "AccountList is required"),
        (json!({"Accounts": null}), "AccountList is required"),
        (json!({"Accounts": []}), "Accounts is invalid"),
        (json!({"AccountList": []}), "AccountList is invalid"),
        (json!({"Accounts": "u1"}), "Accounts is invalid"),
        (json!({"AccountList": {"UserID": "u1"}}), "AccountList is invalid"),
        (json!({"Accounts": ["u1", 5]}), "Accounts[1] is invalid"),
        (json!({"Accounts": ["u1", null]}), "Accounts[1] is invalid"),
        (json!({"AccountList": [{"UserID": "u1"}, {"UserID": 5}]}), "AccountList[1].UserID is invalid"),
        (json!({"AccountList": [{"Nick": "One"}]}), "AccountList[0].UserID is required"),
        (json!({"AccountList": ["u1"]}), "AccountList[0] is invalid"),
    ] {
        refuses(&house, "multiaccount_import", body, 70402, info).await;
    }
}
