"""The API server takes no request for a group: a policy of the cluster forbids it, or calls it invalid."""
from api import ApiError
from outcomes.actions import refuse
from outcomes.cases import add
from outcomes.refusals import answers
from outcomes.rows import row
from outcomes.unavailable import NOT_NOW
from runner import STAMP
from stage import until

ADMISSION = "/apis/admissionregistration.k8s.io/v1"
GROUPS = {"barred": "Forbidden", "mistaken": "Invalid"}


def policies(world):
    for group, reason in GROUPS.items():
        name = f"{group}-{STAMP}"
        world.api.create(f"{ADMISSION}/validatingadmissionpolicies", {"metadata": {"name": name}, "spec": {
            "matchConstraints": {"resourceRules": [{"apiGroups": ["ha.baton.dev"], "apiVersions": ["*"], "operations": ["CREATE"],
                                                    "resources": ["switchoverrequests"]}]},
            "validations": [{"expression": f"object.spec.groupRef.name != '{group}'", "reason": reason, "message": "not in this week"}]}})
        world.api.create(f"{ADMISSION}/validatingadmissionpolicybindings", {"metadata": {"name": name}, "spec": {
            "policyName": name, "validationActions": ["Deny"],
            "matchResources": {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": world.stage.name}}}}})
    for group in GROUPS:
        until(lambda group=group: denied(world, group), f"{group}: its policy is not in force")


def denied(world, group):
    body = {"apiVersion": "ha.baton.dev/v1alpha1", "kind": "SwitchoverRequest", "metadata": {"name": "try"},
            "spec": {"groupRef": {"name": group}}}
    try:
        world.api.create(world.stage.path("switchoverrequests") + "?dryRun=All", body)
    except ApiError as error:
        return error.code in (403, 422)
    return False


INVALID = {**answers("DCS.4026", "HaStatusNotSupport"), "hcx": (409, "InvalidSpec")}
for path, (status, code) in NOT_NOW.items():
    add(path, row(path, status, code), "a policy of the cluster forbids the request", refuse, path, "barred", status, code,
        "not in this week")
for path, (status, code) in INVALID.items():
    add(path, row(path, status, code), "a policy of the cluster calls the request invalid", refuse, path, "mistaken", status, code,
        "not in this week")
