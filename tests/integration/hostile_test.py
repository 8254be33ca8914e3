#!/usr/bin/env python3
"""Objects as nobody should write them, and hands that meddle: nothing crashes, and each request says why it ended.

Usage: hostile_test.py [PART OF A TEST'S NAME]

Environment: BATON_CONTROLLER, the program.
"""
import sys
import threading
import time

sys.dont_write_bytecode = True
from api import ApiError  # noqa: E402
from cluster import Server, expect  # noqa: E402
from database import Databases  # noqa: E402
from program import Controller  # noqa: E402
from runner import STAMP, run_all  # noqa: E402
from stage import ROLE, EPOCH, LabelWatch, Stage, until  # noqa: E402

LATER = "2126-01-01T00:00:00Z"
STARTED = ("Validating", "Demoting", "CatchingUp", "Fencing", "Promoting", "Routing", "Verifying", "RollingBack")
GRANTED = ("Promoting", "Routing", "Verifying", "RollingBack")  # of these the request's epoch is the new one
HUGE = 2 ** 63 - 1


class World:
    def __init__(self, server):
        self.server, self.api = server, server.api
        self.stage = Stage(server.api, f"hostile-{STAMP}")
        self.databases = Databases()
        self.watch = LabelWatch(server.api)
        self.controller = Controller(server.path, "--namespaces", self.stage.name, "--leader-elect=false", name="hostile")

    def database(self, group, members=2, **spec):
        """A group with hooks whose demote waits for the Event that is returned."""
        database, answers = self.databases.add(self.stage.name, group), threading.Event()
        spec["hooks"] = self.databases.hooks("probe", "demote", "promote", "follow", timeout=300)
        self.stage.group(group, members=members, **spec)
        before = self.stage.settled(group, follow=True)
        database.hangs["demote"] = answers
        return database, answers, before

    def write_status(self, plural, name, status):
        self.api.merge(self.stage.path(plural, name, "status"), {"status": status})

    def scheduled(self, name, group, **spec):
        """A request that waits, so that somebody can write its status."""
        self.stage.request(name, group, scheduledAt=LATER, **spec)
        until(lambda: self.stage.request_status(name).get("phase") == "Scheduled", f"{name} is not Scheduled")

    def ends(self, name, *outcomes, seconds=120):
        """The request ends with one of (phase, reason), and says something."""
        status = self.stage.ended(name, seconds)
        expect((status["phase"], status.get("reason")) in outcomes, f"{name} ended as {status}")
        expect(status.get("message"), f"{name} says nothing: {status}")
        return status

    def still_switches(self, group, name):
        """The group has one primary, and a role change works."""
        before = self.stage.settled(group)
        self.stage.request(name, group)
        self.ends(name, ("Succeeded", None))
        after = self.stage.settled(group)
        expect(after["primary"] != before["primary"] and after["epoch"] == before["epoch"] + 1, f"{before} {after}")
        expect(self.controller.alive(), "the controller has ended")
        expect("a decision failed" not in self.controller.text(), "a decision failed, see the log")


def test_phase_in_the_middle_and_nothing_else(world):
    for phase in STARTED:
        group = f"bare-{phase.lower()}"
        world.stage.group(group, members=2)
        before = world.stage.settled(group)
        world.scheduled(group, group)
        world.write_status("switchoverrequests", group, {"phase": phase})
        status = world.stage.ended(group)
        expect(status["phase"] == "Succeeded" or status.get("reason"), f"{phase} ended as {status}")
        print(f"     {phase}: {status['phase']} {status.get('reason', '')}")
        if status["phase"] != "Succeeded" and phase not in ("Promoting", "Routing", "Verifying"):
            expect(world.stage.settled(group)["primary"] == before["primary"], "the role changed without a request's success")
        world.still_switches(group, f"{group}-next")


