//! Chat groups, through the front door: made, read, filled, listed, dissolved.

mod common;

use common::{House, start};
use serde_json::{Value, json};

/// 2026-01-05T09:00:00Z.
const NOW: u32 = 1_767_603_600;

/// An application with accounts and these options.
fn world(options: Value) -> Value {
    let names = ["u_mira", "u_otto", "u_pia", "u_rosa", "u_zed"];
    let accounts: Vec<Value> = names.iter().map(|name| json!({"UserID": name})).collect();
    json!({"imulator": 1, "tencent": {"88888888": {"options": options, "accounts": accounts,
        "rooms": [{"RoomId": "meeting", "Owner_Account": "u_mira"}]}}})
}

/// Makes the group that the reference's sample asks for.
async fn climbers(house: &House) {
    let body = json!({
        "Owner_Account": "u_mira", "Type": "Public", "GroupId": "climbing-club", "Name": "Climbing club",
        "Introduction": "weekend tours", "ApplyJoinOption": "NeedPermission", "MaxMemberCount": 300,
        "AppDefinedData": [{"Key": "region", "Value": "alps"}],
        "MemberList": [
            {"Member_Account": "u_otto", "Role": "Admin"},
            {"Member_Account": "u_pia", "AppMemberDefinedData": [{"Key": "level", "Value": "3"}]}
        ]
    });
    let answer = house.group("create_group", body).await;
    assert_eq!(answer.text, r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"GroupId":"climbing-club"}"#);
}

async fn create(house: &House, body: Value) -> Value {
    house.group("create_group", body).await.json()
}

async fn info(house: &House, group: &str) -> Value {
    house.group("get_group_info", json!({"GroupIdList": [group]})).await.json()["GroupInfo"][0].clone()
}

#[tokio::test]
async fn a_new_group_is_read_back_whole() {
    let house = start(world(json!({}))).await;
    climbers(&house).await;
    let answer = house.group("get_group_info", json!({"GroupIdList": ["climbing-club"]})).await;
    let member = |account: &str, role: &str| {
        format!(
            r#"{{"Member_Account":"{account}","Role":"{role}","JoinTime":{NOW},"MsgSeq":0,"MsgFlag":"AcceptAndNotify","LastSendMsgTime":0,"ShutUpUntil":0"#
        )
    };
    let expected = format!(
        r#"{{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"GroupInfo":[{{"GroupId":"climbing-club","ErrorCode":0,"ErrorInfo":"","Type":"Public","Name":"Climbing club","Appid":88888888,"Introduction":"weekend tours","Notification":"","FaceUrl":"","Owner_Account":"u_mira","CreateTime":{NOW},"LastInfoTime":{NOW},"LastMsgTime":0,"NextMsgSeq":1,"MemberNum":3,"MaxMemberNum":300,"ApplyJoinOption":"NeedPermission","ShutUpAllMember":"Off","OnlineMemberNum":0,"AppDefinedData":[{{"Key":"region","Value":"alps"}}],"MemberList":[{}}},{}}},{},"AppMemberDefinedData":[{{"Key":"level","Value":"3"}}]}}]}}]}}"#,
        member("u_mira", "Owner"),
        member("u_otto", "Admin"),
        member("u_pia", "Member"),
    );
    assert_eq!(answer.text, expected);
    let created = &house.events().await[0];
    assert_eq!((&created["event"], &created["by"]), (&json!("created"), &json!("admin")));
    assert_eq!(created["audience"], json!({"accounts": ["u_mira", "u_otto", "u_pia"]}));
}

#[tokio::test]
async fn the_current_profile_answers_its_own_names() {
    let house = start(world(json!({"profile": "current"}))).await;
    climbers(&house).await;
    let group = info(&house, "climbing-club").await;
    assert_eq!((&group["MuteAllMember"], &group["InviteJoinOption"]), (&json!("Off"), &json!("DisableInvite")));
    assert_eq!(group["MemberList"][0]["MuteUntil"], 0);
    assert!(group.get("ShutUpAllMember").is_none() && group["MemberList"][0].get("ShutUpUntil").is_none());
}

