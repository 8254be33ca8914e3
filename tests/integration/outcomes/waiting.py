"""Role changes that do not come to their end: what waits for it is told, what was accepted stays so."""
from cluster import expect
from outcomes import rows, slow
from outcomes.actions import held, refuse, request_of
from outcomes.cases import add, case
from outcomes.paths import PATHS
from outcomes.successes import NOT_FOUND
from outcomes.slow import WAITING, task_of
from stage import until

FAILED = {"connector": (409, "ILLEGAL_STATE"), "dcs": (500, "DCS.5094")}
UNAVAILABLE = {"connector": (503, "SERVICE_UNAVAILABLE"), "dcs": (500, "DCS.5000")}


def told(world, path, call, reason):
    PATHS[path].failed(answer := call.answer(), *FAILED[path], reason)
    request_of(world, path, answer)


def failing_hook(world, path):
    with held(world, path, "failing") as call:
        told(world, path, call, "HookFailed")
        call.ended("RolledBack", "HookFailed")
        call.old_primary_stays()


def late_candidate(world, path):
    before = world.primary("late")
    answer = PATHS[path].switch(world, "late")
    PATHS[path].failed(answer, *FAILED[path], "CatchUpTimedOut")
    end = world.stage.ended(request_of(world, path, answer))
    expect((end["phase"], end["reason"]) == ("RolledBack", "CatchUpTimedOut"), f"{end}")
    expect(world.stage.settled("late")["primary"] == before, "the role has changed")


def cancelled(world, path):
    with held(world, path, "stalled") as call:
        world.api.merge(world.stage.path("switchoverrequests", call.name), {"spec": {"cancel": True}})
        told(world, path, call, "CancelledByUser")
        call.ended("Cancelled", "CancelledByUser")
        call.old_primary_stays()


def candidate_gone(world, path):
    with held(world, path, "stalled") as call:
        to = call.status()["to"]
        world.stage.remove_pod(to)
        told(world, path, call, "PodGone")
        call.ended("RolledBack", "PodGone")
        call.old_primary_stays()
    world.stage.pod(to, "stalled", f"127.0.0.{11 + int(to[-1])}")
    world.stage.settled("stalled")


def deleted(world, path):
    """Nobody can say how it ends."""
    with held(world, path, "stalled") as call:
        world.api.delete(world.stage.path("switchoverrequests", call.name))
        answer = call.call.result()
        PATHS[path].failed(answer, *UNAVAILABLE[path], "was deleted")
        expect(answer.header("Baton-Switchover") == f"{world.stage.name}/{call.name}", f"{answer}")
    call.old_primary_stays()
    world.stage.settled("stalled")


def group_deleted(world, path):
    with held(world, path, f"doomed-{path}") as call:
        world.api.delete(world.stage.path("hagroups", f"doomed-{path}"))
        answer = call.call.result()
        PATHS[path].failed(answer, *FAILED[path], "GroupNotFound")
        call.ended("Failed", "GroupNotFound")


def broken_promotion(world, path):
    with held(world, path, f"broken-{path}", "promote") as call:
        told(world, path, call, "HookFailed")
        call.ended("Failed", "HookFailed")


def timed_out(world, path):
    answer, before = world.later(slow.timed_out).result()[path]
    PATHS[path].failed(answer, *FAILED[path], "TimedOut")
    name = answer.header("Baton-Switchover").partition("/")[2]
    end = world.slow.ended(name)
    expect((end["phase"], end["reason"]) == ("RolledBack", "TimedOut"), f"{end}")
    expect(world.primary(f"slow-{path}", world.slow) == before["primary"], "the role has changed")


def accepted_and_rolled_back(world, path):
    """Taken before it fails."""
    with held(world, path, "failing") as call:
        PATHS[path].switched(answer := call.call.result(), "failing")
        expect(request_of(world, path, answer) == call.name, f"{answer}")
        call.answers.set()
        call.ended("RolledBack", "HookFailed")
        call.old_primary_stays()


