//! Verify: whether the journal holds so many entries of a kind; it says 409 rather than guess.

use std::ops::ControlFlow;
use std::time::Duration;

use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::call::Call;
use crate::api::control::gateway::{Control, ControlRefusal};
use crate::api::control::journal::{WAIT_MS_MAX, check_kind, check_operation, is_tenant, operation_of, unknown};
use crate::api::control::state::TenantName;
use crate::api::entry::{self, KINDS, kind_of, part};
use crate::api::house::House;
use crate::api::told::Told;
use crate::domain::{imkit, tencent};
use crate::faults::pattern::{holds, name_matches};
use crate::kernel::clock::{Stopwatch, sleep_real};
use crate::kernel::fact::EVENTS;
use crate::kernel::journal::{Entry, Page, Record};

/// Which entries are counted; every member that is there has to fit.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Match {
    /// `exchange`, `event` or `delivery`.
    kind: Option<String>,
    /// An operation's name; it may end in `*`.
    operation: Option<String>,
    /// The tenant.
    tenant: Option<TenantName>,
    /// The path of a request; it may end in `*`.
    path: Option<String>,
    /// What the request's body has at least.
    body: Option<Value>,
    /// An event's name.
    event: Option<String>,
    /// An account that would have been told of the event.
    audience: Option<String>,
    /// The code of the reply: Tencent's `ErrorCode`, IMKIT's `RC`.
    code: Option<i64>,
}

/// How many there have to be.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Count {
    /// So many.
    exactly: Option<u64>,
    /// At least so many: 1 if nothing is said.
    min: Option<u64>,
    /// At most so many.
    max: Option<u64>,
}

/// What is asked.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Verify {
    /// Which entries.
    #[serde(rename = "match")]
    wanted: Match,
    /// How many.
    count: Count,
    /// Entries after this number only.
    after: u64,
    /// How long to wait until it holds, in milliseconds, at most 30000.
    wait_ms: u64,
}

/// The answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Verified {
    /// Whether it holds.
    holds: bool,
    /// The entries that match.
    matched: Vec<u64>,
}

/// What the entries that were looked at say.
#[derive(Debug, Default)]
struct Tally {
    matched: Vec<u64>,
    /// Entries that could not be looked at: they fell out, or what was to be looked at was cut.
    unknown: u64,
}

/// `POST /_imulator/verify`.
///
/// # Errors
/// A question that cannot be; 409 where entries that could decide it are no longer kept.
pub async fn verify(call: Call<Control>, asked: Verify) -> Result<Verified, ControlRefusal> {
    asked.wanted.check()?;
    let bounds = asked.count.bounds()?;
    if asked.wait_ms > WAIT_MS_MAX {
        return Err(ControlRefusal::invalid("wait_ms", format!("is above {WAIT_MS_MAX}")));
    }
    let house = &call.arrival.house;
    let mut stopping = house.stopping();
    let waited = Stopwatch::start();
    let mut tally = Tally::default();
    let mut after = asked.after;
    loop {
        let page = house.journal.since(after);
        tally.add(house, &asked.wanted, &page, after);
        after = after.max(page.last);
        if let ControlFlow::Break(holds) = bounds.settled(&tally) {
            return Ok(Verified { holds, matched: tally.matched });
        }
        let left = Duration::from_millis(asked.wait_ms).saturating_sub(waited.elapsed());
        if left.is_zero() || *stopping.borrow() {
            let holds = bounds.decide(&tally)?;
            return Ok(Verified { holds, matched: tally.matched });
        }
        tokio::select! {
            () = house.journal.news_after(after) => {}
            () = sleep_real(left) => {}
            // Nobody waits for an emulator that stops.
            _ = stopping.wait_for(|stopped| *stopped) => {}
        }
    }
}

/// A count as two bounds.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    min: u64,
    max: Option<u64>,
}

impl Count {
    fn bounds(self) -> Result<Bounds, ControlRefusal> {
        let Self { exactly, min, max } = self;
        match exactly {
            Some(_) if min.is_some() || max.is_some() => {
                Err(ControlRefusal::invalid("count", "has either exactly, or min and max"))
            }
            Some(count) => Ok(Bounds { min: count, max: Some(count) }),
            None if max.is_some_and(|max| max < min.unwrap_or(0)) => {
                Err(ControlRefusal::invalid("count.max", "is below min"))
            }
            // Nothing said: there has to be one.
            None => Ok(Bounds { min: min.unwrap_or(u64::from(max.is_none())), max }),
        }
    }
}

impl Bounds {
    /// Whether nothing that may still come, or is no longer known, can change the answer.
    fn settled(self, tally: &Tally) -> ControlFlow<bool> {
        let found = tally.matched.len() as u64;
        match self.max {
            Some(max) if found > max => ControlFlow::Break(false),
            // What holds now is an answer, unless entries are missing that could be too many.
            Some(max) if found >= self.min && found + tally.unknown <= max => ControlFlow::Break(true),
            None if found >= self.min => ControlFlow::Break(true),
            _ => ControlFlow::Continue(()),
        }
    }

