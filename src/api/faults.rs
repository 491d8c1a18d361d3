//! Fault rules in the vendors' words: which operations and codes there are, and the envelope that an error comes in.

use std::borrow::Cow;
use std::sync::Arc;

use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};

use crate::api::house::House;
use crate::api::imkit::codes::ImkitRefusal;
use crate::api::imkit::gateway::RETRY_AFTER;
use crate::api::imkit::sockets::sign_in::SIGN_IN;
use crate::api::imkit::{self, code_table as imkit_codes};
use crate::api::operation::Operation;
use crate::api::reply::Reply;
use crate::api::router::{Surface, operations};
use crate::api::tencent::codes::TencentRefusal;
use crate::api::tencent::{self, code_table as tencent_codes};
use crate::api::why::{nearest, quote_text};
use crate::domain::world::World;
use crate::faults::pattern::name_matches;
use crate::faults::plan::Question;
use crate::faults::rule::{Effect, Match, Rule, Wrong};
use crate::kernel::tenancy::TenantKey;

/// What calls without an operation are called.
pub const UNKNOWN: [&str; 2] = ["tencent.unknown", "imkit.unknown"];

/// Checks a rule: its own form first, then that its names and codes are known.
///
/// # Errors
/// The first fault.
pub fn check(rule: &Rule) -> Result<(), Wrong> {
    rule.check()?;
    let matching = rule.matching.as_ref().ok_or_else(|| Wrong::new("match", "is required"))?;
    if let Some(pattern) = &matching.operation {
        check_operation(pattern)?;
    }
    let surface = surface_of(matching)?;
    let Effect::Error { number, code, .. } = rule.effect() else { return Ok(()) };
    match surface {
        Some(Surface::Tencent) => check_tencent(number, code),
        Some(Surface::Imkit) => check_imkit(number, code),
        _ => {
            let why = "is of one vendor, and match is not: give it an operation, a tenant or a path of that vendor";
            Err(Wrong::new("then.error", why))
        }
    }
}

/// What operations are called in exchanges, those of sockets among them; control calls are in no journal, and no rule is
/// for them.
pub fn names() -> impl Iterator<Item = &'static str> {
    let rows = operations().filter(|row| row.vendor() != "control");
    // No path leads to signing in over a socket, so its row is in no table.
    rows.map(|row| row.name).chain([SIGN_IN.name]).chain(UNKNOWN)
}

fn check_operation(pattern: &str) -> Result<(), Wrong> {
    if names().any(|name| name_matches(pattern, name)) {
        return Ok(());
    }
    let nearest = nearest(pattern, names());
    let control = if pattern.starts_with("control") { "; faults never touch the control API" } else { "" };
    let why = format!("there is no operation {}{control}; the nearest known one is {nearest}", quote_text(pattern));
    Err(Wrong::new("match.operation", why))
}

/// Whose calls can be meant: one vendor's, or `None` for either's.
fn surface_of(matching: &Match) -> Result<Option<Surface>, Wrong> {
    let by_operation = matching.operation.as_deref().and_then(|pattern| {
        let mut surfaces = names().filter(|name| name_matches(pattern, name)).map(surface_of_name);
        let first = surfaces.next()?;
        surfaces.all(|other| other == first).then_some(first)
    });
    let by_tenant = matching.tenant.as_ref().map(|tenant| match &tenant.tencent {
        Some(_) => Surface::Tencent,
        None => Surface::Imkit,
    });
    let by_path = matching.path.as_deref().and_then(surface_of_path);
    if by_path == Some(Surface::Control) {
        return Err(Wrong::new("match.path", "faults never touch the control API"));
    }
    let mut found = None;
    for (path, surface) in [("match.operation", by_operation), ("match.tenant", by_tenant), ("match.path", by_path)] {
        if let (Some(surface), Some(before)) = (surface, found.or(surface))
            && surface != before
        {
            return Err(Wrong::new(path, "is another vendor's than the rest of match: no call can be meant"));
        }
        found = found.or(surface);
    }
    Ok(found)
}

fn surface_of_name(name: &str) -> Surface {
    if name.starts_with("tencent.") { Surface::Tencent } else { Surface::Imkit }
}

fn surface_of_path(pattern: &str) -> Option<Surface> {
    let Some(start) = pattern.strip_suffix('*') else { return Some(Surface::of(pattern)) };
    let roots = ["/v4/", "/_imulator/"];
    // What is shorter than a root can go on into several surfaces.
    let open = roots.iter().any(|root| root.starts_with(start));
    (!open).then(|| Surface::of(start))
}

