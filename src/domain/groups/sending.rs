//! Messages come and go: sent, imported, recalled, deleted, changed.

use crate::domain::groups::error::GroupError;
use crate::domain::groups::group::Group;
use crate::domain::groups::log::{Body, Fate, Message, Priority, Sending};
use crate::domain::groups::member::seconds_of;
use crate::domain::groups::permits;
use crate::domain::settings::{Profile, TencentOptions};
use crate::kernel::fact::{Audience, Fact, Field, Fields};
use crate::kernel::names::{EntityId, UserId};
use crate::kernel::turn::Turn;

/// A message that is to be sent.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Who sends it.
    pub from: UserId,
    /// Whether that is an administrator of the app, who may send anywhere.
    pub administers: bool,
    /// The number that tells a repeated sending.
    pub random: u32,
    /// How urgent.
    pub priority: Priority,
    /// What.
    pub body: Body,
    /// Data of the app's own.
    pub cloud_custom_data: Option<String>,
    /// For those who are online only: not kept.
    pub online_only: bool,
    /// Whether a receipt is asked for.
    pub receipt: bool,
    /// Who alone gets it; empty: everybody.
    pub to: Vec<UserId>,
    /// More that the event shows.
    pub shown: Fields,
    /// The topic, if it is sent to one.
    pub topic: Option<EntityId>,
}

/// How many messages are kept and taken.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Most messages that are kept.
    pub kept: usize,
    /// Most messages a second, where that is enforced.
    pub per_second: Option<u64>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Unix seconds.
    pub time: u32,
    /// Its number.
    pub seq: u32,
    /// Whether it was dropped, as the same one came before; then the two tell of that.
    pub repeated: bool,
}

/// What became of a message that was to be recalled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recall {
    /// It is recalled.
    Done,
    /// There is none of this number.
    Missing,
    /// It is too old.
    TooOld,
    /// It is recalled or deleted already.
    Gone,
}

/// A message that is to be imported.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Who sent it.
    pub from: UserId,
    /// When, Unix seconds.
    pub time: u32,
    /// The number of the sending.
    pub random: u32,
    /// What.
    pub body: Body,
}

impl Group {
    /// Sends a message.
    // Assumed: an administrator sends anywhere, muted or not; another sender is a member, except in live and broadcast
    // rooms, whose members come and go by themselves.
    // Assumed: who sends has read everything up to the own message.
    // Assumed: a message for those who are online takes a number, but is not kept.
    // Assumed: of the messages that are not kept the last 1000 are remembered for telling repeated ones; documents do not
    // carry them.
    ///
    /// # Errors
    /// The sender is no member or is muted, the topic is unknown, or the group gets too many messages.
    pub fn send(
        &mut self,
        turn: &mut Turn<'_>,
        draft: Draft,
        bounds: Bounds,
        options: &TencentOptions,
    ) -> Result<Sent, GroupError> {
        let now = seconds_of(turn.now);
        let topic = draft.topic.as_deref();
        self.may_send(&draft, now)?;
        let listed = self.kind().listed;
        let history = self.kind().history && !draft.online_only;
        let body = (options.profile == Profile::Current).then_some(&draft.body);
        let thread = self.thread(topic)?;
        if let Some((seq, time)) = thread.log.repeated(draft.random, now, body) {
            return Ok(Sent { time, seq, repeated: true });
        }
        if let Some(most) = bounds.per_second
            && thread.log.sent_in(now, usize::try_from(most).unwrap_or(usize::MAX)) as u64 >= most
        {
            return Err(GroupError::SendingTooFast(most));
        }
        let mut thread = thread;
        let seq = thread.number();
        *thread.last_msg_time = now;
        if history {
            let message = Message {
                msg_seq: seq,
                random: draft.random,
                from: draft.from.clone(),
                msg_time: now,
                msg_priority: draft.priority,
                msg_body: draft.body.clone(),
                cloud_custom_data: draft.cloud_custom_data.clone(),
                fate: Fate::Kept,
                to: draft.to.clone(),
                readers: draft.receipt.then(Default::default),
                key_values: None,
            };
            thread.log.push(message, bounds.kept);
        } else {
            thread.log.pass(Sending { seq, time: now, random: draft.random, body: draft.body.clone() });
        }
        self.note_sender(&draft, seq, now, listed);
        self.record_sent(turn, draft, seq, now);
        Ok(Sent { time: now, seq, repeated: false })
    }