    /// The answer once nobody waits any longer.
    fn decide(self, tally: &Tally) -> Result<bool, ControlRefusal> {
        let found = tally.matched.len() as u64;
        if found + tally.unknown < self.min {
            return Ok(false);
        }
        if tally.unknown == 0 {
            return Ok(found >= self.min && self.max.is_none_or(|max| found <= max));
        }
        let message = format!(
            "{} entries that could decide it are no longer kept in full; {found} of those that are match. Ask with a later \
             `after`, or let the journal keep more (--journal, --journal-bytes)",
            tally.unknown
        );
        Err(ControlRefusal::new(StatusCode::CONFLICT, "undecided", message))
    }
}

impl Tally {
    fn add(&mut self, house: &House, wanted: &Match, page: &Page, after: u64) {
        self.unknown += if house.journal.keeps() { page.dropped } else { page.last.saturating_sub(after) };
        let told = wanted.audience.as_deref().map(|user| Told::new(house, user, page));
        for (seq, entry) in &page.entries {
            match wanted.fits(entry) {
                Some(true) if told.as_ref().is_none_or(|told| told.of(*seq, entry)) => self.matched.push(*seq),
                Some(_) => {}
                None => self.unknown += 1,
            }
        }
    }
}

impl Match {
    fn check(&self) -> Result<(), ControlRefusal> {
        check_kind(self.kind.as_deref(), "match.kind")?;
        if let Some(event) = self.event.as_deref().filter(|event| !EVENTS.contains(event)) {
            return Err(unknown("match.event", "event", event, EVENTS.into_iter()));
        }
        check_operation(self.operation.as_deref(), "match.operation")?;
        if let Some(tenant) = &self.tenant
            && tenant.tencent.is_some() == tenant.imkit.is_some()
        {
            return Err(ControlRefusal::invalid("match.tenant", "names either tencent or imkit"));
        }
        let of_exchanges =
            self.operation.is_some() || self.path.is_some() || self.body.is_some() || self.code.is_some();
        let of_events = self.event.is_some() || self.audience.is_some();
        let kind = self.kind.as_deref();
        if of_exchanges && (of_events || kind.is_some_and(|kind| kind != KINDS[0])) {
            let message = "operation, path, body and code are of exchanges; event and audience are of events";
            return Err(ControlRefusal::invalid("match", message));
        }
        if of_events && kind.is_some_and(|kind| kind != KINDS[1]) {
            return Err(ControlRefusal::invalid("match", "event and audience are of events"));
        }
        Ok(())
    }

    /// Whether an entry fits, the audience aside; `None` where too little of it is kept to tell.
    fn fits(&self, entry: &Entry) -> Option<bool> {
        let of = |family, id: &Option<String>| id.as_deref().is_none_or(|id| is_tenant(entry, family, id));
        let tenant = self.tenant.as_ref();
        let surely = self.kind.as_deref().is_none_or(|kind| kind == kind_of(entry))
            && tenant.is_none_or(|name| of(tencent::FAMILY, &name.tencent) && of(imkit::FAMILY, &name.imkit))
            && self
                .operation
                .as_deref()
                .is_none_or(|pattern| operation_of(entry).is_some_and(|name| name_matches(pattern, name)));
        if !surely {
            return Some(false);
        }
        match &entry.record {
            Record::Event(event) => {
                let other =
                    self.operation.is_some() || self.path.is_some() || self.body.is_some() || self.code.is_some();
                Some(!other && self.event.as_deref().is_none_or(|name| name == event.fact.name()))
            }
            Record::Delivery(delivery) => {
                let other = self.event.is_some()
                    || self.audience.is_some()
                    || self.operation.is_some()
                    || self.path.is_some()
                    || self.code.is_some();
                let Some(wanted) = self.body.as_ref().filter(|_| !other) else { return Some(!other) };
                holds_in(wanted, &delivery.request, delivery.request_bytes)
            }
            Record::Exchange(_) if self.event.is_some() || self.audience.is_some() => Some(false),
            Record::Exchange(exchange) => {
                let target = String::from_utf8_lossy(exchange.part(part::TARGET));
                let path = target.split('?').next().unwrap_or_default();
                if self.path.as_deref().is_some_and(|pattern| !name_matches(pattern, path)) {
                    return Some(false);
                }
                if self.code.is_some_and(|code| entry::code_of(exchange) != Some(code)) {
                    return Some(false);
                }
                let Some(wanted) = &self.body else { return Some(true) };
                holds_in(wanted, exchange.part(part::REQUEST_BODY), exchange.request_bytes)
            }
        }
    }
}

/// Whether the body that was recorded holds what is wanted; `None` where too little of it is kept to tell.
fn holds_in(wanted: &Value, body: &[u8], bytes: u32) -> Option<bool> {
    match serde_json::from_slice(body) {
        Ok(body) => Some(holds(wanted, &body)),
        Err(_) if entry::is_cut(bytes) => None,
        Err(_) => Some(false),
    }
}
