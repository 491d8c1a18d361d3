//! IMKIT's door: keys, tokens, headers, paths, and state documents.

mod common;
#[path = "common/imkit.rs"]
mod imkit;

use common::{demo, start, start_with};
use imkit::{admin, client, refusal, tea, world, world_with};
use serde_json::{Value, json};

#[tokio::test]
async fn both_documented_samples_work_when_pasted_in_any_order() {
    let add = json!({"invitees": ["ccc", "bbb"], "invitationRequired": true, "systemMessage": false});
    let remove = json!({"systemMessage": true, "members": ["ccc", "bbb"]});
    for order in [[true, false], [false, true], [true, true], [false, false]] {
        let house = start(demo()).await;
        for adds in order {
            let (path, header, body) = if adds {
                ("/rooms/demo-room/members", "IM-Authorization", &add)
            } else {
                ("/rooms/demo-room/delete/members/", "Authorization", &remove)
            };
            let headers = [("IM-CLIENT-KEY", "demo-client-key"), (header, "token-aaa")];
            let answer = house.imkit("POST", path, &headers, body.clone()).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            assert_eq!(answer.header("x-powered-by"), "Express");
            assert_eq!(answer.header("access-control-allow-origin"), "*");
        }
    }
}

#[tokio::test]
async fn every_spelling_of_credentials_lets_the_client_in() {
    let house = tea().await;
    for key in ["IM-CLIENT-KEY", "im-client-key", "CLIENT_KEY"] {
        for (header, token) in
            [("IM-Authorization", "t-mira"), ("Authorization", "t-mira"), ("authorization", "bEaReR t-mira")]
        {
            for path in ["/rooms/tea", "/rooms/tea/"] {
                let answer = house.imkit("GET", path, &[(key, "ck"), (header, token)], "").await;
                assert_eq!(answer.json()["result"]["_id"], "tea", "{key} {header} {path}");
            }
        }
    }
    let both = [("IM-CLIENT-KEY", "ck"), ("IM-Authorization", "t-mira"), ("Authorization", "AWS4 xyz")];
    assert_eq!(house.imkit("GET", "/rooms/tea", &both, "").await.status, 200);
    for key in ["IM-API-KEY", "API_KEY"] {
        assert_eq!(house.imkit("GET", "/rooms/tea", &[(key, "ak")], "").await.status, 200);
    }
}

#[tokio::test]
async fn an_api_key_wins_and_names_its_client_by_header() {
    let house = tea().await;
    let both = client(&house, "nadia").with("IM-API-KEY", "ak");
    assert_eq!(both.sees("/rooms").await["totalCount"], 2, "the administrator sees every room");
    let acting = admin(&house).with("IM-CLIENT-ID", "nadia");
    assert_eq!(acting.sees("/rooms").await["totalCount"], 0);
    let ghost = admin(&house).with("IM-CLIENT-ID", "ghost");
    assert_eq!(ghost.sees("/rooms").await["totalCount"], 2, "an id that is no client counts for nothing");
    let other = client(&house, "mira").with("IM-CLIENT-ID", "nadia");
    assert_eq!(other.sees("/rooms").await["totalCount"], 2, "a token decides who its client is");
}

#[tokio::test]
async fn a_key_nobody_knows_opens_its_application_with_the_first_admitted_call() {
    let house = tea().await;
    let bad = [("IM-CLIENT-KEY", "mine"), ("IM-Authorization", "nonsense")];
    assert_eq!(refusal(&house.imkit("GET", "/rooms", &bad, "").await), "401 INVALID_TOKEN");
    assert!(house.state().await["imkit"].get("mine").is_none());
    let put = json!({"_id": "eve", "token": "t-eve", "nickname": "Eve"});
    let answer = house.imkit("POST", "/admin/clients", &[("IM-API-KEY", "mine")], put).await;
    assert_eq!(answer.json()["result"]["appID"], "mine");
    let good = [("IM-CLIENT-KEY", "mine"), ("IM-Authorization", "t-eve")];
    assert_eq!(house.imkit("GET", "/rooms", &good, "").await.json()["result"]["totalCount"], 0);
    assert!(house.state().await["imkit"].get("mine").is_some());
}

#[tokio::test]
async fn a_closed_house_refuses_unknown_keys() {
    let house = start_with(world(), |config| config.closed = true).await;
    let answer = house.imkit("GET", "/rooms", &[("IM-CLIENT-KEY", "other"), ("Authorization", "t-mira")], "").await;
    assert_eq!(refusal(&answer), "403 INVALID_CLIENT_KEY");
    let answer = house.imkit("GET", "/rooms", &[("IM-API-KEY", "other")], "").await;
    assert_eq!(refusal(&answer), "401 INVALID_API_KEY");
}

