//! Marks and robots: the tags of members, and the members that a server puts in.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

use crate::api::call::Call;
use crate::api::limit::Limit;
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::rooms::info::{NAMED_ROOM_ID, check_room_id};
use crate::api::tencent::rooms::members::check_account;
use crate::api::why::quote_text;
use crate::domain::invalid::Invalid;
use crate::domain::rooms::error::RoomError;
use crate::domain::rooms::marks::Marking;
use crate::kernel::names::{EntityId, UserId};

/// Members whose marks a call may change.
pub const MARKED: Limit = Limit::count("MemberList", 1..=10);
/// A mark.
pub const MARK: Limit = Limit::value("MemberList.Marks", 1000..=u32::MAX as u64);

/// 1 or 2, as a number or in quotes.
#[derive(Clone, Copy, Debug)]
pub struct CommandType(pub(super) Marking);

impl<'de> Deserialize<'de> for CommandType {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct OneOrTwo;

        impl Visitor<'_> for OneOrTwo {
            type Value = CommandType;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("1, which sets, or 2, which deletes")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<CommandType, E> {
                match number {
                    1 => Ok(CommandType(Marking::Set)),
                    2 => Ok(CommandType(Marking::Delete)),
                    other => Err(E::invalid_value(de::Unexpected::Unsigned(other), &self)),
                }
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<CommandType, E> {
                match text {
                    "1" => Ok(CommandType(Marking::Set)),
                    "2" => Ok(CommandType(Marking::Delete)),
                    other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
                }
            }
        }

        from.deserialize_any(OneOrTwo)
    }
}

/// Sets or deletes marks of members.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct MarkRoomMember {
    /// The room.
    room_id: EntityId,
    /// 1 sets, 2 deletes; a number or a string.
    #[schemars(with = "i64")]
    command_type: CommandType,
    /// Who: 1 to 10 members.
    member_list: Vec<MarkedMember>,
}

/// A member and marks.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct MarkedMember {
    /// Who; has to be inside.
    #[serde(rename = "Member_Account")]
    account: UserId,
    /// Each at least 1000; at most 3 a member and 10 different ones a room.
    marks: Vec<i64>,
}

/// `mark_room_member`: all or nothing.
///
/// # Errors
/// 100002 for a field, 100004 no such room, 100005 somebody is not inside, 100009 too many marks.
pub async fn mark_room_member(call: Call<Tencent>, request: MarkRoomMember) -> Result<(), RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    call.within(&MARKED, request.member_list.len())?;
    let mut listed = Vec::with_capacity(request.member_list.len());
    for (at, member) in request.member_list.iter().enumerate() {
        check_account(&format!("MemberList[{at}].Member_Account"), &member.account)?;
        listed.push((member.account.clone(), marks_of(&call, at, &member.marks)?));
    }
    call.app
        .rooms
        .change(&call.origin(), &request.room_id, |room, turn| room.mark(turn, request.command_type.0, &listed))
}

fn marks_of(call: &Call<Tencent>, at: usize, marks: &[i64]) -> Result<Vec<u32>, Invalid> {
    let path = format!("MemberList[{at}].Marks");
    // Assumed: a member without marks in the list is a wrong parameter.
    if marks.is_empty() {
        return Err(Invalid::required(path));
    }
    let fits = |mark: &i64| {
        let number = u32::try_from(*mark).ok();
        number.filter(|number| MARK.check(u64::from(*number), call.max_of(&MARK)).is_ok())
    };
    let wrong = |(n, mark): (usize, &i64)| {
        let why = format!("is {mark}; a mark is {} to {}", MARK.min, MARK.max);
        fits(mark).ok_or_else(|| Invalid::new(format!("{path}[{n}]"), why))
    };
    marks.iter().enumerate().map(wrong).collect()
}

/// Names one account in a room.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct NamedMember {
    /// The room.
    pub(super) room_id: EntityId,
    /// Who.
    #[serde(rename = "Member_Account")]
    pub(super) account: UserId,
}

/// Most robots of a meeting where nobody says otherwise.
// Assumed: a meeting has room for 10 robots.
const ROBOTS_MAX: u64 = 10;

/// `add_robot`: who is inside already stays as it is.
///
/// # Errors
/// 100002 for a field or an account that was never imported, 100004 no such room, 100008 full, 100700 too many robots.
pub async fn add_robot(call: Call<Tencent>, request: NamedMember) -> Result<(), RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    check_account("Member_Account", &request.account)?;
    check_imported(&call, "Member_Account", &request.account)?;
    let max = call.settings().options.room_robots_max.unwrap_or(ROBOTS_MAX);
    call.app.rooms.change(&call.origin(), &request.room_id, |room, turn| room.add_robots(turn, &[request.account], max))
}

/// Checks that an account was imported.
///
/// # Errors
/// It was not.
pub fn check_imported(call: &Call<Tencent>, field: &str, account: &UserId) -> Result<(), Invalid> {
    // Assumed: a robot's account that was never imported is a wrong parameter.
    if call.app.accounts.contains(account) {
        return Ok(());
    }
    Err(Invalid::new(field, format!("{} is not an imported account", quote_text(account))))
}

/// `delete_robot`.
///
/// # Errors
/// 100002 for a field, 100004 no such room, 100005 no robot of that name is inside.
pub async fn delete_robot(call: Call<Tencent>, request: NamedMember) -> Result<(), RoomError> {
    check_room_id(&call, &NAMED_ROOM_ID, &request.room_id)?;
    check_account("Member_Account", &request.account)?;
    call.app.rooms.change(&call.origin(), &request.room_id, |room, turn| {
        room.delete_robots(turn, "Member_Account", &[request.account])
    })
}
