//! The fault rules over HTTP: whole sets of rules, all or none.

use std::fmt;

use http::StatusCode;
use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::api::call::Call;
use crate::api::control::gateway::{Control, ControlRefusal};
use crate::api::control::state::Nothing;
use crate::api::faults;
use crate::api::house::House;
use crate::faults::plan::{InForce, NotTaken};
use crate::faults::rule::{Rule, Wrong};
use crate::strict::{from_text, without_place};
use crate::trail::Trail;

/// One rule, or several in order.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub enum Rules {
    /// One.
    One(Box<Rule>),
    /// Several.
    Many(Vec<Rule>),
}

impl<'de> Deserialize<'de> for Rules {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Rules;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a rule, or an array of rules")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Rules, A::Error> {
                Rule::deserialize(MapAccessDeserializer::new(map)).map(|rule| Rules::One(Box::new(rule)))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Rules, A::Error> {
                let mut rules = Vec::new();
                while let Some(rule) = list.next_element()? {
                    rules.push(rule);
                }
                Ok(Rules::Many(rules))
            }
        }
        from.deserialize_any(Reader)
    }
}

impl Rules {
    /// The rules, each checked; and how the path of a fault in one of them begins.
    fn checked(self) -> Result<(Vec<Rule>, bool), ControlRefusal> {
        let (rules, many) = match self {
            Self::One(rule) => (vec![*rule], false),
            Self::Many(rules) => (rules, true),
        };
        for (at, rule) in rules.iter().enumerate() {
            faults::check(rule).map_err(|wrong| refuse(at, many, wrong))?;
        }
        Ok((rules, many))
    }
}

fn refuse(at: usize, many: bool, Wrong { path, why }: Wrong) -> ControlRefusal {
    ControlRefusal::invalid(if many { format!("[{at}].{path}") } else { path }, why)
}

fn word(many: bool, fault: &NotTaken) -> ControlRefusal {
    match fault {
        NotTaken::Twice { at, .. } => {
            let refusal = ControlRefusal::new(StatusCode::CONFLICT, "conflict", fault.to_string());
            let path = if many { format!("[{at}].id") } else { "id".to_owned() };
            ControlRefusal { path: Some(path), ..refusal }
        }
        NotTaken::TooMany(_) => ControlRefusal::invalid("", fault.to_string()),
    }
}

/// A rule in force.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RuleView {
    #[serde(flatten)]
    rule: Rule,
    /// How many calls met it.
    tried: u64,
    /// How many of them it befell.
    fired: u64,
}

impl From<InForce> for RuleView {
    fn from(one: InForce) -> Self {
        Self { rule: Rule::clone(&one.rule), tried: one.tried, fired: one.fired }
    }
}

/// Rules in force, in the order in which they are asked.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RulesView {
    /// The rules.
    faults: Vec<RuleView>,
}

impl From<Vec<InForce>> for RulesView {
    fn from(rules: Vec<InForce>) -> Self {
        Self { faults: rules.into_iter().map(RuleView::from).collect() }
    }
}

/// `GET /_imulator/faults`.
///
/// # Errors
/// None.
pub async fn list(call: Call<Control>, _: Nothing) -> Result<RulesView, ControlRefusal> {
    Ok(call.arrival.house.faults.all().into())
}

/// `POST /_imulator/faults`: adds one rule or several, all or none. The reply has them with their ids.
///
/// # Errors
/// 400 with the path of the first fault; 409 where an id is in use.
pub async fn add(call: Call<Control>, rules: Rules) -> Result<RulesView, ControlRefusal> {
    Ok(add_rules(&call.arrival.house, rules)?.into())
}

fn add_rules(house: &House, rules: Rules) -> Result<Vec<InForce>, ControlRefusal> {
    let (rules, many) = rules.checked()?;
    house.faults.add(rules).map_err(|fault| word(many, &fault))
}

/// The same, of a value.
///
/// # Errors
/// The same.
pub fn add_value(house: &House, rules: &Value) -> Result<Vec<InForce>, ControlRefusal> {
    let (text, trail) = (rules.to_string(), Trail::default());
    let read = from_text(&text, &trail);
    let rules = read.map_err(|fault| ControlRefusal::invalid(trail.follow(&text).0, without_place(&fault)))?;
    add_rules(house, rules)
}

/// `PUT /_imulator/faults`: these rules in place of all others, all or none.
///
/// # Errors
/// 400 with the path of the first fault; 409 where an id stands there twice.
pub async fn replace(call: Call<Control>, rules: Rules) -> Result<RulesView, ControlRefusal> {
    let (rules, many) = rules.checked()?;
    let added = call.arrival.house.faults.replace(rules).map_err(|fault| word(many, &fault))?;
    Ok(added.into())
}

/// `DELETE /_imulator/faults`.
///
/// # Errors
/// None.
pub async fn clear(call: Call<Control>, _: Nothing) -> Result<Nothing, ControlRefusal> {
    call.arrival.house.faults.clear();
    Ok(Nothing {})
}

/// `GET /_imulator/faults/{id}`.
///
/// # Errors
/// There is none of this id.
pub async fn get(call: Call<Control>, _: Nothing) -> Result<RuleView, ControlRefusal> {
    let id = call.arrival.param("id");
    call.arrival.house.faults.get(id).map(RuleView::from).ok_or_else(|| missing(id))
}

/// `PUT /_imulator/faults/{id}`: this rule in place of the one with the id, counted anew; or one more.
///
/// # Errors
/// 400 with the path of the fault.
pub async fn put(call: Call<Control>, mut rule: Rule) -> Result<RuleView, ControlRefusal> {
    let id = call.arrival.param("id").to_owned();
    if rule.id.as_ref().is_some_and(|given| *given != id) {
        return Err(ControlRefusal::invalid("id", format!("is not the {id:?} of the path; leave it out")));
    }
    rule.id = Some(id);
    faults::check(&rule).map_err(|wrong| refuse(0, false, wrong))?;
    call.arrival.house.faults.put(rule).map(RuleView::from).map_err(|fault| word(false, &fault))
}

/// `DELETE /_imulator/faults/{id}`.
///
/// # Errors
/// There is none of this id.
pub async fn remove(call: Call<Control>, _: Nothing) -> Result<Nothing, ControlRefusal> {
    let id = call.arrival.param("id");
    if call.arrival.house.faults.remove(id) { Ok(Nothing {}) } else { Err(missing(id)) }
}

fn missing(id: &str) -> ControlRefusal {
    ControlRefusal::missing(format!("there is no fault rule {id:?}"))
}
