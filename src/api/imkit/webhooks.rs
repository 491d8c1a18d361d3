//! IMKIT's room webhooks: what a room's receiver is told of facts, and what its answer does.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::details::Details;
use crate::api::imkit::message_view::{MessageView, Place};
use crate::api::imkit::messages::SendMessage;
use crate::api::parcel::Parcel;
use crate::domain::imkit::ImkitApp;
use crate::domain::imkit::message::Message;
use crate::domain::imkit::posting::Draft;
use crate::domain::imkit::room::{Actor, Shown, Webhook};
use crate::domain::imkit::user::Client;
use crate::kernel::delivery::Outcome;
use crate::kernel::fact::{Event, Fact, Fields};
use crate::kernel::names::{EntityId, UserId};
use crate::kernel::turn::Origin;

/// How long a receiver may take.
// Assumed: a webhook has five seconds and is sent once.
pub const TIMEOUT: Duration = Duration::from_secs(5);

/// An event as webhooks name it, with its data.
struct News {
    event: &'static str,
    data: Value,
}

/// What a room's receiver is told of an event, if the room has one.
// Assumed: a webhook is sent whatever botMode and systemMessage say; system messages, changes and recalls are none of its
// events; and one call that removes others and the caller itself makes two.
pub fn parcel(app: &Arc<ImkitApp>, seq: u64, event: &Event) -> Option<Parcel> {
    let (news, fields) = news(app, event)?;
    let details = Details(fields);
    let Webhook(webhook) = details.get("webhook")?.downcast()?;
    let target = address_of(webhook, app.settings().options.webhook_prefix.as_deref())?;
    let room = event.scope.id.clone();
    let body = json!({
        "appID": app.id, "clientID": event.by, "roomID": room, "event": news.event,
        "botState": details.text("botState"), "data": news.data,
    });
    let (answering, command) = (app.clone(), news.event);
    Some(Parcel {
        tenancy: app.tenancy.clone(),
        receiver: target.as_str().into(),
        target,
        token: None,
        command,
        body: Bytes::from(body.to_string()),
        cause: Some(seq),
        call: None,
        timeout: TIMEOUT,
        repeats: false,
        reader: Some(Box::new(move |outcome| take(&answering, &room, outcome))),
    })
}

/// Where it goes: a URL, or a key behind the application's prefix; nowhere where there is none.
// Assumed: what does not begin with http:// or https:// is a key.
fn address_of(webhook: &str, prefix: Option<&str>) -> Option<String> {
    if webhook.starts_with("http://") || webhook.starts_with("https://") {
        return Some(webhook.to_owned());
    }
    prefix.map(|prefix| format!("{prefix}{webhook}"))
}

fn news<'e>(app: &Arc<ImkitApp>, event: &'e Event) -> Option<(News, &'e Fields)> {
    let membership = |name: &'static str, members: Vec<&UserId>| {
        let members: Value = members.into_iter().map(|id| person(app, id)).collect();
        let sender = (!event.by.is_empty()).then(|| person(app, &event.by));
        let data = json!({"room": event.scope.id, "sender": sender, "members": members});
        News { event: name, data }
    };
    match &event.fact {
        Fact::Created { members, fields } => {
            // Assumed: making a room tells of those who were brought in, the caller aside.
            let others: Vec<&UserId> = members.iter().filter(|id| **id != event.by).collect();
            (!others.is_empty()).then(|| (membership("ADD_MEMBERS", others), fields))
        }
        Fact::Joined { members, how, fields } => {
            let name = if *how == "joined" { "JOIN_ROOM" } else { "ADD_MEMBERS" };
            Some((membership(name, members.iter().collect()), fields))
        }
        Fact::Left { members, fields, .. } => {
            Some((membership("DELETE_MEMBERS", members.iter().map(|gone| &gone.id).collect()), fields))
        }
        Fact::Posted { fields } if Details(fields).has("webhook") => {
            let message = Details(fields).get("message")?.downcast::<Message>()?;
            Some((News { event: "MESSAGE", data: message_data(app, event, message) }, fields))
        }
        Fact::Posted { .. }
        | Fact::Destroyed { .. }
        | Fact::Invited { .. }
        | Fact::InvitationEnded { .. }
        | Fact::OwnerChanged { .. }
        | Fact::MemberChanged { .. }
        | Fact::RoleChanged { .. }
        | Fact::Muted { .. }
        | Fact::Banned { .. }
        | Fact::SeatChanged { .. }
        | Fact::InfoChanged { .. }
        | Fact::Recalled { .. }
        | Fact::AccountChanged { .. }
        | Fact::Pushed { .. }
        | Fact::TenantOpened
        | Fact::TenantDropped { .. }
        | Fact::Seeded
        | Fact::Reset => None,
    }
}

