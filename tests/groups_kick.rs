//! `delete_group_member`: every row of the reference's table, whom it tells, and what its options change.

mod common;

use common::{ADMIN, Answer, House, demo, start};
use serde_json::{Value, json};

const OK: &str = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#;

/// g1 with owner, admin and a member; groups of the other types; an application with these options.
fn world(options: Value) -> Value {
    let members = json!([
        {"Member_Account": "u_mira", "Role": "Owner"}, {"Member_Account": "u_otto", "Role": "Admin"},
        {"Member_Account": "u_pia", "NameCard": "Pia", "AppMemberDefinedData": [{"Key": "level", "Value": "3"}]},
    ]);
    let group =
        |id: &str, kind: &str| json!({"GroupId": id, "Type": kind, "Owner_Account": "u_mira", "MemberList": members});
    json!({"imulator": 1, "tencent": {"88888888": {"options": options, "groups": [
        group("g1", "Public"), group("sleeping", "Private"), group("chat", "ChatRoom"), group("@TGS#_park", "Community"),
        {"GroupId": "awake", "Type": "Private", "Owner_Account": "u_mira", "MemberList": members, "Activated": true},
        {"GroupId": "live1", "Type": "AVChatRoom", "Owner_Account": "u_mira"},
        {"GroupId": "bcast1", "Type": "BChatRoom", "Owner_Account": "u_mira"},
    ]}}})
}

async fn kick(house: &House, body: Value) -> Answer {
    house.group("delete_group_member", body).await
}

async fn kicks(house: &House, group: &str, accounts: &[&str]) -> Answer {
    kick(house, json!({"GroupId": group, "MemberToDel_Account": accounts})).await
}

async fn members(house: &House, group: &str) -> Vec<String> {
    let answer = house.group("get_group_member_info", json!({"GroupId": group})).await.json();
    let members = answer["MemberList"].as_array().expect("a list of members");
    assert_eq!(answer["MemberNum"], members.len());
    members.iter().map(|member| member["Member_Account"].as_str().expect("an account").to_owned()).collect()
}

async fn info(house: &House, group: &str) -> Value {
    house.group("get_group_info", json!({"GroupIdList": [group]})).await.json()["GroupInfo"][0].clone()
}

/// The call fails with this code and text, and changes nothing.
async fn fails(house: &House, body: Value, code: u32, info: &str) {
    let before = house.state().await;
    let answer = kick(house, body.clone()).await;
    let expected = format!(r#"{{"ActionStatus":"FAIL","ErrorInfo":"{info}","ErrorCode":{code}}}"#);
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, expected.as_str()), "{body}: {}", answer.why());
    assert!(!answer.why().is_empty());
    assert_eq!(house.state().await, before, "{body}");
    assert!(house.events().await.is_empty());
}

#[tokio::test]
async fn the_three_documented_requests_answer_the_envelope_alone() {
    for more in [json!({}), json!({"Silence": 1}), json!({"Reason": "kick reason"})] {
        let house = start(demo()).await;
        let mut body = json!({"GroupId": "@TGS#2J4SZEAEL", "MemberToDel_Account": ["tommy", "jared"]});
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        assert_eq!(kick(&house, body).await.text, OK);
        assert_eq!(members(&house, "@TGS#2J4SZEAEL").await, ["mira", "otto", "pia"]);
    }
}

#[tokio::test]
async fn a_member_goes_and_going_again_is_a_success() {
    let house = start(world(json!({}))).await;
    assert_eq!(kicks(&house, "g1", &["u_pia"]).await.text, OK);
    assert_eq!(members(&house, "g1").await, ["u_mira", "u_otto"]);
    let (state, events) = (house.state().await, house.events().await.len());
    assert_eq!(kicks(&house, "g1", &["u_pia"]).await.text, OK);
    assert_eq!((house.state().await, house.events().await.len()), (state, events));
}

#[tokio::test]
async fn strangers_in_the_list_do_not_matter() {
    let house = start(world(json!({}))).await;
    assert_eq!(kicks(&house, "g1", &["u_pia", "u_nobody", "u_pia"]).await.text, OK);
    assert_eq!(members(&house, "g1").await, ["u_mira", "u_otto"]);
    assert_eq!(house.events().await[0]["data"]["members"], json!(["u_pia"]));
    assert_eq!(house.events().await.len(), 1);
}