def test_phase_in_the_middle_of_hooks(world):
    for phase in STARTED:
        group = f"hooks-{phase.lower()}"
        _, answers, before = world.database(group)
        answers.set()
        world.scheduled(group, group, timeoutSeconds=15)  # what can't come to a good end shall come soon
        to = next(f"{group}-{i}" for i in range(2) if f"{group}-{i}" != before["primary"])
        epoch = before["epoch"] + (phase in GRANTED)
        world.write_status("switchoverrequests", group, {"phase": phase, "from": before["primary"], "to": to, "epoch": epoch})
        status = world.stage.ended(group)
        expect(status["phase"] == "Succeeded" or status.get("reason"), f"{phase} ended as {status}")
        print(f"     {phase}: {status['phase']} {status.get('reason', '')}")
        world.still_switches(group, f"{group}-next")


def test_request_of_pods_that_are_not_there(world):
    world.stage.group("strangers", members=2)
    for phase in STARTED:
        name = f"strangers-{phase.lower()}"
        epoch = world.stage.settled("strangers")["epoch"] + (phase in GRANTED)
        world.scheduled(name, "strangers")
        world.write_status("switchoverrequests", name, {"phase": phase, "from": "nobody", "to": "ghost", "epoch": epoch})
        status = world.stage.ended(name)
        expect(status["phase"] == "Succeeded" or status.get("reason"), f"{phase} ended as {status}")
        print(f"     {phase}: {status['phase']} {status.get('reason', '')}")
    world.still_switches("strangers", "strangers-next")


def test_odd_steps(world):
    world.stage.group("steps", members=2)
    before = world.stage.settled("steps")
    world.scheduled("steps", "steps")
    odd = [{"name": "Demoting", "state": "Done", "endTime": "1970-01-01T00:00:00Z"}, {"name": "Demoting", "attempts": 2 ** 31 - 1},
           {"name": "Dancing", "state": "Running", "startTime": LATER}, {"name": "x" * 316, "message": "\u0000\U0001f40d\"\\"},
           {"name": "Promoting", "state": "Failed", "startTime": LATER, "endTime": "1970-01-01T00:00:00Z"}]
    world.write_status("switchoverrequests", "steps", {"phase": "Demoting", "from": before["primary"], "to": "steps-1",
                                                       "epoch": before["epoch"], "steps": odd})
    world.ends("steps", ("Succeeded", None))
    world.still_switches("steps", "steps-next")


def test_huge_epochs(world):
    for name, epoch, start in (("huge-request", HUGE, None), ("early-request", 5, "0001-01-01T00:00:00Z")):
        world.stage.group(name, members=2)
        before = world.stage.settled(name)
        world.scheduled(name, name)
        world.write_status("switchoverrequests", name, {
            "phase": "Demoting", "from": before["primary"], "to": f"{name}-1", "epoch": epoch, "startTime": start})
        status = world.stage.ended(name)
        print(f"     {name}: {status['phase']} {status.get('reason', '')} epoch {status.get('epoch')}")
        expect(world.stage.group_status(name)["epoch"] >= before["epoch"], "the epoch fell")
    world.stage.group("huge-group", members=2)
    world.stage.settled("huge-group")
    world.write_status("hagroups", "huge-group", {"epoch": HUGE})
    world.stage.request("huge-group", "huge-group", timeoutSeconds=5)
    status = world.stage.ended("huge-group")
    print(f"     huge-group: {status['phase']} {status.get('reason', '')}: {status.get('message')}")
    expect(status["phase"] != "Succeeded" and status.get("reason"), f"there is no epoch after the last: {status}")
    expect(world.stage.group_status("huge-group")["epoch"] == HUGE, f"the epoch fell: {world.stage.group_status('huge-group')}")
    world.stage.group("bystander", members=2)
    world.still_switches("bystander", "bystander")


