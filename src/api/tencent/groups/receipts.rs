//! Read receipts, and key-values of messages.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::decode::{number, optional};
use crate::api::limit::Limit;
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::groups::fields::{act, check_accounts, check_plain_length, look, natural};
use crate::domain::groups::error::GroupError;
use crate::domain::groups::log::{Fate, KeyState};
use crate::domain::groups::permits;
use crate::domain::groups::reading::Operate;
use crate::domain::invalid::Invalid;
use crate::kernel::names::{EntityId, UserId};

/// Messages that a call may name.
pub const MESSAGES: Limit = Limit::count("MsgSeqList", 1..=50);
/// Accounts on a page of a receipt.
pub const PAGE: Limit = Limit::value("Count", 1..=200);
/// Key-values that a call may write.
pub const KEY_VALUES: Limit = Limit::count("ExtensionList", 1..=20);
/// The name of a key-value.
pub const KEY: Limit = Limit::bytes("ExtensionList.Key", 1..=100);
/// Its value.
pub const VALUE: Limit = Limit::bytes("ExtensionList.Value", 0..=1000);
/// Key-values that a call answers.
const KEY_VALUES_PAGE: usize = 200;

/// A member has read messages.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GroupMsgReceipt {
    /// The group.
    group_id: EntityId,
    /// Who has read them.
    #[serde(rename = "From_Account")]
    from: UserId,
    /// 1 to 50 numbers.
    msg_seq_list: Vec<SeqEntry>,
}

/// A message's number, alone or as `{"MsgSeq": …}`.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum SeqEntry {
    /// Alone.
    Plain(u32),
    /// As an object.
    Named {
        /// The number.
        #[serde(rename = "MsgSeq")]
        msg_seq: u32,
    },
}

impl SeqEntry {
    const fn seq(self) -> u32 {
        match self {
            Self::Plain(seq) | Self::Named { msg_seq: seq } => seq,
        }
    }
}

/// `group_msg_receipt`: messages for which no receipt was asked do not matter.
// Assumed: message numbers in receipts are taken alone and as objects with MsgSeq.
///
/// # Errors
/// 10004 for a field, 10007 no member, or the type has no receipts, 10010 no such group, 10015 a malformed id.
pub async fn group_msg_receipt(call: Call<Tencent>, request: GroupMsgReceipt) -> Result<(), GroupError> {
    check_accounts([&request.from], |_| "From_Account".into())?;
    check_plain_length(&call, &MESSAGES, request.msg_seq_list.len())?;
    let seqs: Vec<u32> = request.msg_seq_list.into_iter().map(SeqEntry::seq).collect();
    act(&call, &request.group_id, |group, turn| group.mark_read(turn, &request.from, &seqs))
}

/// Asks how many have read messages.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetGroupMsgReceipt {
    /// The group.
    group_id: EntityId,
    /// 1 to 50 numbers.
    msg_seq_list: Vec<SeqEntry>,
}

/// How many have read the messages.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Receipts {
    /// In the order of the request.
    group_msg_receipt_list: Vec<Receipt>,
}

/// How many have read one message.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Receipt {
    /// 0, or 10062 where there is no receipt.
    code: u32,
    msg_seq: u32,
    read_num: usize,
    unread_num: usize,
}

/// `get_group_msg_receipt`.
///
/// # Errors
/// 10004 for a field, 10007 the type has no receipts, 10010 no such group, 10015 a malformed id.
pub async fn get_group_msg_receipt(call: Call<Tencent>, request: GetGroupMsgReceipt) -> Result<Receipts, GroupError> {
    check_plain_length(&call, &MESSAGES, request.msg_seq_list.len())?;
    look(&call, &request.group_id, |group| {
        group.may(&permits::RECEIPTS)?;
        let receipt = |entry: SeqEntry| {
            let msg_seq = entry.seq();
            let readers = group.log.get(msg_seq).and_then(|message| group.readers_of(message));
            match readers {
                Some(readers) => Receipt { code: 0, msg_seq, read_num: readers.read, unread_num: readers.unread },
                None => Receipt { code: 10062, msg_seq, read_num: 0, unread_num: 0 },
            }
        };
        Ok(Receipts { group_msg_receipt_list: request.msg_seq_list.into_iter().map(receipt).collect() })
    })?
}

