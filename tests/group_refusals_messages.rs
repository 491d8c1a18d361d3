//! Messages of groups: every command against all input that no rule allows.

mod common;
mod refusals;

use refusals::{EXT, G, Row, many, walk};
use serde_json::json;

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

#[tokio::test]
async fn commands_of_messages_refuse() {
    walk(messages()).await;
}