#[tokio::test]
async fn a_filter_answers_what_it_names_in_either_spelling() {
    let house = start(world(json!({}))).await;
    climbers(&house).await;
    let body = json!({"GroupIdList": ["climbing-club", "gone", "@TGS#zz", "climbing-club"], "ResponseFilter": {
        "GroupBaseInfoFilter": ["Type", "MuteAllMember", "InfoSeq"], "MemberInfoFilter": ["Account", "Role", "MuteUntil"],
        "AppDefinedDataFilter_Group": ["region", "none"], "AppDefinedDataFilter_GroupMember": ["level"]}});
    let group = r#"{"GroupId":"climbing-club","ErrorCode":0,"ErrorInfo":"","Type":"Public","ShutUpAllMember":"Off","InfoSeq":0,"AppDefinedData":[{"Key":"region","Value":"alps"}],"MemberList":[{"Member_Account":"u_mira","Role":"Owner","ShutUpUntil":0},{"Member_Account":"u_otto","Role":"Admin","ShutUpUntil":0},{"Member_Account":"u_pia","Role":"Member","ShutUpUntil":0,"AppMemberDefinedData":[{"Key":"level","Value":"3"}]}]}"#;
    let expected = format!(
        r#"{{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"GroupInfo":[{group},{{"GroupId":"gone","ErrorCode":10010,"ErrorInfo":"this group does not exist"}},{{"GroupId":"@TGS#zz","ErrorCode":10015,"ErrorInfo":"invalid group id"}},{group}]}}"#
    );
    assert_eq!(house.group("get_group_info", body).await.text, expected);
    let only_base = json!({"GroupIdList": ["climbing-club"], "ResponseFilter": {"GroupBaseInfoFilter": ["Name"]}});
    let group = &house.group("get_group_info", only_base).await.json()["GroupInfo"][0];
    assert_eq!(*group, json!({"GroupId": "climbing-club", "ErrorCode": 0, "ErrorInfo": "", "Name": "Climbing club"}));
}

#[tokio::test]
async fn each_type_has_its_defaults() {
    let house = start(world(json!({}))).await;
    for (word, stored, letter, max, apply, flag) in [
        ("Private", "Private", "@TGS#1", 200, "DisableApply", "AcceptAndNotify"),
        ("Work", "Private", "@TGS#1", 200, "DisableApply", "AcceptAndNotify"),
        ("Public", "Public", "@TGS#2", 2000, "NeedPermission", "AcceptAndNotify"),
        ("ChatRoom", "ChatRoom", "@TGS#3", 6000, "FreeAccess", "AcceptNotNotify"),
        ("Meeting", "ChatRoom", "@TGS#3", 6000, "FreeAccess", "AcceptNotNotify"),
        ("Community", "Community", "@TGS#_@TGS#c", 100_000, "FreeAccess", "AcceptAndNotify"),
    ] {
        let made = create(&house, json!({"Type": word, "Name": "n", "Owner_Account": "u_mira"})).await;
        let id = made["GroupId"].as_str().expect("an id");
        assert!(id.starts_with(letter) && id.len() == if word == "Community" { 23 } else { 14 }, "{id}");
        let group = info(&house, id).await;
        assert_eq!((&group["Type"], &group["MaxMemberNum"]), (&json!(stored), &json!(max)), "{word}");
        assert_eq!((&group["ApplyJoinOption"], &group["MemberList"][0]["MsgFlag"]), (&json!(apply), &json!(flag)));
        assert_eq!(group.get("SupportTopic").is_some(), word == "Community");
    }
}

#[tokio::test]
async fn live_rooms_record_an_owner_but_list_nobody() {
    let house = start(world(json!({}))).await;
    for kind in ["AVChatRoom", "BChatRoom"] {
        let body = json!({"Type": kind, "Name": "n", "GroupId": kind, "Owner_Account": "u_mira", "MemberList": [{"Member_Account": "u_pia"}]});
        assert_eq!(create(&house, body).await["ErrorCode"], 10007);
        create(
            &house,
            json!({"Type": kind, "Name": "n", "GroupId": kind, "Owner_Account": "u_mira", "MemberList": []}),
        )
        .await;
        let group = info(&house, kind).await;
        assert_eq!((&group["Owner_Account"], &group["MemberNum"]), (&json!("u_mira"), &json!(0)));
        assert!(group.get("MemberList").is_none());
        let added = json!({"GroupId": kind, "MemberList": [{"Member_Account": "u_pia"}]});
        assert_eq!(house.group("add_group_member", added).await.code(), 10007);
        assert_eq!(house.group("get_group_member_info", json!({"GroupId": kind})).await.code(), 10007);
        let roles = json!({"GroupId": kind, "User_Account": ["u_mira"]});
        assert_eq!(house.group("get_role_in_group", roles).await.code(), 10007);
    }
}

