//! Groups, members and lists: every command against all input that no rule allows.

mod common;
mod refusals;

use common::start;
use refusals::{G, Row, many, walk, world};
use serde_json::json;

/// The rows of groups, members and lists.
// table
fn standing() -> Vec<Row> {
    let account = json!("u_rosa");
    let long = |bytes: usize| "x".repeat(bytes);
    vec![
        Row {
            service: G,
            command: "modify_group_base_info",
            body: json!({"GroupId": "pub", "Name": "n"}),
            required: &[],
            accounts: &[],
            optional: &[
                "Introduction",
                "Notification",
                "FaceUrl",
                "MaxMemberNum",
                "ApplyJoinOption",
                "InviteJoinOption",
                "ShutUpAllMember",
                "MuteAllMember",
                "AppDefinedData",
                "From_Account",
                "HistoryMsgBeforeJoin",
            ],
            wrong: vec![
                (json!({"Name": long(31)}), 10004),
                (json!({"Introduction": long(241)}), 10004),
                (json!({"Notification": long(301)}), 10004),
                (json!({"FaceUrl": long(101)}), 10004),
                (json!({"Name": 3}), 10004),
                (json!({"MaxMemberNum": -1}), 10004),
                (json!({"MaxMemberNum": 2001}), 10004),
                (json!({"MuteAllMember": "on"}), 10004),
                (json!({"ApplyJoinOption": "Maybe"}), 10004),
                (json!({"AppDefinedData": [{"Key": "a-b"}]}), 10004),
                (json!({"AppDefinedData": [{"Key": "k", "Value": long(513)}]}), 10004),
                (json!({"From_Account": "nobody"}), 10019),
                (json!({"From_Account": 4}), 60015),
            ],
            types: &[],
        },
        Row {
            service: G,
            command: "change_group_owner",
            body: json!({"GroupId": "pub", "NewOwner_Account": "u_otto"}),
            required: &["NewOwner_Account"],
            accounts: &["NewOwner_Account"],
            optional: &["From_Account"],
            wrong: vec![
                (json!({"NewOwner_Account": "u_rosa"}), 10007),
                (json!({"NewOwner_Account": "nobody"}), 10007),
                (json!({"NewOwner_Account": ""}), 10004),
                (json!({"NewOwner_Account": long(33)}), 10004),
            ],
            types: &[("live", 10007), ("cast", 10007)],
        },
        Row {
            service: G,
            command: "import_group_member",
            body: json!({"GroupId": "pub", "MemberList": [{"Member_Account": "u_rosa"}]}),
            required: &["MemberList"],
            accounts: &[],
            optional: &[],
            wrong: vec![
                (json!({"MemberList": []}), 10004),
                (json!({"MemberList": many(&json!({"Member_Account": "u_rosa"}), 501)}), 10005),
                (json!({"MemberList": [{}]}), 10004),
                (json!({"MemberList": [{"Member_Account": 5}]}), 10004),
                (json!({"MemberList": [{"Member_Account": long(33)}]}), 10004),
                (json!({"MemberList": [{"Member_Account": "u_rosa", "Role": "Owner"}]}), 10004),
                (json!({"MemberList": [{"Member_Account": "u_rosa", "JoinTime": -1}]}), 10004),
            ],
            types: &[("live", 10007), ("cast", 10007)],
        },
        Row {
            service: G,
            command: "get_specified_group_member_info",
            body: json!({"GroupId": "pub", "Member_List_Account": ["u_otto"]}),
            required: &["Member_List_Account"],
            accounts: &[],
            optional: &["MemberInfoFilter", "MemberRoleFilter", "AppDefinedDataFilter_GroupMember"],
            wrong: vec![
                (json!({"Member_List_Account": []}), 10004),
                (json!({"Member_List_Account": many(&account, 51)}), 10004),
                (json!({"Member_List_Account": [5]}), 10004),
                (json!({"MemberInfoFilter": "Role"}), 10004),
                (json!({"MemberRoleFilter": ["Boss"]}), 10004),
            ],
            types: &[("live", 10007), ("cast", 10007)],
        },
        Row {
            service: G,
            command: "modify_group_member_info",
            body: json!({"GroupId": "pub", "Member_Account": "u_otto", "NameCard": "o"}),
            required: &["Member_Account"],
            accounts: &["Member_Account"],
            optional: &["Role", "MsgFlag", "AppMemberDefinedData"],
            wrong: vec![
                (json!({"Member_Account": "u_rosa"}), 10007),
                (json!({"Member_Account": "nobody"}), 10007),
                (json!({"Role": "Owner"}), 10004),
                (json!({"Role": "Boss"}), 10004),
                (json!({"MsgFlag": "Never"}), 10004),
                (json!({"NameCard": long(51)}), 10004),
                (json!({"ShutUpTime": -1}), 10004),
                (json!({"MuteTime": "long"}), 10004),
                (json!({"MuteTime": 4_294_967_296_u64}), 10004),
                (json!({"Member_Account": "u_mira", "Role": "Member"}), 10007),
                (json!({"GroupId": "priv", "Role": "Admin"}), 10007),
                (json!({"GroupId": "priv", "MuteTime": 1}), 10007),
                (json!({"AppMemberDefinedData": [{"Key": "k", "Value": long(65)}]}), 10004),
            ],
            types: &[("live", 10007), ("cast", 10007)],
        },
        Row {
            service: G,
            command: "forbid_send_msg",
            body: json!({"GroupId": "pub", "Members_Account": ["u_otto"], "ShutUpTime": 60}),
            required: &["Members_Account", "ShutUpTime"],
            accounts: &[],
            optional: &["TopicId"],
            wrong: vec![
                (json!({"Members_Account": []}), 10004),
                (json!({"Members_Account": many(&account, 501)}), 10004),
                (json!({"Members_Account": [1]}), 10004),
                (json!({"Members_Account": [""]}), 10004),
                (json!({"ShutUpTime": ""}), 10004),
                (json!({"ShutUpTime": -1}), 10004),
                (json!({"TopicId": "t"}), 10007),
                (json!({"GroupId": "@TGS#_bare", "TopicId": "t"}), 11000),
                (json!({"GroupId": "@TGS#_park", "TopicId": "t"}), 10010),
            ],
            types: &[("priv", 10007), ("cast", 10007)],
        },
        Row {
            service: G,
            command: "get_group_shutted_uin",
            body: json!({"GroupId": "pub"}),
            required: &[],
            accounts: &[],
            optional: &["TopicId"],
            wrong: vec![(json!({"TopicId": 5}), 10004)],
            types: &[("cast", 10007)],
        },
        Row {
            service: G,
            command: "get_group_muted_account",
            body: json!({"GroupId": "pub"}),
            required: &[],
            accounts: &[],
            optional: &["TopicId"],
            wrong: vec![],
            types: &[("cast", 10007)],
        },
        Row {
            service: G,
            command: "ban_group_member",
            body: json!({"GroupId": "pub", "Members_Account": ["u_otto"], "Duration": 60}),
            required: &["Members_Account", "Duration"],
            accounts: &[],
            optional: &["Description"],
            wrong: vec![
                (json!({"Members_Account": []}), 10004),
                (json!({"Members_Account": many(&account, 21)}), 10005),
                (json!({"Duration": 0}), 10004),
                (json!({"Duration": -1}), 10004),
                (json!({"Description": long(1001)}), 10004),
            ],
            types: &[("cast", 10007), ("@TGS#_park", 10007)],
        },
        Row {
            service: G,
            command: "unban_group_member",
            body: json!({"GroupId": "pub", "Members_Account": ["u_otto"]}),
            required: &["Members_Account"],
            accounts: &[],
            optional: &[],
            wrong: vec![
                (json!({"Members_Account": many(&account, 21)}), 10005),
                (json!({"Members_Account": [{}]}), 10004),
            ],
            types: &[("cast", 10007), ("@TGS#_park", 10007)],
        },
        Row {
            service: G,
            command: "get_group_ban_member",
            body: json!({"GroupId": "pub", "Offset": 0}),
            required: &["Offset"],
            accounts: &[],
            optional: &["Limit"],
            wrong: vec![
                (json!({"Limit": 101}), 10004),
                (json!({"Offset": -1}), 10004),
                (json!({"Limit": "all"}), 10004),
            ],
            types: &[("cast", 10007), ("@TGS#_park", 10007)],
        },
    ]
}

