"""The definitions themselves: what they say of every field, and what the API server makes of them."""
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import yaml

import schema
from file_tests import HERE, documents, expectations
from kubernetes import CRDS, KINDS, ROOT, expect


def crd(plural):
    return yaml.safe_load((CRDS / f"ha.baton.dev_{plural}.yaml").read_text())


def schema_of(plural):
    return crd(plural)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]


def test_every_field_is_described(_):
    for plural in KINDS:
        expect(not schema.undescribed(schema_of(plural)), f"{plural}: {schema.undescribed(schema_of(plural))}")


def test_every_size_is_bounded(_):
    for plural in KINDS:
        expect(not schema.unbounded(schema_of(plural)), f"{plural}: {schema.unbounded(schema_of(plural))}")


def test_every_rule_has_a_message_that_is_shown(_):
    for plural in KINDS:
        expect(not schema.silent_rules(schema_of(plural)), f"{plural}: {schema.silent_rules(schema_of(plural))}")


def without_names(field):
    """A field's path with what differs between a definition and an answer taken out: list indexes, which hook it is."""
    return re.sub(r"^spec\.hooks\.[a-z]+", "spec.hooks.*", re.sub(r"\[\d+\]", "[]", field))


def test_every_rule_has_a_file_that_breaks_it(_):
    broken = {"hagroups": [], "switchoverrequests": []}
    for path in (HERE / "invalid").glob("*.yaml"):
        plural = "hagroups" if path.stem.startswith("hagroup-") else "switchoverrequests"
        for field, _, message in (line.partition(":") for line in expectations(path)):
            broken[plural].append((without_names(field), message.split(" ... ")[-1].strip()))
    for plural in KINDS:
        for field, rule in schema.rules(schema_of(plural)):
            expect(any(without_names(field) == f and m and m in rule["message"] for f, m in broken[plural]),
                   f"no file in invalid/ breaks the rule of {field}: {rule['message']}")


def test_every_field_that_the_controller_knows_exists(_):
    """The API server drops an unknown field of a status without a word: Baton would forget it at the next start."""
    known = {path.split(".")[-1].removesuffix("[]") for plural in KINDS for path, _ in schema.fields(schema_of(plural))}
    not_ours = {"metadata", "labels", "annotations", "spec", "status", "user"}
    for name in ("hagroup", "hook", "switchover"):
        source = (ROOT / "controller" / "api" / f"{name}_json.cc").read_text()
        missing = set(re.findall(r'"([a-z][A-Za-z]*)"', source)) - known - not_ours
        expect(not missing, f"{name}_json.cc names fields that crds/ does not have: {sorted(missing)}")


def test_every_field_is_written_by_a_valid_file(_):
    for plural, stem in zip(KINDS, ("hagroup", "request")):
        files = (HERE / "valid").glob(f"{stem}-*.yaml")
        written = {without_names(path) for file in files for text in documents(file) for path in paths_of(yaml.safe_load(text))}
        missing = {without_names(path) for path, _ in schema.fields(schema_of(plural)) if not path.endswith("{}")} - written
        expect(not missing, f"no file in valid/ for {stem}s has {sorted(missing)}")


def paths_of(value, path=""):
    """The paths in an object, as schema.fields writes them."""
    yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from paths_of(inner, f"{path}.{name}" if path else name)
    if isinstance(value, list):
        for inner in value:
            yield from paths_of(inner, path + "[]")


def test_reference_is_current(_):
    done = subprocess.run([ROOT / "scripts" / "generate-reference", "--check"], capture_output=True, text=True)
    expect(done.returncode == 0, done.stderr)


def test_api_server_has_no_complaint(kubectl):
    for plural in KINDS:
        conditions = {c["type"]: c for c in kubectl.json("get", "crd", f"{plural}.ha.baton.dev")["status"]["conditions"]}
        expect(conditions["Established"]["status"] == "True", conditions)
        expect(set(conditions) == {"Established", "NamesAccepted"}, conditions)


def test_names(kubectl):
    found = {r["name"]: r for r in yaml.safe_load(kubectl("get", "--raw", "/apis/ha.baton.dev/v1alpha1"))["resources"]}
    expect(set(found) == {"hagroups", "hagroups/status", "switchoverrequests", "switchoverrequests/status"}, found)
    expect(found["hagroups"]["shortNames"] == ["hag"] and found["hagroups"]["categories"] == ["all"], found["hagroups"])
    expect(found["switchoverrequests"]["shortNames"] == ["sor", "switchover"], found["switchoverrequests"])
    expect(found["hagroups"]["namespaced"] and found["switchoverrequests"]["namespaced"], found)


def explained_paths(plural, kind):
    """Every object of the definition, as kubectl explain names it."""
    for path, field in schema.fields(schema_of(plural)):
        if "properties" in field or "properties" in field.get("items", {}):
            if not path.endswith("[]"):
                yield f"{kind}.{path.replace('[]', '')}"


def check_explain(kubectl, path):
    text = kubectl("explain", path)
    expect("FIELDS:" in text and "DESCRIPTION:" in text, text)
    expect("<no description>" not in text and "<empty>" not in text, text)


def test_explain(kubectl):
    paths = [*explained_paths("hagroups", "hagroup"), *explained_paths("switchoverrequests", "switchoverrequest")]
    expect(len(paths) > 40, paths)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda path: check_explain(kubectl, path), paths))
    expect("Enum:" in kubectl("explain", "hag.spec.failover") or "enum:" in kubectl("explain", "hag.spec.failover"), "no enum shown")
