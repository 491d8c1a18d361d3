//! The world as a person looks at it: lists, one thing whole, members, bans and messages in pages, credentials.

mod common;

use common::{House, demo, start, start_with};
use serde_json::{Value, json};

/// When everything in these worlds was made.
const MADE: &str = "2026-01-05T08:00:00.000Z";

async fn world(house: &House, path: &str) -> Value {
    house.control("GET", &format!("world/{path}"), "").await
}

/// Status, code and message of a refusal.
async fn refusal(house: &House, path: &str) -> (u16, String, String) {
    let answer = house.call("GET", &format!("/_imulator/{path}"), &[("host", "localhost")], "").await;
    let error = answer.json()["error"].clone();
    let text = |name: &str| error[name].as_str().unwrap_or("").to_owned();
    (answer.status.as_u16(), text("code"), text("message"))
}

/// A field of each item.
fn each<'v>(page: &'v Value, field: &str) -> Vec<&'v Value> {
    page["items"].as_array().expect("items are an array").iter().map(|item| &item[field]).collect()
}

/// A group with so many members, some of them with names.
fn crowd(size: usize) -> Value {
    let members: Vec<Value> = (0..size).map(|n| json!({"Member_Account": format!("u{n:06}")})).collect();
    let accounts: Vec<Value> =
        (0..size).step_by(1000).map(|n| json!({"UserID": format!("u{n:06}"), "Nick": format!("Ada {n}")})).collect();
    let group = json!({"GroupId": "g", "Type": "Community", "Name": "many", "MemberList": members});
    json!({"imulator": 1, "tencent": {"1": {"accounts": accounts, "groups": [group]}}})
}

#[tokio::test]
async fn the_groups_rooms_and_accounts_of_an_application_are_listed() {
    let house = start(demo()).await;
    let group = json!({"id": "@TGS#2J4SZEAEL", "name": "climbers", "type": "Public", "owner": "mira", "members": 5,
        "max_members": 2000, "muted_all": false, "created": MADE});
    let expected = json!({"total": 1, "matched": 1, "offset": 0, "items": [group]});
    assert_eq!(world(&house, "tencent/88888888/groups").await, expected);
    let room = json!({"id": "room-test", "name": "Weekly", "type": "Conference", "owner": "mira", "members": 4,
        "max_members": 300, "seats": null, "created": MADE, "muted_all": false});
    let expected = json!({"total": 1, "matched": 1, "offset": 0, "items": [room]});
    assert_eq!(world(&house, "tencent/88888888/rooms").await, expected);
    let accounts = world(&house, "tencent/88888888/accounts?q=MIR").await;
    let tiny_id = house.control("GET", "tencent/88888888/accounts/mira", "").await["TinyId"].to_string();
    let mira = json!({"id": "mira", "name": "Mira", "avatar": null, "tiny_id": tiny_id});
    assert_eq!(accounts, json!({"total": 10, "matched": 1, "offset": 0, "items": [mira]}));
}

#[tokio::test]
async fn the_rooms_and_clients_of_imkit_are_listed() {
    let house = start(demo()).await;
    let room = json!({"id": "demo-room", "name": "Demo", "type": "group", "owner": null, "members": 12,
        "members_max": null, "created": "2018-04-29T11:30:12.492Z"});
    let expected = json!({"total": 1, "matched": 1, "offset": 0, "items": [room]});
    assert_eq!(world(&house, "imkit/SampleApp/rooms").await, expected);
    let clients = world(&house, "imkit/SampleApp/clients?q=madel").await;
    let avatar = "https://globalassets.starbucks.com/assets/c1f4cd02de24483eb86c696401ad4213.jpg";
    let client = json!({"id": "STARBUCKS", "name": "Madeline", "avatar": avatar});
    assert_eq!(clients, json!({"total": 12, "matched": 1, "offset": 0, "items": [client]}));
}

