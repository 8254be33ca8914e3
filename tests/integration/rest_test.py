#!/usr/bin/env python3
"""The REST paths against a real API server: each switches a group, and says no in its vendor's words.

Usage: rest_test.py [PART OF A TEST'S NAME]

Environment: BATON_CONTROLLER, the program.
"""
import base64
import json
import sys
import threading
import time
import uuid

sys.dont_write_bytecode = True
from calls import PASSWORD, ROLE, basic, polardb  # noqa: E402
from cluster import Server, expect  # noqa: E402
from runner import STAMP, run_all  # noqa: E402
from stage import until  # noqa: E402
from world import CREDENTIALS, HASH, World  # noqa: E402

APIS = {
    "connector": {"hosts": ["connector.example.com"], "memberHosts": {f"connector-{i}": f"scc-{i}.example.com" for i in range(3)}},
    "dcs": {"projectId": "p1", "instanceId": f"i-{STAMP}"}, "hcx": {"groupId": f"g-{STAMP}"}, "sbc": {"hosts": ["sbc.example.com"]},
    "polardb": {"dbClusterId": f"pc-{STAMP}", "nodeIds": {"polardb-0": "pi-0", "polardb-1": "pi-1"}}}
GROUPS = {name: {"apis": {name: names}} for name, names in APIS.items()}


def test_connector(world):
    before = world.primary("connector")
    master, shadow = before[-1], next(i for i in "012" if i != before[-1])
    for host, role in (("connector.example.com", "master"), (f"scc-{master}.example.com:8443", "master"), (f"scc-{shadow}.example.com", "shadow")):
        answer = world.call("GET", ROLE, {**basic(), "Host": host})
        expect(answer.status == 200 and answer.json() == role, f"{host}: {answer}")
    here = {**basic(), "Host": f"scc-{shadow}.example.com", "Content-Type": "application/json"}
    answer = world.call("POST", ROLE, here, '"shadow"')
    expect(answer.status == 409 and answer.json()["type"] == "ILLEGAL_STATE", f"at a shadow: {answer}")
    here["Host"] = f"scc-{master}.example.com"
    for body, status, kind in (('"master"', 409, "ILLEGAL_STATE"), ('"boss"', 400, "INVALID_REQUEST"), ("shadow", 400, "INVALID_REQUEST")):
        answer = world.call("POST", ROLE, here, body)
        expect(answer.status == status and answer.json()["type"] == kind, f"{body}: {answer}")
    answer = world.call("POST", ROLE, here, '"shadow"\n')
    expect(answer.status == 204 and answer.headers["Baton-Switchover"].startswith(world.stage.name), f"{answer}")
    world.switched("connector", before)
    answer = world.call("GET", ROLE, {**basic("reader"), "Host": f"scc-{master}.example.com"})
    expect(answer.json() == "shadow", f"a reader reads: {answer}")
    answer = world.call("POST", ROLE, {**basic("reader"), "Host": "connector.example.com"}, '"shadow"')
    expect(answer.status == 403, f"a reader: {answer}")
    answer = world.call("GET", ROLE, {**basic("admin", "wrong"), "Host": "connector.example.com"})
    expect(answer.status == 401 and answer.headers["WWW-Authenticate"].startswith("Basic"), f"{answer}")
    expect(world.call("GET", ROLE, {**basic(), "Host": "nobody.example.com"}).status == 404, "an unknown host")


