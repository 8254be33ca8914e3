#!/usr/bin/env python3
"""Many hostile connections at once, until SIGTERM or its parent's end; then prints what came of them, as one JSON object.

Usage: floods.py PORT

Says "all" on a line of its own when every family has seen an outcome.
Each family keeps its number of connections: when one ends, another is opened. Their addresses are 127.0.0.20 to 29.
"""
import asyncio
import collections
import json
import logging
import os
import random
import resource
import signal
import ssl
import sys

sys.dont_write_bytecode = True
import cases  # noqa: E402
from wire import context  # noqa: E402
from hello import GOOD, TLS12, client_hello  # noqa: E402

SECOND = 1.0     # between two bytes of a slow one
BEGINNING = 3.0  # within it all have come
PAUSE = 2.0      # of a connection that has been refused
MEBIBYTE = 1 << 20
HUGE = 100 * MEBIBYTE
PIECE = b"a" * 65536
MOST_TAKEN = 16 * MEBIBYTE  # of a body that is refused: sockets hold some


class Flood:
    """Opens connections and counts what comes of them: {family: {outcome: times}}, and what must not come."""

    def __init__(self, port):
        self.port, self.tls, self.tls12 = port, context(), context(ssl.TLSVersion.TLSv1_2)
        self.seen = collections.defaultdict(collections.Counter)
        self.wrong = []
        self.all_seen = False

    async def open(self, number, tls=True):
        secure = (self.tls if number % 2 else self.tls12) if tls else None
        return await asyncio.open_connection("127.0.0.1", self.port, ssl=secure, local_addr=(f"127.0.0.{20 + number % 10}", 0),
                                             server_hostname="localhost" if secure else None)

    async def keep(self, family, number):
        """One connection after the other."""
        await asyncio.sleep(random.random() * BEGINNING)
        while True:
            try:
                outcome = await family(self, number)
            except (OSError, ssl.SSLError, asyncio.IncompleteReadError):
                outcome = "closed"
            self.seen[family.__name__][outcome] += 1
            if outcome not in ALLOWED[family]:
                self.wrong.append(f"{family.__name__}: {outcome}")
            if not self.all_seen and len(self.seen) == len(FAMILIES):
                self.all_seen = True
                print("all", flush=True)
            await asyncio.sleep(0.1 if ALLOWED[family] is SLOW else PAUSE)


async def status_of(reader):
    """The status of the first answer; "closed" without one."""
    try:
        line = await reader.readline()
    except (OSError, ssl.SSLError):
        return "closed"
    return line.split(b" ")[1].decode() if line.startswith(b"HTTP/1.1 ") else "closed" if not line else f"{line!r}"


async def trickle(reader, writer, data, at_once=0):
    """A byte a second; what the server says to it."""
    answer = asyncio.create_task(status_of(reader))
    try:
        writer.write(data[:at_once])
        for byte in data[at_once:]:
            if writer.is_closing():
                break
            writer.write(bytes((byte,)))
            await writer.drain()
            if (await asyncio.wait([answer], timeout=SECOND))[0]:
                break
        return await answer
    finally:
        answer.cancel()
        writer.transport.abort()


async def pour(reader, writer, head, pieces):
    """As fast as it is taken; what the server says to it, and how much it took."""
    answer, taken = asyncio.create_task(status_of(reader)), 0
    try:
        writer.write(head)
        for piece in pieces:
            if answer.done() or writer.is_closing():
                break
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)  # the answer may be here
            taken += len(piece)
    except (OSError, ssl.SSLError):
        pass
    try:
        return await answer, taken
    finally:
        writer.transport.abort()


async def slow_handshake(flood, number):
    reader, writer = await flood.open(number, tls=False)
    return await trickle(reader, writer, client_hello(TLS12, GOOD))


async def slow_head(flood, number):
    """From its first byte on, or when the most is held for it."""
    head = cases.get(b"X: " + b"a" * (cases.LIMIT - 1000) + b"\r\n")
    reader, writer = await flood.open(number)
    return await trickle(reader, writer, head, 0 if number % 2 else cases.LIMIT - 2000)


async def slow_body(flood, number):
    head = cases.post(b"Content-Length: 65536\r\n")
    reader, writer = await flood.open(number)
    return await trickle(reader, writer, head + b"a" * 65000, len(head) + (60 if number % 2 else 64000))


async def large_head(flood, number):
    reader, writer = await flood.open(number)
    one = number % 2 == 0  # one header or many
    pieces = [PIECE if one else b"X-Header: abcdefghijklmnop\r\n" * 2340] * 16
    return (await pour(reader, writer, b"GET / HTTP/1.1\r\nHost: a\r\n" + (b"X: " if one else b""), pieces))[0]


