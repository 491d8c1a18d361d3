//! The journal through the control API: entries, filters, audiences, waiting, secrets, bounds.

mod common;

use std::time::Duration;

use common::{Answer, House, start, start_with};
use imulator::kernel::journal::Bounds;
use serde_json::{Value, json};

const KICK: &str = "tencent.rooms.kick_user_out";

/// A world of two applications; the first has a room of mira's with these members.
fn world(members: &[String]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({"Member_Account": id})).collect();
    let room = json!({"RoomId": "r", "Owner_Account": "mira", "MaxMemberCount": 5000, "MemberList": members});
    json!({"imulator": 1, "tencent": {"88888888": {"accounts": [{"UserID": "mira"}], "rooms": [room]}, "2": {}}})
}

fn people(count: usize) -> Vec<String> {
    std::iter::once("mira".to_owned()).chain((1..count).map(|n| format!("m{n}"))).collect()
}

async fn kick(house: &House, who: &str) -> Answer {
    house.room("kick_user_out", json!({"RoomId": "r", "MemberList_Account": [who], "Reason": "because"})).await
}

async fn import(house: &House, sdkappid: u64, user: &str) -> Answer {
    let target = format!("/v4/im_open_login_svc/account_import?sdkappid={sdkappid}&identifier=admin&usersig=x");
    house.call("POST", &target, &[], json!({"UserID": user})).await
}

async fn seqs(house: &House, query: &str) -> Vec<u64> {
    house.journal(query).await.iter().map(|entry| entry["seq"].as_u64().expect("a number")).collect()
}

#[tokio::test]
async fn an_event_and_its_exchange_are_written_as_documented() {
    let house = start(world(&people(3))).await;
    kick(&house, "m1").await;
    let entries = house.journal("").await;
    let event = json!({"seq": 1, "call": 1, "at": "2026-01-05T09:00:00.000Z", "epoch": 1, "kind": "event",
        "tenant": {"tencent": "88888888"}, "event": "member_left", "scope": {"room": "r"}, "by": "admin",
        "data": {"members": ["m1"], "how": "kicked", "MemberCount": 2, "reason": "because", "kicked_reason": 2},
        "audience": {"accounts": ["mira", "m2", "m1"]}});
    assert_eq!(entries[0], event);
    let mut exchange = entries[1].clone();
    assert!(exchange["micros"].is_u64());
    exchange["micros"] = json!(0);
    exchange["reply"]["headers"] = json!({});
    exchange["reply"]["body"]["RequestId"] = json!("Id");
    let expected = json!({"seq": 2, "call": 1, "at": "2026-01-05T09:00:00.000Z", "epoch": 1, "kind": "exchange",
        "tenant": {"tencent": "88888888"}, "operation": KICK,
        "request": {"method": "POST", "path": "/v4/room_engine_http_srv/kick_user_out",
            "query": {"sdkappid": "88888888", "identifier": "admin", "usersig": "xxx", "random": "99999999", "contenttype": "json"},
            "headers": {}, "body": {"RoomId": "r", "MemberList_Account": ["m1"], "Reason": "because"}},
        "reply": {"status": 200, "headers": {}, "body": {"ErrorCode": 0, "ErrorInfo": "", "ActionStatus": "OK", "RequestId": "Id"}},
        "why": null, "fault": null, "micros": 0});
    assert_eq!(exchange, expected);
}

#[tokio::test]
async fn a_refused_call_has_its_why_and_one_without_tenant_says_null() {
    let house = start(world(&people(2))).await;
    let refused = kick(&house, "stranger").await;
    house.call("POST", "/v4/nothing/here", &[], "{}").await;
    let entries = house.journal("").await;
    assert_eq!(entries[0]["why"], refused.why());
    assert_eq!((&entries[0]["tenant"], &entries[1]["tenant"]), (&json!({"tencent": "88888888"}), &Value::Null));
    assert_eq!(entries[1]["operation"], "tencent.unknown");
}