    /// Whether a message may be sent at this moment.
    ///
    /// # Errors
    /// The sender is no member or is muted, or the topic is unknown.
    pub fn may_send(&self, draft: &Draft, now: u32) -> Result<(), GroupError> {
        if let Some(topic) = &draft.topic {
            self.topic(topic)?;
        }
        if !draft.to.is_empty() {
            self.permit(permits::DIRECTED.to(self.info.group_type), "To_Account", permits::DIRECTED.what)?;
        }
        if draft.administers {
            return Ok(());
        }
        let inside = self.members.contains(&draft.from) || self.info.owner.as_ref() == Some(&draft.from);
        if self.kind().listed && !inside {
            return Err(GroupError::NotMember { field: "From_Account", user: draft.from.clone() });
        }
        self.may_speak(&draft.from, draft.topic.as_deref(), now)
    }

    /// What the sending changes about its sender, and about a group that sleeps until its owner speaks.
    fn note_sender(&mut self, draft: &Draft, seq: u32, now: u32, listed: bool) {
        if self.kind().wakes && self.info.owner.as_ref() == Some(&draft.from) {
            self.info.activated = true;
        }
        if let Some(topic) = draft.topic.as_deref().and_then(|id| self.topic_mut(id).ok()) {
            topic.read.insert(draft.from.clone(), seq);
        } else if let Some(member) = self.members.get_mut(&draft.from).filter(|_| listed) {
            member.msg_seq = seq;
            member.last_sent = now;
        }
    }

    fn record_sent(&self, turn: &mut Turn<'_>, draft: Draft, seq: u32, now: u32) {
        let mut fields: Fields = vec![
            ("Type", self.info.group_type.word().into()),
            ("From_Account", draft.from.as_str().into()),
            ("MsgSeq", i64::from(seq).into()),
            ("MsgTime", i64::from(now).into()),
            ("Random", i64::from(draft.random).into()),
            ("OnlineOnlyFlag", i64::from(draft.online_only).into()),
            ("MsgBody", Field::object(draft.body)),
        ];
        fields.extend(draft.cloud_custom_data.as_deref().map(|data| ("CloudCustomData", data.into())));
        fields.extend(draft.topic.as_deref().map(|topic| ("TopicId", topic.into())));
        fields.extend(draft.shown);
        let told = if self.asleep() {
            Audience::nobody()
        } else if draft.to.is_empty() {
            Audience::members(&self.members, &[], Some(&draft.from))
        } else {
            Audience::Accounts(draft.to.into_iter().filter(|id| self.members.contains(id)).collect())
        };
        turn.record(Fact::Posted { fields }, told);
    }

    /// Takes messages back; says of each what became of it.
    // Assumed: a message that is recalled or deleted already cannot be recalled, 10032, and tips never are kept, 10030.
    ///
    /// # Errors
    /// The type takes none back, or the topic is unknown.
    pub fn recall(
        &mut self,
        turn: &mut Turn<'_>,
        seqs: &[u32],
        reason: &str,
        topic: Option<&str>,
        seconds: u64,
    ) -> Result<Vec<Recall>, GroupError> {
        if !permits::RECALL.to(self.info.group_type) {
            return Err(GroupError::NoRecall(self.info.group_type));
        }
        let now = seconds_of(turn.now);
        let log = self.thread(topic)?.log;
        let mut recalled = Vec::new();
        let recall = |seq: &u32| {
            let Some(message) = log.get_mut(*seq) else { return Recall::Missing };
            if message.fate != Fate::Kept {
                return Recall::Gone;
            }
            if u64::from(now.saturating_sub(message.msg_time)) > seconds {
                return Recall::TooOld;
            }
            message.fate = Fate::Recalled;
            recalled.push(*seq);
            Recall::Done
        };
        let outcomes = seqs.iter().map(recall).collect();
        if !recalled.is_empty() {
            let mut fields: Fields = vec![("Type", self.info.group_type.word().into())];
            fields.push(("MsgSeqList", Field::object(recalled)));
            fields.push(("Reason", reason.into()));
            fields.extend(topic.map(|topic| ("TopicId", topic.into())));
            turn.record(Fact::Recalled { fields }, self.everybody());
        }
        Ok(outcomes)
    }

    /// Deletes what an account sent; nothing to delete is no fault.
    ///
    /// # Errors
    /// The type deletes nothing, or the topic is unknown.
    pub fn delete_by(&mut self, turn: &mut Turn<'_>, sender: &UserId, topic: Option<&str>) -> Result<(), GroupError> {
        if !permits::DELETE_BY_SENDER.to(self.info.group_type) {
            return Err(GroupError::NoDeletion(self.info.group_type));
        }
        let log = self.thread(topic)?.log;
        let mut seqs = Vec::new();
        for message in log.iter_mut().filter(|message| message.fate == Fate::Kept && message.from == *sender) {
            message.fate = Fate::Deleted;
            seqs.push(message.msg_seq);
        }
        self.record_deleted(turn, seqs, topic);
        Ok(())
    }

