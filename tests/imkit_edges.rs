//! IMKIT where clients are odd: empty optional fields, extreme times, repeated names, crowds of fields, queries.

mod common;
#[path = "common/imkit.rs"]
mod imkit;

use common::{House, start};
use imkit::{admin, client, refusal, tea, world};
use serde_json::{Value, json};

/// The world is put back as it is, and is the same again.
async fn survives_being_put_back(house: &House) {
    let state = house.state().await;
    house.control("PUT", "state", state.clone()).await;
    assert_eq!(house.state().await, state);
}

#[tokio::test]
async fn a_time_beyond_all_dates_is_refused_and_spoils_no_snapshot() {
    let house = tea().await;
    for end in ["9223372036854775807", "-9223372036854775808"] {
        let body = json!({"_id": "mira", "token": "new", "expirationDate": end});
        assert_eq!(admin(&house).fails("POST", "/admin/clients", body).await, "400 INVALID_REQUEST");
        let path = format!("/rooms?updatedAfter={end}");
        assert_eq!(client(&house, "mira").fails("GET", &path, Value::Null).await, "400 INVALID_REQUEST");
    }
    survives_being_put_back(&house).await;
}

#[tokio::test]
async fn null_empty_and_zero_count_as_absent_where_a_field_is_optional() {
    let house = tea().await;
    let mira = client(&house, "mira");
    for nothing in [Value::Null, json!(""), json!(0)] {
        let body = json!({"_id": "mira", "nickname": "Mira", "token": nothing, "expirationDate": nothing});
        let record = admin(&house).does("POST", "/admin/clients", body).await;
        assert!(record.get("token").is_none(), "{record}");
        let body = json!({"message": "hi", "_id": nothing, "messageType": nothing, "mentions": nothing,
            "reply": nothing, "sender": nothing});
        let said = mira.does("POST", "/rooms/tea/message", body).await;
        assert_eq!((&said["messageType"], said.get("mentions"), said.get("reply")), (&json!("text"), None, None));
        let body = json!({"owner": nothing, "managers": nothing, "roomType": nothing, "roomTags": nothing});
        let room = mira.does("PUT", "/rooms/tea", body).await;
        assert_eq!((&room["roomType"], &room["roomTags"]), (&json!("group"), &json!([])));
    }
}

#[tokio::test]
async fn a_client_may_have_a_great_many_fields() {
    let house = tea().await;
    let mut body: Value = (0..40_000).map(|n| (format!("f{n}"), json!(n))).collect::<serde_json::Map<_, _>>().into();
    body["_id"] = json!("mira");
    let record = admin(&house).does("POST", "/admin/clients", body).await;
    assert_eq!((&record["f0"], &record["f39999"], &record["nickname"]), (&json!(0), &json!(39_999), &json!("Mira")));
}

#[tokio::test]
async fn many_managers_may_leave_at_once() {
    let crowd: Vec<String> = (0..20_000).map(|n| format!("u{n}")).collect();
    let managers: Vec<String> = crowd.iter().map(|id| format!("m{id}")).collect();
    let mut world = world();
    let mut members = crowd.clone();
    members.push("mira".into());
    world["imkit"]["LocalApp"]["rooms"][0]["members"] = json!(members);
    world["imkit"]["LocalApp"]["rooms"][0]["managers"] = json!(managers);
    let house = start(world).await;
    client(&house, "mira").removes(json!({"members": crowd})).await;
}

