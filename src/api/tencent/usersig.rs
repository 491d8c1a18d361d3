//! UserSig in the TLSSigAPIv2 form: making one, and telling whether one is good and why not.
//! The rules are those of <https://cloud.tencent.com/document/product/269/32688>.
//! It knows neither the wire's error numbers, nor apps and accounts, nor a clock: all come from the caller.

use std::io::Read;
use std::str::FromStr;

use base64::Engine;
use base64::alphabet::{Alphabet, Symbol};
use base64::engine::general_purpose::{GeneralPurpose, PAD, STANDARD};
use flate2::bufread::ZlibEncoder;
use flate2::{Compression, Decompress, FlushDecompress, Status};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value, json};
use sha2::Sha256;
use thiserror::Error;

/// Largest inflated content of a usersig that is read, in bytes.
pub const MAX_INFLATED_BYTES: usize = 64 * 1024;

/// The only form that is made and accepted.
const VERSION: &str = "2.0";

/// Standard Base64 with `+`, `/` and `=` written as `*`, `-` and `_`.
const BASE64: GeneralPurpose = GeneralPurpose::new(&ALPHABET, PAD);

const ALPHABET: Alphabet = {
    const SYMBOLS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-";
    let Some(padding) = Symbol::new(b'_') else { panic!("the padding is printable") };
    match Alphabet::new_with_padding(SYMBOLS, padding) {
        Ok(alphabet) => alphabet,
        Err(_) => panic!("64 distinct symbols without the padding"),
    }
};

/// What a usersig says: who may act for which app, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// The UserID it was made for; its form is not checked here.
    pub identifier: String,
    /// The app it was made for.
    pub sdkappid: u64,
    /// When it was made, in Unix seconds.
    pub time: i64,
    /// How long it is valid from `time` on, in seconds; negative counts as 0.
    pub expire: i64,
    /// The optional user buffer as standard Base64 text, carried and signed but not read.
    pub userbuf: Option<String>,
}

impl Ticket {
    /// The last second in which it is valid, in Unix seconds, capped at the largest `i64`.
    pub fn valid_until(&self) -> i64 {
        self.time.saturating_add(self.expire.max(0))
    }
}

/// Why a usersig is refused; each text says what to change.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UserSigError {
    /// The text is not a usersig of the HMAC-SHA256 form, or is damaged.
    #[error("the usersig cannot be read: {why}")]
    Illegal {
        /// What is wrong with it and what to change.
        why: String,
    },
    /// It was made for another app than the request names.
    #[error(
        "the usersig was made for sdkappid {signed}, but the request says sdkappid={requested}: \
         make one for sdkappid {requested}, or send sdkappid={signed}"
    )]
    OtherApp {
        /// The app inside the usersig.
        signed: u64,
        /// The app of the request.
        requested: u64,
    },
    /// It was made for another user than the request names.
    #[error(
        "the usersig was made for identifier {signed:?}, but the request says identifier={requested:?}: \
         make one for {requested:?}, or send identifier={signed}"
    )]
    OtherUser {
        /// The UserID inside the usersig.
        signed: String,
        /// The UserID of the request.
        requested: String,
    },
    /// Its validity is over.
    #[error(
        "the usersig has expired: TLS.time {time} + TLS.expire {expire} is before now ({now}, Unix seconds): \
         make a new one; TLS.expire counts seconds from TLS.time on and is not a date"
    )]
    Expired {
        /// When it was made, in Unix seconds.
        time: i64,
        /// How long it was valid, in seconds.
        expire: i64,
        /// The time it was compared with, in Unix seconds.
        now: i64,
    },
    /// Its HMAC does not fit its content and the key.
    #[error(
        "the signature in the usersig (TLS.sig) does not match: sign with the secret key of this app, taken as \
         the text it is written in (its hex digits are not decoded), and change nothing after signing"
    )]
    WrongKey,
}

