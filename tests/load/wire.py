"""Bytes over TLS as nobody should send them, and what comes back, read strictly."""
import socket
import ssl
from dataclasses import dataclass, field

HANG = 120  # seconds after which a test is ended that would hang


def context(version=None):
    c = ssl.create_default_context()
    c.check_hostname, c.verify_mode = False, ssl.CERT_NONE
    if version:
        c.minimum_version = c.maximum_version = version
    return c


@dataclass
class Answer:
    status: int
    headers: dict = field(default_factory=dict)  # names in lower case
    body: bytes = b""


class Garbled(Exception):
    """The server has sent what is no answer."""


def answers(data, heads=False):
    """Every answer in what a server has sent; with `heads` those to HEAD."""
    found = []
    while data:
        head, end, rest = data.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        words = lines[0].split(b" ", 2)
        if not end or len(words) != 3 or words[0] not in (b"HTTP/1.1", b"HTTP/1.0") or not words[1].isdigit():
            raise Garbled(f"{data[:200]!r} after {len(found)} answers")
        headers = {}
        for line in lines[1:]:
            name, colon, value = line.partition(b":")
            if not colon or not name or name.strip() != name or name.lower() in headers:
                raise Garbled(f"header {line!r}")
            headers[name.lower()] = value.strip()
        answer = Answer(int(words[1]), headers)
        bodiless = heads or answer.status < 200 or answer.status in (204, 304)
        if not bodiless and b"content-length" not in headers:
            raise Garbled(f"no length: {head!r}")
        length = 0 if bodiless else int(headers[b"content-length"])
        if len(rest) < length:
            raise Garbled(f"cut off: {data[:200]!r}")
        answer.body, data = rest[:length], rest[length:]
        found.append(answer)
    return found


class Link:
    """One connection; `tls` is a context, None for plain TCP."""

    def __init__(self, port, source, tls):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=HANG, source_address=(source, 0))
        try:
            if tls:
                self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        except BaseException:
            self.socket.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """False when the server took no more."""
        try:
            self.socket.sendall(data)
            return True
        except (ConnectionError, ssl.SSLError):
            return False

    def ends_sending(self):
        """Of TCP alone: what follows may still be read as TLS."""
        try:
            socket.socket.shutdown(self.socket, socket.SHUT_WR)
        except OSError:
            pass

    def rest(self):
        """All that comes until the server closes."""
        data = b""
        try:
            while piece := self.socket.recv(65536):
                data += piece
        except (ConnectionError, ssl.SSLError):
            pass
        return data


def exchange(port, source, tls, data):
    with Link(port, source, tls) as link:
        link.send(data)
        link.ends_sending()
        return link.rest()
