//! Delivery: what was sent to a receiver because something happened or was about to, and what became of it.
//!
//! Knows no HTTP: a receiver is a text, a body is bytes, a status is a number.

/// One attempt to tell or to ask a receiver.
#[derive(Debug)]
pub struct Delivery {
    /// The number of the event that it tells of; `None` where the receiver was asked before anything happened, or was
    /// told of a refusal.
    pub cause: Option<u64>,
    /// Where it went, without secrets.
    pub url: Box<str>,
    /// The vendor's name of it.
    pub command: &'static str,
    /// The attempt, from 1; 0 for one that was never made.
    pub attempt: u32,
    /// The body that was sent, cut.
    pub request: Box<[u8]>,
    /// Its length before it was cut.
    pub request_bytes: u32,
    /// What became of it.
    pub outcome: Outcome,
    /// What that means, for a person, where the outcome alone does not say.
    pub why: Option<Box<str>>,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver answered.
    Answered {
        /// The status.
        status: u16,
        /// The body, cut when it is recorded.
        body: Box<[u8]>,
        /// Its length before it was cut.
        bytes: u32,
    },
    /// It did not, or was never reached: one word that says why.
    Failed(&'static str),
}

impl Outcome {
    /// The body of an answer with status 200.
    pub fn ok_body(&self) -> Option<&[u8]> {
        match self {
            Self::Answered { status: 200, body, .. } => Some(body),
            Self::Answered { .. } | Self::Failed(_) => None,
        }
    }
}

impl Delivery {
    /// Roughly its bytes.
    pub fn weight(&self) -> usize {
        let answer = match &self.outcome {
            Outcome::Answered { body, .. } => body.len(),
            Outcome::Failed(_) => 0,
        };
        self.url.len() + self.request.len() + answer + self.why.as_deref().map_or(0, str::len)
    }
}