    /// Deletes all messages.
    ///
    /// # Errors
    /// The type keeps none, the topic is unknown, or there is none.
    pub fn clear_messages(&mut self, turn: &mut Turn<'_>, topic: Option<&str>) -> Result<(), GroupError> {
        self.may(&permits::HISTORY)?;
        let log = self.thread(topic)?.log;
        if log.is_empty() {
            return Err(GroupError::NothingToDelete);
        }
        let seqs: Vec<u32> = log.iter().map(|message| message.msg_seq).collect();
        log.clear();
        self.record_deleted(turn, seqs, topic);
        Ok(())
    }

    // Assumed: members are not told of deleted messages; they miss them when they read the history again.
    fn record_deleted(&self, turn: &mut Turn<'_>, seqs: Vec<u32>, topic: Option<&str>) {
        if seqs.is_empty() {
            return;
        }
        let mut fields: Fields = vec![("MsgSeqList", Field::object(seqs)), ("Deleted", true.into())];
        fields.extend(topic.map(|topic| ("TopicId", topic.into())));
        turn.record(Fact::Recalled { fields }, Audience::nobody());
    }

    /// Imports messages; gives the number of each, or `None` where its time is before the group, the last message or
    /// after now, or its sender is unknown.
    // Assumed: imported messages wake no Private group and are not checked for repetition.
    ///
    /// # Errors
    /// The type keeps none, or the topic is unknown.
    pub fn import_messages(
        &mut self,
        turn: &mut Turn<'_>,
        list: Vec<Imported>,
        topic: Option<&str>,
        kept: usize,
        exists: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<Option<u32>>, GroupError> {
        self.may(&permits::HISTORY)?;
        let (now, made) = (seconds_of(turn.now), self.info.create_time);
        let mut thread = self.thread(topic)?;
        let mut seqs = Vec::with_capacity(list.len());
        for Imported { from, time, random, body } in list {
            if time < made.max(*thread.last_msg_time) || time > now || !exists(&from) {
                seqs.push(None);
                continue;
            }
            let seq = thread.number();
            *thread.last_msg_time = time;
            let message = Message {
                msg_seq: seq,
                random,
                from,
                msg_time: time,
                msg_priority: Priority::Normal,
                msg_body: body,
                cloud_custom_data: None,
                fate: Fate::Kept,
                to: Vec::new(),
                readers: None,
                key_values: None,
            };
            thread.log.push(message, kept);
            seqs.push(Some(seq));
        }
        let imported: Vec<u32> = seqs.iter().copied().flatten().collect();
        if !imported.is_empty() {
            let fields = vec![("MsgSeqList", Field::object(imported)), ("Imported", true.into())];
            turn.record(Fact::Posted { fields }, Audience::nobody());
        }
        Ok(seqs)
    }

    /// Changes a message in place.
    ///
    /// # Errors
    /// The type keeps none, the topic is unknown, or there is no such message.
    pub fn modify_message(
        &mut self,
        turn: &mut Turn<'_>,
        seq: u32,
        body: Option<Body>,
        cloud_custom_data: Option<String>,
        topic: Option<&str>,
    ) -> Result<(), GroupError> {
        self.may(&permits::HISTORY)?;
        let found = self.thread(topic)?.log.get_mut(seq).filter(|message| message.fate == Fate::Kept);
        let message = found.ok_or(GroupError::NoMessage { field: "MsgSeq", seq })?;
        if let Some(body) = body {
            message.msg_body = body;
        }
        if cloud_custom_data.is_some() {
            message.cloud_custom_data = cloud_custom_data;
        }
        let mut fields: Fields = vec![
            ("MsgSeq", i64::from(seq).into()),
            ("MsgBody", Field::object(message.msg_body.clone())),
            ("Modified", true.into()),
        ];
        fields.extend(message.cloud_custom_data.as_deref().map(|data| ("CloudCustomData", data.into())));
        fields.extend(topic.map(|topic| ("TopicId", topic.into())));
        turn.record(Fact::Posted { fields }, self.everybody());
        Ok(())
    }

    /// Tells members something of the app's own: system notice 255.
    ///
    /// # Errors
    /// The type tells all or nobody, or the topic is unknown.
    pub fn notify(
        &mut self,
        turn: &mut Turn<'_>,
        content: &str,
        to: Vec<UserId>,
        topic: Option<&str>,
    ) -> Result<(), GroupError> {
        if let Some(topic) = topic {
            self.topic(topic)?;
        }
        if !to.is_empty() {
            self.permit(permits::DIRECTED.to(self.info.group_type), "ToMembers_Account", permits::DIRECTED.what)?;
        }
        let mut fields: Fields = vec![("Notice", Field::Number(255)), ("Content", content.into())];
        fields.extend(topic.map(|topic| ("TopicId", topic.into())));
        let told = if to.is_empty() {
            self.everybody()
        } else {
            Audience::Accounts(to.into_iter().filter(|id| self.members.contains(id)).collect())
        };
        turn.record(Fact::Posted { fields }, told);
        Ok(())
    }
}
