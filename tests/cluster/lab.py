"""What the tests of this folder share: a cluster with a Redis group, its controller, its writer, and witnesses."""
import collections
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from http.client import HTTPException
from pathlib import Path

from kube_api import Api, ApiError
from readme import Readme

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
GROUPS = "/apis/ha.baton.dev/v1alpha1/namespaces/demo/hagroups"
REQUESTS = "/apis/ha.baton.dev/v1alpha1/namespaces/demo/switchoverrequests"
PODS = "/api/v1/namespaces/demo/pods"
ROLE = "ha.baton.dev/role"
ENDS = ("Succeeded", "Rejected", "RolledBack", "Failed", "Cancelled")
STARTED = time.monotonic()


class Wrong(Exception):
    """What was expected did not come."""


def expect(condition, message):
    if not condition:
        raise Wrong(message)


def say(text):
    print(f"[{time.monotonic() - STARTED:7.1f}] {text}", flush=True)


def printed(program):
    """What a script of the project prints, such as the path of what it has built."""
    return subprocess.run([program], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()


def wait_until(what, condition, seconds=60, pause=0.1):
    """The condition's first true value."""
    until = time.monotonic() + seconds
    while not (value := condition()):
        expect(time.monotonic() < until, f"not within {seconds} s: {what}")
        time.sleep(pause)
    return value


def quantile(values, share):
    """The nearest-rank quantile."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)]


def spread(values, unit):
    if not values:
        return "none"
    return f"p50 {quantile(values, 0.5):.0f} {unit}, p99 {quantile(values, 0.99):.0f} {unit}, max {max(values):.0f} {unit}"


def milliseconds_between(step):
    """How long a step of a request's status took."""

    def seconds(text):
        whole, _, fraction = text.rstrip("Z").partition(".")
        return time.mktime(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + float(f"0.{fraction or 0}")

    return round(1000 * (seconds(step["endTime"]) - seconds(step["startTime"])))


def dropped(address, port):
    """Rules for Cluster.packet_rules on the node of a pod: what it says to that server, or that server to it."""
    return ("add chain ip fault forward { type filter hook forward priority 0; }; "
            f"add rule ip fault forward ip daddr {address} tcp dport {port} drop; "
            f"add rule ip fault forward ip saddr {address} tcp sport {port} drop")  # fmt: skip


class Cluster:
    """An instance of tests/cluster/cluster; it ends with this object, and at the latest with this process."""

    def __init__(self, nodes=3, audit=False):
        self.nodes = nodes
        self.name = f"test-{os.getpid()}"
        root = os.environ.get("CLUSTER_ROOT", "/tmp/baton-cluster")
        self.home = f"{root}/{self.name}"
        self.environment = {**os.environ, "CLUSTER_NAME": self.name, "CLUSTER_ROOT": root, "CLUSTER_OWNER": str(os.getpid()), "CLUSTER_AUDIT": str(int(audit))}
        self.api = None

    def __enter__(self):
        self("up", str(self.nodes))
        self.api = Api(self.home, f"{self.name}-cp")
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            self.show_logs()
        self("down")

    def __call__(self, *words):
        """Runs 'cluster WORDS...'; its output."""
        done = subprocess.run([HERE / "cluster", *map(str, words)], env=self.environment, text=True, capture_output=True)
        expect(done.returncode == 0, f"cluster {' '.join(map(str, words))}: {done.stdout}{done.stderr}")
        return done.stdout

    def kubectl(self, *words):
        return self("run", "cp", "kubectl", *words)

    def start(self, host, log, *command, variables=()):
        """A process with the host's network; the caller ends it."""
        with open(f"{self.home}/{log}.log", "ab") as output:
            return subprocess.Popen(
                [HERE / "cluster", "run", host, *map(str, command)], env={**self.environment, **dict(variables)},
                stdin=subprocess.DEVNULL, stdout=output, stderr=output)  # fmt: skip

    @contextlib.contextmanager
    def packet_rules(self, host, rules):
        """Rules of nftables in that host, in its table 'ip fault'."""
        self("run", host, "nft", f"add table ip fault; {rules}")
        try:
            yield
        finally:
            self("run", host, "nft", "delete table ip fault")

    def show_logs(self):
        log = Path(self.home, "controller.log")
        if log.exists():
            print(f"--- the end of {log}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-40:]), file=sys.stderr)

    def process_on(self, node, program):
        """The id, as this process sees it, of the one such program that runs on the node, in a pod or beside."""
        init = int(Path(self.home, "pids", f"{node}-init").read_text().split()[0])
        found = [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if is_below(pid, init, program)]
        expect(len(found) == 1, f"there are {len(found)} {program} on {node}")
        return found[0]


def field(pid, name):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return line.split(":", 1)[1].strip()
    return ""


def is_below(pid, ancestor, program):
    """Whether that process runs the program and descends from the ancestor."""
    try:
        if field(pid, "Name") != program:
            return False
        while pid not in (0, ancestor):
            pid = int(field(pid, "PPid"))
        return pid == ancestor
    except OSError:
        return False


class Controller:
    """baton-controller, run beside the control plane."""

    def __init__(self, cluster, program, flags=(), variables=()):
        self.cluster, self.program, self.flags, self.variables = cluster, program, flags, variables
        self.process = None

    def __enter__(self):
        return self  # 'start' comes when the cluster has the two kinds

    def __exit__(self, *_):
        if self.process is not None:
            self.kill()

    def start(self, server=None):
        """`server`: another address of the API server than the kubeconfig's."""
        kubeconfig = Path(self.cluster.home, "kubeconfig")
        if server:
            text = re.sub(r"server: \S+", f"server: {server}", kubeconfig.read_text())
            kubeconfig = kubeconfig.with_name("kubeconfig-other")
            kubeconfig.write_text(text)
        self.process = self.cluster.start(
            "cp", "controller", self.program, "--kubeconfig", kubeconfig, "--log-format", "text",
            "--api-address", "127.0.0.1:8443", "--metrics-address", "127.0.0.1:9090", "--health-address", "127.0.0.1:8081",
            *self.flags, variables=self.variables)  # fmt: skip
        wait_until("the controller is ready", self._is_ready, 180)

    def _is_ready(self):
        expect(self.process.poll() is None, f"the controller ended with {self.process.returncode}")
        done = subprocess.run(
            [HERE / "cluster", "run", "cp", "curl", "-sf", "--noproxy", "*", "--max-time", "2", "http://127.0.0.1:8081/readyz"],
            env=self.cluster.environment, capture_output=True)  # fmt: skip
        return done.returncode == 0

    def kill(self):
        self.process.kill()
        self.process.wait()

    def terminate(self):
        """Its exit code after SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def usage(self):
        """Resident memory in KiB, open files, threads."""
        pid = self.process.pid
        return int(field(pid, "VmRSS").split()[0]), len(os.listdir(f"/proc/{pid}/fd")), int(field(pid, "Threads"))


class Writer:
    """Writes through the Service of the primary, from the control plane's host, on which no member runs."""

    service, pods, flags, variables = "/api/v1/namespaces/demo/services/redis", PODS, (), {}

    def __init__(self, cluster, key="baton:writer", rate=500):
        self.cluster, self.key, self.rate = cluster, key, rate
        self.log = f"{cluster.home}/writes-{key.replace(':', '-')}"
        self.times = []  # of the acknowledged writes, in nanoseconds of the monotonic clock
        self.offset = 0

    def __enter__(self):
        address = self.cluster.api.get(self.service)["spec"]["clusterIP"]
        self.process = self.cluster.start(
            "cp", "writer", sys.executable, HERE / "writer", "write", address, self.log, "--rate", self.rate, "--key", self.key, *self.flags,
            variables=self.variables)  # fmt: skip
        self.wait_for_write(time.monotonic_ns())
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(30)

    def read(self):
        if not os.path.exists(self.log):
            return
        with open(self.log, "rb") as log:
            log.seek(self.offset)
            lines = log.read()
        lines = lines[: lines.rfind(b"\n") + 1]
        self.offset += len(lines)
        self.times += [int(line.split()[1]) for line in lines.splitlines()]

    def wait_for_write(self, since, seconds=30):
        """Until a write is acknowledged that came after that time."""
        wait_until("a write is acknowledged", lambda: self.read() or (self.times and self.times[-1] > since), seconds, 0.02)

    def wait_for_count(self, count, seconds=60):
        wait_until(f"{count} writes are acknowledged", lambda: self.read() or len(self.times) >= count, seconds, 0.02)

    def longest_gap(self, since, until):
        """Milliseconds between two neighbouring acknowledged writes, at most, in that time."""
        self.read()
        pairs = zip(self.times, self.times[1:])
        return max((later - earlier) / 1e6 for earlier, later in pairs if later >= since and earlier <= until)

    def check(self, pod):
        """What became of the acknowledged writes, as that pod has it."""
        self.stop()
        address = self.cluster.api.get(f"{self.pods}/{pod}")["status"]["podIP"]
        words = [sys.executable, HERE / "writer", "check", address, self.log, "--json", "--key", self.key, *self.flags]
        done = subprocess.run(
            [HERE / "cluster", "run", "cp", *words], env={**self.cluster.environment, **self.variables}, text=True, capture_output=True)  # fmt: skip
        expect(done.stdout, f"the data of {pod} could not be read: {done.stderr}")
        return json.loads(done.stdout)

    def expect_nothing_lost(self, pod):
        result = self.check(pod)
        expect(result["acknowledged"] >= 100, f"only {result['acknowledged']} writes were acknowledged: that proves nothing")
        expect(result["lost"] == 0, f"{result['lost']} acknowledged writes are lost, the first of them: {result['lostNumbers']}")
        return result


class PodWitness:
    """Sees every version of every pod, in order: who carries the primary label, and when two do at once."""

    def __init__(self, api):
        self.api = api
        self.primaries, self.violations, self.changes = set(), [], 0
        self.error = None
        self.done = threading.Event()
        self.relisted = 0
        self._list()
        self.changes = 0  # since then
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _list(self):
        listed = self.api.get(PODS)
        for pod in listed["items"]:
            self._see("MODIFIED", pod)
        for name in self.primaries - {pod["metadata"]["name"] for pod in listed["items"]}:
            self.primaries.discard(name)
        self.version = listed["metadata"]["resourceVersion"]

    def _see(self, kind, pod):
        name = pod["metadata"]["name"]
        has_role = kind != "DELETED" and pod["metadata"].get("labels", {}).get(ROLE) == "primary"
        if has_role == (name in self.primaries):
            return
        self.changes += 1
        (self.primaries.add if has_role else self.primaries.discard)(name)
        if len(self.primaries) > 1:
            self.violations.append(f"{sorted(self.primaries)} at resourceVersion {pod['metadata']['resourceVersion']}")

    def _run(self):
        while not self.done.is_set():
            try:
                for kind, pod in self.api.watch(f"{PODS}?allowWatchBookmarks=true", self.version, 300):
                    self.version = pod["metadata"]["resourceVersion"]
                    if kind != "BOOKMARK":
                        self._see(kind, pod)
                    if self.done.is_set():
                        return
            except ApiError as error:  # something was missed
                self.error = error
                if not self._lists_again():
                    return
            except (OSError, HTTPException, ValueError):  # the connection broke, perhaps within a line
                time.sleep(0.1)

    def _lists_again(self):
        """An API server that was started anew does not know what was before."""
        try:
            self._list()
            self.relisted += 1
            return True
        except (ApiError, OSError, HTTPException, ValueError):
            return False

    def expect_never_two(self, restarts=0):
        """Also that it saw all, but for what passed while the API server was started anew: up to a change that is made now."""
        mark = self.api.merge(f"{PODS}/redis-0", {"metadata": {"annotations": {"seen": str(time.monotonic_ns())}}})
        version = int(mark["metadata"]["resourceVersion"])
        missed = lambda: self.relisted > restarts or (self.error and not self.thread.is_alive())  # noqa: E731
        wait_until("the watch has caught up", lambda: missed() or int(self.version) >= version)
        self.done.set()
        expect(not missed(), f"the watch of the pods missed something: {self.error}")
        expect(not self.violations, f"two pods had the primary label at once: {self.violations[:5]}")
        return self.changes


class Redis:
    """The group of examples/redis. Each request is an object; 'hand_over' makes one and waits for its end."""

    def __init__(self, cluster):
        self.cluster, self.api = cluster, cluster.api
        self.count = collections.Counter()
        self.readme = Readme(cluster, "examples/redis/README.md")

    def install(self, controller):
        cluster = self.cluster
        cluster("load", printed(HERE / "images" / "redis"))
        cluster.kubectl("apply", "-f", ROOT / "crds", "-f", ROOT / "deploy" / "rbac.yaml", "-f", ROOT / "deploy" / "rbac-hooks.yaml")
        cluster.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")
        controller.start()
        self.readme.run("Install")
        self.wait_healthy()

    def group(self):
        return self.api.get(f"{GROUPS}/redis")

    def primary(self):
        return self.group()["status"]["primary"]

    def pods(self):
        return {pod["metadata"]["name"]: pod for pod in self.api.get(f"{PODS}?labelSelector=app%3Dredis")["items"]}

    def node(self, pod):
        return self.api.get(f"{PODS}/{pod}")["spec"]["nodeName"]

    def standbys(self):
        primary = self.primary()
        return [name for name in sorted(self.pods()) if name != primary]

    def follows(self, pod, primary_ip):
        """Whether that Redis has an unbroken stream of the primary's changes."""
        try:
            info = self.info(pod)
        except Wrong:
            return False
        return info.get("role") == "slave" and info.get("master_host") == primary_ip and info.get("master_link_status") == "up"

    def info(self, pod):
        text = self.cluster.kubectl("-n", "demo", "exec", pod, "--", "redis-cli", "-h", "127.0.0.1", "INFO", "replication")
        return dict(line.strip().split(":", 1) for line in text.splitlines() if ":" in line)

    def _is_healthy(self):
        group, pods = self.group(), self.pods()
        status = group.get("status", {})
        roles = sorted(pod["metadata"].get("labels", {}).get(ROLE, "") for pod in pods.values())
        if status.get("phase") != "Healthy" or status.get("readyMembers") != "3/3" or roles != ["primary", "standby", "standby"]:
            return False
        address = pods[status["primary"]]["status"]["podIP"]
        return all(self.follows(name, address) for name in pods if name != status["primary"])

    def wait_healthy(self, seconds=90):
        """One primary, and two standbys that copy from it."""
        wait_until("the group is healthy, with two standbys that follow", self._is_healthy, seconds)

    def configure(self, **spec):
        self.api.merge(f"{GROUPS}/redis", {"spec": spec})

    def request(self, kind="test", **spec):
        """Creates a request; the object."""
        self.count[kind] += 1
        body = {
            "apiVersion": "ha.baton.dev/v1alpha1", "kind": "SwitchoverRequest",
            "metadata": {"name": f"{kind}-{self.count[kind]}"}, "spec": {"groupRef": {"name": "redis"}, **spec},
        }  # fmt: skip
        return self.api.create(REQUESTS, body)

    def follow(self, request, seconds=150):
        """Each phase of the request as it is stored, with the object."""
        name, version = request["metadata"]["name"], request["metadata"]["resourceVersion"]
        until, last = time.monotonic() + seconds, None
        while time.monotonic() < until:
            for seen in self._versions(name, version, until):
                version, phase = seen["metadata"]["resourceVersion"], seen.get("status", {}).get("phase")
                if phase != last:
                    last = phase
                    yield phase, seen
                if phase in ENDS:
                    return
        raise Wrong(f"{name} did not end within {seconds} s; it stands at {last}")

    def _versions(self, name, version, until):
        """Of a request; when the history before is gone, as after a change of its definition, the one of now."""
        try:
            for _, seen in self.api.watch(f"{REQUESTS}?fieldSelector=metadata.name%3D{name}", version, until - time.monotonic()):
                yield seen
        except ApiError as error:
            if error.code != 410:
                raise
            yield self.api.get(f"{REQUESTS}/{name}")

    def end_of(self, request, seconds=150):
        """Its status when it has ended."""
        return [seen for _, seen in self.follow(request, seconds)][-1]["status"]

    def hand_over(self, **spec):
        status = self.end_of(self.request(**spec))
        expect(status["phase"] == "Succeeded", f"it ended as {status['phase']}, {status.get('reason')}: {status.get('message')}")
        return status
