"""Runs a program's tests one after the other and prints what came of each."""
import sys
import time
import traceback

from cluster import expect
from program import LOGS, forget_logs

STAMP = f"{time.time_ns() // 1000000 % 16 ** 6:x}"  # namespaces of a given API server are there for good


def run_all(module, *parts, doc):
    """Calls the functions test_* of a module with `parts`; ends the process."""
    arguments = sys.argv[1:]
    if len(arguments) > 1 or arguments in (["-h"], ["--help"]):
        sys.exit(doc)
    tests = [(n.removeprefix("test_"), f) for n, f in vars(module).items() if n.startswith("test_")]
    chosen = [(n, f) for n, f in tests if not arguments or arguments[0] in n]
    expect(chosen, f"there is no test {arguments}")
    failed = 0
    for name, test in chosen:
        began = time.monotonic()
        try:
            test(*parts)
            print(f"ok   {name} ({time.monotonic() - began:.1f} s)", flush=True)
        except Exception as failure:
            failed += 1
            print(f"FAIL {name}: {type(failure).__name__}: {failure}", flush=True)
            if not isinstance(failure, AssertionError):
                traceback.print_exc()
    print(f"{len(chosen) - failed} passed, {failed} failed" + (f"; logs: {LOGS}" if failed else ""), flush=True)
    if not failed:
        forget_logs()
    return 1 if failed else 0
