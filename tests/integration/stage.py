"""A namespace with groups and pods, and what is seen of them."""
import threading
import time

from api import BROKEN, ApiError
from cluster import expect

BATON = "/apis/ha.baton.dev/v1alpha1"
ROLE = "ha.baton.dev/role"
EPOCH = "ha.baton.dev/epoch"
FINISHED = {"Succeeded", "Rejected", "RolledBack", "Failed", "Cancelled"}


def until(condition, what, seconds=120, pause=0.05):
    """The first true value of condition(). The limit is generous: it only ends a test that would hang."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        expect(time.monotonic() < end, what() if callable(what) else f"{what}: not within {seconds} s")
        time.sleep(pause)


def ready_status(ip, ready=True):
    conditions = [{"type": "Ready", "status": "True" if ready else "False", "lastTransitionTime": "2026-01-01T00:00:00Z"}]
    return {"phase": "Running", "podIP": ip, "podIPs": [{"ip": ip}], "conditions": conditions}


class Stage:
    def __init__(self, api, name):
        self.api, self.name = api, name
        api.create("/api/v1/namespaces", {"metadata": {"name": name}})
        api.create(f"/api/v1/namespaces/{name}/serviceaccounts", {"metadata": {"name": "default"}})

    def path(self, plural, name="", sub=""):
        base = "/api/v1" if plural in ("pods", "services") else BATON
        return f"{base}/namespaces/{self.name}/{plural}" + (f"/{name}" if name else "") + (f"/{sub}" if sub else "")

    def pod(self, name, app, ip="127.0.0.11", ready=True, labels=None, node="nowhere"):
        """A Running pod that no kubelet looks after."""
        self.api.create(self.path("pods"), {
            "metadata": {"name": name, "labels": {"app": app, **(labels or {})}},
            "spec": {"nodeName": node, "automountServiceAccountToken": False, "terminationGracePeriodSeconds": 0,
                     "containers": [{"name": "c", "image": "none"}]}})
        return self.pod_is(name, ip, ready)

    def pod_is(self, name, ip="127.0.0.11", ready=True):
        return self.api.merge(self.path("pods", name, "status"), {"status": ready_status(ip, ready)})

    def remove_pod(self, name):
        self.api.delete(self.path("pods", name) + "?gracePeriodSeconds=0")

    def group(self, name, members=3, **spec):
        """The group and its pods NAME-0, NAME-1, ..."""
        for i in range(members):
            self.pod(f"{name}-{i}", name, f"127.0.0.{11 + i}")
        return self.bare_group(name, **spec)

    def bare_group(self, name, **spec):
        # What happens to the pods here is not to be answered by a failover, unless a test is about that.
        spec["failover"] = {"mode": "Manual", **spec.get("failover", {})}
        body = {"apiVersion": "ha.baton.dev/v1alpha1", "kind": "HaGroup", "metadata": {"name": name},
                "spec": {"selector": {"matchLabels": {"app": name}}, **spec}}
        return self.api.create(self.path("hagroups"), body)

    def request(self, name, group, **spec):
        body = {"apiVersion": "ha.baton.dev/v1alpha1", "kind": "SwitchoverRequest", "metadata": {"name": name},
                "spec": {"groupRef": {"name": group}, **spec}}
        return self.api.create(self.path("switchoverrequests"), body)

    def group_status(self, name):
        return self.api.get(self.path("hagroups", name)).get("status", {})

    def request_status(self, name):
        return self.api.get(self.path("switchoverrequests", name)).get("status", {})

    def ended(self, name, seconds=120):
        """The status of a request once it has ended."""
        seen = {}

        def look():
            seen.update(self.request_status(name))
            return seen.get("phase") in FINISHED and dict(seen)
        return until(look, lambda: f"request {name} did not end: {seen}", seconds)

    def roles(self, app):
        """{pod: (role label, epoch annotation)}"""
        pods = self.api.get(self.path("pods") + f"?labelSelector=app%3D{app}")["items"]
        return {p["metadata"]["name"]: (p["metadata"].get("labels", {}).get(ROLE),
                                        p["metadata"].get("annotations", {}).get(EPOCH)) for p in pods}

    def settled(self, name, follow=False, seconds=120):
        """The group's status once it is Healthy and its labels say what it says."""
        seen = {}

        def look():
            status = self.group_status(name)
            roles = self.roles(name)
            seen.update(status=status, roles=roles)
            if status.get("phase") != "Healthy" or status.get("activeRequest"):
                return None
            epoch = str(status["epoch"])
            for pod, (role, at) in roles.items():
                primary = pod == status["primary"]
                if role != ("primary" if primary else "standby") or ((primary or follow) and at != epoch):
                    return None
            shown = {m["pod"]: m.get("role") for m in status.get("members", [])}
            return status if shown == {pod: role for pod, (role, _) in roles.items()} else None
        return until(look, lambda: f"group {name} did not settle: {seen}", seconds)

    def ending_events(self, request):
        """The Events that tell of the end of a request, whose status is given as an object."""
        status = request["status"]
        word = status.get("reason") or status["phase"]
        events = self.api.get(f"/apis/events.k8s.io/v1/namespaces/{self.name}/events")["items"]
        return [e for e in events if e.get("regarding", {}).get("uid") == request["metadata"]["uid"] and e["reason"] == word]


