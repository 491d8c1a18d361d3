//! Plan: the fault rules in force; decides, never waits.
//!
//! The first rule in order that is met and fires befalls a call. Dice come from the seed, the rule's id and how often it
//! was tried, so that the same calls fall the same way.

use std::cell::OnceCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use serde_json::Value;

use crate::faults::rule::{Match, Rule};
use crate::kernel::ids::Ids;
use crate::kernel::tenancy::TenantKey;

/// Characters of base 32 in an id that the plan gives.
const ID_LENGTH: usize = 8;

/// A call, as far as rules look at it.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// The operation's name.
    pub operation: &'q str,
    /// The tenant that it names, open or not.
    pub tenant: Option<&'q TenantKey>,
    /// Its path, without the query.
    pub path: &'q str,
    /// Its body.
    pub body: &'q [u8],
}

/// A rule in force.
#[derive(Clone, Debug)]
pub struct InForce {
    /// The rule; it has an id.
    pub rule: Arc<Rule>,
    /// How many calls met it.
    pub tried: u64,
    /// How many of them it befell.
    pub fired: u64,
}

/// Why rules are not taken; nothing changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// An id is in use, or stands there twice.
    #[error("there is a rule {id:?} already")]
    Twice {
        /// Which of the given rules.
        at: usize,
        /// The id.
        id: String,
    },
    /// More than fit.
    #[error("more than {0} rules (--max-faults)")]
    TooMany(usize),
}

/// The rules in force, in order.
#[derive(Debug)]
pub struct Plan {
    seed: u64,
    /// Most rules at once.
    most: usize,
    ids: Ids,
    rules: Mutex<Vec<InForce>>,
    /// How many there are, readable without the lock: without rules a call costs this alone.
    count: AtomicUsize,
}

impl Plan {
    /// No rules, and room for so many.
    pub fn new(seed: u64, most: usize) -> Self {
        Self { seed, most, ids: Ids::new(seed, "faults", 0), rules: Mutex::default(), count: AtomicUsize::new(0) }
    }

    /// Whether there are no rules.
    pub fn is_empty(&self) -> bool {
        self.count.load(Ordering::Acquire) == 0
    }

    /// The rule that befalls this call, if one does.
    pub fn decide(&self, question: Question<'_>) -> Option<Arc<Rule>> {
        let body: OnceCell<Option<Value>> = OnceCell::new();
        let json = || body.get_or_init(|| serde_json::from_slice(question.body).ok()).as_ref();
        let mut rules = self.rules.lock();
        rules.iter_mut().find_map(|one| {
            let met = |matching: &Match| matching.is_met(question.operation, question.tenant, question.path, json);
            if !one.rule.matching.as_ref().is_some_and(met) {
                return None;
            }
            one.tried += 1;
            let left = one.rule.times.is_none_or(|times| one.fired < times);
            if one.tried <= one.rule.skip || !left || !self.falls(one) {
                return None;
            }
            one.fired += 1;
            Some(one.rule.clone())
        })
    }

    /// Whether the dice fall for the rule this time.
    fn falls(&self, one: &InForce) -> bool {
        // 53 bits: as many as a float between 0 and 1 can tell apart.
        const SIDES: f64 = (1_u64 << 53) as f64;
        let dice = Ids::new(self.seed, &format!("faults/{}", one.rule.name()), 0);
        (dice.at(one.tried) >> 11) as f64 / SIDES < one.rule.chance
    }

    /// Adds rules after those that are there, all or none; those without an id are given one.
    ///
    /// # Errors
    /// An id that is in use, or more rules than fit.
    pub fn add(&self, rules: Vec<Rule>) -> Result<Vec<InForce>, NotTaken> {
        self.change(|present| {
            let before = present.len();
            self.append(present, rules)?;
            Ok(present[before..].to_vec())
        })
    }

    /// Puts rules in place of all that are there, all or none.
    ///
    /// # Errors
    /// An id that stands there twice, or more rules than fit.
    pub fn replace(&self, rules: Vec<Rule>) -> Result<Vec<InForce>, NotTaken> {
        self.change(|present| {
            let mut next = Vec::new();
            self.append(&mut next, rules)?;
            present.clone_from(&next);
            Ok(next)
        })
    }

    /// Puts a rule in place of the one with its id, counted anew, or adds it.
    ///
    /// # Errors
    /// More rules than fit.
    pub fn put(&self, rule: Rule) -> Result<InForce, NotTaken> {
        self.change(|present| match present.iter_mut().find(|one| one.rule.id == rule.id) {
            Some(place) => {
                *place = InForce::new(rule);
                Ok(place.clone())
            }
            None => {
                self.append(present, vec![rule])?;
                Ok(present[present.len() - 1].clone())
            }
        })
    }

    /// Takes a rule away; whether it was there.
    pub fn remove(&self, id: &str) -> bool {
        self.retain(|rule| rule.name() != id)
    }

