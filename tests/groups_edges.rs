//! Chat groups at their edges: the order of checks, repeated messages that are not kept, accounts that are gone.

mod common;

use common::{House, demo, start, start_with};
use serde_json::{Value, json};

/// An application with accounts, and more of it.
fn world_with(more: Value) -> Value {
    let names = ["u_mira", "u_otto", "u_pia", "u_rosa"];
    let accounts: Vec<Value> = names.iter().map(|name| json!({"UserID": name})).collect();
    let mut app = json!({"accounts": accounts});
    for (key, value) in more.as_object().expect("more is an object") {
        app[key] = value.clone();
    }
    json!({"imulator": 1, "tencent": {"88888888": app}})
}

fn world() -> Value {
    world_with(json!({}))
}

async fn makes(house: &House, body: Value) {
    let answer = house.group("create_group", body).await;
    assert_eq!(answer.code(), 0, "{}", answer.why());
}

async fn owner(house: &House, group: &str) -> Value {
    house.group("get_group_info", json!({"GroupIdList": [group]})).await.json()["GroupInfo"][0]["Owner_Account"].clone()
}

/// The state, which is the same after it was put back.
async fn settled(house: &House) -> Value {
    let state = house.state().await;
    house.control("PUT", "state", state.clone()).await;
    assert_eq!(house.state().await, state);
    state
}

async fn says(house: &House, group: &str, random: u32, text: &str, more: Value) -> Value {
    let mut body = json!({"GroupId": group, "Random": random,
        "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": text}}]});
    for (key, value) in more.as_object().expect("more is an object") {
        body[key] = value.clone();
    }
    house.group("send_group_msg", body).await.json()
}

#[tokio::test]
async fn a_new_group_is_checked_in_the_documented_order() {
    let house = start(world()).await;
    let crowd: Vec<Value> = (0..501).map(|at| json!({"Member_Account": format!("u{at}")})).collect();
    let listed = json!([{"Member_Account": "u_pia"}, {"Member_Account": "u_rosa"}]);
    for (group_type, more, code) in [
        ("Public", json!({"MaxMemberCount": 2001, "Owner_Account": "nobody", "MemberList": crowd}), 10005),
        ("AVChatRoom", json!({"Owner_Account": "nobody", "MemberList": listed}), 10007),
        ("Public", json!({"MaxMemberCount": 2001, "Owner_Account": "nobody"}), 10019),
        ("Public", json!({"MaxMemberCount": 2001, "MemberList": [{"Member_Account": "nobody"}]}), 10019),
        ("Public", json!({"MaxMemberCount": 2001, "Owner_Account": "u_mira"}), 10038),
        ("Public", json!({"MaxMemberCount": 2, "Owner_Account": "u_mira", "MemberList": listed}), 10038),
        ("Public", json!({"MaxMemberCount": -1, "Owner_Account": "nobody"}), 10004),
        ("Public", json!({"MaxMemberCount": 2000, "Owner_Account": "u_mira"}), 0),
    ] {
        let mut body = json!({"Type": group_type, "Name": "n"});
        for (key, value) in more.as_object().expect("more is an object") {
            body[key] = value.clone();
        }
        let answer = house.group("create_group", body).await;
        assert_eq!(answer.code(), code, "{group_type} {}", answer.why());
    }
}

#[tokio::test]
async fn an_import_asks_for_the_owner_before_the_plan() {
    let house = start(world()).await;
    let body = json!({"Type": "Public", "Name": "n", "MaxMemberCount": 2001, "Owner_Account": "nobody"});
    assert_eq!(house.group("import_group", body).await.code(), 10019);
}

#[tokio::test]
async fn the_id_of_a_community_has_a_part_of_its_own() {
    let house = start(world()).await;
    let body = |id: &str| json!({"Type": "Community", "Name": "n", "GroupId": id});
    assert_eq!(house.group("create_group", body("@TGS#_")).await.code(), 10004);
    makes(&house, body("@TGS#_a")).await;
    settled(&house).await;
}

#[tokio::test]
async fn a_refused_group_leaves_its_id_and_its_place_free() {
    let house = start(world()).await;
    let body = |at: usize| json!({"Type": "BChatRoom", "Name": "n", "GroupId": format!("b{at}")});
    for at in 0..5 {
        makes(&house, body(at)).await;
    }
    assert_eq!(house.group("create_group", body(5)).await.code(), 10006);
    makes(&house, json!({"Type": "Public", "Name": "n", "GroupId": "b5"})).await;
    assert_eq!(house.group("create_group", body(5)).await.code(), 10021);
    assert_eq!(house.group("destroy_group", json!({"GroupId": "b0"})).await.code(), 0);
    makes(&house, body(6)).await;
    let listed = house.group("get_appid_group_list", json!({"GroupType": "BChatRoom"})).await.json();
    assert_eq!(listed["TotalCount"], 5);
}

