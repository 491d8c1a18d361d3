//! Members of live rooms: audience, administrators, owner, bans, mutes, robots; the rules are those of all rooms.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::decode::optional;
use crate::api::limit::Limit;
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::rooms::bans::{
    BannedPage, DURATION, GetBannedMemberList, LISTED, MUTE_TIME, NamedMembers, seconds_within,
};
use crate::api::tencent::rooms::info::{NAMED_ROOM_ID, NamedRoom, check_room_id};
use crate::api::tencent::rooms::live::check_live;
use crate::api::tencent::rooms::marks::{CommandType, check_imported};
use crate::api::tencent::rooms::members::{check_account, check_accounts, cursor_of};
use crate::domain::invalid::Invalid;
use crate::domain::rooms::error::RoomError;
use crate::domain::rooms::marks::Marking;
use crate::domain::rooms::members::{MemberChange, Role};
use crate::domain::rooms::room::Room;
use crate::kernel::names::{EntityId, UserId};

/// The reason of a ban in a live room.
pub const REASON: Limit = Limit::bytes("Reason", 0..=200);
/// Accounts that a call makes administrators.
pub const ADMINS: Limit = Limit::count("Admin_Account", 1..=20);
/// Robots that a call names.
pub const ROBOTS: Limit = Limit::count("RobotList_Account", 1..=20);
/// Members on a page.
const PAGE: usize = 1000;
/// Most robots of a live room where nobody says otherwise; documented.
const ROBOTS_MAX: u64 = 3;

/// Looks at a live room.
fn look<R>(call: &Call<Tencent>, id: &EntityId, look: impl FnOnce(&Room) -> R) -> Result<R, RoomError> {
    call.app.rooms.look(id, |room| check_live(room).map(|()| look(room)))?
}

/// Pages through the audience.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetMemberList {
    /// The room.
    room_id: EntityId,
    /// The cursor of the previous answer; empty for the first page.
    #[serde(default, deserialize_with = "optional")]
    next: Option<String>,
}

/// One page of the audience.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AudiencePage {
    next: String,
    member_count: usize,
    member_list: Vec<Named>,
}

/// An account.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Named {
    #[serde(rename = "Member_Account")]
    account: UserId,
}

/// `get_member_list`.
///
/// # Errors
/// 100002 for a field, 100004 no such room, 100006 the room is a meeting.
pub async fn get_member_list(call: Call<Tencent>, request: GetMemberList) -> Result<AudiencePage, RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    let cursor = cursor_of(request.next.as_deref())?;
    look(&call, &request.room_id, |room| {
        let mut rest = room.members.after(cursor);
        let mut last = cursor;
        let page = rest.by_ref().take(PAGE).map(|(joined, id, _)| {
            last = joined;
            Named { account: id.clone() }
        });
        let member_list = page.collect();
        let next = if rest.next().is_some() { last.to_string() } else { String::new() };
        AudiencePage { next, member_count: room.members.len(), member_list }
    })
}

/// The administrators.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AdminList {
    #[serde(rename = "Admin_Account")]
    admins: Vec<UserId>,
}

/// `get_admin_list`: the owner is not among them.
///
/// # Errors
/// 100002 for a field, 100004 no such room, 100006 the room is a meeting.
pub async fn get_admin_list(call: Call<Tencent>, request: NamedRoom) -> Result<AdminList, RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    look(&call, &request.room_id, |room| {
        let admins = room.members.iter().filter(|(_, member)| member.role == Role::Admin);
        AdminList { admins: admins.map(|(id, _)| id.clone()).collect() }
    })
}

/// Makes and unmakes administrators.
// Assumed: the live service's administrators are named as in the Chat service's command of the same name.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ModifyAdmin {
    /// The room.
    room_id: EntityId,
    /// 1 makes, 2 unmakes; a number or a string.
    #[schemars(with = "i64")]
    command_type: CommandType,
    /// Who; all of them inside.
    #[serde(rename = "Admin_Account")]
    admins: Vec<UserId>,
}

