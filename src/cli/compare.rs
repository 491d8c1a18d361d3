//! Compare: how a reply differs from a recorded one, generated ids and times excepted.
//!
//! An id that differs is learned: from then on the other server's id stands for the recorded one, and a third is a
//! difference.

use std::collections::HashMap;
use std::fmt;

use serde_json::Value;

/// Ends of names of fields that hold times.
const TIMES: [&str; 9] = ["Time", "TimeMS", "time", "Timestamp", "Date", "DateMS", "At", "AtMS", "MS"];
/// Ends of names of fields that hold ids, and of those that stand for a thing as an id does.
const IDS: [&str; 7] = ["Id", "ID", "id", "MsgKey", "token", "Token", "batchID"];
/// Whole names of times that end in nothing of the sort.
const TIME_NAMES: [&str; 3] = ["exp", "iat", "micros"];

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where, as a JSON path.
    pub path: String,
    /// What was recorded; `None` where nothing was.
    pub recorded: Option<Value>,
    /// What was answered.
    pub answered: Option<Value>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |value: &Option<Value>| value.as_ref().map_or("nothing".to_owned(), ToString::to_string);
        write!(f, "{}: recorded {}, answered {}", self.path, side(&self.recorded), side(&self.answered))
    }
}

/// The other server's ids by those that were recorded.
#[derive(Debug, Default)]
pub struct Names {
    learned: HashMap<String, String>,
}

impl Names {
    /// What the other server calls a thing; the same, where nothing else was learned.
    pub fn of<'a>(&'a self, recorded: &'a str) -> &'a str {
        self.learned.get(recorded).map_or(recorded, String::as_str)
    }

    /// Puts the other server's ids in the place of the recorded ones, at every level.
    pub fn put_into(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(name) = self.learned.get(text.as_str()) {
                    text.clone_from(name);
                }
            }
            Value::Array(list) => list.iter_mut().for_each(|item| self.put_into(item)),
            Value::Object(map) => map.values_mut().for_each(|item| self.put_into(item)),
            _ => {}
        }
    }

    /// How an answered value differs from a recorded one; ids that are seen for the first time are learned.
    pub fn compare(&mut self, recorded: &Value, answered: &Value) -> Vec<Difference> {
        let mut found = Vec::new();
        self.walk("$", "", recorded, answered, &mut found);
        found
    }

    fn walk(&mut self, path: &str, name: &str, recorded: &Value, answered: &Value, found: &mut Vec<Difference>) {
        match (recorded, answered) {
            (Value::Object(before), Value::Object(now)) => {
                for (name, value) in before {
                    let path = format!("{path}.{name}");
                    match now.get(name) {
                        Some(other) => self.walk(&path, name, value, other, found),
                        None => found.push(Difference { path, recorded: Some(value.clone()), answered: None }),
                    }
                }
                for (name, value) in now.iter().filter(|(name, _)| !before.contains_key(*name)) {
                    let path = format!("{path}.{name}");
                    found.push(Difference { path, recorded: None, answered: Some(value.clone()) });
                }
            }
            (Value::Array(before), Value::Array(now)) => {
                for at in 0..before.len().max(now.len()) {
                    let path = format!("{path}[{at}]");
                    match (before.get(at), now.get(at)) {
                        (Some(value), Some(other)) => self.walk(&path, name, value, other, found),
                        (value, other) => {
                            found.push(Difference { path, recorded: value.cloned(), answered: other.cloned() });
                        }
                    }
                }
            }
            _ if self.is_alike(name, recorded, answered) => {}
            _ => found.push(Difference {
                path: path.to_owned(),
                recorded: Some(recorded.clone()),
                answered: Some(answered.clone()),
            }),
        }
    }

    fn is_alike(&mut self, name: &str, recorded: &Value, answered: &Value) -> bool {
        if recorded == answered {
            return true;
        }
        let same_type = std::mem::discriminant(recorded) == std::mem::discriminant(answered);
        if same_type && (TIME_NAMES.contains(&name) || TIMES.iter().any(|end| name.ends_with(end))) {
            return true;
        }
        let (Value::String(before), Value::String(now)) = (recorded, answered) else { return false };
        if let Some(learned) = self.learned.get(before) {
            return learned == now;
        }
        if before.is_empty() || now.is_empty() || !IDS.iter().any(|end| name.ends_with(end)) {
            return false;
        }
        // A secret that the journal shortened stands for nothing in particular.
        if before.ends_with('…') {
            return true;
        }
        self.learned.insert(before.clone(), now.clone());
        true
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn differences(recorded: &Value, answered: &Value) -> Vec<String> {
        Names::default().compare(recorded, answered).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn fields_are_compared_one_by_one() {
        let recorded = json!({"ErrorCode": 0, "List": [{"Role": "Member"}, {"Role": "Owner"}], "Gone": null});
        let answered = json!({"ErrorCode": 10007, "List": [{"Role": "Admin"}], "New": true});
        let expected = [
            "$.ErrorCode: recorded 0, answered 10007",
            r#"$.List[0].Role: recorded "Member", answered "Admin""#,
            r#"$.List[1]: recorded {"Role":"Owner"}, answered nothing"#,
            "$.Gone: recorded null, answered nothing",
            "$.New: recorded nothing, answered true",
        ];
        assert_eq!(differences(&recorded, &answered), expected);
        assert!(differences(&recorded, &recorded).is_empty());
    }

    #[test]
    fn times_may_differ_in_value_but_not_in_type() {
        let recorded = json!({"JoinTime": 1, "createdAt": "2026", "createdTimeMS": 5});
        assert!(differences(&recorded, &json!({"JoinTime": 2, "createdAt": "2027", "createdTimeMS": 6})).is_empty());
        let other = json!({"JoinTime": "2", "createdAt": "2026", "createdTimeMS": 5});
        assert_eq!(differences(&recorded, &other), [r#"$.JoinTime: recorded 1, answered "2""#]);
    }

    #[test]
    fn an_id_is_learned_once_and_holds_from_then_on() {
        let mut names = Names::default();
        assert!(
            names
                .compare(&json!({"GroupId": "a", "RequestId": "r"}), &json!({"GroupId": "b", "RequestId": "s"}))
                .is_empty()
        );
        assert!(names.compare(&json!({"List": ["a"]}), &json!({"List": ["b"]})).is_empty());
        assert_eq!(names.compare(&json!({"GroupId": "a"}), &json!({"GroupId": "c"})).len(), 1);
        let mut request = json!({"GroupId": "a", "Deep": [{"x": "a"}, "aa"]});
        names.put_into(&mut request);
        assert_eq!(request, json!({"GroupId": "b", "Deep": [{"x": "b"}, "aa"]}));
    }
}
