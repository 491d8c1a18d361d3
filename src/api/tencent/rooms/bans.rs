//! Bans and mutes: members kept out or silent for a time, and who they are.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::call::Call;
use crate::api::decode::optional;
use crate::api::limit::Limit;
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::rooms::info::{NAMED_ROOM_ID, NamedRoom, check_room_id};
use crate::api::tencent::rooms::members::{REASON, check_accounts};
use crate::api::why::quote;
use crate::domain::invalid::Invalid;
use crate::domain::rooms::error::RoomError;
use crate::kernel::names::{EntityId, UserId};

/// Accounts a ban, its end or a mute may name; counted as sent.
pub const LISTED: Limit = Limit::count("MemberList_Account", 1..=20);
/// Seconds of a ban.
pub const DURATION: Limit = Limit::value("Duration", 1..=u32::MAX as u64);
/// Seconds of a mute; 0 ends it.
pub const MUTE_TIME: Limit = Limit::value("MuteTime", 0..=u32::MAX as u64);
/// Bans on a page.
pub const PAGE: Limit = Limit::value("Limit", 1..=100);

/// Checks a number of seconds.
///
/// # Errors
/// It is out of its range.
pub fn seconds_within(call: &Call<Tencent>, limit: &Limit, seconds: i64) -> Result<(), Invalid> {
    match u64::try_from(seconds) {
        Ok(seconds) => limit.check(seconds, call.max_of(limit)),
        Err(_) => Err(Invalid::new(limit.field, format!("is {seconds}, and has to be at least {}", limit.min))),
    }
}

/// Removes members and keeps them out for a time.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct BanRoomMember {
    /// The room.
    room_id: EntityId,
    /// Who: 1 to 20 accounts.
    #[serde(rename = "MemberList_Account")]
    members: Vec<UserId>,
    /// Why; may be empty, but not absent.
    reason: String,
    /// How long, in seconds.
    duration: i64,
}

/// `ban_room_member`: all or nothing.
///
/// # Errors
/// 100002 for a field, 100004 no such room, 100005 somebody is neither inside nor banned, 100006 the owner is named.
pub async fn ban_room_member(call: Call<Tencent>, request: BanRoomMember) -> Result<(), RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    call.within(&LISTED, request.members.len())?;
    check_accounts(LISTED.field, &request.members)?;
    call.within(&REASON, request.reason.len())?;
    seconds_within(&call, &DURATION, request.duration)?;
    let absent = call.settings().options.ban_allow_absent;
    call.app.rooms.change(&call.origin(), &request.room_id, |room, turn| {
        room.ban(turn, &request.members, &request.reason, request.duration, absent)
    })
}

/// Names accounts in a room.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct NamedMembers {
    /// The room.
    pub(super) room_id: EntityId,
    /// Who: 1 to 20 accounts.
    #[serde(rename = "MemberList_Account")]
    pub(super) members: Vec<UserId>,
}

/// `unban_room_member`: who is not banned is passed over.
///
/// # Errors
/// 100002 for a field, 100004 no such room.
pub async fn unban_room_member(call: Call<Tencent>, request: NamedMembers) -> Result<(), RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    call.within(&LISTED, request.members.len())?;
    check_accounts(LISTED.field, &request.members)?;
    call.app.rooms.change(&call.origin(), &request.room_id, |room, turn| {
        room.unban(turn, &request.members);
        Ok(())
    })
}

/// Pages through the banned accounts.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetBannedMemberList {
    /// The room.
    pub(super) room_id: EntityId,
    /// Accounts on the page: 1 to 100; absent: 100.
    #[serde(default, deserialize_with = "optional")]
    pub(super) limit: Option<i64>,
    /// How many are passed over.
    #[serde(default, deserialize_with = "optional")]
    pub(super) offset: Option<i64>,
    /// The other spelling of `Offset`, a number or its digits; `Offset` wins.
    #[serde(default, deserialize_with = "optional")]
    #[schemars(with = "Option<String>")]
    pub(super) next: Option<Value>,
}

/// One page of bans.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct BannedPage {
    banned_account_list: Vec<Banned>,
    /// The next page's `Offset`; 0 when there is no more.
    next_offset: usize,
}

/// A banned account.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Banned {
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// Unix seconds.
    banned_until: i64,
}

/// `get_banned_member_list`: bans that are over are not listed.
///
/// # Errors
/// 100002 for a field, 100004 no such room.
pub async fn get_banned_member_list(
    call: Call<Tencent>,
    request: GetBannedMemberList,
) -> Result<BannedPage, RoomError> {
    let (limit, offset) = page_asked(&call, &request)?;
    let now = call.app.tenancy.now();
    call.app.rooms.look(&request.room_id, |room| {
        let mut rest = room.bans_at(now).skip(offset);
        let page = rest.by_ref().take(limit);
        let banned_account_list: Vec<Banned> =
            page.map(|(id, ban)| Banned { account: id.clone(), banned_until: ban.until.seconds() }).collect();
        let next_offset = if rest.next().is_some() { offset + banned_account_list.len() } else { 0 };
        BannedPage { banned_account_list, next_offset }
    })
}

