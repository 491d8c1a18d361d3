//! What the programs that wear an emulator down share: the emulator as a process of its own, connections to it, and
//! somebody who asks for something small all the while and notes how long it takes.

#![allow(dead_code, reason = "each program uses its part")]

pub mod line;
pub mod probe;
pub mod server;

/// The query of a call by an administrator of this application.
pub fn query(sdkappid: u64) -> String {
    format!("sdkappid={sdkappid}&identifier=admin&usersig=x&random=1&contenttype=json")
}

/// A group command as the bytes of its request.
pub fn group(sdkappid: u64, command: &str, body: &serde_json::Value) -> Vec<u8> {
    line::post(&format!("/v4/group_open_http_svc/{command}?{}", query(sdkappid)), &body.to_string())
}

/// A room command as the bytes of its request.
pub fn room(sdkappid: u64, command: &str, body: &serde_json::Value) -> Vec<u8> {
    line::post(&format!("/v4/room_engine_http_srv/{command}?{}", query(sdkappid)), &body.to_string())
}
