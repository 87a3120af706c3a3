#!/usr/bin/env python3
"""Files stay small, have an include guard and leave nothing for later."""

import re
import sys

from sources import line_of, report, sources

LIMIT = 300
TEST_LIMIT = 400
# Path from the root -> (limit, why it is one job all the same).
LONGER = {
    "sdk/include/belfry/abi/storage.h": (330, "one table, its values, and what each member means"),
    "sdk/include/belfry/storage.hpp": (350, "the same table for C++, value by value"),
}
LEFTOVER = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")


def limit_of(path):
    if path in LONGER:
        return LONGER[path][0]
    return TEST_LIMIT if path.startswith("tests/") else LIMIT


def main():
    problems = []
    for path, text in sources():
        lines = text.count("\n")
        if lines > limit_of(path):
            problems.append(f"{path}: {lines} lines, at most {limit_of(path)}: split it by its jobs")
        if path.endswith(".hpp") and "#pragma once" not in text:
            problems.append(f"{path}: no #pragma once")
        for found in LEFTOVER.finditer(text):
            problems.append(f"{path}:{line_of(text, found.start())}: {found.group()}: do it or drop it")
    return report(problems)


if __name__ == "__main__":
    sys.exit(main())
