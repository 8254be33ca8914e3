"""Groups in different states, in two namespaces, and people who may do different things with them."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "integration"))
from api import BROKEN  # noqa: E402
from calls import PASSWORD  # noqa: E402
from database import Databases  # noqa: E402
from program import LOGS, Controller, free_ports  # noqa: E402
from runner import STAMP  # noqa: E402
from stage import Stage, until  # noqa: E402
from world import HASH, Answer  # noqa: E402

import http.client  # noqa: E402
import threading  # noqa: E402

ZONES = ("zone-a", "zone-b", "zone-c")
RBAC = "/apis/rbac.authorization.k8s.io/v1"
LOOK, ASK = ["get", "list", "watch"], ["get", "list", "watch", "create"]
# name: the verbs on switchoverrequests that he has everywhere
EVERYWHERE = {"keeper": ASK, "reader": LOOK}
TENANT = "tenant"   # may do everything in the second namespace, and see nothing of the first

HOOKS = ("probe", "demote", "promote", "follow")


def rules(verbs):
    return [{"apiGroups": ["ha.baton.dev"], "resources": ["hagroups"], "verbs": LOOK},
            {"apiGroups": ["ha.baton.dev"], "resources": ["switchoverrequests"], "verbs": verbs}]


class UiWorld:
    """Groups of the first namespace: `orders` and `keys` have a database behind their hooks, the others are of labels alone."""

    def __init__(self, server):
        self.server, self.api = server, server.api
        self.shop, self.other = (Stage(server.api, f"{name}-{STAMP}") for name in ("shop", "other"))
        self.databases = Databases()
        self.held = {}
        for zone in ZONES:
            self.api.create("/api/v1/nodes", {"metadata": {"name": self._node(zone), "labels": {"topology.kubernetes.io/zone": zone}}})
        for name in ("orders", "keys"):
            self.databases.add(self.shop.name, name, synchronous=True)
            self._group(self.shop, name, hooks=self.databases.hooks(*HOOKS, timeout=120))
        for name in ("carts", "sessions", "vault", "labels", "moving"):
            self._group(self.shop, name)
        self._group(self.shop, "ledger", switchover={"enabled": False})
        self._group(self.other, "rented")
        self._people()
        self.port = free_ports(1)[0]
        self.controller = None
        self.start()
        self._into_their_states()

    def _node(self, zone):
        return f"{zone}-{STAMP}"

    def _group(self, stage, name, **spec):
        for i, zone in enumerate(ZONES):
            stage.pod(f"{name}-{i}", name, f"127.0.0.{11 + i}", node=self._node(zone))
        stage.bare_group(name, **spec)

    def _people(self):
        self.file = LOGS / "ui-credentials.yaml"
        self.file.write_text("users:\n" + "".join(
            f'- name: {name}\n  passwordHash: "{HASH}"\n  kubernetesUser: ui:{name}-{STAMP}\n' for name in (*EVERYWHERE, TENANT)))
        for name, verbs in EVERYWHERE.items():
            self._bind(RBAC, "ClusterRole", f"ui-{name}-{STAMP}", name, verbs)
        self._bind(f"{RBAC}/namespaces/{self.other.name}", "Role", f"ui-{TENANT}-{STAMP}", TENANT, ASK)

    def _bind(self, path, kind, role, person, verbs):
        plural = f"{kind.lower()}s"
        self.api.create(f"{path}/{plural}", {"metadata": {"name": role}, "rules": rules(verbs)})
        self.api.create(f"{path}/{kind.lower()}bindings", {
            "metadata": {"name": role}, "subjects": [{"kind": "User", "name": f"ui:{person}-{STAMP}", "apiGroup": "rbac.authorization.k8s.io"}],
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role}})

    def _into_their_states(self):
        for name in ("orders", "keys"):
            self.shop.settled(name, follow=True)
        for name in ("carts", "sessions", "vault", "labels", "moving", "ledger"):
            self.shop.settled(name)
        self.other.settled("rented")
        self.request("first", "orders", reason="so that there is a history")
        self.ended("first")
        self.settled("orders")
        standby = next(p for p, (role, _) in sorted(self.shop.roles("carts").items()) if role == "standby")
        self.shop.pod_is(standby, ready=False)
        self.shop.pod_is(self.shop.group_status("sessions")["primary"], ready=False)
        self.shop.api.merge(self.shop.path("hagroups", "vault"), {"spec": {"paused": True}})
        for name, phase in (("carts", "Degraded"), ("sessions", "NoPrimary"), ("vault", "Paused")):
            until(lambda name=name, phase=phase: self.shop.group_status(name).get("phase") == phase, f"{name} is not {phase}")

    # --- what a test in the browser may ask for, see control.py

    def start(self):
        names = f"{self.shop.name},{self.other.name}"
        self.controller = Controller(
            self.server.path, "--namespaces", names, "--leader-elect-namespace", self.shop.name, "--api-credentials", str(self.file),
            "--api-address", f"127.0.0.1:{self.port}", name="ui")
        until(self._serves, f"the controller does not serve; log: {self.controller.log}")

    def _serves(self):
        if not self.controller.alive():
            raise AssertionError(f"the controller has ended: {self.controller.text()[-2000:]}")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", "/ui/api/session")
            return Answer(connection.getresponse()).status == 401
        except BROKEN:
            return False
        finally:
            connection.close()

    def stop(self):
        self.controller.terminate()

    def request(self, name, group, **spec):
        """What somebody else asks for, past the page."""
        self.shop.request(name, group, **spec)

    def ended(self, name):
        return self.shop.ended(name)

    def primary(self, group):
        return self.shop.group_status(group).get("primary", "")

    def epoch(self, group):
        return self.shop.group_status(group)["epoch"]

    def settled(self, group):
        """With hooks a candidate has to have followed the present primary."""
        self.shop.settled(group, follow=(self.shop.name, group) in self.databases.databases)

    def ready(self, pod, ready):
        self.shop.pod_is(pod, ready=ready)

    def hold(self, group, hook):
        """The hook's calls are answered when they are released."""
        self.held[group, hook] = self.databases.databases[self.shop.name, group].hangs[hook] = threading.Event()

    def release(self, group, hook):
        del self.databases.databases[self.shop.name, group].hangs[hook]
        self.held.pop((group, hook)).set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for event in self.held.values():
            event.set()
        self.controller.kill()

    def told(self):
        """What the tests have to know of it."""
        return {"shop": self.shop.name, "other": self.other.name, "password": PASSWORD, "zones": ZONES}
