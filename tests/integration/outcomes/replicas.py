"""No leader, a leader that stops, log-ins that have to wait, credentials that are replaced. See slow.Quiet."""
import time

from calls import basic
from cluster import expect
from outcomes import connector, credentials, dcs, hcx, sbc, slow
from outcomes.actions import refuse
from outcomes.away import PAUSED
from outcomes.cases import add, case
from outcomes.paths import HCX, PATHS, host
from outcomes.rows import row
from outcomes.slow import WAITING
from outcomes.unavailable import NOT_NOW
from outcomes.waiting import FAILED, shows, timed_out
from stage import until


def quiet(world):
    return world.later(slow.without_leader).result()


def stopped(world, path):
    answer, before = quiet(world).stopped[path]
    PATHS[path].failed(answer, *NOT_NOW[path], "stopping")
    namespace, _, name = answer.header("Baton-Switchover").partition("/")
    expect(namespace == world.quiet.name and name in world.requests(world.quiet), f"{answer}")
    expect(before["primary"] and name.startswith(f"{path}-"), f"{before} {name}")


def not_taken_up(world, path):
    answer, (_, *before), (requests, *after) = quiet(world).taken[path], quiet(world).before, quiet(world).after
    PATHS[path].failed(answer, *NOT_NOW[path], "nothing has changed")
    expect(answer.header("Baton-Switchover").partition("/")[2] not in requests, "the request was not withdrawn")
    expect(before == after, f"{before} {after}")


def accepted(world, path):
    answer = quiet(world).taken[path]
    PATHS[path].switched(answer, f"quiet-{path}")
    namespace, _, name = answer.header("Baton-Switchover").partition("/")
    expect(namespace == world.quiet.name and name in quiet(world).after[0], f"{answer}")
    end = world.quiet.ended(name)
    expect((end["phase"], end["reason"]) == ("Rejected", "StartDeadlineExceeded"), f"{end}")


for path in WAITING:
    add(path, row(path, *NOT_NOW[path]), "the replica is told to stop while the role changes", stopped, path)
    add(path, row(path, *NOT_NOW[path]), "no controller leads: withdrawn after half a minute", not_taken_up, path)
for path in ("hcx", "sbc", "polardb"):
    add(path, row(path, PATHS[path].success), "no controller leads: accepted; rejected when one leads after its start deadline",
        accepted, path)


@case("hcx", "*Baton* task QUEUED", "no controller leads")
def task_queued(world):
    shows(quiet(world).task, "QUEUED", "quiet-hcx", 0)


@case("hcx", "*Baton* task FAILED", "a controller leads after the start deadline")
def task_late(world):
    body = shows(quiet(world).late, "FAILED", "quiet-hcx", 100)
    expect(body["errors"][0]["code"] == "StartDeadlineExceeded", f"{body}")


# --- log-ins

WRONG = {"connector": lambda w, s: connector.get(w, host("healthy"), basic("admin", "wrong"), source=s),
         "dcs": lambda w, s: dcs.keystone(w, credentials.keystone(password="wrong"), source=s),
         "hcx": lambda w, s: hcx.log_in(w, credentials.hcx(password="wrong"), source=s),
         "sbc": lambda w, s: sbc.log_in(w, basic("admin", "wrong"), source=s)}
ROWS = {"connector": connector.GET_401, "dcs": "*Keystone* 401 Unauthorized", "hcx": "*Baton* session 401", "sbc": "*Baton* token 401"}


def slowed_down(world, path):
    source = next(world.addresses)
    for _ in range(4):
        expect(WRONG[path](world, source).status == 401, "the first four")
    began = time.monotonic()
    answer = WRONG[path](world, source)
    took = time.monotonic() - began
    PATHS[path].failed(answer, 401, {"connector": "UNAUTHORIZED", "dcs": "DCS.1001"}.get(path, ""))
    expect(took >= 0.24, f"answered after {took:.3f} s")


for path, text in ROWS.items():
    add(path, text, "log-in with a fifth wrong password: the answer takes longer", slowed_down, path)


@case("all", "*Baton* log-in", "the credentials file is replaced: no token of a log-in survives it, those of the file do")
def replaced(world):
    given = {"dcs": dcs.login(world), "hcx": {"x-hm-authorization": hcx.token(world)},
             "sbc": {"Authorization": f"Bearer {sbc.token(world)}"}}
    for path, headers in given.items():
        PATHS[path].failed(PATHS[path].switch(world, "paused", headers=headers), *PAUSED[path])
    world.file.write_text(credentials.TEXT + "# replaced\n")
    until(lambda: HCX.switch(world, "paused", headers=given["hcx"]).status == 401, "the tokens survive")
    for path, headers in given.items():
        refuse(world, path, "healthy", 401, "DCS.1001" if path == "dcs" else "", headers=headers)
    for name, path in PATHS.items():
        path.failed(path.switch(world, "paused"), *PAUSED[name])


for path in WAITING:
    add(path, row(path, FAILED[path][0]), "the request's timeoutSeconds are over: rolled back", timed_out, path)


@case("all", "*Baton* SwitchoverRequest", "there is none but those that an answer has named")
def all_are_known(world):
    asked = world.all_asked()
    for stage in (world.stage, world.slow, world.quiet, world.apart):
        for name in world.requests(stage):
            expect(f"{stage.name}/{name}" in asked, f"{name} was made for no call")
