//! Kind: what each group type permits, as a table that can be read beside the documentation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::groups::member::MsgFlag;
use crate::domain::settings::Profile;

/// The type of a group, fixed for its life. The newer names `Work` and `Meeting` are read as the older ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum GroupType {
    /// For people who know each other; newer name `Work`.
    #[serde(alias = "Work")]
    Private,
    /// Found and applied for.
    #[default]
    Public,
    /// Entered and left freely; newer name `Meeting`.
    #[serde(alias = "Meeting")]
    ChatRoom,
    /// The chat of a live stream.
    AVChatRoom,
    /// Broadcast to all who are online; of the `seed` profile only.
    BChatRoom,
    /// Up to 100 000 members.
    Community,
}

/// How an application to join is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ApplyJoinOption {
    /// By letting in.
    FreeAccess,
    /// By the owner or an admin.
    #[default]
    NeedPermission,
    /// Always no.
    DisableApply,
}

/// How an invitation by a client is answered; adding by an administrator does not ask it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum InviteJoinOption {
    /// By letting in.
    FreeAccess,
    /// By the owner or an admin.
    NeedPermission,
    /// Always no.
    DisableInvite,
}

/// Which `ApplyJoinOption` a group has, whatever was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Apply {
    /// This one, always.
    Fixed(ApplyJoinOption),
    /// What was asked for, else this one.
    Chosen(ApplyJoinOption),
}

/// What a group type permits.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// The type.
    pub of: GroupType,
    /// What follows `@TGS#` in ids that the server makes.
    pub letter: char,
    /// A client may join by itself.
    pub join: bool,
    /// An administrator may add members.
    pub add: bool,
    /// An administrator may remove members.
    pub kick: bool,
    /// Members can be muted.
    pub mute: bool,
    /// Messages are kept.
    pub history: bool,
    /// The owner may quit and leave the group without one.
    pub quit: bool,
    /// There are admins beside the owner.
    pub admins: bool,
    /// Members see tips when somebody comes or goes.
    pub tips: bool,
    /// Nobody but the owner sees the group before the owner's first message.
    pub wakes: bool,
    /// Its members can be listed.
    pub listed: bool,
    /// What new members get of messages while they are away.
    pub flag: MsgFlag,
    /// Most members, in the `seed` and in the `current` profile; `None` is without limit.
    pub most: [Option<u64>; 2],
    /// How applications are answered.
    pub apply: Apply,
    /// How invitations are answered unless asked otherwise; `None` where there are none.
    pub invite: Option<InviteJoinOption>,
}

const Y: bool = true;
const N: bool = false;
/// Any number of members.
const ANY: [Option<u64>; 2] = [None, None];

use ApplyJoinOption::{DisableApply, FreeAccess, NeedPermission};
use GroupType::{AVChatRoom, BChatRoom, ChatRoom, Community, Private, Public};
use MsgFlag::{AcceptAndNotify, AcceptNotNotify};

