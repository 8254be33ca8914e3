"""Requests that are wrong, ambiguous, odd or large, and how each may be answered.

A case is (name, bytes, statuses...): each `statuses` is a list of all answers that may come, in order; [] is a connection
that is closed without one. What follows a request that is refused must never be answered: most cases have a second
request hidden in them, which would take the role from the primary of a group that nobody else touches.
"""
from pace import HOST, ROLE
from calls import basic

AUTHORIZATION = f"Authorization: {basic()['Authorization']}\r\n".encode()
VICTIM = "victim.example.com"
SMUGGLED = (f"POST {ROLE} HTTP/1.1\r\nHost: {VICTIM}\r\n".encode() + AUTHORIZATION + b'Content-Length: 8\r\n\r\n"shadow"')
HOST_LINE = f"Host: {HOST}\r\n".encode()
LAST = b"Connection: close\r\n"
REFUSED, UNKNOWN_CODING = [400], [501]
LIMIT = 32 << 10  # bytes of a head that are taken
PATH = ROLE.encode()


def get(lines=b"", target=PATH, version=b"HTTP/1.1", host=HOST_LINE, method=b"GET"):
    return method + b" " + target + b" " + version + b"\r\n" + host + AUTHORIZATION + lines + b"\r\n"


def post(lines, body=b""):
    """To a path that there is not: 404 tells that it was taken for a whole request."""
    return b"POST /nowhere HTTP/1.1\r\n" + HOST_LINE + lines + b"\r\n" + body


def framing():
    chunks = b"0\r\n\r\n" + SMUGGLED
    size = b"Content-Length: %d\r\n" % len(chunks)
    chunked = b"Transfer-Encoding: chunked\r\n"
    for name, lines in (("length, then chunked", size + chunked), ("chunked, then length", chunked + size),
                        ("length 5 and chunked", b"Content-Length: 5\r\n" + chunked),
                        ("length 0 and chunked", b"Content-Length: 0\r\n" + chunked),
                        ("chunked twice", chunked * 2), ("blank before the colon", b"Transfer-Encoding : chunked\r\n"),
                        ("tab before the colon", b"Transfer-Encoding\t: chunked\r\n"), ("a line feed alone", b"X: y\n" + chunked),
                        ("a carriage return alone", b"X: y\r" + chunked), ("two lengths", size + b"Content-Length: 5\r\n"),
                        ("two lengths, one in capitals", b"CONTENT-LENGTH: 5\r\n" + size), ("the same length twice", size * 2),
                        ("length before a blank", b"Content-Length : 5\r\n")):
        yield name, post(lines, chunks), REFUSED
    for value in (b"xchunked", b"chunked, identity", b"identity", b"identity, chunked", b"gzip, chunked", b"chunked, chunked",
                  b"chunked;x=y", b"\x0bchunked", b"chunked\x0b", b"\"chunked\"", b"chunked,", b""):
        yield f"Transfer-Encoding: {value!r}", post(b"Transfer-Encoding: " + value + b"\r\n", chunks), REFUSED, UNKNOWN_CODING
    for value in (b"5, 6", b"5,5", b"+5", b"-5", b"0x5", b"5 5", b"5.0", b"5e0", b"", b"five", b"5\x00", b"18446744073709551621"):
        yield f"Content-Length: {value!r}", post(b"Content-Length: " + value + b"\r\n", chunks), REFUSED
    yield "a length of 63 bits", post(b"Content-Length: 9223372036854775807\r\n", chunks), [413], REFUSED
    yield "chunked in HTTP/1.0", post(chunked, chunks).replace(b"HTTP/1.1", b"HTTP/1.0", 1), REFUSED
    yield "chunked on a folded line", post(b"X: y\r\n Transfer-Encoding: chunked\r\n" + LAST + size, chunks), REFUSED, [404]
    yield "chunked after a fold", post(b"Transfer-Encoding:\r\n chunked\r\n" + LAST, b"0\r\n\r\n"), REFUSED, [404]
    yield "chunked in a first line that is folded", get(host=b" Transfer-Encoding: chunked\r\n" + HOST_LINE + LAST), REFUSED, [200]
    yield "a request in the body of GET", get(LAST + b"Content-Length: %d\r\n" % len(SMUGGLED)) + SMUGGLED, [200]
    yield "a request in the body of OPTIONS", get(LAST + b"Content-Length: %d\r\n" % len(SMUGGLED), method=b"OPTIONS") + SMUGGLED, [405]
    yield "a request in chunks of GET", get(LAST + chunked) + b"%x\r\n" % len(SMUGGLED) + SMUGGLED + b"\r\n0\r\n\r\n", [200]


