//! Message: one message of a room, and the bounded list of a room's messages.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use compact_str::CompactString;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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

/// What one client thinks of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reaction {
    /// Who.
    pub client: UserId,
    /// Any word: `like`.
    #[schemars(with = "String")]
    pub reaction: CompactString,
}

/// A message.
#[derive(Clone, Debug, Default, PartialEq)]
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
    /// Whether it is pinned; `None` where it never was.
    pub pinned: Option<bool>,
    /// Whether it is hidden from the room; `None` where it never was.
    pub hidden: Option<bool>,
    /// What clients think of it, in the order in which they said so.
    pub reactions: Vec<Reaction>,
}

impl Message {
    /// Whether it is hidden from the room now.
    pub fn is_hidden(&self) -> bool {
        self.hidden == Some(true)
    }

    /// Whether this client sent it.
    pub fn is_from(&self, client: &str) -> bool {
        self.sender.as_deref() == Some(client)
    }
}

/// When one client deleted a message for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// First.
    pub created: Timestamp,
    /// Last.
    pub updated: Timestamp,
}

/// A message in its place, with what is not part of it.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Counts the messages of the room, from 1; what is gone keeps its number.
    pub number: i64,
    /// The message.
    pub message: Arc<Message>,
    /// Who deleted it for themselves.
    pub deletions: BTreeMap<UserId, Deletion>,
}

/// The messages of a room, oldest first, at most so many.
///
/// Ids grow with time, so they are searched for by halves; a document may bring them in any order, and what stands
/// before the last run of growing ids is searched through.
#[derive(Clone, Debug)]
pub struct Messages {
    kept: VecDeque<Kept>,
    most: usize,
    posted: i64,
    /// From this place on each id is greater than the one before it.
    growing_from: usize,
}

impl Messages {
    /// None so far; the oldest go when there are more than `most`, but the last one stays.
    pub fn new(most: usize) -> Self {
        Self { kept: VecDeque::new(), most: most.max(1), posted: 0, growing_from: 0 }
    }

    /// The last one.
    pub fn last(&self) -> Option<&Arc<Message>> {
        self.kept.back().map(|kept| &kept.message)
    }

    /// How many are kept.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// The number of the newest one ever posted; 0 if there was none.
    pub fn posted(&self) -> i64 {
        self.posted
    }

