"""A real Prometheus that scrapes Baton's pods and judges the chart's alerts."""
import contextlib
import json
import subprocess
import threading
import time
import urllib.parse
from pathlib import Path

import yaml
from kube_api import ApiError
from lab import HERE, ROOT, expect, printed, wait_until
from release import CHART, PODS

URL = "http://127.0.0.1:9091"


class Prometheus:
    """Beside the control plane. Alerts wait 5 s and not minutes, as what they wait for is tested elsewhere. Debian's build
    does not find pods by itself: it gets them as a file."""

    def __init__(self, cluster):
        self.cluster = cluster
        folder = printed(ROOT / "tests" / "chart" / "prometheus")
        rules = yaml.safe_load((CHART / "files" / "alerts.yaml").read_text())
        for rule in (r for g in rules["groups"] for r in g["rules"] if "for" in r):
            rule["for"] = "5s"
        config = {
            "global": {"scrape_interval": "2s", "evaluation_interval": "2s"},
            "rule_files": [f"{cluster.home}/alerts.yaml"],
            "scrape_configs": [{
                "job_name": "baton",
                "file_sd_configs": [{"files": [f"{cluster.home}/targets.json"], "refresh_interval": "1s"}],
            }],
        }  # fmt: skip
        for name, content in (("alerts", rules), ("prometheus", config)):
            with open(f"{cluster.home}/{name}.yaml", "w", encoding="utf-8") as file:
                yaml.safe_dump(content, file)
        self.words = [f"{folder}/usr/bin/prometheus", f"--config.file={cluster.home}/prometheus.yaml", f"--storage.tsdb.path={cluster.home}/prometheus",
                      f"--web.listen-address={URL.removeprefix('http://')}", "--log.level=warn"]  # fmt: skip
        self.promtool = f"{folder}/usr/bin/promtool"

    def _targets(self):
        """The ports 'metrics' of the pods of the release."""
        targets = []
        for pod in self.cluster.api.get(PODS)["items"]:
            ports = [p["containerPort"] for c in pod["spec"]["containers"] for p in c.get("ports", []) if p.get("name") == "metrics"]
            address = pod.get("status", {}).get("podIP")
            targets += [{"targets": [f"{address}:{port}"], "labels": {"pod": pod["metadata"]["name"]}} for port in ports if address]
        return targets

    def _follow(self):
        while not self.done.wait(1):
            with contextlib.suppress(ApiError, OSError):
                part = Path(self.cluster.home, "targets.part")
                part.write_text(json.dumps(self._targets()))
                part.rename(part.with_name("targets.json"))

    def __enter__(self):
        self.began = time.time()
        self.done = threading.Event()
        self.follower = threading.Thread(target=self._follow)
        self.follower.start()
        self.process = self.cluster.start("cp", "prometheus", *self.words)
        wait_until("Prometheus answers", self._answers, 60)
        return self

    def __exit__(self, *_):
        self.done.set()
        self.follower.join()
        self.process.terminate()
        self.process.wait(30)

    def _answers(self):
        expect(self.process.poll() is None, "Prometheus has ended")
        return self._get("/-/ready").returncode == 0

    def _get(self, target):
        words = [HERE / "cluster", "run", "cp", "curl", "-sS", "--fail-with-body", "--noproxy", "*", "--max-time", "20", URL + target]
        return subprocess.run(words, env=self.cluster.environment, text=True, capture_output=True)

    def ask(self, path, **query):
        done = self._get(f"/api/v1/{path}?{urllib.parse.urlencode(query)}")
        expect(done.returncode == 0, f"{path} {query}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)["data"]

    def targets_up(self):
        return [t for t in self.ask("targets", state="active")["activeTargets"] if t["health"] == "up"]

    def firing(self):
        return {a["labels"]["alertname"] for a in self.ask("alerts")["alerts"] if a["state"] == "firing"}

    def has_had_data(self, query):
        """Has that query had a value at some time since this began?"""
        found = self.ask("query_range", query=query, start=self.began, end=time.time(), step=2)["result"]
        return any(value != "NaN" for series in found for _, value in series["values"])

    def check_metrics(self, text):
        """promtool's opinion of an exposition."""
        return subprocess.run([self.promtool, "check", "metrics"], input=text, text=True, capture_output=True)


def dashboard_queries():
    """(panel's title, query) for the group redis."""
    dashboard = json.loads((CHART / "files" / "dashboards" / "baton.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            query = target["expr"].replace("$namespace", "demo").replace("$group", "redis").replace("$__rate_interval", "30s")
            expect("$" not in query, f"a variable that is not known: {query}")
            yield panel["title"], query
