//! The journal over HTTP: filters, pages, waiting.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::control::gateway::{Control, ControlRefusal};
use crate::api::control::state::{Nothing, TenantName};
use crate::api::entry::{EntryView, KINDS, kind_of};
use crate::api::faults::names;
use crate::api::house::House;
use crate::api::told::Told;
use crate::api::why::nearest;
use crate::domain::{imkit, tencent};
use crate::faults::pattern::name_matches;
use crate::kernel::clock::{Stopwatch, sleep_real};
use crate::kernel::journal::{Entry, Numbered, Page, Record};
use crate::kernel::names::EntityId;
use crate::kernel::tenancy::TenantKey;

/// Entries on a page where `limit` is absent.
const LIMIT_DEFAULT: usize = 100;
/// Most entries on a page.
const LIMIT_MAX: usize = 10_000;
/// The longest wait, in milliseconds.
pub(super) const WAIT_MS_MAX: u64 = 30_000;

/// Which entries.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// `exchange`, `event` or `delivery`.
    kind: Option<String>,
    /// A sdkappid.
    tencent: Option<String>,
    /// An IMKIT application's id.
    imkit: Option<String>,
    /// An operation's name; it may end in `*`.
    operation: Option<String>,
    /// A call's number.
    call: Option<u64>,
    /// An account: events that it would have been told of.
    audience: Option<String>,
    /// Entries after this number only.
    pub(super) after: u64,
    /// Most entries: 100 if absent, at most 10000.
    pub(super) limit: Option<usize>,
    /// How long to wait until one matches, in milliseconds, at most 30000.
    pub(super) wait_ms: u64,
}

/// A page of the journal.
#[derive(Debug, Serialize, JsonSchema)]
pub struct JournalPage {
    /// Entries, oldest first.
    #[schemars(with = "Vec<serde_json::Value>")]
    entries: Vec<EntryView>,
    // Assumed: `last` is the journal's last number, also where `limit` cut the page; the next page starts after the last
    // entry's own number.
    /// The last number given, also where `limit` cut the page.
    last: u64,
    /// How many entries after `after` had already fallen out.
    dropped: u64,
}

/// `GET /_imulator/journal`.
///
/// # Errors
/// A filter that cannot be.
pub async fn get(call: Call<Control>, filter: Filter) -> Result<JournalPage, ControlRefusal> {
    filter.check()?;
    let journal = &call.arrival.house.journal;
    let mut stopping = call.arrival.house.stopping();
    let waited = Stopwatch::start();
    let limit = filter.limit.unwrap_or(LIMIT_DEFAULT);
    let (mut after, mut dropped) = (filter.after, 0);
    loop {
        let page = journal.since(after);
        dropped += page.dropped;
        let matching = filter.pick(&call.arrival.house, &page);
        let entries: Vec<EntryView> = matching.into_iter().take(limit).map(EntryView).collect();
        let left = Duration::from_millis(filter.wait_ms).saturating_sub(waited.elapsed());
        if !entries.is_empty() || limit == 0 || left.is_zero() {
            return Ok(JournalPage { entries, last: page.last, dropped });
        }
        // What is there does not match; only what comes is looked at from here on.
        after = after.max(page.last);
        tokio::select! {
            () = journal.news_after(after) => {}
            () = sleep_real(left) => {}
            // Nobody waits for an emulator that stops.
            _ = stopping.wait_for(|stopped| *stopped) => {
                return Ok(JournalPage { entries: Vec::new(), last: journal.last(), dropped });
            }
        }
    }
}

impl Filter {
    /// The entries of a page that pass.
    pub(super) fn pick(&self, house: &House, page: &Page) -> Vec<Numbered> {
        let told = self.audience.as_deref().map(|user| Told::new(house, user, page));
        page.entries.iter().filter(|entry| self.matches(entry, told.as_ref())).cloned().collect()
    }

