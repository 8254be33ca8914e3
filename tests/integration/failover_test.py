#!/usr/bin/env python3
"""Baton acts unasked when a primary has failed, and does not when it may not or cannot know.

Usage: failover_test.py [PART OF A TEST'S NAME]

Environment: BATON_CONTROLLER, the program; FAILING_GROUPS, how many fail together where the brake is off (100); STORM_GROUPS,
where it is on (30).
"""
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True
from cluster import Server, expect  # noqa: E402
from database import ADDRESSES, Databases  # noqa: E402
from program import Controller  # noqa: E402
from runner import STAMP, run_all  # noqa: E402
from stage import LabelWatch, Stage, ready_status, until  # noqa: E402

AUTOMATIC = {"mode": "Automatic", "minIntervalSeconds": 0}
PROBE = {"source": "Probe", "periodSeconds": 1, "timeoutSeconds": 1, "failureThreshold": 3}
GROUPS = int(os.environ.get("FAILING_GROUPS") or 100)
STORM_GROUPS = int(os.environ.get("STORM_GROUPS") or 30)
HOOKS = ("probe", "demote", "promote", "follow")


def own_requests(stage, group=None):
    """What Baton has asked for itself, oldest first."""
    items = stage.api.get(stage.path("switchoverrequests") + "?labelSelector=ha.baton.dev/trigger")["items"]
    items = [i for i in items if group in (None, i["spec"]["groupRef"]["name"])]
    return sorted(items, key=lambda i: i["metadata"]["resourceVersion"])


def blocked(stage, group):
    """The reason of condition FailoverBlocked while it is True."""
    conditions = stage.group_status(group).get("conditions", [])
    return next((c["reason"] for c in conditions if c["type"] == "FailoverBlocked" and c["status"] == "True"), None)


def moved(stage, group, old):
    """The status once another pod has the role, and the group has settled as far as it can."""
    def look():
        status = stage.group_status(group)
        return status.get("primary") not in ("", None, old) and not status.get("activeRequest") and status
    return until(look, lambda: f"{group} is not failed over: {stage.group_status(group)}", 60)


def test_a_primary_that_is_not_ready_is_replaced(server):
    stage = Stage(server.api, f"unready-{STAMP}")
    stage.group("g", failover=AUTOMATIC)
    stage.group("watched", failover={"mode": "Observe"})
    watch = LabelWatch(server.api)
    with Controller(server.path, "--namespaces", stage.name, "--leader-elect=false", name="unready") as controller:
        before = {g: stage.settled(g) for g in ("g", "watched")}
        for group in before:
            stage.pod_is(before[group]["primary"], ADDRESSES[0], ready=False)
        after = moved(stage, "g", before["g"]["primary"])
        expect(after["epoch"] == before["g"]["epoch"] + 1, f"{before['g']['epoch']} -> {after['epoch']}")
        [request] = own_requests(stage, "g")
        expect(request["metadata"]["labels"]["ha.baton.dev/trigger"] == "failover", request["metadata"])
        expect(request["spec"]["mode"] == "Forced" and request["status"]["phase"] == "Succeeded", request)
        expect("is not ready" in request["spec"]["reason"], request["spec"])
        until(lambda: blocked(stage, "watched") == "Observing", "the observed group says what it would do")
        expect(not own_requests(stage, "watched"), "a failover of a group that is only observed")
        events = lambda: [e for e in server.api.get(f"/apis/events.k8s.io/v1/namespaces/{stage.name}/events")["items"]  # noqa: E731
                          if e["reason"] == "WouldFailOver" and "would fail over from" in e["note"]]  # fmt: skip
        until(events, "there is an Event WouldFailOver")
        blocks = controller.metric("baton_hagroup_failover_blocked")
        expect(any('group="watched"' in k and 'reason="Observing"' in k and v == 1 for k, v in blocks.items()), blocks)
        # It is well again: nothing is blocked any more, and it is a standby.
        for group in before:
            stage.pod_is(before[group]["primary"], ADDRESSES[0])
        until(lambda: blocked(stage, "watched") is None, "nothing is blocked any more")
        expect(stage.settled("g")["primary"] == after["primary"], "the role has moved again")
        expect(not watch.of(stage.name, "g")[1], "two primary labels")


def test_a_refused_connection_is_enough(server):
    stage, databases = Stage(server.api, f"refused-{STAMP}"), Databases()
    database = databases.add(stage.name, "g", synchronous=True)
    stage.group("g", hooks=databases.hooks(*HOOKS), detection={**PROBE, "failureThreshold": 100}, failover=AUTOMATIC)
    with Controller(server.path, "--namespaces", stage.name, "--leader-elect=false", name="refused") as controller:
        old = stage.settled("g", follow=True)["primary"]
        time.sleep(2)  # it is probed
        address = server.api.get(stage.path("pods", old))["status"]["podIP"]
        began = time.monotonic()
        databases.close(address)
        after = moved(stage, "g", old)
        took = time.monotonic() - began
        [request] = own_requests(stage, "g")
        print(f"     the role has moved after {took:.1f} s; {request['spec']['reason'][:90]}")
        expect(controller.metric("baton_failure_detection_seconds_count").get("") == 1, "the detection is measured")
        databases.open(address)
        expect(stage.settled("g", follow=True)["primary"] == after["primary"], "the old primary is a standby now")
        expect(not database.epochs_fall(), "an older epoch after a newer one")


