//! Message: one message of a room, and the bounded list of a room's messages.

use std::collections::VecDeque;
use std::sync::Arc;

use compact_str::CompactString;

use crate::domain::imkit::json::Members;
use crate::kernel::clock::Timestamp;
use crate::kernel::names::{EntityId, UserId};

/// The names under which a message carries content, besides mentions and the message it replies to.
pub const CONTENT: [&str; 16] = [
    "message",
    "extra",
    "originalUrl",
    "thumbnailUrl",
    "url",
    "width",
    "height",
    "images",
    "duration",
    "latitude",
    "longitude",
    "sticker",
    "template",
    "contents",
    "rtcSession",
    "batchID",
];

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// An ObjectId: ids compare as time does.
    pub id: CompactString,
    /// The room.
    pub room: EntityId,
    /// `text`, `image`, …, a system type, or any other word.
    pub kind: CompactString,
    /// Who sent it; `None` for the platform administrator.
    pub sender: Option<UserId>,
    /// Whom a system message is about.
    pub member: Option<UserId>,
    /// The content, by its names, as it was sent.
    pub content: Members,
    /// Who is mentioned.
    pub mentions: Vec<UserId>,
    /// The message that this one answers.
    pub reply: Option<CompactString>,
    /// When it was sent.
    pub sent: Timestamp,
    /// When it was recorded.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// When its sender last changed it.
    pub edited: Option<Timestamp>,
}

/// The messages of a room, oldest first, at most so many.
#[derive(Clone, Debug)]
pub struct Messages {
    kept: VecDeque<Arc<Message>>,
    most: usize,
}

impl Messages {
    /// None so far; the oldest go when there are more than `most`, but the last one stays.
    pub fn new(most: usize) -> Self {
        Self { kept: VecDeque::new(), most: most.max(1) }
    }

    /// The last one.
    pub fn last(&self) -> Option<&Arc<Message>> {
        self.kept.back()
    }

    /// How many are kept.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// All, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<Message>> {
        self.kept.iter()
    }

    /// The one of this id.
    pub fn get(&self, id: &str) -> Option<&Arc<Message>> {
        self.kept.iter().rev().find(|message| message.id == id)
    }

    /// Adds one at the end.
    pub fn push(&mut self, message: Arc<Message>) {
        if self.kept.len() >= self.most {
            self.kept.pop_front();
        }
        self.kept.push_back(message);
    }

    /// Puts a changed message in the place of the one with its id.
    pub fn replace(&mut self, changed: Arc<Message>) {
        if let Some(place) = self.kept.iter_mut().rev().find(|message| message.id == changed.id) {
            *place = changed;
        }
    }
}
