"""What the pages say: links, anchors, tables."""
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
FENCE = re.compile(r"^(```|~~~)")
SKIPPED = {"build", ".git", "node_modules"}


def pages():
    return sorted(p for p in ROOT.rglob("*.md") if not SKIPPED & set(p.relative_to(ROOT).parts))


def prose(text):
    """(number, line) of all lines that are not in a fenced block."""
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if FENCE.match(line.lstrip()):
            fenced = not fenced
        elif not fenced:
            yield number, line


def slug(heading):
    """As GitHub makes the anchor of a heading: links and marks stripped, lower case, punctuation dropped, - for a space."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def anchors(text):
    found, seen = set(), {}
    for _, line in prose(text):
        heading = re.match(r"#{1,6} +(.*?)(?: +#+)?$", line)
        if heading:
            name = slug(heading[1])
            found.add(f"{name}-{seen[name]}" if name in seen else name)
            seen[name] = seen.get(name, 0) + 1
        found |= set(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", line))
    return found


def links(text):
    """(line, target) of each link; not what stands in code."""
    for number, line in prose(text):
        for target in LINK.findall(re.sub(r"`[^`]*`", "", line)):
            yield number, target


def broken_links(page):
    """'file:line: what is wrong' for each relative link that leads nowhere."""
    for number, target in links(page.read_text()):
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        path, _, anchor = target.partition("#")
        other = (page.parent / path).resolve() if path else page
        where = f"{page.relative_to(ROOT)}:{number}"
        if not other.exists() or not other.is_relative_to(ROOT):
            yield f"{where}: there is no {path}"
        elif anchor and (other.suffix != ".md" or anchor not in anchors(other.read_text())):
            yield f"{where}: {path or page.name} has no anchor #{anchor}"


def section(text, heading):
    """The lines of that section, up to the next heading of its level or above."""
    level = len(heading) - len(heading.lstrip("#"))
    found = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{level}}} |\Z)", text, re.M | re.S)
    if not found:
        raise AssertionError(f"there is no section {heading!r}")
    return found[1]


def tables(text):
    """Each table as a list of rows, each row a dictionary by the head's cells."""
    table = head = None
    for _, line in prose(text):
        if not line.startswith("|"):
            if table:
                yield table
            table = head = None
            continue
        cells = [c.strip() for c in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
        if head is None:
            head, table = cells, []
        elif not all(re.fullmatch(r":?-+:?", c) for c in cells):
            table.append(dict(zip(head, cells)))
    if table:
        yield table


def first_column(text):
    """The words in code of the first cell of each row: `Routing`, `Verifying` are two."""
    return [word for table in tables(text) for row in table for word in re.findall(r"`([^`]+)`", next(iter(row.values())))]
