"""Alibaba PolarDB: how a call may be written and signed, and what is wrong with one."""
import time
import uuid

from cluster import expect
from outcomes import signatures
from outcomes.actions import not_asked, refuse, switch
from outcomes.cases import add, case
from outcomes.paths import POLARDB
from outcomes.rows import DONE, row

HOST = "polardb.example.com:8443"
FORM = {"Host": HOST, "Content-Type": "application/x-www-form-urlencoded"}
HEALTHY = {"DBClusterId": "pc-healthy"}


# --- forms of a good call

def in_query(world, method):
    return world.send(method, "/?" + signatures.joined(signatures.rpc(method, **HEALTHY)), {"Host": HOST})


def in_form(world, end=""):
    return world.send("POST", "/", FORM, signatures.joined(signatures.rpc(**HEALTHY)) + end)


def in_both(world):
    parameters = signatures.rpc(**HEALTHY)
    form = {k: parameters.pop(k) for k in ("DBClusterId", "Signature", "Timestamp")}
    return world.send("POST", "/?" + signatures.joined(parameters), FORM, signatures.joined(form))


def loosely(world):
    """Decoded and encoded again by the server: a blank as '+', and '!()' as they are."""
    parameters = signatures.rpc(**HEALTHY, OwnerAccount="a b!(c)*'")
    text = signatures.joined(parameters).replace("%20", "+")
    for c in "!()*'":
        text = text.replace(f"%{ord(c):X}", c)
    return world.send("POST", f"/?{text}", {"Host": HOST})


def acs3(world, form="", query=None, **how):
    target, headers, body = signatures.acs3(HOST, form=form, query=query, **how)
    return world.send("POST", target, headers, body)


for title, call in (
        ("GET", lambda w: in_query(w, "GET")),
        ("parameters in the form", in_form),
        ("parameters in the form, and a line end behind it", lambda w: in_form(w, "\n")),
        ("parameters in query and form", in_both),
        ("parameters that are encoded in another way than they are signed", loosely),
        ("signed with ACS3-HMAC-SHA256, parameters in the query", lambda w: acs3(w, query=HEALTHY)),
        ("signed with ACS3-HMAC-SHA256, parameters in the form", lambda w: acs3(w, "DBClusterId=pc-healthy")),
        ("signed with ACS3-HMAC-SHA256, a security token", lambda w: acs3(w, query=HEALTHY, more={"x-acs-security-token": "st"})),
        ("a security token", lambda w: POLARDB.switch(w, "healthy", SecurityToken="st"))):
    add("polardb", DONE, f"healthy; {title}", lambda world, call=call: switch(world, "polardb", "healthy", call=lambda: call(world)))


@case("polardb", DONE, "healthy; Format=XML")
def as_xml(world):
    before = world.stage.settled("healthy")
    answer = POLARDB.switch(world, "healthy", Format="XML")
    expect(answer.status == 200 and answer.header("Content-Type").startswith("text/xml"), f"{answer}")
    root = answer.xml()
    expect(root.tag == "FailoverDBClusterResponse" and [c.tag for c in root] == ["RequestId"], f"{answer}")
    world.stage.ended(answer.header("Baton-Switchover").partition("/")[2])
    expect(world.stage.settled("healthy")["primary"] != before["primary"], "the role has not changed")


@case("polardb", row("polardb", 404, "InvalidDBCluster.NotFound"), "no group has this name; Format=XML")
def error_as_xml(world):
    answer = POLARDB.switch(world, "nowhere", Format="XML")
    not_asked(answer)
    expect(answer.status == 404 and answer.header("Content-Type").startswith("text/xml"), f"{answer}")
    root = answer.xml()
    expect(root.tag == "Error", f"{answer}")
    POLARDB.error({c.tag: c.text or "" for c in root}, "InvalidDBCluster.NotFound")


@case("polardb", DONE, "healthy; a user who may create requests and nothing else")
def maker(world):
    switch(world, "polardb", "healthy", who="maker")


# --- parameters that are wrong

def wrong(title, status, code, **parameters):
    add("polardb", row("polardb", status, code), title, refuse, "polardb", "healthy", status, code, **parameters)


for missing in ("Action", "Version", "DBClusterId"):
    wrong(f"{missing} is missing", 400, "MissingParameter", **{missing: None})
wrong("DBClusterId is empty", 400, "MissingParameter", DBClusterId="")
wrong("another Action", 404, "InvalidAction.NotFound", Action="DescribeDBClusters")
wrong("another Version", 400, "InvalidVersion", Version="2017-08-02")
wrong("TargetZoneType is neither Primary nor Standby", 400, "InvalidTargetZoneType.Malformed", TargetZoneType="Other")
wrong("RollBackForDisaster is no boolean", 400, "InvalidRollBackForDisaster.Malformed", RollBackForDisaster="maybe")
wrong("a ClientToken of 65 characters", 400, "InvalidClientToken.Malformed", ClientToken="t" * 65)
wrong("a ClientToken that is not ASCII", 400, "InvalidClientToken.Malformed", ClientToken="tä")


# --- credentials

def unproved(title, status, code, says, call):
    def run(world):
        with world.unchanged():
            answer = call(world)
            not_asked(answer)
            POLARDB.failed(answer, status, code, says)
    add("polardb", row("polardb", status, code), title, run)


