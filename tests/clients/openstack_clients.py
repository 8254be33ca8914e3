"""OpenStack's SDK, which logs in at Keystone and finds the service in its catalog; with and without Open Telekom Cloud's
extensions. Neither has a call for the swap, so it is posted with their adapter. The extensions sign with an access key only
for their object and file storage, in forms that DCS does not know."""
import logging

import keystoneauth1.exceptions
import openstack
from otcextensions import sdk as otc

from cases import ADMIN, PROJECT, Client, plain
from cluster import expect

SWAP = "/instances/{}/swap"


def connect(service, auth_type="password", region=None, **auth):
    return openstack.connect(load_yaml_config=False, load_envvars=False, cacert=service.ca, auth_type=auth_type,
                             region_name=region, auth=auth)


def log_in(service, caller, region=None):
    return connect(service, region=region, auth_url=f"{service.url}/v3", username=caller.user, password=caller.password,
                   user_domain_name="Default", project_id=PROJECT)


def swap(connection, instance):
    """By the session alone."""
    return connection.session.post(SWAP.format(instance), endpoint_filter={"service_type": "dcs", "interface": "public"})


def otc_swap(connection, instance):
    otc.register_otc_extensions(connection)
    answer = connection.dcs.post(SWAP.format(instance))
    openstack.exceptions.raise_from_response(answer)  # the extensions' own
    return answer


def report(post, login, *more):
    def call(service, caller, instance):
        try:
            return f"{post(login(service, caller, *more), instance).status_code}"
        except openstack.exceptions.HttpException as error:
            return f"{type(error).__name__} {error.status_code}: {error.details}"
        except keystoneauth1.exceptions.HttpError as error:
            text = f", {error.response.text}" if "Unrecognized" in str(error) else ""
            return f"{type(error).__name__}: {plain(error)}{text}"
        except openstack.exceptions.SDKException as error:
            return f"{type(error).__name__}: {plain(error)}"
    return call


def with_token(service, caller):
    return connect(service, "admin_token", endpoint=f"{service.url}/v2/{PROJECT}", token=caller.token)


def unknown(kind, status, code, message):
    """The session knows errors in OpenStack's form only, and its exception has the answer."""
    return (f"{kind}: Unrecognized schema in response body. (HTTP {status}), "
            f'{{"error_code":"{code}","error_ext_msg":null,"error_msg":"{message}"}}')


NO_LOGIN = "SDKException: The request you have made requires authentication. (HTTP 401)"
OTC = {
    "switches": "204", "wrong_secret": NO_LOGIN, "forbidden": "HttpException 403: DCS.2003",
    "not_found": "NotFoundException 404: DCS.3022", "disabled": "BadRequestException 400: DCS.4855",
    "paused": "BadRequestException 400: DCS.4026"}
SESSION = {
    "switches": "204",
    "wrong_secret": "Unauthorized: The request you have made requires authentication. (HTTP 401)",
    "forbidden": unknown("Forbidden", 403, "DCS.2003", "This role does not have the permission to perform this operation."),
    "not_found": unknown("NotFound", 404, "DCS.3022", "This DCS instance does not exist."),
    "disabled": unknown("BadRequest", 400, "DCS.4855", "Master standby swap is not supported."),
    "paused": unknown("BadRequest", 400, "DCS.4026", "This operation is not allowed when the DCS instance is in the current "
                                             "state. Paused: the group is paused (spec.paused).")}
TOKEN = {**SESSION, "wrong_secret": unknown("Unauthorized", 401, "DCS.1001", "Invalid token."),
         "stranger": unknown("Unauthorized", 401, "DCS.1001", "Invalid token.")}
CLIENTS = {
    "otcextensions": Client("dcs", report(otc_swap, log_in), OTC),
    "otcextensions_region": Client("dcs", report(otc_swap, log_in, "eu-de"), {"switches": "204"}),
    "openstacksdk": Client("dcs", report(swap, log_in), SESSION),
    "openstacksdk_token": Client("dcs", report(swap, with_token), TOKEN)}


logging.getLogger("keystoneauth").addHandler(logging.NullHandler())  # instead of stderr


class Told(logging.Handler):
    def __init__(self):
        super().__init__(logging.WARNING)
        self.messages = []

    def emit(self, record):
        self.messages.append(record.getMessage())


def warnings_of(action):
    told, logger = Told(), logging.getLogger("keystoneauth")
    logger.addHandler(told)
    try:
        action()
    finally:
        logger.removeHandler(told)
    return told.messages


def test_openstack_discovers_versions(_, service):
    """It asks auth_url for the versions of the identity service, and warns when it must guess."""
    warnings = warnings_of(lambda: log_in(service, ADMIN).authorize())
    expect(not warnings, f"{warnings}")


def test_openstack_project_of_the_token(_, service):
    connection = log_in(service, ADMIN)
    expect(connection.current_project_id == PROJECT, connection.current_project_id)
    expect(connection.endpoint_for("dcs") == f"{service.url}/v2/{PROJECT}", connection.endpoint_for("dcs"))
    expect(connection.session.get_user_id() == ADMIN.user, connection.session.get_user_id())


def test_openstack_scopes_a_token_anew(_, service):
    """As `openstack --os-auth-type v3token` does: for another project, and for no longer."""
    first = log_in(service, ADMIN)
    token, until = first.authorize(), first.session.auth.get_access(first.session).expires
    again = connect(service, "v3token", auth_url=f"{service.url}/v3", token=token, project_id=PROJECT)
    access = again.session.auth.get_access(again.session)
    expect(again.current_project_id == PROJECT and access.auth_token != token, f"{access}")
    expect(abs((access.expires - until).total_seconds()) <= 1, f"{until}, then {access.expires}")