def chunks():
    lines = b"Transfer-Encoding: chunked\r\n" + LAST
    for size in (b"-5", b"+5", b"0x5", b"5 ", b" 5", b"zz", b"", b"5g", b"5\x00", b"5\n", b"5\r", b"5_0", b"fffffffffffffffff"):
        yield f"chunk size {size!r}", post(lines, size + b"\r\nhello\r\n0\r\n\r\n" + SMUGGLED), REFUSED
    for size in (b"7fffffffffffffff", b"ffffffffffffffff", b"80000000"):
        yield f"chunk size {size!r}", post(lines, size + b"\r\nhello\r\n0\r\n\r\n" + SMUGGLED), [413], REFUSED
    for name, body in (("a chunk that is longer than said", b"5\r\nhelloX\r\n0\r\n\r\n"), ("shorter", b"5\r\nhel\r\n0\r\n\r\n"),
                       ("line feeds alone", b"5\nhello\n0\n\n"), ("no line end behind it", b"5\r\nhello0\r\n\r\n")):
        yield name, post(lines, body + SMUGGLED), REFUSED
    yield "zeros before the size", post(lines, b"00005\r\nhello\r\n0\r\n\r\n"), [404]
    yield "an extension", post(lines, b'5;a=b;c="d"\r\nhello\r\n0;e\r\n\r\n'), [404]
    yield "a line feed in an extension", post(lines, b"5;a\nhello\r\n0\r\n\r\n" + SMUGGLED), REFUSED, []
    yield "an extension of 1 MiB", post(lines, b"5;" + b"a" * (1 << 20) + b"\r\nhello\r\n0\r\n\r\n"), REFUSED, [413], [431], []
    yield "a size of 1 MiB zeros", post(lines, b"0" * (1 << 20) + b"5\r\nhello\r\n0\r\n\r\n"), REFUSED, [413], [431], []
    yield "trailers", post(lines, b"0\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nHost: x\r\n\r\n"), [404], REFUSED
    yield "trailers of 1 MiB", post(lines, b"0\r\n" + b"X: y\r\n" * 175000 + b"\r\n"), REFUSED, [413], [431], []
    yield "70000 chunks", post(lines, b"1\r\na\r\n" * 70000 + b"0\r\n\r\n"), [413], []
    yield "no end", post(lines, b"5\r\nhello\r\n"), [], REFUSED


