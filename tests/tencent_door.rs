//! Tencent's door: what each defect of a request yields, in which order, and what every reply carries.

mod common;

use common::{ADMIN, Answer, House, chat_reply, demo, room_reply, start, start_at, start_with, without_request_id};
use imulator::api::tencent::usersig::{Ticket, generate};
use serde_json::{Value, json};

/// A command in each of the two envelopes.
const CHAT: &str = "/v4/im_open_login_svc/account_import";
const ROOM: &str = "/v4/room_engine_http_srv/get_room_info";
/// A body that only names what is not there, so that an admitted call changes nothing.
const NOWHERE: &str = r#"{"RoomId":"nowhere"}"#;
const KEY: &str = "53ecedcf3929844ee419ac2f60986afcb39f239fea7afc308a4231216e02877c";
const APP: u64 = 1_400_000_000;
/// When the published vectors are checked.
const THEN: i64 = 1_750_000_000;

async fn post(house: &House, path: &str, query: &str, body: &str) -> Answer {
    house.call("POST", &format!("{path}?{query}"), &[], body).await
}

/// The whole reply, with HTTP's own status and the line for a person looked at on the way.
fn whole(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.why().is_empty(), answer.code() == 0, "{}: {}", answer.text, answer.why());
    without_request_id(&answer.text)
}

/// This query is refused so on both envelopes, and no application is opened by it.
async fn refuses(house: &House, query: &str, code: i64, info: &str) {
    let state = house.state().await;
    let body = r#"{"UserID":"newcomer","RoomId":"room-test"}"#;
    assert_eq!(whole(&post(house, CHAT, query, body).await), chat_reply(code, info), "{query}");
    assert_eq!(whole(&post(house, ROOM, query, body).await), room_reply(code, info), "{query}");
    assert_eq!(house.state().await, state, "{query}");
}

/// This query is let in: the room it asks for is not there.
async fn admits(house: &House, query: &str) {
    let answer = post(house, ROOM, query, NOWHERE).await;
    assert_eq!(whole(&answer), room_reply(100004, "room not exist"), "{query}: {}", answer.why());
}

#[tokio::test]
async fn a_path_that_is_no_service_and_command_is_no_http_to_it() {
    let house = start(demo()).await;
    for path in ["/v4", "/v4/", "/v4/openim", "/v4/openim/", "/v4//sendmsg", "/v4/a/b/c"] {
        let answer = post(&house, path, ADMIN, "{}").await;
        assert_eq!(whole(&answer), chat_reply(60002, "HTTP parse Error"), "{path}");
        assert_eq!(answer.header("imulator-operation"), "tencent.unknown");
    }
    let answer = post(&house, &format!("{ROOM}/"), ADMIN, NOWHERE).await;
    assert_eq!(whole(&answer), room_reply(60002, "HTTP parse Error"));
}

#[tokio::test]
async fn a_method_other_than_post_is_no_http_to_it() {
    let house = start(demo()).await;
    for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"] {
        let answer = house.call(method, &format!("{ROOM}?{ADMIN}"), &[], NOWHERE).await;
        assert_eq!(whole(&answer), room_reply(60002, "HTTP parse Error"), "{method}");
        let answer = house.call(method, CHAT, &[], "").await;
        assert_eq!(whole(&answer), chat_reply(60002, "HTTP parse Error"), "{method}");
    }
}

#[tokio::test]
async fn no_query_at_all_is_no_http_to_it() {
    let house = start(demo()).await;
    for target in [ROOM.to_owned(), format!("{ROOM}?")] {
        let answer = house.call("POST", &target, &[], NOWHERE).await;
        assert_eq!(whole(&answer), room_reply(60002, "HTTP parse Error"));
    }
}

