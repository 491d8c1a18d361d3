//! Chat groups: input that no rule allows changes nothing, and what documents may say comes back as it went in.

mod common;

use common::{House, start};
use serde_json::{Value, json};

fn world() -> Value {
    let accounts: Vec<Value> = ["u_mira", "u_pia", "u_rosa"].iter().map(|name| json!({"UserID": name})).collect();
    json!({"imulator": 1, "tencent": {"88888888": {"accounts": accounts, "groups": [
        {"GroupId": "g1", "Type": "Public", "Owner_Account": "u_mira", "MemberList": [{"Member_Account": "u_mira"}, {"Member_Account": "u_pia"}]},
    ]}}})
}

/// Each body is refused with its code and changes nothing.
async fn refused(house: &House, command: &str, table: Vec<(Value, i64)>) {
    let before = house.state().await;
    for (body, code) in table {
        let answer = house.group(command, body.clone()).await;
        assert_eq!((answer.code(), answer.status.as_u16()), (code, 200), "{command} {body}: {}", answer.why());
        assert!(!answer.why().is_empty() && answer.json().as_object().is_some_and(|reply| reply.len() == 3));
    }
    assert_eq!(house.state().await, before, "{command}");
    assert!(house.events().await.is_empty(), "{command}");
}

/// What every command that names a group refuses.
fn named(rest: &Value) -> Vec<(Value, i64)> {
    let with = |id: Value| {
        let mut body = rest.clone();
        body["GroupId"] = id;
        body
    };
    vec![
        (rest.clone(), 10004),
        (with(Value::Null), 10004),
        (with(json!(12)), 10004),
        (with(json!(["g1"])), 10004),
        (with(json!("")), 10015),
        (with(json!("@TGS#zz")), 10015),
        (with(json!("ü")), 10015),
        (with(json!("g".repeat(49))), 10015),
        (with(json!("gone")), 10010),
    ]
}

#[tokio::test]
async fn destroying_refuses() {
    refused(&start(world()).await, "destroy_group", named(&json!({}))).await;
}

#[tokio::test]
async fn adding_refuses() {
    let list = |accounts: Value| json!({"GroupId": "g1", "MemberList": accounts});
    let mut table = named(&json!({"MemberList": [{"Member_Account": "u_rosa"}]}));
    table.extend([
        (json!({"GroupId": "g1"}), 10004),
        (list(Value::Null), 10004),
        (list(json!([])), 10004),
        (list(json!("u_rosa")), 10004),
        (list(json!(["u_rosa"])), 10004),
        (list(json!([{}])), 10004),
        (list(json!([{"Member_Account": 5}])), 10004),
        (list(json!([{"Member_Account": ""}])), 10004),
        (list(json!([{"Member_Account": "u".repeat(33)}])), 10004),
        (list(json!([{"Member_Account": "u_rosa"}, {"Member_Account": "u_nobody"}])), 10019),
        (list(json!(vec![json!({"Member_Account": "u_rosa"}); 501])), 10005),
        (json!({"GroupId": "g1", "Silence": "yes", "MemberList": [{"Member_Account": "u_rosa"}]}), 10004),
        (json!({"GroupId": "g1", "Silence": -1, "MemberList": [{"Member_Account": "u_rosa"}]}), 10004),
    ]);
    let house = start(world()).await;
    refused(&house, "add_group_member", table).await;
    let most = list(json!(vec![json!({"Member_Account": "u_rosa"}); 500]));
    assert_eq!(house.group("add_group_member", most).await.code(), 0);
}

#[tokio::test]
async fn asking_for_roles_refuses() {
    let list = |accounts: Value| json!({"GroupId": "g1", "User_Account": accounts});
    let mut table = named(&json!({"User_Account": ["u_pia"]}));
    table.extend([
        (json!({"GroupId": "g1"}), 10004),
        (list(Value::Null), 10004),
        (list(json!([])), 10004),
        (list(json!("u_pia")), 10004),
        (list(json!([7])), 10004),
        (list(json!([""])), 10004),
        (list(json!(["u".repeat(33)])), 10004),
        (list(json!(vec!["u_pia"; 501])), 10004),
    ]);
    let house = start(world()).await;
    refused(&house, "get_role_in_group", table).await;
    assert_eq!(house.group("get_role_in_group", list(json!(vec!["u_pia"; 500]))).await.code(), 0);
}

