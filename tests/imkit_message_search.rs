//! Messages sent as anybody and to many, and found again: batches, searches, lists of many rooms.

mod common;
#[path = "common/imkit.rs"]
mod imkit;

use std::time::Duration;

use common::{House, start};
use imkit::{admin, client, members, tea, world};
use serde_json::{Value, json};

const PAIR: &str = "7ecbf768dd4a26aa30fab31350b42887"; // MD5 of mira_okello

fn texts(page: &Value) -> Vec<&str> {
    let messages = page["data"].as_array().expect("a list");
    messages.iter().map(|message| message["message"].as_str().expect("a text")).collect()
}

#[tokio::test]
async fn a_batch_makes_the_direct_room_of_a_pair_once_and_fills_words_in() {
    let house = tea().await;
    let all = admin(&house);
    let paras = json!([{"receiver": "okello", "$name$": "$b$", "$b$": "no"}, {"receiver": "okello", "room": "tea"},
        {"receiver": "okello", "$name$": 5}]);
    let body = json!({"sender": "mira", "message": "Hi $name$$", "extra": {"a": ["$name$"], "b": "$"}, "paras": paras});
    let batch = all.does("POST", "/messages/batch", body).await;
    assert_eq!(batch["count"], 3);
    let room = client(&house, "okello").sees(&format!("/rooms/{PAIR}")).await;
    assert_eq!(
        (&room["roomType"], members(&room), &room["unread"]),
        (&json!("direct"), vec!["mira".into(), "okello".into()], &json!(2))
    );
    let page = all.sees(&format!("/messages/batch?batchID={}", batch["batchID"].as_str().expect("an id"))).await;
    assert_eq!((&page["count"], texts(&page)), (&json!(3), vec!["Hi 5$", "Hi $name$$", "Hi $b$$"]));
    assert_eq!(page["data"][2]["extra"], json!({"a": ["$b$"], "b": "$"}));
    assert_eq!(page["data"][2]["batchID"], batch["batchID"]);
    assert_eq!(all.sees("/messages/batch?batchID=none").await, json!({"count": 0, "data": []}));
}

#[tokio::test]
async fn a_batch_with_anything_wrong_sends_nothing() {
    let house = tea().await;
    let before = house.state().await;
    let all = admin(&house);
    let good = json!({"room": "tea"});
    for (more, wanted) in [
        (json!({"paras": [good, {"receiver": "ghost"}]}), "404 CLIENT_NOT_FOUND"),
        (json!({"paras": [good, {"room": "none"}]}), "404 ROOM_NOT_FOUND"),
        (json!({"paras": [good, {}]}), "400 MISSING_PARAMETER"),
        (json!({"paras": [good, {"room": 5}]}), "400 INVALID_REQUEST"),
        (json!({"paras": [{"room": "tea", "$x$": []}]}), "400 INVALID_REQUEST"),
        (json!({"paras": "tea"}), "400 INVALID_REQUEST"),
        (json!({"paras": [good], "sender": "ghost"}), "404 CLIENT_NOT_FOUND"),
        (json!({"paras": [{"receiver": "okello"}], "sender": ""}), "400 MISSING_PARAMETER"),
        (json!({"paras": [good], "message": null}), "400 MISSING_PARAMETER"),
    ] {
        let mut body = json!({"sender": "mira", "message": "x"});
        more.as_object().expect("an object").iter().for_each(|(name, value)| body[name] = value.clone());
        assert_eq!(all.fails("POST", "/messages/batch", body.clone()).await, wanted, "{body}");
    }
    assert_eq!(house.state().await, before);
    let outsider = client(&house, "okello");
    let body = json!({"message": "x", "paras": [{"room": "tea"}]});
    assert_eq!(outsider.fails("POST", "/messages/batch", body).await, "403 NOT_ROOM_MEMBER");
    let body = json!({"message": "x", "paras": [{"receiver": "mira"}], "sender": "jonas"});
    outsider.does("POST", "/messages/batch", body).await;
    let last = client(&house, "mira").sees(&format!("/rooms/{PAIR}")).await["lastMessage"].clone();
    assert_eq!(last["sender"]["_id"], "okello", "a client sends as itself");
}

#[tokio::test]
async fn a_batch_leaves_out_what_a_room_refuses() {
    let house = tea().await;
    let all = admin(&house);
    all.does("PUT", "/rooms/tea", json!({"status": 0})).await;
    let body = json!({"sender": "mira", "message": "x", "paras": [{"room": "tea"}, {"room": "pair"}]});
    let batch = all.does("POST", "/messages/batch", body).await;
    assert_eq!(batch["count"], 2);
    let page = all.sees(&format!("/messages/batch?batchID={}", batch["batchID"].as_str().expect("an id"))).await;
    assert_eq!((&page["count"], &page["data"][0]["room"]), (&json!(1), &json!("pair")));
}

