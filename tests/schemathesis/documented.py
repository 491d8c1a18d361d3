"""Every exchange of fixtures/documented against the OpenAPI document: the reply is inside its schema, and so is what was
asked, where it was answered.

Usage: documented.py OPENAPI.json FIXTURES
"""

import json
import pathlib
import sys

import jsonschema_rs


def schema_of(document, content):
    """A validator of a body as JSON; nothing where the body is no JSON."""
    media = content.get("application/json")
    if media is None:
        return None
    return jsonschema_rs.Draft202012Validator({**media["schema"], "components": document["components"]})


def operations(document):
    """The operations by their ids, each with its validators: of what is asked, and of replies by status."""
    found = {}
    for path in document["paths"].values():
        for operation in path.values():
            asked = schema_of(document, operation.get("requestBody", {}).get("content", {}))
            replies = {
                status: schema_of(document, reply.get("content", {})) for status, reply in operation["responses"].items()
            }
            found[operation["operationId"]] = (asked, replies)
    return found


def faults(operation, exchange):
    """What of an exchange is outside the document."""
    asked, replies = operation
    reply, status = exchange["reply"], str(exchange["reply"]["status"])
    if status not in replies and f"{status[0]}XX" not in replies:
        yield f"the status {status} is not in the document"
        return
    validator = replies.get(status, replies.get(f"{status[0]}XX"))
    body = reply.get("body")
    if isinstance(body, dict) and body.get("RequestId") == "<request-id>":
        body = {**body, "RequestId": f"Id-{0:032x}-O-Seq-1"}
    if validator is not None and body is not None:
        for error in validator.iter_errors(body):
            yield f"reply at {list(error.instance_path)}: {error.message}"
    done = status[0] == "2" and (not isinstance(body, dict) or body.get("ErrorCode", 0) == 0)
    body = exchange["request"].get("body")
    if done and asked is not None and isinstance(body, dict):
        for error in asked.iter_errors(body):
            yield f"request at {list(error.instance_path)}: {error.message}"


def main():
    document = json.loads(pathlib.Path(sys.argv[1]).read_text())
    known = operations(document)
    checked, wrong, done = 0, 0, set()
    for page in sorted(pathlib.Path(sys.argv[2]).rglob("*.json")):
        for at, exchange in enumerate(json.loads(page.read_text())["exchanges"]):
            name = exchange["operation"]
            if name not in known:
                continue
            checked += 1
            body = exchange["reply"].get("body")
            if exchange["reply"]["status"] < 300 and (not isinstance(body, dict) or not body.get("ErrorCode")):
                done.add(name)
            for fault in faults(known[name], exchange):
                wrong += 1
                print(f"{page.name}, exchange {at}, {name}: {fault[:300]}")
    print(f"{checked} documented exchanges, {len(done)} of {len(known)} operations with a success: {wrong} outside the document")
    sys.exit(1 if wrong or not checked else 0)


main()
