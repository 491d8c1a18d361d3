//! Messages with the app's receiver in between: it is asked before they are sent, and told of those that are refused.

use serde_json::{Value, json};

use crate::api::call::Call;
use crate::api::tencent::callbacks::before::{self, Asker, Leave, code_and_text};
use crate::api::tencent::gateway::Tencent;
use crate::api::tencent::groups::fields::{act, check_known, look};
use crate::api::tencent::groups::messages::{BODY, PER_SECOND};
use crate::domain::groups::error::GroupError;
use crate::domain::groups::kind::GroupType;
use crate::domain::groups::member::seconds_of;
use crate::domain::groups::sending::{Bounds, Draft, Sent};

/// Sends a message, once the receiver lets it through; `asks` says whether the call wants it asked.
///
/// # Errors
/// What the rules or the receiver refuse with.
pub async fn send(call: &Call<Tencent>, id: &str, draft: Draft, asks: bool) -> Result<Sent, GroupError> {
    let asker = Asker::of_call(call);
    let message = asker.asks(before::SEND_EXCEPTION).then(|| message_of(call, &draft));
    let sent = ask_then_send(call, &asker, id, draft, asks).await;
    if let (Some(message), Err(error)) = (message, &sent) {
        tell_refused(call, &asker, id, message, error);
    }
    sent
}

async fn ask_then_send(
    call: &Call<Tencent>,
    asker: &Asker<'_>,
    id: &str,
    mut draft: Draft,
    asks: bool,
) -> Result<Sent, GroupError> {
    if asks && asker.asks(before::SEND_MSG) {
        let now = seconds_of(call.app.tenancy.now());
        let of = look(call, id, |group| {
            check_known(call, "From_Account", &draft.from)?;
            group.may_send(&draft, now).map(|()| group.info.group_type)
        })??;
        let question = in_group(id, of, message_of(call, &draft));
        let Leave { silently_dropped, body, .. } = asker.ask(before::SEND_MSG, question).await?;
        if silently_dropped {
            // Assumed: a message that is silently dropped takes no number and is answered with MsgSeq 0.
            return Ok(Sent { time: now, seq: 0, repeated: false });
        }
        draft.body = body.unwrap_or(draft.body);
        call.within(&BODY, draft.body.json().len()).map_err(GroupError::BodyTooLong)?;
    }
    let bounds = Bounds { kept: call.app.groups.messages_max(), per_second: call.enforced(&PER_SECOND) };
    act(call, id, |group, turn| {
        check_known(call, "From_Account", &draft.from)?;
        group.send(turn, draft, bounds, &call.settings().options)
    })
}

// Assumed: the receiver is told of a message that the rules of an existing group or the receiver itself refused, and not
// of one with a wrong field.
fn tell_refused(call: &Call<Tencent>, asker: &Asker<'_>, id: &str, message: Value, error: &GroupError) {
    let Ok(of) = look(call, id, |group| group.info.group_type) else { return };
    let (code, text) = code_and_text(error);
    asker.tell(before::SEND_EXCEPTION, || {
        let mut told = in_group(id, of, message);
        told["ErrorCode"] = json!(code);
        told["ErrorInfo"] = json!(text);
        told
    });
}

/// The fields of a message, in the documented order.
// Assumed: CloudCustomData and TopicId stand only in the callbacks of messages that have them.
fn message_of(call: &Call<Tencent>, draft: &Draft) -> Value {
    let body: Value = serde_json::from_str(draft.body.json()).unwrap_or_default();
    let mut message = json!({"From_Account": draft.from, "Operator_Account": call.caller.identifier,
        "Random": draft.random, "OnlineOnlyFlag": u8::from(draft.online_only), "MsgBody": body});
    if let Some(data) = &draft.cloud_custom_data {
        message["CloudCustomData"] = json!(data);
    }
    if let Some(topic) = &draft.topic {
        message["TopicId"] = json!(topic);
    }
    message
}

/// A message with the group that it is for, in front.
fn in_group(id: &str, of: GroupType, message: Value) -> Value {
    let mut told = json!({"GroupId": id, "Type": of.word()});
    if let (Value::Object(told), Value::Object(message)) = (&mut told, message) {
        told.extend(message);
    }
    told
}
