"""What kubectl shows of the two kinds, and who may write which part of them."""
import yaml

from kubernetes import Refused, expect


def table(text):
    """kubectl's table as lists of cells; none of our cells is empty or has a space."""
    return [line.split() for line in text.splitlines() if line]


def group(name, **spec):
    return yaml.safe_dump({"apiVersion": "ha.baton.dev/v1alpha1", "kind": "HaGroup", "metadata": {"name": name},
                           "spec": {"selector": {"matchLabels": {"app": name}}, **spec}})


def request(name, group_name, **spec):
    return yaml.safe_dump({"apiVersion": "ha.baton.dev/v1alpha1", "kind": "SwitchoverRequest", "metadata": {"name": name},
                           "spec": {"groupRef": {"name": group_name}, **spec}})


def patch_status(kubectl, what, status):
    return kubectl("patch", what, "--subresource=status", "--type=merge", "--patch", yaml.safe_dump({"status": status}))


def test_columns_of_hagroups(kubectl):
    kubectl("create", "-f", "-", stdin=group("columns"))
    patch_status(kubectl, "hag/columns", {"primary": "columns-0", "epoch": 4, "readyMembers": "2/3", "phase": "Degraded"})
    for name in ("hag", "hagroup", "hagroups"):
        header, row = table(kubectl("get", name, "columns"))
        expect(header == ["NAME", "PRIMARY", "EPOCH", "READY", "PHASE", "AGE"], header)
        expect(row[:-1] == ["columns", "columns-0", "4", "2/3", "Degraded"], row)


def test_columns_of_requests(kubectl):
    kubectl("create", "-f", "-", stdin=request("columns", "orders", mode="Forced"))
    patch_status(kubectl, "sor/columns", {"from": "orders-0", "to": "orders-1", "phase": "Failed", "reason": "HookFailed"})
    for name in ("sor", "switchover", "switchoverrequests"):
        header, row = table(kubectl("get", name, "columns"))
        expect(header == ["NAME", "GROUP", "MODE", "FROM", "TO", "PHASE", "REASON", "AGE"], header)
        expect(row[:-1] == ["columns", "orders", "Forced", "orders-0", "orders-1", "Failed", "HookFailed"], row)


def test_get_all_shows_groups_and_no_requests(kubectl):
    kubectl("create", "-f", "-", stdin=group("all"))
    kubectl("create", "-f", "-", stdin=request("all", "all"))
    shown = kubectl("get", "all")
    expect("hagroup.ha.baton.dev/all" in shown and "switchoverrequest" not in shown, shown)


def test_requests_of_a_group_by_field_selector(kubectl):
    for name, of in (("field-1", "field-a"), ("field-2", "field-b")):
        kubectl("create", "-f", "-", stdin=request(name, of))
    patch_status(kubectl, "sor/field-2", {"phase": "Queued"})
    expect(kubectl("get", "sor", "--field-selector=spec.groupRef.name=field-a", "-o", "name").split("/")[1:] == ["field-1\n"], "by group")
    expect(kubectl("get", "sor", "--field-selector=status.phase=Queued", "-o", "name").split("/")[1:] == ["field-2\n"], "by phase")


def test_wait_for_complete(kubectl):
    kubectl("create", "-f", "-", stdin=request("wait", "orders"))
    condition = {"type": "Complete", "status": "True", "reason": "Succeeded", "message": "", "lastTransitionTime": "2026-01-01T00:00:00.000001Z"}
    patch_status(kubectl, "switchover/wait", {"phase": "Succeeded", "conditions": [condition]})
    kubectl("wait", "--for=condition=Complete", "switchover/wait", "--timeout=5s")


def test_spec_cannot_be_written_through_status_nor_status_through_spec(kubectl):
    kubectl("create", "-f", "-", stdin=group("apart"))
    kubectl("patch", "hag/apart", "--subresource=status", "--type=merge", "-p", '{"spec":{"paused":true},"status":{"epoch":3}}')
    kubectl("patch", "hag/apart", "--type=merge", "-p", '{"spec":{"bootstrap":"Manual"},"status":{"epoch":9}}')
    found = kubectl.json("get", "hag/apart")
    expect(found["status"] == {"epoch": 3}, found)
    expect(found["spec"]["paused"] is False and found["spec"]["bootstrap"] == "Manual", found)


def test_generation_counts_spec_only(kubectl):
    kubectl("create", "-f", "-", stdin=group("generation"))
    patch_status(kubectl, "hag/generation", {"epoch": 1})
    expect(kubectl.json("get", "hag/generation")["metadata"]["generation"] == 1, "after status")
    kubectl("patch", "hag/generation", "--type=merge", "-p", '{"spec":{"paused":true}}')
    expect(kubectl.json("get", "hag/generation")["metadata"]["generation"] == 2, "after spec")


def test_large_integers_stay_exact(kubectl):
    kubectl("create", "-f", "-", stdin=group("large"))
    patch_status(kubectl, "hag/large", {"epoch": 2**63 - 1, "members": [{"pod": "a", "position": 2**53 + 1}]})
    status = kubectl.json("get", "hag/large")["status"]
    expect(status == {"epoch": 2**63 - 1, "members": [{"pod": "a", "position": 2**53 + 1}]}, status)


def apply(kubectl, manager, text, *more):
    return kubectl("apply", "--server-side", f"--field-manager={manager}", *more, "-f", "-", stdin=text)


def test_two_field_managers(kubectl):
    """A person applies the spec, Baton the status: neither meets the other's fields."""
    apply(kubectl, "person", group("managers", paused=True))
    status = yaml.safe_load(group("managers"))
    del status["spec"]
    status["status"] = {"phase": "Paused", "primary": "a", "epoch": 1, "members": [{"pod": "a", "role": "primary", "ready": True}]}
    apply(kubectl, "baton-controller", yaml.safe_dump(status), "--subresource=status")
    apply(kubectl, "person", group("managers", paused=False, failover={"mode": "Observe"}))
    status["status"]["epoch"] = 2
    apply(kubectl, "baton-controller", yaml.safe_dump(status), "--subresource=status")
    found = kubectl.json("get", "hag/managers", "--show-managed-fields")
    expect(found["status"] == status["status"], found["status"])
    expect(found["spec"]["failover"]["mode"] == "Observe" and not found["spec"]["paused"], found["spec"])
    owners = {(m["manager"], m.get("subresource")): m["fieldsV1"] for m in found["metadata"]["managedFields"]}
    expect(set(owners) == {("person", None), ("baton-controller", "status")}, owners)
    expect("f:status" not in owners["person", None] and "f:spec" not in owners["baton-controller", "status"], owners)


def test_field_managers_share_a_list_of_members(kubectl):
    """Two writers of one list do not remove each other's members: it is a map by pod."""
    kubectl("create", "-f", "-", stdin=group("shared"))
    status = yaml.safe_load(group("shared"))
    del status["spec"]
    for manager, pod in (("one", "a"), ("two", "b")):
        status["status"] = {"members": [{"pod": pod, "ready": True}]}
        apply(kubectl, manager, yaml.safe_dump(status), "--subresource=status")
    expect([m["pod"] for m in kubectl.json("get", "hag/shared")["status"]["members"]] == ["a", "b"], "members")


def test_same_field_of_another_manager_conflicts(kubectl):
    apply(kubectl, "one", group("conflict", paused=True))
    try:
        apply(kubectl, "two", group("conflict", paused=False))
    except Refused as answer:
        expect(".spec.paused" in str(answer), answer)
    else:
        raise AssertionError("was accepted")
