#!/usr/bin/env python3
"""HTTPS of the REST API: versions, ciphers, certificates that change, tokens, and calls that wait when it is stopped.

Usage: tls_test.py [PART OF A TEST'S NAME]

Environment: BATON_CONTROLLER, the program.
"""
import http.client
import socket
import ssl
import sys
from types import SimpleNamespace

sys.dont_write_bytecode = True
import certificate_tests  # noqa: E402
import hello  # noqa: E402
import stop_tests  # noqa: E402
import token_tests  # noqa: E402
from cluster import Server, expect  # noqa: E402
from hello import ALERT, HANDSHAKE  # noqa: E402
from https_world import HttpsWorld, Pair, trusting  # noqa: E402
from program import Controller, free_ports  # noqa: E402
from calls import ROLE, basic# noqa: E402
from world import Answer# noqa: E402
from runner import STAMP, run_all  # noqa: E402
from stage import until  # noqa: E402

HERE = {**basic(), "Host": "connector.example.com"}
GROUPS = {
    "connector": (2, {"apis": {"connector": {"hosts": ["connector.example.com"]}}}),
    "dcs": (2, {"apis": {"dcs": {"projectId": "p1", "instanceId": f"i-{STAMP}"}}}),
    "hcx": (2, {"apis": {"hcx": {"groupId": f"g-{STAMP}"}}}),
    "sbc": (2, {"apis": {"sbc": {"hosts": ["sbc.example.com"]}}}),
}


def test_versions(world):
    for name, version in (("SSL 3.0", hello.SSL3), ("TLS 1.0", hello.TLS10), ("TLS 1.1", hello.TLS11)):
        got = hello.answer(world.port, hello.client_hello(version, hello.GOOD + hello.CIPHER_BLOCK_CHAINING))
        # OpenSSL has another word for the oldest.
        expect(got[:1] == (ALERT,) and (got[1] == hello.PROTOCOL_VERSION or version == hello.SSL3), f"{name}: {got}")
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = trusting(world.pair)
        context.minimum_version = context.maximum_version = version
        connection = http.client.HTTPSConnection("127.0.0.1", world.port, context=context, timeout=120)
        connection.request("GET", ROLE, headers=HERE)
        expect(connection.getresponse().status == 200, f"{version}")
        print(f"     {connection.sock.version()} {connection.sock.cipher()[0]}")
        connection.close()


def test_weak_ciphers_are_refused(world):
    """With a certificate of either kind: some need one of RSA."""
    pairs = [world.pair, Pair("rsa", "rsa")]
    with world.start(pair=pairs[1]) as other:
        world.serves(other.api_port, pairs[1])
        for port in (world.port, other.api_port):
            for name, suites in hello.WEAK.items():
                for suite in suites:
                    got = hello.answer(port, hello.client_hello(hello.TLS12, [suite]))
                    expect(got[:1] == (ALERT,), f"{name}, {suite:#06x}: {got}")
            got = hello.answer(port, hello.client_hello(hello.TLS12, hello.GOOD))
            expect(got[:2] == (HANDSHAKE, hello.TLS12), f"good ones: {got}")


def test_ciphers_without_forward_secrecy_are_refused(world):
    pair = Pair("forward", "rsa")
    with world.start(pair=pair) as other:
        world.serves(other.api_port, pair)
        taken = [f"{suite:#06x}" for suite in hello.NO_FORWARD_SECRECY
                 if hello.answer(other.api_port, hello.client_hello(hello.TLS12, [suite]))[:1] == (HANDSHAKE,)]
    expect(not taken, f"RSA key exchange is taken: {taken}")


def test_only_http_1_is_agreed_on(world):
    context = trusting(world.pair)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(("127.0.0.1", world.port), timeout=120) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as secure:
            expect(secure.selected_alpn_protocol() in (None, "http/1.1"), secure.selected_alpn_protocol())


def test_plain_http_is_closed(world):
    for text in (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n", b"\r\n" * 100):
        with socket.create_connection(("127.0.0.1", world.port), timeout=120) as plain:
            plain.sendall(text)
            got = b""
            try:
                while piece := plain.recv(4096):
                    got += piece
            except ConnectionResetError:
                pass
        expect(b"HTTP/" not in got and (not got or got[0] == ALERT), f"{text}: {got}")


def _own_address():
    """One of this machine that is not loopback; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            s.connect(("192.0.2.1", 9))
            return s.getsockname()[0]
        except OSError:
            return None


def test_sbc_wants_https_off_loopback(world):
    own = _own_address()
    if not own or own.startswith("127."):
        return print("     skipped: this machine has no address but loopback")
    port = free_ports(1)[0]
    with Controller(world.server.path, "--namespaces", world.stage.name, "--leader-elect-namespace", world.stage.name,
                    "--api-credentials", str(world.file), "--api-address", f"127.0.0.1:{port}", name="plain"):
        answers = {}
        for source in ("127.0.0.1", own):
            def asked():
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120, source_address=(source, 0))
                try:
                    connection.request("POST", "/rest/v1.2/auth/token", headers={**basic(), "Host": "sbc.example.com"})
                    return Answer(connection.getresponse())
                except ConnectionRefusedError:
                    return None
                finally:
                    connection.close()
            answers[source] = until(asked, "it does not listen")
    expect(answers["127.0.0.1"].status == 200, f"{answers['127.0.0.1']}")
    refused = answers[own]
    expect(refused.status == 426 and "TLS/1." in refused.headers["Upgrade"] and "accessToken>" not in refused.body, f"{refused}")


def _all_tests():
    modules = (sys.modules[__name__], certificate_tests, token_tests, stop_tests)
    tests = {name: test for module in modules for name, test in vars(module).items() if name.startswith("test_")}
    return SimpleNamespace(**tests, test_nobody_crashed=nobody_crashed)


def nobody_crashed(world):
    for controller in world.controllers:
        expect(controller.alive(), f"a controller ended with {controller.process.returncode}")
        expect(" error " not in controller.text().replace("a TLS certificate cannot", ""), [
            line for line in controller.text().splitlines() if " error " in line][:3])


if __name__ == "__main__":
    with Server("tls") as api_server, HttpsWorld(api_server, "tls", GROUPS, replicas=2) as the_world:
        result = run_all(_all_tests(), the_world, doc=__doc__)
    sys.exit(result)