def lines():
    for name, head in (("NUL in the target", b"GET /\x00 HTTP/1.1\r\n"), ("NUL in the method", b"GE\x00T / HTTP/1.1\r\n"),
                       ("NULs before it", b"\x00\x00GET / HTTP/1.1\r\n"), ("two blanks", b"GET  / HTTP/1.1\r\n"),
                       ("a tab", b"GET\t/ HTTP/1.1\r\n"),
                       ("a blank before it", b" GET / HTTP/1.1\r\n"), ("a blank in the target", b"GET /a b HTTP/1.1\r\n"),
                       ("HTTP in small letters", b"GET / http/1.1\r\n"), ("a comma", b"GET / HTTP/1,1\r\n"),
                       ("a zero", b"GET / HTTP/01.1\r\n"),
                       ("HTTP/1.10", b"GET / HTTP/1.10\r\n"), ("another protocol", b"GET / HTTPS/1.1\r\n"),
                       ("a line feed alone", b"GET / HTTP/1.1\n"), ("a carriage return in it", b"GET /\r HTTP/1.1\r\n")):
        yield f"request line with {name}", head + HOST_LINE + b"\r\n" + SMUGGLED, REFUSED
    for line in (b"X: a\x00b", b"X\x00: a", b"X: a\rb", b"no colon", b": no name", b"X Y: a", b"X : a", b"X\t: a", b"\x01: a",
                 "Ä: a".encode(), b"X[]: a", b"X: a\x01b", b"X: a\x7fb"):
        yield f"header {line!r}", get(line + b"\r\n") + SMUGGLED, REFUSED
    yield "a header that is folded", get(b"X: a\r\n b\r\n" + LAST), [200], REFUSED
    yield "a header beyond ASCII", get(b"X: \xc3\xa4\xff\r\n" + LAST), [200], REFUSED
    yield "an empty header", get(b"X:\r\n" + LAST), [200]
    yield "empty lines before it", b"\r\n\r\n" + get(LAST), [200], REFUSED
    for line in (b"", HOST_LINE * 2, HOST_LINE + b"Host: " + VICTIM.encode() + b"\r\n"):
        yield f"hosts {line!r}", get(host=line) + SMUGGLED, REFUSED
    here = HOST.encode()
    for value in (here + b":port", here + b"/x", b"x@" + here, here + b", " + VICTIM.encode(), b"a b", b"[::1"):
        yield f"Host: {value!r}", get(LAST, host=b"Host: " + value + b"\r\n"), REFUSED
    yield "no host in it", get(LAST, host=b"Host:\r\n"), REFUSED, [404]
    for method in (b"TRACE", b"CONNECT", b"PROPFIND"):
        yield f"method {method!r}", get(method=method) + SMUGGLED, [405]
    for method in (b"NONSENSE", b"get", b"M" * 1000):
        yield f"method {method[:10]!r}", get(method=method) + SMUGGLED, [501]


def versions():
    kept = b"Connection: keep-alive\r\n"
    yield "HTTP/1.0", get(version=b"HTTP/1.0") + SMUGGLED, [200]
    yield "HTTP/1.0, kept", get(kept, version=b"HTTP/1.0") * 2, [200, 200], [200]
    yield "HTTP/1.0, kept, then not", get(kept, version=b"HTTP/1.0") + get(version=b"HTTP/1.0") + SMUGGLED, [200, 200], [200]
    expects = post(b"Expect: 100-continue\r\nContent-Length: 5\r\n", b"hello").replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    yield "HTTP/1.0 that expects", expects + SMUGGLED, [404]
    yield "HTTP/0.9", b"GET " + PATH + b"\r\n", REFUSED, [505], []
    yield "HTTP/0.9, then more", b"GET " + PATH + b"\r\n\r\n" + SMUGGLED, REFUSED, [505], []
    yield "the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0", REFUSED, [505], []
    for version in (b"HTTP/2.0", b"HTTP/3.0", b"HTTP/0.9", b"HTTP/9.9"):
        yield f"{version!r}", get(version=version) + SMUGGLED, [505], REFUSED
    yield "HTTP/1.2", get(LAST, version=b"HTTP/1.2"), [200], [505], REFUSED


