"""Alibaba PolarDB: nodes and zones, and one switchover for each ClientToken."""
import threading
import uuid

from cluster import expect
from outcomes.actions import held, make_unready, not_asked, refuse, reject, request_of, switch
from outcomes.cases import add, case
from outcomes.paths import POLARDB, PATHS
from outcomes.rows import DONE, row
from stage import until

NODE_ID, NODE_TYPE, UNHEALTHY, HA_STATUS, CLUSTER_ID, DB_TYPE = (
    (400, "InvalidDBNodeId.Malformed"), (403, "OperationDenied.DBNodeType"), (400, "UnsupportWitchUnhealthyReplication"),
    (400, "HaStatusNotSupport"), (404, "InvalidDBClusterId.Malformed"), (400, "InvalidDBType.Malformed"))


def refused(title, answer, group, **parameters):
    add("polardb", row("polardb", *answer), title, refuse, "polardb", group, *answer, **parameters)


def node(pod):
    return f"pi-{pod}"


# --- the cluster

for title, cluster in (("an id with an underscore", "pc_healthy"), ("an id of 65 characters", "p" * 65),
                       ("an id with a space", "pc healthy"), ("an id that is not ASCII", "pc-ä")):
    refused(title, CLUSTER_ID, "nowhere", DBClusterId=cluster)
refused("an id of 64 characters that is unknown", (404, "InvalidDBCluster.NotFound"), "nowhere", DBClusterId="p" * 64)
refused("the id of another group's DCS instance", DB_TYPE, "nowhere", DBClusterId="i-ids-only")
refused("the id of another group's HCX group", DB_TYPE, "nowhere", DBClusterId="g-ids-only")


# --- the node

def to_node(world, group, **more):
    """To the second of the standbys, which would not be chosen."""
    candidate = world.standbys(group)[-1]
    _, request = switch(world, "polardb", group, TargetDBNodeId=node(candidate), **more)
    expect(request["spec"]["candidate"] == candidate == world.primary(group), f"{request['spec']}")


def names_primary(world):
    refuse(world, "polardb", "healthy", *NODE_TYPE, TargetDBNodeId=node(world.primary("healthy")))


add("polardb", DONE, "healthy; TargetDBNodeId names a standby", to_node, "healthy")
add("polardb", row("polardb", *NODE_TYPE), "TargetDBNodeId names the primary", names_primary)
refused("TargetDBNodeId names a node of priority 0", NODE_TYPE, "weights", TargetDBNodeId="pi-weights-2")
refused("TargetDBNodeId names no node of the cluster", NODE_ID, "healthy", TargetDBNodeId="pi-none")
refused("TargetDBNodeId names another cluster's node", NODE_ID, "healthy", TargetDBNodeId="pi-elder-1")
refused("TargetDBNodeId has forbidden characters", NODE_ID, "healthy", TargetDBNodeId="pi_healthy_1")
refused("TargetDBNodeId is the pod's name though nodeIds has another", NODE_ID, "healthy", TargetDBNodeId="healthy-1")


@case("polardb", row("polardb", *HA_STATUS), "TargetDBNodeId names a standby that is not ready")
def unready_node(world):
    refuse(world, "polardb", "unready", *HA_STATUS, "CandidateNotEligible", TargetDBNodeId=node(world.standbys("unready")[0]))


@case("polardb", row("polardb", *UNHEALTHY), "TargetDBNodeId names a standby that lags too much")
def lagging_node(world):
    answer = POLARDB.switch(world, "lagging", TargetDBNodeId=node(world.standbys("lagging")[0]))
    POLARDB.failed(answer, *UNHEALTHY, "UnhealthyReplication")
    end = world.stage.ended(request_of(world, "polardb", answer))
    expect((end["phase"], end["reason"]) == ("Rejected", "UnhealthyReplication"), f"{end}")


@case("polardb", row("polardb", *UNHEALTHY), "the standbys' probes fail")
def silent_standbys(world):
    database = world.database("late")
    database.fails.add("probe")
    try:
        reject(world, "polardb", "late", "UnhealthyReplication", *UNHEALTHY)
    finally:
        database.fails.discard("probe")


@case("polardb", DONE, "the group never had a primary, spec.bootstrap is Manual: TargetDBNodeId names who gets the role")
def first_node(world):
    switch(world, "polardb", "fresh-node", TargetDBNodeId="pi-fresh-node-2")
    expect(world.primary("fresh-node") == "fresh-node-2", "another node has the role")


# --- the zone

def to_zone(world, kind, pods):
    """The group 'zoned' has two members in the zone of its primary, and one in another."""
    _, request = switch(world, "polardb", "zoned", TargetZoneType=kind)
    expect(world.primary("zoned") in pods, f"{kind}: {request['spec']} {request['status']}")


def same_zone(world):
    before = world.primary("zoned")
    expect(before in ("zoned-0", "zoned-1"), f"{before} is primary")
    to_zone(world, "Primary", {"zoned-0", "zoned-1"} - {before})


@case("polardb", row("polardb", *NODE_ID), "TargetDBNodeId is not in the zone of TargetZoneType")
def node_of_another_zone(world):
    refuse(world, "polardb", "zoned", *NODE_ID, TargetDBNodeId="pi-zoned-2", TargetZoneType="Primary")