class LabelWatch(threading.Thread):
    """Sees every change of every pod's role label in order, and remembers when two pods of an app were primary."""

    def __init__(self, api, key=ROLE, primary="primary"):
        super().__init__(daemon=True)
        self.api, self.key, self.primary = api, key, primary
        self.now, self.changes, self.doubles = {}, {}, {}
        self.fault = None
        self._lock = threading.Lock()
        self._list()
        self.start()

    def _list(self):
        listed = self.api.get("/api/v1/pods")
        self.version = listed["metadata"]["resourceVersion"]
        for pod in listed["items"]:
            self._see("ADDED", pod)

    def _see(self, kind, pod):
        labels = pod["metadata"].get("labels") or {}
        app = (pod["metadata"]["namespace"], labels.get("app"))
        name, role = pod["metadata"]["name"], None if kind == "DELETED" else labels.get(self.key)
        with self._lock:
            roles = self.now.setdefault(app, {})
            if roles.get(name) == role:
                return
            roles[name] = role
            epoch = (pod["metadata"].get("annotations") or {}).get(EPOCH)
            self.changes.setdefault(app, []).append((name, role, epoch))
            primaries = sorted(p for p, r in roles.items() if r == self.primary)
            if len(primaries) > 1:
                self.doubles.setdefault(app, []).append(primaries)

    def run(self):
        while True:
            try:
                for kind, pod in self.api.watch("/api/v1/pods", self.version):
                    if kind == "ERROR":
                        self._list()
                        break
                    self.version = pod["metadata"]["resourceVersion"]
                    if kind != "BOOKMARK":
                        self._see(kind, pod)
            except BROKEN:
                time.sleep(0.2)
            except ApiError as error:
                self.fault = self.fault or str(error)
                time.sleep(0.2)
                try:
                    self._list()
                except (*BROKEN, ApiError):
                    pass

    def of(self, namespace, app):
        """(changes, moments with two primaries) so far."""
        with self._lock:
            return list(self.changes.get((namespace, app), [])), list(self.doubles.get((namespace, app), []))

    def up_to_date(self, stage, app):
        """Waits until it shows what the API server shows."""
        def same():
            roles = {pod: role for pod, (role, _) in stage.roles(app).items()}
            with self._lock:
                return {p: r for p, r in self.now.get((stage.name, app), {}).items() if r} == {p: r for p, r in roles.items() if r}
        until(same, f"the watch of pods does not follow in {stage.name}")
