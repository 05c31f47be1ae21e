#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""What groove-fault says, and that it sees a loss: of a build in which a put-back was removed.

usage: fault_cli.py GROOVE_FAULT GROOVE_FAULT_LOSSY
"""

import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

KEYS = ["schema", "program", "version", "dpdk", "command", "start", "end", "result", "exit_status", "error",
        "points", "states", "kills", "lost_bytes", "lost_objects", "verify", "recover_ms_max"]
TERMS = ["live", "cached", "free", "headers", "tables", "tails"]


def check(condition, *what):
    """End when a condition does not hold."""
    if not condition:
        sys.exit(f"failed: {' '.join(str(each) for each in what)}")


class Run:
    """One run, with its result for machines."""

    def __init__(self, program, *args):
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / "result.json"
            done = subprocess.run([program, *args, "--json", str(path)], capture_output=True, text=True, check=False)
            self.result = json.loads(path.read_text(encoding="ascii")) if path.exists() else None
        self.status = done.returncode
        self.output = done.stdout
        self.text = done.stdout + done.stderr


def test_result(program):
    """A good run says what it did, and each line of an account adds up."""
    run = Run(program, "matrix", "--scenario", "alloc refills")
    check(run.status == 0 and list(run.result) == KEYS, run.text, run.result)
    check(run.result["result"] == run.result["verify"] == "pass", run.result)
    check(run.result["lost_bytes"] == run.result["lost_objects"] == 0, run.result)
    check(run.result["kills"] >= run.result["states"] == run.result["points"] > 0, run.result)
    check(run.result["recover_ms_max"] > 0, run.result)
    check(run.output.splitlines()[-1] == "pass", run.text)
    account = next(line for line in run.output.splitlines() if " = " in line)
    terms = [int(re.search(rf"{term} (\d+)", account).group(1)) for term in TERMS]
    total = int(re.search(r"volumes of (\d+) bytes", account).group(1))
    check(sum(terms) == total and all(terms), account)


def test_replay(program):
    """One death can be played alone."""
    listed = Run(program, "matrix", "--list")
    check(listed.status == 0 and "flush" in listed.output.splitlines(), listed.text)
    run = Run(program, "stop", "--scenario", "flush", "--turns", "2000", "--kills", "0", "--point", "1")
    check(run.status == 2 and run.result["kills"] == 0, run.text)
    check(run.output.splitlines()[-1] == "FAIL", run.text)


def test_complaints(program):
    """What it does not know it names."""
    check("no scenario \"nothing\"" in Run(program, "matrix", "--scenario", "nothing").text, "no complaint")
    check(Run(program, "matrix", "--kills", "x").status == 1, "--kills x")
    check(Run(program, "madness").status == 1, "madness")


def test_loss(lossy):
    """Slots that are not put back are lost, to the byte; the first is named, and how to repeat it."""
    run = Run(lossy, "matrix", "--scenario", "alloc refills", "--kills", "1")
    check(run.status == 2 and run.result["result"] == "FAIL", run.text)
    check(run.result["lost_bytes"] > 0 and run.result["lost_bytes"] % 8192 == 0, run.result)
    check("lost in" in run.output, run.text)
    repeat(lossy, run)


def test_loss_beside(lossy):
    """The same where another meddled."""
    run = Run(lossy, "matrix", "--scenario", "alloc from a full superblock, during alloc", "--meddle-step", "5")
    check(run.status == 2 and "--meddle" in run.output, run.text)
    repeat(lossy, run)


def repeat(lossy, run):
    """What a failure says is to be run finds the same, once."""
    words = re.search(r"to repeat it: groove-fault (.*)", run.output).group(1)
    again = Run(lossy, *shlex.split(words))
    check(again.status == 2 and again.result["kills"] == 1 and again.result["lost_bytes"] > 0, words, again.text)


def main():
    """Run all."""
    program, lossy = sys.argv[1:]
    test_result(program)
    test_replay(program)
    test_complaints(program)
    test_loss(lossy)
    test_loss_beside(lossy)
    print("pass")


if __name__ == "__main__":
    main()
