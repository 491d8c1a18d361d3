//! A group is made.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::call::Call;
use crate::api::decode::optional;
use crate::api::limit::Limit;
use crate::api::tencent::callbacks::before::{self, Asker};
use crate::api::tencent::callbacks::listed;
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::groups::fields::{CustomLimits, Pair, check_accounts, check_length, custom_of, switch};
use crate::api::why::quote_text;
use crate::domain::groups::Founding;
use crate::domain::groups::error::GroupError;
use crate::domain::groups::group::GroupInfo;
use crate::domain::groups::id;
use crate::domain::groups::kind::{ApplyJoinOption, GroupType, InviteJoinOption};
use crate::domain::groups::member::{Newcomer, Role, RoleWord, seconds_of};
use crate::domain::invalid::Invalid;
use crate::domain::settings::Profile;
use crate::kernel::names::{EntityId, UserId};

/// First members that a call may name.
pub const MEMBERS: Limit = Limit::count("MemberList", 0..=500).current(100);
/// The name.
pub const NAME: Limit = Limit::bytes("Name", 1..=30);
/// What it is about.
pub const INTRODUCTION: Limit = Limit::bytes("Introduction", 0..=240);
/// The notice to all members.
pub const NOTIFICATION: Limit = Limit::bytes("Notification", 0..=300);
/// The picture's address.
pub const FACE_URL: Limit = Limit::bytes("FaceUrl", 0..=100);
/// Most members of a group; each type has its own maximum, at most that of a Community.
pub const MAX_MEMBERS: Limit = Limit::value("MaxMemberCount", 1..=100_000);
/// Custom fields of a group.
pub const CUSTOM: Limit = Limit::count("AppDefinedData", 0..=20).current(10);
/// The name of a custom field.
pub const CUSTOM_KEY: Limit = Limit::bytes("AppDefinedData.Key", 1..=16);
/// The value of a group's custom field.
pub const CUSTOM_VALUE: Limit = Limit::bytes("AppDefinedData.Value", 0..=512);
/// Custom fields of a member.
pub const MEMBER_CUSTOM: Limit = Limit::count("MemberList.AppMemberDefinedData", 0..=5);
/// The name of a member's custom field.
pub const MEMBER_CUSTOM_KEY: Limit = Limit::bytes("MemberList.AppMemberDefinedData.Key", 1..=16);
/// The value of a member's custom field.
pub const MEMBER_CUSTOM_VALUE: Limit = Limit::bytes("MemberList.AppMemberDefinedData.Value", 0..=64);

const OF_GROUP: CustomLimits = CustomLimits { count: &CUSTOM, key: &CUSTOM_KEY, value: &CUSTOM_VALUE };
const OF_MEMBER: CustomLimits =
    CustomLimits { count: &MEMBER_CUSTOM, key: &MEMBER_CUSTOM_KEY, value: &MEMBER_CUSTOM_VALUE };

/// Creates a group.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateGroup {
    /// An imported account; absent: a group without owner.
    #[serde(rename = "Owner_Account", default, deserialize_with = "optional")]
    owner: Option<UserId>,
    /// `Public`, `Private`, `ChatRoom`, `AVChatRoom`, `BChatRoom` or `Community`; also `Work` and `Meeting`.
    #[serde(rename = "Type")]
    group_type: String,
    /// Chosen by the app: 1 to 48 bytes of printable ASCII, not beginning with `@TGS#`; absent: made by the server.
    #[serde(default, deserialize_with = "optional")]
    group_id: Option<EntityId>,
    /// 1 to 30 bytes.
    name: String,
    /// Up to 240 bytes.
    #[serde(default, deserialize_with = "optional")]
    introduction: Option<String>,
    /// Up to 300 bytes.
    #[serde(default, deserialize_with = "optional")]
    notification: Option<String>,
    /// Up to 100 bytes.
    #[serde(default, deserialize_with = "optional")]
    face_url: Option<String>,
    /// Most members; absent: as many as the type may have.
    #[serde(default, deserialize_with = "optional")]
    pub(super) max_member_count: Option<i64>,
    /// How applications are answered, where the type takes them.
    #[serde(default, deserialize_with = "optional")]
    apply_join_option: Option<ApplyJoinOption>,
    /// How invitations by clients are answered.
    #[serde(default, deserialize_with = "optional")]
    invite_join_option: Option<InviteJoinOption>,
    /// Custom fields.
    #[serde(default, deserialize_with = "optional")]
    app_defined_data: Option<Vec<Pair>>,
    /// The first members, up to 500; not for `AVChatRoom` and `BChatRoom`.
    #[serde(default, deserialize_with = "optional")]
    member_list: Option<Vec<NewMember>>,
    /// When it was made, Unix seconds; read by `import_group` alone.
    #[serde(default, deserialize_with = "optional")]
    pub(super) create_time: Option<i64>,
    /// 1 for a Community with topics.
    #[serde(default, deserialize_with = "optional")]
    support_topic: Option<i64>,
    /// For such a Community.
    #[serde(default, deserialize_with = "optional")]
    enable_permission: Option<u32>,
    /// For such a Community.
    #[serde(default, deserialize_with = "optional")]
    default_permission: Option<u32>,
}