#[tokio::test]
async fn asking_for_members_refuses() {
    let with = |name: &str, value: Value| json!({"GroupId": "g1", name: value});
    let mut table = named(&json!({}));
    table.extend([
        (with("Limit", json!(6001)), 10004),
        (with("Limit", json!(-1)), 10004),
        (with("Limit", json!("10")), 10004),
        (with("Offset", json!(-1)), 10004),
        (with("Next", json!("page two")), 10004),
        (with("MemberInfoFilter", json!("Role")), 10004),
        (with("MemberInfoFilter", json!([1])), 10004),
        (with("MemberRoleFilter", json!(["Boss"])), 10004),
        (with("AppDefinedDataFilter_GroupMember", json!({"Key": "level"})), 10004),
    ]);
    let house = start(world()).await;
    refused(&house, "get_group_member_info", table).await;
    assert_eq!(house.group("get_group_member_info", with("Limit", json!(6000))).await.code(), 0);
    let blank = json!({"GroupId": "g1", "Limit": 0, "Offset": null, "Next": "", "MemberRoleFilter": null});
    assert_eq!(house.group("get_group_member_info", blank).await.code(), 0);
}

#[tokio::test]
async fn asking_for_groups_refuses() {
    let table = vec![
        (json!({}), 10004),
        (json!({"GroupIdList": null}), 10004),
        (json!({"GroupIdList": []}), 10004),
        (json!({"GroupIdList": "g1"}), 10004),
        (json!({"GroupIdList": [1]}), 10004),
        (json!({"GroupIdList": vec!["g1"; 51]}), 10004),
        (json!({"GroupIdList": ["g1"], "ResponseFilter": "all"}), 10004),
        (json!({"GroupIdList": ["g1"], "ResponseFilter": {"GroupBaseInfoFilter": "Name"}}), 10004),
    ];
    let house = start(world()).await;
    refused(&house, "get_group_info", table).await;
    let most = house.group("get_group_info", json!({"GroupIdList": vec!["g1"; 50], "ResponseFilter": null})).await;
    assert_eq!(most.json()["GroupInfo"].as_array().map(Vec::len), Some(50));
}

#[tokio::test]
async fn creating_refuses() {
    let with = |name: &str, value: Value| {
        let mut body = json!({"Type": "Public", "Name": "n"});
        body[name] = value;
        body
    };
    let member = |entry: Value| with("MemberList", json!([entry]));
    let table = vec![
        (json!({"Name": "n"}), 10004),
        (json!({"Type": "Public"}), 10004),
        (with("Type", json!("")), 10004),
        (with("Type", json!("public")), 10004),
        (with("Type", json!(2)), 10004),
        (with("Name", json!("")), 10004),
        (with("Name", Value::Null), 10004),
        (with("Name", json!("n".repeat(31))), 10004),
        (with("Name", json!("小".repeat(11))), 10004),
        (with("Introduction", json!("i".repeat(241))), 10004),
        (with("Notification", json!("n".repeat(301))), 10004),
        (with("FaceUrl", json!("f".repeat(101))), 10004),
        (with("GroupId", json!("@TGS#mine")), 10004),
        (with("GroupId", json!("g".repeat(49))), 10004),
        (with("GroupId", json!("grün")), 10004),
        (with("GroupId", json!(5)), 10004),
        (with("GroupId", json!("g1")), 10021),
        (json!({"Type": "Community", "Name": "n", "GroupId": "plain"}), 10004),
        (with("Owner_Account", json!(5)), 60015),
        (with("Owner_Account", json!("u".repeat(33))), 10004),
        (with("Owner_Account", json!("u_nobody")), 10019),
        (with("MaxMemberCount", json!(2001)), 10038),
        (with("MaxMemberCount", json!(-1)), 10004),
        (with("ApplyJoinOption", json!("Perhaps")), 10004),
        (with("SupportTopic", json!(2)), 10004),
        (with("MemberList", json!("u_pia")), 10004),
        (with("MemberList", json!(vec![json!({"Member_Account": "u_pia"}); 501])), 10005),
        (member(json!({})), 10004),
        (member(json!({"Member_Account": 5})), 10004),
        (member(json!({"Member_Account": ""})), 10004),
        (member(json!({"Member_Account": "u_nobody"})), 10019),
        (member(json!({"Member_Account": "u_pia", "Role": "Owner"})), 10004),
        (member(json!({"Member_Account": "u_pia", "Role": "Boss"})), 10004),
        (
            member(json!({"Member_Account": "u_pia", "AppMemberDefinedData": [{"Key": "k", "Value": "v".repeat(65)}]})),
            10004,
        ),
        (with("AppDefinedData", json!([{"Key": "k".repeat(17), "Value": "v"}])), 10004),
        (with("AppDefinedData", json!([{"Key": "a-b", "Value": "v"}])), 10004),
        (with("AppDefinedData", json!([{"Key": "k", "Value": "v".repeat(513)}])), 10004),
        (with("AppDefinedData", json!([{"Value": "v"}])), 10004),
    ];
    let house = start(world()).await;
    refused(&house, "create_group", table).await;
    let too_long = house.group("create_group", with("Name", json!("小".repeat(11)))).await;
    assert_eq!(too_long.json()["ErrorInfo"], "group name is too long");
    assert_eq!(too_long.why(), "Name: 33 bytes; the documented maximum is 30 bytes");
    let most = json!({"Type": "Public", "Name": "n".repeat(30), "GroupId": "g".repeat(48), "Introduction": "i".repeat(240),
        "Notification": "n".repeat(300), "FaceUrl": "f".repeat(100), "Owner_Account": "", "MaxMemberCount": 0, "MemberList": null});
    assert_eq!(house.group("create_group", most).await.code(), 0);
}