add("polardb", DONE, "TargetZoneType=Primary: a node in the primary's zone", same_zone)
add("polardb", DONE, "TargetZoneType=Standby: a node in another zone", to_zone, "Standby", {"zoned-2"})
refused("TargetZoneType=Primary, and no other node is in the primary's zone", HA_STATUS, "zoned", TargetZoneType="Primary")
@case("polardb", DONE, "TargetDBNodeId is in the zone of TargetZoneType")
def node_of_that_zone(world):
    """The primary is alone in its zone by now."""
    to_node(world, "zoned", TargetZoneType="Standby")
    switch(world, "polardb", "zoned", TargetDBNodeId="pi-zoned-2")


add("polardb", DONE, "TargetZoneType=Standby: back again", to_zone, "Standby", {"zoned-0", "zoned-1"})
refused("TargetZoneType=Standby, and no node is in another zone", HA_STATUS, "uniform", TargetZoneType="Standby")


@case("polardb", row("polardb", *HA_STATUS), "TargetZoneType=Standby, and no node of another zone is ready")
def unready_zone(world):
    make_unready(world, "zoned", "zoned-2")
    refuse(world, "polardb", "zoned", *HA_STATUS, TargetZoneType="Standby")


# --- failing back

def fails_back(world, value, wanted):
    _, request = switch(world, "polardb", "healthy", RollBackForDisaster=value)
    expect(request["spec"].get("failBack", False) is wanted, f"{request['spec']}")


for value, wanted in (("true", True), ("True", True), ("false", False), ("False", False)):
    add("polardb", DONE, f"RollBackForDisaster={value}: the request's failBack is {str(wanted).lower()}", fails_back, value, wanted)


# --- ClientToken

@case("polardb", DONE, "a call with the same ClientToken again: the same RequestId, and nothing is switched")
def same_token(world):
    token = uuid.uuid4().hex
    first, _ = switch(world, "polardb", "healthy", ClientToken=token)
    with world.unchanged():
        again = POLARDB.switch(world, "healthy", ClientToken=token)
        POLARDB.switched(again, "healthy")
    expect(again.json() == first.json(), f"{first} {again}")
    expect(again.header("Baton-Switchover") == first.header("Baton-Switchover"), f"{again}")


@case("polardb", DONE, "the same ClientToken while its switchover goes on")
def same_token_meanwhile(world):
    token = uuid.uuid4().hex
    hang = world.database("stalled").hangs["demote"] = threading.Event()
    try:
        first = POLARDB.switch(world, "stalled", ClientToken=token)
        with world.unchanged():
            again = POLARDB.switch(world, "stalled", ClientToken=token)
        expect(again.status == 200 and again.json() == first.json(), f"{first} {again}")
        refuse(world, "polardb", "stalled", *HA_STATUS, "Busy", ClientToken=token.upper())
    finally:
        hang.set()
    expect(world.stage.ended(request_of(world, "polardb", first))["phase"] == "Succeeded", "its end")
    world.stage.settled("stalled")


@case("polardb", DONE, "a ClientToken of 64 characters, all that ASCII prints")
def long_token(world):
    switch(world, "polardb", "healthy", ClientToken=uuid.uuid4().hex[1:] + " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


@case("polardb", row("polardb", 400, "IdempotentParameterMismatch"), "a ClientToken that was used with other parameters")
def other_parameters(world):
    token = uuid.uuid4().hex
    switch(world, "polardb", "healthy", ClientToken=token)
    for other in ({"TargetZoneType": "Standby"}, {"TargetDBNodeId": node(world.standbys("healthy")[0])}, {"RollBackForDisaster": "true"}):
        with world.unchanged():
            POLARDB.failed(POLARDB.switch(world, "healthy", ClientToken=token, **other), 400, "IdempotentParameterMismatch")


@case("polardb", row("polardb", *HA_STATUS), "a ClientToken whose call was refused: asked again, it is decided anew")
def token_of_refused(world):
    token = uuid.uuid4().hex
    world.patch("disabled", {"paused": True, "switchover": {"enabled": True}})
    refuse(world, "polardb", "disabled", *HA_STATUS, "Paused", ClientToken=token)
    world.patch("disabled", {"paused": False})
    switch(world, "polardb", "disabled", ClientToken=token)
    world.patch("disabled", {"switchover": {"enabled": False}})


@case("polardb", DONE, "20 calls at once with the same ClientToken are one switchover")
def many_at_once(world):
    token, before = uuid.uuid4().hex, world.stage.settled("healthy")
    answers = list(world.pool.map(lambda _: POLARDB.switch(world, "healthy", ClientToken=token), range(20)))
    expect({(a.status, a.body) for a in answers} == {(200, answers[0].body)}, f"{[str(a) for a in answers]}")
    world.stage.ended(request_of(world, "polardb", answers[0]))
    until(lambda: world.primary("healthy") != before["primary"], "nothing is switched")
    expect(world.stage.settled("healthy")["epoch"] == before["epoch"] + 1, "switched several times")


@case("polardb", row("polardb", *HA_STATUS), "two calls without a ClientToken: the second finds the group busy")
def second_call(world):
    with held(world, "polardb", "stalled") as call:
        PATHS["polardb"].switched(call.call.result(), "stalled")
        not_asked(refuse(world, "polardb", "stalled", *HA_STATUS, "Busy"))
        call.answers.set()
        call.ended("Succeeded", None)
    world.stage.settled("stalled")