#[tokio::test]
async fn filters_pick_entries_and_hold_together() {
    let house = start(world(&people(4))).await;
    kick(&house, "m1").await;
    import(&house, 2, "tommy").await;
    house.call("GET", "/rooms", &[], "").await;
    kick(&house, "m2").await;
    let table: [(&str, &[u64]); 16] = [
        ("", &[1, 2, 3, 4, 5, 6, 7]),
        ("kind=event", &[1, 3, 6]),
        ("kind=exchange", &[2, 4, 5, 7]),
        ("kind=delivery", &[]),
        ("tencent=88888888", &[1, 2, 6, 7]),
        ("tencent=2", &[3, 4]),
        ("imkit=88888888", &[]),
        ("operation=tencent.rooms.kick_user_out", &[2, 7]),
        ("operation=tencent.*", &[2, 4, 7]),
        ("operation=*", &[2, 4, 5, 7]),
        ("call=4", &[6, 7]),
        ("call=4&kind=event", &[6]),
        ("after=5", &[6, 7]),
        ("after=7", &[]),
        ("limit=2", &[1, 2]),
        ("kind=event&tencent=88888888&after=1&limit=1", &[6]),
    ];
    for (query, expected) in table {
        assert_eq!(seqs(&house, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn last_is_the_last_number_also_where_nothing_matches_or_the_page_is_cut() {
    let house = start(world(&people(3))).await;
    kick(&house, "m1").await;
    for query in ["", "limit=1", "limit=0", "after=2", "kind=delivery", "after=99"] {
        let page = house.control("GET", &format!("journal?{query}"), "").await;
        assert_eq!((&page["last"], &page["dropped"]), (&json!(2), &json!(0)), "{query}");
    }
}

#[tokio::test]
async fn a_page_has_a_hundred_entries_unless_it_is_told_otherwise() {
    let house = start(world(&people(2))).await;
    for n in 0..60 {
        import(&house, 2, &format!("u{n}")).await;
    }
    assert_eq!(seqs(&house, "").await.len(), 100);
    assert_eq!(seqs(&house, "limit=10000").await.len(), 120);
    assert_eq!(seqs(&house, "limit=10000&kind=event").await.len(), 60);
}

#[tokio::test]
async fn a_filter_that_cannot_be_is_refused_with_its_name() {
    let house = start(world(&people(2))).await;
    let table = [
        ("kind=events", "kind"),
        ("operation=tencent.rooms.kik_user_out", "operation"),
        ("operation=tencent.rooms", "operation"),
        ("limit=10001", "limit"),
        ("limit=-1", "limit"),
        ("limit=many", "limit"),
        ("after=x", "after"),
        ("after=", "after"),
        ("call=1.5", "call"),
        ("wait_ms=30001", "wait_ms"),
        ("wait_ms=-5", "wait_ms"),
        ("what=1", "what"),
    ];
    for (query, path) in table {
        let answer = house.call("GET", &format!("/_imulator/journal?{query}"), &[], "").await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["error"]["path"]),
            (400, &json!(path)),
            "{query}: {}",
            answer.text
        );
    }
    let twice = house.call("GET", "/_imulator/journal?kind=event&kind=exchange", &[], "").await;
    assert_eq!(twice.status, 400);
}

#[tokio::test]
async fn what_fell_out_is_told_to_whoever_had_not_read_it() {
    let house = start_with(world(&people(2)), |config| config.journal = Bounds { entries: 4, bytes: usize::MAX }).await;
    for n in 0..5 {
        import(&house, 2, &format!("u{n}")).await;
    }
    for (after, dropped, first) in [(0, 6, 7), (1, 5, 7), (5, 1, 7), (6, 0, 7), (8, 0, 9)] {
        let page = house.control("GET", &format!("journal?after={after}"), "").await;
        assert_eq!((&page["dropped"], &page["entries"][0]["seq"]), (&json!(dropped), &json!(first)), "after {after}");
    }
}

#[tokio::test]
async fn an_emptied_journal_has_lost_nothing_and_numbers_go_on() {
    let house = start_with(world(&people(2)), |config| config.journal = Bounds { entries: 4, bytes: usize::MAX }).await;
    for n in 0..5 {
        import(&house, 2, &format!("u{n}")).await;
    }
    assert_eq!(house.control("DELETE", "journal", "").await, json!({}));
    assert_eq!(house.control("GET", "journal", "").await, json!({"entries": [], "last": 10, "dropped": 0}));
    import(&house, 2, "again").await;
    assert_eq!(seqs(&house, "").await, [11, 12]);
}

#[tokio::test]
async fn emptying_one_tenants_part_keeps_the_rest_and_what_the_others_lost() {
    let house = start_with(world(&people(2)), |config| config.journal = Bounds { entries: 4, bytes: usize::MAX }).await;
    for (sdkappid, user) in [(88888888, "a"), (2, "b"), (2, "c"), (2, "d")] {
        import(&house, sdkappid, user).await;
    }
    house.control("DELETE", "journal?tencent=2", "").await;
    let page = house.control("GET", "journal", "").await;
    assert_eq!(page, json!({"entries": [], "last": 8, "dropped": 4}));
    import(&house, 88888888, "e").await;
    import(&house, 2, "f").await;
    house.control("DELETE", "journal?tencent=2", "").await;
    assert_eq!(seqs(&house, "").await, [9, 10]);
    let refused = house.call("DELETE", "/_imulator/journal?tenant=2", &[], "").await;
    assert_eq!(refused.status, 400);
}

#[tokio::test]
async fn a_long_poll_is_answered_by_the_entry_it_waits_for() {
    let house = start(world(&people(4))).await;
    let waits_for_call = house.control("GET", "journal?kind=event&call=3&wait_ms=20000", "");
    let acting = async {
        kick(&house, "m1").await;
        tokio::task::yield_now().await;
        kick(&house, "m2").await;
    };
    let (page, ()) = tokio::join!(waits_for_call, acting);
    assert_eq!(page["entries"][0]["data"]["members"], json!(["m2"]));
    assert_eq!(page["entries"].as_array().expect("entries").len(), 1);
}

#[tokio::test]
async fn a_long_poll_that_finds_nothing_answers_empty_when_its_time_is_over() {
    let house = start(world(&people(4))).await;
    let watch = imulator::kernel::clock::Stopwatch::start();
    let page = house.control("GET", "journal?kind=event&wait_ms=30", "").await;
    assert!(watch.elapsed() >= Duration::from_millis(30));
    assert_eq!(page, json!({"entries": [], "last": 0, "dropped": 0}));
}

#[tokio::test]
async fn a_long_poll_with_a_match_at_hand_does_not_wait() {
    let house = start(world(&people(4))).await;
    kick(&house, "m1").await;
    assert_eq!(seqs(&house, "kind=event&wait_ms=30000").await, [1]);
}

#[tokio::test]
async fn an_audience_up_to_a_hundred_is_named_and_above_a_rule() {
    let house = start(world(&people(102))).await;
    kick(&house, "m1").await;
    kick(&house, "m2").await;
    kick(&house, "m3").await;
    let events = house.events().await;
    assert_eq!(events[0]["audience"], json!({"all_of": {"room": "r"}, "but": [], "count": 102}));
    assert_eq!(events[1]["audience"], json!({"all_of": {"room": "r"}, "but": [], "count": 101}));
    assert_eq!(events[2]["audience"]["accounts"].as_array().expect("named").len(), 100);
}

/// The numbers of the events that an account would have been told of.
async fn told(house: &House, user: &str) -> Vec<u64> {
    seqs(house, &format!("audience={user}&kind=event&limit=10000")).await
}

#[tokio::test]
async fn audience_is_exact_while_members_of_a_large_room_leave_and_come_back() {
    let house = start(world(&people(300))).await;
    kick(&house, "m1").await; // 1, call 1
    house.leaves("r", "m2").await; // 3
    house.enters("r", "m1").await; // 4
    house.enters("r", "late").await; // 5
    kick(&house, "m3").await; // 6
    let events: Vec<u64> = house.events().await.iter().map(|event| event["seq"].as_u64().expect("seq")).collect();
    assert_eq!(events, [1, 3, 4, 5, 6]);
    assert_eq!(told(&house, "mira").await, [1, 3, 4, 5, 6]);
    assert_eq!(told(&house, "m1").await, [1, 4, 5, 6], "not of what happened while it was away");
    assert_eq!(told(&house, "m2").await, [1, 3]);
    assert_eq!(told(&house, "m3").await, [1, 3, 4, 5, 6]);
    assert_eq!(told(&house, "late").await, [5, 6]);
    assert_eq!(told(&house, "nobody").await, Vec::<u64>::new());
    assert_eq!(seqs(&house, "audience=m1&after=3&kind=event").await, [4, 5, 6]);
    assert_eq!(seqs(&house, "audience=m1").await, [1, 4, 5, 6], "an exchange is told to nobody");
}

#[tokio::test]
async fn audience_is_exact_after_the_room_was_destroyed_and_made_again() {
    let house = start(world(&people(200))).await;
    kick(&house, "m1").await; // 1
    assert_eq!(house.room("destroy_room", json!({"RoomId": "r"})).await.code(), 0); // 3
    let made =
        json!({"RoomInfo": {"RoomId": "r", "RoomType": "Conference", "Owner_Account": "mira", "MaxMemberCount": 300}});
    assert_eq!(house.room("create_room", made).await.code(), 0); // 5
    for n in 0..120 {
        house.enters("r", &format!("n{n}")).await; // 7 …
    }
    house.enters("r", "m1").await; // 127
    assert_eq!(told(&house, "m1").await, [1, 127]);
    assert_eq!(told(&house, "m2").await, [1, 3]);
    assert_eq!(told(&house, "n0").await.len(), 121);
    assert_eq!(told(&house, "n119").await, [126, 127]);
    let destroyed = &house.journal("call=2&kind=event").await[0];
    assert_eq!(
        destroyed["data"],
        json!({"count": 199, "Owner_Account": "mira", "dismissed_reason": 2}),
        "a list of that length would dwarf the entry"
    );
}

#[tokio::test]
async fn audience_is_exact_after_the_room_ended_without_a_word() {
    let again = json!({"imulator": 1, "tencent": {"88888888": {"rooms": [{"RoomId": "r", "Owner_Account": "mira"}]}}});
    for (method, path, body) in [
        ("POST", "seed", again.clone()),
        ("PUT", "state", again.clone()),
        ("DELETE", "tenants/tencent/88888888", json!(null)),
    ] {
        let house = start(world(&people(150))).await;
        kick(&house, "m1").await;
        house.control(method, path, body).await;
        assert_eq!(told(&house, "m7").await, [1], "{method} {path}: stayed to the end");
        assert_eq!(told(&house, "m1").await, [1], "{method} {path}: left by the event itself");
        assert_eq!(told(&house, "m150").await, Vec::<u64>::new(), "{method} {path}: never was there");
    }
}

#[tokio::test]
async fn a_refused_call_belongs_to_the_tenant_that_it_names() {
    let house = start(common::demo()).await;
    house
        .call("POST", "/v4/im_open_login_svc/account_import?sdkappid=88888888&identifier=bob&usersig=x", &[], "{}")
        .await;
    house
        .call("GET", "/rooms", &[("im-client-key", "demo-client-key"), ("im-authorization", "nobody's token")], "")
        .await;
    house.call("GET", "/rooms", &[("im-client-key", "strange"), ("im-authorization", "nobody's token")], "").await;
    let entries = house.journal("").await;
    let tenants: Vec<&Value> = entries.iter().map(|entry| &entry["tenant"]).collect();
    assert_eq!(tenants, [&json!({"tencent": "88888888"}), &json!({"imkit": "SampleApp"}), &Value::Null]);
    let why = entries[1]["why"].as_str().expect("a line");
    assert!(why.contains("\"nobody's…\""), "a token is shortened there too: {why}");
}

#[tokio::test]
async fn a_leaver_is_told_of_the_leaving_whether_by_name_or_by_rule() {
    for count in [10, 150] {
        let mut document = world(&people(count));
        let room = &mut document["tencent"]["88888888"]["rooms"][0];
        room["IsSeatEnabled"] = json!(true);
        room["SeatList"] = json!([{"Member_Account": "m1"}]);
        let house = start(document).await;
        kick(&house, "m1").await;
        let events = house.events().await;
        assert_eq!(events.iter().map(|event| &event["event"]).collect::<Vec<_>>(), ["member_left", "seat_changed"]);
        assert_eq!(told(&house, "m1").await, [1, 2], "{count} members: of the freed seat, too");
        assert_eq!(seqs(&house, "audience=m1&after=1").await, [2], "also where the page begins with it");
        assert_eq!(told(&house, "m2").await, [1, 2]);
    }
}

#[tokio::test]
async fn secrets_are_shortened_in_query_headers_and_bodies() {
    let house = start(world(&people(2))).await;
    let target = "/v4/im_open_login_svc/account_import?sdkappid=2&identifier=admin&usersig=0123456789abcdef&random=1";
    let body = json!({"UserID": "a", "token": "0123456789", "tokens": ["0123456789"], "deep": [{"API_KEY": "0123456789"}],
        "secret_key": "short", "Nick": "0123456789"});
    let headers = [
        ("IM-CLIENT-KEY", "0123456789"),
        ("IM-Authorization", "0123456789"),
        ("authorization", "Bearer 0123"),
        ("x-other", "0123456789"),
    ];
    house.call("POST", target, &headers, body).await;
    let request = house.journal("kind=exchange").await[0]["request"].clone();
    assert_eq!((&request["query"]["usersig"], &request["query"]["random"]), (&json!("01234567…"), &json!("1")));
    assert_eq!(
        request["headers"],
        json!({"im-client-key": "01234567…", "im-authorization": "01234567…", "authorization": "Bearer 0…", "x-other": "0123456789"})
    );
    assert_eq!(
        request["body"],
        json!({"UserID": "a", "token": "01234567…", "tokens": ["01234567…"], "deep": [{"API_KEY": "01234567…"}],
            "secret_key": "short", "Nick": "0123456789"})
    );
}

#[tokio::test]
async fn a_body_over_16_kib_is_cut_and_says_so_and_keeps_no_secret() {
    let house = start(world(&people(2))).await;
    let body = json!({"token": "0123456789", "UserID": "a", "pad": "x".repeat(20_000)});
    let length = body.to_string().len();
    import_with(&house, body).await;
    let request = house.journal("kind=exchange").await[0]["request"].clone();
    assert_eq!(request["body_cut"], json!({"kept_bytes": 16_384, "bytes": length}));
    let text = request["body"].as_str().expect("cut JSON is a text");
    assert!(text.starts_with(r#"{"token":"01234567…","UserID":"a","pad":"xxx"#), "{}", &text[..60]);
    let whole = json!({"UserID": "a", "pad": "x".repeat(16_384 - 23)});
    assert_eq!(whole.to_string().len(), 16_384);
    import_with(&house, whole.clone()).await;
    let request = house.journal("kind=exchange").await[1]["request"].clone();
    assert_eq!((&request["body"], &request["body_cut"]), (&whole, &Value::Null));
}

async fn import_with(house: &House, body: impl common::IntoBody) {
    let target = "/v4/im_open_login_svc/account_import?sdkappid=2&identifier=admin&usersig=x";
    house.call("POST", target, &[], body).await;
}

#[tokio::test]
async fn a_body_that_is_no_json_is_kept_as_text() {
    let house = start(world(&people(2))).await;
    let nested = "[".repeat(10_000);
    let table = [
        ("not json", json!("not json")),
        ("", Value::Null),
        ("{\"a\": 1e999}", json!("{\"a\": 1e999}")),
        (&nested, json!(nested)),
    ];
    for (at, (body, kept)) in table.into_iter().enumerate() {
        import_with(&house, body).await;
        assert_eq!(house.journal("kind=exchange").await[at]["request"]["body"], kept);
    }
    import_with(&house, vec![b'a', 0xff, b'b']).await;
    assert_eq!(house.journal("kind=exchange").await[4]["request"]["body"], "a\u{fffd}b");
}

#[tokio::test]
async fn a_journal_of_no_entries_keeps_nothing_and_disturbs_nothing() {
    let house = start_with(world(&people(3)), |config| config.journal = Bounds { entries: 0, bytes: 0 }).await;
    assert_eq!(kick(&house, "m1").await.code(), 0);
    let page = house.control("GET", "journal", "").await;
    assert_eq!(page["entries"], json!([]));
}

#[tokio::test]
async fn the_journal_in_process_waits_for_an_entry_too() {
    let house = start(world(&people(3))).await;
    let journal = house.emulator.journal();
    let (found, _) = tokio::join!(journal.wait_for(|entry| entry.is_call(KICK)), kick(&house, "m1"));
    assert_eq!(found.expect("it came").0["call"], 1);
    assert!(journal.entries()[0].is_event("member_left"));
}
