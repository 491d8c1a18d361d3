//! GroupError: the rules of Chat groups said no — meaning without numbers.

use crate::domain::groups::kind::GroupType;
use crate::domain::invalid::Invalid;
use crate::kernel::names::UserId;
use crate::kernel::registry::{Missing, Taken};

/// Why a group operation was refused; nothing changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    /// A field is wrong.
    #[error("{}", .0.sentence())]
    Invalid(Invalid),
    /// More accounts than one call may name.
    #[error("{}; split the list over several calls", .0.sentence())]
    TooManyAccounts(Invalid),
    /// The text can be the id of no group.
    #[error("{}", .0.sentence())]
    MalformedId(Invalid),
    /// The group was never created, or is dissolved.
    #[error("GroupId: there is no group {0:?}; it was never created, or it is dissolved")]
    Missing(String),
    /// The group type does not let anybody be removed.
    #[error("GroupId: this group is of type {}, from which nobody can be removed; mute the account instead", .0.word())]
    CannotKick(GroupType),
    /// The group type does not permit the operation.
    #[error("{field}: the group is of type {}, which does not permit {what}", of.word())]
    NotPermitted {
        /// The field that asked for it.
        field: &'static str,
        /// What was asked for.
        what: &'static str,
        /// The type.
        of: GroupType,
    },
    /// An account was never imported.
    #[error("{field}: {user:?} is not an imported account; import it first (account_import)")]
    UnknownAccount {
        /// Where it stands.
        field: String,
        /// Which.
        user: UserId,
    },
    /// The group has no room for so many.
    #[error("MemberList: {coming} new members and the {present} present ones are more than MaxMemberNum, {max}")]
    Full {
        /// New accounts in the call.
        coming: usize,
        /// Members before it.
        present: usize,
        /// Most members.
        max: u64,
    },
    /// The id is in use, by another's group or by a room.
    #[error("GroupId: {0:?} is in use already; choose another id, or dissolve that group first")]
    Exists(String),
    /// The id is in use by a group of the same owner.
    #[error(
        "GroupId: {0:?} is in use already, by a group of the same Owner_Account; use it as it is, or dissolve it first"
    )]
    OwnGroupExists(String),
    /// The id belongs to a Room Engine room.
    #[error("GroupId: a Room Engine room has the id {0:?}; rooms and groups share their ids")]
    TakenByRoom(String),
    /// No more broadcast groups.
    #[error("Type: this app has {0} groups of type BChatRoom already, the most it may have; dissolve one first")]
    TooManyBroadcasts(usize),
    /// More members than the type allows.
    #[error("{field}: {amount} is more than a group of type {} may have, {max}", of.word())]
    OverPlan {
        /// The field that says so.
        field: &'static str,
        /// How many.
        amount: u64,
        /// The most.
        max: u64,
        /// The type.
        of: GroupType,
    },
    /// The answer would be too large.
    #[error("the answer would have more than {0} bytes; ask for fewer groups, members or fields")]
    TooLarge(usize),
    /// A client joins a group that it is in.
    #[error("Member_Account: {0:?} is a member already")]
    AlreadyMember(UserId),
    /// The account is not in the group.
    #[error("{field}: {user:?} is not a member")]
    NotMember {
        /// Where it stands.
        field: &'static str,
        /// Which.
        user: UserId,
    },
    /// A client joins a group that takes no applications.
    #[error("ApplyJoinOption: the group takes no applications; its members are added")]
    ClosedToApplicants,
    /// The owner quits a group that cannot be without one.
    #[error("Member_Account: {0:?} owns the group, and the owner of such a group cannot quit it")]
    OwnerCannotQuit(UserId),
    /// The account owns the group, which rules out what was asked for.
    #[error("{field}: {user:?} owns the group; change_group_owner makes another one the owner")]
    OwnersRole {
        /// Where it stands.
        field: &'static str,
        /// Which.
        user: UserId,
    },
    /// The sender may not speak for now.
    #[error("From_Account: {0:?} is muted, or all but the owner and the admins are")]
    Muted(UserId),
    /// Too many accounts are mentioned.
    #[error("{}", .0.sentence())]
    TooManyMentions(Invalid),
    /// The message is too long.
    #[error("{}", .0.sentence())]
    BodyTooLong(Invalid),
    /// Too many messages in this second.
    #[error("GroupId: the group got {0} messages within a second already")]
    SendingTooFast(u64),
    /// The type takes no message back.
    #[error("GroupId: the group is of type {}, whose messages cannot be recalled", .0.word())]
    NoRecall(GroupType),
    /// The type deletes no messages.
    #[error("GroupId: the group is of type {}, whose messages cannot be deleted", .0.word())]
    NoDeletion(GroupType),
    /// There is no message to delete.
    #[error("GroupId: the group has no messages to delete")]
    NothingToDelete,
    /// There is no such message.
    #[error("{field}: no message {seq} is kept of this group")]
    NoMessage {
        /// Where it stands.
        field: &'static str,
        /// Which.
        seq: u32,
    },
    /// An attribute's name is too long.
    #[error("{}", .0.sentence())]
    AttributeKey(Invalid),
    /// An attribute's value is too long.
    #[error("{}", .0.sentence())]
    AttributeValue(Invalid),
    /// Too many attributes.
    #[error("{}", .0.sentence())]
    TooManyAttributes(Invalid),
    /// Attributes that are too long together.
    #[error("{}", .0.sentence())]
    AttributesTooLong(Invalid),
    /// Attributes are written too often.
    #[error("GroupId: the group's attributes were written {0} times within a second already")]
    AttributesTooFast(u64),
    /// There is no such attribute.
    #[error("{field}: the group has no attribute {key:?}")]
    NoAttribute {
        /// Where it stands.
        field: String,
        /// Which.
        key: String,
    },
    /// Too many counters.
    #[error("{}", .0.sentence())]
    TooManyCounters(Invalid),
    /// The Community has no topics.
    #[error("GroupId: this Community was made without topics (SupportTopic)")]
    NoTopics,
    /// There is no such topic or permission group.
    #[error("{field}: {id:?} is not in this group")]
    NoPart {
        /// Where it stands.
        field: &'static str,
        /// Which.
        id: String,
    },
    /// A topic or permission group of this id is there.
    #[error("{field}: {id:?} is in use already")]
    PartExists {
        /// Where it stands.
        field: &'static str,
        /// Which.
        id: String,
    },
    /// No more topics or permission groups.
    #[error("{field}: the group has {max} already, the most it may have")]
    TooManyParts {
        /// Where it stands.
        field: &'static str,
        /// The most.
        max: usize,
    },
    /// Nobody of those that were named is there.
    #[error("{field}: none of these accounts is online in the group")]
    NobodyOnline {
        /// Where they stand.
        field: &'static str,
    },
    /// The app's own receiver refused.
    #[error("{command}: the app's receiver refused with ErrorCode {code}: {info:?}")]
    Vetoed {
        /// The callback.
        command: &'static str,
        /// The code that it answered.
        code: i64,
        /// The code of the app's own that the caller gets, where it is one.
        own: Option<u32>,
        /// What the caller is told; empty for the usual text.
        info: String,
    },
    /// The app's own receiver gave no answer that counts, and the app delivers no message without one.
    #[error("{0}: {1}, and this app lets no message through then (option failed_callback_blocks)")]
    Unanswered(&'static str, String),
    /// A banned client joins.
    #[error("Member_Account: {0:?} is banned from the group for now")]
    Banned(UserId),
}

impl From<Invalid> for GroupError {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl From<Missing> for GroupError {
    fn from(_: Missing) -> Self {
        Self::Missing(String::new())
    }
}

impl From<Taken> for GroupError {
    fn from(_: Taken) -> Self {
        Self::Exists(String::new())
    }
}
