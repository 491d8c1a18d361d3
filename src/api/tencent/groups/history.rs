//! Messages are read back, recalled, deleted, changed; unread ones are counted.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::api::call::Call;
use crate::api::decode::{number, optional};
use crate::api::limit::Limit;
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::groups::fields::{act, check_accounts, check_plain_length, look, natural};
use crate::api::tencent::groups::messages::{BODY, check_body};
use crate::domain::groups::error::GroupError;
use crate::domain::groups::log::{Body, Fate, Log, Message};
use crate::domain::groups::permits;
use crate::domain::groups::sending::Recall;
use crate::domain::invalid::Invalid;
use crate::kernel::names::{EntityId, UserId};

/// Messages that a call may recall.
pub const RECALLED: Limit = Limit::count("MsgSeqList", 1..=10);
/// Why messages are recalled.
pub const RECALL_REASON: Limit = Limit::bytes("Reason", 0..=100);
/// Seconds within which a message can be recalled.
pub const RECALL_SECONDS: Limit = Limit::value("MsgSeqList.seconds", 0..=120);
/// Messages that a call may read.
pub const READ: Limit = Limit::value("ReqMsgNumber", 1..=20);

/// Recalls messages.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GroupMsgRecall {
    /// The group.
    group_id: EntityId,
    /// 1 to 10 messages.
    msg_seq_list: Vec<NamedMessage>,
    /// Up to 100 bytes.
    #[serde(default, deserialize_with = "optional")]
    reason: Option<String>,
    /// In this topic of a Community.
    #[serde(default, deserialize_with = "optional")]
    topic_id: Option<EntityId>,
}

/// Names a message.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct NamedMessage {
    msg_seq: u32,
}

/// What became of the messages.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct RecalledMessages {
    /// In the order of the request.
    recall_ret_list: Vec<RecalledMessage>,
}

/// What became of one message.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct RecalledMessage {
    msg_seq: u32,
    /// 0, 10030 no such message, 10031 too old, 10032 cannot be recalled.
    ret_code: u32,
}

/// `group_msg_recall`.
///
/// # Errors
/// 10004 for a field, 10010 no such group or topic, 10015 a malformed id, 10033 the type takes nothing back.
pub async fn group_msg_recall(call: Call<Tencent>, request: GroupMsgRecall) -> Result<RecalledMessages, GroupError> {
    check_plain_length(&call, &RECALLED, request.msg_seq_list.len())?;
    let reason = request.reason.unwrap_or_default();
    call.within(&RECALL_REASON, reason.len())?;
    let seqs: Vec<u32> = request.msg_seq_list.iter().map(|named| named.msg_seq).collect();
    let (topic, seconds) = (request.topic_id.as_deref(), call.max_of(&RECALL_SECONDS));
    let outcomes = act(&call, &request.group_id, |group, turn| group.recall(turn, &seqs, &reason, topic, seconds))?;
    let recalled = seqs.into_iter().zip(outcomes).map(|(msg_seq, outcome)| {
        let ret_code = match outcome {
            Recall::Done => 0,
            Recall::Missing => 10030,
            Recall::TooOld => 10031,
            Recall::Gone => 10032,
        };
        RecalledMessage { msg_seq, ret_code }
    });
    Ok(RecalledMessages { recall_ret_list: recalled.collect() })
}

/// Reads messages back.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GroupMsgGetSimple {
    /// The group.
    group_id: EntityId,
    /// How many: 1 to 20.
    #[serde(default, deserialize_with = "number")]
    #[schemars(with = "i64", required)]
    req_msg_number: Option<i64>,
    /// The newest of them; absent: the newest of all.
    #[serde(default, deserialize_with = "optional")]
    req_msg_seq: Option<i64>,
    /// Recalled ones too, without what they said: `true` or 1.
    #[serde(default, deserialize_with = "flag")]
    #[schemars(with = "Option<bool>")]
    with_recalled_msg: bool,
    /// In this topic of a Community.
    #[serde(default, deserialize_with = "optional")]
    topic_id: Option<EntityId>,
}