#[tokio::test]
async fn of_a_repeated_name_in_a_document_the_last_counts() {
    let house = start(world()).await;
    let document = r#"{"imulator":1,"imkit":{"LocalApp":{"client_keys":["ck"],"api_keys":["ak"],
        "clients":[{"_id":"mira","nickname":"one","x":1,"nickname":"two","x":2}],
        "rooms":[{"_id":"tea","members":["mira"]}],
        "messages":[{"_id":"6553f1000000000000000001","room":"tea","message":"one","message":"two","messageTimeMS":1}]}}}"#;
    house.control("PUT", "state", document).await;
    let answer = house.imkit("POST", "/admin/clients", &[("IM-API-KEY", "ak")], json!({"_id": "mira"})).await;
    assert_eq!(answer.text.matches("nickname").count(), 1, "{}", answer.text);
    assert_eq!((&answer.json()["result"]["nickname"], &answer.json()["result"]["x"]), (&json!("two"), &json!(2)));
    let answer = house.imkit("GET", "/rooms/tea", &[("IM-API-KEY", "ak")], "").await;
    assert!(answer.text.contains(r#""message":"two""#) && !answer.text.contains(r#""message":"one""#));
}

#[tokio::test]
async fn a_seed_may_not_take_a_token_or_a_message_id_from_others() {
    let house = tea().await;
    let said = client(&house, "mira").says("hello").await;
    let seed = |app: Value| json!({"imulator": 1, "imkit": {"LocalApp": app}}).to_string();
    let thief = json!({"_id": "eve", "tokens": ["t-mira"]});
    let copy = json!({"_id": said["_id"], "room": "copy", "messageTimeMS": 1});
    for (app, path) in [
        (json!({"clients": [thief]}), "imkit.LocalApp.clients[0].tokens[0]"),
        (json!({"rooms": [{"_id": "copy"}], "messages": [copy]}), "imkit.LocalApp.messages[0]._id"),
    ] {
        let before = house.state().await;
        let answer = house.call("POST", "/_imulator/seed", &[("host", "localhost")], seed(app).as_str()).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]["path"]), (400, &json!(path)), "{}", answer.text);
        assert_eq!(house.state().await, before);
    }
    let swap = json!({"clients": [{"_id": "eve", "tokens": ["t-mira"]}, {"_id": "mira", "tokens": ["other"]}]});
    house.control("POST", "seed", seed(swap).as_str()).await;
    let me = [("IM-CLIENT-KEY", "ck"), ("IM-Authorization", "t-mira")];
    let answer = house.imkit("GET", "/rooms", &me, "").await;
    assert_eq!((answer.status.as_u16(), &answer.json()["result"]["totalCount"]), (200, &json!(0)), "it is eve's now");
    survives_being_put_back(&house).await;
}

#[tokio::test]
async fn a_refused_key_or_token_is_told_by_its_first_eight_characters() {
    let house = common::start_with(world(), |config| config.closed = true).await;
    for headers in [
        vec![("IM-CLIENT-KEY", "ck"), ("IM-Authorization", "SECRETS-and-more")],
        vec![("IM-CLIENT-KEY", "SECRETS-and-more"), ("IM-Authorization", "t-mira")],
        vec![("IM-API-KEY", "SECRETS-and-more")],
    ] {
        let answer = house.imkit("GET", "/rooms", &headers, "").await;
        refusal(&answer);
        assert!(answer.why().contains("\"SECRETS-") && !answer.text.contains("and-more"), "{}", answer.text);
    }
    let entries = house.control("GET", "journal", "").await.to_string();
    assert!(entries.contains("SECRETS-") && !entries.contains("and-more"));
}

#[tokio::test]
async fn a_changed_room_tells_all_that_changed() {
    let house = tea().await;
    client(&house, "mira")
        .does(
            "PUT",
            "/rooms/tea",
            json!({"roomTags": ["a"], "botMode": true, "encrypted": true,
        "roomType": "custom", "name": "N", "status": 0}),
        )
        .await;
    admin(&house).does("PUT", "/rooms/tea", json!({"managers": ["mira"]})).await;
    let told: Vec<Value> = house.events().await.into_iter().map(|event| event["data"].clone()).collect();
    assert_eq!(
        told,
        [
            json!({"name": "N", "roomType": "custom", "roomTags": ["a"], "botMode": true, "encrypted": true, "status": 0}),
            json!({"managers": ["mira"]})
        ]
    );
}

