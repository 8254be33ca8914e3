"""Other methods, unknown paths, requests that are too large; calls that come too often."""
import time

from calls import basic
from cluster import expect
from outcomes import credentials, signatures
from outcomes.actions import not_asked
from outcomes.cases import add, case
from outcomes.credentials import token_of
from outcomes.paths import CONNECTOR, DCS, HA_ROLE, HCX, PATHS, POLARDB, SBC, host
from stage import until

ALL = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
TASK = "/hybridity/api/interconnect/tasks/0"
# path, target, headers, body, methods that there are
SERVED = (
    ("connector", HA_ROLE, {**basic(), "Host": host("healthy")}, '"shadow"', "GET, HEAD, POST"),
    ("dcs", DCS.target("healthy"), {"X-Auth-Token": token_of("admin")}, None, "POST"),
    ("dcs", "/v3/auth/tokens", {"Content-Type": "application/json"}, credentials.keystone(), "POST"),
    ("hcx", HCX.target("healthy"), {"x-hm-authorization": token_of("admin")}, None, "POST"),
    ("hcx", TASK, {"x-hm-authorization": token_of("admin")}, None, "GET, HEAD"),
    ("hcx", "/hybridity/api/sessions", {"Content-Type": "application/json"}, credentials.hcx(), "POST"),
    ("sbc", "/rest/v1.2/admin/switchover", {"Host": host("healthy"), "Authorization": f"Bearer {token_of('admin')}"}, None, "POST"),
    ("sbc", "/rest/v1.2/auth/token", {**basic(), "Host": host("healthy")}, None, "POST"),
    ("polardb", "/", {"Host": "polardb.example.com"}, None, "GET, POST"),
)
CODES = {"connector": "METHOD_NOT_ALLOWED", "dcs": "DCS.4001", "hcx": "MethodNotAllowed", "sbc": "", "polardb": "UnsupportedHTTPMethod"}


def target_for(path, target, method):
    """Signed for this very method."""
    if path != "polardb":
        return target
    return "/?" + signatures.joined(signatures.rpc(method, DBClusterId="pc-healthy"))


def not_allowed(world, path, target, headers, body, allowed, method):
    with world.unchanged():
        answer = world.send(method, target_for(path, target, method), headers, body if method not in ("HEAD", "GET") else None)
        not_asked(answer)
        expect(answer.status == 405 and answer.header("Allow") == allowed, f"405 {allowed}: {answer}")
        if method == "HEAD":
            expect(not answer.body, f"{answer}")
        else:
            PATHS[path].failed(answer, 405, CODES[path])


for path, target, headers, body, allowed in SERVED:
    shown = target
    for given, name in (("p1/", "{project_id}/"), ("i-healthy", "{instance_id}"), ("g-healthy", "{groupId}"),
                        ("tasks/0", "tasks/{interconnectTaskId}")):
        shown = shown.replace(given, name)
    for method in ALL:
        if method not in allowed.split(", "):
            add(path, "*Baton* 405 and Allow", f"{method} `{shown}`", not_allowed, path, target, headers, body, allowed, method)


@case("all", "*Baton* 405 and Allow", "other methods that are registered: CONNECT, QUERY, PROPFIND, ...")
def registered(world):
    for path, target, headers, body, allowed in SERVED:
        for method in ("CONNECT", "QUERY", "PROPFIND", "LOCK", "VERSION-CONTROL"):
            not_allowed(world, path, target, headers, body, allowed, method)


@case("all", "*Baton* 501", "a method that is not registered")
def no_such_method(world):
    with world.unchanged():
        for _, target, headers, _, _ in SERVED:
            for method in ("NONSENSE", "post", "PURGE"):
                answer = world.send(method, target, headers)
                not_asked(answer)
                expect(answer.status == 501, f"{method} {target}: {answer}")


@case("all", "*Baton* 404", "unknown paths")
def unknown(world):
    with world.unchanged():
        for path in ("/favicon.ico", "/api/v1/configuration/connector", f"{HA_ROLE}/more", f"/x{HA_ROLE}", "/v2/p1/instances/i-healthy",
                     "/v2/p1/instances/i-healthy/restart", f"{DCS.target('healthy')}/", "/v1.0/p1/instances/i-healthy/swap", "/v3/auth",
                     f"{HCX.target('healthy')}/now", "/hybridity/api", "/hybridity/api/interconnect/tasks", "/rest/v1.2/admin",
                     "/rest/v1.2/admin/reboot", "/rest/admin/switchover", "//", "/index.html"):
            for method in ("GET", "POST"):
                headers = {**basic(), "Host": host("healthy"), "X-Auth-Token": token_of("admin")}
                answer = world.send(method, path, headers, '"shadow"' if method == "POST" else None)
                not_asked(answer)
                expect(answer.status == 404, f"{method} {path}: {answer}")


@case("all", "*Baton* `OPTIONS *`", "it switches nothing")
def options_of_all(world):
    with world.unchanged():
        answer = world.send("OPTIONS", "*", {**basic(), "Host": host("healthy")})
        not_asked(answer)
        expect(answer.status in (200, 204, 404, 405), f"{answer}")


@case("all", "*Baton* 413", "a body of more than 64 KiB")
def large_body(world):
    with world.unchanged():
        for framing in ("length", "chunked"):
            answer = world.send("POST", HA_ROLE, {**basic(), "Host": host("healthy")}, f'"{" " * 65535}"', framing=framing)
            expect(answer.status == 413, f"{answer}")


@case("all", "*Baton* 431", "headers of more than 32 KiB")
def large_headers(world):
    with world.unchanged():
        answer = world.send("POST", DCS.target("healthy"), {"X-Auth-Token": token_of("admin"), "X-More": "x" * 33000})
        expect(answer.status == 431, f"{answer}")


# --- too often

TOO_OFTEN = {"connector": (429, "TOO_MANY_REQUESTS"), "dcs": (429, "APIG.0308"), "hcx": (429, "TooManyRequests"), "sbc": (429, ""),
             "polardb": (400, "Throttling.User")}


def throttled(path, answer):
    return "Throttling" in answer.body if path == "polardb" else answer.status == 429


def too_often(world, path):
    """By a user of his own, at a group that refuses: nothing is made before either."""
    def refused_for_that():
        answers = list(world.pool.map(lambda _: PATHS[path].switch(world, "paused", who="eager"), range(40)))
        return next((a for a in answers if throttled(path, a)), None)
    with world.unchanged():
        answer = until(refused_for_that, "nobody is slowed down", seconds=60, pause=0)
        not_asked(answer)
        PATHS[path].failed(answer, *TOO_OFTEN[path])
        expect(int(answer.header("Retry-After")) >= 1, f"Retry-After: {answer}")


@case("all", "*Baton* too often", "a thousand changes at once, then twenty a second, for each user")
def thousand(world):
    began, slowed = time.monotonic(), []

    def some_are_not_taken():
        slowed.extend(throttled("dcs", a) for a in world.pool.map(lambda _: DCS.switch(world, "paused", who="eager"), range(40)))
        return any(slowed)
    until(some_are_not_taken, "nobody is slowed down", seconds=60, pause=0)
    taken, took = slowed.count(False), time.monotonic() - began
    expect(1000 <= taken <= 1040 + 20 * took, f"{taken} were taken in {took:.1f} s")
    for path in (CONNECTOR, HCX, SBC, POLARDB):  # others are not concerned
        expect(not throttled(path.name, path.switch(world, "paused")), "another user is slowed down")


for path, (status, code) in TOO_OFTEN.items():
    add(path, f"*Baton* {status} {code}".rstrip(), "one user calls too often", too_often, path)