/// Asks who has read a message.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetGroupMsgReceiptDetail {
    /// The group.
    group_id: EntityId,
    /// Which message.
    msg_seq: u32,
    /// 0: who has read it; 1: who has not.
    #[serde(default, deserialize_with = "optional")]
    filter: Option<i64>,
    /// Empty first, then the answer's.
    #[serde(default, deserialize_with = "optional")]
    cursor: Option<String>,
    /// 1 to 200; absent: 200.
    #[serde(default, deserialize_with = "optional")]
    count: Option<i64>,
}

/// Who has read a message, or has not.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ReceiptDetail {
    msg_seq: u32,
    /// 1 on the last page.
    is_finished: u8,
    /// Where the next page begins; empty on the last one.
    cursor: String,
    /// Those who have, where these were asked for.
    read_list: Vec<Reader>,
    /// Those who have not, where these were asked for.
    unread_list: Vec<Reader>,
}

/// One who has read a message, or has not.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reader {
    #[serde(rename = "Member_Account")]
    account: UserId,
}

/// `get_group_msg_receipt_detail`: nobody who stays is skipped or repeated while others leave.
// Assumed: a message for which no receipt was asked has an empty list of readers, and one that is not kept is 10030.
///
/// # Errors
/// 10004 for a field, 10007 the type has no receipts, 10010 no such group, 10015 a malformed id, 10030 no such message.
pub async fn get_group_msg_receipt_detail(
    call: Call<Tencent>,
    request: GetGroupMsgReceiptDetail,
) -> Result<ReceiptDetail, GroupError> {
    let count = natural(PAGE.field, Some(request.count.unwrap_or(200)), 1)? as usize;
    call.within(&PAGE, count)?;
    let cursor = request.cursor.as_deref().unwrap_or("0").parse::<u64>();
    let cursor = cursor.map_err(|_| Invalid::new("Cursor", "is no cursor of an earlier answer"))?;
    let read = match request.filter.unwrap_or(0) {
        0 => true,
        1 => false,
        other => return Err(Invalid::new("Filter", format!("is {other}, and has to be 0 or 1")).into()),
    };
    let seq = request.msg_seq;
    let (accounts, next) = look(&call, &request.group_id, |group| {
        group.may(&permits::RECEIPTS)?;
        let message = group.log.get(seq).ok_or(GroupError::NoMessage { field: "MsgSeq", seq })?;
        Ok::<_, GroupError>(group.readers_page(message, read, cursor, count))
    })??;
    let list: Vec<Reader> = accounts.into_iter().map(|account| Reader { account }).collect();
    let (read_list, unread_list) = if read { (list, Vec::new()) } else { (Vec::new(), list) };
    let cursor = if next == 0 { String::new() } else { next.to_string() };
    Ok(ReceiptDetail { msg_seq: seq, is_finished: u8::from(next == 0), cursor, read_list, unread_list })
}

/// Writes key-values of a message.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GroupSetKeyValues {
    /// The group.
    group_id: EntityId,
    /// Which message.
    msg_seq: u32,
    /// 1: set, 2: delete, 3: delete all.
    operate_type: u32,
    /// 1 to 20 of them; without meaning for 3.
    #[serde(default, deserialize_with = "optional")]
    extension_list: Option<Vec<KeyValueEntry>>,
}

