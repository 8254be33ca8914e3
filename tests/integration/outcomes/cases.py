"""The list of cases: which path, which row of its vendor's document, in which situation."""
from dataclasses import dataclass
from typing import Callable

from outcomes.rows import DOCUMENTED

CASES = []


@dataclass(frozen=True)
class Case:
    path: str
    row: str
    title: str
    run: Callable

    @property
    def key(self):
        return self.path, self.title


def case(path, row, title):
    """Decorator of a function of the world."""
    def register(run):
        CASES.append(Case(path, row, title, run))
        return run
    return register


def add(path, row, title, run, /, *arguments, **named):
    CASES.append(Case(path, row, title, lambda world: run(world, *arguments, **named)))


def check_list(known):
    """Each documented row has a case, no two cases have the same name, and known faults are of cases that there are."""
    keys = [c.key for c in CASES]
    doubles = {k for k in keys if keys.count(k) > 1}
    uncovered = [(path, row) for path, rows in DOCUMENTED.items() for row in rows
                 if not any(c.path == path and c.row == row for c in CASES)]
    faults = [f"two cases {k}" for k in doubles] + [f"no case for {r}" for r in uncovered]
    return faults + [f"no case {k}, which has a known fault" for k in known if k not in keys]


HEAD = """# What each REST path answers

Each line is made and checked by `tests/integration/outcomes_test.py`: the situation of a group, the call, then status,
headers and body, and that a call that was refused has changed nothing. `outcomes_test.py --table` prints this page.

An outcome is a row of the vendor's document; what the document has no row for begins with *Baton*, or with *Keystone*.
"""


def table(known):
    """docs/rest-outcomes.md"""
    lines = [HEAD]
    for path in dict.fromkeys(c.path for c in sorted(CASES, key=lambda c: c.path == "all")):
        cases = [c for c in CASES if c.path == path]
        rows = list(dict.fromkeys(DOCUMENTED.get(path, []) + [c.row for c in cases]))
        lines += [f"## {path}", "", "| outcome | situation |", "|---|---|"]
        lines += [f"| {c.row} | {c.title}{' (not yet, see below)' if c.key in known else ''} |"
                  for c in sorted(cases, key=lambda c: rows.index(c.row))]
        lines.append("")
    if known:
        lines += ["## Not as documented", "", "| path | situation | what is answered |", "|---|---|---|"]
        lines += [f"| {path} | {title} | {why} |" for (path, title), why in known.items()]
    return "\n".join(lines).rstrip() + "\n"
