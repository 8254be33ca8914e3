#!/usr/bin/env python3
"""The API server stops answering, crashes, and forgets the past, while roles are to be changed.

Usage: outage_test.py [PART OF A TEST'S NAME]

Requests are made before, during and after each outage. None is lost, no role changes without one, each group has one
primary, and the controller is the same process throughout.

Environment: BATON_CONTROLLER, the program; OUTAGE_SECONDS, how long the API server is silent (default 60).
"""
import os
import sys
import threading
import time

sys.dont_write_bytecode = True
from api import BROKEN, ApiError  # noqa: E402
from cluster import Server, expect  # noqa: E402
from database import Databases  # noqa: E402
from program import Controller  # noqa: E402
from runner import STAMP, run_all  # noqa: E402
from stage import LabelWatch, Stage, until  # noqa: E402

SECONDS = int(os.environ.get("OUTAGE_SECONDS", "60"))
GROUPS = {"l0": False, "l1": False, "l2": False, "h0": True, "h1": True}  # name: has hooks
REPETITIONS = 6
GROWTH = 12 << 20  # bytes that the controller may hold more at the end of the repetitions than after the first two


class World:
    def __init__(self, server):
        self.server, self.api = server, server.api
        self.databases = Databases()
        self.stage = Stage(server.api, f"outage-{STAMP}")
        self.watch = LabelWatch(server.api)
        for name, hooked in GROUPS.items():
            spec = {"switchover": {"catchUpTimeoutSeconds": 3600}}
            if hooked:
                self.databases.add(self.stage.name, name)
                spec["hooks"] = self.databases.hooks("probe", "demote", "promote", "follow", "disconnect")
            self.stage.group(name, **spec)
        self.controller = Controller(server.path, "--namespaces", self.stage.name, "--leader-elect-namespace", self.stage.name,
                                     name="outage")
        self.count = 0
        self.epochs = {name: self.stage.settled(name, hooked)["epoch"] for name, hooked in GROUPS.items()}

    def ask(self):
        """One request for each group; their names. Tries until the API server takes it."""
        made = []
        for group in GROUPS:
            self.count += 1
            name = f"r{self.count}-{group}"
            until(lambda group=group, name=name: self._create(name, group), f"{name} can't be created", 300, 0.2)
            made.append((name, group))
        return made

    def _create(self, name, group):
        try:
            self.stage.request(name, group, timeoutSeconds=3600, startDeadlineSeconds=3600)
        except ApiError as error:
            return error.code == 409  # it was created, and the answer was lost
        except BROKEN:
            return False
        return True

    def through(self, outage):
        """Requests before, during and after it, and all of them end well."""
        made = self.ask()
        during = threading.Thread(target=lambda: made.extend(self.ask()))
        outage(during.start)
        during.join()
        made += self.ask()
        for name, _ in made:
            status = self.stage.ended(name, 300)
            expect(status["phase"] == "Succeeded", f"{name} ended as {status}")
        for group, hooked in GROUPS.items():
            asked = sum(1 for _, g in made if g == group)
            after = self.stage.settled(group, hooked)
            expect(after["epoch"] == self.epochs[group] + asked,
                   f"{group}: {asked} requests, the epoch went from {self.epochs[group]} to {after['epoch']}")
            self.epochs[group] = after["epoch"]
            self.watch.up_to_date(self.stage, group)
            expect(not self.watch.of(self.stage.name, group)[1], f"{group}: two primary labels: {self.watch.of(self.stage.name, group)}")
        for (_, group), database in self.databases.databases.items():
            expect(not database.wrong and not database.epochs_fall(), f"{group}: {database.wrong} {database.epochs_fall()}")
            primary = self.stage.group_status(group)["primary"]
            expect(database.accepting() == [primary], f"{group}: {database.accepting()} acknowledge, {primary} is primary")
        expect(self.controller.alive(), "the controller has ended")

    def restarts(self, reason=""):
        return {labels: n for labels, n in self.controller.metric("baton_watch_restarts_total").items() if reason in labels}


def test_silent_api_server(world):
    def outage(meanwhile):
        world.server.script("pause-apiserver")
        meanwhile()
        time.sleep(SECONDS)
        world.server.script("resume-apiserver")
    world.through(outage)
    print(f"     {world.restarts()}")


def test_killed_api_server(world):
    def outage(meanwhile):
        meanwhile()
        world.server.script("restart-apiserver", "KILL")
    before = world.restarts()
    world.through(outage)
    expect(sum(world.restarts().values()) > sum(before.values()), f"no restart of a watch is told: {world.restarts()}")
    print(f"     {world.restarts()}")


def test_forgotten_past(world):
    def outage(meanwhile):
        world.server.script("pause-apiserver")  # the watches must not learn of what is forgotten
        meanwhile()
        world.server.script("resume-apiserver")
        world.server.script("compact")
        world.server.script("restart-apiserver", "KILL")
    world.through(outage)
    expect(world.restarts('reason="expired"'), f"no watch was told that its version is gone: {world.restarts()}")
    print(f"     {world.restarts()}")


def test_memory_over_repetitions(world):
    sizes = []
    for _ in range(REPETITIONS):
        world.through(lambda meanwhile: (meanwhile(), world.server.script("restart-apiserver", "KILL")))
        sizes.append(world.controller.resident_bytes())
    print("     resident MiB:", *(size >> 20 for size in sizes))
    expect(sizes[-1] <= max(sizes[:2]) + GROWTH, f"the controller grows: {sizes}")


def main():
    with Server("outage") as server:
        world = World(server)
        with world.controller:
            pid = world.controller.pid
            code = run_all(sys.modules[__name__], world, doc=__doc__)
            expect(world.controller.alive() and world.controller.pid == pid, "the controller has ended")
    sys.exit(code)


if __name__ == "__main__":
    main()
