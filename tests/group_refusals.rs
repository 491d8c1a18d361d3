//! Every group command, walked through all input that no rule allows: the documented code each time, and nothing changed.

mod common;

use common::{House, start};
use serde_json::{Value, json};

const G: &str = "group_open_http_svc";
const LIVE: &str = "group_open_avchatroom_http_svc";
const MILLION: &str = "million_group_open_http_svc";
const EXT: &str = "openim_msg_ext_http_svc";

/// What is known of a command's input.
struct Row {
    service: &'static str,
    command: &'static str,
    /// A body that is taken.
    body: Value,
    /// Fields that have to be there.
    required: &'static [&'static str],
    /// Those of them that are one account: another type has a code of its own.
    accounts: &'static [&'static str],
    /// Fields that may be absent, null, "" and 0 alike.
    optional: &'static [&'static str],
    /// Changes of the body, each with its code.
    wrong: Vec<(Value, i64)>,
    /// Groups whose type does not permit it, each with its code.
    types: &'static [(&'static str, i64)],
}

fn many(entry: &Value, count: usize) -> Value {
    json!(vec![entry; count])
}

fn world() -> Value {
    let accounts: Vec<Value> = ["u_mira", "u_otto", "u_pia", "u_rosa"].iter().map(|id| json!({"UserID": id})).collect();
    let text = json!([{"MsgType": "TIMTextElem", "MsgContent": {"Text": "t"}}]);
    let message = json!({"MsgSeq": 1, "Random": 1, "From_Account": "u_mira", "MsgTime": 1_767_603_590, "MsgBody": text, "Readers": {}});
    let of = |id: &str, kind: &str| {
        json!({"GroupId": id, "Type": kind, "Owner_Account": "u_mira", "Activated": true, "NextMsgSeq": 2, "CreateTime": 1,
            "MessageList": if id == "pub" { json!([message]) } else { json!([]) },
            "MemberList": [{"Member_Account": "u_mira"}, {"Member_Account": "u_otto"}]})
    };
    let mut live = of("live", "AVChatRoom");
    live["GroupAttr"] = json!({"a": "b"});
    let mut park = of("@TGS#_park", "Community");
    park["SupportTopic"] = json!(1);
    park["TopicList"] = json!([{"TopicId": "@TGS#_park@TOPIC#_t", "TopicName": "t"}]);
    park["PermissionGroupList"] = json!([{"PermissionGroupId": "@PMG#_p", "PermissionGroupName": "p"}]);
    let groups = json!([
        of("priv", "Private"),
        of("pub", "Public"),
        of("chat", "ChatRoom"),
        live,
        of("cast", "BChatRoom"),
        park,
        of("@TGS#_bare", "Community")
    ]);
    json!({"imulator": 1, "tencent": {"88888888": {"accounts": accounts, "groups": groups}}})
}

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