/// `modify_admin`: all or nothing.
///
/// # Errors
/// 100002 for a field, 100004 no such room, 100005 not inside, 100006 the owner is named or the room is a meeting, 100020
/// too many administrators.
pub async fn modify_admin(call: Call<Tencent>, request: ModifyAdmin) -> Result<(), RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    call.within(&ADMINS, request.admins.len())?;
    check_accounts(ADMINS.field, &request.admins)?;
    let role = if request.command_type.0 == Marking::Set { Role::Admin } else { Role::Member };
    let max = call.settings().options.room_admins_max.filter(|_| role == Role::Admin);
    call.app.rooms.change(&call.origin(), &request.room_id, |room, turn| {
        check_live(room)?;
        // All are looked at before the first is changed.
        for id in &request.admins {
            if *id == room.info.owner {
                return Err(RoomError::OwnerProtected { field: ADMINS.field, user: id.clone() });
            }
            if !room.members.contains(id) {
                return Err(RoomError::NotMember { field: ADMINS.field, user: id.clone() });
            }
        }
        let ordinary = |id: &&UserId| room.members.get(id.as_str()).is_some_and(|member| member.role != Role::Admin);
        let coming: HashSet<&UserId> = request.admins.iter().filter(ordinary).collect();
        room.may_have_admins(coming.len(), max)?;
        for id in &request.admins {
            let change = MemberChange { role: Some(role), ..MemberChange::default() };
            room.update_member(turn, id, change, None)?;
        }
        Ok(())
    })
}

/// Hands a live room to another member.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ChangeLiveOwner {
    /// The room.
    room_id: EntityId,
    /// The new owner; has to be inside.
    #[serde(rename = "NewOwner_Account")]
    to: UserId,
}

/// `change_room_owner` of the live service.
///
/// # Errors
/// 100002 for a field, 100004 no such room, 100005 not inside, 100006 the room is a meeting, 100016 banned.
pub async fn change_room_owner(call: Call<Tencent>, request: ChangeLiveOwner) -> Result<(), RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    check_account("NewOwner_Account", &request.to)?;
    call.app.rooms.change(&call.origin(), &request.room_id, |room, turn| {
        check_live(room)?;
        if room.is_banned(turn.now, &request.to) {
            return Err(RoomError::Banned(request.to.clone()));
        }
        room.change_owner(turn, &request.to)
    })
}

/// Removes members and keeps them out for a time.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct BanMember {
    /// The room.
    room_id: EntityId,
    /// Who: 1 to 20 accounts.
    #[serde(rename = "MemberList_Account")]
    members: Vec<UserId>,
    /// Up to 200 bytes.
    #[serde(default, deserialize_with = "optional")]
    reason: Option<String>,
    /// How long, in seconds.
    duration: i64,
}

/// `ban_member`.
///
/// # Errors
/// As `ban_room_member`; 100006 also where the room is a meeting.
pub async fn ban_member(call: Call<Tencent>, request: BanMember) -> Result<(), RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    call.within(&LISTED, request.members.len())?;
    check_accounts(LISTED.field, &request.members)?;
    let reason = request.reason.unwrap_or_default();
    call.within(&REASON, reason.len())?;
    seconds_within(&call, &DURATION, request.duration)?;
    let absent = call.settings().options.ban_allow_absent;
    call.app.rooms.change(&call.origin(), &request.room_id, |room, turn| {
        check_live(room)?;
        room.ban(turn, &request.members, &reason, request.duration, absent)
    })
}

/// `unban_member`.
///
/// # Errors
/// As `unban_room_member`; 100006 the room is a meeting.
pub async fn unban_member(call: Call<Tencent>, request: NamedMembers) -> Result<(), RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    call.within(&LISTED, request.members.len())?;
    check_accounts(LISTED.field, &request.members)?;
    call.app.rooms.change(&call.origin(), &request.room_id, |room, turn| {
        check_live(room)?;
        room.unban(turn, &request.members);
        Ok(())
    })
}

/// `get_banned_member_list` of the live service.
///
/// # Errors
/// As for a meeting; 100006 the room is one.
pub async fn get_banned_member_list(
    call: Call<Tencent>,
    request: GetBannedMemberList,
) -> Result<BannedPage, RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    look(&call, &request.room_id, |_| ())?;
    crate::api::tencent::rooms::bans::get_banned_member_list(call, request).await
}

