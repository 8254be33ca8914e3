"""Lets the tests in the browser act on the world: each of its methods is called by POST /METHOD with a JSON object."""
import json
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

METHODS = {"start", "stop", "request", "ended", "primary", "epoch", "settled", "ready", "hold", "release"}


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        method = self.path.lstrip("/")
        arguments = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            status, answer = 200, getattr(self.server.world, method)(**arguments) if method in METHODS else None
        except Exception as failure:  # told to the test, which fails by it
            traceback.print_exc()
            status, answer = 500, f"{method} {arguments}: {failure}"
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Control:
    def __init__(self, world):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.world = world
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
