"""The API server that the contract is tested on, reached through kubectl."""
import json
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CRDS = ROOT / "crds"
KINDS = ("hagroups", "switchoverrequests")
CLUSTER = ROOT / "tests" / "cluster" / "cluster"


def expect(condition, message):
    if not condition:
        raise AssertionError(message)


class Refused(Exception):
    """kubectl failed; the text is what it wrote to stderr."""


class Kubectl:
    def __init__(self, environment, namespace=None):
        self.environment = environment
        self.namespace = namespace

    def within(self, namespace):
        return Kubectl(self.environment, namespace)

    def __call__(self, *arguments, stdin=None):
        command = ["kubectl", *(["--namespace", self.namespace] if self.namespace else []), *map(str, arguments)]
        done = subprocess.run(command, env=self.environment, input=stdin, text=True, capture_output=True, timeout=120)
        if done.returncode != 0:
            raise Refused(done.stderr.strip())
        return done.stdout

    def json(self, *arguments):
        return json.loads(self(*arguments, "-o", "json"))


class Cluster:
    """A given cluster ($KUBECONFIG), or one of our own that lives as long as this object is entered."""

    def __init__(self):
        self.own = not os.environ.get("KUBECONFIG")
        self.environment = dict(os.environ)
        if self.own:
            self.environment.update(CLUSTER_NAME=f"contract-{os.getpid()}", CLUSTER_LOOPBACK="1", CLUSTER_CONTROLLERS="0",
                                    CLUSTER_OWNER=str(os.getpid()))

    def __enter__(self):
        if self.own:
            self._script("up", "0")
            variables = self._script("run", "cp", "env", "-0").split("\0")
            self.environment.update(line.split("=", 1) for line in variables if "=" in line)
        return Kubectl(self.environment)

    def __exit__(self, *_):
        if self.own:
            self._script("down")
            locks = Path(self.environment.get("CLUSTER_ROOT", "/tmp/baton-cluster"))
            (locks / f"{self.environment['CLUSTER_NAME']}.lock").unlink(missing_ok=True)

    def _script(self, *arguments):
        return subprocess.run([CLUSTER, *arguments], env=self.environment, text=True, check=True, stdout=subprocess.PIPE).stdout