#[tokio::test]
async fn lists_are_sorted_by_id_and_cut_into_pages_anywhere() {
    let names: Vec<String> = (0..250).map(|n| format!("a{:03}", (n * 37) % 250)).collect();
    let accounts: Vec<Value> = names.iter().map(|id| json!({"UserID": id, "Nick": format!("N{id}")})).collect();
    let house =
        start(json!({"imulator": 1, "tencent": {"1": {"accounts": accounts, "administrators": ["a000"]}}})).await;
    let mut sorted = names.clone();
    sorted.sort_unstable();
    for (query, from, to, matched) in [
        ("", 0, 100, 250),
        ("?offset=3&limit=4", 3, 7, 250),
        ("?offset=240&limit=1000", 240, 250, 250),
        ("?offset=250", 250, 250, 250),
        ("?offset=9999999999", 250, 250, 250),
        ("?q=na01&offset=2&limit=3", 12, 15, 10),
    ] {
        let page = world(&house, &format!("tencent/1/accounts{query}")).await;
        assert_eq!(each(&page, "id"), sorted[from..to].iter().collect::<Vec<_>>(), "{query}");
        assert_eq!((&page["total"], &page["matched"]), (&json!(250), &json!(matched)), "{query}");
    }
}

#[tokio::test]
async fn one_thing_shows_what_lists_leave_out() {
    let house = start(demo()).await;
    let group = world(&house, "tencent/88888888/groups/%40TGS%232J4SZEAEL").await;
    let more = json!({"introduction": null, "notification": null, "avatar": null, "apply_join": "NeedPermission",
        "invite_join": "DisableInvite", "custom": [], "banned": 0, "muted": 0, "messages": 0, "last_seq": 0, "topics": 0});
    assert_eq!(group["name"], "climbers");
    more.as_object().expect("fields").iter().for_each(|(name, value)| assert_eq!(&group[name], value, "{name}"));
    let room = world(&house, "tencent/88888888/rooms/room-test").await;
    assert_eq!((&room["status"], &room["starts"], &room["invited"]), (&json!("Running"), &json!(MADE), &json!(0)));
    let account = world(&house, "tencent/88888888/accounts/tommy").await;
    assert_eq!(account["groups"], json!(["@TGS#2J4SZEAEL"]));
    let room = world(&house, "imkit/SampleApp/rooms/demo-room").await;
    assert_eq!((&room["introduction"], &room["tags"]), (&json!("public demo room"), &json!(["demo", "foo", "bar"])));
    assert_eq!((&room["messages"], &room["last_seq"], &room["banned"]), (&json!(1), &json!(1), &json!(0)));
    let client = world(&house, "imkit/SampleApp/clients/bbb").await;
    assert_eq!((&client["rooms"], &client["tokens"]), (&json!(["demo-room"]), &json!(1)));
    assert_eq!(client["fields"]["nickname"], "bbb");
}

#[tokio::test]
async fn members_stand_in_the_order_of_joining_with_what_each_is_there() {
    let house = start(demo()).await;
    house
        .group(
            "modify_group_member_info",
            json!({"GroupId": "@TGS#2J4SZEAEL", "Member_Account": "otto",
        "NameCard": "Otto O.", "ShutUpTime": 60}),
        )
        .await;
    let page = world(&house, "tencent/88888888/groups/%40TGS%232J4SZEAEL/members").await;
    assert_eq!(each(&page, "id"), ["mira", "tommy", "jared", "otto", "pia"]);
    assert_eq!(each(&page, "role"), ["Owner", "Member", "Member", "Admin", "Member"]);
    let otto = json!({"id": "otto", "name": null, "role": "Admin", "joined": MADE, "muted_until": "2026-01-05T09:01:00.000Z",
        "seat": null, "badge": page["items"][3]["badge"], "name_card": "Otto O."});
    assert_eq!(page["items"][3], otto);
    assert_eq!(page["items"][0]["name"], "Mira");
    let page = world(&house, "tencent/88888888/rooms/room-test/members?offset=1&limit=2").await;
    let member = |id: &str, role: &str| {
        json!({"id": id, "name": null, "role": role, "joined": null, "muted_until": null,
        "seat": null, "badge": null, "name_card": null})
    };
    let expected =
        json!({"total": 4, "matched": 4, "offset": 1, "items": [member("user1", "Member"), member("user2", "Admin")]});
    assert_eq!(page, expected);
    let page = world(&house, "imkit/SampleApp/rooms/demo-room/members?q=bonbon").await;
    let member = json!({"id": "bonbonbon", "name": "bonbonbon", "role": "member", "joined": null, "muted_until": null,
        "seat": null, "badge": 174, "name_card": null});
    assert_eq!(page, json!({"total": 12, "matched": 1, "offset": 0, "items": [member]}));
}

