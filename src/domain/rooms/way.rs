//! By which way somebody acts on a room: a server by its right, or a client by the room's.

pub use crate::domain::client::Client;
use crate::kernel::fact::Fields;

/// By which way somebody acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// A server, as an administrator of the app.
    Server,
    /// A client, as the account that it is.
    Client(Client),
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
