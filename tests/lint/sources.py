"""The C and C++ files of the repository, for the lint scripts beside this one."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("sdk", "daemon", "cli", "plugins", "tests")
SUFFIXES = {".h", ".c", ".hpp", ".cpp"}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)


def sources():
    """Yields (path from the root, content)."""
    for folder in FOLDERS:
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in SUFFIXES and "node_modules" not in file.parts:
                yield file.relative_to(ROOT).as_posix(), file.read_text()


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def report(problems):
    """Prints what was found; the exit code of the script."""
    for problem in problems:
        print(problem)
    return 1 if problems else 0
