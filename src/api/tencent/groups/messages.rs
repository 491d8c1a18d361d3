//! Messages and notices are sent.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::call::Call;
use crate::api::decode::optional;
use crate::api::limit::Limit;
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::groups::asked;
use crate::api::tencent::groups::fields::{act, check_accounts, check_known, switch};
use crate::api::why::quote;
use crate::domain::groups::error::GroupError;
use crate::domain::groups::kind::GroupType;
use crate::domain::groups::log::{Body, Priority};
use crate::domain::groups::sending::{Bounds, Draft};
use crate::domain::invalid::Invalid;
use crate::kernel::fact::{Field, Fields};
use crate::kernel::names::{EntityId, UserId};

/// The elements of a message, as JSON.
pub const BODY: Limit = Limit::bytes("MsgBody", 0..=8000).current(12_288);
/// Accounts that a message is for.
pub const TO: Limit = Limit::count("To_Account", 0..=50);
/// Accounts that a message mentions.
pub const MENTIONED: Limit = Limit::count("GroupAtInfo", 0..=30);
/// The text of a notice.
pub const CONTENT: Limit = Limit::bytes("Content", 1..=8000).current(12_288);
/// Accounts that a notice is for.
pub const NOTIFIED: Limit = Limit::count("ToMembers_Account", 0..=500);
/// Messages a second in one group.
pub const PER_SECOND: Limit = Limit::value("GroupId.per_second", 0..=40);

/// Sends a message to a group.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SendGroupMsg {
    /// The group.
    group_id: EntityId,
    /// 32 bits; one that was used within five minutes makes this the same message.
    random: u32,
    /// The elements.
    msg_body: Body,
    /// Who sends it; absent: the administrator who calls.
    #[serde(rename = "From_Account", default, deserialize_with = "optional")]
    from: Option<UserId>,
    /// `High`, `Normal`, `Low` or `Lowest`.
    #[serde(default, deserialize_with = "optional")]
    msg_priority: Option<Priority>,
    /// 1: for those who are online only.
    #[serde(default, deserialize_with = "optional")]
    online_only_flag: Option<i64>,
    /// Its older name.
    #[serde(default, deserialize_with = "optional")]
    msg_online_only_flag: Option<i64>,
    /// `NoUnread`, `NoLastMsg`.
    #[serde(default, deserialize_with = "optional")]
    send_msg_control: Option<Vec<String>>,
    /// `ForbidBeforeSendMsgCallback`, `ForbidAfterSendMsgCallback`.
    #[serde(default, deserialize_with = "optional")]
    forbid_callback_control: Option<Vec<String>>,
    /// Data of the app's own.
    #[serde(default, deserialize_with = "optional")]
    cloud_custom_data: Option<String>,
    /// Who alone gets it: up to 50 members.
    #[serde(rename = "To_Account", default, deserialize_with = "optional")]
    to: Option<Vec<UserId>>,
    /// 1: a receipt is asked for.
    #[serde(default, deserialize_with = "optional")]
    need_read_receipt: Option<i64>,
    /// 1: it may get key-values.
    #[serde(default, deserialize_with = "optional")]
    support_message_extension: Option<i64>,
    /// Who is mentioned: up to 30.
    #[serde(default, deserialize_with = "optional")]
    group_at_info: Option<Vec<Mention>>,
    /// To this topic of a Community.
    #[serde(default, deserialize_with = "optional")]
    topic_id: Option<EntityId>,
}

/// One who is mentioned.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub struct Mention {
    /// 1: everybody.
    #[serde(
        rename = "GroupAtAllFlag",
        default,
        deserialize_with = "optional",
        skip_serializing_if = "Option::is_none"
    )]
    all: Option<i64>,
    /// This account.
    #[serde(
        rename = "GroupAt_Account",
        default,
        deserialize_with = "optional",
        skip_serializing_if = "Option::is_none"
    )]
    account: Option<UserId>,
}

/// The message that was sent.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SentMessage {
    /// Unix seconds.
    msg_time: u32,
    /// Its number in the group.
    msg_seq: u32,
}

