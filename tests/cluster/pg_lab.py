"""The PostgreSQL example on the test cluster: its group, its writer, and a witness of who takes writes."""
import base64
import contextlib
import sys
import threading
import time
from pathlib import Path

import psycopg2
from kube_api import ApiError, inside
from lab import HERE, ROOT, Writer, Wrong, expect, printed, wait_until
from readme import Readme

MANIFEST = Path("examples", "postgresql", "postgresql.yaml")
DATA = "- {name: data, emptyDir: {}}"
GROUP = "/apis/ha.baton.dev/v1alpha1/namespaces/pg/hagroups/pg"
REQUESTS = "/apis/ha.baton.dev/v1alpha1/namespaces/pg/switchoverrequests"
PODS = "/api/v1/namespaces/pg/pods"
MEMBERS = ("pg-0", "pg-1", "pg-2")


class Postgres:
    def __init__(self, cluster):
        self.cluster, self.api = cluster, cluster.api
        self.readme = Readme(cluster, "examples/postgresql/README.md")
        self.password = ""

    def install(self, controller):
        cluster = self.cluster
        cluster("load", printed(HERE / "images" / "postgresql"))
        cluster.kubectl("apply", "-f", ROOT / "crds", "-f", ROOT / "deploy/rbac.yaml", "-f", ROOT / "deploy/rbac-hooks.yaml")
        cluster.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")
        controller.start()
        self.readme.run("Install", (str(MANIFEST), self.small_disks()))
        secret = self.api.get("/api/v1/namespaces/pg/secrets/pg")["data"]
        self.password = base64.b64decode(secret["app"]).decode()
        self.wait_healthy()

    def small_disks(self):
        """The example's manifest with a volume that can be filled."""
        text = Path(ROOT, MANIFEST).read_text()
        expect(text.count(DATA) == 1, f"{MANIFEST} has no {DATA}")
        small = Path(self.cluster.home, "postgresql.yaml")
        small.write_text(text.replace(DATA, "- {name: data, emptyDir: {medium: Memory, sizeLimit: 1Gi}}"))
        return str(small)

    def group(self):
        return self.api.get(GROUP)["status"]

    def primary(self):
        return self.group()["primary"]

    def address(self, pod):
        return self.api.get(f"{PODS}/{pod}")["status"]["podIP"]

    def node(self, pod):
        return self.api.get(f"{PODS}/{pod}")["spec"]["nodeName"]

    def exec(self, pod, *command):
        return self.cluster.kubectl("-n", "pg", "exec", pod, "--", *command)

    def removes(self, pod, file):
        """Whether that file could be removed: its container may just be starting again."""
        try:
            self.exec(pod, "rm", "-f", file)
            return True
        except Wrong:
            return False

    def sql(self, pod, *statements, database="postgres"):
        words = [word for statement in statements for word in ("-c", statement)]
        return self.exec(pod, "psql", "-h", "/run/postgresql", "-U", "postgres", "-d", database, "-qAtX", *words).strip()

    def logs(self, pod):
        return self.cluster.kubectl("-n", "pg", "logs", pod)

    def show_logs(self):
        for pod in MEMBERS:
            for which in ("--previous=true", "--previous=false"):
                with contextlib.suppress(Wrong):
                    text = self.cluster.kubectl("-n", "pg", "logs", pod, which, "--tail=4000")
                    lines = [line for line in text.splitlines() if "waiting for WAL" not in line]
                    print(f"--- the end of the log of {pod}, {which}", *lines[-60:], sep="\n", file=sys.stderr)

    def make_table(self, name):
        self.sql(self.primary(), f"set role app; create table {name} (number bigint primary key)", database="app")

    def streaming(self):
        """Who copies from the primary without a break."""
        rows = self.sql(self.primary(), "select application_name from pg_stat_replication where state = 'streaming'")
        return sorted(rows.split())

    def _is_healthy(self):
        status = self.group()
        if status.get("phase") != "Healthy" or status.get("readyMembers") != "3/3":
            return False
        try:
            return self.streaming() == [name for name in MEMBERS if name != status["primary"]]
        except Wrong:  # its server is not there any more, or not yet
            return False

    def wait_healthy(self, seconds=90):
        """One primary, and two standbys that stream from it."""
        wait_until("the group is healthy, with two standbys that stream", self._is_healthy, seconds, 0.5)

    def hand_over(self, name, **spec):
        body = {
            "apiVersion": "ha.baton.dev/v1alpha1", "kind": "SwitchoverRequest",
            "metadata": {"name": name}, "spec": {"groupRef": {"name": "pg"}, **spec},
        }  # fmt: skip
        self.api.create(REQUESTS, body)
        status = wait_until(f"{name} ends", lambda: (s := self.request(name)).get("completionTime") and s, 120)
        expect(status["phase"] == "Succeeded", f"{name}: {status['phase']}, {status.get('reason')}: {status.get('message')}")
        return status

    def renew(self):
        """New pods for those whose container has ended: one that ends again and again is started later and later."""
        primary = self.primary()
        for name in sorted(MEMBERS, key=lambda name: name == primary):
            containers = self.api.get(f"{PODS}/{name}")["status"].get("containerStatuses", [])
            if not any(c["restartCount"] for c in containers):
                continue
            if name == primary:
                self.hand_over(f"renew-{time.monotonic_ns()}")
                self.wait_healthy()
            self.api.delete(f"{PODS}/{name}?gracePeriodSeconds=0")
            wait_until(f"{name} is copied anew", self._is_healthy, 180, 0.5)

    def next_failover(self):
        """Something that is true once the role has changed after now."""
        since = self.group()["lastRoleChange"]["startTime"]
        return lambda: self.group()["lastRoleChange"]["startTime"] != since

    def request(self, name):
        return self.api.get(f"{REQUESTS}/{name}").get("status", {})


