//! Clients and their tokens: made or changed by the platform administrator, signed in.

use std::fmt;

use compact_str::CompactString;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::api::call::Call;
use crate::api::decode::optional;
use crate::api::imkit::client_view::RecordView;
use crate::api::imkit::codes::MISSING_PARAMETER;
use crate::api::imkit::envelope;
use crate::api::imkit::fields::{Flag, Maybe, time};
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::jwt::{self, Claims};
use crate::api::reply::Reply;
use crate::api::why::quote_text;
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::json::{Json, get, set_all};
use crate::domain::imkit::user::{Given, TEXTS, TOKEN_SECONDS, Token};
use crate::domain::invalid::Invalid;
use crate::kernel::clock::Timestamp;
use crate::kernel::names::UserId;

/// Fields that the server computes or keeps itself.
const COMPUTED: [&str; 15] = [
    "id",
    "__v",
    "appID",
    "mute",
    "clientType",
    "lastLoginTime",
    "lastLoginTimeMS",
    "lastJoinOrCreateRoomTime",
    "updatedAt",
    "address",
    "notificationEnabled",
    "prefs",
    "pushTokens",
    "tokensVoidBefore",
    "tokens",
];

/// Makes a client, or sets some of its fields.
#[derive(Debug, Default)]
pub struct PutClient {
    pub(super) id: UserId,
    issue: Flag,
    token: Option<CompactString>,
    expiration_date: Option<String>,
    pub(super) given: Given,
}

impl<'de> Deserialize<'de> for PutClient {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(AClient)
    }
}

struct AClient;

impl<'de> Visitor<'de> for AClient {
    type Value = PutClient;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a client: an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PutClient, A::Error> {
        let (mut request, mut fields) = (PutClient::default(), Vec::new());
        while let Some(name) = map.next_key::<CompactString>()? {
            match name.as_str() {
                "_id" => request.id = map.next_value::<Option<UserId>>()?.unwrap_or_default(),
                "issueAccessToken" => request.issue = map.next_value()?,
                "token" => request.token = map.next_value::<Maybe<_>>()?.0,
                "expirationDate" => request.expiration_date = map.next_value::<Maybe<_>>()?.0,
                "isRobot" => request.given.is_robot = Some(map.next_value::<Flag>()?.0),
                computed if COMPUTED.contains(&computed) => drop(map.next_value::<IgnoredAny>()?),
                _ => fields.push((name, map.next_value()?)),
            }
        }
        set_all(&mut request.given.fields, fields);
        Ok(request)
    }
}

impl JsonSchema for PutClient {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PutClient".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "object", "required": ["_id"], "additionalProperties": true, "properties": {
            "_id": {"type": "string", "minLength": 1}, "nickname": {"type": "string"},
            "avatarUrl": {"type": "string"}, "issueAccessToken": {"type": "boolean"},
            "token": {"type": "string"}, "expirationDate": {"type": "string"}}})
    }
}

impl PutClient {
    fn check(&mut self) -> Result<Option<Timestamp>, Invalid> {
        self.check_client()?;
        self.expiration_date.as_deref().map(|text| time("expirationDate", text)).transpose()
    }

    /// Checks what a client is, the token aside.
    pub(super) fn check_client(&mut self) -> Result<(), Invalid> {
        if self.id.is_empty() {
            return Err(Invalid::required("_id"));
        }
        self.check_texts()
    }

    /// Checks the fields that have to be texts.
    pub(super) fn check_texts(&mut self) -> Result<(), Invalid> {
        // Assumed: null for a text of a client counts as not given.
        self.given.fields.retain(|(name, value)| !(TEXTS.contains(&name.as_str()) && value.is_null()));
        let texts = self.given.fields.iter().filter(|(name, _)| TEXTS.contains(&name.as_str()));
        if let Some((name, value)) = texts.into_iter().find(|(_, value)| value.inner().is_none()) {
            let why = format!("is {}, and has to be a string", crate::api::why::cut(value.text()));
            return Err(Invalid::new(name.as_str(), why));
        }
        Ok(())
    }
}

