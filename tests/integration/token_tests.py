"""Tokens of log-ins: good at every replica, on one path, for a time. Tests of tls_test.py."""
import base64
import json
import time
import uuid

from cluster import expect
from https_world import CREDENTIALS, signing_key, token
from calls import PASSWORD, ROLE, basic
from runner import STAMP
from stage import until

HERE = {**basic(), "Host": "connector.example.com"}

# A call that changes nothing with a token: 404 when it is good, 401 when not.
LOOKS = {
    "dcs": lambda world, token, port: world.call("POST", "/v2/p1/instances/none/swap", {"X-Auth-Token": token}, port=port),
    "hcx": lambda world, token, port: world.call("GET", f"/hybridity/api/interconnect/tasks/{uuid.uuid4()}",
                                                 {"x-hm-authorization": token}, port=port),
    "sbc": lambda world, token, port: world.call("POST", "/rest/v1.2/admin/switchover",
                                                 {"Host": "nobody.example.com", "Authorization": f"Bearer {token}"}, port=port),
}


def _log_in(world, api, port):
    if api == "dcs":
        user = {"name": "admin", "password": PASSWORD, "domain": {"name": "x"}}
        body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": {"project": {"id": "p1"}}}}
        return world.call("POST", "/v3/auth/tokens", {}, json.dumps(body), port).headers["X-Subject-Token"]
    if api == "hcx":
        body = json.dumps({"username": "admin", "password": PASSWORD})
        return world.call("POST", "/hybridity/api/sessions", {}, body, port).headers["x-hm-authorization"]
    answer = world.call("POST", "/rest/v1.2/auth/token", {**basic(), "Host": "sbc.example.com"}, port=port)
    return answer.body.split("<accessToken>")[1].split("</accessToken>")[0]


def test_token_of_one_replica_is_good_at_the_other_on_its_own_path(world):
    tokens = {(api, port): _log_in(world, api, port) for api in LOOKS for port in world.ports}
    expect(len(set(tokens.values())) == len(tokens), "two tokens are equal")
    for (api, at), given in tokens.items():
        for path, look in LOOKS.items():
            for port in world.ports:
                answer = look(world, given, port)
                expect(answer.status == (404 if path == api else 401), f"a token of {api} on the path of {path}: {answer}")
    answer = world.call("GET", ROLE, {**HERE, "Authorization": f"Bearer {tokens['sbc', world.port]}"})
    expect(answer.status == 401, f"connector: {answer}")


def test_token_switches_at_the_other_replica(world):
    calls = {"dcs": (f"/v2/p1/instances/i-{STAMP}/swap", "X-Auth-Token", "", 204),
             "hcx": (f"/hybridity/api/interconnect/appliances/ha/groups/g-{STAMP}/forceFailover", "x-hm-authorization", "", 202),
             "sbc": ("/rest/v1.2/admin/switchover", "Authorization", "Bearer ", 204)}
    for (api, (target, header, scheme, status)), here, there in zip(calls.items(), world.ports * 2, world.ports[::-1] * 2):
        before = world.primary(api)
        headers = {header: scheme + _log_in(world, api, here), "Host": f"{api}.example.com"}
        answer = world.call("POST", target, headers, port=there)
        expect(answer.status == status, f"{api}: {answer}")
        until(lambda: world.primary(api) != before, f"{api}: {before} has the role still")
        world.stage.settled(api)


def test_token_is_as_documented_and_expires(world):
    key, now = signing_key(), int(time.time())
    for api, look in LOOKS.items():
        def made(user="admin", path=api, expires=now + 600, key=key):
            payload = {"u": user, "a": path, "x": expires, "n": base64.b64encode(uuid.uuid4().bytes).decode()}
            return token(json.dumps(payload).encode(), key)
        for given, status, what in ((made(), 404, "a good one"), (made(expires=now - 1), 401, "expired"), (made(expires=0), 401, "of 1970"),
                                    (made(user="nobody"), 401, "of nobody"), (made(path="all"), 401, "for all paths"),
                                    (made(key=b"wrong"), 401, "of another key"), (made(key=b""), 401, "of an empty key"),
                                    (token(b"[]", key), 401, "no object"), (token(b"\xff", key), 401, "no text"),
                                    (token(b"{}", key), 401, "empty"), ("bt1.", 401, "a prefix"), ("bt1..", 401, "nothing")):
            answer = look(world, given, world.port)
            expect(answer.status == status, f"{api}, {what}: {answer}")
    expired = LOOKS["dcs"](world, token(json.dumps({"u": "admin", "a": "dcs", "x": now - 1}).encode(), key), world.port)
    expect(expired.json()["error_code"] == "DCS.1002", f"{expired}")
    expired = LOOKS["sbc"](world, token(json.dumps({"u": "admin", "a": "sbc", "x": now - 1}).encode(), key), world.port)
    expect("expired" in expired.body and expired.headers["WWW-Authenticate"].startswith("Bearer"), f"{expired}")


def test_tampered_token(world):
    given = _log_in(world, "hcx", world.port)
    for at in range(len(given)):
        # The last digit of base64 has bits that say nothing.
        other = given[:at] + ("A" if given[at] != "A" else "Q") + given[at + 1:]
        answer = LOOKS["hcx"](world, other, world.port)
        expect(answer.status == 401, f"character {at} of {len(given)}: {answer}")
    for other in (given[:-1], given + "A", given + ".", given + "=", given.upper(), given.rpartition(".")[0], given[:-1] + "\t"):
        expect(LOOKS["hcx"](world, other, world.port).status == 401, f"{other} is taken for {given}")


def test_no_token_survives_a_change_of_the_credentials(world):
    given = _log_in(world, "hcx", world.port)
    world.file.write_text(CREDENTIALS + "# changed\n")
    for port in world.ports:
        until(lambda: LOOKS["hcx"](world, given, port).status == 401, "the token is taken still")
        expect(world.call("GET", ROLE, HERE, port=port).status == 200, "a password")
    world.file.write_text(CREDENTIALS)
    for port in world.ports:
        until(lambda: LOOKS["hcx"](world, given, port).status == 404, "the old file does not make it good again")
