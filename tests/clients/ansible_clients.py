"""Ansible's module uri, all calls in one runbook, because the program takes seconds to start. The module sends no password
before it is asked for one."""
import json
import os
import subprocess
from pathlib import Path

from cases import ADMIN, NAMES, PROJECT, READER, WRONG, check_switched, plain, requests_made
from cluster import expect
from program import LOGS

RUNBOOK = Path(__file__).resolve().parent / "runbook.yaml"
ROLE = "/api/v1/configuration/connector/haRole"


def role(caller, host, body='"shadow"'):
    call = {"target": ROLE, "user": caller.user, "password": caller.password, "body": body}
    return call if host == "localhost" else {**call, "headers": {"Host": host}}


def swap(caller, instance):
    return {"target": f"/v2/{PROJECT}/instances/{instance}/swap", "headers": {"X-Auth-Token": caller.token}}


def failover(caller, group):
    return {"target": f"/hybridity/api/interconnect/appliances/ha/groups/{group}/forceFailover", "status": 202,
            "headers": {"x-hm-authorization": caller.token}}


def failed(status, phrase, said="", wanted=204):
    return f"failed, Status code was {status} and not [{wanted}]: HTTP Error {status}: {phrase} {said}".strip()


def calls():
    """[(call, report)]"""
    connector, dcs, hcx = NAMES["connector"], NAMES["dcs"], NAMES["hcx"]
    no_right = "FORBIDDEN rest:reader may not create switchoverrequests in namespace clients-STAMP."
    no_host = "NOT_FOUND no group has this host name in spec.apis.connector."
    disabled = "ILLEGAL_STATE Disabled: planned role changes are disabled (spec.switchover.enabled is false)."
    no_role = 'INVALID_REQUEST the body must be the JSON string "master" or "shadow".'
    return [
        (role(WRONG, connector["open"]), failed(401, "Unauthorized", "UNAUTHORIZED user name and password are needed.")),
        (role(READER, connector["open"]), failed(403, "Forbidden", no_right)),
        (role(ADMIN, connector["none"]), failed(404, "Not Found", no_host)),
        (role(ADMIN, connector["disabled"]), failed(409, "Conflict", disabled)),
        (role(ADMIN, connector["open"], "shadow"), failed(400, "Bad Request", no_role)),  # sent as it is, which is no JSON
        (role(ADMIN, connector["open"]), "ok, 204 OK (unknown bytes)"),
        ({**role(READER, connector["open"]), "method": "GET", "status": 200}, "ok, 200 OK (8 bytes) master"),
        (swap(WRONG, dcs["open"]), failed(401, "Unauthorized", "DCS.1001 Invalid token.")),
        (swap(READER, dcs["open"]), failed(403, "Forbidden", "DCS.2003 This role does not have the permission to perform this "
                                                             "operation.")),
        (swap(ADMIN, dcs["none"]), failed(404, "Not Found", "DCS.3022 This DCS instance does not exist.")),
        (swap(ADMIN, dcs["disabled"]), failed(400, "Bad Request", "DCS.4855 Master standby swap is not supported.")),
        (swap(ADMIN, dcs["open"]), "ok, 204 OK (unknown bytes)"),
        (failover(WRONG, hcx["open"]), failed(401, "Unauthorized", wanted=202)),
        (failover(READER, hcx["open"]), failed(403, "Forbidden", wanted=202)),
        (failover(ADMIN, hcx["none"]), failed(404, "Not Found", "NotFound there is no HA group none.", 202)),
        (failover(ADMIN, hcx["paused"]), failed(409, "Conflict", "Paused the group is paused (spec.paused).", 202))]


def report(result):
    """What the module registers."""
    said = result.get("json", "")
    if isinstance(said, dict):
        said = (said.get("errors") or [said])[0]
        said = " ".join(said[key] for key in ("type", "error_code", "code", "message", "error_msg") if key in said)
    first = "failed," if result["failed"] else f"ok, {result['status']}"
    return plain(f"{first} {result['msg']} {said}").strip()


def play(service):
    """The results of the calls, and of HCX's failover and task."""
    results, variables = LOGS / "ansible.json", LOGS / "ansible-variables.json"
    variables.write_text(json.dumps({
        "url": service.url, "ca": service.ca, "calls": [call for call, _ in calls()], "user": ADMIN.user,
        "password": ADMIN.password, "hcx": NAMES["hcx"]["open"], "results": str(results)}))
    with open(LOGS / "ansible.log", "wb") as log:
        subprocess.run([f"{os.environ['BATON_CLIENTS']}/bin/ansible-playbook", "-e", f"@{variables}", RUNBOOK], check=True,
                       stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                       cwd=LOGS, env={**os.environ, "ANSIBLE_HOME": str(LOGS / "ansible"), "LC_ALL": "C.UTF-8"})
    return json.loads(results.read_text())


def test_ansible_runbook(world, service):
    paths = ("connector", "dcs", "hcx")
    before, earlier = {path: world.stage.settled(f"{path}-open") for path in paths}, requests_made(world)
    *results, begun, task = play(service)
    wrong = []
    for result, (call, want) in zip(results, calls(), strict=True):
        print(f"     {call['target']}: {report(result)}", flush=True)
        if report(result) != want:
            wrong.append(f"{report(result)}\n     and not: {want}")
    expect(not wrong, "\n     ".join(wrong))
    expect(begun["status"] == 202 and task["json"]["data"]["status"] == "COMPLETED", f"{begun} {task}")
    for path in paths:
        check_switched(world, path, before[path], earlier)
    expect(len(requests_made(world)) == len(earlier) + len(paths), "a call that was refused left a request")