/// A client as webhooks show it.
fn person(app: &ImkitApp, id: &UserId) -> Value {
    let client = app.users.get(id).unwrap_or_else(|| Arc::new(Client { id: id.clone(), ..Client::default() }));
    let mut person = json!({"_id": id});
    if let Some((_, nickname)) = client.fields.iter().find(|(name, _)| name == "nickname") {
        person["nickname"] = json!(nickname);
    }
    person["isRobot"] = json!(client.is_robot);
    person["lastLoginTimeMS"] = json!(0);
    person["id"] = json!(id);
    person
}

/// A message with its times in both forms.
// Assumed: the message is that of the answer to sending, with its times as ISO texts and __v after it.
fn message_data(app: &Arc<ImkitApp>, event: &Event, message: &Message) -> Value {
    let shown = Arc::new(message.clone());
    let caller = Actor { client: event.by.clone(), admin: false };
    let found = app.rooms.read(&event.scope.id, |room| Ok(room.shown(&shown, &caller)));
    let shown = found.unwrap_or(Shown { message: shown, reply: None, is_deleted: false });
    let view = MessageView { app: app.clone(), shown, place: Place::List };
    let mut data = serde_json::to_value(view).unwrap_or_default();
    for (name, moment) in
        [("messageTime", message.sent), ("updatedAt", message.updated), ("createdAt", message.created)]
    {
        data[name] = json!(moment.to_string());
    }
    data["__v"] = json!(0);
    data
}

/// What a receiver answers.
#[derive(Debug, Default, Deserialize)]
struct Answer {
    #[serde(rename = "senderID", default)]
    sender: Option<UserId>,
    #[serde(rename = "toBotState", default)]
    bot_state: Option<String>,
    #[serde(default)]
    data: Option<SendMessage>,
}

/// Does what the answer asks for; says why where it cannot.
// Assumed: an answer that cannot be followed in one part is followed in the other, and nobody but the journal learns of it.
fn take(app: &ImkitApp, room: &EntityId, outcome: &Outcome) -> Option<String> {
    let body = outcome.ok_body()?.trim_ascii();
    if body.is_empty() {
        return None;
    }
    let answer: Answer = match body.first() {
        Some(b'{') => match serde_json::from_slice(body) {
            Ok(answer) => answer,
            Err(fault) => return Some(format!("the answer is not followed: {fault}")),
        },
        _ => return Some("the answer is not followed: it is no JSON object".into()),
    };
    let Answer { sender, bot_state, data } = answer;
    let sender = sender.filter(|id| !id.is_empty());
    let origin = Origin { by: sender.clone().unwrap_or_default(), call: None };
    let mut outcomes = Vec::new();
    if let Some(bot_state) = bot_state {
        outcomes.push(app.rooms.change(&origin, room, |room, turn| {
            room.set_bot_state(turn, bot_state);
            Ok(())
        }));
    }
    if let Some(message) = data {
        match drafted(app, sender, message) {
            Ok(draft) => outcomes.push(app.rooms.change(&origin, room, |room, turn| room.answer(turn, draft))),
            Err(fault) => return Some(format!("the message is not posted: {fault}")),
        }
    }
    outcomes.into_iter().find_map(Result::err).map(|error| format!("the answer is not followed: {error}"))
}

fn drafted(app: &ImkitApp, sender: Option<UserId>, message: SendMessage) -> Result<Draft, String> {
    if let Some(stranger) = sender.as_ref().filter(|id| app.users.get(id).is_none()) {
        return Err(format!("senderID: there is no client {stranger:?}"));
    }
    let mut draft = message.into_draft().map_err(|invalid| invalid.sentence())?;
    app.config.censor(&mut draft.content);
    Ok(Draft { sender, ..draft })
}
