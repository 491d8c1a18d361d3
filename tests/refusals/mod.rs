//! Walks a command through all input that no rule allows: the documented code each time, and nothing changed.

#![allow(dead_code, reason = "each family uses its part")]

use crate::common::{House, start};
use serde_json::{Value, json};

pub const G: &str = "group_open_http_svc";
pub const LIVE: &str = "group_open_avchatroom_http_svc";
pub const MILLION: &str = "million_group_open_http_svc";
pub const EXT: &str = "openim_msg_ext_http_svc";

/// What is known of a command's input.
pub struct Row {
    pub service: &'static str,
    pub command: &'static str,
    /// A body that is taken.
    pub body: Value,
    /// Fields that have to be there.
    pub required: &'static [&'static str],
    /// Those of them that are one account: another type has a code of its own.
    pub accounts: &'static [&'static str],
    /// Fields that may be absent, null, "" and 0 alike.
    pub optional: &'static [&'static str],
    /// Changes of the body, each with its code.
    pub wrong: Vec<(Value, i64)>,
    /// Groups whose type does not permit it, each with its code.
    pub types: &'static [(&'static str, i64)],
}

pub fn many(entry: &Value, count: usize) -> Value {
    json!(vec![entry; count])
}

pub fn world() -> Value {
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

pub async fn walk(rows: Vec<Row>) {
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