/// Forbids members to send text.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct MuteMember {
    /// The room.
    room_id: EntityId,
    /// Who: 1 to 20 accounts.
    #[serde(rename = "MemberList_Account")]
    members: Vec<UserId>,
    /// How long, in seconds; 0 allows it again.
    mute_time: i64,
}

/// `mute_member`: who is not inside is passed over.
///
/// # Errors
/// 100002 for a field, 100004 no such room, 100006 the room is a meeting.
pub async fn mute_member(call: Call<Tencent>, request: MuteMember) -> Result<(), RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    call.within(&LISTED, request.members.len())?;
    check_accounts(LISTED.field, &request.members)?;
    seconds_within(&call, &MUTE_TIME, request.mute_time)?;
    call.app.rooms.change(&call.origin(), &request.room_id, |room, turn| {
        check_live(room)?;
        room.mute(turn, &request.members, request.mute_time);
        Ok(())
    })
}

/// The muted accounts.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct MutedNames {
    muted_account_list: Vec<MutedName>,
}

/// A muted account.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct MutedName {
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// Unix seconds.
    muted_until: i64,
}

/// `get_muted_member_list` of the live service: UserIDs, where a meeting's has TinyIds.
///
/// # Errors
/// 100002 for a field, 100004 no such room, 100006 the room is a meeting.
pub async fn get_muted_member_list(call: Call<Tencent>, request: NamedRoom) -> Result<MutedNames, RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    let now = call.app.tenancy.now();
    look(&call, &request.room_id, |room| {
        let muted = room.mutes_at(now);
        let named = muted.map(|(id, until)| MutedName { account: id.clone(), muted_until: until.seconds() });
        MutedNames { muted_account_list: named.collect() }
    })
}

/// Names robots.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct NamedRobots {
    /// The room.
    room_id: EntityId,
    /// Who.
    #[serde(rename = "RobotList_Account")]
    robots: Vec<UserId>,
}

fn check_robots(call: &Call<Tencent>, request: &NamedRobots) -> Result<(), Invalid> {
    check_room_id(call, &NAMED_ROOM_ID, &request.room_id)?;
    call.within(&ROBOTS, request.robots.len())?;
    check_accounts(ROBOTS.field, &request.robots)
}

/// `add_robot` of the live service: all or none.
///
/// # Errors
/// 100002 for a field, 100004 no such room, 100006 the room is a meeting, 100008 full, 100700 too many robots.
pub async fn add_robot(call: Call<Tencent>, request: NamedRobots) -> Result<(), RoomError> {
    check_robots(&call, &request)?;
    for robot in &request.robots {
        check_imported(&call, ROBOTS.field, robot)?;
    }
    let max = call.settings().options.room_robots_max.unwrap_or(ROBOTS_MAX);
    call.app.rooms.change(&call.origin(), &request.room_id, |room, turn| {
        check_live(room)?;
        room.add_robots(turn, &request.robots, max)
    })
}

/// `del_robot`: all or none.
///
/// # Errors
/// 100002 for a field, 100004 no such room, 100005 no robot of that name inside, 100006 the room is a meeting.
pub async fn del_robot(call: Call<Tencent>, request: NamedRobots) -> Result<(), RoomError> {
    check_robots(&call, &request)?;
    call.app.rooms.change(&call.origin(), &request.room_id, |room, turn| {
        check_live(room)?;
        room.delete_robots(turn, ROBOTS.field, &request.robots)
    })
}

/// The robots.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RobotList {
    #[serde(rename = "RobotList_Account")]
    robots: Vec<UserId>,
}

/// `get_robot`.
///
/// # Errors
/// 100002 for a field, 100004 no such room, 100006 the room is a meeting.
pub async fn get_robot(call: Call<Tencent>, request: NamedRoom) -> Result<RobotList, RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    look(&call, &request.room_id, |room| RobotList { robots: room.robots().cloned().collect() })
}
