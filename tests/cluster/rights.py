"""Which rights an account has, and which of them it has used, as the API server's audit log tells."""
import json

RBAC = "/apis/rbac.authorization.k8s.io/v1"


def granted(api, namespace, account):
    """(verb, group, resource) of every rule that is bound to the service account."""
    rights = set()
    for binding in api.get(f"{RBAC}/clusterrolebindings")["items"] + api.get(f"{RBAC}/rolebindings")["items"]:
        if not any(s["kind"] == "ServiceAccount" and s["name"] == account and s.get("namespace") == namespace for s in binding.get("subjects", [])):
            continue
        role = binding["roleRef"]
        where = f"namespaces/{binding['metadata'].get('namespace')}/roles" if role["kind"] == "Role" else "clusterroles"
        for rule in api.get(f"{RBAC}/{where}/{role['name']}")["rules"]:
            rights |= {(v, g, r) for v in rule["verbs"] for g in rule["apiGroups"] for r in rule["resources"]}
    return rights


def used(log, namespace, account):
    """(verb, group, resource) of every request of the service account, and those that were refused."""
    name = f"system:serviceaccount:{namespace}:{account}"
    rights, refused = set(), set()
    with open(log, encoding="utf-8") as lines:
        for line in lines:
            if name not in line:
                continue
            event = json.loads(line)
            thing = event.get("objectRef")
            if event["user"]["username"] != name or not thing or event["stage"] != "ResponseComplete":
                continue
            if "impersonatedUser" in event:  # the rest is the other account's
                rights.add(("impersonate", "", "serviceaccounts"))
                continue
            resource = thing["resource"] + (f"/{thing['subresource']}" if "subresource" in thing else "")
            right = (event["verb"], thing.get("apiGroup", ""), resource)
            rights.add(right)
            if event.get("responseStatus", {}).get("code") == 403:
                refused.add(right)
    return rights, refused


def shown(rights):
    by_resource = {}
    for verb, group, resource in rights:
        by_resource.setdefault(f"{resource}.{group}" if group else resource, set()).add(verb)
    return "\n".join(f"  {resource:45} {' '.join(sorted(verbs))}" for resource, verbs in sorted(by_resource.items()))