/// Makes the usersig of a ticket with the app's secret key, taken as the text it is written in.
pub fn generate(key: &str, ticket: &Ticket) -> String {
    let sig = STANDARD.encode(hmac_of(key, ticket).finalize().into_bytes());
    let mut members = json!({
        "TLS.ver": VERSION,
        "TLS.identifier": ticket.identifier,
        "TLS.sdkappid": ticket.sdkappid,
        "TLS.time": ticket.time,
        "TLS.expire": ticket.expire,
        "TLS.sig": sig,
    });
    if let Some(userbuf) = &ticket.userbuf {
        members["TLS.userbuf"] = json!(userbuf);
    }
    BASE64.encode(deflate(members.to_string().as_bytes()))
}

/// Checks a usersig against the app's secret key, the request's app and user, and the time in Unix seconds.
///
/// # Errors
/// The first that holds of: illegal, other app, other user, expired, wrong key. The last valid second is
/// `time + expire`; a `time` in the future is accepted.
pub fn verify(
    key: &str,
    usersig: &str,
    sdkappid: u64,
    identifier: &str,
    now_seconds: i64,
) -> Result<Ticket, UserSigError> {
    let (ticket, sig) = read(usersig)?;
    check_fields(&ticket, sdkappid, identifier, now_seconds)?;
    let sig = STANDARD.decode(sig).map_err(|_| UserSigError::WrongKey)?;
    hmac_of(key, &ticket).verify_slice(&sig).map_err(|_| UserSigError::WrongKey)?;
    Ok(ticket)
}

/// When a usersig says that it was made, Unix seconds.
pub fn time_of(usersig: &str) -> Option<i64> {
    read(usersig).ok().map(|(ticket, _)| ticket.time)
}

fn check_fields(ticket: &Ticket, sdkappid: u64, identifier: &str, now: i64) -> Result<(), UserSigError> {
    // Assumed: the plain fields are looked at before the expiry, and the HMAC last.
    if ticket.sdkappid != sdkappid {
        return Err(UserSigError::OtherApp { signed: ticket.sdkappid, requested: sdkappid });
    }
    if ticket.identifier != identifier {
        return Err(UserSigError::OtherUser { signed: ticket.identifier.clone(), requested: identifier.to_owned() });
    }
    if now > ticket.valid_until() {
        return Err(UserSigError::Expired { time: ticket.time, expire: ticket.expire, now });
    }
    Ok(())
}

/// The HMAC-SHA256 over the content lines, ready to be finished or compared.
fn hmac_of(key: &str, ticket: &Ticket) -> Hmac<Sha256> {
    let mut content = format!(
        "TLS.identifier:{}\nTLS.sdkappid:{}\nTLS.time:{}\nTLS.expire:{}\n",
        ticket.identifier, ticket.sdkappid, ticket.time, ticket.expire
    );
    if let Some(userbuf) = &ticket.userbuf {
        content.push_str(&format!("TLS.userbuf:{userbuf}\n"));
    }
    Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length").chain_update(content)
}

/// Undoes everything but the signature: the ticket, and the text of `TLS.sig`.
fn read(usersig: &str) -> Result<(Ticket, String), UserSigError> {
    let json = inflate(&unbase64(usersig)?)?;
    let members: Map<String, Value> =
        serde_json::from_slice(&json).map_err(|error| illegal(format!("its content is not a JSON object: {error}")))?;
    check_version(&members)?;
    let ticket = Ticket {
        identifier: identifier(&members)?,
        sdkappid: integer(&members, "TLS.sdkappid")?,
        time: integer(&members, "TLS.time")?,
        expire: integer(&members, "TLS.expire")?,
        userbuf: match members.get("TLS.userbuf") {
            None | Some(Value::Null) => None,
            Some(_) => Some(text(&members, "TLS.userbuf")?),
        },
    };
    Ok((ticket, text(&members, "TLS.sig")?))
}

fn check_version(members: &Map<String, Value>) -> Result<(), UserSigError> {
    match members.get("TLS.ver") {
        Some(Value::String(version)) if version == VERSION => Ok(()),
        Some(other) => Err(illegal(format!(
            "TLS.ver is {} instead of \"{VERSION}\": sign with TLSSigAPIv2 (HMAC-SHA256)",
            shown(other)
        ))),
        None => Err(illegal(
            "TLS.ver is missing, as in the ECDSA form used before July 2019: sign with TLSSigAPIv2 (HMAC-SHA256)",
        )),
    }
}

