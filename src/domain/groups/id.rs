//! The ids of groups: the shapes that the server makes, that callers may choose, and that a call may name.

use crate::domain::groups::kind::GroupType;
use crate::domain::invalid::{Invalid, fault_of_characters};
use crate::kernel::ids::Ids;
use crate::kernel::names::EntityId;

/// The longest id, in bytes.
pub const GROUP_ID_BYTES_MAX: usize = 48;
/// What ids made by the server begin with.
const MADE: &str = "@TGS#";
/// What the ids of communities begin with.
const COMMUNITY: &str = "@TGS#_";
/// Characters after the letter.
const MADE_LENGTH: usize = 8;
/// Characters after the letter of a community's id.
const COMMUNITY_LENGTH: usize = 11;

/// An id as the server makes them for this type.
pub fn made(group_type: GroupType, ids: &Ids) -> EntityId {
    let letter = group_type.kind().letter;
    EntityId::new(match group_type {
        GroupType::Community => format!("{COMMUNITY}{MADE}{letter}{}", ids.base32(COMMUNITY_LENGTH)),
        _ => format!("{MADE}{letter}{}", ids.base32(MADE_LENGTH)),
    })
}

/// Checks an id that a caller chose for a new group of this type.
// Assumed: a chosen id of a wrong form is a wrong parameter, 10004.
///
/// # Errors
/// Its length, its characters, or what it begins with.
pub fn check_chosen(group_type: GroupType, id: &str) -> Result<(), Invalid> {
    let wrong = |why: String| Err(Invalid::new("GroupId", why).with_info("invalid group id"));
    if let Some(fault) = fault_of_text(id) {
        return wrong(fault);
    }
    match group_type {
        GroupType::Community if !id.starts_with(COMMUNITY) => {
            wrong(format!("is {id:?}; the id of a Community begins with {COMMUNITY}"))
        }
        GroupType::Community if id == COMMUNITY => {
            wrong(format!("is {id:?}; the id of a Community has a part of its own after {COMMUNITY}"))
        }
        GroupType::Community => Ok(()),
        _ if id.starts_with(MADE) => wrong(format!("is {id:?}; only ids made by the server begin with {MADE}")),
        _ => Ok(()),
    }
}

/// Why this text cannot be the id of any group, if it cannot: then it is malformed, and not merely unknown.
// Assumed: an id that no group can have, the empty one among them, is 10015, and one that no group has is 10010.
pub fn fault_of_named(id: &str) -> Option<String> {
    if let Some(fault) = fault_of_text(id) {
        return Some(fault);
    }
    let body = id.strip_prefix(MADE)?;
    let mut characters = body.chars();
    let letter = characters.next();
    let rest = characters.as_str();
    let base32 = |rest: &str| rest.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'));
    let sound = match letter {
        Some('_') => !rest.is_empty(),
        Some('0'..='9' | 'a'..='z') => rest.len() == MADE_LENGTH && base32(rest),
        _ => false,
    };
    (!sound).then(|| {
        format!(
            "is {id:?}; after {MADE} come a letter or digit for the type and {MADE_LENGTH} characters of A-Z and 2-7"
        )
    })
}

fn fault_of_text(id: &str) -> Option<String> {
    if id.is_empty() {
        return Some(format!("is empty; a GroupId has 1 to {GROUP_ID_BYTES_MAX} bytes"));
    }
    if id.len() > GROUP_ID_BYTES_MAX {
        return Some(format!("has {} bytes; a GroupId has at most {GROUP_ID_BYTES_MAX}", id.len()));
    }
    fault_of_characters(id, "GroupId")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_ids_can_be_named() {
        let ids = Ids::new(1, "a", 0);
        for group_type in [GroupType::Private, GroupType::BChatRoom, GroupType::Community] {
            assert_eq!(fault_of_named(&made(group_type, &ids)), None);
        }
        assert_eq!(made(GroupType::Community, &ids).len(), 23);
    }

    #[test]
    fn a_wrong_body_is_malformed_and_a_plain_text_is_not() {
        for id in ["@TGS#zz", "@TGS#", "@TGS#2J4SZEAE1", "@TGS#_", "", "grüße"] {
            assert!(fault_of_named(id).is_some(), "{id}");
        }
        for id in ["@TGS#2J4SZEAEL", "gone", "12", "@TGS", "@TGS#_@TGS#cQVLVHIM62CJ", "a b"] {
            assert_eq!(fault_of_named(id), None);
        }
    }

    #[test]
    fn chosen_ids_keep_clear_of_those_the_server_makes() {
        assert!(check_chosen(GroupType::Public, "@TGS#2J4SZEAEL").is_err());
        assert!(check_chosen(GroupType::Community, "trail").is_err());
        assert!(check_chosen(GroupType::Community, "@TGS#_").is_err());
        assert!(check_chosen(GroupType::Community, "@TGS#_trail").is_ok());
        assert!(check_chosen(GroupType::Public, &"a".repeat(48)).is_ok());
        assert!(check_chosen(GroupType::Public, &"a".repeat(49)).is_err());
    }
}
