"""Alibaba's two SDKs for Python: alibabacloud_polardb20170801, which signs in two ways, and the older aliyunsdkcore."""
import asyncio
import json
import re
import uuid

from alibabacloud_polardb20170801.client import Client as AlibabaClient
from alibabacloud_polardb20170801.models import FailoverDBClusterRequest as AlibabaRequest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkpolardb.request.v20170801.FailoverDBClusterRequest import FailoverDBClusterRequest as AliyunRequest

from cases import ADMIN, NAMES, Client, check_switched, plain, requests_made
from cluster import expect

# {case: (status, code, message)}
ERRORS = {
    "wrong_secret": (400, "SignatureDoesNotMatch",
                     "Specified signature is not matched with our calculation. server string to sign is:..."),
    "stranger": (404, "InvalidAccessKeyId.NotFound", "Specified access key is not found."),
    "forbidden": (403, "Forbidden.RAM",
                  "User not authorized to operate on the specified resource, or this API doesn't support RAM."),
    "not_found": (404, "InvalidDBCluster.NotFound", "The DBClusterId provided does not exist in our records."),
    "disabled": (403, "OperationDenied.ClusterCategory", "The operation is not permitted due to cluster category."),
    "paused": (400, "HaStatusNotSupport", "Current DB instance HA status does not support this operation.")}


def request_id(text):
    expect(re.fullmatch(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", text), f"RequestId {text}")
    return plain(text)


def alibaba(service, caller, cluster, signature, asynchronous=False, **parameters):
    """`signature` as the client calls it: none is ACS3-HMAC-SHA256, v2 the one before."""
    client = AlibabaClient(Config(access_key_id=caller.key, access_key_secret=caller.secret, ca=service.ca, protocol="HTTPS",
                                  endpoint=f"localhost:{service.port}", signature_algorithm=signature))
    request = AlibabaRequest(dbcluster_id=cluster, **parameters)
    if asynchronous:
        return asyncio.run(client.failover_dbcluster_async(request))
    return client.failover_dbcluster(request)


def alibaba_report(*arguments, **parameters):
    try:
        answer = alibaba(*arguments, **parameters)
        return f"{type(answer).__name__} {answer.status_code}: RequestId {request_id(answer.body.request_id)}"
    except AlibabaCloudException as error:
        request_id(error.request_id)
        return f"{type(error).__name__} {error.status_code} {error.code}: {plain(error.message)}"


def aliyun(service, caller, cluster, **parameters):
    client = AcsClient(caller.key, caller.secret, "cn-hangzhou", port=service.port, verify=service.ca)
    request = AliyunRequest()
    request.set_endpoint("localhost")
    request.set_protocol_type("https")
    for name, value in {"DBClusterId": cluster, **parameters}.items():
        getattr(request, f"set_{name}")(value)
    return json.loads(client.do_action_with_exception(request))


def aliyun_report(service, caller, cluster):
    try:
        return f"RequestId {request_id(aliyun(service, caller, cluster)['RequestId'])}"
    except ServerException as error:
        request_id(error.get_request_id())
        return f"ServerException {error.get_http_status()} {error.get_error_code()}: {plain(error.get_error_msg())}"


ALIBABA = {"switches": "FailoverDBClusterResponse 200: RequestId UUID",
           **{case: f"ClientException {status} {code}: code: {status}, {message} request id: UUID"
              for case, (status, code, message) in ERRORS.items()}}
ALIYUN = {"switches": "RequestId UUID",
          **{case: f"ServerException {status} {code}: {message}" for case, (status, code, message) in ERRORS.items()},
          # When the server has signed the same text, this client knows that the secret is wrong.
          "wrong_secret": "ServerException 400 InvalidAccessKeySecret: The AccessKeySecret is incorrect. "
                          "Please check your AccessKeyId and AccessKeySecret."}
CLIENTS = {
    "alibabacloud_acs3": Client("polardb", lambda *a: alibaba_report(*a, None), ALIBABA),
    "alibabacloud_acs3_async": Client("polardb", lambda *a: alibaba_report(*a, None, True), ALIBABA),
    "alibabacloud_v1": Client("polardb", lambda *a: alibaba_report(*a, "v2"), ALIBABA),
    "alibabacloud_v1_async": Client("polardb", lambda *a: alibaba_report(*a, "v2", True), ALIBABA),
    "aliyunsdkcore": Client("polardb", aliyun_report, ALIYUN)}


def test_polardb_same_client_token(world, service):
    """Two SDKs and two signatures, one token: one switchover to the node that was named."""
    before, earlier = world.stage.settled("polardb-open"), requests_made(world)
    cluster, token = NAMES["polardb"]["open"], f"a b+c/(!)*'~%{uuid.uuid4().hex}"
    node = next(m["pod"] for m in before["members"] if m["pod"] != before["primary"])
    ids = {alibaba(service, ADMIN, cluster, signature, client_token=token, target_dbnode_id=node).body.request_id
           for signature in (None, "v2")}
    ids.add(aliyun(service, ADMIN, cluster, ClientToken=token, TargetDBNodeId=node)["RequestId"])
    expect(len(ids) == 1, f"{ids}")
    expect(check_switched(world, "polardb", before, earlier)["primary"] == node, "another node was chosen")
    report = alibaba_report(service, ADMIN, cluster, None, client_token=token)
    expect(report.startswith("ClientException 400 IdempotentParameterMismatch: "), report)


def test_polardb_zones(world, service):
    """All nodes are in one zone, which is the original one."""
    report = alibaba_report(service, ADMIN, NAMES["polardb"]["open"], None, target_zone_type="Standby")
    expect(report == ALIBABA["paused"], report)
    before = world.primary("polardb-open")
    report = alibaba_report(service, ADMIN, NAMES["polardb"]["open"], None, roll_back_for_disaster=True)
    expect(report == ALIBABA["switches"], report)
    requests = world.api.get(world.stage.path("switchoverrequests"))["items"]
    expect(any(r["spec"].get("failBack") for r in requests), "no request goes back when the old primary is well again")
    world.switched("polardb-open", before)
    report = alibaba_report(service, ADMIN, NAMES["polardb"]["open"], None, target_zone_type="Elsewhere")
    expect(report.startswith("ClientException 400 InvalidTargetZoneType.Malformed: "), report)
