//! Tokens: bound, listed, made up, taken back; logging out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use compact_str::CompactString;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::call::Call;
use crate::api::decode::optional;
use crate::api::imkit::clients::bound;
use crate::api::imkit::codes::{INVALID_REQUEST, MISSING_PARAMETER};
use crate::api::imkit::fields::{Nothing, number, time};
use crate::api::imkit::gateway::Imkit;
use crate::api::imkit::holder::token_of;
use crate::api::imkit::jwt;
use crate::api::imkit::rooms::acting;
use crate::domain::imkit::error::ImkitError;
use crate::domain::imkit::tokens::{Unplug, Which};
use crate::domain::imkit::user::Token;
use crate::domain::invalid::Invalid;
use crate::kernel::clock::Timestamp;
use crate::kernel::names::UserId;

/// Bytes of a made-up token where nobody says otherwise.
const RANDOM_BYTES: usize = 16;
/// The most bytes of a made-up token.
const RANDOM_BYTES_MAX: usize = 1024;

/// Binds a token to a client.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct BindToken {
    /// The token, any text.
    #[serde(deserialize_with = "optional")]
    #[schemars(with = "String")]
    token: Option<CompactString>,
    /// When it ends: ISO 8601.
    #[serde(deserialize_with = "optional")]
    expiration_date: Option<String>,
}

/// A token with its client.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientToken {
    token: String,
    client: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration_date: Option<String>,
    #[serde(rename = "expirationDateMS", skip_serializing_if = "Option::is_none")]
    expiration_date_ms: Option<Timestamp>,
}

impl ClientToken {
    fn of(client: &UserId, token: &Token) -> Self {
        let expiration_date = token.expires.map(|end| end.to_string());
        Self {
            token: token.text.to_string(),
            client: client.clone(),
            expiration_date,
            expiration_date_ms: token.expires,
        }
    }
}

/// The client that the path names.
fn client_of(call: &Call<Imkit>) -> Result<UserId, ImkitError> {
    let client = UserId::new(call.arrival.param("id"));
    match call.app.users.get(&client) {
        Some(found) => Ok(found.id.clone()),
        None => Err(ImkitError::ClientMissing { field: "id", client }),
    }
}

/// `PUT /admin/clients/:id/token`.
///
/// # Errors
/// 400 for a field, 404 no such client, 409 another client's token.
pub async fn bind_token(call: Call<Imkit>, request: BindToken) -> Result<ClientToken, ImkitError> {
    let text = request.token.ok_or_else(|| Invalid::required("token").with_info(INVALID_REQUEST))?;
    let end = request.expiration_date.as_deref().map(|text| time("expirationDate", text)).transpose()?;
    let client = client_of(&call)?;
    let token = bound(text, end, call.now());
    call.app.users.claim(&client, &token.text)?;
    call.app.users.bind(&call.origin(), &client, token.clone(), call.settings().options.single_token);
    Ok(ClientToken::of(&client, &token))
}

/// Takes tokens back.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RevokeTokens {
    /// This one alone; absent: all of the client.
    #[serde(deserialize_with = "optional")]
    #[schemars(with = "Option<String>")]
    token: Option<CompactString>,
}

/// A token that was taken back.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenRecord {
    token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
    #[serde(rename = "expirationDateMS", skip_serializing_if = "Option::is_none")]
    expiration_date_ms: Option<Timestamp>,
}

impl From<Token> for TokenRecord {
    fn from(token: Token) -> Self {
        let text = |moment: Option<Timestamp>| moment.map(|moment| moment.to_string());
        Self {
            token: token.text.into(),
            updated_at: text(token.updated),
            expiration_date: text(token.expires),
            created_at: text(token.created),
            expiration_date_ms: token.expires,
        }
    }
}

/// Tokens that were taken back.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TokenRecords {
    data: Vec<TokenRecord>,
}

impl TokenRecords {
    fn of(tokens: Vec<Token>) -> Self {
        Self { data: tokens.into_iter().map(TokenRecord::from).collect() }
    }
}

/// A token that lets its client in now, if this is one; a signed one need not have a record.
fn valid(call: &Call<Imkit>, text: &str) -> Option<(UserId, Token)> {
    let now = call.now();
    if let Some((client, token)) = call.app.users.holder(text) {
        return token.is_valid(now).then(|| (client.id.clone(), token));
    }
    let claims = jwt::read(&call.settings().jwt_secret, text, now.seconds()).ok()?;
    let client = call.app.users.get(&claims.id).filter(|client| !client.voids(claims.iat))?;
    let issued = Timestamp::from_seconds(claims.iat);
    Some((client.id.clone(), bound(text.into(), Some(Timestamp::from_seconds(claims.exp)), issued)))
}

/// The client that a token lets in now.
pub(super) fn holder(call: &Call<Imkit>, text: &str) -> Option<UserId> {
    valid(call, text).map(|(client, _)| client)
}