#[tokio::test]
async fn an_app_has_five_broadcast_rooms_and_none_in_the_current_profile() {
    let house = start(world(json!({}))).await;
    let body = |id: &str| json!({"Type": "BChatRoom", "Name": "n", "GroupId": id});
    for id in ["1", "2", "3", "4", "5"] {
        assert_eq!(create(&house, body(id)).await["ErrorCode"], 0);
    }
    assert_eq!(create(&house, body("6")).await["ErrorCode"], 10006);
    house.group("destroy_group", json!({"GroupId": "3"})).await;
    assert_eq!(create(&house, body("6")).await["ErrorCode"], 0);
    let house = start(world(json!({"profile": "current"}))).await;
    assert_eq!(house.group("create_group", body("1")).await.json()["ErrorInfo"], "invalid group type");
}

#[tokio::test]
async fn an_id_in_use_tells_whose_it_is() {
    let house = start(world(json!({}))).await;
    climbers(&house).await;
    let body = |id: &str, owner: &str| json!({"Type": "Public", "Name": "n", "GroupId": id, "Owner_Account": owner});
    let again = house.group("create_group", body("climbing-club", "u_mira")).await;
    let own = r#"{"ActionStatus":"FAIL","ErrorInfo":"group id has be used by youself!","ErrorCode":10025}"#;
    assert_eq!(again.text, own);
    for (id, owner) in [("climbing-club", "u_pia"), ("climbing-club", ""), ("meeting", "u_mira")] {
        let answer = house.group("create_group", body(id, owner)).await;
        assert_eq!(answer.text, r#"{"ActionStatus":"FAIL","ErrorInfo":"group id has be used!","ErrorCode":10021}"#);
    }
    let destroyed = house.group("destroy_group", json!({"GroupId": "climbing-club"})).await;
    assert_eq!(destroyed.text, r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#);
    let event = house.events().await.pop().expect("an event");
    assert_eq!(
        (&event["event"], &event["audience"]["accounts"]),
        (&json!("destroyed"), &json!(["u_mira", "u_otto", "u_pia"]))
    );
    assert_eq!(house.group("destroy_group", json!({"GroupId": "climbing-club"})).await.code(), 10010);
    assert_eq!(create(&house, body("climbing-club", "")).await["ErrorCode"], 0);
    assert_eq!(info(&house, "climbing-club").await["MemberList"], json!([]));
}

#[tokio::test]
async fn the_owner_is_listed_once_and_first_of_duplicates_counts() {
    let house = start(world(json!({}))).await;
    let body = json!({"Type": "Public", "Name": "n", "GroupId": "g", "Owner_Account": "u_mira", "MemberList": [
        {"Member_Account": "u_pia", "Role": "Admin"}, {"Member_Account": "u_mira", "Role": "Admin"}, {"Member_Account": "u_pia"}]});
    assert_eq!(create(&house, body).await["ErrorCode"], 0);
    let answer = house
        .group("get_role_in_group", json!({"GroupId": "g", "User_Account": ["u_pia", "u_zed", "u_mira", "nobody"]}));
    assert_eq!(
        answer.await.text,
        r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"UserIdList":[{"Member_Account":"u_pia","Role":"Admin"},{"Member_Account":"u_zed","Role":"NotMember"},{"Member_Account":"u_mira","Role":"Owner"},{"Member_Account":"nobody","Role":"NotMember"}]}"#
    );
    assert_eq!(info(&house, "g").await["MemberNum"], 2);
}

#[tokio::test]
async fn adding_says_what_became_of_each() {
    let house = start(world(json!({}))).await;
    climbers(&house).await;
    let list = ["u_rosa", "u_pia", "u_rosa"].map(|id| json!({"Member_Account": id}));
    let answer = house.group("add_group_member", json!({"GroupId": "climbing-club", "MemberList": list})).await;
    assert_eq!(
        answer.text,
        r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"MemberList":[{"Member_Account":"u_rosa","Result":1},{"Member_Account":"u_pia","Result":2},{"Member_Account":"u_rosa","Result":2}]}"#
    );
    let joined = &house.events().await[1];
    assert_eq!(
        joined["data"],
        json!({"members": ["u_rosa"], "how": "added", "Type": "Public", "MemberNum": 4, "Tip": 1, "MsgSeq": 1, "Notice": 7})
    );
    assert_eq!(joined["audience"], json!({"accounts": ["u_mira", "u_otto", "u_pia", "u_rosa"]}));
    let group = info(&house, "climbing-club").await;
    assert_eq!((&group["NextMsgSeq"], &group["MemberList"][3]["MsgSeq"]), (&json!(2), &json!(1)));
    house.group("add_group_member", json!({"GroupId": "climbing-club", "MemberList": list})).await;
    let silent = json!({"GroupId": "climbing-club", "Silence": 1, "MemberList": [{"Member_Account": "u_zed"}]});
    house.group("add_group_member", silent).await;
    let events = house.events().await;
    assert_eq!((events.len(), &events[2]["audience"]), (3, &json!({"accounts": []})));
}

