#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Check how run-tests.py judges results, above all which skips it lets pass.

usage: skips_check.py RUN_TESTS
"""

import importlib.util
import pathlib
import sys
import tempfile

ALLOWED = """# a comment
anywhere     some reason
emulated@qemu-aarch64-static    another
"""
SAID = "Test Skipped: a reason\n"
PLAIN = ["/b/test/groove-test-plain"]
WATCH = "/config/watch.py"
QEMU = ["/usr/bin/qemu-aarch64-static", *PLAIN]

# name, verdict of meson, output, command, then what is expected: passed, failed, skipped
CASES = [
    ("passes", "OK", "", PLAIN, (1, 0, 0)),
    ("fails", "FAIL", "", PLAIN, (0, 1, 0)),
    ("anywhere", "SKIP", SAID, PLAIN, (0, 0, 1)),
    ("anywhere", "SKIP", SAID, QEMU, (0, 0, 1)),
    ("anywhere", "SKIP", "", PLAIN, (0, 1, 0)),
    ("emulated", "SKIP", SAID, QEMU, (0, 0, 1)),
    ("emulated", "SKIP", SAID, PLAIN, (0, 1, 0)),
    ("nowhere", "SKIP", SAID, PLAIN, (0, 1, 0)),
    ("nowhere", "SKIP", SAID, QEMU, (0, 1, 0)),
    ("emulated", "SKIP", SAID, [WATCH, *QEMU], (0, 0, 1)),
    ("emulated", "SKIP", SAID, [WATCH, *PLAIN], (0, 1, 0)),
]


def load(path):
    """run-tests.py as a module; its name is no identifier."""
    spec = importlib.util.spec_from_file_location("run_tests", path)
    sys.path.insert(0, str(pathlib.Path(path).parent))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main():
    """Judge each case alone."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    run_tests = load(sys.argv[1])
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        run_tests.ALLOWED = pathlib.Path(folder) / "allowed"
        run_tests.ALLOWED.write_text(ALLOWED, encoding="utf-8")
        for name, verdict, output, command, expected in CASES:
            result = {"name": f"groove:fast / {name}", "result": verdict, "stdout": output, "returncode": 0}
            counts = run_tests.judge([{**result, "command": command}])
            if counts != expected:
                failed += 1
                print(f"not ok - {name} by {command[0]}: {counts} instead of {expected}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
