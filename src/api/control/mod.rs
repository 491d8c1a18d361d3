//! The control API: what a test, a person or the dashboard does to the emulator itself.

pub mod clients;
pub mod clock;
pub mod credentials;
pub mod faults;
pub mod gateway;
pub mod journal;
pub mod page;
pub mod room_clients;
pub mod snapshot;
pub mod state;
pub mod stream;
pub mod tables;
pub mod upload;
pub mod verify;
pub mod world;

use crate::api::control::gateway::Control;
use crate::api::operation::{Access, Operation};
use crate::operation;

/// Where the control API is described.
const DOC: &str = "https://docs.rs/imulator";

/// All control operations.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS.iter()
}

/// The rows: `/_imulator`.
// table
static OPERATIONS: &[Operation] = &[
    operation!(Control, "control.health", "GET" "/_imulator/health", state::health,
        "Tells that the emulator answers, its version and epoch.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.reset", "POST" "/_imulator/reset", state::reset,
        "Goes back to the start-up fixtures, for the world or one tenant.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(worded Control, "control.state.get", "GET" "/_imulator/state", state::get,
        "The world, or one tenant, as a state document.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.state.put", "PUT" "/_imulator/state", state::put,
        "Replaces the world.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.seed", "POST" "/_imulator/seed", state::seed,
        "Adds a state document to the world.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.tenants.list", "GET" "/_imulator/tenants", state::tenants,
        "Who is open, since when, how large.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.tenants.drop_tencent", "DELETE" "/_imulator/tenants/tencent/{sdkappid}", state::drop_tencent,
        "Drops a Tencent application.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.tenants.drop_imkit", "DELETE" "/_imulator/tenants/imkit/{appID}", state::drop_imkit,
        "Drops an IMKIT application.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.journal.get", "GET" "/_imulator/journal", journal::get,
        "Entries of the journal, oldest first.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.journal.delete", "DELETE" "/_imulator/journal", journal::delete,
        "Empties the journal, or one tenant's part of it.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.clock.get", "GET" "/_imulator/clock", clock::get,
        "What time it is, for the emulator or one tenant.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.clock.change", "POST" "/_imulator/clock", clock::change,
        "Advances or sets the clock, or one tenant's offset to it.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.faults.list", "GET" "/_imulator/faults", faults::list,
        "The fault rules in force, and how often each was tried and has fired.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.faults.add", "POST" "/_imulator/faults", faults::add,
        "Adds fault rules.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.faults.replace", "PUT" "/_imulator/faults", faults::replace,
        "Puts fault rules in place of all others.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.faults.clear", "DELETE" "/_imulator/faults", faults::clear,
        "Takes all fault rules away.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.faults.get", "GET" "/_imulator/faults/{id}", faults::get,
        "One fault rule.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.faults.put", "PUT" "/_imulator/faults/{id}", faults::put,
        "Puts a fault rule in place of the one with its id, or adds it.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.faults.remove", "DELETE" "/_imulator/faults/{id}", faults::remove,
        "Takes a fault rule away.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.verify", "POST" "/_imulator/verify", verify::verify,
        "Tells whether the journal holds so many entries of a kind.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(raw Control, "control.stream", "GET" "/_imulator/stream", stream::get,
        "The journal as server-sent events.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.rooms.enter", "POST" "/_imulator/tencent/{sdkappid}/rooms/{RoomId}/enter",
        room_clients::enter,
        "A client enters a room.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.rooms.leave", "POST" "/_imulator/tencent/{sdkappid}/rooms/{RoomId}/leave",
        room_clients::leave,
        "A client leaves a room.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.rooms.expire", "POST" "/_imulator/tencent/{sdkappid}/rooms/{RoomId}/expire",
        room_clients::expire,
        "A client is not heard of any more and leaves a room.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.rooms.seat", "POST" "/_imulator/tencent/{sdkappid}/rooms/{RoomId}/seat",
        room_clients::seat,
        "A client takes or leaves a seat, asks for one, or answers those who ask.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.rooms.admin", "POST" "/_imulator/tencent/{sdkappid}/rooms/{RoomId}/admin",
        room_clients::admin,
        "The owner makes a member an administrator, or an ordinary member again.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.rooms.kick", "POST" "/_imulator/tencent/{sdkappid}/rooms/{RoomId}/kick",
        room_clients::kick,
        "The owner or an administrator of a room removes members.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.rooms.destroy", "POST" "/_imulator/tencent/{sdkappid}/rooms/{RoomId}/destroy",
        room_clients::destroy,
        "The owner ends a room.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.rooms.message", "POST" "/_imulator/tencent/{sdkappid}/rooms/{RoomId}/message",
        room_clients::message,
        "A client sends a text into a room.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.groups.join", "POST" "/_imulator/tencent/{sdkappid}/groups/{GroupId}/join", clients::join,
        "A client joins a group.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.groups.quit", "POST" "/_imulator/tencent/{sdkappid}/groups/{GroupId}/quit", clients::quit,
        "A client quits a group.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.accounts.get", "GET" "/_imulator/tencent/{sdkappid}/accounts/{UserID}", clients::account,
        "An account with its TinyId.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.operations", "GET" "/_imulator/operations", tables::operations,
        "The table of operations.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.openapi", "GET" "/_imulator/openapi.json", tables::openapi,
        "The OpenAPI document of all operations.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.schema", "GET" "/_imulator/schema.json", tables::schema,
        "The JSON Schema of the state document.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.world.list", "GET" "/_imulator/world/{family}/{tenant}/{kind}", world::list,
        "What there is of a kind: groups, rooms, accounts; rooms, clients.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.world.get", "GET" "/_imulator/world/{family}/{tenant}/{kind}/{id}", world::one,
        "One group, room, account or client.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.world.members", "GET" "/_imulator/world/{family}/{tenant}/{kind}/{id}/members",
        world::members,
        "Who is in a group or room.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.world.banned", "GET" "/_imulator/world/{family}/{tenant}/{kind}/{id}/banned",
        world::banned,
        "Who is kept out of a group or room.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.world.messages", "GET" "/_imulator/world/{family}/{tenant}/{kind}/{id}/messages",
        world::messages,
        "What was last said in a group or room.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(Control, "control.credentials", "GET" "/_imulator/credentials", credentials::get,
        "What a program sends to be let in by a vendor's API.", doc: DOC, limits: [], per_second: (0, 0)),
    operation!(raw Control, "control.page", "GET" "/_imulator/", page::index,
        "The dashboard.", doc: DOC, limits: [], per_second: (0, 0), access: Access::Anybody),
    operation!(raw Control, "control.page.file", "GET" "/_imulator/page/{file}", page::file,
        "A file of the dashboard.", doc: DOC, limits: [], per_second: (0, 0), access: Access::Anybody),
];