class PgWriter(Writer):
    """Numbered transactions through the Service; the key is the table."""

    service = "/api/v1/namespaces/pg/services/pg"
    pods = PODS
    flags = ("--postgresql",)

    def __init__(self, postgres, table, rate=200):
        super().__init__(postgres.cluster, table, rate)
        postgres.make_table(table)
        self.variables = {"PGPASSWORD": postgres.password}


class Witness:
    """Asks each member, again and again over one connection, for the number of a transaction, which only who takes writes
    can give. A connection does not outlive a change of its server's role to standby: so between its first and its last
    number that member took writes without a break, and no other member may have in that time."""

    def __init__(self, postgres):
        self.postgres, self.done, self.asked = postgres, threading.Event(), 0
        self.spans = []  # [member, from, until]
        self.threads = [threading.Thread(target=self._watch, args=(pod,), daemon=True) for pod in MEMBERS]
        for thread in self.threads:
            thread.start()

    def _watch(self, pod):
        while not self.done.is_set():
            try:
                self._ask(pod)
            except (psycopg2.Error, OSError, ApiError, KeyError):  # the pod may be gone, or have no address yet
                time.sleep(0.05)

    def _ask(self, pod):
        address = self.postgres.address(pod)
        with inside(self.postgres.api.namespace):
            connection = psycopg2.connect(
                host=address, user="app", dbname="app", password=self.postgres.password, connect_timeout=2, tcp_user_timeout=2000)  # fmt: skip
        connection.autocommit = True
        span = None
        try:
            while not self.done.wait(0.03):
                asked = time.monotonic()
                self.asked += 1
                with connection.cursor() as cursor:
                    try:
                        cursor.execute("select case when not pg_is_in_recovery() then txid_current() end")
                        writes = cursor.fetchone()[0] is not None
                    except (psycopg2.errors.ObjectNotInPrerequisiteState, psycopg2.errors.ReadOnlySqlTransaction):
                        writes = False
                if not writes:
                    continue
                if span is None:
                    span = [pod, time.monotonic(), asked]
                    self.spans.append(span)
                span[2] = asked
        finally:
            connection.close()

    def expect_never_two(self):
        """How often it asked, and in how many spans of time somebody took writes."""
        self.done.set()
        for thread in self.threads:
            thread.join(10)
        spans = [span for span in self.spans if span[2] > span[1]]
        for i, one in enumerate(spans):
            for other in spans[i + 1 :]:
                both = min(one[2], other[2]) - max(one[1], other[1])
                expect(one[0] == other[0] or both <= 0, f"{one[0]} and {other[0]} both took writes, for {both * 1000:.0f} ms")
        return self.asked, len(spans)