    /// The tenant whose entries alone it lets pass, if it names one.
    pub(super) fn tenant(&self) -> Option<TenantKey> {
        let named = [(tencent::FAMILY, &self.tencent), (imkit::FAMILY, &self.imkit)];
        named.into_iter().find_map(|(family, id)| Some(TenantKey { family, id: EntityId::new(id.as_deref()?) }))
    }

    /// Whether it can be.
    ///
    /// # Errors
    /// An unknown kind or operation, a limit or a wait above its bound.
    pub(super) fn check(&self) -> Result<(), ControlRefusal> {
        check_kind(self.kind.as_deref(), "kind")?;
        check_operation(self.operation.as_deref(), "operation")?;
        if self.limit.is_some_and(|limit| limit > LIMIT_MAX) {
            return Err(ControlRefusal::invalid("limit", format!("is above {LIMIT_MAX}")));
        }
        if self.wait_ms > WAIT_MS_MAX {
            return Err(ControlRefusal::invalid("wait_ms", format!("is above {WAIT_MS_MAX}")));
        }
        Ok(())
    }

    fn matches(&self, (seq, entry): &Numbered, told: Option<&Told>) -> bool {
        let operation = operation_of(entry);
        let wanted = |family, id: &Option<String>| id.as_deref().is_none_or(|id| is_tenant(entry, family, id));
        self.kind.as_deref().is_none_or(|wanted| wanted == kind_of(entry))
            && wanted(tencent::FAMILY, &self.tencent)
            && wanted(imkit::FAMILY, &self.imkit)
            && self.call.is_none_or(|call| entry.call == Some(call))
            && self.operation.as_deref().is_none_or(|pattern| operation.is_some_and(|name| name_matches(pattern, name)))
            && told.is_none_or(|told| told.of(*seq, entry))
    }
}

/// Whether there are entries of this kind.
///
/// # Errors
/// There are none.
pub(super) fn check_kind(kind: Option<&str>, path: &str) -> Result<(), ControlRefusal> {
    if kind.is_none_or(|kind| KINDS.contains(&kind)) {
        return Ok(());
    }
    Err(ControlRefusal::invalid(path, format!("has to be one of {}", KINDS.join(", "))))
}

/// Whether there is an operation that this names, with `*` for any end.
///
/// # Errors
/// There is none.
pub(super) fn check_operation(pattern: Option<&str>, path: &str) -> Result<(), ControlRefusal> {
    match pattern.filter(|pattern| !names().any(|name| name_matches(pattern, name))) {
        Some(pattern) => Err(unknown(path, "operation", pattern, names())),
        None => Ok(()),
    }
}

/// The refusal of a name that is not known, with the nearest that is.
pub(super) fn unknown<'n>(path: &str, what: &str, name: &str, known: impl Iterator<Item = &'n str>) -> ControlRefusal {
    let nearest = nearest(name, known);
    ControlRefusal::invalid(path, format!("there is no {what} {name:?}; the nearest known one is {nearest}"))
}

/// The operation of an exchange.
pub(super) fn operation_of(entry: &Entry) -> Option<&'static str> {
    match &entry.record {
        Record::Exchange(exchange) => Some(exchange.operation),
        Record::Event(_) | Record::Delivery(_) => None,
    }
}

/// Whether an entry is of this tenant.
pub(super) fn is_tenant(entry: &Entry, family: &str, id: &str) -> bool {
    entry.tenant.as_ref().is_some_and(|key| key.family == family && key.id.as_str() == id)
}

/// `DELETE /_imulator/journal`.
///
/// # Errors
/// None.
pub async fn delete(call: Call<Control>, which: TenantName) -> Result<Nothing, ControlRefusal> {
    let journal = &call.arrival.house.journal;
    if which.tencent.is_none() && which.imkit.is_none() {
        journal.clear();
        return Ok(Nothing {});
    }
    journal.forget(|entry| {
        which.tencent.as_deref().is_some_and(|id| is_tenant(entry, tencent::FAMILY, id))
            || which.imkit.as_deref().is_some_and(|id| is_tenant(entry, imkit::FAMILY, id))
    });
    Ok(Nothing {})
}
