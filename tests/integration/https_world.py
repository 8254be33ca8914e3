"""Groups behind the REST API over HTTPS: certificates, controllers that have one, and callers who look at it or not."""
import base64
import hashlib
import hmac
import http.client
import shutil
import socket
import ssl
import subprocess

from calls import ROLE, basic
from program import LOGS, Controller, free_ports
from runner import STAMP
from stage import Stage, until
from world import CREDENTIALS, Answer, World

KEYS = {"ec": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"], "rsa": ["-newkey", "rsa:2048"]}


class Pair:
    """A certificate that has signed itself, and its key: made in the folder NAME of the logs."""

    def __init__(self, name, kind="ec", password=None):
        folder = LOGS / f"tls-{name}"
        folder.mkdir(exist_ok=True)
        self.cert, self.key = folder / "tls.crt", folder / "tls.key"
        secret = ["-passout", f"pass:{password}"] if password else ["-nodes"]
        subprocess.run(["openssl", "req", "-x509", *KEYS[kind], *secret, "-days", "2", "-subj", f"/CN={name}", "-addext",
                        "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", self.key, "-out", self.cert],
                       check=True, capture_output=True)
        self.der = ssl.PEM_cert_to_DER_cert(self.cert.read_text())

    def replace(self, other):
        """Each file at a stroke, one after the other."""
        for mine, new in ((self.cert, other.cert), (self.key, other.key)):
            beside = mine.with_suffix(".new")
            shutil.copy(new, beside)
            beside.rename(mine)
        self.der = other.der


def trusting(pair):
    return ssl.create_default_context(cafile=pair.cert)


def careless():
    """A context that takes any certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def shown(port):
    """The certificate that a new connection is shown."""
    with socket.create_connection(("127.0.0.1", port), timeout=120) as plain, careless().wrap_socket(plain) as secure:
        return secure.getpeercert(binary_form=True)


class HttpsWorld(World):
    """`groups`: {name: (members, spec)}; `replicas` controllers that serve them, at the addresses in `ports`."""

    def __init__(self, server, name, groups, replicas=1, kind="ec", **options):
        self.server, self.api, self.options = server, server.api, options
        self.stage = Stage(server.api, f"{name}-{STAMP}")
        self.pair = Pair("first", kind)
        self.file = LOGS / "credentials.yaml"
        self.file.write_text(CREDENTIALS)
        self._grant("admin", ["get", "create"])
        self._grant("reader", ["get"])
        for group, (members, spec) in groups.items():
            self.stage.group(group, members=members, **spec)
        self.ports, self.controllers = [], []
        for _ in range(replicas):
            self.controllers.append(self.start())
            self.ports.append(self.controllers[-1].api_port)
        for group in groups:
            self.stage.settled(group)
        for port in self.ports:
            self.serves(port)

    def start(self, *flags, pair=None):
        """One more controller, which is the caller's to end; its api_port."""
        port, pair = free_ports(1)[0], pair or self.pair
        tls = ["--api-tls-cert", str(pair.cert), "--api-tls-key", str(pair.key)]
        controller = Controller(self.server.path, "--namespaces", self.stage.name, "--leader-elect-namespace", self.stage.name,
                                "--api-credentials", str(self.file), "--api-address", f"127.0.0.1:{port}", *tls, *flags,
                                name=f"{self.stage.name}-{port}", **self.options)
        controller.api_port = port
        return controller

    @property
    def port(self):
        return self.ports[0]

    def serves(self, port, pair=None):
        """Waits until it knows the groups: who asks for one that is not there is told so."""
        def asked():
            try:
                return self.call("GET", ROLE, {**basic(), "Host": "nobody.example.com"}, None, port, pair).status == 404
            except OSError:
                return False
        until(asked, f"nobody serves on port {port}")

    def connect(self, port=None, pair=None):
        context = trusting(pair or self.pair)
        return http.client.HTTPSConnection("127.0.0.1", port or self.port, context=context, timeout=120)

    def call(self, method, target, headers=None, body=None, port=None, pair=None):
        connection = self.connect(port, pair)
        try:
            connection.request(method, target, body, headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()


def signing_key(credentials=CREDENTIALS):
    """Of the tokens that log-ins give, so that every replica with this file takes them."""
    return _mac(b"baton session tokens", credentials.encode())


def token(payload, key):
    """bt1.PAYLOAD.SIGNATURE, both in base64url; the payload is JSON as bytes."""
    body = b"bt1." + _plain(payload)
    return (body + b"." + _plain(_mac(key, body))).decode()


def _mac(key, text):
    return hmac.new(key, text, hashlib.sha256).digest()


def _plain(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")