#[tokio::test]
async fn all_members_and_the_removed_are_told_with_the_reason() {
    let house = start(world(json!({}))).await;
    let body = json!({"GroupId": "g1", "MemberToDel_Account": ["u_pia"], "Reason": "inactive"});
    assert_eq!(kick(&house, body).await.text, OK);
    let left = &house.events().await[0];
    assert_eq!((left["event"].as_str(), left["by"].as_str()), (Some("member_left"), Some("admin")));
    assert_eq!(left["scope"], json!({"group": "g1"}));
    assert_eq!(
        left["data"],
        json!({"members": ["u_pia"], "how": "kicked", "reason": "inactive", "Type": "Public", "MemberNum": 2, "Notice": 4, "Tip": 3, "MsgSeq": 1})
    );
    assert_eq!(left["audience"], json!({"accounts": ["u_mira", "u_otto", "u_pia"]}));
    assert_eq!(info(&house, "g1").await["NextMsgSeq"], 2);
}

#[tokio::test]
async fn a_silent_removal_tells_nobody() {
    let house = start(world(json!({}))).await;
    let body = json!({"GroupId": "g1", "MemberToDel_Account": ["u_pia"], "Silence": 1});
    assert_eq!(kick(&house, body).await.text, OK);
    assert_eq!(house.events().await[0]["audience"], json!({"accounts": []}));
    assert_eq!(info(&house, "g1").await["NextMsgSeq"], 1);
}

#[tokio::test]
async fn a_silent_removal_tells_the_removed_where_the_option_says_so() {
    let house = start(world(json!({"silent_kick": "tells_the_removed"}))).await;
    let body = json!({"GroupId": "g1", "MemberToDel_Account": ["u_pia"], "Silence": 1});
    assert_eq!(kick(&house, body).await.text, OK);
    assert_eq!(house.events().await[0]["audience"], json!({"accounts": ["u_pia"]}));
    assert_eq!(info(&house, "g1").await["NextMsgSeq"], 1);
}

#[tokio::test]
async fn each_type_tells_whom_it_tells() {
    let house = start(world(json!({}))).await;
    let all = json!(["u_mira", "u_otto", "u_pia"]);
    for (group, told, seq) in [
        ("sleeping", json!([]), 1),
        ("awake", all.clone(), 2),
        ("chat", json!(["u_pia"]), 1),
        ("@TGS#_park", all.clone(), 2),
    ] {
        assert_eq!(kicks(&house, group, &["u_pia"]).await.text, OK);
        let event = house.events().await.pop().expect("an event");
        assert_eq!(event["audience"]["accounts"], told, "{group}");
        assert_eq!(info(&house, group).await["NextMsgSeq"], seq, "{group}");
    }
}

#[tokio::test]
async fn tips_do_not_count_where_the_option_says_so() {
    let house = start(world(json!({"tips_count": false}))).await;
    kicks(&house, "g1", &["u_pia"]).await;
    assert_eq!(info(&house, "g1").await["NextMsgSeq"], 1);
}

#[tokio::test]
async fn live_and_broadcast_rooms_refuse() {
    let house = start(world(json!({}))).await;
    for group in ["live1", "bcast1"] {
        let body = json!({"GroupId": group, "MemberToDel_Account": ["u_x"]});
        fails(&house, body, 10004, "this group type does not support deleting members").await;
    }
}

#[tokio::test]
async fn unknown_groups_are_told_from_malformed_ids() {
    let house = start(world(json!({}))).await;
    for (id, code, info) in [
        ("gone", 10010, "this group does not exist"),
        ("G1", 10010, "this group does not exist"),
        ("@TGS#2ABCDEFGH", 10010, "this group does not exist"),
        ("@TGS#zz", 10015, "invalid group id"),
        ("", 10015, "invalid group id"),
        ("gruppe ü", 10015, "invalid group id"),
        (&"g".repeat(49), 10015, "invalid group id"),
    ] {
        fails(&house, json!({"GroupId": id, "MemberToDel_Account": ["u_x"]}), code, info).await;
    }
    house.group("destroy_group", json!({"GroupId": "g1"})).await;
    assert_eq!(kicks(&house, "g1", &["u_pia"]).await.code(), 10010);
}

