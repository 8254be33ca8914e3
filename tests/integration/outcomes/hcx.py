"""VMware HCX: sessions, the forms of their token."""
from calls import basic
from cluster import expect
from outcomes import credentials
from outcomes.actions import not_asked, refuse, switch
from outcomes.cases import add, case
from outcomes.credentials import session, token_of
from outcomes.paths import HCX, no_body
from outcomes.rows import row
from outcomes.slow import task_of

DONE, UNPROVED, FORBIDDEN, MISSING = (row("hcx", status) for status in (202, 401, 403, 404))
SESSIONS = "/hybridity/api/sessions"


def log_in(world, body=None, **how):
    return world.send("POST", SESSIONS, {"Content-Type": "application/json"}, credentials.hcx() if body is None else body, **how)


def token(world):
    return log_in(world).header("x-hm-authorization")


def with_headers(world, make):
    switch(world, "hcx", "healthy", headers=make(world))


for title, make in (
        ("the session's token in x-hm-authorization", lambda w: {"x-hm-authorization": token(w)}),
        ("the session's token as Bearer", lambda w: {"Authorization": f"Bearer {token(w)}"}),
        ("the session's token as it is in Authorization", lambda w: {"Authorization": token(w)}),
        ("Basic", lambda _: basic())):
    add("hcx", DONE, f"healthy; {title}", with_headers, make)


@case("hcx", DONE, "healthy; a user who may create requests and nothing else")
def maker(world):
    switch(world, "hcx", "healthy", who="maker")


def not_proved(world, make):
    refuse(world, "hcx", "healthy", 401, headers=make(), source=next(world.addresses))


for title, make in (
        ("no credentials", dict),
        ("an unknown token", lambda: {"x-hm-authorization": "unknown"}),
        ("an empty token", lambda: {"x-hm-authorization": ""}),
        ("a token that has expired", lambda: {"x-hm-authorization": session("hcx", lasts=-1)}),
        ("a token whose end was changed", lambda: {"Authorization": "Bearer " + session("hcx", text="other")}),
        ("a token of the path dcs", lambda: {"x-hm-authorization": session("dcs")}),
        ("Basic with a wrong password", lambda: basic("admin", "wrong")),
        ("Basic of something that is not base64", lambda: {"Authorization": "Basic ???"})):
    add("hcx", UNPROVED, title, not_proved, make)


@case("hcx", FORBIDDEN, "a user without the right to create requests, by token and by session")
def forbidden(world):
    reader = log_in(world, credentials.hcx("reader")).header("x-hm-authorization")
    for given in (token_of("reader"), token_of("nobody"), reader):
        refuse(world, "hcx", "healthy", 403, headers={"x-hm-authorization": given})


@case("hcx", MISSING, "an id that no group can have")
def malformed(world):
    with world.unchanged():
        for group in ("%20", "a%2Fb", "g-healthy%00", "x" * 1000):
            answer = world.send("POST", f"/hybridity/api/interconnect/appliances/ha/groups/{group}/forceFailover",
                                {"x-hm-authorization": token_of("admin")})
            not_asked(answer)
            HCX.failed(answer, 404, "NotFound")


@case("hcx", "*Baton* session 200", "log-in with the right password: an empty body, the token in x-hm-authorization")
def logged_in(world):
    for framing, end in (("length", ""), ("length", "\n"), ("chunked", "")):
        answer = log_in(world, credentials.hcx() + end, framing=framing)
        no_body(answer, 200)
        expect(answer.header("x-hm-authorization") and answer.header("Content-Type") == "application/json", f"{answer}")


def not_logged_in(world, body):
    HCX.failed(log_in(world, body, source=next(world.addresses)), 401)


for title, body in (("with a wrong password", credentials.hcx(password="wrong")), ("as an unknown user", credentials.hcx("who")),
                    ("with a body that is not JSON", "{"), ("without a body", ""), ("without a password", '{"username": "admin"}')):
    add("hcx", "*Baton* session 401", f"log-in {title}", not_logged_in, body)


def task_unproved(world, headers):
    HCX.failed(task_of(world, "0", **headers), 401)


add("hcx", UNPROVED, "a task is asked for with a token that has expired", task_unproved,
    {"x-hm-authorization": session("hcx", lasts=-3600)})
