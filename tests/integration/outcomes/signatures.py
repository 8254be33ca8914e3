"""Signed calls, as the vendors' clients sign them."""
import base64
import hashlib
import hmac
import time
import uuid
from urllib.parse import quote

RPC = {"Action": "FailoverDBCluster", "Version": "2017-08-01"}


def encode(s):
    return quote(s, safe="~")


def joined(parameters):
    return "&".join(f"{encode(k)}={encode(v)}" for k, v in sorted(parameters.items()))


def _sha256(data):
    return hashlib.sha256(data.encode()).hexdigest()


def _mac(key, data, digest=hashlib.sha256):
    return hmac.new(key if isinstance(key, bytes) else key.encode(), data.encode(), digest).digest()


def _iso(when):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(when))


def unused_second(used=set()):  # noqa: B006
    """These signatures have no nonce: two of the same second would be the same."""
    second = int(time.time())
    while second in used:
        second -= 1
    used.add(second)
    return second


def sdk(path, user="admin", form="huawei", when=None, signed=("host", "x-sdk-date"), secret=None, more=None):
    """Headers of a POST without body, SDK-HMAC-SHA256; form: 'huawei' or 'otc'."""
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(when or unused_second()))
    headers = {"host": "dcs.example.com", "x-sdk-date": date, **(more or {})}
    lines = "".join(f"{name}:{headers[name]}\n" for name in signed)
    canonical = f"POST\n{path}/\n\n{lines}\n{';'.join(signed)}\n{_sha256('')}"
    scope = f"{date[:8]}/eu-de/dcs/sdk_request"
    key, secret = f"AK-{user}", secret or f"SK-{user}"
    if form == "otc":
        signing = f"SDK{secret}".encode()
        for part in scope.split("/"):
            signing = _mac(signing, part)
        signature = _mac(signing, f"SDK-HMAC-SHA256\n{date}\n{scope}\n{_sha256(canonical)}").hex()
        who = f"Credential={key}/{scope}"
    else:
        signature = _mac(secret, f"SDK-HMAC-SHA256\n{date}\n{_sha256(canonical)}").hex()
        who = f"Access={key}"
    names = {"host": "Host", "x-sdk-date": "X-Sdk-Date"}
    return {**{names.get(n, n): v for n, v in headers.items()},
            "Authorization": f"SDK-HMAC-SHA256 {who}, SignedHeaders={';'.join(signed)}, Signature={signature}"}


def rpc_parameters(user="admin", when=None, nonce=None, **parameters):
    """All that HMAC-SHA1 signs; a parameter that is None is left out."""
    everything = {**RPC, "AccessKeyId": f"AK-{user}", "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0",
                  "SignatureNonce": nonce or uuid.uuid4().hex, "Timestamp": _iso(when), **parameters}
    return {k: v for k, v in everything.items() if v is not None}


def rpc_signature(parameters, method="POST", secret="SK-admin"):
    return base64.b64encode(_mac(f"{secret}&", f"{method}&%2F&{encode(joined(parameters))}", hashlib.sha1)).decode()


def rpc(method="POST", user="admin", secret=None, **parameters):
    """The parameters and their signature."""
    everything = rpc_parameters(user, **parameters)
    return {**everything, "Signature": rpc_signature(everything, method, secret or f"SK-{user}")}


def acs3(host, user="admin", query=None, form="", secret=None, when=None, nonce=None, more=None):
    """(target, headers, body) of a POST, ACS3-HMAC-SHA256."""
    digest = _sha256(form)
    headers = {"host": host, "x-acs-action": RPC["Action"], "x-acs-version": RPC["Version"], "x-acs-date": _iso(when),
               "x-acs-signature-nonce": nonce or uuid.uuid4().hex, "x-acs-content-sha256": digest, **(more or {})}
    names = sorted(headers)
    lines = "".join(f"{n}:{headers[n]}\n" for n in names)
    canonical = f"POST\n/\n{joined(query or {})}\n{lines}\n{';'.join(names)}\n{digest}"
    signature = _mac(secret or f"SK-{user}", f"ACS3-HMAC-SHA256\n{_sha256(canonical)}").hex()
    sent = {"Host" if n == "host" else n: v for n, v in headers.items()}
    sent["Authorization"] = f"ACS3-HMAC-SHA256 Credential=AK-{user},SignedHeaders={';'.join(names)},Signature={signature}"
    if form:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    return "/" + (f"?{joined(query)}" if query else ""), sent, form
