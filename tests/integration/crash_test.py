#!/usr/bin/env python3
"""Kills the controller at every point of a role change, and has another one end it.

Usage: crash_test.py [SCENARIO [KIND NUMBER VARIANT]]

First each scenario runs undisturbed, to count its points: each write to the API server (PATCH, POST, PUT, DELETE, but for
Leases and Events) and each call of a hook. Then it runs once for each point and variant (see trap.py), in a namespace of
its own. Whatever the point, the request ends as it did undisturbed, and see check().

Environment: BATON_CONTROLLER, the program; CRASH_PARALLEL, runs at a time (default 4); CRASH_EVERY=N, only each Nth point.
"""
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True
from cluster import Server, expect  # noqa: E402
from database import Databases  # noqa: E402
from program import LOGS, Controller, forget_logs, kubeconfig_for  # noqa: E402
from proxy import Proxy  # noqa: E402
from stage import LabelWatch, Stage, until  # noqa: E402
from trap import HOOK_VARIANTS, WRITE_VARIANTS, Trap  # noqa: E402

STAMP = f"{time.time_ns() // 1000000 % 16 ** 6:x}"  # namespaces of a given API server are there for good
ALL_HOOKS = ("probe", "demote", "promote", "follow", "disconnect")
FENCED = {"mode": "Automatic", "fencing": {"required": True, "steps": [{"type": "FenceHook", "timeoutSeconds": 10}]}}


class Scenario:
    """What a group is, what is asked of it, and how the request ends after how many grants of the role."""

    def __init__(self, name, ends, hooks=(), group=None, request=None, grants=1, **database):
        self.name, self.ends, self.hooks, self.grants = name, ends, hooks, grants
        self.group, self.request, self.database = group or {}, request or {}, database


SCENARIOS = [
    Scenario("labels", ("Succeeded", None)),
    Scenario("planned", ("Succeeded", None), ALL_HOOKS),
    Scenario("forced", ("Succeeded", None), (*ALL_HOOKS, "fence"), {"failover": FENCED}, {"mode": "Forced"},
             synchronous=True, fails=["demote"]),
    Scenario("rollback", ("RolledBack", "CatchUpTimedOut"), ALL_HOOKS, {"switchover": {"catchUpTimeoutSeconds": 2}},
             frozen=True),
    Scenario("unpromotable", ("Failed", "HookFailed"), ALL_HOOKS),
    Scenario("first", ("Succeeded", None), ALL_HOOKS, {"bootstrap": "Manual"}, {"candidate": "db-1"}),
    Scenario("hold", ("Failed", "CatchUpTimedOut"), ALL_HOOKS, {"switchover": {"catchUpTimeoutSeconds": 2}},
             {"onFailure": "Hold"}, grants=0, frozen=True),
]


class Run:
    """One role change in a namespace of its own."""

    def __init__(self, server, databases, watch, scenario, point):
        self.server, self.watch, self.scenario, self.point = server, watch, scenario, point
        self.title = scenario.name + ("" if point is None else " {} {} {}".format(*point))
        self.namespace = f"crash-{STAMP}-" + self.title.replace(" ", "-")
        self.trap = Trap(point)
        self.databases = databases

    def controller(self):
        return Controller(kubeconfig_for(self.proxy.port), "--namespaces", self.namespace, "--leader-elect=false",
                          name=self.namespace, serves=False)

    def __call__(self):
        """What is wrong; None when nothing is."""
        self.proxy = Proxy(self.server.kubeconfig, self.trap)
        self.controllers = []
        try:
            self._prepare()
            self._change()
            return self._check()
        except AssertionError as failure:
            return str(failure)
        finally:
            for controller in self.controllers:
                controller.kill()
            self.proxy.close()

    def _prepare(self):
        s = self.scenario
        self.stage = Stage(self.server.api, self.namespace)
        self.database = self.databases.add(self.namespace, "db", **s.database) if s.hooks else None
        spec = dict(s.group)
        if s.hooks:
            spec["hooks"] = self.databases.hooks(*s.hooks)
        self.stage.group("db", **spec)
        self.controllers.append(self.controller())
        self.before = self._without_primary() if s.name == "first" else self.stage.settled("db", follow=bool(s.hooks))
        if self.database:
            self.database.trap = self.trap
            if s.name == "unpromotable":
                self.database.fails.add("promote")

    def _without_primary(self):
        """The status of a group that waits for a request to give it its first primary."""
        seen = until(lambda: (g := self.stage.group_status("db")).get("readyMembers") == "3/3" and g, "no members")
        return {"epoch": 0, "primary": None, **seen}

    def _change(self):
        self.trap.arm(self.controllers[0])
        self.stage.request("change", "db", **self.scenario.request)
        if self.point:
            until(lambda: self.trap.sprung.is_set() or self.stage.request_status("change").get("completionTime"),
                  "neither the point came nor the end", pause=0.02)
            if not self.trap.sprung.is_set():  # the last points may come after the request's end
                self.trap.sprung.wait(3)
            if self.trap.sprung.is_set():
                self.proxy.cut()
                self.controllers.append(self.controller())
        self.stage.ended("change")
        until(lambda: not self.stage.group_status("db").get("activeRequest"), "the group shows the request as active")
        if self.scenario.name == "hold":
            until(lambda: any(c["type"] == "Held" for c in self.stage.group_status("db")["conditions"]), "it is not held")
        if self.scenario.ends[0] == "Failed":
            return
        self.after = self.stage.settled("db")

    def _check(self):
        """All that must be so, whenever the controller was killed; None or what is not."""
        wrong = []
        request = self.stage.api.get(self.stage.path("switchoverrequests", "change"))
        status = request["status"]
        if (status["phase"], status.get("reason")) != self.scenario.ends:
            wrong.append(f"ended as {status['phase']} {status.get('reason')}: {status.get('message')}")
        try:
            until(lambda: self.stage.ending_events(request), "no Event tells of the end", 30, 0.1)
        except AssertionError as failure:
            wrong.append(str(failure))
        self.watch.up_to_date(self.stage, "db")
        changes, doubles = self.watch.of(self.namespace, "db")
        if doubles:
            wrong.append(f"two pods had the primary label: {doubles}, in {changes}")
        group = self.stage.group_status("db")
        wrong += self._check_group(group, status)
        if self.database:
            wrong += self._check_database(group)
        return "; ".join(wrong) or None

    def _check_group(self, group, status):
        wrong = []
        if group["epoch"] != self.before["epoch"] + self.scenario.grants:
            wrong.append(f"the epoch went from {self.before['epoch']} to {group['epoch']}, in {self.scenario.grants} grant(s)")
        primaries = {p: at for p, (role, at) in self.stage.roles("db").items() if role == "primary"}
        if self.scenario.ends[0] == "Failed":
            held = any(c["type"] == "Held" and c["status"] == "True" for c in group["conditions"])
            if held != (self.scenario.name == "hold"):
                wrong.append(f"condition Held: {group['conditions']}")
            return wrong + ([f"labels say {primaries}, nobody is to have the role"] if primaries else [])
        expected = self.before["primary"] if self.scenario.ends[0] == "RolledBack" else status["to"]
        if group["primary"] != expected:
            wrong.append(f"primary is {group['primary']}, expected {expected}")
        if primaries != {group["primary"]: str(group["epoch"])}:
            wrong.append(f"labels say {primaries}, the group {group['primary']} at {group['epoch']}")
        if self.scenario.ends[0] == "Succeeded" and group.get("lastRoleChange", {}).get("request") != "change":
            wrong.append("lastRoleChange does not show the request")
        return wrong

    def _check_database(self, group):
        wrong = list(self.database.wrong)
        if fallen := self.database.epochs_fall():
            wrong.append(f"calls of an older epoch after a newer one: {fallen} in {self.database.log}")
        if self.scenario.ends[0] == "Failed":
            return wrong
        if self.database.accepting() != [group["primary"]]:
            wrong.append(f"{self.database.accepting()} acknowledge writes, {group['primary']} is primary")
        elif self.database.members[group["primary"]].position < self.database.acknowledged:
            wrong.append("acknowledged writes are lost")
        return wrong


