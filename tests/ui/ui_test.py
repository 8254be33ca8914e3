#!/usr/bin/env python3
"""The page in a browser, against the program and a real API server.

Usage: ui_test.py [PART OF A TEST'S NAME]
       ui_test.py --shots FOLDER     no test: makes the pictures of docs/ui.md

Environment: BATON_CONTROLLER, the program; CHROMIUM, the browser (/usr/bin/chromium). This file sets the world up; the
tests themselves are the *_tests.mjs beside it, and run one after the other. What drives the browser comes from the
folder that the script `environment` makes.
"""
import json
import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent / "integration"))
from cluster import Server  # noqa: E402
from control import Control  # noqa: E402
from program import LOGS, forget_logs  # noqa: E402
from ui_world import UiWorld  # noqa: E402


def run_browser(environment):
    """The exit code, and how many passed and failed."""
    command, tests = ["node", "--test-reporter=tap"], "all.mjs"
    if sys.argv[1:2] == ["--shots"]:
        tests = "shots.mjs"
        environment["SHOTS"] = str(Path(sys.argv[2]).resolve())
    elif sys.argv[1:]:
        command.append(f"--test-name-pattern={re.escape(sys.argv[1])}")
    passed = failed = 0
    with subprocess.Popen([*command, str(HERE / tests)], env=environment, text=True, stdout=subprocess.PIPE) as node:
        for line in node.stdout:
            print(line, end="", flush=True)
            if found := re.match(r"# (pass|fail|cancelled) (\d+)", line):
                passed, failed = (passed + int(found[2]), failed) if found[1] == "pass" else (passed, failed + int(found[2]))
    return node.returncode, passed, failed


def main():
    shots = len(sys.argv) == 3 and sys.argv[1] == "--shots"
    if (len(sys.argv) > 2 and not shots) or sys.argv[1:] in (["-h"], ["--help"]):
        sys.exit(__doc__)
    packages = subprocess.run([HERE / "environment"], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()
    with Server("ui") as server, UiWorld(server) as world, Control(world) as control:
        code, passed, failed = run_browser({
            **os.environ, "BASE_URL": f"http://127.0.0.1:{world.port}", "CONTROL_URL": control.url, "WORLD": json.dumps(world.told()),
            "PACKAGES": packages})
    if code == 0 and failed == 0:
        forget_logs()
    print(f"{passed} passed, {failed} failed" + (f"; logs: {LOGS}" if code or failed else ""), flush=True)
    return 1 if code or failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
