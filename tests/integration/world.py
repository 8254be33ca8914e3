"""Groups that the REST paths name, a controller that serves them, and callers with and without rights."""
import hashlib
import http.client
import json

from program import LOGS, Controller, free_ports
from runner import STAMP
from stage import Stage, until

HASH = "$2b$04$KBCwKxOzLha2MUCJKlm.O.y5v82CBRx7.pnTfVaF6efNO.aoFvN6m"
CREDENTIALS = f"""users:
- name: admin
  passwordHash: "{HASH}"
  kubernetesUser: rest:admin
  accessKeys: [{{id: AK, secret: SK}}]
  tokens: [{{sha256: {hashlib.sha256(b"static").hexdigest()}}}]
- name: reader
  passwordHash: "{HASH}"
  kubernetesUser: rest:reader
  accessKeys: [{{id: AK-of-reader, secret: SK-of-reader}}]
  tokens: [{{sha256: {hashlib.sha256(b"reading").hexdigest()}}}]
"""


class Answer:
    def __init__(self, answer):
        self.status, self.headers, self.body = answer.status, answer.headers, answer.read().decode()

    def json(self):
        return json.loads(self.body)

    def __str__(self):
        return f"{self.status} {dict(self.headers)} {self.body}"


class World:
    """Each group, given as {name: spec}, gets three pods. The flags are the controller's."""

    def __init__(self, server, name, groups, *flags):
        self.server, self.api, self.flags = server, server.api, flags
        self.stage = Stage(server.api, f"{name}-{STAMP}")
        self.file = LOGS / "credentials.yaml"
        self.file.write_text(CREDENTIALS)
        self._grant("admin", ["get", "create"])
        self._grant("reader", ["get"])
        for group, spec in groups.items():
            self.stage.group(group, members=3, **spec)
        self.port = free_ports(1)[0]
        self.controllers = [self.controller(self.port)]
        for group in groups:
            self.stage.settled(group)

    def controller(self, port):
        """One that serves the REST API there; the caller ends it."""
        return Controller(
            self.server.path, "--namespaces", self.stage.name, "--leader-elect-namespace", self.stage.name, "--api-credentials",
            str(self.file), "--api-address", f"127.0.0.1:{port}", *self.flags, name=f"{self.stage.name}-{port}")

    def _grant(self, who, verbs):
        rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{self.stage.name}"
        self.api.create(f"{rbac}/roles", {"metadata": {"name": who}, "rules": [
            {"apiGroups": ["ha.baton.dev"], "resources": ["hagroups", "switchoverrequests"], "verbs": verbs}]})
        self.api.create(f"{rbac}/rolebindings", {
            "metadata": {"name": who}, "subjects": [{"kind": "User", "name": f"rest:{who}", "apiGroup": "rbac.authorization.k8s.io"}],
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": who}})

    def call(self, method, target, headers=None, body=None, port=None):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=120)
        connection.request(method, target, body, headers or {})
        return Answer(connection.getresponse())

    def primary(self, group):
        return self.stage.group_status(group)["primary"]

    def switched(self, group, before):
        """Waits until another pod has the role: a call may be answered before the group shows what it has begun."""
        until(lambda: self.primary(group) not in ("", before), f"{group}: {before} has the role still")
        return self.stage.settled(group)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for controller in self.controllers:
            controller.kill()
