"""Who may call: users with and without rights, their passwords, keys and tokens."""
import base64
import hashlib
import hmac
import json
import time
import uuid

from calls import PASSWORD

HASH = "$2b$04$KBCwKxOzLha2MUCJKlm.O.y5v82CBRx7.pnTfVaF6efNO.aoFvN6m"  # of PASSWORD
RIGHTS = {"admin": ["get", "create"], "reader": ["get"], "maker": ["create"], "nobody": [], "eager": ["get", "create"]}


def token_of(user):
    return f"token-of-{user}"


def _entry(user):
    digest = hashlib.sha256(token_of(user).encode()).hexdigest()
    return (f'- name: {user}\n  passwordHash: "{HASH}"\n  kubernetesUser: outcomes:{user}\n'
            f"  accessKeys: [{{id: AK-{user}, secret: SK-{user}}}]\n  tokens: [{{sha256: {digest}}}]\n")


TEXT = "users:\n" + "".join(map(_entry, RIGHTS))


def grant(api, namespace):
    rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
    for user, verbs in RIGHTS.items():
        if not verbs:
            continue
        rules = [{"apiGroups": ["ha.baton.dev"], "resources": ["hagroups", "switchoverrequests"], "verbs": verbs}]
        api.create(f"{rbac}/roles", {"metadata": {"name": user}, "rules": rules})
        api.create(f"{rbac}/rolebindings", {
            "metadata": {"name": user}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": user},
            "subjects": [{"kind": "User", "name": f"outcomes:{user}", "apiGroup": "rbac.authorization.k8s.io"}]})


def _url64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def session(path, user="admin", lasts=600, text=TEXT):
    """A token as a log-in at this path gives it, with an end of one's choice."""
    key = hmac.new(b"baton session tokens", text.encode(), hashlib.sha256).digest()
    payload = {"u": user, "a": path, "x": int(time.time()) + lasts, "n": _url64(uuid.uuid4().bytes * 2)}
    body = "bt1." + _url64(json.dumps(payload).encode())
    return body + "." + _url64(hmac.new(key, body.encode(), hashlib.sha256).digest())


def expiry_of(token):
    """Seconds from now."""
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["x"] - time.time()


def keystone(user="admin", password=PASSWORD, project="p1"):
    who = {"name": user, "password": password, "domain": {"name": "Default"}}
    return json.dumps({"auth": {"identity": {"methods": ["password"], "password": {"user": who}},
                                "scope": {"project": {"id": project}}}})


def hcx(user="admin", password=PASSWORD):
    return json.dumps({"username": user, "password": password})
