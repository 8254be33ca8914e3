"""Calls that wait while the program they were sent to is stopped: tests of tls_test.py."""
import http.client
import signal
import threading

from cluster import expect
from database import Databases
from calls import ROLE, basic
from stage import until


# {api: (spec.apis, target, headers, body)} of the two that wait for the end.
CALLS = {
    "connector": ({"hosts": ["waiting.example.com"]}, ROLE, {**basic(), "Host": "waiting.example.com"}, '"shadow"'),
    "dcs": ({"projectId": "waiting", "instanceId": "i1"}, "/v2/waiting/instances/i1/swap", {"X-Auth-Token": "static"}, None),
}


def says_that_the_end_is_not_known(api, answer):
    """In the vendor's words; after 502 and 504 a client of dcs would send it once more."""
    if api == "connector":
        return answer.status == 503 and answer.json()["type"] == "SERVICE_UNAVAILABLE"
    return answer.status in (500, 503) and answer.json()["error_code"].startswith("DCS.5")


class Waiting:
    """A call that waits for the end of a role change, which does not come before `released` is set."""

    def __init__(self, world, name, api, controller):
        self.world, self.name, self.api, self.released = world, name, api, threading.Event()
        database = world.databases.add(world.stage.name, name)
        world.stage.group(name, members=2, hooks=world.databases.hooks("probe", "demote", "promote", "follow", timeout=300),
                          apis={api: CALLS[api][0]})
        world.stage.settled(name, follow=True)
        database.hangs["demote"] = self.released
        self.answer, self.fault = None, None
        self.thread = threading.Thread(target=self._call, args=[controller.api_port], daemon=True)
        self.thread.start()
        self.request = until(self._begun, f"{name}: the role change does not begin")

    def _call(self, port):
        _, target, headers, body = CALLS[self.api]
        try:
            self.answer = self.world.call("POST", target, headers, body, port)
        except (OSError, http.client.HTTPException) as error:
            self.fault = error

    def _begun(self):
        for request in self.world.api.get(self.world.stage.path("switchoverrequests"))["items"]:
            if request["spec"]["groupRef"]["name"] == self.name and request.get("status", {}).get("phase") == "Demoting":
                return request["metadata"]["name"]
        return None

    def answered(self):
        """It says what came of it: done, or that the end is not known, in the words of its path; and which request it is."""
        self.thread.join(120)
        expect(self.answer is not None, f"{self.name}: the call was not answered: {self.fault!r}")
        expect(self.answer.status == 204 or says_that_the_end_is_not_known(self.api, self.answer), f"{self.name}: {self.answer}")
        expect(self.answer.headers["Baton-Switchover"] == f"{self.world.stage.name}/{self.request}", f"{self.name}: {self.answer}")


def _stopped(world, name, api, leads, released_at_once=False):
    if not hasattr(world, "databases"):
        world.databases = Databases()
    until(lambda: any(c.leads() for c in world.controllers), "nobody leads")
    controller = next(c for c in world.controllers if c.leads() == leads)
    waiting = Waiting(world, name, api, controller)
    controller.signal(signal.SIGTERM)
    if released_at_once:
        waiting.released.set()
    code = controller.process.wait(timeout=120)
    waiting.released.set()
    world.controllers.remove(controller)
    world.controllers.append(world.start())
    world.ports = [c.api_port for c in world.controllers]
    ended = world.stage.ended(waiting.request)
    world.serves(world.controllers[-1].api_port)
    expect(code == 0, f"exit code {code}")
    expect(ended["phase"] == "Succeeded", f"the role change does not go on: {ended}")
    world.api.delete(world.stage.path("hagroups", name))  # its names are the next one's
    waiting.answered()


def test_leader_that_is_stopped_answers_a_call_that_waits(world):
    _stopped(world, "led", "connector", True)


def test_follower_that_is_stopped_answers_a_call_that_waits(world):
    _stopped(world, "followed", "dcs", False)


def test_follower_that_is_stopped_tells_an_end_that_comes_in_time(world):
    _stopped(world, "in-time", "connector", False, True)