/// The UserID; some callers sign one given as a number, whose decimal text then is the UserID.
fn identifier(members: &Map<String, Value>) -> Result<String, UserSigError> {
    match members.get("TLS.identifier") {
        Some(Value::Number(number)) if !number.is_f64() => Ok(number.to_string()),
        _ => text(members, "TLS.identifier"),
    }
}

fn text(members: &Map<String, Value>, name: &str) -> Result<String, UserSigError> {
    match present(members, name)? {
        Value::String(text) => Ok(text.clone()),
        other => Err(illegal(format!("{name} is {} instead of a string", shown(other)))),
    }
}

/// A whole number, or a string holding one in decimal, as callers from untyped languages write it.
fn integer<T: FromStr>(members: &Map<String, Value>, name: &str) -> Result<T, UserSigError> {
    let value = present(members, name)?;
    let digits = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    digits.parse().map_err(|_| illegal(format!("{name} is {} instead of a whole number in its range", shown(value))))
}

fn present<'a>(members: &'a Map<String, Value>, name: &str) -> Result<&'a Value, UserSigError> {
    members.get(name).ok_or_else(|| illegal(format!("{name} is missing: sign with TLSSigAPIv2")))
}

/// The value as JSON, cut after 64 characters: it comes from outside and ends up in replies and logs.
fn shown(value: &Value) -> String {
    value.to_string().chars().take(64).collect()
}

fn unbase64(usersig: &str) -> Result<Vec<u8>, UserSigError> {
    if usersig.is_empty() {
        return Err(illegal("it is empty"));
    }
    if let Some((at, symbol)) = usersig.char_indices().find(|(_, c)| !is_allowed(*c)) {
        let hint = hint_for(symbol);
        return Err(illegal(format!("it holds {symbol:?} at byte {at}: {hint}")));
    }
    BASE64.decode(usersig).map_err(|error| {
        illegal(format!(
            "it is not whole Base64 ({error}), {} bytes: send all of it, the underscores at its end too",
            usersig.len()
        ))
    })
}

fn is_allowed(symbol: char) -> bool {
    symbol.is_ascii_alphanumeric() || matches!(symbol, '*' | '-' | '_')
}

fn hint_for(symbol: char) -> &'static str {
    match symbol {
        '+' | '/' | '=' => "after Base64, replace + by *, / by - and = by _",
        ' ' => "after Base64, replace + by * (a + in a URL is read as a space), / by - and = by _",
        '%' => "it was percent-encoded twice",
        _ => "only letters, digits, *, - and _ belong in it",
    }
}

fn inflate(packed: &[u8]) -> Result<Vec<u8>, UserSigError> {
    // One byte more than allowed, so that content of exactly the limit still reaches its end.
    let mut content = Vec::with_capacity(MAX_INFLATED_BYTES + 1);
    // Not `ZlibDecoder`: that ends quietly when the input is cut off, before its checksum for example.
    let status = Decompress::new(true)
        .decompress_vec(packed, &mut content, FlushDecompress::Finish)
        .map_err(|error| illegal(format!("it is not in zlib format ({error})")))?;
    if content.len() > MAX_INFLATED_BYTES {
        return Err(illegal(format!("its content is larger than {MAX_INFLATED_BYTES} bytes")));
    }
    match status {
        Status::StreamEnd => Ok(content),
        Status::Ok | Status::BufError => {
            Err(illegal(format!("it is cut off, its {} bytes end too early: send all of it", packed.len())))
        }
    }
}

fn deflate(content: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    ZlibEncoder::new(content, Compression::default())
        .read_to_end(&mut packed)
        .expect("compressing from memory into memory does not fail");
    packed
}

fn illegal(why: impl Into<String>) -> UserSigError {
    UserSigError::Illegal { why: why.into() }
}