def test_group_status_of_somebody_else(world):
    world.stage.group("forged", members=2)
    world.stage.settled("forged")
    world.write_status("hagroups", "forged", {
        "phase": "Switching", "activeRequest": "ghost", "readyMembers": "9/9", "members": [{"pod": "nobody"}],
        "conditions": [], "history": [{"request": "never"}], "lastRoleChange": {"request": "never"}})
    world.still_switches("forged", "forged-1")
    primary = world.stage.group_status("forged")["primary"]
    world.write_status("hagroups", "forged", {"primary": "nobody"})
    world.stage.request("forged-2", "forged")
    status = world.stage.ended("forged-2")
    expect(status["phase"] == "Succeeded" or status.get("reason") == "NoPrimary", f"{status}")
    group = world.stage.group_status("forged")
    print(f"     primary 'nobody': {status['phase']} {status.get('reason', '')}, group {group['phase']}, was {primary}")
    world.stage.request("forged-3", "forged", mode="Forced", candidate="forged-1")
    world.ends("forged-3", ("Succeeded", None), ("Rejected", "AlreadyPrimary"))
    world.still_switches("forged", "forged-4")


def test_forged_annotations_of_pods(world):
    for n, word in enumerate(("abc", "-1", "99999999999999999999", "1e3", "")):
        group = f"word-{n}"
        world.stage.group(group, members=2)
        world.stage.settled(group)
        for pod in (f"{group}-0", f"{group}-1"):
            world.api.merge(world.stage.path("pods", pod), {"metadata": {"annotations": {EPOCH: word}}})
        world.still_switches(group, f"{group}-next")
    world.stage.group("newer", members=2)
    before = world.stage.settled("newer")
    other = next(f"newer-{i}" for i in range(2) if f"newer-{i}" != before["primary"])
    world.api.merge(world.stage.path("pods", other), {"metadata": {"annotations": {EPOCH: "1000"}}})
    world.stage.request("newer", "newer", timeoutSeconds=5)
    status = world.stage.ended("newer")
    expect(status["phase"] == "Succeeded" or status.get("reason"), status)
    print(f"     a candidate with a newer epoch: {status['phase']} {status.get('reason', '')}")


def test_missing_group(world):
    world.stage.request("nowhere", "nowhere")
    world.ends("nowhere", ("Rejected", "GroupNotFound"))


def test_group_deleted_in_the_middle(world):
    database, answers, before = world.database("doomed")
    world.stage.request("doomed", "doomed")
    until(lambda: world.stage.request_status("doomed").get("phase") == "Demoting", "it does not begin")
    world.api.delete(world.stage.path("hagroups", "doomed"))
    world.ends("doomed", ("Failed", "GroupNotFound"))
    answers.set()
    roles = world.stage.roles("doomed")
    expect(roles[before["primary"]][0] == "primary" and database.members, f"labels changed after the group was gone: {roles}")


def test_request_deleted_in_the_middle(world):
    database, answers, before = world.database("dropped")
    world.stage.request("dropped", "dropped")
    until(lambda: world.stage.request_status("dropped").get("phase") == "Demoting", "it does not begin")
    world.api.delete(world.stage.path("switchoverrequests", "dropped"))
    answers.set()
    after = world.stage.settled("dropped")
    expect(after["primary"] == before["primary"], f"the role went on without its request: {after}")
    until(lambda: database.accepting() == [after["primary"]], lambda: f"{database.accepting()} acknowledge writes, {after['primary']} is primary")
    world.still_switches("dropped", "dropped-next")


def test_request_finished_by_somebody_else(world):
    _, answers, before = world.database("finished")
    world.stage.request("finished", "finished")
    until(lambda: world.stage.request_status("finished").get("phase") == "Demoting", "it does not begin")
    world.write_status("switchoverrequests", "finished", {"phase": "Succeeded"})
    answers.set()
    after = world.stage.settled("finished")
    print(f"     said to have succeeded: {before['primary']} was primary, {after['primary']} is")
    world.still_switches("finished", "finished-next")