/// A key-value in a request.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct KeyValueEntry {
    /// 1 to 100 bytes.
    key: String,
    /// Up to 1000 bytes.
    #[serde(default, deserialize_with = "optional")]
    value: Option<String>,
    /// The number of the write that it follows.
    #[serde(default, deserialize_with = "number")]
    #[schemars(with = "Option<i64>")]
    #[allow(dead_code, reason = "checked by its type; writes are not compared")]
    seq: Option<i64>,
}

/// The key-values that a message has.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct KeyValuesView {
    /// 1: all are here.
    complete_flag: u8,
    /// The number of the last write.
    latest_seq: u32,
    /// The number of the last clearing; 0 for none.
    clear_seq: u32,
    /// By the number of their writes.
    extension_list: Vec<KeyState>,
}

/// `openim_msg_ext_http_svc/group_set_key_values`.
// Assumed: a write of key-values answers what reading them answers; names have up to 100 bytes, values up to 1000.
///
/// # Errors
/// 10004 for a field, 10007 the type has none, 10010 no such group, 10015 a malformed id, 10030 no such message.
pub async fn group_set_key_values(
    call: Call<Tencent>,
    request: GroupSetKeyValues,
) -> Result<KeyValuesView, GroupError> {
    let operate = match request.operate_type {
        1 => Operate::Set,
        2 => Operate::Delete,
        3 => Operate::Clear,
        other => return Err(Invalid::new("OperateType", format!("is {other}, and has to be 1, 2 or 3")).into()),
    };
    let list = request.extension_list.unwrap_or_default();
    if operate != Operate::Clear {
        check_plain_length(&call, &KEY_VALUES, list.len())?;
    }
    let mut pairs = Vec::with_capacity(list.len());
    for entry in list {
        let value = entry.value.unwrap_or_default();
        call.within(&KEY, entry.key.len())?;
        call.within(&VALUE, value.len())?;
        pairs.push((entry.key, value));
    }
    let seq = request.msg_seq;
    let mut values = act(&call, &request.group_id, |group, turn| group.operate(turn, seq, operate, &pairs))?;
    values.extension_list.truncate(KEY_VALUES_PAGE);
    let (latest_seq, clear_seq) = (values.latest_seq, values.clear_seq);
    Ok(KeyValuesView { complete_flag: 1, latest_seq, clear_seq, extension_list: values.extension_list })
}

/// Asks for the key-values of a message.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GroupGetKeyValues {
    /// The group.
    group_id: EntityId,
    /// Which message.
    msg_seq: u32,
    /// Those of this write and later ones.
    #[serde(default, deserialize_with = "optional")]
    start_seq: Option<u32>,
}

/// `openim_msg_ext_http_svc/group_get_key_values`: up to 200 of them.
///
/// # Errors
/// 10004 for a field, 10007 the type has none, 10010 no such group, 10015 a malformed id, 10030 no such message.
pub async fn group_get_key_values(
    call: Call<Tencent>,
    request: GroupGetKeyValues,
) -> Result<KeyValuesView, GroupError> {
    let (seq, start) = (request.msg_seq, request.start_seq.unwrap_or(0));
    let mut values = look(&call, &request.group_id, |group| {
        group.may(&permits::KEY_VALUES)?;
        let found = group.log.get(seq).filter(|message| message.fate == Fate::Kept);
        let message = found.ok_or(GroupError::NoMessage { field: "MsgSeq", seq })?;
        Ok::<_, GroupError>(message.key_values.as_deref().cloned().unwrap_or_default())
    })??;
    values.extension_list.retain(|pair| pair.seq >= start);
    values.extension_list.sort_by_key(|pair| pair.seq);
    let complete_flag = u8::from(values.extension_list.len() <= KEY_VALUES_PAGE);
    values.extension_list.truncate(KEY_VALUES_PAGE);
    let (latest_seq, clear_seq) = (values.latest_seq, values.clear_seq);
    Ok(KeyValuesView { complete_flag, latest_seq, clear_seq, extension_list: values.extension_list })
}
