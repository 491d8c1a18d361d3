//! Disturb: the stage that does to a call what a fault rule says. Without rules it costs one look at a number.

use std::sync::Arc;

use crate::api::faults::Disturbed;
use crate::api::house::House;
use crate::api::reply::Reply;
use crate::edge::line::{NoReply, Sent};
use crate::faults::rule::{Effect, Rule, When};
use crate::kernel::clock::sleep_real;
use crate::kernel::tenancy::TenantKey;

/// A rule that befalls a call, and the tenant that the call names.
#[derive(Debug)]
pub struct Fault {
    /// The rule.
    pub rule: Arc<Rule>,
    /// The tenant, open or not.
    pub tenant: Option<Arc<TenantKey>>,
}

/// What becomes of a call before its operation.
#[derive(Debug)]
pub enum Step {
    /// The operation answers it.
    Perform,
    /// This answers it.
    Answer(Box<Reply>),
    /// Nobody does.
    Nothing,
}

impl Fault {
    /// The fault that befalls this call, if one does.
    pub fn of(call: &Disturbed<'_>) -> Option<Self> {
        if call.house.faults.is_empty() {
            return None;
        }
        let (rule, tenant) = call.decide()?;
        Some(Self { rule, tenant: tenant.map(Arc::new) })
    }

    /// Waits as long as the rule says, and no longer than the emulator runs.
    pub async fn wait(&self, house: &House) {
        if self.rule.delay_ms == 0 {
            return;
        }
        let mut stopping = house.stopping();
        tokio::select! {
            () = sleep_real(self.rule.delay()) => {}
            _ = stopping.wait_for(|stopped| *stopped) => {}
        }
    }

    /// What becomes of the call.
    pub fn step(&self, call: &Disturbed<'_>) -> Step {
        match self.rule.effect() {
            Effect::Pass | Effect::Lost(When::After) | Effect::Truncate(_) => Step::Perform,
            Effect::Lost(When::Before) | Effect::Hang => Step::Nothing,
            Effect::Error { .. } | Effect::Reply { .. } => {
                call.reply(&self.rule).map_or(Step::Perform, |reply| Step::Answer(Box::new(reply)))
            }
        }
    }
}

/// What is sent of a reply; `reply` keeps what is recorded of it.
///
/// # Errors
/// Nothing is sent.
pub fn send(fault: Option<&Fault>, reply: &mut Option<Reply>) -> Result<Sent, NoReply> {
    match (fault.map_or(Effect::Pass, |fault| fault.rule.effect()), reply.as_mut()) {
        (Effect::Hang, _) => Err(NoReply::Hang),
        (Effect::Lost(_), _) | (_, None) => Err(NoReply::Cut),
        // A stream has no length that could be fallen short of.
        (Effect::Truncate(most), Some(reply)) if reply.flow.is_none() => {
            let sent = Sent::first(most, reply.body.clone());
            reply.body.truncate(most);
            Ok(sent)
        }
        (_, Some(reply)) => Ok(Sent::whole(reply)),
    }
    .inspect_err(|_| *reply = None)
}