/// `DELETE /admin/clients/:id/token`: one, or all; none of them lets anybody in from here on.
///
/// # Errors
/// 404 no such client, or it holds no such token.
pub async fn revoke_tokens(call: Call<Imkit>, request: RevokeTokens) -> Result<TokenRecords, ImkitError> {
    let client = client_of(&call)?;
    let users = &call.app.users;
    let Some(text) = request.token else {
        return Ok(TokenRecords::of(users.revoke(&call.origin(), &client, Which::All, Unplug::Nothing)));
    };
    let held = valid(&call, &text).filter(|(holder, _)| *holder == client);
    let (_, token) = held.ok_or_else(|| ImkitError::TokenMissing(client.clone()))?;
    Ok(TokenRecords::of(users.revoke(&call.origin(), &client, Which::One(&token), Unplug::Nothing)))
}

/// The caller with the token it came by.
fn own_token(call: &Call<Imkit>) -> Result<(UserId, Token), ImkitError> {
    let client = acting(call)?.client.clone();
    let own = token_of(&call.arrival).and_then(|text| valid(call, text)).filter(|(holder, _)| *holder == client);
    let why = "has to be the caller's token: logging out takes back the token of the call, and an API key has none";
    Ok(own.ok_or_else(|| Invalid::new("IM-Authorization", why).with_info(MISSING_PARAMETER))?)
}

/// The device that calls, if it says so.
fn device_of(call: &Call<Imkit>) -> Option<&str> {
    call.arrival.header("im-device-id").map(str::trim).filter(|device| !device.is_empty())
}

/// `POST /me/logout`: takes the caller's token back, and the push tokens of the device that it names.
///
/// # Errors
/// 400 without a client's token.
pub async fn logout(call: Call<Imkit>, _: Nothing) -> Result<TokenRecord, ImkitError> {
    let (client, token) = own_token(&call)?;
    // Assumed: without IM-Device-ID no push tokens are dropped, neither by logging out nor by logging the others out.
    let unplug = device_of(&call).map_or(Unplug::Nothing, Unplug::This);
    let revoked = call.app.users.revoke(&call.origin(), &client, Which::One(&token), unplug);
    Ok(revoked.into_iter().next().unwrap_or(token).into())
}

/// `POST /me/logout-others`: takes all other tokens of the caller back, and the push tokens of its other devices.
///
/// # Errors
/// 400 without a client's token.
pub async fn logout_others(call: Call<Imkit>, _: Nothing) -> Result<TokenRecords, ImkitError> {
    let (client, token) = own_token(&call)?;
    let unplug = device_of(&call).map_or(Unplug::Nothing, Unplug::Others);
    Ok(TokenRecords::of(call.app.users.revoke(&call.origin(), &client, Which::Others(&token), unplug)))
}

/// Asks for a made-up token.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RandomToken {
    /// How many bytes; absent: 16.
    size: Option<String>,
}

/// `GET /auths/token`: bytes in Base64; nobody holds them.
///
/// # Errors
/// 400 for a size that is no number, or of more than 1024.
pub async fn random_token(call: Call<Imkit>, request: RandomToken) -> Result<String, ImkitError> {
    // Assumed: a made-up token has 16 bytes where nobody says otherwise, and at most 1024.
    let size = number("size", request.size.as_deref())?.filter(|size| *size > 0).unwrap_or(RANDOM_BYTES);
    if size > RANDOM_BYTES_MAX {
        return Err(Invalid::new("size", format!("is {size}, and has to be at most {RANDOM_BYTES_MAX}")).into());
    }
    Ok(STANDARD.encode(call.app.tenancy.ids.bytes(size)))
}

/// Lists tokens.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListTokens {
    /// How many at most; 0 or absent: all.
    limit: Option<String>,
    /// How many to leave out.
    skip: Option<String>,
}

/// A page of tokens.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenPage {
    /// How many there are, before the page is cut.
    total_count: usize,
    data: Vec<ClientToken>,
}

/// `GET /auths/tokens`: those on record that let somebody in now, by client, oldest first.
///
/// # Errors
/// 400 for a page that cannot be read.
pub async fn list_tokens(call: Call<Imkit>, request: ListTokens) -> Result<TokenPage, ImkitError> {
    let skip = number("skip", request.skip.as_deref())?.unwrap_or(0);
    let limit = number("limit", request.limit.as_deref())?.filter(|limit| *limit > 0).unwrap_or(usize::MAX);
    let (now, clients) = (call.now(), call.app.users.all());
    // Assumed: the list of tokens has those that let somebody in now, by client, oldest first.
    let valid = |token: &&Token| token.is_valid(now);
    let all = clients.iter().flat_map(|client| client.tokens.iter().filter(valid).map(move |token| (client, token)));
    let all: Vec<ClientToken> = all.map(|(client, token)| ClientToken::of(&client.id, token)).collect();
    Ok(TokenPage { total_count: all.len(), data: all.into_iter().skip(skip).take(limit).collect() })
}