#[tokio::test]
async fn queries_that_are_none_are_refused_and_numbers_are_equal_by_value() {
    let house = tea().await;
    let mira = client(&house, "mira");
    for q in ["true", "5", "[]", "\"x\"", r#"{"$or":[]}"#, r#"{"$and":[]}"#] {
        assert_eq!(
            mira.fails("GET", &format!("/rooms?q={}", encoded(q)), Value::Null).await,
            "400 INVALID_QUERY",
            "{q}"
        );
    }
    for (q, count) in [
        (r#"{"status":1.0}"#, 2),
        (r#"{"status":{"$in":[1.0]}}"#, 2),
        (r#"{"status":{"$ne":1.0}}"#, 0),
        (r#"{"roomTags":{"$all":[]}}"#, 0),
    ] {
        assert_eq!(mira.sees(&format!("/rooms?q={}", encoded(q))).await["totalCount"], count, "{q}");
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

#[tokio::test]
async fn sending_to_a_room_that_is_not_there_tells_a_person_so() {
    let house = tea().await;
    for caller in [client(&house, "mira"), admin(&house)] {
        let answer = caller.call("POST", "/rooms/none/message", json!({"message": "hi"})).await;
        assert_eq!(refusal(&answer), "403 NOT_ROOM_MEMBER");
        assert!(answer.why().starts_with("No room with id none"), "{}", answer.why());
    }
}

#[tokio::test]
async fn the_pair_of_a_direct_room_may_be_named_twice() {
    let house = tea().await;
    for (path, body) in [
        ("/rooms", json!({"roomType": "direct", "members": ["okello", "nadia", "okello"]})),
        ("/rooms", json!({"roomType": "direct", "members": ["nadia", "okello"]})),
    ] {
        let room = admin(&house).does("POST", path, body).await;
        assert_eq!(room["_id"], imulator::api::imkit::rooms::pair_id("okello", "nadia").as_str());
    }
}

#[tokio::test]
async fn patterns_may_count_letters_and_there_are_at_most_sixteen() {
    let house = tea().await;
    let mira = client(&house, "mira");
    let q = r#"{"name":{"$regex":"^\\w{3} \\w{5}$"}}"#;
    assert_eq!(mira.sees(&format!("/rooms?q={}", encoded(q))).await["totalCount"], 1);
    for (count, wanted) in [(16, 200), (17, 400)] {
        let q = json!({"$or": vec![json!({"name": {"$regex": "^Tea"}}); count]}).to_string();
        let answer = mira.call("GET", &format!("/rooms?q={}", encoded(&q)), Value::Null).await;
        assert_eq!(answer.status, wanted, "{}", answer.text);
    }
}

#[tokio::test]
async fn each_invitation_answers_with_its_whole_room() {
    let mut world = world();
    let app = &mut world["imkit"]["LocalApp"];
    let crowd: Vec<String> = (0..2000).map(|n| format!("u{n}")).collect();
    let people = crowd.iter().map(|id| json!({"_id": id, "nickname": id}));
    app["clients"].as_array_mut().expect("a list").extend(people);
    let mut members = crowd.clone();
    members.push("mira".into());
    app["rooms"][0]["members"] = json!(members);
    let asked = (0..60).map(|n| json!({"invitee": format!("i{n}"), "inviter": "mira"}));
    let mine = (0..60).map(|n| json!({"invitee": "nadia", "inviter": format!("u{n}")}));
    app["rooms"][0]["invitations"] = json!(asked.chain(mine).collect::<Vec<_>>());
    let house = start(world).await;
    let answer =
        client(&house, "mira").call("POST", "/rooms/tea/delete/invitations", json!({"invitees": ["i0"]})).await;
    let mine = client(&house, "nadia").call("GET", "/rooms/invitations", Value::Null).await;
    for (answer, count) in [(answer, 119), (mine, 60)] {
        let head = format!(r#"{{"RC":0,"RM":"OK","result":{{"totalCount":{count},"data":[{{"#);
        assert!(answer.text.starts_with(&head) && answer.text.ends_with("}]}}"), "{}", &answer.text[..80]);
        assert_eq!(answer.text.matches(r#""_id":"u1999""#).count(), count);
    }
}

#[tokio::test]
async fn an_empty_text_leaves_a_room_as_it_is_and_what_changes_nothing_tells_nothing() {
    let house = tea().await;
    let mira = client(&house, "mira");
    let full = json!({"name": "N", "cover": "C", "description": "D", "webhook": "W", "extParams": "E", "opening": 1});
    let before = mira.does("PUT", "/rooms/tea", full.clone()).await;
    let told = house.events().await.len();
    for nothing in [Value::Null, json!("")] {
        let body = json!({"name": nothing, "cover": nothing, "description": nothing, "webhook": nothing,
            "extParams": nothing, "opening": nothing, "status": nothing, "owner": nothing, "roomTags": nothing});
        assert_eq!(mira.does("PUT", "/rooms/tea", body).await, before);
    }
    assert_eq!(mira.does("PUT", "/rooms/tea", full).await, before);
    assert_eq!(mira.does("PUT", "/rooms/tea", json!({})).await, before);
    assert_eq!(house.events().await.len(), told);
    let shut = mira.does("PUT", "/rooms/tea", json!({"opening": 0, "status": 0})).await;
    assert_eq!((&shut["opening"], &shut["status"]), (&json!(0), &json!(0)));
    assert_eq!(mira.fails("PUT", "/rooms/tea", json!({"opening": "1"})).await, "400 INVALID_REQUEST");
}

#[tokio::test]
async fn an_owner_counts_for_nothing_where_the_room_exists() {
    let house = tea().await;
    let body = json!({"_id": "tea", "owner": "ghost", "members": ["okello"]});
    assert_eq!(client(&house, "nadia").fails("POST", "/rooms", body.clone()).await, "403 NOT_ROOM_MEMBER");
    let room = client(&house, "mira").does("POST", "/rooms", body).await;
    assert_eq!((&room["members"], room.get("owner")), (&json!(["mira", "jonas", "okello"]), None));
    let before = house.state().await;
    for body in [json!({"_id": "new", "owner": "ghost"}), json!({"owner": "ghost"})] {
        assert_eq!(client(&house, "mira").fails("POST", "/rooms", body).await, "404 CLIENT_NOT_FOUND");
    }
    assert_eq!(house.state().await, before, "a refused call draws no id");
}

#[tokio::test]
async fn a_plain_date_is_its_midnight() {
    let house = tea().await;
    let body = json!({"_id": "mira", "token": "new", "expirationDate": "2030-01-01"});
    let record = admin(&house).does("POST", "/admin/clients", body).await;
    assert_eq!(record["expirationDate"], "2030-01-01T00:00:00.000Z");
    for wrong in ["2030-13-01", "2030-1-1", "2030", "tomorrow"] {
        let body = json!({"_id": "mira", "token": "new", "expirationDate": wrong});
        let answer = admin(&house).call("POST", "/admin/clients", body).await;
        assert_eq!(wrong == "2030", answer.status == 200, "{wrong}: {}", answer.text);
    }
    assert_eq!(client(&house, "mira").sees("/rooms?updatedAfter=2024-01-01").await["totalCount"], 2);
}

#[tokio::test]
async fn a_document_with_empty_ids_or_repeats_is_refused_with_their_paths() {
    let house = tea().await;
    let left = "2026-01-05T09:00:00.000Z";
    for (place, value, path) in [
        ("rooms/0/invitations", json!([{"invitee": ""}]), "rooms[0].invitations[0].invitee"),
        ("rooms/0/owner", json!(""), "rooms[0].owner"),
        ("rooms/0/memberProperties", json!([{"client": ""}]), "rooms[0].memberProperties[0].client"),
        ("rooms/0/preferences", json!([{"client": "", "pref": {}}]), "rooms[0].preferences[0].client"),
        (
            "rooms/0/preferences",
            json!([{"client": "mira", "pref": {"quittedAt": left}}]),
            "rooms[0].preferences[0].pref.quittedAt",
        ),
        ("clients/0/tokens", json!([""]), "clients[0].tokens[0]"),
        ("clients/0/mute", json!(["tea", "tea"]), "clients[0].mute[1]"),
    ] {
        let mut document = world();
        let (parent, name) = place.rsplit_once('/').expect("a place has a parent");
        let parent = document.pointer_mut(&format!("/imkit/LocalApp/{parent}")).expect("the parent is there");
        parent[name] = value;
        let answer = house.call("PUT", "/_imulator/state", &[("host", "localhost")], document).await;
        assert_eq!(answer.status, 400, "{path}");
        assert_eq!(answer.json()["error"]["path"], format!("imkit.LocalApp.{path}"), "{}", answer.text);
    }
}

#[tokio::test]
async fn entries_keep_the_order_in_which_badge_and_last_read_came_to_be() {
    let house = tea().await;
    let said = client(&house, "mira").says("one").await;
    let last = client(&house, "jonas").says("two").await;
    let (first, second) = (said["_id"].as_str().expect("an id"), last["_id"].as_str().expect("an id"));
    let wanted = format!(
        r#""memberProperties":[{{"lastRead":"{first}","badge":1,"client":"mira"}},{{"badge":0,"lastRead":"{second}","client":"jonas"}}]"#
    );
    for _ in 0..2 {
        let answer = client(&house, "mira").call("GET", "/rooms/tea", Value::Null).await;
        assert!(answer.text.contains(&wanted), "{}", answer.text);
        survives_being_put_back(&house).await;
    }
    let line = json!([{"badge": 0, "client": "mira", "colour": "red"}]);
    let mut document = world();
    document["imkit"]["LocalApp"]["rooms"][0]["memberProperties"] = line;
    let answer = house.call("PUT", "/_imulator/state", &[("host", "localhost")], document).await;
    assert_eq!(answer.json()["error"]["path"], "imkit.LocalApp.rooms[0].memberProperties[0].colour", "{}", answer.text);
}