def test_dcs(world):
    before, target = world.primary("dcs"), f"/v2/p1/instances/i-{STAMP}/swap"
    answer = world.call("POST", target, {"X-Auth-Token": "static"})
    expect(answer.status == 204 and answer.headers["X-Request-Id"], f"{answer}")
    world.switched("dcs", before)
    for headers, path, status, code in (({}, target, 401, "DCS.1003"), ({"X-Auth-Token": "no"}, target, 401, "DCS.1001"),
                                        ({"X-Auth-Token": "reading"}, target, 403, "DCS.2003"),
                                        ({"X-Auth-Token": "static"}, target.replace("p1", "p2"), 404, "DCS.3022")):
        answer = world.call("POST", path, headers)
        expect(answer.status == status and answer.json()["error_code"] == code and answer.json()["error_ext_msg"] is None, f"{answer}")
    login = {"auth": {"identity": {"methods": ["password"], "password": {"user": {
        "name": "admin", "password": PASSWORD, "domain": {"name": "x"}}}}, "scope": {"project": {"id": "p1"}}}}
    answer = world.call("POST", "/v3/auth/tokens", {"Content-Type": "application/json"}, json.dumps(login))
    expect(answer.status == 201 and answer.json()["token"]["project"]["id"] == "p1", f"{answer}")
    before = world.primary("dcs")
    answer = world.call("POST", target, {"X-Auth-Token": answer.headers["X-Subject-Token"]})
    expect(answer.status == 204, f"{answer}")
    world.switched("dcs", before)
    world.api.merge(world.stage.path("hagroups", "dcs"), {"spec": {"switchover": {"enabled": False}}})
    answer = until(lambda: (a := world.call("POST", target, {"X-Auth-Token": "static"})).status == 400 and a, "it is not refused")
    expect(answer.json() == {"error_msg": "Master standby swap is not supported.", "error_code": "DCS.4855", "error_ext_msg": None}, f"{answer}")


def test_hcx(world):
    before, target = world.primary("hcx"), f"/hybridity/api/interconnect/appliances/ha/groups/g-{STAMP}/forceFailover"
    answer = world.call("POST", "/hybridity/api/sessions", {}, json.dumps({"username": "admin", "password": PASSWORD}))
    expect(answer.status == 200 and not answer.body, f"{answer}")
    token = {"x-hm-authorization": answer.headers["x-hm-authorization"]}
    answer = world.call("POST", target, token)
    expect(answer.status == 202 and answer.json()["data"]["groupId"] == f"g-{STAMP}", f"{answer}")
    task = answer.json()["data"]["interconnectTaskId"]
    done = until(lambda: (a := world.call("GET", f"/hybridity/api/interconnect/tasks/{task}", token)).json()["data"]["status"] == "COMPLETED" and a,
                 "the task does not end")
    expect(done.status == 200, f"{done}")
    world.switched("hcx", before)
    expect(world.call("POST", target).status == 401 and not world.call("POST", target).body, "nobody")
    answer = world.call("POST", target, {"x-hm-authorization": "reading"})
    expect(answer.status == 403 and not answer.body, f"{answer}")
    expect(world.call("POST", target + "x".replace("x", ""), {"Authorization": "Bearer static"}).status in (202, 409), "a static token")
    expect(world.call("POST", target.replace("g-", "h-"), token).status == 404, "an unknown group")
    world.stage.settled("hcx")


def test_sbc(world):
    before, host = world.primary("sbc"), {"Host": "sbc.example.com", "Accept": "application/xml"}
    answer = world.call("POST", "/rest/v1.2/auth/token", {**host, **basic()})
    expect(answer.status == 200 and "<accessToken>" in answer.body, f"{answer}")
    token = answer.body.split("<accessToken>")[1].split("</accessToken>")[0]
    bearer = {**host, "Authorization": f"Bearer {token}"}
    answer = world.call("POST", "/rest/v1.1/admin/switchover", bearer)
    expect(answer.status == 204 and answer.headers["Content-Type"] == "application/xml", f"{answer}")
    world.switched("sbc", before)
    expect(world.call("POST", "/rest/v9/admin/switchover", bearer).status == 404, "an unknown version")
    expect(world.call("POST", "/rest/v1.2/admin/switchover", host).status == 401, "nobody")
    expect(world.call("POST", "/rest/v1.2/admin/switchover", {**host, "Authorization": "Bearer reading"}).status == 403, "a reader")
    expect(world.call("GET", "/rest/v1.2/admin/switchover", bearer).status == 405, "another method")


