//! A small IMKIT world, and actors with verbs.

#![allow(dead_code, reason = "each family uses its part")]

use serde_json::{Value, json};

use crate::common::{Answer, House, start};

/// `LocalApp`: four clients, a group and a direct room, both of mira and jonas.
pub fn world() -> Value {
    let client = |id: &str, name: &str| json!({"_id": id, "nickname": name, "tokens": [format!("t-{id}")]});
    json!({"imulator": 1, "imkit": {"LocalApp": {
        "client_keys": ["ck"], "api_keys": ["ak"],
        "clients": [client("mira", "Mira"), client("jonas", "Jonas"), client("okello", "Okello"), client("nadia", "Nadia")],
        "rooms": [
            {"_id": "tea", "name": "Tea House", "roomType": "group", "members": ["mira", "jonas"], "createdTimeMS": 1740000000321_i64},
            {"_id": "pair", "roomType": "direct", "members": ["mira", "jonas"], "createdTimeMS": 1740000000322_i64}
        ]
    }, "*": {}}})
}

/// The same with these switches of the application.
pub fn world_with(options: Value) -> Value {
    let mut world = world();
    world["imkit"]["LocalApp"]["options"] = options;
    world
}

/// One who calls: a client by its id, or `admin` by the API key.
pub struct Actor<'h> {
    house: &'h House,
    headers: Vec<(&'static str, String)>,
}

/// The small world, started.
pub async fn tea() -> House {
    start(world()).await
}

pub fn client<'h>(house: &'h House, id: &str) -> Actor<'h> {
    Actor { house, headers: vec![("IM-CLIENT-KEY", "ck".into()), ("IM-Authorization", format!("t-{id}"))] }
}

pub fn admin(house: &House) -> Actor<'_> {
    Actor { house, headers: vec![("IM-API-KEY", "ak".into())] }
}

impl Actor<'_> {
    /// The same caller with one more header.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same client by another token.
    pub fn by_token(mut self, token: &str) -> Self {
        self.headers.retain(|(name, _)| *name != "IM-Authorization");
        self.with("IM-Authorization", token)
    }

    /// Any call.
    pub async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        let headers: Vec<(&str, &str)> = self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.house.imkit(method, path, &headers, body.into_bytes()).await
    }

    /// A call that succeeds; its result.
    pub async fn does(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.call(method, path, body).await;
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text);
        let reply = answer.json();
        assert_eq!((&reply["RC"], &reply["RM"]), (&json!(0), &json!("OK")));
        reply["result"].clone()
    }

    /// A call that is refused: `404 ROOM_NOT_FOUND`.
    pub async fn fails(&self, method: &str, path: &str, body: Value) -> String {
        refusal(&self.call(method, path, body).await)
    }

    pub async fn adds(&self, body: Value) -> Value {
        self.does("POST", "/rooms/tea/members", body).await
    }

    pub async fn removes(&self, body: Value) -> Value {
        self.does("POST", "/rooms/tea/delete/members", body).await
    }

    pub async fn says(&self, text: &str) -> Value {
        self.does("POST", "/rooms/tea/message", json!({"message": text})).await
    }

    pub async fn sees(&self, path: &str) -> Value {
        self.does("GET", path, Value::Null).await
    }
}

/// Status and code of a refusal, once its form is checked.
pub fn refusal(answer: &Answer) -> String {
    let reply = answer.json();
    assert_eq!(reply["RC"], json!(answer.status.as_u16()), "{}", answer.text);
    assert!(answer.status.is_client_error(), "{}", answer.text);
    assert!(!answer.why().is_empty(), "every refusal has its why: {}", answer.text);
    assert!(reply.get("result").is_none());
    assert!(reply["error"]["message"].is_string());
    format!("{} {}", answer.status.as_u16(), reply["error"]["code"].as_str().expect("a code is text"))
}

/// The ids of the members that a room shows.
pub fn members(room: &Value) -> Vec<String> {
    let members = room["members"].as_array().expect("members are an array");
    members.iter().map(|member| member["_id"].as_str().expect("an id is text").to_owned()).collect()
}

/// `jonas 1` for each entry of memberProperties.
pub fn badges(room: &Value) -> Vec<String> {
    let lines = room["memberProperties"].as_array().expect("memberProperties are an array");
    lines.iter().map(|line| format!("{} {}", line["client"].as_str().expect("an id"), line["badge"])).collect()
}