#[tokio::test]
async fn whoever_joins_by_a_client_is_an_account() {
    let house = start(world()).await;
    makes(&house, json!({"Type": "ChatRoom", "Name": "n", "GroupId": "hut"})).await;
    house.control("POST", "tencent/88888888/groups/hut/join", json!({"Member_Account": "walk_in"})).await;
    let known = house.control("GET", "tencent/88888888/accounts/walk_in", "").await;
    assert_eq!(known["UserID"], "walk_in");
    settled(&house).await;
}

#[tokio::test]
async fn an_account_that_is_deleted_leads_no_live_room() {
    let house = start(world()).await;
    for (group_type, id) in [("AVChatRoom", "live"), ("BChatRoom", "news"), ("AVChatRoom", "other")] {
        makes(&house, json!({"Type": group_type, "Name": "n", "GroupId": id, "Owner_Account": "u_mira"})).await;
    }
    let admin = json!({"GroupId": "live", "CommandType": 1, "Admin_Account": ["u_mira", "u_otto"]});
    assert_eq!(house.tencent("group_open_avchatroom_http_svc/modify_admin", admin).await.code(), 0);
    house.control("POST", "tencent/88888888/groups/other/join", json!({"Member_Account": "u_mira"})).await;
    house.tencent("im_open_login_svc/account_delete", json!({"DeleteItem": [{"UserID": "u_mira"}]})).await;
    for id in ["live", "news", "other"] {
        assert_eq!(owner(&house, id).await, "", "{id}");
    }
    let admins =
        house.tencent("group_open_avchatroom_http_svc/get_admin_list", json!({"GroupId": "live"})).await.json();
    assert_eq!(admins["Admin_List"].as_array().map(Vec::len), Some(1), "{admins}");
    let lost = house.events().await.iter().filter(|event| event["event"] == "owner_changed").count();
    assert_eq!(lost, 3);
}

#[tokio::test]
async fn a_snapshot_brings_no_deleted_account_back() {
    let house = start(world()).await;
    let members = json!([{"Member_Account": "u_otto"}, {"Member_Account": "u_pia"}]);
    makes(&house, json!({"Type": "Public", "Name": "n", "GroupId": "club", "MemberList": members})).await;
    assert_eq!(says(&house, "club", 1, "hello", json!({"From_Account": "u_otto"})).await["ErrorCode"], 0);
    let mute = json!({"GroupId": "club", "Members_Account": ["u_pia", "stranger"], "ShutUpTime": 60});
    assert_eq!(house.group("forbid_send_msg", mute).await.code(), 0);
    let ban = json!({"GroupId": "club", "Members_Account": ["other_stranger"], "Duration": 60});
    assert_eq!(house.group("ban_group_member", ban).await.code(), 0);
    let gone = json!({"DeleteItem": [{"UserID": "u_otto"}, {"UserID": "u_pia"}]});
    house.tencent("im_open_login_svc/account_delete", gone).await;
    let state = settled(&house).await;
    let accounts = state["tencent"]["88888888"]["accounts"].as_array().expect("accounts are an array").clone();
    let left: Vec<&Value> = accounts.iter().map(|account| &account["UserID"]).collect();
    assert_eq!(left, ["admin", "administrator", "u_mira", "u_rosa"]);
}

#[tokio::test]
async fn a_repeated_message_is_dropped_where_none_is_kept() {
    let house = start(world()).await;
    makes(&house, json!({"Type": "AVChatRoom", "Name": "n", "GroupId": "live"})).await;
    makes(&house, json!({"Type": "Public", "Name": "n", "GroupId": "club"})).await;
    for (group, more) in [("live", json!({})), ("club", json!({"OnlineOnlyFlag": 1}))] {
        let first = says(&house, group, 7, "hello", more.clone()).await;
        assert_eq!(says(&house, group, 7, "again", more.clone()).await, first, "{group}");
        let posted = house.events().await.iter().filter(|event| event["scope"] == json!({"group": group})).count();
        assert_eq!(posted, 2, "made and posted once: {group}");
        assert_ne!(says(&house, group, 8, "hello", more).await["MsgSeq"], first["MsgSeq"], "{group}");
    }
}

#[tokio::test]
async fn in_the_current_profile_a_repeated_message_has_the_same_content() {
    let house = start(world_with(json!({"options": {"profile": "current"}}))).await;
    makes(&house, json!({"Type": "AVChatRoom", "Name": "n", "GroupId": "live"})).await;
    let first = says(&house, "live", 7, "hello", json!({})).await;
    assert_eq!(says(&house, "live", 7, "hello", json!({})).await["MsgSeq"], first["MsgSeq"]);
    assert_ne!(says(&house, "live", 7, "other", json!({})).await["MsgSeq"], first["MsgSeq"]);
}