/// How many are wanted, and from where on.
fn page_asked(call: &Call<Tencent>, request: &GetBannedMemberList) -> Result<(usize, usize), RoomError> {
    check_room_id(call, &NAMED_ROOM_ID, &request.room_id)?;
    // Assumed: a page has 100 bans where Limit is absent, and more than 100 is refused.
    let limit = request.limit.unwrap_or(100);
    seconds_within(call, &PAGE, limit)?;
    // Assumed: Offset counts the bans that are passed over; its other spelling Next is read as a number too.
    let offset = match (request.offset, &request.next) {
        (Some(offset), _) => usize::try_from(offset).map_err(|_| Invalid::new("Offset", format!("is {offset}"))),
        (None, None) => Ok(0),
        (None, Some(next)) => {
            let number = next.as_str().and_then(|text| text.parse().ok()).or_else(|| next.as_u64());
            let number = number.and_then(|number: u64| usize::try_from(number).ok());
            number.ok_or_else(|| Invalid::new("Next", format!("is {}, and has to be a number", quote(next))))
        }
    }?;
    Ok((usize::try_from(limit).unwrap_or(0), offset))
}

/// An account by its TinyId or by its name.
#[derive(Clone, Debug)]
pub enum AccountRef {
    /// The internal number.
    Tiny(u64),
    /// The UserID, or the digits of the internal number.
    Name(UserId),
}

impl<'de> Deserialize<'de> for AccountRef {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;

        impl Visitor<'_> for Either {
            type Value = AccountRef;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a TinyId, a whole number, or a UserID, a string")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<AccountRef, E> {
                Ok(AccountRef::Tiny(number))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<AccountRef, E> {
                Ok(AccountRef::Name(UserId::new(text)))
            }
        }

        from.deserialize_any(Either)
    }
}

/// Forbids members to send text, or allows it again.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct MuteRoomMember {
    /// The room.
    room_id: EntityId,
    /// Who: 1 to 20 TinyIds or UserIDs.
    #[serde(rename = "MemberList_Account")]
    #[schemars(with = "Vec<Value>")]
    members: Vec<AccountRef>,
    /// How long, in seconds; 0 allows it again.
    mute_time: i64,
}

/// `mute_room_member`: who is not inside is passed over.
///
/// # Errors
/// 100002 for a field, 100004 no such room.
pub async fn mute_room_member(call: Call<Tencent>, request: MuteRoomMember) -> Result<(), RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    call.within(&LISTED, request.members.len())?;
    for (at, member) in request.members.iter().enumerate() {
        if let AccountRef::Name(name) = member {
            let path = format!("{}[{at}]", LISTED.field);
            check_accounts(&path, std::slice::from_ref(name)).map_err(|invalid| Invalid::new(&path, invalid.why))?;
        }
    }
    seconds_within(&call, &MUTE_TIME, request.mute_time)?;
    let accounts: Vec<UserId> = request.members.iter().filter_map(|member| account_of(&call, member)).collect();
    call.app.rooms.change(&call.origin(), &request.room_id, |room, turn| {
        room.mute(turn, &accounts, request.mute_time);
        Ok(())
    })
}

/// Whom an entry means, if anybody.
// Assumed: a string is a UserID first, and the digits of a TinyId only if no account has that UserID.
fn account_of(call: &Call<Tencent>, member: &AccountRef) -> Option<UserId> {
    match member {
        AccountRef::Tiny(number) => call.app.accounts.of_tiny_id(*number),
        AccountRef::Name(name) if call.app.accounts.contains(name) => Some(name.clone()),
        AccountRef::Name(name) => call.app.accounts.of_tiny_id(name.parse().ok()?),
    }
}

/// The muted accounts.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct MutedList {
    muted_account_list: Vec<Muted>,
}

/// A muted account.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Muted {
    /// The TinyId: above 2^53, an exact integer.
    #[serde(rename = "Member_Account")]
    account: u64,
    /// Unix seconds.
    muted_until: i64,
}

/// `get_muted_member_list`: mutes that are over are not listed.
// Assumed: who was muted and left is listed until the mute is over, because a mute belongs to the room.
///
/// # Errors
/// 100002 for a field, 100004 no such room.
pub async fn get_muted_member_list(call: Call<Tencent>, request: NamedRoom) -> Result<MutedList, RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    let now = call.app.tenancy.now();
    let muted: Vec<(UserId, i64)> = call
        .app
        .rooms
        .look(&request.room_id, |room| room.mutes_at(now).map(|(id, until)| (id.clone(), until.seconds())).collect())?;
    let known = muted.into_iter().filter_map(|(id, muted_until)| {
        let account = call.app.accounts.get(&id)?.tiny_id;
        Some(Muted { account, muted_until })
    });
    Ok(MutedList { muted_account_list: known.collect() })
}
