#!/usr/bin/env python3
"""What g++ 12 compiles wrongly: it frees some temporaries inside a co_await expression twice.

The operand of co_await holds names, moved names and calls only: no capturing lambda, no braced value, no
conditional. co_await stands alone, right of `=` or in `if (auto x = co_await ...; ...)`.
"""

import re
import sys

from sources import line_of, report, sources

AWAIT = re.compile(r"\bco_await\b[^;]*;")
RULES = [
    (re.compile(r"\[[^\]\s][^\]]*\]\s*[({]"), "name the lambda before co_await"),
    (re.compile(r"[\w>(,]\s*\{[^}]"), "name the braced value before co_await"),
]
IN_CONDITION = re.compile(r"\b(?:if|while|switch)\s*\((?!\s*(?:const\s+)?auto\b)[^;{]*\bco_await\b")
IN_OPERATOR = re.compile(r"(?:\?|&&|\|\||:(?!:))\s*co_await\b")


def without_comments(text):
    blank = lambda found: re.sub(r"[^\n]", " ", found.group())
    return re.sub(r"//[^\n]*|/\*.*?\*/", blank, text, flags=re.DOTALL)


def main():
    problems = []
    for path, text in sources():
        code = without_comments(text)
        for found in AWAIT.finditer(code):
            for pattern, advice in RULES:
                if pattern.search(found.group()):
                    problems.append(f"{path}:{line_of(code, found.start())}: {advice}")
        for found in IN_CONDITION.finditer(code):
            problems.append(f"{path}:{line_of(code, found.start())}: await before the condition")
        for found in IN_OPERATOR.finditer(code):
            if not re.search(r"for\s*\([^;)]*$", code[: found.start()]):
                problems.append(f"{path}:{line_of(code, found.start())}: await before the operator")
    return report(problems)


if __name__ == "__main__":
    sys.exit(main())
