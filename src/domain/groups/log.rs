//! Log: the messages of a group or topic that are kept, in the order of their numbers, bounded in number.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::kernel::names::UserId;

/// Within this many seconds a message with the same `Random` is the same message.
const REPEAT_SECONDS: u32 = 300;

/// Of messages that are not kept so many are remembered, to tell the same one sent again.
const PASSED_MAX: usize = 1000;

/// The elements of a message, as they were sent.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Body(Arc<RawValue>);

impl Body {
    /// The body that this JSON text is.
    pub fn new(json: Box<RawValue>) -> Self {
        Self(json.into())
    }

    /// The JSON text.
    pub fn json(&self) -> &str {
        self.0.get()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.json())
    }
}

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        self.json() == other.json()
    }
}

impl JsonSchema for Body {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "MsgBody".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "array", "items": {"type": "object", "required": ["MsgType", "MsgContent"],
            "properties": {"MsgType": {"type": "string"}, "MsgContent": {"type": "object"}}}})
    }
}

/// How urgent a message is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Priority {
    /// First.
    High,
    /// As others.
    #[default]
    Normal,
    /// After others.
    Low,
    /// Last; the first to be dropped.
    Lowest,
}

impl Priority {
    /// The number that history answers: 1 to 4.
    pub const fn number(self) -> u8 {
        self as u8 + 1
    }
}

/// Whether a message can still be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Fate {
    /// Yes.
    #[default]
    Kept,
    /// Its sender's messages were deleted.
    Deleted,
    /// It was taken back.
    Recalled,
}

/// A key-value of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct KeyState {
    /// The name.
    pub key: String,
    /// The value.
    pub value: String,
    /// Grows with each write to the message's key-values.
    pub seq: u32,
}

/// The key-values of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct KeyValues {
    /// The number of the last write.
    pub latest_seq: u32,
    /// The number of the last clearing; 0 for none.
    pub clear_seq: u32,
    /// In the order of their names.
    pub extension_list: Vec<KeyState>,
}

/// A message that is kept; also its form in a state document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Message {
    /// Its number in the group.
    pub msg_seq: u32,
    /// The number that tells a repeated sending.
    #[serde(default)]
    pub random: u32,
    /// Who sent it.
    #[serde(rename = "From_Account")]
    pub from: UserId,
    /// When, Unix seconds.
    pub msg_time: u32,
    /// How urgent.
    #[serde(default)]
    pub msg_priority: Priority,
    /// What.
    pub msg_body: Body,
    /// Data of the app's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud_custom_data: Option<String>,
    /// Whether it can still be read.
    #[serde(default)]
    pub fate: Fate,
    /// Who alone gets it; empty: everybody.
    #[serde(rename = "To_Account", default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<UserId>,
    /// Who has read it, and when, where a receipt was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub readers: Option<BTreeMap<UserId, u32>>,
    /// Key-values, once some were set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_values: Option<Box<KeyValues>>,
}

/// What is remembered of a sending, to tell the same one sent again.
#[derive(Clone, Debug, PartialEq)]
pub struct Sending {
    /// Its number.
    pub seq: u32,
    /// When, Unix seconds.
    pub time: u32,
    /// The number that tells a repeated sending.
    pub random: u32,
    /// What.
    pub body: Body,
}

/// The messages that are kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    messages: VecDeque<Message>,
    /// The last messages that were sent without being kept; not part of documents.
    passed: VecDeque<Sending>,
    /// The newest message of each `Random`.
    randoms: HashMap<u32, u32>,
}

impl Log {
    /// The log of these messages, which stand in the order of their numbers.
    pub fn of(messages: Vec<Message>) -> Self {
        let randoms = messages.iter().map(|message| (message.random, message.msg_seq)).collect();
        Self { messages: messages.into(), passed: VecDeque::new(), randoms }
    }

    /// All that are kept, oldest first; reversible.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.messages.iter()
    }

    /// The same, to change.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut Message> {
        self.messages.iter_mut()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// The message of this number, if it is kept.
    pub fn get(&self, seq: u32) -> Option<&Message> {
        self.messages.get(self.messages.binary_search_by_key(&seq, |message| message.msg_seq).ok()?)
    }

    /// The same, to change.
    pub fn get_mut(&mut self, seq: u32) -> Option<&mut Message> {
        let at = self.messages.binary_search_by_key(&seq, |message| message.msg_seq).ok()?;
        self.messages.get_mut(at)
    }

    /// Those up to this number, newest first.
    pub fn back_from(&self, seq: u32) -> impl Iterator<Item = &Message> {
        let end = self.messages.partition_point(|message| message.msg_seq <= seq);
        self.messages.range(..end).rev()
    }

    /// Number and time of the message that was sent with this `Random` lately; `body` given: only if it is the same too.
    pub fn repeated(&self, random: u32, now: u32, body: Option<&Body>) -> Option<(u32, u32)> {
        let kept = self.randoms.get(&random).and_then(|seq| self.get(*seq));
        let kept = kept.map(|earlier| (earlier.msg_seq, earlier.msg_time, &earlier.msg_body));
        let passed = self.passed.iter().rev().find(|earlier| earlier.random == random);
        let passed = passed.map(|earlier| (earlier.seq, earlier.time, &earlier.body));
        let (seq, time, its) = kept.into_iter().chain(passed).max_by_key(|(seq, ..)| *seq)?;
        let lately = now.abs_diff(time) < REPEAT_SECONDS;
        (lately && body.is_none_or(|body| body == its)).then_some((seq, time))
    }

    /// How many were sent in this second, counted up to `most`.
    pub fn sent_in(&self, second: u32, most: usize) -> usize {
        let kept = self.messages.iter().rev().take(most).take_while(|message| message.msg_time == second).count();
        let passed = self.passed.iter().rev().take(most).take_while(|sending| sending.time == second).count();
        kept.saturating_add(passed).min(most)
    }

    /// Notes a message that is not kept, and forgets those that are too old to be repeated.
    pub fn pass(&mut self, sending: Sending) {
        let now = sending.time;
        self.passed.push_back(sending);
        let old = |first: &Sending| now.abs_diff(first.time) >= REPEAT_SECONDS;
        while self.passed.len() > PASSED_MAX || self.passed.front().is_some_and(old) {
            self.passed.pop_front();
        }
    }

    /// Keeps one more, and drops the oldest above `most`.
    pub fn push(&mut self, message: Message, most: usize) {
        self.randoms.insert(message.random, message.msg_seq);
        self.messages.push_back(message);
        while self.messages.len() > most {
            let Some(oldest) = self.messages.pop_front() else { break };
            if self.randoms.get(&oldest.random) == Some(&oldest.msg_seq) {
                self.randoms.remove(&oldest.random);
            }
        }
    }

    /// Drops all.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}
