#!/usr/bin/env python3
"""The layers of controller/ and their limits, read from the sources.

A folder may include only what stands below it. cpprestsdk is http/'s secret. The pure core sees no thread, lock, random
source, socket or clock. No source file is longer than 400 lines. Prints every offence as file:line, and exits with 1.
"""
import pathlib
import re
import sys

ALLOWED = {
    'base': set(),
    'http': {'base'},
    'api': {'base'},
    'ha': {'api', 'base'},
    'kube': {'http', 'api', 'base'},
    'mechanisms': {'ha', 'kube', 'http', 'api', 'base'},
    'reconcile': {'ha', 'kube', 'mechanisms', 'api', 'base', 'http'},
    'facades': {'http', 'api', 'base'},
    'gateway': {'facades', 'kube', 'http', 'api', 'base'},
    'ui': {'gateway', 'facades', 'kube', 'http', 'api', 'base'},
    'cli': {'reconcile', 'kube', 'http', 'api', 'ha', 'base'},
    'app': None,  # all
}
PURE = {'ha', 'facades'}
IMPURE_HEADERS = re.compile(r'<(thread|mutex|shared_mutex|condition_variable|future|atomic|random|sys/.*|netinet/.*|'
                            r'arpa/.*|netdb\.h|unistd\.h|fstream|filesystem|cstdlib|ctime|time\.h)>')
IMPURE_CALLS = re.compile(r'\b(system_clock::now|steady_clock::now|Clock::real|sleep_for|sleep_until|getenv|rand|'
                          r'random_device)\b')
CPPREST = re.compile(r'#\s*include\s*<(cpprest|pplx)/')
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"/]+)/')
MOST_LINES = 400


def offences(root):
    """Yields 'file:line: what is wrong' for a tree like controller/."""
    for path in sorted(root.rglob('*')):
        if path.suffix not in ('.cc', '.h'):
            continue
        layer = path.relative_to(root).parts[0]
        lines = path.read_text().splitlines()
        if len(lines) > MOST_LINES:
            yield f'{path}:{len(lines)}: longer than {MOST_LINES} lines'
        if layer not in ALLOWED:
            yield f'{path}:1: {layer}/ is not a layer that this test knows'
            continue
        for number, line in enumerate(lines, 1):
            for what in in_line(layer, line):
                yield f'{path}:{number}: {what}'


def in_line(layer, line):
    code = line.split('//')[0] if '"' not in line else line
    included = INCLUDE.match(code)
    if included and ALLOWED[layer] is not None:
        other = included.group(1)
        if other != layer and other in ALLOWED and other not in ALLOWED[layer]:
            yield f'{layer}/ must not include {other}/'
    if CPPREST.search(code) and layer != 'http':
        yield 'only http/ includes cpprestsdk'
    if layer in PURE and ('#include' in code and IMPURE_HEADERS.search(code) or IMPURE_CALLS.search(code)):
        yield f'{layer}/ is pure: {code.strip()}'


def long_tests(root):
    for path in sorted(root.rglob('*')):
        if path.suffix in ('.cc', '.h') and len(path.read_text().splitlines()) > MOST_LINES:
            yield f'{path}:{MOST_LINES}: longer than {MOST_LINES} lines'


def self_test():
    """The test must see what it is for."""
    bad = [('ha', '#include "kube/client.h"'), ('base', '#include "api/json.h"'), ('kube', '#include <cpprest/json.h>'),
           ('ha', '#include <thread>'), ('ha', '  auto t = std::chrono::system_clock::now();'),
           ('http', '#include "api/json.h"'), ('app', '#include <pplx/pplx.h>')]
    good = [('ha', '#include "ha/turn.h"'), ('ha', '#include "api/json.h"'), ('http', '#include <cpprest/uri.h>'),
            ('app', '#include "kube/client.h"'), ('ha', '// no steady_clock::now here'), ('kube', '#include <thread>')]
    wrong = [x for x in bad if not list(in_line(*x))] + [x for x in good if list(in_line(*x))]
    return [f'self test: {x}' for x in wrong]


def main():
    source = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else '.')
    found = self_test() + list(offences(source / 'controller')) + list(long_tests(source / 'tests'))
    print('\n'.join(found))
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
