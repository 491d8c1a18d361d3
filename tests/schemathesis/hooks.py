"""What every generated call needs to come past the doors of the demo world, and names of it that rules know.

Three calls of four are let in; what is generated stays what it is otherwise. Each choice comes from the call itself, so
that the same seed makes the same calls.
"""

import json
import zlib

import schemathesis

TENCENT = {"sdkappid": "88888888", "identifier": "admin", "usersig": "x"}
CLIENT = {"IM-CLIENT-KEY": "demo-client-key", "IM-Authorization": "token-aaa"}
BACKEND = {"IM-API-KEY": "demo-api-key"}

# Values of the demo world, by the names of the fields and parameters that take them.
KNOWN = {
    "GroupId": "@TGS#2J4SZEAEL",
    "RoomId": "room-test",
    "roomID": "demo-room",
    "room": "demo-room",
    "clientID": "bbb",
    "memberID": "bbb",
    "messageID": "5e5b88e91da9d53097b13840",
    "Member_Account": "tommy",
    "From_Account": "tommy",
    "Operator_Account": "mira",
    "UserID": "mira",
    "Owner_Account": "mira",
}


def dice(case) -> int:
    """A number that is the same for the same call."""
    parts = [case.operation.label, repr(case.path_parameters), repr(case.query), repr(case.body)]
    return zlib.crc32("\n".join(parts).encode("utf-8", "surrogatepass"))


def known(value, roll: int):
    """The value with names of the demo world at the places that take them."""
    if isinstance(value, dict):
        return {
            name: KNOWN[name] if name in KNOWN and isinstance(member, str) else known(member, roll)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [known(member, roll) for member in value]
    return value


@schemathesis.hook
def before_call(context, case, kwargs):
    roll = dice(case)
    if roll % 2 == 0:
        case.body = known(case.body, roll)
        case.path_parameters = known(case.path_parameters, roll)
    if roll % 4 == 3:
        return
    if case.operation.path.startswith("/v4/"):
        case.query = {**(case.query or {}), **TENCENT}
    else:
        for name, value in (CLIENT if roll % 8 < 4 else BACKEND).items():
            case.headers[name] = value
