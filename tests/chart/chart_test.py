#!/usr/bin/env python3
"""The chart, as helm sees it and as an API server does: lint, templates of each example, what the schema refuses.

Usage: chart_test.py [PART OF A TEST'S NAME]

Environment: BATON_CONTROLLER, the program.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "cluster"))
from lab import Cluster, Wrong, expect, printed  # noqa: E402

CHART = ROOT / "charts" / "baton"
EXAMPLES = sorted((CHART / "examples").glob("*.yaml"))
HELM = printed(HERE / "helm" / "build")
PROMTOOL = Path(printed(HERE / "prometheus"), "usr/bin/promtool")
# Of kinds that operators bring, whose own definitions are not here: any object of theirs is taken.
FOREIGN = {
    "cert-manager.io/v1": ["Certificate"],
    "monitoring.coreos.com/v1": ["ServiceMonitor", "PodMonitor", "PrometheusRule"],
}


def helm(*words, values=None):
    """What it prints; an error says all of it."""
    words = [HELM, *map(str, words)]
    if values is not None:
        words += ["--values", "-"]
    home = {**os.environ, "HELM_CACHE_HOME": "/nonexistent", "HELM_CONFIG_HOME": "/nonexistent", "HELM_DATA_HOME": "/nonexistent"}
    done = subprocess.run(words, input=yaml.safe_dump(values) if values is not None else None, env=home, text=True, capture_output=True)
    expect(done.returncode == 0, f"helm: {done.stderr}")
    return done.stdout


def rendered(*words, values=None, namespace="baton-system"):
    text = helm("template", "baton", CHART, "--namespace", namespace, "--kube-version", "1.36.0", *words, values=values)
    return [o for o in yaml.safe_load_all(text) if o]


def of_kind(objects, kind):
    return [o for o in objects if o["kind"] == kind]


def test_lint(_):
    for example in [None, *EXAMPLES]:
        helm("lint", "--strict", CHART, *(["--values", example] if example else []))


def test_crds_are_the_ones_of_the_project(_):
    for crd in sorted((ROOT / "crds").glob("*.yaml")):
        expect((CHART / "files" / "crds" / crd.name).read_text() == crd.read_text(), f"the chart's copy of {crd.name} differs")
    shown = of_kind(rendered(), "CustomResourceDefinition")
    expect(len(shown) == 2, f"{len(shown)} CRDs")
    for crd in shown:
        expect(crd["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep", "it would be deleted with the release")
        source = next(yaml.safe_load(p.read_text()) for p in (ROOT / "crds").glob("*.yaml") if crd["spec"]["names"]["plural"] in p.name)
        expect(crd["spec"] == source["spec"], f"the template changes the spec of {crd['metadata']['name']}")
    expect(not of_kind(rendered(values={"crds": {"install": False}}), "CustomResourceDefinition"), "CRDs all the same")


def test_nonsense_is_refused(_):
    for values, said in [
        ({"replica": 3}, "replica"),
        ({"replicas": "two"}, "replicas"),
        ({"replicas": -1}, "replicas"),
        ({"image": {"digest": "abc"}}, "digest"),
        ({"namespaces": ["Not_a_namespace"]}, "namespaces"),
        ({"settings": {"logLevl": "debug"}}, "logLevl"),
        ({"settings": {"logLevel": "loud"}}, "logLevel"),
        ({"settings": {"kubeconfig": "/x"}}, "kubeconfig"),
        ({"api": {"enabled": True}}, "api.credentials.secretName is needed"),
        ({"api": {"enabled": True, "credentials": {"secretName": "c"}}}, "api.tls.secretName or"),
        ({"api": {"service": {"type": "Internet"}}}, "type"),
        ({"metrics": {"service": {"enabled": False}, "serviceMonitor": {"enabled": True}}}, "needs metrics.service.enabled"),
        ({"podDisruptionBudget": {"maxUnavailable": "half"}}, "maxUnavailable"),
    ]:
        try:
            rendered(values=values)
        except Wrong as refusal:
            expect(said in str(refusal), f"{values}: the message does not say {said}: {refusal}")
            continue
        raise Wrong(f"{values} was taken")


def test_namespaced_has_no_right_elsewhere(_):
    objects = rendered("--values", CHART / "examples" / "namespaced.yaml")
    names = [o["metadata"]["name"] for o in of_kind(objects, "ClusterRoleBinding")]
    expect(names == ["baton-nodes"], f"ClusterRoleBindings: {names}")
    where = sorted(o["metadata"]["namespace"] for o in of_kind(objects, "Role"))
    expect(where == ["baton-system", "billing", "orders"], f"Roles in {where}")


def test_nobody_may_call_hooks_unless_asked_for(_):
    bound = {o["roleRef"]["name"] for kind in ("ClusterRoleBinding", "RoleBinding") for o in of_kind(rendered(), kind)}
    expect(bound == {"baton", "baton-nodes", "baton-lease"}, f"bound: {bound}")


def test_settings_are_what_the_program_takes(_):
    program = os.environ.get("BATON_CONTROLLER", ROOT / "build" / "release" / "controller" / "baton-controller")
    for example in [None, *EXAMPLES]:
        objects = rendered(*(["--values", example] if example else []))
        text = of_kind(objects, "ConfigMap")[0]["data"]["baton.yaml"]
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(text)
            file.flush()
            done = subprocess.run([program, "--config", file.name, "--kubeconfig", "/nonexistent"], text=True, capture_output=True)
        # 1: it understood all, and then found no cluster. 2: it did not understand.
        expect(done.returncode == 1, f"{example}: {done.stderr}")


def test_pods_are_restricted(_):
    for example in [None, *EXAMPLES]:
        pod = of_kind(rendered(*(["--values", example] if example else [])), "Deployment")[0]["spec"]["template"]["spec"]
        container = pod["containers"][0]["securityContext"]
        expect(pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault", "pod")
        expect(container["readOnlyRootFilesystem"] and not container["allowPrivilegeEscalation"], "container")
        expect(container["capabilities"]["drop"] == ["ALL"], "capabilities")


def promtool(*words):
    done = subprocess.run([PROMTOOL, *map(str, words)], text=True, capture_output=True)
    expect(done.returncode == 0, done.stdout + done.stderr)


def test_alerts_fire_and_clear(_):
    promtool("check", "rules", CHART / "files" / "alerts.yaml")
    promtool("test", "rules", HERE / "alerts_test.yaml")


def test_each_alert_has_a_runbook_and_a_test(_):
    rules = [r for g in yaml.safe_load((CHART / "files" / "alerts.yaml").read_text())["groups"] for r in g["rules"]]
    pages, tests = (ROOT / "docs" / "runbooks.md").read_text(), (HERE / "alerts_test.yaml").read_text()
    for alert in (r["alert"] for r in rules):
        expect(f"## {alert}\n" in pages, f"docs/runbooks.md has nothing of {alert}")
        expect(f"alertname: {alert}\n" in tests, f"alerts_test.yaml has nothing of {alert}")
    shown = of_kind(rendered("--values", CHART / "examples" / "everything.yaml", "--api-versions", "monitoring.coreos.com/v1"), "PrometheusRule")
    urls = [r["annotations"]["runbook_url"] for g in shown[0]["spec"]["groups"] for r in g["rules"]]
    expect(len(urls) == len(rules) and all(u.startswith("https://runbooks.example.org/baton#baton") for u in urls), f"{urls}")


def test_the_dashboard_asks_for_metrics_that_are_there(_):
    documented = (ROOT / "docs" / "metrics.md").read_text()
    dashboard = json.loads((CHART / "files" / "dashboards" / "baton.json").read_text())
    asked = set()
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            asked |= set(re.findall(r"\b(?:baton|workqueue|rest_client|leader_election|process)_[a-z_]+", target["expr"]))
    expect(len(asked) > 20, f"only {asked}")
    for metric in asked:
        name = re.sub(r"_(bucket|sum|count)$", "", metric)
        expect(f"`{name}`" in documented, f"docs/metrics.md has no {name}")
    shown = of_kind(rendered("--values", CHART / "examples" / "everything.yaml"), "ConfigMap")
    expect(any("baton.json" in o["data"] for o in shown), "no ConfigMap has it")


def foreign_kinds(cluster):
    crds = [{
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.lower()}s.{group.split('/')[0]}"},
        "spec": {"group": group.split("/")[0], "scope": "Namespaced", "names": {"kind": kind, "plural": f"{kind.lower()}s"},
                 "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {
                     "type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]},
    } for group, kinds in FOREIGN.items() for kind in kinds]  # fmt: skip
    apply(cluster, crds)
    cluster.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")


def apply(cluster, objects, *words):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"apiVersion": "v1", "kind": "List", "items": objects}, file)
        file.flush()
        return cluster.kubectl("apply", "-f", file.name, *words)


def test_each_example_is_taken_by_an_api_server(cluster):
    foreign_kinds(cluster)
    for name in ("baton-system", "orders", "billing", "demo"):
        cluster.kubectl("create", "namespace", name)
    cluster.kubectl("-n", "baton-system", "create", "serviceaccount", "baton")  # without it no pod of it is taken, not even dry
    cluster.kubectl("label", "namespace", "baton-system", "pod-security.kubernetes.io/enforce=restricted")
    for example in [None, *EXAMPLES]:
        objects = rendered(*(["--values", example] if example else []))
        said = apply(cluster, objects, "--dry-run=server", "--validate=strict")
        expect(said.count("(server dry run)") == len(objects), said)
        warnings = [line for line in said.splitlines() if "Warning" in line and "last-applied-configuration" not in line]
        expect(not warnings, f"{warnings}")


def main(arguments):
    tests = [(n.removeprefix("test_"), f) for n, f in globals().items() if n.startswith("test_")]
    chosen = [(n, f) for n, f in tests if not arguments or arguments[0] in n]
    expect(chosen, f"there is no test {arguments}")
    failed = 0
    with Cluster(0) as cluster:
        for name, test in chosen:
            try:
                test(cluster)
                print(f"ok   {name}", flush=True)
            except (Wrong, KeyError) as failure:
                failed += 1
                print(f"FAIL {name}: {type(failure).__name__}: {failure}", flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