/// `POST /admin/clients`: fields that are not given stay as they are.
///
/// # Errors
/// 400 for a field, 409 for a token that is another client's.
pub async fn put_client(call: Call<Imkit>, mut request: PutClient) -> Result<RecordView, ImkitError> {
    let end = request.check()?;
    let app = &call.app;
    let (id, now) = (request.id, call.now());
    let token = if request.issue.0 {
        let present = app.users.get(&id);
        let text = |name| {
            let given = get(&request.given.fields, name);
            given.or_else(|| get(&present.as_ref()?.fields, name)).and_then(text_of)
        };
        Some(issue(&call, &id, text("nickname"), text("avatarUrl")))
    } else {
        request.token.map(|text| bound(text, end, now))
    };
    // Claimed first, so that a refused call has changed nothing.
    token.iter().try_for_each(|token| app.users.claim(&id, &token.text))?;
    let client = app.users.upsert(&call.origin(), &id, request.given);
    if let Some(token) = token.clone() {
        app.users.bind(&call.origin(), &id, token, call.settings().options.single_token);
    }
    Ok(RecordView { client, app: app.id.to_string(), token: token.map(|token| (token.text.into(), token.expires)) })
}

/// A token as a client binds it.
pub(super) fn bound(text: CompactString, end: Option<Timestamp>, now: Timestamp) -> Token {
    // Assumed: a bound token without an end lives as long as an issued one, seven days.
    let week = Timestamp::from_seconds(now.seconds() + TOKEN_SECONDS);
    Token { text, expires: Some(end.unwrap_or(week)), created: Some(now), updated: Some(now), revoked: false }
}

fn text_of(value: &Json) -> Option<String> {
    serde_json::from_str(value.text()).ok()
}

fn issue(call: &Call<Imkit>, id: &UserId, nickname: Option<String>, avatar_url: Option<String>) -> Token {
    let now = call.now();
    let (iat, exp) = (now.seconds(), now.seconds() + TOKEN_SECONDS);
    let claims = Claims { id: id.to_string(), iat, exp, nickname, avatar_url };
    let text = jwt::issue(&call.settings().jwt_secret, &claims).into();
    bound(text, Some(Timestamp::from_seconds(exp)), now)
}

/// Signs a token for a client.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignToken {
    /// The client's id.
    id: UserId,
    #[serde(default, deserialize_with = "optional")]
    nickname: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    avatar_url: Option<String>,
}

/// A signed token.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignedToken {
    auth_type: &'static str,
    token: String,
    expiration_date: String,
    id: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    nickname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar_url: Option<String>,
    /// The first second in which it is no longer valid.
    exp: i64,
}

/// `POST /auths/sign/v2`: makes the client's record if there is none.
///
/// # Errors
/// 400 for a field.
pub async fn sign_token(call: Call<Imkit>, request: SignToken) -> Result<SignedToken, ImkitError> {
    sign(&call, request)
}

/// `POST /auths/sign`: the same, answered without the envelope.
///
/// # Errors
/// 400 for a field.
pub async fn sign_token_bare(call: Call<Imkit>, request: SignToken) -> Result<Reply, ImkitError> {
    Ok(envelope::bare(&sign(&call, request)?))
}

fn sign(call: &Call<Imkit>, request: SignToken) -> Result<SignedToken, ImkitError> {
    let SignToken { id, nickname, avatar_url } = request;
    if id.is_empty() {
        let why = format!("is {}, and has to be a client's id", quote_text(&id));
        return Err(Invalid::new("id", why).with_info(MISSING_PARAMETER).into());
    }
    let token = issue(call, &id, nickname.clone(), avatar_url.clone());
    let texts = [("nickname", &nickname), ("avatarUrl", &avatar_url)];
    let fields = texts.into_iter().filter_map(|(name, text)| Some((name.into(), Json::string(text.as_ref()?))));
    call.app.users.claim(&id, &token.text)?;
    // Assumed: signing a token makes the client's record if there is none.
    call.app.users.ensure(&call.origin(), &id, Given { fields: fields.collect(), is_robot: None });
    call.app.users.bind(&call.origin(), &id, token.clone(), call.settings().options.single_token);
    let end = token.expires.unwrap_or_default();
    Ok(SignedToken {
        auth_type: "Standalone JWT",
        token: token.text.into(),
        expiration_date: end.to_string(),
        id,
        nickname,
        avatar_url,
        exp: end.seconds(),
    })
}
