//! Rule: which calls it is for, how often it fires, and what befalls them then.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::faults::pattern::{holds, name_matches};
use crate::kernel::tenancy::TenantKey;

/// The longest delay, in milliseconds: ten minutes.
pub const DELAY_MS_MAX: u64 = 600_000;
/// Most bytes of a text that a rule answers with.
const TEXT_BYTES_MAX: usize = 1024 * 1024;
/// The longest id, in characters.
const ID_CHARS_MAX: usize = 64;

/// A rule as it is written; of what is absent the default counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name, as the journal tells it: up to 64 letters, digits, `-`, `_` and `.`; absent: given by the emulator.
    #[serde(default)]
    pub id: Option<String>,
    /// Which calls it is for; what is absent here does not matter.
    #[serde(rename = "match", default)]
    pub matching: Option<Match>,
    /// How many matching calls pass before it fires.
    #[serde(default)]
    pub skip: u64,
    /// How often it fires, at least 1; absent: without end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// How likely it fires, from 0 to 1; absent: always.
    #[serde(default = "certain")]
    pub chance: f64,
    /// How long the call waits before anything else, in milliseconds of real time, at most 600000.
    #[serde(default)]
    pub delay_ms: u64,
    /// What befalls it; absent: only the delay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<Then>,
}

fn certain() -> f64 {
    1.0
}

/// Which calls. A name may end in `*`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Match {
    /// The operation's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The tenant that the call names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<TenantPattern>,
    /// The path, without the query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What the body has at least: of an object these members, of an array every element at its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

/// A tenant, by its family.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TenantPattern {
    /// A sdkappid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tencent: Option<String>,
    /// An IMKIT application's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imkit: Option<String>,
}

/// What befalls a call: one of these.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Then {
    /// The vendor's envelope with this code; for IMKIT this is `RC` and the HTTP status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<u32>,
    /// With `error`: another text than the documented one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub info: Option<String>,
    /// With `error`: which of IMKIT's codes with this number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// This HTTP status, without any vendor's envelope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// With `status`: the body; absent: empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The connection is cut, without any reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost: Option<When>,
    /// No answer ever; the operation does not take effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hang: Option<bool>,
    /// So many bytes of the reply's body under its full length, then the connection is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncate: Option<u64>,
}

/// When a reply is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// Before the operation took effect: it does not.
    Before,
    /// After it took effect.
    After,
}

/// What a rule does to a call, after its delay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effect<'r> {
    /// Nothing more.
    Pass,
    /// The vendor's error of this number; a text and a code of its own, where given.
    Error {
        /// The number.
        number: u32,
        /// Another text.
        info: Option<&'r str>,
        /// Which of several codes.
        code: Option<&'r str>,
    },
    /// A bare status and body.
    Reply {
        /// The status.
        status: u16,
        /// The body.
        body: &'r str,
    },
    /// The connection is cut.
    Lost(When),
    /// No answer.
    Hang,
    /// A short body.
    Truncate(usize),
}

/// What is wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Where, as a JSON path inside the rule.
    pub path: String,
    /// What.
    pub why: String,
}

impl Wrong {
    /// This is wrong there.
    pub fn new(path: impl Into<String>, why: impl Into<String>) -> Self {
        Self { path: path.into(), why: why.into() }
    }
}

impl Rule {
    /// Its id; empty as long as it has none.
    pub fn name(&self) -> &str {
        self.id.as_deref().unwrap_or("")
    }

    /// How long a call waits first.
    pub fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms)
    }

    /// What befalls a call then.
    pub fn effect(&self) -> Effect<'_> {
        self.then.as_ref().map_or(Effect::Pass, |then| then.effect())
    }

    /// Checks what the types do not say; names and codes are others' to check.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self) -> Result<(), Wrong> {
        if let Some(id) = &self.id {
            let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            if id.is_empty() || id.len() > ID_CHARS_MAX || !id.bytes().all(sign) {
                return Err(Wrong::new(
                    "id",
                    format!("has to be 1 to {ID_CHARS_MAX} letters, digits, '-', '_' and '.'"),
                ));
            }
        }
        match &self.matching {
            None => return Err(Wrong::new("match", "is required; {} is for every call")),
            Some(matching) => matching.check()?,
        }
        if self.times == Some(0) {
            return Err(Wrong::new("times", "has to be at least 1, or absent for every time"));
        }
        if !(0.0..=1.0).contains(&self.chance) {
            return Err(Wrong::new("chance", "has to be from 0 to 1"));
        }
        if self.delay_ms > DELAY_MS_MAX {
            return Err(Wrong::new("delay_ms", format!("is above {DELAY_MS_MAX}")));
        }
        self.then.as_ref().map_or(Ok(()), Then::check)
    }
}

