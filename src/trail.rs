//! Trail: the way from a fault in a text back to the whole, which costs nothing where there is no fault.
//!
//! While a fault leaves a value, everything around that value notes its place in it, counted and not named. The names
//! are looked up in the text afterwards.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// One step inwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into an element of an array.
    Element(usize),
    /// Into the value of a member of an object, by its number.
    Member(usize),
}

/// The steps to a fault, the innermost first.
#[derive(Debug, Default)]
pub struct Trail(RefCell<Vec<Step>>);

impl Trail {
    /// Notes the next step on the way out.
    pub fn leave(&self, step: Step) {
        self.0.borrow_mut().push(step);
    }

    /// Whether the fault is inside an array.
    pub fn is_in_array(&self) -> bool {
        self.0.borrow().iter().any(|step| matches!(step, Step::Element(_)))
    }

    /// Where it leads in the text that was read: a path such as `a.b[2]`, and the value there if it is one.
    pub fn follow(&self, text: &str) -> (String, Option<Value>) {
        let (mut path, mut value) = (String::new(), None);
        let steps: Vec<Step> = self.0.borrow().iter().rev().copied().collect();
        let walk = Walk { steps: &steps, path: &mut path, value: &mut value };
        // What comes behind the place is left where it is, which is an error that means nothing.
        let _ = walk.deserialize(&mut serde_json::Deserializer::from_str(text));
        (path, value)
    }
}

/// Goes the steps that are left, and notes what it meets.
struct Walk<'w> {
    steps: &'w [Step],
    path: &'w mut String,
    value: &'w mut Option<Value>,
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        match self.steps.first() {
            None => serde::Deserialize::deserialize(from).map(|value| *self.value = Some(value)),
            Some(Step::Element(_)) => from.deserialize_seq(self),
            Some(Step::Member(_)) => from.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what was there before")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Some((&Step::Element(at), steps)) = self.steps.split_first() else { return Ok(()) };
        self.path.push_str(&format!("[{at}]"));
        for _ in 0..at {
            list.next_element::<IgnoredAny>()?;
        }
        list.next_element_seed(Walk { steps, ..self }).map(|_| ())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let Some((&Step::Member(at), steps)) = self.steps.split_first() else { return Ok(()) };
        for _ in 0..at {
            object.next_entry::<IgnoredAny, IgnoredAny>()?;
        }
        let Some(name) = object.next_key::<String>()? else { return Ok(()) };
        self.path.push_str(if self.path.is_empty() { "" } else { "." });
        self.path.push_str(&name);
        object.next_value_seed(Walk { steps, ..self })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Step, Trail};

    /// The trail of these steps, inwards.
    fn trail(steps: &[Step]) -> Trail {
        let trail = Trail::default();
        steps.iter().rev().for_each(|step| trail.leave(*step));
        trail
    }

    #[test]
    fn a_trail_leads_to_the_value_by_its_names() {
        let text = r#" {"a": 1, "b": [{"c": true}, {"d": 0, "c": [7, "eight"]}], "e": null} "#;
        let steps = [Step::Member(1), Step::Element(1), Step::Member(1), Step::Element(1)];
        assert_eq!(trail(&steps).follow(text), ("b[1].c[1]".to_owned(), Some(json!("eight"))));
        assert_eq!(trail(&steps[..1]).follow(r#"{"x":{},"b":{}}"#), ("b".to_owned(), Some(json!({}))));
    }

    #[test]
    fn a_text_that_breaks_off_is_followed_as_far_as_it_goes() {
        assert_eq!(trail(&[Step::Member(0), Step::Element(1)]).follow(r#"{"a":[1,}"#), ("a[1]".to_owned(), None));
        assert_eq!(trail(&[Step::Member(1)]).follow(r#"{"a":1,"#), (String::new(), None));
    }
}
