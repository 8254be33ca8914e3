#!/usr/bin/env python3
"""The REST paths at two replicas of the controller: what one has taken the other knows, also when one is killed.

Usage: rest_replicas_test.py [PART OF A TEST'S NAME]

Environment: BATON_CONTROLLER, the program.
"""
import http.client
import json
import sys
import threading
import uuid

sys.dont_write_bytecode = True
from calls import PASSWORD, basic, polardb  # noqa: E402
from cluster import Server, expect  # noqa: E402
from program import free_ports  # noqa: E402
from rest_test import GROUPS  # noqa: E402
from runner import STAMP, run_all  # noqa: E402
from stage import until  # noqa: E402
from world import World  # noqa: E402


class Replicas(World):
    """Two of them, at self.ports."""

    def __init__(self, server):
        super().__init__(server, "replicas", GROUPS)
        self.ports = [self.port, free_ports(1)[0]]
        self.controllers.append(self.controller(self.ports[1]))
        self.serves(1)

    def serves(self, i):
        until(lambda: self.answers(i), f"replica {i} does not serve")

    def answers(self, i):
        try:
            return self.call("GET", "/api/v1/configuration/connector/haRole", {**basic(), "Host": "connector.example.com"},
                             port=self.ports[i]).status == 200
        except OSError:
            return False

    def leader(self):
        return until(lambda: next((i + 1 for i, c in enumerate(self.controllers) if c.leads()), 0), "nobody leads") - 1

    def again(self, i):
        """Starts the replica that was ended."""
        self.controllers[i].kill()
        self.controllers[i] = self.controller(self.ports[i])
        self.serves(i)

    def requests(self, trigger):
        found = self.api.get(self.stage.path("switchoverrequests"))["items"]
        return [r for r in found if r["metadata"]["labels"].get("ha.baton.dev/trigger") == trigger]


def call_somewhere(world, start, target, answers):
    """As clients do: at another replica when this one is gone, with a new signature and the same ClientToken."""
    for attempt in range(20):
        try:
            answers.append(world.call("POST", target(), port=world.ports[(start + attempt) % 2]))
            return
        except (OSError, http.client.HTTPException):
            continue


def twenty_at_once(world, victim):
    cluster, token, answers = f"pc-{STAMP}", uuid.uuid4().hex, []
    before, made = world.stage.settled("polardb"), len(world.requests("polardb"))

    def target():
        return polardb("FailoverDBCluster", DBClusterId=cluster, ClientToken=token)
    threads = [threading.Thread(target=call_somewhere, args=(world, i, target, answers)) for i in range(20)]
    for thread in threads:
        thread.start()
    until(lambda: len(world.requests("polardb")) > made, "no request is made", pause=0.002)
    world.controllers[victim].kill()
    for thread in threads:
        thread.join()
    expect(len(answers) == 20 and all(a.status == 200 for a in answers), [str(a) for a in answers])
    expect(len({a.json()["RequestId"] for a in answers}) == 1, [a.body for a in answers])
    after = world.switched("polardb", before["primary"])
    expect(after["epoch"] == before["epoch"] + 1, f"{before['epoch']} {after['epoch']}")
    expect(len(world.requests("polardb")) == made + 1, "several requests")
    world.again(victim)


def test_same_client_token_while_the_leader_is_killed(world):
    twenty_at_once(world, world.leader())


def test_same_client_token_while_the_follower_is_killed(world):
    twenty_at_once(world, 1 - world.leader())


def test_what_one_has_taken_no_other_takes(world):
    cluster, used = f"pc-{STAMP}", []
    for more in ({"DBClusterId": "pc-none"}, {"DBClusterId": cluster, "TargetDBNodeId": "pi-9"},
                 {"DBClusterId": cluster, "ClientToken": uuid.uuid4().hex}):
        used.append(polardb("FailoverDBCluster", **more))
        first = world.call("POST", used[-1], port=world.ports[0])
        expect(first.json().get("Code") != "SignatureNonceUsed", f"{first}")
    world.stage.settled("polardb")
    made = len(world.requests("polardb"))

    def refused(i):
        for target in used:
            answer = world.call("POST", target, port=world.ports[i])
            expect(answer.status == 400 and answer.json()["Code"] == "SignatureNonceUsed", f"at {i}: {answer}")
    refused(0)
    refused(1)
    world.again(0)
    refused(0)
    expect(len(world.requests("polardb")) == made, "a replayed call made a request")


def test_a_token_of_one_is_good_at_the_other(world):
    password = {"name": "admin", "password": PASSWORD, "domain": {"name": "x"}}
    keystone = {"auth": {"identity": {"methods": ["password"], "password": {"user": password}}}}
    hcx = json.dumps({"username": "admin", "password": PASSWORD})
    sbc = {"Host": "sbc.example.com", **basic()}
    for i, group in ((0, "hcx"), (1, "dcs"), (0, "sbc")):
        before = world.primary(group)
        here, there = world.ports[i], world.ports[1 - i]
        if group == "hcx":
            token = world.call("POST", "/hybridity/api/sessions", {}, hcx, port=here).headers["x-hm-authorization"]
            answer = world.call("POST", f"/hybridity/api/interconnect/appliances/ha/groups/g-{STAMP}/forceFailover",
                                {"x-hm-authorization": token}, port=there)
            task = answer.json()["data"]["interconnectTaskId"]
            seen = world.call("GET", f"/hybridity/api/interconnect/tasks/{task}", {"x-hm-authorization": token}, port=here)
            expect(seen.status == 200 and seen.json()["data"]["groupId"] == f"g-{STAMP}", f"{seen}")
        elif group == "dcs":
            token = world.call("POST", "/v3/auth/tokens", {}, json.dumps(keystone), port=here).headers["X-Subject-Token"]
            answer = world.call("POST", f"/v2/p1/instances/i-{STAMP}/swap", {"X-Auth-Token": token}, port=there)
        else:
            token = world.call("POST", "/rest/v1.2/auth/token", sbc, port=here).body.split("accessToken>")[1][:-2]
            answer = world.call("POST", "/rest/v1.2/admin/switchover",
                                {"Host": "sbc.example.com", "Authorization": f"Bearer {token}"}, port=there)
        expect(answer.status in (202, 204), f"{group}: {answer}")
        world.switched(group, before)


if __name__ == "__main__":
    with Server("rest-replicas") as api_server, Replicas(api_server) as the_world:
        result = run_all(sys.modules[__name__], the_world, doc=__doc__)
    sys.exit(result)
