#!/usr/bin/env python3
"""Each REST path in each documented outcome: the situation is made, the call sent, the answer compared with the document.

Usage: outcomes_test.py [PART OF A CASE'S PATH, OUTCOME OR TITLE]
       outcomes_test.py --table      print docs/rest-outcomes.md

Environment: BATON_CONTROLLER, the program.
"""
import sys
import time
import traceback

sys.dont_write_bytecode = True
from cluster import ROOT, Server, expect  # noqa: E402
from outcomes import (refusals, successes, connector, dcs, hcx, sbc, polardb, polardb_requests, forced,  # noqa: E402, F401
                      methods, waiting, unavailable, denied, replicas)
from outcomes.cases import CASES, check_list, table  # noqa: E402
from outcomes.known import KNOWN  # noqa: E402
from outcomes.world import World  # noqa: E402
from program import LOGS, forget_logs  # noqa: E402

PAGE = ROOT / "docs" / "rest-outcomes.md"


def outcome(case, world):
    """What came of it, and whether that is well."""
    began = time.monotonic()
    try:
        case.run(world)
    except Exception as failure:
        if case.key in KNOWN and isinstance(failure, AssertionError):
            return f"known fault: {KNOWN[case.key]}", True
        print(f"FAIL {case.path}: {case.title}: {type(failure).__name__}: {failure}", flush=True)
        if not isinstance(failure, AssertionError):
            traceback.print_exc()
        return "FAILED", False
    if case.key in KNOWN:
        return "FAILED: it passes, and is in outcomes/known.py", False
    took = time.monotonic() - began
    if took > 3:
        print(f"     {took:.1f} s: {case.path}: {case.title}", flush=True)
    return "passed", True


def show(results):
    widths = [max(len(row[i]) for row, _ in results) for i in range(3)]
    for row, _ in results:
        print(" | ".join(text.ljust(width) for text, width in zip(row, [*widths, 0])))


def run(chosen):
    with Server("outcomes") as server, World(server) as world:
        world.begin(everything=chosen == CASES)
        return [((c.path, c.row, c.title, (said := outcome(c, world))[0]), said[1]) for c in chosen]


def main(arguments):
    if len(arguments) > 1 or arguments in (["-h"], ["--help"]):
        sys.exit(__doc__)
    if arguments == ["--table"]:
        print(table(KNOWN), end="")
        return 0
    chosen = [c for c in CASES if not arguments or arguments[0] in f"{c.path} {c.row} {c.title}"]
    expect(chosen, f"there is no case {arguments}")
    faults = check_list(KNOWN)
    if not PAGE.exists() or PAGE.read_text() != table(KNOWN):
        faults.append(f"{PAGE.name} is not what --table prints")
    results = run(chosen)
    show(results)
    for fault in faults:
        print(f"FAIL {fault}")
    passed, known = (sum(row[3].startswith(word) for row, _ in results) for word in ("passed", "known"))
    failed = len(results) - passed - known + len(faults)
    print(f"{passed} passed, {failed} failed, {known} known faults")
    if failed:
        sys.exit(f"the logs are in {LOGS}")
    forget_logs()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