#[tokio::test]
async fn messages_a_second_are_counted_where_none_is_kept() {
    let house = start_with(world(), |config| config.enforce_rate_limits = true).await;
    makes(&house, json!({"Type": "AVChatRoom", "Name": "n", "GroupId": "live"})).await;
    for random in 1..=40 {
        assert_eq!(says(&house, "live", random, "hello", json!({})).await["ErrorCode"], 0);
    }
    assert_eq!(says(&house, "live", 41, "hello", json!({})).await["ErrorCode"], 10023);
}

#[tokio::test]
async fn an_application_may_shorten_its_accounts() {
    let house = start(world_with(json!({"limits": {"account_import.UserID": 8}}))).await;
    let import = |id: &str| json!({"UserID": id});
    assert_eq!(house.tencent("im_open_login_svc/account_import", import("u_length")).await.code(), 0);
    assert_eq!(house.tencent("im_open_login_svc/account_import", import("u_lengthy")).await.code(), 70402);
}

#[tokio::test]
async fn an_unknown_command_has_one_code_in_all_group_services() {
    let house = start(world()).await;
    for service in ["group_open_http_svc", "group_open_attr_http_svc", "group_open_avchatroom_http_svc"] {
        assert_eq!(house.tencent(&format!("{service}/nope"), json!({})).await.code(), 10003, "{service}");
    }
}

#[tokio::test]
async fn what_is_over_is_forgotten_with_the_next_mute_or_ban() {
    let house = start(world()).await;
    makes(&house, json!({"Type": "Public", "Name": "n", "GroupId": "club"})).await;
    for account in ["first", "second"] {
        let mute = json!({"GroupId": "club", "Members_Account": [account], "ShutUpTime": 5});
        assert_eq!(house.group("forbid_send_msg", mute).await.code(), 0);
        let ban = json!({"GroupId": "club", "Members_Account": [account], "Duration": 5});
        assert_eq!(house.group("ban_group_member", ban).await.code(), 0);
        house.emulator.clock().advance(std::time::Duration::from_secs(6));
    }
    let state = house.state().await;
    let group = &state["tencent"]["88888888"]["groups"][0];
    for list in ["ShutUpAccountList", "BannedAccountList"] {
        let kept = group[list].as_array().expect("a list");
        assert_eq!((kept.len(), &kept[0]["Member_Account"]), (1, &json!("second")), "{list}");
    }
}

#[tokio::test]
async fn whoever_leaves_loses_what_was_read_in_topics() {
    let house = start(world()).await;
    let members = json!([{"Member_Account": "u_otto"}]);
    makes(
        &house,
        json!({"Type": "Community", "Name": "n", "GroupId": "@TGS#_c", "SupportTopic": 1, "MemberList": members}),
    )
    .await;
    let topic = json!({"GroupId": "@TGS#_c", "TopicId": "@TGS#_c@TOPIC#_t", "TopicName": "t"});
    assert_eq!(house.tencent("million_group_open_http_svc/create_topic", topic).await.code(), 0);
    let more = json!({"From_Account": "u_otto", "TopicId": "@TGS#_c@TOPIC#_t"});
    assert_eq!(says(&house, "@TGS#_c", 1, "hello", more).await["ErrorCode"], 0);
    let kick = json!({"GroupId": "@TGS#_c", "MemberToDel_Account": ["u_otto"]});
    assert_eq!(house.group("delete_group_member", kick).await.code(), 0);
    let state = house.state().await;
    assert!(state["tencent"]["88888888"]["groups"][0]["TopicList"][0].get("read").is_none());
    assert!(state["tencent"]["88888888"]["groups"][0]["TopicList"][0].get("Read").is_none());
}

#[tokio::test]
async fn who_is_no_member_is_named_by_the_field() {
    let house = start(world()).await;
    makes(&house, json!({"Type": "Public", "Name": "n", "GroupId": "club"})).await;
    let answer = house.group("change_group_owner", json!({"GroupId": "club", "NewOwner_Account": "u_pia"})).await;
    assert_eq!((answer.code(), answer.why()), (10007, "NewOwner_Account: \"u_pia\" is not a member"));
}

#[tokio::test]
async fn an_imported_group_has_room_for_2000_unless_told_otherwise_and_6000_at_most() {
    let house = start(demo()).await;
    for (asked, code, most) in
        [(json!(null), 0, 2000), (json!(6000), 0, 6000), (json!(6001), 10004, 0), (json!(-1), 10004, 0)]
    {
        let body = json!({"Type": "Private", "Name": "n", "GroupId": format!("g{asked}"), "MaxMemberCount": asked});
        assert_eq!(house.group("import_group", body).await.code(), code, "{asked}");
        if code == 0 {
            let info = house.group("get_group_info", json!({"GroupIdList": [format!("g{asked}")]})).await.json();
            assert_eq!(info["GroupInfo"][0]["MaxMemberNum"], most);
        }
    }
}