for waiting in WAITING:
    failed = rows.row(waiting, FAILED[waiting][0])
    unavailable = rows.row(waiting, *UNAVAILABLE[waiting])
    add(waiting, failed, "the demote hook fails: rolled back", failing_hook, waiting)
    add(waiting, failed, "the candidate does not catch up in time: rolled back", late_candidate, waiting)
    add(waiting, failed, "the request is cancelled: rolled back", cancelled, waiting)
    add(waiting, failed, "the candidate's pod vanishes: rolled back", candidate_gone, waiting)
    add(waiting, failed, "the promote hook fails", broken_promotion, waiting)
    add(waiting, failed, "the group is deleted meanwhile", group_deleted, waiting)
    add(waiting, unavailable, "the request is deleted meanwhile", deleted, waiting)
for taken in ("sbc", "polardb"):
    add(taken, rows.row(taken, PATHS[taken].success), "accepted, then the demote hook fails: rolled back", accepted_and_rolled_back, taken)


# --- tasks of HCX

def shows(answer, status, group, percent=None):
    expect(answer.status == 200 and answer.header("Content-Type") == "application/json", f"{answer}")
    body = answer.json()
    expect(set(body) == {"data", "warnings", "errors"} and body["warnings"] == [], f"{answer}")
    data = body["data"]
    expect(data["groupId"] == f"g-{group}" and data["interconnectTaskId"], f"{answer}")
    expect(data["status"] == status and (percent is None or data["percentComplete"] == percent), f"{status}: {answer}")
    expect(bool(body["errors"]) == (status == "FAILED"), f"errors: {answer}")
    return body


@case("hcx", "*Baton* task COMPLETED", "healthy; the task while it goes on and at its end")
def task_completed(world):
    with held(world, "hcx", "stalled") as call:
        PATHS["hcx"].switched(answer := call.call.result(), "stalled")
        uid = answer.json()["data"]["interconnectTaskId"]
        shows(task_of(world, uid), "RUNNING", "stalled")
        call.answers.set()
        until(lambda: task_of(world, uid).json()["data"]["status"] != "RUNNING", "the task does not end")
        shows(task_of(world, uid), "COMPLETED", "stalled", 100)
    world.stage.settled("stalled")


def task_failed(world, group, hook, reason, phase):
    with held(world, "hcx", group, hook) as call:
        PATHS["hcx"].switched(answer := call.call.result(), group)
        uid = answer.json()["data"]["interconnectTaskId"]
        shows(task_of(world, uid), "RUNNING", group)
        call.answers.set()
        call.ended(phase, reason)
        until(lambda: task_of(world, uid).json()["data"]["status"] != "RUNNING", "the task does not end")
        body = shows(task_of(world, uid), "FAILED", group, 100)
        expect(len(body["errors"]) == 1 and body["errors"][0]["code"] == reason, f"{body}")
        if phase == "RolledBack":
            call.old_primary_stays()


add("hcx", "*Baton* task FAILED", "accepted, then fencing fails, which is required: rolled back", task_failed, "fenced", "demote",
    "FencingFailed", "RolledBack")
add("hcx", "*Baton* task FAILED", "accepted, then the promote hook fails", task_failed, "broken-hcx", "promote", "HookFailed", "Failed")


@case("hcx", rows.row("hcx", 404), "no task has this id")
def no_task(world):
    answer = task_of(world, "00000000-0000-4000-8000-000000000000")
    PATHS["hcx"].failed(answer, 404, "NotFound")


def task_refused(world, status, **headers):
    request = next(iter(world.requests(group="stalled").values()))
    PATHS["hcx"].failed(task_of(world, request["metadata"]["uid"], **headers), status)


@case("hcx", "*Baton* task COMPLETED", "a task is asked for by a user who may get the group and nothing else")
def task_of_reader(world):
    request = next(r for r in world.requests(group="stalled").values() if r["status"]["phase"] == "Succeeded")
    answer = task_of(world, request["metadata"]["uid"], **{"x-hm-authorization": "token-of-reader"})
    expect(answer.status == 200 and answer.json()["data"]["status"] == "COMPLETED", f"{answer}")


def unknown_again(world, path, status, code):
    refuse(world, path, "doomed-dcs", status, code)


for path, answer in NOT_FOUND.items():
    add(path, rows.row(path, *answer), "the group was deleted", unknown_again, path, *answer)
add("hcx", rows.row("hcx", 401), "a task is asked for without credentials", task_refused, 401, Accept="*/*")
add("hcx", rows.row("hcx", 403), "a task is asked for without the right to get the group", task_refused, 403,
    **{"x-hm-authorization": "token-of-maker"})
