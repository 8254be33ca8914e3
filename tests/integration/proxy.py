"""Plain HTTP towards a controller, TLS with the test's client certificate towards the API server."""
import http.client
import re
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from api import BROKEN

HOP = {"host", "connection", "transfer-encoding", "content-length", "keep-alive"}
WRITES = {"PATCH", "POST", "PUT", "DELETE"}


def kind_of(method, path):
    """What a request is to the tests: 'write' is an effect on the world, Leases and Events are none."""
    if method not in WRITES:
        return "read"
    if re.search(r"/(leases|events)(/|\?|$)", path):
        return "own"
    return "write"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    upstream = None

    def log_message(self, *_):
        pass

    def setup(self):
        super().setup()
        self.server.proxy.opened(self.connection)

    def finish(self):
        if self.upstream:
            self.upstream.close()
        self.server.proxy.closed(self.connection)
        try:
            super().finish()
        except OSError:
            pass

    def forward(self):
        proxy = self.server.proxy
        if not proxy.waits(f"{self.command} {self.path}"):
            return self._end()
        body = self.rfile.read(int(self.headers["Content-Length"])) if "Content-Length" in self.headers else None
        kind = kind_of(self.command, self.path)
        if kind == "write":
            proxy.writes.append((time.monotonic(), self.command, self.path, body))
        trap = proxy.trap if kind == "write" else None
        at = trap.arrives("write", f"{self.command} {self.path}") if trap else None
        if at and trap.strikes(at, "unsent"):
            return self._end()
        try:
            answer = self._ask(body)
        except BROKEN:
            return self._end()
        content = None if self._streams(answer) else answer.read()
        if kind == "write" and answer.status < 300:
            proxy.taken.append((self.command, self.path))
        if at and trap.strikes(at, "unanswered"):
            return self._end()
        try:
            self._relay(answer, content)
        except BROKEN:
            return self._end()
        if at:
            trap.strikes(at, "seen")

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = forward

    def _end(self):
        self.close_connection = True

    def _ask(self, body):
        headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP}
        for last in (False, True):
            old = self.upstream
            if not old:
                self.upstream = self.server.proxy.kubeconfig.connect(timeout=None)
            try:
                if not old:
                    self.upstream.connect()
                    self.server.proxy.opened(self.upstream.sock)
                self.upstream.request(self.command, self.path, body, headers)
                return self.upstream.getresponse()
            except BROKEN as error:
                self.upstream.close()
                self.upstream = None
                # Closed by the server while it was not used: it has not seen the request.
                if last or not old or not isinstance(error, (http.client.RemoteDisconnected, ConnectionError)):
                    raise
        raise OSError("unreachable")

    @staticmethod
    def _streams(answer):
        return answer.getheader("Content-Length") is None and answer.status == 200

    def _relay(self, answer, content):
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in HOP:
                self.send_header(name, value)
        if content is not None:
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            return
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while chunk := answer.read1(65536):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        self.wfile.write(b"0\r\n\r\n")


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, *_):
        pass


class Proxy:
    def __init__(self, kubeconfig, trap=None):
        self.kubeconfig, self.trap = kubeconfig, trap
        self.writes = []  # (time, method, path, body)
        self.taken = []   # (method, path) of those that the API server has taken
        self._held, self._released, self._dropped = None, threading.Event(), None
        self._sockets = set()
        self._lock = threading.Lock()
        self._listener = Listener(("127.0.0.1", 0), Handler)
        self._listener.proxy = self
        self.port = self._listener.server_address[1]
        threading.Thread(target=self._listener.serve_forever, args=(0.05,), daemon=True).start()

    def hold(self, pattern):
        """From now on a request whose 'METHOD PATH' matches gets no answer until release()."""
        self._released.clear()
        self._held = re.compile(pattern)

    def release(self):
        self._held = None
        self._released.set()

    def drop(self):
        """What is held is never forwarded."""
        self._dropped = self._released
        self._released = threading.Event()
        self._held = None
        self._dropped.set()

    def waits(self, request):
        """False when it is to be dropped."""
        released = self._released
        if self._held and self._held.search(request):
            released.wait()
            return released is not self._dropped
        return True

    def opened(self, connection):
        with self._lock:
            self._sockets.add(connection)

    def closed(self, connection):
        with self._lock:
            self._sockets.discard(connection)

    def cut(self):
        """Ends all connections: those of a killed controller would wait for a watch's next event."""
        with self._lock:
            sockets, self._sockets = self._sockets, set()
        for s in sockets:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self._listener.shutdown()
        self._listener.server_close()
        self.release()
        self.cut()
