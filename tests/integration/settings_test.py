#!/usr/bin/env python3
"""What the settings promise, and what the program's own servers answer.

Usage: settings_test.py [PART OF A TEST'S NAME]

Environment: BATON_CONTROLLER, the program.
"""
import http.client
import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import exposition  # noqa: E402
from cluster import ROOT, Server, expect  # noqa: E402
from database import Databases  # noqa: E402
from program import BINARY, LOGS, Controller, free_ports, kubeconfig_for  # noqa: E402
from runner import STAMP, run_all  # noqa: E402
from stage import Stage, until  # noqa: E402


def run(*arguments):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=60)


def documented():
    """{metric: (type, is not served yet)} of docs/metrics.md."""
    text, later, found = (ROOT / "docs" / "metrics.md").read_text(), False, {}
    for line in text.splitlines():
        later = "will bring these" in line or (later and not line.startswith("#"))
        row = re.match(r"\| `([a-z_]+)` \| (\w+) \|", line)
        if row:
            found[row[1]] = (row[2], later or "Not yet" in line)
    return found


def test_wrong_settings_end_with_2(_):
    for arguments, names in ((["--colour", "red"], "--colour"), (["--workers", "many"], "--workers"), (["surplus"], "surplus"),
                             (["--config", "/nowhere/at/all"], "/nowhere/at/all"), (["--log-level=loud"], "--log-level"),
                             (["--namespaces", "A_B"], "--namespaces")):
        done = run(*arguments)
        expect(done.returncode == 2 and names in done.stderr, f"{arguments}: {done}")


def test_no_server_to_reach_is_no_crash(_):
    controller = Controller(kubeconfig_for(free_ports(1)[0]), "--leader-elect=false", name="unreachable")
    with controller:
        until(lambda: "Server" not in controller.text() and controller.text(), "it does not start")
        until(lambda: _served(controller), "it does not listen")
        expect(controller.fetch("/healthz")[0] == 200, "alive, though there is no API server")
        code, why = controller.fetch("/readyz")
        expect(code == 503 and "hagroups" in why, f"{code} {why}")
        expect(controller.terminate()[0] == 0, "exit code")


def test_address_in_use_ends_with_1(_):
    with Controller(kubeconfig_for(free_ports(1)[0]), name="first") as first:
        until(lambda: _served(first), "it does not listen")
        address = f"127.0.0.1:{first.port}"
        done = run("--kubeconfig", str(kubeconfig_for(free_ports(1)[0])), "--metrics-address", address, "--health-address", address)
        expect(done.returncode == 1 and address in done.stdout + done.stderr, f"{done}")


def _served(controller):
    expect(controller.alive(), f"it has ended: {controller.text()}")
    try:
        return controller.fetch("/healthz")[0] == 200
    except OSError:
        return False


def test_only_the_named_namespaces(server):
    stages = [Stage(server.api, f"settings-{STAMP}-{n}") for n in "abc"]
    for stage in stages:
        stage.group("g", members=2)
    with Controller(server.path, "--namespaces", f"{stages[0].name},{stages[1].name}", "--leader-elect=false", name="two") as two:
        for stage in stages[:2]:
            stage.settled("g")
        for stage in stages:
            stage.request("r", "g")
        for stage in stages[:2]:
            expect(stage.ended("r")["phase"] == "Succeeded", stage.request_status("r"))
            stage.settled("g")
        expect(not stages[2].group_status("g") and not stages[2].request_status("r"), "the third namespace was touched")
        expect(all(role is None for role, _ in stages[2].roles("g").values()), "pods of the third namespace were labelled")
        expect(stages[2].name not in two.fetch("/metrics")[1], "the third namespace is in the metrics")


def test_a_name_of_two_namespaces(server):
    """Each is watched on its own, or both with all others: the older group has the name, and the younger is told."""
    apis = {"dcs": {"projectId": "p", "instanceId": f"i-{STAMP}"}, "sbc": {"hosts": [f"{STAMP}.example.com"]}}
    elder, junior = (Stage(server.api, f"settings-{STAMP}-{n}") for n in ("elder", "junior"))
    elder.group("g", members=2, apis=apis)
    time.sleep(1.1)  # creationTimestamp has whole seconds
    junior.group("g", members=2, apis={"dcs": apis["dcs"]})

    def conflict(stage):
        found = [c for c in stage.group_status("g").get("conditions", []) if c["type"] == "Conflict"]
        return found and found[0]["status"] == "True" and found[0]["message"]
    for flags in (["--namespaces", f"{junior.name},{elder.name}"], []):
        with Controller(server.path, *flags, "--leader-elect=false", name="names"):
            message = until(lambda: conflict(junior), lambda: f"no Conflict: {junior.group_status('g')}", seconds=30)
            expect(f"dcs i-{STAMP} (a group of another namespace)" in message and elder.name not in message, message)
            elder.settled("g")
            expect(not conflict(elder), "the older group has it, too")
            elder.api.merge(elder.path("hagroups", "g"), {"spec": {"apis": {"dcs": None}}})
            until(lambda: not conflict(junior), "the Conflict stays", seconds=30)
            elder.api.merge(elder.path("hagroups", "g"), {"spec": {"apis": {"dcs": apis["dcs"]}}})
            until(lambda: conflict(junior), "the Conflict does not come back", seconds=30)
            elder.api.merge(elder.path("hagroups", "g"), {"spec": {"apis": {"dcs": None}}})
            until(lambda: not conflict(junior), "the Conflict stays", seconds=30)
        elder.api.merge(elder.path("hagroups", "g"), {"spec": {"apis": {"dcs": apis["dcs"]}}})