#[tokio::test]
async fn five_hundred_accounts_are_the_most() {
    let house = start(world(json!({}))).await;
    let many: Vec<String> = (0..500).map(|n| format!("u_{n}")).chain(["u_pia".into()]).collect();
    let too_many = json!({"GroupId": "g1", "MemberToDel_Account": many});
    fails(&house, too_many.clone(), 10004, "MemberToDel_Account is invalid").await;
    let why = "MemberToDel_Account: 501 entries; the documented maximum is 500 entries";
    assert_eq!(kick(&house, too_many).await.why(), why);
    assert_eq!(kick(&house, json!({"GroupId": "g1", "MemberToDel_Account": many[1..]})).await.text, OK);
    assert_eq!(members(&house, "g1").await, ["u_mira", "u_otto"]);
}

#[tokio::test]
async fn duplicates_count_towards_the_limit() {
    let house = start(world(json!({}))).await;
    fails(
        &house,
        json!({"GroupId": "g1", "MemberToDel_Account": vec!["u_pia"; 501]}),
        10004,
        "MemberToDel_Account is invalid",
    )
    .await;
    assert_eq!(kick(&house, json!({"GroupId": "g1", "MemberToDel_Account": vec!["u_pia"; 500]})).await.text, OK);
}

#[tokio::test]
async fn limit_and_its_code_can_be_changed() {
    let many = |n: usize| json!({"GroupId": "g1", "MemberToDel_Account": vec!["u_x"; n]});
    let house = start(world(json!({"profile": "current"}))).await;
    assert_eq!((kick(&house, many(100)).await.code(), kick(&house, many(101)).await.code()), (0, 10004));
    let house = start(world(json!({"kick_count_code": true}))).await;
    fails(&house, many(501), 10005, "too many accounts in request").await;
    let mut world = world(json!({}));
    world["tencent"]["88888888"]["limits"] = json!({"delete_group_member.MemberToDel_Account": 2});
    let house = start(world).await;
    assert_eq!((kick(&house, many(2)).await.code(), kick(&house, many(3)).await.code()), (0, 10004));
}

#[tokio::test]
async fn the_owner_can_be_removed_and_leaves_the_group_without_one() {
    let house = start(world(json!({}))).await;
    assert_eq!(kicks(&house, "g1", &["u_mira"]).await.text, OK);
    let info = info(&house, "g1").await;
    assert_eq!((&info["Owner_Account"], &info["MemberNum"]), (&json!(""), &json!(2)));
    let events = house.events().await;
    assert_eq!(events.len(), 2);
    assert_eq!(events[1]["event"], "owner_changed");
    assert_eq!(kicks(&house, "g1", &["u_pia", "u_otto"]).await.text, OK);
    assert_eq!(members(&house, "g1").await, [""; 0]);
}

#[tokio::test]
async fn an_admin_can_be_removed() {
    let house = start(world(json!({}))).await;
    assert_eq!(kicks(&house, "g1", &["u_otto"]).await.text, OK);
    assert_eq!(members(&house, "g1").await, ["u_mira", "u_pia"]);
}

#[tokio::test]
async fn who_comes_back_starts_anew_but_stays_muted() {
    let mut world = world(json!({}));
    world["tencent"]["88888888"]["groups"][0]["ShutUpAccountList"] =
        json!([{"Member_Account": "u_pia", "ShutUpUntil": 1_800_000_000}]);
    let house = start(world).await;
    kicks(&house, "g1", &["u_pia"]).await;
    house.group("add_group_member", json!({"GroupId": "g1", "MemberList": [{"Member_Account": "u_pia"}]})).await;
    let page = house.group("get_group_member_info", json!({"GroupId": "g1", "Offset": 2})).await.json();
    assert_eq!(
        page["MemberList"][0],
        json!({"Member_Account": "u_pia", "Role": "Member", "JoinTime": 1_767_603_600, "MsgSeq": 2,
               "MsgFlag": "AcceptAndNotify", "LastSendMsgTime": 0, "ShutUpUntil": 1_800_000_000, "NameCard": ""})
    );
}