/// A first member.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct NewMember {
    /// An imported account.
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// `Admin`; absent: `Member`.
    #[serde(default, deserialize_with = "optional")]
    role: Option<RoleWord>,
    /// Custom fields.
    #[serde(default, deserialize_with = "optional")]
    app_member_defined_data: Option<Vec<Pair>>,
}

/// The group that was made.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct MadeGroup {
    pub(super) group_id: EntityId,
}

/// `create_group`: the owner and the first members are in at once, except in types that clients enter by themselves.
///
/// # Errors
/// 10004 for a field, 10005 too many members named, 10006 too many `BChatRoom`s, 10007 members where there may be none,
/// 10016 the app's receiver refused, 10019 an account is unknown, 10021 and 10025 the id is in use, 10038 more members than the type may have.
pub async fn create_group(call: Call<Tencent>, request: CreateGroup) -> Result<MadeGroup, GroupError> {
    let mut request = request;
    let named = request.member_list.take().unwrap_or_default();
    let info = info_of(&call, request)?;
    let newcomers = newcomers_of(&call, &info, named)?;
    let founding = Founding { most: most_members(&call, info.group_type), info, newcomers, imported: false };
    let exists = |id: &str| call.app.accounts.contains(id);
    let asker = Asker::of_call(&call);
    if asker.asks(before::CREATE_GROUP) {
        call.app.groups.may_create(&founding, &exists)?;
        asker.ask(before::CREATE_GROUP, question_of(&call, &founding)).await?;
    }
    let group_id = call.app.groups.create(&call.origin(), founding, &exists)?;
    Ok(MadeGroup { group_id })
}

/// What the app's receiver is asked.
// Assumed: the number of groups made so far is that of the groups that the owner owns, without an owner 0; it is
// CreatedNum in the seed profile and CreateGroupNum in the current one.
fn question_of(call: &Call<Tencent>, founding: &Founding) -> Value {
    let Founding { info, newcomers, .. } = founding;
    let count = match call.settings().options.profile {
        Profile::Seed => "CreatedNum",
        Profile::Current => "CreateGroupNum",
    };
    let owned = info.owner.as_ref().map_or(0, |owner| call.app.groups.owned_by(owner));
    json!({"Operator_Account": call.caller.identifier, "Owner_Account": info.owner.clone().unwrap_or_default(),
        "Type": info.group_type.word(), "Name": info.name, count: owned,
        "MemberList": listed(newcomers.iter().map(|newcomer| &newcomer.account))})
}

