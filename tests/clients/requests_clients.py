"""The library requests: as Oracle's document calls the switchover, and as clients of SAP do, who fetch a token first."""
import xml.etree.ElementTree as ElementTree

import requests

from cases import ADMIN, NAMES, Client, check_switched, plain, requests_made
from cluster import expect


def host_header(name):
    """The group's name, when it is not the one that the URL has."""
    return {} if name == "localhost" else {"Host": name}


def error_of(resp, detail):
    try:
        resp.raise_for_status()
    except requests.HTTPError as error:
        return f"HTTPError {str(error).partition(' for url')[0]}: {detail(resp)}"
    return None


def sbc_message(resp):
    return ElementTree.fromstring(resp.text).find("./messages/message[@type='error']").text


def sbc(service, caller, name, version="v1.1"):
    """Oracle's example of Authenticate, then the one of the switchover."""
    headers = {"Accept": "application/xml", **host_header(name)}
    sbcip = f"localhost:{service.port}"
    url = "https://" + sbcip + "/rest/v1.1/auth/token"
    resp = requests.post(url, headers=headers, auth=(caller.user, caller.password), verify=service.ca)
    error = error_of(resp, sbc_message)
    if error:
        return f"token: {error}"
    token = ElementTree.fromstring(resp.text).find("./data/accessToken").text
    headers = {"Accept": "application/xml", "Authorization": "Bearer " + token, **host_header(name)}
    url = "https://" + sbcip + f"/rest/{version}/admin/switchover"
    resp = requests.post(url, headers=headers, verify=service.ca)
    return error_of(resp, sbc_message) or f"{resp.status_code} {resp.headers['Content-Type']} {len(resp.content)} bytes"


SBC = {
    "switches": "204 application/xml 0 bytes",
    "wrong_secret": "token: HTTPError 401 Client Error: Unauthorized: valid credentials are needed.",
    "stranger": "token: HTTPError 401 Client Error: Unauthorized: valid credentials are needed.",
    "forbidden": "HTTPError 403 Client Error: Forbidden: this request requires administrator privileges.",
    "not_found": "HTTPError 404 Client Error: Not Found: no group has this host name in spec.apis.sbc.",
    "disabled": "HTTPError 400 Client Error: Bad Request: Disabled: planned role changes are disabled "
                "(spec.switchover.enabled is false).",
    "paused": "HTTPError 400 Client Error: Bad Request: Paused: the group is paused (spec.paused)."}


def connector_message(resp):
    return plain(f"{resp.json()['type']} {resp.json()['message']}")


def connector(service, caller, name):
    """Asks for a token at the path with a slash behind it, and sends it with the session's cookie."""
    url = f"{service.url}/api/v1/configuration/connector/haRole"
    with requests.Session() as session:
        session.auth, session.verify, session.headers = (caller.user, caller.password), service.ca, host_header(name)
        fetched = session.head(url + "/", headers={"x-csrf-token": "Fetch"})
        token = {"x-csrf-token": fetched.headers["x-csrf-token"]} if "x-csrf-token" in fetched.headers else {}
        resp = session.post(url, json="shadow", headers=token)
    return error_of(resp, connector_message) or f"{resp.status_code} with {'a token' if token else 'no token'}"


CONNECTOR = {
    "switches": "204 with a token",
    "wrong_secret": "HTTPError 401 Client Error: Unauthorized: UNAUTHORIZED user name and password are needed.",
    "stranger": "HTTPError 401 Client Error: Unauthorized: UNAUTHORIZED user name and password are needed.",
    "forbidden": "HTTPError 403 Client Error: Forbidden: FORBIDDEN rest:reader may not create switchoverrequests in namespace "
                 "clients-STAMP.",
    "not_found": "HTTPError 404 Client Error: Not Found: NOT_FOUND no group has this host name in spec.apis.connector.",
    "disabled": "HTTPError 409 Client Error: Conflict: ILLEGAL_STATE Disabled: planned role changes are disabled "
                "(spec.switchover.enabled is false).",
    "paused": "HTTPError 409 Client Error: Conflict: ILLEGAL_STATE Paused: the group is paused (spec.paused)."}
CLIENTS = {"requests_sbc": Client("sbc", sbc, SBC), "requests_connector": Client("connector", connector, CONNECTOR)}


def test_requests_knows_no_other_authority(_, service):
    try:
        requests.post(f"{service.url}/rest/v1.1/auth/token", auth=(ADMIN.user, ADMIN.password))
    except requests.exceptions.SSLError:
        return
    raise AssertionError("the server's certificate was not looked at")


def test_requests_sbc_versions(world, service):
    """Both versions of the documents are served; another one is not, as they say."""
    before, earlier = world.stage.settled("sbc-open"), requests_made(world)
    expect(sbc(service, ADMIN, NAMES["sbc"]["open"], "v1.2") == SBC["switches"], "v1.2")
    check_switched(world, "sbc", before, earlier)
    report = sbc(service, ADMIN, NAMES["sbc"]["open"], "v2.0")
    expect(report == "HTTPError 404 Client Error: Not Found: the versions are v1.1 and v1.2.", report)


def test_requests_connector_without_the_token(world, service):
    """With the session's cookie alone nothing is changed."""
    url = f"{service.url}/api/v1/configuration/connector/haRole"
    earlier = requests_made(world)
    with requests.Session() as session:
        session.auth, session.verify = (ADMIN.user, ADMIN.password), service.ca
        session.head(url, headers={"x-csrf-token": "Fetch"}).raise_for_status()
        resp = session.post(url, json="shadow")
        expect(resp.status_code == 403 and resp.headers["x-csrf-token"] == "Required", f"{resp.status_code} {resp.text}")
        expect(session.get(url).json() == "master", "it is read without")
    expect(requests_made(world).keys() == earlier.keys(), "a request was made")
