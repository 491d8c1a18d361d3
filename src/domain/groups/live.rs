//! What live rooms have — attributes, marks, admins — and counters, which most groups have.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::groups::error::GroupError;
use crate::domain::groups::group::Group;
use crate::domain::groups::member::seconds_of;
use crate::domain::groups::permits;
use crate::domain::invalid::Invalid;
use crate::kernel::fact::{Audience, Fact, Field};
use crate::kernel::names::UserId;
use crate::kernel::turn::Turn;

/// Most attributes of a group.
pub const ATTRIBUTES_MAX: usize = 16;
/// Most bytes of all names and values of attributes together.
pub const ATTRIBUTES_BYTES_MAX: usize = 16_000;
/// Most counters of a group.
pub const COUNTERS_MAX: usize = 20;
/// Most different marks in a group.
pub const MARKS_MAX: usize = 10;
/// Most accounts that have the same mark.
pub const MARKED_MAX: usize = 1000;
/// Most admins of a live room.
pub const LIVE_ADMINS_MAX: usize = 5;

/// What is done to attributes.
#[derive(Clone, Debug)]
pub enum AttributeWrite {
    /// These take the place of all.
    Set(Vec<(String, String)>),
    /// These are written over what is there.
    Modify(Vec<(String, String)>),
    /// These go.
    Delete(Vec<String>),
    /// All go.
    Clear,
}

/// An attribute as facts tell of it.
#[derive(Clone, Debug, Serialize)]
pub struct Attribute {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: String,
}

impl AttributeWrite {
    const fn word(&self) -> &'static str {
        match self {
            Self::Set(_) => "set",
            Self::Modify(_) => "modify",
            Self::Delete(_) => "delete",
            Self::Clear => "clear",
        }
    }

    /// The attributes that the call names, with their values; those that go have none.
    fn named(&self) -> Vec<Attribute> {
        let attribute = |key: &String, value: &str| Attribute { key: key.clone(), value: value.to_owned() };
        match self {
            Self::Set(list) | Self::Modify(list) => list.iter().map(|(key, value)| attribute(key, value)).collect(),
            Self::Delete(keys) => keys.iter().map(|key| attribute(key, "")).collect(),
            Self::Clear => Vec::new(),
        }
    }

    fn applied(&self, before: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, GroupError> {
        let mut after = before.clone();
        match self {
            Self::Set(list) => after = list.iter().cloned().collect(),
            Self::Modify(list) => after.extend(list.iter().cloned()),
            Self::Delete(keys) => {
                for (at, key) in keys.iter().enumerate() {
                    let field = format!("GroupAttr[{at}].key");
                    after.remove(key).ok_or_else(|| GroupError::NoAttribute { field, key: key.clone() })?;
                }
            }
            Self::Clear => after.clear(),
        }
        Ok(after)
    }
}

/// What is done to counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// The value is this.
    Set,
    /// The value grows by this.
    Increase,
    /// The value shrinks by this.
    Decrease,
}

impl Group {
    /// Writes attributes; `per_second` bounds the writes where that is enforced.
    // Assumed: attributes are of live rooms only, and who is inside is told of every write.
    ///
    /// # Errors
    /// The type has none, they are too many, too long or written too often, or one to delete is not there.
    pub fn write_attributes(
        &mut self,
        turn: &mut Turn<'_>,
        write: &AttributeWrite,
        per_second: Option<u64>,
    ) -> Result<(), GroupError> {
        self.may(&permits::LIVE)?;
        let now = seconds_of(turn.now);
        let (second, times) = self.extras.attribute_writes;
        let times = if second == now { times } else { 0 };
        if let Some(most) = per_second.filter(|most| times >= *most) {
            return Err(GroupError::AttributesTooFast(most));
        }
        let after = write.applied(&self.extras.attributes)?;
        if after.len() > ATTRIBUTES_MAX {
            let why = format!("would give the group {} attributes; it has at most {ATTRIBUTES_MAX}", after.len());
            return Err(GroupError::TooManyAttributes(Invalid::new("GroupAttr", why)));
        }
        let bytes: usize = after.iter().map(|(key, value)| key.len() + value.len()).sum();
        if bytes > ATTRIBUTES_BYTES_MAX {
            let why = format!("would make {bytes} bytes of attributes; at most {ATTRIBUTES_BYTES_MAX} are allowed");
            return Err(GroupError::AttributesTooLong(Invalid::new("GroupAttr", why)));
        }
        self.extras.attribute_writes = (now, times + 1);
        self.extras.attributes = after;
        let fields = vec![
            ("Type", self.info.group_type.word().into()),
            ("OptionType", write.word().into()),
            ("GroupAttr", Field::object(self.extras.attributes.clone())),
            ("changed", Field::object(write.named())),
        ];
        turn.record(Fact::InfoChanged { fields }, self.everybody());
        Ok(())
    }

