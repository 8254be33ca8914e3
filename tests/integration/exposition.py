"""The Prometheus text format, read strictly: https://prometheus.io/docs/instrumenting/exposition_formats/"""
import math
import re

from cluster import expect

SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)(?: (-?\d+))?')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')
TYPES = {"counter", "gauge", "histogram", "summary", "untyped"}


class Family:
    def __init__(self, name):
        self.name, self.help, self.type = name, None, None
        self.samples = {}  # (sample's name, labels as sorted pairs): value


def number(text):
    expect(text in ("+Inf", "-Inf", "NaN") or re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", text), f"no number: {text}")
    return float(text)


def labels_of(text, line):
    pairs, at = [], 0
    while at < len(text):
        found = LABEL.match(text, at)
        expect(found, f"labels of {line!r}")
        pairs.append((found[1], found[2]))
        at = found.end()
    expect(len({name for name, _ in pairs}) == len(pairs), f"a label is given twice: {line!r}")
    return tuple(sorted(pairs))


def parse(text):
    """{name: Family}; AssertionError where it is not well-formed."""
    expect(text.endswith("\n"), "the last line has no end")
    families, current, closed = {}, None, set()
    for line in text.split("\n")[:-1]:
        comment = re.fullmatch(r"# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*)(?: (.*))?", line)
        if comment:
            kind, name, value = comment.groups()
            if current is None or current.name != name:
                expect(name not in families, f"{name} is told of in two places")
                current = families[name] = Family(name)
            field = kind.lower()
            expect(getattr(current, field) is None, f"{kind} of {name} is given twice")
            expect(not current.samples, f"{kind} of {name} comes after its samples")
            expect(kind == "HELP" or value in TYPES, f"{line!r}")
            setattr(current, field, value or "")
            continue
        expect(not line.startswith("#") and line, f"neither comment nor sample: {line!r}")
        found = SAMPLE.fullmatch(line)
        expect(found, f"no sample: {line!r}")
        expect(current is not None and belongs(found[1], current), f"{line!r} has no HELP and TYPE before it")
        key = (found[1], labels_of(found[2] or "", line))
        expect(key not in current.samples, f"twice: {line!r}")
        current.samples[key] = number(found[3])
    for family in families.values():
        check(family)
    return families


def belongs(sample, family):
    if family.type in ("histogram", "summary"):
        return sample in {family.name + suffix for suffix in ("_bucket", "_sum", "_count")}
    return sample == family.name


def check(family):
    expect(family.type and family.help, f"{family.name} lacks HELP or TYPE")
    expect((family.type == "counter") == family.name.endswith("_total"), f"{family.name} is a {family.type}")
    if family.type == "counter":
        expect(all(v >= 0 and math.isfinite(v) for v in family.samples.values()), f"{family.name}: {family.samples}")
    if family.type == "histogram":
        check_histogram(family)


def check_histogram(family):
    """Buckets rise, the last one is +Inf and equals the count."""
    series = {}
    for (name, labels), value in family.samples.items():
        rest = tuple(pair for pair in labels if pair[0] != "le")
        part = series.setdefault(rest, {"buckets": []})
        if name.endswith("_bucket"):
            part["buckets"].append((number(dict(labels)["le"]), value))
        else:
            part[name.removeprefix(family.name)] = value
    for labels, part in series.items():
        buckets = part["buckets"]
        expect(buckets == sorted(buckets) and buckets[-1][0] == math.inf, f"{family.name}{labels}: {buckets}")
        expect([v for _, v in buckets] == sorted(v for _, v in buckets), f"{family.name}{labels} falls: {buckets}")
        expect(part.get("_count") == buckets[-1][1] and "_sum" in part, f"{family.name}{labels}: {part}")
