#!/usr/bin/env python3
"""docs/openapi.json against the running program: schemathesis calls every path, as users with and without rights and as
nobody, with the document's examples and with made-up values, and compares each answer with the document.

Usage: openapi_test.py [PART OF A TEST'S NAME]

Environment: BATON_CONTROLLER, the program.
"""
import hashlib
import http.client
import json
import os
import re
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))
from cluster import ROOT, Server, expect  # noqa: E402
from program import LOGS, Controller, free_ports  # noqa: E402
from runner import STAMP, run_all  # noqa: E402
from stage import Stage  # noqa: E402

DOCUMENT = ROOT / "docs" / "openapi.json"
HASH = "$2b$04$KBCwKxOzLha2MUCJKlm.O.lyl55BJL2eeVkPI3lDClfh/CFqoN8SS"  # of PASSWORD
# Names, ids and passwords are the document's examples; keys and tokens those of callers.py.
GROUPS = {
    "connector": {"hosts": ["scc.example.com"]},
    "dcs": {"projectId": "0aa253a31a2f4cfda30eaa073fee6477", "instanceId": "5560df16-cebf-4473-95c4-d1b573c16e79"},
    "hcx": {"groupId": "d6c6f0a1-4f0c-4b53-8b9a-1f2f6b7c2f10"},
    "sbc": {"hosts": ["sbc.example.com"]},
    "polardb": {"dbClusterId": "pc-bp1s826a1up1u2k5y"}}
USERS = {"Administrator": ("static", "AK", "SK", ["get", "create"]), "reader": ("reading", "RAK", "RSK", ["get"])}
# What a caller must have been answered, so that a document that describes no more than refusals does not pass.
ANSWERS = {
    "Administrator": {"connector": {200, 204, 400}, "dcs": {201, 204, 401, 404}, "hcx": {200, 202, 401, 404}, "sbc": {200, 204, 404},
                      "polardb": {200, 400, 404}, "openapi": {200, 304}},
    "reader": {"connector": {200, 403}, "dcs": {403}, "hcx": {403}, "sbc": {403}, "polardb": {403}},
    "": {"connector": {401}, "dcs": {401}, "hcx": {401}, "sbc": {401}, "polardb": {400}}}


def credentials():
    def user(name, token, key, secret):
        return (f"- name: {name}\n  passwordHash: \"{HASH}\"\n  kubernetesUser: openapi:{name}\n"
                f"  accessKeys: [{{id: {key}, secret: {secret}}}]\n  tokens: [{{sha256: {hashlib.sha256(token.encode()).hexdigest()}}}]\n")
    return "users:\n" + "".join(user(name, *of[:3]) for name, of in USERS.items())


class World:
    """A group for each path, and a controller that serves them."""

    def __init__(self, server):
        self.stage = Stage(server.api, f"openapi-{STAMP}")
        for name, of in USERS.items():
            self._grant(name, of[3])
        for name, identity in GROUPS.items():
            self.stage.group(name, apis={name: identity})
        file = LOGS / "openapi-credentials.yaml"
        file.write_text(credentials())
        self.address = f"127.0.0.1:{free_ports(1)[0]}"
        self.controller = Controller(server.path, "--namespaces", self.stage.name, "--leader-elect-namespace", self.stage.name,
                                     "--api-credentials", str(file), "--api-address", self.address, name="openapi")
        for name in GROUPS:
            self.stage.settled(name)
        self.venv = subprocess.run(["bash", "-euc", '. scripts/lib/log.sh; . scripts/lib/venv.sh; make_venv openapi "$0"', HERE / "requirements.txt"],
                                   cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE).stdout.strip()

    def _grant(self, who, verbs):
        rbac, group = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{self.stage.name}", "rbac.authorization.k8s.io"
        self.stage.api.create(f"{rbac}/roles", {"metadata": {"name": who.lower()}, "rules": [
            {"apiGroups": ["ha.baton.dev"], "resources": ["hagroups", "switchoverrequests"], "verbs": verbs}]})
        self.stage.api.create(f"{rbac}/rolebindings", {
            "metadata": {"name": who.lower()}, "subjects": [{"kind": "User", "name": f"openapi:{who}", "apiGroup": group}],
            "roleRef": {"apiGroup": group, "kind": "Role", "name": who.lower()}})

    def answers(self):
        """{path's name: {status: how often}} up to now."""
        found = {}
        for labels, value in self.controller.metric("baton_api_requests_total").items():
            labels = dict(re.findall(r'(\w+)="([^"]*)"', labels))
            found.setdefault(labels["api"], {})[int(labels["code"])] = int(value)
        return found

    def python(self, *arguments, **environment):
        """(exit code, output) of a program of the virtual environment."""
        done = subprocess.run([f"{self.venv}/bin/python", "-B", "-m", *map(str, arguments)], cwd=HERE, text=True, check=False,
                              env={**os.environ, "HYPOTHESIS_STORAGE_DIRECTORY": str(LOGS), **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def check_as(self, caller, phases):
        """Lets schemathesis call everything."""
        before = self.answers()
        code, output = self.python("schemathesis.cli", "--config-file", "schemathesis.toml", "run", f"http://{self.address}/openapi.json",
                                   "--url", f"http://{self.address}", "--no-color", "--phases", phases, BATON_CALLER=caller)
        after = self.answers()
        new = {api: {code: n - before.get(api, {}).get(code, 0) for code, n in codes.items()} for api, codes in after.items()}
        for api, codes in sorted(new.items()):
            print(f"     {api or '(none)':10}", ", ".join(f"{n} x {code}" for code, n in sorted(codes.items()) if n), flush=True)
        expect(code == 0 and "Traceback" not in output, output)
        for api, wanted in ANSWERS[caller].items():
            missing = {code for code in wanted if not new.get(api, {}).get(code)}
            expect(not missing, f"{api} never answered {missing}\n{output}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.controller.kill()


def test_document_is_valid(world):
    code, output = world.python("openapi_spec_validator", DOCUMENT)
    expect(code == 0, output)


def test_document_is_served_without_credentials(world):
    connection = http.client.HTTPConnection(world.address, timeout=30)
    connection.request("GET", "/openapi.json")
    answer = connection.getresponse()
    expect(answer.status == 200 and json.load(answer) == json.loads(DOCUMENT.read_text()), f"{answer.status}: not the document")


def test_with_all_rights(world):
    world.check_as("Administrator", "examples,coverage,fuzzing,stateful")


def test_with_the_right_to_read(world):
    world.check_as("reader", "examples,fuzzing")


def test_without_credentials(world):
    world.check_as("", "examples,coverage,fuzzing")


if __name__ == "__main__":
    with Server("openapi") as api_server, World(api_server) as the_world:
        result = run_all(sys.modules[__name__], the_world, doc=__doc__)
    sys.exit(result)