#[tokio::test]
async fn commands_of_members_refuse() {
    walk(standing()).await;
}

#[tokio::test]
async fn commands_without_a_group_refuse() {
    let text = json!([{"MsgType": "TIMTextElem", "MsgContent": {}}]);
    let house = start(world()).await;
    let before = house.state().await;
    for (command, body, code) in [
        ("get_joined_group_list", json!({}), 10004),
        ("get_joined_group_list", json!({"Member_Account": null}), 10004),
        ("get_joined_group_list", json!({"Member_Account": 5}), 60015),
        ("get_joined_group_list", json!({"Member_Account": "u_mira", "Limit": 5001}), 10004),
        ("get_joined_group_list", json!({"Member_Account": "u_mira", "Offset": -1}), 10004),
        ("get_joined_group_list", json!({"Member_Account": "u_mira", "GroupType": "Club"}), 10004),
        ("get_joined_group_list", json!({"Member_Account": "u_mira", "ResponseFilter": 5}), 10004),
        ("get_appid_group_list", json!({"Limit": 10001}), 10004),
        ("get_appid_group_list", json!({"Limit": -1}), 10004),
        ("get_appid_group_list", json!({"GroupType": "Club"}), 10004),
        ("get_appid_group_list", json!({"Next": "x"}), 10004),
        ("import_group", json!({"Name": "n"}), 10004),
        ("import_group", json!({"Type": "Public", "Name": "n", "CreateTime": 4_000_000_000_u64}), 10004),
        ("import_group", json!({"Type": "Public", "Name": "n", "Owner_Account": "nobody"}), 10019),
        ("import_group", json!({"Type": "AVChatRoom", "Name": "n"}), 10007),
        ("import_group", json!({"Type": "Public", "Name": "n", "GroupId": "pub", "Owner_Account": "u_mira"}), 10021),
        ("send_broadcast_msg", json!({"MsgBody": text}), 10004),
        ("send_broadcast_msg", json!({"Random": 1}), 10004),
        ("send_broadcast_msg", json!({"Random": 1, "MsgBody": text, "From_Account": "nobody"}), 10019),
        ("no_such_command", json!({}), 10003),
    ] {
        let answer = house.group(command, body.clone()).await;
        assert_eq!(answer.code(), code, "{command} {body}: {}", answer.why());
    }
    assert_eq!(house.state().await, before);
    assert!(house.events().await.is_empty());
}