def test_polardb(world):
    before, cluster = world.primary("polardb"), f"pc-{STAMP}"
    answer = world.call("POST", polardb("FailoverDBCluster", DBClusterId=cluster))
    expect(answer.status == 200 and uuid.UUID(answer.json()["RequestId"]), f"{answer}")
    world.switched("polardb", before)
    primary = world.primary("polardb")
    node = {"polardb-0": "pi-0", "polardb-1": "pi-1", "polardb-2": "polardb-2"}
    replay = polardb("FailoverDBCluster", DBClusterId="pc-none")
    for target, status, code in (
            (replay, 404, "InvalidDBCluster.NotFound"), (replay, 400, "SignatureNonceUsed"),
            (polardb("FailoverDBCluster", DBClusterId="bad_id"), 404, "InvalidDBClusterId.Malformed"),
            (polardb("FailoverDBCluster", DBClusterId=cluster, TargetDBNodeId="pi-9"), 400, "InvalidDBNodeId.Malformed"),
            (polardb("FailoverDBCluster", DBClusterId=cluster, TargetDBNodeId=node[primary]), 403, "OperationDenied.DBNodeType"),
            (polardb("FailoverDBCluster", DBClusterId=f"g-{STAMP}"), 400, "InvalidDBType.Malformed"),
            (polardb("DropDBCluster", DBClusterId=cluster), 404, "InvalidAction.NotFound"),
            (polardb("FailoverDBCluster", secret="no", DBClusterId=cluster), 400, "SignatureDoesNotMatch"),
            (polardb("FailoverDBCluster", key="no", DBClusterId=cluster), 404, "InvalidAccessKeyId.NotFound"),
            (polardb("FailoverDBCluster", when=time.time() - 1000, DBClusterId=cluster), 400, "InvalidTimeStamp.Expired")):
        answer = world.call("POST", target)
        expect(answer.status == status and answer.json()["Code"] == code, f"{target}: {answer}")
    expect(world.primary("polardb") == primary, "a call that was refused changed something")


def test_same_client_token_twenty_times(world):
    before, cluster = world.stage.settled("polardb"), f"pc-{STAMP}"
    answers, token = [], uuid.uuid4().hex

    def once():
        answers.append(world.call("POST", polardb("FailoverDBCluster", DBClusterId=cluster, ClientToken=token)))
    threads = [threading.Thread(target=once) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expect(all(a.status == 200 for a in answers), [str(a) for a in answers])
    expect(len({a.json()["RequestId"] for a in answers}) == 1, "several switches")
    after = world.switched("polardb", before["primary"])
    expect(after["epoch"] == before["epoch"] + 1, f"{before['epoch']} {after['epoch']}")
    answer = world.call("POST", polardb("FailoverDBCluster", DBClusterId=cluster, ClientToken=token, TargetZoneType="Standby"))
    expect(answer.status == 400 and answer.json()["Code"] == "IdempotentParameterMismatch", f"{answer}")


def test_bad_credentials_are_refused_and_the_old_stay(world):
    world.file.write_text("users: [{name: x}]\n")
    until(lambda: "the new credentials are refused" in world.controllers[0].text(), "it is not told")
    expect("credentials.yaml:1" in world.controllers[0].text(), "the line is not told")
    expect(world.call("GET", ROLE, {**basic(), "Host": "connector.example.com"}).status == 200, "the old ones")
    world.file.write_text("users: []\n")
    until(lambda: world.call("GET", ROLE, {**basic(), "Host": "connector.example.com"}).status == 401, "the new ones are not taken")
    world.file.write_text(CREDENTIALS)
    until(lambda: world.call("GET", ROLE, {**basic(), "Host": "connector.example.com"}).status == 200, "the old ones again")


def test_no_secret_is_told(world):
    text = world.controllers[0].text()
    for secret in (PASSWORD, HASH, "SK", "static\"", base64.b64encode(f"admin:{PASSWORD}".encode()).decode()):
        expect(secret not in text, f"the log holds {secret}")


if __name__ == "__main__":
    with Server("rest") as api_server, World(api_server, "rest", GROUPS) as the_world:
        result = run_all(sys.modules[__name__], the_world, doc=__doc__)
    sys.exit(result)