/// Checks a new group's profile and fills in the defaults.
pub(super) fn info_of(call: &Call<Tencent>, new: CreateGroup) -> Result<GroupInfo, GroupError> {
    let settings = call.settings();
    let profile = settings.options.profile;
    let group_type = type_of("Type", &new.group_type, profile)?;
    if new.name.is_empty() {
        return Err(Invalid::required(NAME.field).into());
    }
    let introduction = new.introduction.unwrap_or_default();
    let notification = new.notification.unwrap_or_default();
    let face_url = new.face_url.unwrap_or_default();
    for (limit, text, info) in [
        (&NAME, &new.name, "group name is too long"),
        (&INTRODUCTION, &introduction, "introduction is too long"),
        (&NOTIFICATION, &notification, "notification is too long"),
        (&FACE_URL, &face_url, "face url is too long"),
    ] {
        call.within(limit, text.len()).map_err(|invalid| invalid.with_info(info))?;
    }
    check_accounts(&new.owner, |_| "Owner_Account".into())?;
    let group_id = new.group_id.unwrap_or_default();
    if !group_id.is_empty() {
        id::check_chosen(group_type, &group_id)?;
    }
    let pairs = new.app_defined_data.unwrap_or_default();
    let custom = custom_of(call, OF_GROUP, settings.options.group_keys.as_ref(), pairs)?;
    let kind = group_type.kind();
    let topics = switch("SupportTopic", new.support_topic)? && group_type == GroupType::Community;
    let permission = |given: Option<u32>| given.filter(|_| topics).unwrap_or(0);
    let now = seconds_of(call.app.tenancy.now());
    Ok(GroupInfo {
        group_id,
        group_type,
        name: new.name,
        introduction,
        notification,
        face_url,
        owner: new.owner,
        create_time: now,
        info_seq: 0,
        last_info_time: now,
        last_msg_time: 0,
        next_msg_seq: 1,
        max_member_num: max_members(call, group_type, new.max_member_count)?,
        apply_join_option: kind.apply_of(new.apply_join_option),
        invite_join_option: kind.invite_of(new.invite_join_option),
        mute_all: false,
        custom,
        support_topic: topics,
        enable_permission: permission(new.enable_permission),
        default_permission: permission(new.default_permission),
        history_before_join: None,
        activated: false,
    })
}

pub(super) fn type_of(field: &'static str, word: &str, profile: Profile) -> Result<GroupType, Invalid> {
    if word.is_empty() {
        return Err(Invalid::required(field));
    }
    GroupType::of_word(word, profile).ok_or_else(|| {
        let broadcast = if profile == Profile::Seed { ", BChatRoom" } else { "" };
        let types = format!("Private, Public, ChatRoom, AVChatRoom{broadcast}, Community, Work, Meeting");
        Invalid::new(field, format!("is {}, and has to be one of {types}", quote_text(word)))
            .with_info("invalid group type")
    })
}

/// Most members that a group of this type may have here; `None` is without limit.
pub(super) fn most_members(call: &Call<Tencent>, of: GroupType) -> Option<u64> {
    let most = of.kind().most_in(call.settings().options.profile)?;
    Some(call.max_of(&Limit::value(MAX_MEMBERS.field, 1..=most).current(most)))
}

/// Most members: those asked for, or all that the type may have. Whether it may have so many is asked later.
// Assumed: a MaxMemberCount above what the type may have is refused with 10038; types without limit ignore it and show 0.
fn max_members(call: &Call<Tencent>, of: GroupType, asked: Option<i64>) -> Result<u64, Invalid> {
    let Some(max) = most_members(call, of) else { return Ok(0) };
    let Some(asked) = asked else { return Ok(max) };
    u64::try_from(asked).map_err(|_| Invalid::new(MAX_MEMBERS.field, format!("is {asked}, and has to be above 0")))
}

/// Checks the first members.
fn newcomers_of(call: &Call<Tencent>, info: &GroupInfo, named: Vec<NewMember>) -> Result<Vec<Newcomer>, GroupError> {
    check_length(call, &MEMBERS, named.len())?;
    let place = |at: usize| format!("MemberList[{at}].Member_Account");
    check_accounts(named.iter().map(|member| &member.account), place)?;
    let allowed = call.settings().options.member_keys.as_ref();
    let newcomer = |(at, member): (usize, NewMember)| {
        let role = role_of(at, &member, info)?;
        let custom = custom_of(call, OF_MEMBER, allowed, member.app_member_defined_data.unwrap_or_default())?;
        Ok(Newcomer { account: member.account, role, custom })
    };
    named.into_iter().enumerate().map(newcomer).collect()
}

// Assumed: Role Owner is taken only of the account that Owner_Account names, and Admin in a type without admins is Member.
fn role_of(at: usize, member: &NewMember, info: &GroupInfo) -> Result<Role, Invalid> {
    match member.role {
        Some(RoleWord::Owner) if info.owner.as_ref() != Some(&member.account) => {
            let why = "is Owner, but Owner_Account names another account, or nobody";
            Err(Invalid::new(format!("MemberList[{at}].Role"), why))
        }
        Some(RoleWord::Admin) if info.group_type.kind().admins => Ok(Role::Admin),
        _ => Ok(Role::Member),
    }
}
