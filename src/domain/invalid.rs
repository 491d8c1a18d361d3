//! Invalid: a field of a request that breaks a rule of form — meaning without numbers; the door words it.

/// Why a text cannot be a Tencent id for its characters, if it cannot: `what` says which kind of id.
pub fn fault_of_characters(id: &str, what: &str) -> Option<String> {
    let strange = id.chars().find(|character| !matches!(character, ' '..='~'))?;
    Some(format!("holds the character {strange:?}; a {what} is printable ASCII"))
}

/// A field and what is wrong with it, in words for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The field, as a JSON path in the request.
    pub field: String,
    /// What it is, and what it has to be.
    pub why: String,
    /// Whether it is an account, given as a scalar, that is not a string: the common codes have a number of their own
    /// for that.
    pub account: bool,
    /// The vendor's own short text for this case, where one is known.
    pub info: Option<&'static str>,
}

impl Invalid {
    /// This field is wrong, and why.
    pub fn new(field: impl Into<String>, why: impl Into<String>) -> Self {
        Self { field: field.into(), why: why.into(), account: false, info: None }
    }

    /// This mandatory field is absent, `null` or empty.
    pub fn required(field: impl Into<String>) -> Self {
        Self::new(field, "is required, and absent, null or empty")
    }

    /// The same with the vendor's own short text.
    pub fn with_info(mut self, info: &'static str) -> Self {
        self.info = Some(info);
        self
    }

    /// Field and cause in one sentence.
    pub fn sentence(&self) -> String {
        format!("{}: {}", self.field, self.why)
    }
}