#[tokio::test]
async fn a_snapshot_put_back_is_the_same_snapshot() {
    let group = json!({
        "GroupId": "@TGS#1ABCDEFGH", "Type": "Work", "Name": "old friends", "Introduction": "i", "Notification": "n",
        "FaceUrl": "f", "Owner_Account": "u_mira", "CreateTime": 1, "InfoSeq": 2, "LastInfoTime": 3, "LastMsgTime": 4,
        "NextMsgSeq": 5, "MaxMemberNum": 1, "MuteAllMember": "On", "Activated": true,
        "AppDefinedData": [{"Key": "region", "Value": "alps"}],
        "MemberList": [
            {"Member_Account": "u_pia", "Role": "Admin", "JoinTime": 6, "MsgSeq": 1, "MsgFlag": "Discard",
             "LastSendMsgTime": 7, "NameCard": "", "AppMemberDefinedData": [{"Key": "level", "Value": "3"}]},
            {"Member_Account": "u_mira"},
        ],
        "ShutUpAccountList": [{"Member_Account": "u_gone", "ShutUpUntil": 9}],
        "BannedAccountList": [{"Member_Account": "u_bad", "BannedUntil": 9}],
    });
    let live = json!({"GroupId": "live", "Type": "AVChatRoom", "Owner_Account": "u_mira", "MemberList": [{"Member_Account": "u_rosa"}]});
    let park = json!({"GroupId": "@TGS#_park", "Type": "Community", "SupportTopic": 1, "EnablePermission": 1, "DefaultPermission": 3});
    let owned = json!({"GroupId": "owned", "Type": "Public", "Owner_Account": "u_rosa"});
    let mut document = world();
    document["tencent"]["88888888"]["groups"].as_array_mut().expect("groups").extend([group, live, park, owned]);
    let house = start(document).await;
    let snapshot = house.state().await;
    let groups = &snapshot["tencent"]["88888888"]["groups"];
    assert_eq!(groups[0]["Type"], "Private");
    assert_eq!(groups[0]["MemberList"][1]["Role"], "Owner");
    assert_eq!(groups[4]["MemberList"][0]["Member_Account"], "u_rosa");
    house.control("PUT", "state", snapshot.clone()).await;
    assert_eq!(house.state().await, snapshot);
    let accounts = snapshot["tencent"]["88888888"]["accounts"].to_string();
    assert!(accounts.contains("u_gone") && accounts.contains("u_bad"));
}

#[tokio::test]
async fn a_document_with_faults_names_each_with_its_path() {
    let house = start(world()).await;
    let before = house.state().await;
    for (group, path) in [
        (json!({"GroupId": "@TGS#zz", "Type": "Public"}), "groups[0].GroupId"),
        (json!({"GroupId": "x", "Type": "Club"}), "groups[0].Type"),
        (json!({"GroupId": "x", "Type": "Public", "Colour": 1}), "groups[0].Colour"),
        (json!({"GroupId": "x", "Type": "Public", "NextMsgSeq": 0}), "groups[0].NextMsgSeq"),
        (
            json!({"GroupId": "x", "Type": "Public", "Owner_Account": "a", "MemberList": [{"Member_Account": "b", "Role": "Owner"}]}),
            "groups[0].MemberList[0].Role",
        ),
        (
            json!({"GroupId": "x", "Type": "Public", "MemberList": [{"Member_Account": "b"}, {"Member_Account": "b"}]}),
            "groups[0].MemberList[1].Member_Account",
        ),
    ] {
        let document = json!({"imulator": 1, "tencent": {"88888888": {"groups": [group]}}});
        let answer = house.call("PUT", "/_imulator/state", &[("host", "localhost")], document).await;
        assert!(answer.status.is_client_error() && answer.text.contains(path), "{path}: {}", answer.text);
        assert_eq!(house.state().await, before);
    }
}
