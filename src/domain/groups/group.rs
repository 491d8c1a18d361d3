//! Group: one Chat group and its rules. Each function checks all, then changes all.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::groups::error::GroupError;
use crate::domain::groups::extras::Extras;
use crate::domain::groups::kind::{ApplyJoinOption, GroupType, InviteJoinOption, Kind};
use crate::domain::groups::log::Log;
use crate::domain::groups::member::{Details, KeyValue, Member, Newcomer, Role, RoleWord, seconds_of};
use crate::domain::groups::permits;
use crate::domain::settings::TencentOptions;
use crate::kernel::fact::{Audience, Fact, Field, Fields};
use crate::kernel::names::{EntityId, UserId};
use crate::kernel::registry::Entity;
use crate::kernel::roster::Roster;
use crate::kernel::turn::Turn;

/// What a group is, its members aside; times are Unix seconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupInfo {
    /// The id; empty until the server has made one.
    pub group_id: EntityId,
    /// The type.
    pub group_type: GroupType,
    /// The name shown.
    pub name: String,
    /// What it is about.
    pub introduction: String,
    /// The notice to all members.
    pub notification: String,
    /// The picture's address.
    pub face_url: String,
    /// Who owns it; `None` for a group without owner.
    pub owner: Option<UserId>,
    /// When it was made.
    pub create_time: u32,
    /// How often the profile changed.
    pub info_seq: u32,
    /// When the profile last changed.
    pub last_info_time: u32,
    /// When the last message was sent; 0 for never.
    pub last_msg_time: u32,
    /// The number of the next message.
    pub next_msg_seq: u32,
    /// Most members; without meaning in types without limit.
    pub max_member_num: u64,
    /// How applications are answered.
    pub apply_join_option: ApplyJoinOption,
    /// How invitations are answered; `None` in types without.
    pub invite_join_option: Option<InviteJoinOption>,
    /// Only the owner, admins and administrators may speak.
    pub mute_all: bool,
    /// Custom fields that have a value.
    pub custom: Vec<KeyValue>,
    /// A Community with topics.
    pub support_topic: bool,
    /// A Community with permission groups.
    pub enable_permission: u32,
    /// What members of such a Community may do.
    pub default_permission: u32,
    /// Whether new members may read what was sent before they came; `None` as the type has it.
    pub history_before_join: Option<bool>,
    /// Whether the owner has sent a message, where that matters.
    pub activated: bool,
}

/// A group.
#[derive(Clone, Debug)]
pub struct Group {
    /// What it is.
    pub info: GroupInfo,
    /// Who is in it.
    pub members: Roster<Member>,
    /// Until when accounts are muted, Unix seconds; a mute outlives the membership.
    pub mutes: BTreeMap<UserId, u32>,
    /// Until when accounts may not come back, Unix seconds.
    pub bans: BTreeMap<UserId, u32>,
    /// The messages that are kept.
    pub log: Log,
    /// What few groups have.
    pub extras: Extras,
}

impl Entity for Group {
    const KIND: &'static str = "group";

    fn each_member(&self, visit: &mut dyn FnMut(&UserId)) {
        self.members.ids().for_each(visit);
    }

    fn joined(&self, user: &str) -> Option<u64> {
        self.members.joined(user)
    }
}

impl Group {
    /// A group without members and messages.
    pub(super) fn empty(info: GroupInfo) -> Self {
        let (log, extras) = (Log::default(), Extras::default());
        Self { info, members: Roster::new(), mutes: BTreeMap::new(), bans: BTreeMap::new(), log, extras }
    }

    /// A new group, checked: the owner first, then the others; who is named twice counts once.
    // Assumed: an owner who is in MemberList too is one member, the owner; of other duplicates the first entry counts.
    pub fn create(turn: &mut Turn<'_>, info: GroupInfo, newcomers: Vec<Newcomer>, imported: bool) -> Self {
        let mut group = Self::empty(info);
        let now = seconds_of(turn.now);
        let read = group.info.next_msg_seq.saturating_sub(1);
        let owner = group.info.owner.clone().filter(|_| group.kind().listed);
        let mut named: Vec<Newcomer> = newcomers;
        if let Some(owner) = owner {
            let at = named.iter().position(|newcomer| newcomer.account == owner);
            let own = at.map(|at| named.remove(at).custom).unwrap_or_default();
            named.insert(0, Newcomer { account: owner, role: Role::Member, custom: own });
        }
        for newcomer in named {
            let mut member = group.fresh_member(now, read, newcomer.role);
            member.details = Details { name_card: None, custom: newcomer.custom }.boxed();
            group.members.join(newcomer.account, member);
        }
        let mut fields: Fields = vec![("Type", group.info.group_type.word().into())];
        fields.push(("Name", group.info.name.as_str().into()));
        fields.push(("Owner_Account", group.owner_word().into()));
        if !group.info.custom.is_empty() {
            fields.push(("AppDefinedData", Field::object(group.info.custom.clone())));
        }
        let members = group.members.ids().cloned().collect();
        if imported {
            fields.push(("Imported", true.into()));
            turn.record(Fact::Created { members, fields }, Audience::nobody());
            return group;
        }
        fields.push(("Notice", Field::Number(6)));
        let told = Audience::Accounts(group.told_of_creation());
        turn.record(Fact::Created { members, fields }, told);
        group
    }