    /// All, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<Message>> {
        self.kept.iter().map(|kept| &kept.message)
    }

    /// All in their places, oldest first.
    pub fn places(&self) -> impl DoubleEndedIterator<Item = &Kept> {
        self.kept.iter()
    }

    /// The one of this id.
    pub fn get(&self, id: &str) -> Option<&Arc<Message>> {
        self.kept(id).map(|kept| &kept.message)
    }

    /// The one of this id in its place.
    pub fn kept(&self, id: &str) -> Option<&Kept> {
        self.place(id).map(|place| &self.kept[place])
    }

    /// Whose deletions of this message there are, to change.
    pub fn deletions_mut(&mut self, id: &str) -> Option<&mut BTreeMap<UserId, Deletion>> {
        let place = self.place(id)?;
        Some(&mut self.kept[place].deletions)
    }

    /// The newest one whose id is not greater than this one.
    pub fn not_after(&self, id: &str) -> Option<&Kept> {
        let later = self.growing(|kept| *kept.message.id <= *id);
        let place = self.place(id).or_else(|| match later {
            place if place > self.growing_from => Some(place - 1),
            _ => (0..self.growing_from).rev().find(|place| *self.kept[*place].message.id <= *id),
        });
        place.map(|place| &self.kept[place])
    }

    /// Those with a greater number, oldest first.
    pub fn newer_than(&self, number: i64) -> impl DoubleEndedIterator<Item = &Arc<Message>> {
        let start = self.kept.partition_point(|kept| kept.number <= number);
        self.kept.range(start..).map(|kept| &kept.message)
    }

    /// The others, oldest first.
    pub fn not_newer_than(&self, number: i64) -> impl DoubleEndedIterator<Item = &Arc<Message>> {
        let end = self.kept.partition_point(|kept| kept.number <= number);
        self.kept.range(..end).map(|kept| &kept.message)
    }

    /// Adds one at the end.
    pub fn push(&mut self, message: Arc<Message>) {
        self.push_with(message, BTreeMap::new());
    }

    /// Adds one at the end that clients have deleted for themselves.
    pub fn push_with(&mut self, message: Arc<Message>, deletions: BTreeMap<UserId, Deletion>) {
        if self.kept.len() >= self.most {
            self.kept.pop_front();
            self.growing_from = self.growing_from.saturating_sub(1);
        }
        if self.last().is_some_and(|last| last.id >= message.id) {
            self.growing_from = self.kept.len();
        }
        self.posted += 1;
        self.kept.push_back(Kept { number: self.posted, message, deletions });
    }

    /// Puts a changed message in the place of the one with its id.
    pub fn replace(&mut self, changed: Arc<Message>) {
        if let Some(place) = self.place(&changed.id) {
            self.kept[place].message = changed;
        }
    }

    /// Takes one out.
    pub fn remove(&mut self, id: &str) -> Option<Kept> {
        let place = self.place(id)?;
        if place < self.growing_from {
            self.growing_from -= 1;
        }
        self.kept.remove(place)
    }

    /// Takes all out.
    pub fn clear(&mut self) -> VecDeque<Kept> {
        self.growing_from = 0;
        std::mem::take(&mut self.kept)
    }

    fn place(&self, id: &str) -> Option<usize> {
        let is_it = |place: &usize| self.kept[*place].message.id == id;
        let place = self.growing(|kept| *kept.message.id < *id);
        if place < self.kept.len() && is_it(&place) {
            return Some(place);
        }
        (0..self.growing_from).rev().find(is_it)
    }

    /// The first place of the growing run for which this does not hold.
    fn growing(&self, holds: impl Fn(&Kept) -> bool) -> usize {
        let (mut from, mut to) = (self.growing_from, self.kept.len());
        while from < to {
            let middle = from + (to - from) / 2;
            if holds(&self.kept[middle]) { from = middle + 1 } else { to = middle }
        }
        from
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(most: usize, ids: &[&str]) -> Messages {
        let mut messages = Messages::new(most);
        ids.iter().for_each(|id| messages.push(Arc::new(Message { id: (*id).into(), ..Message::default() })));
        messages
    }

    fn ids(messages: &Messages) -> String {
        messages.iter().map(|message| message.id.as_str()).collect()
    }

    #[test]
    fn every_message_is_found_whatever_order_a_document_brings() {
        for order in ["abcdef", "fedcba", "bcdaef", "defabc", "acebdf"] {
            let order: Vec<&str> = order.split("").filter(|id| !id.is_empty()).collect();
            let mut messages = messages(6, &order);
            for id in &order {
                assert_eq!(messages.get(id).map(|message| message.id.as_str()), Some(*id), "{order:?}");
            }
            assert!(messages.get("x").is_none() && messages.get("").is_none());
            for gone in ["c", "a", "f"] {
                assert_eq!(messages.remove(gone).map(|kept| kept.message.id.to_string()).as_deref(), Some(gone));
                let left = ids(&messages);
                assert!(!left.contains(gone));
                assert!(left.split("").filter(|id| !id.is_empty()).all(|id| messages.get(id).is_some()), "{left}");
            }
        }
    }

    #[test]
    fn the_oldest_go_and_the_rest_is_found() {
        let messages = messages(3, &["d", "c", "a", "e", "b"]);
        assert_eq!(ids(&messages), "aeb");
        assert!(["a", "e", "b"].iter().all(|id| messages.get(id).is_some()) && messages.get("c").is_none());
        assert_eq!(messages.newer_than(4).map(|message| message.id.as_str()).collect::<String>(), "b");
    }

    #[test]
    fn an_unknown_id_stands_after_the_newest_that_is_not_greater() {
        let messages = messages(9, &["b", "d", "f"]);
        let number = |id: &str| messages.not_after(id).map(|kept| kept.number);
        let numbers = ["a", "b", "c", "d", "e", "g"].map(number);
        assert_eq!(numbers, [None, Some(1), Some(1), Some(2), Some(2), Some(3)]);
    }
}
