"""The groups, each in its own situation. What the cases call 'group' is the name of one of these."""
import threading
import time

from database import Member
from outcomes.actions import make_unready
from outcomes.denied import policies
from runner import STAMP
from stage import until

ZONES = {f"node-a-{STAMP}": "zone-a", f"node-b-{STAMP}": "zone-b"}
CORDONED = f"node-c-{STAMP}"
NODE_A, NODE_B = ZONES
HASTY = {"switchover": {"catchUpTimeoutSeconds": 1}}
PRIORITY = "ha.baton.dev/priority"


def nodes(world):
    for name, zone in {**ZONES, CORDONED: "zone-a"}.items():
        world.api.create("/api/v1/nodes", {"metadata": {"name": name, "labels": {"topology.kubernetes.io/zone": zone}},
                                           "spec": {"unschedulable": name == CORDONED}})


def on_nodes(world, name, places, **spec):
    """A group whose pods are on these nodes."""
    for i, node in enumerate(places):
        world.stage.pod(f"{name}-{i}", name, f"127.0.0.{11 + i}", node=node)
    world.group(name, members=len(places), pods=False, **spec)


def with_priorities(world, name, priorities):
    for i, priority in enumerate(priorities):
        world.stage.pod(f"{name}-{i}", name, f"127.0.0.{11 + i}", labels={PRIORITY: str(priority)})
    world.group(name, members=len(priorities), pods=False)


MADE = {
    "healthy": lambda w: w.group("healthy"),
    "disabled": lambda w: w.group("disabled", switchover={"enabled": False}),
    "paused": lambda w: w.group("paused"),
    "lonely": lambda w: w.group("lonely", members=1),
    "busy": lambda w: w.hooked("busy"),
    "unready": lambda w: w.group("unready"),
    "unfit": lambda w: with_priorities(w, "unfit", (1, 0, 0)),
    "cordoned": lambda w: on_nodes(w, "cordoned", ("nowhere", CORDONED, CORDONED)),
    "lost": lambda w: w.group("lost"),
    "lagging": lambda w: w.hooked("lagging", "probe", "demote", "promote", synchronous=False, frozen=True, **HASTY),
    "frequent": lambda w: w.group("frequent"),
    "split": lambda w: w.hooked("split", "probe", "demote", "promote", "follow"),
    "zoned": lambda w: on_nodes(w, "zoned", (NODE_A, NODE_A, NODE_B)),
    "uniform": lambda w: on_nodes(w, "uniform", (NODE_A, NODE_A)),
    "weights": lambda w: with_priorities(w, "weights", (2, 1, 0)),
    "failing": lambda w: w.hooked("failing"),
    "late": lambda w: w.hooked("late", "probe", "demote", "promote", synchronous=False, frozen=True, **HASTY),
    "stalled": lambda w: w.hooked("stalled"),
    "fenced": lambda w: w.hooked("fenced", "demote", "promote", "fence", failover={
        "mode": "Manual", "fencing": {"required": True, "steps": [{"type": "FenceHook", "timeoutSeconds": 2}]}}),
    "broken-connector": lambda w: w.hooked("broken-connector"),
    "broken-dcs": lambda w: w.hooked("broken-dcs"),
    "broken-hcx": lambda w: w.hooked("broken-hcx"),
    "doomed-connector": lambda w: w.hooked("doomed-connector"),
    "doomed-dcs": lambda w: w.hooked("doomed-dcs"),
    "elder": lambda w: w.group("elder"),
    "hosts-only": lambda w: w.group("hosts-only", paths=("connector",)),
    "barred": lambda w: w.group("barred"),
    "mistaken": lambda w: w.group("mistaken"),
    "ids-only": lambda w: w.group("ids-only", paths=("dcs", "hcx", "sbc")),
}
# From when they are settled on.
FAILING_HOOKS = {"failing": {"demote"}, "fenced": {"demote", "fence"}, "broken-connector": {"promote"}, "broken-dcs": {"promote"},
                 "broken-hcx": {"promote"}}
# No member of these ever had the role.
FRESH = ("fresh", "fresh-host", "fresh-shadow", "fresh-hcx", "fresh-node", "fresh-unready")


def make(world):
    nodes(world)
    list(world.pool.map(lambda make: make(world), MADE.values()))
    list(world.pool.map(lambda name: world.group(name, bootstrap="Manual"), FRESH))
    list(world.pool.map(world.stage.settled, MADE))
    for name in FRESH:
        until(lambda name=name: len(world.stage.group_status(name).get("members", [])) == 3, f"{name} is not looked at")
    for name, hooks in FAILING_HOOKS.items():
        world.database(name).fails |= hooks
    list(world.pool.map(lambda change: change(world), (paused, busy, unready, lost, lagging, frequent, split, younger, policies)))


def paused(world):
    world.patch("paused", {"paused": True})


def busy(world):
    world.database("busy").hangs["demote"] = threading.Event()
    world.ask("busy", "busy", timeoutSeconds=3600)
    until(lambda: world.stage.request_status("busy").get("phase") == "Demoting", "the group is not busy")


def unready(world):
    make_unready(world, "unready", *world.standbys("unready"))
    make_unready(world, "fresh-unready", "fresh-unready-0")


def lost(world):
    world.stage.remove_pod(world.primary("lost"))
    until(lambda: world.stage.group_status("lost").get("phase") == "NoPrimary", "the primary is not missed")


def lagging(world):
    """Not from the beginning: how far a member lags is not known before there is a primary."""
    world.patch("lagging", {"candidatePolicy": {"maxLag": 5}})


def frequent(world):
    world.ask("frequent", "frequent")
    world.stage.ended("frequent")
    world.stage.settled("frequent")
    world.patch("frequent", {"switchover": {"minIntervalSeconds": 3600}})


def split(world):
    """Two say that they are primary, and it is not the labels that say so."""
    members = world.database("split").members
    for pod in world.stage.roles("split"):
        members.setdefault(pod, Member()).accepts = True


def younger(world):
    """It claims all that the group 'elder' is called by. A creationTimestamp has whole seconds."""
    elder = world.api.get(world.stage.path("hagroups", "elder"))
    born = elder["metadata"]["creationTimestamp"]
    until(lambda: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()) > born, "the clock stands still")
    world.stage.group("a-younger", members=2, apis=elder["spec"]["apis"])
    world.stage.settled("a-younger")