#[tokio::test]
async fn fields_that_are_wrong_are_10004() {
    let house = start(world(json!({}))).await;
    for (body, info) in [
        (json!({"MemberToDel_Account": ["u_x"]}), "GroupId is required"),
        (json!({"GroupId": null, "MemberToDel_Account": ["u_x"]}), "GroupId is required"),
        (json!({"GroupId": 7, "MemberToDel_Account": ["u_x"]}), "GroupId is invalid"),
        (json!({"GroupId": "g1"}), "MemberToDel_Account is required"),
        (json!({"GroupId": "g1", "MemberToDel_Account": null}), "MemberToDel_Account is required"),
        (json!({"GroupId": "g1", "MemberToDel_Account": []}), "MemberToDel_Account is required"),
        (json!({"GroupId": "g1", "MemberToDel_Account": "u_pia"}), "MemberToDel_Account is invalid"),
        (json!({"GroupId": "g1", "MemberToDel_Account": {"0": "u_pia"}}), "MemberToDel_Account is invalid"),
        (
            json!({"GroupId": "g1", "MemberToDel_Account": [{"Member_Account": "u_pia"}]}),
            "MemberToDel_Account[0] is invalid",
        ),
        (json!({"GroupId": "g1", "MemberToDel_Account": ["u_pia", 5]}), "MemberToDel_Account[1] is invalid"),
        (json!({"GroupId": "g1", "MemberToDel_Account": ["u_pia", ""]}), "MemberToDel_Account[1] is invalid"),
        (json!({"GroupId": "g1", "MemberToDel_Account": ["u".repeat(33)]}), "MemberToDel_Account[0] is invalid"),
        (json!({"GroupId": "g1", "MemberToDel_Account": ["u_pia"], "Silence": "1"}), "Silence is invalid"),
        (json!({"GroupId": "g1", "MemberToDel_Account": ["u_pia"], "Silence": 2}), "Silence is invalid"),
        (json!({"GroupId": "g1", "MemberToDel_Account": ["u_pia"], "Silence": true}), "Silence is invalid"),
        (json!({"GroupId": "g1", "MemberToDel_Account": ["u_pia"], "Reason": 5}), "Reason is invalid"),
        (json!({"GroupId": "g1", "MemberToDel_Account": ["u_pia"], "Reason": "r".repeat(1001)}), "Reason is invalid"),
    ] {
        fails(&house, body, 10004, info).await;
    }
}

#[tokio::test]
async fn empty_optional_fields_and_unknown_ones_do_not_matter() {
    for more in [r#""Silence":null,"Reason":null"#, r#""Silence":"","Reason":"""#, r#""Silence":0,"Colour":"red""#] {
        let house = start(world(json!({}))).await;
        let body = format!(r#"{{"GroupId":"x","MemberToDel_Account":["u_pia"],{more},"GroupId":"g1"}}"#);
        assert_eq!(house.group("delete_group_member", body.as_str()).await.text, OK, "{body}");
        assert_eq!(house.events().await[0]["audience"]["accounts"].as_array().expect("accounts").len(), 3);
    }
}

#[tokio::test]
async fn the_door_answers_before_the_rules() {
    let house = start(world(json!({}))).await;
    for body in ["", "[]", "nonsense", "{\"GroupId\":"] {
        assert_eq!(house.group("delete_group_member", body).await.code(), 60003, "{body:?}");
    }
    let query = ADMIN.replace("identifier=admin", "identifier=u_mira");
    let target = format!("/v4/group_open_http_svc/delete_group_member?{query}");
    let body = json!({"GroupId": "g1", "MemberToDel_Account": ["u_pia"]});
    assert_eq!(house.call("POST", &target, &[], body).await.code(), 60010);
    assert_eq!(house.group("delete_group_members", json!({})).await.code(), 10003);
}

#[tokio::test]
async fn a_large_audience_is_a_rule_that_still_answers_exactly() {
    let mut world = world(json!({}));
    let members: Vec<Value> = (0..200).map(|n| json!({"Member_Account": format!("u_{n}")})).collect();
    world["tencent"]["88888888"]["groups"] = json!([{"GroupId": "big", "Type": "Public", "MemberList": members}]);
    let house = start(world).await;
    assert_eq!(kicks(&house, "big", &["u_7", "u_8"]).await.text, OK);
    assert_eq!(kicks(&house, "big", &["u_9"]).await.text, OK);
    let told = house.events().await[0]["audience"].clone();
    assert_eq!((&told["all_of"], &told["count"]), (&json!({"group": "big"}), &json!(200)));
    for (account, events) in [("u_7", 1), ("u_9", 2), ("u_199", 2), ("u_200", 0)] {
        let heard = house.journal(&format!("kind=event&audience={account}")).await;
        assert_eq!(heard.len(), events, "{account}");
    }
}
