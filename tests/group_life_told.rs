//! What groups remember and whom they tell: messages, unread counts, activation, mutes, bans, roles, events.

mod common;

use std::time::Duration;

use common::{House, start, start_with};
use serde_json::{Value, json};

const NOW: u64 = 1_767_603_600;

fn world() -> Value {
    let accounts: Vec<Value> = ["mira", "otto", "pia", "rosa"].iter().map(|id| json!({"UserID": id})).collect();
    let members =
        json!([{"Member_Account": "mira"}, {"Member_Account": "otto", "Role": "Admin"}, {"Member_Account": "pia"}]);
    let of =
        |id: &str, kind: &str| json!({"GroupId": id, "Type": kind, "Owner_Account": "mira", "MemberList": members});
    let groups = json!([of("pub", "Public"), of("priv", "Private"), of("chat", "ChatRoom"),
        {"GroupId": "live", "Type": "AVChatRoom", "Owner_Account": "mira"},
        {"GroupId": "@TGS#_park", "Type": "Community", "SupportTopic": 1, "Owner_Account": "mira", "MemberList": members}]);
    json!({"imulator": 1, "tencent": {"88888888": {"accounts": accounts, "groups": groups}}})
}

async fn say(house: &House, group: &str, from: &str, random: u32) -> Value {
    let body = json!([{"MsgType": "TIMTextElem", "MsgContent": {"Text": random.to_string()}}]);
    let body = json!({"GroupId": group, "From_Account": from, "Random": random, "MsgBody": body, "NeedReadReceipt": 1});
    house.group("send_group_msg", body).await.json()
}

async fn info(house: &House, group: &str) -> Value {
    let body = json!({"GroupIdList": [group], "ResponseFilter": {"GroupBaseInfoFilter":
        ["NextMsgSeq", "LastMsgTime", "LastInfoTime", "InfoSeq", "MemberNum", "Owner_Account"]}});
    house.group("get_group_info", body).await.json()["GroupInfo"][0].clone()
}

async fn member(house: &House, group: &str, account: &str) -> Value {
    let body = json!({"GroupId": group, "Member_List_Account": [account]});
    house.group("get_specified_group_member_info", body).await.json()["MemberList"][0].clone()
}

async fn last(house: &House) -> Value {
    house.events().await.pop().expect("an event")
}