#[tokio::test]
async fn seats_mutes_and_name_cards_of_a_room_are_shown() {
    let room = json!({"RoomId": "r", "RoomName": "Talk", "Owner_Account": "mira", "IsSeatEnabled": true, "MaxSeatCount": 3,
        "TakeSeatMode": "FreeToTake", "MemberList": [{"Member_Account": "mira"}, {"Member_Account": "tom", "NameCard": "Tom"}]});
    let house = start(json!({"imulator": 1, "tencent": {"88888888": {"rooms": [room]}}})).await;
    house.client("r", "seat", json!({"Member_Account": "tom", "Index": 2})).await;
    house.room("mute_room_member", json!({"RoomId": "r", "MemberList_Account": ["tom"], "MuteTime": 60})).await;
    let listed = world(&house, "tencent/88888888/rooms").await;
    assert_eq!(listed["items"][0]["seats"], json!({"taken": 1, "of": 3}));
    let whole = world(&house, "tencent/88888888/rooms/r").await;
    let seat = |index: usize, member: Value| json!({"index": index, "member": member, "locked": false});
    assert_eq!(whole["seat_list"], json!([seat(0, Value::Null), seat(1, Value::Null), seat(2, json!("tom"))]));
    let tom = &world(&house, "tencent/88888888/rooms/r/members?q=TOM").await["items"][0];
    assert_eq!((&tom["seat"], &tom["name_card"]), (&json!(2), &json!("Tom")));
    assert_eq!((&tom["muted_until"], &whole["muted"]), (&json!("2026-01-05T09:01:00.000Z"), &json!(1)));
}

#[tokio::test]
async fn a_page_of_a_large_group_is_cut_anywhere_and_a_search_goes_through_all() {
    let house = start(crowd(25_000)).await;
    let page = world(&house, "tencent/1/groups/g/members?offset=24990&limit=1000").await;
    let last: Vec<Value> = (24_990..25_000).map(|n| json!(format!("u{n:06}"))).collect();
    assert_eq!(each(&page, "id"), last.iter().collect::<Vec<_>>());
    assert_eq!((&page["total"], &page["matched"]), (&json!(25_000), &json!(25_000)));
    let page = world(&house, "tencent/1/groups/g/members?q=aDA&offset=22&limit=2").await;
    assert_eq!((each(&page, "id"), &page["matched"]), (vec![&json!("u022000"), &json!("u023000")], &json!(25)));
    let page = world(&house, "tencent/1/groups/g/members?q=nobody").await;
    assert_eq!(page, json!({"total": 25_000, "matched": 0, "offset": 0, "items": []}));
}

#[tokio::test]
async fn who_is_kept_out_is_shown_until_when_and_by_whom() {
    let house = start(demo()).await;
    house
        .group("ban_group_member", json!({"GroupId": "@TGS#2J4SZEAEL", "Members_Account": ["pia"], "Duration": 60}))
        .await;
    house
        .room(
            "ban_room_member",
            json!({"RoomId": "room-test", "MemberList_Account": ["user1"], "Reason": "", "Duration": 120}),
        )
        .await;
    let keys = [("IM-API-KEY", "demo-api-key"), ("IM-CLIENT-ID", "aaa")];
    let banned = house.imkit("POST", "/blockStatus/room/demo-room/bbb", &keys, "").await;
    for (path, expected) in [
        (
            "tencent/88888888/groups/%40TGS%232J4SZEAEL",
            json!({"id": "pia", "until": "2026-01-05T09:01:00.000Z", "by": null}),
        ),
        ("tencent/88888888/rooms/room-test", json!({"id": "user1", "until": "2026-01-05T09:02:00.000Z", "by": null})),
        ("imkit/SampleApp/rooms/demo-room", json!({"id": "bbb", "until": null, "by": "aaa"})),
    ] {
        let page = world(&house, &format!("{path}/banned")).await;
        assert_eq!(page, json!({"total": 1, "matched": 1, "offset": 0, "items": [expected]}), "{path} {}", banned.text);
        assert_eq!(world(&house, path).await["banned"], 1, "{path}");
        assert_eq!(world(&house, &format!("{path}/banned?q=x")).await["matched"], 0, "{path}");
    }
}

