//! What has been read: unread counts, read receipts, key-values of messages.

use serde::Serialize;

use crate::domain::groups::error::GroupError;
use crate::domain::groups::group::Group;
use crate::domain::groups::log::{Fate, KeyState, KeyValues, Message};
use crate::domain::groups::member::{Member, seconds_of};
use crate::domain::groups::permits;
use crate::domain::invalid::Invalid;
use crate::kernel::fact::{Audience, Fact, Field};
use crate::kernel::names::UserId;
use crate::kernel::turn::Turn;

/// Most key-values of one message.
pub const KEY_VALUES_MAX: usize = 300;

/// How many have read a message, and how many have not; its sender aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readers {
    /// Members who have.
    pub read: usize,
    /// Members who have not.
    pub unread: usize,
}

/// What is done to the key-values of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operate {
    /// Those that are named get these values.
    Set,
    /// Those that are named go.
    Delete,
    /// All go.
    Clear,
}

/// How many have read a message, as facts tell it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Receipt {
    /// Its number.
    pub msg_seq: u32,
    /// How many have read it.
    pub read_num: usize,
    /// How many have not.
    pub unread_num: usize,
}

impl Group {
    /// How many messages a member has not read.
    pub fn unread(&self, member: &Member) -> u32 {
        self.info.next_msg_seq.saturating_sub(1).saturating_sub(member.msg_seq)
    }

    /// What a member has read when so many messages are unread; no more than there are.
    pub(super) fn read_with(&self, unread: u32) -> u32 {
        self.info.next_msg_seq.saturating_sub(1).saturating_sub(unread)
    }

    /// Sets how many messages a member has not read; more than there are count as all.
    ///
    /// # Errors
    /// The type counts none, or the account is no member.
    pub fn set_unread(&mut self, turn: &mut Turn<'_>, user: &UserId, unread: u32) -> Result<(), GroupError> {
        self.may(&permits::UNREAD)?;
        let read = self.read_with(unread);
        let member = self
            .members
            .get_mut(user)
            .ok_or_else(|| GroupError::NotMember { field: "Member_Account", user: user.clone() })?;
        member.msg_seq = read;
        let fields = vec![("MsgSeq", i64::from(read).into()), ("UnreadMsgNum", i64::from(unread).into())];
        let told = Audience::Accounts(vec![user.clone()]);
        turn.record(Fact::MemberChanged { members: vec![user.clone()], fields }, told);
        Ok(())
    }

    /// How many have read this message; `None` if no receipt was asked for.
    pub fn readers_of(&self, message: &Message) -> Option<Readers> {
        let readers = message.readers.as_ref()?;
        let read = readers.keys().filter(|id| self.members.contains(id)).count();
        let others = self.members.len() - usize::from(self.members.contains(&message.from));
        Some(Readers { read, unread: others.saturating_sub(read) })
    }

    /// A member has read these messages; their senders are told. Those without receipts do not matter.
    ///
    /// # Errors
    /// The type has no receipts, or the account is no member.
    pub fn mark_read(&mut self, turn: &mut Turn<'_>, user: &UserId, seqs: &[u32]) -> Result<(), GroupError> {
        self.may(&permits::RECEIPTS)?;
        if !self.members.contains(user) {
            return Err(GroupError::NotMember { field: "From_Account", user: user.clone() });
        }
        let now = seconds_of(turn.now);
        let (mut read, mut senders) = (Vec::new(), Vec::new());
        for seq in seqs {
            let found = self.log.get_mut(*seq).filter(|message| message.fate == Fate::Kept && message.from != *user);
            let Some((readers, from)) = found.and_then(|message| Some((message.readers.as_mut()?, &message.from)))
            else {
                continue;
            };
            if readers.contains_key(user) {
                continue;
            }
            readers.insert(user.clone(), now);
            read.push(*seq);
            if !senders.contains(from) {
                senders.push(from.clone());
            }
        }
        if !read.is_empty() {
            let counts = |seq: &u32| {
                let Readers { read, unread } = self.log.get(*seq).and_then(|message| self.readers_of(message))?;
                Some(Receipt { msg_seq: *seq, read_num: read, unread_num: unread })
            };
            let counts: Vec<Receipt> = read.iter().filter_map(counts).collect();
            let fields = vec![
                ("Receipt", true.into()),
                ("MsgSeqList", Field::object(read)),
                ("Type", self.info.group_type.word().into()),
                ("GroupMsgReceiptList", Field::object(counts)),
            ];
            turn.record(Fact::MemberChanged { members: vec![user.clone()], fields }, Audience::Accounts(senders));
        }
        Ok(())
    }

    /// A page of those who have read a message, or have not: accounts, and the join number where the next page begins,
    /// 0 if there is none.
    pub fn readers_page(&self, message: &Message, read: bool, after: u64, most: usize) -> (Vec<UserId>, u64) {
        let has_read = |id: &str| message.readers.as_ref().is_some_and(|readers| readers.contains_key(id));
        let rest = self.members.after(after);
        let mut rest = rest.filter(|(_, id, _)| **id != message.from && has_read(id) == read);
        let mut last = 0;
        let page = rest.by_ref().take(most).inspect(|(joined, ..)| last = *joined);
        let accounts = page.map(|(_, id, _)| id.clone()).collect();
        let next = if rest.next().is_some() { last } else { 0 };
        (accounts, next)
    }

    /// Writes key-values of a message; gives what it has then.
    // Assumed: the Seq that comes with a key-value is not compared with the stored one.
    ///
    /// # Errors
    /// The type has none, there is no such message, or it would have too many.
    pub fn operate(
        &mut self,
        turn: &mut Turn<'_>,
        seq: u32,
        operate: Operate,
        list: &[(String, String)],
    ) -> Result<KeyValues, GroupError> {
        self.may(&permits::KEY_VALUES)?;
        let found = self.log.get_mut(seq).filter(|message| message.fate == Fate::Kept);
        let message = found.ok_or(GroupError::NoMessage { field: "MsgSeq", seq })?;
        let mut values = message.key_values.as_deref().cloned().unwrap_or_default();
        values.latest_seq += 1;
        let latest = values.latest_seq;
        match operate {
            Operate::Set => {
                for (key, value) in list {
                    values.extension_list.retain(|pair| pair.key != *key);
                    values.extension_list.push(KeyState { key: key.clone(), value: value.clone(), seq: latest });
                }
            }
            Operate::Delete => values.extension_list.retain(|pair| !list.iter().any(|(key, _)| *key == pair.key)),
            Operate::Clear => {
                values.extension_list.clear();
                values.clear_seq = latest;
            }
        }
        if values.extension_list.len() > KEY_VALUES_MAX {
            let why = format!("would give the message more than {KEY_VALUES_MAX} key-values");
            return Err(Invalid::new("ExtensionList", why).into());
        }
        message.key_values = Some(Box::new(values.clone()));
        let fields = vec![
            ("MsgSeq", i64::from(seq).into()),
            ("ExtensionList", Field::object(values.extension_list.clone())),
            ("Modified", true.into()),
        ];
        turn.record(Fact::Posted { fields }, self.everybody());
        Ok(values)
    }
}
