//! The numbers of the group service's errors. Exhaustive: a new way to refuse does not compile without its number.

use crate::api::tencent::code_table::text_of;
use crate::api::tencent::codes::TencentRefusal;
use crate::domain::groups::error::GroupError;

// Assumed: the texts of 10004, 10005, 10007, 10014, 10015 and 10019 are ours, in the style of the few that are known.
impl From<GroupError> for TencentRefusal {
    fn from(error: GroupError) -> Self {
        let code = match &error {
            GroupError::Invalid(invalid) => return Self::invalid(10004, invalid),
            GroupError::CannotKick(_) => {
                return Self::new(10004, error.to_string())
                    .with_info("this group type does not support deleting members");
            }
            GroupError::Vetoed { own, info, .. } => {
                let code = own.unwrap_or(10016);
                // A code of the app's own has no usual text.
                let info = if info.is_empty() { text_of(10016).to_owned() } else { info.clone() };
                return Self::new(code, error.to_string()).with_info(info);
            }
            GroupError::Unanswered(..) => 80003,
            GroupError::TooManyAccounts(_) => 10005,
            GroupError::TooManyBroadcasts(_) => 10006,
            GroupError::NotPermitted { .. }
            | GroupError::NotMember { .. }
            | GroupError::OwnersRole { .. }
            | GroupError::ClosedToApplicants
            | GroupError::Banned(_) => 10007,
            GroupError::OwnerCannotQuit(_) => 10009,
            GroupError::Missing(_) => 10010,
            GroupError::AlreadyMember(_) => 10013,
            GroupError::Full { .. } => 10014,
            GroupError::MalformedId(_) => 10015,
            GroupError::TooLarge(_) => 10018,
            GroupError::UnknownAccount { .. } => 10019,
            // Assumed: a Room Engine room with the wanted id counts as a group of somebody else, 10021.
            GroupError::Exists(_) | GroupError::TakenByRoom(_) => 10021,
            GroupError::OwnGroupExists(_) => 10025,
            GroupError::Muted(_) => 10017,
            GroupError::SendingTooFast(_) => 10023,
            GroupError::NoMessage { .. } => 10030,
            GroupError::NoRecall(_) => 10033,
            GroupError::NoDeletion(_) => 10035,
            GroupError::TooManyParts { .. } => 10037,
            GroupError::OverPlan { .. } => 10038,
            GroupError::AttributeKey(_) => 10045,
            GroupError::AttributeValue(_) => 10046,
            GroupError::TooManyAttributes(_) => 10047,
            GroupError::AttributesTooLong(_) => 10048,
            GroupError::AttributesTooFast(_) => 10049,
            GroupError::NoAttribute { .. } => 10050,
            GroupError::NothingToDelete => 10052,
            GroupError::TooManyMentions(_) => 10053,
            GroupError::TooManyCounters(_) => 10063,
            GroupError::NoTopics => 11000,
            GroupError::BodyTooLong(_) => 80002,
            // Assumed: a topic or permission group that is not there is 10010, and one whose id is in use 10021.
            GroupError::NoPart { .. } => 10010,
            GroupError::PartExists { .. } => 10021,
            // Assumed: marks for accounts none of which is online fail with 10004.
            GroupError::NobodyOnline { .. } => 10004,
        };
        Self::new(code, error.to_string())
    }
}
