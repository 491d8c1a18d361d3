//! What counts as unread, where more happens than posting: reading, deleting, hiding, and documents.

use crate::domain::imkit::message::Messages;
use crate::domain::imkit::properties::{Count, Properties, Property, counting_from};
use crate::kernel::names::UserId;

/// The number before that of every message.
const NOTHING: i64 = i64::MIN;

impl Properties {
    /// The last message that somebody has read.
    pub fn last_read(&self, client: &str) -> Option<&str> {
        self.entries.get(client)?.last_read.as_deref()
    }

    /// A member has read up to the message of this number, and so many newer ones count as unread.
    pub fn read(&mut self, client: &UserId, message: &str, number: i64, badge: i64) {
        let posted = self.posted;
        self.entries.join(client.clone(), counting_from(posted, true));
        if let Some(entry) = self.entries.get_mut(client) {
            entry.last_read = Some(message.into());
            (entry.read, entry.count) = (number, Count::Since(posted - badge));
        }
    }

    /// A member has seen who mentions it.
    pub fn forget_mention(&mut self, client: &str) {
        self.set_mentioned(client, false);
    }

    /// Whether somebody is mentioned by what is still unread.
    pub fn set_mentioned(&mut self, client: &str, mentioned: bool) {
        self.entries.get_mut(client).into_iter().for_each(|entry| entry.mentioned = mentioned);
    }

    /// The number of the last message that does not count as unread; `None` for somebody of whom nothing is known.
    pub fn read_up_to(&self, client: &str) -> Option<i64> {
        self.entries.get(client).map(|entry| entry.read)
    }

    /// Messages of one sender, by their growing numbers, count for those who have not read them as so many more each:
    /// -1 when they are gone or hidden, 1 when they are shown again.
    pub fn recount(&mut self, numbers: &[i64], sender: Option<&UserId>, each: i64) {
        for (_, entry) in self.entries.iter_mut().filter(|(client, _)| Some(*client) != sender) {
            if let Count::Since(base) = &mut entry.count {
                let unread = numbers.len() - numbers.partition_point(|number| *number <= entry.read);
                *base -= each * i64::try_from(unread).unwrap_or(0);
            }
        }
    }

    /// All messages are gone: nothing is unread.
    pub fn read_all(&mut self) {
        let posted = self.posted;
        for (_, entry) in self.entries.iter_mut() {
            if let Count::Since(base) = &mut entry.count {
                (*base, entry.read) = (posted, posted);
            }
            entry.mentioned = false;
        }
    }

    /// Ties the entries of a document to its messages: of each the newest ones, as many as its badge, are unread.
    pub fn settle(&mut self, messages: &Messages) {
        let by = messages.posted() - self.posted;
        self.posted += by;
        let counted = messages.places().rev().filter(|kept| !kept.message.is_hidden());
        let newest: Vec<i64> = counted.map(|kept| kept.number).collect();
        for (_, entry) in self.entries.iter_mut() {
            let Count::Since(base) = &mut entry.count else { continue };
            *base += by;
            let badge = usize::try_from(self.posted - *base).unwrap_or(0);
            let by_badge = newest.get(badge).copied().unwrap_or(NOTHING);
            entry.read = by_badge.max(pointed(entry, messages));
        }
    }
}

/// The number of the message that an entry says was read last.
fn pointed(entry: &Property, messages: &Messages) -> i64 {
    let kept = entry.last_read.as_deref().and_then(|id| messages.not_after(id));
    kept.map_or(NOTHING, |kept| kept.number)
}
