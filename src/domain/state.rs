//! State: the versioned written form of a world — fixture, seed, snapshot and `--state` file in one format.
//!
//! Reading is strict: unknown fields are refused. What the types cannot say is checked here, every fault with its path.

use std::collections::BTreeMap;
use std::fmt;

use hashbrown::HashSet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::accounts::{TINY_ID_END, TINY_IDS_MAX, fault_of_user_id};
use crate::domain::imkit::state::ImkitState;
use crate::domain::tencent::TencentState;
use crate::kernel::clock::CLOCK_LAST;

/// The version of the format.
pub const VERSION: u32 = 1;
/// The tenant's name that stands for the template.
pub const TEMPLATE: &str = "*";

/// A state document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "State")]
pub struct State<T = TencentState, I = ImkitState> {
    /// Where the schema of this document is; for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The version of the format: 1.
    pub imulator: u32,
    /// Tencent applications by sdkappid; `*` is the template of those that open by themselves.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tencent: BTreeMap<String, T>,
    /// IMKIT applications by id; `*` is the template.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub imkit: BTreeMap<String, I>,
}

/// Something in a document that no rule allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateFault {
    /// Where: a JSON path, as in `tencent.88888888.groups[0].Type`.
    pub path: String,
    /// What.
    pub message: String,
}

impl fmt::Display for StateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

/// Words that may have to be made: a document of a million members has a path for each, and hardly ever a fault.
pub trait Words {
    /// The words.
    fn words(self) -> String;
}

impl Words for &str {
    fn words(self) -> String {
        self.to_owned()
    }
}

impl Words for &String {
    fn words(self) -> String {
        self.clone()
    }
}

impl Words for String {
    fn words(self) -> String {
        self
    }
}

impl<F: FnOnce() -> String> Words for F {
    fn words(self) -> String {
        self()
    }
}

/// Collects faults below a path.
#[derive(Debug, Default)]
pub struct Faults {
    /// All found so far.
    pub found: Vec<StateFault>,
}

impl Faults {
    /// Notes one.
    pub fn add(&mut self, path: impl Words, message: impl Words) {
        self.found.push(StateFault { path: path.words(), message: message.words() });
    }

    /// Notes one unless it holds.
    pub fn unless(&mut self, holds: bool, path: impl Words, message: impl Words) {
        if !holds {
            self.add(path, message);
        }
    }

    /// Notes every text that occurs twice.
    pub fn twice<'t>(&mut self, texts: impl Iterator<Item = (impl Words, &'t str)>) {
        let mut seen = HashSet::new();
        for (path, text) in texts {
            self.unless(seen.insert(text), path, || format!("{text:?} stands here a second time"));
        }
    }

    /// Notes an application's offset to the clock that is longer than all time that a clock can show.
    pub fn clock_offset(&mut self, path: &str, offset_ms: Option<i64>) {
        let most = CLOCK_LAST.millis();
        let holds = offset_ms.is_none_or(|offset| (-most..=most).contains(&offset));
        self.unless(holds, format!("{path}.clock_offset_ms"), format!("is not from -{most} to {most}"));
    }

    /// Notes what is wrong with a Tencent UserID.
    pub fn user_id(&mut self, path: impl Words, id: &str) {
        if let Some(fault) = fault_of_user_id(id) {
            self.add(path, fault);
        }
    }
}

impl<T, I> State<T, I> {
    /// An empty document.
    pub fn empty() -> Self {
        Self { schema: None, imulator: VERSION, tencent: BTreeMap::new(), imkit: BTreeMap::new() }
    }
}

impl State {
    /// All faults that the types could not tell.
    pub fn faults(&self) -> Vec<StateFault> {
        let mut faults = Faults::default();
        faults.unless(
            self.imulator == VERSION,
            "imulator",
            format!("is {}; this emulator reads version {VERSION}", self.imulator),
        );
        for (id, app) in &self.tencent {
            let path = format!("tencent.{id}");
            let named = id == TEMPLATE || id.parse::<u64>().is_ok_and(|number| number > 0 && number.to_string() == *id);
            faults.unless(
                named,
                &path,
                "a Tencent application is named by its sdkappid, a positive decimal number, or *",
            );
            check_tencent(app, &path, &mut faults);
        }
        for (id, app) in &self.imkit {
            app.check(&format!("imkit.{id}"), &mut faults);
        }
        self.check_imkit_keys(&mut faults);
        faults.found
    }

