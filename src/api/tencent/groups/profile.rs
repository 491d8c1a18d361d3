//! A group's profile changes, its owner too; groups that come from another system.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::api::call::Call;
use crate::api::decode::{number, optional};
use crate::api::limit::Limit;
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::groups::create::{
    self, CUSTOM, CUSTOM_KEY, CUSTOM_VALUE, FACE_URL, INTRODUCTION, MadeGroup, NAME, NOTIFICATION,
};
use crate::api::tencent::groups::fields::{
    CustomLimits, Pair, act, check_accounts, check_known, check_texts, custom_change_of, natural,
};
use crate::domain::groups::Founding;
use crate::domain::groups::error::GroupError;
use crate::domain::groups::kind::{ApplyJoinOption, InviteJoinOption};
use crate::domain::groups::member::seconds_of;
use crate::domain::groups::permits;
use crate::domain::groups::profile::InfoChange;
use crate::domain::groups::state::OnOff;
use crate::domain::invalid::Invalid;
use crate::kernel::names::{EntityId, UserId};

const OF_GROUP: CustomLimits = CustomLimits { count: &CUSTOM, key: &CUSTOM_KEY, value: &CUSTOM_VALUE };

/// Changes a group's profile; absent fields stay as they are.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ModifyGroupBaseInfo {
    /// The group.
    group_id: EntityId,
    /// Up to 30 bytes.
    #[serde(default, deserialize_with = "optional")]
    name: Option<String>,
    /// Up to 240 bytes.
    #[serde(default, deserialize_with = "optional")]
    introduction: Option<String>,
    /// Up to 300 bytes.
    #[serde(default, deserialize_with = "optional")]
    notification: Option<String>,
    /// Up to 100 bytes.
    #[serde(default, deserialize_with = "optional")]
    face_url: Option<String>,
    /// Up to what the type may have.
    #[serde(default, deserialize_with = "optional")]
    max_member_num: Option<i64>,
    /// Where the type takes applications.
    #[serde(default, deserialize_with = "optional")]
    apply_join_option: Option<ApplyJoinOption>,
    /// Where the type takes invitations.
    #[serde(default, deserialize_with = "optional")]
    invite_join_option: Option<InviteJoinOption>,
    /// `On` or `Off`; its older name.
    #[serde(default, deserialize_with = "optional")]
    shut_up_all_member: Option<OnOff>,
    /// Its newer name; it wins if both are given.
    #[serde(default, deserialize_with = "optional")]
    mute_all_member: Option<OnOff>,
    /// Custom fields; those not listed stay.
    #[serde(default, deserialize_with = "optional")]
    app_defined_data: Option<Vec<Pair>>,
    /// Who is shown as the one who acts.
    #[serde(rename = "From_Account", default, deserialize_with = "optional")]
    from: Option<UserId>,
    /// `On` or `Off`.
    #[serde(default, deserialize_with = "optional")]
    history_msg_before_join: Option<OnOff>,
    /// Of a Community with topics.
    #[serde(default, deserialize_with = "number")]
    #[schemars(with = "Option<i64>")]
    enable_permission: Option<i64>,
    /// Of such a Community.
    #[serde(default, deserialize_with = "number")]
    #[schemars(with = "Option<i64>")]
    default_permission: Option<i64>,
}

