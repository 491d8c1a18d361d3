//! Members and messages that come from another system: nobody is told, and no callback is sent.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::decode::{number, optional};
use crate::api::limit::Limit;
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::groups::fields::{act, check_accounts, check_length, check_plain_length, natural};
use crate::api::tencent::groups::members::AddedMembers;
use crate::api::tencent::groups::messages::{BODY, check_body};
use crate::domain::groups::error::GroupError;
use crate::domain::groups::importing::OldMember;
use crate::domain::groups::log::Body;
use crate::domain::groups::member::{Role, RoleWord};
use crate::domain::groups::sending::Imported;
use crate::domain::invalid::Invalid;
use crate::kernel::names::{EntityId, UserId};

/// Members that a call may import.
pub const MEMBERS: Limit = Limit::count("MemberList", 1..=500).current(300);
/// Messages that a call may import.
pub const MESSAGES: Limit = Limit::count("MsgList", 1..=7);

/// Imports members into a group.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ImportGroupMember {
    /// The group.
    group_id: EntityId,
    /// 1 to 500 imported accounts.
    member_list: Vec<OldMemberEntry>,
}

/// One who is imported.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct OldMemberEntry {
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// `Admin`; absent: `Member`.
    #[serde(default, deserialize_with = "optional")]
    role: Option<RoleWord>,
    /// Unix seconds; absent: now.
    #[serde(default, deserialize_with = "optional")]
    join_time: Option<i64>,
    /// No more than there are messages.
    #[serde(default, deserialize_with = "optional")]
    unread_msg_num: Option<i64>,
}

/// `import_group_member`: says of each what became of it.
///
/// # Errors
/// 10004 for a field, 10005 too many members, 10007 the type takes none, 10010 no such group, 10015 a malformed id.
pub async fn import_group_member(call: Call<Tencent>, request: ImportGroupMember) -> Result<AddedMembers, GroupError> {
    check_length(&call, &MEMBERS, request.member_list.len())?;
    let place = |at: usize| format!("MemberList[{at}].Member_Account");
    check_accounts(request.member_list.iter().map(|entry| &entry.account), place)?;
    let accounts: Vec<UserId> = request.member_list.iter().map(|entry| entry.account.clone()).collect();
    let old = |(at, entry): (usize, OldMemberEntry)| {
        if entry.role == Some(RoleWord::Owner) {
            return Err(Invalid::new(format!("MemberList[{at}].Role"), "is Owner; change_group_owner makes an owner"));
        }
        let role = if entry.role == Some(RoleWord::Admin) { Role::Admin } else { Role::Member };
        let join_time = entry.join_time.map(|time| natural("MemberList.JoinTime", Some(time), 1)).transpose()?;
        let unread = natural("MemberList.UnreadMsgNum", Some(entry.unread_msg_num.unwrap_or(0)), 0)?;
        Ok(OldMember { account: entry.account, role, join_time, unread })
    };
    let list = request.member_list.into_iter().enumerate().map(old).collect::<Result<Vec<_>, Invalid>>()?;
    let exists = |id: &str| call.app.accounts.contains(id);
    let outcomes = act(&call, &request.group_id, |group, turn| group.import_members(turn, list, &exists))?;
    Ok(AddedMembers::of(accounts, outcomes))
}

/// Imports messages into a group.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ImportGroupMsg {
    /// The group.
    group_id: EntityId,
    /// 1 to 7 messages, the oldest first.
    msg_list: Vec<OldMessage>,
    /// Taken, and without effect here.
    #[serde(default, deserialize_with = "optional")]
    #[allow(dead_code, reason = "checked by its type; conversations are not emulated")]
    recent_contact_flag: Option<i64>,
    /// Into this topic of a Community.
    #[serde(default, deserialize_with = "optional")]
    topic_id: Option<EntityId>,
}

/// One message that is imported.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct OldMessage {
    #[serde(rename = "From_Account")]
    from: UserId,
    /// Unix seconds; not before the message before it.
    send_time: i64,
    /// 32 bits.
    #[serde(default, deserialize_with = "number")]
    #[schemars(with = "Option<i64>")]
    random: Option<i64>,
    /// The elements.
    msg_body: Body,
}

/// What became of the messages.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ImportedMessages {
    /// In the order of the request.
    import_msg_result: Vec<ImportedMessage>,
}

/// What became of one message.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ImportedMessage {
    /// Its number; absent if it was not taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    msg_seq: Option<u32>,
    /// Unix seconds; absent if it was not taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    msg_time: Option<u32>,
    /// 0, 10004 for its time or sender, 80002 for its length.
    result: u32,
}

/// `import_group_msg`: says of each what became of it.
// Assumed: an imported message by an unknown sender gets 10004, as one with a wrong time does.
///
/// # Errors
/// 10004 for a field, 10007 the type keeps none, 10010 no such group or topic, 10015 a malformed id.
pub async fn import_group_msg(call: Call<Tencent>, request: ImportGroupMsg) -> Result<ImportedMessages, GroupError> {
    check_plain_length(&call, &MESSAGES, request.msg_list.len())?;
    let place = |at: usize| format!("MsgList[{at}].From_Account");
    check_accounts(request.msg_list.iter().map(|message| &message.from), place)?;
    let mut list = Vec::with_capacity(request.msg_list.len());
    let mut results: Vec<(u32, Option<u32>)> = Vec::with_capacity(list.capacity());
    for message in request.msg_list {
        check_body(&message.msg_body, "MsgList.MsgBody")?;
        let time = natural("MsgList.SendTime", Some(message.send_time), 1)?;
        let random = natural("MsgList.Random", Some(message.random.unwrap_or(0)), 0)?;
        let fits = call.within(&BODY, message.msg_body.json().len()).is_ok();
        results.push((time, fits.then_some(0)));
        if fits {
            list.push(Imported { from: message.from, time, random, body: message.msg_body });
        }
    }
    let exists = |id: &str| call.app.accounts.contains(id);
    let kept = call.app.groups.messages_max();
    let topic = request.topic_id.as_deref();
    let seqs = act(&call, &request.group_id, |group, turn| group.import_messages(turn, list, topic, kept, &exists))?;
    let mut seqs = seqs.into_iter();
    let outcome = |(time, fits): (u32, Option<u32>)| match fits.map(|_| seqs.next().flatten()) {
        None => ImportedMessage { msg_seq: None, msg_time: None, result: 80002 },
        Some(None) => ImportedMessage { msg_seq: None, msg_time: None, result: 10004 },
        Some(seq) => ImportedMessage { msg_seq: seq, msg_time: Some(time), result: 0 },
    };
    Ok(ImportedMessages { import_msg_result: results.into_iter().map(outcome).collect() })
}