#[tokio::test]
async fn tokens_expire_and_are_signed_for_a_week() {
    let mut world = world();
    let dated = json!([{"token": "old", "expirationDate": "2026-01-05T09:00:00.000Z"}, {"token": "new", "expirationDate": "2026-01-05T09:00:00.001Z"}]);
    world["imkit"]["LocalApp"]["clients"][0]["tokens"] = dated;
    let house = start(world).await;
    let by =
        |token: &str| [("IM-CLIENT-KEY".to_owned(), "ck".to_owned()), ("Authorization".to_owned(), token.to_owned())];
    for (token, status) in [("old", 401), ("new", 200)] {
        let headers = by(token);
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(house.imkit("GET", "/rooms", &headers, "").await.status, status, "{token}");
    }
    let sign = json!({"id": "newcomer", "nickname": "New"});
    let signed = house.imkit("POST", "/auths/sign/v2", &[("IM-CLIENT-KEY", "ck")], sign).await.json()["result"].clone();
    assert_eq!(
        (&signed["authType"], &signed["id"], &signed["nickname"]),
        (&json!("Standalone JWT"), &json!("newcomer"), &json!("New"))
    );
    assert_eq!(
        (&signed["expirationDate"], &signed["exp"]),
        (&json!("2026-01-12T09:00:00.000Z"), &json!(1_768_208_400))
    );
    let token = signed["token"].as_str().expect("a token").to_owned();
    let rooms = house.imkit("GET", "/rooms", &[("IM-CLIENT-KEY", "ck"), ("IM-Authorization", &token)], "").await;
    assert_eq!(rooms.status, 200);
}

#[tokio::test]
async fn a_token_signed_elsewhere_with_the_secret_makes_its_client() {
    let mut world = world();
    world["imkit"]["LocalApp"]["jwt_secret"] = json!("kettle");
    let house = start(world).await;
    let claims = imulator::api::imkit::jwt::Claims {
        id: "guest".into(),
        iat: 1_767_603_600,
        exp: 1_767_603_700,
        nickname: Some("Guest".into()),
        avatar_url: None,
    };
    let token = imulator::api::imkit::jwt::issue("kettle", &claims);
    let headers = [("IM-CLIENT-KEY", "ck"), ("IM-Authorization", token.as_str())];
    assert_eq!(house.imkit("POST", "/rooms/tea/join", &headers, "").await.status, 200);
    assert_eq!(
        house.imkit("GET", "/rooms/tea", &headers, "").await.json()["result"]["members"][2]["nickname"],
        "Guest"
    );
    let forged = imulator::api::imkit::jwt::issue("pot", &claims);
    let answer = house.imkit("GET", "/rooms", &[("IM-CLIENT-KEY", "ck"), ("IM-Authorization", &forged)], "").await;
    assert_eq!(refusal(&answer), "401 INVALID_TOKEN");
}

#[tokio::test]
async fn clients_are_made_and_changed_field_by_field() {
    let house = tea().await;
    let all = admin(&house);
    let made = all
        .does(
            "POST",
            "/admin/clients",
            json!({"_id": "eve", "nickname": "Eve", "level": {"a": [1, 2]}, "token": "t-eve"}),
        )
        .await;
    let wanted = json!({"_id": "eve", "__v": 0, "appID": "LocalApp", "nickname": "Eve", "level": {"a": [1, 2]},
        "updatedAt": "2026-01-05T09:00:00.000Z", "isRobot": false, "mute": [], "id": "eve",
        "token": "t-eve", "expirationDate": "2026-01-12T09:00:00.000Z"});
    assert_eq!(made.to_string(), wanted.to_string());
    let changed = all.does("POST", "/admin/clients", json!({"_id": "eve", "avatarUrl": ""})).await;
    assert_eq!((&changed["nickname"], &changed["avatarUrl"], changed.get("token")), (&json!("Eve"), &json!(""), None));
    let issued =
        all.does("POST", "/admin/clients", json!({"_id": "eve", "issueAccessToken": true, "token": "x"})).await;
    assert_eq!(issued["token"].as_str().expect("a token").split('.').count(), 3);
    client(&house, "eve").sees("/rooms").await;
    assert_eq!(
        all.fails("POST", "/admin/clients", json!({"_id": "nadia", "token": "t-eve"})).await,
        "409 TOKEN_CONFLICT"
    );
    assert_eq!(client(&house, "eve").fails("POST", "/admin/clients", json!({"_id": "x"})).await, "401 INVALID_API_KEY");
}

#[tokio::test]
async fn options_make_tokens_single_and_the_sandbox_closed() {
    let house = start(world_with(json!({"single_token": true, "no_sandbox": true}))).await;
    let answer = house.imkit("POST", "/auths/sign/v2", &[("IM-CLIENT-KEY", "ck")], json!({"id": "mira"})).await;
    assert_eq!(refusal(&answer), "401 INVALID_API_KEY");
    let first = admin(&house).does("POST", "/auths/sign/v2", json!({"id": "mira"})).await["token"].clone();
    assert_eq!(client(&house, "mira").fails("GET", "/rooms", Value::Null).await, "401 INVALID_TOKEN");
    let token = first.as_str().expect("a token");
    let headers = [("IM-CLIENT-KEY", "ck"), ("IM-Authorization", token)];
    assert_eq!(house.imkit("GET", "/rooms", &headers, "").await.status, 200);
    admin(&house).does("POST", "/admin/clients", json!({"_id": "mira", "token": "fresh"})).await;
    assert_eq!(refusal(&house.imkit("GET", "/rooms", &headers, "").await), "401 INVALID_TOKEN");
}

