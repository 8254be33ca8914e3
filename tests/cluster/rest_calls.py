"""Calls of the five REST paths by curl, and what the operator needs so that they are taken."""
import hashlib
import json
import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "integration"))
from lab import expect  # noqa: E402
from calls import PASSWORD, basic, polardb  # noqa: E402

HASH = "$2b$04$KBCwKxOzLha2MUCJKlm.O.y5v82CBRx7.pnTfVaF6efNO.aoFvN6m"  # of PASSWORD
HOST = "redis.example.com"
APIS = {"connector": {"hosts": [HOST]}, "dcs": {"projectId": "p1", "instanceId": "redis-1"}, "hcx": {"groupId": "redis-2"},
        "sbc": {"hosts": [HOST]}, "polardb": {"dbClusterId": "pc-redis"}}
RIGHTS = "/apis/rbac.authorization.k8s.io/v1/namespaces/demo"


class Caller:
    """Calls as a runbook would: curl, the certificate checked, the name resolved by hand."""

    def __init__(self, cluster, address="127.0.0.1"):
        self.cluster, self.api, self.address = cluster, cluster.api, address
        self.credentials, self.certificate, self.key = (f"{cluster.home}/{n}" for n in ("credentials.yaml", "tls.crt", "tls.key"))
        Path(self.credentials).write_text(
            f'users:\n- name: admin\n  passwordHash: "{HASH}"\n  kubernetesUser: rest:admin\n'
            f'  accessKeys: [{{id: AK, secret: SK}}]\n  tokens: [{{sha256: {hashlib.sha256(b"static").hexdigest()}}}]\n')
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}", "-addext",
                        f"subjectAltName=DNS:{HOST}", "-keyout", self.key, "-out", self.certificate], check=True, capture_output=True)

    def flags(self):
        return ["--api-credentials", self.credentials, "--api-tls-cert", self.certificate, "--api-tls-key", self.key]

    def allow(self):
        self.api.create(f"{RIGHTS}/roles", {"metadata": {"name": "rest"}, "rules": [
            {"apiGroups": ["ha.baton.dev"], "resources": ["hagroups"], "verbs": ["get", "list"]},
            {"apiGroups": ["ha.baton.dev"], "resources": ["switchoverrequests"], "verbs": ["create", "list"]}]})
        self.api.create(f"{RIGHTS}/rolebindings", {
            "metadata": {"name": "rest"}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "rest"},
            "subjects": [{"kind": "User", "name": "rest:admin", "apiGroup": "rbac.authorization.k8s.io"}]})

    def call(self, method, target, headers=None, body=None):
        """Status, headers, body."""
        command = ["curl", "-sSi", "--http1.1", "--noproxy", "*", "--max-time", "60", "--cacert", self.certificate,
                   "--resolve", f"{HOST}:8443:{self.address}", "-X", method, f"https://{HOST}:8443{target}"]
        for name, value in (headers or {}).items():
            command += ["-H", f"{name}: {value}"]
        if body is not None:
            command += ["-d", body]
        head, _, rest = self.cluster("run", "cp", *command).replace("\r\n", "\n").partition("\n\n")
        first, *lines = head.splitlines()
        return int(first.split()[1]), {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}, rest

    def sign_in(self):
        """The page's session, as a header."""
        body = json.dumps({"user": "admin", "password": PASSWORD})
        status, headers, body = self.call("POST", "/ui/api/session", {"Content-Type": "application/json"}, body)
        expect(status == 200, f"signing in: {status} {body}")
        return {"Cookie": headers["set-cookie"].split(";")[0]}

    # One call that switches, in each vendor's way. The request's name, and the status that says that it was taken.

    def connector(self):
        return 204, self.call("POST", "/api/v1/configuration/connector/haRole",
                              {**basic(), "Content-Type": "application/json"}, '"shadow"')

    def dcs(self):
        return 204, self.call("POST", "/v2/p1/instances/redis-1/swap", {"X-Auth-Token": "static"})

    def hcx(self):
        login = json.dumps({"username": "admin", "password": PASSWORD})
        _, headers, _ = self.call("POST", "/hybridity/api/sessions", {}, login)
        return 202, self.call("POST", "/hybridity/api/interconnect/appliances/ha/groups/redis-2/forceFailover",
                              {"x-hm-authorization": headers["x-hm-authorization"]})

    def sbc(self):
        _, _, body = self.call("POST", "/rest/v1.2/auth/token", {**basic(), "Accept": "application/xml"})
        token = body.split("<accessToken>")[1].split("<")[0]
        return 204, self.call("POST", "/rest/v1.2/admin/switchover",
                              {"Authorization": f"Bearer {token}", "Accept": "application/xml"})

    def polardb(self):
        return 200, self.call("POST", polardb("FailoverDBCluster", DBClusterId="pc-redis"))
