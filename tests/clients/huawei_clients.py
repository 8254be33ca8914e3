"""Huawei's SDK, which signs with an access key: one client that waits for the answer, and one with futures."""
import time
import uuid

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ServiceResponseException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkdcs.v2 import ChangeMasterStandbyRequest, DcsAsyncClient, DcsClient

from cases import ADMIN, NAMES, PROJECT, Client, plain
from cluster import expect
from stage import until


def client(kind, service, caller, user_agent):
    config = HttpConfig.get_default_config()
    config.ssl_ca_cert = service.ca
    config.user_agent = user_agent
    return (kind.new_builder().with_http_config(config).with_endpoint(service.url)
            .with_credentials(BasicCredentials(caller.key, caller.secret, PROJECT)).build())


def report(kind, service, caller, instance, user_agent=None):
    """The user agent is signed, the time in whole seconds: so no two calls have the same signature, unless one is given."""
    request = ChangeMasterStandbyRequest(instance_id=instance)
    sdk = client(kind, service, caller, user_agent or uuid.uuid4().hex)
    try:
        if kind is DcsAsyncClient:
            answer = sdk.change_master_standby_async(request).result()
        else:
            answer = sdk.change_master_standby(request)
        return f"{type(answer).__name__} {answer.status_code}"
    except ServiceResponseException as error:
        return (f"{type(error).__name__} {error.status_code} {error.error_code}: {plain(error.error_msg)} "
                f"({plain(error.request_id)})")


REPORTS = {
    "switches": "ChangeMasterStandbyResponse 204",
    "wrong_secret": "ClientRequestException 401 DCS.1001: Invalid token. (UUID)",
    "stranger": "ClientRequestException 401 DCS.1001: Invalid token. (UUID)",
    "forbidden": "ClientRequestException 403 DCS.2003: This role does not have the permission to perform this operation. (UUID)",
    "not_found": "ClientRequestException 404 DCS.3022: This DCS instance does not exist. (UUID)",
    "disabled": "ClientRequestException 400 DCS.4855: Master standby swap is not supported. (UUID)",
    "paused": "ClientRequestException 400 DCS.4026: This operation is not allowed when the DCS instance is in the current "
              "state. Paused: the group is paused (spec.paused). (UUID)"}
CLIENTS = {"huaweicloudsdkdcs": Client("dcs", lambda *a: report(DcsClient, *a), REPORTS),
           "huaweicloudsdkdcs_async": Client("dcs", lambda *a: report(DcsAsyncClient, *a), REPORTS)}


def test_huawei_twice_in_a_second(_, service):
    """Two equal calls of one second have the same signature, and are two calls."""
    def pair():
        second = int(time.time())
        reports = [report(DcsClient, service, ADMIN, NAMES["dcs"]["none"], "test") for _ in range(2)]
        return int(time.time()) == second and reports
    reports = until(pair, "no second is long enough")
    expect(reports == [REPORTS["not_found"]] * 2, f"{reports}")