    /// Takes away the rules that are for this tenant alone.
    pub fn forget(&self, tenant: &TenantKey) {
        let is_its_own = |rule: &Rule| {
            let pattern = rule.matching.as_ref().and_then(|matching| matching.tenant.as_ref());
            pattern.is_some_and(|pattern| {
                let id = pattern.tencent.as_deref().or(pattern.imkit.as_deref());
                id.is_some_and(|id| id == tenant.id.as_str()) && pattern.is_met(tenant)
            })
        };
        self.retain(|rule| !is_its_own(rule));
    }

    /// Takes all rules away.
    pub fn clear(&self) {
        self.retain(|_| false);
    }

    /// All rules, in order.
    pub fn all(&self) -> Vec<InForce> {
        self.rules.lock().clone()
    }

    /// The rule of this id.
    pub fn get(&self, id: &str) -> Option<InForce> {
        self.rules.lock().iter().find(|one| one.rule.name() == id).cloned()
    }

    fn retain(&self, keep: impl Fn(&Rule) -> bool) -> bool {
        let mut rules = self.rules.lock();
        let before = rules.len();
        rules.retain(|one| keep(&one.rule));
        self.count.store(rules.len(), Ordering::Release);
        rules.len() < before
    }

    fn change<R>(&self, act: impl FnOnce(&mut Vec<InForce>) -> Result<R, NotTaken>) -> Result<R, NotTaken> {
        let mut rules = self.rules.lock();
        let done = act(&mut rules);
        self.count.store(rules.len(), Ordering::Release);
        done
    }

    /// All or none: the ids are looked at first.
    fn append(&self, to: &mut Vec<InForce>, rules: Vec<Rule>) -> Result<(), NotTaken> {
        if to.len() + rules.len() > self.most {
            return Err(NotTaken::TooMany(self.most));
        }
        for (at, rule) in rules.iter().enumerate() {
            let Some(id) = &rule.id else { continue };
            let here = rules[..at].iter().any(|earlier| earlier.id.as_ref() == Some(id));
            if here || to.iter().any(|one| one.rule.name() == id) {
                return Err(NotTaken::Twice { at, id: id.clone() });
            }
        }
        // Ids of the given rules first, so that none that is made up takes one of them.
        let given: Vec<Option<String>> = rules.iter().map(|rule| rule.id.clone()).collect();
        for mut rule in rules {
            while rule.id.is_none() {
                let id = format!("fault-{}", self.ids.base32(ID_LENGTH).to_ascii_lowercase());
                let taken =
                    given.iter().flatten().any(|other| *other == id) || to.iter().any(|one| one.rule.name() == id);
                rule.id = Some(id).filter(|_| !taken);
            }
            to.push(InForce::new(rule));
        }
        Ok(())
    }
}

impl InForce {
    fn new(rule: Rule) -> Self {
        Self { rule: Arc::new(rule), tried: 0, fired: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(id: &str, set: impl FnOnce(&mut Rule)) -> Rule {
        let mut rule = Rule {
            id: Some(id.into()),
            matching: Some(Match::default()),
            skip: 0,
            times: None,
            chance: 1.0,
            delay_ms: 0,
            then: None,
        };
        set(&mut rule);
        rule
    }

    /// Which of this many calls are befallen, and by which rule.
    fn falls(plan: &Plan, calls: usize) -> String {
        let ask = || plan.decide(Question { operation: "a.b.c", tenant: None, path: "/", body: b"" });
        (0..calls).map(|_| ask().map_or("-".to_owned(), |rule| rule.name().to_owned())).collect()
    }

    #[test]
    fn a_rule_skips_and_ends_and_the_next_one_takes_over() {
        let plan = Plan::new(7, 10);
        let first = rule("a", |rule| (rule.skip, rule.times) = (2, Some(2)));
        let second = rule("b", |rule| rule.times = Some(1));
        plan.add(vec![first, second]).expect("they fit");
        assert_eq!(falls(&plan, 6), "b-aa--");
        let counts: Vec<_> = plan.all().iter().map(|one| (one.tried, one.fired)).collect();
        assert_eq!(counts, [(6, 2), (4, 1)]);
    }

    #[test]
    fn dice_fall_by_seed_and_id_and_as_likely_as_they_should() {
        let plan = |seed, id| {
            let plan = Plan::new(seed, 10);
            plan.add(vec![rule(id, |rule| rule.chance = 0.25)]).expect("it fits");
            plan
        };
        assert_eq!(falls(&plan(7, "a"), 200), falls(&plan(7, "a"), 200));
        assert_ne!(falls(&plan(7, "a"), 200), falls(&plan(8, "a"), 200));
        assert_ne!(falls(&plan(7, "a"), 200).replace('a', "x"), falls(&plan(7, "b"), 200).replace('b', "x"));
        let fired = falls(&plan(7, "a"), 4000).matches('a').count();
        assert!((900..1100).contains(&fired), "{fired} of 4000");
        for (chance, fired) in [(0.0, "---"), (1.0, "aaa")] {
            let plan = Plan::new(7, 10);
            plan.add(vec![rule("a", |rule| rule.chance = chance)]).expect("it fits");
            assert_eq!(falls(&plan, 3), fired);
        }
    }
}
