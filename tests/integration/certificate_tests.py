"""Certificates that change while the REST API is served: tests of tls_test.py."""
import http.client
import shutil

from cluster import expect
from https_world import Pair, shown, trusting
from program import LOGS
from calls import ROLE, basic
from world import Answer
from stage import until

HERE = {**basic(), "Host": "connector.example.com"}


class Mounted:
    """A folder as kubelet makes it of a Secret: the files lead through one link, which is what changes."""

    def __init__(self, name, pair):
        self.folder, self.count = LOGS / f"secret-{name}", 0
        self.folder.mkdir()
        self.cert, self.key = self.folder / "tls.crt", self.folder / "tls.key"
        for file in (self.cert, self.key):
            file.symlink_to(f"..data/{file.name}")
        self.replace(pair)

    def replace(self, pair):
        self.count += 1
        data, link = self.folder / f"..version-{self.count}", self.folder / "..data_tmp"
        data.mkdir()
        shutil.copy(pair.cert, data / "tls.crt")
        shutil.copy(pair.key, data / "tls.key")
        link.symlink_to(data.name)
        link.rename(self.folder / "..data")
        shutil.rmtree(self.folder / f"..version-{self.count - 1}", True)


class Kept:
    """A connection that was opened before; each call has to come through it."""

    def __init__(self, port, pair):
        self.connection = http.client.HTTPSConnection("127.0.0.1", port, context=trusting(pair), timeout=120)
        self.connection.connect()
        self.name = self.connection.sock.getsockname()

    def asks(self):
        self.connection.request("GET", ROLE, headers=HERE)
        answer = Answer(self.connection.getresponse())
        expect(answer.status == 200 and answer.json() == "master", f"{answer}")
        expect(self.connection.sock and self.connection.sock.getsockname() == self.name, "the connection was dropped")
        return True


def _follows(world, files, old, new):
    with world.start(pair=files) as controller:
        port = controller.api_port
        world.serves(port, old)
        kept = Kept(port, old)
        kept.asks()
        files.replace(new)
        until(lambda: kept.asks() and shown(port) == new.der, "the new certificate is not shown", pause=0.2)
        expect(Kept(port, new).asks() and kept.asks(), "both")
        expect(controller.alive() and "a TLS certificate cannot be" not in controller.text(), "see the log")


def test_new_certificate_of_a_mounted_secret(world):
    old, new = Pair("mounted"), Pair("mounted-new", "rsa")
    _follows(world, Mounted("followed", old), old, new)


def test_new_certificate_by_renaming(world):
    files, old = Pair("renamed"), Pair("renamed-old")
    files.replace(old)
    _follows(world, files, old, Pair("renamed-new"))


def _bad_files():
    """{what is wrong: (certificate, key)}"""
    other, rsa, locked = Pair("other"), Pair("other-rsa", "rsa"), Pair("other-locked", password="secret")
    cert, key = other.cert.read_bytes(), other.key.read_bytes()
    return {"another's key": (cert, Pair("third").key.read_bytes()), "a key of another kind": (rsa.cert.read_bytes(), key),
            "garbage": (b"\0garbage" * 100, b"garbage"), "empty files": (b"", b""), "half a certificate": (cert[:len(cert) // 2], key),
            "a key with a password": (locked.cert.read_bytes(), locked.key.read_bytes()), "no key": (cert, None)}


class Refuser:
    """A controller whose files go bad; all at the same time, because each looks at them every ten seconds."""

    def __init__(self, world, what, number):
        self.what = what
        self.good, self.files = Pair(f"good-{number}"), Pair(f"bad-{number}")
        self.files.replace(self.good)
        self.controller = world.start(pair=self.files)
        self.port = self.controller.api_port
        self.trouble = None

    def spoil(self, cert, key):
        self.kept = Kept(self.port, self.good)
        self.files.cert.write_bytes(cert)
        if key is None:
            self.files.key.unlink()
        else:
            self.files.key.write_bytes(key)

    def looked(self):
        """Whether it has noticed; what is not as it should be is kept in `trouble`."""
        self.kept.asks()
        try:
            if shown(self.port) != self.good.der:
                self.trouble = "another certificate is shown"
        except OSError as error:
            self.trouble = f"nobody can connect: {error}"
        return self.trouble or "a TLS certificate cannot be" in self.controller.text()

    def is_well(self, pair):
        """Whether it has taken a good one."""
        try:
            return shown(self.port) == pair.der
        except OSError:
            return False


def test_bad_certificate_is_refused_and_the_old_stays(world):
    refusers, files = [], _bad_files()
    try:
        for number, what in enumerate(files):
            refusers.append(Refuser(world, what, number))
        for refuser in refusers:
            world.serves(refuser.port, refuser.good)
        for refuser, bad in zip(refusers, files.values()):
            refuser.spoil(*bad)
        until(lambda: all([r.looked() for r in refusers]), lambda: f"not told: {[r.what for r in refusers if not r.looked()]}", pause=0.5)
        good = Pair("good-again")
        for refuser in refusers:
            refuser.files.replace(good)
        until(lambda: all([r.kept.asks() and r.is_well(good) for r in refusers]), "a good one is not taken afterwards", pause=0.5)
    finally:
        for refuser in refusers:
            refuser.controller.kill()
    expect(not any(r.trouble for r in refusers), [f"{r.what}: {r.trouble}" for r in refusers if r.trouble])
