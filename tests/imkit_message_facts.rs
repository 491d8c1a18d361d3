//! What is told of messages, and to whom; what a state document keeps of them; and where marks meet badges.

mod common;
#[path = "common/imkit.rs"]
mod imkit;

use std::time::Duration;

use common::{House, start};
use imkit::{admin, badges, client, tea, world};
use serde_json::{Value, json};

/// Three in the room, the first of them its owner.
async fn three() -> House {
    let mut world = world();
    world["imkit"]["LocalApp"]["rooms"][0]["members"] = json!(["mira", "jonas", "okello"]);
    world["imkit"]["LocalApp"]["rooms"][0]["owner"] = json!("mira");
    start(world).await
}

/// Name, data and audience of the last event.
async fn last(house: &House) -> (Value, Value, Value) {
    let event = house.events().await.pop().expect("something was told");
    (event["event"].clone(), event["data"].clone(), event["audience"]["accounts"].clone())
}

fn id(message: &Value) -> &str {
    message["_id"].as_str().expect("an id")
}

#[tokio::test]
async fn reading_tells_the_others_how_far_and_only_when_it_goes_further() {
    let house = three().await;
    let (mira, jonas) = (client(&house, "mira"), client(&house, "jonas"));
    let (one, two) = (mira.says("one").await, mira.says("two").await);
    jonas.does("PUT", "/rooms/tea/lastRead", json!({"message": one["_id"]})).await;
    let news = json!({"roomID": "tea", "messageID": one["_id"], "memberID": "jonas"});
    let wanted = json!({"members": ["jonas"], "socket": "lastRead", "payload": news});
    assert_eq!(last(&house).await, (json!("member_changed"), wanted, json!(["mira", "okello"])));
    let count = house.events().await.len();
    jonas.does("PUT", "/rooms/tea/lastRead", json!({"message": one["_id"]})).await;
    assert_eq!(house.events().await.len(), count, "nothing new was read");
    let mark = jonas.does("PUT", "/rooms/tea/lastRead", json!({"message": two["_id"]})).await;
    assert_eq!(mark, json!({"client": "jonas", "lastRead": two["_id"], "badge": 0}));
    assert_eq!(jonas.sees("/rooms/tea").await["unread"], 0);
}

#[tokio::test]
async fn reading_clears_the_mention_and_own_messages_are_never_unread() {
    let house = three().await;
    let (mira, jonas) = (client(&house, "mira"), client(&house, "jonas"));
    let one = mira.does("POST", "/rooms/tea/message", json!({"message": "1", "mentions": ["jonas"]})).await;
    assert_eq!(jonas.sees("/rooms/tea").await["isMentioned"], true);
    jonas.says("2").await;
    mira.says("3").await;
    assert_eq!(badges(&mira.sees("/rooms/tea").await), ["mira 0", "jonas 1", "okello 3"]);
    let okello = client(&house, "okello");
    let mark = okello.does("PUT", "/rooms/tea/lastRead", json!({"message": one["_id"]})).await;
    assert_eq!(mark["badge"], 2);
    let back = jonas.does("PUT", "/rooms/tea/lastRead", json!({"message": one["_id"]})).await;
    assert_eq!((&back["badge"], back["lastRead"] == one["_id"]), (&json!(1), false), "never backwards");
}

#[tokio::test]
async fn reading_an_empty_room_changes_nothing() {
    let house = tea().await;
    let mira = client(&house, "mira");
    let before = house.state().await;
    for body in [json!({}), json!({"message": null}), json!({"message": "684ee1bca1b2c3d4e5f60718"})] {
        let mark = mira.does("PUT", "/rooms/tea/lastRead", body).await;
        assert_eq!(mark, json!({"client": "mira", "badge": 0}));
    }
    assert_eq!(house.state().await, before);
    assert!(house.events().await.is_empty());
    assert_eq!(mira.fails("PUT", "/rooms/tea/lastRead", json!({"message": 5})).await, "400 MISSING_PARAMETER");
    let nobody = admin(&house).fails("PUT", "/rooms/tea/lastRead", json!({"message": "x"})).await;
    assert_eq!(nobody, "400 MISSING_PARAMETER");
    let stranger = admin(&house).with("IM-CLIENT-ID", "nadia");
    assert_eq!(stranger.fails("PUT", "/rooms/tea/lastRead", json!({"message": "x"})).await, "403 NOT_ROOM_MEMBER");
}

#[tokio::test]
async fn typing_is_told_to_the_others_and_leaves_no_trace() {
    let house = three().await;
    let before = house.state().await;
    client(&house, "jonas").does("POST", "/rooms/tea/typing", json!({"message": "te"})).await;
    let info = json!({"_id": "jonas", "nickname": "Jonas", "id": "jonas", "lastLoginTimeMS": 1_767_603_600_000_i64});
    let news = json!({"room": "tea", "message": "te", "sender": "jonas", "senderInfo": info});
    let wanted = json!({"members": ["jonas"], "socket": "typing", "payload": news});
    assert_eq!(last(&house).await, (json!("member_changed"), wanted, json!(["mira", "okello"])));
    assert_eq!(house.state().await, before);
}