#[tokio::test]
async fn tokens_signed_without_end_fill_no_memory_and_stay_valid() {
    let house = tea().await;
    let mut first = None;
    for _ in 0..100 {
        let signed = admin(&house).does("POST", "/auths/sign/v2", json!({"id": "mira"})).await["token"].clone();
        first.get_or_insert(signed);
        house.emulator.clock().advance(std::time::Duration::from_secs(1));
    }
    let kept = house.state().await["imkit"]["LocalApp"]["clients"][1]["tokens"].as_array().expect("a list").len();
    assert_eq!(kept, 64);
    let first = first.expect("one was signed");
    let token = first.as_str().expect("a token");
    let headers = [("IM-CLIENT-KEY", "ck"), ("IM-Authorization", token)];
    assert_eq!(house.imkit("GET", "/rooms", &headers, "").await.status, 200);
    client(&house, "mira").sees("/rooms").await;
}

#[tokio::test]
async fn browsers_may_call_from_anywhere() {
    let house = tea().await;
    let asked = [("Origin", "http://shop.example"), ("Access-Control-Request-Headers", "im-client-key,content-type")];
    let answer = house.imkit("OPTIONS", "/rooms/tea/members", &asked, "").await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (204, ""));
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-allow-methods"), "GET,HEAD,PUT,PATCH,POST,DELETE");
    assert_eq!(answer.header("access-control-allow-headers"), "im-client-key,content-type");
    assert_eq!(answer.header("vary"), "Access-Control-Request-Headers");
}

#[tokio::test]
async fn an_unknown_path_names_the_nearest_one() {
    let house = tea().await;
    let answer = house.imkit("POST", "/rooms/tea/member", &[], "").await;
    assert_eq!(refusal(&answer), "404 NOT_FOUND");
    assert!(answer.why().contains("POST /rooms/{id}/members"), "{}", answer.why());
}

#[tokio::test]
async fn a_snapshot_that_is_put_back_gives_an_equal_snapshot() {
    let house = tea().await;
    let (mira, jonas) = (client(&house, "mira"), client(&house, "jonas"));
    let all = admin(&house);
    all.does(
        "POST",
        "/admin/clients",
        json!({"_id": "eve", "issueAccessToken": true, "size": 1.50, "deep": {"z": 1, "a": "b c"}}),
    )
    .await;
    mira.adds(json!({"invitees": ["okello"], "systemMessage": true})).await;
    mira.adds(json!({"invitees": ["nadia", "eve"], "invitationRequired": true})).await;
    all.adds(json!({"invitees": ["nadia"], "invitationRequired": true})).await;
    jonas
        .does("POST", "/rooms/tea/message", json!({"message": {"any": [1, null]}, "mentions": ["mira"], "extra": "x"}))
        .await;
    mira.removes(json!({"members": ["jonas"], "systemMessage": true})).await;
    all.does("PUT", "/rooms/tea", json!({"owner": "mira", "opening": 1, "roomTags": ["green"]})).await;
    let before = house.state().await;
    house.control("PUT", "state", before.clone()).await;
    assert_eq!(house.state().await.to_string(), before.to_string());
    assert_eq!(mira.sees("/rooms/tea").await["memberProperties"].as_array().expect("a list").len(), 3);
}

#[tokio::test]
async fn a_document_with_a_fault_changes_nothing_and_names_its_path() {
    let house = tea().await;
    let before = house.state().await;
    let faults = [
        ("/imkit/LocalApp/rooms/0/members", json!(["mira", "mira"]), "imkit.LocalApp.rooms[0].members[1]"),
        ("/imkit/LocalApp/rooms/0/status", json!(2), "imkit.LocalApp.rooms[0].status"),
        ("/imkit/LocalApp/clients/1/_id", json!("mira"), "imkit.LocalApp.clients[1]._id"),
        ("/imkit/LocalApp/clients/1/nickname", json!(5), "imkit.LocalApp.clients[1].nickname"),
        ("/imkit/LocalApp/clients/1/tokens", json!(["t-mira"]), "imkit.LocalApp.clients[1].tokens[0]"),
    ];
    for (place, value, path) in faults {
        let mut document = world();
        let (parent, name) = place.rsplit_once('/').expect("a place has a parent");
        document.pointer_mut(parent).expect("the parent is there")[name] = value;
        let answer = house.call("PUT", "/_imulator/state", &[("host", "localhost")], document).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]["path"]), (400, &json!(path)), "{}", answer.text);
    }
    let mut document = world();
    document["imkit"]["LocalApp"]["rooms"][0]["colour"] = json!("red");
    let answer = house.call("PUT", "/_imulator/state", &[("host", "localhost")], document).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert_eq!(house.state().await, before);
}
