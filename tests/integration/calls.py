"""Calls of the REST paths that need more than a header: credentials, and one vendor's signature."""
import base64
import hashlib
import hmac
import time
import urllib.parse
import uuid

PASSWORD = "correct horse"
ROLE = "/api/v1/configuration/connector/haRole"


def basic(user="admin", password=PASSWORD):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def polardb(action, secret="SK", key="AK", when=None, nonce=None, **more):
    """The target of a call that is signed with HMAC-SHA1."""
    parameters = {"Action": action, "Version": "2017-08-01", "AccessKeyId": key, "SignatureMethod": "HMAC-SHA1",
                  "SignatureVersion": "1.0", "SignatureNonce": nonce or uuid.uuid4().hex,
                  "Timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(when)), **more}

    def encode(s):
        return urllib.parse.quote(s, safe="~")
    joined = "&".join(f"{encode(k)}={encode(v)}" for k, v in sorted(parameters.items()))
    signature = base64.b64encode(hmac.new((secret + "&").encode(), f"POST&%2F&{encode(joined)}".encode(), hashlib.sha1).digest())
    return f"/?{joined}&Signature={encode(signature.decode())}"