/// The rows of messages.
// table
fn messages() -> Vec<Row> {
    let text = json!([{"MsgType": "TIMTextElem", "MsgContent": {"Text": "t"}}]);
    let huge = json!([{"MsgType": "TIMTextElem", "MsgContent": {"Text": "x".repeat(8001)}}]);
    let old = json!({"From_Account": "u_mira", "SendTime": 1_767_603_595, "Random": 2, "MsgBody": text});
    vec![
        Row {
            service: G,
            command: "send_group_msg",
            body: json!({"GroupId": "pub", "Random": 9, "MsgBody": text}),
            required: &["Random", "MsgBody"],
            accounts: &[],
            optional: &[
                "From_Account",
                "MsgPriority",
                "OnlineOnlyFlag",
                "SendMsgControl",
                "ForbidCallbackControl",
                "CloudCustomData",
                "To_Account",
                "NeedReadReceipt",
                "SupportMessageExtension",
                "GroupAtInfo",
                "TopicId",
                "OfflinePushInfo",
            ],
            wrong: vec![
                (json!({"Random": "9"}), 10004),
                (json!({"Random": -1}), 10004),
                (json!({"Random": 4_294_967_296_u64}), 10004),
                (json!({"MsgBody": []}), 10004),
                (json!({"MsgBody": "t"}), 10004),
                (json!({"MsgBody": ""}), 10004),
                (json!({"MsgBody": [{"MsgType": "TIMTextElem"}]}), 10004),
                (json!({"MsgBody": [{"MsgType": 1, "MsgContent": {}}]}), 10004),
                (json!({"MsgBody": ["t"]}), 10004),
                (json!({"MsgBody": huge}), 80002),
                (json!({"MsgPriority": "Urgent"}), 10004),
                (json!({"OnlineOnlyFlag": 2}), 10004),
                (json!({"From_Account": 5}), 60015),
                (json!({"From_Account": "nobody"}), 10019),
                (json!({"From_Account": "u_rosa"}), 10007),
                (json!({"To_Account": many(&json!("u_otto"), 51)}), 10004),
                (json!({"GroupAtInfo": many(&json!({"GroupAt_Account": "u_otto"}), 31)}), 10053),
                (json!({"SendMsgControl": ["Loud"]}), 10004),
                (json!({"TopicId": "t"}), 10007),
            ],
            types: &[],
        },
        Row {
            service: G,
            command: "send_group_system_notification",
            body: json!({"GroupId": "pub", "Content": "c"}),
            required: &["Content"],
            accounts: &[],
            optional: &["ToMembers_Account", "TopicId"],
            wrong: vec![
                (json!({"Content": ""}), 10004),
                (json!({"Content": "x".repeat(8001)}), 10004),
                (json!({"ToMembers_Account": "u_otto"}), 10004),
                (json!({"ToMembers_Account": [7]}), 10004),
                (json!({"GroupId": "live", "ToMembers_Account": ["u_otto"]}), 10007),
            ],
            types: &[],
        },
        Row {
            service: G,
            command: "group_msg_recall",
            body: json!({"GroupId": "pub", "MsgSeqList": [{"MsgSeq": 1}]}),
            required: &["MsgSeqList"],
            accounts: &[],
            optional: &["Reason", "TopicId"],
            wrong: vec![
                (json!({"MsgSeqList": []}), 10004),
                (json!({"MsgSeqList": many(&json!({"MsgSeq": 1}), 11)}), 10004),
                (json!({"MsgSeqList": [1]}), 10004),
                (json!({"MsgSeqList": [{"MsgSeq": "1"}]}), 10004),
                (json!({"Reason": "x".repeat(101)}), 10004),
            ],
            types: &[("live", 10033), ("cast", 10033)],
        },
        Row {
            service: G,
            command: "group_msg_get_simple",
            body: json!({"GroupId": "pub", "ReqMsgNumber": 1}),
            required: &["ReqMsgNumber"],
            accounts: &[],
            optional: &["ReqMsgSeq", "TopicId"],
            wrong: vec![
                (json!({"ReqMsgNumber": 21}), 10004),
                (json!({"ReqMsgNumber": 0}), 10004),
                (json!({"ReqMsgSeq": -1}), 10004),
                (json!({"WithRecalledMsg": "yes"}), 10004),
            ],
            types: &[("live", 10007), ("cast", 10007)],
        },
        Row {
            service: G,
            command: "delete_group_msg_by_sender",
            body: json!({"GroupId": "pub", "Sender_Account": "u_mira"}),
            required: &["Sender_Account"],
            accounts: &["Sender_Account"],
            optional: &["TopicId"],
            wrong: vec![(json!({"Sender_Account": ""}), 10004)],
            types: &[("live", 10035), ("cast", 10035)],
        },
        Row {
            service: G,
            command: "import_group_msg",
            body: json!({"GroupId": "pub", "MsgList": [old]}),
            required: &["MsgList"],
            accounts: &[],
            optional: &["RecentContactFlag", "TopicId"],
            wrong: vec![
                (json!({"MsgList": []}), 10004),
                (json!({"MsgList": many(&old, 8)}), 10004),
                (json!({"MsgList": [{}]}), 10004),
                (json!({"MsgList": [{"From_Account": "u_mira", "SendTime": "now", "MsgBody": text}]}), 10004),
            ],
            types: &[("live", 10007), ("cast", 10007)],
        },
        Row {
            service: G,
            command: "set_unread_msg_num",
            body: json!({"GroupId": "pub", "Member_Account": "u_otto", "UnreadMsgNum": 1}),
            required: &["Member_Account", "UnreadMsgNum"],
            accounts: &["Member_Account"],
            optional: &[],
            wrong: vec![
                (json!({"UnreadMsgNum": -1}), 10004),
                (json!({"Member_Account": "u_rosa"}), 10007),
                (json!({"Member_Account": "nobody"}), 10007),
            ],
            types: &[("chat", 10007), ("live", 10007), ("cast", 10007)],
        },
        Row {
            service: G,
            command: "group_msg_receipt",
            body: json!({"GroupId": "pub", "From_Account": "u_otto", "MsgSeqList": [1]}),
            required: &["From_Account", "MsgSeqList"],
            accounts: &["From_Account"],
            optional: &[],
            wrong: vec![
                (json!({"MsgSeqList": many(&json!(1), 51)}), 10004),
                (json!({"From_Account": "u_rosa"}), 10007),
            ],
            types: &[("live", 10007), ("@TGS#_park", 10007)],
        },
        Row {
            service: G,
            command: "get_group_msg_receipt",
            body: json!({"GroupId": "pub", "MsgSeqList": [{"MsgSeq": 1}]}),
            required: &["MsgSeqList"],
            accounts: &[],
            optional: &[],
            wrong: vec![(json!({"MsgSeqList": []}), 10004)],
            types: &[("live", 10007)],
        },
        Row {
            service: G,
            command: "get_group_msg_receipt_detail",
            body: json!({"GroupId": "pub", "MsgSeq": 1}),
            required: &["MsgSeq"],
            accounts: &[],
            optional: &["Filter", "Cursor", "Count"],
            wrong: vec![
                (json!({"Count": 201}), 10004),
                (json!({"Filter": 2}), 10004),
                (json!({"Cursor": "x"}), 10004),
                (json!({"MsgSeq": 9}), 10030),
            ],
            types: &[("live", 10007)],
        },
        Row {
            service: G,
            command: "clear_group_msg",
            body: json!({"GroupId": "pub"}),
            required: &[],
            accounts: &[],
            optional: &["TopicId"],
            wrong: vec![(json!({"GroupId": "chat"}), 10052)],
            types: &[("live", 10007)],
        },
        Row {
            service: "openim",
            command: "modify_group_msg",
            body: json!({"GroupId": "pub", "MsgSeq": 1, "MsgBody": text}),
            required: &["MsgSeq", "MsgBody"],
            accounts: &[],
            optional: &["CloudCustomData", "TopicId"],
            wrong: vec![(json!({"MsgSeq": 7}), 10030), (json!({"MsgBody": huge}), 80002)],
            types: &[("live", 10007)],
        },
        Row {
            service: EXT,
            command: "group_get_key_values",
            body: json!({"GroupId": "pub", "MsgSeq": 1}),
            required: &["MsgSeq"],
            accounts: &[],
            optional: &["StartSeq"],
            wrong: vec![(json!({"MsgSeq": 7}), 10030)],
            types: &[("live", 10007), ("cast", 10007)],
        },
        Row {
            service: EXT,
            command: "group_set_key_values",
            body: json!({"GroupId": "pub", "MsgSeq": 1, "OperateType": 1, "ExtensionList": [{"Key": "k", "Value": "v"}]}),
            required: &["MsgSeq", "OperateType", "ExtensionList"],
            accounts: &[],
            optional: &[],
            wrong: vec![
                (json!({"OperateType": 4}), 10004),
                (json!({"ExtensionList": many(&json!({"Key": "k"}), 21)}), 10004),
                (json!({"ExtensionList": [{"Key": ""}]}), 10004),
            ],
            types: &[("live", 10007)],
        },
    ]
}