#[tokio::test]
async fn the_last_messages_are_shown_in_words() {
    let house = start(demo()).await;
    let send = |random: u32, body: Value| json!({"GroupId": "@TGS#2J4SZEAEL", "From_Account": "mira", "Random": random, "MsgBody": body});
    let text = |text: &str| json!({"MsgType": "TIMTextElem", "MsgContent": {"Text": text}});
    let face = json!({"MsgType": "TIMFaceElem", "MsgContent": {"Index": 6, "Data": "x"}});
    for (random, body) in [(1, json!([text("one")])), (2, json!([text("two"), face])), (3, json!([text("three")]))] {
        house.group("send_group_msg", send(random, body)).await;
    }
    house.group("group_msg_recall", json!({"GroupId": "@TGS#2J4SZEAEL", "MsgSeqList": [{"MsgSeq": 3}]})).await;
    let at = "2026-01-05T09:00:00.000Z";
    let message =
        |seq: u32, text: &str, fate: Value| json!({"seq": seq, "at": at, "from": "mira", "text": text, "fate": fate});
    let page = world(&house, "tencent/88888888/groups/%40TGS%232J4SZEAEL/messages?limit=2").await;
    let last = [message(2, "two [TIMFaceElem]", Value::Null), message(3, "three", json!("recalled"))];
    assert_eq!(page, json!({"total": 3, "matched": 3, "offset": 1, "items": last}));
    let page = world(&house, "imkit/SampleApp/rooms/demo-room/messages").await;
    let only =
        json!({"seq": 1, "at": "2020-03-01T10:05:29.059Z", "from": "aaa", "text": "[deleteMember] CCC", "fate": null});
    assert_eq!(page["items"], json!([only]));
    let page = world(&house, "tencent/88888888/rooms/room-test/messages").await;
    assert_eq!(page, json!({"total": 0, "matched": 0, "offset": 0, "items": []}));
}

#[tokio::test]
async fn long_texts_are_cut_in_lists_alone_and_ids_never() {
    let (name, id) = ("字".repeat(40_000), format!("<script>{}", "x".repeat(3000)));
    let room = json!({"_id": id, "name": name, "roomType": "group", "members": []});
    let house = start(json!({"imulator": 1, "imkit": {"app": {"rooms": [room]}}})).await;
    let listed = &world(&house, "imkit/app/rooms").await["items"][0];
    assert_eq!((&listed["id"], &listed["name"]), (&json!(id), &json!(format!("{}…", "字".repeat(2000)))));
    let path = format!("imkit/app/rooms/{}", id.replace('<', "%3C").replace('>', "%3E"));
    assert_eq!(world(&house, &path).await["name"], json!(name));
}

#[tokio::test]
async fn what_is_not_there_is_404_and_what_cannot_be_asked_400() {
    let house = start(demo()).await;
    for (path, status, message) in [
        ("world/tencent/7/groups", 404, "no tenant tencent/7 is open"),
        ("world/imkit/nobody/rooms/x/members", 404, "no tenant imkit/nobody is open"),
        ("world/slack/7/groups", 404, "there is no family \"slack\"; there are tencent and imkit"),
        ("world/tencent/88888888/clients", 404, "there is no kind \"clients\"; there are groups, rooms, accounts"),
        ("world/imkit/SampleApp/groups", 404, "there is no kind \"groups\"; there are rooms, clients"),
        ("world/tencent/88888888/groups/g", 404, "there is nothing \"g\" among the groups"),
        ("world/tencent/88888888/groups/g/members", 404, "there is nothing \"g\" among the groups that has members"),
        (
            "world/tencent/88888888/accounts/mira/members",
            404,
            "there is nothing \"mira\" among the accounts that has members",
        ),
        (
            "world/imkit/SampleApp/clients/aaa/messages",
            404,
            "there is nothing \"aaa\" among the clients that has messages",
        ),
        ("world/tencent/88888888/groups?limit=0", 400, "is 0; a page has 1 thing at least"),
        ("world/tencent/88888888/groups?limit=1001", 400, "is above 1000"),
        ("credentials", 400, "name a tenant, tencent= or imkit="),
        ("credentials?tencent=7", 404, "no tenant tencent/7 is open"),
        ("credentials?imkit=nobody", 404, "no tenant imkit/nobody is open"),
        ("credentials?tencent=88888888&client=aaa", 400, "goes with imkit="),
        ("credentials?imkit=SampleApp&identifier=aaa", 400, "goes with tencent="),
    ] {
        let (answered, _, told) = refusal(&house, path).await;
        assert_eq!((answered, told.as_str()), (status, message), "{path}");
    }
    for path in ["world/tencent/88888888/groups?offset=-1", "world/tencent/88888888/groups?page=1"] {
        assert_eq!(refusal(&house, path).await.0, 400, "{path}");
    }
}

