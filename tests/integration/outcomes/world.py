"""The API server's namespaces, the groups in their situations, and the controllers that serve them."""
import itertools
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager

from cluster import expect
from database import Databases
from outcomes import away, credentials, situations, slow, wire
from outcomes.paths import PATHS
from program import LOGS, Controller, free_ports, kubeconfig_for
from proxy import Proxy
from runner import STAMP
from stage import Stage, until

SWITCHES = "switchoverrequests"


class World:
    def __init__(self, server):
        self.server, self.api = server, server.api
        self.databases = Databases()
        self.pool = ThreadPoolExecutor(32)
        self.addresses = (f"127.1.0.{n}" for n in itertools.count(1))  # of callers whose failed log-ins shall slow down nobody else
        self.file = LOGS / "credentials.yaml"
        self.file.write_text(credentials.TEXT)
        self.stage, self.slow, self.quiet, self.apart = map(self._stage, ("outcomes", "outcomes-slow", "outcomes-quiet", "outcomes-apart"))
        self.asked = set()  # requests that were made by hand or for a call
        self._later = {}    # function: Future, of what takes minutes
        self.controllers = []

    def _stage(self, name):
        stage = Stage(self.api, f"{name}-{STAMP}")
        credentials.grant(self.api, stage.name)
        return stage

    def begin(self, everything):
        """What takes a minute or two goes first, if all cases are to be run."""
        _, self.port = self.serve(self.server.path, self.stage, self.slow, self.apart, elects=False)
        if everything:
            self.later(slow.timed_out)
            until(lambda: len(self.requests(self.slow)) == len(slow.WAITING), "what takes longest does not begin")
            self.later(slow.without_leader)
            self.later(away.without_api_server)
        situations.make(self)

    def later(self, work):
        """Of what goes on beside the cases."""
        if work not in self._later:
            self._later[work] = self.pool.submit(work, self)
        return self._later[work]

    def serve(self, kubeconfig, *stages, elects=True, name="outcomes"):
        """Starts a controller: it, and the port of its REST API."""
        port = free_ports(1)[0]
        controller = Controller(
            kubeconfig, "--namespaces", ",".join(s.name for s in stages), "--leader-elect-namespace", stages[0].name,
            f"--leader-elect={str(elects).lower()}", "--api-credentials", str(self.file), "--api-address", f"127.0.0.1:{port}", name=name)
        self.controllers.append(controller)
        return controller, port

    def serve_through_proxy(self, stage, held):
        """A replica that does not lead: proxy, controller, port. Requests that match `held` get no answer."""
        proxy = Proxy(self.server.kubeconfig)
        proxy.hold(held)
        return proxy, *self.serve(kubeconfig_for(proxy.port), stage, name="replica")

    def all_asked(self):
        """The requests that an answer has named, once everybody has his answer."""
        wait(self._later.values())
        return self.asked

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for controller in self.controllers:
            controller.kill()
        for database in self.databases.databases.values():
            for hang in database.hangs.values():
                hang.set()
        self.pool.shutdown(wait=False, cancel_futures=True)

    # --- groups

    def group(self, name, stage=None, members=3, pods=True, paths=tuple(PATHS), **spec):
        """Called by the same names at all paths, or at these."""
        apis = {path: PATHS[path].apis(name, members) for path in paths}
        return (stage or self.stage).group(name, members=members if pods else 0,
                                           **{"apis": apis, "failover": {"mode": "Manual"}, **spec})

    def hooked(self, name, *hooks, stage=None, timeout=300, synchronous=True, frozen=False, **spec):
        """A group whose hooks reach a database."""
        stage = stage or self.stage
        database = self.databases.add(stage.name, name, synchronous=synchronous, frozen=frozen)
        hooks = hooks or ("demote", "promote")
        self.group(name, stage, hooks=self.databases.hooks(*hooks, retries=0, timeout=timeout), **spec)
        return database

    def database(self, group, stage=None):
        return self.databases.databases[(stage or self.stage).name, group]

    def primary(self, group, stage=None):
        return (stage or self.stage).group_status(group).get("primary", "")

    def standbys(self, group):
        return [p for p in sorted(self.stage.roles(group)) if p != self.primary(group)]

    def patch(self, group, spec, stage=None):
        """The group's spec is changed, and the controller has seen it."""
        stage = stage or self.stage
        generation = self.api.merge(stage.path("hagroups", group), {"spec": spec})["metadata"]["generation"]
        until(lambda: stage.group_status(group).get("observedGeneration", 0) >= generation, f"{group}: its spec is not seen")

    # --- calls

    def send(self, method, target, headers=None, body=None, port=None, **how):
        answer = wire.send(port or self.port, method, target, headers, body, **how)
        if answer.header("Baton-Switchover"):
            self.asked.add(answer.header("Baton-Switchover"))
        return answer

    def ask(self, group, name, stage=None, **spec):
        """A request made by hand."""
        stage = stage or self.stage
        self.asked.add(f"{stage.name}/{name}")
        return stage.request(name, group, **spec)

    def requests(self, stage=None, group=None):
        """{name: request} of those that Baton has not made itself, as when the primary is being deleted."""
        stage = stage or self.stage
        of_group = "?labelSelector=ha.baton.dev/trigger%20notin%20(failover,failback,drain)"
        of_group += f"&fieldSelector=spec.groupRef.name%3D{group}" if group else ""
        return {r["metadata"]["name"]: r for r in self.api.get(stage.path(SWITCHES) + of_group)["items"]}

    def state(self, stage=None):
        """What a call that is refused must not change."""
        stage = stage or self.stage
        requests = [cells["Name"] for cells in self._table(stage.path(SWITCHES))]
        groups = {cells["Name"]: (cells["Primary"], cells["Epoch"]) for cells in self._table(stage.path("hagroups"))}
        labelled = [cells["Name"] for cells in self._table(stage.path("pods") + "?labelSelector=ha.baton.dev%2Frole%3Dprimary")]
        return sorted(requests), groups, sorted(labelled)

    def _table(self, path):
        """As kubectl shows it: cheaper than the objects."""
        table = self.api.call("GET", path, accept="application/json;as=Table;v=v1;g=meta.k8s.io")
        names = [column["name"] for column in table["columnDefinitions"]]
        return [dict(zip(names, row["cells"])) for row in table.get("rows") or []]

    @contextmanager
    def unchanged(self, stage=None):
        before = self.state(stage)
        yield
        after = self.state(stage)
        expect(before == after, f"something changed: {[(b, a) for b, a in zip(before, after) if a != b]}")