/// The rows of live rooms, counters and Communities.
// table
fn extras() -> Vec<Row> {
    let all_but_live: &[(&str, i64)] =
        &[("priv", 10007), ("pub", 10007), ("chat", 10007), ("cast", 10007), ("@TGS#_park", 10007)];
    let no_topics: &[(&str, i64)] = &[("pub", 10007), ("live", 10007), ("cast", 10007), ("@TGS#_bare", 11000)];
    let (key, long) = ("k".repeat(33), "v".repeat(4001));
    vec![
        Row {
            service: G,
            command: "get_online_member_num",
            body: json!({"GroupId": "live"}),
            required: &[],
            accounts: &[],
            optional: &[],
            wrong: vec![],
            types: all_but_live,
        },
        Row {
            service: LIVE,
            command: "get_members",
            body: json!({"GroupId": "live"}),
            required: &[],
            accounts: &[],
            optional: &["Timestamp", "Mark"],
            wrong: vec![(json!({"Timestamp": -1}), 10004)],
            types: all_but_live,
        },
        Row {
            service: LIVE,
            command: "modify_user_info",
            body: json!({"GroupId": "live", "CommandType": 1, "MemberList": [{"Member_Account": "u_otto", "Marks": [1000]}]}),
            required: &["CommandType", "MemberList"],
            accounts: &[],
            optional: &[],
            wrong: vec![
                (json!({"CommandType": 3}), 10004),
                (json!({"MemberList": []}), 10004),
                (json!({"MemberList": [{"Member_Account": "u_otto", "Marks": [7]}]}), 10004),
                (json!({"MemberList": [{"Member_Account": "u_rosa", "Marks": [1000]}]}), 10004),
                (json!({"MemberList": many(&json!({"Member_Account": "u_otto", "Marks": [1000]}), 501)}), 10005),
            ],
            types: all_but_live,
        },
        Row {
            service: LIVE,
            command: "check_members",
            body: json!({"GroupId": "live", "Member_Account": ["u_otto"]}),
            required: &["Member_Account"],
            accounts: &[],
            optional: &[],
            wrong: vec![(json!({"Member_Account": []}), 10004)],
            types: all_but_live,
        },
        Row {
            service: LIVE,
            command: "modify_admin",
            body: json!({"GroupId": "live", "CommandType": 1, "Admin_Account": ["u_rosa"]}),
            required: &["CommandType", "Admin_Account"],
            accounts: &[],
            optional: &[],
            wrong: vec![
                (json!({"Admin_Account": many(&json!("u_rosa"), 6)}), 10004),
                (json!({"Admin_Account": ["nobody"]}), 10019),
            ],
            types: all_but_live,
        },
        Row {
            service: LIVE,
            command: "get_admin_list",
            body: json!({"GroupId": "live"}),
            required: &[],
            accounts: &[],
            optional: &[],
            wrong: vec![],
            types: all_but_live,
        },
        Row {
            service: "group_open_attr_http_svc",
            command: "get_group_attr",
            body: json!({"GroupId": "live"}),
            required: &[],
            accounts: &[],
            optional: &[],
            wrong: vec![],
            types: all_but_live,
        },
        Row {
            service: G,
            command: "modify_group_attr",
            body: json!({"GroupId": "live", "GroupAttr": [{"key": "k", "value": "v"}]}),
            required: &["GroupAttr"],
            accounts: &[],
            optional: &[],
            wrong: vec![
                (json!({"GroupAttr": []}), 10004),
                (json!({"GroupAttr": [{"key": key, "value": "v"}]}), 10045),
                (json!({"GroupAttr": [{"key": "k", "value": long}]}), 10046),
                (json!({"GroupAttr": many(&json!({"key": "k", "value": "v"}), 17)}), 10047),
                (
                    json!({"GroupAttr": (0..5).map(|n| json!({"key": n.to_string(), "value": "v".repeat(4000)})).collect::<Vec<_>>()}),
                    10048,
                ),
            ],
            types: all_but_live,
        },
        Row {
            service: G,
            command: "set_group_attr",
            body: json!({"GroupId": "live", "GroupAttr": [{"key": "k", "value": "v"}]}),
            required: &["GroupAttr"],
            accounts: &[],
            optional: &[],
            wrong: vec![(json!({"GroupAttr": [{"value": "v"}]}), 10004)],
            types: all_but_live,
        },
        Row {
            service: G,
            command: "delete_group_attr",
            body: json!({"GroupId": "live", "GroupAttr": [{"key": "a"}]}),
            required: &["GroupAttr"],
            accounts: &[],
            optional: &[],
            wrong: vec![(json!({"GroupAttr": [{"key": "a"}, {"key": "none"}]}), 10050)],
            types: all_but_live,
        },
        Row {
            service: G,
            command: "clear_group_attr",
            body: json!({"GroupId": "live"}),
            required: &[],
            accounts: &[],
            optional: &[],
            wrong: vec![],
            types: all_but_live,
        },
        Row {
            service: G,
            command: "get_group_counter",
            body: json!({"GroupId": "pub"}),
            required: &[],
            accounts: &[],
            optional: &["GroupCounterKeys"],
            wrong: vec![(json!({"GroupCounterKeys": many(&json!("k"), 21)}), 10063)],
            types: &[("cast", 10007), ("@TGS#_park", 10007)],
        },
        Row {
            service: G,
            command: "update_group_counter",
            body: json!({"GroupId": "pub", "GroupCounter": [{"Key": "k", "Value": 1}], "Mode": "Set"}),
            required: &["GroupCounter", "Mode"],
            accounts: &[],
            optional: &[],
            wrong: vec![
                (json!({"Mode": "Double"}), 10004),
                (json!({"GroupCounter": [{"Key": "k"}]}), 10004),
                (json!({"GroupCounter": [{"Key": "k".repeat(129), "Value": 1}]}), 10004),
                (json!({"GroupCounter": many(&json!({"Key": "k", "Value": 1}), 21)}), 10063),
            ],
            types: &[("cast", 10007), ("@TGS#_park", 10007)],
        },
        Row {
            service: G,
            command: "delete_group_counter",
            body: json!({"GroupId": "pub"}),
            required: &[],
            accounts: &[],
            optional: &["GroupCounterKeys"],
            wrong: vec![],
            types: &[("cast", 10007)],
        },
        Row {
            service: MILLION,
            command: "create_topic",
            body: json!({"GroupId": "@TGS#_park", "TopicName": "n"}),
            required: &["TopicName"],
            accounts: &[],
            optional: &["TopicId", "From_Account", "CustomString", "FaceUrl", "Notification", "Introduction"],
            wrong: vec![
                (json!({"TopicName": "n".repeat(101)}), 10004),
                (json!({"CustomString": "n".repeat(3001)}), 10004),
                (json!({"TopicId": "mine"}), 10004),
                (json!({"TopicId": "@TGS#_park@TOPIC#_t"}), 10021),
                (json!({"From_Account": "nobody"}), 10019),
            ],
            types: no_topics,
        },
        Row {
            service: MILLION,
            command: "destroy_topic",
            body: json!({"GroupId": "@TGS#_park", "TopicIdList": ["@TGS#_park@TOPIC#_t"]}),
            required: &["TopicIdList"],
            accounts: &[],
            optional: &[],
            wrong: vec![(json!({"TopicIdList": []}), 10004)],
            types: no_topics,
        },
        Row {
            service: MILLION,
            command: "get_topic",
            body: json!({"GroupId": "@TGS#_park"}),
            required: &[],
            accounts: &[],
            optional: &["From_Account", "TopicIdList", "ResponseFilter"],
            wrong: vec![(json!({"TopicIdList": [1]}), 10004)],
            types: no_topics,
        },
        Row {
            service: MILLION,
            command: "modify_topic",
            body: json!({"GroupId": "@TGS#_park", "TopicId": "@TGS#_park@TOPIC#_t", "TopicName": "n"}),
            required: &["TopicId"],
            accounts: &[],
            optional: &["FaceUrl", "MuteAllMember"],
            wrong: vec![(json!({"TopicId": "none"}), 10010)],
            types: no_topics,
        },
        Row {
            service: G,
            command: "import_topic",
            body: json!({"GroupId": "@TGS#_park", "TopicName": "n"}),
            required: &["TopicName"],
            accounts: &[],
            optional: &["Type", "CreateTime"],
            wrong: vec![(json!({"Type": "Public"}), 10004), (json!({"CreateTime": 4_000_000_000_u64}), 10004)],
            types: no_topics,
        },
        Row {
            service: G,
            command: "create_permission_group",
            body: json!({"GroupId": "@TGS#_park", "PermissionGroupName": "n"}),
            required: &["PermissionGroupName"],
            accounts: &[],
            optional: &["PermissionGroupId", "Permission", "CustomString"],
            wrong: vec![
                (json!({"PermissionGroupName": "n".repeat(151)}), 10004),
                (json!({"PermissionGroupId": "x"}), 10004),
            ],
            types: no_topics,
        },
        Row {
            service: G,
            command: "get_permission_group",
            body: json!({"GroupId": "@TGS#_park"}),
            required: &[],
            accounts: &[],
            optional: &["PermissionGroupIdList", "Limit", "Next"],
            wrong: vec![(json!({"Limit": 101}), 10004), (json!({"Next": "x"}), 10004)],
            types: no_topics,
        },
        Row {
            service: G,
            command: "add_permission_group_member",
            body: json!({"GroupId": "@TGS#_park", "PermissionGroupId": "@PMG#_p", "MemberList": [{"Member_Account": "u_otto"}]}),
            required: &["PermissionGroupId", "MemberList"],
            accounts: &[],
            optional: &[],
            wrong: vec![
                (json!({"PermissionGroupId": "none"}), 10010),
                (json!({"MemberList": many(&json!({"Member_Account": "u_otto"}), 101)}), 10004),
            ],
            types: no_topics,
        },
        Row {
            service: G,
            command: "delete_permission_group_member",
            body: json!({"GroupId": "@TGS#_park", "PermissionGroupId": "@PMG#_p", "MemberList": [{"Member_Account": "u_otto"}]}),
            required: &["PermissionGroupId", "MemberList"],
            accounts: &[],
            optional: &[],
            wrong: vec![],
            types: no_topics,
        },
        Row {
            service: G,
            command: "get_permission_group_member_list",
            body: json!({"GroupId": "@TGS#_park", "PermissionGroupId": "@PMG#_p"}),
            required: &["PermissionGroupId"],
            accounts: &[],
            optional: &["Limit", "Next"],
            wrong: vec![],
            types: no_topics,
        },
    ]
}

