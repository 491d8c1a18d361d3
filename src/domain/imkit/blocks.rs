//! Blocks: who blocked whom in a direct room, and who is banned in another room.

use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::room::{Actor, Room};
use crate::kernel::clock::Timestamp;
use crate::kernel::fact::{Audience, Fact};
use crate::kernel::names::UserId;
use crate::kernel::turn::Turn;

/// One block: in a direct room of one of the pair by the other, elsewhere a ban.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Who blocks; empty for the platform administrator.
    pub blocker: UserId,
    /// Who is blocked.
    pub blockee: UserId,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last repeated.
    pub updated: Timestamp,
}

impl Room {
    /// Lets those pass who may ban and unban.
    ///
    /// # Errors
    /// The room has an owner, and it is not the caller; the caller is no member of a room without one.
    pub fn check_may_ban(&self, actor: &Actor) -> Result<(), ImkitError> {
        self.check_member(actor)?;
        // Assumed: managers and admins of a room with an owner neither ban nor unban nor see the bans.
        match &self.info.owner {
            Some(owner) if !actor.admin && *owner != actor.client => Err(ImkitError::NotBanner(actor.client.clone())),
            _ => Ok(()),
        }
    }

    /// Lets a client send: nobody banned it, and in a direct room neither of its pair blocked the other.
    ///
    /// # Errors
    /// Somebody did; the platform administrator passes.
    pub fn check_may_speak(&self, actor: &Actor) -> Result<(), ImkitError> {
        // Assumed: the platform administrator and a room's receiver speak past blocks and bans, as whomever they name.
        let Some(client) = actor.client().filter(|_| !actor.admin && !self.blocks.is_empty()) else { return Ok(()) };
        let room = self.id.clone();
        if self.is_direct() {
            let mut silenced = self.blocks.iter().flat_map(|block| [&block.blocker, &block.blockee]);
            let silent = silenced.any(|id| id == client);
            return if silent { Err(ImkitError::Blocked { by: client.clone(), room }) } else { Ok(()) };
        }
        // Assumed: who is banned stays a member and may read, but neither sends nor changes messages.
        self.check_not_banned(client)
    }

    /// Lets a client in that is not banned; blocks in direct rooms keep nobody out.
    ///
    /// # Errors
    /// It is banned.
    pub fn check_not_banned(&self, client: &UserId) -> Result<(), ImkitError> {
        let banned = !self.is_direct() && self.blocks.iter().any(|block| block.blockee == *client);
        // Assumed: who is banned in a room can neither join it nor be added or invited, by nobody.
        if banned { Err(ImkitError::Banned { client: client.clone(), room: self.id.clone() }) } else { Ok(()) }
    }

    /// Blocks a client, or renews the block: of this blocker in a direct room, of anybody elsewhere.
    pub fn block(&mut self, turn: &mut Turn<'_>, blocker: &UserId, blockee: &UserId) -> Block {
        let (now, direct) = (turn.now, self.is_direct());
        let same = |block: &&mut Block| block.blockee == *blockee && (!direct || block.blocker == *blocker);
        // Assumed: blocking again renews the block.
        let block = if let Some(block) = self.blocks.iter_mut().find(same) {
            block.updated = now;
            block.clone()
        } else {
            let fresh = Block { blocker: blocker.clone(), blockee: blockee.clone(), created: now, updated: now };
            self.blocks.push(fresh.clone());
            fresh
        };
        tell(turn, &block, true);
        block
    }

    /// Ends the block of a client: this blocker's, or `None` everybody's.
    ///
    /// # Errors
    /// There is none.
    pub fn unblock(
        &mut self,
        turn: &mut Turn<'_>,
        blocker: Option<&UserId>,
        blockee: &UserId,
    ) -> Result<Block, ImkitError> {
        let ends = |block: &Block| block.blockee == *blockee && blocker.is_none_or(|blocker| block.blocker == *blocker);
        let ended: Vec<Block> = self.blocks.iter().filter(|block| ends(block)).cloned().collect();
        self.blocks.retain(|block| !ends(block));
        ended.iter().for_each(|block| tell(turn, block, false));
        let missing = || ImkitError::BlockMissing { blockee: blockee.clone(), room: self.id.clone() };
        ended.into_iter().next().ok_or_else(missing)
    }

    /// When the client blocked somebody here, and when it was blocked itself.
    pub fn block_times(&self, client: &str) -> (Option<Timestamp>, Option<Timestamp>) {
        let of = |who: fn(&Block) -> &UserId| {
            self.blocks.iter().find(|block| **who(block) == *client).map(|block| block.created)
        };
        // Assumed: didBlockAt and wasBlockedAt are the time of the block's making.
        (of(|block| &block.blocker).filter(|_| self.is_direct()), of(|block| &block.blockee))
    }
}

fn tell(turn: &mut Turn<'_>, block: &Block, blocked: bool) {
    let fields = vec![("blocker", block.blocker.as_str().into()), ("blocked", blocked.into())];
    // Assumed: no event of the vendor's sockets tells of blocks and bans.
    turn.record(Fact::Banned { members: vec![block.blockee.clone()], fields }, Audience::nobody());
}
