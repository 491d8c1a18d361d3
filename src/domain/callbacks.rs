//! The vendors' callbacks by name, and the addresses of those who receive them.

use crate::domain::settings::{Callbacks, RoomCallbacks};
use crate::domain::state::Faults;

/// Most bytes of a receiver's address.
pub const URL_BYTES_MAX: usize = 2048;
/// Most bytes of a part of a host name.
const LABEL_BYTES_MAX: usize = 63;

/// The callbacks of the Room Engine.
pub const ROOMS: [&str; 6] = [
    "Room.CallbackAfterCreateRoom",
    "Room.CallbackAfterDestroyRoom",
    "Room.CallbackAfterUpdateRoomInfo",
    "Room.CallbackAfterMemberEnter",
    "Room.CallbackAfterMemberLeave",
    "Mic.CallbackAfterSeatInfoChanged",
];

/// The families of Chat's callbacks, each with the names that are documented in it.
// table
const CHAT: &[(&str, &[&str])] = &[
    ("State.", &["StateChange"]),
    ("Profile.", &["CallbackPortraitSet"]),
    (
        "Sns.Callback",
        &["PrevFriendAdd", "PrevFriendResponse", "FriendAdd", "FriendDelete", "BlackListAdd", "BlackListDelete"],
    ),
    ("C2C.Callback", &["BeforeSendMsg", "AfterSendMsg", "AfterMsgReport", "AfterMsgWithDraw"]),
    (
        "Group.Callback",
        &[
            "BeforeCreateGroup",
            "AfterCreateGroup",
            "BeforeApplyJoinGroup",
            "BeforeInviteJoinGroup",
            "AfterNewMemberJoin",
            "AfterMemberExit",
            "BeforeSendMsg",
            "AfterSendMsg",
            "AfterGroupFull",
            "AfterGroupDestroyed",
            "AfterGroupInfoChanged",
            "AfterRecallMsg",
            "OnMemberStateChange",
            "SendMsgException",
            "AfterMemberFieldChanged",
            "AfterGroupAttrChanged",
            "AfterReadReceipt",
            "AfterChangeGroupOwner",
            "AfterGroupMsgExtension",
            "BeforeCreateTopic",
            "AfterCreateTopic",
            "AfterTopicDestroyed",
            "AfterTopicInfoChanged",
            "OnDailyGroupQuotaAlarm",
        ],
    ),
    (
        "OfficialAccount.Callback",
        &[
            "BeforeCreateOfficialAccount",
            "AfterCreateOfficialAccount",
            "AfterOfficialAccountInfoChanged",
            "AfterOfficialAccountDestroyed",
            "BeforeAddSubscriber",
            "AfterAddSubscriber",
            "AfterOfficialAccountFull",
            "AfterDeleteSubscriber",
            "BeforeSendMsg",
            "AfterSendMsg",
            "AfterMsgWithDraw",
        ],
    ),
    ("Bot.", &["OnC2CMessage", "OnGroupMessage"]),
    ("Chatbot.", &["OnC2CSignalMessage"]),
    ("ContentCallback.", &["ResultNotify"]),
    ("Push.", &["OfflinePush", "AllMemberPush"]),
    ("Alert.", &["RequestOverLimit"]),
    ("Call.Callback", &["AfterStartCall", "AfterEndCall", "AfterMemberChanged"]),
];

/// The names of all documented callbacks.
pub fn documented() -> impl Iterator<Item = String> {
    let of_chat = CHAT.iter().flat_map(|(family, names)| names.iter().map(move |name| format!("{family}{name}")));
    ROOMS.iter().map(|name| (*name).to_owned()).chain(of_chat)
}

/// Whether a callback of this name is documented.
pub fn is_documented(command: &str) -> bool {
    let of_chat =
        |(family, names): &(&str, &[&str])| command.strip_prefix(family).is_some_and(|name| names.contains(&name));
    ROOMS.contains(&command) || CHAT.iter().any(of_chat)
}

/// What keeps a text from being the address of a receiver.
pub fn fault_of_url(url: &str) -> Option<&'static str> {
    let Some(rest) = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")) else {
        return Some("has to begin with http:// or https://");
    };
    if url.len() > URL_BYTES_MAX {
        return Some("is longer than 2048 bytes");
    }
    let odd = |byte: u8| !byte.is_ascii_graphic() || b"\"<>\\^`{|}#".contains(&byte);
    if url.bytes().any(odd) {
        return Some("holds a character that no URL has, or a fragment; percent-encode it");
    }
    let authority = rest.split(['/', '?']).next().unwrap_or("");
    fault_of_authority(authority)
}

fn fault_of_authority(authority: &str) -> Option<&'static str> {
    let bracketed = authority.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (host_is_good, port) = match bracketed {
        Some((host, rest)) => (host.parse::<std::net::Ipv6Addr>().is_ok(), rest),
        None => {
            let end = authority.find(':').unwrap_or(authority.len());
            (is_host(&authority[..end]), &authority[end..])
        }
    };
    if !host_is_good {
        return Some("has no host name or address that can be one");
    }
    let digits = port.strip_prefix(':').unwrap_or(port);
    let numbered = digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok_and(|port| port > 0);
    let port_is_good = port.is_empty() || (port.starts_with(':') && numbered);
    (!port_is_good).then_some("has a port that is not from 1 to 65535")
}

/// Letters, digits and inner hyphens between dots, or an IPv4 address.
fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        let word = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (1..=LABEL_BYTES_MAX).contains(&label.len()) && word && !label.starts_with('-') && !label.ends_with('-')
    };
    let dotted = host.strip_suffix('.').unwrap_or(host);
    let numeric = dotted.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if numeric { host.parse::<std::net::Ipv4Addr>().is_ok() } else { dotted.split('.').all(label) }
}

impl Callbacks {
    /// Notes what is wrong with it.
    pub fn check(&self, path: &str, faults: &mut Faults) {
        if let Some(fault) = fault_of_url(&self.url) {
            faults.add(format!("{path}.url"), fault);
        }
        for (at, command) in self.commands.iter().enumerate() {
            let path = format!("{path}.commands[{at}]");
            faults.unless(is_documented(command), path, format!("{command:?} is no documented callback"));
        }
    }
}

impl RoomCallbacks {
    /// Notes what is wrong with it.
    pub fn check(&self, path: &str, faults: &mut Faults) {
        if let Some(fault) = fault_of_url(&self.url) {
            faults.add(format!("{path}.Url"), fault);
        }
        for (at, command) in self.callback_command_list.iter().enumerate() {
            let known = ROOMS.contains(&command.as_str());
            let path = format!("{path}.CallbackCommandList[{at}]");
            faults.unless(known, path, format!("{command:?} is none of {}", ROOMS.join(", ")));
        }
    }
}
