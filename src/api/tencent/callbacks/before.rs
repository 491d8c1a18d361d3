//! Callbacks before something happens: the question, the receiver's answer, and what that means for the call.
//!
//! Asked by handlers outside of every lock; the rules are checked again in the turn, because the world goes on meanwhile.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use crate::api::call::{Arrival, Call};
use crate::api::parcel::Parcel;
use crate::api::tencent::callbacks::{Acting, News, parcel_of, receiver_of};
use crate::api::tencent::codes::TencentRefusal;
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::groups::messages::check_body;
use crate::domain::client::Client;
use crate::domain::groups::error::GroupError;
use crate::domain::groups::log::Body;
use crate::domain::tencent::{TencentApp, TencentSettings};
use crate::kernel::delivery::Outcome;
use crate::kernel::names::UserId;

/// Before a group is made.
pub const CREATE_GROUP: &str = "Group.CallbackBeforeCreateGroup";
/// Before a client joins a group.
pub const APPLY_JOIN: &str = "Group.CallbackBeforeApplyJoinGroup";
/// Before members are added.
pub const INVITE_JOIN: &str = "Group.CallbackBeforeInviteJoinGroup";
/// Before a message is sent.
pub const SEND_MSG: &str = "Group.CallbackBeforeSendMsg";
/// Before a topic is made.
pub const CREATE_TOPIC: &str = "Group.CallbackBeforeCreateTopic";
/// After a group turned somebody away for want of room, or filled up.
pub const GROUP_FULL: &str = "Group.CallbackAfterGroupFull";
/// After a message was refused.
pub const SEND_EXCEPTION: &str = "Group.CallbackSendMsgException";

/// Asks and tells the receiver of one app for one call.
#[derive(Debug)]
pub struct Asker<'a> {
    arrival: &'a Arrival,
    app: &'a Arc<TencentApp>,
    settings: &'a TencentSettings,
    acting: Acting,
}

/// What the receiver let through.
#[derive(Debug, Default, PartialEq)]
pub struct Leave {
    /// Nobody is to get the message, and its sender is not to know.
    pub silently_dropped: bool,
    /// The message as it is to be sent.
    pub body: Option<Body>,
    /// Accounts that are not to be added.
    pub refused: Vec<UserId>,
}

/// The receiver's answer; the first three fields are mandatory.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(rename = "ActionStatus")]
    _action_status: String,
    error_info: String,
    error_code: i64,
    #[serde(rename = "RefusedMembers_Account", default)]
    refused: Option<Vec<UserId>>,
    #[serde(default)]
    msg_body: Option<Body>,
}

impl<'a> Asker<'a> {
    /// For a call of an administrator.
    pub fn of_call(call: &'a Call<Tencent>) -> Self {
        Self { arrival: &call.arrival, app: &call.app, settings: call.settings(), acting: Acting::server() }
    }

    /// For what a client does by itself.
    pub fn of_client(
        arrival: &'a Arrival,
        app: &'a Arc<TencentApp>,
        settings: &'a TencentSettings,
        client: &Client,
    ) -> Self {
        Self { arrival, app, settings, acting: Acting::client(client) }
    }

    /// Whether this callback is switched on.
    pub fn asks(&self, command: &str) -> bool {
        receiver_of(self.settings, command).is_some()
    }

    fn parcel(&self, command: &'static str, fields: Value) -> Option<Parcel> {
        let at = self.app.tenancy.now();
        let parcel = parcel_of(self.app, self.settings, &self.acting, News { command, fields }, at)?;
        Some(Parcel { call: Some(self.arrival.number), ..parcel })
    }

    /// Asks the receiver, if the callback is switched on; without an answer that counts the call goes on.
    ///
    /// # Errors
    /// The receiver refused; or it gave no such answer, and the app wants one for this callback.
    pub async fn ask(&self, command: &'static str, fields: Value) -> Result<Leave, GroupError> {
        let Some(reach) = self.arrival.house.reach() else { return Ok(Leave::default()) };
        let Some(parcel) = self.parcel(command, fields) else { return Ok(Leave::default()) };
        let blocks = self.settings.options.failed_callback_blocks && command == SEND_MSG;
        let reader = move |outcome: &Outcome| {
            let fault = answer_of(outcome).err()?;
            let then = if blocks { "the message is refused" } else { "the call goes on" };
            Some(format!("{fault}; {then}"))
        };
        let outcome = reach.ask(Parcel { reader: Some(Box::new(reader)), ..parcel }).await;
        match answer_of(&outcome) {
            Ok(answer) => verdict(command, answer),
            Err(fault) if blocks => Err(GroupError::Unanswered(command, fault)),
            Err(_) => Ok(Leave::default()),
        }
    }

    /// Tells the receiver of what is no event, if the callback is switched on.
    pub fn tell(&self, command: &'static str, fields: impl FnOnce() -> Value) {
        if self.asks(command)
            && let (Some(reach), Some(parcel)) = (self.arrival.house.reach(), self.parcel(command, fields()))
        {
            reach.tell(parcel);
        }
    }
}

impl Answer {
    /// Another message, where the answer has one.
    fn changed_body(&self) -> Option<&Body> {
        self.msg_body.as_ref().filter(|body| body.json() != "[]")
    }
}

/// The answer, if it is one that counts.
fn answer_of(outcome: &Outcome) -> Result<Answer, String> {
    let body = match outcome {
        Outcome::Answered { status: 200, body, .. } => body,
        Outcome::Answered { status, .. } => return Err(format!("the status is {status} and not 200")),
        Outcome::Failed(word) => return Err(format!("the receiver gave no answer ({word})")),
    };
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err("the answer is none: it is no JSON object".into());
    }
    let answer: Answer = serde_json::from_slice(body).map_err(|fault| format!("the answer is none: {fault}"))?;
    match answer.changed_body().map(|body| check_body(body, "MsgBody")) {
        Some(Err(invalid)) => Err(format!("the answer is none: {}", invalid.sentence())),
        Some(Ok(())) | None => Ok(answer),
    }
}

// Assumed: an ErrorCode that means nothing refuses as 1 does.
fn verdict(command: &'static str, answer: Answer) -> Result<Leave, GroupError> {
    let changed = answer.changed_body().cloned();
    let Answer { error_code: code, error_info: info, refused, .. } = answer;
    let own = u32::try_from(code).ok().filter(|code| matches!(code, 10_100..=10_200 | 120_001..=130_000));
    match code {
        0 => Ok(Leave { silently_dropped: false, body: changed, refused: refused.unwrap_or_default() }),
        2 if command == SEND_MSG => Ok(Leave { silently_dropped: true, ..Leave::default() }),
        _ => Err(GroupError::Vetoed { command, code, own, info }),
    }
}

/// Code and text of a refusal, as its caller gets them.
pub fn code_and_text(error: &GroupError) -> (u32, String) {
    let refusal = TencentRefusal::from(error.clone());
    (refusal.code, refusal.info.into_owned())
}
