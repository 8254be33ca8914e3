#!/usr/bin/env python3
"""The vendors' own clients against the REST paths, over TLS: each switches a group, and tells its user why it may not.

Usage: clients_test.py [PART OF A TEST'S NAME]

Environment: BATON_CONTROLLER, the program. The clients come from the Python environment that the script `environment`
beside this file makes.
"""
import functools
import os
import re
import subprocess
import sys
import types
from pathlib import Path

HERE = Path(__file__).resolve().parent
if __name__ == "__main__" and "BATON_CLIENTS" not in os.environ:
    clients = subprocess.run([HERE / "environment"], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()
    os.environ.update(BATON_CLIENTS=clients)
    os.execv(f"{clients}/bin/python", [f"{clients}/bin/python", *sys.argv])
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent / "integration"))
from authority import Authority  # noqa: E402
from cases import Service, check, groups, pause  # noqa: E402
from cluster import Server, expect  # noqa: E402
from program import LOGS  # noqa: E402
from runner import run_all  # noqa: E402
from world import World  # noqa: E402

import ansible_clients  # noqa: E402
import curl_clients  # noqa: E402
import huawei_clients  # noqa: E402
import openstack_clients  # noqa: E402
import polardb_clients  # noqa: E402
import requests_clients  # noqa: E402

FAMILIES = (polardb_clients, huawei_clients, openstack_clients, requests_clients, curl_clients, ansible_clients)

# The clients' own settings, which may be somebody's.
SETTINGS = re.compile(r"(?i).*_proxy|.*_CA_BUNDLE|SSL_CERT_.*|DEBUG|(OS|ANSIBLE|ALIBABA_CLOUD|HUAWEICLOUD)_.*")

# What the server does wrong, {test: (what the client says to it, why)}. Each of them must fail so; when one passes, its
# line is to be taken from the list.
FAULTS = {
    "huawei_twice_in_a_second": ("Invalid token", "a signature that has no nonce is taken for a replay of the call before")}


def known_fault(test, says, why):
    def run(*parts):
        try:
            test(*parts)
        except AssertionError as failure:
            expect(says in str(failure), f"it fails in another way than is known: {failure}")
            print(f"     known fault: {why}", flush=True)
        else:
            raise AssertionError(f"it passes; take it from FAULTS ({why})")
    return run


def all_tests():
    """One for each client and case, and those that a family has besides."""
    tests = {}
    for family in FAMILIES:
        for name, client in getattr(family, "CLIENTS", {}).items():
            for case in client.reports:
                tests[f"test_{name}_{case}"] = functools.partial(check, client=client, case=case)
        tests.update({name: test for name, test in vars(family).items() if name.startswith("test_")})
    unknown = [name for name in FAULTS if f"test_{name}" not in tests]
    expect(not unknown, f"faults without a test: {unknown}")
    for name, (says, why) in FAULTS.items():
        tests[f"test_{name}"] = known_fault(tests[f"test_{name}"], says, why)
    return types.SimpleNamespace(**tests)


def main():
    tls = Authority(LOGS)
    flags = ["--api-tls-cert", str(tls.cert), "--api-tls-key", str(tls.key)]
    with Server("clients") as server, World(server, "clients", groups(), *flags) as world:
        pause(world)
        for name in filter(SETTINGS.fullmatch, list(os.environ)):
            del os.environ[name]
        return run_all(all_tests(), world, Service(world.port, str(tls.ca)), doc=__doc__)


if __name__ == "__main__":
    sys.exit(main())
