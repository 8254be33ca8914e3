#!/usr/bin/env python3
"""The pages against the code: links, the words of statuses and Events, metrics, alerts, rights, manifests, the diagram.

Usage: docs_test.py [PART OF A TEST'S NAME]

Nothing is built and nothing is started. What other tests hold already is not held here: docs/reference.md against crds/
(contract), docs/settings.md and the table of docs/switchover.md (unit tests of app and ha), docs/rest-outcomes.md
(integration), the README's of examples (cluster).
"""
import re
import subprocess
import sys

import yaml

sys.dont_write_bytecode = True
import sources  # noqa: E402
from markdown import ROOT, anchors, broken_links, first_column, links, pages, section, slug, tables  # noqa: E402

TROUBLESHOOTING = (ROOT / "docs" / "troubleshooting.md").read_text()
METRICS = (ROOT / "docs" / "metrics.md").read_text()
RUNBOOKS = (ROOT / "docs" / "runbooks.md").read_text()
ALERTS = (ROOT / "charts" / "baton" / "files" / "alerts.yaml").read_text()


def expect(condition, message):
    if not condition:
        raise AssertionError(message)


def test_links_lead_somewhere():
    expect(len(pages()) > 20, f"only {len(pages())} pages")
    broken = [message for page in pages() for message in broken_links(page)]
    expect(not broken, "\n  ".join(["", *broken]))


def test_the_link_checker_sees_what_it_is_for():
    text = "# A `b` [c](d.md), e!\n## A\n## A\n[x](y.md#z) `[no](no.md)`\n```\n[no](no.md)\n# no\n```\n"
    expect(anchors(text) == {"a-b-c-e", "a", "a-1"}, f"{anchors(text)}")
    expect([t for _, t in links(text)] == ["d.md", "y.md#z"], f"{list(links(text))}")
    expect(slug("At 3 a.m.") == "at-3-am", slug("At 3 a.m."))


def test_each_page_is_in_the_readme():
    readme = (ROOT / "README.md").read_text()
    missing = [p.name for p in sorted((ROOT / "docs").glob("*.md")) if f"(docs/{p.name})" not in readme]
    expect(not missing, f"README.md does not name {missing}")


def rows(heading):
    return set(first_column(section(TROUBLESHOOTING, heading)))


def same(found, wanted, what):
    expect(not wanted - found, f"{what}: nothing is said of {sorted(wanted - found)}")
    expect(not found - wanted, f"{what}: the code has no {sorted(found - wanted)}")


def test_each_reason_of_a_request():
    expect(len(sources.reasons()) > 20, f"{sources.reasons()}")
    listed = [t for t in tables(section(TROUBLESHOOTING, "## The request's reason")) if "reason" in t[0]]
    words = [row["reason"].strip("`") for row in listed[0]]
    expect(words == sources.reasons(), f"the table has {words}\n  the code has {sources.reasons()}")
    expect(all(row["what to look at"] and row["what to do"] for row in listed[0]), "an empty cell")


def test_each_reason_why_no_failover_is_made():
    # FencingFailed is a word of requests, too; it has an entry of its own here, as a person has to act.
    same(rows("## No failover is made"), sources.blocked_reasons() | {"FencingFailed"}, "No failover is made")


def test_each_phase():
    same(rows("## The group's phase"), set(sources.words("kGroupPhases")), "The group's phase")
    ends = {"Rejected", "RolledBack", "Failed", "Cancelled"}  # their Events bear the reason instead
    expect(len(sources.event_reasons()) == 4, f"{sources.event_reasons()}")
    same(rows("## Events"), set(sources.words("kPhases")) - ends | sources.event_reasons(), "Events")


def test_each_condition():
    groups, requests = sources.conditions()
    expect(len(groups) == 6 and len(requests) == 4, f"{groups} {requests}")
    same(rows("## Conditions"), groups | requests, "Conditions")


def test_each_word_of_statuses_and_events():
    kinds = {"HaGroup", "SwitchoverRequest", "Pod"}
    silent = [w for w in sorted(sources.status_words() - kinds) if f"`{w}`" not in TROUBLESHOOTING]
    expect(not silent, f"docs/troubleshooting.md does not explain {silent}")


def test_each_reason_against_a_candidate():
    page = section(TROUBLESHOOTING, "## Why a member is not a candidate")
    pieces = sources.obstacles()
    expect(len(pieces) > 15, f"{pieces}")
    missing = [p for p in pieces if p not in page]
    expect(not missing, f"Why a member is not a candidate: nothing is said of {missing}")


def documented_metrics():
    """{metric: (type, labels)}"""
    found = {}
    for heading in re.findall(r"^## .*", METRICS, re.M):
        for table in tables(section(METRICS, heading)):
            if "metric" not in table[0]:
                continue
            for row in table:
                cell = row.get("further labels", row.get("labels", ""))
                named = [re.match(r"\s*`(\w+)`", part) for part in cell.split(",")]
                labels = {m[1] for m in named if m}
                if "further labels" in row:
                    labels |= {"namespace", "group"}
                name = row["metric"].strip("`")
                expect(name not in found, f"{name} stands there twice")
                found[name] = (row["type"], labels)
    return found