/// A switch that pages write as `true` and as 1.
fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(false),
        Value::Bool(flag) => Ok(flag),
        Value::String(text) if text.is_empty() => Ok(false),
        Value::Number(number) if number.as_u64().is_some_and(|number| number < 2) => Ok(number.as_u64() == Some(1)),
        _ => Err(serde::de::Error::custom("expected true, false, 1 or 0")),
    }
}

/// Messages, newest first.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Messages {
    group_id: EntityId,
    /// 1: there are no older ones, 0: there are, 2: all that were asked for are kept no more.
    is_finished: u8,
    rsp_msg_list: Vec<MessageView>,
}

/// A message.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct MessageView {
    #[serde(rename = "From_Account")]
    from: UserId,
    /// 0, 1 for a deleted and 2 for a recalled message; those say nothing.
    is_place_msg: u8,
    /// Always 0: tips are not kept.
    is_system_msg: u8,
    msg_body: Body,
    msg_key: String,
    /// 1 to 4, from `High` to `Lowest`.
    msg_priority: u8,
    msg_random: u32,
    msg_seq: u32,
    /// Unix seconds.
    msg_time_stamp: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    cloud_custom_data: Option<String>,
}

impl MessageView {
    // Assumed: a message's key is its number, random and time, joined by underscores.
    fn of(message: &Message) -> Self {
        let nothing = || Body::new(serde_json::value::RawValue::from_string("[]".into()).expect("[] is JSON"));
        let kept = message.fate == Fate::Kept;
        Self {
            from: message.from.clone(),
            is_place_msg: match message.fate {
                Fate::Kept => 0,
                Fate::Deleted => 1,
                Fate::Recalled => 2,
            },
            is_system_msg: 0,
            msg_body: if kept { message.msg_body.clone() } else { nothing() },
            msg_key: format!("{}_{}_{}", message.msg_seq, message.random, message.msg_time),
            msg_priority: message.msg_priority.number(),
            msg_random: message.random,
            msg_seq: message.msg_seq,
            msg_time_stamp: message.msg_time,
            cloud_custom_data: message.cloud_custom_data.clone().filter(|_| kept),
        }
    }
}

/// `group_msg_get_simple`.
// Assumed: history is answered newest first; tips and notices are not kept, so their numbers are missing there.
// Assumed: IsFinished 0 says that older messages are kept; recalled ones are left out unless they are asked for.
///
/// # Errors
/// 10004 for a field, 10007 the type keeps none, 10010 no such group or topic, 10015 a malformed id.
pub async fn group_msg_get_simple(call: Call<Tencent>, request: GroupMsgGetSimple) -> Result<Messages, GroupError> {
    let wanted = natural(READ.field, request.req_msg_number, 1)? as usize;
    call.within(&READ, wanted)?;
    let newest = request.req_msg_seq.map(|seq| natural("ReqMsgSeq", Some(seq), 1)).transpose()?;
    let topic = request.topic_id.as_deref();
    let (is_finished, rsp_msg_list) = look(&call, &request.group_id, |group| {
        group.may(&permits::HISTORY)?;
        let (log, next) = group.messages(topic)?;
        Ok::<_, GroupError>(page_of(log, newest.unwrap_or(next), wanted, request.with_recalled_msg))
    })??;
    Ok(Messages { group_id: request.group_id, is_finished, rsp_msg_list })
}

fn page_of(log: &Log, newest: u32, wanted: usize, recalled: bool) -> (u8, Vec<MessageView>) {
    let mut shown = log.back_from(newest).filter(|message| recalled || message.fate != Fate::Recalled);
    let page: Vec<MessageView> = shown.by_ref().take(wanted).map(MessageView::of).collect();
    let older = shown.next().is_some();
    let expired = page.is_empty() && log.iter().next().is_some_and(|oldest| oldest.msg_seq > newest);
    (if expired { 2 } else { u8::from(!older) }, page)
}

