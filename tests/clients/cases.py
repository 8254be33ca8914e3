"""The cases that every client goes through: who calls, which group is meant, and what must become of it."""
import re
from typing import Callable, NamedTuple

from cluster import expect
from runner import STAMP
from stage import until
from calls import PASSWORD


class Caller(NamedTuple):
    user: str
    password: str
    key: str
    secret: str
    token: str


ADMIN = Caller("admin", PASSWORD, "AK", "SK", "static")
READER = Caller("reader", PASSWORD, "AK-of-reader", "SK-of-reader", "reading")
WRONG = ADMIN._replace(password="wrong", secret="wrong", token="wrong")
STRANGER = Caller("stranger", "wrong", "AK-of-stranger", "wrong", "strange")

CASES = {
    "switches": (ADMIN, "open"), "wrong_secret": (WRONG, "open"), "stranger": (STRANGER, "open"), "forbidden": (READER, "open"),
    "not_found": (ADMIN, "none"), "disabled": (ADMIN, "disabled"), "paused": (ADMIN, "paused")}

HOSTS = {"open": "localhost", "none": "nobody.example.com", "disabled": "off.example.com", "paused": "paused.example.com"}
# What clients call the groups; "none" is the name of no group. A Forced switchover is done in a disabled group too.
NAMES = {
    "connector": HOSTS,
    "dcs": {"open": f"i-{STAMP}", "none": "none", "disabled": f"off-{STAMP}", "paused": f"paused-{STAMP}"},
    "hcx": {"open": f"g-{STAMP}", "none": "none", "paused": f"g-paused-{STAMP}"},
    "sbc": HOSTS,
    "polardb": {"open": f"pc-{STAMP}", "none": "pc-none", "disabled": f"pc-off-{STAMP}", "paused": f"pc-paused-{STAMP}"}}
PROJECT = "p1"
MEMBERS = {f"connector-open-{i}": f"scc-{i}.example.com" for i in range(3)}  # {pod: host}


class Service(NamedTuple):
    """What a client is told of the server."""
    port: int
    ca: str

    @property
    def url(self):
        return f"https://localhost:{self.port}"


class Client(NamedTuple):
    path: str
    call: Callable  # (service, caller, name of the group): what the client made of the answer, in one line
    reports: dict  # {case: what it has to be}


def identity(path, name):
    """What spec.apis says of a group that clients call so."""
    if path == "connector" and name == NAMES[path]["open"]:
        return {"hosts": [name], "memberHosts": MEMBERS}
    return {"connector": {"hosts": [name]}, "dcs": {"projectId": PROJECT, "instanceId": name}, "hcx": {"groupId": name},
            "sbc": {"hosts": [name]}, "polardb": {"dbClusterId": name}}[path]


def groups():
    """{group: spec}"""
    return {f"{path}-{which}": {"apis": {path: identity(path, name)}, "switchover": {"enabled": which != "disabled"}}
            for path, names in NAMES.items() for which, name in names.items() if which != "none"}


def pause(world):
    """A group that is paused from the beginning would never get a primary."""
    paused = [f"{path}-paused" for path in NAMES]
    for group in paused:
        world.api.merge(world.stage.path("hagroups", group), {"spec": {"paused": True}})
    for group in paused:
        until(lambda: world.stage.group_status(group)["phase"] == "Paused", f"{group} is not paused")


def plain(text):
    """Without what differs from one run to the next."""
    text = re.sub(r"\b[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b", "UUID", str(text))
    text = re.sub(r"(server string to sign is:).*?(?= request id|$)", r"\1...", text, flags=re.S)
    return text.replace(STAMP, "STAMP")


def requests_made(world):
    return {r["metadata"]["name"]: r for r in world.api.get(world.stage.path("switchoverrequests"))["items"]}


def check_switched(world, path, before, earlier):
    """One request was made, on the path and by the administrator; it has moved the role once."""
    group = f"{path}-open"
    after = world.switched(group, before["primary"])
    made = [r["metadata"] for name, r in requests_made(world).items()
            if name not in earlier and r["metadata"]["labels"]["ha.baton.dev/trigger"] == path]
    expect(len(made) == 1, f"{len(made)} requests were made by {path}")
    expect(made[0]["annotations"]["ha.baton.dev/requested-by"] == ADMIN.user, f"{made[0]['annotations']}")
    change = after["lastRoleChange"]
    expect(after["epoch"] == before["epoch"] + 1 and (change["request"], change["to"]) == (made[0]["name"], after["primary"]),
           f"{before} {after}")
    return after


def check(world, service, client, case):
    caller, which = CASES[case]
    before, earlier = world.stage.settled(f"{client.path}-open"), requests_made(world)
    report = client.call(service, caller, NAMES[client.path][which])
    print(f"     {report}", flush=True)
    expect(report == client.reports[case], f"{report}\n     and not: {client.reports[case]}")
    if case == "switches":
        check_switched(world, client.path, before, earlier)
    else:
        expect(requests_made(world).keys() == earlier.keys(), "a call that was refused left a request")
