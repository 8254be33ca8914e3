"""What a replica answers that can't ask the API server; see away.Replica."""
from cluster import expect
from outcomes import connector
from outcomes.actions import not_asked
from outcomes.away import without_api_server
from outcomes.cases import add, case
from outcomes.paths import CONNECTOR, HCX, PATHS
from outcomes.rows import row
from outcomes.waiting import UNAVAILABLE

NOT_NOW = {**UNAVAILABLE, "hcx": (500, "Unavailable"), "sbc": (503, ""), "polardb": (503, "ServiceUnavailable")}
GET_503 = "*Baton* GET: 503 SERVICE_UNAVAILABLE"
EARLY = "the controller has just started, and has not listed the groups"
UNKNOWN = "the API server is away, and can't be asked what the user may"


def replica(world):
    return world.later(without_api_server).result()


def unavailable(world, path, when):
    answers, before, after, took = getattr(replica(world), when)
    PATHS[path].failed(answers[path], *NOT_NOW[path])
    not_asked(answers[path])
    expect(before == after, f"something changed: {before} {after}")
    if not PATHS[path].waits:
        expect(took[path] < 3, f"its clients have given up: {took[path]:.1f} s")


for title, when in ((EARLY, "early"), ("the API server does not answer", "silent"), ("the API server is away", "gone"),
                    (UNKNOWN, "unknown")):
    for path in PATHS:
        add(path, row(path, *NOT_NOW[path]), title, unavailable, path, when)


@case("polardb", row("polardb", 503, "ServiceUnavailable"), "the API server stores the request late: the same ClientToken meets it")
def stored_late(world):
    first, took, made, again, after = replica(world).late
    PATHS["polardb"].failed(first, 503, "ServiceUnavailable", "if it does, late, it is SwitchoverRequest")
    expect(took < 3, f"its clients have given up: {took:.1f} s")
    expect(len(made) == 1 and list(made) == list(after), f"another request was made: {list(made)} {list(after)}")
    expect(again.status == 200 and again.json()["RequestId"] == first.json()["RequestId"], f"{first} {again}")
    expect(again.header("Baton-Switchover").endswith("/" + next(iter(made))), f"{again}")


@case("connector", GET_503, f"GET: {EARLY}")
def read_too_early(world):
    CONNECTOR.failed(replica(world).early_read, 503, "SERVICE_UNAVAILABLE")


@case("hcx", row("hcx", 500), f"a task is asked for: {EARLY}")
def task_too_early(world):
    HCX.failed(replica(world).early_task, 500, "Unavailable")


@case("all", "*Baton* log-in", "the controller has just started: a log-in needs no API server")
def log_in_early(world):
    statuses = {name: answer.status for name, answer in replica(world).early_logins.items()}
    expect(statuses == {"dcs": 201, "hcx": 200, "sbc": 200}, f"{statuses}")


@case("connector", GET_503, "GET: nothing has been heard of the pods for 30 s")
def read_what_may_be_old(world):
    CONNECTOR.failed(replica(world).stale, 503, "SERVICE_UNAVAILABLE", "nothing has been heard of roles")
    expect(replica(world).stale_after < 60, f"it took {replica(world).stale_after:.0f} s")  # a watch lasts 24 at most


@case("connector", connector.rows.READ, "GET while the API server is away: what was known last")
def read_while_away(world):
    connector.says(replica(world).last_read, "master")


@case("connector", GET_503, f"GET: {UNKNOWN}")
def read_without_rights_known(world):
    CONNECTOR.failed(replica(world).unknown_read, 503, "SERVICE_UNAVAILABLE")
