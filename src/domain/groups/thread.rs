//! Thread: where messages stand — the group itself, or one of its topics — seen alike.

use crate::domain::groups::error::GroupError;
use crate::domain::groups::extras::Topic;
use crate::domain::groups::group::Group;
use crate::domain::groups::log::Log;
use crate::domain::groups::permits;
use crate::kernel::names::UserId;

/// Where messages stand, to change.
#[derive(Debug)]
pub struct Thread<'a> {
    /// The number of the next message.
    pub next_msg_seq: &'a mut u32,
    /// When the last one was sent, Unix seconds.
    pub last_msg_time: &'a mut u32,
    /// Those that are kept.
    pub log: &'a mut Log,
}

impl Thread<'_> {
    /// Takes the next number.
    pub fn number(&mut self) -> u32 {
        let seq = *self.next_msg_seq;
        *self.next_msg_seq = seq.saturating_add(1);
        seq
    }
}

impl Group {
    /// A topic of this group.
    ///
    /// # Errors
    /// The group has no topics, or not this one.
    pub fn topic(&self, id: &str) -> Result<&Topic, GroupError> {
        self.with_topics()?;
        let topic = self.extras.topics.iter().find(|topic| topic.topic_id.as_str() == id);
        topic.ok_or_else(|| GroupError::NoPart { field: "TopicId", id: id.to_owned() })
    }

    /// The same, to change.
    ///
    /// # Errors
    /// The same.
    pub fn topic_mut(&mut self, id: &str) -> Result<&mut Topic, GroupError> {
        self.with_topics()?;
        let topic = self.extras.topics.iter_mut().find(|topic| topic.topic_id.as_str() == id);
        topic.ok_or_else(|| GroupError::NoPart { field: "TopicId", id: id.to_owned() })
    }

    /// Checks that the group can have topics.
    ///
    /// # Errors
    /// It is no Community, or one without topics.
    pub fn with_topics(&self) -> Result<(), GroupError> {
        self.may(&permits::TOPICS)?;
        if self.info.support_topic { Ok(()) } else { Err(GroupError::NoTopics) }
    }

    /// The group's own messages, or those of a topic.
    ///
    /// # Errors
    /// There is no such topic.
    pub fn thread(&mut self, topic: Option<&str>) -> Result<Thread<'_>, GroupError> {
        match topic {
            Some(id) => {
                let Topic { next_msg_seq, last_msg_time, messages, .. } = self.topic_mut(id)?;
                Ok(Thread { next_msg_seq, last_msg_time, log: messages })
            }
            None => {
                let info = &mut self.info;
                let (next_msg_seq, last_msg_time) = (&mut info.next_msg_seq, &mut info.last_msg_time);
                Ok(Thread { next_msg_seq, last_msg_time, log: &mut self.log })
            }
        }
    }

    /// The messages that are kept, and the number of the next one.
    ///
    /// # Errors
    /// There is no such topic.
    pub fn messages(&self, topic: Option<&str>) -> Result<(&Log, u32), GroupError> {
        match topic {
            Some(id) => self.topic(id).map(|topic| (&topic.messages, topic.next_msg_seq)),
            None => Ok((&self.log, self.info.next_msg_seq)),
        }
    }

    /// Checks that an account may speak here now.
    ///
    /// # Errors
    /// It is muted, or all but the owner and the admins are.
    pub(super) fn may_speak(&self, user: &UserId, topic: Option<&str>, now: u32) -> Result<(), GroupError> {
        let topic = topic.map(|id| self.topic(id)).transpose()?;
        let until = topic.and_then(|topic| topic.mutes.get(user)).copied().unwrap_or(0);
        let all = self.info.mute_all || topic.is_some_and(|topic| topic.mute_all);
        if self.muted_until(user, now) > 0 || until > now || (all && !self.leads(user)) {
            return Err(GroupError::Muted(user.clone()));
        }
        Ok(())
    }
}
