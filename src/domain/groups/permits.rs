//! Permits: which command a group of which type takes, as a table that can be read beside the documentation's.

use crate::domain::groups::error::GroupError;
use crate::domain::groups::group::Group;
use crate::domain::groups::kind::GroupType;

/// Which types permit something.
#[derive(Clone, Copy, Debug)]
pub struct Permit {
    /// What it is, in words that follow "does not permit".
    pub what: &'static str,
    /// Private, Public, ChatRoom, AVChatRoom, BChatRoom, Community.
    pub types: [bool; 6],
}

const fn row(what: &'static str, types: [bool; 6]) -> Permit {
    Permit { what, types }
}

const Y: bool = true;
const N: bool = false;

// Assumed: where the table of commands says nothing of BChatRoom it has what AVChatRoom has, and where its cell of
// Community is open the answer is yes for messages and no for receipts.
// table
#[rustfmt::skip]
mod table {
    use super::{N, Permit, Y, row};
    //                                                                            P  U  C  A  B  M
    /// Reading chosen members.
    pub const SPECIFIED: Permit = row("asking for members",                      [Y, Y, Y, N, N, Y]);
    /// Changing a member; in a live room only the owner and its admins.
    pub const MEMBER_INFO: Permit = row("changing members",                      [Y, Y, Y, Y, N, Y]);
    /// Admins beside the owner.
    pub const ROLES: Permit = row("admins",                                      [N, Y, Y, N, N, Y]);
    /// Another owner.
    pub const CHANGE_OWNER: Permit = row("another owner",                        [Y, Y, Y, N, N, Y]);
    /// Importing the group and its members.
    pub const IMPORT: Permit = row("being imported",                             [Y, Y, Y, N, N, Y]);
    /// Muting accounts.
    pub const MUTE: Permit = row("muting",                                       [N, Y, Y, Y, N, Y]);
    /// Asking who is muted.
    pub const MUTED: Permit = row("asking who is muted",                         [Y, Y, Y, Y, N, Y]);
    /// Banning accounts, and asking who is banned.
    pub const BAN: Permit = row("banning",                                       [Y, Y, Y, Y, N, N]);
    /// Sending to chosen members only.
    pub const DIRECTED: Permit = row("telling some members only",                [Y, Y, Y, N, N, Y]);
    /// Taking messages back.
    pub const RECALL: Permit = row("recalling messages",                         [Y, Y, Y, N, N, Y]);
    /// Reading messages back, importing and clearing them.
    pub const HISTORY: Permit = row("keeping messages",                          [Y, Y, Y, N, N, Y]);
    /// Deleting the messages of a sender.
    pub const DELETE_BY_SENDER: Permit = row("deleting messages",                [Y, Y, Y, N, N, Y]);
    /// Counting unread messages.
    pub const UNREAD: Permit = row("counting unread messages",                   [Y, Y, N, N, N, Y]);
    /// Read receipts.
    pub const RECEIPTS: Permit = row("read receipts",                            [Y, Y, Y, N, N, N]);
    /// Key-values of messages.
    pub const KEY_VALUES: Permit = row("key-values of messages",                 [Y, Y, Y, N, N, Y]);
    /// What only live rooms have: online numbers and lists, marks, admins, attributes.
    pub const LIVE: Permit = row("what live rooms have",                         [N, N, N, Y, N, N]);
    /// Counters.
    pub const COUNTERS: Permit = row("counters",                                 [Y, Y, Y, Y, N, N]);
    /// Topics and permission groups.
    pub const TOPICS: Permit = row("topics",                                     [N, N, N, N, N, Y]);
}
pub use table::{
    BAN, CHANGE_OWNER, COUNTERS, DELETE_BY_SENDER, DIRECTED, HISTORY, IMPORT, KEY_VALUES, LIVE, MEMBER_INFO, MUTE,
    MUTED, RECALL, RECEIPTS, ROLES, SPECIFIED, TOPICS, UNREAD,
};

impl Permit {
    /// Whether groups of this type take it.
    pub const fn to(&self, of: GroupType) -> bool {
        self.types[of as usize]
    }
}

impl Group {
    /// Checks that the type permits something.
    ///
    /// # Errors
    /// It does not.
    pub fn may(&self, permit: &Permit) -> Result<(), GroupError> {
        self.permit(permit.to(self.info.group_type), "GroupId", permit.what)
    }
}
