"""What every generated call needs to come past the doors of the demo world, and names of it that rules know.

Three calls of four are let in; what is generated stays what it is otherwise. Each choice comes from the call itself, so
that the same seed makes the same calls.
"""

import base64
import json
import os
import pathlib
import urllib.parse
import zlib

import requests
import schemathesis

TENCENT = {"sdkappid": "88888888", "identifier": "admin", "usersig": "x"}
CLIENT = {"IM-CLIENT-KEY": "demo-client-key", "IM-Authorization": "token-aaa"}
BACKEND = {"IM-API-KEY": "demo-api-key", "IM-CLIENT-ID": "aaa"}

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

# What `{id}` stands for, by the first word of a path; anywhere else it is a client's.
IDS = {"rooms": "demo-room", "roomPrefs": "demo-room", "messages": "5e5b88e91da9d53097b13840"}


def documented() -> dict:
    """The vendors' own exchanges, by their operations: each with its page's world and those before it in that world."""
    found = {}
    for page in sorted((FIXTURES / "documented").rglob("*.json")):
        page = json.loads(page.read_text())
        for at, exchange in enumerate(page["exchanges"]):
            reply = exchange["reply"]
            body = reply.get("body")
            if reply["status"] < 300 and not (isinstance(body, dict) and body.get("ErrorCode")):
                found.setdefault(exchange["operation"], []).append((page["world"], page["exchanges"][: at + 1]))
    return found


FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "fixtures"
DEMO = json.loads((FIXTURES / "worlds" / "demo.json").read_text())
DOCUMENTED = documented()


def ask(exchange):
    """Sends a documented request."""
    request, body = exchange["request"], exchange["request"].get("body")
    data = base64.b64decode(request["base64"]) if "base64" in request else None if body is None else json.dumps(body)
    url = os.environ["IMULATOR_URL"] + request["target"]
    requests.request(request["method"], url, data=data, headers=request.get("headers"), timeout=10)


def prepare(operation):
    """Puts the world in place that the operation's first documented success comes from."""
    world, exchanges = DOCUMENTED.get(operation, [("demo", [])])[0]
    world = DEMO if world == "demo" else world
    requests.put(os.environ["IMULATOR_URL"] + "/_imulator/state", json=world, timeout=10).raise_for_status()
    for exchange in exchanges[:-1]:
        ask(exchange)


def dice(case) -> int:
    """A number that is the same for the same call."""
    parts = [case.operation.label, repr(case.path_parameters), repr(case.query), repr(case.body)]
    return zlib.crc32("\n".join(parts).encode("utf-8", "surrogatepass"))


def known(value):
    """The value with names of the demo world at the places that take them."""
    if isinstance(value, dict):
        return {
            name: KNOWN[name] if name in KNOWN and isinstance(member, str) else known(member)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [known(member) for member in value]
    return value


def as_documented(case, operation, roll: int):
    """The documented call; half of them with one generated member in the place of its own."""
    if operation not in DOCUMENTED:
        return
    request = DOCUMENTED[operation][0][1][-1]["request"]
    path, _, query = request["target"].partition("?")
    pairs = zip(case.operation.path.split("/"), path.split("/"))
    case.path_parameters = {name[1:-1]: urllib.parse.unquote(value) for name, value in pairs if name.startswith("{")}
    case.query = {**(case.query or {}), **dict(urllib.parse.parse_qsl(query))}
    case.headers.update(request.get("headers", {}))
    if not isinstance(request.get("body"), dict):
        return
    body = dict(request["body"])
    names = sorted(case.body) if isinstance(case.body, dict) and roll // 8 % 2 else []
    for name in names[roll % 3 :][:1]:
        body[name] = case.body[name]
    case.body = body


@schemathesis.hook
def before_call(context, case, kwargs):
    operation = case.operation.definition.raw.get("operationId")
    if LAST[0] != operation:
        LAST[0] = operation
        prepare(operation)
        # The first call of each operation is the documented one as it is.
        return as_documented(case, operation, 0)
    roll = dice(case)
    if roll % 3 == 0:
        return as_documented(case, operation, roll)
    if roll % 2 == 0:
        case.body = known(case.body)
        case.path_parameters = known(case.path_parameters)
        if "id" in (case.path_parameters or {}):
            case.path_parameters["id"] = IDS.get(case.operation.path.split("/")[1], "bbb")
    if roll % 4 == 3:
        return
    if case.operation.path.startswith("/v4/"):
        case.query = {**(case.query or {}), **TENCENT}
    else:
        case.headers.update(CLIENT if roll % 8 < 4 else BACKEND)


LAST = [None]
