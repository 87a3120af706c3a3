#!/usr/bin/env python3
"""Every SDK header compiles alone: as C++20 with g++ and clang++, the C ones as C11 too."""

import concurrent.futures
import os
import subprocess
import sys

from sources import ROOT, report

INCLUDE_DIRS = [ROOT / "sdk/include"]
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wno-sign-conversion", "-Werror"]
CXX = [["g++", "-std=c++20", "-xc++"], ["clang++-19", "-std=c++20", "-xc++"]]
C = [["gcc", "-std=c11", "-xc"], ["clang-19", "-std=c11", "-xc"]]


def compile_alone(compiler, header):
    flags = [f"-I{folder}" for folder in INCLUDE_DIRS]
    name = header.relative_to(ROOT / "sdk/include").as_posix()
    done = subprocess.run(
        [*compiler, *STRICT, *flags, "-fsyntax-only", "-"],
        input=f"#include <{name}>\n",
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else f"{name} does not compile alone with {compiler[0]}:\n{done.stderr}"


def main():
    headers = sorted((ROOT / "sdk/include").rglob("*.h*"))
    jobs = [(compiler, header) for header in headers for compiler in CXX]
    jobs += [(compiler, header) for header in headers if header.suffix == ".h" for compiler in C]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda job: compile_alone(*job), jobs)
        return report([problem for problem in results if problem])


if __name__ == "__main__":
    sys.exit(main())
