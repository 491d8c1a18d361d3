"""What the measuring commands share: servers and a generator on cores of their own, medians of ratios, tables.

Needs Linux, wrk, taskset and a Rust toolchain; nothing but Python's standard library.
"""

import contextlib
import http.client
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BENCHES = Path(__file__).resolve().parent
ROOT = BENCHES.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PROFILE = os.environ.get("YARD_PROFILE", "dist")  # what is handed out
CONNECTIONS = 64
# The server has a core to itself, the generator another: neither takes time from the other.
SERVER_CORES = os.environ.get("YARD_SERVER_CORES", "0")
CLIENT_CORES = os.environ.get("YARD_CLIENT_CORES", "1")
READY_SECONDS = 60


def die(message):
    sys.exit(f"error: {message}")


def need(*commands):
    for command in commands:
        if not shutil.which(command):
            die(f"{command} is missing; on Debian: apt-get install wrk util-linux")


def build(crate=ROOT):
    """Builds a crate as what is handed out is built, and gives its binary."""
    environment = os.environ | {"CARGO_TARGET_DIR": str(TARGET)}
    command = ["cargo", "build", "--quiet", "--locked", "--profile", PROFILE, "--bins"]
    subprocess.run([*command, "--manifest-path", str(crate / "Cargo.toml")], check=True, env=environment)
    return TARGET / ("debug" if PROFILE == "dev" else PROFILE) / ("imulator" if crate == ROOT else crate.name)


class Server:
    """A process that answers on a port of this machine, pinned; `name` is how tables call it."""

    def __init__(self, name, command, port=None, **options):
        self.name = name
        self.log = tempfile.TemporaryFile("w+", prefix="yard-")
        command = ["taskset", "-c", SERVER_CORES, *map(str, command)]
        self.process = subprocess.Popen(
            command, stdout=self.log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **options)
        end = time.monotonic() + READY_SECONDS
        while not (found := self._answers(port)):
            if time.monotonic() > end or self.process.poll() is not None:
                die(f"{self.name} did not become ready: {self.said()}")
            time.sleep(0.01)
        self.port = found

    def _answers(self, port):
        """The port, once the server answers there: the one that it was given, or the one that it says."""
        if port is None:
            said = re.search(r"ready on http://127\.0\.0\.1:(\d+)", self.said())
            return said and int(said.group(1))
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return port
        return None

    def said(self):
        with open(f"/proc/self/fd/{self.log.fileno()}", encoding="utf-8", errors="replace") as log:
            return log.read()

    def cpu_seconds(self):
        """User and system time of the process and all its threads so far."""
        # The clock that clock_getcpuclockid(3) names: utime and stime of /proc/PID/stat, but not in hundredths of a second.
        return time.clock_gettime_ns((~self.process.pid << 3) | 2) / 1e9

    def ask(self, method, path, body=None, headers=()):
        """One request; gives status, head and body of the reply as they came."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body=body, headers=dict(headers))
        reply = connection.getresponse()
        content = reply.read()
        head = f"HTTP/1.1 {reply.status} {reply.reason}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in reply.getheaders()) + "\r\n"
        connection.close()
        return reply.status, head, content

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Imulator(Server):
    """imulator in a world of its own."""

    def __init__(self, binary, world, *options, name="imulator"):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as fixture:
            json.dump(world, fixture)
            fixture.flush()
            super().__init__(name, [binary, "--listen", "127.0.0.1:0", "--fixture", fixture.name, *options])

    def control(self, method, path):
        status, _, body = self.ask(method, f"/_imulator/{path}")
        if status != 200:
            die(f"{method} {path}: {status} {body.decode()}")
        return json.loads(body)

    def reset(self):
        self.control("POST", "reset")

    def last(self):
        """The last number that the journal gave."""
        return self.control("GET", "journal?limit=1")["last"]


class Call:
    """A request in one form, for `rooms` rooms and, in each, `members` members from `first` on."""

    def __init__(self, name, target, body, rooms, first, members, headers=()):
        self.name, self.target, self.body, self.headers = name, target, body, dict(headers)
        self.rooms, self.first, self.members = rooms, first, members

    def raw(self):
        body = json.dumps(self.body)
        length = len(filled(body, 0, 0))
        lines = ["Host: 127.0.0.1", "Content-Type: application/json", f"Content-Length: {length}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return f"POST {self.target} HTTP/1.1\r\n" + "\r\n".join(lines) + "\r\n\r\n" + body

    def ask(self, server, room=0, member=None):
        member = self.first if member is None else member
        headers = {"Content-Type": "application/json"} | self.headers
        return server.ask("POST", filled(self.target, room, member), filled(json.dumps(self.body), room, member), headers)


def filled(text, room, member):
    return text.replace("{room}", f"{room:05}").replace("{member}", f"{member:05}")


def wrk(server, call, seconds, check=False, endless=False):
    """What wrk counts while it sends one kind of call, and the CPU time that it cost the server; `endless` is for those
    who answer a call as well that was made before."""
    with tempfile.NamedTemporaryFile("w", suffix=".http", newline="") as form:
        form.write(call.raw())
        form.flush()
        arguments = [form.name, call.rooms, call.first, call.members, *(["check"] if check else [])]
        command = ["taskset", "-c", CLIENT_CORES, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s",
                   "-s", BENCHES / "yard.lua", f"http://127.0.0.1:{server.port}", "--", *arguments]
        before = server.cpu_seconds()
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
        cpu = server.cpu_seconds() - before
    line = next((line for line in done.stdout.splitlines() if line.startswith("{")), None)
    if done.returncode or line is None:
        die(f"wrk: {done.stdout} {done.stderr}")
    counted = json.loads(line)
    if counted["broken"] or counted["refused"]:
        die(f"{server.name}: {call.name}: {line} {done.stdout.splitlines()[-1]}")
    if counted["exhausted"] and not endless:
        die(f"{call.name}: {counted['sent']} requests were sent, and only {call.rooms * call.members} can do their work: "
            "make the rounds shorter or the rooms more")
    counted["rate"] = counted["requests"] / counted["seconds"]
    counted["cpu_us"] = cpu * 1e6 / counted["requests"]
    counted["busy"] = cpu / counted["seconds"]
    return counted


MEASURES = [("requests/s", "rate"), ("CPU µs/request", "cpu_us"), ("p50 µs", "p50_us"), ("p99 µs", "p99_us")]


def ratio(ours, theirs, key):
    """The median of the ratios of neighbouring rounds, which a machine's slow moments spare most."""
    return statistics.median(one[key] / other[key] for one, other in zip(ours, theirs, strict=True))


def median(rounds, key):
    return statistics.median(one[key] for one in rounds)


def table(head, rows):
    """A Markdown table."""
    print("| " + " | ".join(head) + " |")
    print("| " + " | ".join("---" for _ in head) + " |")
    for row in rows:
        print("| " + " | ".join(row) + " |", flush=True)


@contextlib.contextmanager
def running(*servers):
    try:
        yield servers
    finally:
        for server in servers:
            server.stop()


def about():
    """Under what conditions the figures came to be."""
    version = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False).stdout.split(" [")[0]
    print(f"{version}, {CONNECTIONS} keep-alive connections; servers on core {SERVER_CORES}, wrk on core {CLIENT_CORES}; "
          f"profile {PROFILE}; load average {os.getloadavg()[0]:.1f}\n", flush=True)