    // Assumed: the notice that a group was made goes to its owner; the first members are told where there are tips.
    fn told_of_creation(&self) -> Vec<UserId> {
        if self.tells() && !self.members.is_empty() {
            return self.members.ids().cloned().collect();
        }
        self.info.owner.iter().cloned().collect()
    }

    pub(super) fn fresh_member(&self, now: u32, read: u32, role: Role) -> Member {
        let msg_flag = self.kind().flag;
        Member { join_time: now, msg_seq: read, last_sent: 0, role, msg_flag, details: None }
    }

    /// What the type permits.
    pub fn kind(&self) -> &'static Kind {
        self.info.group_type.kind()
    }

    /// Checks that a type permits something; `field` and `what` go into the answer.
    ///
    /// # Errors
    /// It does not.
    pub fn permit(&self, permitted: bool, field: &'static str, what: &'static str) -> Result<(), GroupError> {
        if permitted { Ok(()) } else { Err(GroupError::NotPermitted { field, what, of: self.info.group_type }) }
    }

    /// The owner's account; empty for a group without owner.
    pub fn owner_word(&self) -> &str {
        self.info.owner.as_deref().unwrap_or("")
    }

    /// The word for a member's role: the owner's follows from the group.
    pub fn role_of(&self, user: &UserId, member: &Member) -> RoleWord {
        if self.info.owner.as_ref() == Some(user) {
            return RoleWord::Owner;
        }
        match member.role {
            Role::Admin => RoleWord::Admin,
            Role::Member => RoleWord::Member,
        }
    }

    /// Until when the account is muted at `now`, Unix seconds; 0 if it is not.
    pub fn muted_until(&self, user: &str, now: u32) -> u32 {
        self.mutes.get(user).copied().filter(|until| *until > now).unwrap_or(0)
    }

    pub(super) fn is_banned(&self, user: &str, now: u32) -> bool {
        self.bans.get(user).is_some_and(|until| *until > now)
    }

    /// Whether members are told who comes and goes, unless the call is silent.
    pub(super) fn tells(&self) -> bool {
        let kind = self.kind();
        kind.tips && (self.info.activated || !kind.wakes)
    }

    /// Counts a tip as a message, where that is so.
    /// Gives all members a tip, where the type has tips and the group is awake: counts it as a message, notes its
    /// numbers, and says who is told.
    // Assumed: a tip raises NextMsgSeq and leaves LastMsgTime, which tells of messages that people sent.
    pub(super) fn tell_tip(&mut self, tip: i64, fields: &mut Fields, options: &TencentOptions) -> Option<Audience> {
        if !self.tells() {
            return None;
        }
        fields.push(("Tip", Field::Number(tip)));
        if options.tips_count.0 {
            fields.push(("MsgSeq", i64::from(self.info.next_msg_seq).into()));
            self.info.next_msg_seq = self.info.next_msg_seq.saturating_add(1);
        }
        Some(Audience::members(&self.members, &[], None))
    }

    /// Whether the group sleeps until its owner's first message.
    pub(super) fn asleep(&self) -> bool {
        self.kind().wakes && !self.info.activated
    }

    /// All members, or nobody while the group sleeps.
    pub(super) fn everybody(&self) -> Audience {
        if self.asleep() { Audience::nobody() } else { Audience::members(&self.members, &[], None) }
    }

    /// Whether the account owns the group or helps its owner.
    pub fn leads(&self, user: &UserId) -> bool {
        let admin = self.members.get(user).is_some_and(|member| member.role == Role::Admin);
        admin || self.info.owner.as_ref() == Some(user) || self.extras.live_admins.contains(user)
    }

    /// How many are online in the group: all who are in a live room.
    pub fn online(&self) -> usize {
        if permits::LIVE.to(self.info.group_type) { self.members.len() } else { 0 }
    }

    pub(super) fn number_of_members(&self) -> i64 {
        i64::try_from(self.members.len()).unwrap_or(i64::MAX)
    }

    /// Ends the group: all members are told.
    pub fn destroy(self, turn: &mut Turn<'_>) {
        let audience = Audience::members(&self.members, &[], None);
        let fields = vec![
            ("Type", self.info.group_type.word().into()),
            ("Name", self.info.name.as_str().into()),
            ("Owner_Account", self.owner_word().into()),
            ("Notice", Field::Number(5)),
        ];
        turn.record(Fact::Destroyed { members: Arc::new(self.members), fields }, audience);
    }
}
