"""What can break under a group. Each function breaks one thing, and mends it when it goes on after its 'yield'.

What MOVES yields the trigger of the request that Baton is to make; what STAYS yields for how many seconds it is to last,
and Baton is to do nothing about it: either the primary is well, or nobody can know.
"""
import contextlib
import os
import signal
import time

from lab import HERE, PODS, expect, wait_until

BUDGET = "/apis/policy/v1/namespaces/demo/poddisruptionbudgets/redis-primary"
SLOW_PORT = 16443  # in the control plane's own network
RELAY_MILLISECONDS = 250  # each way: 500 for an answer


class Lab:
    def __init__(self, cluster, controller, redis, cut_seconds):
        self.cluster, self.controller, self.redis, self.api = cluster, controller, redis, cluster.api
        self.cut_seconds = cut_seconds

    def server(self, pod):
        """The process of that pod's Redis."""
        return self.cluster.process_on(self.redis.node(pod), "redis-server")

    def renew(self, pod):
        """A new pod's container starts at once; one that ends again and again is started later and later."""
        self.api.delete(f"{PODS}/{pod}?gracePeriodSeconds=0")

    @contextlib.contextmanager
    def held(self, node, program):
        """Killed, and not started again before the end."""
        self.cluster("hold", f"{node}-{program}")
        self.cluster("signal", f"{node}-{program}", "KILL")
        try:
            yield
        finally:
            self.cluster("release", f"{node}-{program}")


@contextlib.contextmanager
def process_killed(lab, primary):
    os.kill(lab.server(primary), signal.SIGKILL)
    yield "failover"
    lab.renew(primary)


@contextlib.contextmanager
def standby_killed(lab, _):
    """Its container starts again, and it follows as before though nobody tells it to."""
    os.kill(lab.server(lab.redis.standbys()[0]), signal.SIGKILL)
    yield 5


@contextlib.contextmanager
def standby_forgets(lab, _):
    """Its container starts again and has no note of whom it followed: Baton tells it."""
    standby = lab.redis.standbys()[0]
    lab.cluster.kubectl("-n", "demo", "exec", standby, "--", "rm", "/data/follows")
    os.kill(lab.server(standby), signal.SIGKILL)
    yield 5


@contextlib.contextmanager
def pod_killed(lab, primary):
    lab.api.delete(f"{PODS}/{primary}?gracePeriodSeconds=0")
    yield "failover"


@contextlib.contextmanager
def process_stands_still(lab, primary):
    pid = lab.server(primary)
    os.kill(pid, signal.SIGSTOP)
    yield "failover"
    os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def node_cut(lab, primary):
    node = lab.redis.node(primary)
    lab.cluster("cut", node)
    yield "failover"
    lab.cluster("heal", node)


@contextlib.contextmanager
def node_cut_one_way(lab, primary):
    """The node hears everybody; what it and its pods say to others is lost."""
    out = "add chain ip fault out { type filter hook postrouting priority 0; }; add rule ip fault out oifname eth0 drop"
    with lab.cluster.packet_rules(lab.redis.node(primary), out):
        yield "failover"


@contextlib.contextmanager
def node_cordoned(lab, primary):
    node = lab.redis.node(primary)
    lab.cluster.kubectl("cordon", node)
    yield "drain"
    lab.cluster.kubectl("uncordon", node)


@contextlib.contextmanager
def node_drained(lab, primary):
    """As kubectl does it: the PodDisruptionBudget keeps the primary until the role has moved."""
    node = lab.redis.node(primary)
    drain = lab.cluster.start("cp", "drain", "kubectl", "--kubeconfig", f"{lab.cluster.home}/kubeconfig", "drain", node,
                              "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=60s")  # fmt: skip
    try:
        yield "drain"
        expect(drain.wait(60) == 0, f"kubectl drain: see {lab.cluster.home}/drain.log")
    finally:
        lab.cluster.kubectl("uncordon", node)


