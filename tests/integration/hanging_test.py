#!/usr/bin/env python3
"""A hook that does not answer holds up its own group and no other.

Usage: hanging_test.py

Environment: BATON_CONTROLLER, the program.
"""
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True
from cluster import Server, expect  # noqa: E402
from database import Databases  # noqa: E402
from program import Controller  # noqa: E402
from runner import STAMP, run_all  # noqa: E402
from stage import Stage, until  # noqa: E402

GROUPS, HANGING = 200, 50


def phases(stage):
    items = stage.api.get(stage.path("switchoverrequests"))["items"]
    return {i["spec"]["groupRef"]["name"]: i.get("status", {}).get("phase") for i in items}


def test_hanging_hooks_hold_up_nobody_else(server):
    stage, databases, answers = Stage(server.api, f"hanging-{STAMP}"), Databases(), threading.Event()
    names = [f"g{i}" for i in range(GROUPS)]
    hanging = set(names[::GROUPS // HANGING])

    def make(name):
        database = databases.add(stage.name, name)
        if name in hanging:
            database.hangs["demote"] = answers
        stage.group(name, members=2, hooks=databases.hooks("demote", "promote", timeout=600, retries=0))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(make, names))
        with Controller(server.path, "--namespaces", stage.name, "--leader-elect=false", name="hanging"):
            list(pool.map(stage.settled, names))
            list(pool.map(lambda name: stage.request(f"r-{name}", name, timeoutSeconds=3600), names))
            others = set(names) - hanging
            until(lambda: all(phases(stage)[n] == "Succeeded" for n in others), lambda: f"not all others end: {phases(stage)}",
                  300, 0.2)
            still = {n: p for n, p in phases(stage).items() if n in hanging}
            expect(set(still.values()) == {"Demoting"}, f"not all of the hanging ones are in Demoting: {still}")
            print(f"     {len(others)} ended while {len(still)} hang")
            answers.set()
            until(lambda: set(phases(stage).values()) == {"Succeeded"}, lambda: f"the others did not end: {phases(stage)}",
                  300, 0.2)
            for name in names:
                epoch = stage.group_status(name)["epoch"]
                expect(epoch == 2, f"{name} is at epoch {epoch}")


if __name__ == "__main__":
    with Server("hanging") as api_server:
        result = run_all(sys.modules[__name__], api_server, doc=__doc__)
    sys.exit(result)
