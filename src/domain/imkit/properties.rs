//! Properties: what a room knows of each who is or was in it; outlives membership, in the order of creation.
//!
//! A message costs no step per member: a badge is derived, the count of messages less a base. Entries of those who
//! joined since the last message are made by the next one. An entry of a former member is frozen until the return.

mod unread;

use compact_str::CompactString;

use crate::kernel::names::UserId;
use crate::kernel::roster::Roster;

/// How the unread messages of somebody are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Count {
    /// A member: what was posted, less this.
    Since(i64),
    /// Not a member: it stands still.
    Frozen(i64),
}

/// What a room knows of one client.
#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    count: Count,
    /// The number of the last message that does not count as unread.
    read: i64,
    /// The last message read.
    pub last_read: Option<CompactString>,
    /// `admin`, `member`, or absent.
    pub role: Option<CompactString>,
    /// An unread message mentions the client.
    pub mentioned: bool,
    /// Whether the entry came to be by sending or reading, not by a rising badge: it is written in that order.
    pub read_first: bool,
}

/// One entry as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct PropertyLine {
    /// Who.
    pub client: UserId,
    /// Unread messages.
    pub badge: i64,
    /// The last message read.
    pub last_read: Option<CompactString>,
    /// `admin`, `member`, or absent.
    pub role: Option<CompactString>,
    /// An unread message mentions the client.
    pub mentioned: bool,
    /// Whether the entry came to be by sending or reading, not by a rising badge: it is written in that order.
    pub read_first: bool,
}

/// The entries of a room.
#[derive(Clone, Debug, Default)]
pub struct Properties {
    entries: Roster<Property>,
    posted: i64,
    /// Members whose join number is less have their entries.
    made_up_to: u64,
}

impl Properties {
    /// The unread messages of somebody.
    pub fn badge(&self, client: &str) -> i64 {
        self.entries.get(client).map_or(0, |entry| self.badge_of(entry))
    }

    /// Whether an unread message mentions somebody.
    pub fn is_mentioned(&self, client: &str) -> bool {
        self.entries.get(client).is_some_and(|entry| entry.mentioned)
    }

    /// Whether somebody has the role `admin`.
    pub fn is_admin(&self, client: &str) -> bool {
        self.entries.get(client).is_some_and(|entry| entry.role.as_deref() == Some("admin"))
    }

    /// All entries.
    pub fn lines(&self) -> Vec<PropertyLine> {
        let line = |(client, entry): (&UserId, &Property)| PropertyLine {
            client: client.clone(),
            badge: self.badge_of(entry),
            last_read: entry.last_read.clone(),
            role: entry.role.clone(),
            mentioned: entry.mentioned,
            read_first: entry.read_first,
        };
        self.entries.iter().map(line).collect()
    }

    /// Counts a new message: one more for each member but the sender, who has read everything.
    pub fn post(&mut self, members: &Roster<()>, sender: Option<&str>, message: &str, mentions: &[UserId]) {
        // Assumed: an entry comes to be with the first message after joining, in the order of joining.
        for (_, member, ()) in members.from(self.made_up_to) {
            // Assumed: an entry that came to be by sending is written with lastRead first, others with badge first.
            let read_first = sender == Some(member.as_str());
            self.entries.join(member.clone(), counting_from(self.posted, read_first));
        }
        self.made_up_to = members.next_join();
        self.posted += 1;
        let posted = self.posted;
        if let Some(entry) =
            sender.filter(|sender| members.contains(sender)).and_then(|sender| self.entries.get_mut(sender))
        {
            entry.count = Count::Since(posted);
            entry.read = posted;
            entry.last_read = Some(message.into());
            entry.mentioned = false;
        }
        for mentioned in mentions.iter().filter(|id| Some(id.as_str()) != sender && members.contains(id)) {
            self.entries.get_mut(mentioned).into_iter().for_each(|entry| entry.mentioned = true);
        }
    }

    /// Counts on for somebody who came back; who never had an entry still has none.
    pub fn thaw(&mut self, client: &str) {
        // Assumed: a badge goes on from where it stood when its client comes back.
        let posted = self.posted;
        if let Some(entry) = self.entries.get_mut(client)
            && let Count::Frozen(badge) = entry.count
        {
            entry.count = Count::Since(posted - badge);
            entry.read = posted;
        }
    }

    /// Stops counting for somebody who left.
    pub fn freeze(&mut self, client: &str) {
        let posted = self.posted;
        if let Some(entry) = self.entries.get_mut(client)
            && let Count::Since(base) = entry.count
        {
            entry.count = Count::Frozen(posted - base);
        }
    }

    /// Puts an entry in place as a state document describes it.
    pub fn put(&mut self, line: PropertyLine, is_member: bool) {
        let count = if is_member { Count::Since(self.posted - line.badge) } else { Count::Frozen(line.badge) };
        let PropertyLine { client, last_read, role, mentioned, read_first, .. } = line;
        self.entries.join(client, Property { count, read: self.posted, last_read, role, mentioned, read_first });
    }

    fn badge_of(&self, entry: &Property) -> i64 {
        match entry.count {
            Count::Since(base) => self.posted - base,
            Count::Frozen(badge) => badge,
        }
    }
}

fn counting_from(posted: i64, read_first: bool) -> Property {
    Property { count: Count::Since(posted), read: posted, last_read: None, role: None, mentioned: false, read_first }
}
