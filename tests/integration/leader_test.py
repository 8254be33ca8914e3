#!/usr/bin/env python3
"""Two controllers, of which one leads: killed, stopped and woken, ended, each in the middle of many role changes.

Usage: leader_test.py [PART OF A TEST'S NAME]

Each controller reaches the API server through a proxy of its own, which tells what it wrote.
Environment: BATON_CONTROLLER, the program.
"""
import signal
import sys
import time

sys.dont_write_bytecode = True
from cluster import Server, expect  # noqa: E402
from database import Databases  # noqa: E402
from program import Controller, kubeconfig_for  # noqa: E402
from proxy import Proxy  # noqa: E402
from runner import STAMP, run_all  # noqa: E402
from stage import FINISHED, LabelWatch, Stage, until  # noqa: E402

LEASE = ["--lease-duration", "8", "--renew-deadline", "5", "--retry-period", "1"]
PLAIN, HOOKED = 20, 10  # groups
ROUNDS = 2              # requests for each group


class Pair:
    """A namespace with groups, and two controllers for it."""

    def __init__(self, server, name):
        self.server, self.api = server, server.api
        self.stage = Stage(server.api, f"leader-{STAMP}-{name}")
        self.databases = Databases()
        self.watch = LabelWatch(server.api)
        self.groups = {f"l{i}": False for i in range(PLAIN)} | {f"h{i}": True for i in range(HOOKED)}
        for group, hooked in self.groups.items():
            spec = {}
            if hooked:
                self.databases.add(self.stage.name, group)
                spec["hooks"] = self.databases.hooks("probe", "demote", "promote", "follow", "disconnect")
            self.stage.group(group, members=2, **spec)
        self.proxies = [Proxy(server.kubeconfig) for _ in range(2)]
        self.controllers = [self._controller(i) for i in range(2)]
        self.epochs = {g: self.stage.settled(g, hooked)["epoch"] for g, hooked in self.groups.items()}

    def _controller(self, i):
        return Controller(kubeconfig_for(self.proxies[i].port), "--namespaces", self.stage.name, "--leader-elect-namespace",
                          self.stage.name, *LEASE, name=f"{self.stage.name}-{i}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for controller in self.controllers:
            controller.kill()
        for proxy in self.proxies:
            proxy.close()

    def leader(self):
        """Index of the one that leads."""
        return until(lambda: [i for i in range(2) if self.controllers[i].leads()], "nobody leads")[0]

    def ask(self):
        for n in range(ROUNDS):
            for group in self.groups:
                self.stage.request(f"{group}-{n}", group, timeoutSeconds=3600)

    def requests(self):
        return self.api.get(self.stage.path("switchoverrequests"))["items"]

    def ended(self):
        return sum(1 for r in self.requests() if r.get("status", {}).get("phase") in FINISHED)

    def in_the_middle(self):
        """Asks for many role changes, and waits until some have ended and many have not."""
        self.ask()
        total = len(self.groups) * ROUNDS
        seen = until(lambda: (n := self.ended()) >= total // 10 and n, "no request ends")
        expect(seen < total, "all ended before anything could happen in the middle: more groups are needed")

    def check(self):
        """All requests ended well, whoever did it."""
        total = len(self.groups) * ROUNDS
        until(lambda: self.ended() == total, lambda: f"{total - self.ended()} requests did not end", 300, 0.2)
        for request in self.requests():
            status = request["status"]
            expect(status["phase"] == "Succeeded", f"{request['metadata']['name']} ended as {status}")
        for group, hooked in self.groups.items():
            after = self.stage.settled(group, hooked)
            expect(after["epoch"] == self.epochs[group] + ROUNDS,
                   f"{group}: the epoch went from {self.epochs[group]} to {after['epoch']} in {ROUNDS} role changes")
            self.watch.up_to_date(self.stage, group)
            changes, doubles = self.watch.of(self.stage.name, group)
            expect(not doubles, f"{group}: two primary labels {doubles} in {changes}")
            if hooked:
                database = self.databases.databases[self.stage.name, group]
                expect(not database.wrong and not database.epochs_fall(), f"{group}: {database.wrong} {database.epochs_fall()}")
                expect(database.accepting() == [after["primary"]], f"{group}: {database.accepting()}, primary {after['primary']}")

    def check_late_calls(self, before):
        """One that was stopped while it connected to pods still says what it was about to say: one call to each of them,
        of an epoch that is over, which pods refuse by that epoch. Nothing after it."""
        for key, database in self.databases.databases.items():
            late = database.log[before[key]:]
            newest = max(m.epoch for m in database.members.values())
            pods = {pod for _, pod, _ in late}
            expect(len(late) == len(pods) and all(epoch < newest for _, _, epoch in late),
                   f"{key}: the woken one called {late}, the newest epoch is {newest}")

    def lease(self):
        return self.api.get(f"/apis/coordination.k8s.io/v1/namespaces/{self.stage.name}/leases/baton-controller")["spec"]


def test_killed_leader(server):
    with Pair(server, "killed") as pair:
        first = pair.leader()
        pair.in_the_middle()
        pair.controllers[first].kill()
        began = time.monotonic()
        until(pair.controllers[1 - first].leads, "the other does not take over")
        print(f"     the other leads after {time.monotonic() - began:.1f} s, the lease lasts 8 s")
        pair.check()
        expect(pair.proxies[1 - first].writes, "the other did nothing")


def test_stopped_and_woken_leader(server):
    with Pair(server, "stopped") as pair:
        first = pair.leader()
        pair.in_the_middle()
        pair.controllers[first].signal(signal.SIGSTOP)
        try:
            until(pair.controllers[1 - first].leads, "the other does not take over")
            pair.check()
            sent, taken = len(pair.proxies[first].writes), len(pair.proxies[first].taken)
            calls = {key: len(d.log) for key, d in pair.databases.databases.items()}
        finally:
            pair.controllers[first].signal(signal.SIGCONT)
        until(lambda: not pair.controllers[first].leads(), "the woken one still says that it leads")
        # It has done with what it had in hand when it has seen who leads, and has served a later request of this test.
        until(lambda: pair.controllers[first].text().count("leader is") > 1, "the woken one does not see the new leader")
        # The same goes for writes: one that was on its way names an old version, and is refused.
        late = [w[1:3] for w in pair.proxies[first].writes[sent:]]
        expect(not pair.proxies[first].taken[taken:], f"the woken one wrote: {pair.proxies[first].taken[taken:]}")
        expect(len(late) == len(set(late)) <= len(pair.groups), f"the woken one goes on writing: {late}")
        pair.check_late_calls(calls)
        pair.stage.request("afterwards", "h0")
        expect(pair.stage.ended("afterwards")["phase"] == "Succeeded", pair.stage.request_status("afterwards"))
        after = [w[1:3] for w in pair.proxies[first].writes[sent:]]
        expect(after == late and pair.controllers[first].alive(), f"the woken one wrote: {after}, before {late}")


def test_ended_leader(server):
    with Pair(server, "ended") as pair:
        first = pair.leader()
        pair.in_the_middle()
        identity = pair.lease()["holderIdentity"]
        code, seconds = pair.controllers[first].terminate()
        expect(code == 0, f"exit code {code}: {pair.controllers[first].text()[-2000:]}")
        print(f"     it ended in {seconds:.1f} s")
        expect(seconds < 15, f"it took {seconds:.1f} s to end, 10 s is the promise")
        expect(pair.lease()["holderIdentity"] != identity, f"the Lease is not given back: {pair.lease()}")
        expect("stopped" in pair.controllers[first].text().splitlines()[-1], pair.controllers[first].text()[-500:])
        pair.check()


if __name__ == "__main__":
    with Server("leader") as api_server:
        result = run_all(sys.modules[__name__], api_server, doc=__doc__)
    sys.exit(result)