#[tokio::test]
async fn an_unknown_account_fails_the_call_unless_the_option_says_otherwise() {
    let list = json!([{"Member_Account": "u_rosa"}, {"Member_Account": "u_nobody"}]);
    for (options, code, results) in
        [(json!({}), 10019, Value::Null), (json!({"unknown_members": true}), 0, json!([1, 0]))]
    {
        let house = start(world(options)).await;
        climbers(&house).await;
        let answer =
            house.group("add_group_member", json!({"GroupId": "climbing-club", "MemberList": list})).await.json();
        assert_eq!(answer["ErrorCode"], code);
        let given =
            answer["MemberList"].as_array().map(|list| list.iter().map(|entry| entry["Result"].clone()).collect());
        assert_eq!(given.unwrap_or(Value::Null), results);
        assert_eq!(info(&house, "climbing-club").await["MemberNum"], if code == 0 { 4 } else { 3 });
    }
}

#[tokio::test]
async fn a_group_without_room_for_all_takes_nobody_unless_the_option_says_otherwise() {
    let list = json!([{"Member_Account": "u_pia"}, {"Member_Account": "u_rosa"}, {"Member_Account": "u_zed"}]);
    for (options, code, count) in [(json!({}), 10014, 2), (json!({"fill_up": true}), 0, 3)] {
        let house = start(world(options)).await;
        let members = json!([{"Member_Account": "u_pia"}]);
        create(&house, json!({"Type": "Public", "Name": "n", "GroupId": "g", "Owner_Account": "u_mira", "MaxMemberCount": 3, "MemberList": members})).await;
        let answer = house.group("add_group_member", json!({"GroupId": "g", "MemberList": list})).await.json();
        assert_eq!(answer["ErrorCode"], code);
        assert_eq!(info(&house, "g").await["MemberNum"], count);
        if code == 0 {
            assert_eq!(answer["MemberList"][2], json!({"Member_Account": "u_zed", "Result": 0}));
        }
    }
}

#[tokio::test]
async fn joins_are_told_by_type() {
    let house = start(world(json!({}))).await;
    for (kind, told) in [("Private", json!([])), ("ChatRoom", json!([])), ("Community", json!(["u_mira", "u_pia"]))] {
        let id = create(&house, json!({"Type": kind, "Name": "n", "Owner_Account": "u_mira"})).await["GroupId"].clone();
        house.group("add_group_member", json!({"GroupId": id, "MemberList": [{"Member_Account": "u_pia"}]})).await;
        let joined = house.events().await.pop().expect("an event");
        assert_eq!((&joined["event"], &joined["audience"]["accounts"]), (&json!("joined"), &told), "{kind}");
    }
}

#[tokio::test]
async fn pages_follow_the_order_of_joining() {
    let house = start(world(json!({}))).await;
    climbers(&house).await;
    let page = async |body: Value| house.group("get_group_member_info", body).await;
    let everything = json!({"GroupId": "climbing-club", "MemberInfoFilter": ["Role", "NameCard", "Nonsense"],
        "AppDefinedDataFilter_GroupMember": ["level"], "Limit": 2, "Offset": 1});
    assert_eq!(
        page(everything).await.text,
        r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"MemberNum":3,"MemberList":[{"Member_Account":"u_otto","Role":"Admin","NameCard":""},{"Member_Account":"u_pia","Role":"Member","NameCard":"","AppMemberDefinedData":[{"Key":"level","Value":"3"}]}]}"#
    );
    let by_role = json!({"GroupId": "climbing-club", "MemberInfoFilter": ["Role"], "MemberRoleFilter": ["Owner", "Member"], "Offset": 1});
    assert_eq!(
        page(by_role).await.json()["MemberList"],
        json!([{"Member_Account": "u_pia", "Role": "Member", "AppMemberDefinedData": [{"Key": "level", "Value": "3"}]}])
    );
    let past = page(json!({"GroupId": "climbing-club", "Offset": 3})).await.json();
    assert_eq!((&past["MemberList"], &past["MemberNum"], past.get("Next")), (&json!([]), &json!(3), None));
}

