"""Tests that are files in valid/, invalid/ and defaults/; what they mean is said in contract_test.py."""
from pathlib import Path

import yaml

from kubernetes import Refused, expect

HERE = Path(__file__).resolve().parent
NOT_ALL_CHECKED = "some validation rules were not checked because the object was invalid"


def documents(path):
    return path.read_text().split("\n---\n")


def identity(text):
    read = yaml.safe_load(text)
    return f"{read['kind']}/{read['metadata']['name']}"


def write(kubectl, text, before):
    """Writes one document of a file; before are the documents that came before it."""
    if "status" in yaml.safe_load(text):
        return kubectl("patch", identity(text), "--subresource=status", "--type=merge", "--patch", text)
    known = identity(text) in [identity(earlier) for earlier in before]
    return kubectl("replace" if known else "create", "-f", "-", stdin=text)


def write_all(kubectl, texts):
    for count, text in enumerate(texts):
        write(kubectl, text, texts[:count])


def errors_in(answer):
    """The single errors of kubectl's message, without the note that others could not be looked for."""
    _, listed, rest = answer.partition(" is invalid: ")
    errors = [line.lstrip("* ") for line in rest.splitlines() if line.strip()] if listed else [answer]
    return [error for error in errors if NOT_ALL_CHECKED not in error]


def matches(pattern, text):
    position = 0
    for part in pattern.split(" ... "):
        position = text.find(part, position)
        if position < 0:
            return False
        position += len(part)
    return True


def check_valid(kubectl, path):
    texts = documents(path)
    for count, text in enumerate(texts):
        write(kubectl, text, texts[:count])
        # What the definition does not know is dropped without an error: look whether it is there.
        for name, value in yaml.safe_load(text).get("status", {}).items():
            stored = kubectl.json("get", identity(text))["status"].get(name)
            expect(stored == value, f"status.{name} was stored as {stored}")


def expectations(path):
    return [line.removeprefix("# expect: ") for line in path.read_text().splitlines() if line.startswith("# expect: ")]


def check_invalid(kubectl, path):
    *before, last = documents(path)
    expected = expectations(path)
    expect(expected, "the file has no '# expect:' line")
    write_all(kubectl, before)
    try:
        write(kubectl, last, before)
    except Refused as answer:
        errors = errors_in(str(answer))
    else:
        raise AssertionError("was accepted")
    for pattern in expected:
        expect(any(matches(pattern, error) for error in errors), f"expected: {pattern}\n  got: " + "\n       ".join(errors))
    expect(len(errors) == len(expected), f"expected {len(expected)} errors, got: " + "\n       ".join(errors))


def check_defaults(kubectl, path):
    given, stored = documents(path)
    write_all(kubectl, [given])
    spec = kubectl.json("get", identity(given))["spec"]
    expect(spec == yaml.safe_load(stored)["spec"], f"stored was:\n{yaml.safe_dump(spec)}")


def all_tests():
    """(name, folder, function) of every file."""
    for folder, check in (("valid", check_valid), ("invalid", check_invalid), ("defaults", check_defaults)):
        for path in sorted((HERE / folder).glob("*.yaml")):
            yield f"{folder}/{path.stem}", folder, lambda kubectl, check=check, path=path: check(kubectl, path)
