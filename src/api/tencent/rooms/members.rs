//! Members of a room: who is inside, and who is put out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::decode::optional;
use crate::api::limit::Limit;
use crate::api::tencent::accounts;
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::rooms::info::{NAMED_ROOM_ID, check_room_id};
use crate::api::why::quote_text;
use crate::domain::invalid::Invalid;
use crate::domain::rooms::error::RoomError;
use crate::domain::rooms::members::{MemberChange, Role};
use crate::domain::rooms::room::Room;
use crate::domain::rooms::way::Way;
use crate::domain::settings::TencentOptions;
use crate::kernel::names::{EntityId, UserId};

/// Accounts a kick may name; counted as sent, before duplicates are removed.
pub const KICKED: Limit = Limit::count("MemberList_Account", 1..=20);
/// The reason of a kick.
pub const REASON: Limit = Limit::bytes("Reason", 0..=1000);
/// Members on a page.
pub const PAGE: Limit = Limit::value("Count", 1..=1000);
/// Members on a page where `Count` is absent.
const PAGE_DEFAULT: u64 = 50;

/// Removes members from a room.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct KickUserOut {
    /// The room.
    room_id: EntityId,
    /// Who is removed: 1 to 20 accounts, all of them inside.
    #[serde(rename = "MemberList_Account")]
    members: Vec<UserId>,
    /// Why; handed to webhooks and clients. May be empty, but not absent.
    reason: String,
}

/// `kick_user_out`: all or nothing.
///
/// # Errors
/// 100002 for a field, 100004 no such room, 100005 somebody is not inside, 100006 the owner is named.
pub async fn kick_user_out(call: Call<Tencent>, request: KickUserOut) -> Result<(), RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    call.within(&KICKED, request.members.len())?;
    // Assumed: an entry that can be no account is a wrong parameter, any other one who is not inside is no member.
    check_accounts(KICKED.field, &request.members)?;
    call.within(&REASON, request.reason.len())?;
    let rule = call.settings().options.kick_partial;
    call.app.rooms.change(&call.origin(), &request.room_id, |room, turn| {
        room.kick(turn, &Way::Server, &request.members, &request.reason, rule)
    })
}

/// Checks that each entry can be an account: 1 to 32 bytes.
///
/// # Errors
/// Which entry is not.
pub fn check_accounts(field: &str, listed: &[UserId]) -> Result<(), Invalid> {
    accounts::check_accounts(listed, |at| format!("{field}[{at}]"))
}

/// Checks one account by the same rule.
///
/// # Errors
/// It can be no account.
pub fn check_account(field: &str, account: &UserId) -> Result<(), Invalid> {
    if account.is_empty() {
        return Err(Invalid::required(field));
    }
    accounts::check_accounts([account], |_| field.to_owned())
}

/// Pages through the members of a room.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetRoomMemberList {
    /// The room.
    room_id: EntityId,
    /// Members on the page: 50 if absent or 0, at most 1000, more is clamped.
    #[serde(default, deserialize_with = "optional")]
    #[schemars(with = "Option<i64>")]
    count: Option<i64>,
    /// The cursor of the previous answer; empty for the first page.
    #[serde(default, deserialize_with = "optional")]
    #[schemars(with = "Option<String>")]
    next: Option<String>,
}

/// One page of members.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct MemberPage {
    /// The cursor of the next page; empty when there is no more.
    next: String,
    /// The members, in the order in which they entered.
    member_list: Vec<MemberInfo>,
}

/// One member.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct MemberInfo {
    /// Who.
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// The name in the room; empty if never set.
    name_card: String,
    /// `Owner`, `Admin` or `Member`.
    role: &'static str,
    /// Numeric tags.
    marks: Vec<u32>,
    /// Free text.
    custom_info: String,
}

/// `get_room_member_list`: a cursor stays valid while members come and go.
///
/// # Errors
/// 100002 for a field, 100004 no such room.
pub async fn get_room_member_list(call: Call<Tencent>, request: GetRoomMemberList) -> Result<MemberPage, RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    let count = match request.count {
        None => PAGE_DEFAULT,
        // Assumed: more than the page's maximum is clamped to it, less than nothing is refused.
        Some(count) => {
            let count = u64::try_from(count).unwrap_or(0);
            PAGE.check(count, u64::MAX)?;
            count.min(call.max_of(&PAGE))
        }
    };
    let cursor = cursor_of(request.next.as_deref())?;
    let options = &call.settings().options;
    let page = |room: &Room| page_of(room, cursor, usize::try_from(count).unwrap_or(usize::MAX), options);
    call.app.rooms.look(&request.room_id, page)
}

