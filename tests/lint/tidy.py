#!/usr/bin/env python3
"""clang-tidy over what is shipped, by the compile database of BUILD_DIR, as many at a time as there are cores.

BUILD_DIR is a unity build: a command compiles a dozen sources, whose common headers are then looked at once. A command
that passed is not run again until one of its sources, a header of ours that they reach, the command itself, a .clang-tidy
above them or clang-tidy changes: BUILD_DIR/tidy holds a mark for each state that passed.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import sys

from sources import INCLUDE, ROOT

TIDY = "clang-tidy-19"


def reached(file, seen):
    """Adds to `seen` the file and all our own headers it includes, directly or not."""
    if file in seen or not file.is_file():
        return
    seen.add(file)
    for _, name in INCLUDE.findall(file.read_text()):
        for folder in (file.parent, ROOT, ROOT / "sdk/include", ROOT / "sdk/testkit/include"):
            if (folder / name).is_file():
                reached((folder / name).resolve(), seen)
                break


def settings_above(file):
    return {folder / ".clang-tidy" for folder in file.parents if (folder / ".clang-tidy").is_file()}


def sources_of(entry):
    """The file itself, or those that CMake put together in it."""
    file = pathlib.Path(entry["file"])
    if file.parent.name != "Unity":
        return [file]
    return [pathlib.Path(name) for _, name in INCLUDE.findall(file.read_text())]


def state_of(entry, sources, version):
    digest = hashlib.sha256(version + entry["command"].encode())
    files = set()
    for source in sources:
        files |= settings_above(source)
        reached(source, files)
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def check(entry, build_dir):
    done = subprocess.run(
        # Including a .cpp is what a unity build does.
        [TIDY, "--quiet", "--checks=-bugprone-suspicious-include", "-p", build_dir, entry["file"]],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def main(build_dir):
    database = json.loads((build_dir / "compile_commands.json").read_text())
    # Tests are held to the format and to the compilers' warnings; tidying them too would double the time.
    tests = (ROOT / "tests", ROOT / "sdk/testkit/conformance")
    left_out = (build_dir.resolve(), *tests)
    sources = {e["file"]: sources_of(e) for e in database}
    entries = {
        e["file"]: e
        for e in database
        if not all(any(s.is_relative_to(out) for out in left_out) for s in sources[e["file"]])
    }
    version = subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout
    marks = build_dir / "tidy"
    marks.mkdir(exist_ok=True)

    states = {file: state_of(entry, sources[file], version) for file, entry in entries.items()}
    waiting = [file for file in sorted(entries) if not (marks / states[file]).exists()]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {pool.submit(check, entries[file], build_dir): file for file in waiting}
        for number, job in enumerate(concurrent.futures.as_completed(jobs), 1):
            file = jobs[job]
            names = " ".join(os.path.relpath(source, ROOT) for source in sources[file])
            print(f"[{number}/{len(waiting)}] {names}", flush=True)
            if job.result():
                print(job.result(), flush=True)
                failed += 1
            else:
                (marks / states[file]).touch()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
