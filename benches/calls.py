"""The calls that are measured, each with the world in which every single one of them finds something to do."""

import os

from yard import Call, die, filled, wrk

ROOMS = int(os.environ.get("YARD_ROOMS", "10_000"))
MEMBERS = 26  # of each room at first, where they are removed: some 20 on average while they are
QUERY = "?sdkappid=88888888&identifier=admin&usersig=xxx&random=99999999&contenttype=json"


def accounts(room, count):
    return [{"Member_Account": filled("u{room}-{member}", room, member)} for member in range(count)]


def tencent(**state):
    return {"imulator": 1, "tencent": {"88888888": {"administrators": ["admin"], **state}}}


def group_world():
    group = lambda room: {"GroupId": filled("g{room}", room, 0), "Type": "Public", "Name": "g",
                          "MemberList": accounts(room, MEMBERS)}
    return tencent(groups=[group(room) for room in range(ROOMS)])


def room_world():
    room = lambda room: {"RoomId": filled("r{room}", room, 0), "Owner_Account": "host",
                         "MemberList": [{"Member_Account": "host"}, *accounts(room, MEMBERS)]}
    return tencent(rooms=[room(number) for number in range(ROOMS)])


IMKIT_MEMBERS = 18  # at first, where they are added


def imkit_world():
    names = [filled("c{member}", 0, member) for member in range(IMKIT_MEMBERS + 10)]
    clients = [{"_id": name, "nickname": name, "tokens": [f"token-{name}"]} for name in names]
    room = lambda room: {"_id": filled("r{room}", room, 0), "name": "r", "roomType": "group",
                         "members": names[:IMKIT_MEMBERS]}
    rooms = [room(number) for number in range(ROOMS)]
    return {"imulator": 1, "imkit": {"App": {"client_keys": ["ck"], "clients": clients, "rooms": rooms}}}


DELETE = Call(
    "delete_group_member", "/v4/group_open_http_svc/delete_group_member" + QUERY,
    {"GroupId": "g{room}", "Reason": "kick reason", "MemberToDel_Account": ["u{room}-{member}"]}, ROOMS, 0, MEMBERS)
KICK = Call(
    "kick_user_out", "/v4/room_engine_http_srv/kick_user_out" + QUERY,
    {"RoomId": "r{room}", "MemberList_Account": ["u{room}-{member}"], "Reason": "you are kicked because of irregularities"},
    ROOMS, 0, MEMBERS)
ADD = Call(
    "IMKIT add-member", "/rooms/r{room}/members", {"invitees": ["c{member}"], "systemMessage": True},
    ROOMS, IMKIT_MEMBERS, 10, {"IM-CLIENT-KEY": "ck", "IM-Authorization": "token-c00000"})
CASES = [(group_world, DELETE), (room_world, KICK), (imkit_world, ADD)]


def in_step(server, call, seconds):
    """One round of imulator, after which its journal tells that every reply was a success."""
    server.reset()
    before = server.last()
    call.ask(server, ROOMS - 1, call.first + call.members - 1)
    entries = server.last() - before
    before = server.last()
    counted = wrk(server, call, seconds)
    numbered = server.last() - before
    # A refused call has no event, and so fewer entries; what was still on its way at the end is not counted by wrk.
    if not counted["requests"] * entries <= numbered <= counted["sent"] * entries:
        die(f"{call.name}: {counted['requests']} replies and only {numbered} entries in the journal, {entries} for each success")
    return counted
