"""curl as SAP's, VMware's and Oracle's documents call it."""
import json
import re
import subprocess

from cases import ADMIN, MEMBERS, NAMES, READER, Client, check_switched, plain, requests_made
from cluster import expect
from stage import until

ROLE = "/api/v1/configuration/connector/haRole"


def curl(service, host, target, *options):
    """(exit code, status, body). With --fail-with-body its exit code tells of errors; -q: nobody's own settings."""
    port = service.port
    done = subprocess.run(
        ["curl", "-q", "-sS", "--fail-with-body", "--cacert", service.ca, "--resolve", f"{host}:{port}:127.0.0.1",
         "-w", "\n%{http_code}", *options, f"https://{host}:{port}{target}"], text=True, capture_output=True)
    body, _, status = done.stdout.rpartition("\n")
    return done.returncode, int(status), body


def told(code, status, body):
    return plain(f"exit {code}, {status}: {body}")


def set_role(service, caller, host, role='"shadow"'):
    return told(*curl(service, host, ROLE, "-H", "Content-Type: application/json", "-d", role, "-u",
                      f"{caller.user}:{caller.password}", "-X", "POST"))


def read_role(service, caller, host):
    return told(*curl(service, host, ROLE, "-u", f"{caller.user}:{caller.password}"))


def sbc(service, caller, host):
    code, status, body = curl(service, host, "/rest/v1.2/auth/token", "-u", f"{caller.user}:{caller.password}", "-X", "POST",
                              "--header", "Accept: application/xml")
    token = re.search("<accessToken>(.*)</accessToken>", body)
    if not token:
        return told(code, status, body)
    return told(*curl(service, host, "/rest/v1.1/admin/switchover", "-X", "POST", "--header", "Accept: application/xml",
                      "--header", f"Authorization: Bearer {token[1]}"))


def hcx_login(service, caller):
    """The token, or what curl says."""
    body = json.dumps({"username": caller.user, "password": caller.password})
    code, status, answer = curl(service, "localhost", "/hybridity/api/sessions", "-i", "-d", body)
    token = re.search(r"^x-hm-authorization: (\S+)", answer, re.M | re.I)
    return token and token[1], told(code, status, answer.rpartition("\n\n")[2])


def failover(service, authorization, group):
    return curl(service, "localhost", f"/hybridity/api/interconnect/appliances/ha/groups/{group}/forceFailover", "-X", "POST",
                "-H", f"Authorization: {authorization}")


def hcx(service, caller, group):
    token, answer = hcx_login(service, caller)
    return told(*failover(service, token, group)) if token else answer


def xml(message):
    return (f'<?xml version="1.0" encoding="UTF-8"?><response><data/><messages><message type="error">{message}</message>'
            "</messages><links/></response>")


DISABLED = "Disabled: planned role changes are disabled (spec.switchover.enabled is false)."
PAUSED = "the group is paused (spec.paused)."
CLIENTS = {
    "curl_connector": Client("connector", set_role, {
        "switches": "exit 0, 204: ",
        "wrong_secret": 'exit 22, 401: {"message":"user name and password are needed.","type":"UNAUTHORIZED"}',
        "forbidden": 'exit 22, 403: {"message":"rest:reader may not create switchoverrequests in namespace clients-STAMP.",'
                     '"type":"FORBIDDEN"}',
        "not_found": 'exit 22, 404: {"message":"no group has this host name in spec.apis.connector.","type":"NOT_FOUND"}',
        "disabled": f'exit 22, 409: {{"message":"{DISABLED}","type":"ILLEGAL_STATE"}}',
        "paused": f'exit 22, 409: {{"message":"Paused: {PAUSED}","type":"ILLEGAL_STATE"}}'}),
    "curl_sbc": Client("sbc", sbc, {
        "switches": "exit 0, 204: ",
        "wrong_secret": f"exit 22, 401: {xml('valid credentials are needed.')}",
        "forbidden": f"exit 22, 403: {xml('this request requires administrator privileges.')}",
        "not_found": f"exit 22, 404: {xml('no group has this host name in spec.apis.sbc.')}",
        "disabled": f"exit 22, 400: {xml(DISABLED)}", "paused": f"exit 22, 400: {xml('Paused: ' + PAUSED)}"}),
    "curl_hcx": Client("hcx", hcx, {
        "switches": 'exit 0, 202: {"data":{"groupId":"g-STAMP","interconnectTaskId":"UUID"},"errors":[],"warnings":[]}',
        "wrong_secret": "exit 22, 401: ", "stranger": "exit 22, 401: ", "forbidden": "exit 22, 403: ",
        "not_found": 'exit 22, 404: {"errors":[{"code":"NotFound","message":"there is no HA group none."}]}',
        "paused": f'exit 22, 409: {{"errors":[{{"code":"Paused","message":"{PAUSED}"}}]}}'})}


def test_curl_connector_roles(world, service):
    """Each member answers for itself; only the master takes the order, and no word but "shadow"."""
    primary = world.stage.settled("connector-open")["primary"]
    for pod, host in MEMBERS.items():
        role = "master" if pod == primary else "shadow"
        answer = read_role(service, READER, host)
        expect(answer == f'exit 0, 200: "{role}"', f"{host}: {answer}")
    shadow = next(host for pod, host in MEMBERS.items() if pod != primary)
    for host, role, status, kind in (
            (shadow, '"shadow"', 409, "ILLEGAL_STATE"), (MEMBERS[primary], '"master"', 409, "ILLEGAL_STATE"),
            ("localhost", '"boss"', 400, "INVALID_REQUEST"), ("localhost", "shadow", 400, "INVALID_REQUEST")):
        answer = set_role(service, ADMIN, host, role)
        expect(answer.startswith(f"exit 22, {status}: ") and f'"type":"{kind}"' in answer, f"{role} at {host}: {answer}")


def test_curl_hcx_task(world, service):
    """The value of Authorization in each form; the task says how the failover ended."""
    before, earlier = world.stage.settled("hcx-open"), requests_made(world)
    for value in ("wrong", "Bearer wrong", "Basic d3Jvbmc6d3Jvbmc=", ""):
        expect(told(*failover(service, value, NAMES["hcx"]["open"])) == "exit 22, 401: ", value)
    body = json.loads(failover(service, f"Bearer {ADMIN.token}", NAMES["hcx"]["open"])[2])
    target = f"/hybridity/api/interconnect/tasks/{body['data']['interconnectTaskId']}"

    def ended():
        code, _, answer = curl(service, "localhost", target, "-H", f"Authorization: {ADMIN.token}")
        return code == 0 and json.loads(answer)["data"]["status"] == "COMPLETED"
    until(ended, "the task does not end")
    check_switched(world, "hcx", before, earlier)
