#!/usr/bin/env python3
"""The program of examples/http-app keeps the hook contract: two of them on loopback, called as Baton calls them.

Usage: http_app_test.py [PART OF A TEST'S NAME]
"""
import http.client
import http.server
import json
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
APP = Path(__file__).resolve().parent.parent.parent / "examples" / "http-app" / "image" / "app"
A, B = "127.0.0.1", "127.0.0.2"  # two members have one port, as pods do
TOKEN = "Bearer of-this-test"


def expect(condition, message):
    if not condition:
        raise AssertionError(message)


def until(condition, what, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


def free_port():
    """Free on both addresses."""
    for _ in range(50):
        with socket.socket() as one, socket.socket() as other:
            one.bind((A, 0))
            try:
                other.bind((B, one.getsockname()[1]))
            except OSError:
                continue
            return one.getsockname()[1]
    raise AssertionError("no port is free")


class Member:
    def __init__(self, ip, ports, folder):
        self.ip, (self.clients, self.admin), self.folder = ip, ports, folder / ip
        self.process = None
        self.start()

    def start(self):
        command = [APP, "--data", self.folder, "--clients", f"{self.ip}:{self.clients}", "--admin", f"{self.ip}:{self.admin}"]
        self.process = subprocess.Popen(command, env={"ADMIN_AUTHORIZATION": TOKEN, "PATH": "/usr/bin:/bin"}, stderr=subprocess.DEVNULL)
        until(self.listens, f"{self.ip} listens")

    def listens(self):
        try:
            return self.send(self.admin, "GET", "/ready")[0] in (200, 503)
        except OSError:
            return False

    def end(self, how=signal.SIGKILL):
        self.process.send_signal(how)
        return self.process.wait(10)

    def restart(self):
        self.end()
        self.start()

    def send(self, port, method, path, body=None, **headers):
        connection = http.client.HTTPConnection(self.ip, port, timeout=10)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def hook(self, name, epoch, primary=None, token=TOKEN):
        """As docs/hooks.md has the call."""
        role = "primary" if name == "promote" else "standby"
        call = {"group": "app", "namespace": "http-app", "request": "r", "epoch": epoch, "role": role, "pod": self.ip, "podIP": self.ip,
                "primaryPod": primary.ip if primary else "", "primaryIP": primary.ip if primary else ""}  # fmt: skip
        headers = {"Content-Type": "application/json", "Baton-Epoch": str(epoch), "Authorization": token}
        return self.send(self.admin, "POST", f"/{name}", json.dumps(call), **headers)

    def does(self, name, epoch, primary=None):
        status, said = self.hook(name, epoch, primary)
        expect(status == 200, f"{name} at epoch {epoch} on {self.ip}: {status} {said}")
        return said

    def refuses(self, name, epoch, primary=None):
        status, said = self.hook(name, epoch, primary)
        expect(status == 409, f"{name} at epoch {epoch} on {self.ip} is not refused: {status} {said}")

    def probe(self):
        return self.does("probe", 0)

    def is_now(self, role, position):
        said = self.probe()
        expect((said["role"], said["position"]) == (role, position), f"{self.ip}: {said}, expected {role} {position}")

    def put(self, key, value="x"):
        return self.send(self.clients, "PUT", f"/{key}", value)[0]

    def get(self, key):
        return self.send(self.clients, "GET", f"/{key}")[1].get("value")

    def ready(self):
        return self.send(self.admin, "GET", "/ready")[0] == 200


class Stage:
    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        ports = free_port(), free_port()
        self.a, self.b = (Member(ip, ports, Path(self.folder.name)) for ip in (A, B))
        return self.a, self.b

    def __exit__(self, *_):
        for member in (self.a, self.b):
            member.end()
        self.folder.cleanup()


def begun(a, b):
    """a has the role at epoch 1, and one write."""
    a.does("promote", 1)
    b.does("follow", 1, a)
    expect(a.put("first") == 200, "the first write")
    until(lambda: b.probe()["position"] == 1, "the first write is copied")


def test_nobody_is_primary_at_first(a, b):
    for member in (a, b):
        member.is_now("standby", 0)
        expect(member.probe()["healthy"] and member.ready(), "healthy and ready")
        expect(member.put("x") == 503, "a write was acknowledged")


def test_a_switchover(a, b):
    begun(a, b)
    a.does("demote", 1)
    expect(a.put("late") == 503, "a write after demote was acknowledged")
    a.is_now("standby", 1)
    b.does("promote", 2)
    a.does("follow", 2, b)
    expect(b.put("second") == 200, "the new primary acknowledges")
    b.is_now("primary", 2)
    until(lambda: a.get("second") == "x", "the old primary copies")
    a.is_now("standby", 2)


def test_nothing_is_lost_under_writes(a, b):
    begun(a, b)
    acknowledged, stop = [], threading.Event()

    def write():
        for number in range(10**6):
            if stop.is_set():
                return
            for member in (a, b):
                if member.put(f"n{number}") == 200:
                    acknowledged.append(f"n{number}")
                    break
    writer = threading.Thread(target=write)
    writer.start()
    until(lambda: len(acknowledged) > 30, "writes")
    a.does("demote", 1)
    target = a.probe()["position"]
    until(lambda: b.probe()["position"] >= target, "the candidate has all")
    b.does("promote", 2)
    a.does("follow", 2, b)
    count = len(acknowledged)
    until(lambda: len(acknowledged) > count + 30, "writes to the new primary")
    stop.set()
    writer.join()
    lost = [key for key in acknowledged if b.get(key) is None]
    expect(not lost, f"{len(lost)} of {len(acknowledged)} acknowledged writes are lost: {lost[:5]}")


def test_calls_may_be_repeated(a, b):
    begun(a, b)
    for _ in range(3):
        a.does("promote", 1)
        b.does("follow", 1, a)
    for _ in range(3):
        a.does("demote", 1)
    for _ in range(3):
        b.does("promote", 2)
        a.does("follow", 2, b)
        a.does("disconnect", 2)
    b.is_now("primary", 1)
    a.is_now("standby", 1)


def test_a_late_epoch_is_refused(a, b):
    begun(a, b)
    a.does("demote", 1)
    a.refuses("promote", 1)  # the call that made it primary, once more
    b.does("promote", 2)
    a.does("follow", 2, b)
    a.refuses("promote", 2)
    a.refuses("promote", 1)
    a.refuses("demote", 1)
    b.refuses("demote", 1)
    b.refuses("follow", 1, a)
    b.refuses("fence", 1)
    b.is_now("primary", 1)
    expect(b.put("second") == 200, "the primary was disturbed")


def test_a_rollback(a, b):
    begun(a, b)
    a.does("demote", 1)
    a.does("promote", 2)
    b.does("follow", 2, a)
    expect(a.put("second") == 200, "the old primary has the role again")
    until(lambda: b.get("second") == "x", "it is followed again")


def test_a_restart_makes_no_primary(a, b):
    begun(a, b)
    a.restart()
    a.is_now("standby", 1)
    expect(a.put("late") == 503, "a write was acknowledged after a restart")
    expect(not a.ready(), "ready, though it was primary and is not told what it is")
    a.refuses("promote", 1)
    b.does("promote", 2)
    a.does("follow", 2, b)
    expect(a.ready(), "not ready, though it follows")
    expect(b.put("second") == 200 and until(lambda: a.get("second") == "x", "it copies"), "it does not copy")


def test_a_demoted_one_stays_so_after_a_restart(a, b):
    begun(a, b)
    a.does("demote", 1)
    a.restart()
    a.is_now("standby", 1)
    expect(a.ready(), "it was a standby before, and is ready")
    a.refuses("promote", 1)
    a.does("promote", 2)
    expect(a.get("first") == "x" and a.put("second") == 200, "its data")


def test_a_standby_goes_on_after_a_restart(a, b):
    begun(a, b)
    b.restart()
    expect(a.put("second") == 200, "a write")
    until(lambda: b.get("second") == "x", "it copies again, untold")


def test_parted_histories_are_copied_anew(a, b):
    begun(a, b)
    b.end()
    expect(a.put("only-here") == 200, "a write")
    a.end()
    b.start()
    b.does("promote", 2)
    expect(b.put("second") == 200 and b.put("third") == 200, "writes at the new primary")
    a.start()
    a.is_now("standby", 2)
    a.does("follow", 2, b)
    until(lambda: a.get("third") == "x", "it copies")
    expect(a.get("only-here") is None and a.probe() == {"role": "standby", "position": 3, "healthy": True}, f"{a.probe()}")
    kept = (a.folder / "journal.until-2").read_text()
    expect("only-here" in kept, "what only the old primary had was thrown away")


def test_what_comes_late_is_dropped(a, b):
    """The primary that was followed answers, slowly, after this member was promoted itself."""
    b.end()
    asked, go = threading.Event(), threading.Event()

    class Slow(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.set()
            go.wait(10)
            body = json.dumps([[1, "/late", "x"]]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass
    with http.server.ThreadingHTTPServer((B, b.admin), Slow) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        following = threading.Thread(target=lambda: a.hook("follow", 1, b))
        following.start()
        expect(asked.wait(5), "it does not ask")
        a.does("promote", 2)
        go.set()
        following.join()
        time.sleep(0.3)
        server.shutdown()
    a.is_now("primary", 0)
    expect(a.put("mine") == 200 and a.get("late") is None, "it took what came late")


def test_follow_fails_while_nobody_answers(a, b):
    begun(a, b)
    a.end()
    b.refuses("follow", 1, a)
    a.start()
    b.does("follow", 1, a)


def test_fence(a, b):
    begun(a, b)
    idle = http.client.HTTPConnection(A, a.clients, timeout=10)
    idle.request("GET", "/first")
    expect(json.loads(idle.getresponse().read())["value"] == "x", "a client reads")
    a.does("fence", 1)
    expect(idle.sock is None or idle.sock.recv(1) == b"", "the client's connection is not ended")
    expect(a.put("x") == 503 and a.send(a.clients, "GET", "/first")[0] == 503, "it serves clients")
    expect(a.send(a.admin, "GET", "/log?after=0&last=0", Authorization=TOKEN)[0] == 409, "it serves members")
    expect(not a.probe()["healthy"] and not a.ready(), "it says that all is well")
    a.restart()
    expect(a.send(a.clients, "GET", "/first")[0] == 503, "a restart lifts the fence")
    b.does("promote", 2)
    a.does("follow", 2, b)
    expect(a.ready() and a.get("first") == "x", "follow does not lift it")


def test_disconnect_ends_idle_connections(a, b):
    begun(a, b)
    idle = http.client.HTTPConnection(A, a.clients, timeout=10)
    idle.request("GET", "/first")
    idle.getresponse().read()
    a.does("disconnect", 1)
    expect(idle.sock is None or idle.sock.recv(1) == b"", "the connection is not ended")
    expect(a.put("second") == 200, "a new connection")


def test_strangers_are_turned_away(a, b):
    begun(a, b)
    expect(a.hook("demote", 1, token="Bearer wrong")[0] == 401, "a wrong token")
    expect(a.send(a.admin, "GET", "/log?after=0&last=0")[0] == 401, "no token")
    for body in (b"", b"[]", b"{}", b'{"epoch": "x"}', b"{", b"\xff"):
        status = a.send(a.admin, "POST", "/demote", body, Authorization=TOKEN)[0]
        expect(status == 400, f"{body}: {status}")
    expect(a.send(a.admin, "POST", "/put", b"{}", Authorization=TOKEN)[0] == 404, "no such hook")
    a.is_now("primary", 1)


def test_it_ends_by_sigterm(a, b):
    begun(a, b)
    began = time.monotonic()
    expect(a.end(signal.SIGTERM) == 0 and time.monotonic() - began < 3, "exit code or time")
    a.start()
    expect(a.get("first") == "x", "its data")


def main(arguments):
    tests = [(n.removeprefix("test_"), f) for n, f in globals().items() if n.startswith("test_")]
    chosen = [(n, f) for n, f in tests if not arguments or arguments[0] in n]
    expect(chosen, f"there is no test {arguments}")
    failed = 0
    for name, test in chosen:
        try:
            with Stage() as members:
                test(*members)
            print(f"ok   {name}", flush=True)
        except (AssertionError, OSError) as failure:
            failed += 1
            print(f"FAIL {name}: {type(failure).__name__}: {failure}", flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
