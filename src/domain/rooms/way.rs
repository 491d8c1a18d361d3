//! By which way somebody acts on a room: a server by its right, or a client by the room's.

use crate::kernel::fact::Fields;

/// What a client tells of itself; callbacks show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The platform, as in `Web`.
    pub platform: Option<String>,
    /// The address.
    pub ip: Option<String>,
}

/// By which way somebody acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// A server, as an administrator of the app.
    Server,
    /// A client, as the account that it is.
    Client(Client),
}

impl Client {
    /// What is known of the client, as fields of a fact.
    pub fn fields(&self) -> Fields {
        let platform = self.platform.as_deref().map(|platform| ("Platform", platform.into()));
        let ip = self.ip.as_deref().map(|ip| ("ClientIP", ip.into()));
        platform.into_iter().chain(ip).collect()
    }
}

impl Way {
    /// What is known of the way, as fields of a fact.
    pub fn fields(&self) -> Fields {
        match self {
            Self::Server => Vec::new(),
            Self::Client(client) => client.fields(),
        }
    }

    /// The SDK's reason of a kick: 0 by an administrator of the room, 2 by a server.
    pub const fn kicked_reason(&self) -> i64 {
        match self {
            Self::Server => 2,
            Self::Client(_) => 0,
        }
    }

    /// The SDK's reason of a room's end: 1 by its owner, 2 by a server.
    pub const fn dismissed_reason(&self) -> i64 {
        match self {
            Self::Server => 2,
            Self::Client(_) => 1,
        }
    }
}