#[tokio::test]
async fn a_community_pages_by_its_cursor() {
    for (options, number) in [(json!({}), true), (json!({"profile": "current"}), false)] {
        let house = start(world(options)).await;
        let members = json!([{"Member_Account": "u_otto"}, {"Member_Account": "u_pia"}]);
        create(&house, json!({"Type": "Community", "Name": "n", "GroupId": "@TGS#_c", "Owner_Account": "u_mira", "MemberList": members})).await;
        let page = async |next: Value| {
            house.group("get_group_member_info", json!({"GroupId": "@TGS#_c", "Limit": 2, "Next": next})).await.json()
        };
        let first = page(json!(if number { json!(0) } else { json!("") })).await;
        assert_eq!((first["MemberList"].as_array().map(Vec::len), first["Next"].is_number()), (Some(2), number));
        house.group("delete_group_member", json!({"GroupId": "@TGS#_c", "MemberToDel_Account": ["u_otto"]})).await;
        let second = page(first["Next"].clone()).await;
        assert_eq!(second["MemberList"][0]["Member_Account"], "u_pia");
        assert_eq!(second["Next"], if number { json!(0) } else { json!("") });
    }
}

#[tokio::test]
async fn a_reply_above_a_mebibyte_is_refused() {
    let mut world = world(json!({}));
    let members: Vec<Value> = (0..9000).map(|n| json!({"Member_Account": format!("u_{n:05}")})).collect();
    world["tencent"]["88888888"]["groups"] =
        json!([{"GroupId": "big", "Type": "ChatRoom", "MaxMemberNum": 9000, "MemberList": members}]);
    let house = start(world).await;
    assert_eq!(house.group("get_group_member_info", json!({"GroupId": "big"})).await.code(), 10018);
    assert_eq!(house.group("get_group_info", json!({"GroupIdList": ["big"]})).await.code(), 10018);
    let page = json!({"GroupId": "big", "Limit": 6000, "Offset": 8999, "MemberInfoFilter": ["Role"]});
    assert_eq!(house.group("get_group_member_info", page).await.json()["MemberList"][0]["Member_Account"], "u_08999");
    let ids = json!({"GroupIdList": ["big"], "ResponseFilter": {"MemberInfoFilter": ["Account"]}});
    assert_eq!(house.group("get_group_info", ids).await.code(), 0);
}

#[tokio::test]
async fn clients_join_and_quit_as_the_type_lets_them() {
    let house = start(world(json!({}))).await;
    climbers(&house).await;
    create(&house, json!({"Type": "Private", "Name": "n", "GroupId": "p", "Owner_Account": "u_mira"})).await;
    let client = async |group: &str, verb: &str, account: &str| {
        let target = format!("/_imulator/tencent/88888888/groups/{group}/{verb}");
        let answer = house.call("POST", &target, &[("host", "localhost")], json!({"Member_Account": account})).await;
        if answer.status == 200 { 0 } else { answer.json()["error"]["code"].as_i64().expect("a code") }
    };
    assert_eq!(client("climbing-club", "join", "u_rosa").await, 0);
    assert_eq!(client("climbing-club", "join", "u_rosa").await, 10013);
    assert_eq!(client("climbing-club", "quit", "u_rosa").await, 0);
    assert_eq!(client("climbing-club", "quit", "u_rosa").await, 10007);
    assert_eq!(client("climbing-club", "quit", "u_mira").await, 10009);
    assert_eq!(client("p", "join", "u_rosa").await, 10007);
    assert_eq!(client("p", "quit", "u_mira").await, 0);
    assert_eq!(client("gone", "join", "u_rosa").await, 10010);
    assert_eq!(info(&house, "p").await["Owner_Account"], "");
}

#[tokio::test]
async fn custom_fields_are_those_that_the_app_defines() {
    let house = start(world(json!({"group_keys": ["region", "season"], "member_keys": ["level"]}))).await;
    climbers(&house).await;
    let group = info(&house, "climbing-club").await;
    assert_eq!(group["AppDefinedData"], json!([{"Key": "region", "Value": "alps"}, {"Key": "season", "Value": ""}]));
    assert_eq!(group["MemberList"][0]["AppMemberDefinedData"], json!([{"Key": "level", "Value": ""}]));
    let body = json!({"Type": "Public", "Name": "n", "AppDefinedData": [{"Key": "colour", "Value": "red"}]});
    assert_eq!(
        house.group("create_group", body).await.text,
        r#"{"ActionStatus":"FAIL","ErrorInfo":"all defined key is invalid","ErrorCode":10004}"#
    );
}