    /// A key leads to one application only.
    fn check_imkit_keys(&self, faults: &mut Faults) {
        for kind in ["client_keys", "api_keys"] {
            let template = self.imkit.get(TEMPLATE);
            let given = template
                .and_then(|app| if kind == "client_keys" { app.client_keys.as_ref() } else { app.api_keys.as_ref() });
            let none = given.is_none_or(Vec::is_empty);
            let path = format!("imkit.{TEMPLATE}.{kind}");
            faults.unless(none, path, "the template has no keys: whoever opens an application brings its key");
            let all = self.imkit.iter().flat_map(|(id, app)| {
                let keys = if kind == "client_keys" { &app.client_keys } else { &app.api_keys };
                keys.iter()
                    .flatten()
                    .enumerate()
                    .map(move |(at, key)| (format!("imkit.{id}.{kind}[{at}]"), key.as_str()))
            });
            faults.twice(all);
        }
    }

    /// Adds another document; an entity with the same id is replaced whole.
    pub fn merge(&mut self, other: Self) {
        for (id, app) in other.tencent {
            let to = self.tencent.entry(id).or_default();
            take(&mut to.secret_key, app.secret_key);
            take(&mut to.administrators, app.administrators);
            take(&mut to.options, app.options);
            take(&mut to.limits, app.limits);
            take(&mut to.callbacks, app.callbacks);
            take(&mut to.room_callbacks, app.room_callbacks);
            take(&mut to.ids_drawn, app.ids_drawn);
            take(&mut to.tiny_ids_drawn, app.tiny_ids_drawn);
            take(&mut to.clock_offset_ms, app.clock_offset_ms);
            replace_by(&mut to.accounts, app.accounts, |account| account.user_id.clone());
            replace_by(&mut to.groups, app.groups, |group| group.group_id.clone());
            replace_by(&mut to.rooms, app.rooms, |room| room.room_id.clone());
        }
        for (id, app) in other.imkit {
            self.imkit.entry(id).or_default().merge(app);
        }
    }
}

/// The later value, if there is one.
pub fn take<T>(to: &mut Option<T>, from: Option<T>) {
    if from.is_some() {
        *to = from;
    }
}

/// Adds entities; a later one with the same id takes the earlier one's place.
pub fn replace_by<T, K: Ord>(to: &mut Vec<T>, from: Vec<T>, id: impl Fn(&T) -> K) {
    // The usual case, and the one in which there may be a million.
    if to.is_empty() {
        *to = from;
        return;
    }
    let mut places: BTreeMap<K, usize> = to.iter().enumerate().map(|(place, entity)| (id(entity), place)).collect();
    for entity in from {
        match places.get(&id(&entity)) {
            Some(place) => to[*place] = entity,
            None => {
                places.insert(id(&entity), to.len());
                to.push(entity);
            }
        }
    }
}

fn check_tencent(app: &TencentState, path: &str, faults: &mut Faults) {
    faults.clock_offset(path, app.clock_offset_ms);
    let drawn = app.tiny_ids_drawn.is_none_or(|drawn| drawn <= TINY_IDS_MAX);
    faults.unless(drawn, format!("{path}.tiny_ids_drawn"), format!("is above {TINY_IDS_MAX}"));
    faults.twice(
        app.accounts
            .iter()
            .enumerate()
            .map(|(at, account)| (move || format!("{path}.accounts[{at}].UserID"), account.user_id.as_str())),
    );
    let mut numbers = HashSet::new();
    for (at, account) in app.accounts.iter().enumerate() {
        faults.user_id(|| format!("{path}.accounts[{at}].UserID"), &account.user_id);
        let Some(number) = account.tiny_id else { continue };
        let path = || format!("{path}.accounts[{at}].TinyId");
        faults.unless((1..TINY_ID_END).contains(&number), path, "is not from 1 to 2^62");
        faults.unless(numbers.insert(number), path, || format!("{number} stands here a second time"));
    }
    for (at, id) in app.administrators.iter().flatten().enumerate() {
        faults.user_id(format!("{path}.administrators[{at}]"), id);
    }
    let groups = app
        .groups
        .iter()
        .enumerate()
        .map(|(at, group)| (format!("{path}.groups[{at}].GroupId"), group.group_id.as_str()));
    let rooms =
        app.rooms.iter().enumerate().map(|(at, room)| (format!("{path}.rooms[{at}].RoomId"), room.room_id.as_str()));
    faults.twice(groups.chain(rooms));
    for (at, group) in app.groups.iter().enumerate() {
        group.check(&format!("{path}.groups[{at}]"), faults);
    }
    for (at, room) in app.rooms.iter().enumerate() {
        room.check(&format!("{path}.rooms[{at}]"), faults);
    }
    app.room_callbacks.iter().for_each(|callbacks| callbacks.check(&format!("{path}.room_callbacks"), faults));
    app.callbacks.iter().for_each(|callbacks| callbacks.check(&format!("{path}.callbacks"), faults));
}
