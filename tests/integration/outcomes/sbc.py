"""Oracle SBC: its token, versions, XML and JSON, and HTTPS."""
import socket

from calls import basic
from cluster import expect
from outcomes import credentials
from outcomes.actions import not_asked, refuse, switch
from outcomes.cases import add, case
from outcomes.credentials import session, token_of
from outcomes.paths import SBC, host, is_json, no_body
from outcomes.rows import row

DONE, REFUSED, UNPROVED, FORBIDDEN, MISSING = (row("sbc", status) for status in (204, 400, 401, 403, 404))


def log_in(world, headers, version="v1.2", accept="application/xml", **how):
    return world.send("POST", f"/rest/{version}/auth/token", {"Host": host("healthy"), "Accept": accept, **headers}, **how)


def token(world, user="admin"):
    return log_in(world, basic(user)).xml().findtext("data/accessToken")


@case("sbc", DONE, "healthy; the access token of a log-in")
def with_token(world):
    switch(world, "sbc", "healthy", headers={"Authorization": f"Bearer {token(world)}"})


@case("sbc", DONE, "healthy; version v1.1")
def older_version(world):
    switch(world, "sbc", "healthy", version="v1.1")


@case("sbc", DONE, "healthy; any type is accepted, which gives XML")
def any_type(world):
    switch(world, "sbc", "healthy", accept="*/*")


@case("sbc", DONE, "healthy; only JSON is accepted")
def only_json(world):
    before = world.stage.settled("healthy")
    answer = SBC.switch(world, "healthy", accept="application/json")
    no_body(answer, 204)
    expect(answer.header("Content-Type") == "application/json", f"{answer}")
    world.stage.ended(answer.header("Baton-Switchover").partition("/")[2])
    expect(world.stage.settled("healthy")["primary"] != before["primary"], "the role has not changed")


@case("sbc", DONE, "healthy; a user who may create requests and nothing else")
def maker(world):
    switch(world, "sbc", "healthy", who="maker")


@case("sbc", REFUSED, "spec.paused is true; only JSON is accepted")
def refused_as_json(world):
    with world.unchanged():
        answer = SBC.switch(world, "paused", accept="application/json")
        not_asked(answer)
        expect(answer.status == 400, f"{answer}")
        body = is_json(answer)
        expect(set(body) == {"data", "messages", "links"} and body["messages"][0]["type"] == "error", f"{answer}")
        expect("Paused" in body["messages"][0]["message"], f"{answer}")


def not_proved(world, make):
    answer = refuse(world, "sbc", "healthy", 401, headers=make())
    expect(answer.header("WWW-Authenticate").startswith("Bearer"), f"WWW-Authenticate: {answer}")


for title, make in (
        ("no credentials", dict),
        ("an unknown token", lambda: {"Authorization": "Bearer unknown"}),
        ("an empty token", lambda: {"Authorization": "Bearer "}),
        ("a token that has expired", lambda: {"Authorization": f"Bearer {session('sbc', lasts=-1)}"}),
        ("a token whose end was changed", lambda: {"Authorization": f"Bearer {session('sbc', text='other')}"}),
        ("a token of the path hcx", lambda: {"Authorization": f"Bearer {session('hcx')}"}),
        ("Basic", basic)):
    add("sbc", UNPROVED, title, not_proved, make)


@case("sbc", FORBIDDEN, "a user without the right to create requests, by token and by log-in")
def forbidden(world):
    for given in (token_of("reader"), token_of("nobody"), token(world, "reader")):
        refuse(world, "sbc", "healthy", 403, headers={"Authorization": f"Bearer {given}"})


@case("sbc", MISSING, "versions other than v1.1 and v1.2")
def other_versions(world):
    for version in ("v1", "v1.0", "v1.3", "v2", "1.2", "V1.2", "v1.20", "%20"):
        refuse(world, "sbc", "healthy", 404, version=version)
        SBC.failed(log_in(world, basic(), version), 404)


@case("sbc", "*Baton* token 200", "log-in with the right password: an access token for ten minutes")
def logged_in(world):
    for version in ("v1.1", "v1.2"):
        for framing in ("length", "none", "chunked"):
            answer = log_in(world, basic(), version, framing=framing)
            expect(answer.status == 200 and answer.header("Content-Type") == "application/xml", f"{answer}")
            root = answer.xml()
            expect(root.tag == "response" and [c.tag for c in root] == ["data", "messages", "links"], f"{answer}")
            expect([c.tag for c in root[0]] == ["accessToken"] and not list(root[1]) and not list(root[2]), f"{answer}")
            expect(595 < credentials.expiry_of(root[0][0].text) <= 601, f"{answer}")


@case("sbc", "*Baton* token 200", "log-in; only JSON is accepted")
def logged_in_as_json(world):
    answer = log_in(world, basic(), accept="application/json")
    expect(answer.status == 200 and is_json(answer)["data"]["accessToken"], f"{answer}")


def not_logged_in(world, headers):
    answer = log_in(world, headers, source=next(world.addresses))
    SBC.failed(answer, 401)
    expect(answer.header("WWW-Authenticate").startswith("Basic"), f"WWW-Authenticate: {answer}")


for title, headers in (("a wrong password", basic("admin", "wrong")), ("an unknown user", basic("who")), ("no credentials", {}),
                       ("a Basic header that is not base64", {"Authorization": "Basic ???"}),
                       ("a Bearer token", {"Authorization": f"Bearer {token_of('admin')}"})):
    add("sbc", "*Baton* token 401", f"log-in with {title}", not_logged_in, headers)


def own_address():
    """One that is not loopback, if this host has one; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            s.connect(("192.0.2.1", 9))
        except OSError:
            return None
        return s.getsockname()[0]


@case("sbc", "*Baton* 426 Upgrade Required", "plain HTTP that does not come from loopback")
def plain_http(world):
    source = own_address()
    if not source or source.startswith("127."):
        print("     this host has no address but loopback: not tried")
        return
    answer = refuse(world, "sbc", "healthy", 426, source=source)
    expect("TLS" in answer.header("Upgrade"), f"{answer}")
    answer = log_in(world, basic(), source=source)
    SBC.failed(answer, 426)
    expect(not answer.xml().findtext("data/accessToken"), f"{answer}")