#[tokio::test]
async fn the_platform_changes_and_takes_back_what_it_sent_as_somebody() {
    let house = tea().await;
    let all = admin(&house);
    let body = json!({"room": "tea", "sender": "nadia", "messageType": "text", "message": "one", "batchID": "mine"});
    let said = all.does("POST", "/messages", body.clone()).await;
    assert_eq!((&said["sender"], said.get("batchID")), (&json!("nadia"), None));
    let mut again = body.clone();
    (again["_id"], again["message"]) = (said["_id"].clone(), json!("two"));
    assert_eq!(all.does("POST", "/messages", again.clone()).await["message"], "two");
    again["messageType"] = json!("recall");
    assert_eq!(all.does("POST", "/messages", again).await["message"], "");
    for (field, wanted) in [
        ("room", "400 MISSING_PARAMETER"),
        ("sender", "400 MISSING_PARAMETER"),
        ("messageType", "400 MISSING_PARAMETER"),
        ("message", "400 MISSING_PARAMETER"),
    ] {
        let mut body = body.clone();
        body[field] = Value::Null;
        assert_eq!(all.fails("POST", "/messages", body).await, wanted, "{field}");
    }
    let mut ghost = body;
    ghost["sender"] = json!("ghost");
    assert_eq!(all.fails("POST", "/messages", ghost).await, "404 CLIENT_NOT_FOUND");
}

/// Two rooms of mira's and one that is not hers, a message a second.
async fn rooms() -> House {
    let mut world = world();
    let rooms = &mut world["imkit"]["LocalApp"]["rooms"];
    rooms[0]["roomTags"] = json!(["work", "green"]);
    rooms[0]["preferences"] = json!([{"client": "mira", "pref": {"tags": ["Daily"], "folder": "Leisure"}}]);
    let other = json!({"_id": "other", "name": "Tea for others", "members": ["okello"], "roomTags": ["work"]});
    rooms.as_array_mut().expect("an array").push(other);
    let house = start(world).await;
    for (who, room, text) in
        [("mira", "tea", "Kettle on"), ("jonas", "pair", "a kettle?"), ("okello", "other", "kettle")]
    {
        let path = format!("/rooms/{room}/message");
        client(&house, who).does("POST", &path, json!({"message": text})).await;
        house.emulator.clock().advance(Duration::from_secs(1));
    }
    let body = json!({"messageType": "file", "message": "plan", "url": "https://img.example/plan.pdf", "extra": {"name": "Kettle plan"}});
    client(&house, "jonas").does("POST", "/rooms/tea/message", body).await;
    house
}

#[tokio::test]
async fn lists_of_many_rooms_are_the_callers_and_newest_first() {
    let house = rooms().await;
    let mira = client(&house, "mira");
    let recent = mira.sees("/messages/recent").await;
    assert_eq!((&recent["count"], texts(&recent)), (&json!(3), vec!["plan", "a kettle?", "Kettle on"]));
    assert_eq!(texts(&mira.sees("/messages/recent?limit=2").await), ["plan", "a kettle?"]);
    let found = mira
        .sees("/messages?limit=1&q=%7B%22message%22:%7B%22$regex%22:%22kettle%22,%22$options%22:%22i%22%7D%7D")
        .await;
    assert_eq!((&found["totalCount"], texts(&found)), (&json!(2), vec!["a kettle?"]));
    let since = "%7B%22createdAtMS%22:%7B%22$gte%22:1767603601000%7D,%22room%22:%22tea%22%7D";
    assert_eq!(texts(&mira.sees(&format!("/messages?q={since}")).await), ["plan"]);
    let words = mira.does("POST", "/messages/search", json!({"message": "kettle"})).await;
    assert_eq!(texts(&words), ["a kettle?", "Kettle on"]);
    let all = admin(&house);
    assert_eq!(texts(&all.sees("/admin/messages").await), ["plan", "kettle", "a kettle?", "Kettle on"]);
    let path = "/admin/messages?startDate=2026-01-05T09:00:01.000Z&endDate=2026-01-05T09:00:03.000Z";
    assert_eq!(texts(&all.sees(path).await), ["kettle", "a kettle?"]);
    assert_eq!(all.sees("/admin/messages?startDate=2026-01-06").await["totalCount"], 0);
    all.does("PUT", "/rooms/tea", json!({"status": 0})).await;
    assert_eq!(texts(&mira.sees("/messages/recent").await), ["a kettle?"], "inactive rooms are left out");
}