@contextlib.contextmanager
def pod_evicted(lab, primary):
    """Without a PodDisruptionBudget, which would refuse that."""
    allow = lambda least: lab.api.merge(BUDGET, {"spec": {"minAvailable": least}})  # noqa: E731
    allow(0)
    wait_until("the eviction is allowed", lambda: lab.api.get(BUDGET)["status"].get("disruptionsAllowed"))
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": primary, "namespace": "demo"}}
    lab.api.create(f"{PODS}/{primary}/eviction", body)
    yield "drain"
    allow(1)


@contextlib.contextmanager
def process_killed_while_the_api_is_slow(lab, primary):
    """Every answer of the API server takes Baton half a second more. An exec needs four, so a second is too short."""
    timeout = lab.redis.group()["spec"]["detection"]["timeoutSeconds"]
    lab.redis.configure(detection={"timeoutSeconds": 5})
    relay = lab.cluster.start("cp", "relay", HERE / "relay", SLOW_PORT, "10.240.0.1:6443", RELAY_MILLISECONDS)
    try:
        lab.controller.kill()
        lab.controller.start(server=f"https://127.0.0.1:{SLOW_PORT}")
        time.sleep(5)  # it has asked the members by then
        os.kill(lab.server(primary), signal.SIGKILL)
        yield "failover"
        lab.renew(primary)
    finally:
        lab.controller.kill()
        relay.kill()
        relay.wait()
        lab.redis.configure(detection={"timeoutSeconds": timeout})
        lab.controller.start()


@contextlib.contextmanager
def kubelet_killed(lab, primary):
    with lab.held(lab.redis.node(primary), "kubelet"):
        yield 10


@contextlib.contextmanager
def containerd_killed(lab, primary):
    with lab.held(lab.redis.node(primary), "containerd"):
        yield 10


@contextlib.contextmanager
def apiserver_killed(lab, _):
    lab.cluster("restart-apiserver", "KILL")
    yield 5


@contextlib.contextmanager
def apiserver_stands_still(lab, _):
    lab.cluster("pause-apiserver")
    try:
        time.sleep(15)  # longer than the Lease
    finally:
        lab.cluster("resume-apiserver")
    yield 5


@contextlib.contextmanager
def etcd_stands_still(lab, _):
    lab.cluster("signal", "etcd", "STOP")
    try:
        time.sleep(15)
    finally:
        lab.cluster("signal", "etcd", "CONT")
    yield 5


@contextlib.contextmanager
def controller_killed(lab, _):
    lab.controller.kill()
    time.sleep(2)
    lab.controller.start()
    yield 8


@contextlib.contextmanager
def controller_cut_from_all_pods(lab, _):
    """From kubelets and pods alike; not from the API server."""
    cut = "add chain ip fault out { type filter hook output priority 0; }; "
    cut += "; ".join(f"add rule ip fault out ip daddr {net} drop" for net in ("10.244.0.0/16", "10.240.0.10-10.240.0.250"))
    with lab.cluster.packet_rules("cp", cut):
        yield lab.cut_seconds


@contextlib.contextmanager
def all_nodes_cut(lab, _):
    """From each other as well: every primary works on alone, if anybody can reach it."""
    nodes = [f"node{i + 1}" for i in range(lab.cluster.nodes)]
    for node in nodes:
        lab.cluster("cut", node)
    try:
        yield lab.cut_seconds
    finally:
        for node in nodes:
            lab.cluster("heal", node)
        wait_until("the nodes are ready", lambda: all(_ready(lab, n) for n in nodes), 60)


def _ready(lab, node):
    conditions = lab.api.get(f"/api/v1/nodes/{node}")["status"]["conditions"]
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


MOVES = {f.__name__: f for f in (
    process_killed, pod_killed, process_stands_still, node_cut, node_cut_one_way, node_cordoned, node_drained,
    pod_evicted, process_killed_while_the_api_is_slow)}  # fmt: skip
STAYS = {f.__name__: f for f in (
    standby_killed, standby_forgets, kubelet_killed, containerd_killed, apiserver_killed, apiserver_stands_still, etcd_stands_still,
    controller_killed, controller_cut_from_all_pods, all_nodes_cut)}  # fmt: skip
