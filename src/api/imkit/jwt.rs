//! Client tokens as IMKIT issues them: JSON Web Tokens (RFC 7519) signed with HMAC-SHA256 (`HS256`).
//! It knows neither clients, nor which tokens were revoked, nor a clock, nor HTTP: all come from the caller.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use thiserror::Error;

const ALGORITHM: &str = "HS256";
const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// What a token says about its client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Claims {
    /// Id of the client.
    pub id: String,
    /// When it was issued, in Unix seconds; not compared with anything.
    pub iat: i64,
    /// The first second in which it is no longer valid, in Unix seconds.
    pub exp: i64,
    /// Nickname of the client, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// URL of the client's avatar, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
}

/// Why a token is refused; each text says what to change.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JwtError {
    /// The text does not have the form of a signed token.
    #[error("the token is not a JSON Web Token: {why}")]
    Malformed {
        /// What is wrong with it.
        why: String,
    },
    /// It names another algorithm, `none` included.
    #[error("the token is signed with {found:?}: sign with {ALGORITHM}")]
    OtherAlgorithm {
        /// The algorithm of its header.
        found: String,
    },
    /// Its signature does not fit its content and the secret.
    #[error("the token's signature does not match: sign with this app's JWT secret and change nothing after")]
    WrongSecret,
    /// It is well signed, but a claim is missing or of the wrong type.
    #[error("the token's claims cannot be used: {why}")]
    BadClaims {
        /// Which claim, and what is wrong with it.
        why: String,
    },
    /// Its validity is over.
    #[error("the token has expired: exp {exp} is not after now ({now}, Unix seconds): get a new one")]
    Expired {
        /// The first second in which it was no longer valid, in Unix seconds.
        exp: i64,
        /// The time it was compared with, in Unix seconds.
        now: i64,
    },
}

/// The claims as others may have signed them; any more are ignored.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    id: Option<String>,
    #[serde(rename = "_id")]
    underscore_id: Option<String>,
    iat: i64,
    exp: i64,
    nickname: Option<String>,
    avatar_url: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

/// Makes the token of the claims, signed with the secret taken as UTF-8 text.
pub fn issue(secret: &str, claims: &Claims) -> String {
    let claims = serde_json::to_vec(claims).expect("claims are texts and whole numbers");
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(claims));
    let signature = hmac_of(secret, &signed).finalize().into_bytes();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Checks a token against the secret and the time in Unix seconds; claim `_id` stands in for a missing `id`.
///
/// # Errors
/// The first that holds of: malformed, other algorithm, wrong secret, bad claims (`id`, `iat` and `exp` are
/// required), expired (from second `exp` on).
pub fn read(secret: &str, token: &str, now_seconds: i64) -> Result<Claims, JwtError> {
    let claims = claims_of(signed_claims(secret, token)?)?;
    if now_seconds >= claims.exp {
        return Err(JwtError::Expired { exp: claims.exp, now: now_seconds });
    }
    Ok(claims)
}

/// The claims part of a token whose algorithm and signature are right.
fn signed_claims<'a>(secret: &str, token: &'a str) -> Result<&'a str, JwtError> {
    let parts =
        token.rsplit_once('.').and_then(|(signed, signature)| Some((signed, signed.split_once('.')?, signature)));
    let Some((signed, (header, claims), signature)) = parts else {
        return Err(malformed("it does not have three parts divided by dots"));
    };
    let Header { alg } = decode(header).map_err(|why| malformed(format!("its header cannot be read: {why}")))?;
    if alg != ALGORITHM {
        return Err(JwtError::OtherAlgorithm { found: alg });
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| JwtError::WrongSecret)?;
    hmac_of(secret, signed).verify_slice(&signature).map_err(|_| JwtError::WrongSecret)?;
    Ok(claims)
}

fn claims_of(part: &str) -> Result<Claims, JwtError> {
    let found: Found = decode(part).map_err(|why| JwtError::BadClaims { why })?;
    let id =
        found.id.or(found.underscore_id).ok_or_else(|| JwtError::BadClaims { why: "missing field `id`".to_owned() })?;
    Ok(Claims { id, iat: found.iat, exp: found.exp, nickname: found.nickname, avatar_url: found.avatar_url })
}

/// The JSON of one part, or what is wrong with it.
fn decode<T: DeserializeOwned>(part: &str) -> Result<T, String> {
    let json = URL_SAFE_NO_PAD.decode(part).map_err(|error| format!("it is not Base64url ({error})"))?;
    serde_json::from_slice(&json).map_err(|error| error.to_string())
}

fn hmac_of(secret: &str, signed: &str) -> Hmac<Sha256> {
    Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length").chain_update(signed)
}

fn malformed(why: impl Into<String>) -> JwtError {
    JwtError::Malformed { why: why.into() }
}