    /// Counts; gives the new values in the order of the list.
    ///
    /// # Errors
    /// The type has no counters, there would be too many, or a value would not fit.
    pub fn count(
        &mut self,
        turn: &mut Turn<'_>,
        list: &[(String, i64)],
        count: Count,
    ) -> Result<Vec<(String, i64)>, GroupError> {
        self.may(&permits::COUNTERS)?;
        let mut after = self.extras.counters.clone();
        let mut values = Vec::with_capacity(list.len());
        for (at, (key, value)) in list.iter().enumerate() {
            let counter = after.entry(key.clone()).or_default();
            let counted = match count {
                Count::Set => Some(*value),
                Count::Increase => counter.checked_add(*value),
                Count::Decrease => counter.checked_sub(*value),
            };
            let too_large = || Invalid::new(format!("GroupCounter[{at}].Value"), "takes the counter out of 64 bits");
            *counter = counted.ok_or_else(too_large)?;
            values.push((key.clone(), *counter));
        }
        if after.len() > COUNTERS_MAX {
            let why = format!("would give the group {} counters; it has at most {COUNTERS_MAX}", after.len());
            return Err(GroupError::TooManyCounters(Invalid::new("GroupCounter", why)));
        }
        self.extras.counters = after;
        let fields = vec![("GroupCounter", Field::object(values.clone()))];
        turn.record(Fact::InfoChanged { fields }, self.everybody());
        Ok(values)
    }

    /// Drops counters; all if none is named. Those that are not there do not matter.
    ///
    /// # Errors
    /// The type has no counters.
    pub fn drop_counters(&mut self, turn: &mut Turn<'_>, keys: &[String]) -> Result<(), GroupError> {
        self.may(&permits::COUNTERS)?;
        let before = self.extras.counters.len();
        self.extras.counters.retain(|key, _| !keys.is_empty() && !keys.contains(key));
        if self.extras.counters.len() < before {
            let fields = vec![("GroupCounterDeleted", Field::object(keys.to_vec()))];
            turn.record(Fact::InfoChanged { fields }, self.everybody());
        }
        Ok(())
    }

    /// Sets or clears marks of accounts that are inside; gives those, the others are passed over.
    ///
    /// # Errors
    /// No live room, nobody of them is inside, or there would be too many marks.
    pub fn mark(
        &mut self,
        turn: &mut Turn<'_>,
        list: &[(UserId, Vec<u32>)],
        set: bool,
    ) -> Result<Vec<UserId>, GroupError> {
        self.may(&permits::LIVE)?;
        let inside = || list.iter().filter(|(user, _)| self.members.contains(user));
        if inside().next().is_none() {
            return Err(GroupError::NobodyOnline { field: "MemberList" });
        }
        let mut after = self.extras.marks.clone();
        for (user, marks) in inside() {
            let own = after.entry(user.clone()).or_default();
            own.retain(|mark| !marks.contains(mark));
            if set {
                own.extend(marks);
                own.sort_unstable();
                own.dedup();
            }
        }
        after.retain(|_, marks| !marks.is_empty());
        let mut marked: BTreeMap<u32, usize> = BTreeMap::new();
        after.values().flatten().for_each(|mark| *marked.entry(*mark).or_default() += 1);
        if marked.len() > MARKS_MAX || marked.values().any(|accounts| *accounts > MARKED_MAX) {
            let why = format!("would make more than {MARKS_MAX} marks, or one of more than {MARKED_MAX} accounts");
            return Err(Invalid::new("MemberList", why).into());
        }
        let users: Vec<UserId> = inside().map(|(user, _)| user.clone()).collect();
        self.extras.marks = after;
        let fields =
            vec![("Marks", Field::object(list.to_vec())), ("CommandType", Field::Number(if set { 1 } else { 2 }))];
        turn.record(Fact::MemberChanged { members: users.clone(), fields }, self.everybody());
        Ok(users)
    }

    /// Makes accounts admins of a live room, or ordinary visitors again.
    ///
    /// # Errors
    /// No live room, or too many admins.
    pub fn set_live_admins(&mut self, turn: &mut Turn<'_>, users: &[UserId], set: bool) -> Result<(), GroupError> {
        self.may(&permits::LIVE)?;
        let mut after = self.extras.live_admins.clone();
        let mut changed = Vec::new();
        for user in users {
            let is = after.contains(user);
            if is == set {
                continue;
            }
            if set {
                after.push(user.clone());
            } else {
                after.retain(|admin| admin != user);
            }
            changed.push(user.clone());
        }
        if after.len() > LIVE_ADMINS_MAX {
            let why = format!("would give the room {} admins; it has at most {LIVE_ADMINS_MAX}", after.len());
            return Err(Invalid::new("Admin_Account", why).into());
        }
        self.extras.live_admins = after;
        if !changed.is_empty() {
            let (word, notice) = if set { ("Admin", 9) } else { ("Member", 10) };
            let of = self.info.group_type.word();
            let fields = vec![("Type", of.into()), ("Role", word.into()), ("Notice", Field::Number(notice))];
            turn.record(Fact::RoleChanged { members: changed.clone(), fields }, Audience::Accounts(changed));
        }
        Ok(())
    }
}