/// Checks the elements of a message: at least one, each with a type and a content.
///
/// # Errors
/// What is wrong with them.
pub fn check_body(body: &Body, field: &str) -> Result<(), Invalid> {
    let tree: Value = serde_json::from_str(body.json()).unwrap_or_default();
    let Some(elements) = tree.as_array() else {
        let blank = tree.is_null() || tree == "" || tree == 0;
        let wrong = || Invalid::new(field, format!("is {}, and has to be an array", quote(&tree)));
        return Err(if blank { Invalid::required(field) } else { wrong() });
    };
    if elements.is_empty() {
        return Err(Invalid::required(field));
    }
    for (at, element) in elements.iter().enumerate() {
        if !element.is_object() {
            let why = format!("is {}, and has to be an object", quote(element));
            return Err(Invalid::new(format!("{field}[{at}]"), why));
        }
        let wrong = |name: &str, form: &str| {
            let why = match element.get(name).unwrap_or(&Value::Null) {
                Value::Null => format!("is required: {form}"),
                value => format!("is {}, and has to be {form}", quote(value)),
            };
            Err(Invalid::new(format!("{field}[{at}].{name}"), why))
        };
        if element.get("MsgType").and_then(Value::as_str).is_none_or(str::is_empty) {
            return wrong("MsgType", "a string such as TIMTextElem");
        }
        if !element.get("MsgContent").is_some_and(Value::is_object) {
            return wrong("MsgContent", "an object");
        }
    }
    Ok(())
}

/// `send_group_msg`: the owner's first message wakes a Private group.
// Assumed: a message that is dropped as a repeated one answers the time and number of the first; in the seed profile the
// same Random is enough for that, in the current one the content has to be the same too.
// Assumed: From_Account of an unknown account is 10019, as everywhere.
///
/// # Errors
/// 10004 for a field, 10007 the sender is no member, 10010 no such group or topic, 10015 a malformed id, 10016 the app's
/// receiver refused, 10017 the sender is muted, 10019 the sender is unknown, 10023 too many in this second, 10053 too many mentions, 80002 too long.
pub async fn send_group_msg(call: Call<Tencent>, request: SendGroupMsg) -> Result<SentMessage, GroupError> {
    let group_id = request.group_id.clone();
    let forbidden = request.forbid_callback_control.iter().flatten();
    let asks = !forbidden.into_iter().any(|word| word == "ForbidBeforeSendMsgCallback");
    let draft = draft_of(&call, request)?;
    let sent = asked::send(&call, &group_id, draft, asks).await?;
    Ok(SentMessage { msg_time: sent.time, msg_seq: sent.seq })
}

fn draft_of(call: &Call<Tencent>, request: SendGroupMsg) -> Result<Draft, GroupError> {
    check_accounts(&request.from, |_| "From_Account".into())?;
    check_body(&request.msg_body, BODY.field)?;
    let to = request.to.unwrap_or_default();
    call.within(&TO, to.len())?;
    check_accounts(&to, |at| format!("To_Account[{at}]"))?;
    let control = known_words(request.send_msg_control, "SendMsgControl", &["NoUnread", "NoLastMsg"])?;
    let forbidden = ["ForbidBeforeSendMsgCallback", "ForbidAfterSendMsgCallback"];
    let forbid = known_words(request.forbid_callback_control, "ForbidCallbackControl", &forbidden)?;
    let mentions = request.group_at_info.unwrap_or_default();
    let online_only = switch("OnlineOnlyFlag", request.online_only_flag.or(request.msg_online_only_flag))?;
    let receipt = switch("NeedReadReceipt", request.need_read_receipt)?;
    switch("SupportMessageExtension", request.support_message_extension)?;
    call.within(&MENTIONED, mentions.len()).map_err(GroupError::TooManyMentions)?;
    call.within(&BODY, request.msg_body.json().len()).map_err(GroupError::BodyTooLong)?;
    let priority = request.msg_priority.unwrap_or_default();
    let mut shown: Fields = vec![("MsgPriority", Field::object(priority))];
    for (name, words) in [("SendMsgControl", control), ("ForbidCallbackControl", forbid)] {
        if !words.is_empty() {
            shown.push((name, Field::object(words)));
        }
    }
    if !mentions.is_empty() {
        shown.push(("GroupAtInfo", Field::object(mentions)));
    }
    let from = request.from.unwrap_or_else(|| call.caller.identifier.clone());
    Ok(Draft {
        administers: call.settings().administers(&from),
        from,
        random: request.random,
        priority,
        body: request.msg_body,
        cloud_custom_data: request.cloud_custom_data,
        online_only,
        receipt,
        to,
        shown,
        topic: request.topic_id,
    })
}