#[tokio::test]
async fn messages_are_numbered_kept_and_paged_back() {
    let house = start_with(world(), |config| config.messages_max = 30).await;
    for random in 1..=40 {
        let sent = say(&house, "pub", "mira", random).await;
        assert_eq!(
            sent,
            json!({"ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "MsgTime": NOW, "MsgSeq": random})
        );
    }
    assert_eq!(say(&house, "pub", "mira", 40).await["MsgSeq"], 40, "the same Random is the same message");
    let group = info(&house, "pub").await;
    assert_eq!((&group["NextMsgSeq"], &group["LastMsgTime"]), (&json!(41), &json!(NOW)));
    let (mut seen, mut seq) = (Vec::new(), 0);
    loop {
        let body = json!({"GroupId": "pub", "ReqMsgNumber": 20, "ReqMsgSeq": seq});
        let page = house.group("group_msg_get_simple", body).await.json();
        seen.extend(page["RspMsgList"].as_array().expect("a list").iter().map(|message| message["MsgSeq"].as_u64()));
        if page["IsFinished"] == 1 {
            break;
        }
        seq = seen.last().copied().flatten().expect("a number") - 1;
    }
    assert!(seen.iter().copied().eq((11..=40).rev().map(Some)), "{seen:?}");
    let expired = house.group("group_msg_get_simple", json!({"GroupId": "pub", "ReqMsgNumber": 5, "ReqMsgSeq": 10}));
    assert_eq!(expired.await.json()["IsFinished"], 2);
    house.emulator.clock().advance(Duration::from_secs(300));
    assert_eq!(say(&house, "pub", "mira", 40).await["MsgSeq"], 41, "after five minutes it is another");
}

#[tokio::test]
async fn unread_counts_follow_from_what_was_read() {
    let house = start(world()).await;
    say(&house, "pub", "mira", 1).await;
    say(&house, "pub", "otto", 2).await;
    let unread = async |account: &str| {
        let filter = json!({"SelfInfoFilter": ["UnreadMsgNum", "MsgSeq"]});
        let body = json!({"Member_Account": account, "GroupType": "Public", "ResponseFilter": filter});
        house.group("get_joined_group_list", body).await.json()["GroupIdList"][0]["SelfInfo"]["UnreadMsgNum"].clone()
    };
    assert_eq!((unread("mira").await, unread("otto").await, unread("pia").await), (json!(1), json!(0), json!(2)));
    for (asked, kept) in [(1, 1), (50, 2), (0, 0)] {
        let body = json!({"GroupId": "pub", "Member_Account": "pia", "UnreadMsgNum": asked});
        assert_eq!(house.group("set_unread_msg_num", body).await.code(), 0);
        assert_eq!(unread("pia").await, kept);
    }
    assert_eq!(member(&house, "pub", "otto").await["LastSendMsgTime"], NOW);
}

#[tokio::test]
async fn recalled_and_deleted_messages_leave_their_places() {
    let house = start(world()).await;
    for (random, from) in [(1, "mira"), (2, "otto"), (3, "pia")] {
        say(&house, "pub", from, random).await;
    }
    let recall = json!({"GroupId": "pub", "MsgSeqList": [{"MsgSeq": 1}], "Reason": "typo"});
    assert_eq!(
        house.group("group_msg_recall", recall).await.json()["RecallRetList"],
        json!([{"MsgSeq": 1, "RetCode": 0}])
    );
    let event = last(&house).await;
    assert_eq!((&event["event"], &event["data"]["MsgSeqList"]), (&json!("recalled"), &json!([1])));
    assert_eq!(event["audience"]["accounts"], json!(["mira", "otto", "pia"]));
    house.group("delete_group_msg_by_sender", json!({"GroupId": "pub", "Sender_Account": "otto"})).await;
    let places = async |recalled: bool| -> Vec<(u64, u64, usize)> {
        let body = json!({"GroupId": "pub", "ReqMsgNumber": 20, "WithRecalledMsg": recalled});
        let page = house.group("group_msg_get_simple", body).await.json();
        let place = |message: &Value| {
            let number = |name: &str| message[name].as_u64().expect("a number");
            (number("MsgSeq"), number("IsPlaceMsg"), message["MsgBody"].as_array().expect("a body").len())
        };
        page["RspMsgList"].as_array().expect("a list").iter().map(place).collect()
    };
    assert_eq!(places(true).await, [(3, 0, 1), (2, 1, 0), (1, 2, 0)]);
    assert_eq!(places(false).await, [(3, 0, 1), (2, 1, 0)]);
    house.emulator.clock().advance(Duration::from_secs(121));
    let late = json!({"GroupId": "pub", "MsgSeqList": [{"MsgSeq": 3}]});
    assert_eq!(house.group("group_msg_recall", late).await.json()["RecallRetList"][0]["RetCode"], 10031);
}

#[tokio::test]
async fn receipts_count_readers_who_are_members() {
    let house = start(world()).await;
    say(&house, "pub", "mira", 1).await;
    let receipt = async || {
        let body = json!({"GroupId": "pub", "MsgSeqList": [{"MsgSeq": 1}]});
        house.group("get_group_msg_receipt", body).await.json()["GroupMsgReceiptList"][0].clone()
    };
    assert_eq!(receipt().await, json!({"Code": 0, "MsgSeq": 1, "ReadNum": 0, "UnreadNum": 2}));
    house.group("group_msg_receipt", json!({"GroupId": "pub", "From_Account": "pia", "MsgSeqList": [1]})).await;
    assert_eq!(last(&house).await["audience"]["accounts"], json!(["mira"]));
    assert_eq!(receipt().await, json!({"Code": 0, "MsgSeq": 1, "ReadNum": 1, "UnreadNum": 1}));
    house.group("delete_group_member", json!({"GroupId": "pub", "MemberToDel_Account": ["pia"]})).await;
    assert_eq!(receipt().await, json!({"Code": 0, "MsgSeq": 1, "ReadNum": 0, "UnreadNum": 1}));
}

#[tokio::test]
async fn a_private_group_sleeps_until_its_owner_speaks() {
    let house = start(world()).await;
    let add = |account: &str| json!({"GroupId": "priv", "MemberList": [{"Member_Account": account}]});
    let hidden = json!({"Member_Account": "pia", "GroupType": "Private"});
    say(&house, "priv", "otto", 1).await;
    assert_eq!(last(&house).await["audience"]["accounts"], json!([]));
    house.group("add_group_member", add("rosa")).await;
    assert_eq!(last(&house).await["audience"]["accounts"], json!([]));
    assert_eq!(house.group("get_joined_group_list", hidden.clone()).await.json()["TotalCount"], 0);
    say(&house, "priv", "mira", 2).await;
    assert_eq!(last(&house).await["audience"]["accounts"], json!(["otto", "pia", "rosa"]));
    assert_eq!(house.group("get_joined_group_list", hidden).await.json()["TotalCount"], 1);
    house.group("delete_group_member", json!({"GroupId": "priv", "MemberToDel_Account": ["rosa"]})).await;
    assert_eq!(last(&house).await["data"]["Tip"], 3);
}

#[tokio::test]
async fn a_mute_outlives_the_membership_and_ends_with_its_time() {
    let house = start(world()).await;
    let mute = json!({"GroupId": "pub", "Members_Account": ["pia", "rosa"], "ShutUpTime": 60, "MuteTime": 100});
    assert_eq!(house.group("forbid_send_msg", mute).await.code(), 0);
    let event = last(&house).await;
    assert_eq!(
        (&event["event"], &event["data"]["Tip"], &event["data"]["MuteUntil"]),
        (&json!("muted"), &json!(7), &json!(NOW + 100))
    );
    house.group("delete_group_member", json!({"GroupId": "pub", "MemberToDel_Account": ["pia"]})).await;
    house.group("add_group_member", json!({"GroupId": "pub", "MemberList": [{"Member_Account": "pia"}]})).await;
    assert_eq!(member(&house, "pub", "pia").await["ShutUpUntil"], NOW + 100);
    assert_eq!(say(&house, "pub", "pia", 1).await["ErrorCode"], 10017);
    house.emulator.clock().advance(Duration::from_secs(100));
    assert_eq!(say(&house, "pub", "pia", 1).await["ErrorCode"], 0);
    let muted = house.group("get_group_muted_account", json!({"GroupId": "pub"})).await.json();
    assert_eq!(muted["MutedAccountList"], json!([]));
    let for_ever = json!({"GroupId": "pub", "Members_Account": ["pia"], "MuteTime": 4_294_967_295_u64});
    house.group("forbid_send_msg", for_ever).await;
    assert_eq!(member(&house, "pub", "pia").await["ShutUpUntil"], 4_294_967_295_u64);
    house.group("modify_group_base_info", json!({"GroupId": "pub", "MuteAllMember": "On"})).await;
    let unmute = json!({"GroupId": "pub", "Members_Account": ["pia"], "ShutUpTime": 0});
    house.group("forbid_send_msg", unmute).await;
    for (who, code) in [("pia", 10017), ("otto", 0), ("mira", 0), ("admin", 0)] {
        assert_eq!(say(&house, "pub", who, 9).await["ErrorCode"], code, "{who}");
    }
}

#[tokio::test]
async fn a_ban_removes_and_keeps_out_until_its_time_is_over() {
    let house = start(world()).await;
    let ban = json!({"GroupId": "chat", "Members_Account": ["pia", "rosa"], "Duration": 60, "Description": "spam"});
    assert_eq!(house.group("ban_group_member", ban).await.code(), 0);
    let events = house.events().await;
    let names: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap_or("")).collect();
    assert_eq!(names, ["member_left", "banned"]);
    assert_eq!((&events[0]["data"]["how"], &events[0]["data"]["reason"]), (&json!("kicked"), &json!("spam")));
    let add = json!({"GroupId": "chat", "MemberList": [{"Member_Account": "pia"}]});
    let result = async || house.group("add_group_member", add.clone()).await.json()["MemberList"][0]["Result"].clone();
    assert_eq!(result().await, 0);
    house.emulator.clock().advance(Duration::from_secs(60));
    assert_eq!(result().await, 1);
    let banned = house.group("get_group_ban_member", json!({"GroupId": "chat", "Offset": 0})).await.json();
    assert_eq!((&banned["BannedAccountList"], &banned["NextOffset"]), (&json!([]), &json!(0)));
}

#[tokio::test]
async fn roles_owner_and_profile_tell_their_tips_and_notices() {
    let house = start(world()).await;
    let promote =
        json!({"GroupId": "pub", "Member_Account": "pia", "Role": "Admin", "NameCard": "P.", "ShutUpTime": 60});
    assert_eq!(house.group("modify_group_member_info", promote).await.code(), 0);
    let events = house.events().await;
    let told: Vec<_> = events.iter().map(|event| (event["event"].clone(), event["data"]["Tip"].clone())).collect();
    assert_eq!(
        told,
        [(json!("role_changed"), json!(4)), (json!("member_changed"), json!(7)), (json!("muted"), json!(7))]
    );
    assert_eq!(events[0]["data"]["Notice"], 9);
    house.emulator.clock().advance(Duration::from_secs(5));
    house.group("change_group_owner", json!({"GroupId": "pub", "NewOwner_Account": "pia"})).await;
    let group = info(&house, "pub").await;
    assert_eq!(
        (&group["Owner_Account"], &group["InfoSeq"], &group["LastInfoTime"]),
        (&json!("pia"), &json!(1), &json!(NOW + 5))
    );
    assert_eq!(
        (&group["NextMsgSeq"], &group["LastMsgTime"]),
        (&json!(5), &json!(0)),
        "tips take numbers, and are no messages"
    );
    let event = last(&house).await;
    assert_eq!((&event["data"]["Tip"], &event["audience"]["accounts"]), (&json!(6), &json!(["mira", "otto", "pia"])));
    let roles = json!({"GroupId": "pub", "User_Account": ["mira", "otto", "pia"]});
    let roles = house.group("get_role_in_group", roles).await.json();
    let roles: Vec<_> =
        roles["UserIdList"].as_array().expect("a list").iter().map(|entry| entry["Role"].clone()).collect();
    assert_eq!(roles, ["Member", "Admin", "Owner"]);
    let same = json!({"GroupId": "pub", "Name": info(&house, "pub").await["Name"].as_str().unwrap_or("pub")});
    house.group("modify_group_base_info", same).await;
    assert_eq!(info(&house, "pub").await["InfoSeq"], 1, "what is so already is no change");
    house
        .group(
            "send_group_system_notification",
            json!({"GroupId": "pub", "Content": "c", "ToMembers_Account": ["otto", "rosa"]}),
        )
        .await;
    let event = last(&house).await;
    assert_eq!((&event["data"]["Notice"], &event["audience"]["accounts"]), (&json!(255), &json!(["otto"])));
}

#[tokio::test]
async fn topics_have_messages_and_mutes_of_their_own() {
    let house = start(world()).await;
    let made = json!({"GroupId": "@TGS#_park", "TopicName": "gear"});
    let made = house.tencent("million_group_open_http_svc/create_topic", made).await.json();
    let topic = made["TopicId"].clone();
    let body = json!([{"MsgType": "TIMTextElem", "MsgContent": {"Text": "t"}}]);
    let send = json!({"GroupId": "@TGS#_park", "TopicId": topic, "From_Account": "pia", "Random": 1, "MsgBody": body});
    assert_eq!(house.group("send_group_msg", send.clone()).await.json()["MsgSeq"], 1);
    assert_eq!(last(&house).await["data"]["TopicId"], topic);
    let mute = json!({"GroupId": "@TGS#_park", "TopicId": topic, "Members_Account": ["pia"], "MuteTime": 9});
    house.group("forbid_send_msg", mute).await;
    let mut again = send.clone();
    again["Random"] = json!(2);
    assert_eq!(house.group("send_group_msg", again).await.code(), 10017);
    assert_eq!(say(&house, "@TGS#_park", "pia", 3).await["ErrorCode"], 0, "the mute is of the topic alone");
    let read = json!({"GroupId": "@TGS#_park", "TopicId": topic, "ReqMsgNumber": 5});
    assert_eq!(house.group("group_msg_get_simple", read).await.json()["RspMsgList"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_deleted_account_is_in_no_group_and_can_come_back() {
    let house = start(world()).await;
    let deleted = json!({"DeleteItem": [{"UserID": "mira"}]});
    assert_eq!(
        house.tencent("im_open_login_svc/account_delete", deleted).await.json()["ResultItem"][0]["ResultCode"],
        0
    );
    for group in ["pub", "priv", "chat", "@TGS#_park"] {
        let group = info(&house, group).await;
        assert_eq!((&group["MemberNum"], &group["Owner_Account"]), (&json!(2), &json!("")), "{group}");
    }
    let checked = json!({"CheckItem": [{"UserID": "mira"}]});
    let checked = house.tencent("im_open_login_svc/account_check", checked).await.json();
    assert_eq!(checked["ResultItem"][0]["AccountStatus"], "NotImported");
    assert_eq!(house.tencent("im_open_login_svc/account_import", json!({"Identifier": "mira"})).await.code(), 0);
    assert_eq!(house.group("get_joined_group_list", json!({"Member_Account": "mira"})).await.json()["TotalCount"], 0);
}

#[tokio::test]
async fn a_snapshot_carries_all_that_groups_remember() {
    let house = start(world()).await;
    say(&house, "pub", "mira", 1).await;
    let commands = [
        ("group_open_http_svc/group_msg_receipt", json!({"GroupId": "pub", "From_Account": "pia", "MsgSeqList": [1]})),
        (
            "openim_msg_ext_http_svc/group_set_key_values",
            json!({"GroupId": "pub", "MsgSeq": 1, "OperateType": 1, "ExtensionList": [{"Key": "k", "Value": "v"}]}),
        ),
        ("group_open_http_svc/forbid_send_msg", json!({"GroupId": "pub", "Members_Account": ["pia"], "MuteTime": 60})),
        (
            "group_open_http_svc/ban_group_member",
            json!({"GroupId": "pub", "Members_Account": ["rosa"], "Duration": 60}),
        ),
        (
            "group_open_http_svc/update_group_counter",
            json!({"GroupId": "pub", "Mode": "Increase", "GroupCounter": [{"Key": "k", "Value": -3}]}),
        ),
        ("group_open_http_svc/set_group_attr", json!({"GroupId": "live", "GroupAttr": [{"key": "k", "value": "v"}]})),
        (
            "group_open_avchatroom_http_svc/modify_admin",
            json!({"GroupId": "live", "CommandType": 1, "Admin_Account": ["otto"]}),
        ),
        (
            "group_open_http_svc/modify_group_base_info",
            json!({"GroupId": "pub", "AppDefinedData": [{"Key": "k", "Value": "v"}], "HistoryMsgBeforeJoin": "Off"}),
        ),
        (
            "million_group_open_http_svc/create_topic",
            json!({"GroupId": "@TGS#_park", "TopicName": "t", "TopicId": "@TGS#_park@TOPIC#_t"}),
        ),
        (
            "group_open_http_svc/send_group_msg",
            json!({"GroupId": "@TGS#_park", "TopicId": "@TGS#_park@TOPIC#_t", "Random": 1, "MsgBody": [{"MsgType": "T", "MsgContent": {"n": 1.50}}]}),
        ),
        (
            "group_open_http_svc/create_permission_group",
            json!({"GroupId": "@TGS#_park", "PermissionGroupName": "p", "PermissionGroupId": "@PMG#_p"}),
        ),
        (
            "group_open_http_svc/add_permission_group_member",
            json!({"GroupId": "@TGS#_park", "PermissionGroupId": "@PMG#_p", "MemberList": [{"Member_Account": "pia"}]}),
        ),
        ("im_open_login_svc/kick", json!({"UserID": "pia"})),
    ];
    for (command, body) in commands {
        assert_eq!(house.tencent(command, body).await.code(), 0, "{command}");
    }
    let snapshot = house.state().await;
    for word in [
        "MessageList",
        "Readers",
        "KeyValues",
        "ShutUpAccountList",
        "BannedAccountList",
        "GroupCounter",
        "GroupAttr",
        "Admin_Account",
        "TopicList",
        "PermissionGroupList",
        "AppDefinedData",
        "SignaturesVoidBefore",
        "HistoryMsgBeforeJoin",
    ] {
        assert!(snapshot.to_string().contains(&format!("\"{word}\"")), "{word}");
    }
    house.control("PUT", "state", snapshot.clone()).await;
    assert_eq!(house.state().await, snapshot);
    assert_eq!(say(&house, "pub", "mira", 1).await["MsgSeq"], 1, "the repeated message is known after it too");
}
