//! What a test in the same process holds of an emulator: its fault rules and its clock.

use std::time::Duration;

use crate::api::control;
use crate::api::house::House;
use crate::kernel::clock::{OutOfRange, Timestamp};

/// The fault rules of a running emulator, as the control API takes and shows them.
#[derive(Debug)]
pub struct FaultsHandle<'e> {
    pub(super) house: &'e House,
}

impl FaultsHandle<'_> {
    /// Adds one rule or an array of them, all or none; gives their ids.
    ///
    /// # Errors
    /// What is wrong, with its JSON path in front.
    pub fn add(&self, rules: impl Into<serde_json::Value>) -> Result<Vec<String>, FaultError> {
        let added = control::faults::add_value(self.house, &rules.into())
            .map_err(|refusal| FaultError { path: refusal.path, message: refusal.message })?;
        Ok(added.iter().map(|one| one.rule.name().to_owned()).collect())
    }

    /// All rules in order, each with how often it was `tried` and has `fired`.
    pub fn all(&self) -> Vec<serde_json::Value> {
        let rules = self.house.faults.all().into_iter().map(control::faults::RuleView::from);
        rules.map(|rule| serde_json::to_value(rule).unwrap_or_default()).collect()
    }

    /// Takes a rule away; whether it was there.
    pub fn remove(&self, id: &str) -> bool {
        self.house.faults.remove(id)
    }

    /// Takes all rules away.
    pub fn clear(&self) {
        self.house.faults.clear();
    }
}

/// A fault rule that is not taken; no other of the same call is, either.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}{message}", path.as_deref().unwrap_or(""), path.as_ref().map_or("", |_| ": "))]
pub struct FaultError {
    /// Where: a JSON path.
    pub path: Option<String>,
    /// What.
    pub message: String,
}

/// The clock of a running emulator.
#[derive(Debug)]
pub struct ClockHandle<'e> {
    pub(super) house: &'e House,
}

impl ClockHandle<'_> {
    /// Now.
    pub fn now(&self) -> Timestamp {
        self.house.clock.now()
    }

    /// `manual` or `system`.
    pub fn mode(&self) -> &'static str {
        self.house.clock.mode()
    }

    /// Moves it forward; it stands still there, and what was due until then has happened.
    pub fn advance(&self, by: Duration) -> Timestamp {
        let now = self.house.clock.advance(by);
        self.house.settle();
        now
    }

    /// Sets it to a moment, earlier or later; it stands still there, and what was due until then has happened.
    ///
    /// # Errors
    /// It cannot show that moment; nothing changed then.
    pub fn set(&self, to: Timestamp) -> Result<(), OutOfRange> {
        self.house.clock.set(to)?;
        self.house.settle();
        Ok(())
    }

    /// Lets it follow the machine's clock again.
    pub fn follow_system(&self) {
        self.house.clock.follow_system();
        self.house.settle();
    }
}