#[tokio::test]
async fn deleting_for_everybody_tells_all_members_and_takes_badges_and_mentions_back() {
    let house = three().await;
    let (mira, jonas) = (client(&house, "mira"), client(&house, "jonas"));
    let one = mira.does("POST", "/rooms/tea/message", json!({"message": "1", "mentions": ["jonas"]})).await;
    let two = mira.says("2").await;
    mira.does("DELETE", &format!("/rooms/tea/messages/{}", id(&one)), Value::Null).await;
    let news = json!({"room": "tea", "messageID": one["_id"], "messages": [one["_id"]]});
    let everybody = json!(["mira", "jonas", "okello"]);
    assert_eq!(
        last(&house).await,
        (json!("info_changed"), json!({"socket": "messageDeleted", "payload": news}), everybody.clone())
    );
    let room = jonas.sees("/rooms/tea").await;
    assert_eq!((&room["unread"], &room["isMentioned"]), (&json!(1), &json!(false)));
    let gone = admin(&house).does("DELETE", "/rooms/tea/messages/_all", Value::Null).await;
    assert_eq!((&gone["deletedCount"], &gone["messageID"]), (&json!(1), &json!("_all")));
    let news = json!({"room": "tea", "messageID": "_all", "messages": [two["_id"]]});
    assert_eq!(
        last(&house).await,
        (json!("info_changed"), json!({"socket": "messageDeleted", "payload": news}), everybody)
    );
    let room = jonas.sees("/rooms/tea").await;
    assert_eq!((room.get("lastMessage"), &room["unread"]), (None, &json!(0)));
    mira.says("3").await;
    assert_eq!(badges(&mira.sees("/rooms/tea").await), ["mira 0", "jonas 1", "okello 1"]);
}

#[tokio::test]
async fn deleting_for_oneself_tells_oneself_and_others_see_the_message() {
    let house = three().await;
    let (mira, jonas) = (client(&house, "mira"), client(&house, "jonas"));
    let said = mira.says("1").await;
    house.emulator.clock().advance(Duration::from_secs(1));
    let body = json!({"room": "tea", "messages": [said["_id"], said["_id"], "none"]});
    let answer = jonas.does("POST", "/messages/user-delete", body.clone()).await;
    let wanted = json!({"n": 1, "nModified": 1, "ok": 1, "room": "tea", "totalCount": 1, "messages": [said["_id"]]});
    assert_eq!(answer.to_string(), wanted.to_string());
    let news = json!({"room": "tea", "messages": [said["_id"]], "isUserDeleteAllMessagesInRoom": false});
    let wanted = json!({"members": ["jonas"], "socket": "userDeleteMessages", "payload": news});
    assert_eq!(last(&house).await, (json!("member_changed"), wanted, json!(["jonas"])));
    house.emulator.clock().advance(Duration::from_secs(1));
    assert_eq!(jonas.does("POST", "/messages/user-delete", body).await["nModified"], 0);
    let line = json!({"message": said["_id"], "createdAt": "2026-01-05T09:00:01.000Z", "updatedAt": "2026-01-05T09:00:02.000Z"});
    let listed = jonas.sees("/messages/user-delete?room=tea").await;
    assert_eq!(listed, json!({"totalCount": 1, "data": [line]}));
    let all = mira.does("POST", "/messages/user-delete/all-in-room", json!({"room": "tea"})).await;
    assert_eq!(all["nModified"], 1);
    assert_eq!(last(&house).await.1["payload"]["isUserDeleteAllMessagesInRoom"], true);
    assert_eq!(client(&house, "okello").sees("/rooms/tea/messages/v3").await["userDeletedIDs"], json!([]));
    let found = jonas.does("POST", "/messages/search", json!({"message": "1"})).await;
    assert_eq!(found["data"], json!([]), "what one deleted is not found by words");
}

#[tokio::test]
async fn a_mark_is_told_as_a_changed_message_and_the_same_mark_again_is_not() {
    let house = three().await;
    let (mira, jonas) = (client(&house, "mira"), client(&house, "jonas"));
    let said = mira.says("1").await;
    house.emulator.clock().advance(Duration::from_secs(1));
    let path = |what: &str| format!("/messages/{}/{what}", id(&said));
    for (name, who, method, what, body) in [
        ("reaction", &jonas, "POST", "reaction", json!({"reaction": "like"})),
        ("pin", &mira, "POST", "pin", json!({})),
        ("hiding", &mira, "POST", "hidden", json!({})),
        ("taking the reaction back", &jonas, "DELETE", "reaction", json!({"reaction": "like"})),
    ] {
        let count = house.events().await.len();
        let marked = who.does(method, &path(what), body.clone()).await;
        assert_eq!(marked["updatedAtMS"], 1_767_603_601_000_i64, "{name}");
        let (event, data, audience) = last(&house).await;
        assert_eq!((event, &data["message"]["_id"]), (json!("posted"), &said["_id"]), "{name}");
        assert_eq!(audience, json!(["mira", "jonas", "okello"]), "{name}");
        who.does(method, &path(what), body).await;
        assert_eq!(house.events().await.len(), count + 1, "{name} again");
    }
    assert_eq!(jonas.sees("/rooms/tea").await["unread"], 0, "hidden messages are not unread");
    mira.does("DELETE", &path("hidden"), Value::Null).await;
    assert_eq!(jonas.sees("/rooms/tea").await["unread"], 1);
}