fn with(body: &Value, change: &Value) -> Value {
    let mut body = body.clone();
    change.as_object().into_iter().flatten().for_each(|(name, value)| body[name] = value.clone());
    body
}

/// Every wrong body of a row, with its code.
fn table(row: &Row) -> Vec<(Value, i64)> {
    let mut table: Vec<(Value, i64)> =
        row.wrong.iter().map(|(change, code)| (with(&row.body, change), *code)).collect();
    for field in row.required.iter().chain(&["GroupId"]) {
        let mut missing = row.body.clone();
        missing.as_object_mut().expect("an object").remove(*field);
        let other = if row.accounts.contains(field) { 60015 } else { 10004 };
        table.extend([(missing, 10004), (with(&row.body, &json!({*field: null})), 10004)]);
        table.push((with(&row.body, &json!({*field: {"a": 1}})), other));
        table.push((with(&row.body, &json!({*field: true})), other));
    }
    let group = |id: &str| with(&row.body, &json!({"GroupId": id}));
    table.extend([
        (group(""), 10015),
        (group("@TGS#zz"), 10015),
        (group(&"g".repeat(49)), 10015),
        (group("gone"), 10010),
    ]);
    table.extend(row.types.iter().map(|(id, code)| (group(id), *code)));
    table
}

async fn walk(rows: Vec<Row>) {
    for row in rows {
        let house = start(world()).await;
        let command = format!("{}/{}", row.service, row.command);
        let before = house.state().await;
        for (body, code) in table(&row) {
            let answer = house.tencent(&command, body.clone()).await;
            let shown: String = body.to_string().chars().take(300).collect();
            assert_eq!((answer.code(), answer.status.as_u16()), (code, 200), "{command} {shown}: {}", answer.why());
            assert!(
                !answer.why().is_empty() && answer.json().as_object().is_some_and(|reply| reply.len() == 3),
                "{command}"
            );
        }
        assert_eq!(house.state().await, before, "{command}");
        assert!(house.events().await.is_empty(), "{command}");
        blanks(&house, &row, &command).await;
    }
}

/// Optional fields that are null, "" or 0 count as absent.
async fn blanks(_: &House, row: &Row, command: &str) {
    for blank in [Value::Null, json!(""), json!(0)] {
        let house = start(world()).await;
        let mut body = row.body.clone();
        row.optional.iter().for_each(|field| body[*field] = blank.clone());
        let answer = house.tencent(command, body).await;
        assert_eq!(answer.code(), 0, "{command} with {blank}: {} {}", answer.text, answer.why());
    }
}

#[tokio::test]
async fn commands_of_members_refuse() {
    walk(standing()).await;
}

#[tokio::test]
async fn commands_of_messages_refuse() {
    walk(messages()).await;
}

#[tokio::test]
async fn commands_of_live_rooms_and_communities_refuse() {
    walk(extras()).await;
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