/// Deletes what an account sent.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteGroupMsgBySender {
    /// The group.
    group_id: EntityId,
    /// Whose messages.
    #[serde(rename = "Sender_Account")]
    sender: UserId,
    /// In this topic of a Community.
    #[serde(default, deserialize_with = "optional")]
    topic_id: Option<EntityId>,
}

/// `delete_group_msg_by_sender`: a sender without messages, or without an account, is no fault.
///
/// # Errors
/// 10004 for a field, 10010 no such group or topic, 10015 a malformed id, 10035 the type deletes nothing.
pub async fn delete_group_msg_by_sender(
    call: Call<Tencent>,
    request: DeleteGroupMsgBySender,
) -> Result<(), GroupError> {
    check_accounts([&request.sender], |_| "Sender_Account".into())?;
    let topic = request.topic_id.as_deref();
    act(&call, &request.group_id, |group, turn| group.delete_by(turn, &request.sender, topic))
}

/// Deletes all messages.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ClearGroupMsg {
    /// The group.
    group_id: EntityId,
    /// In this topic of a Community.
    #[serde(default, deserialize_with = "optional")]
    topic_id: Option<EntityId>,
}

/// `clear_group_msg`.
// Assumed: clear_group_msg takes a GroupId and forgets all messages; without any it answers 10052. Numbers go on.
///
/// # Errors
/// 10004 for a field, 10007 the type keeps none, 10010 no such group or topic, 10015 a malformed id, 10052 there is none.
pub async fn clear_group_msg(call: Call<Tencent>, request: ClearGroupMsg) -> Result<(), GroupError> {
    let topic = request.topic_id.as_deref();
    act(&call, &request.group_id, |group, turn| group.clear_messages(turn, topic))
}

/// Sets how many messages a member has not read.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SetUnreadMsgNum {
    /// The group.
    group_id: EntityId,
    /// Whose.
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// More than there are count as all.
    #[serde(default, deserialize_with = "number")]
    #[schemars(with = "i64", required)]
    unread_msg_num: Option<i64>,
}

/// `set_unread_msg_num`.
///
/// # Errors
/// 10004 for a field, 10007 no member, or the type counts none, 10010 no such group, 10015 a malformed id.
pub async fn set_unread_msg_num(call: Call<Tencent>, request: SetUnreadMsgNum) -> Result<(), GroupError> {
    check_accounts([&request.account], |_| "Member_Account".into())?;
    let unread = natural("UnreadMsgNum", request.unread_msg_num, 0)?;
    act(&call, &request.group_id, |group, turn| group.set_unread(turn, &request.account, unread))
}

/// Changes a message in place.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ModifyGroupMsg {
    /// The group.
    group_id: EntityId,
    /// Which message.
    msg_seq: u32,
    /// The elements; absent: as they were.
    #[serde(default)]
    msg_body: Option<Body>,
    /// Data of the app's own; absent: as it was.
    #[serde(default, deserialize_with = "optional")]
    cloud_custom_data: Option<String>,
    /// In this topic of a Community.
    #[serde(default, deserialize_with = "optional")]
    topic_id: Option<EntityId>,
}

/// `openim/modify_group_msg`.
// Assumed: a change of a message needs MsgBody or CloudCustomData; a message that is not kept is 10030.
///
/// # Errors
/// 10004 for a field, 10007 the type keeps none, 10010 no such group or topic, 10015 a malformed id, 10030 no such
/// message, 80002 too long.
pub async fn modify_group_msg(call: Call<Tencent>, request: ModifyGroupMsg) -> Result<(), GroupError> {
    let body = request.msg_body.filter(|body| !matches!(body.json(), "\"\"" | "0"));
    if let Some(body) = &body {
        check_body(body, BODY.field)?;
        call.within(&BODY, body.json().len()).map_err(GroupError::BodyTooLong)?;
    }
    if body.is_none() && request.cloud_custom_data.is_none() {
        return Err(Invalid::required(BODY.field).into());
    }
    let topic = request.topic_id.as_deref();
    act(&call, &request.group_id, |group, turn| {
        group.modify_message(turn, request.msg_seq, body, request.cloud_custom_data, topic)
    })
}