/// The join number that a cursor stands for.
///
/// # Errors
/// It is no number.
pub fn cursor_of(next: Option<&str>) -> Result<u64, Invalid> {
    // Assumed: a cursor is the join number of the last member on the page, so it outlives members who leave.
    let Some(text) = next else { return Ok(0) };
    text.parse().map_err(|_| Invalid::new("Next", format!("{} is no cursor of an earlier answer", quote_text(text))))
}

fn page_of(room: &Room, cursor: u64, count: usize, options: &TencentOptions) -> MemberPage {
    let mut rest = room.members.after(cursor);
    let mut last = cursor;
    let page = rest.by_ref().take(count).map(|(joined, id, member)| {
        last = joined;
        let details = member.details.as_deref().cloned().unwrap_or_default();
        MemberInfo {
            account: id.clone(),
            name_card: details.name_card,
            role: room.role_word(id, member, options),
            marks: details.marks,
            custom_info: details.custom_info,
        }
    });
    let member_list: Vec<MemberInfo> = page.collect();
    let more = rest.next().is_some();
    MemberPage { next: if more { last.to_string() } else { String::new() }, member_list }
}

/// The name of a member in the room.
pub const NAME_CARD: Limit = Limit::bytes("MemberInfo.NameCard", 0..=32);
/// The app's free text about a member.
pub const MEMBER_CUSTOM_INFO: Limit = Limit::bytes("MemberInfo.CustomInfo", 0..=60);

/// Changes one member.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateRoomMemberInfo {
    /// The room.
    room_id: EntityId,
    /// The member.
    member_info: ChangedMember,
}

/// What changes; absent parts stay.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ChangedMember {
    /// Who; has to be inside.
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// Up to 32 bytes.
    #[serde(default)]
    name_card: Option<String>,
    /// `Admin` or `Member`.
    #[serde(default, deserialize_with = "optional")]
    role: Option<RoleWord>,
    /// Up to 60 bytes.
    #[serde(default)]
    custom_info: Option<String>,
}

/// A role that can be given.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
enum RoleWord {
    Admin,
    Member,
}

/// `update_room_member_info`: absent parts stay.
///
/// # Errors
/// 100002 for a field, 100004 no such room, 100005 not inside, 100006 a role for the owner, 100020 too many
/// administrators.
pub async fn update_room_member_info(call: Call<Tencent>, request: UpdateRoomMemberInfo) -> Result<(), RoomError> {
    let UpdateRoomMemberInfo { room_id, member_info: member } = request;
    check_room_id(&call, &NAMED_ROOM_ID, &room_id)?;
    check_account("MemberInfo.Member_Account", &member.account)?;
    call.within(&NAME_CARD, member.name_card.as_ref().map_or(0, String::len))?;
    call.within(&MEMBER_CUSTOM_INFO, member.custom_info.as_ref().map_or(0, String::len))?;
    let role = member.role.map(|role| match role {
        RoleWord::Admin => Role::Admin,
        RoleWord::Member => Role::Member,
    });
    let change =
        MemberChange { name_card: call.given(member.name_card), role, custom_info: call.given(member.custom_info) };
    let admins_max = call.settings().options.room_admins_max;
    call.app
        .rooms
        .change(&call.origin(), &room_id, |room, turn| room.update_member(turn, &member.account, change, admins_max))
}

impl Call<Tencent> {
    /// A text of an update, if it counts as given: an empty one does only where the option `empty_clears` is on.
    pub fn given(&self, text: Option<String>) -> Option<String> {
        text.filter(|text| !text.is_empty() || self.settings().options.empty_clears)
    }
}

/// Hands the room to another member.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ChangeRoomOwner {
    /// The room.
    room_id: EntityId,
    /// The present owner.
    #[serde(rename = "From_Account")]
    from: UserId,
    /// The new one; has to be inside.
    #[serde(rename = "NewOwner_Account")]
    to: UserId,
}

/// `change_room_owner`.
///
/// # Errors
/// 100002 for a field or another present owner, 100004 no such room, 100005 the new owner is not inside.
pub async fn change_room_owner(call: Call<Tencent>, request: ChangeRoomOwner) -> Result<(), RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    check_account("From_Account", &request.from)?;
    check_account("NewOwner_Account", &request.to)?;
    call.app.rooms.change(&call.origin(), &request.room_id, |room, turn| {
        // Assumed: another present owner than the room's is a wrong parameter.
        if room.info.owner != request.from {
            let why = format!("{} is not the present owner", quote_text(&request.from));
            return Err(Invalid::new("From_Account", why).into());
        }
        room.change_owner(turn, &request.to)
    })
}