#[tokio::test]
async fn an_unknown_service_or_command_is_a_wrong_resource() {
    let house = start(demo()).await;
    let info = "request resource error";
    for path in ["/v4/room_engine_http_srv/kick", "/v4/room_engine_http_srv/Kick_user_out", "/v4/room_x/kick_user_out"]
    {
        assert_eq!(whole(&post(&house, path, ADMIN, "{}").await), room_reply(60009, info), "{path}");
    }
    for path in ["/v4/im_open_login_svc/nope", "/v4/nowhere/nothing", "/v4/IM_open_login_svc/account_import"] {
        assert_eq!(whole(&post(&house, path, ADMIN, "{}").await), chat_reply(60009, info), "{path}");
    }
    let answer = post(&house, "/v4/room_engine_http_srv/kick_user_ot", ADMIN, "{}").await;
    let nearest = "path: the service room_engine_http_srv has no command \"kick_user_ot\"; \
                   the nearest known one is /v4/room_engine_http_srv/kick_user_out";
    assert_eq!(answer.why(), nearest);
}

#[tokio::test]
async fn an_unknown_command_of_a_group_service_is_an_invalid_command() {
    let house = start(demo()).await;
    let answer = post(&house, "/v4/group_open_http_svc/nope", "", "").await;
    assert_eq!(whole(&answer), chat_reply(10003, "invalid command"));
    let answer = post(&house, "/v4/group_nowhere/nope", "", "").await;
    assert_eq!(whole(&answer), chat_reply(60009, "request resource error"));
}

#[tokio::test]
async fn an_sdkappid_that_is_missing_or_no_number_is_required() {
    let house = start(demo()).await;
    for query in [
        "identifier=admin&usersig=xxx",
        "sdkappid&identifier=admin&usersig=xxx",
        "sdkappid=&identifier=admin&usersig=xxx",
        "SdkAppId=88888888&identifier=admin&usersig=xxx",
        "sdkappid=abc&identifier=admin&usersig=xxx",
        "sdkappid=-88888888&identifier=admin&usersig=xxx",
        "sdkappid=%2B88888888&identifier=admin&usersig=xxx",
        "sdkappid=88888888.0&identifier=admin&usersig=xxx",
        "sdkappid=%2088888888&identifier=admin&usersig=xxx",
        "sdkappid=99999999999999999999&identifier=admin&usersig=xxx",
    ] {
        refuses(&house, query, 60012, "sdkappid is required").await;
    }
}

#[tokio::test]
async fn an_unknown_application_is_illegal_in_a_closed_house() {
    let info = "sdkappid illegal or not match domain";
    let unknown = "sdkappid=1400000000&identifier=admin&usersig=xxx";
    let house = start_with(demo(), |config| config.closed = true).await;
    refuses(&house, unknown, 60006, info).await;
    admits(&house, ADMIN).await;
    let mut world = demo();
    world["tencent"]["*"] = json!({"options": {"profile": "current"}});
    let house = start_with(world, |config| config.closed = true).await;
    refuses(&house, unknown, 60026, info).await;
}

#[tokio::test]
async fn an_unknown_application_is_opened_by_its_first_admitted_call() {
    let house = start(demo()).await;
    refuses(&house, "sdkappid=0&identifier=admin&usersig=xxx", 60006, "sdkappid illegal or not match domain").await;
    refuses(&house, "sdkappid=1400000000&identifier=tommy&usersig=xxx", 60010, "need app administrator").await;
    admits(&house, "sdkappid=1400000000&identifier=admin&usersig=xxx").await;
    assert!(house.state().await["tencent"]["1400000000"].is_object());
}

#[tokio::test]
async fn an_identifier_that_is_missing_or_empty_is_refused() {
    let house = start(demo()).await;
    for query in ["sdkappid=88888888&usersig=xxx", "sdkappid=88888888&identifier=&usersig=xxx"] {
        refuses(&house, query, 60004, "identifier is required").await;
    }
}

#[tokio::test]
async fn a_usersig_that_is_missing_or_empty_has_length_0() {
    let house = start(demo()).await;
    for query in ["sdkappid=88888888&identifier=admin", "sdkappid=88888888&identifier=admin&usersig="] {
        refuses(&house, query, 70002, "UserSig is empty").await;
    }
}

