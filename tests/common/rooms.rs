//! Verbs of the room families: a hall with seats, commands by their bare names, refusals that change nothing.

use serde_json::{Value, json};

use super::{Answer, House, start, without_request_id};

/// 2026-01-05T09:00:00Z, where the manual clock stands.
pub const NOW: i64 = 1_767_603_600;
/// The people of the hall; the first is its owner.
pub const PEOPLE: [&str; 4] = ["mira", "okan", "lupe", "adam"];

/// A room owned by mira with these members.
pub fn room(id: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({"Member_Account": id})).collect();
    json!({"RoomId": id, "Owner_Account": "mira", "MemberList": members})
}

/// An application with these rooms and options; the people and some others are imported.
pub async fn app(rooms: Value, options: Value) -> House {
    let names = ["mira", "okan", "lupe", "adam", "noor", "robo"];
    let accounts: Vec<Value> = names.iter().map(|id| json!({"UserID": id})).collect();
    start(json!({"imulator": 1, "tencent": {"88888888": {"accounts": accounts, "rooms": rooms, "options": options}}}))
        .await
}

/// A room `hall` with its people and four seats in this mode.
pub fn seated(mode: &str) -> Value {
    let mut hall = room("hall", &PEOPLE);
    hall["IsSeatEnabled"] = json!(true);
    hall["MaxSeatCount"] = json!(4);
    hall["TakeSeatMode"] = json!(mode);
    hall
}

/// The hall with seats that are free to take.
pub async fn hall() -> House {
    app(json!([seated("FreeToTake")]), json!({})).await
}

/// The service of a command.
fn service(command: &str) -> &'static str {
    match command {
        "get_seat_list" | "pick_user_on_seat" | "kick_user_off_seat" | "lock_seat" | "move_user_to_seat"
        | "switch_seat" => "room_engine_http_mic",
        "set_callback" | "get_callback" | "update_callback" | "delete_callback" => "room_config",
        _ => "room_engine_http_srv",
    }
}

impl House {
    /// A command of any of the three services, by its bare name.
    pub async fn ask(&self, command: &str, body: Value) -> Answer {
        self.tencent(&format!("{}/{command}", service(command)), body).await
    }

    /// The command succeeds; gives what `Response` holds.
    pub async fn does(&self, command: &str, body: Value) -> Value {
        let answer = self.ask(command, body.clone()).await;
        assert_eq!(answer.code(), 0, "{command} {body}: {}", answer.why());
        answer.json()["Response"].clone()
    }

    /// The command is refused with this code and a reason, and nothing changed and nothing happened.
    pub async fn refuses(&self, command: &str, body: Value, code: i64) {
        let (state, events) = (self.state().await, self.events().await);
        let answer = self.ask(command, body.clone()).await;
        assert_eq!(answer.code(), code, "{command} {body}: {}", answer.text);
        assert_ne!(answer.why(), "", "{command} {body}");
        let envelope = without_request_id(&answer.text);
        assert!(envelope.starts_with(&format!("{{\"ErrorCode\":{code},\"ErrorInfo\":\"")), "{envelope}");
        assert!(envelope.ends_with("\"ActionStatus\":\"FAIL\",\"RequestId\":\"<request-id>\"}"), "{envelope}");
        assert_eq!(self.state().await, state, "{command} {body}: a refused call changed the world");
        assert_eq!(self.events().await, events, "{command} {body}: a refused call made an event");
    }

    /// A client does something in the hall.
    pub async fn by_client(&self, verb: &str, body: Value) {
        let answer = self.client("hall", verb, body.clone()).await;
        assert_eq!(answer.text, "{}", "{verb} {body}");
    }

    /// A client is turned away with this code of the room service, and nothing changed.
    pub async fn turns_away(&self, verb: &str, body: Value, code: i64) {
        let (state, events) = (self.state().await, self.events().await);
        let answer = self.client("hall", verb, body.clone()).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]["code"]), (409, &json!(code)), "{verb} {body}");
        assert_eq!(self.state().await, state, "{verb} {body}");
        assert_eq!(self.events().await, events, "{verb} {body}");
    }

    /// The events from this number of them on.
    pub async fn since(&self, count: usize) -> Vec<Value> {
        self.events().await.split_off(count)
    }

    /// Moves the manual clock.
    pub fn seconds_pass(&self, seconds: u64) {
        self.emulator.clock().advance(std::time::Duration::from_secs(seconds));
    }

    /// The accounts on the seats of the hall, `-` for an empty one and `#` for a locked one.
    pub async fn seats(&self) -> Vec<String> {
        let list = self.does("get_seat_list", json!({"RoomId": "hall"})).await["SeatList"].clone();
        let word = |seat: &Value| match seat["Member_Account"].as_str() {
            Some(account) => account.to_owned(),
            None if seat["IsTakenDisabled"] == true => "#".to_owned(),
            None => "-".to_owned(),
        };
        list.as_array().expect("a list").iter().map(word).collect()
    }
}
