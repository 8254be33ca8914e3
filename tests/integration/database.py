"""A replicated database that does what Baton's hooks say: one for each (namespace, group), all behind one port."""
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from program import free_ports

ADDRESSES = [f"127.0.0.{n}" for n in range(11, 16)]


class Member:
    def __init__(self):
        self.accepts = False   # acknowledges writes
        self.position = 0      # what it has for good
        self.source = None     # whom it follows
        self.epoch = 0         # the highest that it was told with a command


class Database:
    """One replicated database. Before each call that reaches it, clients write to whoever acknowledges."""

    def __init__(self, synchronous=False, fails=(), frozen=False):
        self.synchronous, self.fails, self.frozen = synchronous, set(fails), frozen
        self.members, self.log, self.wrong = {}, [], []
        self.acknowledged = 0
        self.trap = None       # told of each call, see trap.py
        self.hangs = {}        # hook: Event that it waits for
        self.silent = set()    # pods that answer nothing
        self.lock = threading.Lock()

    def _clients_write(self):
        accepting = [m for m in self.members.values() if m.accepts]
        if len(accepting) > 1:
            self.wrong.append(f"two acknowledge writes: {self.accepting()}")
        for member in accepting:
            member.position += 10
            self.acknowledged = max(self.acknowledged, member.position)
            for other in self.members.values():
                if self.synchronous and other is not member:
                    other.position = max(other.position, member.position)

    def accepting(self):
        return sorted(name for name, m in self.members.items() if m.accepts)

    def _replicate(self, member):
        source = self.members.get(member.source)
        if source and not self.frozen and source.position > member.position:
            member.position += (source.position - member.position + 1) // 2

    def call(self, hook, told):
        """(status, answer)"""
        with self.lock:
            member = self.members.setdefault(told["pod"], Member())
            self._clients_write()
            self.log.append((hook, told["pod"], told["epoch"]))
            if hook in self.fails:
                return 500, f"{hook} is made to fail"
            if hook != "probe":
                if told["epoch"] < member.epoch:
                    return 409, f"epoch {told['epoch']} is over"
                member.epoch = told["epoch"]
            return getattr(self, hook)(member, told)

    def probe(self, member, told):
        self._replicate(member)
        role = "primary" if member.accepts else "standby"
        return 200, json.dumps({"role": role, "position": member.position, "healthy": True})

    def demote(self, member, _):
        member.accepts = False
        return 200, "read only"

    fence = demote

    def promote(self, member, told):
        if member.position < self.acknowledged:
            self.wrong.append(f"{told['pod']} is promoted at {member.position}, acknowledged was {self.acknowledged}")
        member.accepts, member.source = True, None
        return 200, "promoted"

    def follow(self, member, told):
        leader = self.members.setdefault(told["primaryPod"], Member())
        if member.position > leader.position:
            self.wrong.append(f"{told['pod']} at {member.position} follows {told['primaryPod']} at {leader.position}")
        member.accepts, member.source = False, told["primaryPod"]
        return 200, "following"

    def disconnect(self, member, _):
        return 200, "clients are sent away"

    def epochs_fall(self):
        """Calls of an older epoch after one of a newer."""
        newest, fallen = 0, []
        for entry in list(self.log):
            if entry[2] < newest:
                fallen.append(entry)
            newest = max(newest, entry[2])
        return fallen


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def drop(self):
        self.close_connection = True

    def do_POST(self):
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        database = self.server.databases.get((told["namespace"], told["group"]))
        hook = self.path.lstrip("/")
        wrong = self._wrongly_told(told)
        if database is None or wrong:
            return self._answer(500, wrong or "nobody knows this group")
        if told["pod"] in database.silent:
            time.sleep(3)  # longer than any probe is waited for
            return self.drop()
        if hook in database.hangs:
            database.hangs[hook].wait()
        trap = database.trap
        at = trap.arrives("hook", f"{hook} {told['pod']}") if trap else None
        if at and trap.strikes(at, "lost"):
            return self.drop()
        status, text = database.call(hook, told)
        if at and trap.strikes(at, "done"):
            return self.drop()
        self._answer(status, text)
        if at:
            trap.strikes(at, "seen")

    def _wrongly_told(self, told):
        here = self.connection.getsockname()[0]
        if told["podIP"] != here:
            return f"called at {here}, told {told['podIP']}"
        if self.headers["Baton-Epoch"] != str(told["epoch"]):
            return f"header says {self.headers['Baton-Epoch']}, body {told['epoch']}"
        return None

    def _answer(self, status, text):
        body = text.encode()
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:  # the caller is gone
            self.drop()


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, *arguments):
        self.open = set()
        super().__init__(*arguments)

    def process_request(self, request, address):
        self.open.add(request)
        super().process_request(request, address)

    def shutdown_request(self, request):
        self.open.discard(request)
        super().shutdown_request(request)

    def drop_all(self):
        for request in list(self.open):
            try:
                request.shutdown(socket.SHUT_RDWR)
            except OSError:  # it has been closed
                pass

    def handle_error(self, *_):  # a killed caller's connection
        pass


class Databases:
    """Serves all databases on one port of several loopback addresses, which are the pods'."""

    def __init__(self):
        self.databases, self.listeners = {}, {}
        self.port = free_ports(1)[0]
        for address in ADDRESSES:
            self.open(address)

    def open(self, address):
        self.listeners[address] = listener = Listener((address, self.port), Handler)
        listener.databases = self.databases
        threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True).start()

    def close(self, address):
        """From now on connections to it are refused, and those that are open are closed."""
        listener = self.listeners.pop(address)
        listener.shutdown()
        listener.server_close()
        listener.drop_all()

    def add(self, namespace, group, **options):
        self.databases[namespace, group] = Database(**options)
        return self.databases[namespace, group]

    def hooks(self, *names, retries=1, timeout=10):
        """spec.hooks of a group."""
        return {name: {"http": {"port": self.port, "path": f"/{name}"}, "timeoutSeconds": timeout, "retries": retries}
                for name in names}
