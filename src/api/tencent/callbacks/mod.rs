//! Tencent's callbacks: to whom they go, their query, their common form, their signature.
//!
//! What they say is worded in `groups` and `rooms` from facts, and in `before` from what is about to happen.

pub mod before;
pub mod groups;
pub mod rooms;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use form_urlencoded::Serializer;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::api::details::Details;
use crate::api::parcel::Parcel;
use crate::domain::callbacks::ROOMS;
use crate::domain::client::Client;
use crate::domain::settings::Callbacks;
use crate::domain::tencent::{TencentApp, TencentSettings};
use crate::kernel::clock::Timestamp;
use crate::kernel::fact::Event;
use crate::kernel::names::UserId;

/// How long a receiver may take.
pub const TIMEOUT: Duration = Duration::from_secs(2);
/// The address of a client that tells none, and of servers.
// Assumed: servers, and clients that tell no address, call from 127.0.0.1.
const HERE: &str = "127.0.0.1";

/// What a callback says: its name and its own fields, in the documented order.
#[derive(Debug)]
pub struct News {
    /// `CallbackCommand`.
    pub command: &'static str,
    /// The fields, the name and the time aside.
    pub fields: Value,
}

/// Who acts, as the query tells it.
#[derive(Debug)]
pub struct Acting {
    /// `ClientIP`.
    ip: String,
    /// `OptPlatform`.
    platform: String,
}

impl Acting {
    /// A server, by the REST API.
    pub fn server() -> Self {
        Self { ip: HERE.into(), platform: "RESTAPI".into() }
    }

    /// A client by itself.
    // Assumed: a client that tells no platform is Unknown.
    pub fn client(client: &Client) -> Self {
        Self {
            ip: client.ip.clone().unwrap_or_else(|| HERE.into()),
            platform: client.platform.clone().unwrap_or_else(|| "Unknown".into()),
        }
    }

    fn of(event: &Event, settings: &TencentSettings) -> Self {
        let details = Details(event.fact.fields());
        let given = |name| Some(details.text(name)).filter(|text| !text.is_empty()).map(str::to_owned);
        let client = Client { platform: given("Platform"), ip: given("ClientIP") };
        let told = client != Client::default();
        // Nobody acted where a timer ran out.
        if !told && (settings.administers(&event.by) || details.has("timer")) {
            return Self::server();
        }
        Self::client(&client)
    }
}

/// What the app's receivers are told of an event, under the settings of its time.
pub fn parcels(app: &Arc<TencentApp>, seq: u64, event: &Event) -> Vec<Parcel> {
    let settings = app.settings_at(seq);
    if settings.callbacks.is_none() && settings.room_callbacks.is_none() {
        return Vec::new();
    }
    let wanted = |command: &str| receiver_of(&settings, command).is_some();
    let news = match event.scope.kind {
        "group" => groups::news(event, &wanted),
        "room" => rooms::news(event, &wanted),
        _ => Vec::new(),
    };
    let acting = Acting::of(event, &settings);
    let parcel = |news| {
        let parcel = parcel_of(app, &settings, &acting, news, event.at)?;
        Some(Parcel { cause: Some(seq), ..parcel })
    };
    news.into_iter().filter_map(parcel).collect()
}

/// Where a callback goes, if it is switched on.
// Assumed: the rooms' callbacks go where room_config says, if it says anything; else where callbacks says, as the others do.
fn receiver_of<'s>(settings: &'s TencentSettings, command: &str) -> Option<&'s str> {
    if let Some(own) = settings.room_callbacks.as_ref().filter(|_| ROOMS.contains(&command)) {
        return own.callback_command_list.iter().any(|name| name == command).then_some(&own.url);
    }
    let Callbacks { url, commands, .. } = settings.callbacks.as_ref()?;
    commands.iter().any(|name| name == command).then_some(url)
}

/// A callback ready to be sent, if it is switched on.
pub fn parcel_of(
    app: &Arc<TencentApp>,
    settings: &TencentSettings,
    acting: &Acting,
    news: News,
    at: Timestamp,
) -> Option<Parcel> {
    let receiver = receiver_of(settings, news.command)?;
    let query = Serializer::new(String::new())
        .append_pair("SdkAppid", &app.sdkappid.to_string())
        .append_pair("CallbackCommand", news.command)
        .append_pair("contenttype", "json")
        .append_pair("ClientIP", &acting.ip)
        .append_pair("OptPlatform", &acting.platform)
        .finish();
    let before = news.command.contains(".CallbackBefore");
    Some(Parcel {
        tenancy: app.tenancy.clone(),
        receiver: receiver.into(),
        target: with_query(receiver, &query),
        // Assumed: the rooms' callbacks are signed with the token of callbacks, too.
        token: settings.callbacks.as_ref().and_then(|callbacks| callbacks.token.clone()),
        command: news.command,
        body: body_of(news, at, settings.options.alphabetical),
        cause: None,
        call: None,
        timeout: TIMEOUT,
        repeats: settings.options.repeat_callbacks && !before,
        reader: None,
    })
}

/// A URL with more in its query.
// Assumed: a receiver's own query is kept, and the parameters follow it.
fn with_query(url: &str, query: &str) -> String {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    match (path.contains('?'), path.contains('/')) {
        (true, _) if url.ends_with(['?', '&']) => format!("{url}{query}"),
        (true, _) => format!("{url}&{query}"),
        (false, true) => format!("{url}?{query}"),
        (false, false) => format!("{url}/?{query}"),
    }
}

/// The name first, the time last; by option all in alphabetical order.
// Assumed: the fields of a callback stand in the order of its table, the name first and EventTime, always there, last.
fn body_of(news: News, at: Timestamp, alphabetical: bool) -> Bytes {
    let mut body = Map::new();
    body.insert("CallbackCommand".into(), json!(news.command));
    if let Value::Object(fields) = news.fields {
        body.extend(fields);
    }
    body.insert("EventTime".into(), json!(at.millis()));
    let mut body = Value::Object(body);
    if alphabetical {
        body.sort_all_objects();
    }
    Bytes::from(body.to_string())
}

/// The target with `Sign` and `RequestTime`, where the receiver has a token.
pub fn signed(target: &str, token: Option<&str>, now: Timestamp) -> String {
    use std::fmt::Write as _;
    let Some(token) = token.filter(|token| !token.is_empty()) else { return target.to_owned() };
    let time = now.seconds();
    let mut sign = String::with_capacity(64);
    for byte in Sha256::digest(format!("{token}{time}")) {
        write!(sign, "{byte:02x}").expect("a text takes what is written");
    }
    format!("{target}&Sign={sign}&RequestTime={time}")
}

/// Accounts as callbacks list them.
pub fn listed<'a>(members: impl IntoIterator<Item = &'a UserId>) -> Value {
    members.into_iter().map(|id| json!({"Member_Account": id})).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_signature_comes_out() {
        let signed = signed("http://r/?a=b", Some("xxxxyyyy"), Timestamp::from_seconds(1_669_872_112));
        let sign = "17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061";
        assert_eq!(signed, format!("http://r/?a=b&Sign={sign}&RequestTime=1669872112"));
    }

    #[test]
    fn a_receivers_own_path_and_query_are_kept() {
        for (url, whole) in [
            ("http://r", "http://r/?q"),
            ("http://r/", "http://r/?q"),
            ("http://r/p", "http://r/p?q"),
            ("http://r/p?a=b", "http://r/p?a=b&q"),
            ("http://r?a=b", "http://r?a=b&q"),
            ("http://r/p?", "http://r/p?q"),
        ] {
            assert_eq!(with_query(url, "q"), whole);
        }
    }
}
