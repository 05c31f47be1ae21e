#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Run `meson test` in a build folder and sum it up: each skip with its reason, then one closing line of counts.

A test says that it skips by exit status 77, and why in a line "Test Skipped: reason" (or "SKIP: reason"). A skip fails
the run unless a line of test/allowed-skips.txt begins with the test's name, or with name@program where that program, an
emulator, runs the test. The status is 0 when tests ran, none failed and no skip was a surprise.
"""

import argparse
import difflib
import fnmatch
import json
import pathlib
import re
import subprocess
import sys

ALLOWED = pathlib.Path(__file__).resolve().parent.parent / "test" / "allowed-skips.txt"
WATCH = "watch.py"
PASSED = ("OK", "EXPECTEDFAIL")
# options of meson test with a value of their own
WITH_VALUE = ("-C", "-j", "--num-processes", "-t", "--timeout-multiplier", "--suite", "--no-suite", "--repeat", "--maxfail",
              "--setup", "--test-args", "--wrapper", "--logbase", "--gdb-path")
REASON = re.compile(r"^(?:Test Skipped|SKIP): *(.*\S)", re.MULTILINE)


def allowed_skips():
    """Tests that may skip, as name or name@program: the first word of each line that is no comment."""
    if not ALLOWED.exists():
        return set()
    lines = ALLOWED.read_text(encoding="utf-8").splitlines()
    return {line.split()[0] for line in lines if line.strip() and not line.startswith("#")}


def reason(result):
    """What a test gave as its reason to skip."""
    reasons = REASON.findall(result.get("stdout", "") + "\n" + result.get("stderr", ""))
    return reasons[-1] if reasons else ""


def may_skip(result, name, allowed):
    """Whether a test may skip here."""
    names = [pathlib.Path(word).name for word in result["command"]]
    program = next(name for name in names if name != WATCH)
    return name in allowed or f"{name}@{program}" in allowed


def judge(results):
    """Print what is not a plain pass; return the counts of passed, failed and skipped."""
    allowed = allowed_skips()
    passed = failed = skipped = 0
    for result in results:
        name = result["name"].split(" / ")[-1]
        if result["result"] in PASSED:
            passed += 1
        elif result["result"] != "SKIP":
            failed += 1
            print(f"failed: {name}: {result['result'].lower()}, exit status {result['returncode']}")
        elif not reason(result):
            failed += 1
            print(f"failed: {name}: skipped without a reason, let it print \"Test Skipped: reason\"")
        elif not may_skip(result, name, allowed):
            failed += 1
            print(f"failed: {name}: skipped, which {ALLOWED.name} does not allow: {reason(result)}")
        else:
            skipped += 1
            print(f"skipped: {name}: {reason(result)}")
    return passed, failed, skipped


def known_tests(build):
    """Names of all tests of a build folder."""
    listed = subprocess.run(["meson", "introspect", "--tests", str(build)], capture_output=True, text=True, check=True)
    return sorted({test["name"] for test in json.loads(listed.stdout)})


def names_in(args):
    """The arguments for meson test that are names of tests: no options, nor values of such."""
    names = []
    is_value = False
    for arg in args:
        if is_value or arg.startswith("-"):
            is_value = not is_value and arg in WITH_VALUE
        else:
            names.append(arg)
    return names


def unknown_names(args, known):
    """Print each name that is no test's, with those near it. Returns how many these are."""
    unknown = [name for name in names_in(args) if not fnmatch.filter(known, name.rpartition(":")[2])]
    for name in unknown:
        near = difflib.get_close_matches(name, known) + [each for each in known if name in each]
        print(f"no test \"{name}\"" + (f", near it: {' '.join(dict.fromkeys(near))}" if near else ""), file=sys.stderr)
    if unknown:
        print("there are these:", *known, sep="\n  ", file=sys.stderr)
    return len(unknown)


def main():
    """Run, read the log, sum up."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path, help="build folder")
    parser.add_argument("args", nargs="*", help="arguments for meson test, after --")
    options = parser.parse_args()
    log = options.build / "meson-logs" / "testlog.json"
    log.unlink(missing_ok=True)
    if unknown_names(options.args, known_tests(options.build)):
        return 1

    command = ["meson", "test", "-C", str(options.build), "-t", "0", "--print-errorlogs", "--logbase", "testlog", *options.args]
    status = subprocess.run(command, check=False).returncode
    results = []
    if log.exists():
        results = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]

    print()
    passed, failed, skipped = judge(results)
    if status and not failed:
        failed = 1
        print(f"failed: meson test: exit status {status}")
    if not results:
        print("failed: no test ran")
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
