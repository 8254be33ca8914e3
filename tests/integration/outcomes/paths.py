"""The five paths: the call that switches a group, and the forms of the vendor's answers to it."""
import json
import re

from calls import basic
from cluster import expect
from outcomes import rows, signatures
from outcomes.credentials import token_of

HA_ROLE = "/api/v1/configuration/connector/haRole"
UUID = r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}"


def host(group):
    return f"{group}.example.com"


def is_json(answer, kind="application/json"):
    expect(answer.header("Content-Type") == kind, f"Content-Type: {answer}")
    return answer.json()


def no_body(answer, status):
    expect(answer.status == status and not answer.body, f"{status} without a body: {answer}")


class Connector:
    name, waits = "connector", True
    success = 204

    def apis(self, group, members):
        return {"hosts": [host(group)], "memberHosts": {f"{group}-{i}": host(f"{group}-{i}") for i in range(members)}}

    def switch(self, world, group, who="admin", body='"shadow"', more=None, headers=None, **how):
        sent = {**(headers or basic(who)), "Host": host(group), "Content-Type": "application/json", **(more or {})}
        return world.send("POST", HA_ROLE, sent, body, **how)

    def switched(self, answer, _):
        no_body(answer, 204)

    def failed(self, answer, status, code, says=""):
        expect(answer.status == status, f"{status} {code}: {answer}")
        body = is_json(answer)
        expect(set(body) == {"type", "message"} and body["type"] == code, f"{code}: {answer}")
        expect(body["message"] and says in body["message"], f"'{says}' in the message: {answer}")


class Dcs:
    name, waits = "dcs", True
    success = 204

    def apis(self, group, _):
        return {"projectId": "p1", "instanceId": f"i-{group}"}

    def target(self, group, project="p1"):
        return f"/v2/{project}/instances/i-{group}/swap"

    def switch(self, world, group, who="admin", headers=None, project="p1", **how):
        sent = {"X-Auth-Token": token_of(who)} if headers is None else headers
        return world.send("POST", self.target(group, project), sent, **how)

    def switched(self, answer, _):
        no_body(answer, 204)
        self.has_id(answer)

    def failed(self, answer, status, code, says=""):
        expect(answer.status == status, f"{status} {code}: {answer}")
        self.has_id(answer)
        body = is_json(answer)
        fields = set(body) - {"error"}  # of a log-in in Keystone's form, too
        expect(fields == {"error_msg", "error_code", "error_ext_msg"} and body["error_ext_msg"] is None, f"{answer}")
        expect(code in (None, body["error_code"]) and len(body["error_code"]) <= 9, f"{code}: {answer}")
        expect(0 < len(body["error_msg"]) <= 1024 and says in body["error_msg"], f"'{says}' in error_msg: {answer}")
        if code == "DCS.4855":
            expect(body["error_msg"] == "Master standby swap is not supported.", f"{answer}")

    @staticmethod
    def has_id(answer):
        expect(answer.header("X-Request-Id"), f"X-Request-Id: {answer}")


class Hcx:
    name, waits = "hcx", False
    success = 202

    def apis(self, group, _):
        return {"groupId": f"g-{group}"}

    def target(self, group):
        return f"/hybridity/api/interconnect/appliances/ha/groups/g-{group}/forceFailover"

    def switch(self, world, group, who="admin", headers=None, **how):
        sent = {"x-hm-authorization": token_of(who)} if headers is None else headers
        return world.send("POST", self.target(group), sent, **how)

    def switched(self, answer, group):
        expect(answer.status == 202, f"202: {answer}")
        body = is_json(answer)
        expect(set(body) == {"data", "warnings", "errors"} and body["warnings"] == body["errors"] == [], f"{answer}")
        expect(set(body["data"]) == {"interconnectTaskId", "groupId"} and body["data"]["interconnectTaskId"], f"{answer}")
        expect(body["data"]["groupId"] == f"g-{group}", f"{answer}")

    def failed(self, answer, status, code="", says=""):
        expect(answer.status == status, f"{status} {code}: {answer}")
        if status in (401, 403):
            expect(answer.header("Content-Type") == "application/json" and not answer.body, f"no body: {answer}")
            return
        body = is_json(answer)
        expect(set(body) == {"errors"} and len(body["errors"]) == 1, f"errors and nothing else: {answer}")
        expect(set(body["errors"][0]) == {"code", "message"} and body["errors"][0]["code"] == code, f"{code}: {answer}")
        expect(says in body["errors"][0]["message"], f"'{says}' in the message: {answer}")


class Sbc:
    name, waits = "sbc", False
    success = 204

    def apis(self, group, _):
        return {"hosts": [host(group)]}

    def switch(self, world, group, who="admin", headers=None, version="v1.2", accept="application/xml", **how):
        sent = {"Authorization": f"Bearer {token_of(who)}"} if headers is None else headers
        return world.send("POST", f"/rest/{version}/admin/switchover", {"Host": host(group), "Accept": accept, **sent}, **how)

    def switched(self, answer, _):
        no_body(answer, 204)
        expect(answer.header("Content-Type") == "application/xml", f"Content-Type: {answer}")

    def failed(self, answer, status, _="", says=""):
        expect(answer.status == status, f"{status}: {answer}")
        expect(answer.header("Content-Type") == "application/xml", f"Content-Type: {answer}")
        root = answer.xml()
        expect(root.tag == "response" and [c.tag for c in root] == ["data", "messages", "links"], f"{answer}")
        messages = root.findall("messages/message")
        expect(len(messages) == 1 and messages[0].get("type") == "error", f"one error: {answer}")
        expect(messages[0].text and says in messages[0].text, f"'{says}' in the message: {answer}")


class Polardb:
    name, waits = "polardb", False
    success = 200
    json_type = "application/json;charset=utf-8"

    def apis(self, group, members):
        return {"dbClusterId": f"pc-{group}", "nodeIds": {f"{group}-{i}": f"pi-{group}-{i}" for i in range(members)}}

    def switch(self, world, group, who="admin", framing="length", source=None, port=None, **parameters):
        parameters = signatures.rpc(user=who, **{"DBClusterId": f"pc-{group}", **parameters})
        sent = {"Host": "polardb.example.com:8443"}
        return world.send("POST", f"/?{signatures.joined(parameters)}", sent, framing=framing, source=source, port=port)

    def switched(self, answer, _):
        expect(answer.status == 200, f"200: {answer}")
        body = is_json(answer, self.json_type)
        expect(set(body) == {"RequestId"} and re.fullmatch(UUID, body["RequestId"]), f"{answer}")

    def failed(self, answer, status, code, says=""):
        expect(answer.status == status, f"{status} {code}: {answer}")
        self.error(is_json(answer, self.json_type), code, says)

    @staticmethod
    def error(body, code, says=""):
        expect(set(body) == {"RequestId", "HostId", "Code", "Message", "Recommend"}, f"{body}")
        expect(body["Code"] == code and re.fullmatch(UUID, body["RequestId"]) and body["HostId"], f"{code}: {body}")
        if code in rows.POLARDB:
            expect(body["Message"] == rows.POLARDB[code][1], f"the documented message: {body}")
        expect(body["Message"] and says in json.dumps(body), f"'{says}' in {body}")


PATHS = {p.name: p for p in (Connector(), Dcs(), Hcx(), Sbc(), Polardb())}
CONNECTOR, DCS, HCX, SBC, POLARDB = PATHS.values()
