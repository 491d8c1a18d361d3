//! Pattern: what a name, a path or a body has to be like, as verifications and filters say it.

use serde_json::Value;

/// Whether a name is the pattern, or begins with it where it ends in `*`.
pub fn name_matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

/// Whether a JSON value has at least what is wanted: each member of an object; in an array every element at its place,
/// and no more of them; anything else is equal.
pub fn holds(wanted: &Value, value: &Value) -> bool {
    match (wanted, value) {
        (Value::Object(wanted), Value::Object(value)) => {
            wanted.iter().all(|(name, wanted)| value.get(name).is_some_and(|value| holds(wanted, value)))
        }
        (Value::Array(wanted), Value::Array(value)) => {
            wanted.len() == value.len() && wanted.iter().zip(value).all(|(wanted, value)| holds(wanted, value))
        }
        _ => wanted == value,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_may_end_in_a_star() {
        let table =
            [("a.b", "a.b", true), ("a.b", "a.bc", false), ("a.*", "a.b", true), ("*", "", true), ("a*", "b", false)];
        for (pattern, name, expected) in table {
            assert_eq!(name_matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn a_body_has_at_least_what_is_wanted() {
        let body = json!({"RoomId": "r", "MemberList_Account": ["a", "b"], "In": {"x": 1, "y": null}});
        let table = [
            (json!({}), true),
            (json!({"RoomId": "r"}), true),
            (json!({"RoomId": "R"}), false),
            (json!({"In": {"x": 1}}), true),
            (json!({"In": {"y": null}}), true),
            (json!({"In": {"z": null}}), false),
            (json!({"MemberList_Account": ["a", "b"]}), true),
            (json!({"MemberList_Account": ["a"]}), false),
            (json!([]), false),
        ];
        for (wanted, expected) in table {
            assert_eq!(holds(&wanted, &body), expected, "{wanted}");
        }
    }
}