impl Match {
    fn check(&self) -> Result<(), Wrong> {
        if let Some(tenant) = &self.tenant {
            if tenant.tencent.is_some() == tenant.imkit.is_some() {
                let why = "names one tenant: {\"tencent\": \"SDKAPPID\"} or {\"imkit\": \"APP\"}";
                return Err(Wrong::new("match.tenant", why));
            }
            let number = |id: &String| id.trim_end_matches('*').bytes().all(|byte| byte.is_ascii_digit());
            if tenant.tencent.as_ref().is_some_and(|id| id.is_empty() || !number(id)) {
                return Err(Wrong::new("match.tenant.tencent", "has to be a sdkappid, digits alone"));
            }
            if tenant.imkit.as_deref() == Some("") {
                return Err(Wrong::new("match.tenant.imkit", "is empty"));
            }
        }
        match self.path.as_deref() {
            Some(path) if !path.starts_with('/') && path != "*" => {
                Err(Wrong::new("match.path", "has to begin with a slash"))
            }
            Some(path) if path.contains('?') => Err(Wrong::new("match.path", "is compared without the query")),
            _ => Ok(()),
        }
    }

    /// Whether this call is meant; `body` is asked for the body as JSON where that matters.
    pub fn is_met<'b>(
        &self,
        operation: &str,
        tenant: Option<&TenantKey>,
        path: &str,
        body: impl FnOnce() -> Option<&'b Value>,
    ) -> bool {
        let named =
            |pattern: &Option<String>, name| pattern.as_deref().is_none_or(|pattern| name_matches(pattern, name));
        named(&self.operation, operation)
            && named(&self.path, path)
            && self.tenant.as_ref().is_none_or(|pattern| tenant.is_some_and(|key| pattern.is_met(key)))
            && self.body.as_ref().is_none_or(|part| body().is_some_and(|whole| holds(part, whole)))
    }
}

impl TenantPattern {
    /// Whether this tenant is meant.
    pub fn is_met(&self, key: &TenantKey) -> bool {
        let of = |family, id: &Option<String>| {
            id.as_deref().is_some_and(|pattern| key.family == family && name_matches(pattern, &key.id))
        };
        of("tencent", &self.tencent) || of("imkit", &self.imkit)
    }
}

impl Then {
    fn check(&self) -> Result<(), Wrong> {
        let effects = [
            ("error", self.error.is_some()),
            ("status", self.status.is_some()),
            ("lost", self.lost.is_some()),
            ("hang", self.hang.is_some()),
            ("truncate", self.truncate.is_some()),
        ];
        let mut given = effects.iter().filter(|(_, given)| *given);
        let Some((first, _)) = given.next() else {
            return Err(Wrong::new(
                "then",
                "says nothing; it is one of error, status, lost, hang, truncate, or absent",
            ));
        };
        if let Some((second, _)) = given.next() {
            return Err(Wrong::new(
                format!("then.{second}"),
                format!("one effect a rule; this one has {first} already"),
            ));
        }
        for (name, given, with) in [
            ("info", self.info.is_some(), "error"),
            ("code", self.code.is_some(), "error"),
            ("body", self.body.is_some(), "status"),
        ] {
            if given && *first != with {
                return Err(Wrong::new(format!("then.{name}"), format!("goes with {with} alone")));
            }
        }
        for (name, text) in [("info", &self.info), ("body", &self.body)] {
            if text.as_ref().is_some_and(|text| text.len() > TEXT_BYTES_MAX) {
                return Err(Wrong::new(format!("then.{name}"), format!("has more than {TEXT_BYTES_MAX} bytes")));
            }
        }
        match (self.status, self.hang) {
            (Some(..200 | 600..), _) => Err(Wrong::new("then.status", "has to be from 200 to 599")),
            (Some(204 | 304), _) if self.body.as_ref().is_some_and(|body| !body.is_empty()) => {
                Err(Wrong::new("then.body", "a reply of this status has none"))
            }
            (_, Some(false)) => Err(Wrong::new("then.hang", "has to be true, or absent")),
            _ => Ok(()),
        }
    }

    fn effect(&self) -> Effect<'_> {
        if let Some(number) = self.error {
            return Effect::Error { number, info: self.info.as_deref(), code: self.code.as_deref() };
        }
        if let Some(status) = self.status {
            return Effect::Reply { status, body: self.body.as_deref().unwrap_or("") };
        }
        if let Some(when) = self.lost {
            return Effect::Lost(when);
        }
        if let Some(bytes) = self.truncate {
            return Effect::Truncate(usize::try_from(bytes).unwrap_or(usize::MAX));
        }
        if self.hang == Some(true) { Effect::Hang } else { Effect::Pass }
    }
}
