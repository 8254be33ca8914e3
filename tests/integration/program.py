"""baton-controller as a process, and the kubeconfig that leads it through a proxy."""
import atexit
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

BINARY = os.environ.get("BATON_CONTROLLER", "build/release/controller/baton-controller")
LOGS = Path(tempfile.mkdtemp(prefix="baton-it-logs-"))


def forget_logs():
    """All went well: at the end of this process, when nothing writes there any more, they go."""
    atexit.register(shutil.rmtree, LOGS, ignore_errors=True)


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def kubeconfig_for(port):
    """A file that names a server of plain HTTP on this port."""
    path = LOGS / f"kubeconfig-{port}"
    path.write_text(f"""apiVersion: v1
kind: Config
clusters: [{{name: c, cluster: {{server: "http://127.0.0.1:{port}"}}}}]
users: [{{name: u, user: {{}}}}]
contexts: [{{name: x, context: {{cluster: c, user: u}}}}]
current-context: x
""")
    return path


class Controller:
    """Started by its construction. Without `serves` its own servers take any port, and nobody can ask them.
    `log`: level and format."""
    _count = 0

    def __init__(self, kubeconfig, *flags, name="controller", serves=True, log=("debug", "text"), environment=None):
        Controller._count += 1
        self.name = name
        self.log = LOGS / f"{name}-{Controller._count}.log"
        self.port = free_ports(1)[0] if serves else 0
        address = f"127.0.0.1:{self.port}"
        with open(self.log, "wb") as file:
            self.process = subprocess.Popen(
                [BINARY, "--kubeconfig", str(kubeconfig), "--metrics-address", address, "--health-address", address,
                 "--log-level", log[0], "--log-format", log[1], *flags], stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                env={**os.environ, **(environment or {})})
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def alive(self):
        return self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        if self.alive():
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def terminate(self):
        """SIGTERM; the exit code and how long it took."""
        began = time.monotonic()
        self.signal(signal.SIGTERM)
        return self.process.wait(timeout=60), time.monotonic() - began

    def fetch(self, path):
        """(status, body)"""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def metric(self, name):
        """{labels as written: value} of one metric."""
        found = re.findall(rf"^{name}(\{{[^\n]*\}})? ([^ \n]+)$", self.fetch("/metrics")[1], re.M)
        return {labels: float(value) for labels, value in found}

    def leads(self):
        return self.alive() and 1.0 in self.metric("leader_election_master_status").values()

    def resident_bytes(self, which="VmRSS"):
        """RssAnon: without code and constants, which the system shares and takes back as it likes."""
        return int(re.search(rf"{which}:\s+(\d+)", Path(f"/proc/{self.pid}/status").read_text())[1]) * 1024

    def text(self):
        return self.log.read_text(errors="replace")