fn known_words(words: Option<Vec<String>>, field: &'static str, known: &[&str]) -> Result<Vec<String>, Invalid> {
    let words = words.unwrap_or_default();
    match words.iter().find(|word| !known.contains(&word.as_str())) {
        Some(word) => Err(Invalid::new(field, format!("{word:?} is none of {}", known.join(", ")))),
        None => Ok(words),
    }
}

/// Sends a notice to a group.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SendGroupSystemNotification {
    /// The group.
    group_id: EntityId,
    /// What it says.
    content: String,
    /// Who gets it; absent: everybody.
    #[serde(rename = "ToMembers_Account", default, deserialize_with = "optional")]
    to: Option<Vec<UserId>>,
    /// In this topic of a Community.
    #[serde(default, deserialize_with = "optional")]
    topic_id: Option<EntityId>,
}

/// `send_group_system_notification`: clients get system notice 255.
// Assumed: a notice to members of a live room by name is 10007; accounts that are not members are passed over.
///
/// # Errors
/// 10004 for a field, 10007 the type tells all or nobody, 10010 no such group or topic, 10015 a malformed id.
pub async fn send_group_system_notification(
    call: Call<Tencent>,
    request: SendGroupSystemNotification,
) -> Result<(), GroupError> {
    if request.content.is_empty() {
        return Err(Invalid::required(CONTENT.field).into());
    }
    call.within(&CONTENT, request.content.len())?;
    let to = request.to.unwrap_or_default();
    call.within(&NOTIFIED, to.len())?;
    check_accounts(&to, |at| format!("ToMembers_Account[{at}]"))?;
    let topic = request.topic_id.as_deref();
    act(&call, &request.group_id, |group, turn| group.notify(turn, &request.content, to, topic))
}

/// Sends a message to all live rooms.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SendBroadcastMsg {
    /// 32 bits.
    random: u32,
    /// The elements.
    msg_body: Body,
    /// Who sends it; absent: the administrator who calls.
    #[serde(rename = "From_Account", default, deserialize_with = "optional")]
    from: Option<UserId>,
    /// Data of the app's own.
    #[serde(default, deserialize_with = "optional")]
    cloud_custom_data: Option<String>,
}

/// The broadcast that was sent.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SentBroadcast {
    /// Grows with the broadcasts of the app.
    msg_seq: u64,
}

/// `send_broadcast_msg`: a turn for each live room, one after the other; a room that ends meanwhile is passed over.
// Assumed: a broadcast has a number of its own, from the app's counter, and takes a message number in each live room.
///
/// # Errors
/// 10004 for a field, 10019 the sender is unknown, 80002 too long.
pub async fn send_broadcast_msg(call: Call<Tencent>, request: SendBroadcastMsg) -> Result<SentBroadcast, GroupError> {
    check_accounts(&request.from, |_| "From_Account".into())?;
    check_body(&request.msg_body, BODY.field)?;
    call.within(&BODY, request.msg_body.json().len()).map_err(GroupError::BodyTooLong)?;
    let from = request.from.unwrap_or_else(|| call.caller.identifier.clone());
    check_known(&call, "From_Account", &from)?;
    let bounds = Bounds { kept: 0, per_second: None };
    let options = &call.settings().options;
    for room in call.app.groups.all_of(GroupType::AVChatRoom) {
        let draft = Draft {
            from: from.clone(),
            administers: true,
            random: request.random,
            priority: Priority::Normal,
            body: request.msg_body.clone(),
            cloud_custom_data: request.cloud_custom_data.clone(),
            online_only: true,
            receipt: false,
            to: Vec::new(),
            shown: vec![("Broadcast", true.into())],
            topic: None,
        };
        // A room that was dissolved since the list was made has nobody left to hear it.
        let _ = call.app.groups.change(&call.origin(), &room, |group, turn| group.send(turn, draft, bounds, options));
    }
    Ok(SentBroadcast { msg_seq: call.app.tenancy.ids.count() })
}
