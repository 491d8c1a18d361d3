//! Rosters rebuilt from what the journal's stream tells, and looked up from the emulator itself.

use std::collections::BTreeMap;
use std::io;

use serde_json::{Value, json};

use crate::load::line::{Answer, Line};
use crate::world::{self, APP, IMKIT_ADMIN, SDKAPPID};

/// Who is inside, in order, by tenant and entity: `tencent/700/group/g0`.
pub type Rosters = BTreeMap<String, Vec<String>>;

/// What the stream told so far.
#[derive(Debug, Default)]
pub struct Told {
    /// The last number; each has to be one more than the one before.
    pub last: u64,
    pub events: u64,
    pub rosters: Rosters,
    /// What should not be: a gap, somebody who joined twice, somebody who left without being inside.
    pub faults: Vec<String>,
}

/// Begins to listen.
pub async fn listen(host: &str) -> io::Result<Line> {
    let mut line = Line::to(host).await?;
    let ask = b"GET /_imulator/stream HTTP/1.1\r\nhost: localhost\r\n\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut line.stream, ask).await?;
    Ok(line)
}

impl Told {
    /// With the rosters of the start.
    pub fn from_start(rosters: Rosters) -> Self {
        Self { rosters, ..Self::default() }
    }

    /// Takes what a line of the stream says; lines that only carry the transfer say nothing.
    pub fn take(&mut self, line: &str) {
        if let Some(number) = line.strip_prefix("id: ") {
            let number = number.parse().unwrap_or(0);
            if number != self.last + 1 {
                self.faults.push(format!("{number} follows {}", self.last));
            }
            self.last = number;
        } else if line == "event: dropped" {
            self.faults.push(format!("after {} entries fell out before they were read: lower --rate", self.last));
        } else if let Some(data) = line.strip_prefix("data: ").filter(|data| data.contains("\"kind\":\"event\"")) {
            match serde_json::from_str(data) {
                Ok(event) => self.happened(&event),
                Err(fault) => self.faults.push(format!("{fault}: {data}")),
            }
        }
    }

    fn happened(&mut self, event: &Value) {
        let Some(name) = entity(event) else { return };
        self.events += 1;
        let members = names(&event["data"]["members"], None);
        match event["event"].as_str() {
            Some("created") => drop(self.rosters.insert(name, members)),
            Some("destroyed") => drop(self.rosters.remove(&name)),
            Some("joined") => {
                let inside = self.rosters.entry(name).or_default();
                if members.iter().any(|id| inside.contains(id)) {
                    self.faults.push(format!("joined twice: {event}"));
                }
                inside.extend(members);
            }
            Some("member_left") => {
                let inside = self.rosters.entry(name).or_default();
                if !members.iter().all(|id| inside.contains(id)) {
                    self.faults.push(format!("left without being inside: {event}"));
                }
                inside.retain(|id| !members.contains(id));
            }
            _ => {}
        }
    }
}

/// `tencent/700/group/g0`, where an event is of a group or a room.
fn entity(event: &Value) -> Option<String> {
    let (vendor, tenant) = event["tenant"].as_object()?.iter().next()?;
    let (kind, id) = event["scope"].as_object()?.iter().next()?;
    matches!(kind.as_str(), "group" | "room")
        .then(|| format!("{vendor}/{}/{kind}/{}", tenant.as_str().unwrap_or(""), id.as_str().unwrap_or("")))
}

fn names(list: &Value, field: Option<&str>) -> Vec<String> {
    let name = |entry: &Value| field.map_or(entry, |field| &entry[field]).as_str().unwrap_or("").to_owned();
    list.as_array().into_iter().flatten().map(name).collect()
}

/// The rosters as the emulator's own lists have them.
pub async fn look_up(line: &mut Line) -> io::Result<Rosters> {
    let mut rosters = Rosters::new();
    for at in 0..world::ENTITIES {
        let group = crate::load::group(SDKAPPID, "get_group_member_info", &json!({"GroupId": format!("g{at}")}));
        let reply = line.ask(&group).await?.json();
        rosters.insert(format!("tencent/{SDKAPPID}/group/g{at}"), names(&reply["MemberList"], Some("Member_Account")));
        let room =
            crate::load::room(SDKAPPID, "get_room_member_list", &json!({"RoomId": format!("r{at}"), "Count": 200}));
        let reply = line.ask(&room).await?.json();
        let list = &reply["Response"]["MemberList"];
        rosters.insert(format!("tencent/{SDKAPPID}/room/r{at}"), names(list, Some("Member_Account")));
        let reply: Answer = line.ask(&world::imkit("GET", &format!("/rooms/t{at}"), IMKIT_ADMIN, "")).await?;
        rosters.insert(format!("imkit/{APP}/room/t{at}"), names(&reply.json()["result"]["members"], Some("_id")));
    }
    Ok(rosters)
}
