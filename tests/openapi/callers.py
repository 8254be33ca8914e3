"""How each user of the test proves who he is, on each path: as authentication of the library requests."""
import base64
import hashlib
import hmac
import time
import uuid
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from requests.auth import AuthBase

PASSWORD = "PASSWORD"  # as the examples of docs/openapi.json have it
FORM = "application/x-www-form-urlencoded"


def signed(request, key, secret):
    """Alibaba's first form: HMAC-SHA1 over the parameters of query and form."""
    url = urlsplit(request.url)
    own = {"AccessKeyId": key, "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0", "SignatureNonce": uuid.uuid4().hex,
           "Timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    query = [p for p in parse_qsl(url.query, keep_blank_values=True) if p[0] not in {*own, "Signature"}] + list(own.items())
    form = request.body or b"" if (request.headers.get("Content-Type") or "").startswith(FORM) else b""
    if isinstance(form, bytes):
        form = form.decode()

    def encode(pairs):
        return "&".join(f"{quote(k, safe='~')}={quote(v, safe='~')}" for k, v in pairs)
    text = f"{request.method}&%2F&{quote(encode(sorted(query + parse_qsl(form, keep_blank_values=True))), safe='~')}"
    signature = base64.b64encode(hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha1).digest()).decode()
    return urlunsplit(url._replace(query=encode([*query, ("Signature", signature)])))


class Caller(AuthBase):
    def __init__(self, user, token, key, secret):
        self.user, self.token, self.key, self.secret = user, token, key, secret

    def __call__(self, request):
        path = urlsplit(request.url).path
        if path == "/":
            request.url = signed(request, self.key, self.secret)
        elif path.startswith("/v2/"):
            request.headers["X-Auth-Token"] = self.token
        elif path.startswith("/hybridity/"):
            request.headers["x-hm-authorization"] = self.token
        elif path.endswith("/switchover"):
            request.headers["Authorization"] = f"Bearer {self.token}"
        else:
            request.headers["Authorization"] = "Basic " + base64.b64encode(f"{self.user}:{PASSWORD}".encode()).decode()
        return request


CALLERS = {"Administrator": Caller("Administrator", "static", "AK", "SK"), "reader": Caller("reader", "reading", "RAK", "RSK")}