def test_metrics_are_those_of_the_code():
    code, page = sources.metrics(), documented_metrics()
    expect(len(code) > 30, f"{code}")
    same(set(page), set(code), "docs/metrics.md")
    wrong = [f"{n}: the page says {page[n]}, the code {code[n]}" for n in sorted(code) if page[n] != code[n]]
    expect(not wrong, "\n  ".join(["", *wrong]))


def test_alerts_and_runbooks():
    alerts = re.findall(r"^  - alert: (\w+)$", ALERTS, re.M)
    sections = re.findall(r"^## (\w+)$", RUNBOOKS, re.M)
    expect(len(alerts) > 8 and alerts == sections, f"alerts: {alerts}\n  sections: {sections}")
    asked = set(re.findall(r"\b(?:baton|workqueue|rest_client|leader_election|process)_[a-z_]+", "".join(
        re.findall(r"expr: (?:\|-\n((?:      .*\n)+)|.*)", ALERTS)) + "".join(re.findall(r"expr: (?!\|).*", ALERTS))))  # fmt: skip
    known = set(sources.metrics())
    unknown = {re.sub(r"_(bucket|sum|count)$", "", m) for m in asked} - known
    expect(len(asked) > 6 and not unknown, f"alerts ask for {unknown or asked}")


def rights(name):
    """{resource.group: verbs} of the rules in a file of deploy/, without our own group."""
    found = {}
    for role in yaml.safe_load_all((ROOT / "deploy" / name).read_text()):
        for rule in role.get("rules", []):
            for group in rule["apiGroups"]:
                for resource in rule["resources"]:
                    suffix = "" if group in ("", "ha.baton.dev") else f".{group}"
                    found.setdefault(resource + suffix, set()).update(rule["verbs"])
    return found


def test_rights_are_those_that_are_granted():
    page = (ROOT / "docs" / "rbac.md").read_text()
    for heading, name in (("## Baton's own", "rbac.yaml"), ("## Hooks", "rbac-hooks.yaml")):
        table = next(t for t in tables(section(page, heading)) if "verbs" in t[0])
        told = {word: set(row["verbs"].split(", ")) for row in table for word in re.findall(r"`([^`]+)`", row["resource"])}
        expect(told == rights(name), f"{heading}: the page has {told}\n  deploy/{name} has {rights(name)}")


def manifests():
    """(where, object) of all objects in examples/ and in the yaml blocks of pages, also those given to kubectl."""
    for path in sorted((ROOT / "examples").rglob("*.yaml")):
        yield from ((path.relative_to(ROOT), o) for o in yaml.safe_load_all(path.read_text()))
    for path in pages():
        text = path.read_text()
        blocks = re.findall(r"^```yaml\n(.*?)^```", text, re.M | re.S) + re.findall(r"<<'(?:Y|EOF)'\n(.*?)^(?:Y|EOF)$", text, re.M | re.S)
        for block in blocks:
            yield from ((path.relative_to(ROOT), o) for o in yaml.safe_load_all(block))


def unknown_fields(value, schema, path):
    if isinstance(value, list):
        for item in value:
            yield from unknown_fields(item, schema.get("items", {}), path + "[]")
    elif isinstance(value, dict) and "properties" in schema:
        for key, inner in value.items():
            if key not in schema["properties"]:
                yield f"{path}.{key}"
            else:
                yield from unknown_fields(inner, schema["properties"][key], f"{path}.{key}")
        yield from (f"{path}.{key} is missing" for key in schema.get("required", []) if key not in value)


def test_manifests_have_fields_that_are_there():
    kinds, seen = {}, 0
    for path in (ROOT / "crds").glob("*.yaml"):
        crd = yaml.safe_load(path.read_text())
        kinds[crd["spec"]["names"]["kind"]] = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    for where, thing in manifests():
        if isinstance(thing, dict) and thing.get("kind") in kinds:
            seen += 1
            wrong = list(unknown_fields(thing["spec"], kinds[thing["kind"]], "spec"))
            expect(not wrong, f"{where}: {thing['kind']}: {wrong}")
    expect(seen > 9, f"only {seen} objects of the two kinds")


def test_the_diagram_is_the_table():
    done = subprocess.run([ROOT / "scripts" / "generate-diagram", "--check"], capture_output=True, text=True)
    expect(done.returncode == 0, done.stderr)


def main(arguments):
    tests = [(n.removeprefix("test_"), f) for n, f in globals().items() if n.startswith("test_")]
    chosen = [(n, f) for n, f in tests if not arguments or arguments[0] in n]
    expect(chosen, f"there is no test {arguments}")
    failed = 0
    for name, test in chosen:
        try:
            test()
            print(f"ok   {name}", flush=True)
        except AssertionError as failure:
            failed += 1
            print(f"FAIL {name}: {failure}", flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