#[tokio::test]
async fn an_ordinary_account_may_not_call() {
    let house = start(demo()).await;
    for identifier in ["mira", "Admin", "admin%20", "nobody"] {
        let query = format!("sdkappid=88888888&identifier={identifier}&usersig=xxx");
        refuses(&house, &query, 60010, "need app administrator").await;
    }
    let mut world = demo();
    world["tencent"]["88888888"]["administrators"] = json!(["mira"]);
    let house = start(world).await;
    admits(&house, "sdkappid=88888888&identifier=mira&usersig=xxx").await;
    refuses(&house, ADMIN, 60010, "need app administrator").await;
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let house = start(demo()).await;
    for body in
        ["", " \n", "{", "{} {}", "{'UserID':'x'}", r#"{"UserID":"x",}"#, "[]", r#"["x"]"#, r#""x""#, "1", "null"]
    {
        let chat = post(&house, CHAT, ADMIN, body).await;
        assert_eq!(whole(&chat), chat_reply(60003, "HTTP JSON parse Error"), "{body}");
        let room = post(&house, ROOM, ADMIN, body).await;
        assert_eq!(whole(&room), room_reply(60003, "HTTP JSON parse Error"), "{body}");
    }
    let broken = house.call("POST", &format!("{ROOM}?{ADMIN}"), &[], b"{\"RoomId\":\"\xff\"}".to_vec()).await;
    assert_eq!(whole(&broken), room_reply(60003, "HTTP JSON parse Error"));
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let named = post(&house, ROOM, ADMIN, &format!(r#"{{"RoomId":{deep}}}"#)).await;
    assert_eq!(whole(&named), room_reply(60003, "HTTP JSON parse Error"));
    let ignored = post(&house, ROOM, ADMIN, &format!(r#"{{"RoomId":"nowhere","Unknown":{deep}}}"#)).await;
    assert_eq!(whole(&ignored), room_reply(100004, "room not exist"));
}

#[tokio::test]
async fn a_body_of_more_than_a_mebibyte_is_refused() {
    let house = start(demo()).await;
    let fill = |bytes: usize| format!("{NOWHERE}{}", " ".repeat(bytes - NOWHERE.len()));
    let large = post(&house, ROOM, ADMIN, &fill(1024 * 1024 + 1)).await;
    assert_eq!(whole(&large), room_reply(60002, "HTTP parse Error"));
    let fits = post(&house, ROOM, ADMIN, &fill(1024 * 1024)).await;
    assert_eq!(whole(&fits), room_reply(100004, "room not exist"));
}

#[tokio::test]
async fn random_and_contenttype_are_accepted_whatever_they_are() {
    let house = start(demo()).await;
    let caller = "sdkappid=88888888&identifier=admin&usersig=xxx";
    for rest in [
        "",
        "&random=99999999&contenttype=json",
        "&random=-1",
        "&random=99999999999999999999",
        "&random=deadbeefdeadbeefdeadbeefdeadbeef",
        "&random=",
        "&random=1&random=1",
        "&contenttype=",
        "&contenttype=xml",
        "&contenttype=JSON",
        "&unknown=parameter&&=",
    ] {
        admits(&house, &format!("{caller}{rest}")).await;
    }
}

#[tokio::test]
async fn the_option_strict_contenttype_wants_json() {
    let mut world = demo();
    world["tencent"]["88888888"]["options"] = json!({"strict_contenttype": true});
    let house = start(world).await;
    let caller = "sdkappid=88888888&identifier=admin&usersig=xxx";
    for rest in ["", "&contenttype=", "&contenttype=xml", "&contenttype=JSON", "&contenttype=xml&contenttype=json"] {
        refuses(&house, &format!("{caller}{rest}"), 60025, "contenttype must be json").await;
    }
    admits(&house, &format!("{caller}&contenttype=json")).await;
}

#[tokio::test]
async fn the_first_of_a_repeated_parameter_counts() {
    let house = start(demo()).await;
    admits(&house, &format!("{ADMIN}&sdkappid=abc&identifier=mira&usersig=")).await;
    refuses(&house, &format!("identifier=mira&{ADMIN}"), 60010, "need app administrator").await;
    refuses(&house, &format!("sdkappid=&{ADMIN}"), 60012, "sdkappid is required").await;
}

#[tokio::test]
async fn parameters_are_percent_decoded_and_their_order_is_free() {
    let house = start(demo()).await;
    admits(&house, "usersig=x%2Ax&contenttype=json&identifier=%61dm%69n&random=1&sdkappid=8888%388888").await;
}

#[tokio::test]
async fn the_content_type_of_the_request_does_not_matter() {
    let house = start(demo()).await;
    for kind in ["application/json; charset=utf-8", "text/plain", "application/x-www-form-urlencoded", ""] {
        let answer = house.call("POST", &format!("{ROOM}?{ADMIN}"), &[("content-type", kind)], NOWHERE).await;
        assert_eq!(whole(&answer), room_reply(100004, "room not exist"));
    }
}

#[tokio::test]
async fn of_two_defects_the_first_in_the_order_of_checks_decides() {
    let house = start_with(demo(), |config| config.closed = true).await;
    for (method, path, query, body, code) in [
        ("GET", "/v4/a/b/c", "", "", 60002),
        ("GET", "/v4/room_engine_http_srv/nope", "", "", 60002),
        ("POST", "/v4/room_engine_http_srv/nope", "identifier=x", "", 60009),
        ("POST", "/v4/group_open_http_svc/nope", "identifier=x", "", 10003),
        ("POST", ROOM, "", "", 60002),
        ("POST", ROOM, "usersig=xxx", "{}", 60012),
        ("POST", ROOM, "sdkappid=7&usersig=xxx", "{}", 60006),
        ("POST", ROOM, "sdkappid=88888888", "{}", 60004),
        ("POST", ROOM, "sdkappid=88888888&identifier=mira", "{}", 70002),
        ("POST", ROOM, "sdkappid=88888888&identifier=mira&usersig=xxx", "", 60010),
        ("POST", ROOM, ADMIN, "", 60003),
        ("POST", ROOM, ADMIN, r#"{"RoomId":""}"#, 100002),
        ("POST", ROOM, ADMIN, NOWHERE, 100004),
    ] {
        let answer = house.call(method, &format!("{path}?{query}"), &[], body).await;
        assert_eq!(answer.code(), code, "{method} {path}?{query} {body}: {}", answer.why());
    }
}

/// An application whose usersigs are verified, at a moment.
async fn signed(sdkappid: u64, seconds: i64) -> House {
    let app = json!({"secret_key": KEY, "administrators": ["administrator", "root", "user_1", "10086", "a"]});
    start_at(json!({"imulator": 1, "tencent": {sdkappid.to_string(): app}}), seconds).await
}

fn query_of(sdkappid: u64, identifier: &str, usersig: &str) -> String {
    let identifier: String = form_urlencoded::byte_serialize(identifier.as_bytes()).collect();
    format!("sdkappid={sdkappid}&identifier={identifier}&usersig={usersig}&random=1&contenttype=json")
}

/// The code that a usersig gives; an admitted administrator finds that there is no such room.
async fn code_of(sdkappid: u64, seconds: i64, identifier: &str, usersig: &str) -> i64 {
    let house = signed(sdkappid, seconds).await;
    post(&house, ROOM, &query_of(sdkappid, identifier, usersig), NOWHERE).await.code()
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("../fixtures/usersig.json")).expect("the vectors are JSON")
}

#[tokio::test]
async fn published_usersigs_let_in_until_their_last_second() {
    for vector in vectors()["positive"].as_array().expect("a list") {
        let number = |name: &str| vector[name].as_i64().expect("a number");
        let text = |name: &str| vector[name].as_str().expect("a text");
        let (app, last) = (vector["sdkappid"].as_u64().expect("a number"), number("time") + number("expire"));
        let who = text("identifier");
        // An ordinary account is well signed too, but stays outside.
        let inside = if ["小明", "alice"].contains(&who) { 60010 } else { 100004 };
        for (seconds, code) in [(number("time") - 1, inside), (last, inside), (last + 1, 70001)] {
            assert_eq!(code_of(app, seconds, who, text("text")).await, code, "{} at {seconds}", vector["id"]);
        }
    }
}

#[tokio::test]
async fn damaged_usersigs_have_the_codes_of_their_damage() {
    for vector in vectors()["negative"].as_array().expect("a list") {
        let text = |name: &str| vector[name].as_str().expect("a text");
        let code = match text("expected") {
            "wrong_key" => 70009,
            "other_user" => 70013,
            "other_app" => 70014,
            "illegal" => 70003,
            "expired" => 70001,
            _ if text("identifier") == "alice" => 60010,
            _ => 100004,
        };
        let app = vector["sdkappid"].as_u64().expect("a number");
        let now = vector["now"].as_i64().expect("a number");
        assert_eq!(code_of(app, now, text("identifier"), text("text")).await, code, "{}", vector["id"]);
    }
}

#[tokio::test]
async fn a_usersig_may_be_percent_encoded_and_holds_no_sign_of_plain_base64() {
    let good = vectors()["positive"][0]["text"].as_str().expect("a text").to_owned();
    assert!(good.contains('*'));
    let then = 1_700_000_000;
    assert_eq!(code_of(APP, then, "administrator", &good.replace('*', "%2A")).await, 100004);
    for sign in ["+", "%2B", "/", "=", "%3D", "%20"] {
        assert_eq!(code_of(APP, then, "administrator", &good.replacen('*', sign, 1)).await, 70003, "{sign}");
    }
}

#[tokio::test]
async fn the_defects_of_a_usersig_are_told_in_one_order() {
    let sign = |key: &str, sdkappid, identifier: &str, expire| {
        let identifier = identifier.to_owned();
        generate(key, &Ticket { identifier, sdkappid, time: THEN - 1000, expire, userbuf: None })
    };
    for (usersig, caller, code) in [
        ("xxx".to_owned(), "alice", 70003),
        (sign("other key", 7, "root", 1), "alice", 70014),
        (sign("other key", APP, "root", 1), "alice", 70013),
        (sign("other key", APP, "alice", 1), "alice", 70001),
        (sign("other key", APP, "alice", 1000), "alice", 70009),
        (sign(KEY, APP, "alice", 1000), "alice", 60010),
        (sign(KEY, APP, "root", 1000), "root", 100004),
    ] {
        assert_eq!(code_of(APP, THEN, caller, &usersig).await, code, "{usersig}");
    }
    assert_eq!(code_of(APP, THEN, "", "xxx").await, 60004);
    assert_eq!(code_of(APP, THEN, "alice", "").await, 70002);
}

#[tokio::test]
async fn every_reply_carries_the_documented_headers_and_ours() {
    let house = start(demo()).await;
    house.emulator.clock().advance(std::time::Duration::from_secs(61));
    let overview = "https://cloud.tencent.com/document/product/269/1519";
    let login = "https://cloud.tencent.com/document/product/269/1608";
    for (number, (path, body, operation, doc)) in [
        (ROOM, r#"{"RoomId":"room-test"}"#, "tencent.rooms.get_room_info", "https://trtc.io/document/60704"),
        (ROOM, NOWHERE, "tencent.rooms.get_room_info", "https://trtc.io/document/60704"),
        (CHAT, r#"{"UserID":"x"}"#, "tencent.accounts.account_import", login),
        (CHAT, "", "tencent.accounts.account_import", login),
        ("/v4/nowhere/nothing", "{}", "tencent.unknown", overview),
        ("/v4", "{}", "tencent.unknown", overview),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = post(&house, path, ADMIN, body).await;
        whole(&answer);
        for (name, value) in [
            ("content-type", "application/json"),
            ("date", "Mon, 05 Jan 2026 09:01:01 GMT"),
            ("access-control-allow-origin", "*"),
            ("access-control-allow-headers", "X-Requested-With"),
            ("access-control-allow-methods", "POST"),
            ("access-control-expose-headers", "imulator-operation, imulator-call, imulator-why, imulator-doc"),
            ("imulator-operation", operation),
            ("imulator-call", &(number + 1).to_string()),
            ("imulator-doc", doc),
        ] {
            assert_eq!(answer.header(name), value, "{path} {name}");
        }
    }
}

#[tokio::test]
async fn a_request_id_has_the_documented_form_and_never_comes_twice() {
    let house = start(demo()).await;
    let mut seen = std::collections::HashSet::new();
    for body in [NOWHERE, r#"{"RoomId":"room-test"}"#, "", NOWHERE] {
        let answer = post(&house, ROOM, ADMIN, body).await.json();
        let id = answer["RequestId"].as_str().expect("a text").to_owned();
        let (hex, number) = id.strip_prefix("Id-").and_then(|rest| rest.split_once("-O-Seq-")).expect("both parts");
        assert!(hex.len() == 32 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{id}");
        assert!(!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()), "{id}");
        assert!(seen.insert(id));
    }
}

#[tokio::test]
async fn the_last_of_a_repeated_json_key_counts() {
    let house = start(demo()).await;
    let body = r#"{"RoomId":"nowhere","MemberList_Account":[5],"MemberList_Account":["user1"],"Reason":1,"Reason":"r",
                   "RoomId":"room-test"}"#;
    let answer = house.room("kick_user_out", body).await;
    assert_eq!(whole(&answer), room_reply(0, ""), "{}", answer.why());
}

#[tokio::test]
async fn unknown_fields_are_ignored_and_field_names_are_case_sensitive() {
    let house = start(demo()).await;
    let body = r#"{"RoomId":"nowhere","roomid":5,"Unknown":{"a":[null]}}"#;
    assert_eq!(whole(&house.room("get_room_info", body).await), room_reply(100004, "room not exist"));
    let body = r#"{"roomId":"room-test"}"#;
    assert_eq!(whole(&house.room("get_room_info", body).await), room_reply(100002, "RoomId is required"));
}

#[tokio::test]
async fn a_scalar_account_that_is_no_string_has_the_common_code() {
    let house = start(demo()).await;
    for account in ["5", "true", "[]", "{}", "1.5"] {
        let chat = post(&house, CHAT, ADMIN, &format!(r#"{{"UserID":{account}}}"#)).await;
        assert_eq!(whole(&chat), chat_reply(60015, "body account invalid"), "{account}");
    }
}

#[tokio::test]
async fn the_option_alphabetical_sorts_chat_replies_alone() {
    let mut world = demo();
    world["tencent"]["88888888"]["options"] = json!({"alphabetical": true});
    let house = start(world).await;
    let chat = post(&house, CHAT, ADMIN, r#"{"UserID":"x"}"#).await;
    assert_eq!(chat.text, r#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#);
    assert_eq!(whole(&post(&house, ROOM, ADMIN, NOWHERE).await), room_reply(100004, "room not exist"));
}

#[tokio::test]
async fn an_array_is_never_read_as_an_object() {
    let house = start(demo()).await;
    let before = house.state().await;
    for (command, body, code) in [
        (
            "group_open_http_svc/add_group_member",
            json!({"GroupId": "@TGS#2J4SZEAEL", "MemberList": [["admin"]]}),
            10004,
        ),
        ("group_open_http_svc/create_group", json!({"Type": "Public", "Name": "n", "MemberList": [["mira"]]}), 10004),
        ("group_open_http_svc/get_group_info", json!({"GroupIdList": ["g"], "ResponseFilter": [["Type"]]}), 10004),
        ("room_engine_http_srv/create_room", json!({"RoomInfo": ["r", null, "Conference"]}), 100002),
        ("im_open_login_svc/multiaccount_import", json!({"AccountList": [["u1"]]}), 70402),
    ] {
        let answer = house.tencent(command, body).await;
        assert_eq!(answer.code(), code, "{command}: {}", answer.text);
        assert!(answer.why().contains("object"), "{}", answer.why());
    }
    assert_eq!(house.state().await, before);
}