def test_two_groups_claim_a_pod(world):
    stage = world.stage
    stage.group("elder", members=2)
    stage.settled("elder")
    stage.pod("junior-0", "junior", labels={"team": "both"})
    stage.pod("junior-1", "junior", labels={"team": "both"})
    stage.api.merge(stage.path("pods", "elder-1"), {"metadata": {"labels": {"team": "both"}}})
    time.sleep(1.1)  # creationTimestamp has whole seconds, and the older group is to keep the pod
    stage.api.create(stage.path("hagroups"), {
        "apiVersion": "ha.baton.dev/v1alpha1", "kind": "HaGroup", "metadata": {"name": "junior"},
        "spec": {"selector": {"matchLabels": {"team": "both"}}}})

    def conflict():
        found = [c for c in stage.group_status("junior").get("conditions", []) if c["type"] == "Conflict"]
        return found and found[0]["status"] == "True" and found[0]
    condition = until(conflict, lambda: f"no Conflict: {stage.group_status('junior')}")
    expect("elder-1" in condition["message"], condition)
    expect({m["pod"] for m in stage.group_status("junior")["members"]} == {"junior-0", "junior-1"}, stage.group_status("junior"))
    stage.request("greedy", "junior", candidate="elder-1")
    world.ends("greedy", ("Rejected", "CandidateNotFound"))
    expect(stage.settled("elder")["readyMembers"] == "2/2", stage.group_status("elder"))
    world.still_switches("elder", "elder-next")
    expect([r for r, _ in stage.roles("junior").values()].count("primary") == 1, stage.roles("junior"))
    stage.api.delete(stage.path("hagroups", "elder"))
    until(lambda: stage.group_status("junior").get("readyMembers") == "3/3", lambda: f"the younger does not inherit: {stage.group_status('junior')}")
    until(lambda: not conflict(), "the Conflict stays")

    def primaries():
        roles = {**stage.roles("junior"), **stage.roles("elder")}
        return [p for p in ("junior-0", "junior-1", "elder-1") if roles[p][0] == "primary"]
    until(lambda: len(primaries()) == 1 and primaries()[0] == stage.group_status("junior").get("primary"),
          lambda: f"primaries: {primaries()} {stage.group_status('junior')}")


def test_one_member_and_none(world):
    world.stage.group("lonely", members=1)
    world.stage.settled("lonely")
    world.stage.request("lonely", "lonely")
    world.ends("lonely", ("Rejected", "NotSupported"))
    world.stage.remove_pod("lonely-0")
    world.stage.request("empty", "lonely")
    world.ends("empty", ("Rejected", "NotSupported"), ("Rejected", "NoPrimary"))


def test_candidate_vanishes(world):
    database, answers, before = world.database("candidate")
    world.stage.request("candidate", "candidate")
    status = until(lambda: (s := world.stage.request_status("candidate")).get("phase") == "Demoting" and s, "it does not begin")
    world.stage.remove_pod(status["to"])
    answers.set()
    world.ends("candidate", ("RolledBack", "PodGone"))
    until(lambda: database.accepting() == [before["primary"]], lambda: f"{database.accepting()}")
    expect(world.stage.roles("candidate")[before["primary"]][0] == "primary", world.stage.roles("candidate"))


def test_primary_vanishes(world):
    _, answers, before = world.database("primary")
    world.stage.request("primary", "primary")
    until(lambda: world.stage.request_status("primary").get("phase") == "Demoting", "it does not begin")
    world.stage.remove_pod(before["primary"])
    world.ends("primary", ("Failed", "PodGone"))
    answers.set()
    expect("primary" not in [r for r, _ in world.stage.roles("primary").values()], world.stage.roles("primary"))
    world.stage.request("primary-2", "primary")
    world.ends("primary-2", ("Rejected", "NotSupported"), ("Rejected", "NoPrimary"))


