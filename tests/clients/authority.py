"""A certificate authority of this run only, and the server's certificate that it signs."""
import subprocess
from pathlib import Path

NAMES = "DNS:localhost,DNS:*.example.com,IP:127.0.0.1"


class Authority:
    """The files: ca, which clients trust, and cert and key of the server."""

    def __init__(self, folder):
        folder = Path(folder)
        self.ca, self.cert, self.key = folder / "ca.crt", folder / "server.crt", folder / "server.key"
        self._make(folder / "ca.key", self.ca, "Test Authority", "basicConstraints=critical,CA:TRUE",
                   "keyUsage=critical,keyCertSign")
        self._make(self.key, self.cert, "localhost", "basicConstraints=CA:FALSE", f"subjectAltName={NAMES}",
                   signer=["-CA", self.ca, "-CAkey", folder / "ca.key"])

    @staticmethod
    def _make(key, cert, name, *extensions, signer=()):
        added = [word for extension in extensions for word in ("-addext", extension)]
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", f"/CN={name}", "-keyout", key, "-out", cert, *signer, *added], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
