"""The Kubernetes API by HTTP, with the client certificate of a kubeconfig that tests/cluster/cluster wrote."""
import atexit
import base64
import http.client
import json
import re
import shutil
import ssl
import tempfile
import threading
from pathlib import Path
from urllib.parse import urlsplit

MERGE = "application/merge-patch+json"
BROKEN = (OSError, http.client.HTTPException)


class ApiError(Exception):
    """The API server refused."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code


class Kubeconfig:
    def __init__(self, path):
        self.path = str(path)
        text = Path(path).read_text()
        server = urlsplit(re.search(r"server: (\S+)", text)[1])
        self.host, self.port = server.hostname, server.port
        folder = Path(tempfile.mkdtemp(prefix="baton-it-"))
        atexit.register(shutil.rmtree, folder, True)
        for name in ("certificate-authority", "client-certificate", "client-key"):
            (folder / name).write_bytes(base64.b64decode(re.search(rf"{name}-data: (\S+)", text)[1]))
        self.tls = ssl.create_default_context(cafile=folder / "certificate-authority")
        self.tls.load_cert_chain(folder / "client-certificate", folder / "client-key")

    def connect(self, timeout=120):
        return http.client.HTTPSConnection(self.host, self.port, context=self.tls, timeout=timeout)


class Api:
    """Calls may come from any thread: each has its own connection."""

    def __init__(self, kubeconfig):
        self.kubeconfig = kubeconfig
        self._local = threading.local()

    def call(self, method, path, body=None, kind="application/json", accept="application/json"):
        headers = {"Accept": accept, "Content-Type": kind}
        data = None if body is None else json.dumps(body)
        for last in (False, True):
            old = getattr(self._local, "connection", None)
            connection = old or self.kubeconfig.connect()
            self._local.connection = connection
            try:
                connection.request(method, path, data, headers)
                answer = connection.getresponse()
                content = answer.read()
                break
            except BROKEN:
                connection.close()
                self._local.connection = None
                if last or not old:  # one that was kept may have been closed by the server in the meantime
                    raise
        value = json.loads(content) if content.lstrip()[:1] in (b"{", b"[") else content.decode()
        if answer.status >= 300:
            raise ApiError(answer.status, value.get("message", "") if isinstance(value, dict) else value)
        return value

    def get(self, path):
        return self.call("GET", path)

    def find(self, path):
        """None if it is not there."""
        try:
            return self.get(path)
        except ApiError as error:
            if error.code != 404:
                raise
            return None

    def create(self, path, body):
        return self.call("POST", path, body)

    def merge(self, path, body):
        return self.call("PATCH", path, body, MERGE)

    def delete(self, path, body=None):
        return self.call("DELETE", path, body)

    def watch(self, path, version, timeout=600):
        """Yields (type, object) until the server ends the stream, which may raise one of BROKEN."""
        connection = self.kubeconfig.connect(timeout)
        try:
            connection.request("GET", f"{path}?watch=1&allowWatchBookmarks=true&resourceVersion={version}")
            answer = connection.getresponse()
            if answer.status != 200:
                raise ApiError(answer.status, answer.read().decode())
            while line := answer.readline():
                event = json.loads(line)
                yield event["type"], event["object"]
        finally:
            connection.close()