def test_pod_comes_again_under_its_name(world):
    world.stage.group("reborn", members=2)
    before = world.stage.settled("reborn")
    world.stage.remove_pod(before["primary"])
    world.stage.pod(before["primary"], "reborn")
    until(lambda: world.stage.group_status("reborn").get("phase") == "NoPrimary", lambda: f"{world.stage.group_status('reborn')}")
    world.stage.request("reborn", "reborn", mode="Forced")
    world.ends("reborn", ("Succeeded", None))
    world.still_switches("reborn", "reborn-next")


def test_stolen_labels(world):
    world.stage.group("stolen", members=3)
    before = world.stage.settled("stolen")
    thief = next(f"stolen-{i}" for i in range(3) if f"stolen-{i}" != before["primary"])
    world.server.kubectl("-n", world.stage.name, "label", "--overwrite", "pod", thief, f"{ROLE}=primary")
    after = until(lambda: world.stage.roles("stolen")[thief][0] == "standby" and world.stage.settled("stolen"), "the label stays")
    expect(after["primary"] == before["primary"], f"a label made {after['primary']} primary")
    for change in (f"{ROLE}-", f"{ROLE}=king"):
        world.server.kubectl("-n", world.stage.name, "label", "--overwrite", "pod", before["primary"], change)
        until(lambda: world.stage.roles("stolen")[before["primary"]][0] == "primary", "the primary's label is not restored")
    expect(world.stage.settled("stolen")["primary"] == before["primary"], "the role changed without a request")
    world.still_switches("stolen", "stolen-next")


def test_label_stolen_in_the_middle(world):
    _, answers, before = world.database("robbed", members=3)
    world.stage.request("robbed", "robbed")
    status = until(lambda: (s := world.stage.request_status("robbed")).get("phase") == "Demoting" and s, "it does not begin")
    third = next(f"robbed-{i}" for i in range(3) if f"robbed-{i}" not in (status["from"], status["to"]))
    world.server.kubectl("-n", world.stage.name, "label", "--overwrite", "pod", third, f"{ROLE}=primary")
    answers.set()
    world.ends("robbed", ("Succeeded", None))
    after = world.stage.settled("robbed", follow=True)
    expect(after["primary"] == status["to"] and after["epoch"] == before["epoch"] + 1, after)


def test_many_requests_at_once(world):
    _, answers, _ = world.database("crowd")
    for i in range(14):
        world.stage.request(f"crowd-{i:02}", "crowd")
    busy = until(lambda: [i for i in range(14) if world.stage.request_status(f"crowd-{i:02}").get("reason") == "Busy"], "nobody is refused")
    answers.set()
    ends = [world.stage.ended(f"crowd-{i:02}", 300) for i in range(14)]
    expect(all(s["phase"] == "Succeeded" or s.get("reason") == "Busy" for s in ends), ends)
    print(f"     {sum(s['phase'] == 'Succeeded' for s in ends)} succeeded, {len(busy)} or more were refused as Busy")


def test_spec_that_the_api_server_lets_through(world):
    for name, spec in (("no-selector", {"selector": {}}), ("odd-role", {"roleLabel": {"key": "a/b", "primary": "x", "standby": "x"}})):
        try:
            world.stage.bare_group(name, **spec)
        except ApiError as error:
            expect(error.code == 422, error)
            continue
        world.stage.request(name, name)
        world.stage.ended(name)


def test_nothing_crashed(world):
    expect(world.controller.alive(), f"the controller ended with {world.controller.process.returncode}")
    expect(world.controller.fetch("/healthz")[0] == 200, "it is not healthy")
    text = world.controller.text()
    expect("a decision failed" not in text, [line for line in text.splitlines() if "a decision failed" in line][:3])
    for (namespace, app), doubles in world.watch.doubles.items():
        made_by_hand = app in ("stolen", "robbed")
        expect(namespace != world.stage.name or made_by_hand, f"two primary labels in {app}: {doubles}")


def main():
    with Server("hostile") as server:
        world = World(server)
        with world.controller:
            code = run_all(sys.modules[__name__], world, doc=__doc__)
    sys.exit(code)


if __name__ == "__main__":
    main()