// Assumed: in the current profile a group has at most 2000 members, as the top plan allows, and a Community 100 000.
// Assumed: the ids of BChatRooms, of which no sample is known, have the letter b.
// Assumed: a Community lets applicants in unless it was made otherwise, because its column says that joining is free.
/// The types, in the order of the documentation.
// table
#[rustfmt::skip]
static KINDS: [Kind; 6] = [
    Kind { of: Private,    letter: '1', join: N, add: Y, kick: Y, mute: N, history: Y, quit: Y, admins: N, tips: Y, wakes: Y, listed: Y,
           flag: AcceptAndNotify, most: [Some(200), Some(2000)], apply: Apply::Fixed(DisableApply), invite: Some(InviteJoinOption::FreeAccess) },
    Kind { of: Public,     letter: '2', join: Y, add: Y, kick: Y, mute: Y, history: Y, quit: N, admins: Y, tips: Y, wakes: N, listed: Y,
           flag: AcceptAndNotify, most: [Some(2000), Some(2000)], apply: Apply::Chosen(NeedPermission), invite: Some(InviteJoinOption::DisableInvite) },
    Kind { of: ChatRoom,   letter: '3', join: Y, add: Y, kick: Y, mute: Y, history: Y, quit: N, admins: Y, tips: N, wakes: N, listed: Y,
           flag: AcceptNotNotify, most: [Some(6000), Some(2000)], apply: Apply::Fixed(FreeAccess), invite: Some(InviteJoinOption::DisableInvite) },
    Kind { of: AVChatRoom, letter: 'a', join: Y, add: N, kick: N, mute: Y, history: N, quit: N, admins: N, tips: Y, wakes: N, listed: N,
           flag: AcceptNotNotify, most: ANY, apply: Apply::Fixed(FreeAccess), invite: None },
    Kind { of: BChatRoom,  letter: 'b', join: Y, add: N, kick: N, mute: N, history: N, quit: N, admins: N, tips: N, wakes: N, listed: N,
           flag: AcceptNotNotify, most: ANY, apply: Apply::Fixed(FreeAccess), invite: None },
    Kind { of: Community,  letter: 'c', join: Y, add: Y, kick: Y, mute: Y, history: Y, quit: N, admins: Y, tips: Y, wakes: N, listed: Y,
           flag: AcceptAndNotify, most: [Some(100_000), Some(100_000)], apply: Apply::Chosen(FreeAccess), invite: Some(InviteJoinOption::DisableInvite) },
];

impl GroupType {
    /// What it permits.
    pub fn kind(self) -> &'static Kind {
        let row = KINDS.iter().find(|kind| kind.of == self);
        row.expect("each type has its row")
    }

    /// The service's word, in which groups are stored and answered.
    pub const fn word(self) -> &'static str {
        match self {
            Private => "Private",
            Public => "Public",
            ChatRoom => "ChatRoom",
            AVChatRoom => "AVChatRoom",
            BChatRoom => "BChatRoom",
            Community => "Community",
        }
    }

    /// The type of this word, older or newer name, if groups of it can be made in this profile.
    pub fn of_word(word: &str, profile: Profile) -> Option<Self> {
        let older = match word {
            "Work" => "Private",
            "Meeting" => "ChatRoom",
            same => same,
        };
        let found = KINDS.iter().map(|kind| kind.of).find(|of| of.word() == older);
        found.filter(|of| *of != BChatRoom || profile == Profile::Seed)
    }
}

impl Kind {
    /// Most members in this profile; `None` is without limit.
    pub const fn most_in(&self, profile: Profile) -> Option<u64> {
        match profile {
            Profile::Seed => self.most[0],
            Profile::Current => self.most[1],
        }
    }

    /// Which option a group of this type has when this one is asked for.
    pub fn apply_of(&self, asked: Option<ApplyJoinOption>) -> ApplyJoinOption {
        match self.apply {
            Apply::Fixed(option) => option,
            Apply::Chosen(option) => asked.unwrap_or(option),
        }
    }

    /// Which option a group of this type has when this one is asked for; `None` where nobody is invited.
    pub fn invite_of(&self, asked: Option<InviteJoinOption>) -> Option<InviteJoinOption> {
        self.invite.map(|option| asked.unwrap_or(option))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_names_are_read_as_the_older_ones() {
        assert_eq!(GroupType::of_word("Work", Profile::Seed), Some(Private));
        assert_eq!(GroupType::of_word("Meeting", Profile::Current), Some(ChatRoom));
        assert_eq!(GroupType::of_word("work", Profile::Seed), None);
    }

    #[test]
    fn broadcast_rooms_are_of_the_seed_profile_only() {
        assert_eq!(GroupType::of_word("BChatRoom", Profile::Seed), Some(BChatRoom));
        assert_eq!(GroupType::of_word("BChatRoom", Profile::Current), None);
    }
}