def targets():
    here = b"https://" + HOST.encode()
    yield "absolute form", get(LAST, target=here + PATH), [200]
    yield "absolute form, its host counts", get(LAST, target=here + PATH, host=b"Host: nobody.example.com\r\n"), [200], REFUSED
    yield "absolute form, the Host header does not", get(LAST, target=b"https://nobody.example.com" + PATH), [404], [421], REFUSED
    yield "absolute form without host", get(LAST, target=b"https://" + PATH), REFUSED
    yield "absolute form in capitals", get(LAST, target=b"HTTPS" + here[5:] + PATH), [200], REFUSED
    yield "another scheme", get(LAST, target=b"ftp" + here[5:] + PATH), REFUSED, [421]
    yield "CONNECT", get(target=HOST.encode() + b":443", method=b"CONNECT") + SMUGGLED, [501], [405], REFUSED
    yield "authority form", get(target=HOST.encode() + b":443") + SMUGGLED, REFUSED
    yield "an asterisk", get(target=b"*") + SMUGGLED, REFUSED
    yield "OPTIONS *", get(LAST, target=b"*", method=b"OPTIONS"), [200], [204], [404], [405], [501]
    yield "letters beyond ASCII", get(LAST, target="/ä".encode()), REFUSED, [404]
    for target in (b"/../x", b"/%2e%2E/x", b"/a/./b", b"/a#b", b"/%zz", b"/%", b"a"):
        yield f"target {target!r}", get(LAST, target=target), REFUSED
    yield "a line end in the target, encoded", get(LAST, target=b"/%0d%0aX-Evil:%20yes"), [404], REFUSED
    yield "NUL in the target, encoded", get(LAST, target=PATH + b"%00"), [404], REFUSED
    yield "a target of 7900 bytes", get(LAST, target=b"/" + b"a" * 7899), [404]
    yield "a target of 40 KiB", get(target=b"/" + b"a" * 40960) + SMUGGLED, [414], [431]
    yield "a target of 1 MiB", get(target=b"/" + b"a" * (1 << 20)) + SMUGGLED, [414], [431], []
    yield "a query of 40 KiB", get(target=b"/?" + b"a=b&" * 10240) + SMUGGLED, [414], [431]


def expectations():
    expect = b"Expect: 100-continue\r\n"
    yield "Expect", post(expect + LAST + b"Content-Length: 5\r\n", b"hello"), [100, 404], [404]
    yield "Expect with chunks", post(expect + LAST + b"Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n0\r\n\r\n"), [100, 404], [404]
    yield "Expect without a body", get(expect + LAST), [200], [100, 200]
    yield "Expect with too much", post(expect + b"Content-Length: 99999999\r\n"), [413], [417]
    yield "Expect and nothing comes", post(expect + b"Content-Length: 5\r\n"), [100], [100, 400], [100, 408]
    yield "Expect of two meanings", post(expect + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n" + SMUGGLED), REFUSED
    yield "another expectation", post(b"Expect: miracles\r\nContent-Length: 5\r\n", b"hello" + SMUGGLED), [417]
    for value in (b"h2c", b"websocket", b"TLS/1.0", b"x" * 1000):
        upgrade = b"Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nUpgrade: " + value + b"\r\n"
        yield f"Upgrade: {value[:9]!r}", get(upgrade) + get(LAST), [200, 200]


def sizes():
    yield "a head that just fits", get(LAST + b"X: " + b"a" * (LIMIT - 600) + b"\r\n"), [200]
    yield "a head that just does not", get(b"X: " + b"a" * LIMIT + b"\r\n") + SMUGGLED, [431]
    yield "7000 headers", get(LAST + b"a:\r\n" * 7000), [200], [431], REFUSED
    yield "20000 headers", get(b"a: b\r\n" * 20000) + SMUGGLED, [431], REFUSED, []
    yield "a body that is too large", post(b"Content-Length: 65537\r\n", b"a" * 65537), [413]
    yield "a body that just fits", post(LAST + b"Content-Length: 65536\r\n", b"a" * 65536), [404]
    yield "300 requests at once", get() * 299 + get(LAST), [200] * 300
    yield "a bad one among 300", get() * 150 + get(b"X Y: z\r\n") + SMUGGLED * 149, [200] * 150 + [400]
    yield "300 of which one is the last", get() * 150 + get(LAST) + SMUGGLED * 149, [200] * 151


def all_cases():
    for family in (framing, chunks, lines, versions, targets, expectations, sizes):
        for name, data, *statuses in family():
            yield f"{family.__name__}: {name}", data, statuses
