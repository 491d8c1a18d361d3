//! Limit: a documented bound, written once, named in the row of each operation that has it.

use std::fmt;
use std::ops::RangeInclusive;

use crate::domain::invalid::Invalid;

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Entries of an array, as sent, before duplicates are removed.
    Entries,
    /// Bytes of the UTF-8 form.
    Bytes,
    /// The number itself.
    Value,
}

/// A documented bound of one field.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// The field, as a JSON path in the request.
    pub field: &'static str,
    /// What is counted.
    pub unit: Unit,
    /// The least allowed.
    pub min: u64,
    /// The most allowed in the `seed` profile, which is the default one.
    pub max: u64,
    /// The most allowed in the `current` profile.
    pub current_max: u64,
}

impl Limit {
    /// So many entries of an array.
    pub const fn count(field: &'static str, range: RangeInclusive<u64>) -> Self {
        Self::new(field, Unit::Entries, range)
    }

    /// So many bytes of UTF-8.
    pub const fn bytes(field: &'static str, range: RangeInclusive<u64>) -> Self {
        Self::new(field, Unit::Bytes, range)
    }

    /// A number in this range.
    pub const fn value(field: &'static str, range: RangeInclusive<u64>) -> Self {
        Self::new(field, Unit::Value, range)
    }

    const fn new(field: &'static str, unit: Unit, range: RangeInclusive<u64>) -> Self {
        Self { field, unit, min: *range.start(), max: *range.end(), current_max: *range.end() }
    }

    /// The same limit with another maximum in the `current` profile.
    pub const fn current(mut self, max: u64) -> Self {
        self.current_max = max;
        self
    }

    /// Whether `amount` is inside; `max` is the maximum in force.
    ///
    /// # Errors
    /// What is wrong, for a person, with the field, the amount and the limit.
    pub fn check(&self, amount: u64, max: u64) -> Result<(), Invalid> {
        let unit = match self.unit {
            Unit::Entries => " entries",
            Unit::Bytes => " bytes",
            Unit::Value => "",
        };
        if amount < self.min {
            return Err(Invalid::new(
                self.field,
                format!("{amount}{unit}; the documented minimum is {}{unit}", self.min),
            ));
        }
        if amount > max {
            return Err(Invalid::new(self.field, format!("{amount}{unit}; the documented maximum is {max}{unit}")));
        }
        Ok(())
    }
}

impl fmt::Display for Limit {
    /// For tables: `MemberToDel_Account: 1 to 500 entries`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Entries => " entries",
            Unit::Bytes => " bytes",
            Unit::Value => "",
        };
        write!(f, "{}: {} to {}{unit}", self.field, self.min, self.max)?;
        if self.current_max != self.max {
            write!(f, " (current profile: {})", self.current_max)?;
        }
        Ok(())
    }
}
