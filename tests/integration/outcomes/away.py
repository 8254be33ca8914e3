"""A replica that can't ask the API server: it has just started, gets no answer, or finds nobody there."""
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
        before = self.world.state(self.stage)
        calls = {name: self.world.pool.submit(p.switch, self.world, "away", who=who, port=self.port) for name, p in PATHS.items()}
        answers = {name: call.result() for name, call in calls.items()}
        return answers, before, self.world.state(self.stage)

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
    replica.knows()
    replica.is_left_alone()
    return replica
