//! Client: what a client program tells of itself when it acts by itself.

use crate::kernel::fact::Fields;

/// What a client tells of itself; callbacks show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The platform, as in `Web`.
    pub platform: Option<String>,
    /// The address.
    pub ip: Option<String>,
}

impl Client {
    /// What is known of the client, as fields of a fact.
    pub fn fields(&self) -> Fields {
        let platform = self.platform.as_deref().map(|platform| ("Platform", platform.into()));
        let ip = self.ip.as_deref().map(|ip| ("ClientIP", ip.into()));
        platform.into_iter().chain(ip).collect()
    }
}
