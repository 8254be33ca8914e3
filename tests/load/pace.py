"""load_pace as a process, and what it sends: honest requests over connections that are kept."""
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))
from program import BINARY, LOGS  # noqa: E402
from calls import ROLE, basic# noqa: E402

PROGRAM = os.environ.get("LOAD_PACE") or Path(BINARY).parent.parent / "tests" / "load" / "load_pace"
HOST = "connector.example.com"
HEADERS = {"Host": HOST, **basic(), "Accept": "application/json"}
BODY = '"master"'


def request_file():
    path = LOGS / "request"
    head = f"GET {ROLE} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    path.write_bytes(head.encode() + b"\r\n")
    return path


class Pace:
    """Started by its construction; see pace.cc for the options."""

    def __init__(self, port, **options):
        words = [str(w) for name, value in options.items() for w in (f"--{name}", value)]
        self.process = subprocess.Popen([PROGRAM, "--port", str(port), "--request", request_file(), "--body", BODY, *words],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)

    def result(self):
        """What it found, once it has come to its end."""
        out = self.process.communicate()[0]
        if self.process.returncode != 0:
            raise RuntimeError(f"{PROGRAM} ended with {self.process.returncode}")
        return json.loads(out)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.result()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def bad(result):
    """What is not as it should be."""
    return {name: result[name] for name in ("wrong", "dropped", "refused", "unanswered", "firstWrong") if result[name]}
