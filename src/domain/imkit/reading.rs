//! What a member has read, and that it is typing.

use compact_str::CompactString;

use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::message::Message;
use crate::domain::imkit::news::LastRead;
use crate::domain::imkit::room::{Actor, Room};
use crate::domain::imkit::told::for_sockets;
use crate::kernel::fact::{Audience, Detail, Fact};
use crate::kernel::names::UserId;
use crate::kernel::turn::Turn;

/// How far a member has read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadMark {
    /// Who.
    pub client: UserId,
    /// The last message read.
    pub last_read: Option<CompactString>,
    /// Unread messages of the room.
    pub badge: i64,
}

impl Room {
    /// Lets the actor's client pass if it is in the room itself: the platform administrator does not stand in for it.
    ///
    /// # Errors
    /// It is no member.
    pub fn check_inside<'a>(&self, actor: &'a Actor) -> Result<&'a UserId, ImkitError> {
        if self.members.contains(&actor.client) {
            return Ok(&actor.client);
        }
        Err(ImkitError::NotRoomMember { by: actor.client.clone(), room: self.id.clone() })
    }

    /// The actor's client has read up to this message; what it has read it never gives back.
    ///
    /// # Errors
    /// It is no member.
    pub fn read(&mut self, turn: &mut Turn<'_>, actor: &Actor, id: &str) -> Result<ReadMark, ImkitError> {
        let client = self.check_inside(actor)?;
        // Assumed: an unknown message that is said to be read stands for the newest one that is not later than it.
        let target = self.messages.not_after(id).map(|kept| (kept.number, kept.message.id.clone()));
        let last_read = self.properties.last_read(client);
        let present = last_read.and_then(|id| self.messages.not_after(id)).map(|kept| kept.number);
        let further = target.filter(|(number, _)| Some(*number) > present);
        if let Some((number, message)) = further {
            // Assumed: unread is what is newer than the last message read, not hidden, and not one's own.
            let unread = self.messages.newer_than(number).filter(|newer| !newer.is_from(client) && !newer.is_hidden());
            let badge = i64::try_from(unread.count()).unwrap_or(i64::MAX);
            self.properties.read(client, &message, number, badge);
            let news = LastRead { room: self.id.clone(), message, member: client.clone() };
            let fact = Fact::MemberChanged { members: vec![client.clone()], fields: news.fields() };
            turn.record(fact, Audience::members(&self.members, &[], Some(client)));
        }
        self.properties.forget_mention(client);
        Ok(self.read_mark(client))
    }

    /// How far somebody has read.
    pub fn read_mark(&self, client: &UserId) -> ReadMark {
        ReadMark {
            client: client.clone(),
            last_read: self.properties.last_read(client).map(CompactString::new),
            badge: self.properties.badge(client),
        }
    }

    /// The actor's client is typing: told to the others, and not kept. `news` is what they are told.
    ///
    /// # Errors
    /// It is no member.
    pub fn type_in(&self, turn: &mut Turn<'_>, actor: &Actor, news: impl Detail + 'static) -> Result<(), ImkitError> {
        let client = self.check_inside(actor)?;
        // Assumed: typing is an event of the member who types, member_changed, and changes nothing.
        let fact = Fact::MemberChanged { members: vec![client.clone()], fields: for_sockets("typing", news) };
        turn.record(fact, Audience::members(&self.members, &[], Some(client)));
        Ok(())
    }

    /// Those whom a message mentioned are mentioned on only by what else they have not read.
    pub fn forget_mentions(&mut self, message: &Message) {
        for client in &message.mentions {
            let Some(read) = self.properties.read_up_to(client).filter(|_| self.properties.is_mentioned(client)) else {
                continue;
            };
            let mut unread = self.messages.newer_than(read).filter(|newer| !newer.is_from(client));
            let still = unread.any(|newer| !newer.is_hidden() && newer.mentions.contains(client));
            self.properties.set_mentioned(client, still);
        }
    }
}
