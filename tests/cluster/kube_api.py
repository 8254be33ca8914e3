"""A small client of the test cluster's API server: objects as dictionaries, and watches that miss nothing."""
import contextlib
import ctypes
import http.client
import json
import os
import ssl
import time

CLONE_NEWNET = 0x40000000
MERGE_PATCH = "application/merge-patch+json"
libc = ctypes.CDLL(None, use_errno=True)


class ApiError(Exception):
    def __init__(self, code, text):
        super().__init__(f"{code}: {text}")
        self.code = code


def enter(namespace):
    if libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


@contextlib.contextmanager
def inside(namespace):
    """This thread's new sockets belong to that network namespace, for as long as they live."""
    with open("/proc/thread-self/ns/net", "rb") as own, open(f"/run/netns/{namespace}", "rb") as other:
        enter(other)
        try:
            yield
        finally:
            enter(own)


class Connection(http.client.HTTPSConnection):
    def __init__(self, namespace, *arguments, **options):
        super().__init__(*arguments, **options)
        self.namespace = namespace

    def connect(self):
        with inside(self.namespace):
            super().connect()


class Api:
    """Every call has a connection of its own, so that any thread may call."""

    def __init__(self, home, namespace):
        self.namespace = namespace
        pki = f"{home}/pki"
        self.tls = ssl.create_default_context(cafile=f"{pki}/ca.crt")
        self.tls.load_cert_chain(f"{pki}/admin.crt", f"{pki}/admin.key")

    def _open(self, *arguments, **options):
        """Again after a pause when the server asks for that, as every client does: after a change of a definition, say."""
        for _ in range(10):
            try:
                return self._open_once(*arguments, **options)
            except ApiError as error:
                if error.code != 429:
                    raise
            time.sleep(1)
        return self._open_once(*arguments, **options)

    def _open_once(self, method, path, body=None, content_type="application/json", timeout=30):
        connection = Connection(self.namespace, "10.240.0.1", 6443, context=self.tls, timeout=timeout)
        connection.request(method, path, None if body is None else json.dumps(body), {"Content-Type": content_type})
        response = connection.getresponse()
        if response.status >= 300:
            text = response.read().decode(errors="replace")
            connection.close()
            raise ApiError(response.status, text)
        return connection, response

    def call(self, method, path, body=None, content_type="application/json"):
        connection, response = self._open(method, path, body, content_type)
        with contextlib.closing(connection):
            return json.loads(response.read())

    def get(self, path):
        return self.call("GET", path)

    def create(self, path, body):
        return self.call("POST", path, body)

    def merge(self, path, body):
        return self.call("PATCH", path, body, MERGE_PATCH)

    def delete(self, path):
        return self.call("DELETE", path)

    def watch(self, path, version, seconds):
        """(type, object) of everything that happened after that version, in the API server's order, until the time
        is over. Raises ApiError when the history before is gone: then events were missed."""
        query = f"{path}{'&' if '?' in path else '?'}watch=1&resourceVersion={version}&timeoutSeconds={max(1, int(seconds))}"
        connection, response = self._open("GET", query, timeout=seconds + 10)
        with contextlib.closing(connection):
            while line := response.readline():
                event = json.loads(line)
                if event["type"] == "ERROR":
                    raise ApiError(event["object"].get("code", 0), event["object"].get("message", ""))
                yield event["type"], event["object"]