#[tokio::test]
async fn a_message_of_a_room_one_is_not_in_is_told_from_one_that_is_nowhere() {
    let house = three().await;
    let said = client(&house, "mira").says("1").await;
    let nadia = client(&house, "nadia");
    for (message, wanted) in [(id(&said), "403 NOT_ROOM_MEMBER"), ("none", "404 MESSAGE_NOT_FOUND")] {
        for (method, what) in [("POST", "pin"), ("DELETE", "pin"), ("POST", "hidden"), ("DELETE", "hidden")] {
            assert_eq!(nadia.fails(method, &format!("/messages/{message}/{what}"), Value::Null).await, wanted);
        }
        let path = format!("/messages/{message}/reaction");
        assert_eq!(nadia.fails("POST", &path, json!({"reaction": "like"})).await, wanted);
    }
    let nobody =
        admin(&house).fails("POST", &format!("/messages/{}/reaction", id(&said)), json!({"reaction": "a"})).await;
    assert_eq!(nobody, "400 MISSING_PARAMETER", "reacting wants a client");
}

#[tokio::test]
async fn a_state_document_keeps_every_mark_and_gives_an_equal_one() {
    let house = three().await;
    let (mira, jonas) = (client(&house, "mira"), client(&house, "jonas"));
    let (one, two) = (mira.says("1").await, mira.says("2").await);
    for what in ["pin", "hidden"] {
        mira.does("POST", &format!("/messages/{}/{what}", id(&one)), Value::Null).await;
    }
    mira.does("POST", &format!("/messages/{}/pin", id(&two)), Value::Null).await;
    mira.does("DELETE", &format!("/messages/{}/pin", id(&two)), Value::Null).await;
    jonas.does("POST", &format!("/messages/{}/reaction", id(&two)), json!({"reaction": "like"})).await;
    for who in [&mira, &jonas] {
        who.does("POST", "/messages/user-delete", json!({"room": "tea", "messages": [two["_id"]]})).await;
    }
    jonas.does("PUT", "/rooms/tea/lastRead", json!({"message": one["_id"]})).await;
    let body = json!({"sender": "mira", "message": "$x$", "paras": [{"receiver": "okello", "$x$": "hi"}]});
    admin(&house).does("POST", "/messages/batch", body).await;
    let state = house.state().await;
    let app = &state["imkit"]["LocalApp"];
    let messages = app["messages"].as_array().expect("messages");
    let kept = |id: &Value| messages.iter().find(|message| message["_id"] == *id).expect("it is kept").clone();
    let (first, second) = (kept(&one["_id"]), kept(&two["_id"]));
    assert_eq!((&first["isPined"], &first["isHidden"]), (&json!(true), &json!(true)));
    assert_eq!((&second["isPined"], second.get("isHidden")), (&json!(false), None));
    assert_eq!(second["reactions"], json!([{"client": "jonas", "reaction": "like"}]));
    let at = "2026-01-05T09:00:00.000Z";
    let line = |who: &str| json!({"client": who, "createdAt": at, "updatedAt": at});
    assert_eq!(second["userDeleted"], json!([line("jonas"), line("mira")]));
    assert!(messages.iter().any(|message| message["batchID"].is_string() && message["message"] == "hi"));
    let room = app["rooms"].as_array().and_then(|rooms| rooms.iter().find(|room| room["_id"] == "tea")).expect("tea");
    assert!(room["memberProperties"].to_string().contains(&format!("\"lastRead\":{}", one["_id"])), "{room}");
    let seen = jonas.sees("/rooms/tea/messages/v3").await;
    house.control("PUT", "state", state.clone()).await;
    assert_eq!(house.state().await, state);
    assert_eq!(client(&house, "jonas").sees("/rooms/tea/messages/v3").await, seen);
}

#[tokio::test]
async fn a_document_names_who_deleted_a_message_once() {
    let house = tea().await;
    let twice = json!([{"client": "mira"}, {"client": "mira"}]);
    let message = json!({"_id": "6553f1000000000000000001", "room": "copy", "messageTimeMS": 1, "userDeleted": twice});
    let document = json!({"imulator": 1, "imkit": {"LocalApp": {"rooms": [{"_id": "copy"}], "messages": [message]}}});
    let answer = house.call("POST", "/_imulator/seed", &[("host", "localhost")], document).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert_eq!(answer.json()["error"]["path"], "imkit.LocalApp.messages[0].userDeleted[1]", "{}", answer.text);
}