fn check_tencent(number: u32, code: Option<&str>) -> Result<(), Wrong> {
    if code.is_some() {
        return Err(Wrong::new("then.code", "is IMKIT's; Tencent's codes are numbers"));
    }
    if tencent_codes::find(number).is_some() {
        return Ok(());
    }
    let nearest = tencent_codes::nearest(number);
    Err(Wrong::new(
        "then.error",
        format!("{number} is no documented code of Tencent's; the nearest known one is {nearest}"),
    ))
}

fn check_imkit(number: u32, code: Option<&str>) -> Result<(), Wrong> {
    if imkit_codes::find(number, None).is_none() {
        let nearest = imkit_codes::nearest_status(number);
        let why = format!(
            "IMKIT has no RC {number}; the nearest known one is {nearest}; a bare HTTP status is {{\"status\":{number}}}"
        );
        return Err(Wrong::new("then.error", why));
    }
    match code {
        Some(code) if imkit_codes::find(number, Some(code)).is_none() => {
            let nearest = imkit_codes::nearest_code(number, code);
            let why = format!("IMKIT has no {} with RC {number}; the nearest known one is {nearest}", quote_text(code));
            Err(Wrong::new("then.code", why))
        }
        _ => Ok(()),
    }
}

/// A call that faults may befall.
#[derive(Clone, Copy, Debug)]
pub struct Disturbed<'c> {
    /// The house it came to.
    pub house: &'c House,
    /// Its world.
    pub world: &'c World,
    /// Whose surface it is on.
    pub surface: Surface,
    /// Its number.
    pub number: u64,
    /// The row that answers it, if one does.
    pub operation: Option<&'static Operation>,
    /// Its head.
    pub head: &'c Parts,
    /// Its body.
    pub body: &'c [u8],
}

impl Disturbed<'_> {
    /// The rule that befalls it, and the tenant that it names.
    pub fn decide(&self) -> Option<(Arc<Rule>, Option<TenantKey>)> {
        // A browser that asks whether it may call is no call.
        let preflight = self.surface == Surface::Imkit && self.head.method == Method::OPTIONS;
        if self.surface == Surface::Control || preflight {
            return None;
        }
        let (tenant, unknown) = match self.surface {
            Surface::Tencent => (tencent::gateway::tenant_named(self.world, self.head), UNKNOWN[0]),
            _ => (imkit::gateway::tenant_named(self.world, self.head), UNKNOWN[1]),
        };
        let rule = self.house.faults.decide(Question {
            operation: self.operation.map_or(unknown, |row| row.name),
            tenant: tenant.as_ref(),
            path: self.head.uri.path(),
            body: self.body,
        })?;
        Some((rule, tenant))
    }

    /// The reply that a rule makes by itself, without the operation; `None` if it makes none.
    pub fn reply(&self, rule: &Rule) -> Option<Reply> {
        let id = rule.name();
        match rule.effect() {
            Effect::Error { number, info, code } => {
                let why = format!("fault rule {id}: answers with the error {number}");
                Some(self.error(number, info, code, why))
            }
            Effect::Reply { status, body } => {
                let why = format!("fault rule {id}: answers with the status {status}");
                let json = serde_json::from_str::<serde::de::IgnoredAny>(body).is_ok();
                let kind = if json { "application/json" } else { "text/plain; charset=utf-8" };
                let mut reply = Reply::new(StatusCode::from_u16(status).ok()?, body.to_owned());
                reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
                Some(Reply { why: Some(why), ..reply })
            }
            _ => None,
        }
    }

    fn error(&self, number: u32, info: Option<&str>, code: Option<&str>, why: String) -> Reply {
        let (house, head) = (self.house, self.head);
        if self.surface == Surface::Tencent {
            let refusal = TencentRefusal::new(number, why);
            let refusal = info.map(|info| refusal.clone().with_info(info.to_owned())).unwrap_or(refusal);
            return tencent::gateway::refuse(house, self.world, self.number, head, refusal);
        }
        let &(status, rm, code) = imkit_codes::find(number, code).expect("the rule was checked");
        let status = StatusCode::from_u16(status).expect("the table has statuses");
        let rm = info.map_or(Cow::Borrowed(rm), |info| Cow::Owned(info.to_owned()));
        let message = rm.to_string();
        ImkitRefusal {
            status,
            rm,
            code: code.into(),
            message,
            why,
            retry_after: (number == 429).then_some(RETRY_AFTER),
        }
        .reply()
    }
}
