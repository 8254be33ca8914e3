#!/usr/bin/env python3
"""The contract of the two kinds, on a real API server.

Usage: contract_test.py [PART OF A TEST'S NAME]

With KUBECONFIG in the environment that cluster is used: the CustomResourceDefinitions of crds/ are installed there
and stay. Otherwise tests/cluster/cluster starts an API server of its own on the loopback interface.

Most tests are files:
  valid/*.yaml     every document is accepted, one after the other
  invalid/*.yaml   the last document is refused, the ones before it are accepted. Each '# expect:' line is one error
                   of the answer, and there is no other; ' ... ' in it stands for any text
  defaults/*.yaml  given the first document, the API server stores the second one's spec
A document that has a status is merged into the status subresource, as Baton does. Any other creates the object,
or replaces the one of the same name that came before it in the file.
Needs python3-yaml, and kubectl for a given cluster.
"""
import sys
import time
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True
import definition_tests  # noqa: E402
import file_tests  # noqa: E402
import kubectl_tests  # noqa: E402
from kubernetes import CRDS, KINDS, Cluster, Refused, expect  # noqa: E402


def all_tests():
    """(name, folder, function) of every test."""
    for module in (definition_tests, kubectl_tests):
        for name, function in vars(module).items():
            if name.startswith("test_"):
                yield name.removeprefix("test_"), "tests", function
    yield from file_tests.all_tests()


def published(kubectl):
    """Whether kubectl explain knows the kinds: the API server publishes them shortly after they are established."""
    try:
        return all("SwitchoverRequest" in kubectl("explain", "switchoverrequest.spec") for _ in range(2))
    except Refused:
        return False


def install(kubectl):
    kubectl("apply", "--server-side", "--force-conflicts", "--field-manager=baton-install", "-f", CRDS)
    kubectl("wait", "--for=condition=Established", "--timeout=30s", *[f"crd/{plural}.ha.baton.dev" for plural in KINDS])
    until = time.monotonic() + 30
    while not published(kubectl):
        expect(time.monotonic() < until, "the API server does not publish the kinds")
        time.sleep(0.2)


def run(test, kubectl):
    """None if the test passed, else why not."""
    try:
        test(kubectl)
    except (AssertionError, Refused, KeyError, ValueError, TypeError) as failure:
        return f"{type(failure).__name__}: {failure}"
    return None


def run_all(kubectl, tests):
    """Runs (name, folder, function) each in a namespace of its folder; returns how many passed and failed."""
    stamp = f"{time.time_ns() // 1000000:x}"
    namespaces = {folder: f"contract-{folder}-{stamp}" for folder in {folder for _, folder, _ in tests}}
    for namespace in namespaces.values():
        kubectl("create", "namespace", namespace)
    passed = failed = 0
    try:
        with ThreadPoolExecutor(4) as pool:
            results = pool.map(lambda test: run(test[2], kubectl.within(namespaces[test[1]])), tests)
            for (name, _, _), failure in zip(tests, results):
                passed, failed = passed + (failure is None), failed + (failure is not None)
                print(f"ok   {name}" if failure is None else f"FAIL {name}: {failure}", flush=True)
    finally:
        for namespace in namespaces.values():
            kubectl.within(namespace)("delete", "--all", "--wait=false", ",".join(KINDS))
            kubectl("delete", "namespace", namespace, "--wait=false")
    return passed, failed


def main(arguments):
    if len(arguments) > 1 or arguments in (["-h"], ["--help"]):
        sys.exit(__doc__)
    tests = [test for test in all_tests() if not arguments or arguments[0] in test[0]]
    with Cluster() as kubectl:
        install(kubectl)
        passed, failed = run_all(kubectl, tests)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