def test_silence_counts_by_the_threshold(server):
    stage, databases = Stage(server.api, f"silent-{STAMP}"), Databases()
    database = databases.add(stage.name, "g", synchronous=True)
    stage.group("g", hooks=databases.hooks(*HOOKS), detection=PROBE, failover=AUTOMATIC)
    with Controller(server.path, "--namespaces", stage.name, "--leader-elect=false", name="silent"):
        old = stage.settled("g", follow=True)["primary"]
        time.sleep(2)
        database.silent = {old}
        time.sleep(1.5)
        database.silent = set()  # once or twice is not three times
        time.sleep(3)
        expect(not own_requests(stage), f"a failover after a short silence: {own_requests(stage)}")
        database.silent = {old}
        moved(stage, "g", old)
        database.silent = set()
        stage.settled("g", follow=True)


def test_a_cut_of_its_own_is_nobodys_failure(server):
    stage, databases = Stage(server.api, f"cut-{STAMP}"), Databases()
    names = [f"g{i}" for i in range(4)]
    all_of = {name: databases.add(stage.name, name, synchronous=True) for name in names}
    for name in names:
        stage.group(name, hooks=databases.hooks(*HOOKS), detection=PROBE, failover=AUTOMATIC)
    with Controller(server.path, "--namespaces", stage.name, "--leader-elect=false", name="cut"):
        primaries = {name: stage.settled(name, follow=True)["primary"] for name in names}
        time.sleep(2)
        for database in all_of.values():
            database.silent = {f"{name}-{i}" for name in names for i in range(3)}
        for name in names:
            until(lambda: blocked(stage, name) == "Isolated", lambda: f"{name} is not said to be out of reach: {blocked(stage, name)}", 60)
        time.sleep(5)
        for name, database in all_of.items():
            database.silent = {primaries[name]}  # the way to the primaries is open a moment later
        time.sleep(1.5)
        for database in all_of.values():
            database.silent = set()
        for name in names:
            until(lambda: blocked(stage, name) is None, f"{name} is in reach again", 60)
        time.sleep(3)
        expect(not own_requests(stage), f"failovers for a cut: {[r['metadata']['name'] for r in own_requests(stage)]}")


def fail_all(stage, names, ready):
    """The primaries of all these groups, in the same moment."""
    primaries = {name: stage.group_status(name)["primary"] for name in names}
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: server_pod(stage, primaries[name], ready), names))
    return primaries


def server_pod(stage, pod, ready):
    return stage.api.merge(stage.path("pods", pod, "status"), {"status": ready_status(ADDRESSES[0], ready)})


def test_a_storm_is_braked_and_released(server):
    stage, names = Stage(server.api, f"storm-{STAMP}"), [f"g{i}" for i in range(STORM_GROUPS)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: stage.group(name, members=2, failover=AUTOMATIC), names))
    flags = ("--namespaces", stage.name, "--leader-elect=false", "--storm-share", "50", "--storm-groups", "10",
             "--max-concurrent-failovers", "2")  # fmt: skip
    with Controller(server.path, *flags, name="storm"):
        for name in names:
            stage.settled(name)
        primaries = fail_all(stage, names, ready=False)
        held = lambda: [n for n in names if blocked(stage, n) == "Storm"]  # noqa: E731
        until(lambda: len(held()) >= 10, lambda: f"no storm: {[blocked(stage, n) for n in names]}", 60, 0.5)
        time.sleep(2)
        done = [n for n in names if stage.group_status(n)["primary"] != primaries[n]]
        expect(len(done) <= 20, f"{len(done)} of {STORM_GROUPS} were failed over before the brake held")
        kept = held()
        # Most of them come back; for the others the way is free again.
        for name in kept[3:]:
            server_pod(stage, primaries[name], True)
        for name in kept[:3]:
            moved(stage, name, primaries[name])
        for name in kept[3:]:
            expect(stage.group_status(name)["primary"] == primaries[name], f"{name} was failed over though it is well")
        print(f"     {len(done)} were failed over before the brake held {len(kept)}")


def test_without_the_brake_all_move(server):
    stage, names = Stage(server.api, f"free-{STAMP}"), [f"g{i}" for i in range(GROUPS)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: stage.group(name, members=2, failover=AUTOMATIC), names))
    watch = LabelWatch(server.api)
    with Controller(server.path, "--namespaces", stage.name, "--leader-elect=false", "--storm-share", "0", name="free"):
        for name in names:
            stage.settled(name)
        began = time.monotonic()
        primaries = fail_all(stage, names, ready=False)
        for name in names:
            moved(stage, name, primaries[name])
        print(f"     {len(names)} groups were failed over within {time.monotonic() - began:.1f} s")
        expect(not any(watch.of(stage.name, name)[1] for name in names), "two primary labels")
        expect({r["status"]["phase"] for r in own_requests(stage)} == {"Succeeded"}, "all requests succeeded")


if __name__ == "__main__":
    with Server("failover") as api_server:
        result = run_all(sys.modules[__name__], api_server, doc=__doc__)
    sys.exit(result)
