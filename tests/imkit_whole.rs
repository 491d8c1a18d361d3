//! IMKIT's state document with everything in it at once: put back, it is the same, and so is what clients see.

mod common;
#[path = "common/form.rs"]
mod form;
#[path = "common/imkit.rs"]
mod imkit;

use common::{House, start};
use form::{MIRA, file_about, send};
use imkit::{admin, client, tea};
use serde_json::{Value, json};

/// Every part of the document gets something of every kind.
async fn lived_in() -> House {
    let house = tea().await;
    let (mira, jonas, all) = (client(&house, "mira"), client(&house, "jonas"), admin(&house));
    let id = |message: &Value| message["_id"].as_str().expect("an id").to_owned();
    all.does("POST", "/admin/groups", json!({"_id": "crew", "nickname": "Crew", "members": ["nadia"]})).await;
    all.does("POST", "/admin/clients", json!({"_id": "guest", "email": "g@example.com", "issueAccessToken": true}))
        .await;
    all.does("POST", "/admin/robots", json!({"_id": "helper", "callbackUrl": "http://127.0.0.1:9/"})).await;
    all.does("POST", "/config", json!({"censorship": {"keywords": ["foo"]}, "announcement": {"text": "hi"}})).await;
    let owned = json!({"owner": "mira", "managers": ["jonas"], "roomTags": ["green"], "webhook": "key", "opening": 1});
    all.does("PUT", "/rooms/tea", owned).await;
    mira.does("PUT", "/rooms/tea/bot", json!({"botState": "IDLE"})).await;
    mira.adds(json!({"invitees": ["crew", "guest", "helper"], "systemMessage": true})).await;
    mira.adds(json!({"invitees": ["okello"], "invitationRequired": true})).await;
    let (one, two) = (mira.says("one foo").await, jonas.says("two").await);
    let reply = json!({"message": "three", "reply": id(&one), "mentions": ["jonas"], "extra": {"z": 1, "a": [null]}});
    mira.does("POST", "/rooms/tea/message", reply).await;
    mira.does("POST", "/rooms/tea/message", json!({"_id": id(&one), "messageType": "recall"})).await;
    mira.does("POST", &format!("/messages/{}/pin", id(&two)), Value::Null).await;
    mira.does("POST", &format!("/messages/{}/hidden", id(&two)), Value::Null).await;
    mira.does("POST", &format!("/messages/{}/reaction", id(&two)), json!({"reaction": "like"})).await;
    jonas.does("POST", "/messages/user-delete", json!({"room": "tea", "messages": [id(&one)]})).await;
    jonas.does("PUT", "/rooms/tea/lastRead", json!({"message": id(&two)})).await;
    mira.does("PUT", "/rooms/tea/member/jonas", json!({"property": "grade", "value": {"of": 3}})).await;
    mira.removes(json!({"members": ["guest"]})).await;
    mira.does("POST", "/blockStatus/room/tea/helper", Value::Null).await;
    mira.does("POST", "/blockStatus/my/okello", Value::Null).await;
    let preference = json!({"tags": ["late"], "tagColors": {"late": "#a1b2c3"}, "folder": "Desk", "sticky": true});
    mira.does("POST", "/roomPrefs/tea", preference).await;
    client(&house, "nadia").does("POST", "/roomPrefs/tea/group/crew", json!({"hidden": true})).await;
    mira.does("POST", "/me/pref/theme", json!({"dark": true})).await;
    mira.does("POST", "/me/mute/tea", Value::Null).await;
    mira.does("POST", "/me/subscribe", json!({"type": "ios", "token": "p", "deviceId": "d"})).await;
    jonas.does("POST", "/me/notification/disable", Value::Null).await;
    jonas.does("POST", "/me/logout-others", Value::Null).await;
    send(&house, "/files/notes", &MIRA, file_about("a.txt", b"hello", r#"{"roomID": "tea"}"#)).await;
    let batch = json!({"sender": "jonas", "message": "$x$", "paras": [{"receiver": "nadia", "$x$": "hi"}]});
    all.does("POST", "/messages/batch", batch).await;
    house
}

/// What people see of it.
async fn sights(house: &House) -> Vec<String> {
    let mut seen = Vec::new();
    for who in ["mira", "jonas", "nadia", "okello"] {
        for path in [
            "/rooms?sort=createdTime",
            "/rooms/tea",
            "/rooms/tea/messages/v3",
            "/rooms/tea/invitations",
            "/rooms/tea/pined-messages",
            "/rooms/invitations",
            "/rooms/quitted",
            "/roomPrefs",
            "/roomPrefs/group/crew",
            "/me",
            "/me/badge",
            "/me/pref",
            "/blockStatus/my",
            "/blockStatus/room/tea",
            "/messages/user-delete?room=tea",
            "/files/notes",
            "/config",
        ] {
            seen.push(format!("{who} {path} {}", client(house, who).call("GET", path, Value::Null).await.text));
        }
    }
    for path in ["/admin/clients", "/admin/groups", "/admin/robots", "/auths/tokens", "/rooms/quitted"] {
        let guest = admin(house).with("IM-CLIENT-ID", "guest");
        seen.push(format!("guest {path} {}", guest.call("GET", path, Value::Null).await.text));
    }
    seen
}

/// One sight after the other, so that a difference is told by itself.
fn compare(after: &[String], before: &[String]) {
    after.iter().zip(before).for_each(|(after, before)| assert_eq!(after, before));
}

#[tokio::test]
async fn a_world_with_everything_in_it_is_put_back_equal() {
    let house = lived_in().await;
    let (state, seen) = (house.state().await, sights(&house).await);
    house.control("PUT", "state", state.clone()).await;
    assert_eq!(house.state().await, state);
    compare(&sights(&house).await, &seen);
    let other = start(state.clone()).await;
    assert_eq!(other.state().await, state);
    compare(&sights(&other).await, &seen);
}