#[tokio::test]
async fn a_search_answers_each_kind_that_was_asked_for_with_an_array() {
    let house = rooms().await;
    let mira = client(&house, "mira");
    let ids = |list: &Value| {
        let list = list.as_array().expect("an array").iter();
        list.map(|item| item.get("room").unwrap_or(item)["_id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    for (kind, keyword, wanted) in [
        ("messages", "KETTLE", &["pair", "tea"][..]),
        ("files", "kettle", &["tea"]),
        ("files", "on", &[]),
        ("roomName", "tea", &["tea"]),
        ("roomMember", "jon", &["tea", "pair"]),
        ("roomMember", "okello", &[]),
        ("roomTags", "gree", &["tea"]),
        ("roomPrefTags", "daily", &["tea"]),
        ("roomPrefFolder", "leis", &["tea"]),
        ("roomPrefFolder", "x", &[]),
    ] {
        let found = mira.does("POST", "/search", json!({"type": [kind], "keyword": keyword})).await;
        let keys: Vec<&String> = found.as_object().expect("an object").keys().collect();
        assert_eq!(
            (keys, ids(&found[kind])),
            (vec![&kind.to_owned()], wanted.iter().map(|id| (*id).to_owned()).collect()),
            "{kind}"
        );
    }
    let both = mira.does("POST", "/search", json!({"type": ["files", "messages", "files"], "keyword": "plan"})).await;
    let keys: Vec<&String> = both.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["files", "messages"]);
    assert_eq!(both["files"][0]["messages"], json!([both["files"][0]["messageID"]]));
    assert!(both["messages"][0]["room"]["members"].is_array() && both["messages"][0]["room"]["unread"] == 1);
    let limited = mira.does("POST", "/search", json!({"type": ["messages"], "keyword": "kettle", "limit": 1})).await;
    assert_eq!(ids(&limited["messages"]), ["pair"]);
    let body = json!({"type": ["messages"], "keyword": "kettle", "room": "tea"});
    assert_eq!(ids(&mira.does("POST", "/search", body).await["messages"]), ["tea"]);
    let body = json!({"type": ["messages", "roomTags"], "roomTags": ["green", "work"]});
    let tagged = mira.does("POST", "/search", body).await;
    assert_eq!((ids(&tagged["messages"]), ids(&tagged["roomTags"])), (vec!["tea".into()], vec!["tea".into()]));
    for (kinds, keyword, code) in [
        (json!([]), json!("x"), "400 INVALID_SEARCH_TYPE"),
        (json!(null), json!("x"), "400 INVALID_SEARCH_TYPE"),
        (json!("messages"), json!("x"), "400 INVALID_SEARCH_TYPE"),
        (json!(["messages", 5]), json!("x"), "400 INVALID_SEARCH_TYPE"),
        (json!(["messages"]), json!(null), "400 MISSING_PARAMETER"),
        (json!(["messages"]), json!(5), "400 INVALID_REQUEST"),
    ] {
        assert_eq!(mira.fails("POST", "/search", json!({"type": kinds, "keyword": keyword})).await, code);
    }
}

#[tokio::test]
async fn a_room_is_read_by_id_around_a_message_and_counted() {
    let house = tea().await;
    let mira = client(&house, "mira");
    let mut ids = Vec::new();
    for text in ["1", "2", "3", "4", "5"] {
        ids.push(mira.says(text).await["_id"].as_str().expect("an id").to_owned());
        house.emulator.clock().advance(Duration::from_secs(1));
    }
    mira.does("POST", "/rooms/tea/message", json!({"_id": ids[0], "message": "1"})).await;
    assert_eq!(texts(&mira.sees("/rooms/tea/messages").await), ["5", "4", "3", "2", "1"], "not by the time of change");
    let page = mira.sees(&format!("/rooms/tea/messages?limit=2&beforeMessage={}", ids[3])).await;
    assert_eq!((&page["totalCount"], texts(&page)), (&json!(5), vec!["3", "2"]));
    for (query, wanted) in
        [("", vec!["3"]), ("before=1&after=9", vec!["5", "4", "3", "2"]), ("before=9", vec!["3", "2", "1"])]
    {
        let page = mira.sees(&format!("/rooms/tea/messages/{}?{query}", ids[2])).await;
        assert_eq!((texts(&page), &page["totalCount"]), (wanted.clone(), &json!(wanted.len())), "{query}");
    }
    for (query, count) in [("", 5), ("?timeInMS=1767603602000", 3), ("?timeInMS=1767603605000", 0)] {
        assert_eq!(mira.sees(&format!("/rooms/tea/count{query}")).await, json!({"count": count}), "{query}");
    }
}
