"""A replica that can't ask the API server: it has just started, gets no answer, or finds nobody there."""
import time
import uuid

from calls import basic
from outcomes import connector, credentials, dcs, hcx, sbc
from outcomes.paths import PATHS, host
from outcomes.slow import nobody_leads, ready, task_of
from stage import until

PAUSED = {"connector": (409, "ILLEGAL_STATE", "Paused"), "dcs": (400, "DCS.4026", "Paused"), "hcx": (409, "Paused"),
          "sbc": (400, "", "Paused"), "polardb": (400, "HaStatusNotSupport", "Paused")}


class Replica:
    """It does not lead, and sees the API server through a proxy. Its results, in their order:

    early    (answers of all paths, state before, state after), before it has listed the groups; and of what else it serves
    silent   the same while no request of theirs to the API server is answered
    gone     the same while there is no API server
    unknown  the same for a user of whom it does not know what he may
    """

    def __init__(self, world):
        self.world, self.stage = world, world.apart
        world.group("away", self.stage)
        world.group("resting", self.stage)
        self.stage.settled("away")
        self.stage.settled("resting")
        world.patch("resting", {"paused": True}, self.stage)
        nobody_leads(world, self.stage)
        self.proxy, self.controller, self.port = world.serve_through_proxy(self.stage, held=r"GET \S*/hagroups")
        until(lambda: "the REST API is served" in self.controller.text(), "it does not listen")

    def call(self, who="admin"):
        """All at once: each may wait for the API server."""
        before, took = self.world.state(self.stage), {}

        def timed(name, path):
            began = time.monotonic()
            answer = path.switch(self.world, "away", who=who, port=self.port)
            took[name] = time.monotonic() - began
            return answer
        calls = {name: self.world.pool.submit(timed, name, p) for name, p in PATHS.items()}
        answers = {name: call.result() for name, call in calls.items()}
        return answers, before, self.world.state(self.stage), took

    def read(self, who="admin"):
        return connector.get(self.world, host("away"), basic(who), port=self.port)

    def starts(self):
        self.early = self.call()
        self.early_read = self.read()
        self.early_task = task_of(self.world, "0", self.port)
        self.early_logins = {"dcs": dcs.keystone(self.world, credentials.keystone(), port=self.port),
                             "hcx": hcx.log_in(self.world, port=self.port), "sbc": sbc.log_in(self.world, basic(), port=self.port)}

    def knows(self):
        """The groups, and for the next ten seconds what admin may."""
        self.proxy.release()
        until(lambda: ready(self.controller) and self.read().status == 200, "the replica does not know the groups")
        for path in PATHS.values():
            path.failed(path.switch(self.world, "resting", port=self.port), *PAUSED[path.name])

    def is_not_answered(self):
        self.proxy.hold("POST .*/(switchoverrequests|leases)|GET .*/switchoverrequests/")
        self.silent = self.call()
        self.proxy.drop()

    def hears_late(self):
        """An answer that comes when nobody waits for it any more: what it was for is there, and is met again."""
        token, began = uuid.uuid4().hex, time.monotonic()
        self.proxy.hold("POST .*/switchoverrequests")
        first = PATHS["polardb"].switch(self.world, "away", port=self.port, ClientToken=token)
        took = time.monotonic() - began
        self.proxy.release()
        made = until(lambda: self.world.requests(self.stage), "what was held does not come to the API server")
        again = PATHS["polardb"].switch(self.world, "away", port=self.port, ClientToken=token)
        self.late = first, took, made, again, self.world.requests(self.stage)
        for name in made:
            self.world.api.delete(self.stage.path("switchoverrequests", name))
        until(lambda: PATHS["polardb"].switch(self.world, "away", port=self.port, ClientToken="x" * 65).status == 400, "it does not recover")

    def hears_nothing_of_pods(self):
        """All else is answered."""
        self.proxy.hold(r"GET \S*/pods\?\S*watch=true")
        began = time.monotonic()
        self.stale = until(lambda: (a := self.read()).status == 503 and a, "a role is told that nobody has vouched for", seconds=100)
        self.stale_after = time.monotonic() - began
        self.proxy.drop()

    def is_left_alone(self):
        self.proxy.close()
        self.last_read = self.read()
        self.gone = self.call()
        self.unknown = self.call("eager")
        self.unknown_read = self.read("reader")


def without_api_server(world):
    replica = Replica(world)
    replica.starts()
    replica.knows()
    replica.is_not_answered()
    replica.hears_late()
    replica.hears_nothing_of_pods()
    replica.knows()
    replica.is_left_alone()
    return replica