def test_servers(server):
    stage = Stage(server.api, f"settings-{STAMP}-servers")
    with Controller(server.path, "--namespaces", stage.name, "--leader-elect=false", name="servers") as controller:
        until(lambda: _served(controller), "it does not listen")
        until(lambda: controller.fetch("/readyz")[0] == 200, lambda: controller.fetch("/readyz"))
        expect(controller.fetch("/healthz") == (200, "ok\n"), controller.fetch("/healthz"))
        expect(controller.fetch("/elsewhere")[0] == 404, controller.fetch("/elsewhere"))
        for path in ("/metrics", "/healthz", "/readyz"):
            connection = http.client.HTTPConnection("127.0.0.1", controller.port, timeout=30)
            connection.request("POST", path)
            answer = connection.getresponse()
            expect((answer.status, answer.headers["Allow"]) == (405, "GET, HEAD"), f"POST {path}: {answer.status} {answer.headers}")


def test_metrics(server):
    stage, databases = Stage(server.api, f"settings-{STAMP}-metrics"), Databases()
    databases.add(stage.name, "hooked")
    hooks = databases.hooks("probe", "demote", "promote", "follow")
    nobody, port = LOGS / "nobody.yaml", free_ports(1)[0]
    nobody.write_text("users: []\n")
    with Controller(server.path, "--namespaces", stage.name, "--leader-elect-namespace", stage.name, "--api-credentials",
                    str(nobody), "--api-address", f"127.0.0.1:{port}", name="metrics") as controller:
        until(lambda: _served(controller), "it does not listen")
        expect(unknown_caller(port) == 401, "a call without credentials")
        stage.group("plain", members=2)
        stage.group("hooked", members=2, hooks=hooks)
        for group, hooked in (("plain", False), ("hooked", True)):
            stage.settled(group, hooked)
            stage.request(group, group)
            expect(stage.ended(group)["phase"] == "Succeeded", stage.request_status(group))
            stage.settled(group, hooked)
        stage.request("refused", "plain", candidate="nobody")
        stage.ended("refused")
        server.script("restart-apiserver", "KILL")  # watches are begun anew
        until(lambda: controller.metric("baton_watch_restarts_total"), "no watch was begun anew")
        families = until(lambda: _ended(controller, stage.name, 3), "the ends of the requests are not counted")
        _check_documented(families)
        _check_values(families, stage)
        stage.api.delete(stage.path("hagroups", "plain"))
        until(lambda: not _series(exposition.parse(controller.fetch("/metrics")[1]), "plain"),
              lambda: f"series of a deleted group stay: {_series(exposition.parse(controller.fetch('/metrics')[1]), 'plain')}", 60)
        expect(_series(exposition.parse(controller.fetch("/metrics")[1]), "hooked"), "the other group's series went too")


def unknown_caller(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/api/v1/configuration/connector/haRole")
    return connection.getresponse().status


def _ended(controller, namespace, count):
    families = exposition.parse(controller.fetch("/metrics")[1])
    ended = families.get("baton_switchovers_total")
    mine = [v for (_, labels), v in (ended.samples.items() if ended else ()) if ("namespace", namespace) in labels]
    return families if sum(mine) == count else None


def _check_documented(families):
    listed = documented()
    expect(len(listed) > 20, f"docs/metrics.md is not understood: {listed}")
    missing = [name for name, (_, later) in listed.items() if not later and name not in families]
    expect(not missing, f"listed in docs/metrics.md and not served: {missing}")
    unknown = [name for name in families if name not in listed]
    expect(not unknown, f"served and not listed in docs/metrics.md: {unknown}")
    types = [name for name, family in families.items() if listed[name][0] != family.type]
    expect(not types, f"of another type than docs/metrics.md says: {types}")


def _check_values(families, stage):
    def value(metric, **labels):
        wanted = {"namespace": stage.name, **labels}
        found = [v for (_, have), v in families[metric].samples.items() if wanted.items() <= dict(have).items()]
        expect(len(found) == 1, f"{metric}{wanted}: {found}")
        return found[0]
    for group in ("plain", "hooked"):
        status = stage.group_status(group)
        expect(value("baton_hagroup_epoch", group=group) == status["epoch"] == 2, status)
        expect(value("baton_hagroup_primaries", group=group) == 1, "primaries")
        expect(value("baton_hagroup_members", group=group, state="ready") == 2, "members")
        expect(value("baton_hagroup_phase", group=group, phase="Healthy") == 1, "phase")
        expect(value("baton_hagroup_phase", group=group, phase="NoPrimary") == 0, "phase")
        expect(value("baton_hagroup_member_role", group=group, pod=status["primary"], role="primary") == 1, "role")
        expect(value("baton_switchovers_total", group=group, result="Succeeded") == 1, "switchovers")
    refused = value("baton_switchovers_total", group="plain", result="Rejected", reason="CandidateNotFound", trigger="user")
    expect(refused == 1, "refused")


def _series(families, group):
    return [(name, labels) for family in families.values() for (name, labels) in family.samples if ("group", group) in labels]


if __name__ == "__main__":
    with Server("settings") as api_server:
        result = run_all(sys.modules[__name__], api_server, doc=__doc__)
    sys.exit(result)
