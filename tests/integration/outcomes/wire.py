"""One HTTP exchange, with the framing that a client may choose."""
import http.client
import json
import xml.etree.ElementTree as ElementTree


class Answer:
    def __init__(self, answer):
        self.status, self.headers, self.body = answer.status, answer.headers, answer.read().decode()

    def header(self, name):
        return self.headers.get(name, "")

    def json(self):
        return json.loads(self.body)

    def xml(self):
        return ElementTree.fromstring(self.body)

    def __str__(self):
        return f"{self.status} {dict(self.headers)} {self.body}"


def send(port, method, target, headers=None, body=None, framing="length", source=None):
    """framing: 'length' sends Content-Length, also 0 for a POST without body; 'none' no length and no body; 'chunked'."""
    headers = dict(headers or {})
    data = body.encode() if isinstance(body, str) else body
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=200, source_address=(source, 0) if source else None)
    connection.putrequest(method, target, skip_host="Host" in headers, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    if framing == "chunked":
        connection.putheader("Transfer-Encoding", "chunked")
        data = (b"%x\r\n%s\r\n" % (len(data), data) if data else b"") + b"0\r\n\r\n"
    elif framing == "length" and (data or method == "POST"):
        connection.putheader("Content-Length", str(len(data or b"")))
    connection.endheaders(None if framing == "none" else data)
    try:
        return Answer(connection.getresponse())
    finally:
        connection.close()
