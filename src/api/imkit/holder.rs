//! Holder: whose token a request carries — one that a client holds, or one that is signed.

use crate::api::call::Arrival;
use crate::api::imkit::codes::ImkitRefusal;
use crate::api::imkit::gateway::header;
use crate::api::imkit::jwt::{self, Claims};
use crate::api::why::quote_secret;
use crate::domain::imkit::json::Json;
use crate::domain::imkit::state::ImkitState;
use crate::domain::imkit::user::{Given, Token};
use crate::domain::imkit::{ImkitApp, ImkitSettings};
use crate::domain::world::Found;
use crate::kernel::clock::Timestamp;
use crate::kernel::names::UserId;
use crate::kernel::turn::Origin;

/// Whom a token stands for, and what a signed one says of its client.
pub struct Holder {
    /// The client.
    pub id: UserId,
    /// What a signed token gives a client that is made by it.
    given: Option<Given>,
}

/// The client's token that a request carries.
pub fn token_of(arrival: &Arrival) -> Option<&str> {
    let sent = header(arrival, ["im-authorization", "authorization"]).map(without_scheme);
    sent.filter(|token| !token.is_empty())
}

/// Whose token a request carries.
///
/// # Errors
/// 401: none, unknown, revoked, expired.
pub fn holder_of_token(
    arrival: &Arrival,
    found: &Found<'_, ImkitApp, ImkitState>,
    settings: &ImkitSettings,
) -> Result<Holder, ImkitRefusal> {
    // The page about the configuration has a code of its own.
    let code = if arrival.operation.path == "/config" { "INVALID_AUTH" } else { "INVALID_TOKEN" };
    let refuse = |why: String| Err(ImkitRefusal::unauthorized(code, why));
    let Some(token) = token_of(arrival) else {
        return refuse(
            "IM-Authorization (or Authorization): this header is required; it carries a client's token".into(),
        );
    };
    let now = match found {
        Found::Open(app) => app.tenancy.now(),
        Found::Template(template) => arrival.house.clock.now().shifted(template.clock_offset_ms.unwrap_or(0)),
        Found::Unknown => arrival.house.clock.now(),
    };
    let stored = match found {
        Found::Open(app) => app.users.holder(token).map(|(client, record)| (client.id.clone(), record)),
        Found::Template(template) => stored_in(template, token),
        Found::Unknown => None,
    };
    if let Some((id, record)) = stored {
        if record.is_valid(now) {
            return Ok(Holder { id, given: None });
        }
        return refuse(format!("IM-Authorization: the token of {id} {}", end_of(&record, now)));
    }
    match jwt::read(&settings.jwt_secret, token, now.seconds()) {
        Ok(claims) if claims.id.is_empty() => refuse("IM-Authorization: the token's claim id is empty".into()),
        Ok(claims) if is_void(found, &claims) => {
            refuse(format!("IM-Authorization: all tokens of {} made until then were revoked", claims.id))
        }
        Ok(claims) => {
            let texts = [("nickname", claims.nickname), ("avatarUrl", claims.avatar_url)];
            let fields = texts.into_iter().filter_map(|(name, text)| Some((name.into(), Json::string(&text?))));
            let given = Given { fields: fields.collect(), is_robot: None };
            Ok(Holder { id: UserId::new(claims.id), given: Some(given) })
        }
        Err(error) => {
            let hint = match found {
                Found::Template(_) => {
                    "; IM-CLIENT-KEY opened nothing known: this key would open a fresh application; is it mistyped?"
                }
                _ => "",
            };
            refuse(format!("IM-Authorization: no client holds {}, and {error}{hint}", quote_secret(token)))
        }
    }
}

/// Whether a signed token without a record was taken back with all others of its client.
fn is_void(found: &Found<'_, ImkitApp, ImkitState>, claims: &Claims) -> bool {
    let Found::Open(app) = found else { return false };
    app.users.get(&claims.id).is_some_and(|client| client.voids(claims.iat))
}

fn stored_in(template: &ImkitState, token: &str) -> Option<(UserId, Token)> {
    template.clients.iter().find_map(|state| {
        let record = state.0.tokens.iter().find(|record| record.text == token)?;
        Some((state.0.id.clone(), record.clone()))
    })
}

fn end_of(record: &Token, now: Timestamp) -> String {
    match record.expires.filter(|end| *end <= now) {
        Some(end) => format!("expired at {end}; it is {now} now"),
        None => "was revoked".to_owned(),
    }
}

fn without_scheme(value: &str) -> &str {
    // Assumed: a scheme word in front of a token is taken off.
    match value.split_at_checked(7) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer ") => token.trim_start(),
        _ => value,
    }
}

/// The first use of a signed token makes its client's record.
pub fn enter(arrival: &Arrival, app: &ImkitApp, holder: Holder) -> UserId {
    if let Some(given) = holder.given {
        let origin = Origin { by: holder.id.clone(), call: Some(arrival.number) };
        app.users.ensure(&origin, &holder.id, given);
    }
    holder.id
}