#[tokio::test]
async fn looking_opens_no_tenant_draws_no_number_and_leaves_no_trace() {
    let house = start(demo()).await;
    let before = house.state().await;
    for path in
        ["world/tencent/88888888/groups", "credentials?tencent=88888888", "credentials?imkit=SampleApp&client=new"]
    {
        house.control("GET", path, "").await;
    }
    assert_eq!((house.state().await, house.journal("").await), (before, Vec::new()));
}

#[tokio::test]
async fn credentials_let_in_whom_they_name() {
    let accounts = json!({"secret_key": "k3y", "administrators": ["boss"], "accounts": [{"UserID": "tom"}]});
    let imkit = json!({"client_keys": ["ck"], "api_keys": ["ak"], "clients": [{"_id": "aaa", "tokens": ["t-aaa"]}, {"_id": "bbb"}],
        "rooms": [{"_id": "r", "roomType": "group", "members": ["aaa", "bbb"]}]});
    let house =
        start_with(json!({"imulator": 1, "tencent": {"9": accounts}, "imkit": {"app": imkit, "bare": {}}}), |_| {})
            .await;
    for (query, identifier, code) in [("tencent=9", "boss", 0), ("tencent=9&identifier=tom", "tom", 60010)] {
        let given = house.control("GET", &format!("credentials?{query}"), "").await["query"].clone();
        assert_eq!(
            (&given["identifier"], &given["sdkappid"], &given["contenttype"]),
            (&json!(identifier), &json!(9), &json!("json"))
        );
        let (usersig, random) = (given["usersig"].as_str().expect("a text"), &given["random"]);
        let target = format!(
            "/v4/im_open_login_svc/account_import?sdkappid=9&identifier={identifier}&usersig={usersig}&random={random}&contenttype=json"
        );
        assert_eq!(house.call("POST", &target, &[], json!({"UserID": "new"})).await.code(), code, "{query}");
    }
    for (query, expected) in [
        ("imkit=app", json!({"IM-CLIENT-KEY": "ck", "IM-API-KEY": "ak"})),
        ("imkit=app&client=aaa", json!({"IM-CLIENT-KEY": "ck", "IM-Authorization": "t-aaa"})),
        ("imkit=bare", json!({"IM-CLIENT-KEY": "bare", "IM-API-KEY": "bare"})),
    ] {
        assert_eq!(
            house.control("GET", &format!("credentials?{query}"), "").await,
            json!({"headers": expected}),
            "{query}"
        );
    }
    for client in ["aaa", "bbb", "ccc"] {
        let given = house.control("GET", &format!("credentials?imkit=app&client={client}"), "").await;
        let headers: Vec<(&str, &str)> = given["headers"]
            .as_object()
            .expect("headers")
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().expect("a text")))
            .collect();
        let me = house.imkit("GET", "/me", &headers, "").await;
        assert_eq!((me.status.as_u16(), &me.json()["result"]["_id"]), (200, &json!(client)), "{}", me.text);
    }
}

#[tokio::test]
async fn the_page_comes_with_its_policy_and_without_the_control_token() {
    let house = start_with(demo(), |config| config.control_token = Some("s3cret".into())).await;
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
        base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    let local = [("host", "localhost")];
    for (path, kind) in [
        ("", "text/html; charset=utf-8"),
        ("page/index.html", "text/html; charset=utf-8"),
        ("page/style.css", "text/css; charset=utf-8"),
    ] {
        let answer = house.call("GET", &format!("/_imulator/{path}"), &local, "").await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, kind), "{path}");
        assert_eq!(answer.header("content-security-policy"), policy, "{path}");
        assert_eq!(
            (answer.header("x-content-type-options"), answer.header("referrer-policy")),
            ("nosniff", "no-referrer")
        );
        let again = [("host", "localhost"), ("if-none-match", answer.header("etag"))];
        let known = house.call("GET", &format!("/_imulator/{path}"), &again, "").await;
        assert_eq!((known.status.as_u16(), known.text.as_str()), (304, ""), "{path}");
    }
    let moved = house.call("GET", "/_imulator", &local, "").await;
    assert_eq!((moved.status.as_u16(), moved.header("location")), (308, "/_imulator/"));
    for (path, host, status) in [
        ("page/nothing.js", "localhost", 404),
        ("", "evil.example", 403),
        ("page/style.css", "evil.example", 403),
        ("world/tencent/88888888/groups", "localhost", 401),
        ("credentials?tencent=88888888", "localhost", 401),
    ] {
        let answer = house.call("GET", &format!("/_imulator/{path}"), &[("host", host)], "").await;
        assert_eq!(answer.status.as_u16(), status, "{path} at {host}");
    }
}
