"""What the code says: words of the interface, conditions, metrics. Read from the sources, so nothing has to be built."""
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CONTROLLER = ROOT / "controller"


def source(path):
    return (CONTROLLER / path).read_text()


def words(table):
    """The words of that table of api/words.cc, but for the empty one."""
    found = re.search(rf"{table} = \{{(.*?)\}};", source("api/words.cc"), re.S)
    return [w for w in re.findall(r'"(\w*)"', found[1]) if w]


def reasons():
    return words("kReasons")


def blocked_reasons():
    """Of condition FailoverBlocked, without the words of requests that it takes over."""
    text = source("ha/governor.cc")
    return set(re.findall(r'\bblock\("(\w+)"', text)) | set(re.findall(r'blocked \? v\.reason : "(\w+)"', text))


def conditions():
    """(of groups, of requests)"""
    groups = set(re.findall(r'\bcondition\(s, g, "(\w+)"', source("ha/summary.cc")))
    groups |= set(re.findall(r'setCondition\(g\.conditions, \{Interned\("(\w+)"\)', source("ha/governor.cc")))
    requests = set(re.findall(r'\bcondition\(t, "(\w+)"', source("ha/ending.cc")))
    requests |= set(re.findall(r'\{Interned\("(\w+)"\), Interned\("(?:True|False)"\)', source("ha/orphan.cc")))
    return groups, requests


def event_reasons():
    """Of Events that are not about a request, whose phases and reasons are theirs."""
    text = source("reconcile/announcer.cc")
    phases = re.findall(r"b\.phase == api::GroupPhase::(\w+)", text)
    return set(re.findall(r'o\.reason = "(\w+)"', text)) | set(phases)


def status_words():
    """Every single capitalized word that stands in quotes where statuses and Events are made."""
    found = set()
    for path in ("ha/summary.cc", "ha/ending.cc", "ha/governor.cc", "ha/orphan.cc", "reconcile/announcer.cc"):
        code = re.sub(r"//.*", "", source(path))
        found |= set(re.findall(r'"([A-Z][a-z]\w*)"', code))
    return found - {"True", "False"}


def obstacles():
    """The pieces of text by which a member is told why it is no candidate."""
    text, pieces = source("ha/candidates.cc"), []
    for name in ("zoneText", "zoneObstacle", "obstacle", "originObstacle", "probeObstacle"):
        body = re.search(rf"^std::string {name}\([^\n]*\}}$|^std::string {name}\(.*?^}}", text, re.M | re.S)[0]
        body = re.sub(r"//.*", "", body)
        pieces += re.findall(r'"((?:[^"\\]|\\.)*)"', body)
    return [p.replace('\\"', '"').strip() for p in pieces if re.search("[a-z]", p)]


def balanced(text, start):
    """What stands between the bracket at `start` and its end."""
    depth = 0
    for at in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return text[start + 1 : at]
    raise AssertionError("a bracket has no end")


def keys(arguments):
    return set(re.findall(r'\{\s*"(\w+)"\s*,', arguments))


def registered_metrics():
    """{metric: (type, labels)} of reconcile/metrics.cc."""
    text, found, members = source("reconcile/metrics.cc"), {}, {}
    for made in re.finditer(r'(?:(\w+_)\(\s*)?\b(counter|gauge|histogram)\(registry_, "(\w+)"', text):
        member, kind, name = made.groups()
        found[name] = (kind, set())
        if member:
            members[member] = name
        opened = text.index("(", made.start(2))
        rest = text[opened + len(balanced(text, opened)) + 2 :]
        chained = re.match(r"\s*\.Add\(", rest)  # without a member, or a series of no labels
        if chained:
            found[name][1].update(keys(balanced(rest, chained.end() - 1)))
    for added in re.finditer(r"\b(\w+_)\.Add\(", text):
        found[members[added[1]]][1].update(keys(balanced(text, added.end() - 1)))
    return found


def read_metrics():
    """{metric: (type, labels)} of reconcile/group_metrics.cc, which are read anew each time."""
    text, found = source("reconcile/group_metrics.cc"), {}
    names = {}
    for variable, name, rest in re.findall(r'auto (\w+) = family\("(\w+)",((?:[^;"]|"[^"]*")*)\);', text):
        names[variable] = name
        found[name] = ("counter" if "MetricType::Counter" in rest else "gauge", set())
    for added in re.finditer(r"\badd\((\w+), (g, )?", text):
        if added[1] not in names:
            continue  # the function itself
        labels = found[names[added[1]]][1]
        if added[2]:
            labels.update({"namespace", "group"})
        labels.update(keys(balanced(text, added.start() + 3)))
    return found


def metrics():
    return {**registered_metrics(), **read_metrics()}
