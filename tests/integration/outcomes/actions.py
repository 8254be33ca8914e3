"""A call and all that has to be true afterwards."""
import threading
from contextlib import contextmanager

from cluster import expect
from outcomes.paths import PATHS
from stage import ROLE, until

TRIGGER, REQUESTED_BY = "ha.baton.dev/trigger", "ha.baton.dev/requested-by"


def refuse(world, path, group, status, code="", says="", stage=None, **how):
    """The call is refused in the vendor's words, and nothing was made for it."""
    with world.unchanged(stage):
        answer = PATHS[path].switch(world, group, **how)
        not_asked(answer)
        PATHS[path].failed(answer, status, code, says)
    return answer


def not_asked(answer):
    expect(not answer.header("Baton-Switchover"), f"no request was to be made: {answer}")


def request_of(world, path, answer, stage=None, who="admin"):
    """The request that was made for a call, as the header names it."""
    stage = stage or world.stage
    namespace, _, name = answer.header("Baton-Switchover").partition("/")
    expect(namespace == stage.name and name, f"Baton-Switchover: {answer}")
    metadata = world.api.get(stage.path("switchoverrequests", name))["metadata"]
    expect(metadata["labels"][TRIGGER] == path and metadata["annotations"][REQUESTED_BY] == who, f"{metadata}")
    return name


def reject(world, path, group, reason, status, code="", says=""):
    """A request had to be made to find out; it is rejected, and nothing else has changed."""
    while True:
        requests, *before = world.state()
        answer = PATHS[path].switch(world, group)
        name = request_of(world, path, answer)
        end = world.stage.ended(name)
        expect((end["phase"], end["reason"]) == ("Rejected", reason), f"{answer} {end}")
        # On a slow machine a call that does not wait for the end is answered before the members have.
        if answer.status != PATHS[path].success:
            break
    PATHS[path].failed(answer, status, code, says or reason)
    after, *rest = world.state()
    expect(rest == before and after == sorted([*requests, name]), f"{before} {rest}")


def switch(world, path, group, who="admin", call=None, settles=True, **how):
    """The call is taken, and the role goes to another pod. The answer and the request."""
    before = world.stage.group_status(group)
    answer = call() if call else PATHS[path].switch(world, group, who=who, **how)
    PATHS[path].switched(answer, group)
    return answer, switched(world, path, group, answer, before, who, settles)


def switched(world, path, group, answer, before, who="admin", settles=True):
    name = request_of(world, path, answer, who=who)
    if PATHS[path].waits:  # it says that it is done: then it is
        expect(world.stage.request_status(name)["phase"] == "Succeeded", "answered before its end")
    expect((end := world.stage.ended(name))["phase"] == "Succeeded", f"{end}")
    after = has_primary(world, group)
    if settles:
        after = world.stage.settled(group)
    expect(after["primary"] not in ("", before.get("primary")) and after["epoch"] == before.get("epoch", 0) + 1, f"{before} {after}")
    request = world.api.get(world.stage.path("switchoverrequests", name))
    expect(request["spec"]["mode"] == ("Forced" if path == "hcx" else "Planned"), f"{request['spec']}")
    if group == "healthy":
        expect(request["spec"]["expectedPrimary"] == before["primary"], f"{request['spec']}")
    return request


def has_primary(world, group):
    """The group's status once it names a primary and one pod carries the label."""
    def look():
        status = world.stage.group_status(group)
        labelled = [pod for pod, (role, _) in world.stage.roles(group).items() if role == "primary"]
        return labelled == [status.get("primary")] and not status.get("activeRequest") and status
    return until(look, lambda: f"{group}: {world.stage.group_status(group)} {world.stage.roles(group)}")


class Held:
    """A call whose role change stands still in a hook."""

    def __init__(self, world, path, group, hook):
        self.world, self.path, self.group = world, path, group
        self.answers, self.hook = threading.Event(), hook
        self.before = world.stage.group_status(group)
        world.database(group).hangs[hook] = self.answers
        self.call = world.pool.submit(PATHS[path].switch, world, group)
        self.name = until(self._found, f"{group}: no request begins")

    def _found(self):
        phase = "Demoting" if self.hook == "demote" else "Promoting"
        requests = self.world.requests(group=self.group)
        return next((name for name, r in requests.items() if r.get("status", {}).get("phase") == phase), None)

    def status(self):
        return self.world.stage.request_status(self.name)

    def answer(self):
        """Of a call that says more than that it was taken: its hook may go on."""
        self.answers.set()
        return self.call.result(200)

    def ended(self, phase, reason):
        end = self.world.stage.ended(self.name)
        expect((end["phase"], end.get("reason")) == (phase, reason), f"{end}")
        return end

    def old_primary_stays(self):
        after = has_primary(self.world, self.group)
        expect(after["primary"] == self.before["primary"], f"{self.before} {after}")


@contextmanager
def held(world, path, group, hook="demote"):
    call = Held(world, path, group, hook)
    try:
        yield call
    finally:
        call.answers.set()


def make_unready(world, group, *pods):
    for pod in pods:
        world.stage.pod_is(pod, ready=False)
    seen = lambda: {m["pod"] for m in world.stage.group_status(group)["members"] if not m.get("ready")}  # noqa: E731
    until(lambda: seen() == set(pods), f"{group}: {pods} are not seen to be unready")


def role_label(world, pod):
    return world.api.get(world.stage.path("pods", pod))["metadata"]["labels"].get(ROLE)
