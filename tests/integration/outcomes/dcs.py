"""Huawei's and Open Telekom Cloud's DCS: tokens, signatures, Keystone's log-in."""
import time
from datetime import datetime

from calls import basic
from cluster import expect
from outcomes import credentials, signatures
from outcomes.actions import not_asked, refuse, switch
from outcomes.cases import add, case
from outcomes.credentials import session, token_of
from outcomes.paths import DCS, is_json
from outcomes.rows import row

DONE, UNPROVED, FORBIDDEN, MISSING = (row("dcs", status) for status in (204, 401, 403, 404))
TOKENS = "/v3/auth/tokens"
NONE, OLD, BAD = (401, "DCS.1003"), (401, "DCS.1002"), (401, "DCS.1001")


def signed(user="admin", **how):
    return signatures.sdk(DCS.target("healthy"), user, **how)


# --- credentials that are good

def with_headers(world, make):
    switch(world, "dcs", "healthy", headers=make(world))


def login(world, **how):
    answer = keystone(world, credentials.keystone(**how))
    expect(answer.status == 201, f"{answer}")
    return {"X-Auth-Token": answer.header("X-Subject-Token")}


for title, make in (
        ("a token of Keystone's log-in", login),
        ("a signature in Huawei's form", lambda _: signed()),
        ("a signature in Huawei's form over the date alone", lambda _: signed(signed=("x-sdk-date",))),
        ("a signature in Open Telekom Cloud's form", lambda _: signed(form="otc")),
        ("a signature and a security token that is signed", lambda _: signed(
            signed=("host", "x-sdk-date", "x-security-token"), more={"x-security-token": "st"})),
        ("a signature in Open Telekom Cloud's form and a security token that is not signed",
         lambda _: signed(form="otc", more={"x-security-token": "st"}))):
    add("dcs", DONE, f"healthy; {title}", with_headers, make)


# --- and those that are not

def not_proved(world, answer, make):
    refuse(world, "dcs", "healthy", *answer, headers=make())


def tampered(**changes):
    return lambda: {**signed(), **changes}


for title, answer, make in (
        ("no credentials", NONE, dict),
        ("an unknown token", BAD, lambda: {"X-Auth-Token": "unknown"}),
        ("an empty token", BAD, lambda: {"X-Auth-Token": ""}),
        ("a token that has expired", OLD, lambda: {"X-Auth-Token": session("dcs", lasts=-1)}),
        ("a token whose end was changed", BAD, lambda: {"X-Auth-Token": session("dcs", text="other")}),
        ("a token of the path hcx", BAD, lambda: {"X-Auth-Token": session("hcx")}),
        ("a token of a user who is gone", BAD, lambda: {"X-Auth-Token": session("dcs", "gone")}),
        ("Basic", BAD, basic),
        ("an unknown access key", BAD, lambda: signed("unknown")),
        ("a signature with another secret", BAD, lambda: signed(secret="other")),
        ("a signature of another time", BAD, tampered(**{"X-Sdk-Date": time.strftime("%Y%m%dT000000Z")})),
        ("a signature for another host", BAD, tampered(Host="other.example.com")),
        ("a signature in Open Telekom Cloud's form with another secret", BAD, lambda: signed(form="otc", secret="other")),
        ("a signature of 16 minutes ago", OLD, lambda: signed(when=time.time() - 960)),
        ("a signature of 16 minutes ahead", OLD, lambda: signed(form="otc", when=time.time() + 960)),
        ("a signature that does not cover X-Sdk-Date", BAD, lambda: signed(signed=("host",))),
        ("a signature without X-Sdk-Date", BAD, lambda: {k: v for k, v in signed().items() if k != "X-Sdk-Date"})):
    add("dcs", UNPROVED, title, not_proved, answer, make)


@case("dcs", UNPROVED, "a signature for another instance")
def other_instance(world):
    refuse(world, "dcs", "elder", *BAD, headers=signed())


@case("dcs", UNPROVED, "a signed call that is sent again")
def replayed(world):
    for form in ("huawei", "otc"):
        headers = signed(form=form)
        switch(world, "dcs", "healthy", headers=headers)
        refuse(world, "dcs", "healthy", *BAD, headers=headers)


@case("dcs", UNPROVED, "a signed call that was refused is sent again")
def replayed_refusal(world):
    headers = signatures.sdk(DCS.target("paused"))
    refuse(world, "dcs", "paused", 400, "DCS.4026", headers=headers)
    refuse(world, "dcs", "paused", *BAD, headers=headers)


@case("dcs", FORBIDDEN, "a user without the right to create requests, by token, log-in and signature")
def forbidden(world):
    for headers in ({"X-Auth-Token": token_of("reader")}, {"X-Auth-Token": token_of("nobody")}, login(world, user="reader"),
                    signed("reader")):
        refuse(world, "dcs", "healthy", 403, "DCS.2003", headers=headers)


@case("dcs", DONE, "healthy; a user who may create requests and nothing else")
def maker(world):
    switch(world, "dcs", "healthy", who="maker")


# --- the path

@case("dcs", MISSING, "an instance of another project")
def other_project(world):
    refuse(world, "dcs", "healthy", 404, "DCS.3022", project="p2")


@case("dcs", MISSING, "an id that no instance can have")
def malformed(world):
    with world.unchanged():
        for instance in ("%20", "a%2Fb", "..%2F", "i-healthy%00", "x" * 1000):
            answer = world.send("POST", f"/v2/p1/instances/{instance}/swap", {"X-Auth-Token": token_of("admin")})
            not_asked(answer)
            DCS.failed(answer, 404, "DCS.3022")


# --- Keystone

def keystone(world, body, **how):
    return world.send("POST", TOKENS, {"Content-Type": "application/json", "Host": "dcs.example.com:8443"}, body, **how)


@case("dcs", "*Keystone* 201 Created", "log-in with the right password: a token, and a catalog that names this server")
def logged_in(world):
    for framing, end in (("length", ""), ("length", "\n"), ("chunked", "")):
        answer = keystone(world, credentials.keystone() + end, framing=framing)
        expect(answer.status == 201, f"{answer}")
        DCS.has_id(answer)
        token = is_json(answer)["token"]
        expect(answer.header("X-Subject-Token") and token["user"]["name"] == "admin" and token["project"]["id"] == "p1", f"{answer}")
        dcs = [e["url"] for s in token["catalog"] if s["type"] == "dcs" for e in s["endpoints"]]
        expect(dcs and all(url.startswith("http://dcs.example.com:8443/v2") for url in dcs), f"{answer}")
        expires = datetime.fromisoformat(token["expires_at"].replace("Z", "+00:00")).timestamp()
        expect(abs(expires - time.time() - credentials.expiry_of(answer.header("X-Subject-Token"))) < 2, f"{answer}")


def not_logged_in(world, status, code, body):
    DCS.failed(keystone(world, body, source=next(world.addresses)), status, code)


for title, body in (("with a wrong password", credentials.keystone(password="wrong")), ("as an unknown user", credentials.keystone("who"))):
    add("dcs", "*Keystone* 401 Unauthorized", f"log-in {title}", not_logged_in, *BAD, body)
for title, body in (("with a body that is not JSON", "{"), ("without a body", ""), ("without a password", '{"auth": {"identity": {}}}')):
    add("dcs", "*Keystone* 400 Bad Request", f"log-in {title}", not_logged_in, 400, None, body)
