#!/usr/bin/env python3
"""Runs the tests of a finished build. The last line reads `N passed, N failed, N skipped`.

Unit tests are counted by GoogleTest case, the others by lit test. A filter is a path (test/Fold, test/unit, a file) or
a regular expression over test names; without one, everything runs.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Count:
    """Outcomes added up, with the names of what failed."""

    def __init__(self):
        self.passed = self.skipped = 0
        self.failed = []

    def add(self, other):
        self.passed += other.passed
        self.skipped += other.skipped
        self.failed += other.failed

    def __str__(self):
        return f"{self.passed} passed, {len(self.failed)} failed, {self.skipped} skipped"


def unit_tests(build, pattern, scratch):
    """Runs every GoogleTest program of the build whose name, or one of whose cases, matches."""
    count = Count()
    programs = sorted(p for p in (build / "test" / "unit").glob("*") if p.is_file() and os.access(p, os.X_OK))
    for program in programs:
        listing = subprocess.run([program, "--gtest_list_tests"], capture_output=True, text=True).stdout
        if pattern and not re.search(pattern, f"unit/{program.name}\n{listing}"):
            continue
        result = scratch / f"{program.name}.json"
        start = time.monotonic()
        run = subprocess.run([program, f"--gtest_output=json:{result}", "--gtest_brief=1"], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        one = gtest_count(program.name, run.returncode, result)
        print(f"unit/{program.name}: {one} ({time.monotonic() - start:.1f} s)", flush=True)
        if one.failed:
            print(run.stdout, flush=True)
        count.add(one)
    return count


def gtest_count(name, status, path):
    count = Count()
    try:
        suites = json.loads(path.read_text())["testsuites"]
    except (OSError, ValueError, KeyError):
        suites = []
    for case in (case for suite in suites for case in suite["testsuite"]):
        if case.get("failures"):
            count.failed.append(f"unit/{name} {case['classname']}.{case['name']}")
        elif case.get("result") == "SKIPPED":
            count.skipped += 1
        elif case.get("status") == "RUN":
            count.passed += 1
    if status and not count.failed:
        count.failed.append(f"unit/{name} (ended with status {status})")
    return count


def lit_tests(build, paths, pattern, quick, jobs, scratch):
    result = scratch / "lit.json"
    command = [sys.executable, find_lit(build), "-v", f"--output={result}", "--allow-empty-runs"]
    command += [f"-j{jobs}"] if jobs else []
    command += ["--param=quick=1"] if quick else []
    command += [f"--filter={pattern}"] if pattern else []
    run = subprocess.run(command + [str(path) for path in paths], stdin=subprocess.DEVNULL)
    count = Count()
    try:
        tests = json.loads(result.read_text())["tests"]
    except (OSError, ValueError):
        tests = []
    for test in tests:
        if test["code"] in ("PASS", "XFAIL", "FLAKYPASS"):
            count.passed += 1
        elif test["code"] in ("UNSUPPORTED", "SKIPPED"):
            count.skipped += 1
        elif test["code"] != "EXCLUDED":
            count.failed.append(test["name"].split(" :: ")[-1])
    if run.returncode and not count.failed:
        count.failed.append(f"lit (ended with status {run.returncode})")
    return count


def find_lit(build):
    for line in (build / "CMakeCache.txt").read_text().splitlines():
        if line.startswith("LLVM_DIR:"):
            lit = pathlib.Path(line.split("=", 1)[1]).parents[2] / "bin" / "lit"
            if lit.exists():
                return str(lit)
    return "/usr/lib/llvm-22/bin/lit"


def sort_filters(filters, build):
    """Returns lit paths (in the build tree), a regular expression, and whether unit tests are wanted."""
    paths, patterns, unit = [], [], not filters
    for text in filters:
        path = next((p for p in (pathlib.Path(text), ROOT / text, ROOT / "test" / text) if p.exists()), None)
        inside = path and path.resolve()
        if not inside or not inside.is_relative_to(ROOT / "test"):
            patterns.append(text)
            unit = True
        elif inside.is_relative_to(ROOT / "test" / "unit"):
            unit = True
            if inside.is_file():
                patterns.append(inside.stem)
        else:
            unit = unit or inside == ROOT / "test"
            paths.append(build / "test" / inside.relative_to(ROOT / "test"))
    return paths, "|".join(patterns), unit


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="the build directory")
    parser.add_argument("--quick", action="store_true", help="leave out the tests on real models")
    parser.add_argument("-j", "--jobs", type=int, default=0, help="lit tests at a time (default: one per processor)")
    parser.add_argument("filter", nargs="*", help="a path under test/, or a regular expression over test names")
    args = parser.parse_args()
    build = args.build.resolve()
    if not (build / "test" / "lit.site.cfg.py").exists():
        print(f"error: {build} holds no build; run tools/dev/build.sh")
        print("0 passed, 1 failed, 0 skipped")
        return 1

    paths, pattern, unit = sort_filters(args.filter, build)
    total, start = Count(), time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        if unit:
            total.add(unit_tests(build, pattern, scratch))
        if paths or pattern or not args.filter:
            total.add(lit_tests(build, paths or [build / "test"], pattern, args.quick, args.jobs, scratch))
    if args.filter and not total.passed and not total.failed and not total.skipped:
        total.failed.append(f"(no test matches {' '.join(args.filter)})")
    for name in total.failed:
        print(f"failed: {name}")
    print(f"total time: {time.monotonic() - start:.0f} s")
    print(total)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