def points_of(trap):
    for kind, variants in (("write", WRITE_VARIANTS), ("hook", HOOK_VARIANTS)):
        for number in range(1, trap.count(kind) + 1):
            for variant in variants:
                yield kind, number, variant


class Board:
    """Results as they come."""

    def __init__(self):
        self.passed = self.failed = self.missed = 0
        self._lock = threading.Lock()

    def note(self, run, wrong, began):
        with self._lock:
            reached = run.point is None or run.trap.sprung.is_set()
            self.missed += not reached
            self.passed, self.failed = self.passed + (wrong is None), self.failed + (wrong is not None)
            if wrong or not reached:
                logs = " ".join(c.log.name for c in run.controllers)
                print(f"{'FAIL' if wrong else 'ok  '} {run.title}: {wrong or 'the point was not reached'} ({logs})", flush=True)
            elif run.point is None:
                kinds = ", ".join(f"{run.trap.count(k)} {k}s" for k in ("write", "hook"))
                print(f"ok   {run.title} undisturbed: {kinds} ({time.monotonic() - began:.1f} s)", flush=True)


def main(arguments):
    if arguments in (["-h"], ["--help"]) or len(arguments) not in (0, 1, 4):
        sys.exit(__doc__)
    scenarios = [s for s in SCENARIOS if not arguments or s.name == arguments[0]]
    expect(scenarios, f"there is no scenario {arguments}")
    single = [(arguments[1], int(arguments[2]), arguments[3])] if len(arguments) == 4 else None
    every = int(os.environ.get("CRASH_EVERY", "1"))
    board, databases = Board(), Databases()
    with Server("crash") as server, ThreadPoolExecutor(int(os.environ.get("CRASH_PARALLEL", "4"))) as pool:
        watch = LabelWatch(server.api)

        def run(scenario, point):
            began = time.monotonic()
            one = Run(server, databases, watch, scenario, point)
            try:
                board.note(one, one(), began)
            except Exception as error:  # a fault of the test is a failure, and the other runs go on
                board.note(one, f"{type(error).__name__}: {error}", began)
            return one

        plain = [] if single else list(pool.map(lambda s: run(s, None), scenarios))
        counted = [(one.scenario, point) for one in plain for point in points_of(one.trap)]
        if single:
            counted = [(scenarios[0], point) for point in single]
        began = time.monotonic()
        list(pool.map(lambda work: run(*work), counted[::every]))
        expect(watch.fault is None, f"the watch of pods failed: {watch.fault}")
    print(f"{len(counted[::every])} kill points in {time.monotonic() - began:.0f} s, {board.missed} not reached")
    print(f"{board.passed} passed, {board.failed} failed")
    if board.failed or not board.passed or board.missed * 10 > len(counted):
        sys.exit(f"the logs are in {LOGS}")
    forget_logs()


if __name__ == "__main__":
    main(sys.argv[1:])
