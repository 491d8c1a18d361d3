//! What a state document may say of a room, beyond its types.

use hashbrown::HashSet;

use crate::domain::invalid::fault_of_characters;
use crate::domain::rooms::state::{RoleState, RoomState};
use crate::domain::state::Faults;

/// The longest room id that is kept, in bytes; what a call may name is the documented limit's to say.
const ROOM_ID_BYTES_MAX: usize = 1024;
/// Most seats that are kept of a room; what a call may ask for is the documented limit's to say.
pub const SEATS_MAX: u64 = 1000;

/// What is wrong with a room id whatever the limits are, if anything: it is printable ASCII and not empty.
pub fn fault_of_room_id(id: &str) -> Option<String> {
    if id.is_empty() {
        return Some("is empty".into());
    }
    if id.len() > ROOM_ID_BYTES_MAX {
        return Some(format!("has {} bytes; not even a changed limit goes beyond {ROOM_ID_BYTES_MAX}", id.len()));
    }
    fault_of_characters(id, "RoomId")
}

impl RoomState {
    /// Notes every fault of this room.
    pub fn check(&self, path: &str, faults: &mut Faults) {
        if let Some(fault) = fault_of_room_id(&self.room_id) {
            faults.add(format!("{path}.RoomId"), fault);
        }
        faults.user_id(format!("{path}.Owner_Account"), &self.owner);
        let by_default = if self.is_seat_enabled { crate::domain::rooms::state::SEATS } else { 0 };
        let seats = self.max_seat_count.unwrap_or(by_default);
        let fits = u64::try_from(self.seat_list.len()).is_ok_and(|given| given <= seats);
        faults.unless(fits, format!("{path}.SeatList"), format!("has more seats than MaxSeatCount, {seats}"));
        let without = !self.is_seat_enabled && seats > 0;
        faults.unless(!without, format!("{path}.MaxSeatCount"), "is above 0, but IsSeatEnabled is not true");
        faults.unless(seats <= SEATS_MAX, format!("{path}.MaxSeatCount"), format!("is above {SEATS_MAX}"));
        let inside: HashSet<&str> = self.member_list.iter().map(|member| member.account.as_str()).collect();
        self.check_members(path, faults);
        for (at, seat) in self.seat_list.iter().enumerate() {
            let known = seat.member.as_deref().is_none_or(|id| inside.contains(id));
            faults.unless(
                known,
                format!("{path}.SeatList[{at}].Member_Account"),
                "sits here, but is not in MemberList",
            );
        }
        let seated = self.seat_list.iter().enumerate().filter_map(|(at, seat)| {
            seat.member.as_ref().map(|id| (format!("{path}.SeatList[{at}].Member_Account"), id.as_str()))
        });
        faults.twice(seated);
        self.check_lists(path, &inside, faults);
    }

    /// Bans, mutes and those who wait: each account once; who waits is inside and on no seat.
    fn check_lists(&self, path: &str, inside: &HashSet<&str>, faults: &mut Faults) {
        let seated: HashSet<&str> = self.seat_list.iter().filter_map(|seat| seat.member.as_deref()).collect();
        let at = |list: &str, at: usize| format!("{path}.{list}[{at}].Member_Account");
        let bans = self.banned_account_list.iter().map(|ban| ban.account.as_str());
        let bans: Vec<_> = bans.enumerate().map(|(n, id)| (at("BannedAccountList", n), id)).collect();
        let mutes = self.muted_account_list.iter().map(|mute| mute.account.as_str());
        let mutes: Vec<_> = mutes.enumerate().map(|(n, id)| (at("MutedAccountList", n), id)).collect();
        let waiting = self.seat_request_list.iter().map(|request| request.user.as_str());
        let waiting: Vec<_> = waiting.enumerate().map(|(n, id)| (at("SeatRequestList", n), id)).collect();
        for (path, id) in bans.iter().chain(&mutes) {
            faults.user_id(path, id);
        }
        for (path, id) in &waiting {
            faults.unless(inside.contains(*id), path, "waits for a seat, but is not in MemberList");
            faults.unless(!seated.contains(*id), path, "waits for a seat, but sits on one");
        }
        for list in [bans, mutes, waiting] {
            faults.twice(list.into_iter());
        }
    }

    fn check_members(&self, path: &str, faults: &mut Faults) {
        for (at, member) in self.member_list.iter().enumerate() {
            faults.user_id(|| format!("{path}.MemberList[{at}].Member_Account"), &member.account);
            let owner = member.role != RoleState::Owner || member.account == self.owner;
            let role = || format!("{path}.MemberList[{at}].Role");
            faults.unless(owner, role, "is Owner, but Owner_Account names another");
            let admin = member.role == RoleState::Admin && member.account == self.owner;
            faults.unless(!admin, role, "is Admin, but the account is the owner");
        }
        let accounts = self.member_list.iter().enumerate();
        faults.twice(
            accounts.map(|(at, member)| {
                (move || format!("{path}.MemberList[{at}].Member_Account"), member.account.as_str())
            }),
        );
    }
}
