"""Baton as its users have it: its image in pods, its chart installed by helm."""
import shutil
from pathlib import Path

import yaml
from lab import HERE, ROOT, expect, printed, wait_until

CHART = ROOT / "charts" / "baton"
NAMESPACE = "baton-system"
LEASE = f"/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases/baton-controller"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"


class Release:
    """The release 'baton'."""

    def __init__(self, cluster):
        self.cluster, self.api = cluster, cluster.api
        self.helm_program = printed(ROOT / "tests" / "chart" / "helm" / "build")
        cluster.environment.update({f"HELM_{part}_HOME": f"{cluster.home}/helm" for part in ("CACHE", "CONFIG", "DATA")})
        self.values = f"{cluster.home}/values.yaml"

    def helm(self, *words):
        return self.cluster("run", "cp", self.helm_program, "--kubeconfig", f"{self.cluster.home}/kubeconfig", "--namespace", NAMESPACE, *words)

    def have_values(self, values):
        Path(self.values).write_text(yaml.safe_dump(values))

    def deploy(self, verb, chart):
        """helm install or upgrade, with the values as they are now."""
        return self.helm(verb, "baton", chart, "--values", self.values, "--wait", "--timeout", "180s")

    def older_chart(self):
        """The chart as an earlier version of it: another number, and definitions without their columns."""
        older = Path(self.cluster.home, "older-chart")
        shutil.copytree(CHART, older, dirs_exist_ok=True)
        about = yaml.safe_load((older / "Chart.yaml").read_text())
        about["version"] = "0.0.9"
        (older / "Chart.yaml").write_text(yaml.safe_dump(about))
        for path in (older / "files" / "crds").glob("*.yaml"):
            crd = yaml.safe_load(path.read_text())
            for version in crd["spec"]["versions"]:
                version.pop("additionalPrinterColumns", None)
            path.write_text(yaml.safe_dump(crd))
        return older

    def pods(self):
        """Of the controller, by name; those that are ending as well."""
        return {p["metadata"]["name"]: p for p in self.api.get(f"{PODS}?labelSelector=app.kubernetes.io%2Fname%3Dbaton")["items"]}

    def leader(self):
        """The pod that holds the Lease; '' when none does."""
        return self.api.get(LEASE)["spec"].get("holderIdentity", "").split("_")[0]

    def wait_for_leader(self, other_than=""):
        def led():
            name = self.leader()
            return name if name and name != other_than and name in self.pods() else ""

        return wait_until("a replica leads", led, 60)

    def expect_on_different_nodes(self):
        nodes = [p["spec"]["nodeName"] for p in self.pods().values()]
        expect(len(nodes) == 2 and len(set(nodes)) == 2, f"the replicas are on {nodes}")


def load_images(cluster):
    for image in ("baton", "redis"):
        cluster("load", printed(HERE / "images" / image))