/// `modify_group_base_info`: a partial update.
// Assumed: a MaxMemberNum below the members of the moment is taken and removes nobody; one above what the type may have
// is 10004, because the page lists no 10038.
///
/// # Errors
/// 10004 for a field, 10010 no such group, 10015 a malformed id, 10019 `From_Account` is unknown.
pub async fn modify_group_base_info(call: Call<Tencent>, request: ModifyGroupBaseInfo) -> Result<(), GroupError> {
    check_texts(
        &call,
        &[
            (&NAME, &request.name, "group name is too long"),
            (&INTRODUCTION, &request.introduction, "introduction is too long"),
            (&NOTIFICATION, &request.notification, "notification is too long"),
            (&FACE_URL, &request.face_url, "face url is too long"),
        ],
    )?;
    check_accounts(&request.from, |_| "From_Account".into())?;
    let options = &call.settings().options;
    let custom = custom_change_of(&call, OF_GROUP, options.group_keys.as_ref(), request.app_defined_data)?;
    let permission = |field, number: Option<i64>| number.map(|number| natural(field, Some(number), 0)).transpose();
    let mute_all = request.mute_all_member.or(request.shut_up_all_member);
    let max = request.max_member_num.map(|max| natural("MaxMemberNum", Some(max), 1)).transpose()?;
    let change = InfoChange {
        name: request.name,
        introduction: request.introduction,
        notification: request.notification,
        face_url: request.face_url,
        max_member_num: max.map(u64::from),
        apply_join_option: request.apply_join_option,
        invite_join_option: request.invite_join_option,
        mute_all: mute_all.map(|switch| switch == OnOff::On),
        custom,
        history_before_join: request.history_msg_before_join.map(|switch| switch == OnOff::On),
        enable_permission: permission("EnablePermission", request.enable_permission)?,
        default_permission: permission("DefaultPermission", request.default_permission)?,
    };
    act(&call, &request.group_id, |group, turn| {
        if let Some(most) = group.kind().most_in(options.profile)
            && let Some(max) = change.max_member_num
        {
            let most = call.max_of(&Limit::value("MaxMemberNum", 1..=most).current(most));
            Limit::value("MaxMemberNum", 1..=most).check(max, most)?;
        }
        request.from.iter().try_for_each(|from| check_known(&call, "From_Account", from))?;
        group.modify(turn, change, options);
        Ok(())
    })
}

/// Makes a member the owner.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ChangeGroupOwner {
    /// The group.
    group_id: EntityId,
    /// A member.
    #[serde(rename = "NewOwner_Account")]
    new_owner: UserId,
    /// Who is shown as the one who acts.
    #[serde(rename = "From_Account", default, deserialize_with = "optional")]
    #[allow(dead_code, reason = "checked as an account by its type; the event names the administrator")]
    from: Option<UserId>,
}

/// `change_group_owner`.
///
/// # Errors
/// 10004 for a field, 10007 the type keeps its owner or the account is no member, 10010 no such group, 10015 a malformed
/// id.
pub async fn change_group_owner(call: Call<Tencent>, request: ChangeGroupOwner) -> Result<(), GroupError> {
    check_accounts([&request.new_owner], |_| "NewOwner_Account".into())?;
    let options = &call.settings().options;
    act(&call, &request.group_id, |group, turn| group.change_owner(turn, &request.new_owner, options))
}

/// Most members that an imported group may be given.
pub const IMPORTED_MOST: Limit = Limit::value("MaxMemberCount", 1..=6000);
/// Most members of an imported group where nobody says.
const IMPORTED_DEFAULT: u64 = 2000;

/// `import_group`: nobody is told, and no callback is sent.
// Assumed: the owner of an imported group is a member at once; its CreateTime may not lie after now.
///
/// # Errors
/// 10004 for a field, 10007 the type cannot be imported, 10019 the owner is unknown, 10021 the id is in use.
pub async fn import_group(call: Call<Tencent>, request: create::CreateGroup) -> Result<MadeGroup, GroupError> {
    let mut request = request;
    let create_time = request.create_time;
    let asked = request.max_member_count.take();
    let mut info = create::info_of(&call, request)?;
    if !permits::IMPORT.to(info.group_type) {
        let of = info.group_type;
        return Err(GroupError::NotPermitted { field: "Type", what: permits::IMPORT.what, of });
    }
    if let Some(time) = create_time {
        let now = seconds_of(call.app.tenancy.now());
        let made = natural("CreateTime", Some(time), 1)?;
        if made > now {
            return Err(Invalid::new("CreateTime", format!("is {made}, which is after now, {now}")).into());
        }
        (info.create_time, info.last_info_time) = (made, made);
    }
    let most = call.max_of(&IMPORTED_MOST);
    info.max_member_num = match asked {
        None => IMPORTED_DEFAULT.min(most),
        Some(asked) => u64::from(natural(IMPORTED_MOST.field, Some(asked), 1)?),
    };
    IMPORTED_MOST.check(info.max_member_num, most)?;
    let founding = Founding { info, newcomers: Vec::new(), imported: true, most: Some(most) };
    let exists = |id: &str| call.app.accounts.contains(id);
    let made = call.app.groups.create(&call.origin(), founding, &exists);
    let group_id = made.map_err(|error| match error {
        GroupError::OwnGroupExists(id) => GroupError::Exists(id),
        other => other,
    })?;
    Ok(MadeGroup { group_id })
}
