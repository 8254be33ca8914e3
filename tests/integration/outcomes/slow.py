"""What takes a minute or two, in namespaces of its own, beside the other cases."""
import threading
import time
from datetime import datetime

from outcomes.credentials import token_of
from outcomes.paths import CONNECTOR, DCS, PATHS
from stage import until

LEASE = "baton-controller"
WAITING = (CONNECTOR.name, DCS.name)


def timed_out(world):
    """A candidate that never catches up, and only the request's own limit: {path: (answer, before)}."""
    for path in WAITING:
        world.hooked(f"slow-{path}", "probe", "demote", "promote", stage=world.slow, synchronous=False, frozen=True,
                     switchover={"catchUpTimeoutSeconds": 3600})
    before = {path: world.slow.settled(f"slow-{path}") for path in WAITING}
    calls = {path: world.pool.submit(PATHS[path].switch, world, f"slow-{path}") for path in WAITING}
    return {path: (calls[path].result(), before[path]) for path in WAITING}


class Quiet:
    """A namespace whose leader is stopped while calls wait, and that has no other for a while. Results:

    stopped  {path: (answer, before)}: the replica was told to stop while the call waited
    taken    {path: answer} without a leader; task: what it said then, late: what it says when its start deadline is over
    """

    def __init__(self, world):
        self.world, self.stage = world, world.quiet
        for path in PATHS:
            world.group(f"quiet-{path}", self.stage)
        for path in WAITING:
            world.hooked(f"stop-{path}", stage=self.stage)
        self.controller, self.first = world.serve(world.server.path, self.stage, name="stopping")
        for name in [*(f"quiet-{path}" for path in PATHS), *(f"stop-{path}" for path in WAITING)]:
            self.stage.settled(name)

    def stop(self):
        hang = threading.Event()
        before = {path: self.stage.group_status(f"stop-{path}") for path in WAITING}
        for path in WAITING:
            self.world.database(f"stop-{path}", self.stage).hangs["demote"] = hang
        calls = {p: self.world.pool.submit(PATHS[p].switch, self.world, f"stop-{p}", port=self.first) for p in WAITING}
        until(lambda: sum(r.get("status", {}).get("phase") == "Demoting" for r in self.world.requests(self.stage).values()) == 2,
              "the calls' requests do not begin")
        self.controller.terminate()
        self.stopped = {path: (calls[path].result(), before[path]) for path in WAITING}
        hang.set()

    def call(self):
        follower, self.port = self.world.serve(self.world.server.path, self.stage, name="quiet")
        until(lambda: ready(follower), "the follower does not become ready")
        self.before = self.world.state(self.stage)
        calls = {p: self.world.pool.submit(PATHS[p].switch, self.world, f"quiet-{p}", port=self.port) for p in PATHS}
        self.taken = {path: call.result() for path, call in calls.items()}
        self.task = self.look()
        self.after = self.world.state(self.stage)

    def look(self):
        task = self.taken["hcx"].json()["data"]["interconnectTaskId"]
        return task_of(self.world, task, self.port)

    def deadline_passes(self):
        requests = self.world.requests(self.stage)
        names = [a.header("Baton-Switchover").partition("/")[2] for path, a in self.taken.items() if path not in WAITING]
        last = max(latest_start(requests[name]) for name in names)
        until(lambda: time.time() > last + 2, "the clock stands still", pause=0.5)
        somebody_may_lead(self.world, self.stage)
        for name in names:
            self.stage.ended(name)
        self.late = until(lambda: (a := self.look()).json()["data"]["status"] == "FAILED" and a, lambda: f"{self.look()}")


def lease_of(stage, name=LEASE):
    return f"/apis/coordination.k8s.io/v1/namespaces/{stage.name}/leases" + (f"/{name}" if name else "")


def nobody_leads(world, stage):
    """As if a leader that is gone had an hour left."""
    now = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime())
    spec = {"holderIdentity": "gone", "leaseDurationSeconds": 3600, "acquireTime": now, "renewTime": now}
    if world.api.find(lease_of(stage)):
        world.api.merge(lease_of(stage), {"spec": spec})
    else:
        world.api.create(lease_of(stage, ""), {"metadata": {"name": LEASE}, "spec": spec})


def somebody_may_lead(world, stage):
    world.api.merge(lease_of(stage), {"spec": {"holderIdentity": "", "leaseDurationSeconds": 1}})


def latest_start(request):
    made = datetime.fromisoformat(request["metadata"]["creationTimestamp"].replace("Z", "+00:00"))
    return made.timestamp() + request["spec"]["startDeadlineSeconds"]


def without_leader(world):
    quiet = Quiet(world)
    quiet.stop()
    nobody_leads(world, quiet.stage)
    quiet.call()
    quiet.deadline_passes()
    return quiet


def task_of(world, task, port=None, **headers):
    return world.send("GET", f"/hybridity/api/interconnect/tasks/{task}", headers or {"x-hm-authorization": token_of("admin")},
                      port=port)


def ready(controller):
    try:
        return controller.fetch("/readyz")[0] == 200
    except OSError:
        return False