def body_in_chunks():
    chunk = b"%x\r\n" % len(PIECE) + PIECE + b"\r\n"
    return (chunk for _ in range(HUGE // len(PIECE)))


async def large_body(flood, number):
    reader, writer = await flood.open(number)
    if number % 2:
        head, pieces = cases.post(b"Content-Length: %d\r\n" % HUGE), (PIECE for _ in range(HUGE // len(PIECE)))
    else:
        head, pieces = cases.post(b"Transfer-Encoding: chunked\r\n"), body_in_chunks()
    outcome, taken = await pour(reader, writer, head, pieces)
    return outcome if taken < MOST_TAKEN else f"{taken} bytes of a body are taken"


async def leaves_early(flood, number):
    """300 requests, and nobody waits for the answers."""
    _, writer = await flood.open(number)
    writer.write(cases.get() * 300)
    await asyncio.sleep(random.random() * 0.2)
    writer.transport.abort()
    return "left"


async def never_reads(flood, number):
    """Answers fill the socket, until the server gives up."""
    _, writer = await flood.open(number)
    writer.transport.pause_reading()
    try:
        writer.write(cases.get() * 3000)
        await asyncio.wait_for(writer.drain(), 20 * SECOND)
        await asyncio.sleep(5 * SECOND)
    except asyncio.TimeoutError:
        pass
    finally:
        writer.transport.abort()
    return "left"


async def garbage(flood, number):
    """No TLS, or what begins like it."""
    hello = client_hello(TLS12, GOOD)
    text = (os.urandom(5000), b"\x16\x03\x01\xff\xff" + os.urandom(70000), b"\0" * 100000, b"\x80\x2e\x01\0\2" + os.urandom(41),
            hello[:-9], hello + hello, hello[:5] + os.urandom(len(hello) - 5), b"\x15\x03\x03\0\2\1\0" * 1000,
            b"\x17\x03\x03\0\0" * 20000, b"\x18\x03\x03\0\3\1\xff\xff", cases.get(), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")[random.randrange(12)]
    reader, writer = await flood.open(number, tls=False)
    writer.write(text)
    writer.write_eof()
    try:
        return "answered" if b"HTTP/1" in await reader.read() else "closed"
    finally:
        writer.transport.abort()


async def comes_and_goes(flood, number):
    for _ in range(20):
        _, writer = await flood.open(number, tls=False)
        writer.transport.abort()
    return "left"


async def wrong_password(flood, number):
    reader, writer = await flood.open(number)
    writer.write(cases.get(cases.LAST).replace(cases.AUTHORIZATION, b"Authorization: Basic YWRtaW46bm8=\r\n"))
    try:
        return await status_of(reader)
    finally:
        writer.transport.abort()


FAMILIES = {slow_handshake: 500, slow_head: 350, slow_body: 150, large_head: 200, large_body: 20, leaves_early: 20, never_reads: 10,
            garbage: 20, comes_and_goes: 5, wrong_password: 10}
SLOW = {"closed", "408"}
ALLOWED = {slow_handshake: SLOW, slow_head: SLOW, slow_body: SLOW, large_head: {"431", "closed"}, large_body: {"413", "closed"},
           leaves_early: {"left", "closed"}, never_reads: {"left", "closed"}, garbage: {"closed"}, comes_and_goes: {"left", "closed"},
           wrong_password: {"401", "closed"}}


def quietly(loop, trouble):
    """Connections that are aborted leave exceptions that nobody waits for."""
    if not isinstance(trouble.get("exception"), (OSError, ssl.SSLError)):
        loop.default_exception_handler(trouble)


async def parent_is_gone(parent):
    while os.getppid() == parent:
        await asyncio.sleep(SECOND)


async def main():
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    loop.set_exception_handler(quietly)
    flood = Flood(int(sys.argv[1]))
    tasks = [asyncio.create_task(flood.keep(family, number)) for family, count in FAMILIES.items() for number in range(count)]
    ends = [asyncio.create_task(stopped.wait()), asyncio.create_task(parent_is_gone(os.getppid()))]
    await asyncio.wait([*ends, *tasks], return_when=asyncio.FIRST_COMPLETED)
    failed = [repr(t.exception()) for t in tasks if t.done()]
    print(json.dumps({"seen": flood.seen, "wrong": flood.wrong[:20], "failed": failed}), flush=True)
    os._exit(0)  # what is open ends with the process


if __name__ == "__main__":
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # connections that are cut off are what this is about
    os.nice(5)  # what is measured is the server, not who of these gets the processor
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    asyncio.run(main())