def query(world, parameters):
    return world.send("POST", "/?" + signatures.joined(parameters), {"Host": HOST})


def without(name):
    return lambda world: query(world, {k: v for k, v in signatures.rpc(**HEALTHY).items() if k != name})


def changed(**changes):
    return lambda world: query(world, {**signatures.rpc(**HEALTHY), **changes})


def acs3_changed(form="", **changes):
    def call(world):
        target, headers, body = signatures.acs3(HOST, query=HEALTHY)
        return world.send("POST", target, {**headers, **changes}, form or body)
    return call


MISMATCH = (400, "SignatureDoesNotMatch", "server string to sign is:")
OLD, UNKNOWN = (400, "InvalidTimeStamp.Expired", ""), (404, "InvalidAccessKeyId.NotFound", "")
INCOMPLETE = (400, "IncompleteSignature", "")
for title, answer, call in (
        ("no credentials", (400, "MissingParameter", ""), lambda w: query(w, {**signatures.RPC, **HEALTHY})),
        ("no Signature", (400, "MissingParameter", ""), without("Signature")),
        ("no AccessKeyId", INCOMPLETE, without("AccessKeyId")),
        ("no SignatureNonce", INCOMPLETE, without("SignatureNonce")),
        ("a Timestamp that is none", INCOMPLETE, changed(Timestamp="yesterday")),
        ("another SignatureMethod", INCOMPLETE, changed(SignatureMethod="HMAC-MD5")),
        ("an unknown access key", UNKNOWN, lambda w: POLARDB.switch(w, "healthy", who="unknown")),
        ("an unknown access key, ACS3-HMAC-SHA256", UNKNOWN, lambda w: acs3(w, query=HEALTHY, user="unknown")),
        ("a signature with another secret", MISMATCH, lambda w: POLARDB.switch(w, "healthy", secret="other")),
        ("a signature with another secret, ACS3-HMAC-SHA256", MISMATCH, lambda w: acs3(w, query=HEALTHY, secret="other")),
        ("a signature for another cluster", MISMATCH, changed(DBClusterId="pc-elder")),
        ("a signature and a parameter that it does not cover", MISMATCH, changed(TargetDBNodeId="pi-healthy-1")),
        ("a signature of GET on POST", MISMATCH, lambda w: query(w, signatures.rpc("GET", **HEALTHY))),
        ("a signature for another host, ACS3-HMAC-SHA256", MISMATCH, acs3_changed(Host="other.example.com")),
        ("a body that is not the signed one, ACS3-HMAC-SHA256", INCOMPLETE, acs3_changed("TargetDBNodeId=pi-healthy-1")),
        ("a header x-acs-* that is not signed, ACS3-HMAC-SHA256", INCOMPLETE, acs3_changed(**{"x-acs-other": "1"})),
        ("a signature of 16 minutes ago", OLD, lambda w: POLARDB.switch(w, "healthy", when=time.time() - 960)),
        ("a signature of 16 minutes ahead", OLD, lambda w: POLARDB.switch(w, "healthy", when=time.time() + 960)),
        ("a signature of 16 minutes ago, ACS3-HMAC-SHA256", OLD, lambda w: acs3(w, query=HEALTHY, when=time.time() - 960))):
    unproved(title, *answer, call)


@case("polardb", row("polardb", 400, "SignatureDoesNotMatch"), "the message ends in the string that the server has signed")
def string_to_sign(world):
    parameters = signatures.rpc_parameters(**HEALTHY)
    answer = query(world, {**parameters, "Signature": "AAAA"})
    POLARDB.failed(answer, *MISMATCH)
    signed = f"POST&%2F&{signatures.encode(signatures.joined(parameters))}"
    expect(answer.json()["Message"].endswith(f"server string to sign is:{signed}"), f"{answer}")


def replayed(world, call):
    nonce = uuid.uuid4().hex
    switch(world, "polardb", "healthy", call=lambda: call(world, nonce))
    with world.unchanged():
        answer = call(world, nonce)
        not_asked(answer)
        POLARDB.failed(answer, 400, "SignatureNonceUsed")


add("polardb", row("polardb", 400, "SignatureNonceUsed"), "a signed call that is sent again", replayed,
    lambda world, nonce: POLARDB.switch(world, "healthy", nonce=nonce))
add("polardb", row("polardb", 400, "SignatureNonceUsed"), "a signed call that is sent again, ACS3-HMAC-SHA256", replayed,
    lambda world, nonce: acs3(world, query=HEALTHY, nonce=nonce))


@case("polardb", row("polardb", 400, "SignatureNonceUsed"), "a nonce that was used in another call")
def nonce_of_another(world):
    nonce = uuid.uuid4().hex
    refuse(world, "polardb", "paused", 400, "HaStatusNotSupport", "Paused", nonce=nonce)
    refuse(world, "polardb", "healthy", 400, "SignatureNonceUsed", nonce=nonce)


@case("polardb", row("polardb", 403, "Forbidden.RAM"), "a user without the right to create requests")
def forbidden(world):
    for user in ("reader", "nobody"):
        refuse(world, "polardb", "healthy", 403, "Forbidden.RAM", who=user)
    with world.unchanged():
        POLARDB.failed(acs3(world, query=HEALTHY, user="reader"), 403, "Forbidden.RAM")
