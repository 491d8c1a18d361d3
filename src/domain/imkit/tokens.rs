//! Tokens taken back: one, all others, or all of a client's. Immediately nobody is let in by them.

use compact_str::CompactString;

use crate::domain::imkit::user::{Client, News, Token, Users, is_signed};
use crate::kernel::clock::Timestamp;
use crate::kernel::turn::Origin;

/// Which tokens of a client are taken back.
#[derive(Clone, Copy, Debug)]
pub enum Which<'a> {
    /// This one.
    One(&'a Token),
    /// All but this one.
    Others(&'a Token),
    /// All.
    All,
}

impl Which<'_> {
    fn means(&self, text: &str) -> bool {
        match self {
            Self::One(token) => token.text == text,
            Self::Others(token) => token.text != text,
            Self::All => true,
        }
    }

    /// The one that is named.
    fn named(&self) -> Option<&Token> {
        match self {
            Self::One(token) | Self::Others(token) => Some(token),
            Self::All => None,
        }
    }
}

/// What a log-out does to the push tokens of its client.
#[derive(Clone, Copy, Debug)]
pub enum Unplug<'a> {
    /// Nothing.
    Nothing,
    /// Those of this device end.
    This(&'a str),
    /// Those of all devices but this end.
    Others(&'a str),
}

impl Users {
    /// Takes tokens back, and with them push tokens; those that were valid until now, oldest first. None if there is no
    /// such client.
    pub fn revoke(&self, origin: &Origin, id: &str, which: Which<'_>, unplug: Unplug<'_>) -> Vec<Token> {
        // A signed token may be valid without a record; what becomes of it is recorded from here on.
        let named = which.named().filter(|token| self.holders.get(&token.text).is_none());
        let held = named.and_then(|token| {
            let client = self.get(id)?;
            self.claim(&client.id, &token.text).ok()
        });
        let revoked = self.alter(origin, id, |client, now| {
            if let Some(token) = named.filter(|_| held.is_some()) {
                client.tokens.push(token.clone());
            }
            let mut dropped = Vec::new();
            let revoked = client.take_back(which, now, &mut dropped);
            // Assumed: taking all tokens back, or all others, also ends signed ones that were never recorded.
            if matches!(which, Which::All | Which::Others(_)) {
                client.void_before = Some(now);
            }
            dropped.extend(client.drop_tokens(now));
            // While the client is locked, so that a token that is bound again in the meantime keeps its holder.
            dropped.iter().for_each(|text| drop(self.holders.remove_if(text, |_, holder| holder.as_str() == id)));
            let unplugged = match unplug {
                Unplug::Nothing => 0,
                Unplug::This(device) => client.drop_devices(|present| present.device_id == device),
                Unplug::Others(device) => client.drop_devices(|present| present.device_id != device),
            };
            let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
            let mut fields = vec![("revokedTokens", count(revoked.len()).into())];
            if unplugged > 0 {
                fields.push(("unsubscribedDevices", count(unplugged).into()));
            }
            // Also where none was on record: signed ones may have ended, and sockets with them.
            let told = !revoked.is_empty() || unplugged > 0 || !matches!(which, Which::One(_));
            (revoked, told.then_some(News { fields, to_own_sessions: false }))
        });
        revoked.map(|(_, revoked)| revoked).unwrap_or_default()
    }
}

impl Client {
    /// Takes tokens back: those that were valid. A bound one is forgotten, a signed one is remembered as taken back.
    fn take_back(&mut self, which: Which<'_>, now: Timestamp, dropped: &mut Vec<CompactString>) -> Vec<Token> {
        let mut revoked = Vec::new();
        self.tokens.retain_mut(|token| {
            if !which.means(&token.text) {
                return true;
            }
            // Assumed: tokens that have expired are not among those that a call takes back.
            if token.is_valid(now) {
                revoked.push(token.clone());
            }
            token.revoked = true;
            let remembered = is_signed(&token.text) && token.expires.is_none_or(|end| now < end);
            if !remembered {
                dropped.push(token.text.clone());
            }
            remembered
        });
        revoked
    }
}
